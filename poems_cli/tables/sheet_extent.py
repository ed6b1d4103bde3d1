"""How far the cells of a sheet reach: a reader that fills the whole of it needs memory for every place between them.

A stray cell in the last row or column of a sheet, or a broken file, makes billions of places of a few cells.
"""

import re
import struct
import zipfile

from poems_cli.tables.binary_formats import xls_records, xls_start, xlsb_part, xlsb_records
from poems_cli.tables.compound_file import SIGNATURE, CompoundFile
from poems_cli.tables.number_formats import BROKEN, column_of, sheet_part

#: So many places a sheet may have.
MOST_PLACES = 50_000_000
_PIECE_SIZE = 1 << 20
_KEPT = 256  # of a piece, so that nothing is lost where it is cut
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\sr=\"([0-9]{1,10})\"")
_WIDE = re.compile(rb"\sr=\"([A-Z]{2,3})[0-9]")
_MOST_NARROW = 26
#: Of the records of an old workbook, those that say how far a sheet reaches, and those that hold cells.
_DIMENSIONS = 0x0200
_CELLS = (0x0203, 0x027E, 0x0006, 0x00BD, 0x00BE, 0x00FD, 0x0201, 0x0204, 0x0205, 0x00D6)
_OLD_ROWS, _OLD_COLUMNS = 1 << 16, 1 << 8


def extent(path: str, sheet: str) -> tuple[int, int]:
    """How many rows and columns a sheet has, at most; nothing where that cannot be told. It does not raise."""
    for found in (_xlsx_extent, _xls_extent, _xlsb_extent):
        try:
            return found(path, sheet)
        except BROKEN:
            continue
    return 0, 0


def is_sound(path: str) -> bool:
    """Whether an old workbook can be read to its end; other files are not looked at."""
    with open(path, "rb") as stream:
        data = stream.read(len(SIGNATURE))
        if data != SIGNATURE:
            return True
        data += stream.read()
    try:
        file = CompoundFile(data)
        file.check()
        return _is_within_limits(file.stream("Workbook", "Book"))
    except (ValueError, struct.error):
        return False


def _is_within_limits(book: bytes) -> bool:
    """Whether no sheet of an old workbook claims, or uses, more rows or columns than such a sheet can have."""
    at = 0
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        if kind == _DIMENSIONS:
            rows, columns = struct.unpack_from("<4xI2xH" if size >= 14 else "<2xH2xH", book, at + 4)
            if rows > _OLD_ROWS or columns > _OLD_COLUMNS:
                return False
        elif kind in _CELLS and struct.unpack_from("<2xH", book, at + 4)[0] >= _OLD_COLUMNS:
            return False
        at += 4 + size
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
    with open(path, "rb") as stream:
        book = CompoundFile(stream.read()).stream("Workbook")
    rows = columns = 0
    for kind, body in xls_records(book, xls_start(book, sheet)):
        if kind in _CELLS:
            row, column = struct.unpack_from("<HH", body)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
    return rows, columns


def _xlsb_extent(path: str, sheet: str) -> tuple[int, int]:
    with zipfile.ZipFile(path) as archive:
        data = archive.read(xlsb_part(archive, sheet))
    rows = columns = 0
    for kind, body in xlsb_records(data):
        if kind == 0:
            rows = max(rows, struct.unpack_from("<I", body)[0] + 1)
        elif 2 <= kind <= 11:
            columns = max(columns, struct.unpack_from("<I", body)[0] + 1)
    return rows, columns
