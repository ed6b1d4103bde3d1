"""What is to be answered, of which tables, and how: the same for every engine."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, Protocol, TypeAlias

from poems_cli.model import Rules
from poems_cli.screening.answer_columns import AnswerColumn
from poems_cli.screening.counts import Counts
from poems_cli.sql.cells import CellTranslator, EngineReads, Kind, SourceColumn
from poems_cli.tables.cells import FAULTS, Fault
from poems_cli.tables.columns import Column, TableMap
from poems_cli.tables.table_file import TableFile, column_names
from poems_cli.units import UnitTable

Form: TypeAlias = Literal["csv", "tsv", "parquet", "ndjson"]

#: What a spreadsheet takes for a formula at the beginning of a cell.
FORMULA_SIGNS = "=+-@\t\r"


class Plan(NamedTuple):
    """One screening, ready for an engine.

    The first of ``criteria`` is the default set. ``seen`` holds the cells of the first rows by heading, with how often each was
    there; ``spill`` is a folder for what does not fit into memory, which is the run's own; ``memory`` and ``threads`` are
    bounds, ``None`` for the engine's own. ``counts_steps`` is whether a summary tells who is how far from met,
    ``counts_details`` whether a report shows what a summary does not.
    """

    rules: Rules
    units: UnitTable
    tables: tuple[TableFile, ...]
    table_map: TableMap
    criteria: tuple[str, ...]
    columns: tuple[AnswerColumn, ...]
    decimal: str
    form: Form
    spill: str
    seen: Mapping[str, Counter[str]]
    packed: Literal["", "gzip", "zstd"] = ""
    worklist: bool = False
    spreadsheet_safe: bool = False
    counts_steps: bool = True
    counts_details: bool = False
    memory: str | None = None
    threads: int | None = None

    @property
    def default(self) -> str:
        """The criteria set for which the steps are counted."""
        return self.criteria[0]

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns of the tables are called inside, by the positions of the headings."""
        return column_names(self.tables[0])

    def name_of(self, heading: str) -> str:
        """What the column with a heading is called inside."""
        return self.names[self.tables[0].headings.index(heading)]

    @property
    def asks_steps(self) -> bool:
        """Whether any output depends on how far a row is from met."""
        return self.counts_steps or self.worklist or any(column.kind in ("steps", "test") for column in self.columns)

    @property
    def asks_mimics(self) -> bool:
        """Whether any of the columns tells mimics."""
        return any(column.kind == "mimic" for column in self.columns)

    def translator(self, engine: EngineReads, kinds: Mapping[str, Kind] | None = None) -> CellTranslator:
        """The SQL of the cells; ``kinds`` says of headings what an engine reads them as, where that is not what is stored."""
        sources = []
        for column in self.table_map.columns:
            kind = (kinds or {}).get(column.heading) or stored_kind(self.tables[0].types.get(column.heading))
            frequent = tuple([cell for cell, _ in self.seen.get(column.heading, Counter()).most_common(_MOST_FREQUENT)])
            sources.append(SourceColumn(column, self.name_of(column.heading), kind, frequent))
        limits = {heading: name for heading, name in zip(self.tables[0].headings, self.names, strict=True) if heading}
        return CellTranslator(self.rules, self.units, sources, limits, self.decimal, engine)

    def likely_kinds(self) -> dict[str, Kind]:
        """The headings of text columns whose cells seem to be plain truths or numbers, by the first rows.

        A guess of what is faster, never of a meaning: where one cell is not so, all are read as text.
        """
        kinds: dict[str, Kind] = {}
        for column in self.table_map.columns:
            kind = self.rules.findings[column.finding].kind
            is_text = column.heading not in self.tables[0].types and not column.values
            cells = self.seen.get(column.heading, Counter())
            if is_text and kind == "boolean" and all(cell.lower() in _PLAIN_TRUTHS for cell in cells):
                kinds[column.heading] = "boolean"
            elif is_text and kind == "quantity" and self.decimal == "." and all(map(_PLAIN_NUMBER.fullmatch, cells)):
                kinds[column.heading] = "number"
        return kinds


class Reject(NamedTuple):
    """Something about a row that is not understood: a cell, or a finding that is contradictory (then without a heading).

    ``row`` is the position below the heading, from 1.
    """

    file: str
    row: int
    heading: str
    finding: str
    problem: str
    mend: str


class Engine(Protocol):
    """What answers a table. Everything is worked out by ``run`` and nothing written; the rest takes it from there."""

    name: str

    def run(self, quick: bool, parallel: bool) -> Counts:
        """Answer every row anew.

        ``quick``: read what seems to be plain truths and numbers as such, and fail at a cell that is none; only then faster.
        ``parallel``: read CSV on several threads, which quotes within the table may forbid.
        """

    def write(self, path: str) -> int:
        """Write the answer as the plan's form, and say how many rows it has."""

    def rejects(self) -> Iterator[Reject]:
        """What was not understood, and what contradicts itself, by row."""

    def fraction(self) -> float | None:
        """How much is done, from 0 to 1; ``None`` where that is not known."""

    def close(self) -> None:
        """Give back everything that the engine holds."""


CONTRADICTORY = (
    "what is said of it and what follows from others contradict each other; it counts as unknown",
    "look both up in the record, and correct the one that is wrong",
)


def fault_reject(file: str, row: int, column: Column, fault: int) -> Reject:
    """The reject of a cell."""
    problem, mend = FAULTS[Fault(fault)]
    return Reject(file, row, column.heading, column.finding, problem, mend)


def contradiction_reject(file: str, row: int, finding: str) -> Reject:
    """The reject of a contradictory finding."""
    return Reject(file, row, "", finding, *CONTRADICTORY)


_MOST_FREQUENT = 8
#: Cells that engines read as truths, a part of those that mean one here; and the numbers that mean the same everywhere.
_PLAIN_TRUTHS = ("true", "false", "t", "f", "1", "0", "yes", "no", "y", "n")
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")


def stored_kind(stored: str | None) -> Kind:
    """What a column holds, by the type of an engine; single-precision numbers are read by their digits, as text is."""
    if stored is None:
        return "text"
    if stored == "BOOLEAN":
        return "boolean"
    return "number" if stored in (*_WHOLE, "DOUBLE") or stored.startswith("DECIMAL") else "other"
