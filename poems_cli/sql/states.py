"""The steps to met and the next test of the default set, looked up by the number of the state that a row is in.

What would settle a set depends on the values of its literals alone, and for a group where one is enough, only on which are
still open. Each such state is worked out once, by the engine that answers one patient. Thousands of states have a few dozen
answers: a long text has, at the place that the number of a state says, the number of its answer. A join would say the same, but
Spark's planner does not come to an end over it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import product
from math import prod
from operator import add
from typing import NamedTuple, TypeAlias

from sqlglot import exp

from poems_cli.engine.criteria import conditions
from poems_cli.engine.expressions import Leaf, form_of
from poems_cli.engine.steps_to_met import NearestSteps, Steps
from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_USAGE
from poems_cli.model import AnyOf, AtLeast, CriteriaSet, Expression, Known, Rules, Truth
from poems_cli.sql import logic
from poems_cli.sql.columns import Columns
from poems_cli.sql.expressions import SqlAlgebra

#: A set with more states than this gets neither steps nor next tests.
MOST_STATES = 10_000

_MOST_ALTERNATIVES = 12
#: The values of some literals, by their places.
_Values: TypeAlias = dict[int, Truth]


class TooManyStatesError(PoemsError):
    """A criteria set has too many states for the steps and the next test of each to be listed."""

    def __init__(self, criteria: str) -> None:
        what = f"steps_to_met and next_test cannot be written for {criteria}, which has more than {MOST_STATES} states"
        super().__init__([Problem("--columns", what, "leave these columns out, or use poems screen")], EXIT_USAGE)
        self.remark = f"{what}: they are left out."


class _Digit(NamedTuple):
    """A part of the number of a state: its SQL, and what each of its numbers, from 0, says of the literals."""

    tree: exp.Expr
    meanings: Sequence[_Values]


class States:
    """The states of one criteria set in the rows of one table."""

    def __init__(self, rules: Rules, criteria: CriteriaSet, algebra: SqlAlgebra, columns: Columns) -> None:
        """Raises :class:`TooManyStatesError`."""
        self._nearest = NearestSteps(rules, criteria)
        settler = self._nearest.settler
        self._terms = [columns.define("literal", algebra.value(settler.leaf(place))) for place in range(settler.size)]
        digits = list(self._digits(criteria))
        if prod(len(digit.meanings) for digit in digits) > MOST_STATES:
            raise TooManyStatesError(criteria.id)
        found = list(self._found(digits))
        self._answers = list(dict.fromkeys(found))
        self._width = len(str(len(self._answers)))
        text = "".join(map(self._code, found))
        state = digits[0].tree if digits else logic.whole(0)
        for digit in digits[1:]:
            state = state * len(digit.meanings) + digit.tree
        at = state * self._width + 1
        self._answer = columns.define(
            "answer", exp.Substring(this=logic.string(text), start=at, length=logic.whole(self._width))
        )

    def _code(self, answer: Steps) -> str:
        return str(self._answers.index(answer)).zfill(self._width)

    def answer(self, kind: str) -> logic.Term:
        """The steps of a row, or its next test (``kind``); NULL where the set is settled, or nothing leads on."""
        words: dict[exp.Expr, list[str]] = {}
        for answer in self._answers:
            value = answer.number if kind == "steps" else answer.test
            if value is not None:
                words.setdefault(exp.convert(value), []).append(self._code(answer))
        return logic.cases(*[(logic.among(logic.written(self._answer), codes), word) for word, codes in words.items()])

    def _digits(self, criteria: CriteriaSet) -> Iterator[_Digit]:
        """A digit for each group where one is enough, and one for each literal outside such groups; constants need none."""
        settler = self._nearest.settler
        every = {form_of(part): part for level in criteria.levels for part in conditions(level.expression)}
        used = Counter([place for part in every.values() for place in settler.places(part)])
        left = [place for place in range(settler.size) if logic.is_open(self._terms[place])]
        for condition in every.values():
            places = self._alternatives(condition)
            varying = [place for place in places if place in left]
            is_apart = all(used[place] == 1 and self._terms[place] is not True for place in places)
            if is_apart and 1 < len(varying) <= _MOST_ALTERNATIVES:
                yield _group(varying, [logic.written(self._terms[place]) for place in varying])
                left = [place for place in left if place not in varying]
        for place in left:
            yield _literal(place, self._terms[place])

    def _alternatives(self, node: Expression) -> list[int]:
        """The literals where one is enough, with those of a group within the group; none for any other node."""
        if isinstance(node, Leaf) and not isinstance(node, Known):
            place = self._nearest.settler.place(node)
            return [] if place is None else [place]
        if not isinstance(node, (AnyOf, AtLeast)) or (isinstance(node, AtLeast) and node.needed != 1):
            return []
        within = [self._alternatives(child) for child in node.children]
        places = [place for places in within for place in places]
        return places if all(within) and sorted(places) == sorted(self._nearest.settler.places(node)) else []

    def _found(self, digits: Sequence[_Digit]) -> Iterator[Steps]:
        """The steps and the test of each state, in the order of their numbers."""
        fixed: _Values = {place: term for place, term in enumerate(self._terms) if not isinstance(term, exp.Expr)}
        for meanings in product(*[digit.meanings for digit in digits]):
            values = fixed.copy()
            for meaning in meanings:
                values.update(meaning)
            yield self._nearest.steps(tuple([values[place] for place in range(len(self._terms))]))


def _literal(place: int, term: logic.Term) -> _Digit:
    """One literal, which may never come to some of the three values."""
    truth, *rest = [value for value in (None, True, False) if value in logic.values_of(term)]
    conditions = [(term if value else logic.negated(term), logic.whole(number)) for number, value in enumerate(rest, 1)]
    digit = logic.cases(*conditions, otherwise=logic.whole(0))
    return _Digit(logic.written(digit), [{place: value} for value in (truth, *rest)])


def _group(places: Sequence[int], terms: Sequence[exp.Expr]) -> _Digit:
    """Alternatives where one is enough: 0 where one is present, else 1 and a bit for each that is open."""
    bits = [
        logic.written(logic.cases((logic.is_unknown(term), logic.whole(1 << bit)), otherwise=logic.whole(0)))
        for bit, term in enumerate(terms)
    ]
    digit = logic.cases((logic.some(terms), logic.whole(0)), otherwise=reduce(add, bits) + 1)
    one_present: _Values = {place: place == places[0] for place in places}
    none_present: list[_Values] = [
        {place: None if number >> bit & 1 else False for bit, place in enumerate(places)} for number in range(1 << len(places))
    ]
    return _Digit(logic.written(digit), [one_present, *none_present])
