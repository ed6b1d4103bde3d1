"""Screening from Python: a table that is in memory or in DuckDB already, answered as a relation of DuckDB.

Nothing is read or written here: the relation is a query, which runs when its rows are asked for.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from poems_cli.errors import usage_error
from poems_cli.model import Rules
from poems_cli.rules.loading import units_of
from poems_cli.screening.answer_columns import AnswerColumn, chosen_columns, every_column, usual_columns
from poems_cli.screening.duckdb_engine import UNFIT_OPTIMIZERS
from poems_cli.screening.options import ScreenOptions, checked, criteria_of, mapping
from poems_cli.screening.plan import stored_kind
from poems_cli.sql.cells import DUCKDB, CellTranslator, SourceColumn
from poems_cli.sql.lookup import looked_up
from poems_cli.sql.query import Answers, answers
from poems_cli.sql.stages import Stages
from poems_cli.sql.text import Text, quoted, string
from poems_cli.sql.words import Spoken, Worder, ids_of_bits
from poems_cli.tables.columns import TableMap, Unplaced

if TYPE_CHECKING:
    import duckdb

_TABLE = "poems_table"
_FEW_STATES = 20_000


def screen_table(rules: Rules, table: Any, options: ScreenOptions) -> "tuple[duckdb.DuckDBPyRelation, tuple[Unplaced, ...]]":
    """The answer for a table, and its columns that are not read because nothing says what they are.

    A table is a relation of DuckDB, or anything that DuckDB can register (Arrow, Polars, pandas).

    Raises :class:`PoemsError` for columns that are not clear, for what was asked, and where the default set has too many states
    to tell the steps to met and the next test.
    """
    relation, headings = _relation(table)
    table_map = mapping(rules, options, headings)
    checked(table_map, strict=options.strict)
    criteria = criteria_of(rules, options)
    columns = every_column(rules, criteria)
    usual = usual_columns(columns, criteria[0], options.mimics)
    chosen = chosen_columns(options.columns, columns, usual) if options.columns else usual
    places = [f"c{place}" for place in range(1, len(headings) + 1)]
    names = dict(reversed(list(zip(headings, places, strict=True))))  # of equal headings, of which none is read, the first
    stages = Stages(in_rails=True)
    cells = _cells(rules, table_map, relation, names, options)
    try:
        done = answers(rules, criteria, chosen, cells, stages)
    except OverflowError as error:
        mend = "ask for less of these rules with criteria and columns, or leave out the steps to met and the next test"
        raise usage_error("", str(error), mend) from None
    # Columns are named by their places: DuckDB takes names that differ in case for the same.
    ctes, last = stages.sql(f"(SELECT * FROM {_TABLE} AS given({', '.join(places)}))", "stage")
    with_stages = f"WITH {ctes} " if ctes else ""
    worder = Worder(done, criteria[0], _spoken(relation, done, lambda code: f"{with_stages}SELECT DISTINCT {code} FROM {last}"))
    select = ", ".join(f"{_word(worder, one, table_map, names)} AS {quoted(one.name)}" for one in chosen)
    return _asked(relation, f"{with_stages}SELECT {select} FROM {last}"), table_map.unplaced


def _asked(relation: "duckdb.DuckDBPyRelation", query: str) -> "duckdb.DuckDBPyRelation":
    """The relation of a query over another one, which it calls by the name of ``_TABLE``."""
    found = relation.query(_TABLE, query)
    if found is None:
        raise TypeError
    return found


def _relation(table: Any) -> "tuple[duckdb.DuckDBPyRelation, list[str]]":
    """A table as a relation, and its headings as the table has them: DuckDB renames one that differs from another in case."""
    import duckdb

    if isinstance(table, duckdb.DuckDBPyRelation):
        return table, list(table.columns)
    if hasattr(table, "reset_index"):
        table = _with_index(table)
    connection = duckdb.connect()
    connection.execute(f"SET disabled_optimizers = {string(UNFIT_OPTIMIZERS)}")
    try:
        connection.register("given", table)
    except duckdb.Error:
        message = "a table is a relation of DuckDB, or an Arrow, Polars or pandas table"
        raise TypeError(message) from None
    relation = connection.table("given")
    headings = _headings(table)
    return relation, headings if len(headings) == len(relation.columns) else list(relation.columns)


def _with_index(table: Any) -> Any:
    """A pandas table with its index as columns, where the index has a name: it may hold the patient's id."""
    return table.reset_index(allow_duplicates=True) if any(name is not None for name in table.index.names) else table


def _headings(table: Any) -> list[str]:
    if hasattr(table, "collect_schema"):  # Polars
        return list(table.collect_schema().names())
    names = getattr(getattr(table, "schema", None), "names", None)  # Arrow
    return list(map(str, names if isinstance(names, list) else getattr(table, "columns", ())))


def _cells(
    rules: Rules, table_map: TableMap, relation: "duckdb.DuckDBPyRelation", names: dict[str, str], options: ScreenOptions
) -> CellTranslator:
    types = dict(zip([f"c{place}" for place in range(1, len(relation.columns) + 1)], map(str, relation.types), strict=True))
    sources = []
    for column in table_map.columns:
        stored = types[names[column.heading]]
        kind = "text" if stored == "VARCHAR" else stored_kind(stored)
        sources.append(SourceColumn(column, names[column.heading], kind, ("true", "false")))
    return CellTranslator(rules, units_of(rules), sources, names, options.decimal, DUCKDB)


def _spoken(relation: "duckdb.DuckDBPyRelation", done: Answers, distinct: Callable[[str], str]) -> Spoken:
    """The words of the states: of all that there can be where they are few, else of those that occur."""
    state = done.state
    if state is None:
        return Spoken(lambda _: None, lambda _: None, ids_of_bits)
    if isinstance(state.value, int):
        steps = {state.value: state.steps(state.value)}
    elif state.size <= _FEW_STATES:
        steps = dict(state.every())
    else:
        found = _asked(relation, distinct(state.value.sql)).fetchall()
        steps = {code: state.steps(code) for (code,) in found}

    numbers = {code: one.number for code, one in steps.items()}
    tests = {code: one.test for code, one in steps.items()}
    return Spoken(lambda code: _word_of(code, numbers), lambda code: _word_of(code, tests), ids_of_bits)


def _word_of(code: Text | int, words: Mapping[int, int | str | None]) -> Text:
    return Text(looked_up(code, words), code.columns if isinstance(code, Text) else frozenset())


def _word(worder: Worder, column: AnswerColumn, table_map: TableMap, names: dict[str, str]) -> str:
    if column.kind != "id":
        return worder.sql(column)
    return "CAST(row_number() OVER () AS VARCHAR)" if table_map.id is None else f"CAST({names[table_map.id]} AS VARCHAR)"
