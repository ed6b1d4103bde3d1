"""A piece of a table -> its part of the answer: the work that every processor does, here or on a cluster."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from poems_cli.arrays.answers import Answered, Answerer, Asked
from poems_cli.arrays.counts import Counts
from poems_cli.model import Rules
from poems_cli.screening.plan import Plan, Reject, connected, contradiction, fault_words
from poems_cli.screening.reading_columns import ColumnProfiles
from poems_cli.screening.writers import FORMULA_SIGNS
from poems_cli.tables.batches import Batch, Load, as_text
from poems_cli.tables.odd_letters import unfit_ids
from poems_cli.tables.patient_rows import SetAside, patients_only
from poems_cli.tables.table_file import TableFile

#: Where a column of the output comes from: the answer, its ids in words, the place of the row, or the table itself.
Origin: TypeAlias = Literal["id", "file", "row", "answer", "label", "kept"]
_WORDS = pa.dictionary(pa.int32(), pa.string())
_LABELED = ("test", "mimic", "red_flags", "warnings", "contradictions")


class OutputColumn(NamedTuple):
    """One column that is written; ``source`` is the name of the answer's column, or the heading of a kept one."""

    name: str
    origin: Origin
    source: str
    kind: pa.DataType


class Rows(NamedTuple):
    """Of the rows of a table: what was set aside; how many ids hold what no id holds, and the first such row; the ids."""

    table: int
    aside: SetAside
    odd_ids: int = 0
    first_odd: int = 0
    ids: pa.Array | None = None


class Read(NamedTuple):
    """A piece that was read and answered, and its rows that are not patients."""

    batch: Batch
    answered: Answered
    aside: SetAside


class Part(NamedTuple):
    """The answer of some rows: the columns in order, what was counted, what was not understood.

    ``steps_left`` are the steps to met of rows that belong on a worklist, -1 for others. ``profiles`` say what its cells are.
    """

    answer: pa.RecordBatch
    counts: Counts
    rejects: Sequence[Reject]
    steps_left: npt.NDArray[np.int32] | None
    profiles: ColumnProfiles
    rows: Rows


