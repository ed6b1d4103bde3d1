"""How far the default set is from met in each row, and the test to begin with.

Both depend on the values of the set's literals alone, and often on less: what is under a condition that already holds, or
fails for good, no longer matters. A table of millions of patients has few states that differ in what still matters; the engine
for one patient answers the first row of each, and that answer holds for all rows like it.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from poems_cli.arrays.expressions import Translator
from poems_cli.arrays.planes import Plane, Truths, ladder_of, unpacked
from poems_cli.arrays.program import Run, Value
from poems_cli.engine.expressions import children_of
from poems_cli.engine.settling import Leaf
from poems_cli.engine.steps_to_met import NearestSteps, Steps
from poems_cli.memo import Memo
from poems_cli.model import CriteriaSet, Expression, Not, Present, Rules, Truth

_REMEMBERED = 100_000
_BITS = 56


class _Node(NamedTuple):
    """A node of the set; ``firm`` is its value once no further answer can change it.

    ``alike`` are groups of children of which only how many are true, and how many false, matters. ``linked`` are the literals
    of a leaf's wholes and parts, whose values matter as long as the leaf is open.
    """

    firm: Value
    children: tuple["_Node", ...]
    alike: tuple[tuple["_Node", ...], ...]
    linked: tuple[int, ...]

    @property
    def leaf(self) -> "_Node":
        """The leaf itself, of a leaf or of one that is negated."""
        return self.alike[0][0].leaf if self.alike else self


class RowSteps(NamedTuple):
    """The steps of each row: ``places`` of rows in ``steps``."""

    places: npt.NDArray[np.int32]
    steps: tuple[Steps, ...]


class StateSteps:
    """Finds the steps of the rows of a table; what was found is kept for rows to come."""

    def __init__(self, rules: Rules, criteria: CriteriaSet, translator: Translator) -> None:
        self._nearest = NearestSteps(rules, criteria)
        self._settler = self._nearest.settler
        self._literals = [translator.value(self._settler.leaf(place)) for place in range(self._settler.size)]
        self._exchangeable = self._nearest.exchangeable()
        self._root = self._node(self._nearest.whole, translator)
        self._kept: Memo[int, Steps] = Memo(_REMEMBERED)
        self._one_at_a_time = Lock()  # the engine for one patient keeps what it finds, and several threads ask it

    def values(self) -> Iterator[Value]:
        """The values of the program that are needed here."""
        yield from self._literals
        yield from _firm_values(self._root)

    def _node(self, node: Expression, translator: Translator) -> _Node:
        if isinstance(node, Leaf):
            own, *linked = self._settler.places(node)
            return _Node(self._literals[own], (), (), tuple(linked))
        apart: list[_Node] = []
        alike: dict[object, list[_Node]] = {}
        for child in children_of(node):
            leaf = child.child if isinstance(child, Not) else child
            first = self._exchangeable.get(leaf.finding) if isinstance(leaf, Present) else None
            (apart if first is None else alike.setdefault((type(child), first), [])).append(self._node(child, translator))
        return _Node(translator.firm(node), tuple(apart), tuple(map(tuple, alike.values())), ())

    def steps(self, run: Run) -> RowSteps:
        """The steps of every row of a batch."""
        planes = list(self._planes(self._root, run, run.full))
        codes, words = coded(planes, run.rows)
        found: list[Steps] = []
        first: npt.NDArray[np.intp] | None = None
        for place, word in enumerate(words):
            known = self._kept.get(word)
            if known is None:
                if first is None:
                    first = _first_rows(codes, len(words))
                with self._one_at_a_time:
                    known = self._kept[word] = self._nearest.steps(self._states(run, int(first[place])))
            found.append(known)
        return RowSteps(codes, tuple(found))

    def _planes(self, node: _Node, run: Run, matters: Plane) -> Iterator[Plane]:
        """What still matters of a node in the rows in which the node itself does, as planes."""
        firm = run.truths(node.firm)
        yield firm.true & matters
        yield firm.false & matters
        matters = matters & ~firm.known
        for child in node.children:
            yield from self._planes(child, run, matters)
        for group in node.alike:
            known = [run.truths(child.firm) for child in group]
            yield from ladder_of([truths.true & matters for truths in known], len(group))
            yield from ladder_of([truths.false & matters for truths in known], len(group))
            some_open = matters & ~np.bitwise_and.reduce([truths.known for truths in known])
            yield from self._linked(group[0].leaf, run, some_open)
        yield from self._linked(node, run, matters)

    def _linked(self, node: _Node, run: Run, matters: Plane) -> Iterator[Plane]:
        for place in node.linked:
            literal = run.truths(self._literals[place])
            yield literal.true & matters
            yield literal.false & matters

    def _states(self, run: Run, row: int) -> tuple[Truth, ...]:
        """The values of the literals in one row."""
        word, bit = divmod(row, 64)

        def value(truths: Truths) -> Truth:
            if int(truths.true[word]) >> bit & 1:
                return True
            return False if int(truths.false[word]) >> bit & 1 else None

        return tuple([value(run.truths(literal)) for literal in self._literals])


def _firm_values(node: _Node) -> Iterator[Value]:
    yield node.firm
    for child in chain(node.children, *node.alike):
        yield from _firm_values(child)


def coded(planes: Sequence[Plane], rows: int) -> tuple[npt.NDArray[np.int32], list[int]]:
    """Each row's place in a list of the different combinations of bits, and that list: the bits of a row as one number."""
    codes = np.zeros(rows, np.int32)
    words = [0]
    for start in range(0, len(planes), _BITS):
        encoded = pa.array(_numbers(planes[start : start + _BITS], rows)).dictionary_encode()
        several = encoded.dictionary.to_pylist()
        if not start:
            codes, words = encoded.indices.to_numpy(), several
            continue
        pairs = pa.array(codes.astype(np.int64) * len(several) + encoded.indices.to_numpy()).dictionary_encode()
        codes = pairs.indices.to_numpy()
        words = [words[pair // len(several)] | several[pair % len(several)] << start for pair in pairs.dictionary.to_pylist()]
    return codes, words


def _numbers(planes: Sequence[Plane], rows: int) -> npt.NDArray[np.int64]:
    """The bits of up to 56 planes in each row as one number, put together byte by byte: small numbers are faster."""
    found = np.zeros((rows, 8), np.uint8)
    for place, start in enumerate(range(0, len(planes), 8)):
        byte = np.zeros(rows, np.uint8)
        for shift, plane in enumerate(planes[start : start + 8]):
            if plane.any():
                byte |= unpacked(plane, rows) << np.uint8(shift)
        found[:, place] = byte
    return found.view("<i8")[:, 0]


def _first_rows(codes: npt.NDArray[np.int32], number: int) -> npt.NDArray[np.intp]:
    """The first row with each code."""
    first = np.zeros(number, np.intp)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return first
