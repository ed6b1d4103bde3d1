"""How the binary workbooks of Excel show their numbers: ``.xls`` (97 to 2003) and ``.xlsb``; see ``number_formats.py``."""

import struct
import zipfile
from collections.abc import Iterator

from poems_cli.tables.compound_file import CompoundFile
from poems_cli.tables.number_formats import SheetFormats, Shown, main_part, relations, styles_of, styles_part


def xls_formats(path: str, sheet: str) -> SheetFormats:
    """How a sheet of an ``.xls`` workbook shows its numbers.

    Raises one of ``BROKEN`` for another file, and for workbooks older than Excel 97.
    """
    book = xls_book(path)
    codes: dict[int, str] = {}
    used: list[int] = []
    for kind, body in xls_records(book, 0):
        if kind == 0x041E:
            codes[struct.unpack_from("<H", body)[0]] = _text(body, 2, 2)
        elif kind == 0x00E0:
            used.append(struct.unpack_from("<H", body, 2)[0])
    found = SheetFormats(styles_of(codes, used))
    if found.shown:
        for kind, body in xls_records(book, xls_start(book, sheet)):
            for row, column, style in _xls_numbers(kind, body):
                found.note(row, column, style)
    return found


def xlsb_formats(path: str, sheet: str) -> SheetFormats:
    """How a sheet of an ``.xlsb`` workbook shows its numbers. Raises one of ``BROKEN`` for another file."""
    with zipfile.ZipFile(path) as archive:
        data = archive.read(xlsb_part(archive, sheet))
        styles = styles_part(archive, ".bin")
        found = SheetFormats(_xlsb_styles(archive.read(styles)) if styles else ())
    row = 0
    for kind, body in xlsb_records(data) if found.shown else ():
        if kind == 0:
            row = struct.unpack_from("<I", body)[0]
        elif kind in (2, 5, 9):
            column, style = struct.unpack_from("<II", body)
            found.note(row, column, style & 0xFFFFFF)
    return found


def xls_book(path: str) -> bytes:
    """The records of a workbook. Raises :class:`ValueError` for another file."""
    with open(path, "rb") as stream:
        return CompoundFile(stream.read()).stream("Workbook")


def xls_start(book: bytes, sheet: str) -> int:
    """Where the records of a sheet begin. Raises :class:`ValueError` where there is none."""
    for kind, body in xls_records(book, 0):
        if kind == 0x0085 and _text(body, 6, 1).replace("\0", "") == sheet:
            start: int = struct.unpack_from("<I", body)[0]
            return start
    raise ValueError(sheet)


def xls_records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of a part of the stream, to its end. Raises :class:`ValueError` before Excel 97."""
    if struct.unpack_from("<HxxH", book, at) != (0x0809, 0x0600):
        raise ValueError("an older workbook")
    yield from any_records(book, at)


def any_records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of a workbook of any age from a place on, to the end of a part or of the workbook."""
    kind = 0
    while kind != 0x000A and at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + size]
        at += 4 + size


def _xls_numbers(kind: int, body: bytes) -> Iterator[tuple[int, int, int]]:
    """Row, column and style of the numbers in a record."""
    if kind in (0x0203, 0x027E, 0x0006):
        yield struct.unpack_from("<HHH", body)
    elif kind == 0x00BD:
        row, first = struct.unpack_from("<HH", body)
        for place in range((len(body) - 6) // 6):
            yield row, first + place, struct.unpack_from("<H", body, 4 + 6 * place)[0]


def _text(body: bytes, at: int, width: int) -> str:
    """A text whose length takes one or two bytes, and whose letters do as a flag says."""
    count = int.from_bytes(body[at : at + width], "little")
    is_wide = body[at + width] & 1
    letters = body[at + width + 1 : at + width + 1 + count * (2 if is_wide else 1)]
    return letters.decode("utf-16-le" if is_wide else "latin-1")


def xlsb_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of a part."""
    at = 0
    while at < len(data):
        kind, at = _varying(data, at, 2)
        size, at = _varying(data, at, 4)
        yield kind, data[at : at + size]
        at += size


def _varying(data: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where the next thing is. The kind of a record keeps its eighth bits."""
    value = 0
    for place in range(most):
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    return value, at + most


def _xlsb_text(body: bytes, at: int) -> tuple[str, int]:
    count = struct.unpack_from("<I", body, at)[0]
    end = at + 4 + 2 * count
    return body[at + 4 : end].decode("utf-16-le"), end


def xlsb_part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part that holds a sheet. Raises :class:`ValueError` for another workbook, :class:`KeyError` for another sheet."""
    part = main_part(archive)
    if not part.endswith(".bin"):
        raise ValueError(part)
    return relations(archive, part)[dict(_xlsb_sheets(archive.read(part)))[sheet]]


def _xlsb_sheets(data: bytes) -> Iterator[tuple[str, str]]:
    """The name of each sheet, and the link to its part."""
    for kind, body in xlsb_records(data):
        if kind == 156:
            link, at = _xlsb_text(body, 8)
            yield _xlsb_text(body, at)[0], link


def _xlsb_styles(data: bytes) -> list[Shown]:
    codes: dict[int, str] = {}
    used: list[int] = []
    in_cells = False
    for kind, body in xlsb_records(data):
        if kind == 44:
            codes[struct.unpack_from("<H", body)[0]] = _xlsb_text(body, 2)[0]
        elif kind in (617, 618):
            in_cells = kind == 617
        elif kind == 47 and in_cells:
            used.append(struct.unpack_from("<H", body, 2)[0])
    return styles_of(codes, used)
