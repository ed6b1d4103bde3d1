"""Counts that may be shown to others: those below a threshold are hidden, and whatever would give a hidden one away."""

from collections.abc import Collection, Mapping, Sequence
from math import inf
from typing import NamedTuple, TypeAlias

from poems_cli.report.numbers import number

#: What a count is of: the same key wherever the same rows are counted.
Key: TypeAlias = tuple[str, ...]

_Bounds: TypeAlias = dict[Key, tuple[float, float]]


class Sum(NamedTuple):
    """That some counts add up to another, as every reader can work out."""

    total: Key
    parts: Sequence[Key]

    @property
    def members(self) -> tuple[Key, ...]:
        """All counts that it ties together."""
        return self.total, *self.parts


class Shown(NamedTuple):
    """A count as it is shown: in words, and the ``exact`` number where that is not hidden."""

    words: str
    exact: int | None


class Disclosure:
    """Decides once which of the counts of a page are hidden."""

    def __init__(
        self, counts: Mapping[Key, int], sums: Sequence[Sum], least: int, never_zero: Collection[Key] = frozenset()
    ) -> None:
        """``least`` is the smallest count that is shown; 0 and 1 hide nothing. ``never_zero`` are shown only if not 0."""
        self._counts = counts
        self._sums = sums
        self._least = least
        self._never_zero = never_zero
        self._hidden = {key for key, count in counts.items() if count < least} if least > 1 else set()
        while self._hidden and self._hide_another():
            pass

    def shown(self, key: Key) -> Shown:
        """A count as it may be shown."""
        count = self._counts[key]
        if key not in self._hidden:
            return Shown(number(count), count)
        return Shown(f"<{self._least}" if count < self._least else "hidden", None)

    def _hide_another(self) -> bool:
        """Hide one more count where a small one can be worked out from those shown; whether there was such a count."""
        bounds = self._bounds()
        revealed = [key for key in sorted(self._hidden) if self._counts[key] < self._least and len(set(bounds[key])) == 1]
        for key in revealed:
            shown = self._tied_to(key)
            if shown:
                self._hidden.add(min(shown, key=lambda member: (self._counts[member], member)))
                return True
        return False

    def _tied_to(self, key: Key) -> Sequence[Key]:
        """What is shown and, over the fewest sums, gives a hidden count away; a part before any total."""
        reached, totals = {key}, set[Key]()
        while True:
            members = {member for total in self._sums if not reached.isdisjoint(total.members) for member in total.parts}
            totals |= {total.total for total in self._sums if not reached.isdisjoint(total.members)}
            shown = members - self._hidden
            if shown:
                return sorted(shown)
            hidden = (members | totals) & self._hidden
            if hidden <= reached:
                return sorted(totals - self._hidden)
            reached |= hidden

    def _bounds(self) -> _Bounds:
        """Between which values a reader knows each count to be: by what is shown of it, and by the sums."""
        bounds = {key: self._at_first(key) for key in self._counts}
        changed = True
        while changed:
            changed = False
            for total in self._sums:
                for key, found in _narrowed(total, bounds):
                    if found != bounds[key]:
                        bounds[key], changed = found, True
        return bounds

    def _at_first(self, key: Key) -> tuple[float, float]:
        count = self._counts[key]
        if key not in self._hidden:
            return count, count
        return (int(key in self._never_zero), self._least - 1) if count < self._least else (self._least, inf)


def _narrowed(total: Sum, bounds: _Bounds) -> list[tuple[Key, tuple[float, float]]]:
    """The bounds of a sum and of its parts, as far as each follows from the others."""
    low, high = bounds[total.total]
    lows, highs = (sum(bounds[part][side] for part in total.parts) for side in (0, 1))
    found = [(total.total, (max(low, lows), min(high, highs)))]
    for part in total.parts:
        least, most = bounds[part]
        others = sum(bounds[other][1] for other in total.parts if other != part)
        found.append((part, (max(least, low - others), min(most, high - (lows - least)))))
    return found
