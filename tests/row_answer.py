"""A table answered row by row, by the engine that answers one patient: the meaning to which the array engine is held."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import pyarrow as pa

from poems_cli.arrays.counts import Counts, Details
from poems_cli.engine.answer_columns import MIMICS, AnswerColumn
from poems_cli.engine.assess import Assessor
from poems_cli.engine.steps_to_met import NearestSteps, Steps
from poems_cli.model import LABEL, Assessment, CriteriaResult, Observed, Patient, Rules, Truth
from poems_cli.screening.answering import output_columns
from poems_cli.screening.plan import Plan, Reject, connected, contradiction, fault_words
from poems_cli.screening.writers import FORMULA_SIGNS
from poems_cli.tables.cells import CellReader, Fault
from poems_cli.tables.columns import Column
from poems_cli.tables.csv_text import records
from poems_cli.tables.odd_letters import unfit_ids
from poems_cli.tables.table_file import TableFile
from poems_cli.written_numbers import SPACE

Value: TypeAlias = str | int | None


class RowFault(NamedTuple):
    """A cell of a row that is not understood."""

    column: Column
    fault: Fault


class RowReader:
    """Reads the cells of a row by what each column holds."""

    def __init__(self, readers: Sequence[tuple[CellReader, int, int | None, int | None]]) -> None:
        """The reader of each column, with the places in a row of its cell and of the cells with the laboratory's own limits."""
        self._readers = readers

    def read(self, cells: Sequence[str | None]) -> tuple[dict[str, Observed], list[RowFault]]:
        """What is known of the row's findings, and the cells that are not understood."""
        observed: dict[str, Observed] = {}
        faults: list[RowFault] = []
        for reader, place, low, high in self._readers:
            value = reader.read(cells[place], None if low is None else cells[low], None if high is None else cells[high])
            if isinstance(value, Fault):
                faults.append(RowFault(reader.column, value))
            elif value is not None:
                observed[reader.finding.id] = value
        return observed, faults


class RowAnswer(NamedTuple):
    """Everything answered of one row."""

    criteria: dict[str, CriteriaResult]
    default: str
    steps: Steps
    red_flags: tuple[str, ...]
    warnings: tuple[str, ...]
    contradictions: tuple[str, ...]
    mimics: tuple[str, ...]

    def value(self, column: AnswerColumn, identity: str | None, not_understood: int) -> Value:
        """The value of a column of the answer."""
        match column.kind:
            case "id":
                return identity
            case "verdict":
                return self.criteria[column.criteria].verdict
            case "level":
                return self.criteria[column.criteria].level
            case "present" | "unknown":
                groups = [group for level in self.criteria[column.criteria].levels for group in level.groups]
                return len(groups[column.place].present if column.kind == "present" else groups[column.place].unknown)
            case "steps":
                return self.steps.number
            case "test":
                return self.steps.test
            case "not_understood":
                return not_understood
            case "mimic":
                return self.mimics[column.place] if column.place < len(self.mimics) else None
            case "red_flags":
                return ";".join(self.red_flags) or None
            case "warnings":
                return ";".join(self.warnings) or None
            case "contradictions":
                return ";".join(self.contradictions) or None

    def verdict(self, set_id: str) -> Truth:
        """The verdict of a set as a value."""
        return {"met": True, "not met": False, "undetermined": None}[self.criteria[set_id].verdict]


class RowAnswerer:
    """Answers rows by one set of rules."""

    def __init__(self, rules: Rules, criteria: Sequence[str], mimics: bool) -> None:
        # What is not asked for is not worked out: the mimics take most of the time of an answer.
        rules_asked = rules if mimics else rules._replace(mimics={}, mimic_criteria={}, profile=None)
        self._assessor = Assessor(rules_asked, criteria)
        self._nearest = NearestSteps(rules, rules.criteria[criteria[0]])
        self._default = criteria[0]

    def answer(self, observed: dict[str, Observed]) -> RowAnswer:
        """The whole answer to a row with these findings."""
        assessment = self._assessor.assess(Patient("", observed, {}))
        states = self._nearest.settler.states(assessment.facts)
        return _answer(assessment, self._nearest.steps(states)._replace(number=assessment.steps_to_met))


def _answer(assessment: Assessment, steps: Steps) -> RowAnswer:
    flags = assessment.red_flags.flags if assessment.red_flags else ()
    considered = [rival.row.id for rival in assessment.mimics if rival.row.status == "consider"]
    return RowAnswer(
        criteria=dict(assessment.criteria),
        default=assessment.default_criteria,
        steps=steps,
        red_flags=tuple([flag.id for flag, value in flags if value]),
        warnings=tuple([notice.id for notice in assessment.warnings]),
        contradictions=tuple([contradiction.finding for contradiction in assessment.facts.contradictions]),
        mimics=tuple(considered[:MIMICS]),
    )


class Expected(NamedTuple):
    """What is expected of a table: the text of the answer, what is counted, and the rejects."""

    text: str
    counts: Counts
    rejects: list[Reject]


def fit_id(cell: str | None) -> str | None:
    """An id without one that holds control characters."""
    return None if unfit_ids(pa.array([cell], pa.string())) else cell


