"""From tables as they are to tables with one row per patient: rows of units, long tables, several visits of a patient."""

import csv
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from poems_cli.errors import Problem, usage_error
from poems_cli.finding_names import plain_name
from poems_cli.model import Rules
from poems_cli.phrases import counted, few_quoted, listed, quoted
from poems_cli.screening.reading_columns import ColumnProfiles
from poems_cli.tables.batches import Batch, as_text, batches, first_rows
from poems_cli.tables.cells import CellReader
from poems_cli.tables.columns import TableMap
from poems_cli.tables.headings import place
from poems_cli.tables.long_columns import SPECIMENS, columns_said, looks_long, refused
from poems_cli.tables.long_comparators import comparator_column
from poems_cli.tables.long_table import pivoted
from poems_cli.tables.patient_rows import patients_only
from poems_cli.tables.row_below import row_below
from poems_cli.tables.statistics_files import headings_of
from poems_cli.tables.table_file import TableFile, in_memory
from poems_cli.tables.visit_dates import dates_of, is_order
from poems_cli.tables.visits import Visits, chosen, patients_of
from poems_cli.tables.worst_visit import ReadColumn, wanted, worst

Places: TypeAlias = npt.NDArray[np.int64]

_LOOKED_AT = 200
_MOST_NAMED = 3
_DATE_PLACE = 4


class Shape(NamedTuple):
    """What the options say of the rows: which columns of a long table are what, and what several rows of a patient mean."""

    long: str | None = None
    visits: Visits | None = None
    date: str | None = None

    @property
    def _columns(self) -> list[str]:
        """The headings that ``--long`` names."""
        return next(csv.reader([self.long]), []) if self.long else []

    @property
    def identity(self) -> str | None:
        """The heading of the patient that ``--long`` names."""
        return next(iter(self._columns), "").strip() or None

    def is_date(self, heading: str) -> bool:
        """Whether a column was said to be that of the dates."""
        said = [self.date or "", *self._columns[_DATE_PLACE:]]
        return plain_name(heading) in [plain_name(heading_said) for heading_said in said if heading_said.strip()]


def prepared(
    rules: Rules, tables: Sequence[TableFile], shape: Shape, identity: str | None, keep: Sequence[str]
) -> list[TableFile]:
    """The tables without a row of units, and made wide if they are long.

    ``identity`` is the heading of the id, ``keep`` the headings that a mapping names. Raises :class:`PoemsError` for a long
    table without --long, and for a second row of headings.
    """
    found = [_without_units(rules, _labeled(rules, table, keep), identity, keep) for table in tables]
    if shape.long is None:
        for table in found:
            columns = looks_long(table.headings, _first_texts(table), rules)
            if columns is not None:
                raise refused(table.name, columns)
        return found
    columns = columns_said(shape.long, found[0].headings)
    headings = found[0].headings
    specimens = [heading for heading in headings if plain_name(heading) in SPECIMENS]
    read = list(dict.fromkeys(filter(None, [*columns, *specimens, comparator_column(headings)])))
    whole = _together([_whole(table, read) for table in found])
    numbers = whole.numbers.tolist()
    name = _name_of(found)
    wide = pivoted(name, pa.table(whole.columns), columns, rules, shape.visits, keep, numbers)
    others = sorted(wide.others.items(), key=lambda test: -test[1])
    notes = [*[note for table in found for note in table.notes], *wide.notes]
    if others:
        named = few_quoted([test for test, _ in others])
        are = counted(len(others), "test does not have", "tests do not have")
        what = f"{are} the name of a finding, and {'is' if len(others) == 1 else 'are'} not read: {named}"
        notes.append(Problem(name, what, "a mapping may name them"))
    every = {heading: pa.array(texts, pa.string()) for heading, texts in wide.every.items()}
    cell_rows = {heading: [numbers[at] for at in places] for heading, places in wide.places.items()}
    rows = [numbers[start] for start in wide.starts]
    made = in_memory(name, found[0].path, wide.headings, wide.table, rows, notes)
    return [made._replace(every=every, cell_rows=cell_rows if len(found) == 1 else {})]


