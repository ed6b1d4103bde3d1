"""What the cells of a column are, counted without an engine: all that is needed to say how the column is to be read."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from poems_cli.answer_words import UNKNOWN_WORDS
from poems_cli.model import Finding
from poems_cli.tables.cells import CellReader, as_code, fold, is_sign
from poems_cli.tables.columns import Column
from poems_cli.tables.mistaken_names import MISTAKEN_NAMES
from poems_cli.tables.unit_scale import scale_of
from poems_cli.units import AnalyteUnits, UnitTable
from poems_cli.written_numbers import SPACE, Number, number_in

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: What is counted: a word, or a unit with what is asked of it.
Key: TypeAlias = str | tuple[str, str]

#: So many distinct texts are kept; of more, the rarest are forgotten.
MOST_TEXTS = 2_000
_MOST_NUMBERS = 200
_MOST_CODES = 50


class Numbers(NamedTuple):
    """The numbers of a column that say no unit by themselves.

    ``fits`` are how many are possible in each accepted unit, ``bare`` how many are met with in each unit that may go unsaid,
    ``elsewhere`` how many in other measurements of the same name.
    """

    total: int
    fits: Mapping[str, int]
    bare: Mapping[str, int]
    elsewhere: Mapping[str, int]
    below_1: int
    above_1: int


class Profile(NamedTuple):
    """The cells of a column.

    ``texts`` are its distinct texts, without space around them and but for blank cells, with how often each occurs, the most
    frequent first; ``has_all_texts`` says whether these are all. ``codes`` are the numbers other than 0 and 1 in a column of
    words; ``signs`` says whether grades of a test strip occur (``++``).

    ``numbers`` are by decimal mark: ``"."`` and ``","`` count those that can be read with it, ``""`` those that mean one thing
    with either. ``points`` and ``commas`` are how many numbers prove the decimal mark, ``ambiguous`` how many can mean two
    things, ``wide`` how many prove blanks between thousands. ``written`` are the units that follow numbers.
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


@dataclass
class Seen:
    """What was counted of a column, to be added up."""

    cells: int = 0
    blank: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    has_all_texts: bool = True
    codes: set[str] = field(default_factory=set)
    signs: bool = False
    numbers: Mapping[str, Counter[Key]] = field(default_factory=lambda: {mark: Counter() for mark in ("", ".", ",")})
    marks: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Seen") -> None:
        """Add what was counted elsewhere."""
        self.cells += other.cells
        self.blank += other.blank
        self.texts.update(other.texts)
        self.has_all_texts &= other.has_all_texts
        self.codes |= other.codes
        self.signs |= other.signs
        for mark, counts in other.numbers.items():
            self.numbers[mark].update(counts)
        self.marks.update(other.marks)
        self.written.update(other.written)

    def forget(self) -> None:
        """Keep only so many texts."""
        if len(self.texts) > 2 * MOST_TEXTS:
            self.texts = Counter(dict(self.texts.most_common(MOST_TEXTS)))
            self.has_all_texts = False