def expected(plan: Plan) -> Expected:
    """The answer of the tables of a plan, in its first form."""
    answerer = RowAnswerer(plan.rules, plan.criteria, any(column.kind == "mimic" for column in plan.columns))
    tally, lines, rejects = Tally(plan), [], []
    for table in plan.tables:
        reader = _reader(plan, table)
        identity = None if plan.table_map.id is None else table.headings.index(plan.table_map.id)
        for number, cells in _rows(table):
            observed, faults = reader.read(cells)
            answer = answerer.answer(observed)
            named = str(tally.counts.rows + 1) if identity is None else fit_id(cells[identity])
            for fault in faults:
                where = (table.name, number, named or "", fault.column.heading, fault.column.finding)
                rejects.append(
                    Reject(*where, cells[table.headings.index(fault.column.heading)] or "", *fault_words(fault.fault))
                )
            for finding in answer.contradictions:
                columns = connected(plan.rules, plan.table_map.columns, finding)
                beside = [(column, cells[table.headings.index(column.heading)] or "") for column in columns]
                rejects.append(contradiction(table.name, number, named or "", finding, beside))
            tally.add(answer, [(fault.column, int(fault.fault)) for fault in faults], observed)
            if not plan.worklist or (answer.verdict(plan.default) is None and answer.steps.number is not None):
                safe = f"'{named}" if plan.spreadsheet_safe and (named or "").startswith(tuple(FORMULA_SIGNS)) else named
                values = [answer.value(column, safe, len(faults)) for column in plan.columns]
                if len(plan.tables) > 1:
                    at = next(place for place, column in enumerate(plan.columns) if column.kind == "id") + 1
                    values[at:at] = [table.name, number]
                lines.append((answer.steps.number, values))
    if plan.worklist:
        lines.sort(key=lambda line: line[0] or 0)
    return Expected(_text(plan, [values for _, values in lines]), tally.counts, rejects)


def _rows(table: TableFile) -> Iterator[tuple[int, list[str | None]]]:
    """The rows of a CSV table that are not blank, with their numbers as a sheet has them, blank ones counted."""
    with open(table.path, encoding="utf-8-sig", newline="") as stream:
        numbered = records(iter([stream.read()]), table.delimiter, table.line_end)
        for number, record in enumerate(numbered, 1):
            is_filled = len(table.headings) == 1 or any(cell.strip(SPACE) for cell in record.cells)
            if number > table.skip + 1 and is_filled:
                yield number, [cell or None for cell in record.cells or [""]]


def _reader(plan: Plan, table: TableFile) -> RowReader:
    def at(heading: float | str | None) -> int | None:
        return table.headings.index(heading) if isinstance(heading, str) else None

    readers = []
    for column in plan.table_map.columns:
        reader = CellReader(column, plan.rules.findings[column.finding], plan.rules.units)
        readers.append((reader, table.headings.index(column.heading), at(column.low), at(column.high)))
    return RowReader(readers)


def _text(plan: Plan, lines: Sequence[Sequence[Value]]) -> str:
    names = [column.name for column in output_columns(plan)]
    form = plan.outputs[0].form
    if form == "ndjson":
        return "".join(
            json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False, separators=(",", ":")) + "\n"
            for values in lines
        )
    return "".join([_csv_line(line, "\t" if form == "tsv" else ",") for line in (names, *lines)])


class Tally:
    """Counts what is found."""

    def __init__(self, plan: Plan) -> None:
        self._default = plan.default
        self._labels = plan.rules.labels
        self.counts = Counts(details=Details() if plan.counts_details else None)
        for set_id in plan.criteria:
            for level in ("", *[level.id for level in plan.rules.criteria[set_id].levels]):
                self.counts.verdicts[set_id, level] = Counter()

    def add(self, answer: RowAnswer, faults: Sequence[tuple[Column, int]], observed: Mapping[str, Observed]) -> None:
        """Count one row with these findings."""
        counts = self.counts
        counts.rows += 1
        if counts.details is not None:
            self._detail(counts.details, answer, observed)
        for set_id, result in answer.criteria.items():
            counts.verdicts[set_id, ""][answer.verdict(set_id)] += 1
            for level in result.levels:
                counts.verdicts[set_id, level.id][level.value] += 1
            if result.level is not None:
                counts.highest[set_id, result.level] += 1
        if answer.verdict(self._default) is None:
            counts.steps[answer.steps.number, answer.steps.test] += 1
        counts.red_flags.update(answer.red_flags)
        counts.warnings.update(answer.warnings)
        counts.contradictions.update(answer.contradictions)
        counts.contradictory_rows += bool(answer.contradictions)
        counts.faults.update([(column.heading, column.finding, fault) for column, fault in faults])
        counts.faulty_rows += bool(faults)
        counts.known.update(observed.keys())

    def _detail(self, details: Details, answer: RowAnswer, observed: Mapping[str, Observed]) -> None:
        groups = answer.criteria[self._default].levels[0].groups
        details.conditions[tuple([len(group.present) for group in groups])] += 1
        label = observed.get(LABEL)
        if isinstance(label, str) and label in self._labels:
            details.labels[label] += 1
            details.flagged.update([(label, flag) for flag in answer.red_flags])


def _csv_line(cells: Iterable[str | int | None], delimiter: str) -> str:
    """In quotes is what holds a quote, the delimiter or a line end; and a blank cell that is the only one."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    quoted = ['"' + cell.replace('"', '""') + '"' if set(cell) & {'"', delimiter, "\n", "\r"} else cell for cell in texts]
    return (delimiter.join(quoted) if texts != [""] else '""') + "\n"
