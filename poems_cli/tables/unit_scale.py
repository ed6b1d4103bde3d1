"""A limit in the unit of a column: the least number in that unit which reaches it once converted.

The number in a cell is compared as it is written, so that an engine need not convert millions of cells, and rounds none of them
differently from the others. Conversion grows with the number, so there is one least number that reaches a limit.
"""

from functools import lru_cache
from math import inf, nextafter
from struct import pack, unpack
from typing import NamedTuple

from poems_cli.units import AnalyteUnits, converted

#: What a multiple of a limit is multiplied by to be exceeded or reached: twelve digits count, as where units are converted, so
#: that 3 times 1.1 is 3.3 and not the 3.3000000000000003 of binary fractions.
ABOVE, AT_LEAST = 1.0000000000005, 0.9999999999995


class Scale(NamedTuple):
    """The unit of a column: how it is converted, and between what a possible value lies."""

    factor: float
    offset: float
    plausible: tuple[float, float] | None

    @property
    def is_identity(self) -> bool:
        """Whether the column is in the canonical unit already."""
        return self.factor == 1 and self.offset == 0

    def canonical(self, number: float) -> float:
        """A number of this unit in the canonical one."""
        return converted(number, self.factor, self.offset)

    def given(self, canonical: float) -> float:
        """A number of the canonical unit in this one."""
        return converted(canonical - self.offset, 1 / self.factor, 0.0)

    def reaching(self, limit: float) -> float:
        """The least number of this unit that is at least ``limit`` in the canonical unit."""
        return limit if self.is_identity else _first(self, limit, strict=False)

    def exceeding(self, limit: float) -> float:
        """The least number of this unit that is above ``limit`` in the canonical unit."""
        return nextafter(limit, inf) if self.is_identity else _first(self, limit, strict=True)

    @property
    def possible(self) -> tuple[float, float]:
        """The least and the greatest number of this unit that a patient can have; not below 0 where no limits are given."""
        low, high = self.plausible or (0.0, _LARGEST)
        least = 0.0 if low == self.offset == 0 else self.reaching(low)
        return least, nextafter(self.exceeding(high), -inf) if high < _LARGEST else _LARGEST

    @property
    def nothing_below(self) -> float | None:
        """The greatest number of which nothing can be less, as in ``<0``; ``None`` where values may be negative."""
        low = self.plausible[0] if self.plausible else 0.0
        return nextafter(self.exceeding(0.0), -inf) if low >= 0 else None


def scale_of(analyte: AnalyteUnits, unit: str) -> Scale:
    """The scale of one accepted unit of a quantity."""
    return Scale(*analyte.accepted[unit], analyte.plausible)


@lru_cache(maxsize=4096)  # the limits of the rules, which every batch is compared with
def _first(scale: Scale, limit: float, *, strict: bool) -> float:
    """The least number whose canonical value is at least ``limit``, or above it (``strict``), found by halving."""
    below, at = _place(-_LARGEST), _place(_LARGEST)
    while at - below > 1:
        middle = (below + at) // 2
        canonical = scale.canonical(_number(middle))
        if canonical > limit or (canonical == limit and not strict):
            at = middle
        else:
            below = middle
    return _number(at)


def _place(number: float) -> int:
    """The position of a double among all doubles."""
    bits: int = unpack("<q", pack("<d", number))[0]
    return bits if bits >= 0 else -(bits & _MAGNITUDE)


def _number(place: int) -> float:
    """The double at a place."""
    found: float = unpack("<d", pack("<q", place if place >= 0 else -place | -_MAGNITUDE - 1))[0]
    return found


_LARGEST = 1e300
_MAGNITUDE = (1 << 63) - 1