def _name_of(tables: Sequence[TableFile]) -> str:
    """What a table is called that was made of several files: a row of it may be in any of them."""
    names = [table.name for table in tables]
    return listed(names if len(names) <= _MOST_NAMED else [*names[:_MOST_NAMED], f"{len(names) - _MOST_NAMED} more files"])


def _labeled(rules: Rules, table: TableFile, keep: Sequence[str]) -> TableFile:
    """A table with the labels of its columns as headings, where only these say which finding they are.

    The columns of ``keep`` are left as they are.
    """
    if not table.labels:
        return table
    labeled = headings_of(table.headings, table.labels, rules)
    headings = [name if name in keep else label for name, label in zip(table.headings, labeled, strict=True)]
    return table._replace(headings=tuple(headings))


def _without_units(rules: Rules, table: TableFile, identity: str | None, keep: Sequence[str]) -> TableFile:
    """A table with the units of the row below the headings put into them; headings in ``keep`` are left as they are."""
    named = identity or place(table.headings, rules).id
    at = table.headings.index(named) if named in table.headings else None
    below = row_below(table.name, table.headings, _first_texts(table), at, rules.units)
    if below is None:
        return table
    with_units = zip(table.headings, below.headings(table.headings), strict=True)
    headings = tuple([heading if heading in keep else longer for heading, longer in with_units])
    notes = (*table.notes, below.remark(table.name))
    if table.form == "csv":
        return table._replace(headings=headings, skip=table.skip + 1, ends_above=table.ends_above + 1, notes=notes)
    if table.cells is not None:
        cells = table.cells.slice(1)
        return table._replace(headings=headings, cells=cells, numbers=table.numbers[1:], rows=cells.num_rows, notes=notes)
    return table


def _first_texts(table: TableFile) -> list[list[str | None]]:
    """The cells of the first rows as text, by place."""
    first = first_rows(table, _LOOKED_AT)
    columns = [as_text(first.columns[heading]).to_pylist() for heading in table.headings]
    return [list(row) for row in zip(*columns, strict=True)]


def one_visit_each(
    rules: Rules, tables: Sequence[TableFile], shape: Shape, profiles: ColumnProfiles, keep: Sequence[str]
) -> list[TableFile]:
    """The tables with the row that counts of each patient, as ``--visits`` says.

    Raises :class:`PoemsError` where the columns of the id or the date are missing, and for dates that are not understood.
    """
    if shape.visits is None or shape.visits == "each" or (shape.long is not None and shape.visits != "worst"):
        return list(tables)
    table_map, name, date = profiles.decided(), _name_of(tables), shape.date
    if table_map.id is None:
        raise usage_error("--visits", "no column names the patient", "say which one: --id HEADING")
    if shape.visits != "worst" and date is None:
        raise usage_error("--visits", f"the {shape.visits} row is chosen by its date", "name its column: --date HEADING")
    if date is not None and date not in tables[0].headings:
        raise usage_error("--date", f"no column is called '{date}'", "check its heading")
    headings = list(dict.fromkeys([table_map.id, *profiles.headings, *profiles.limits, *keep, *filter(None, [date])]))
    whole, notes = _patients(tables, headings, table_map.id)
    cell_rows: dict[str, list[int]] = {}
    if shape.visits == "worst" or date is None:
        profiles = profiles.empty()
        profiles.add(whole.columns)
        found, places, taken, more = _worst(rules, name, whole, profiles.decided())
        notes += more
        cell_rows = {headings[column]: _rows_of(tables, headings[column], whole, rows) for column, rows in taken.items()}
        if whole.rows > found.num_rows and shape.long is None:
            are = f"{whole.rows:,} rows are of {found.num_rows:,} patients"
            notes.append(Problem(name, f"{are}; of each finding the worst value is answered"))
    else:
        found, places, more = _dated(name, whole, table_map.id, date, shape.visits)
        notes += more
    numbers = whole.numbers[places].tolist()
    notes = [*tables[0].notes, *notes]
    made = in_memory(name, tables[0].path, headings, found, numbers, notes)
    return [made._replace(every=whole.columns, cell_rows=cell_rows if len(tables) == 1 else {})]


