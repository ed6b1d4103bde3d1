"""What a cell of a table means, in one place: the words, the numbers, and what is not understood.

This is the meaning to which every engine is held: ``CellReader.read`` says it in Python, and its tables (``words``,
``unit_words``, ``possible``, ``nothing_below``) and the patterns here are what the SQL of the other engines is made of. Nothing
is guessed: a cell that is not in the tables is a fault.

Engines differ in what upper and lower case of other alphabets are, so only A to Z have a case here; a word that holds
another letter stands in ``words`` in each of its cases. The patterns hold no backslash and no quote, match whole cells, and
mean the same in Python, RE2 and Java.
"""

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum
from itertools import product
from math import isfinite
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple, TypeAlias, cast

from poems_cli.model import Comparator, Finding, Observed, Quantity
from poems_cli.tables.columns import Column, Meaning
from poems_cli.tables.unit_scale import Scale, scale_of
from poems_cli.units import UnitError, UnitTable, ucum_unit

_BLANK = " \t\v\f\u00a0\u2009\u202f\u3000"
#: What stands around a cell and means nothing.
SPACE = f"{_BLANK}\r\n\ufeff"

#: Words are compared folded, without space around them.
PRESENT_WORDS = ("true", "yes", "1", "present", "positive", "+", "t", "y", "pos", "1.0", "detected")
ABSENT_WORDS = ("false", "no", "0", "absent", "negative", "-", "f", "n", "neg", "0.0", "not detected")
UNKNOWN_WORDS = (
    "", "na", "n/a", "#n/a", "n.a.", "<na>", "nan", "-nan", "+nan", "nan(ind)", "-nan(ind)",  # as programs in C write it
    "null", "unknown", "unk", "missing", "pending", "not done", "not-done",
    "not_done", "notdone", "not performed", "not tested", "not measured", "not assessed", "not recorded", "not available",
    "not applicable", "not known", "no data", "?", ".",
)  # fmt: skip

COMPARATORS: Mapping[str, Comparator] = {
    "<=": "<=", ">=": ">=", "<": "<", ">": ">", "\u2264": "<=", "\u2265": ">=", "\u2266": "<=", "\u2267": ">=",
}  # fmt: skip

_SIGN = "|".join(COMPARATORS)
_AFTER = f"[^0-9.,{_BLANK}]"
#: How a number begins that a separator between thousands, or the other decimal sign, makes ambiguous.
SEPARATED = f"^(?:{_SIGN})?[{_BLANK}]*[+-]?[0-9]+[.,{_BLANK}][0-9]"


def measure_pattern(decimal: str = ".") -> str:
    """The whole of a measured cell: a comparator or nothing, a number with this decimal sign, and what follows it."""
    number = f"[+-]?(?:[0-9]+(?:[{decimal}][0-9]*)?|[{decimal}][0-9]+)(?:[eE][+-]?[0-9]+)?"
    return f"(?s)^({_SIGN})?[{_BLANK}]*({number})[{_BLANK}]*({_AFTER}.*)?$"


def fold(text: str) -> str:
    """A to Z in lower case, and every other letter as it is."""
    return text.translate(_FOLDED)


class Fault(IntEnum):
    """Why a cell is not understood. The numbers are what the engines pass around; the words are in ``FAULTS``."""

    NO_TRUTH = 1
    NO_WORD = 2
    NO_NUMBER = 3
    SEPARATOR = 4
    UNIT = 5
    IMPOSSIBLE = 6
    LIMIT = 7


