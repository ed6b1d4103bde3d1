"""Sheets of workbooks, and files of statistics programs, as tables that are in memory."""

from collections.abc import Mapping, Sequence

from poems_cli.errors import Problem
from poems_cli.tables.excel import read_sheet
from poems_cli.tables.statistics_files import Kind, read_statistics
from poems_cli.tables.table_file import TableFile


def sheet_table(name: str, path: str, sheet: str | None) -> TableFile:
    """The table in a workbook. Raises :class:`TableError` for what cannot be read, and where several sheets hold data."""
    found = read_sheet(name, path, sheet)
    headings = _with_units(found.headings, found.units)
    notes = [Problem("", note) for note in found.notes]
    if found.blank:
        are = (
            "1 row has no cell filled, and is not a patient"
            if found.blank == 1
            else f"{found.blank:,} rows have no cell filled, and are not patients"
        )
        notes.append(Problem(name, are))
    doubts = {headings[place]: why for place, why in found.in_doubt.items()}
    return _table(name, path, headings)._replace(
        cells=found.table, numbers=found.numbers, rows=found.table.num_rows, in_doubt=doubts, notes=tuple(notes)
    )


def statistics_table(name: str, path: str, kind: Kind, encoding: str | None) -> TableFile:
    """The table in a file of SPSS, Stata or SAS. Raises :class:`TableError` for what cannot be read."""
    found = read_statistics(name, path, kind, encoding)
    headings = _with_units(found.names, found.units)
    rows, notes = found.table.num_rows, tuple([Problem("", note) for note in found.notes])
    return _table(name, path, headings)._replace(
        cells=found.table,
        numbers=range(1, rows + 1),
        rows=rows,
        labels=found.labels,
        notes=notes,
    )


def _table(name: str, path: str, headings: Sequence[str]) -> TableFile:
    return TableFile(name, path, "memory", tuple(headings))


def _with_units(headings: Sequence[str], units: Mapping[int, str]) -> list[str]:
    """The headings with the units that the cells show."""
    return [
        f"{heading} ({units[place]})" if place in units and units[place] not in heading else heading
        for place, heading in enumerate(headings)
    ]
