"""From what was asked for to one SQL text over a table in a database, with a heading that says what the table must have."""

import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import BinaryIO, NamedTuple

from poems_cli import __version__
from poems_cli.engine.answer_columns import AnswerColumn, chosen_columns, every_column, usual_columns
from poems_cli.errors import usage_error
from poems_cli.model import LABEL, Finding, Rules
from poems_cli.records.problem import quoted
from poems_cli.report.template import depends_on
from poems_cli.rules.loading import units_of
from poems_cli.screening.options import ScreenOptions, checked, criteria_of, mapping
from poems_cli.screening.plan import stored_kind
from poems_cli.sql.cells import Kind, SourceColumn
from poems_cli.sql.dialects import TAKES_TEXT_APART
from poems_cli.sql.whole_query import Query, Source, TooManyStatesError, whole_query
from poems_cli.suggestions import did_you_mean
from poems_cli.tables.columns import Column
from poems_cli.tables.opening import open_tables
from poems_cli.tables.table_file import TableOptions

_ID = "id__given"
_STEPS = ("steps", "test")
_WIDTH = 118
_BESIDE = re.compile("(.+)__(low|high|comparator)")
_KINDS: Mapping[str, Kind] = {"boolean": "boolean", "quantity": "number", "choice": "text"}
#: What an engine should be told before.
_SETTINGS: Mapping[str, Sequence[str]] = {
    "spark": ["-- SET spark.sql.codegen.wholeStage=false before it, or Java has more to compile than it can."],
}
_TRUTHS = {"tsql": "BIT", "bigquery": "BOOL"}


class SqlOptions(NamedTuple):
    """What was asked for, as plain data; ``poems sql --help`` says what each is."""

    dialect: str = "duckdb"
    table: str = "patients"
    id_column: str | None = None
    criteria: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    mimics: bool = False
    findings: tuple[str, ...] = ()
    like: str | None = None
    map_path: str | None = None
    text_cells: bool = False
    decimal: str = "."


def sql_text(rules: Rules, options: SqlOptions, stdin: BinaryIO) -> str:
    """The text of the query.

    Raises :class:`PoemsError` for what cannot be asked, and with ``like`` for a table that cannot be read.
    """
    criteria = criteria_of(rules, ScreenOptions((), criteria=options.criteria))
    source = _like(rules, options, stdin) if options.like is not None else _named(rules, options, criteria)
    _refuse_idle(rules, options, source.columns)
    _refuse_apart(rules, options.dialect, source.columns)
    every = every_column(rules, criteria)
    usual = usual_columns(every, criteria[0], options.mimics)
    chosen = chosen_columns(options.columns, every, usual) if options.columns else usual
    if source.id is None:
        chosen = [one for one in chosen if one.kind != "id"]
    query = _query(rules, criteria, chosen, source, options)
    return "\n".join([*_heading(rules, options, criteria, source, query), query.text])


def _query(
    rules: Rules, criteria: Sequence[str], columns: Sequence[AnswerColumn], source: Source, options: SqlOptions
) -> Query:
    units = units_of(rules)
    try:
        return whole_query(rules, units, criteria, columns, source, options.dialect)
    except (TooManyStatesError, OverflowError):
        asked = [one.name for one in columns if one.kind in _STEPS and one.name in options.columns]
        if asked:
            what = f"{' and '.join(asked)} cannot be written for the set {criteria[0]}, which has too many states to list"
            mend = "leave it out, give another set first with --criteria, or answer the table with poems screen"
            raise usage_error("", what, mend) from None
    except ValueError as error:
        raise usage_error("--from", str(error), "") from None
    return whole_query(rules, units, criteria, [one for one in columns if one.kind not in _STEPS], source, options.dialect)


def _refuse_idle(rules: Rules, options: SqlOptions, columns: Sequence[SourceColumn]) -> None:
    """Refuse what is said of numbers within text where no number is, and what a mapping says."""
    kinds = {column.kind for column in columns if rules.findings[column.column.finding].kind == "quantity"}
    if options.decimal != "." and kinds <= {"number"}:
        raise usage_error("--decimal", "it has no effect here: no number is text", "it works with --text-cells")
    if options.id_column is not None and options.map_path is not None:
        raise usage_error("--id", "it has no effect here: the mapping names the patient's column", "write id: in the mapping")


