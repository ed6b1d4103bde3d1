"""The state of one criteria set in a row as one whole number, which leads to the steps to met and the next test.

What would settle a set hangs on the values of its literals alone, and often on less: of six findings of which one is enough,
which are still open. A table of millions of patients has few such states; each is worked out once, by the engine that answers
one patient, and looked up for all the others.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from poems_cli.criteria import conditions
from poems_cli.model import AnyOf, AtLeast, CriteriaSet, Expression, Rules, Truth
from poems_cli.nearest_steps import NearestSteps, Steps
from poems_cli.settle import States
from poems_cli.sql.expressions import Translator, form_of
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import digits, is_open, joined, none_or_unknown
from poems_cli.sql.text import Rails, Term, Text, whole

_BIG = 1 << 62


class _Digit(NamedTuple):
    """One digit of the code: the literals with each value that it can have, and the SQL for so many times its value.

    A value that no row has has no literals.
    """

    values: tuple[tuple[tuple[int, Truth], ...], ...]
    times: Callable[[int], Text] = whole

    @property
    def size(self) -> int:
        """How many values it has."""
        return len(self.values)


class StateCode:
    """The code of one criteria set in the rows of one table."""

    def __init__(self, rules: Rules, criteria: CriteriaSet, translator: Translator, stages: Stages) -> None:
        """Raises OverflowError if the set has more states than a whole number of 62 bits."""
        self._nearest = NearestSteps(rules, criteria)
        self._settler = self._nearest.settler
        self._translator = translator
        self._stages = stages
        self._terms: dict[int, Term] = {}
        self._told: dict[int, Steps] = {}
        digits = list(self._all_digits(criteria))
        fixed = [digit.values[0] for digit in digits if digit.size == 1]
        self._fixed = tuple([one for literals in fixed for one in literals])
        self._digits = tuple([digit for digit in digits if digit.size > 1])
        self.size = prod(digit.size for digit in self._digits)
        if self.size >= _BIG:
            message = f"{criteria.id} has too many states for one number"
            raise OverflowError(message)
        self.value = self._code()

    def _code(self) -> Text | int:
        worth = 1
        parts: list[Text] = []
        for digit in self._digits:
            parts.append(digit.times(worth))
            worth *= digit.size
        return self._stages.add("state_code", joined(parts, self._stages.in_rails)) if parts else 0

    def steps(self, code: int) -> Steps:
        """The steps in the state that a code stands for."""
        if code not in self._told:
            self._told[code] = self._nearest.steps(self._states(code))
        return self._told[code]

    def every(self) -> Iterator[tuple[int, Steps]]:
        """Every code that a row can have, with its steps."""
        worth = 1
        told: list[list[int]] = []
        for digit in self._digits:
            told.append([value * worth for value, literals in enumerate(digit.values) if literals])
            worth *= digit.size
        for parts in product(*told[::-1]):
            yield sum(parts), self.steps(sum(parts))

    def _states(self, code: int) -> States:
        """The values of the literals."""
        values: dict[int, Truth] = dict(self._fixed)
        for digit in self._digits:
            code, value = divmod(code, digit.size)
            values.update(digit.values[value])
        return tuple([values[place] for place in range(self._settler.size)])

    # --- digits -------------------------------------------------------------------------------------------------------

    def _all_digits(self, criteria: CriteriaSet) -> Iterator[_Digit]:
        """A digit for each counted group, and for each literal that is in none; every literal is in one digit."""
        every_one = [one for level in criteria.levels for one in conditions(level.expression)]
        distinct = {form_of(one): one for one in every_one}.values()
        used = Counter([place for one in distinct for place in self._settler.places(one)])
        left = dict.fromkeys(range(self._settler.size))
        for condition in distinct:
            places = self._group_of(condition)
            if places and all(used[place] == 1 for place in places):
                yield self._group(places)
                for place in places:
                    left.pop(place)
        for place in left:
            yield self._literal(place)

    def _group_of(self, node: Expression) -> list[int]:
        """The literals of a group of which one is enough, if it hangs on nothing else."""
        if not isinstance(node, (AnyOf, AtLeast)) or (isinstance(node, AtLeast) and node.needed != 1):
            return []
        places = [place for place in map(self._settler.place, node.children) if place is not None]
        is_plain = len(set(places)) == len(node.children) == len(self._settler.places(node))
        terms = [self._term(place) for place in places]
        return places if is_plain and True not in terms and any(map(is_open, terms)) else []

    def _group(self, places: Sequence[int]) -> _Digit:
        """0 where one is present, else a number with a bit added for each that is unknown."""
        terms = {place: self._term(place) for place in places}
        maybe = [place for place in places if terms[place] is not False]
        bits = {place: 1 << number for number, place in enumerate(maybe)}
        _, first = none_or_unknown(terms.values())
        values: list[tuple[tuple[int, Truth], ...]] = [tuple([(place, place == maybe[0]) for place in places])]
        values += [()] * (first - 1)
        values += [
            tuple([(place, None if bits.get(place, 0) & pattern else False) for place in places])
            for pattern in range(1 << len(maybe))
        ]
        return _Digit(tuple(values), lambda worth: none_or_unknown(terms.values(), worth)[0])

    def _literal(self, place: int) -> _Digit:
        term = self._term(place)
        if not isinstance(term, Text | Rails):
            return _Digit((((place, term),),))
        _, base = digits([term])
        values: list[tuple[tuple[int, Truth], ...]] = [((place, value),) for value in (None, True, False)]
        return _Digit(tuple([*values, ()][:base]), lambda worth: digits([term], worth)[0])

    def _term(self, place: int) -> Term:
        """The value of a literal, as a column."""
        if place not in self._terms:
            term = self._translator.term(self._settler.leaf(place))
            self._terms[place] = self._stages.define(f"state__{place}", term)
        return self._terms[place]
