"""The rules as a program over columns: a list of steps, each of which makes the truths of one thing for all rows of a batch.

It is made once for a table. What occurs twice becomes one step, and what a table lacks is folded away: a value is a constant
(true, false, or ``None`` for unknown in every row) or the result of a step, perhaps negated.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from poems_cli.arrays import planes
from poems_cli.arrays.columns import Columns, compared
from poems_cli.arrays.planes import Truths
from poems_cli.engine.logic import at_least, binds, negation, score_range
from poems_cli.model import Compare, Truth


class Result(NamedTuple):
    """What a step makes, or the opposite of it."""

    step: int
    negated: bool = False


#: What an expression comes to: the same in every row, or what a step makes.
Value: TypeAlias = Truth | Result


class Said(NamedTuple):
    """What the table says of a finding that is present or absent."""

    finding: str


class Compared(NamedTuple):
    """A measured value against a limit from below (``above`` or ``at_least``), or a choice against words."""

    node: Compare


class ColumnKnown(NamedTuple):
    """Whether the table's own column makes a finding known."""

    finding: str


class Known(NamedTuple):
    """Whether a value is known."""

    value: Result


class Every(NamedTuple):
    """Kleene's and."""

    values: tuple[Result, ...]


class AtLeast(NamedTuple):
    """At least ``needed`` of some values that are not the same in every row."""

    needed: int
    values: tuple[Result, ...]


class Score(NamedTuple):
    """Whether a sum of points reaches what is needed; ``fixed`` is what the constants add at least and at most."""

    needed: float
    points: tuple[float, ...]
    values: tuple[Result, ...]
    fixed: tuple[float, float]


class Binds(NamedTuple):
    """True where the one holds and the other does not, false where only the other holds."""

    present: Value
    absent: Value


class Both(NamedTuple):
    """Whether two values are true at the same time; else false."""

    one: Result
    other: Result


class Differ(NamedTuple):
    """Whether two values are known and differ; else false."""

    one: Result
    other: Result


class FirstKnown(NamedTuple):
    """The first value where it is known, else the second."""

    first: Result
    second: Value


class Unless(NamedTuple):
    """A value, but unknown where something holds."""

    value: Value
    unknown_where: Result


class Agreed(NamedTuple):
    """The asserted value, where the derived one is the same."""

    said: Result
    value: Result


Step: TypeAlias = (
    Said | Compared | ColumnKnown | Known | Every | AtLeast | Score | Binds | Both | Differ | FirstKnown | Unless | Agreed
)


class Program:
    """The steps, in the order in which they run. Its methods add a step, unless the answer is known without one."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._places: dict[Hashable, int] = {}
        self._dropped: list[list[int]] = []

    def add(self, step: Step) -> Result:
        """The result of a step, which is added unless it is there."""
        key = (type(step), *step)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.steps)
            self.steps.append(step)
        return Result(place)

    def negated(self, value: Value) -> Value:
        """Kleene's not."""
        return value._replace(negated=not value.negated) if isinstance(value, Result) else negation(value)

    def every(self, values: Sequence[Value]) -> Value:
        """Kleene's and."""
        if False in values:
            return False
        open_values = tuple(dict.fromkeys([value for value in values if isinstance(value, Result)]))
        if None in values:
            # False where any is false, else unknown.
            falsity = self.every(open_values) if open_values else None
            return self.add(Binds(None, self.negated(falsity))) if isinstance(falsity, Result) else None
        if len(open_values) < 2:
            return open_values[0] if open_values else True
        return self.add(Every(open_values))

    def some(self, values: Sequence[Value]) -> Value:
        """Kleene's or."""
        return self.negated(self.every([self.negated(value) for value in values]))

    def at_least(self, needed: int, values: Sequence[Value]) -> Value:
        """At least ``needed`` of the values."""
        if needed >= len(values):
            return self.every(values) if needed == len(values) else False
        if needed <= 1:
            return self.some(values) if needed == 1 else True
        if not any(isinstance(value, Result) for value in values):
            return at_least(needed, [value for value in values if not isinstance(value, Result)])
        needed -= sum(value is True for value in values)
        values = [value for value in values if value is not True and value is not False]
        unknown = sum(value is None for value in values)
        open_values = tuple([value for value in values if isinstance(value, Result)])
        if unknown:
            # Between "enough without the unknown ones" and "enough with all of them".
            surely = self.at_least(needed, open_values)
            maybe = self.at_least(needed - unknown, open_values)
            return self._between(surely, maybe)
        if needed <= 1 or needed >= len(open_values):
            return self.at_least(needed, open_values)
        return self.add(AtLeast(needed, open_values))

    def _between(self, surely: Value, maybe: Value) -> Value:
        """True where ``surely`` holds, false where even ``maybe`` does not."""
        if not isinstance(surely, Result) and not isinstance(maybe, Result):
            return True if surely else False if maybe is False else None
        return self.add(Binds(surely, self.negated(maybe)))

    def score(self, needed: float, points: Sequence[float], values: Sequence[Value]) -> Value:
        """A sum of points against what is needed."""
        pairs = list(zip(points, values, strict=True))
        constant = [(worth, value) for worth, value in pairs if not isinstance(value, Result)]
        fixed = score_range([worth for worth, _ in constant], [value for _, value in constant])
        counted = [(worth, value) for worth, value in pairs if isinstance(value, Result)]
        if not counted:
            return True if fixed[0] >= needed else None if fixed[1] >= needed else False
        return self.add(Score(needed, tuple([worth for worth, _ in counted]), tuple([value for _, value in counted]), fixed))

    def binds(self, present: Value, absent: Value) -> Value:
        """Present where the one holds, absent where the other does."""
        if isinstance(present, Result) or isinstance(absent, Result):
            return self.add(Binds(present, absent))
        return binds(present, absent)

    def is_known(self, value: Value) -> Value:
        """Whether a value is known: never unknown."""
        return self.add(Known(value._replace(negated=False))) if isinstance(value, Result) else value is not None

    def holds(self, value: Value) -> Value:
        """Whether a value is true: never unknown."""
        return self.add(Both(value, value)) if isinstance(value, Result) else value is True

    def both(self, one: Value, other: Value) -> Value:
        """Whether both are true: never unknown."""
        if isinstance(one, Result) and isinstance(other, Result):
            return self.add(Both(one, other))
        if one is True or other is True:
            return self.holds(other if one is True else one)
        return False

    def differ(self, one: Value, other: Value) -> Value:
        """Whether both are known and differ: never unknown."""
        if isinstance(one, Result) and isinstance(other, Result):
            return self.add(Differ(one, other))
        if isinstance(one, Result) or isinstance(other, Result):
            value, constant = (one, other) if isinstance(one, Result) else (other, one)
            return False if constant is None else self.holds(self.negated(value) if constant else value)
        return one is not None and other is not None and one is not other

    def first_known(self, first: Value, second: Value) -> Value:
        """The first where it is known, else the second."""
        if not isinstance(first, Result):
            return second if first is None else first
        return first if second is None else self.add(FirstKnown(first, second))

    def unless(self, value: Value, unknown_where: Value) -> Value:
        """A value, but unknown where something holds; ``unknown_where`` is never unknown."""
        if isinstance(unknown_where, Result):
            return None if value is None else self.add(Unless(value, unknown_where))
        return None if unknown_where else value

    def agreed(self, said: Value, value: Value) -> Value:
        """The asserted value, where the derived one is the same."""
        return self.add(Agreed(said, value)) if isinstance(said, Result) and isinstance(value, Result) else None

    def keep(self, values: Iterable[Value]) -> None:
        """Say which values are asked for: the results of other steps are dropped once nothing needs them any more."""
        last = {place: place for place in range(len(self.steps))}
        for place, step in enumerate(self.steps):
            last.update(dict.fromkeys(_used(step), place))
        kept = {value.step for value in values if isinstance(value, Result)}
        self._dropped = [[] for _ in self.steps]
        for place, user in last.items():
            if place not in kept:
                self._dropped[user].append(place)

    def run(self, columns: Columns) -> "Run":
        """The truths of what is asked for, for the rows of these columns."""
        run = Run(columns)
        for place, step in enumerate(self.steps):
            run.results.append(run.made(step))
            for unneeded in self._dropped[place]:
                run.results[unneeded] = _DROPPED
        return run


