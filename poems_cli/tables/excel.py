"""Workbooks as tables: one sheet of an Excel or OpenDocument file, with the cells as their reader sees them.

Where a workbook does not say for certain what is seen (a share or a per cent, thousands that a format hides), the column is in
doubt and said, never guessed.
"""

import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from poems_cli.errors import Problem
from poems_cli.phrases import counted, few_quoted, quoted
from poems_cli.suggestions import nearest
from poems_cli.tables.binary_formats import xls_formats, xlsb_formats
from poems_cli.tables.cell_types import WHOLE, Value, array_of, as_text, hundredfold
from poems_cli.tables.compound_file import SIGNATURE
from poems_cli.tables.heading_row import checked_headings
from poems_cli.tables.headings import with_units
from poems_cli.tables.number_formats import AS_STORED, BROKEN, SheetFormats, Shown, ods_formats, xlsx_formats
from poems_cli.tables.sheet_extent import MOST_PLACES, extent, is_sound
from poems_cli.tables.sheet_rows import MOST_ABOVE, rows_above, without_comment_sign
from poems_cli.tables.table_bytes import readable
from poems_cli.tables.table_file import TableError, TableFile, in_memory
from poems_cli.written_numbers import SPACE, is_number

if TYPE_CHECKING:  # both are slow to load, and most runs read no workbook
    import pyarrow as pa
    from python_calamine import CalamineSheet, CalamineWorkbook

#: The first bytes of ZIP archives, which all workbooks since 2007 are.
_ZIP = b"PK\x03\x04"
_PANIC = "PanicException"  # what the reader raises for some broken workbooks; it is not an Exception, and has no name to import


def is_workbook(path: str, head: bytes) -> bool:
    """Whether a file is a workbook by its content, of whatever name: Excel (old, new or binary) or OpenDocument."""
    if head.startswith(SIGNATURE):
        return True
    if not head.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except BROKEN:
        return b"xl/" in head or b"opendocument.spreadsheet" in head  # broken, which is reported when it is read
    return b"opendocument.spreadsheet" in kind or any(name.lower().startswith("xl/") for name in names)


def read_sheet(name: str, path: str, sheet: str | None = None) -> TableFile:
    """One sheet of the workbook at ``path``; ``name`` is the file's for messages. ``None`` is the only one with data.

    The columns are truths, whole numbers, numbers, or texts. A heading has the unit that the sheet shows after the numbers in
    brackets: ``%``, whose numbers are then those shown, or a word of the number format. Rows without a cell are left out.

    Raises :class:`TableError` for what cannot be read, for a sheet that is not there or not the only one, and for headings that
    are none or take two rows.
    """
    import python_calamine

    with readable(name, path), open(path, "rb") as stream:
        try:
            with _silenced(), _opened(stream, path) as workbook:
                chosen = _chosen(name, path, workbook, sheet)
                return _table(name, path, chosen, _sheet(name, path, workbook, chosen))
        except BaseException as error:
            if not isinstance(error, python_calamine.CalamineError) and type(error).__name__ != _PANIC:
                raise
            if _is_protected(path):
                raise TableError(name, "this workbook is protected by a password", "save it without one") from None
            mend = "open it in a spreadsheet program and save it again, or save the sheet as CSV (UTF-8)"
            raise TableError(name, "this workbook is broken, or another Office document", mend) from None


@contextmanager
def _silenced() -> Iterator[None]:
    """Standard error is closed to what the reader of workbooks itself says of a broken one."""
    try:
        kept = os.dup(2)
    except OSError:  # there is none
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _is_protected(path: str) -> bool:
    """Whether a workbook is encrypted, which its reader does not tell from a broken one."""
    try:
        with zipfile.ZipFile(path) as archive:
            return b"encryption-data" in archive.read("META-INF/manifest.xml")
    except BROKEN:
        with open(path, "rb") as stream:
            return any("EncryptedPackage".encode("utf-16-le") in piece for piece in iter(lambda: stream.read(1 << 20), b""))


def _opened(stream: BinaryIO, path: str) -> "CalamineWorkbook":
    import python_calamine

    if not is_sound(path):
        raise python_calamine.CalamineError("the counts at its beginning do not fit its size")
    return python_calamine.load_workbook(stream)