#: Each fault in words, with how to mend it.
FAULTS: Mapping[Fault, tuple[str, str]] = {
    Fault.NO_TRUTH: (
        "present or absent is wanted, and this is neither",
        "write yes or no, leave it blank for unknown, or say under 'values' in the mapping what it means",
    ),
    Fault.NO_WORD: (
        "one of the finding's words is wanted, and this is none",
        "write one of them (poems explain lists them), or say under 'values' in the mapping which one it is",
    ),
    Fault.NO_NUMBER: (
        "this is not a number",
        "write a number, with < or > before it if need be, or say under 'values' in the mapping that it is unknown",
    ),
    Fault.SEPARATOR: (
        "a point, a comma or a blank within the number can mean two things",
        "write no separators between thousands, and one decimal sign throughout; with decimal commas say --decimal ,",
    ),
    Fault.UNIT: (
        "what follows the number is not the unit of the column",
        "write one number, in the column's unit, with nothing else in the cell",
    ),
    Fault.IMPOSSIBLE: ("no patient can have this value", "check the number and the unit of the column"),
    Fault.LIMIT: (
        "the laboratory's limit beside it is no number that can be a limit, or low is above high",
        "mend the limit, or leave it blank",
    ),
}

Cell: TypeAlias = Observed | Fault | None


class Measure(NamedTuple):
    """A number as it stands in a cell, in the column's unit, with its comparator."""

    value: float
    comparator: Comparator | None = None


class CellReader:
    """Reads the cells of one column, and holds what another engine needs to read them alike.

    A cell without ``SPACE`` around it means what ``column.values`` says of it, else what ``words`` says of it folded, else in a
    column of measured values what ``measure`` finds: ``scale`` is the column's unit, ``possible`` the least and the greatest
    number of that unit, ``nothing_below`` the greatest number that ``<`` cannot stand before (``None`` where values may be
    negative), ``unit_words`` what may follow the number, case and all.
    """

    def __init__(self, column: Column, finding: Finding, units: UnitTable, decimal: str = ".") -> None:
        self.column = column
        self.finding = finding
        self.decimal = decimal
        self._pattern = re.compile(measure_pattern(decimal))
        self.words: Mapping[str, Meaning] = {}
        self.scale: Scale | None = None
        self.possible, self.nothing_below = (0.0, 0.0), None
        self.unit_words: frozenset[str] = frozenset()
        if finding.kind == "boolean":
            self.words = _TRUTHS
        elif finding.kind == "choice":
            self.words = _choice_words(finding)
        else:
            unit = ucum_unit(units, finding.id, column.unit)
            self.words = dict.fromkeys(UNKNOWN_WORDS)
            self.scale = scale_of(units.analytes[finding.id], unit)
            self.possible, self.nothing_below = self.scale.possible, self.scale.nothing_below
            self.unit_words = _unit_words(units, finding.id, unit)

    def read(self, text: str | None, low: str | None = None, high: str | None = None) -> Cell:
        """What a cell says: present, absent, a word or a quantity; ``None`` for unknown; or why it is not understood.

        ``low`` and ``high`` are the cells of the laboratory's own limits, where the column names columns for them.
        """
        if text is None:
            return None
        plain = text.strip(SPACE)
        if plain in self.column.values:
            return self.column.values[plain]
        word = fold(plain)
        if word in self.words:
            return self.words[word]
        if self.scale:
            return self._measured(plain, low, high)
        return Fault.NO_TRUTH if self.finding.kind == "boolean" else Fault.NO_WORD

    def _measured(self, plain: str, low: str | None, high: str | None) -> Cell:
        measure = self.measure(plain)
        if isinstance(measure, Fault):
            return measure
        scale = cast("Scale", self.scale)
        least, most = self.possible
        nothing = self.nothing_below is not None and measure.comparator == "<" and measure.value <= self.nothing_below
        if nothing or not least <= measure.value <= most:
            return Fault.IMPOSSIBLE
        limits = [self._limit(side, cell) for side, cell in ((self.column.low, low), (self.column.high, high))]
        numbers = [one for one in limits if not isinstance(one, Fault)]
        if len(numbers) < len(limits) or not self._can_be_limits(*numbers):
            return Fault.LIMIT
        lower, upper = (None if one is None else scale.canonical(one) for one in numbers)
        return Quantity(scale.canonical(measure.value), self.finding.unit or "", measure.comparator, lower, upper)

    def _can_be_limits(self, low: float | None, high: float | None) -> bool:
        """Whether low is not above high, and both are possible: 0 for a high limit stands where there is none."""
        if low is not None and high is not None and low > high:
            return False
        return self.nothing_below is None or ((low is None or low >= 0) and (high is None or high > 0))

    def measure(self, plain: str) -> Measure | Fault:
        """The number that a cell holds, in the column's unit."""
        match = self._pattern.match(plain)
        if match is None:
            return Fault.SEPARATOR if _SEPARATED.match(plain) else Fault.NO_NUMBER
        number = float(match[2].replace(",", "."))
        if not isfinite(number):
            return Fault.NO_NUMBER
        if match[3] and match[3] not in self.unit_words:
            return Fault.UNIT
        return Measure(number, COMPARATORS[match[1]] if match[1] else None)

    def _limit(self, named: float | str | None, cell: str | None) -> float | Fault | None:
        if not isinstance(named, str):
            return named
        plain = (cell or "").strip(SPACE)
        if fold(plain) in UNKNOWN_WORDS:
            return None
        measure = self.measure(plain)
        return Fault.LIMIT if isinstance(measure, Fault) or measure.comparator else measure.value


