"""What a cell of a table means, in one place: the words, the numbers, and what is not understood.

``CellReader.read`` defines what a cell means, for every engine. Nothing is guessed: a cell that could mean two things, or
nothing known, is a fault. Only A to Z have a case here: a word that holds another letter is in ``words`` in each of its cases.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from math import isfinite
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple, TypeAlias, cast

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS, UNKNOWN_WORDS
from poems_cli.finding_names import longer_words, said_by
from poems_cli.model import Comparator, Finding, Observed, Quantity
from poems_cli.tables.columns import Column, Meaning
from poems_cli.tables.unit_scale import Scale, scale_of
from poems_cli.units import UnitError, UnitTable, ucum_unit
from poems_cli.written_numbers import BLANKS, SPACE, Number, number_in, without_flag


def fold(text: str) -> str:
    """A to Z in lower case, and every other letter as it is."""
    return text.translate(_FOLDED)


def says_nothing(text: str) -> bool:
    """Whether a text without space around it is blank, or a word for unknown."""
    return fold(text) in _UNKNOWN


def accepted_unit(units: UnitTable, finding: str, written: str) -> str | None:
    """The unit of a finding that is written like this, if the finding accepts it."""
    try:
        return ucum_unit(units, finding, written) if finding in units.analytes else None
    except UnitError:
        return None


class Fault(IntEnum):
    """Why a cell is not understood. The numbers are what the engines pass around; the words are in ``FAULTS``."""

    NO_TRUTH = 1
    NO_WORD = 2
    NO_NUMBER = 3
    SEPARATOR = 4
    UNIT = 5
    IMPOSSIBLE = 6
    LIMIT = 7
    CODE = 8


#: Each fault in words, with how to mend it.
FAULTS: Mapping[Fault, tuple[str, str]] = {
    Fault.NO_TRUTH: (
        "this is neither present nor absent",
        "write yes or no, leave it blank for unknown, or say under 'values' in the mapping what it means",
    ),
    Fault.NO_WORD: (
        "this is not one of the finding's words",
        "write one of them (poems explain lists them), or say under 'values' in the mapping which one it is",
    ),
    Fault.NO_NUMBER: (
        "this is not a number",
        "write a number, with < or > before it if need be, or say under 'values' in the mapping that it is unknown",
    ),
    Fault.SEPARATOR: (
        "a point, a comma or a blank within the number can mean two things",
        "write no separators between thousands; or say the decimal mark with --decimal, or with decimal: in the mapping",
    ),
    Fault.UNIT: (
        "what follows the number is not the unit of the column",
        "write one number, in the column's unit, with nothing else in the cell",
    ),
    Fault.IMPOSSIBLE: ("no patient can have this value", "check the number and the unit of the column"),
    Fault.CODE: (
        "the column has other codes too, so that this may be a grade, or mean something else than present or absent",
        "say under 'values' in the mapping what each code of the column means",
    ),
    Fault.LIMIT: (
        "the laboratory's limit next to it cannot be a limit, or low is above high",
        "correct the limit, or leave it blank",
    ),
}

Cell: TypeAlias = Observed | Fault | None


class Measure(NamedTuple):
    """A number with its comparator: in the unit of its column, or in the accepted ``unit`` that is written after it."""

    value: float
    comparator: Comparator | None = None
    unit: str | None = None


class Written(NamedTuple):
    """A number as it is written in a cell, what follows it without a flag, and the accepted unit that this is."""

    number: Number
    rest: str
    unit: str | None


class CellReader:
    """Reads the cells of one column.

    A cell without ``SPACE`` around it means what ``column.values`` says of it, else what ``words`` says of it folded, else in a
    column of measured values what ``measure`` finds. ``decimal`` is the decimal mark of the column, ``None`` where each number
    has to show it by itself.
    """

    def __init__(self, column: Column, finding: Finding, units: UnitTable, decimal: str | None = None) -> None:
        self.column = column
        self.finding = finding
        self.decimal = column.decimal or decimal
        self._units = units
        self.scale: Scale | None = None
        changed: set[str] = set()
        if finding.kind == "quantity":
            self.unit = ucum_unit(units, finding.id, column.unit)
            self.words: Mapping[str, Meaning] = dict.fromkeys(UNKNOWN_WORDS)
            analyte = units.analytes[finding.id]
            self.scale = scale_of(analyte, self.unit)
            self.is_unit_said = analyte.is_unit_said
            self.possible, self.nothing_below = self.scale.possible, self.scale.nothing_below
        else:
            words = _truth_words(finding) if finding.kind == "boolean" else _choice_words(finding, bool(column.values))
            mapped = {(fold(said), meant) for said, meant in column.values.items()}  # "yes: false" leaves YES without a meaning
            changed = {word for word, meant in mapped if words.get(word, meant) != meant}
            self.words = {word: meant for word, meant in words.items() if word not in changed and not _is_unclear(word, column)}
        self._longer = {word: meant for word, meant in longer_words(finding).items() if fold(word) not in changed}

    def read(self, text: str | None, low: str | None = None, high: str | None = None) -> Cell:
        """What a cell says: present, absent, a word or a quantity; ``None`` for unknown; or why it is not understood.

        ``low`` and ``high`` are the cells of the laboratory's own limits, where the column names columns for them.
        """
        if text is None:
            return None
        plain = text.strip(SPACE)
        for said in (plain, as_code(plain)):
            if said in self.column.values:
                return self.column.values[said]
        word = fold(plain)
        if word in self.words:
            return self.words[word]
        if self.scale:
            return self._measured(plain, low, high)
        listed = said_by(plain, self._longer)  # several longer words
        if listed is not None and self.finding.id in listed:
            return listed[self.finding.id]
        if self.finding.kind != "boolean":
            return Fault.NO_WORD
        return Fault.CODE if _is_unclear(word, self.column) else Fault.NO_TRUTH

    def _measured(self, plain: str, low: str | None, high: str | None) -> Cell:
        measure = self.measure(plain)
        if isinstance(measure, Fault):
            return measure
        least, most = self.possible
        is_below_nothing = self.nothing_below is not None and measure.comparator == "<" and measure.value <= self.nothing_below
        if is_below_nothing or not least <= measure.value <= most:
            return Fault.IMPOSSIBLE
        limits = [self._limit(side, cell) for side, cell in ((self.column.low, low), (self.column.high, high))]
        numbers = [limit for limit in limits if not isinstance(limit, Fault)]
        if len(numbers) < len(limits) or not self._can_be_limits(*numbers):
            return Fault.LIMIT
        scale = cast("Scale", self.scale)
        lower, upper = (None if number is None else scale.canonical(number) for number in numbers)
        return Quantity(scale.canonical(measure.value), self.finding.unit or "", measure.comparator, lower, upper)

    def _can_be_limits(self, low: float | None, high: float | None) -> bool:
        """Whether low is not above high, and both are possible: a high limit of 0 is written where there is none."""
        if low is not None and high is not None and low > high:
            return False
        return self.nothing_below is None or ((low is None or low >= 0) and (high is None or high > 0))

    def measure(self, plain: str) -> Measure | Fault:
        """The number that a cell holds, in the unit of the column, whether that or another one follows it."""
        given = self.given(plain)
        if isinstance(given, Fault) or given.unit is None:
            return given
        scale, own = scale_of(self._units.analytes[self.finding.id], given.unit), cast("Scale", self.scale)
        value = given.value if scale[:2] == own[:2] else own.given(scale.canonical(given.value))
        return Measure(value, given.comparator)

    def given(self, plain: str) -> Measure | Fault:
        """The number that a cell holds, as it is written, with the unit that follows it."""
        written = self.written(plain)
        if written is None:
            return Fault.NO_NUMBER
        value = self._value(written.number)
        if value is None:
            return Fault.SEPARATOR
        if not isfinite(value):
            return Fault.NO_NUMBER
        if written.rest and not self._can_have(written.unit):
            return Fault.UNIT
        return Measure(value, written.number.comparator, written.unit)

    def written(self, plain: str) -> Written | None:
        """The number that a cell begins with, and what follows it."""
        number = number_in(plain)
        if number is None:
            return None
        rest = number.rest.strip(SPACE)
        if " " in number.digits:  # 450 109/L, which has lost its superscript
            head, tail = re.split(f"[{BLANKS}]+", plain, maxsplit=1)
            first, unit = number_in(head), self._unit_of(tail)
            if first is not None and not first.rest and unit is not None:
                return Written(first, tail, unit)
        if self.finding.unit != "%":  # the L after a forced vital capacity is a liter of air
            rest = without_flag(rest)
        return Written(number, rest, self._unit_of(rest) if rest else None)

    def _value(self, number: Number) -> float | None:
        if " " in number.digits and not (number.narrow or self.column.thousands == " "):
            return None
        if self.decimal is not None:
            return number.value(self.decimal)
        return number.value(next(iter(number.marks))) if number.is_clear else None

    def _can_have(self, unit: str | None) -> bool:
        """Whether a number in this unit can be in this column."""
        if unit is None:
            return False
        is_same = scale_of(self._units.analytes[self.finding.id], unit)[:2] == cast("Scale", self.scale)[:2]
        return is_same or self.column.unit is None or self.column.unit_from == "cells" or {unit, self.unit} <= _SHARES

    def _unit_of(self, written: str) -> str | None:
        """The accepted unit that is written after a number, if it is one."""
        return accepted_unit(self._units, self.finding.id, written) if len(written) <= _LONGEST_UNIT else None

    def _limit(self, named: float | str | None, cell: str | None) -> float | Fault | None:
        if not isinstance(named, str):
            return named
        plain = (cell or "").strip(SPACE)
        if says_nothing(plain):
            return None
        measure = self.measure(plain)
        return Fault.LIMIT if isinstance(measure, Fault) or measure.comparator else measure.value


def as_code(plain: str) -> str:
    """A whole number without what adds nothing to it (``1.0``, ``+1``, ``01``); any other text as it is."""
    match = _CODE.fullmatch(plain)
    if match is None:
        return plain
    return f"{match['minus'] or ''}{match['digits']}" if match["digits"] != "0" else "0"


def is_code(plain: str) -> bool:
    """Whether a text is a whole number."""
    return _CODE.fullmatch(plain) is not None


def is_sign(plain: str) -> bool:
    """Whether a text is made of plus and minus alone, as the grades of a test strip are."""
    return _SIGNS.fullmatch(plain) is not None


def are_of_one_language(read: Iterable[tuple[str, object]]) -> bool:
    """Whether no two single letters mean the same: H and M are both male, each in another language, and M is female there."""
    letters = {fold(text): meaning for text, meaning in read if len(text) == 1 and text.isascii() and text.isalpha()}
    return len(letters) == len(set(letters.values()))


def _is_unclear(word: str, column: Column) -> bool:
    return ("codes" in column.unclear and is_code(word)) or ("signs" in column.unclear and word == "+")


_CODE = re.compile(r"(?:\+|(?P<minus>-))?0*(?P<digits>[0-9]+)(?:\.0*)?")
_SIGNS = re.compile(r"[(]?(?:[0-9]?[+]+|[+]?/?-|\u00b1|[+]/[-\u2212]|[-\u2212]/[+])[)]?")
_LONGEST_UNIT = 40
_UNKNOWN = frozenset(UNKNOWN_WORDS)
_SHARES = {"%", "1", "L/L"}
_FOLDED = str.maketrans(ascii_uppercase, ascii_lowercase)
_TRUTHS: dict[str, Meaning] = {
    **dict.fromkeys(PRESENT_WORDS, True),
    **dict.fromkeys(ABSENT_WORDS, False),
    **dict.fromkeys(UNKNOWN_WORDS),
}


def _truth_words(finding: Finding) -> Mapping[str, Meaning]:
    """Every word for present, absent and unknown, folded; of a band that is typed, ``IgG lambda`` says that it is present."""
    return _TRUTHS | {fold(word): meant for word, meant in _own_longer_words(finding)}


def _own_longer_words(finding: Finding) -> Iterator[tuple[str, Meaning]]:
    """The longer words, which say something of other findings too, and what they say of this one."""
    return ((word, meant[finding.id]) for word, meant in longer_words(finding).items() if finding.id in meant)


def _choice_words(finding: Finding, only_whole: bool) -> Mapping[str, Meaning]:
    """Every word for a choice, folded: its id before its label, and that before other words.

    Of a longer word, which says something of other findings too, as ``IgG lambda`` does, what it says of this one counts.
    ``only_whole`` leaves other words out: where a mapping says what a letter means, the next one may be of another language.
    """
    words: dict[str, Meaning] = {choice: choice for choice in finding.choices}
    words |= {label: choice for choice, label in finding.choices.items() if label not in words}
    words |= _own_longer_words(finding)
    if not only_whole:
        words |= {word: choice for word, choice in finding.words.items() if word not in words}
    folded: dict[str, Meaning] = {}
    for word, choice in words.items():
        folded.setdefault(fold(word), choice)
    for word, choice in words.items():
        for cased in (word.lower(), word.upper(), word.capitalize()):
            folded.setdefault(fold(cased), choice)
    return dict.fromkeys(UNKNOWN_WORDS) | folded
