"""CSV in, as ``poems template --format csv`` writes it: a row a patient, a column a finding, a unit in its heading.

A heading is ``id``, a finding's id, or either with a unit, as in ``platelets (10*9/L)``. A blank cell is unknown. For whole
tables with headings of their own, a dialect and millions of rows, this is not the tool.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator

from poems_cli.errors import Problem
from poems_cli.records.problem import Flaw, Record, quoted
from poems_cli.records.source import Source, empty, megabytes, not_utf8

_HEADING = re.compile(r"\s*(?P<name>.*?)\s*(?:\((?P<unit>[^()]*(?:\([^()]*\)[^()]*)*)\))?\s*")
_MEND = "start from: poems template --format csv"


def csv_records(source: Source) -> Iterator[Record | Problem]:
    """A record for each row below the heading; blank rows are passed over."""
    data = source.document(source.limits.json)
    if data is None:
        yield Problem(source.name, f"it is larger than {megabytes(source.limits.json)}", "split it, or write one object a line")
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield not_utf8(source.name, data, error, 1)
        return
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        yield from _rows(source, reader)
    except csv.Error:
        mend = "check that every quote is closed, and that a quote within a cell is doubled"
        yield Problem(f"{source.name}, line {reader.line_num}", "this row is not CSV", mend)


def _rows(source: Source, reader: "Iterator[list[str]]") -> Iterator[Record | Problem]:
    heading = next(reader, None)
    if not heading:
        yield empty(source.name)
        return
    columns = [_column(cell) for cell in heading]
    twice = [name for name, count in Counter(name for name, _ in columns).items() if count > 1]
    if twice or not all(name for name, _ in columns):
        what = f"the column '{quoted(twice[0])}' stands twice" if twice and twice[0] else "a column has no name"
        yield Problem(f"{source.name}, line 1", what, "give each column the id of its finding, once")
        return
    number = 0
    for row in reader:
        if any(cell.strip() for cell in row):
            number += 1
            place = f"{source.name}, row {number}"
            yield Record(_patient(columns, row), place, number, _misfit(columns, row))


def _column(cell: str) -> tuple[str, str | None]:
    """A heading's name and unit."""
    match = _HEADING.fullmatch(cell)
    return (match["name"], match["unit"] or None) if match else (cell.strip(), None)


def _patient(columns: list[tuple[str, str | None]], row: list[str]) -> dict[str, object]:
    patient: dict[str, object] = {}
    for (name, unit), cell in zip(columns, row, strict=False):  # a row of another length is a problem of its own
        text = cell.strip()
        if text:
            patient[name] = {"value": text, "unit": unit} if unit else text
    return patient


def _misfit(columns: list[tuple[str, str | None]], row: list[str]) -> tuple[Flaw, ...]:
    if len(row) == len(columns):
        return ()
    return (Flaw(f"the row has {len(row)} cells, and the heading has {len(columns)}", _MEND),)
