"""The heading row of a CSV table: which delimiter separates it, where it is, and whether it is one at all."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from poems_cli.phrases import listed
from poems_cli.tables.csv_text import CsvError, Record, line_end, records
from poems_cli.tables.headings import names_a_patient
from poems_cli.tables.sheet_rows import TRUTH_LETTERS, is_comment, is_value, rows_above, without_comment_sign
from poems_cli.tables.table_file import TableError
from poems_cli.written_numbers import SPACE

_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_SEP = re.compile('[\ufeff ]*"?sep=(.)"?[ ]*', re.IGNORECASE)
_LOOKED_AT = 25
_LINES_LOOKED_AT = 2_000
_NONE = [Record(0, [])]
_HEADINGS_MEND = "write a first row that names the columns"


class HeadingRow(NamedTuple):
    """How the heading row is written, and its headings without space around them.

    ``skip`` records are above it. Records end in ``line_end``, of which there are ``ends_above`` down to the end of the
    heading row.
    """

    headings: tuple[str, ...]
    delimiter: str
    skip: int
    line_end: str
    ends_above: int


def heading_row(name: str, text: Callable[[], Iterator[str]], delimiter: str | None) -> HeadingRow:
    """The heading row of a text, which is read once for each delimiter. ``delimiter`` is the one that was named, if any.

    Raises :class:`TableError` if there is no such row, or none that can be recognized.
    """
    head = next((piece for piece in text() if piece), "")
    end = line_end(head)
    said = _SEP.fullmatch(head.split(end, 1)[0])
    delimiter = said[1] if said and delimiter is None else delimiter
    skip = 1 if said else 0
    ways = {sign: _first_records(text(), sign, end, skip) for sign in ([delimiter] if delimiter else _DELIMITERS)}
    faults = [fault for _, fault in ways.values() if fault]
    above = {sign: rows_above([record.cells for record in found]) for sign, (found, _) in ways.items()}
    rows = {sign: [record for record in found[above[sign] :] if record.cells] for sign, (found, _) in ways.items()}
    rows = {sign: found for sign, found in rows.items() if found}
    chosen = delimiter or (_delimiter(name, rows, above) if rows else ",")
    if faults and len(rows.get(chosen, _NONE)[0].cells) < 2:
        raise faults[0].of(name)
    if not rows:
        raise TableError(name, "there is nothing in it", "check how it was exported")
    heading, *below = rows[chosen]
    passed = [record.cells for record in ways[chosen][0][: above[chosen]]]
    skip += above[chosen]
    rows_down = [*passed, heading.cells]
    ends = (1 if said else 0) + len(rows_down) + sum(cell.count(end) for row in rows_down for cell in row)
    cells = without_comment_sign(heading.cells)
    headings = checked_headings(f"{name}, line {heading.line}", cells, [record.cells for record in below])
    return HeadingRow(headings, chosen, skip, end, ends)


def _first_records(text: Iterator[str], delimiter: str, end: str, skip: int) -> tuple[list[Record], CsvError | None]:
    """The first records as far as they can be read, until enough of them are not blank; blank ones are among them."""
    found: list[Record] = []
    full = 0
    try:
        for record in islice(records(text, delimiter, end), skip, skip + _LINES_LOOKED_AT):
            found.append(record)
            full += bool(record.cells) and not is_comment(record.cells)
            if full == _LOOKED_AT:
                break
    except CsvError as fault:
        return found, fault
    return found, None


def _delimiter(name: str, rows: dict[str, list[Record]], above: dict[str, int]) -> str:
    """The one delimiter that parts the heading, and the rows below it into as many cells.

    Of several, one with fewer rows ``above`` the headings: decimal commas part the rows below, but no headings.
    """
    widths = {sign: [len(record.cells) for record in found] for sign, found in rows.items()}
    if not any(found[0] > 1 and len(set(found)) == 1 for found in widths.values()):  # notes below the table have one cell
        widths = {sign: [found[0], *[width for width in found[1:] if width > 1]] for sign, found in widths.items()}
    parting = [sign for sign, found in widths.items() if found[0] > 1]
    first = min((above[sign] for sign in parting), default=0)
    alike = [sign for sign in parting if above[sign] == first]
    parting = alike if any(len(set(widths[sign])) == 1 for sign in alike) else parting
    fitting = [sign for sign in parting if len(set(widths[sign])) == 1]
    if len(fitting or parting) == 1:
        return (fitting or parting)[0]
    if parting:
        which = listed([_DELIMITERS[sign] for sign in (fitting or parting)], "or")
        raise TableError(name, f"its columns may be separated by {which}", "say which one: --delimiter")
    for sign, found in widths.items():
        below = set(found[1:])
        if len(found) > 1 and len(below) == 1 and below != {1}:
            message = f"the first row has one cell, and the rows below have {found[1]} (separated by {_DELIMITERS[sign]})"
            raise TableError(name, message, "delete what is above the headings")
    return next(iter(widths))


def checked_headings(where: str, cells: Sequence[str], below: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The headings of a row without space around them. Raises :class:`TableError` for a row that holds no headings.

    ``where`` names the row, and ``below`` are the first rows under it.
    """
    headings = tuple([cell.strip(SPACE) for cell in cells])
    if not any(headings):
        raise TableError(where, "the heading row is blank", _HEADINGS_MEND)
    values = [place for place, heading in enumerate(headings, 1) if is_value(heading)]
    letters = [place for place, heading in enumerate(headings, 1) if heading.lower() in TRUTH_LETTERS]
    if len({headings[place - 1].lower() for place in letters}) < len(letters):
        values = sorted(values + letters)  # one letter may be a heading; the same one twice is an answer
    if len(values) > 1 or 2 * len(values) >= sum(map(bool, headings)):
        message = f"the first row looks like a patient, not like headings (column {values[0]})"
        raise TableError(where, message, _HEADINGS_MEND)
    again = [] if names_a_patient(headings) else _found_below(headings, below)
    if len(again) > 1 or 2 * len(again) >= sum(map(bool, headings)):
        message = f"this looks like data, not headings (what is in column {again[0]} occurs again below)"
        raise TableError(where, message, _HEADINGS_MEND)
    return headings


def _found_below(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """The columns, from 1, whose heading is also a cell of theirs: by chance in one of many, as ``smoker`` may be."""
    found = []
    for place, heading in enumerate(headings):
        cells = [row[place].strip(SPACE).lower() for row in rows if place < len(row)]
        if heading and heading.lower() in cells:
            found.append(place + 1)
    return found
