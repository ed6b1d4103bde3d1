"""Truths of many rows as two bit planes: the rows in which it is true, and those in which it is false.

Neither is unknown. A plane is an array of 64-bit words, one bit per row, the first row in the lowest bit; the bits after the
last row are 0. Kleene's logic is bitwise: "and" is true where all are true and false where any is false, "not" swaps the
planes.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Plane: TypeAlias = npt.NDArray[np.uint64]
_WORD = 64


class Truths(NamedTuple):
    """The rows in which something is true, and those in which it is false."""

    true: Plane
    false: Plane

    @property
    def known(self) -> Plane:
        """The rows in which it is either."""
        return self.true | self.false

    def negated(self) -> "Truths":
        """Kleene's not."""
        return Truths(self.false, self.true)


def full_plane(rows: int) -> Plane:
    """A plane with the bit of every row set."""
    return packed(np.ones(rows, np.bool_))


def empty_plane(rows: int) -> Plane:
    """A plane without any bit set."""
    return np.zeros(-(-rows // _WORD), np.uint64)


def packed(rows: npt.NDArray[np.bool_]) -> Plane:
    """The plane of an array of booleans, a row each."""
    plane = np.zeros(-(-len(rows) // _WORD) * 8, np.uint8)
    bits = np.packbits(rows, bitorder="little")
    plane[: len(bits)] = bits
    return plane.view(np.uint64)


def bits_of(buffer: pa.Buffer, offset: int, rows: int) -> Plane:
    """The plane of a bitmap of Arrow, which has its bits in the same order, from the bit at ``offset`` on."""
    start = offset // 8
    found = np.frombuffer(buffer, np.uint8)[start : -(-(offset + rows) // 8)]
    if offset % 8 or rows % _WORD:
        return packed(np.unpackbits(found, count=offset % 8 + rows, bitorder="little")[offset % 8 :].view(np.bool_))
    return found.view(np.uint64)


def valid_plane(array: pa.Array) -> Plane:
    """The rows in which an array of Arrow is not null."""
    bitmap = array.buffers()[0]
    return full_plane(len(array)) if bitmap is None else bits_of(bitmap, array.offset, len(array))


def unpacked(plane: Plane, rows: int) -> npt.NDArray[np.uint8]:
    """The bits of a plane as an array of 0 and 1, a row each."""
    return np.unpackbits(plane.view(np.uint8), count=rows, bitorder="little")


def rows_of(plane: Plane, rows: int) -> npt.NDArray[np.intp]:
    """The numbers of the rows whose bit is set, from 0."""
    return np.flatnonzero(unpacked(plane, rows)) if plane.any() else np.empty(0, np.intp)


def count(plane: Plane) -> int:
    """How many rows have their bit set."""
    return int(np.bitwise_count(plane).sum())


def every(truths: Sequence[Truths]) -> Truths:
    """Kleene's and, of at least one."""
    true, false = truths[0]
    for other in truths[1:]:
        true = true & other.true
        false = false | other.false
    return Truths(true, false)


def reached(planes: Sequence[Plane], needed: int) -> Plane:
    """The rows in which at least ``needed`` of the planes have their bit set; ``needed`` is at least 1."""
    if len(planes) < needed:
        return np.zeros_like(planes[0])
    ladder: list[Plane] = []  # the rows in which at least 1, 2, ... of the planes so far are set
    for plane in planes:
        if len(ladder) < needed:
            ladder.append(np.zeros_like(plane))
        for rung in range(len(ladder) - 1, 0, -1):
            ladder[rung] = ladder[rung] | (ladder[rung - 1] & plane)
        ladder[0] = ladder[0] | plane
    return ladder[needed - 1]
