"""The heading row of a CSV table: which delimiter parts it, where it stands, and whether it is one at all."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS
from poems_cli.records.problem import listed
from poems_cli.tables.csv_text import CsvError, Record, first_end, line_end, records
from poems_cli.tables.headings import names_a_patient
from poems_cli.tables.table_file import TableError

_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_SEP = re.compile('"?sep=(.)"?', re.IGNORECASE)
_LOOKED_AT = 25
_LINES_LOOKED_AT = 2_000
_NONE = [Record(0, [])]
_HEADINGS_MEND = "write a first row that names the columns"
_VALUE = re.compile(
    r"(?:<=|>=|<|>)?\s*[+-]?(?:[0-9]+(?:[.,][0-9]+)*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*%?"  # a number
    r"|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[ T].*)?"  # a date
)


class HeadingRow(NamedTuple):
    """How the heading row is written, and its headings without space around them.

    ``skip`` records stand above it; it takes ``lines`` lines. Records end in ``line_end``, of which there are ``ends`` down to
    the end of the heading row. ``first_end`` is the first line end of the file, which may be another one, within quotes.
    """

    headings: tuple[str, ...]
    delimiter: str
    skip: int
    lines: int
    line_end: str
    ends: int
    first_end: str


def heading_row(name: str, text: Callable[[], Iterator[str]], delimiter: str | None) -> HeadingRow:
    """The heading row of a text, which is read anew for each way to part it. ``delimiter`` is the one that is told, if any.

    Raises :class:`TableError` if there is no such row, or none that can be told.
    """
    head = next((piece for piece in text() if piece), "")
    end = line_end(head)
    first = head.split(end, 1)[0].strip()
    told = _SEP.fullmatch(first)
    skip = 1 if told else 0
    if told and delimiter is None:
        delimiter = told[1]
    for line in head.split(end)[skip:]:
        if line.strip(" \t\r"):
            break
        skip += 1
    ways = {one: _first_records(text(), one, end, skip) for one in ([delimiter] if delimiter else _DELIMITERS)}
    faults = [fault for _, fault in ways.values() if fault]
    rows = {one: found for one, (found, _) in ways.items() if found}
    chosen = delimiter or (_delimiter(name, rows) if rows else ",")
    if faults and len(rows.get(chosen, _NONE)[0].cells) < 2:
        raise faults[0].of(name)
    if not rows:
        raise TableError(name, "there is nothing in it", "check how it was exported")
    record = rows[chosen][0]
    ends = skip + 1 + sum(cell.count(end) for cell in record.cells)
    return HeadingRow(_headings(name, rows[chosen]), chosen, skip, _height(record, end), end, ends, first_end(head) or end)


def with_plain_headings(text: Iterator[str], row: HeadingRow) -> Iterator[str]:
    """A text with other headings, plain and in one line, at the end of as many lines as there were."""
    yield row.line_end * (row.skip + row.lines - 1)
    yield row.delimiter.join(f"c{place}" for place in range(1, len(row.headings) + 1)) + row.line_end
    left, rest = row.ends, ""
    for piece in text:
        rest += piece
        while left and row.line_end in rest:
            rest = rest.partition(row.line_end)[2]
            left -= 1
        if not left:
            yield rest
            rest = ""


def _first_records(text: Iterator[str], delimiter: str, end: str, skip: int) -> tuple[list[Record], CsvError | None]:
    """The heading record and the rows below it that are looked at, as far as they can be read."""
    found: list[Record] = []
    try:
        for record in islice(records(text, delimiter, end), skip, skip + _LINES_LOOKED_AT):
            found += [record] if record.cells or not found else []
            if len(found) == _LOOKED_AT:
                break
    except CsvError as fault:
        return found, fault
    return found, None


def _delimiter(name: str, rows: dict[str, list[Record]]) -> str:
    """The one delimiter that parts the heading, and the rows below it into as many cells."""
    widths = {one: [len(record.cells) for record in found] for one, found in rows.items()}
    parting = [one for one, found in widths.items() if found[0] > 1]
    fitting = [one for one in parting if len(set(widths[one])) == 1]
    if len(fitting or parting) == 1:
        return (fitting or parting)[0]
    if parting:
        which = listed(_DELIMITERS[one] for one in (fitting or parting))
        raise TableError(name, f"its columns may be parted by {which}", "say which one: --delimiter")
    for one, found in widths.items():
        below = set(found[1:])
        if len(found) > 1 and len(below) == 1 and below != {1}:
            message = f"the first row has one cell, and the rows below have {found[1]} (parted by {_DELIMITERS[one]})"
            raise TableError(name, message, "delete what stands above the headings")
    return next(iter(widths))


def _headings(name: str, rows: Sequence[Record]) -> tuple[str, ...]:
    headings = tuple([cell.strip() for cell in rows[0].cells])
    where = f"{name}, line {rows[0].line}"
    if not any(headings):
        raise TableError(where, "the heading row is blank", _HEADINGS_MEND)
    values = [place for place, heading in enumerate(headings, 1) if _is_value(heading)]
    letters = [place for place, heading in enumerate(headings, 1) if heading.lower() in _LETTERS]
    if len({headings[place - 1].lower() for place in letters}) < len(letters):
        values = sorted(values + letters)  # one letter may be a heading; the same one twice is an answer
    if len(values) > 1 or 2 * len(values) >= sum(map(bool, headings)):
        message = f"the first row looks like a patient, not like headings (column {values[0]})"
        raise TableError(where, message, _HEADINGS_MEND)
    again = None if names_a_patient(headings) else _found_below(headings, rows[1:])
    if again is not None:
        message = f"line {rows[0].line} looks like data, not headings (what stands in column {again} comes again below)"
        raise TableError(where, message, _HEADINGS_MEND)
    return headings


def _found_below(headings: Sequence[str], rows: Sequence[Record]) -> int | None:
    """The first column, from 1, whose heading is also a cell of it."""
    for place, heading in enumerate(headings):
        cells = [record.cells[place].strip().lower() for record in rows if place < len(record.cells)]
        if heading and heading.lower() in cells:
            return place + 1
    return None


def _is_value(heading: str) -> bool:
    """Whether a heading is no name: a word for present or absent, a number or a date."""
    return heading.lower() in _TRUTHS or _VALUE.fullmatch(heading) is not None


def _height(record: Record, end: str) -> int:
    return 1 + sum(cell.count(end[-1]) for cell in record.cells)


_LETTERS = frozenset([word for word in PRESENT_WORDS + ABSENT_WORDS if len(word) == 1 and word.isalpha()])
_TRUTHS = frozenset(PRESENT_WORDS + ABSENT_WORDS) - _LETTERS