_FOLDED = str.maketrans(ascii_uppercase, ascii_lowercase)
_SEPARATED = re.compile(SEPARATED)
_NOT_MORE = re.compile(_AFTER)
_TRUTHS: Mapping[str, Meaning] = {
    **dict.fromkeys(PRESENT_WORDS, True),
    **dict.fromkeys(ABSENT_WORDS, False),
    **dict.fromkeys(UNKNOWN_WORDS),
}


def _choice_words(finding: Finding) -> Mapping[str, Meaning]:
    """Every word for a choice, folded: its id before its label, and that before other words."""
    words: dict[str, Meaning] = {choice: choice for choice in finding.choices}
    words |= {label: choice for choice, label in finding.choices.items() if label not in words}
    words |= {word: choice for word, choice in finding.words.items() if word not in words}
    folded: dict[str, Meaning] = {}
    for word, choice in words.items():
        folded.setdefault(fold(word), choice)
    for word, choice in words.items():
        for one in (word.lower(), word.upper(), word.capitalize()):
            folded.setdefault(fold(one), choice)
    return dict.fromkeys(UNKNOWN_WORDS) | folded


#: How laboratories write a piece of a UCUM unit after a number.
_SPELLED: Mapping[str, tuple[str, ...]] = {
    "10*": ("10*", "10^", "x10^", "x10*", "x 10^", "x 10*", "10e", "10E", "x10e", "x10E", "10**"),
    "u": ("u", "\u00b5", "\u03bc", "mc"),
    "[IU]": ("[IU]", "IU", "U"),
}
_PIECE = re.compile(r"(10\*|(?:^|(?<=/))u(?=[a-zA-Z\[])|\[IU\])")


def _unit_words(units: UnitTable, finding: str, unit: str) -> frozenset[str]:
    """The ways to write one unit after a number: a list, since no other engine can look for more."""
    known = {unit, *[word for word, meant in units.spellings.items() if unit in meant]}
    words = {spelled for word in known for spelled in _spelled(word)}
    words |= {word.upper() for word in words} | {word.lower() for word in words}
    return frozenset([word for word in words if _NOT_MORE.match(word) and _stands_for(units, finding, word) == unit])


def _spelled(word: str) -> Iterator[str]:
    """A unit with each of its pieces written in each way."""
    pieces = [_SPELLED.get(piece, (piece,)) for piece in _PIECE.split(word)]
    return map("".join, product(*pieces))


def _stands_for(units: UnitTable, finding: str, word: str) -> str | None:
    try:
        return ucum_unit(units, finding, word)
    except UnitError:
        return None
