"""How far the default set is from met in each row, and the test to begin with.

Both depend on the values of the set's literals alone, and often on less: what is under a condition that already holds, or
fails for good, no longer matters. A table of millions of patients has few states that differ in what still matters; the engine
for one patient answers the first row of each, and that answer holds for all rows like it.
"""

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from poems_cli.arrays.expressions import Translator
from poems_cli.arrays.narrowing import NarrowedSteps, States
from poems_cli.arrays.planes import Plane, unpacked
from poems_cli.arrays.program import Run, Value
from poems_cli.engine.expressions import Leaf, children_of
from poems_cli.engine.steps_to_met import NearestSteps, Steps
from poems_cli.memo import Memo
from poems_cli.model import CriteriaSet, Expression, Rules

_REMEMBERED = 200_000
_BITS = 56


class _Node(NamedTuple):
    """A node of the set; ``firm`` is its value once no further answer can change it.

    ``linked`` are the literals of a leaf's wholes and parts, whose values matter as long as the leaf is open.
    """

    firm: Value
    children: tuple["_Node", ...]
    linked: tuple[int, ...]


class RowSteps(NamedTuple):
    """The steps of each row: ``places`` of rows in ``steps``."""

    places: npt.NDArray[np.int32]
    steps: tuple[Steps, ...]


class StateSteps:
    """Finds the steps of the rows of a table; what was found is kept for rows to come."""

    def __init__(self, rules: Rules, criteria: CriteriaSet, translator: Translator) -> None:
        nearest = NearestSteps(rules, criteria)
        self._narrowed = NarrowedSteps(nearest)
        self._settler = nearest.settler
        self._literals = [translator.value(self._settler.leaf(place)) for place in range(self._settler.size)]
        self._root = self._node(nearest.whole, translator)
        self._kept: Memo[int, Steps] = Memo(_REMEMBERED)
        self._one_at_a_time = Lock()  # the engine for one patient keeps what it finds, and several threads ask it

    def values(self) -> Iterator[Value]:
        """The values of the program that are needed here."""
        yield from self._literals
        yield from _firm_values(self._root)

    def _node(self, node: Expression, translator: Translator) -> _Node:
        if isinstance(node, Leaf):
            own, *linked = self._settler.places(node)
            return _Node(self._literals[own], (), tuple(linked))
        return _Node(translator.firm(node), tuple([self._node(child, translator) for child in children_of(node)]), ())

    def steps(self, run: Run) -> RowSteps:
        """The steps of every row of a batch."""
        planes = list(self._planes(self._root, run, run.full))
        codes, words = coded(planes, run.rows)
        found = list(map(self._kept.get, words))
        new = [place for place, steps in enumerate(found) if steps is None]
        if new:
            states = self._states(run, _first_rows(codes, len(words))[new])
            with self._one_at_a_time:
                for place, steps in zip(new, self._narrowed.steps(states), strict=True):
                    found[place] = self._kept[words[place]] = steps
        return RowSteps(codes, tuple([steps for steps in found if steps is not None]))

    def _planes(self, node: _Node, run: Run, matters: Plane) -> Iterator[Plane]:
        """What still matters of a node in the rows in which the node itself does, as planes."""
        firm = run.truths(node.firm)
        yield firm.true & matters
        yield firm.false & matters
        matters = matters & ~firm.known
        for child in node.children:
            yield from self._planes(child, run, matters)
        for place in node.linked:
            literal = run.truths(self._literals[place])
            yield literal.true & matters
            yield literal.false & matters

    def _states(self, run: Run, rows: npt.NDArray[np.intp]) -> States:
        """The values of the literals in some rows."""
        states = np.full((len(rows), len(self._literals)), -1, np.int8)
        for place, literal in enumerate(self._literals):
            truths = run.truths(literal)
            states[unpacked(truths.true, run.rows)[rows] == 1, place] = 1
            states[unpacked(truths.false, run.rows)[rows] == 1, place] = 0
        return states


def _firm_values(node: _Node) -> Iterator[Value]:
    yield node.firm
    for child in node.children:
        yield from _firm_values(child)


def coded(planes: Sequence[Plane], rows: int) -> tuple[npt.NDArray[np.int32], list[int]]:
    """Each row's place in a list of the different combinations of bits, and that list: the bits of a row as one number."""
    places = np.zeros(rows, np.int32)
    number = min(rows, 1)
    filled = [plane for plane in planes if plane.any()]  # most of a set's findings are in no table
    for start in range(0, len(filled), _BITS):
        found = _bytes(filled[start : start + _BITS], rows).view("<i8")[:, 0]
        encoded = pa.array(found).dictionary_encode()
        if start:
            pairs = places.astype(np.int64) * len(encoded.dictionary) + encoded.indices.to_numpy()
            encoded = pa.array(pairs).dictionary_encode()
        places, number = encoded.indices.to_numpy(), len(encoded.dictionary)
    width = max(1, -(-len(planes) // 8))
    words = _bytes(planes, rows, _first_rows(places, number), width).tobytes()
    return places, [int.from_bytes(words[at : at + width], "little") for at in range(0, number * width, width)]


def _bytes(
    planes: Sequence[Plane], rows: int, some: npt.NDArray[np.intp] | None = None, width: int = 8
) -> npt.NDArray[np.uint8]:
    """The bits of the planes in all rows or in some of them, as so many bytes a row, put together byte by byte."""
    found = np.zeros((rows if some is None else len(some), width), np.uint8)
    for place, start in enumerate(range(0, len(planes), 8)):
        filled = [(shift, plane) for shift, plane in enumerate(planes[start : start + 8]) if plane.any()]
        byte = np.zeros(len(found), np.uint8)
        for shift, plane in filled:
            bits = unpacked(plane, rows)
            byte |= (bits if some is None else bits[some]) << np.uint8(shift)
        if filled:
            found[:, place] = byte
    return found


def _first_rows(codes: npt.NDArray[np.int32], number: int) -> npt.NDArray[np.intp]:
    """The first row with each code."""
    first = np.zeros(number, np.intp)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return first
