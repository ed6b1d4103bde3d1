"""The state of one criteria set in a row as one whole number, which leads to the steps to met and the next test.

What would settle a set depends on the values of its literals alone, and often on less: of six findings of which one is enough,
which are still open, and of those that the same tests answer, how many. A table of millions of patients has few such states;
each is worked out once, by the engine that answers one patient, and looked up for all the others.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import TypeAlias

from poems_cli.engine.criteria import conditions
from poems_cli.engine.expressions import form_of
from poems_cli.engine.settling import Leaf, States
from poems_cli.engine.steps_to_met import NearestSteps, Steps
from poems_cli.model import AnyOf, AtLeast, CriteriaSet, Expression, Rules, Truth
from poems_cli.sql.expressions import Translator
from poems_cli.sql.open_group import OpenGroup
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import digits, is_open, joined
from poems_cli.sql.text import Rails, Term, Text

_BIG = 1 << 62
#: What the digit of a literal says.
_DIGITS: tuple[Truth, ...] = (None, True, False)


#: The values of some literals, by their places.
_Values: TypeAlias = tuple[tuple[int, Truth], ...]


class _LiteralDigit:
    """One literal as a digit of the code."""

    def __init__(self, place: int, term: Text | Rails) -> None:
        self._place = place
        self._term = term
        self.size = digits([term])[1]

    def times(self, worth: int) -> Text:
        """The SQL for so many times the digit."""
        return digits([self._term], worth)[0]

    def values(self, digit: int) -> _Values:
        """The value of the literal. Raises ValueError for a digit that no row has."""
        if digit >= len(_DIGITS):
            message = f"no row has {digit}"
            raise ValueError(message)
        return ((self._place, _DIGITS[digit]),)


class _GroupDigit:
    """The literals of which one is enough as a digit of the code."""

    def __init__(self, classes: Sequence[Sequence[int]], terms: Mapping[int, Term]) -> None:
        self._group = OpenGroup([[terms[place] for place in alike] for alike in classes])
        self._maybe = [[place for place in alike if terms[place] is not False] for alike in classes]
        self._never = tuple([(place, False) for alike in classes for place in alike if terms[place] is False])
        self.size = self._group.size
        self.times = self._group.times

    def values(self, digit: int) -> _Values:
        """The values of the literals in one of the states that the digit stands for; ValueError as above."""
        numbers = self._group.open_of(digit)
        if numbers is None:
            first, *rest = [place for alike in self._maybe for place in alike]
            return ((first, True), *[(place, False) for place in rest], *self._never)
        told = [
            (place, None if position < number else False)
            for number, alike in zip(numbers, self._maybe, strict=True)
            for position, place in enumerate(alike)
        ]
        return (*told, *self._never)


_Digit: TypeAlias = _LiteralDigit | _GroupDigit


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
        self._fixed: list[tuple[int, Truth]] = []
        self._digits = list(self._all_digits(criteria))
        self.size = prod(digit.size for digit in self._digits)
        if self.size >= _BIG:
            message = f"the set {criteria.id} has too many states for one number"
            raise OverflowError(message)
        self.value = self._code()

    def _code(self) -> Text | int:
        parts = [digit.times(worth) for worth, digit in self._worths()]
        return self._stages.add("state_code", joined(parts, self._stages.in_rails)) if parts else 0

    def _worths(self) -> Iterator[tuple[int, _Digit]]:
        worth = 1
        for digit in self._digits:
            yield worth, digit
            worth *= digit.size

    def steps(self, code: int) -> Steps:
        """The steps in the state that a code stands for. Raises ValueError for a code that no row has."""
        if code not in self._told:
            self._told[code] = self._nearest.steps(self._states(code))
        return self._told[code]

    def every(self) -> Iterator[tuple[int, Steps]]:
        """Every code that a row can have, with its steps."""
        told = [[worth * value for value in range(digit.size) if _occurs(digit, value)] for worth, digit in self._worths()]
        for parts in product(*told[::-1]):
            yield sum(parts), self.steps(sum(parts))

    def _states(self, code: int) -> States:
        """The values of the literals."""
        values: dict[int, Truth] = dict(self._fixed)
        for digit in self._digits:
            code, value = divmod(code, digit.size)
            values.update(digit.values(value))
        return tuple([values[place] for place in range(self._settler.size)])

    # --- digits -------------------------------------------------------------------------------------------------------

    def _all_digits(self, criteria: CriteriaSet) -> Iterator[_Digit]:
        """A digit for each group of which one is enough, and for each literal that is in none; all literals are told of."""
        every_one = [one for level in criteria.levels for one in conditions(level.expression)]
        distinct = {form_of(one): one for one in every_one}.values()
        used = Counter([place for one in distinct for place in self._settler.places(one)])
        left = dict.fromkeys(range(self._settler.size))
        for condition in distinct:
            places = self._group_of(condition)
            if places and all(used[place] == 1 for place in places):
                yield _GroupDigit(self._classes(places), {place: self._term(place) for place in places})
                for place in places:
                    left.pop(place)
        for place in left:
            term = self._term(place)
            if isinstance(term, Text | Rails):
                yield _LiteralDigit(place, term)
            else:
                self._fixed.append((place, term))

    def _group_of(self, node: Expression) -> list[int]:
        """The literals of a group of which one is enough, if it depends on nothing else."""
        places = self._alternatives(node)
        if places is None or isinstance(node, Leaf) or not len(set(places)) == len(places) == len(self._settler.places(node)):
            return []
        terms = [self._term(place) for place in places]
        return places if True not in terms and any(map(is_open, terms)) else []

    def _alternatives(self, node: Expression) -> list[int] | None:
        """The literals of which one is enough, also those of a group within the group; ``None`` where it is not so."""
        place = self._settler.place(node)
        if place is not None:
            return [place]
        if not isinstance(node, (AnyOf, AtLeast)) or (isinstance(node, AtLeast) and node.needed != 1):
            return None
        found: list[int] = []
        for child in node.children:
            places = self._alternatives(child)
            if places is None:
                return None
            found += places
        return found

    def _classes(self, places: Sequence[int]) -> list[list[int]]:
        """The literals of a group in classes of which only how many are open matters."""
        classes: dict[object, list[int]] = {}
        for place in places:
            classes.setdefault(self._nearest.kind(place), []).append(place)
        return list(classes.values())

    def _term(self, place: int) -> Term:
        """The value of a literal, as a column."""
        if place not in self._terms:
            term = self._translator.term(self._settler.leaf(place))
            self._terms[place] = self._stages.define(f"state__{place}", term)
        return self._terms[place]


def _occurs(digit: _Digit, value: int) -> bool:
    try:
        digit.values(value)
    except ValueError:
        return False
    return True
