"""The first mimics to consider of each row, ranked as for one patient by the evidence in tenths of a point."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from poems_cli.arrays.expressions import Translator
from poems_cli.arrays.planes import Plane, unpacked
from poems_cli.arrays.program import Result, Run, Value
from poems_cli.engine.differential import Differential
from poems_cli.model import Rules, Weight

_OFFSET = 1_000_000  # no sum of weights, in tenths, comes near


class _Side(NamedTuple):
    """What an item weighs in tenths where a value is true."""

    holds: Value
    weight: int


class _Disease(NamedTuple):
    """A mimic's conditions; of each of its ``items`` the first side that holds counts."""

    called: Value
    confirmed: Value
    excluded: Value
    items: tuple[tuple[_Side, ...], ...]


class MimicRanks:
    """Ranks the mimics of the rows of a table."""

    def __init__(self, rules: Rules, translator: Translator, places: int) -> None:
        """``places`` is how many mimics of each row are asked for."""
        mimics = list(Differential(rules).conditions())
        self.ids: tuple[str | None, ...] = (None, *[conditions.mimic.id for conditions in mimics])
        self._places = places
        self._in_favor = round(rules.evidence.less_likely * 10)
        self._diseases = [
            _Disease(
                translator.value(calls),
                None if mimic.confirmed is None else translator.value(mimic.confirmed.when),
                None if mimic.excluded is None else translator.value(mimic.excluded.when),
                tuple([tuple(_sides(translator, weights)) for weights in evidence]),
            )
            for mimic, calls, evidence in mimics
        ]

    def values(self) -> Iterator[Value]:
        """The values of the program that are needed here."""
        for disease in self._diseases:
            yield from (disease.called, disease.confirmed, disease.excluded)
            yield from (side.holds for sides in disease.items for side in sides)

    def ranked(self, run: Run) -> list[npt.NDArray[np.int64]]:
        """For each place, the position in ``ids`` of every row's mimic; 0 where there is none."""
        best = [np.zeros(run.rows, np.int64) for _ in range(self._places)]
        for position, disease in enumerate(self._diseases, 1):
            key = self._key(disease, run, position)
            if key is None:
                continue
            for place, so_far in enumerate(best):
                best[place], key = np.maximum(so_far, key), np.minimum(so_far, key)
        return [ranks % len(self.ids) for ranks in best]

    def _key(self, disease: _Disease, run: Run, position: int) -> npt.NDArray[np.int64] | None:
        """A number for each row, the greater the higher the mimic ranks; 0 where it is not to be considered."""
        confirmed = run.truths(disease.confirmed).true
        called = run.truths(disease.called).true
        possible = confirmed | (called & ~run.truths(disease.excluded).true)
        if not possible.any():
            return None
        evidence = np.zeros(run.rows, np.int64)
        for sides in disease.items:
            _weigh(sides, run, evidence)
        considered = unpacked(confirmed, run.rows) | (unpacked(possible, run.rows) & (evidence >= self._in_favor))
        return np.where(considered, (evidence + _OFFSET) * len(self.ids) + position, 0)


def _weigh(sides: Sequence[_Side], run: Run, evidence: npt.NDArray[np.int64]) -> None:
    """Add what the first side that holds weighs."""
    weighed: Plane | None = None
    for side in sides:
        holds = run.truths(side.holds).true
        if weighed is not None:
            holds = holds & ~weighed
        if holds.any():
            evidence += unpacked(holds, run.rows) * np.int64(side.weight)
        weighed = holds if weighed is None else weighed | holds


def _sides(translator: Translator, weights: Iterable[Weight]) -> Iterator[_Side]:
    """The weights that some row can have, with what makes them hold."""
    for item, weight, present, *_ in weights:
        value = translator.value(item.when)
        holds = value if present else translator.logic.negated(value)
        if isinstance(holds, Result) or holds is True:
            yield _Side(holds, round(weight * 10))