def _refuse_apart(rules: Rules, dialect: str, columns: Sequence[SourceColumn]) -> None:
    """Refuse cells that the dialect cannot take apart: numbers within text."""
    if dialect in TAKES_TEXT_APART:
        return
    for one in columns:
        if rules.findings[one.column.finding].kind == "quantity" and one.kind != "number":
            what = f"{dialect} has no regular expressions to read numbers within text"
            raise usage_error(one.column.heading, what, "make it a column of numbers, and leave out --text-cells")


# --- which columns the table has --------------------------------------------------------------------------------------


def _named(rules: Rules, options: SqlOptions, criteria: Sequence[str]) -> Source:
    """A table whose columns are called by the ids of findings."""
    if options.map_path is not None:
        raise usage_error("--map", "it says what the headings of a table are", "name the table with --like FILE")
    beside: dict[str, set[str]] = {}
    for name in options.findings or _needed(rules, criteria):
        match = _BESIDE.fullmatch(name)
        finding = match[1] if match else name
        if finding not in rules.findings:
            raise usage_error("--findings", f"no finding {quoted(finding)!r}", did_you_mean(finding, rules.findings))
        beside.setdefault(finding, set())
        if match:
            _refuse_beside(rules.findings[finding], match, text_cells=options.text_cells)
            beside[finding].add(match[2])
        else:
            beside[finding].add("")
    for finding, having in beside.items():
        if "" not in having:
            raise usage_error("--findings", f"{finding}__{min(having)} goes with {finding}", "name that, too")
    named = {
        one: Column(one, one, low=_beside(one, "low", having), high=_beside(one, "high", having))
        for one, having in beside.items()
    }
    comparators = {one: f"{one}__comparator" for one, having in beside.items() if "comparator" in having}
    kinds = {one: _kind(rules.findings[one], named[one], text_cells=options.text_cells) for one in named}
    return _source(options, options.id_column or "id", list(named.values()), kinds, comparators)


def _beside(finding: str, side: str, having: Collection[str]) -> str | None:
    return f"{finding}__{side}" if side in having else None


def _refuse_beside(finding: Finding, match: re.Match[str], *, text_cells: bool) -> None:
    if finding.kind != "quantity":
        what = f"{match[0]}: only what is measured has a column {match[2]}, and {finding.id} is not"
        raise usage_error("--findings", what, "leave this column out")
    if match[2] == "comparator" and text_cells:
        what = f"{match[0]}: with --text-cells the comparator is in the cell"
        raise usage_error("--findings", what, "leave this column out")


def _needed(rules: Rules, criteria: Sequence[str]) -> list[str]:
    """What the criteria sets depend on, and the label that a patient carries."""
    needed = {LABEL}.union(*[depends_on(rules, one) for one in criteria])
    return [one for one in rules.findings if one in needed]


def _like(rules: Rules, options: SqlOptions, stdin: BinaryIO) -> Source:
    """A table whose columns are called as in a file, and hold what the file does."""
    if options.findings:
        raise usage_error("--findings", "it says which columns the table has, and so does --like", "give one of them")
    path = options.like or ""
    with tempfile.TemporaryDirectory(prefix="poems-sql-") as spill:
        table = open_tables([path], TableOptions(), spill, stdin)[0]
    if options.text_cells and table.types:
        raise usage_error("--text-cells", "it has no effect here: the columns of --like have types", "leave it out")
    asked = ScreenOptions((path,), map_path=options.map_path, id_heading=options.id_column)
    table_map = mapping(rules, asked, table.headings)
    checked(table_map, strict=False)
    kinds: dict[str, Kind] = {}
    for one in table_map.columns:
        stored = table.types.get(one.heading)
        is_text = options.text_cells and stored is None
        kinds[one.finding] = stored_kind(stored) if stored else _kind(rules.findings[one.finding], one, text_cells=is_text)
    return _source(options, table_map.id, table_map.columns, kinds, {})


