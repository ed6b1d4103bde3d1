"""CSV as text: its records, and the first fault with its true line.

A quote opens a cell only at its start; spaces before it, and after the closing one, do not count; within quotes a quote is
doubled; anywhere else it is a character like any other. All records end alike. A blank line is not a record where there is more
than one column.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_INPUT
from poems_cli.tables.table_file import TableError

#: A record of more bytes than this is refused: it is a quote that is not closed, and takes in the rows below it.
LONGEST = 2 << 20
#: So many blank lines in a row are skipped.
MOST_BLANK = 500_000
#: From this many columns on, a line within quotes that has as many cells as the table is taken for a row swallowed by a quote.
_TELLING = 3
_BODY = re.compile('[^"]*(?:""[^"]*)*')
_QUOTED = re.compile('"[^"]*"?')
_END = re.compile("\r\n|\n|\r")
_QUOTE_MEND = "check that every quote is closed, and that a quote within a cell is doubled"
_ENDS_MEND = "use the same line ending throughout (dos2unix does it)"
_RAGGED_MEND = "give every row as many cells as there are headings; a cell that holds the delimiter goes into quotes"


class CsvError(PoemsError):
    """A text is not CSV at one line; only the caller knows the file."""

    def __init__(self, line: int, what: str, mend: str = _QUOTE_MEND) -> None:
        super().__init__([Problem(f"line {line}", what, mend)], EXIT_INPUT)
        self.line = line

    def of(self, name: str) -> TableError:
        """The error of the table of this name."""
        [problem] = self.problems
        return TableError(f"{name}, {problem.where}", problem.what, problem.mend)


class UnclosedError(CsvError):
    """The text ends within quotes."""


class Record(NamedTuple):
    """One record: the number of its first line, from 1, and its cells; none for a blank line."""

    line: int
    cells: list[str]


def line_end(head: str) -> str:
    """How the lines of a text end: the first line end that is not within quotes."""
    found = _END.search(_QUOTED.sub("", head)) or _END.search(head)
    return found[0] if found else "\n"


def records(text: Iterable[str], delimiter: str, end: str) -> Iterator[Record]:
    """Every record of a text that comes in pieces. Raises :class:`CsvError` for what is not CSV."""
    lines = _lines(text, end)
    reader = RecordReader(lines, delimiter, end)
    for line in lines:
        yield reader.read(line)


def rows(
    text: Iterable[str], delimiter: str, end: str, above: int, width: int, *, is_ragged: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Every row of a table in text: the records that are not blank, without the first ones, which are ``above``.

    Each has its number as a sheet counts, with the headings and blank records. Raises :class:`CsvError` for what is not CSV,
    and, unless it may be ``is_ragged``, for a row without ``width`` cells.
    """
    lines = _lines(text, end)
    reader = RecordReader(lines, delimiter, end)
    for line in islice(lines, above):
        reader.read(line)
    reader.width, reader.is_ragged = width, is_ragged
    blank = 0
    for number, line in enumerate(lines, above + 1):
        record = reader.read(line)
        if record.cells or width == 1:
            blank = 0
            yield number, record.cells or [""]
        else:
            blank += 1
            if blank > MOST_BLANK:
                what = f"more than {MOST_BLANK:,} blank lines follow each other"
                raise CsvError(record.line, what, "remove the blank lines")


class RecordReader:
    """Reads records from lines without their ends. ``count`` is the number of lines taken.

    ``width`` is how many cells every record must have that is not blank, 0 for any number. If it ``is_ragged``, others may have
    another number.
    """

    is_ragged = False

    def __init__(self, lines: Iterator[str], delimiter: str, end: str, width: int = 0, count: int = 0) -> None:
        self.count = count
        self.width = width
        self._lines = lines
        self._delimiter = delimiter
        opening = '"' if delimiter == " " else ' *"'
        self._opening = re.compile(opening)
        self._next_opening = re.compile(re.escape(delimiter) + opening)
        self._end = end
        self._others = [line_end for line_end in "\r\n" if line_end != end]

    def read(self, line: str) -> Record:
        """The record that begins with a line. Raises :class:`CsvError`."""
        self.count += 1
        first = self.count
        if '"' in line:
            cells = self._with_quotes(line)
        else:
            self._refuse_other_end(line)
            cells = line.split(self._delimiter) if line else []
        if self.width and cells and len(cells) != self.width and not self.is_ragged:
            found, wanted = (
                f"{count} {kind}{'s' * (count > 1)}" for count, kind in ((len(cells), "cell"), (self.width, "heading"))
            )
            raise CsvError(first, f"the row has {found} under {wanted}", _RAGGED_MEND)
        return Record(first, cells)

    def _with_quotes(self, line: str) -> list[str]:
        cells: list[str] = []
        at = 0
        while True:
            opening = self._opening.match(line, at)
            if opening is None:
                opening = self._next_opening.search(line, at)
                before = line[at:] if opening is None else line[at : opening.start()]
                self._refuse_other_end(before)
                cells += before.split(self._delimiter)
                if opening is None:
                    return cells
            cell, line, at = self._quoted(line, opening.end())
            cells.append(cell)
            if at == len(line):
                return cells
            if not line.startswith(self._delimiter, at):
                raise CsvError(self.count, "text follows a closing quote")
            at += len(self._delimiter)

    def _quoted(self, line: str, at: int) -> tuple[str, str, int]:
        """A quoted cell, from after its opening quote; the line in which it ends, and where."""
        opened, length, parts = self.count, 0, []
        while True:
            body = _BODY.match(line, at)
            part, at = (body[0], body.end()) if body else ("", at)
            parts.append(part)
            length += len(part)
            self.count += part.count("\n")  # alone, where lines end in CR LF
            if at < len(line):
                break
            following = next(self._lines, None)
            if following is None:
                raise UnclosedError(opened, "a quote is opened and never closed")
            if length > LONGEST:
                raise CsvError(opened, "a quote is opened, and not closed for two million characters")
            self.count += 1
            line, at = following, 0
        if len(parts) > 2 and self.width >= _TELLING:
            self._refuse_rows(parts[1:-1], opened)
        at += 1
        while self._delimiter != " " and line.startswith(" ", at):
            at += 1
        return self._end.join(parts).replace('""', '"'), line, at

    def _refuse_rows(self, lines: list[str], opened: int) -> None:
        if any(line.count(self._delimiter) == self.width - 1 for line in lines):
            raise CsvError(opened, f"a quote is opened and closed {len(lines) + 1} lines below, over what look like whole rows")

    def _refuse_other_end(self, text: str) -> None:
        for other in self._others:
            if other in text:
                raise CsvError(self.count, "its line endings differ (CR LF, LF or CR)", _ENDS_MEND)


def _lines(text: Iterable[str], end: str) -> Iterator[str]:
    rest, count = "", 0
    for piece in text:
        lines = (rest + piece).split(end)
        rest = lines.pop()
        yield from lines
        count += len(lines)
        if len(rest) > LONGEST:
            raise CsvError(count + 1, "the line is longer than two million characters")
    if rest:
        yield rest
