"""From codes to words: what stands in the answer for each row, as SQL over the columns of the last stage."""

from collections.abc import Callable
from typing import NamedTuple

from poems_cli.engine.answer_columns import AnswerColumn
from poems_cli.sql.mimics import MimicRanks
from poems_cli.sql.notices import Masks
from poems_cli.sql.query import Answers
from poems_cli.sql.terms import cases, negated, written
from poems_cli.sql.text import Term, Text, string, text, whole


class Spoken(NamedTuple):
    """How codes become words in one engine: the steps and the next test from the code of a state, ids from masks."""

    steps: Callable[[Text | int], Term]
    test: Callable[[Text | int], Term]
    ids: Callable[[Masks], str]


class Worder:
    """Gives the SQL of each column of the answer."""

    def __init__(self, answers: Answers, default: str, spoken: Spoken) -> None:
        self._answers = answers
        self._default = answers.sets[default].verdict
        self._spoken = spoken

    def sql(self, column: AnswerColumn) -> str:
        """The SQL of a column; the id is the caller's."""
        answers = self._answers
        match column.kind:
            case "verdict":
                return verdict_words(answers.sets[column.criteria].verdict)
            case "level":
                levels = answers.sets[column.criteria].levels
                return _typed(cases(*[(value, Text(string(level), frozenset())) for level, value in levels]), "VARCHAR")
            case "present" | "unknown":
                group = answers.sets[column.criteria].groups[column.place]
                return _number(group.present if column.kind == "present" else group.unknown)
            case "steps":
                steps = cases((self._default, whole(0)), (self._is_not_met, None), otherwise=self._steps())
                return _typed(steps, "INTEGER")
            case "test":
                return _typed(cases((self._default, None), (self._is_not_met, None), otherwise=self._test()), "VARCHAR")
            case "red_flags":
                return self._spoken.ids(answers.red_flags)
            case "warnings":
                return self._spoken.ids(answers.warnings)
            case "contradictions":
                return self._spoken.ids(answers.contradictions)
            case "not_understood":
                return _number(answers.not_understood)
            case _:
                return _mimic(answers.mimics, column.place)

    @property
    def _is_not_met(self) -> Term:
        return negated(self._default)

    def _steps(self) -> Term:
        return self._spoken.steps(self._state)

    def _test(self) -> Term:
        return self._spoken.test(self._state)

    @property
    def _state(self) -> Text | int:
        return 0 if self._answers.state is None else self._answers.state.value


def verdict_words(verdict: Term) -> str:
    """A verdict in words."""
    met, not_met, undetermined = (Text(string(word), frozenset()) for word in ("met", "not met", "undetermined"))
    return written(cases((verdict, met), (negated(verdict), not_met), otherwise=undetermined))


def ids_of_bits(masks: Masks) -> str:
    """The ids whose bit is set, joined by semicolons; NULL where there is none."""
    if masks.in_words and isinstance(masks.value, Text):
        return masks.value.sql
    parts = [_id(name, 1 << bit, masks.value) for bit, name in enumerate(masks.ids)]
    if not parts:
        return "CAST(NULL AS VARCHAR)"
    joined = f"CONCAT({', '.join(parts)})" if len(parts) > 1 else parts[0]
    return f"CASE WHEN {_number(masks.value)} = 0 THEN NULL ELSE SUBSTR({joined}, 2) END"


def _id(name: str, bit: int, value: Text | int) -> str:
    word = string(f";{name}")
    if isinstance(value, int):
        return word if value & bit else "''"
    return f"CASE WHEN ({value.sql} & {bit}) <> 0 THEN {word} ELSE '' END"


def _number(count: Text | int) -> str:
    return count.sql if isinstance(count, Text) else str(count)


def _typed(term: Term, kind: str) -> str:
    """A term as SQL; a constant NULL has a type of its own, or a column of it would have none."""
    return written(term) if isinstance(term, Text) else f"CAST({written(term)} AS {kind})"


def _mimic(ranks: MimicRanks | None, place: int) -> str:
    if ranks is None or place >= len(ranks.places):
        return "CAST(NULL AS VARCHAR)"
    rest = text(f"MOD({{}}, {ranks.modulus})", ranks.places[place])
    words = " ".join(f"WHEN {number} THEN {string(name)}" for number, name in enumerate(ranks.ids) if name)
    return f"CASE {rest.sql} {words} ELSE NULL END"
