"""The steps of many states at once: the settling sets of a state in which nothing is known, narrowed by what is known.

An answer that is known drops out of every set that needs it; a set that needs its opposite is no longer possible. Those that
are left, without the ones that contain another, are the settling sets of the state. Where there are too many of them, the
expression is walked for each state, as it is for one patient.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import chain
from operator import or_
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from poems_cli.engine.settling import Guarded
from poems_cli.engine.steps_to_met import NearestSteps, Steps
from poems_cli.memo import Memo
from poems_cli.model import Answer, Truth

#: A row for each state, a column for each literal: 1 is true, 0 false, -1 unknown.
States: TypeAlias = npt.NDArray[np.int8]
_Flags: TypeAlias = npt.NDArray[np.bool_]
_Masks: TypeAlias = npt.NDArray[np.uint64]
_Numbers: TypeAlias = npt.NDArray[np.float64]

_MOST_SETS = 300  # each is compared with each
_BITS = 64
_ALL_BITS = np.uint64((1 << _BITS) - 1)
_STATES_AT_A_TIME = 256  # few enough that matrices are multiplied in one thread
_SETS_APART = 8
_REMEMBERED = 1_000
_NEGATED = np.array([1, 0, -1], np.int8)  # of false, true and, as the last, unknown
_VALUES: dict[int, Truth] = {1: True, 0: False, -1: None}


class NarrowedSteps:
    """Finds the steps of many states of one criteria set."""

    def __init__(self, nearest: NearestSteps) -> None:
        self._nearest = nearest
        self._fixed = list(nearest.settler.not_answered())
        self._parts = nearest.settler.parts()
        self._alike = [places for places in nearest.settler.answered().values() if len(places) > 1]
        self._tests = nearest.workup.tests
        self._starts: Memo[tuple[int, ...], tuple[_Sets, _Sets] | None] = Memo(_REMEMBERED)

    def steps(self, states: States) -> list[Steps]:
        """The steps of each state."""
        found = [Steps(None, None)] * len(states)
        fixed = np.column_stack([self._disagree(states), states[:, self._fixed]])
        kinds, kind_of = np.unique(fixed, axis=0, return_inverse=True)
        for number, (disagree, *kind) in enumerate(kinds.tolist()):
            start = None if disagree else self._start(tuple(kind))
            places = np.flatnonzero(kind_of.reshape(-1) == number)
            for first in range(0, len(places), _STATES_AT_A_TIME):
                some = places[first : first + _STATES_AT_A_TIME]
                for place, steps in zip(some.tolist(), self._steps(start, states[some]), strict=True):
                    found[place] = steps
        return found

    def _disagree(self, states: States) -> _Flags:
        """The states in which what one answer settles is settled in part: by a contradiction, or by a laboratory's limit."""
        found = np.zeros(len(states), np.bool_)
        for whole, part, shows_whole in self._parts:
            found |= (states[:, whole] == 0) & (states[:, part] != 0)
            if shows_whole:
                found |= (states[:, part] == 1) & (states[:, whole] != 1)
        for (first, yes), *others in self._alike:
            for place, yes_too in others:
                same = states[:, place] if yes is yes_too else _NEGATED[states[:, place]]
                found |= states[:, first] != same
        return found

    def _start(self, kind: tuple[int, ...]) -> "tuple[_Sets, _Sets] | None":
        """The settling sets toward met and not met where no answer is known; ``None`` where there are too many."""
        if kind not in self._starts:
            state = np.full(self._nearest.settler.size, -1, np.int8)
            state[self._fixed] = kind
            met, not_met = [self._nearest.settler.guarded(self._nearest.whole, goal, _values(state)) for goal in (True, False)]
            few = _is_narrowed(met) and _is_narrowed(not_met)
            self._starts[kind] = (_Sets(self._nearest, met), _Sets(self._nearest, not_met)) if few else None
        return self._starts[kind]

    def _steps(self, start: "tuple[_Sets, _Sets] | None", states: States) -> Iterator[Steps]:
        if start is None:
            yield from [self._nearest.steps(_values(state)) for state in states]
            return
        met, not_met = [sets.toward(states) for sets in start]
        gains = met.gains + not_met.gains
        most = gains.max(axis=1, initial=0.0)
        tests = (gains > most[:, None] - 1e-12).argmax(axis=1)  # the first of those whose gains differ only in rounding
        for number, blocked, gain, test in zip(*map(np.ndarray.tolist, (met.fewest, not_met.fewest, most, tests)), strict=True):
            if not number or not blocked:
                yield Steps(None if number else 0, None, not number)
            else:
                yield Steps(int(number) if number < np.inf else None, self._tests[test] if gain > 0 else None)


class _Toward(NamedTuple):
    """What leads to one verdict: the fewest further answers, infinite where no way is left, and what each test gains."""

    fewest: _Numbers
    gains: _Numbers


