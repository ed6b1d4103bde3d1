"""What is to be answered, for which tables, and how."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.engine.answer_columns import AnswerColumn
from poems_cli.engine.expressions import leaves
from poems_cli.model import Rules
from poems_cli.phrases import listed, quoted
from poems_cli.screening.reading_columns import ColumnProfiles
from poems_cli.tables.batches import Kind
from poems_cli.tables.cells import FAULTS, Fault
from poems_cli.tables.columns import Column, TableMap
from poems_cli.tables.table_file import TableFile

Form: TypeAlias = Literal["csv", "tsv", "parquet", "ndjson", "xlsx"]
Packing: TypeAlias = Literal["", "gzip", "zstd"]


class Output(NamedTuple):
    """Where an answer goes (``-`` is standard output), in which form, and how it is packed."""

    path: str
    form: Form
    packed: Packing = ""


class Plan(NamedTuple):
    """One screening, ready to run.

    The first of ``criteria`` is the default set. ``kinds`` says how columns of text are best read, ``profiles`` what their
    first cells are, ``is_decided`` that the cells to be answered change nothing of how columns are read. ``keep`` are headings
    whose cells are copied into the answer; ``labels`` adds a readable column for each column of ids. ``spill`` is a folder of
    the run's own for what does not fit into memory. ``counts_steps`` is whether a summary says who is how far from met,
    ``counts_details`` whether a report shows what a summary does not, ``lists_rejects`` whether each reject is asked for.
    """

    rules: Rules
    tables: tuple[TableFile, ...]
    table_map: TableMap
    criteria: tuple[str, ...]
    columns: tuple[AnswerColumn, ...]
    outputs: tuple[Output, ...]
    spill: str
    kinds: Mapping[str, Kind]
    profiles: ColumnProfiles
    is_decided: bool = False
    keep: tuple[str, ...] = ()
    labels: bool = False
    worklist: bool = False
    spreadsheet_safe: bool = False
    byte_order_mark: bool = False
    lists_rejects: bool = False
    counts_steps: bool = True
    counts_details: bool = False
    memory: int | None = None
    threads: int | None = None

    @property
    def default(self) -> str:
        """The criteria set for which the steps are counted."""
        return self.criteria[0]

    @property
    def wanted(self) -> tuple[str, ...]:
        """The headings of all columns that are read; the first one too, where what is written below a table may be in it."""
        columns = self.table_map.columns
        limits = [limit for column in columns for limit in (column.low, column.high) if isinstance(limit, str)]
        identity = [] if self.table_map.id is None else [self.table_map.id]
        headings = [column.heading for column in columns]
        first = self.tables[0].headings[:1] if self.tables[0].form in ("csv", "memory") else ()
        return tuple(dict.fromkeys([*identity, *self.profiles.headings, *headings, *limits, *self.keep, *first]))


class Reject(NamedTuple):
    """Something about a row that is not understood: a cell, or a finding that is contradictory (then without a column).

    ``row`` is the number of the row as a person counts it. ``cell`` is the user's own text, which goes into the file of rejects
    and nowhere else.
    """

    file: str
    row: int
    id: str
    column: str
    finding: str
    cell: str
    problem: str
    mend: str


_CONTRADICTORY = (
    "what the table says of it and what other findings of the row imply contradict each other; it counts as unknown"
)
_MOST_NAMED = 4


def connected(rules: Rules, columns: Sequence[Column], finding: str) -> tuple[Column, ...]:
    """The column of a finding first, if there is one, and those of the findings from which it follows."""
    seen = {finding}
    left = [finding]
    while left:
        name = left.pop()
        definition = rules.findings[name].definition
        used = [] if definition is None else [leaf.finding for leaf in leaves(definition)]
        more = {*rules.parts.get(name, ()), *used} - seen
        seen |= more
        left += more
    return tuple(sorted([column for column in columns if column.finding in seen], key=lambda column: column.finding != finding))


def contradiction(file: str, row: int, identity: str, finding: str, cells: Sequence[tuple[Column, str]]) -> Reject:
    """The reject of a finding that contradicts others; ``cells`` are those of the connected columns."""
    heading, cell = next(((column.heading, cell) for column, cell in cells if column.finding == finding), ("", ""))
    others = [f"'{quoted(column.heading)}'" for column, cell in cells if column.finding != finding and cell]
    shown = [*others[:_MOST_NAMED], *(["others"] if len(others) > _MOST_NAMED else [])]
    with_others = f" with {listed(shown, 'and')}" if shown else ""
    mend = f"look it up in the record{with_others}, and correct what is wrong"
    return Reject(file, row, identity, heading, finding, cell, _CONTRADICTORY, mend)


def fault_words(fault: int) -> tuple[str, str]:
    """What is wrong with a cell, and how to mend it."""
    return FAULTS[Fault(fault)]
