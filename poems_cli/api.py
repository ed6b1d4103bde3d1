"""What Python programs may call. ``poems_cli`` offers it, and loads it only when it is asked for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from poems_cli.errors import PoemsError, Problem
from poems_cli.rules import load_rules
from poems_cli.screening.planning import ScreenOptions
from poems_cli.screening.relation import screen_table

if TYPE_CHECKING:
    import duckdb

__all__ = ["PoemsError", "Problem", "screen"]


def screen(
    table: Any,
    *,
    criteria: Sequence[str] = (),
    columns: Sequence[str] = (),
    mimics: bool = False,
    mapping: str | None = None,
    id_column: str | None = None,
    decimal: str = ".",
    rules: str | None = None,
) -> "duckdb.DuckDBPyRelation":
    """Answer every criteria set for a table of patients, a row a patient, as ``poems screen`` does for files.

    ``table`` is a relation of DuckDB, or an Arrow, Polars or pandas table; a column is a finding by its name, with its unit in
    brackets, as in ``platelets (10*9/L)``, or as the file ``mapping`` says. What a table does not tell is unknown. The first of
    ``criteria`` is the default set, all are answered if none is named; ``columns`` chooses what is given. ``rules`` is a rules
    file other than the built-in ones.

    Gives a relation of DuckDB, which is worked out when its rows are asked for. Raises :class:`PoemsError` where a
    column could be two things or none is a finding, with a way to mend it, and :class:`TypeError` for what is no table.
    """
    options = ScreenOptions(
        paths=(),
        criteria=tuple(criteria),
        columns=tuple(columns),
        mimics=mimics,
        map_path=mapping,
        id_heading=id_column,
        decimal=decimal,
    )
    return screen_table(load_rules(rules), table, options)
