"""What would settle it: the minimal sets of answers that decide an expression, exactly.

Evaluating with Kleene's logic makes an expression present exactly when some *implicant* is answered: a set of answers to
unknown literals that is built up along the tree (for ``all`` one from each child, for ``any`` one from any child, for
``at_least k`` one from each of k children, and the dual of each for absent). Absorbing supersets leaves the minimal ones.
Parent and part are linked: a part present answers its parent, a parent absent answers its parts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from poems_cli.engine.expressions import leaves
from poems_cli.engine.findings import descendants, showing_parts
from poems_cli.engine.logic import State, at_least, binds, negation, score, truth
from poems_cli.memo import Memo
from poems_cli.model import (
    All,
    Answer,
    AnyOf,
    Asserted,
    AtLeast,
    Binds,
    Compare,
    Condition,
    Expression,
    Known,
    Not,
    Present,
    Rules,
    Score,
    Truth,
)

AnswerSet: TypeAlias = frozenset[Answer]
Leaf: TypeAlias = Present | Compare | Known | Asserted
States: TypeAlias = tuple[Truth, ...]

#: Beyond this many partial sets only the smallest are kept, and the result says that it is not complete.
LIMIT = 5_000

_REMEMBERED = 8_000


class _Found(NamedTuple):
    """Minimal sets of answers as bit masks, smallest first; ``complete`` is false where some larger ones were cut off."""

    masks: list[int]
    complete: bool = True


_CERTAIN = _Found([0])  # one implicant that needs no answer
_NONE = _Found([])


class Implicants(NamedTuple):
    """All minimal sets of answers, smallest first; ``complete`` is false where the limit cut some of the larger ones off."""

    sets: tuple[AnswerSet, ...]
    complete: bool


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


def implicants(expression: Expression, state: State, goal: bool, linked: Links) -> Implicants:
    """The minimal sets of answers that make ``expression`` present (``goal``) or absent (not ``goal``).

    One empty set when it already is; no set when it no longer can be. For many states keep a :class:`Settler`.
    """
    settler = Settler(expression, linked)
    masks, complete = settler.implicants(expression, goal, settler.states(state))
    return Implicants(tuple(sorted((settler.answers(mask) for mask in masks), key=_order)), complete)


class Settler:
    """Finds the implicants of one expression, and of those within it, in any state.

    A state is the tuple of the literals' values. What is found for a node is kept by the values of its own literals: a
    group of six findings has few states, however many patients there are. A set of answers is a bit mask inside: union is
    ``|``, and a subset takes one ``&``. What it keeps is not guarded against threads: each needs a settler of its own.
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
        self._present = {leaf.finding: place for leaf, place in self._literals.items() if isinstance(leaf, Present)}
        self._nodes = expression  # the nodes are known by identity: they must outlive this
        self._ready: Memo[tuple[int, object], tuple[Truth, object]] = Memo(_REMEMBERED)
        self._found: Memo[tuple[int, bool, object], _Found] = Memo(_REMEMBERED)
        self._bits: dict[Answer, int] = {}
        self._answers: dict[int, Answer] = {}
        self._listed: Memo[int, tuple[Answer, ...]] = Memo(_REMEMBERED)
        self._conflicts: dict[int, int] = {}
        self._conflicting = 0
        self._guards: dict[frozenset[int], int] = {}
        self._watched: dict[int, frozenset[int]] = {}

    # --- states -------------------------------------------------------------------------------------------------------

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

    # --- implicants ---------------------------------------------------------------------------------------------------

    def implicants(self, expression: Expression, goal: bool, states: States) -> tuple[list[int], bool]:
        """The minimal sets of answers, as masks, that make an expression present or absent; and whether these are all."""
        found = self._sets(expression, goal, states)
        if self._guards:
            guards = sum(self._guards.values())
            found = self._absorb([mask & ~guards for mask in found.masks], complete=found.complete)
        return found

    def answers(self, mask: int) -> AnswerSet:
        """The set of answers that a mask stands for."""
        return frozenset(self.listed(mask))

    def listed(self, mask: int) -> tuple[Answer, ...]:
        """The answers that a mask stands for."""
        known = self._listed.get(mask)
        if known is None:
            answers, left = [], mask
            while left:
                bit = left & -left
                answers.append(self._answers[bit])
                left ^= bit
            known = self._listed[mask] = tuple(answers)
        return known

    def _sets(self, node: Expression, goal: bool, states: States) -> _Found:
        """The implicants of a node."""
        key = (id(node), goal, self.key(node, states))
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._walk(node, goal, states)
        return found

    def _walk(self, node: Expression, goal: bool, states: States) -> _Found:
        match node:
            case All():
                return self._all_of(node.children, goal, states) if goal else self._any_of(node.children, goal, states)
            case AnyOf():
                return self._any_of(node.children, goal, states) if goal else self._all_of(node.children, goal, states)
            case AtLeast():
                count = node.needed if goal else len(node.children) - node.needed + 1
                return self._choose(node.children, count, goal, states)
            case Score():
                return self._sum_up(node, goal, states)
            case Not():
                return self._sets(node.child, not goal, states)
            case Binds():
                return self._binds(node, goal, states)
            case _:
                return self._leaf(node, goal, states)

    def _binds(self, node: Binds, goal: bool, states: States) -> _Found:
        """The condition that binds this way must hold, and its opposite must not come to hold, here or by what joins later."""
        wanted, opposed = (node.present_when, node.absent_when) if goal else (node.absent_when, node.present_when)
        if wanted is None or (opposed is not None and self.value(opposed, states)):
            return _NONE
        found = self._sets(wanted, True, states)
        if opposed is None:
            return found
        opposing = self._sets(opposed, True, states)
        guarded = [mask | self._guard(mask, opposing.masks) for mask in found.masks]
        return _Found([mask for mask in guarded if self._possible(mask)], found.complete and opposing.complete)

    def _guard(self, mask: int, opposing: list[int]) -> int:
        """A bit that makes a set impossible once the rest of the tree completes one of the opposing sets; 0 if nothing can."""
        reachable = frozenset([answer_mask for answer_mask in opposing if self._possible(mask | answer_mask)])
        if not reachable:
            return 0
        if reachable not in self._guards:
            bit = self._guards[reachable] = self._next_bit()
            self._watched[bit] = reachable
            self._conflicting |= bit
        return self._guards[reachable]

    def _next_bit(self) -> int:
        return 1 << (len(self._bits) + len(self._guards))

    def _any_of(self, children: Iterable[Expression], goal: bool, states: States) -> _Found:
        return self._united([self._sets(child, goal, states) for child in children])

    def _all_of(self, children: Iterable[Expression], goal: bool, states: States) -> _Found:
        """One implicant from each child."""
        chosen = _CERTAIN
        for child in children:
            found = self._sets(child, goal, states)
            if found != _CERTAIN:
                chosen = self._joined(chosen, found)
        return chosen

    def _choose(self, children: tuple[Expression, ...], count: int, goal: bool, states: States) -> _Found:
        """One implicant from each of ``count`` children, whichever."""
        reachable = [found for found in (self._sets(child, goal, states) for child in children) if found.masks]
        alternatives = [found for found in reachable if found != _CERTAIN]
        count -= len(reachable) - len(alternatives)
        if count <= 0:
            return _CERTAIN
        if count == 1:
            return self._united(alternatives)
        chosen = [_CERTAIN] + [_NONE] * count
        for position, found in enumerate(alternatives):
            # Of fewer than ``lowest`` so far, the children still to come can't make enough.
            lowest = max(0, count - (len(alternatives) - position))
            for size in range(min(position, count - 1), lowest - 1, -1):
                chosen[size + 1] = self._united([chosen[size + 1], self._joined(chosen[size], found)])
        return chosen[count]

    def _sum_up(self, node: Score, goal: bool, states: States) -> _Found:
        """Implicants of enough children, by their points, that the sum is reached (or no longer can be) whatever the rest say.

        Toward the goal an element is worth its points when it comes out for it: present where it adds (toward not reached:
        where it takes away), absent otherwise.
        """
        each = [(abs(worth), child, (worth > 0) is goal) for worth, child in zip(node.points, node.children, strict=True)]
        taken_away = sum(worth for worth in node.points if worth < 0)
        added = sum(worth for worth in node.points if worth > 0)
        missing = node.needed - taken_away if goal else added - node.needed
        if missing < 0 or (goal and missing == 0):
            return _CERTAIN
        chosen: dict[float, _Found] = {0.0: _CERTAIN}
        enough: list[_Found] = []
        for worth, child, wanted in each:
            found = self._sets(child, wanted, states)
            for reached, before in sorted(chosen.items(), reverse=True):
                total = reached + worth
                joined = before if found == _CERTAIN else self._joined(before, found)
                if total > missing or (goal and total == missing):
                    enough.append(joined)
                elif joined.masks:
                    chosen[total] = self._united([chosen.get(total, _NONE), joined])
        return self._united(enough)

    def _united(self, every: Sequence[_Found]) -> _Found:
        """All sets of several nodes."""
        return self._absorb([mask for found in every for mask in found.masks], complete=all(found.complete for found in every))

    def _joined(self, some: _Found, others: _Found) -> _Found:
        """Each of some with each of the others, where they can hold together."""
        complete = some.complete and others.complete
        together = [mask | other for mask in some.masks for other in others.masks]
        return self._absorb([mask for mask in together if self._possible(mask)], complete=complete)

    def _leaf(self, node: Leaf, goal: bool, states: States) -> _Found:
        value = states[self._positions[id(node)][0]]
        if value is not None:
            return _CERTAIN if value is goal else _NONE
        if isinstance(node, Compare):
            positive, condition = condition_of(node)
            return _Found([self._bit(Answer(node.finding, positive is goal, condition))])
        if isinstance(node, Asserted):
            # What its parts say asserts nothing; known through them, nobody is asked for the heading.
            is_known = states[self._present[node.finding]] is not None
            return _NONE if is_known else _Found([self._bit(Answer(node.finding, goal))])
        related = self._linked.below if goal else self._linked.above
        ways = [node.finding, *related.get(node.finding, ())]
        return _Found([self._bit(Answer(way, goal)) for way in ways if states[self._present[way]] is None])

    def _bit(self, answer: Answer) -> int:
        """The bit of an answer; its conflicts with answers met before are noted."""
        bit = self._bits.get(answer)
        if bit is None:
            bit = self._bits[answer] = self._next_bit()
            self._answers[bit] = answer
            for other, other_bit in self._bits.items():
                if self._excludes(answer, other) or self._excludes(other, answer):
                    self._conflicts[bit] = self._conflicts.get(bit, 0) | other_bit
                    self._conflicts[other_bit] = self._conflicts.get(other_bit, 0) | bit
                    self._conflicting |= bit | other_bit
        return bit

    def _excludes(self, one: Answer, other: Answer) -> bool:
        """Present against absent: of the same literal, or of a part whose parent is absent."""
        if not one.present or other.present or one.condition != other.condition:
            return False
        return one.finding == other.finding or (
            one.condition is None and other.finding in self._linked.above.get(one.finding, ())
        )

    def _possible(self, mask: int) -> bool:
        """Whether no two of the answers exclude each other."""
        contested = mask & self._conflicting
        while contested:
            bit = contested & -contested
            contested ^= bit
            if mask & self._conflicts.get(bit, 0):
                return False
            for opposing in self._watched.get(bit, ()):
                if mask & opposing == opposing:
                    return False
        return True

    def _absorb(self, masks: list[int], *, complete: bool) -> _Found:
        """Only the sets without another as a subset, smallest first; ``complete`` is whether ``masks`` are all."""
        if len(masks) < 2:
            return _Found(masks, complete)
        unique = sorted(set(masks), key=int.bit_count)
        smallest = unique[0].bit_count()
        kept = [mask for mask in unique if mask.bit_count() == smallest]
        for mask in unique[len(kept) :]:
            for smaller in kept:
                if smaller & mask == smaller:
                    break
            else:
                kept.append(mask)
        return _Found(kept[:LIMIT], complete and len(kept) <= LIMIT)


def _unknown(_: States) -> Truth:
    """The value of a condition that is not there."""
    return None


def _nothing(_: States) -> tuple[()]:
    """What an expression without literals depends on."""
    return ()


def condition_of(node: Compare) -> tuple[bool, Condition]:
    """A comparison as a condition, and whether the node wants it to hold: "below 3" is "at least 3" not holding."""
    match node.operator:
        case "below":
            return False, Condition("at_least", node.limit, node.times_upper)
        case "at_most":
            return False, Condition("above", node.limit, node.times_upper)
        case operator:
            return True, Condition(operator, node.limit, node.times_upper)


def answer_order(answer: Answer) -> tuple[str, str, bool]:
    """By which answers are sorted: the finding, the condition, and absent before present."""
    return answer.finding, condition_order(answer.condition), answer.present


def condition_order(condition: Condition | None) -> str:
    """By which conditions are sorted; no condition comes first."""
    return "" if condition is None else " ".join(map(str, condition))


def _order(answers: AnswerSet) -> tuple[int, list[tuple[str, str, bool]]]:
    return len(answers), sorted(map(answer_order, answers))
