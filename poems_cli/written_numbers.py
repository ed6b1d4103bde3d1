"""The number in a text: its comparator, its marks (decimals, thousands), what follows it; whether it can mean two things.

The one grammar of numbers, for the texts of records, the cells of tables and what people type.
"""

import re
from collections.abc import Mapping
from math import inf
from typing import NamedTuple, TypeGuard

from poems_cli.model import Comparator

#: Space around a cell, which means nothing.
BLANKS = " \t\v\f\u00a0\u2007\u2009\u200a\u202f\u3000"
SPACE = f"{BLANKS}\r\n\ufeff\u200b"

COMPARATORS: Mapping[str, Comparator] = {
    "<=": "<=", ">=": ">=", "=<": "<=", "=>": ">=", "<": "<", ">": ">",
    "\u2264": "<=", "\u2265": ">=", "\u2266": "<=", "\u2267": ">=", "\u2a7d": "<=", "\u2a7e": ">=",
}  # fmt: skip

#: A plain number whose point can be a decimal mark or separate thousands, for any engine of regular expressions.
AMBIGUOUS = r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$"

#: What an analyzer writes after a number to say that it is out of range: it adds nothing to the number.
FLAG = re.compile(r"[(\[]?(?:H{1,2}|L{1,2}|\*{1,3}|!{1,2}|[\u2191\u2193]{1,3}|[Hh]igh|[Ll]ow|HIGH|LOW)[)\]]?")

_NARROW = "\u00a0\u2007\u2009\u200a\u202f"  # blanks that keep the parts of one number together
_SIGN = "|".join(map(re.escape, COMPARATORS))
_MEASURE = re.compile(
    rf"(?P<sign>{_SIGN})?[{BLANKS}]*(?P<minus>[+\-\u2212]?)"
    rf"(?P<digits>(?:[0-9]+(?:[.,'\u2019][0-9]+|[{BLANKS}][0-9]{{3}}(?![0-9]))*[.,]?|[.,][0-9]+))"
    rf"(?P<power>[eE][+-]?[0-9]+)?[{BLANKS}]*(?P<rest>.*)",
    re.DOTALL,
)
_GROUPS: Mapping[str, re.Pattern[str]] = {
    mark: re.compile(rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+") for mark in ".,' "
}
_LAKHS = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")  # 2,50,000 as in India
_MOST_DIGITS = 400  # no double is larger; Python refuses to read more than 4300
_PLAIN = re.compile(r"[0-9]+|[0-9]*\.[0-9]+")


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number, which a truth value is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


class Number(NamedTuple):
    """A number as it is written: ``digits`` with their marks, blanks and apostrophes made one, and the ``rest`` after it.

    ``narrow`` where a blank within it does not separate two numbers: it is a narrow one, or not the only mark.
    """

    comparator: Comparator | None
    negative: bool
    digits: str
    power: str
    rest: str
    narrow: bool = False

    def value(self, decimal: str) -> float | None:
        """Its value where this is the decimal mark; ``None`` if it cannot be written so."""
        other = "," if decimal == "." else "."
        whole, mark, fraction = self.digits.partition(decimal)
        if any(sign in fraction for sign in ".,' "):
            return None
        if any(sign in whole for sign in ".,' "):
            if self.power or not _grouped(whole, other):
                return None
            whole = re.sub("[^0-9]", "", whole)
        text = f"{whole}.{fraction}" if mark else whole
        if not _PLAIN.fullmatch(text):
            return None
        number = float(f"{text}{self.power}")
        return (-number if self.negative else number) + 0.0  # nothing is below 0 by a sign alone

    @property
    def marks(self) -> frozenset[str]:
        """The decimal marks that it can be read with: both where it has none, or could have either."""
        return frozenset([decimal for decimal in ".," if self.value(decimal) is not None])

    @property
    def is_clear(self) -> bool:
        """Whether it means one thing whatever the decimal mark of its column is."""
        values = {self.value(decimal) for decimal in self.marks}
        return len(values) == 1


def number_in(text: str) -> Number | None:
    """The number that a cell (without space around it) begins with, if any."""
    match = _MEASURE.fullmatch(text)
    if match is None:
        return None
    digits = match["digits"].replace("\u2019", "'")
    narrow = any(blank in digits for blank in _NARROW)
    digits = re.sub(f"[{BLANKS}]", " ", digits)
    if " " in digits:
        narrow = narrow or digits.count(" ") > 1 or any(mark in digits for mark in ".,")
    if digits[-1] in ".,":
        if any(mark in digits[:-1] for mark in ".,"):
            return None
        digits = digits[:-1]
    sign = match["sign"]
    return Number(
        COMPARATORS[sign] if sign else None,
        match["minus"] in ("-", "\u2212"),
        digits,
        match["power"] or "",
        match["rest"],
        narrow,
    )


def whole_number(digits: str) -> int | float:
    """The number that digits spell; infinite where it is beyond any measurement, which later is refused."""
    if len(digits) > _MOST_DIGITS:
        return -inf if digits.startswith("-") else inf
    return int(digits)


def single_value(number: Number) -> float | None:
    """The value of a single number, with no other to show its decimal mark; ``None`` if it can mean two things.

    An ordinary blank may separate two numbers as well as thousands.
    """
    if not number.is_clear or (" " in number.digits and not number.narrow):
        return None
    return number.value(next(iter(number.marks)))


def before_blank(text: str) -> tuple[Number, str] | None:
    """The number before the first blank of a text, and the rest; ``None`` if what is before the blank is more than a number."""
    head, _, rest = re.sub(f"[{BLANKS}]+", " ", text.strip(SPACE)).partition(" ")
    number = number_in(head)
    return (number, rest) if number is not None and not number.rest else None


def without_flag(rest: str) -> str:
    """What follows a number, without an analyzer's flag at its end."""
    plain = rest.strip(SPACE)
    if FLAG.fullmatch(plain):
        return ""
    head, _, tail = plain.rpartition(" ")
    return head.strip(SPACE) if head and FLAG.fullmatch(tail) else plain


def _grouped(whole: str, mark: str) -> bool:
    """Whether the whole part is in groups of thousands, all with one mark that is not the decimal one."""
    if mark == "," and _LAKHS.fullmatch(whole):
        return True
    return any(_GROUPS[each].fullmatch(whole) for each in (mark, "'", " "))