def _sheet(name: str, path: str, workbook: "CalamineWorkbook", chosen: str) -> "CalamineSheet":
    """A sheet, unless its cells are so far apart that no memory holds the places between them."""
    rows, columns = extent(path, chosen)
    if rows * columns > MOST_PLACES:
        what = f"its cells extend over {rows:,} rows and {columns:,} columns, too far to be read"
        mend = "delete the stray cells (Ctrl+End goes to the last one), or save the sheet as CSV (UTF-8)"
        raise TableError(f"{name}, sheet '{quoted(chosen)}'", what, mend)
    return workbook.get_sheet_by_name(chosen)


def _chosen(name: str, path: str, workbook: "CalamineWorkbook", wanted: str | None) -> str:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    names = [sheet.name for sheet in sheets]
    if wanted is not None:
        return _named(wanted, names)
    full = [sheet for sheet in sheets if _has_cells(_sheet(name, path, workbook, sheet.name))]
    seen = [sheet.name for sheet in full if sheet.visible == SheetVisibleEnum.Visible]
    if len(seen) == 1:
        return seen[0]
    if seen:
        raise TableError(
            name, f"the workbook has {len(seen)} sheets with data: {few_quoted(seen)}", "say which one: --sheet NAME"
        )
    if full:
        hidden = [sheet.name for sheet in full]
        raise TableError(name, f"only hidden sheets have data: {few_quoted(hidden)}", "say which one to read: --sheet NAME")
    raise TableError(name, "there is nothing in it", "check how it was exported")


def _named(wanted: str, names: Sequence[str]) -> str:
    plain = wanted.strip().casefold()
    alike = [wanted] if wanted in names else [sheet_name for sheet_name in names if sheet_name.strip().casefold() == plain]
    if len(alike) == 1:
        return alike[0]
    near = nearest(plain, [sheet_name.casefold() for sheet_name in names])
    mend = next(
        (f"did you mean '{quoted(sheet_name)}'?" for sheet_name in names if sheet_name.casefold() == near),
        f"there is {few_quoted(names)}",
    )
    raise TableError("--sheet", f"the workbook has no sheet '{quoted(wanted)}'", mend)


def _has_cells(sheet: "CalamineSheet") -> bool:
    return any(cell != "" for row in sheet.iter_rows() for cell in row)


def _table(name: str, path: str, chosen: str, sheet: "CalamineSheet") -> TableFile:
    rows: list[Sequence[Value]] = list(sheet.iter_rows())
    while rows and _is_blank(rows[-1]):
        rows.pop()
    top = [[(as_text(cell) or "").replace("\0", "") for cell in row] for row in rows[:MOST_ABOVE]]
    above = rows_above(top)
    where = f"{name}, sheet '{quoted(chosen)}'"
    if above >= len(top):
        raise TableError(where, "there is nothing in it", "name another sheet: --sheet")
    import pyarrow as pa

    left = sheet.start[1] if sheet.start else 0
    _refuse_merged(where, sheet, above, rows)
    headings = checked_headings(f"{where}, row {above + 1}", without_comment_sign(top[above]), top[above + 1 :])
    formats, known = _formats(path, chosen)
    width = max((place + 1 for row in rows[above:] for place, cell in enumerate(row) if cell not in ("", None)), default=1)
    headings = headings[:width]
    full = [row for row in range(above + 1, len(rows)) if not _is_blank(rows[row])]
    cells = list(zip_longest(*(rows[row] for row in full), fillvalue=""))[:width] or [()] * width
    columns = [_column(stored, formats, full, left + place) for place, stored in enumerate(cells)]
    shown = with_units(headings, {place: column.unit for place, column in enumerate(columns) if column.unit})
    doubts = {
        named: doubt
        for named, heading, column in zip(shown, headings, columns, strict=True)
        if (doubt := column.doubt or _share(heading, column.cells, known))
    }
    table = pa.Table.from_arrays([array_of(column.cells) for column in columns], names=list(headings))
    notes = [Problem("", note) for note in _notes(where, table, headings, formats, above)]
    blank = len(rows) - above - 1 - len(full)
    if blank:
        is_blank, are_blank = "row has no cell filled, and is not a patient", "rows have no cell filled, and are not patients"
        notes.append(Problem(name, counted(blank, is_blank, are_blank)))
    return in_memory(name, path, shown, table, [row + 1 for row in full], notes)._replace(in_doubt=doubts)


