"""From what was asked for to the text of one query, with a heading that says what the table must have."""

import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from poems_cli import __version__
from poems_cli.errors import usage_error
from poems_cli.model import LABEL, Finding, Rules
from poems_cli.records.problem import quoted
from poems_cli.report.template import depends_on
from poems_cli.rules.loading import units_of
from poems_cli.screening.answer_columns import chosen_columns, every_column, usual_columns
from poems_cli.sql_query.answers import Answers
from poems_cli.sql_query.columns import Columns, Layout
from poems_cli.sql_query.table import Kind, TableColumn, read
from poems_cli.suggestions import did_you_mean
from poems_cli.tables.columns import Column, TableMap

#: The dialects whose queries are not run in the tests.
UNPROVEN = ("snowflake", "bigquery")

_WIDTH = 118
_BESIDE = re.compile("(.+)__(low|high|comparator)")
_KINDS: Mapping[str, Kind] = {"boolean": "boolean", "quantity": "number", "choice": "text"}
_STEPS = ("steps", "test")


class LikeTable(NamedTuple):
    """A file that is like the table: which column is which finding, and the types of its columns where it says them."""

    table_map: TableMap
    types: Mapping[str, str]


class SqlOptions(NamedTuple):
    """What was asked for, as plain data; ``poems sql --help`` says what each is."""

    dialect: str = "duckdb"
    table: str = "patients"
    id_column: str | None = None
    criteria: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    mimics: bool = False
    findings: tuple[str, ...] = ()
    like: LikeTable | None = None


def unproven(dialect: str) -> str | None:
    """The line that says that a dialect's queries are not tested; ``None`` where they are."""
    if dialect not in UNPROVEN:
        return None
    return f"The query for {dialect} was never run: compare its answers with those of poems screen before you rely on it."


def sql_text(rules: Rules, options: SqlOptions) -> str:
    """The text of the query. Raises :class:`PoemsError` for what cannot be asked."""
    default = rules.default_criteria
    criteria = tuple(dict.fromkeys(options.criteria)) or (default, *[one for one in rules.criteria if one != default])
    table = _named_table(rules, options, criteria) if options.like is None else _like_table(rules, options.like)
    patient = options.id_column or "id" if options.like is None else options.like.table_map.id
    every = every_column(rules, criteria)
    usual = usual_columns(every, criteria[0], options.mimics)
    chosen = [one for one in chosen_columns(options.columns, every, usual) if one.kind != "id" or patient is not None]
    if not options.columns:
        chosen = [one for one in usual if one.kind != "id" or patient is not None]
    columns = Columns()
    answers = Answers(rules, criteria, read(rules, units_of(rules), table, columns), columns)
    outputs = []
    for one in chosen:
        tree = columns.given(patient, "id") if one.kind == "id" and patient is not None else answers.tree(one)
        outputs.append((one.name, tree))
    layout = columns.laid_out(outputs)
    query = layout.query(_table_name(options), options.dialect == "postgres")
    heading = "\n".join(_heading(rules, options, criteria, patient, table, layout))
    return f"{heading}\n{query.sql(dialect=options.dialect, pretty=True)};\n"


def _table_name(options: SqlOptions) -> exp.Table:
    """The table as the user writes it in the dialect."""
    try:
        table = parse_one(options.table, into=exp.Table, read=options.dialect)
    except SqlglotError:
        table = None
    parts = {key: value for key, value in table.args.items() if value} if isinstance(table, exp.Table) else {}
    is_name = parts and all(isinstance(one, exp.Identifier) for one in parts.values())
    if not is_name or parts.keys() - {"this", "db", "catalog"}:
        what = f"'{quoted(options.table)}' is no name of a table in {options.dialect}"
        raise usage_error("--from", what, "write it as in a query, odd names in the quotes of the dialect")
    return exp.Table(**parts)


# --- which columns the table has --------------------------------------------------------------------------------------


