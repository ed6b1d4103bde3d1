"""Answers as codes: what an engine keeps of each row, and how the columns of the answer are read from it.

A row of codes is some whole numbers. Few different ones occur in a table, however long it is; each is read once, here, by the
rules of one patient, and looked up for every row by the engine.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from poems_cli.engine.logic import at_least
from poems_cli.model import Rules, Truth
from poems_cli.screening.answer_columns import AnswerColumn
from poems_cli.screening.row_answer import Value
from poems_cli.sql.digits import Digits, of_counts, of_truths
from poems_cli.sql.query import Answers
from poems_cli.sql.stages import Stages
from poems_cli.sql.state_code import StateCode
from poems_cli.sql.text import Text

_MOST_LEVELS = 30  # of two bits each


class Pack(NamedTuple):
    """Some columns of the answer that one code tells. ``read`` gives the values of the columns that a code stands for.

    ``numbers`` are the columns themselves, where an engine can tell them without looking the code up; of a single column
    ``as_is`` says that the code is what stands in it.
    """

    columns: tuple[AnswerColumn, ...]
    code: Text | int
    read: Callable[[int], tuple[Value, ...]]
    numbers: tuple[Text | int, ...] = ()
    as_is: bool = False


class Packs:
    """The codes of everything that is answered of a row."""

    def __init__(self, rules: Rules, answers: Answers, criteria: Sequence[str], stages: Stages) -> None:
        self._rules = rules
        self._answers = answers
        self._in_rails = stages.in_rails
        #: The levels of some sets each, which are as many as one number holds.
        self.verdicts: list[tuple[Sequence[str], Digits]] = []
        for part in _parts(answers, criteria):
            levels = [value for set_id in part for _, value in answers.sets[set_id].levels]
            name = f"verdicts__code_{len(self.verdicts) + 1}" if self.verdicts else "verdicts__code"
            self.verdicts.append((part, of_truths(levels, name, stages)))
        self._counts = {set_id: self._count_digits(set_id, stages) for set_id, one in answers.sets.items() if one.groups}

    def _count_digits(self, set_id: str, stages: Stages) -> Digits:
        groups = self._answers.sets[set_id].groups
        counts = [count for group in groups for count in (group.present, group.unknown)]
        most = [group.elements for group in groups for _ in range(2)]
        return of_counts(counts, most, f"{set_id}__counts", stages)

    # --- what codes say -----------------------------------------------------------------------------------------------

    def levels(self, sets: Sequence[str], verdicts: Digits, code: int) -> Mapping[tuple[str, str], Truth]:
        """The value of each of some sets, under ``(set, "")``, and of each of its levels, by one of :attr:`verdicts`."""
        truths = iter(verdicts.read(code))
        found: dict[tuple[str, str], Truth] = {}
        for set_id in sets:
            ids = [level.id for level in self._rules.criteria[set_id].levels]
            values = [_truth(next(truths)) for _ in ids]
            found[set_id, ""] = at_least(1, values)
            found |= {(set_id, level): value for level, value in zip(ids, values, strict=True)}
        return found

    def _verdict_words(
        self, columns: Sequence[AnswerColumn], sets: Sequence[str], verdicts: Digits
    ) -> Callable[[int], tuple[Value, ...]]:
        def read(code: int) -> tuple[Value, ...]:
            found = self.levels(sets, verdicts, code)
            return tuple([_verdict_word(found, one) for one in columns])

        return read

    def _count_words(self, columns: Sequence[AnswerColumn]) -> Callable[[int], tuple[Value, ...]]:
        digits = self._counts[columns[0].criteria]

        def read(code: int) -> tuple[Value, ...]:
            counts = digits.read(code)
            return tuple([counts[_place(one)] for one in columns])

        return read

    def _step_words(self, columns: Sequence[AnswerColumn], state: StateCode) -> Callable[[int], tuple[Value, ...]]:
        def read(code: int) -> tuple[Value, ...]:
            steps = state.steps(code)
            return tuple([steps.number if one.kind == "steps" else steps.test for one in columns])

        return read

    def _mimic_words(self, _: Sequence[AnswerColumn]) -> Callable[[int], tuple[Value, ...]]:
        ranks = self._answers.mimics

        def read(code: int) -> tuple[Value, ...]:
            return (ranks.ids[code % ranks.modulus] or None if ranks is not None else None,)

        return read

    def presents(self, set_id: str) -> Digits:
        """How many elements of each condition of a set are present, and unknown, as the digits of a code."""
        return self._counts[set_id]

    # --- packs of columns ---------------------------------------------------------------------------------------------

    def of(self, columns: Sequence[AnswerColumn]) -> list[Pack | AnswerColumn]:
        """The columns in their order, neighbors that one code tells together; the id stands by itself."""
        packed: list[Pack | AnswerColumn] = []
        run: list[AnswerColumn] = []
        for one in [*columns, None]:
            if run and (one is None or self._key(one) != self._key(run[0])):
                packed.append(self._pack(tuple(run)))
                run = []
            if one is not None and one.kind == "id":
                packed.append(one)
            elif one is not None:
                run.append(one)
        return packed

    def _pack(self, columns: tuple[AnswerColumn, ...]) -> Pack:
        answers, kind = self._answers, columns[0].kind
        match kind:
            case "verdict" | "level":
                sets, verdicts = self._verdicts_of(columns[0].criteria)
                return Pack(columns, verdicts.value, self._verdict_words(columns, sets, verdicts))
            case "present" | "unknown":
                digits = self._counts[columns[0].criteria]
                numbers = [digits.number(_place(one)) for one in columns if self._in_rails]
                return Pack(columns, digits.value, self._count_words(columns), tuple(numbers))
            case "steps" | "test":
                if answers.state is None:  # else the columns would be told by another code
                    message = f"{columns[0].name} needs the state of the default set"
                    raise ValueError(message)
                return Pack(columns, answers.state.value, self._step_words(columns, answers.state))
            case "mimic":
                places = answers.mimics.places if answers.mimics is not None else ()
                code = places[columns[0].place] if columns[0].place < len(places) else 0
                return Pack(columns, code, self._mimic_words(columns))
            case "not_understood":
                return Pack(columns, answers.not_understood, lambda code: (code,), as_is=True)
            case _:
                masks = {"red_flags": answers.red_flags, "warnings": answers.warnings}.get(kind, answers.contradictions)
                return Pack(columns, masks.value, lambda code: (";".join(masks.ids_of(code)) or None,), as_is=masks.in_words)

    def _key(self, column: AnswerColumn) -> object:
        match column.kind:
            case "verdict" | "level":
                return tuple(self._verdicts_of(column.criteria)[0])
            case "present" | "unknown":
                return column.criteria
            case "steps" | "test":
                return "steps"
            case _:
                return column

    def _verdicts_of(self, set_id: str) -> tuple[Sequence[str], Digits]:
        return next((sets, verdicts) for sets, verdicts in self.verdicts if set_id in sets)

    def kept(self) -> dict[str, Text]:
        """The codes that differ from row to row, by the name of their column."""
        answers = self._answers
        codes = [*[one.value for _, one in self.verdicts], *[digits.value for digits in self._counts.values()]]
        codes += [answers.state.value] if answers.state is not None else []
        codes += [masks.value for masks in (answers.red_flags, answers.warnings, answers.contradictions)]
        codes += [answers.not_understood, *(answers.mimics.places if answers.mimics is not None else ())]
        codes += [answers.faults] if answers.faults is not None else []
        if answers.details is not None:
            codes += [masks.value for masks in (*answers.details.known, answers.details.labels)]
        return {next(iter(code.columns)): code for code in codes if isinstance(code, Text)}


def _parts(answers: Answers, criteria: Sequence[str]) -> Iterator[list[str]]:
    """The sets in order, in parts whose levels fit into one number."""
    part: list[str] = []
    room = _MOST_LEVELS
    for set_id in criteria:
        levels = len(answers.sets[set_id].levels)
        if part and levels > room:
            yield part
            part, room = [], _MOST_LEVELS
        part.append(set_id)
        room -= levels
    yield part


def _place(column: AnswerColumn) -> int:
    """Where a count stands among the counts of its set."""
    return 2 * column.place + (column.kind == "unknown")


def _truth(digit: int | Truth) -> Truth:
    return digit if isinstance(digit, bool) else None


def _verdict_word(found: Mapping[tuple[str, str], Truth], column: AnswerColumn) -> Value:
    if column.kind == "verdict":
        return {True: "met", False: "not met", None: "undetermined"}[found[column.criteria, ""]]
    return highest_level(found, column.criteria)


def highest_level(found: Mapping[tuple[str, str], Truth], criteria: str) -> str | None:
    """The highest level of a set that is met, if any is; levels run from the highest down."""
    return next((level for (set_id, level), value in found.items() if set_id == criteria and level and value), None)