def _refuse_merged(where: str, sheet: "CalamineSheet", above: int, rows: Sequence[Sequence[Value]]) -> None:
    """Raise :class:`TableError` for headings over several columns, or in more than one row, and for a cell of several rows."""
    for (first, left), (last, right) in sheet.merged_cell_ranges or ():
        wide = left < right and first <= above <= last and _filled(rows[above]) > 1
        groups = first == above - 1 and left < right and _filled(rows[first]) > 1  # right above the headings
        shared = above < first < last < len(rows) and all(map(_filled, rows[first : last + 1]))
        if not (wide or groups or shared or first <= above < last):
            continue
        from xlsxwriter.utility import xl_range

        cells = f"(cells {xl_range(first, left, last, right)} are merged)"
        if shared:
            raise TableError(where, f"one cell is that of several rows {cells}", "unmerge it, and fill in the cell of each row")
        what = f"its headings take more than one row or column {cells}"
        raise TableError(where, what, "write the headings into one row, one heading per column, without merged cells")


def _filled(row: Sequence[Value]) -> int:
    """How many cells of a row are not blank."""
    return sum(not _is_blank([cell]) for cell in row)


def _is_blank(row: Sequence[Value]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip(SPACE)) for cell in row)


class _Column(NamedTuple):
    """The cells of a column as they are shown, the unit that all its numbers show, and why they may mean something else."""

    cells: list[Value]
    unit: str = ""
    doubt: str = ""


def _formats(path: str, sheet: str) -> tuple[SheetFormats, bool]:
    """How the sheet's numbers are shown, and whether that is known at all."""
    for formats in (xlsx_formats, ods_formats, xls_formats, xlsb_formats):
        try:
            return formats(path, sheet), True
        except BROKEN:
            continue
    return SheetFormats(), False


def _column(stored: Sequence[Value], formats: SheetFormats, rows: Sequence[int], column: int) -> _Column:
    """A column from the values stored in these rows of the sheet, from 0."""
    shown = formats.of(column, rows)
    cells = [None if cell == "" else cell for cell in stored]
    ways = {way for way, cell in zip(shown, cells, strict=True) if is_number(cell)} if shown else set()
    if ways <= {AS_STORED}:
        return _Column(cells)
    if any(way.hidden_thousands for way in ways):
        return _Column(cells, doubt="its number format hides thousands: the numbers stored are not those shown")
    if len(ways) == 1 and not (way := next(iter(ways))).before and not way.width:
        scaled = [hundredfold(cell) if way.percent else cell for cell in cells]
        return _Column(scaled, "%" if way.percent else way.behind)
    texts: list[Value] = [_as_shown(cell, shown[place]) if is_number(cell) else cell for place, cell in enumerate(cells)]
    doubt = "some of its numbers are shown in percent and others are not" if any(way.percent for way in ways) else ""
    return _Column(texts, doubt=doubt)


def _as_shown(cell: Value, way: Shown) -> str:
    text = as_text(hundredfold(cell) if way.percent else cell) or ""
    text = text.zfill(way.width) if text.isdigit() else text
    behind = " %" if way.percent else f" {way.behind}" if way.behind else ""
    return f"{way.before}{text}{behind}"


def _share(heading: str, cells: Sequence[Value], known: bool) -> str:
    """Why a column headed as a percentage is in doubt: its numbers are shares of one, if the workbook does not say more."""
    said = "%" in heading or "percent" in heading.lower()
    numbers = [cell for cell in cells if is_number(cell)]
    if not said or not numbers or max(numbers) > 1 or min(numbers) < 0 or all(number in (0, 1) for number in numbers):
        return ""
    seen = "shown without a percent sign" if known else "which may be shown with a percent sign or without"
    return f"its heading says percent, and none of its numbers is above 1, {seen}"


def _notes(where: str, table: "pa.Table", headings: Sequence[str], formats: SheetFormats, above: int) -> Iterator[str]:
    import pyarrow.compute as pc

    if above:
        yield f"{where}: the headings are in row {above + 1}; what is above them is not read"
    for heading, column in zip(headings, table.columns, strict=True):
        if column.type == "double" and (pc.max(column).as_py() or 0) >= WHOLE:
            mend = "store such numbers as text"
            yield f"{where}, column '{quoted(heading)}': a spreadsheet keeps 15 digits of a number, and some have more; {mend}"
    if formats.formulas:
        count = counted(formats.formulas, "formula has", "formulas have")
        yield f"{where}: {count} no value stored, and nothing is read there; open and save it in a spreadsheet program"
    if formats.hidden:
        count = counted(formats.hidden, "hidden row is", "hidden rows are")
        yield f"{where}: {count} read as well"
