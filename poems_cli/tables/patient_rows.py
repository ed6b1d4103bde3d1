"""Which rows of a table are patients: not those without a cell, not headings that come again, not totals at the end.

A row is set aside only where that is certain; what only may be totals is said, and stays a patient. Nothing here quotes a cell.
"""

import re
from collections.abc import Iterator, Mapping
from math import isclose
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from poems_cli.answer_words import PRESENT_WORDS
from poems_cli.errors import Problem
from poems_cli.tables.batches import Batch
from poems_cli.tables.cells import fold
from poems_cli.written_numbers import SPACE

Mask: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]
Numbers: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]

#: What a row of totals is called, and no patient.
_CERTAIN = frozenset((
    "total", "totals", "grand total", "subtotal", "sum", "sums", "average", "averages", "mean", "median", "std", "std dev",
    "stdev", "standard deviation", "percent", "percentage", "mean (sd)", "median (iqr)",
    "summe", "gesamt", "gesamtsumme", "insgesamt", "mittelwert", "durchschnitt", "standardabweichung",
    "total g\u00e9n\u00e9ral", "somme", "moyenne", "m\u00e9diane", "\u00e9cart-type",
    "total general", "suma", "promedio", "media", "mediana", "soma", "m\u00e9dia",
    "totale", "somma", "totaal", "som", "gemiddelde",
))  # fmt: skip
#: What a row of totals may be called, and a patient too.
_POSSIBLE = frozenset((
    "min", "max", "minimum", "maximum", "n", "count", "sd", "se", "sem", "anzahl", "range", "iqr",
    "all", "alle", "todos", "tous",
))  # fmt: skip
_NUMBER_OF = re.compile("(?:n|total|totals|sum|mean|median|count) ?[=:(] ?(?:n ?[=:] ?)?[0-9]+ ?[)]?")
_MOST_TOTALS = 8
_MOST_SUMMED = 50_000


class SetAside(NamedTuple):
    """How many rows are not patients, by kind, and the number of the row in which the totals begin.

    ``doubtful`` is the number of a last row that may be one of totals and is answered as a patient all the same; 0 for none.
    """

    blank: int = 0
    headings: int = 0
    totals: int = 0
    totals_at: int = 0
    doubtful: int = 0

    def plus(self, other: "SetAside") -> "SetAside":
        """What was set aside of two batches, the later one second."""
        return SetAside(self.blank + other.blank, self.headings + other.headings, *other[2:])

    def said(self, where: str) -> Iterator[Problem]:
        """What the user must know, a line each; ``where`` names the table."""
        if self.blank:
            yield Problem(where, f"{_rows(self.blank, 'has', 'have')} no cell filled, and {_no_patients(self.blank)}")
        if self.headings:
            yield Problem(where, f"{_rows(self.headings, 'repeats', 'repeat')} the headings, and {_no_patients(self.headings)}")
        if self.totals:
            what = f"{_rows(self.totals, 'holds', 'hold')} totals at the end, and {_no_patients(self.totals)}"
            yield Problem(f"{where}, row {self.totals_at}", what)
        if self.doubtful:
            what = "this last row may hold totals; it is answered as a patient"
            yield Problem(f"{where}, row {self.doubtful}", what, "delete it if it is not a patient")


def patients_only(
    batch: Batch,
    identity: str | None,
    *,
    is_first: bool = True,
    is_last: bool = True,
    decimal: str = ".",
) -> tuple[Batch, SetAside]:
    """The rows of a batch that are patients, and what was set aside.

    ``identity`` is the heading of the id; without one, the first column may name a row of totals. Totals are at the end of
    the last batch; a row without an id is known for totals only where the batch is also the first, so that it can be added up.
    """
    again = repeated_headings(batch.columns, batch.rows)
    aside = SetAside(headings=int(again.sum()))
    if aside.headings:
        columns = {heading: column.filter(pa.array(~again)) for heading, column in batch.columns.items()}
        batch = Batch(columns, batch.numbers[~again])
    if is_last and batch.rows and batch.columns:
        ends = _End(batch, identity, decimal)
        count = ends.totals(may_add_up=is_first)
        numbers = batch.numbers.tolist()
        if count:
            aside = aside._replace(totals=count, totals_at=numbers[-count])
            left = batch.rows - count
            batch = Batch({heading: column.slice(0, left) for heading, column in batch.columns.items()}, batch.numbers[:left])
        elif ends.is_doubtful:
            aside = aside._replace(doubtful=numbers[-1])
    return batch, aside