def _kind(finding: Finding, column: Column, *, text_cells: bool) -> Kind:
    """What a column holds; where a mapping says what its cells mean, they are read as text whatever they are."""
    return "text" if text_cells else "other" if column.values else _KINDS[finding.kind]


def _source(
    options: SqlOptions,
    id_column: str | None,
    columns: Sequence[Column],
    kinds: Mapping[str, Kind],
    comparators: Mapping[str, str],
) -> Source:
    names: dict[str, str] = {} if id_column is None else {_ID: id_column}
    limits: dict[str, str] = {}
    sources = []
    for one in columns:
        names[f"{one.finding}__given"] = one.heading
        for side, heading in (("low", one.low), ("high", one.high)):
            if isinstance(heading, str):
                limits[heading] = limits.get(heading) or f"{one.finding}__given_{side}"
                names[limits[heading]] = heading
        comparator = None
        if one.finding in comparators:
            comparator = f"{one.finding}__given_comparator"
            names[comparator] = comparators[one.finding]
        kind = kinds[one.finding]
        limits_kind: Kind = "number" if kind == "number" else "text"
        sources.append(SourceColumn(one, f"{one.finding}__given", kind, (), limits_kind, comparator))
    return Source(options.table, None if id_column is None else _ID, sources, names, limits, options.decimal)


# --- the heading of the text ------------------------------------------------------------------------------------------


def _heading(rules: Rules, options: SqlOptions, criteria: Sequence[str], source: Source, query: Query) -> Iterator[str]:
    identity = rules.identity
    rules_name = _commented(f"{identity.id} {identity.version}")
    yield f"-- poems {__version__}, rules {rules_name} (sha256 {identity.sha256}), for {options.dialect}"
    yield "-- A research and teaching aid that shows its reasons: not a medical device, and no diagnosis."
    yield f"-- Answers {', '.join(criteria)}; a row for each row of the table. NULL is unknown, never absent."
    yield from _SETTINGS.get(options.dialect, ())
    yield f"-- The table {_commented(options.table)} must have these columns; what it lacks is unknown for everybody:"
    if source.id is not None and source.id in query.reads:
        yield f"--   {_commented(source.names[source.id])}: what names the patient"
    for one in source.columns:
        yield from _told(rules, options.dialect, source, one, query)


def _told(rules: Rules, dialect: str, source: Source, one: SourceColumn, query: Query) -> Iterator[str]:
    if one.name not in query.reads:
        return
    finding, column = rules.findings[one.column.finding], one.column
    yield from _lines(f"{_shown(column.heading, finding.id)}: {_held(finding, one, dialect)}")
    for side, heading in (("lower", column.low), ("upper", column.high)):
        if isinstance(heading, str):
            yield from _lines(f"{_commented(heading)}: the laboratory's {side} limit of {finding.id}, in the same unit")
    if one.comparator is not None:
        yield from _lines(f"{_commented(source.names[one.comparator])}: <, <=, >, >= or NULL, beside {finding.id}")


def _shown(heading: str, finding: str) -> str:
    return _commented(heading) if heading == finding else f"{_commented(heading)} ({finding})"


def _held(finding: Finding, one: SourceColumn, dialect: str) -> str:
    unit = f" in {one.column.unit or finding.unit}" if finding.kind == "quantity" else ""
    if one.kind == "boolean":
        return _TRUTHS.get(dialect, "BOOLEAN")
    if one.kind == "number":
        return f"a number{unit}"
    if one.column.values:
        return f"text or a code, as the mapping says{unit}"
    if finding.kind == "choice":
        return f"text: {', '.join(finding.choices)}"
    return f"text, as poems screen reads it{unit}"


def _commented(text: str) -> str:
    """Text that cannot end a comment."""
    return quoted(text, 200)


def _lines(words: str) -> list[str]:
    return wrap(words, _WIDTH, initial_indent="--   ", subsequent_indent="--     ", break_on_hyphens=False)
