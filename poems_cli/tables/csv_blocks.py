"""The bytes of a CSV table in blocks of whole records, so that several processors can read it.

The records of a block are counted from its bytes, apart from whatever reads its cells. Where quotes allow more than one
reading, or hold line ends, the records are read here, one by one, by the rules of ``csv_text.py``.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np

from poems_cli.tables.csv_text import LONGEST, CsvError, RecordReader, UnclosedError
from poems_cli.tables.last_rows import LAST, may_be_note
from poems_cli.tables.table_bytes import NOT_UTF8_MEND, nul_bytes, pieces
from poems_cli.tables.table_file import TableError, TableFile
from poems_cli.written_numbers import SPACE

#: About how many bytes make a block.
BLOCK = 16 << 20
_BOM = b"\xef\xbb\xbf"
_BLANK = b"(?:" + b"|".join([re.escape(letter.encode()) for letter in SPACE if letter not in "\r\n"]) + b")"


class Block(NamedTuple):
    """Whole records of a table, with ``lines`` lines of the file above them.

    ``row`` is the number of the first record as a sheet counts, ``end`` where it ends, in bytes.
    ``records`` are their cells where they had to be read one by one, each with its row; else every line of ``data`` is a
    record, or blank.
    """

    data: bytes
    lines: int
    row: int
    end: int
    records: "Records | None" = None


Records: TypeAlias = tuple[tuple[int, list[str]], ...]


def blocks(table: TableFile, size: int = BLOCK) -> Iterator[Block]:
    """The blocks of a table below its headings. Raises :class:`TableError` where it cannot be read as CSV."""
    end = table.line_end.encode()
    lines, rest, above, row, read = 0, b"", table.ends_above, table.skip + 2, 0
    for piece, is_last in _ended(pieces(table.name, table.path, table.compression, size)):
        data = rest + piece
        read += len(piece)
        if not lines and not rest:
            data = data.removeprefix(_BOM)
        while above and end in data:
            heading, _, data = data.partition(end)
            above, lines = above - 1, lines + _lines(heading + end, end)
        _refuse_long(table, data, lines)
        whole = len(data) if is_last else data.rfind(end) + len(end) if end in data else 0
        notes = whole if above else _notes(data[:whole], table)
        if is_last:
            data = data[:notes] + _widened(data[notes:], table)
            cut = len(data)
        else:  # the last rows wait for the end of the table: what follows may be notes below them
            cut = 0 if above else _lines_above(data, notes, end)
        if above or not cut:
            rest = data
            continue
        block, rest = data[:cut], data[cut:]
        _refuse_bytes(table, block, lines)
        records = None
        if b'"' in block and not is_plain(block, table):
            block, left, records, count = _read(table, Block(block, lines, row, 0), is_last)
            rest = left + rest
            if records:
                yield Block(block, lines, row, read - len(rest), records)
        else:
            yield Block(block, lines, row, read - len(rest))
            count = block.count(end)
        lines, row = lines + (count if records is None and end == b"\n" else _lines(block, end)), row + count


def _notes(data: bytes, table: TableFile) -> int:
    """Where the last lines begin that have one cell alone, as notes below a table do."""
    end, delimiter = table.line_end.encode(), table.delimiter.encode()
    at = len(data)
    for _ in range(LAST):
        begin = _lines_above(data, at, end, 1)
        line = data[begin:at].strip()
        if delimiter in line or b'"' in line or (line and not may_be_note(line.decode(errors="replace"))):
            break
        at = begin
    return at


def _lines_above(data: bytes, at: int, end: bytes, lines: int = LAST) -> int:
    """Where so many lines above a place between two lines begin."""
    for _ in range(lines):
        found = data.rfind(end, 0, max(0, at - len(end)))
        at = 0 if found < 0 else found + len(end)
    return at


def _widened(notes: bytes, table: TableFile) -> bytes:
    """Notes below a table with a delimiter for each cell that they lack, so that they are rows, which are set aside then."""
    end, lacking = table.line_end.encode(), table.delimiter.encode() * (len(table.headings) - 1)
    return end.join([line + lacking if line.strip() else line for line in notes.split(end)])


def _ended(found: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The pieces, and a last empty one."""
    for piece in found:
        yield piece, False
    yield b"", True


def _lines(data: bytes, end: bytes) -> int:
    """How many lines of the file end in some bytes, those within quotes too."""
    return data.count(b"\n") + (data.count(b"\r") if end == b"\r" else 0)


