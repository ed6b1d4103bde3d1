"""What would settle it: the minimal sets of answers that decide an expression, exactly.

Evaluating with Kleene's logic makes an expression present exactly when some *implicant* is answered: a set of answers to
unknown literals that is built up along the tree (for ``all`` one from each child, for ``any`` one from any child, for
``at_least k`` one from each of k children, and the dual of each for absent). Absorbing supersets leaves the minimal ones.
Parent and part are linked: a part present answers its parent, a parent absent answers its parts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from poems_cli.engine.expressions import Leaf
from poems_cli.engine.literals import Links, Literals, States
from poems_cli.engine.logic import State
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
    Score,
)

AnswerSet: TypeAlias = frozenset[Answer]

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


class Guarded(NamedTuple):
    """Minimal sets of answers as bit masks that may carry the bits of ``guards``.

    A set with a guard is impossible once it and what is known complete one of the guard's own sets.
    """

    masks: list[int]
    guards: Mapping[int, tuple[int, ...]]
    complete: bool


def implicants(expression: Expression, state: State, goal: bool, linked: Links) -> Implicants:
    """The minimal sets of answers that make ``expression`` present (``goal``) or absent (not ``goal``).

    One empty set when it already is; no set when it no longer can be. For many states keep a :class:`Settler`.
    """
    settler = Settler(expression, linked)
    masks, complete = settler.implicants(expression, goal, settler.states(state))
    return Implicants(tuple(sorted((settler.answers(mask) for mask in masks), key=_order)), complete)


class Settler(Literals):
    """Finds the implicants of one expression, and of those within it, in any state.

    A set of answers is a bit mask inside: union is ``|``, and a subset takes one ``&``. Each thread needs a settler of its own.
    """

    def __init__(self, expression: Expression, linked: Links) -> None:
        super().__init__(expression, linked)
        self._present = {leaf.finding: place for leaf, place in self._literals.items() if isinstance(leaf, Present)}
        self._found: Memo[tuple[int, bool, object], _Found] = Memo(_REMEMBERED)
        self._bits: dict[Answer, int] = {}
        self._answers: dict[int, Answer] = {}
        self._listed: Memo[int, tuple[Answer, ...]] = Memo(_REMEMBERED)
        self._conflicts: dict[int, int] = {}
        self._conflicting = 0
        self._guards: dict[frozenset[int], int] = {}
        self._watched: dict[int, frozenset[int]] = {}

    def implicants(self, expression: Expression, goal: bool, states: States) -> tuple[list[int], bool]:
        """The minimal sets of answers, as masks, that make an expression present or absent; and whether these are all."""
        found = self._sets(expression, goal, states)
        if self._guards:
            guards = sum(self._guards.values())
            found = self._absorb([mask & ~guards for mask in found.masks], complete=found.complete)
        return found

    def guarded(self, expression: Expression, goal: bool, states: States) -> Guarded:
        """The sets with what makes them impossible once more is known."""
        masks, complete = self._sets(expression, goal, states)
        guards = {guard: tuple(opposing) for guard, opposing in self._watched.items() if any(mask & guard for mask in masks)}
        return Guarded(masks, guards, complete)

    def answered(self) -> dict[tuple[str, Condition | None], list[tuple[int, bool]]]:
        """The places in a state that each question answers, each with the value there that is a yes."""
        found: dict[tuple[str, Condition | None], list[tuple[int, bool]]] = {}
        for leaf, place in self._literals.items():
            if isinstance(leaf, Present):
                found.setdefault((leaf.finding, None), []).append((place, True))
            elif isinstance(leaf, Compare):
                positive, condition = condition_of(leaf)
                found.setdefault((leaf.finding, condition), []).append((place, positive))
        return found

    def parts(self) -> list[tuple[int, int, bool]]:
        """The places in a state of each whole and each of its parts, and whether the part shows the whole."""
        return [
            (self._present[whole], self._present[part], part in self._linked.below[whole])
            for part, wholes in self._linked.above.items()
            for whole in wholes
        ]

    def not_answered(self) -> tuple[int, ...]:
        """The places in a state of what no answer of a set gives: whether something is known, and what was asserted."""
        asserted = [self._present[leaf.finding] for leaf in self._literals if isinstance(leaf, Asserted)]
        return (*[place for leaf, place in self._literals.items() if isinstance(leaf, Known | Asserted)], *asserted)

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
