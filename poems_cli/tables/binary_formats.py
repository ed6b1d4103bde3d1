"""How the binary workbooks of Excel show their numbers: ``.xls`` (97 to 2003) and ``.xlsb``; see ``number_formats.py``."""

import struct
import zipfile
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from poems_cli.tables.compound_file import CompoundFile
from poems_cli.tables.number_formats import (
    AS_STORED,
    BROKEN,
    BUILT_IN,
    SheetFormats,
    Shown,
    main_part,
    noted,
    relations,
    shown_by,
)


class _Styles(NamedTuple):
    """How the cells of a workbook can be shown, and which of them each style is: a number from 1, or 0 for as stored."""

    shown: tuple[Shown, ...]
    number: Mapping[int, int]


def xls_formats(path: str, sheet: str) -> SheetFormats:
    """How a sheet of an ``.xls`` workbook shows its numbers.

    Raises :class:`ValueError` for another file, and for workbooks older than Excel 97.
    """
    try:
        with open(path, "rb") as stream:
            book = CompoundFile(stream.read()).stream("Workbook")
        return _xls_sheet(book, sheet)
    except BROKEN as error:
        raise ValueError(type(error).__name__) from None


def xlsb_formats(path: str, sheet: str) -> SheetFormats:
    """How a sheet of an ``.xlsb`` workbook shows its numbers. Raises :class:`ValueError` for another file."""
    try:
        with zipfile.ZipFile(path) as archive:
            data = archive.read(xlsb_part(archive, sheet))
            links = relations(archive, main_part(archive))
            styles = next((target for target in links.values() if target.endswith("styles.bin")), None)
            return _xlsb_sheet(data, _xlsb_styles(archive.read(styles)) if styles else _NO_STYLES)
    except BROKEN as error:
        raise ValueError(type(error).__name__) from None


def _styles(codes: Mapping[int, str], formats: list[int]) -> _Styles:
    """The styles of a workbook, from the number format of each."""
    each = [shown_by(codes.get(number, BUILT_IN.get(number, "General"))) for number in formats]
    shown = tuple(dict.fromkeys(style for style in each if style != AS_STORED))[:255]
    return _Styles(shown, {style: shown.index(one) + 1 for style, one in enumerate(each) if one in shown})


_NO_STYLES = _Styles((), {})


# --- .xls: records in a stream of a compound file ---------------------------------------------------------------------


def _xls_sheet(book: bytes, sheet: str) -> SheetFormats:
    codes: dict[int, str] = {}
    formats: list[int] = []
    for kind, body in xls_records(book, 0):
        if kind == 0x041E:
            codes[struct.unpack_from("<H", body)[0]] = _text(body, 2, 2)
        elif kind == 0x00E0:
            formats.append(struct.unpack_from("<H", body, 2)[0])
    styles = _styles(codes, formats)
    places: dict[int, bytearray] = {}
    if styles.shown:
        for kind, body in xls_records(book, xls_start(book, sheet)):
            for row, column, style in _xls_numbers(kind, body):
                if style in styles.number:
                    noted(places, row, column, styles.number[style])
    return SheetFormats(styles.shown, {column: bytes(rows) for column, rows in places.items()})


def xls_start(book: bytes, sheet: str) -> int:
    """Where the records of a sheet begin. Raises :class:`ValueError` where there is none."""
    for kind, body in xls_records(book, 0):
        if kind == 0x0085 and _text(body, 6, 1).replace("\0", "") == sheet:
            start: int = struct.unpack_from("<I", body)[0]
            return start
    raise ValueError(sheet)


def xls_records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of a part of the stream, to its end. Raises :class:`ValueError` before Excel 97."""
    kind, size = struct.unpack_from("<HH", book, at)
    if kind != 0x0809 or struct.unpack_from("<H", book, at + 4)[0] != 0x0600:
        raise ValueError("an older workbook")
    while kind != 0x000A:
        at += 4 + size
        kind, size = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + size]


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


# --- .xlsb: records in the parts of an archive ------------------------------------------------------------------------


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


def _xlsb_styles(data: bytes) -> _Styles:
    codes: dict[int, str] = {}
    formats: list[int] = []
    in_cells = False
    for kind, body in xlsb_records(data):
        if kind == 44:
            codes[struct.unpack_from("<H", body)[0]] = _xlsb_text(body, 2)[0]
        elif kind in (617, 618):
            in_cells = kind == 617
        elif kind == 47 and in_cells:
            formats.append(struct.unpack_from("<H", body, 2)[0])
    return _styles(codes, formats)


def _xlsb_sheet(data: bytes, styles: _Styles) -> SheetFormats:
    places: dict[int, bytearray] = {}
    row = 0
    for kind, body in xlsb_records(data) if styles.shown else ():
        if kind == 0:
            row = struct.unpack_from("<I", body)[0]
        elif kind in (2, 5, 9):
            column, style = struct.unpack_from("<II", body)
            if style & 0xFFFFFF in styles.number:
                noted(places, row, column, styles.number[style & 0xFFFFFF])
    return SheetFormats(styles.shown, {column: bytes(rows) for column, rows in places.items()})
