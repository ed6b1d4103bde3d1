"""A count of a table's rows made without the engine that reads it, to hold its count against.

It also finds what the engine takes without a word: zero bytes, and a quote that swallows whole rows.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from poems_cli.tables.csv_text import LONGEST, MOST_BLANK, CsvError, RecordReader, UnclosedError, too_many_blank
from poems_cli.tables.parquet_file import row_count
from poems_cli.tables.table_bytes import nul_bytes, pieces
from poems_cli.tables.table_file import TableError, TableFile
from poems_cli.tables.table_text import reads_itself, text_pieces

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r"
_UNDERSCORED = re.compile(b"[0-9]_[0-9]")


class Survey(NamedTuple):
    """What a table holds, counted without the engine.

    ``rows`` is ``None`` if the count stopped at a ``fault``. ``parallel`` is whether DuckDB may read CSV on several threads:
    where quotes hold line ends, or stand within a cell, it may then fail, or take one cell for another without a word.
    ``underscored`` is whether a digit stands on both sides of an underscore somewhere: engines take 1_000 for a number.
    """

    rows: int | None
    parallel: bool = True
    fault: TableError | None = None
    underscored: bool = False


def survey(table: TableFile, every_line: bool = False) -> Survey:
    """Count the rows of a table in one pass and little memory; of Parquet, take what the file says.

    Of CSV the quotes, the line ends and the number of cells are checked, so that an engine that reads it loses nothing; cells
    lacking in one row and left over in another near it would be missed, and every engine refuses the first of them. Blank lines
    of JSON lines are not counted. ``every_line`` looks at each line by itself, which is slow, and tells which one is at fault
    where a blank line and what is left over in another outweigh each other. Raises :class:`TableError` if the file cannot be
    read at all.
    """
    if table.form == "parquet":
        return Survey(row_count(table.name, table.path))
    if table.form == "ndjson":
        return Survey(sum(_filled_lines(block) for block, _ in _blocks(table, b"\n")))
    counter = _Counter(table, every_line)
    try:
        for block, line_feeds in _blocks(table, table.line_end.encode()):
            counter.take(block, line_feeds)
        counter.end()
    except CsvError as error:
        return counter.stopped(error.of(table.name))
    except TableError as error:
        return counter.stopped(error)
    return Survey(counter.rows, counter.parallel, underscored=counter.underscored)


class _Counter:
    """Counts the records of CSV below the heading, block by block."""

    def __init__(self, table: TableFile, every_line: bool) -> None:
        self.rows = 0
        self._every_line = every_line
        self.parallel = True
        self.underscored = False
        self._width = len(table.headings)
        self._end = table.line_end.encode()
        self._letter = table.delimiter
        self._delimiter = table.delimiter.encode()
        self._above = table.skip + 1
        self._lines = 0
        self._blank = 0
        self._held = b""
        letters = b'"' + self._delimiter + self._end[-1:]
        self._others = bytes(one for one in range(256) if one not in letters)
        self._within = re.compile(b'"' + re.escape(self._delimiter) + b'+"')

    def take(self, block: bytes, ends: int) -> None:
        """Count the records of whole lines, with so many last letters of line ends; one that is not closed is held back."""
        self._refuse_blank(block)
        if self._held or len(self._end) > 1:
            block, self._held = self._held + block, b""
            ends = block.count(self._end)
        self.underscored = self.underscored or (b"_" in block and _UNDERSCORED.search(block) is not None)
        whole = b'"' not in block or self._quotes_whole_cells(block)
        self.parallel = self.parallel and whole
        lines = ends + (not block.endswith(self._end))
        plain = self._plain(block) if whole and not self._above and not self._every_line else None
        if plain is not None and plain.count(self._delimiter) == lines * (self._width - 1):
            self.rows += lines
            self._lines += lines
        else:
            self._count_each(block)

    def end(self) -> None:
        """Count what was held back. Raises :class:`CsvError` if a quote is not closed."""
        if self._held:
            self._count_each(self._held, last=True)

    def stopped(self, fault: TableError) -> Survey:
        """The survey that ended at a fault."""
        return Survey(None, self.parallel, fault)

    def _refuse_blank(self, block: bytes) -> None:
        """Raise :class:`CsvError` at more blank lines in a row than DuckDB can pass over; with one column each is a row."""
        first = len(block) - len(block.lstrip(b"\r\n"))
        if self._width > 1 and self._blank + first > MOST_BLANK * len(self._end):
            raise too_many_blank(self._lines + block.count(self._end, 0, first))
        self._blank = self._blank + first if first == len(block) else len(block) - len(block.rstrip(b"\r\n"))

    def _quotes_whole_cells(self, block: bytes) -> bool:
        """Whether every quote is the first or the last letter of a cell, or doubled."""
        block = self._end[-1:] + block.replace(b'""', b"") + self._end[:1]
        before, after = (self._delimiter, self._end[-1:]), (self._delimiter, self._end[:1])
        if any(one + b'"' + other in block for one in before for other in after):
            return False  # it would count as both
        opening = sum(block.count(one + b'"') for one in before)
        closing = sum(block.count(b'"' + one) for one in after)
        return opening == closing and opening + closing == block.count(b'"')

    def _plain(self, block: bytes) -> bytes | None:
        """A block whose every line is a record, with its delimiters, but none within quotes; ``None`` if that cannot be told.

        Every quote is known to open or close a cell: two with nothing but letters between them stand around one, and so do two
        with delimiters alone between them.
        """
        end = self._end
        if len(end) == 2:
            if not block.count(b"\r") == block.count(b"\n") == block.count(end):
                return None
        elif (b"\r" if end == b"\n" else b"\n") in block:
            return None
        if b'"' not in block:
            return block
        block = self._within.sub(b"", block.translate(None, self._others).replace(b'""', b""))
        return None if b'"' in block else block

    def _count_each(self, block: bytes, last: bool = False) -> None:
        end = self._end.decode()
        lines = block.decode("latin-1").split(end)
        if not lines[-1]:
            lines.pop()
        feed = _Feed(lines)
        reader = RecordReader(feed, self._letter, end, count=self._lines)
        for line in feed:
            place = feed.taken
            self._lines = reader.count
            if not line and self._width > 1 and not self._above:
                reader.count += 1
                continue
            if self._is_row(line):
                reader.count += 1
                self.rows += 1
                continue
            try:
                self._count_record(reader, line)
            except UnclosedError:
                if last:
                    raise
                self._held = end.join([*lines[place - 1 :], ""]).encode("latin-1")
                return
            if feed.taken > place or "\n" in line:
                self.parallel = False
        self._lines = reader.count

    def _is_row(self, line: str) -> bool:
        """Whether a line is plainly a row with as many cells as there are headings."""
        if self._above or '"' in line or "\r" in line or "\n" in line:
            return False
        return line.count(self._letter) == self._width - 1 and (line != "" or self._width == 1)

    def _count_record(self, reader: RecordReader, line: str) -> None:
        reader.width = 0 if self._above else self._width
        cells = reader.read(line).cells
        if self._above:
            self._above -= 1
        elif cells or self._width == 1:
            self.rows += 1


class _Feed(Iterator[str]):
    """Lines given one by one, and how many were taken."""

    def __init__(self, lines: list[str]) -> None:
        self.taken = 0
        self._lines = iter(lines)

    def __next__(self) -> str:
        line = next(self._lines)
        self.taken += 1
        return line


def _blocks(table: TableFile, end: bytes) -> Iterator[tuple[bytes, int]]:
    """The bytes of a table in blocks of whole lines, with the number of the last letters of line ends in each.

    Only the last block may lack its line end.
    """
    rest, lines, first = b"", 0, True
    for piece in _bytes_of(table):
        block = rest + piece
        if first:
            first, block = False, block.removeprefix(_BOM)
        zero = block.find(0)
        if zero >= 0:
            raise nul_bytes(f"{table.name}, line {lines + 1 + block.count(end[-1:], 0, zero)}")
        cut = block.rfind(end) + len(end) if end in block else 0
        rest = block[cut:]
        if len(rest) > LONGEST:
            raise TableError(
                f"{table.name}, line {lines + 1}", "the line is longer than two million letters", "check how it was exported"
            )
        if cut:
            ends = block.count(end[-1:], 0, cut)
            lines += ends
            yield block[:cut], ends
    if rest:
        yield rest, rest.count(end[-1:])


def _bytes_of(table: TableFile) -> Iterator[bytes]:
    if reads_itself(table):
        return pieces(table.name, table.path, table.compression)
    return (piece.encode() for piece in text_pieces(table))


def _filled_lines(block: bytes) -> int:
    return sum(1 for line in block.split(b"\n") if line.strip(_BLANK))
