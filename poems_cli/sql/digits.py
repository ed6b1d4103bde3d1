"""Several small values of a row as one whole number, each a digit of it.

Truths are digits in base three, and counts each have a base of their own; beside rails every base is a power of two.
"""

from collections.abc import Sequence
from typing import NamedTuple

from poems_cli.model import Truth
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import digits as terms_as_digits
from poems_cli.sql.terms import joined, shift_of, times
from poems_cli.sql.text import Rails, Term, Text, text

_MOST = 1 << 62
_TRUTHS: tuple[Truth, ...] = (None, True, False)


class Digits(NamedTuple):
    """A number and what its digits say. ``fixed`` holds, by position, the values that are the same for every row."""

    value: Text | int
    bases: tuple[tuple[int, int], ...]
    fixed: tuple[tuple[int, int | Truth], ...]
    truths: bool

    def read(self, number: int) -> list[int | Truth]:
        """The values that a number stands for, in the order in which they were given."""
        found: dict[int, int | Truth] = dict(self.fixed)
        for place, base in self.bases:
            number, digit = divmod(number, base)
            found[place] = _TRUTHS[digit] if self.truths else digit
        return [found[place] for place in range(len(found))]

    def number(self, place: int) -> Text | int:
        """One of several counts in SQL, cut out of the number. Raises ValueError if its base is no power of two."""
        worth = 1
        for one, base in self.bases:
            if one == place and isinstance(self.value, Text):
                return text(f"({{}} >> {shift_of(worth)}) & {(1 << shift_of(base)) - 1}", self.value)
            worth *= base
        return dict(self.fixed)[place] or 0


def of_truths(terms: Sequence[Term], name: str, stages: Stages) -> Digits:
    """Truths as one number, under a name. Raises OverflowError beyond 39 of them, or 30 as rails."""
    open_terms = [term for term in terms if isinstance(term, Text | Rails)]
    fixed = tuple([(place, term) for place, term in enumerate(terms) if not isinstance(term, Text | Rails)])
    if not open_terms:
        return Digits(0, (), fixed, truths=True)
    number, base = terms_as_digits(open_terms)
    if base ** len(open_terms) >= _MOST:
        raise _too_large(name)
    bases = tuple([(place, base) for place, term in enumerate(terms) if isinstance(term, Text | Rails)])
    return Digits(stages.add(name, number), bases, fixed, truths=True)


def of_counts(counts: Sequence[Text | int], most: Sequence[int], name: str, stages: Stages) -> Digits:
    """Counts, each with the most that it can be, as one number under a name. Raises OverflowError if that is too large."""
    worth = 1
    parts: list[Text] = []
    kept: list[tuple[int, int]] = []
    fixed: list[tuple[int, int | Truth]] = []
    for place, (count, greatest) in enumerate(zip(counts, most, strict=True)):
        if not isinstance(count, Text):
            fixed.append((place, count))
            continue
        base = 1 << greatest.bit_length() if stages.in_rails else greatest + 1
        parts.append(times(worth, count, worth * base))
        kept.append((place, base))
        worth *= base
        if worth >= _MOST:
            raise _too_large(name)
    value: Text | int = stages.add(name, joined(parts, stages.in_rails)) if parts else 0
    return Digits(value, tuple(kept), tuple(fixed), truths=False)


def _too_large(name: str) -> OverflowError:
    return OverflowError(f"{name} does not fit into one number")
