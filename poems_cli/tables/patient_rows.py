"""Which rows of a table are patients: not those without a cell, not headings that come again, not totals or notes at the end.

A row is set aside only where that is certain; what only may be totals is said, and stays a patient. Nothing here quotes a cell.
"""

from collections.abc import Iterator, Mapping
from math import isclose
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from poems_cli.answer_words import PRESENT_WORDS
from poems_cli.errors import Problem
from poems_cli.phrases import counted
from poems_cli.tables.batches import Batch
from poems_cli.tables.cells import fold
from poems_cli.tables.last_rows import BEGINNING, CERTAIN, LAST, NUMBER_OF, last_rows, plain_cell
from poems_cli.written_numbers import SPACE

Mask: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]

_MOST_SUMMED = 50_000


class SetAside(NamedTuple):
    """How many rows are not patients, by kind, and the number of the row in which the totals begin.

    ``notes`` and ``notes_at`` are the same for notes below the table. ``doubtful`` is the number of a last row that may be one
    of totals and is answered as a patient all the same; 0 for none.
    """

    blank: int = 0
    headings: int = 0
    totals: int = 0
    totals_at: int = 0
    notes: int = 0
    notes_at: int = 0
    doubtful: int = 0

    @property
    def rows(self) -> int:
        """How many rows were set aside."""
        return self.blank + self.headings + self.totals + self.notes

    def plus(self, other: "SetAside") -> "SetAside":
        """What was set aside of two batches, the later one second."""
        return other._replace(
            blank=self.blank + other.blank,
            headings=self.headings + other.headings,
            totals=self.totals + other.totals,
            totals_at=self.totals_at or other.totals_at,
        )

    def remarks(self, where: str) -> Iterator[Problem]:
        """What the user must know, a line each; ``where`` names the table."""
        for rows, at, row, several in (
            (self.blank, 0, "row has no cell filled", "rows have no cell filled"),
            (self.headings, 0, "row repeats the headings", "rows repeat the headings"),
            (self.totals, self.totals_at, "row holds totals or reference ranges", "rows hold totals or reference ranges"),
            (self.notes, self.notes_at, "row holds a note below the table", "rows hold notes below the table"),
        ):
            if rows:
                what = counted(rows, f"{row}, and is not a patient", f"{several}, and are not patients")
                yield Problem(f"{where}, row {at}" if at else where, what)
        if self.doubtful:
            what = "this last row may hold totals; it is answered as a patient"
            yield Problem(f"{where}, row {self.doubtful}", what, "delete it if it is not a patient")


def patients_only(
    batch: Batch,
    identity: str | None,
    *,
    is_first: bool = True,
    is_last: bool = True,
) -> tuple[Batch, SetAside]:
    """The rows of a batch that are patients, and what was set aside.

    ``identity`` is the heading of the id; without one, the first column may name a row of totals. Totals are at the end of
    the last batch; a row without an id is known for totals only where the batch is also the first, so that it can be added up.
    """
    again = repeated_headings(batch.columns, batch.rows)
    aside = SetAside(headings=int(again.sum()))
    if aside.headings:
        batch = _only(batch, ~again)
    if is_last and batch.rows and batch.columns:
        batch, aside = _without_end(batch, aside, identity, may_add_up=is_first)
    found = _totals(batch, identity)
    if found.any():
        number = int(batch.numbers[found.argmax()])
        aside = aside._replace(totals=aside.totals + int(found.sum()), totals_at=number)
        batch = _only(batch, ~found)
    return batch, aside


def _totals(batch: Batch, identity: str | None) -> Mask:
    """Which rows are called as totals are, where every other row has a code: they may be anywhere, below each group."""
    none = np.zeros(batch.rows, dtype=np.bool_)
    column = None if identity is None else batch.columns.get(identity)
    plain = None if column is None else _plain(column, f"{SPACE}:.")
    if plain is None:
        return none
    called = pc.is_in(plain, pa.array(sorted(CERTAIN), plain.type))
    begins = pc.match_substring_regex(plain, f"^(?:{BEGINNING}|{NUMBER_OF})$")
    found: Mask = pc.or_(called, begins).to_numpy(zero_copy_only=False)
    if not found.any():
        return none
    others = plain.filter(pa.array(~found))
    are_codes = pc.all(pc.or_(pc.match_substring_regex(others, "[0-9]"), pc.equal(others, ""))).as_py()
    return found if are_codes and len(others) else none


