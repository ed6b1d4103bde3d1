"""A group of which one is enough, as a digit of a number: 0 where one is present, else how much is still open in it.

Of alternatives that are alike only the number that are open matters, so that they make few digits, however many they are.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import prod
from operator import mul

from poems_cli.sql import rails
from poems_cli.sql.terms import as_rails, as_text, cases, counted, is_open, joined, shift_of, some, times
from poems_cli.sql.text import Rails, Term, Text, text, total, type_up_to, whole


class OpenGroup:
    """The digit of one group; the alternatives are given in classes of those that are alike.

    No alternative is true in every row, and one at least differs from row to row.
    """

    def __init__(self, classes: Sequence[Sequence[Term]]) -> None:
        self._in_rails = any(isinstance(one, Rails) for alike in classes for one in alike)
        self._classes = [[one for one in alike if one is not False] for alike in classes]
        self._bases = [1 << len(alike).bit_length() if self._in_rails else len(alike) + 1 for alike in self._classes]
        self._first = prod(self._bases) if self._in_rails else 1  # a bit of its own: sums cost more
        self._worths = list(accumulate(self._bases, mul, initial=1))[:-1]
        self.size = self._first + prod(self._bases)

    def open_of(self, digit: int) -> tuple[int, ...] | None:
        """How many of each class are open; ``None`` where one is present. Raises ValueError for a digit that no row has."""
        if digit == 0:
            return None
        rest, found = digit - self._first, []
        for base in self._bases:
            rest, number = divmod(rest, base)
            found.append(number)
        if digit < self._first or any(number > len(alike) for number, alike in zip(found, self._classes, strict=True)):
            message = f"no row has {digit}"
            raise ValueError(message)
        return tuple(found)

    def times(self, worth: int) -> Text:
        """The SQL for so many times the digit; ``worth`` is a power of two if the alternatives are rails."""
        if self._in_rails:
            return self._in_bits(worth)
        present = some([one for alike in self._classes for one in alike])
        counts = [(place, counted(alike, None)) for place, alike in zip(self._worths, self._classes, strict=True)]
        fixed = self._first + sum(place * count for place, count in counts if isinstance(count, int))
        each = [times(place, count, self.size) for place, count in counts if isinstance(count, Text)]
        number = as_text(cases((present, whole(0)), otherwise=total([*each, whole(fixed)])))
        return times(worth, number, worth * self.size)

    def _in_bits(self, worth: int) -> Text:
        fixed = worth * self._first
        bits: list[tuple[int, Rails]] = []
        parts: list[Text] = []
        for place, alike in zip(self._worths, self._classes, strict=True):
            if len(alike) == 1 and is_open(alike[0]):
                bits.append((shift_of(worth * place), rails.unknown(as_rails(alike[0]))))
                continue
            count = counted(alike, None)
            if isinstance(count, Text):
                parts.append(times(worth * place, count, worth * self.size))
            else:
                fixed += worth * place * count
        every = joined([*([rails.mask(bits)] if bits else []), *parts, whole(fixed)], in_rails=True)
        present = rails.some([as_rails(one) for alike in self._classes for one in alike if is_open(one)])
        none = Text(rails.opposite(present.true), present.columns)
        return text(f"(({{}}) & CAST({{}} AS {type_up_to(worth * self.size)}))", every, none)
