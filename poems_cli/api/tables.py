"""A table of patients, from Python."""

import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from poems_cli.api.arguments import FilePath, RulesLike, loaded_rules, plain_data
from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_USAGE
from poems_cli.rules.loading import refuse_unknown_sets
from poems_cli.units import UnitSystem

if TYPE_CHECKING:
    import pyarrow

    from poems_cli.model import Rules
    from poems_cli.screening.in_memory import Screener
    from poems_cli.screening.options import ScreenOptions
    from poems_cli.tables.columns import Unplaced

_LINE = re.compile(r"^mapping:\d+")  # a dict has no lines
_MAPPING_MEND = "say in mapping= which finding each column is, or None to leave it out"


class _TableError(PoemsError, ValueError):
    """A table, or what was asked of it, that cannot be screened."""


def screen(
    table: Any,
    *,
    criteria: Sequence[str] | None = None,
    columns: Sequence[str] = (),
    mimics: bool = False,
    mapping: Mapping[str, object] | FilePath | None = None,
    id_column: str | None = None,
    decimal: str | None = None,
    units: UnitSystem | None = None,
    rules: RulesLike = None,
) -> "pyarrow.RecordBatchReader":
    """Answer every criteria set for a table of patients, one row per patient, as ``poems screen`` does for files.

    ``table`` is anything that gives an Arrow stream: a data frame of Polars or pandas (an index that has a name is read as a
    column), a relation of DuckDB, a table of pyarrow. A column is a finding by its name, with its unit in brackets, as in
    ``platelets (10*9/L)``, or as ``mapping`` says: a mapping file, or a dict of the same shape. What a table does not say is
    unknown. The first of ``criteria`` is the default set, all are answered if none is named; ``columns`` chooses what the
    answer has.

    Returns an Arrow stream, which is worked out as it is read: ``.read_all()`` makes a table of it, ``polars.from_arrow`` and
    DuckDB take it as it is. Columns that are not read are named in a :class:`UserWarning`; ``None`` in the mapping leaves one
    out without it. So are ids in several rows, and last rows that may hold totals. Raises :class:`PoemsError` (which here is a
    :class:`ValueError` too) where a column could be two things, a finding is named twice, or none is, and :class:`TypeError`
    for what is not a table.
    """
    from poems_cli.screening.in_memory import screen_table

    loaded = loaded_rules(rules)
    options = _screen_options(loaded, criteria, columns, mimics, mapping, id_column, decimal, units)
    try:
        answer, unread, notes = screen_table(loaded, table, options)
    except PoemsError as error:
        raise _TableError([_in_python(problem) for problem in error.problems], error.exit_code) from None
    for message in (*_unread(unread), *map(str, notes)):
        warnings.warn(message, UserWarning, stacklevel=2)
    if _has_index_of_texts(table):
        warnings.warn("the index is not read; give it a name (table.index.name = 'id')", UserWarning, stacklevel=2)
    return answer


def screener(
    *,
    criteria: Sequence[str] | None = None,
    columns: Sequence[str] = (),
    mimics: bool = False,
    mapping: Mapping[str, object] | FilePath | None = None,
    id_column: str | None = None,
    decimal: str | None = None,
    units: UnitSystem | None = None,
    rules: RulesLike = None,
) -> "Screener":
    """A function from a record batch of patients to the record batch of their answers, for any engine that works by batches.

    It can be pickled: Spark's ``mapInArrow``, Ray's and Polars' ``map_batches`` and the like send it to their workers, which
    need this package. ``schema`` of it is the Arrow schema of the answer. The arguments are those of :func:`screen`; columns
    that are not read are silently ignored. Calling it raises :class:`PoemsError` where a column could be two things.
    """
    from poems_cli.screening.in_memory import Screener

    loaded = loaded_rules(rules)
    return Screener(loaded, _screen_options(loaded, criteria, columns, mimics, mapping, id_column, decimal, units))


def _screen_options(
    rules: "Rules",
    criteria: Sequence[str] | None,
    columns: Sequence[str],
    mimics: bool,
    mapping: Mapping[str, object] | FilePath | None,
    id_column: str | None,
    decimal: str | None,
    units: UnitSystem | None,
) -> "ScreenOptions":
    from poems_cli.screening.options import ScreenOptions

    if decimal not in (None, ".", ","):
        raise _TableError([Problem("decimal", "this is not a decimal mark", "write '.' or ','")], EXIT_USAGE)
    chosen = (criteria,) if isinstance(criteria, str) else tuple(criteria or ())
    refuse_unknown_sets(rules, chosen, "criteria")
    return ScreenOptions(
        paths=(),
        criteria=chosen,
        columns=(columns,) if isinstance(columns, str) else tuple(columns),
        mimics=mimics,
        map_path=os.fspath(mapping) if isinstance(mapping, str | os.PathLike) else None,
        map_text=_map_text(mapping) if isinstance(mapping, Mapping) else None,
        id_heading=id_column,
        decimal=decimal,
        units=units,
    )


def _map_text(mapping: Mapping[str, object]) -> str:
    """A mapping as the text of a mapping file, so that it is read and checked as one."""
    import yaml

    try:
        return yaml.safe_dump(plain_data(mapping, 5), sort_keys=False, allow_unicode=True, width=10**6)
    except yaml.YAMLError:
        problem = Problem("mapping", "it holds something other than texts, numbers, true, false, None and dicts of them", "")
        raise _TableError([problem]) from None


def _has_index_of_texts(table: object) -> bool:
    """Whether a pandas table has an index without a name that is not a numbering: patients' ids, most likely."""
    index = getattr(table, "index", None)
    return getattr(getattr(index, "dtype", None), "kind", "i") not in "iu" and all(
        name is None for name in getattr(index, "names", ())
    )


def _unread(unread: "Sequence[Unplaced]") -> Iterator[str]:
    """Which columns are not read: those in doubt with the reason, one line each, the others in one."""
    from poems_cli.phrases import few_quoted, quoted

    for column in unread:
        if column.in_doubt:
            yield f"column not read: '{quoted(column.heading)}': {column.why}; say in mapping= what it is"
    others = [column.heading for column in unread if not column.in_doubt]
    if others:
        named = few_quoted(others)
        yield f"columns not read: {named}; say in mapping= which finding each is, or None to leave it out"


def _in_python(problem: Problem) -> Problem:
    """A problem of a table in the words of Python: no line of a mapping file, and no option of the command."""
    mend = _MAPPING_MEND if "--suggest-map" in problem.mend else problem.mend
    return Problem(_LINE.sub("mapping", problem.where) or "table", problem.what, mend)