def _only(batch: Batch, mask: Mask) -> Batch:
    columns = {heading: column.filter(pa.array(mask)) for heading, column in batch.columns.items()}
    return Batch(columns, batch.numbers[mask])


def _without_end(batch: Batch, aside: SetAside, identity: str | None, *, may_add_up: bool) -> tuple[Batch, SetAside]:
    """A batch without the totals and the notes that are its last rows."""
    first = next(iter(batch.columns))
    named = [first] if identity is None or identity not in batch.columns else list(dict.fromkeys([identity, first]))
    cut = {heading: column.slice(max(batch.rows - LAST, 0)).to_pylist() for heading, column in batch.columns.items()}
    found = last_rows([dict(zip(cut, cells, strict=True)) for cells in zip(*cut.values(), strict=True)], named)
    numbers = batch.numbers.tolist()
    if found.notes:
        aside = aside._replace(notes=found.notes, notes_at=numbers[-found.notes])
        batch = _first(batch, batch.rows - found.notes)
    if found.is_doubtful:
        return batch, aside._replace(doubtful=numbers[batch.rows - 1])
    totals = found.totals or int(may_add_up and _are_sums(batch, identity))
    if totals:
        aside = aside._replace(totals=totals, totals_at=numbers[batch.rows - totals])
    return _first(batch, batch.rows - totals), aside


def _first(batch: Batch, rows: int) -> Batch:
    return Batch({heading: column.slice(0, rows) for heading, column in batch.columns.items()}, batch.numbers[:rows])


def _are_sums(batch: Batch, identity: str | None) -> bool:
    """Whether the last row has no id, and every cell of it is the sum, the mean or the number of the cells above."""
    if identity is None or not 0 < batch.rows <= _MOST_SUMMED:
        return False
    row = {heading: column[-1].as_py() for heading, column in batch.columns.items()}
    if plain_cell(row.get(identity)):
        return False
    telling = 0
    for heading, cell in row.items():
        if not plain_cell(cell):
            continue
        value = _number(cell)
        cells = [each for each in batch.columns[heading].to_pylist() if plain_cell(each)][:-1]
        numbers = [each for each in map(_number, cells) if each is not None]
        present = sum(fold(plain_cell(each)) in PRESENT_WORDS for each in cells)
        sums = [sum(numbers), sum(numbers) / max(len(numbers), 1), float(present), float(len(cells))]
        if value is None or not any(isclose(value, each, rel_tol=1e-6) for each in sums):
            return False
        telling += value not in (0, 1) and len(cells) > 1
    return telling > 0


def repeated_headings(columns: Mapping[str, pa.Array], rows: int) -> Mask:
    """Which rows say the headings again, as exports that were joined do."""
    left = np.arange(rows)
    for heading, column in sorted(columns.items(), key=lambda pair: not pair[0]):
        plain = _plain(column if len(left) == rows else column.take(left))
        left = left[:0] if plain is None else left[pc.equal(plain, fold(heading)).to_numpy(zero_copy_only=False)]
        if not len(left):
            break
    mask = np.zeros(rows, dtype=np.bool_)
    mask[left if any(columns) else left[:0]] = True
    return mask


def _plain(column: pa.Array, around: str = SPACE) -> pa.Array | None:
    """Texts without what is around them, and with A to Z in lower case, which is fast; ``None`` for a column of no texts."""
    texts = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return pc.ascii_lower(pc.utf8_trim(pc.fill_null(texts, ""), around)) if pa.types.is_string(texts.type) else None


def _number(cell: object) -> float | None:
    if isinstance(cell, bool):
        return None
    try:
        return float(cell if isinstance(cell, int | float) else plain_cell(cell))
    except ValueError:
        return None