class _End:
    """The last rows of a table, and whether they hold totals."""

    def __init__(self, batch: Batch, identity: str | None, decimal: str) -> None:
        self._batch = batch
        self._identity = identity
        self._decimal = decimal
        headings = list(batch.columns)
        self._named = tuple(dict.fromkeys([identity, headings[0]] if identity in batch.columns else headings[:1]))
        cut = {
            heading: column.slice(max(batch.rows - _MOST_TOTALS, 0)).to_pylist() for heading, column in batch.columns.items()
        }
        self._rows = [dict(zip(cut, cells, strict=True)) for cells in zip(*cut.values(), strict=True)]

    @property
    def is_doubtful(self) -> bool:
        """Whether the last row may hold totals."""
        return self._is_called(self._rows[-1], _CERTAIN | _POSSIBLE)

    def totals(self, *, may_add_up: bool) -> int:
        """How many of the last rows surely hold totals."""
        count, certain = 0, False
        for row in reversed(self._rows):
            if not self._is_called(row, _CERTAIN | _POSSIBLE):
                break
            count += 1
            certain = certain or self._is_called(row, _CERTAIN)
        if any(self._is_called(row, _CERTAIN) for row in self._rows[: len(self._rows) - count]):
            return 0  # a word that other rows have too
        if certain:
            return count
        return 1 if not count and may_add_up and self._are_sums(self._rows[-1]) else 0

    def _is_called(self, row: Mapping[str, object], words: frozenset[str]) -> bool:
        for heading in self._named:
            cell = row[heading] if heading is not None else None
            word = fold(cell.strip(SPACE)).rstrip(" :.") if isinstance(cell, str) else ""
            if word in words or word.lower() in words or (words >= _CERTAIN and _NUMBER_OF.fullmatch(word)):
                return True
        return False

    def _are_sums(self, row: Mapping[str, object]) -> bool:
        """Whether a row has no id, and every cell of it is the sum, the mean or the number of the cells above."""
        if self._identity is None or _plain(row.get(self._identity)) or self._batch.rows > _MOST_SUMMED:
            return False
        telling = 0
        for heading, cell in row.items():
            if not _plain(cell):
                continue
            value = _number(cell, self._decimal)
            cells = [each for each in self._batch.columns[heading].to_pylist() if _plain(each)][:-1]
            numbers = [each for each in (_number(cell, self._decimal) for cell in cells) if each is not None]
            present = sum(fold(_plain(each)) in PRESENT_WORDS for each in cells)
            sums = [sum(numbers), sum(numbers) / max(len(numbers), 1), float(present), float(len(cells))]
            if value is None or not any(isclose(value, each, rel_tol=1e-6) for each in sums):
                return False
            telling += value not in (0, 1) and len(cells) > 1
        return telling > 0


def repeated_headings(columns: Mapping[str, pa.Array], rows: int) -> Mask:
    """Which rows say the headings again, as exports that were joined do."""
    left = np.arange(rows)
    for heading, column in sorted(columns.items(), key=lambda pair: not pair[0]):
        texts = _texts(column)
        if not pa.types.is_string(texts.type) and not pa.types.is_large_string(texts.type):
            return _mask(left[:0], rows)
        here = texts if len(left) == rows else texts.take(left)
        same = pc.equal(pc.utf8_trim(pc.fill_null(here, ""), SPACE), heading)
        left = left[same.to_numpy(zero_copy_only=False)]
        if not len(left):
            break
    return _mask(left if any(columns) else left[:0], rows)


def _texts(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _mask(places: Numbers, count: int) -> Mask:
    mask = np.zeros(count, dtype=np.bool_)
    mask[places] = True
    return mask


def _plain(cell: object) -> str:
    return "" if cell is None else str(cell).strip(SPACE)


def _number(cell: object, decimal: str) -> float | None:
    if isinstance(cell, bool):
        return None
    try:
        return float(cell if isinstance(cell, int | float) else _plain(cell).replace(decimal, "."))
    except ValueError:
        return None


def _rows(count: int, singular: str, plural: str) -> str:
    return f"{count:,} rows {plural}" if count > 1 else f"1 row {singular}"


def _no_patients(count: int) -> str:
    return "are not patients" if count > 1 else "is not a patient"
