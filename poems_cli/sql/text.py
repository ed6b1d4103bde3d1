"""From what was asked for to the text of one query, with a heading that says what the table must have."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from poems_cli import __version__
from poems_cli.engine.answer_columns import chosen_columns, every_column, usual_columns
from poems_cli.engine.findings import follows_from, uses
from poems_cli.errors import usage_error
from poems_cli.model import LABEL, Finding, Rules
from poems_cli.phrases import few_quoted, quoted
from poems_cli.sql.answers import Answers
from poems_cli.sql.columns import Columns
from poems_cli.sql.states import TooManyStatesError
from poems_cli.sql.table import Kind, TableColumn, read
from poems_cli.suggestions import did_you_mean
from poems_cli.tables.columns import Column, TableMap

#: The dialects whose queries are not run in the tests.
UNPROVEN = ("snowflake", "bigquery")

_UNPROVEN = "The query for {} was never run: compare its answers with those of poems screen before you rely on it."
_FEW = 8
_BESIDE = re.compile("(.+)__(low|high|comparator)")
_KINDS: Mapping[str, Kind] = {"boolean": "boolean", "quantity": "number", "choice": "text"}


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


class Query(NamedTuple):
    """The text of a query, and remarks on it, which are also comments of the text."""

    text: str
    remarks: tuple[str, ...]


def written_query(rules: Rules, options: SqlOptions) -> Query:
    """The query. Raises :class:`PoemsError` for what cannot be asked."""
    default = rules.default_criteria
    criteria = tuple(dict.fromkeys(options.criteria)) or (default, *[set_id for set_id in rules.criteria if set_id != default])
    table = _named_table(rules, options, criteria) if options.like is None else _like_table(rules, options.like)
    patient = options.id_column or "id" if options.like is None else options.like.table_map.id
    every = every_column(rules, criteria)
    usual = usual_columns(every, criteria[0], options.mimics)
    columns = Columns()
    answers = Answers(rules, criteria, read(rules, table, columns), columns)
    outputs: list[tuple[str, exp.Expr]] = []
    remarks = [_UNPROVEN.format(options.dialect)] if options.dialect in UNPROVEN else []
    if options.like is not None and (unplaced := options.like.table_map.unplaced):
        named = few_quoted([column.heading for column in unplaced])
        remarks.append(f"Columns not read: {named}; poems screen --suggest-map says why.")
    for column in chosen_columns(options.columns, every, usual) if options.columns else usual:
        if column.kind == "id":
            outputs += [] if patient is None else [(column.name, columns.given(patient, "id"))]
            continue
        try:
            outputs.append((column.name, answers.tree(column)))
        except TooManyStatesError as error:
            if column.name in options.columns:
                raise
            remarks += [] if error.remark in remarks else [error.remark]
    if not outputs:
        raise usage_error("--columns", "the table has no column that names the patient", "name it with --id, or ask for more")
    query, headings = columns.query(outputs, _table_name(options), is_fenced=options.dialect == "postgres")
    described = _described(rules, patient, table, headings, options.dialect)
    heading = "\n".join(_heading(rules, options, criteria, remarks, described))
    return Query(f"{heading}\n{query.sql(dialect=options.dialect, pretty=True)};\n", tuple(remarks))


def _table_name(options: SqlOptions) -> exp.Table:
    """The table as the user writes it in the dialect."""
    try:
        table = parse_one(options.table, into=exp.Table, read=options.dialect)
    except SqlglotError:
        table = None
    parts = {key: value for key, value in table.args.items() if value} if isinstance(table, exp.Table) else {}
    is_name = parts and all(isinstance(part, exp.Identifier) for part in parts.values())
    if not is_name or parts.keys() - {"this", "db", "catalog"}:
        what = f"'{quoted(options.table)}' is not the name of a table in {options.dialect}"
        raise usage_error("--from", what, "write it as in a query, unusual names in the dialect's quotes")
    return exp.Table(**parts)


def _named_table(rules: Rules, options: SqlOptions, criteria: Sequence[str]) -> list[TableColumn]:
    """A table whose columns are called by the ids of findings."""
    beside: dict[str, set[str]] = {}
    levels = [level for set_id in criteria for level in rules.criteria[set_id].levels]
    label = [LABEL] if LABEL in rules.findings else []  # other rules need not know what a patient was called
    needed = follows_from(rules, label + [finding for level in levels for finding in uses(level.expression)])
    for name in options.findings or [finding for finding in rules.findings if finding in needed]:
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
            raise usage_error("--findings", f"{finding}__{min(sides)} goes with {finding}", "name that as well")
        low, high, comparator = (f"{finding}__{side}" if side in sides else None for side in ("low", "high", "comparator"))
        kind = _KINDS[rules.findings[finding].kind]
        table.append(TableColumn(Column(finding, finding, low=low, high=high), kind, comparator))
    return table


def _like_table(rules: Rules, like: LikeTable) -> list[TableColumn]:
    """A table whose columns are called as in a file, and of the types that it has there, or else that each finding needs."""
    table = []
    for column in like.table_map.columns:
        finding = rules.findings[column.finding]
        stored = like.types.get(column.heading)
        kind = _kind(stored) if stored else "text" if column.values and finding.kind != "quantity" else _KINDS[finding.kind]
        if finding.kind == "quantity" and kind not in ("number", "single"):
            what = f"the column '{quoted(column.heading)}' holds no numbers, and a query does not parse text"
            raise usage_error("--like", what, f"store {finding.id} as numbers, or answer the table with poems screen")
        table.append(TableColumn(column, kind))
    return table


def _kind(stored: str) -> Kind:
    """What a column of a stored type holds, by the names that DuckDB and Arrow have for types."""
    name = stored.lower()
    if name.startswith("bool"):
        return "boolean"
    if name in ("float", "real", "halffloat"):
        return "single"
    return "number" if re.match("u?(tiny|small|big|huge)?int|double|decimal", name) else "text"


def _heading(
    rules: Rules, options: SqlOptions, criteria: Sequence[str], remarks: Sequence[str], described: Iterable[str]
) -> Iterator[str]:
    """Comments, each on one line whatever the names in it hold."""
    identity = rules.identity
    for line in (
        f"poems {__version__}, rules {identity.id} {identity.version} (sha256 {identity.sha256}), for {options.dialect}",
        "A research and teaching aid that shows its reasons: not a medical device, and no diagnosis.",
        *remarks,
        f"Answers {', '.join(criteria)}; a row for each row of the table. NULL is unknown, never absent.",
        f"The table {options.table} must have these columns; what it lacks is unknown for every patient:",
        *[f"  {line}" for line in described],
    ):
        yield f"-- {quoted(line, 1_000)}"


def _described(
    rules: Rules, patient: str | None, table: Sequence[TableColumn], headings: Collection[str], dialect: str
) -> Iterator[str]:
    """What each column holds that the query reads."""
    if patient in headings:
        yield f"{patient}: what names the patient"
    for table_column in table:
        column, finding = table_column.column, rules.findings[table_column.column.finding]
        if column.heading in headings:
            named = column.heading if column.heading == finding.id else f"{column.heading} ({finding.id})"
            yield f"{named}: {_type_words(finding, table_column, dialect)}"
            for side, heading in (("lower", column.low), ("upper", column.high)):
                if isinstance(heading, str):
                    yield f"{heading}: the laboratory's {side} limit of {finding.id}, in the same unit"
            if table_column.comparator is not None:
                yield f"{table_column.comparator}: <, <=, >, >= or NULL, for {finding.id}"


def _type_words(finding: Finding, table_column: TableColumn, dialect: str) -> str:
    if finding.kind == "quantity":
        return f"a number in {table_column.column.unit or finding.unit}"
    if table_column.column.values:
        return "text or a code, as the mapping says"
    if finding.kind == "choice":
        words = list(finding.choices)
        return f"text: {', '.join(words[:_FEW])}{f'; poems explain {finding.id} lists all' if len(words) > _FEW else ''}"
    return "text or a code: yes or no" if table_column.kind != "boolean" else "BOOL" if dialect == "bigquery" else "BOOLEAN"
