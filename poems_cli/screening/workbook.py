"""An answer as an Excel workbook: one sheet to filter and sort, and one with the summary. No text of it is ever a formula."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from poems_cli.errors import reason, usage_error

if TYPE_CHECKING:  # both are slow to load, and most runs write no workbook
    import pyarrow as pa

Cell: TypeAlias = str | int | float | bool | None

#: So many rows below the headings a sheet of Excel holds, and so many letters a cell.
MOST_ROWS = 1_048_575
LONGEST = 32_767
ANSWERS, SUMMARY = "Answers", "Summary"

_MEND = "name a file that ends in .csv or .parquet"
_MEASURED = 1_000  # so many rows say how wide the columns are
_NARROWEST, _WIDEST = 8, 60
_SPARE = 3  # room for the arrow of the filter


class Workbook:
    """Writes rows as they come, in little memory; see :func:`workbook`."""

    def __init__(self, target: str | BinaryIO, name: str, columns: Sequence[str], folder: str) -> None:
        import xlsxwriter

        self._name = name
        self._widths = [len(column) + _SPARE for column in columns]
        self._rows = 0
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(target, {**options, "strings_to_numbers": False, "use_zip64": True})
        self._sheet = self._book.add_worksheet(ANSWERS)
        self._summary = self._book.add_worksheet(SUMMARY)
        self._sheet.freeze_panes(1, 1)
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column, self._bold)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows, each with a cell for every column. Raises :class:`PoemsError` for more than a sheet can hold."""
        for row in rows:
            self._rows += 1
            if self._rows > MOST_ROWS:
                raise usage_error(self._name, f"the answer has more rows than a sheet can hold ({MOST_ROWS:,})", _MEND)
            for place, cell in enumerate(row):
                self._write(place, cell)

    def write_batch(self, batch: "pa.RecordBatch") -> None:
        """Add the rows of a record batch."""
        self.write(zip(*(column.to_pylist() for column in batch.columns), strict=True))

    def finish(self, summary: Iterable[Sequence[Cell]]) -> None:
        """Write the summary, a list of cells a row, and close the file. Raises OSError and :class:`PoemsError`."""
        from xlsxwriter.exceptions import FileCreateError

        for row, cells in enumerate(summary):
            for place, cell in enumerate(cells):
                _put(self._summary, row, place, cell)
        self._summary.set_column(0, 0, _WIDEST)
        last = max(len(self._widths) - 1, 0)
        self._sheet.autofilter(0, 0, self._rows, last)
        self._sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{self._rows + 1}"})
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, min(max(width, _NARROWEST), _WIDEST))
        try:
            self._book.close()
        except FileCreateError as error:
            inner = error.args[0] if error.args else error
            raise inner if isinstance(inner, OSError) else OSError(str(inner)) from None

    def release(self) -> None:
        """Let go of the files that a workbook keeps while it is written; the folder with them can then be removed."""
        for sheet in (self._sheet, self._summary):
            kept = getattr(sheet, "row_data_fh", None)
            if kept is not None:
                kept.close()

    def _write(self, place: int, cell: Cell) -> None:
        if isinstance(cell, str):
            if len(cell) > LONGEST:
                raise usage_error(self._name, f"row {self._rows} has a longer text than a cell can hold ({LONGEST:,})", _MEND)
            if self._rows <= _MEASURED:
                self._widths[place] = max(self._widths[place], len(cell) + 1)
        _put(self._sheet, self._rows, place, cell)


class XlsxWriter:
    """Writes the answer as a workbook, as the writers of ``writers.py`` do; the file is whole when ``finish`` has the summary.

    ``spill`` is a folder of the run's own, for what is not written yet. Raises :class:`PoemsError` as :class:`Workbook` does.
    """

    def __init__(self, path: str, name: str, columns: Sequence[str], spill: str) -> None:
        self._book = Workbook(path, name, columns, spill)

    def encode(self, batch: "pa.RecordBatch") -> list[tuple[Cell, ...]]:
        """The rows of a batch."""
        return list(zip(*(column.to_pylist() for column in batch.columns), strict=True))

    def write(self, encoded: list[tuple[Cell, ...]]) -> None:
        """Write the rows."""
        try:
            self._book.write(encoded)
        except BaseException:
            self._book.release()
            raise

    def close(self) -> None:
        """The rows are complete; the summary is not, which ``finish`` takes."""

    def finish(self, summary: Iterable[Sequence[Cell]]) -> None:
        """Write the summary, a list of cells a row, and close the file. Raises OSError."""
        self._book.finish(summary)


@contextmanager
def workbook(target: str | BinaryIO, name: str, columns: Sequence[str], spill: str | None = None) -> Iterator[Workbook]:
    """A workbook to write to a file, whose ``name`` is for messages, with these columns.

    What it keeps while it is written, in the folder ``spill``, is cleared away whatever happens. Nothing is in the target until
    :meth:`Workbook.finish`. Raises :class:`PoemsError` where that folder cannot be written to.
    """
    try:
        folder = tempfile.mkdtemp(".xlsx", "poems-", spill)
    except OSError as error:
        where = Path(spill or tempfile.gettempdir()).name
        what = f"a copy of the answer cannot be written here ({reason(error)})"
        raise usage_error(where, what, "choose a folder with more room: --spill") from None
    made = None
    try:
        made = Workbook(target, name, columns, folder)
        yield made
    finally:
        if made is not None:
            made.release()
        shutil.rmtree(folder, ignore_errors=True)


def _put(sheet: Any, row: int, place: int, cell: Cell) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, int | float) and isfinite(cell):
        sheet.write_number(row, place, cell)
    elif isinstance(cell, str) and cell:
        sheet.write_string(row, place, cell)