class _Sets:
    """The settling sets toward one verdict in a state in which no answer is known."""

    def __init__(self, nearest: NearestSteps, start: Guarded) -> None:
        settler = nearest.settler
        needed = [settler.listed(mask & ~sum(start.guards)) for mask in start.masks]
        opposing = {guard: [settler.listed(mask) for mask in masks] for guard, masks in start.guards.items()}
        answers = list(dict.fromkeys(chain.from_iterable(chain(needed, *opposing.values()))))
        column = {answer: place for place, answer in enumerate(answers)}
        self._masks = _masks(needed, column)
        self._needs = np.zeros((len(needed), len(answers)))  # the same, a column for each answer
        for row, each in enumerate(needed):
            self._needs[row, [column[answer] for answer in each]] = 1
        self._guards = [
            (np.array([bool(mask & guard) for mask in start.masks]), _masks(each, column)) for guard, each in opposing.items()
        ]
        places = settler.answered()
        first = [places[answer.finding, answer.condition][0] for answer in answers]
        self._given_by = [(place, answer.present is yes) for answer, (place, yes) in zip(answers, first, strict=True)]
        shares = [nearest.workup.shares(answer.finding, answer.present) for answer in answers]
        self._shares = np.array(shares).reshape(len(answers), len(nearest.workup.tests))

    def toward(self, states: States) -> _Toward:
        """What leads to the verdict in each state; the gains as in the order of the tests for one patient."""
        given, refused = self._answered(states, True), self._answered(states, False)
        left = self._masks & ~_mask_of(given)[:, None]
        kept = self._possible(_mask_of(given), _mask_of(refused))
        kept &= _minimal(np.where(kept, left, _ALL_BITS), kept)
        sizes = np.bitwise_count(left)
        with np.errstate(divide="ignore", invalid="ignore"):  # where no further answer is needed, no test is asked for
            shares = np.where(kept, 1 / (sizes * kept.sum(axis=1, keepdims=True)), 0.0)
            gains = (shares @ self._needs * ~given) @ self._shares
        return _Toward(np.where(kept, sizes, np.inf).min(axis=1, initial=np.inf), gains)

    def _answered(self, states: States, wanted: bool) -> _Flags:
        """Which answers each state gives, or, where not ``wanted``, refuses."""
        found = np.zeros((len(states), len(self._given_by)), np.bool_)
        for column, (place, value) in enumerate(self._given_by):
            found[:, column] = states[:, place] == (value is wanted)
        return found

    def _possible(self, given: _Masks, refused: _Masks) -> _Flags:
        """Which of the sets can still hold in each state."""
        possible: _Flags = (self._masks & refused[:, None]) == 0
        for guarded, opposing in self._guards:
            for answers in opposing:
                possible &= ~(guarded & ((answers & ~(given[:, None] | self._masks)) == 0))
        return possible


def _minimal(masks: _Masks, possible: _Flags) -> _Flags:
    """Which of the masks of a row contain no other; only the possible ones, few in most rows, are compared."""
    kept = np.zeros_like(possible)
    sizes = np.where(possible, np.bitwise_count(masks), _BITS + 1)
    number = -(-possible.sum(axis=1) // _SETS_APART) * _SETS_APART
    for most in np.unique(number).tolist():
        rows = np.flatnonzero(number == most)[:, None]
        places = np.argsort(sizes[rows[:, 0]], axis=1, kind="stable")[:, :most]
        kept[rows, places] = _without_supersets(masks[rows, places])
    return kept


def _without_supersets(masks: _Masks) -> _Flags:
    """Which masks of a row, ordered by size, contain no other of the row; of equal ones the first."""
    order = np.arange(masks.shape[1])
    within = (masks[:, :, None] & ~masks[:, None, :]) == 0  # the first is a part of the second
    kept: _Flags = ~(within & np.less.outer(order, order)).any(axis=1)
    return kept


def _is_narrowed(start: Guarded) -> bool:
    """Whether the sets are all, and few enough."""
    bits = reduce(or_, chain(start.masks, *start.guards.values()), 0)
    return start.complete and len(start.masks) <= _MOST_SETS and bits.bit_count() <= _BITS


def _masks(sets: Sequence[Iterable[Answer]], column: Mapping[Answer, int]) -> _Masks:
    """Sets of answers as bit masks."""
    return np.array([sum(1 << column[answer] for answer in answers) for answers in sets], np.uint64)


def _mask_of(flags: _Flags) -> _Masks:
    """The flags of each row as a bit mask."""
    bits = np.left_shift(np.uint64(1), np.arange(flags.shape[1], dtype=np.uint64))
    masks: _Masks = np.where(flags, bits, np.uint64(0)).sum(axis=1, dtype=np.uint64)
    return masks


def _values(state: npt.NDArray[np.int8]) -> tuple[Truth, ...]:
    return tuple([_VALUES[value] for value in state.tolist()])
