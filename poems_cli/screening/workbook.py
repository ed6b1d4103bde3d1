"""An answer as an Excel workbook: one sheet to filter and sort, and one with the summary. No text of it is ever a formula."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from poems_cli.errors import usage_error

if TYPE_CHECKING:  # slow to load, and most runs write no workbook
    import pyarrow as pa

Cell: TypeAlias = str | int | None

#: How many rows below the headings a sheet of Excel holds, and how many letters a cell.
MOST_ROWS = 1_048_575
LONGEST = 32_767
ANSWERS, SUMMARY = "Answers", "Summary"

_MEND = "name a file that ends in .csv or .parquet"
_MEASURED = 1_000  # rows that decide how wide the columns are
_NARROWEST, _WIDEST = 8, 60
_SPARE = 3  # room for the arrow of the filter


class XlsxWriter:
    """Writes the answer as a workbook, in little memory; the file is whole when ``finish`` has the summary.

    ``name`` is the file's for messages, ``spill`` a folder of the run's own, for what is not written yet.
    """

    def __init__(self, path: str, name: str, columns: Sequence[str], spill: str) -> None:
        import xlsxwriter

        self._name = name
        self._widths = [len(column) + _SPARE for column in columns]
        self._rows = 0
        options = {"constant_memory": True, "tmpdir": spill, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(path, {**options, "strings_to_numbers": False, "use_zip64": True})
        self._sheet = self._book.add_worksheet(ANSWERS)
        self._summary = self._book.add_worksheet(SUMMARY)
        self._sheet.freeze_panes(1, 1)
        bold = self._book.add_format({"bold": True, "bottom": 1})
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column, bold)

    def encode(self, batch: "pa.RecordBatch") -> list[tuple[Cell, ...]]:
        """The rows of a batch."""
        return list(zip(*(column.to_pylist() for column in batch.columns), strict=True))

    def write(self, encoded: list[tuple[Cell, ...]]) -> None:
        """Add rows, each with a cell for every column. Raises :class:`PoemsError` for more than a sheet can hold."""
        try:
            for row in encoded:
                self._rows += 1
                if self._rows > MOST_ROWS:
                    raise usage_error(self._name, f"the answer has more rows than a sheet can hold ({MOST_ROWS:,})", _MEND)
                for place, cell in enumerate(row):
                    self._write(place, cell)
        except BaseException:
            self._release()
            raise

    def _write(self, place: int, cell: Cell) -> None:
        if isinstance(cell, str):
            if len(cell) > LONGEST:
                raise usage_error(self._name, f"row {self._rows} has a longer text than a cell can hold ({LONGEST:,})", _MEND)
            if self._rows <= _MEASURED:
                self._widths[place] = max(self._widths[place], len(cell) + 1)
            if cell:
                self._sheet.write_string(self._rows, place, cell)
        elif cell is not None:
            self._sheet.write_number(self._rows, place, cell)

    def _release(self) -> None:
        """Let go of the files that a workbook keeps while it is written; the folder with them can then be removed."""
        for sheet in (self._sheet, self._summary):
            kept = getattr(sheet, "row_data_fh", None)
            if kept is not None:
                kept.close()

    def close(self) -> None:
        """The rows are complete; the summary is not, which ``finish`` takes."""

    def finish(self, summary: Iterable[str]) -> None:
        """Write the lines of the summary, and close the file. Raises OSError."""
        from xlsxwriter.exceptions import FileCreateError

        for row, line in enumerate(summary):
            if line:
                self._summary.write_string(row, 0, line)
        self._summary.set_column(0, 0, _WIDEST)
        self._sheet.autofilter(0, 0, self._rows, max(len(self._widths) - 1, 0))
        self._sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{self._rows + 1}"})
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, min(max(width, _NARROWEST), _WIDEST))
        try:
            self._book.close()
        except FileCreateError as error:
            self._release()
            inner = error.args[0] if error.args else error
            raise inner if isinstance(inner, OSError) else OSError(str(inner)) from None
