"""Numbers that are known only between two ends, as ``<31`` and ``>2000`` are: how one of them changed into another."""

from math import inf
from typing import NamedTuple

from poems_cli.engine.logic import plain_number
from poems_cli.model import Quantity, Truth


class Interval(NamedTuple):
    """What a value can be: from ``low`` to ``high``, each end itself left out where it is open."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False


class Span(NamedTuple):
    """The least and the most that a change can be; ``None`` where there is no end. Equal where the change is exact."""

    least: float | None
    most: float | None

    @property
    def exact(self) -> bool:
        """Whether the change is one number."""
        return self.least is not None and self.least == self.most


def interval(quantity: Quantity) -> Interval:
    """What a measured value, which may carry a comparator, can be. No measure that is followed can be below 0."""
    value, sign = quantity.value, quantity.comparator
    if sign in ("<", "<="):
        return Interval(0.0, value, high_open=sign == "<")
    if sign in (">", ">="):
        return Interval(value, inf, low_open=sign == ">")
    return Interval(value, value)


def difference(before: Quantity, after: Quantity) -> Span:
    """By how much a value changed, in its own unit."""
    first, second = interval(before), interval(after)
    least = None if first.high == inf else _rounded(second.low - first.high)
    most = None if second.high == inf else _rounded(second.high - first.low)
    return Span(least, most)


def percent(before: Quantity, after: Quantity) -> Span:
    """By how many percent a value changed; a fall to nothing is -100, and no bound where the change is not exact."""
    first, second = interval(before), interval(after)
    least = None if first.high in (0, inf) or second.low == 0 != second.high else _share(second.low, first.high)
    most = None if first.low == 0 or second.high == inf else _share(second.high, first.low)
    return Span(least, most)


def has_fallen(before: Quantity, after: Quantity, share: float) -> Truth:
    """Whether a value has fallen by at least ``share`` percent; ``None`` where the comparators leave it open."""
    first, second = interval(before), interval(after)
    if first.high == 0:
        return None
    left = 1 - share / 100
    if first.low > 0 and second.high <= _rounded(first.low * left):
        return True
    most = inf if first.high == inf else _rounded(first.high * left)
    beyond = second.low > most or (second.low == most and (second.low_open or first.high_open))
    return False if beyond else None


def _share(after: float, before: float) -> float:
    return _rounded(100 * (after / before - 1))


def _rounded(number: float) -> float:
    """Without the noise of binary fractions: a fall from 1.1 to 0.11 is one by 90 percent."""
    return float(plain_number(number))