def _used(step: Step) -> Iterator[int]:
    """The steps whose results a step uses."""
    for part in step:
        if isinstance(part, Result):
            yield part.step
        elif isinstance(part, tuple):
            yield from (value.step for value in part if isinstance(value, Result))


class Run:
    """The results of a program for one batch of rows."""

    def __init__(self, columns: Columns) -> None:
        self.rows = columns.rows
        self.results: list[Truths] = []
        self._columns = columns
        self.full = planes.full_plane(columns.rows)
        self.empty = planes.empty_plane(columns.rows)

    def truths(self, value: Value) -> Truths:
        """The truths of a value."""
        if isinstance(value, Result):
            found = self.results[value.step]
            return found.negated() if value.negated else found
        return Truths(self.full if value else self.empty, self.full if value is False else self.empty)

    def made(self, step: Step) -> Truths:
        """What a step makes of the results so far."""
        match step:
            case Said():
                return self._columns.said[step.finding]
            case Compared():
                return compared(step.node, self._columns)
            case ColumnKnown():
                return self._two_valued(self._columns.known(step.finding))
            case Known():
                return self._two_valued(self.truths(step.value).known)
            case Every():
                return planes.every([self.truths(value) for value in step.values])
            case AtLeast():
                given = [self.truths(value) for value in step.values]
                false = planes.reached([child.false for child in given], len(given) - step.needed + 1)
                return Truths(planes.reached([child.true for child in given], step.needed), false)
            case Score():
                return self._scored(step)
            case Binds():
                present, absent = self.truths(step.present).true, self.truths(step.absent).true
                return Truths(present & ~absent, absent & ~present)
            case Both():
                return self._two_valued(self.truths(step.one).true & self.truths(step.other).true)
            case Differ():
                one, other = self.truths(step.one), self.truths(step.other)
                return self._two_valued((one.true & other.false) | (one.false & other.true))
            case FirstKnown():
                first, second = self.truths(step.first), self.truths(step.second)
                return Truths(first.true | (second.true & ~first.false), first.false | (second.false & ~first.true))
            case Unless():
                value, where = self.truths(step.value), ~self.truths(step.unknown_where).true
                return Truths(value.true & where, value.false & where)
            case Agreed():
                said, value = self.truths(step.said), self.truths(step.value)
                return Truths(said.true & value.true, said.false & value.false)

    def _two_valued(self, holds: planes.Plane) -> Truths:
        return Truths(holds, self.full & ~holds)

    def _scored(self, step: Score) -> Truths:
        lowest, highest = np.full(self.rows, step.fixed[0]), np.full(self.rows, step.fixed[1])
        for worth, value in zip(step.points, step.values, strict=True):
            truths = self.truths(value)
            surely = planes.unpacked(truths.true, self.rows) * float(worth)
            maybe = planes.unpacked(self.full & ~truths.false, self.rows) * float(worth)
            lowest += surely if worth > 0 else maybe
            highest += maybe if worth > 0 else surely
        return Truths(planes.packed(lowest >= step.needed), planes.packed(highest < step.needed))


_DROPPED = Truths(np.empty(0, np.uint64), np.empty(0, np.uint64))
