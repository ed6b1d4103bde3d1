"""The findings of a batch of rows as columns: truths as bit planes, values as numbers, choices as the rows of each word."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from poems_cli.arrays.planes import Plane, Truths, empty_plane, packed
from poems_cli.model import Compare
from poems_cli.tables.unit_scale import ABOVE, AT_LEAST, Scale

Rows: TypeAlias = npt.NDArray[np.bool_]

#: The comparators by their code in ``Numbers.comparators``; 0 is a number without one.
COMPARATORS = ("", "<", "<=", ">", ">=")


class Numbers(NamedTuple):
    """Measured values of one quantity.

    ``values`` are in the unit of ``scale``; where ``known`` has no bit they mean nothing: NaN, or a number that is impossible.
    ``comparators`` holds the place of each value's comparator in ``COMPARATORS``, ``None`` where no value has one. ``low`` and
    ``high`` are the laboratory's own limits in that unit: one for all rows, or one per row with NaN where there is none.
    """

    values: npt.NDArray[np.float64]
    known: Plane
    scale: Scale
    comparators: npt.NDArray[np.uint8] | None = None
    low: npt.NDArray[np.float64] | float | None = None
    high: npt.NDArray[np.float64] | float | None = None


class Words(NamedTuple):
    """The words of a choice, each with the rows that have it, and the rows that have any."""

    rows: Mapping[str, Plane]
    known: Plane


class Columns(NamedTuple):
    """What the table says of ``rows`` patients, by finding."""

    rows: int
    said: dict[str, Truths]
    measured: dict[str, Numbers]
    chosen: dict[str, Words]

    def known(self, finding: str) -> Plane:
        """The rows in which the table's own column makes a finding known."""
        if finding in self.said:
            return self.said[finding].known
        return self.measured[finding].known if finding in self.measured else self.chosen[finding].known


def compared(node: Compare, columns: Columns) -> Truths:
    """A measured value against a limit from below, or a choice against words."""
    if isinstance(node.limit, tuple):
        return among(columns.chosen[node.finding], node.limit)
    numbers = columns.measured[node.finding]
    strict = node.operator == "above"
    if node.times_upper is not None:
        if numbers.high is None:
            return Truths(empty_plane(columns.rows), empty_plane(columns.rows))
        exceeds = numbers.values > numbers.high * (node.times_upper * ABOVE)
        reaches = numbers.values >= numbers.high * (node.times_upper * AT_LEAST)
        return _masked(_related(numbers, exceeds, reaches, strict), numbers.high)
    fixed = None
    if isinstance(node.limit, (int, float)):
        fixed = _beyond(numbers, node.limit, strict)
    own = numbers.high if node.laboratory == "high" else numbers.low if node.laboratory == "low" else None
    if own is None:
        return fixed or Truths(empty_plane(columns.rows), empty_plane(columns.rows))
    by_laboratory = _masked(_related(numbers, numbers.values > own, numbers.values >= own, strict), own)
    if fixed is None:
        return by_laboratory
    without = _masked(fixed, own, where_given=False)
    return Truths(by_laboratory.true | without.true, by_laboratory.false | without.false)


def among(words: Words, wanted: tuple[str, ...]) -> Truths:
    """Whether the word is one of some."""
    true = np.zeros_like(words.known)
    for word in wanted:
        if word in words.rows:
            true |= words.rows[word]
    return Truths(true, words.known & ~true)


def _beyond(numbers: Numbers, limit: float, strict: bool) -> Truths:
    """Whether values are above a limit in the canonical unit (``strict``), or at least it."""
    scale = numbers.scale
    if numbers.comparators is None:
        true = packed(numbers.values >= (scale.exceeding(limit) if strict else scale.reaching(limit))) & numbers.known
        return Truths(true, numbers.known & ~true)
    return _related(numbers, numbers.values >= scale.exceeding(limit), numbers.values >= scale.reaching(limit), strict)


def _related(numbers: Numbers, exceeds: Rows, reaches: Rows, strict: bool) -> Truths:
    """Whether values are above a limit (``strict``), or at least it; unknown where a comparator leaves it open."""
    true = exceeds if strict else reaches
    false = ~true
    if numbers.comparators is not None:
        never = np.zeros_like(true)
        sign = numbers.comparators
        false = np.choose(sign, [false, ~exceeds, false, never, never])
        true = np.choose(sign, [true, never, never, reaches, true])
    return Truths(packed(true) & numbers.known, packed(false) & numbers.known)


def _masked(truths: Truths, limit: npt.NDArray[np.float64] | float, where_given: bool = True) -> Truths:
    """Truths where the laboratory's limit is given, or where it is not; else unknown."""
    if isinstance(limit, float):
        return truths if where_given else Truths(np.zeros_like(truths.true), np.zeros_like(truths.false))
    mask = packed(np.isnan(limit) != where_given)
    return Truths(truths.true & mask, truths.false & mask)