def _refuse_long(table: TableFile, data: bytes, lines: int) -> None:
    """Raise :class:`TableError` for a line that is too long; within one there is half its length without a line end."""
    end = table.line_end.encode()
    for start in range(0, len(data) - LONGEST // 2, LONGEST // 2):
        if data.find(end, start, start + LONGEST // 2) < 0:
            first, last = data.rfind(end, 0, start + len(end)), data.find(end, start)
            begin = 0 if first < 0 else first + len(end)
            if (len(data) if last < 0 else last) - begin > LONGEST:
                where = f"{table.name}, line {lines + 1 + _lines(data[:begin], end)}"
                raise TableError(where, "the line is longer than two million characters", "check how it was exported")


def _refuse_bytes(table: TableFile, block: bytes, lines: int) -> None:
    """Raise :class:`TableError` for what is not text in UTF-8."""
    end = table.line_end.encode()
    if b"\0" in block:
        line = lines + 1 + _lines(block[: block.index(0)], end)
        raise nul_bytes(f"{table.name}, line {line}")
    if not block.isascii():
        try:
            block.decode()
        except UnicodeDecodeError as error:
            line = lines + 1 + _lines(block[: error.start], end)
            raise TableError(f"{table.name}, line {line}", "this is not UTF-8 text", NOT_UTF8_MEND) from None


def is_plain(block: bytes, table: TableFile) -> bool:
    """Whether quotes enclose whole cells, each within one line, and none is elsewhere, unless doubled."""
    end, delimiter = table.line_end.encode(), table.delimiter.encode()
    letters = np.frombuffer(end[-1:] + block.replace(b'""', b"") + end[:1], np.uint8)
    quotes = np.flatnonzero(letters == ord('"'))
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    begins = np.isin(letters[opening - 1], list(delimiter + end[-1:]))
    ends = np.isin(letters[closing + 1], list(delimiter + end[:1]))
    line_ends = np.flatnonzero(letters == end[-1])
    within = np.searchsorted(line_ends, opening) == np.searchsorted(line_ends, closing)
    return bool((begins & ends & within).all())


def _read(table: TableFile, block: Block, is_last: bool) -> tuple[bytes, bytes, Records, int]:
    """The records of a block one by one.

    Gives the bytes of the whole records, those of a record that does not end in the block, the records that are not blank, and
    how many there are with blank ones.
    """
    end = table.line_end
    texts = block.data.decode().split(end)
    if not texts[-1]:
        texts.pop()
    feed = _Feed(texts)
    reader = RecordReader(feed, table.delimiter, end, len(table.headings), block.lines)
    found: list[tuple[int, list[str]]] = []
    count = 0
    for text in feed:
        place = feed.taken - 1
        try:
            record = reader.read(text)
        except UnclosedError as error:
            left = end.join([*texts[place:], ""]).encode()
            if is_last or len(left) > LONGEST:
                raise error.of(table.name) from None
            return block.data[: len(block.data) - len(left)], left, tuple(found), count
        except CsvError as error:
            raise error.of(table.name) from None
        if record.cells or len(table.headings) == 1:
            found.append((block.row + count, record.cells or [""]))
        count += 1
    return block.data, b"", tuple(found), count


def records_of(table: TableFile, block: Block) -> Records:
    """The records of a block whose lines are not what they seemed. Raises :class:`TableError` at what is not CSV."""
    return _read(table, block, is_last=True)[2]


def blank_lines(data: bytes, delimiter: str, line_end: str) -> list[int]:
    """Which lines of CSV, from 0, have no cell: delimiters alone, with blanks and empty quotes between them."""
    end, sign = line_end.encode(), re.escape(delimiter.encode())
    cell = b"(?:" + _BLANK + b'|""(?!")|"' + _BLANK + b'+"(?!"))*'
    pattern = re.escape(end) + b"(" + cell + b"(?:" + sign + cell + b")+)(?=" + re.escape(end) + rb"|\Z)"
    data = end + data
    found: list[int] = []
    line = at = 0
    for match in re.finditer(pattern, data):
        line += data.count(end, at, match.start())
        at = match.start()
        found.append(line)
    return found


class _Feed(Iterator[str]):
    """Lines given one by one, and how many were taken."""

    def __init__(self, lines: list[str]) -> None:
        self.taken = 0
        self._lines = iter(lines)

    def __next__(self) -> str:
        line = next(self._lines)
        self.taken += 1
        return line