def _rows_of(tables: Sequence[TableFile], heading: str, whole: Batch, places: Places) -> list[int]:
    """The numbers of the rows that the cells of a column come from, by their places among all patients."""
    known = tables[0].cell_rows.get(heading, ())
    numbers = np.asarray(known) if len(known) == whole.rows else whole.numbers
    return [int(number) for number in numbers[places]]


def _patients(tables: Sequence[TableFile], headings: Sequence[str], identity: str) -> tuple[Batch, list[Problem]]:
    """The rows of all tables that are patients, and what the user must know of the others."""
    patients: list[Batch] = []
    notes: list[Problem] = []
    for table in tables:
        loaded = _whole(table, headings)
        batch, aside = patients_only(loaded, identity)
        patients.append(batch)
        notes += aside._replace(blank=aside.blank + loaded.blank).remarks(table.name)
    return _together(patients), notes


def _worst(
    rules: Rules, name: str, whole: Batch, table_map: TableMap
) -> tuple[pa.Table, Places, Mapping[int, Places], list[Problem]]:
    """The worst of each patient, the places of their first rows and of the cells of each column, what the user must know."""
    rows = pa.table(whole.columns)
    patients = patients_of(rows.column(table_map.id))
    found, passed_over, taken = worst(rows, patients, _readers(rules, table_map, list(whole.columns)), wanted(rules))
    notes = []
    if passed_over:
        cells = counted(passed_over, "cell that is not understood is", "cells that are not understood are")
        what = f"{cells} passed over, for the patient has another value"
        notes.append(Problem(name, what, "--visits each with --rejects FILE lists every one"))
    return found, np.unique(patients, return_index=True)[1], taken, notes


def _dated(name: str, whole: Batch, identity: str, date: str, visits: Visits) -> tuple[pa.Table, Places, list[Problem]]:
    """The latest or the first row of each patient, its place, and what the user must know."""
    rows = pa.table(whole.columns)
    notes = []
    if is_order(rows.column(date)):
        where = f"{name}, column '{quoted(date)}'"
        notes.append(Problem(where, "its numbers are not dates; the highest is taken for the latest"))
    times = dates_of(name, date, rows.column(date), whole.numbers.tolist())
    found = chosen(rows.column(identity), times, visits)
    return rows.take(pa.array(found.places)), found.places, [*notes, *found.remarks(name)]


def _readers(rules: Rules, table_map: TableMap, headings: Sequence[str]) -> list[ReadColumn]:
    found = []
    for column in table_map.columns:
        along = tuple([headings.index(side) for side in (column.low, column.high) if isinstance(side, str)])
        reader = CellReader(column, rules.findings[column.finding], rules.units)
        found.append(ReadColumn(headings.index(column.heading), reader, along))
    return found


def _whole(table: TableFile, headings: Sequence[str]) -> Batch:
    """Some columns of a table as text, in memory."""
    parts = [load() for load, _ in batches(table, headings, {})]
    if not parts:
        return Batch({heading: pa.array([], pa.string()) for heading in headings}, np.empty(0, np.int64))
    return _together(
        [part._replace(columns={heading: as_text(part.columns[heading]) for heading in headings}) for part in parts]
    )


def _together(parts: Sequence[Batch]) -> Batch:
    """Batches of texts as one."""
    columns = {heading: pa.concat_arrays([part.columns[heading] for part in parts]) for heading in parts[0].columns}
    return Batch(columns, np.concatenate([part.numbers for part in parts]), sum(part.blank for part in parts))
