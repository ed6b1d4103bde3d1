"""The row right below the headings where it is not a patient: units, what codes mean, kinds of columns, or headings again."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from poems_cli.errors import Problem
from poems_cli.tables.cells import says_nothing
from poems_cli.tables.headings import names_a_patient, with_units
from poems_cli.tables.last_rows import holds_ranges
from poems_cli.tables.sheet_rows import is_value
from poems_cli.tables.table_file import TableError
from poems_cli.units import UnitTable, is_unit
from poems_cli.written_numbers import SPACE

_SURELY_UNITS = frozenset((
    "year", "years", "yr", "yrs", "jahr", "jahre", "ans", "a\u00f1os", "anos", "anni", "month", "months", "week",
    "weeks", "days", "%", "cm", "mm", "mmhg", "kg", "kpa", "fl", "percent", "pct", "bpm", "\u00b0c", "kg/m2", "kg/m\u00b2",
))  # fmt: skip
_KINDS = frozenset(
    ("string", "number", "numeric", "integer", "float", "double", "boolean", "varchar", "categorical", "datetime")
)
#: What the row itself is called, where the id has a cell.
_CALLED = frozenset((
    "-", "--", "text", "unit", "units", "einheit", "einheiten", "unidad", "unidades", "unit\u00e9", "unit\u00e9s", "unit\u00e0",
    "eenheid", "unidade", "free text", "code",
))  # fmt: skip
#: What may be in such a row too, and says nothing.
_FILLERS = _CALLED | frozenset((
    "date", "yyyy-mm-dd", "dd/mm/yyyy", "mm/dd/yyyy", "dd.mm.yyyy", "none", "ratio", "score", "index", "count", "a", "y", "d",
    "1",
))  # fmt: skip
_SLASHED = re.compile(
    r"(?:x? ?10 ?[*^]? ?[0-9]{1,2}|[munpfkdc\u00b5\u03bc]{0,2}(?:g|mol|iu|u|l|eq|kat|cells?)|mm|beats|cells?)"
    r"(?: ?/ ?(?:[a-z\u00b5\u03bc]+|[0-9.]+ ?[a-z]+)(?:[23\u00b2\u00b3])?)+",
    re.IGNORECASE,
)
_PART = r"[^\s=:,;|/][^=:,;|/]{0,11}?\s*[=:]\s*[^=:,;|/]+"
_LEGEND = re.compile(rf"\s*{_PART}(?:[,;|/]\s*{_PART})+\s*")
_CHOICES = re.compile(r"(?:y/n|n/y|yes/no|no/yes|0/1|1/0|m/f|f/m|j/n|ja/nein|s/n|o/n|oui/non|true/false|t/f|\+/-)")
_BRACKETS = re.compile(r"[(\[](.*)[)\]]")
_TELLING = 2


class RowBelow(NamedTuple):
    """A row right below the headings that explains them: what it says of the columns, by place from 0.

    ``texts`` holds units and what codes mean, such as ``mg/L`` and ``0=no, 1=yes``; nothing for a column of which the row says
    no more than its kind.
    """

    texts: Mapping[int, str]

    def headings(self, headings: Sequence[str]) -> tuple[str, ...]:
        """The headings with what the row says of them in brackets, unless they say it already."""
        return with_units(headings, self.texts)

    def remark(self, where: str) -> Problem:
        """What the user must know; ``where`` names the table."""
        what = "the row below the headings says what they mean, and is not a patient"
        return Problem(where, what if not self.texts else f"{what}: it is read as units of the columns, or as what codes mean")


def row_below(
    where: str, headings: Sequence[str], rows: Sequence[Sequence[str | None]], id_place: int | None, units: UnitTable
) -> RowBelow | None:
    """What the first of the ``rows`` below the headings says of the columns; ``None`` where it is a patient.

    ``rows`` are some of the first, which show what the columns hold. Raises :class:`TableError` for a second row of headings.
    """
    if not rows or not headings:
        return None
    cells = [(cell or "").strip(SPACE) for cell in rows[0]]
    filled = {place: cell for place, cell in enumerate(cells) if cell}
    if not filled:
        return None
    if id_place in filled and holds_ranges(filled[id_place]):
        return RowBelow({})
    explained = _explained(filled, id_place, units)
    if explained is not None:
        return explained
    if _are_headings(cells, rows[1:], id_place):
        mend = "keep one row of headings, and delete the other"
        raise TableError(where, "the first row below the headings looks like a second row of headings", mend)
    return None


def _explained(filled: Mapping[int, str], id_place: int | None, units: UnitTable) -> RowBelow | None:
    """What a row explains if its cells are units, legends, kinds of columns, or nothing.

    Where it names no patient, others may be units that are not known here: their columns will say so.
    """
    texts: dict[int, str] = {}
    strange: dict[int, str] = {}
    telling = False
    for place, cell in filled.items():
        bare = _BRACKETS.fullmatch(cell)
        text = bare[1].strip() if bare else cell
        word = text.lower()
        if says_nothing(text):
            continue
        if word in _KINDS:
            telling = True
        elif place == id_place:
            if word not in _CALLED:
                return None
        elif word in _SURELY_UNITS or _LEGEND.fullmatch(text) or _is_unit(text, units):
            telling = True
            texts[place] = text
        elif _CHOICES.fullmatch(word):
            texts[place] = text
        elif is_value(text):
            return None
        elif word not in _FILLERS:
            strange[place] = text
    if len(strange) > (0 if id_place is None else len(texts)):
        return None
    return RowBelow(texts | strange) if telling else None


def _is_unit(text: str, units: UnitTable) -> bool:
    """Whether a text surely is a unit: one with a slash that is written like one, or that the rules know."""
    if "/" not in text and "%" not in text and "^" not in text and "*" not in text:
        return False
    return bool(_SLASHED.fullmatch(text)) or is_unit(units, text)


def _are_headings(cells: Sequence[str], below: Sequence[Sequence[str | None]], id_place: int | None) -> bool:
    """Whether a row says what the columns are called: words, where all rows below it have values."""
    if id_place is not None and id_place < len(cells) and names_a_patient([cells[id_place]]):
        return True
    if any(is_value(cell) for cell in cells):
        return False
    telling = 0
    for place, cell in enumerate(cells):
        values = [(row[place] or "").strip(SPACE) for row in below if place < len(row)]
        known = [value for value in values if not says_nothing(value)]
        telling += not says_nothing(cell) and len(known) > 1 and all(map(is_value, known))
    return telling >= _TELLING
