"""How far the cells of a sheet reach: a reader that fills the whole of it needs memory for every place between them.

A stray cell in the last row or column of a sheet, or a broken file, makes billions of places of a few cells.
"""

import re
import struct
import zipfile

from poems_cli.tables.binary_formats import any_records, xls_book, xls_records, xls_start, xlsb_part, xlsb_records
from poems_cli.tables.compound_file import SIGNATURE, CompoundFile
from poems_cli.tables.number_formats import BROKEN, MOST_COLUMNS, MOST_ROWS, column_of, sheet_part

#: So many places a sheet may have.
MOST_PLACES = 50_000_000
_PIECE_SIZE = 1 << 20
_KEPT = 256  # of a piece, so that nothing is lost where it is cut
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\sr=\"([0-9]{1,10})\"")
_WIDE = re.compile(rb"\sr=\"([A-Z]{2,3})[0-9]")
_REPEATED = re.compile(rb"-repeated=\"([0-9]{1,20})\"")
_MOST_NARROW = 26
#: Of the records of an old workbook, those that say how far a sheet reaches, and those that hold cells.
_SHEET, _DIMENSIONS = 0x0085, 0x0200
_CELLS = (0x0203, 0x027E, 0x0006, 0x00BD, 0x00BE, 0x00FD, 0x0201, 0x0204, 0x0205, 0x00D6)
_XLSB_DIMENSIONS = 148
_OLD_ROWS, _OLD_COLUMNS = 1 << 16, 1 << 8


def extent(path: str, sheet: str) -> tuple[int, int]:
    """How many rows and columns a sheet has, at most; nothing where that cannot be determined. It does not raise."""
    for found in (_xlsx_extent, _xls_extent, _xlsb_extent):
        try:
            return found(path, sheet)
        except BROKEN:
            continue
    return 0, 0


def is_sound(path: str) -> bool:
    """Whether a workbook claims no more cells than a sheet can have; a newer Excel workbook is for :func:`extent`."""
    with open(path, "rb") as stream:
        data = stream.read(len(SIGNATURE))
        data += stream.read() if data == SIGNATURE else b""
    try:
        if data.startswith(SIGNATURE):
            file = CompoundFile(data)
            file.check()
            return _is_within_limits(file.stream("Workbook", "Book"))
        return _repeats_within_limits(path)
    except (ValueError, struct.error):
        return False
    except BROKEN:
        return True  # its reader says what it is


def _repeats_within_limits(path: str) -> bool:
    """Whether no row or cell of an OpenDocument workbook is repeated more often than a sheet has rows."""
    rest = b""
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as stream:
        while piece := stream.read(_PIECE_SIZE):
            if any(int(count) > MOST_ROWS for count in _REPEATED.findall(rest + piece)):
                return False
            rest = piece[-_KEPT:]
    return True


def _is_within_limits(book: bytes) -> bool:
    """Whether no sheet of an old workbook claims, or uses, more rows or columns than such a sheet can have."""
    starts = [struct.unpack_from("<I", body)[0] for kind, body in any_records(book, 0) if kind == _SHEET]
    for start in starts:
        for kind, body in any_records(book, start):
            if kind == _DIMENSIONS:
                top, rows, columns = struct.unpack_from("<II2xH" if len(body) >= 14 else "<HH2xH", body)
                if not (top <= max(rows, 1) <= _OLD_ROWS and columns <= _OLD_COLUMNS):
                    return False
            elif kind in _CELLS and struct.unpack_from("<2xH", body)[0] >= _OLD_COLUMNS:
                return False
    return True


def _xlsx_extent(path: str, sheet: str) -> tuple[int, int]:
    rows, rest, letters = 0, b"", b"A"
    with zipfile.ZipFile(path) as archive, archive.open(sheet_part(archive, sheet)) as stream:
        while piece := stream.read(_PIECE_SIZE):
            text = rest + piece
            rows = max([rows, *map(int, _ROW.findall(text))])
            letters = max([letters, *_WIDE.findall(text)], key=lambda name: (len(name), name))
            rest = text[-_KEPT:]
    return rows, max(_MOST_NARROW, column_of(letters.decode()) + 1)


def _xls_extent(path: str, sheet: str) -> tuple[int, int]:
    book = xls_book(path)
    rows = columns = 0
    for kind, body in xls_records(book, xls_start(book, sheet)):
        if kind in _CELLS:
            row, column = struct.unpack_from("<HH", body)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
    return rows, columns


def _xlsb_extent(path: str, sheet: str) -> tuple[int, int]:
    with zipfile.ZipFile(path) as archive:
        data = archive.read(xlsb_part(archive, sheet))
    try:
        return _reach(data)
    except (struct.error, IndexError):
        return MOST_ROWS, MOST_COLUMNS


def _reach(data: bytes) -> tuple[int, int]:
    rows = columns = 0
    for kind, body in xlsb_records(data):
        if kind == _XLSB_DIMENSIONS:
            top, bottom, left, right = struct.unpack_from("<IIII", body)
            if top > bottom or left > right:  # a reader that takes one from the other gets more than there is
                return MOST_ROWS, MOST_COLUMNS
            rows, columns = max(rows, bottom + 1), max(columns, right + 1)
        elif kind == 0:
            rows = max(rows, struct.unpack_from("<I", body)[0] + 1)
        elif 2 <= kind <= 11:
            columns = max(columns, struct.unpack_from("<I", body)[0] + 1)
    return rows, columns
