"""The engine for small tables, and the meaning of every other: each row by the program that answers one patient.

It starts sooner than a database does, and answers a thousand rows a second. Its answer is kept in memory until it is written.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from poems_cli.model import LABEL, Observed, Truth
from poems_cli.screening.counts import Counts, Details
from poems_cli.screening.plan import FORMULA_SIGNS, Plan, Reject, contradiction_reject, fault_reject
from poems_cli.screening.row_answer import RowAnswer, RowAnswerer, RowReader, Value
from poems_cli.tables.cells import CellReader
from poems_cli.tables.columns import Column
from poems_cli.tables.csv_line import csv_line
from poems_cli.tables.opening import text_rows
from poems_cli.tables.table_file import TableFile, positions

#: A control character as Python escapes it, behind whole pairs of backslashes; other engines write its digits in capitals.
_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u(00[01][0-9a-f])")


class PythonEngine:
    """Answers the tables of one plan, row by row."""

    name = "python"

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._answerer = RowAnswerer(plan.rules, plan.criteria, plan.asks_mimics)
        self._begin()

    def _begin(self) -> None:
        self._lines: list[tuple[int | None, list[Value]]] = []
        self._rejects: list[Reject] = []
        self._tally = _Tally(self._plan)

    def run(self, quick: bool, parallel: bool) -> Counts:  # noqa: ARG002  # there is one way to read, and it is careful
        """Answer every row anew. Raises :class:`TableError` where a table cannot be read."""
        self._begin()
        for table in self._plan.tables:
            self._screen(table)
        return self._tally.counts()

    def _screen(self, table: TableFile) -> None:
        plan = self._plan
        reader = self._reader(table)
        held = positions(table, plan.tables[0])
        identity = None if plan.table_map.id is None else held[plan.tables[0].headings.index(plan.table_map.id)]
        for number, cells in enumerate(text_rows(table), 1):
            observed, faults = reader.read(cells)
            answer = self._answerer.answer(observed)
            self._rejects += [fault_reject(table.name, number, one.column, one.fault) for one in faults]
            self._rejects += [contradiction_reject(table.name, number, one) for one in answer.contradictions]
            self._tally.add(answer, [(one.column, int(one.fault)) for one in faults], observed)
            named = str(self._tally.rows) if identity is None else cells[identity]
            if not plan.worklist or (answer.verdict(plan.default) is None and answer.steps.number is not None):
                values = [answer.value(one, self._safe(named), len(faults)) for one in plan.columns]
                self._lines.append((answer.steps.number, values))

    def _reader(self, table: TableFile) -> RowReader:
        plan = self._plan
        held = positions(table, plan.tables[0])
        headings = plan.tables[0].headings

        def at(heading: float | str | None) -> int | None:
            return held[headings.index(heading)] if isinstance(heading, str) else None

        readers = []
        for column in plan.table_map.columns:
            decimal = plan.decimal if plan.decimal != "." else None
            reader = CellReader(column, plan.rules.findings[column.finding], plan.units, decimal)
            readers.append((reader, held[headings.index(column.heading)], at(column.low), at(column.high)))
        return RowReader(readers)

    def _safe(self, identity: str | None) -> str | None:
        if self._plan.spreadsheet_safe and identity is not None and identity.startswith(tuple(FORMULA_SIGNS)):
            return f"'{identity}"
        return identity

    def write(self, path: str) -> int:
        """Write the answer, in the order of the rows or nearest to met first."""
        lines = self._lines
        if self._plan.worklist:
            lines = sorted(lines, key=lambda one: one[0] or 0)
        with open(path, "w", encoding="utf-8", newline="") as stream:
            self._write(stream, [values for _, values in lines])
        return len(lines)

    def _write(self, stream: IO[str], lines: Sequence[Sequence[Value]]) -> None:
        names = [one.name for one in self._plan.columns]
        if self._plan.form == "ndjson":
            for values in lines:
                line = json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False, separators=(",", ":"))
                stream.write(_ESCAPE.sub(lambda escape: f"{escape[1]}\\u{escape[2].upper()}", line) + "\n")
            return
        delimiter = "\t" if self._plan.form == "tsv" else ","
        stream.writelines([csv_line(one, delimiter) for one in (names, *lines)])

    def rejects(self) -> Iterator[Reject]:
        """What was not understood, and what contradicts itself, by row."""
        return iter(self._rejects)

    def fraction(self) -> float | None:
        """Not known: how many rows there are is seen when they are read."""
        return None

    def close(self) -> None:
        """Nothing is held outside this process."""


class _Tally:
    """Counts what is found."""

    def __init__(self, plan: Plan) -> None:
        self._default = plan.default
        self._labels = plan.rules.labels
        self._details = Details(Counter(), Counter(), Counter(), Counter()) if plan.counts_details else None
        self.rows = 0
        self._verdicts: dict[tuple[str, str], Counter[Truth]] = {}
        self._highest: Counter[tuple[str, str]] = Counter()
        self._steps: Counter[tuple[int | None, str | None]] = Counter()
        self._red_flags: Counter[str] = Counter()
        self._warnings: Counter[str] = Counter()
        self._contradictions: Counter[str] = Counter()
        self._contradictory_rows = 0
        self._faults: Counter[tuple[str, str, int]] = Counter()
        self._faulty_rows = 0
        for set_id in plan.criteria:
            for level in ("", *[one.id for one in plan.rules.criteria[set_id].levels]):
                self._verdicts[set_id, level] = Counter()

    def add(self, answer: RowAnswer, faults: Sequence[tuple[Column, int]], observed: Mapping[str, Observed]) -> None:
        """Count one row, of which so much is known."""
        self.rows += 1
        if self._details is not None:
            self._detail(self._details, answer, observed)
        for set_id, result in answer.criteria.items():
            self._verdicts[set_id, ""][answer.verdict(set_id)] += 1
            for level in result.levels:
                self._verdicts[set_id, level.id][level.value] += 1
            if result.level is not None:
                self._highest[set_id, result.level] += 1
        if answer.verdict(self._default) is None:
            self._steps[answer.steps.number, answer.steps.test] += 1
        self._red_flags.update(answer.red_flags)
        self._warnings.update(answer.warnings)
        self._contradictions.update(answer.contradictions)
        self._contradictory_rows += bool(answer.contradictions)
        self._faults.update([(column.heading, column.finding, fault) for column, fault in faults])
        self._faulty_rows += bool(faults)

    def _detail(self, details: Details, answer: RowAnswer, observed: Mapping[str, Observed]) -> None:
        groups = answer.criteria[self._default].levels[0].groups
        details.conditions[tuple([len(group.present) for group in groups])] += 1
        details.known.update(observed.keys())
        label = observed.get(LABEL)
        if isinstance(label, str) and label in self._labels:
            details.labels[label] += 1
            details.flagged.update([(label, flag) for flag in answer.red_flags])

    def counts(self) -> Counts:
        """What was counted."""
        return Counts(
            self.rows,
            self._verdicts,
            self._highest,
            self._steps,
            self._red_flags,
            self._warnings,
            self._contradictions,
            self._contradictory_rows,
            self._faults,
            self._faulty_rows,
            details=self._details,
        )
