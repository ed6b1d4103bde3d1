"""Several small values of a row as one whole number, each a digit of it: truths in base three, counts in their own."""

from collections.abc import Sequence
from typing import NamedTuple

from poems_cli.model import Truth
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import Term, Text, as_text, cases, negated, text, total, whole

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
    """Truths as one number, under a name. Raises OverflowError beyond 39 of them."""
    digits = []
    for term in terms:
        is_open = isinstance(term, Text)
        digits.append(as_text(cases((term, whole(1)), (negated(term), whole(2)), otherwise=whole(0))) if is_open else term)
    return _number(digits, [3] * len(terms), name, stages, truths=True)


def of_counts(counts: Sequence[Text | int], most: Sequence[int], name: str, stages: Stages) -> Digits:
    """Counts, each with the most that it can be, as one number under a name. Raises OverflowError if that is too large."""
    return _number(list(counts), [one + 1 for one in most], name, stages, truths=False)


def _number(digits: Sequence[Text | int | Truth], bases: Sequence[int], name: str, stages: Stages, *, truths: bool) -> Digits:
    worth = 1
    parts: list[Text] = []
    kept: list[tuple[int, int]] = []
    fixed: list[tuple[int, int | Truth]] = []
    for place, (digit, base) in enumerate(zip(digits, bases, strict=True)):
        if not isinstance(digit, Text):
            fixed.append((place, digit))
            continue
        parts.append(digit if worth == 1 else text(f"CAST({worth} AS BIGINT) * ({{}})", digit))
        kept.append((place, base))
        worth *= base
        if worth >= _MOST:
            message = f"{name} does not fit into one number"
            raise OverflowError(message)
    value: Text | int = stages.add(name, total(parts)) if parts else 0
    return Digits(value, tuple(kept), tuple(fixed), truths)