class ProfileBuilder:
    """Counts the cells of one column, batch by batch.

    ``finding`` is ``None`` for a column that only says units; ``values`` are the texts whose meaning a mapping says: they are
    no numbers.
    """

    def __init__(self, finding: Finding | None, units: UnitTable, values: Collection[str] = ()) -> None:
        self._values = values
        self._reader = CellReader(Column("", finding.id), finding, units) if finding and finding.kind == "quantity" else None
        self._ranges = _ranges(finding.id, units.analytes[finding.id]) if finding and self._reader else {}
        self.seen = Seen()

    def add_texts(self, counts: Mapping[str, int]) -> None:
        """Count a batch by its distinct texts, blank ones too."""
        for text, count in counts.items():
            plain = text.strip(SPACE)
            self.seen.cells += count
            if fold(plain) in UNKNOWN_WORDS:
                self.seen.blank += count
            if plain:
                self._add(plain, count)
        self.seen.forget()

    def add_numbers(self, values: "NDArray[np.float64]", *, ambiguous: int = 0, points: int = 0) -> None:
        """Count a batch of finite numbers in which nothing else is written.

        Where they were texts, ``ambiguous`` is how many of these match ``AMBIGUOUS``, and ``points`` how many others have a
        point: what the point of 1.250 is cannot be seen in the number.
        """
        import numpy as np

        if self._reader is None:
            found, counts = np.unique(values, return_counts=True)
            self.add_texts({as_code(repr(float(value))): int(count) for value, count in zip(found, counts, strict=True)})
            return
        self.seen.cells += len(values)
        self.seen.marks.update({"ambiguous": ambiguous, "points": points})
        inside: dict[Key, int] = {"total": len(values)}
        inside |= {"below 1": _count((values > 0) & (values < 1)), "above 1": _count(values > 1)}
        for key, (least, most, whole) in self._ranges.items():
            within = (values >= least) & (values <= most)
            inside[key] = _count(within & (values == np.floor(values)) if whole else within)
        for mark in (".",) if ambiguous else ("", ".", ","):
            self.seen.numbers[mark].update(inside)

    def merge(self, other: "ProfileBuilder") -> None:
        """Count what another builder for the same column has counted."""
        self.seen.add(other.seen)
        self.seen.forget()

    def profile(self) -> Profile:
        """What was counted so far."""
        seen = self.seen
        return Profile(
            seen.cells,
            seen.blank,
            tuple(sorted(seen.texts.items(), key=lambda item: (-item[1], item[0]))),
            seen.has_all_texts,
            frozenset(sorted(seen.codes, key=lambda code: (len(code), code))[:_MOST_CODES]),
            seen.signs,
            {mark: self._numbers(counts) for mark, counts in seen.numbers.items()},
            seen.marks["points"],
            seen.marks["commas"],
            seen.marks["ambiguous"],
            seen.marks["wide"],
            dict(seen.written),
        )

    def _numbers(self, counts: Counter[Key]) -> Numbers:
        fits, bare, elsewhere = (
            {key[1]: counts[key] for key in self._ranges if key[0] == kind} for kind in ("fits", "bare", "elsewhere")
        )
        return Numbers(counts["total"], fits, bare, elsewhere, counts["below 1"], counts["above 1"])

    def _add(self, plain: str, count: int) -> None:
        if self._reader is None or not self._add_number(self._reader, plain, count):
            self.seen.texts[plain] += count
            self._note_code(plain)
        elif plain in self.seen.texts or len(self.seen.texts) < _MOST_NUMBERS:
            self.seen.texts[plain] += count
        else:
            self.seen.has_all_texts = False

    def _add_number(self, reader: CellReader, plain: str, count: int) -> bool:
        """Whether a text is a number, which is counted then."""
        written = None if plain in self._values else reader.written(plain)
        if written is None or not written.number.marks or (written.rest and written.unit is None):
            return False
        number = written.number
        self._note_marks(number, count)
        if written.unit is not None:
            self.seen.written[written.unit] += count
            return True
        for mark in number.marks:
            self._count(mark, number.value(mark), count)
        if number.is_clear:
            self._count("", number.value(next(iter(number.marks))), count)
        return True

    def _note_marks(self, number: Number, count: int) -> None:
        if number.marks == {"."}:
            self.seen.marks["points"] += count
        elif number.marks == {","}:
            self.seen.marks["commas"] += count
        elif not number.is_clear:
            self.seen.marks["ambiguous"] += count
        if number.narrow or number.digits.count(" ") > 1:
            self.seen.marks["wide"] += count

    def _count(self, mark: str, value: float | None, count: int) -> None:
        if value is None:
            return
        counts = self.seen.numbers[mark]
        counts["total"] += count
        counts["below 1"] += count * (0 < value < 1)
        counts["above 1"] += count * (value > 1)
        for key, (least, most, whole) in self._ranges.items():
            counts[key] += count * (least <= value <= most and (not whole or value.is_integer()))

    def _note_code(self, plain: str) -> None:
        number = number_in(plain)
        if number is not None and not number.rest and as_code(plain) not in ("0", "1"):
            if len(self.seen.codes) < MOST_TEXTS:
                self.seen.codes.add(as_code(plain))
        elif plain != "+" and is_sign(plain) and fold(plain) not in UNKNOWN_WORDS:
            self.seen.signs = True


def profile_of(column: Column, finding: Finding | None, units: UnitTable, counts: Mapping[str, int]) -> Profile:
    """The profile of a column from all its texts at once."""
    builder = ProfileBuilder(finding, units, column.values)
    builder.add_texts(counts)
    return builder.profile()


def _ranges(finding: str, analyte: AnalyteUnits) -> Mapping[Key, tuple[float, float, bool]]:
    """Between what numbers lie, and whether whole ones alone: in each accepted unit, bare, and in other measurements."""
    ranges: dict[Key, tuple[float, float, bool]] = {}
    for unit in analyte.accepted:
        least, most = scale_of(analyte, unit).possible
        ranges["fits", unit] = (least, most, False)
        if unit in analyte.bare:
            low, high = analyte.bare[unit]
            ranges["bare", unit] = (max(least, low), min(most, high), False)
    for unit, (low, high) in analyte.elsewhere.items():
        ranges["elsewhere", unit] = (low, high, False)
    for mistaken in MISTAKEN_NAMES:
        if finding in mistaken.findings and mistaken.numbers is not None:
            ranges["elsewhere", mistaken.key] = (*mistaken.numbers, mistaken.whole)
    return ranges


def _count(found: "NDArray[np.bool_]") -> int:
    return int(found.sum())
