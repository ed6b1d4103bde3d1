"""CSV in, as ``poems template --format csv`` writes it: a row a patient, a column a finding, a unit in its heading.

A heading is ``id``, a finding's id, or either with a unit, as in ``platelets (10*9/L)``. A blank cell is unknown. Rows are read
as they come, in little memory however many there are. For whole tables with headings of their own, a dialect and millions of
rows, this is not the tool.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from poems_cli.errors import Problem
from poems_cli.model import Refused
from poems_cli.records.patient import NO_HEADING
from poems_cli.records.problem import Flaw, Reading, Record
from poems_cli.records.source import Source, empty, megabytes, not_utf8

#: A cell that is a number or a date, and so no heading.
VALUE = re.compile(
    r"(?:<=|>=|<|>)?\s*[+-]?(?:[0-9]+(?:[.,][0-9]+)*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*%?"  # a number
    r"|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[ T].*)?"  # a date
)
_TRUTHS = ("yes", "no", "true", "false", "present", "absent", "unknown")
_HEADING = re.compile(r"\s*(?P<name>.*?)\s*(?:\((?P<unit>[^()]*(?:\([^()]*\)[^()]*)*)\))?\s*")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_OTHER_DELIMITER = re.compile("[;\t|]")
_MEND = "start from: poems template --format csv"


class Heading(NamedTuple):
    """A column's name and unit, as its heading has them."""

    name: str
    unit: str | None = None


#: Says what is wrong with a heading of this name and unit, if anything is.
CheckHeading: TypeAlias = Callable[[str, str | None], Flaw | None]


class _RowTooLongError(Exception):
    """A line, or a row of several lines, is longer than a record may be."""


def csv_records(source: Source, check: CheckHeading) -> Iterator[Record | Problem | Reading]:
    """A record for each row below the heading; blank rows are passed over. What is no CSV any more ends it."""
    lines = _Lines(source)
    reader = csv.reader(lines, strict=True)
    try:
        yield from _rows(source, lines, reader, check)
    except UnicodeDecodeError as error:
        yield not_utf8(source.name, error.object, error, source.lines)
    except _RowTooLongError:
        message = f"this row is longer than {megabytes(source.limits.line)}"
        yield Problem(f"{source.name}, line {source.lines}", message, "check that every quote is closed")
    except csv.Error:
        mend = "check that every quote is closed, and that a quote within a cell is doubled"
        yield Problem(f"{source.name}, line {source.lines}", "this row is not CSV", mend)


class _Lines:
    """The lines of a text, one after the other; ``taken`` counts the bytes of those of the row at hand."""

    def __init__(self, source: Source) -> None:
        self.taken = 0
        self._source = source
        self._lines = self._read()

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def _read(self) -> Iterator[str]:
        while (line := self._source.line()) != b"":
            self.taken += len(line or b"")
            if line is None or self.taken > self._source.limits.line:
                raise _RowTooLongError
            yield from _LINE.findall(line.decode())


def _rows(
    source: Source, lines: _Lines, reader: "Iterator[list[str]]", check: CheckHeading
) -> Iterator[Record | Problem | Reading]:
    first = next((row for row in reader if any(cell.strip() for cell in row)), None)
    if not first:
        yield empty(source.name)
        return
    columns = [_heading(cell) for cell in first]
    where = f"{source.name}, line {source.lines}"
    unread = [check(*column) for column in columns]
    problems = tuple(_heading_problems(where, columns, unread))
    if problems:
        yield Reading(None, problems)
        return
    for number, flaw in enumerate(unread, 1):
        if flaw is not None:
            yield Problem(f"{where}, column {number}", *flaw)
    number = 0
    lines.taken = 0
    for row in reader:
        lines.taken = 0
        if any(cell.strip() for cell in row):
            number += 1
            place = f"{source.name}, row {number}"
            yield Record(_patient(columns, row, unread), place, number, _misfit(columns, row), _refused(columns, row, unread))


def _heading(cell: str) -> Heading:
    match = _HEADING.fullmatch(cell)
    return Heading(match["name"], match["unit"] or None) if match else Heading(cell.strip())


def _heading_problems(where: str, columns: list[Heading], flaws: Sequence[Flaw | None]) -> Iterator[Problem]:
    """Why the headings cannot be used. A first row that may be a patient is never shown: its cells are no headings.

    Beside an id a column that is not understood is left out, and the others are read.
    """
    if len(columns) == 1 and _OTHER_DELIMITER.search(columns[0].name):
        mend = "part them by commas, or use poems screen, which reads other tables too"
        yield Problem(where, "the columns are not parted by commas", mend)
        return
    if any(_is_value(column.name) for column in columns) or None not in flaws:
        yield Problem(where, "line 1 looks like data, not headings", f"write a first line that names the columns, or {_MEND}")
        return
    has_id = any(column.name == "id" for column in columns)
    read = [column for column, flaw in zip(columns, flaws, strict=True) if flaw is None and column.name not in ("", "id")]
    for number, flaw in enumerate(flaws, 1):
        if flaw is not None and not (has_id and read):
            yield Problem(f"{where}, column {number}", *(flaw if has_id else NO_HEADING))
    for name, count in Counter(column.name for column in columns).items():
        if count > 1 or not name:
            what = f"the column '{name}' stands twice" if name else "a column has no name"
            yield Problem(where, what, "give each column the id of its finding, once")


def _is_value(name: str) -> bool:
    return name.lower() in _TRUTHS or VALUE.fullmatch(name) is not None


def _patient(columns: list[Heading], row: list[str], unread: Sequence[Flaw | None]) -> dict[str, object]:
    patient: dict[str, object] = {}
    for (name, unit), cell, flaw in zip(columns, row, unread, strict=False):  # a row of another length is a problem of its own
        text = cell.strip()
        if text and flaw is None:
            patient[name] = {"value": text, "unit": unit} if unit else text
    return patient


def _refused(columns: list[Heading], row: list[str], unread: Sequence[Flaw | None]) -> tuple[Refused, ...]:
    """The cells of a row that were left out with their columns."""
    each = zip(columns, row, unread, strict=False)
    return tuple([Refused(column.name, *flaw) for column, cell, flaw in each if flaw is not None and cell.strip()])


def _misfit(columns: list[Heading], row: list[str]) -> tuple[Flaw, ...]:
    if len(row) == len(columns):
        return ()
    return (Flaw(f"the row has {len(row)} cells, and the heading has {len(columns)}", _MEND),)
