"""What the cells of a column are, counted without an engine: all that is needed to say how the column is to be read."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from math import inf, nextafter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from poems_cli.model import Finding, Rules
from poems_cli.tables.cells import CellReader, as_code, is_sign, says_nothing
from poems_cli.tables.columns import Column, TableMap
from poems_cli.tables.mistaken_names import MISTAKEN_NAMES
from poems_cli.tables.unit_scale import scale_of
from poems_cli.units import AnalyteUnits, UnitTable
from poems_cli.written_numbers import AMBIGUOUS, SPACE, number_in

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: What is counted: a word, or a unit with what is asked of it.
Key: TypeAlias = str | tuple[str, str]

#: So many distinct texts are kept; of more, the rarest are forgotten.
MOST_TEXTS = 2_000
_MOST_NUMBERS = 200
_MOST_CODES = 50
_COUNTED = ("cells", "blank", "points", "commas", "ambiguous", "wide", "without_unit")
#: Numbers that data bases and statistics programs write where a value is missing.
_NINES = (999, 9999, 99_999, 999_999, 9_999_999)
_NEAR = 0.1
#: By chance a number of nines is one of many near it: of fewer for each, it stands for something else.
_BY_CHANCE = 20
_LARGE = (1 - _NEAR) * _NINES[0]
# Most numbers are one of these, and need not be taken apart.
_WHOLE = re.compile("-?[0-9]{1,15}")
_POINTED = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_AMBIGUOUS = re.compile(AMBIGUOUS)
_ABOVE_0, _BELOW_1, _ABOVE_1 = nextafter(0, 1), nextafter(1, 0), nextafter(1, 2)


class Numbers(NamedTuple):
    """The numbers of a column that say no unit by themselves.

    ``fits`` are how many are possible in each accepted unit, ``bare`` how many occur in each unit that may go unsaid,
    ``elsewhere`` how many in other measurements of the same name, ``odd`` how many hardly occur in each unit and usual
    in another one. ``below_1`` are between 0 and 1, ``codes`` are 0 or 1. ``nines`` are the numbers of nines alone that occur
    more often than by chance, and may stand for missing values.
    """

    total: int
    fits: Mapping[str, int]
    bare: Mapping[str, int]
    elsewhere: Mapping[str, int]
    below_1: int
    above_1: int
    codes: int
    odd: Mapping[str, int]
    nines: Mapping[int, int] = {}


class Profile(NamedTuple):
    """The cells of a column.

    ``texts`` are its distinct texts, without space around them and without blank cells, with how often each occurs, the most
    frequent first; ``has_all_texts`` says whether these are all. ``codes`` are the numbers other than 0 and 1 in a column of
    words; ``signs`` says whether grades of a test strip occur (``++``).

    ``numbers`` are by decimal mark: ``"."`` and ``","`` count those that can be read with it, ``""`` those that mean one thing
    with either. ``points`` and ``commas`` are how many numbers prove the decimal mark, ``ambiguous`` how many can mean two
    things, ``wide`` how many prove blanks between thousands. ``written`` are the units that follow numbers. ``without_unit`` is
    how many numbers have no unit in the column of units next to them.
    """

    cells: int
    blank: int
    texts: tuple[tuple[str, int], ...]
    has_all_texts: bool
    codes: frozenset[str]
    signs: bool
    numbers: Mapping[str, Numbers]
    points: int = 0
    commas: int = 0
    ambiguous: int = 0
    wide: int = 0
    written: Mapping[str, int] = {}
    without_unit: int = 0


class ProfileBuilder:
    """Counts the cells of one column, batch by batch.

    ``finding`` is ``None`` for a column that only says units; ``values`` are the texts whose meaning a mapping says: they are
    no numbers.
    """

    def __init__(self, finding: Finding | None, units: UnitTable, values: Collection[str] = ()) -> None:
        self.values = values
        self._reader = CellReader(Column("", finding.id), finding, units) if finding and finding.kind == "quantity" else None
        self._ranges = _ranges(finding.id, units.analytes[finding.id]) if finding and self._reader else {}
        self.counts: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        self.codes: set[str] = set()
        self.in_ranges: Mapping[str, Counter[Key]] = {mark: Counter() for mark in ("", ".", ",")}
        self.written: Counter[str] = Counter()

    def add_texts(self, counts: Mapping[str, int]) -> None:
        """Count a batch by its distinct texts, blank ones too."""
        found: dict[str, list[tuple[float, int]]] = {mark: [] for mark in self.in_ranges}
        for text, count in counts.items():
            plain = text.strip(SPACE)
            self.counts["cells"] += count
            if says_nothing(plain):
                self.counts["blank"] += count
            if not plain:
                continue
            for mark, value in self._add(plain, count).items():
                found[mark].append((value, count))
        for mark, numbers in found.items():
            self.in_ranges[mark].update(self._tally(numbers))
        self._forget()

    def add_without_unit(self, counts: Mapping[str, int]) -> None:
        """Note the distinct texts that have no unit in the column next to them: how many are numbers that say none either."""
        for text, count in counts.items():
            plain = text.strip(SPACE)
            written = self._reader.written(plain) if self._reader and not self._is_said(plain) else None
            self.counts["without_unit"] += count if written is not None and not written.rest else 0

    @property
    def is_measured(self) -> bool:
        """Whether the column is one of numbers."""
        return self._reader is not None

    def add_numbers(self, values: "NDArray[np.float64]", *, points: int = 0) -> None:
        """Count a batch of finite numbers in which nothing else is written; ``points`` is how many show a decimal point."""
        import numpy as np

        if self._reader is None:
            found, counts = np.unique(values, return_counts=True)
            self.add_texts({as_code(repr(float(value))): int(count) for value, count in zip(found, counts, strict=True)})
            return
        self.counts["cells"] += len(values)
        self.counts["points"] += points
        inside = self._inside(values)
        for counts_of in self.in_ranges.values():
            counts_of.update(inside)

    def add_ambiguous(self, values: "NDArray[np.float64]") -> None:
        """Count a batch of numbers that were written as 1.250: a point, or a mark between thousands."""
        self.counts["cells"] += len(values)
        self.counts["ambiguous"] += len(values)
        self.in_ranges["."].update(self._inside(values))
        self.in_ranges[","].update(self._inside((values * 1000).round()))

    def _inside(self, values: "NDArray[np.float64]") -> Mapping[Key, int]:
        """How many of the numbers lie where."""
        inside: dict[Key, int] = {"total": len(values)}
        inside |= {"below 1": _count((values > 0) & (values < 1)), "above 1": _count(values > 1)}
        inside["codes"] = _count((values == 0) | (values == 1))
        large = values[values >= _LARGE]
        for key, (least, most, whole) in self._ranges.items():
            among = large if least >= _LARGE else values
            within = (among >= least) & (among <= most)
            inside[key] = _count(within & (among == among.round()) if whole else within)
        return inside

    def merge(self, other: "ProfileBuilder") -> None:
        """Count what another builder for the same column has counted."""
        self.counts.update(other.counts)
        self.texts.update(other.texts)
        self.codes |= other.codes
        for mark, counts in other.in_ranges.items():
            self.in_ranges[mark].update(counts)
        self.written.update(other.written)
        self._forget()

    def _forget(self) -> None:
        """Keep only the most frequent texts, as many as are shown."""
        if len(self.texts) > 2 * MOST_TEXTS:
            self.texts = Counter(dict(self.texts.most_common(MOST_TEXTS)))
            self.counts["forgotten"] += 1

    def profile(self) -> Profile:
        """What was counted so far."""
        return Profile(
            texts=tuple(sorted(self.texts.items(), key=lambda item: (-item[1], item[0]))),
            has_all_texts=not self.counts["forgotten"],
            codes=frozenset(sorted(self.codes, key=lambda code: (len(code), code))[:_MOST_CODES]),
            signs=self.counts["signs"] > 0,
            numbers={mark: self._numbers(counts) for mark, counts in self.in_ranges.items()},
            written=dict(self.written),
            **{name: self.counts[name] for name in _COUNTED},
        )

    def _numbers(self, counts: Counter[Key]) -> Numbers:
        fits, bare, elsewhere, below, above = (
            {key[1]: counts[key] for key in self._ranges if key[0] == kind}
            for kind in ("fits", "bare", "elsewhere", "below", "above")
        )
        odd = {unit: below.get(unit, 0) + above.get(unit, 0) for unit in fits}
        nines = {number: counts["nines", str(number)] for number in _NINES}
        often = {number: count for number, count in nines.items() if _BY_CHANCE * count > counts["near", str(number)] - count}
        return Numbers(
            counts["total"], fits, bare, elsewhere, counts["below 1"], counts["above 1"], counts["codes"], odd, often
        )

    def _add(self, plain: str, count: int) -> Mapping[str, float]:
        """Count a text; the number that it is, if it is one that says no unit, by decimal mark."""
        readings = self._number(self._reader, plain, count) if self._reader and not self._is_said(plain) else None
        if readings is None:
            self.texts[plain] += count
            self._note_code(plain)
        elif plain in self.texts or len(self.texts) < _MOST_NUMBERS:
            self.texts[plain] += count
        else:
            self.counts["forgotten"] += 1
        return readings or {}

    def _is_said(self, plain: str) -> bool:
        """Whether the mapping says what a text means."""
        return plain in self.values or as_code(plain) in self.values

    def _number(self, reader: CellReader, plain: str, count: int) -> Mapping[str, float] | None:
        """What a number can mean by decimal mark, and under ``""`` if it is one thing alone; ``None`` for other texts."""
        if _WHOLE.fullmatch(plain):
            return dict.fromkeys(("", ".", ","), float(plain) + 0.0)
        if _POINTED.fullmatch(plain) and not _AMBIGUOUS.fullmatch(plain):
            self.counts["points"] += count
            return dict.fromkeys(("", "."), float(plain) + 0.0)
        written = reader.written(plain)
        if written is None or (written.rest and written.unit is None):
            return None
        number = written.number
        if number.comparator and number.digits in map(str, _NINES):
            return {}  # the end of what is measured, as in >9999
        readings = {mark: value for mark in ".," if (value := number.value(mark)) is not None}
        if not readings:
            return None
        is_clear = len(set(readings.values())) == 1
        if len(readings) == 1:
            self.counts["points" if "." in readings else "commas"] += count
        elif not is_clear:
            self.counts["ambiguous"] += count
        if number.narrow:
            self.counts["wide"] += count
        if written.unit is not None:
            self.written[written.unit] += count
            return {}
        return {**readings, "": next(iter(readings.values()))} if is_clear else readings

    def _tally(self, numbers: Sequence[tuple[float, int]]) -> Mapping[Key, int]:
        """How many of the numbers lie where."""
        every, whole = _Sorted(numbers), _Sorted([pair for pair in numbers if pair[0].is_integer()])
        tally: dict[Key, int] = {"total": every.total}
        tally |= {"below 1": every.between(_ABOVE_0, _BELOW_1), "above 1": every.between(_ABOVE_1, inf)}
        tally["codes"] = every.between(0, 0) + every.between(1, 1)
        for key, (least, most, only_whole) in self._ranges.items():
            tally[key] = (whole if only_whole else every).between(least, most)
        return tally

    def _note_code(self, plain: str) -> None:
        number = number_in(plain)
        if number is not None and not number.rest and as_code(plain) not in ("0", "1"):
            if len(self.codes) < MOST_TEXTS:
                self.codes.add(as_code(plain))
        elif plain != "+" and is_sign(plain) and not says_nothing(plain):
            self.counts["signs"] += 1


class _Sorted:
    """Numbers with how often each occurs, to be counted in ranges."""

    def __init__(self, numbers: Sequence[tuple[float, int]]) -> None:
        ordered = sorted(numbers)
        self.values = [value for value, _ in ordered]
        self._below = [0, *accumulate(count for _, count in ordered)]
        self.total = self._below[-1]

    def between(self, least: float, most: float) -> int:
        """How many lie in a range, its ends included."""
        first, last = bisect_left(self.values, least), bisect_right(self.values, most)
        return self._below[last] - self._below[first] if first < last else 0


def builders_for(table: TableMap, rules: Rules) -> dict[str, ProfileBuilder]:
    """Empty profiles of the columns of a table and of their columns of units, by heading."""
    builders = {
        column.unit_column: ProfileBuilder(None, rules.units) for column in table.columns if column.unit_column is not None
    }
    for column in table.columns:
        builders[column.heading] = ProfileBuilder(rules.findings[column.finding], rules.units, column.values)
    return builders


def _ranges(finding: str, analyte: AnalyteUnits) -> Mapping[Key, tuple[float, float, bool]]:
    """Between what numbers lie, and whether whole ones alone: in each accepted unit, bare, and in other measurements."""
    ranges: dict[Key, tuple[float, float, bool]] = {}
    for unit in analyte.accepted:
        least, most = scale_of(analyte, unit).possible
        ranges["fits", unit] = (least, most, False)
        if unit in analyte.bare:
            low, high = analyte.bare[unit]
            ranges["bare", unit] = (max(least, low), min(most, high), False)
    for unit in analyte.bare:
        for side, (low, high) in _odd(analyte, unit).items():
            ranges[side, unit] = (low, high, False)
    for unit, (low, high) in analyte.elsewhere.items():
        ranges["elsewhere", unit] = (low, high, False)
    for number in _NINES:
        ranges["nines", str(number)] = (number, number, False)
        ranges["near", str(number)] = ((1 - _NEAR) * number, (1 + _NEAR) * number, False)
    for mistaken in MISTAKEN_NAMES:
        if finding in mistaken.findings and mistaken.numbers is not None:
            ranges["elsewhere", mistaken.key] = (*mistaken.numbers, mistaken.whole)
    return ranges


def _odd(analyte: AnalyteUnits, unit: str) -> Mapping[str, tuple[float, float]]:
    """The possible numbers below and above what is common in a unit that are common in another unit that may go unsaid."""
    if analyte.common is None:
        return {}
    common = {each: tuple(map(scale_of(analyte, each).given, analyte.common)) for each in analyte.bare}
    (low, high), (lowest, highest) = common[unit], scale_of(analyte, unit).possible
    below = [(max(least, lowest), min(most, nextafter(low, -inf))) for least, most in common.values() if least < low]
    above = [(max(least, nextafter(high, inf)), min(most, highest)) for least, most in common.values() if most > high]
    sides = {"below": below, "above": above}
    return {side: (min(least for least, _ in found), max(most for _, most in found)) for side, found in sides.items() if found}


def _count(found: "NDArray[np.bool_]") -> int:
    import numpy as np

    return int(np.count_nonzero(found))
