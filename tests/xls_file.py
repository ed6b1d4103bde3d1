"""A small ``.xls`` workbook (Excel 97 to 2003) for tests: texts, and numbers in number formats."""

import struct
from collections.abc import Sequence

_SECTOR = 512


def xls(rows: Sequence[Sequence[str | tuple[float, str] | None]], sheet: str = "Ward") -> bytes:
    """The workbook; a number is given with its format."""
    codes = list(dict.fromkeys(cell[1] for row in rows for cell in row if isinstance(cell, tuple)))
    formats = b"".join(_record(0x041E, struct.pack("<H", 164 + place) + _wide(code)) for place, code in enumerate(codes))
    styles = b"".join(_record(0x00E0, struct.pack("<HH16x", 0, 164 + place)) for place in range(len(codes)))
    plain = _record(0x00E0, struct.pack("<HH16x", 0, 0))
    cells = b"".join(
        _cell(row, column, cell, codes)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
        if cell is not None
    )
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    inner = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    name = sheet.encode("latin-1")
    bound = 4 + 8 + len(name)
    at = len(begin + formats + styles + plain) + bound + 4
    bounds = _record(0x0085, struct.pack("<IBBBB", at, 0, 0, len(name), 0) + name)
    end = _record(0x000A, b"")
    return _compound(begin + formats + styles + plain + bounds + end + inner + cells + end)


def _cell(row: int, column: int, cell: str | tuple[float, str], codes: list[str]) -> bytes:
    if isinstance(cell, str):
        return _record(0x0204, struct.pack("<HHH", row, column, len(codes)) + _wide(cell))
    return _record(0x0203, struct.pack("<HHHd", row, column, codes.index(cell[1]), cell[0]))


def _wide(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _compound(stream: bytes) -> bytes:
    """A compound file with one stream: the table of sectors in sector 0, the directory in sector 1, then the stream."""
    stream = stream.ljust(8 * _SECTOR, b"\0")
    stream += bytes(-len(stream) % _SECTOR)
    count = len(stream) // _SECTOR
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (_SECTOR // 4 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)[:36]
    header += struct.pack("<I", 0) + b"\xff" * (_SECTOR - len(header) - 4)
    folder = _entry("Root Entry", 5, 0xFFFFFFFE, 0, 1) + _entry("Workbook", 2, 2, len(stream), 0xFFFFFFFF)
    return header + struct.pack(f"<{_SECTOR // 4}I", *table) + folder.ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
    letters = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return (
        letters.ljust(64, b"\0")
        + struct.pack("<HBB", len(letters), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<II4x", start, size)
    )
