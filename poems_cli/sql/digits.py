"""Several small values of a row as one whole number, each a digit of it.

Truths are digits in base three, or in base four where they are rails; counts each have a base of their own.
"""

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from poems_cli.model import Truth
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import digits as terms_as_digits
from poems_cli.sql.text import Rails, Term, Text, text, total, type_up_to

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
    kind = type_up_to(prod(greatest + 1 for count, greatest in zip(counts, most, strict=True) if isinstance(count, Text)))
    worth = 1
    parts: list[Text] = []
    kept: list[tuple[int, int]] = []
    fixed: list[tuple[int, int | Truth]] = []
    for place, (count, greatest) in enumerate(zip(counts, most, strict=True)):
        if not isinstance(count, Text):
            fixed.append((place, count))
            continue
        parts.append(count if worth == 1 else text(f"CAST({worth} AS {kind}) * ({{}})", count))
        kept.append((place, greatest + 1))
        worth *= greatest + 1
        if worth >= _MOST:
            raise _too_large(name)
    value: Text | int = stages.add(name, total(parts)) if parts else 0
    return Digits(value, tuple(kept), tuple(fixed), truths=False)


def _too_large(name: str) -> OverflowError:
    return OverflowError(f"{name} does not fit into one number")