def _named_table(rules: Rules, options: SqlOptions, criteria: Sequence[str]) -> list[TableColumn]:
    """A table whose columns are called by the ids of findings."""
    beside: dict[str, set[str]] = {}
    for name in options.findings or _needed(rules, criteria):
        match = _BESIDE.fullmatch(name)
        finding = match[1] if match and name not in rules.findings else name
        side = match[2] if match and finding != name else ""
        if finding not in rules.findings:
            raise usage_error("--findings", f"no finding '{quoted(finding)}'", did_you_mean(finding, rules.findings))
        if side and rules.findings[finding].kind != "quantity":
            what = f"{name}: only what is measured has a column {side}, and {finding} is not"
            raise usage_error("--findings", what, "leave this column out")
        beside.setdefault(finding, set()).add(side)
    table = []
    for finding, sides in beside.items():
        if "" not in sides:
            raise usage_error("--findings", f"{finding}__{min(sides)} goes with {finding}", "name that, too")
        low, high, comparator = (f"{finding}__{side}" if side in sides else None for side in ("low", "high", "comparator"))
        kind = _KINDS[rules.findings[finding].kind]
        table.append(TableColumn(Column(finding, finding, low=low, high=high), kind, comparator))
    return table


def _needed(rules: Rules, criteria: Sequence[str]) -> list[str]:
    """What the criteria sets depend on, and the label that a patient carries."""
    needed = {LABEL}.union(*[depends_on(rules, one) for one in criteria])
    return [one for one in rules.findings if one in needed]


def _like_table(rules: Rules, like: LikeTable) -> list[TableColumn]:
    """A table whose columns are called as in a file, and of the types that it has there, or else that each finding needs."""
    table = []
    for one in like.table_map.columns:
        finding = rules.findings[one.finding]
        stored = like.types.get(one.heading)
        kind = _kind(stored) if stored else "other" if one.values and finding.kind != "quantity" else _KINDS[finding.kind]
        if finding.kind == "quantity" and kind not in ("number", "single"):
            what = f"the column '{quoted(one.heading)}' holds no numbers, and a query does not take text apart"
            raise usage_error("--like", what, f"store {finding.id} as numbers, or answer the table with poems screen")
        table.append(TableColumn(one, kind))
    return table


def _kind(stored: str) -> Kind:
    """What a column of a stored type holds, by the names that DuckDB and Arrow have for types."""
    name = stored.lower()
    if name.startswith("bool"):
        return "boolean"
    if name in ("float", "real", "halffloat"):
        return "single"
    return "number" if re.match("u?(tiny|small|big|huge)?int|double|decimal", name) else "other"


# --- the heading ------------------------------------------------------------------------------------------------------


def _heading(
    rules: Rules,
    options: SqlOptions,
    criteria: Sequence[str],
    patient: str | None,
    table: Sequence[TableColumn],
    layout: Layout,
) -> Iterator[str]:
    """Comments of which each is one line, whatever the names in it hold."""
    identity, warning = rules.identity, unproven(options.dialect)
    yield _comment(
        f"poems {__version__}, rules {identity.id} {identity.version} (sha256 {identity.sha256}), for {options.dialect}"
    )
    yield _comment("A research and teaching aid that shows its reasons: not a medical device, and no diagnosis.")
    yield from [_comment(warning)] if warning else []
    yield _comment(f"Answers {', '.join(criteria)}; a row for each row of the table. NULL is unknown, never absent.")
    yield _comment(f"The table {options.table} must have these columns; what it lacks is unknown for everybody:")
    read_headings = set(layout.given.values())
    if patient in read_headings:
        yield _comment(f"  {patient}: what names the patient")
    for one in table:
        if one.column.heading in read_headings:
            yield from _described(rules.findings[one.column.finding], one, options.dialect)


def _described(finding: Finding, one: TableColumn, dialect: str) -> Iterator[str]:
    """What a column holds, and those next to it."""
    column = one.column
    named = column.heading if column.heading == finding.id else f"{column.heading} ({finding.id})"
    yield from _lines(f"{named}: {_held(finding, one, dialect)}")
    for side, heading in (("lower", column.low), ("upper", column.high)):
        if isinstance(heading, str):
            yield from _lines(f"{heading}: the laboratory's {side} limit of {finding.id}, in the same unit")
    if one.comparator is not None:
        yield from _lines(f"{one.comparator}: <, <=, >, >= or NULL, for {finding.id}")


def _held(finding: Finding, one: TableColumn, dialect: str) -> str:
    if finding.kind == "quantity":
        return f"a number in {one.column.unit or finding.unit}"
    if one.column.values:
        return "text or a code, as the mapping says"
    if finding.kind == "choice":
        return f"text: {', '.join(finding.choices)}"
    return "text or a code: yes or no" if one.kind != "boolean" else "BOOL" if dialect == "bigquery" else "BOOLEAN"


def _comment(line: str) -> str:
    return f"-- {quoted(line, 1_000)}"


def _lines(words: str) -> list[str]:
    lines = wrap(words, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    return list(map(_comment, lines))
