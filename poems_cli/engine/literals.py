"""The literals of an expression, and what the expression makes of their values."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from poems_cli.engine.expressions import Leaf, leaves
from poems_cli.engine.findings import descendants, showing_parts
from poems_cli.engine.logic import State, at_least, binds, negation, score, truth
from poems_cli.memo import Memo
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Binds,
    Compare,
    Expression,
    Known,
    Not,
    Present,
    Rules,
    Score,
    Truth,
)

States: TypeAlias = tuple[Truth, ...]

_REMEMBERED = 8_000


class Links(NamedTuple):
    """For the findings that one expression names: which of them are parts of others."""

    below: Mapping[str, tuple[str, ...]]
    above: Mapping[str, tuple[str, ...]]


NO_LINKS = Links({}, {})


def links(rules: Rules, expression: Expression) -> Links:
    """Parents and parts among the findings that an expression asks for."""
    named = [leaf.finding for leaf in leaves(expression) if isinstance(leaf, (Present, Asserted))]
    below = {finding: tuple(part for part in showing_parts(rules, finding) if part in named) for finding in named}
    parts = {finding: set(descendants(rules, finding)) for finding in named}
    above = {finding: tuple(parent for parent in named if finding in parts[parent]) for finding in named}
    return Links(below, above)


class Literals:
    """The literals of one expression, and the values of the nodes within it in any state.

    A state is the tuple of the literals' values. What is found for a node is kept by the values of its own literals: a
    group of six findings has few states, however many patients there are. What it keeps is not guarded against threads.
    """

    def __init__(self, expression: Expression, linked: Links) -> None:
        self._linked = linked
        self._literals: dict[Leaf, int] = {}
        self._named: list[str] = []  # the finding whose value a literal is; none where more than that must be read
        self._compared: list[tuple[int, Leaf]] = []
        self._asked: list[tuple[int, Leaf]] = []
        self._positions: dict[int, tuple[int, ...]] = {}
        self._picks: dict[int, Callable[[States], object]] = {}
        self._values: dict[int, Callable[[States], Truth]] = {}
        self._index(expression)
        for leaf in list(self._literals):
            if isinstance(leaf, Asserted):
                self._position(Present(leaf.finding))
        self._nodes = expression  # the nodes are known by identity: they must outlive this
        self._ready: Memo[tuple[int, object], tuple[Truth, object]] = Memo(_REMEMBERED)

    def _index(self, node: Expression) -> tuple[int, ...]:
        """The places in a state of the literals of a node and of all nodes within it."""
        if (
            isinstance(node, (Present, Compare))
            and not self._linked.below.get(node.finding)
            and not self._linked.above.get(node.finding)
        ):
            place = (self._position(node),)  # most nodes: kept short, since each start does it thousands of times
            self._positions[id(node)] = place
            self._picks[id(node)] = itemgetter(*place)
            return place
        match node:
            case All() | AnyOf() | AtLeast() | Score():
                places = [place for child in node.children for place in self._index(child)]
            case Not():
                places = list(self._index(node.child))
            case Binds():
                places = list(self._index(node.present_when))
                places += self._index(node.absent_when) if node.absent_when is not None else ()
            case Asserted():
                places = [self._position(node), self._position(Present(node.finding))]
            case Present():
                related = (*self._linked.below.get(node.finding, ()), *self._linked.above.get(node.finding, ()))
                places = [self._position(node), *(self._position(Present(finding)) for finding in related)]
            case _:
                places = [self._position(node)]
        unique = tuple(dict.fromkeys(places))
        self._positions[id(node)] = unique
        self._picks[id(node)] = itemgetter(*unique) if unique else _nothing
        return unique

    def _position(self, leaf: Leaf) -> int:
        plain = leaf if leaf.name is None and leaf.basis is None else leaf._replace(name=None, basis=None)
        return self._literals.setdefault(plain, len(self._literals))

    def states(self, state: State) -> States:
        """The values of the literals, in this settler's order."""
        if len(self._named) != len(self._literals):
            self._make_readers()
        values = list(map(state.values.get, self._named))  # most literals are findings, whose value is there to be read
        for place, leaf in self._compared:
            if leaf.finding in state.observed:
                values[place] = truth(leaf, state)
        for place, leaf in self._asked:
            values[place] = truth(leaf, state)
        return tuple(values)

    def _make_readers(self) -> None:
        literals = list(enumerate(self._literals))
        self._named = [leaf.finding if isinstance(leaf, Present) else "" for _, leaf in literals]
        self._compared = [(place, leaf) for place, leaf in literals if isinstance(leaf, Compare)]
        self._asked = [(place, leaf) for place, leaf in literals if isinstance(leaf, Known | Asserted)]

    def own(self, node: Expression, states: States) -> object:
        """The part of a state that a node depends on."""
        return self._picks[id(node)](states)

    @property
    def size(self) -> int:
        """How many literals a state has."""
        return len(self._literals)

    def leaf(self, place: int) -> Leaf:
        """The literal whose value is at a place of a state."""
        return list(self._literals)[place]

    def places(self, node: Expression) -> tuple[int, ...]:
        """The places in a state of the literals that a node depends on."""
        return self._positions[id(node)]

    def place(self, leaf: Expression) -> int | None:
        """The place in a state of a leaf's own value; ``None`` for a node with children."""
        return self._positions[id(leaf)][0] if isinstance(leaf, (Present, Compare, Known, Asserted)) else None

    def key(self, node: Expression, states: States) -> object:
        """What a node still depends on: in two states with the same key it has the same implicants."""
        return self._prepared(node, states)[1]

    def _prepared(self, node: Expression, states: States) -> tuple[Truth, object]:
        """A node's firm value, which no further answer can change, and its key; kept by the values of its own literals."""
        own = (id(node), self._picks[id(node)](states))
        known = self._ready.get(own)
        if known is None:
            known = self._ready[own] = self._prepare(node, states)
        return known

    def _prepare(self, node: Expression, states: States) -> tuple[Truth, object]:
        match node:
            case All() | AnyOf() | AtLeast():
                children = [self._prepared(child, states) for child in node.children]
                values = [value for value, _ in children]
                needed = len(values) if isinstance(node, All) else 1 if isinstance(node, AnyOf) else node.needed
                value = at_least(needed, values)
                # Which of the others are present and which absent is all one: only how many are still missing counts.
                still_open = [(place, key) for place, (firm, key) in enumerate(children) if firm is None]
                return value, value if value is not None else (needed - values.count(True), *still_open)
            case Score():
                children = [self._prepared(child, states) for child in node.children]
                value = score(node.needed, node.points, [firm for firm, _ in children])
                reached = sum(worth for worth, (firm, _) in zip(node.points, children, strict=True) if firm)
                still_open = [(place, key) for place, (firm, key) in enumerate(children) if firm is None]
                return value, value if value is not None else (node.needed - reached, *still_open)
            case Not():
                value, key = self._prepared(node.child, states)
                return negation(value), key
            case Binds():
                # Present for good only once its opposite can hold no more: answers still open may bring a contradiction.
                present, wanted = self._prepared(node.present_when, states)
                absent, opposed = (False, None) if node.absent_when is None else self._prepared(node.absent_when, states)
                value = present if present is not None and absent is (not present) else None
                return value, (wanted, opposed)
            case _:
                return states[self._positions[id(node)][0]], self._picks[id(node)](states)

    def value(self, node: Expression, states: States) -> Truth:
        """The value of a node in a state."""
        return self.reader(node)(states)

    def reader(self, node: Expression) -> Callable[[States], Truth]:
        """A function that reads a node's value from a state."""
        read = self._values.get(id(node))
        if read is None:
            read = self._values[id(node)] = self._reader(node)
        return read

    def picker(self, node: Expression) -> Callable[[States], object]:
        """A function that picks the part of a state that a node depends on."""
        return self._picks[id(node)]

    def _reader(self, node: Expression) -> Callable[[States], Truth]:
        """A function that reads a node's value from a state: the tree is walked once, not for every state."""
        match node:
            case All():
                return self._deciding(False, node.children)
            case AnyOf():
                return self._deciding(True, node.children)
            case AtLeast():
                several, least = self._each(node.children), node.needed
                return lambda states: at_least(least, several(states))
            case Score():
                each, worth, points = self._each(node.children), node.needed, node.points
                return lambda states: score(worth, points, each(states))
            case Not():
                inner = self._reader(node.child)
                return lambda states: negation(inner(states))
            case Binds():
                present = self._reader(node.present_when)
                absent = _unknown if node.absent_when is None else self._reader(node.absent_when)
                return lambda states: binds(present(states), absent(states))
            case _:
                return itemgetter(self._positions[id(node)][0])

    def _deciding(self, decides: bool, nodes: Sequence[Expression]) -> Callable[[States], Truth]:
        """All and any: one value that decides settles it, else one unknown leaves it open. The literals are read first."""
        places = [place for node in nodes if (place := self.place(node)) is not None]
        literals = itemgetter(*places, places[0]) if places else _nothing  # one twice, so that even a single one is a tuple
        others = [self._reader(node) for node in nodes if self.place(node) is None]

        def read(states: States) -> Truth:
            values = literals(states)
            if decides in values:
                return decides
            result = None if None in values else not decides
            for other in others:
                value = other(states)
                if value is decides:
                    return decides
                if value is None:
                    result = None
            return result

        return read

    def _each(self, nodes: Sequence[Expression]) -> Callable[[States], Sequence[Truth]]:
        """The values of several nodes; where all are literals, one look-up reads them."""
        places = [self.place(node) for node in nodes]
        known = [place for place in places if place is not None]
        if len(known) == len(places) > 1:
            return itemgetter(*known)
        readers = [self._reader(node) for node in nodes]
        return lambda states: [read(states) for read in readers]


def _unknown(_: States) -> Truth:
    """The value of a condition that is not there."""
    return None


def _nothing(_: States) -> tuple[()]:
    """What an expression without literals depends on."""
    return ()