class TableAnswerer:
    """Answers pieces of the tables of one plan. Several threads may use it at the same time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        asked = Asked(plan.criteria, plan.columns, plan.counts_steps or plan.worklist, plan.counts_details)
        self._answerer = Answerer(plan.rules, plan.table_map.columns, asked)
        self._columns = output_columns(plan)
        self._kinds = {column.name: column.kind for column in plan.columns}

    @property
    def wanted(self) -> tuple[str, ...]:
        """The headings of the columns that are read."""
        return self._plan.wanted

    @property
    def schema(self) -> pa.Schema:
        """The columns that are written."""
        return pa.schema([(column.name, column.kind) for column in self._columns])

    def read(self, load: Load, *, is_first: bool = False, is_last: bool = False) -> Read:
        """Read a piece and answer those of its rows that are patients; it is the first of its table, the last, or between."""
        loaded = load()
        batch, aside = patients_only(loaded, self._plan.table_map.id, is_first=is_first, is_last=is_last)
        aside = aside._replace(blank=aside.blank + loaded.blank)
        return self.read_whole(batch)._replace(aside=aside)

    def read_whole(self, batch: Batch) -> Read:
        """Answer every row of a batch, whatever it is."""
        return Read(batch, self._answerer.answer(batch.columns, batch.rows), SetAside())

    def part(self, table: int, read: Read, first: int) -> Part:
        """The answer of a piece of the table at position ``table``; ``first`` is the number of its first row among all rows."""
        plan, (batch, answered, aside) = self._plan, read
        odd: list[int] = []
        if plan.table_map.id is None:
            ids = pa.array(np.arange(first, first + batch.rows)).cast(pa.string())
        else:
            ids, odd = _plain_ids(as_text(batch.columns[plan.table_map.id]))
        columns = [self._column(column, plan.tables[table].name, batch, answered, ids) for column in self._columns]
        answer = pa.RecordBatch.from_arrays(columns, schema=self.schema)
        rejects = list(_rejects(plan, plan.tables[table], batch, answered, ids)) if plan.lists_rejects else []
        profiles = plan.profiles.empty()
        profiles.add(batch.columns)
        first_odd = int(batch.numbers[odd[0]]) if odd else 0
        seen = Rows(table, aside, len(odd), first_odd, None if plan.table_map.id is None else ids)
        return Part(answer, answered.counts, rejects, answered.steps_left, profiles, seen)

    def _column(self, column: OutputColumn, file: str, batch: Batch, answered: Answered, ids: pa.Array) -> pa.Array:
        match column.origin:
            case "id":
                return self._safe(ids)
            case "file":
                return pa.DictionaryArray.from_arrays(pa.array(np.zeros(batch.rows, np.int32)), pa.array([file]))
            case "row":
                return pa.array(batch.numbers)
            case "kept":
                return self._safe(as_text(batch.columns[column.source]))
            case "label":
                found = answered.columns[column.source]
                kind = self._kinds[column.source]
                words = [_labels(self._plan.rules, kind, text) for text in found.dictionary.to_pylist()]
                return pa.DictionaryArray.from_arrays(found.indices, pa.array(words, pa.string()))
            case "answer":
                return answered.columns[column.source]

    def _safe(self, texts: pa.Array) -> pa.Array:
        """Texts that no spreadsheet runs as a formula, where that was asked for."""
        if not self._plan.spreadsheet_safe:
            return texts
        odd = pc.match_substring_regex(texts, f"^[{re.escape(FORMULA_SIGNS)}]")
        return pc.if_else(odd, pc.binary_join_element_wise("'", texts, ""), texts)


def _plain_ids(ids: pa.Array) -> tuple[pa.Array, list[int]]:
    """The ids without those that hold control characters, and in which rows these are."""
    unfit = unfit_ids(ids)
    if not unfit:
        return ids, unfit
    is_fit = np.ones(len(ids), np.bool_)
    is_fit[unfit] = False
    return pc.if_else(pa.array(is_fit), ids, pa.scalar(None, ids.type)), unfit


def output_columns(plan: Plan) -> tuple[OutputColumn, ...]:
    """The columns that are written, in order; a kept one whose name another has already is called ``input_...``."""
    found: list[OutputColumn] = []
    for column in plan.columns:
        if column.kind == "id":
            found.append(OutputColumn(column.name, "id", column.name, pa.string()))
            if len(plan.tables) > 1:
                found.append(OutputColumn("file", "file", "", _WORDS))
                found.append(OutputColumn("row", "row", "", pa.int64()))
            continue
        found.append(OutputColumn(column.name, "answer", column.name, pa.int32() if column.is_count else _WORDS))
        if plan.labels and column.kind in _LABELED:
            found.append(OutputColumn(f"{column.name}_label", "label", column.name, _WORDS))
    names = {column.name for column in found}
    kept = [OutputColumn(f"input_{name}" if name in names else name, "kept", name, pa.string()) for name in plan.keep]
    return (*found, *kept)


def _labels(rules: Rules, kind: str, ids: str | None) -> str | None:
    """Ids, joined by semicolons, under the names that people use."""
    return "; ".join([_label(rules, kind, name) for name in ids.split(";")]) if ids else ids


def _label(rules: Rules, kind: str, name: str) -> str:
    match kind:
        case "test":
            return rules.tests[name].label
        case "mimic":
            return rules.mimics[name].name
        case "contradictions":
            return rules.findings[name].label
        case "red_flags":
            return next((flag.text for flag in rules.red_flags if flag.id == name), name)
        case _:
            if name.startswith("gray_zone:"):
                return f"gray zone: {rules.findings[name.removeprefix('gray_zone:')].label}"
            return next((warning.short or warning.text for warning in rules.warnings if warning.id == name), name)


def _rejects(plan: Plan, table: TableFile, batch: Batch, answered: Answered, ids: pa.Array) -> Iterator[Reject]:
    """What was not understood, and what contradicts itself, by row."""
    found: list[tuple[int, int, Reject]] = []
    for place, faulty in enumerate(answered.faulty):
        rows = pa.array(faulty.rows)
        named, texts = ids.take(rows).to_pylist(), as_text(batch.columns[faulty.column.heading]).take(rows).to_pylist()
        each = zip(faulty.rows.tolist(), faulty.faults.tolist(), named, texts, strict=True)
        for row, fault, identity, text in each:
            column = faulty.column
            number = table.row_of(column.heading, int(batch.numbers[row]))
            reject = Reject(table.name, number, identity or "", column.heading, column.finding, text or "", *fault_words(fault))
            found.append((row, place, reject))
    for place, (finding, rows_of_finding) in enumerate(answered.contradictions, len(answered.faulty)):
        rows = pa.array(rows_of_finding)
        columns = connected(plan.rules, plan.table_map.columns, finding)
        texts = [as_text(batch.columns[column.heading]).take(rows).to_pylist() for column in columns]
        for at, (row, identity) in enumerate(zip(rows_of_finding.tolist(), ids.take(rows).to_pylist(), strict=True)):
            cells = [(column, of_column[at] or "") for column, of_column in zip(columns, texts, strict=True)]
            found.append((row, place, contradiction(table.name, int(batch.numbers[row]), identity or "", finding, cells)))
    yield from (reject for _, _, reject in sorted(found, key=lambda each: each[:2]))
