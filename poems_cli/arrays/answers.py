"""Everything that is answered of the rows of a batch, as columns of Arrow, and what is counted of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from poems_cli.arrays.columns import Columns, among
from poems_cli.arrays.counts import Counts, Details
from poems_cli.arrays.expressions import Translator
from poems_cli.arrays.mimics import MimicRanks
from poems_cli.arrays.planes import Plane, count, rows_of, unpacked
from poems_cli.arrays.program import Program, Run, Value
from poems_cli.arrays.reading import BatchReader, FaultyCells
from poems_cli.arrays.states import RowSteps, StateSteps, coded
from poems_cli.engine.answer_columns import MIMICS, AnswerColumn
from poems_cli.engine.criteria import conditions
from poems_cli.engine.steps_to_met import Steps
from poems_cli.engine.table_findings import resolve, warnings_of
from poems_cli.model import LABEL, All, AnyOf, AtLeast, CriteriaSet, RedFlag, Rules, Score
from poems_cli.tables.columns import Column

Key = TypeVar("Key")
_VERDICTS = pa.array(["undetermined", "met", "not met"])


class Condition(NamedTuple):
    """One condition of a level, with the elements that it counts."""

    value: Value
    elements: tuple[Value, ...]


class SetValues(NamedTuple):
    """A criteria set: its levels from the highest down, each with its conditions, and the verdict."""

    verdict: Value
    levels: tuple[tuple[str, Value], ...]
    conditions: tuple[Condition, ...]
    of_highest: int


class Asked(NamedTuple):
    """What is to be answered: the criteria sets, the default one first; the columns; whether steps and details are counted."""

    criteria: tuple[str, ...]
    columns: tuple[AnswerColumn, ...]
    steps: bool = True
    details: bool = False


class Answered(NamedTuple):
    """The answer of a batch: a column for each one asked for, but the id; what was counted; what is not understood.

    ``contradictions`` are the findings that contradict themselves, each with the rows, from 0. ``steps_left`` are the steps to
    met of the rows of which the default set is open and can still be met, -1 for all others; ``None`` where that is not asked
    for.
    """

    columns: Mapping[str, pa.Array]
    counts: Counts
    faulty: tuple[FaultyCells, ...]
    contradictions: tuple[tuple[str, npt.NDArray[np.intp]], ...]
    steps_left: npt.NDArray[np.int32] | None


class Answerer:
    """Answers batches of one table. Several threads may use it at the same time."""

    def __init__(self, rules: Rules, columns: Sequence[Column], asked: Asked) -> None:
        """``columns`` are those that are read as findings."""
        self.rules = rules
        self.asked = asked
        self.findings = tuple([column.finding for column in columns])
        self._reader = BatchReader(rules, columns)
        self._program = Program()
        kinds = {finding.id: finding.kind for finding in rules.findings.values()}
        translator = Translator(self._program, {column.finding: column for column in columns}, kinds, {})
        resolved = resolve(rules, translator)
        translator = translator.with_values(resolved.values)
        self.sets = {set_id: set_values(rules.criteria[set_id], translator) for set_id in asked.criteria}
        self.warnings = warnings_of(rules, translator, resolved)
        self.red_flags = [(flag, translator.value(flag.when)) for flag in rules.red_flags] if LABEL in self.findings else []
        self.contradictory = resolved.contradictory
        kinds_asked = {column.kind for column in asked.columns}
        needs_steps = asked.steps or not kinds_asked.isdisjoint(("steps", "test"))
        self.steps = StateSteps(rules, rules.criteria[asked.criteria[0]], translator) if needs_steps else None
        self.mimics = MimicRanks(rules, translator, MIMICS) if "mimic" in kinds_asked else None
        self._program.keep(self._needed())

    def _needed(self) -> Iterator[Value]:
        """The values that are looked at once the program has run."""
        for values in self.sets.values():
            yield values.verdict
            yield from (value for _, value in values.levels)
            for condition in values.conditions:
                yield from (condition.value, *condition.elements)
        yield from self.warnings.values()
        yield from (value for _, value in self.red_flags)
        yield from self.contradictory.values()
        yield from () if self.steps is None else self.steps.values()
        yield from () if self.mimics is None else self.mimics.values()

    def answer(self, cells: Mapping[str, pa.Array], rows: int) -> Answered:
        """The answer of a batch; ``cells`` are its columns by heading."""
        return self.answered(*self._reader.read(cells, rows))

    def answered(self, columns: Columns, faulty: tuple[FaultyCells, ...] = ()) -> Answered:
        """The answer of rows that were read already, and what of them was not understood."""
        return _Batch(self, self._program.run(columns), columns, faulty).answered()


class _Batch:
    """One batch, of which the program has run."""

    def __init__(self, answerer: Answerer, run: Run, columns: Columns, faulty: tuple[FaultyCells, ...]) -> None:
        self._answerer = answerer
        self._run = run
        self._columns = columns
        self._faulty = faulty
        self._default = run.truths(answerer.sets[answerer.asked.criteria[0]].verdict)
        self._steps = None if answerer.steps is None else answerer.steps.steps(run)
        self._ranks = [] if answerer.mimics is None else answerer.mimics.ranked(run)
        self._warnings = self._planes(answerer.warnings)
        self._contradictions = self._planes(answerer.contradictory)
        self._flags = dict(self._flagged())

    def answered(self) -> Answered:
        """The answer."""
        asked, rows = self._answerer.asked, self._run.rows
        columns = {column.name: self._column(column) for column in asked.columns if column.kind != "id"}
        contradictions = tuple([(finding, rows_of(plane, rows)) for finding, plane in self._contradictions.items()])
        return Answered(columns, self._counts(), self._faulty, contradictions, self._steps_left())

    def _planes(self, values: Mapping[str, Value]) -> dict[str, Plane]:
        """The rows in which each of some things holds, of those that hold in any."""
        planes = {name: self._run.truths(value).true for name, value in values.items()}
        return {name: plane for name, plane in planes.items() if plane.any()}

    def _flagged(self) -> Iterator[tuple[str, Plane]]:
        """The red flags of rows that carry one of their labels."""
        labels = self._columns.chosen.get(LABEL)
        for flag, value in self._answerer.red_flags:
            plane = self._run.truths(value).true & among(labels, _labels(self._answerer.rules, flag)).true if labels else None
            if plane is not None and plane.any():
                yield flag.id, plane

    def _column(self, column: AnswerColumn) -> pa.Array:
        """One column of the answer."""
        match column.kind:
            case "verdict":
                verdict = self._run.truths(self._answerer.sets[column.criteria].verdict)
                return self._worded(
                    unpacked(verdict.true, self._run.rows) + 2 * unpacked(verdict.false, self._run.rows), _VERDICTS
                )
            case "level":
                return self._level(self._answerer.sets[column.criteria])
            case "present" | "unknown":
                elements = self._answerer.sets[column.criteria].conditions[column.place].elements
                return pa.array(self._counted(elements, column.kind == "present").astype(np.int32))
            case "steps":
                return self._of_steps(lambda steps: steps.number, pa.int32())
            case "test":
                return self._of_steps(lambda steps: steps.test, pa.string())
            case "red_flags":
                return self._ids(self._flags)
            case "warnings":
                return self._ids(self._warnings)
            case "contradictions":
                return self._ids(self._contradictions)
            case "not_understood":
                return pa.array(self._not_understood())
            case _:
                ids = () if self._answerer.mimics is None else self._answerer.mimics.ids
                return self._worded(self._ranks[column.place], pa.array(ids, pa.string()))

    def _worded(self, places: npt.NDArray[np.generic], words: pa.Array) -> pa.Array:
        """Words by their places in a list, in which nothing may be one of them."""
        indices = places.astype(np.int32)
        if not words.null_count:
            return pa.DictionaryArray.from_arrays(pa.array(indices), words)
        is_nothing = words.is_null().to_numpy(zero_copy_only=False)
        return pa.DictionaryArray.from_arrays(pa.array(indices, mask=is_nothing[indices]), words.fill_null(""))

    def _level(self, values: SetValues) -> pa.Array:
        """The highest level that is met."""
        place = np.zeros(self._run.rows, np.int32)
        for number, (_, level) in reversed(list(enumerate(values.levels, 1))):
            place = np.where(unpacked(self._run.truths(level).true, self._run.rows), np.int32(number), place)
        return self._worded(place, pa.array([None, *[level for level, _ in values.levels]], pa.string()))

    def _counted(self, elements: Iterable[Value], present: bool) -> npt.NDArray[np.uint8]:
        """How many of some elements are present, or unknown, in each row."""
        number = np.zeros(self._run.rows, np.uint8)
        for element in elements:
            truths = self._run.truths(element)
            plane = truths.true if present else self._run.full & ~truths.known
            if plane.any():
                number += unpacked(plane, self._run.rows)
        return number

    def _of_steps(self, part: Callable[[Steps], int | str | None], kind: pa.DataType) -> pa.Array:
        """A part of the steps of each row."""
        steps = self._steps or RowSteps(np.zeros(self._run.rows, np.int32), (Steps(None, None),))
        words = pa.array([part(row_steps) for row_steps in steps.steps], kind)
        if not pa.types.is_string(kind):
            return words.take(pa.array(steps.places))
        distinct = words.dictionary_encode("encode")
        return self._worded(distinct.indices.to_numpy()[steps.places], distinct.dictionary)

    def _ids(self, planes: Mapping[str, Plane]) -> pa.Array:
        """The ids that hold in each row, joined by semicolons; nothing where none does."""
        names = list(planes)
        places, words = coded(list(planes.values()), self._run.rows)
        texts = [";".join(names[bit] for bit in range(len(names)) if word >> bit & 1) or None for word in words]
        return self._worded(places, pa.array(texts, pa.string()))

    def _not_understood(self) -> npt.NDArray[np.int32]:
        """How many cells of each row are not understood."""
        number = np.zeros(self._run.rows, np.int32)
        for faulty in self._faulty:
            number[faulty.rows] += 1
        return number

    def _steps_left(self) -> npt.NDArray[np.int32] | None:
        if self._steps is None:
            return None
        left = np.array([-1 if steps.number is None else steps.number for steps in self._steps.steps], np.int32)[
            self._steps.places
        ]
        return np.where(unpacked(self._default.known, self._run.rows), np.int32(-1), left)

    def _counts(self) -> Counts:
        """What is counted of the batch."""
        rows = self._run.rows
        counts = Counts(rows=rows)
        for set_id, values in self._answerer.sets.items():
            for level, value in (("", values.verdict), *values.levels):
                truths = self._run.truths(value)
                true, false = count(truths.true), count(truths.false)
                counts.verdicts[set_id, level] = _counter({True: true, False: false, None: rows - true - false})
            left = self._run.full
            for level, value in values.levels:
                met = self._run.truths(value).true & left
                left = left & ~met
                counts.highest[set_id, level] = count(met)
        if self._steps is not None:
            is_open = unpacked(self._run.full & ~self._default.known, rows).astype(np.bool_)
            numbers = np.bincount(self._steps.places[is_open], minlength=len(self._steps.steps))
            for steps, number in zip(self._steps.steps, numbers.tolist(), strict=True):
                if number:
                    counts.steps[steps.number, steps.test] += number
        counts.red_flags = _counter({name: count(plane) for name, plane in self._flags.items()})
        counts.warnings = _counter({name: count(plane) for name, plane in self._warnings.items()})
        counts.contradictions = _counter({name: count(plane) for name, plane in self._contradictions.items()})
        counts.contradictory_rows = count(_any(list(self._contradictions.values()), self._run))
        counts.faulty_rows = int(np.count_nonzero(self._not_understood()))
        for faulty in self._faulty:
            for fault, number in zip(*np.unique(faulty.faults, return_counts=True), strict=True):
                counts.faults[faulty.column.heading, faulty.column.finding, int(fault)] += int(number)
        counts.known = _counter({finding: count(self._columns.known(finding)) for finding in self._answerer.findings})
        if self._answerer.asked.details:
            counts.details = self._details()
        return counts

    def _details(self) -> Details:
        """What a report shows beyond the summary."""
        default = self._answerer.sets[self._answerer.asked.criteria[0]]
        details = Details()
        numbers = np.zeros(self._run.rows, np.int64)
        bases = []
        for condition in default.conditions[: default.of_highest]:
            base = len(condition.elements) + 1
            numbers = numbers * base + self._counted(condition.elements, True)
            bases.append(base)
        for number, rows in zip(*np.unique(numbers, return_counts=True), strict=True):
            details.conditions[_digits(int(number), bases)] += int(rows)
        labels = self._columns.chosen.get(LABEL)
        for label in self._answerer.rules.labels if labels else ():
            carried = among(labels, (label,)).true if labels else self._run.empty
            details.labels[label] = count(carried)
            flags = [flag for flag, _ in self._answerer.red_flags if label in flag.labels and flag.id in self._flags]
            details.flagged.update({(label, flag.id): count(carried & self._flags[flag.id]) for flag in flags})
        details.labels, details.flagged = +details.labels, +details.flagged
        return details


def _any(planes: Sequence[Plane], run: Run) -> Plane:
    return np.bitwise_or.reduce(planes) if planes else run.empty


def _counter(numbers: Mapping[Key, int]) -> Counter[Key]:
    return Counter({key: number for key, number in numbers.items() if number})


def _digits(number: int, bases: Sequence[int]) -> tuple[int, ...]:
    """A number taken apart, the last base first."""
    digits = []
    for base in reversed(bases):
        number, digit = divmod(number, base)
        digits.append(digit)
    return tuple(reversed(digits))


def set_values(criteria: CriteriaSet, translator: Translator) -> SetValues:
    """A criteria set as values of the program."""
    levels: list[tuple[str, Value]] = []
    found: list[Condition] = []
    for level in criteria.levels:
        for condition in conditions(level.expression):
            parts = condition.children if isinstance(condition, (All, AnyOf, AtLeast, Score)) else (condition,)
            found.append(Condition(translator.value(condition), tuple([translator.value(part) for part in parts])))
        levels.append((level.id, translator.value(level.expression)))
    verdict = translator.logic.some([value for _, value in levels])
    return SetValues(verdict, tuple(levels), tuple(found), len(conditions(criteria.levels[0].expression)))


def _labels(rules: Rules, flag: RedFlag) -> tuple[str, ...]:
    return tuple([label for label in flag.labels if label in rules.labels])
