"""A table for ``poems check``: one row per patient, its headings and cells read exactly as ``poems screen`` reads them.

The table is read several times in little memory: first to see which rows are patients, and how each column is to be read, which
only all its cells show. What is wrong with a column is said once. A row that is not as long as the heading stops no other row.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from io import BytesIO
from itertools import islice
from typing import NamedTuple

from poems_cli.checking.patient_rows import PatientRows, rows_of
from poems_cli.errors import PoemsError, Problem
from poems_cli.finding_names import finding_names, longer_words, plain_name, said_by
from poems_cli.model import LABEL, Quantity, Refused, Rules, Said
from poems_cli.phrases import counted, quoted
from poems_cli.records import Record
from poems_cli.records.other_kinds import other_columns
from poems_cli.records.problem import Flaw, Reading
from poems_cli.tables.cells import FAULTS, CellReader, Fault, says_nothing
from poems_cli.tables.columns import Column, TableMap, Unplaced
from poems_cli.tables.csv_text import CsvError
from poems_cli.tables.deciding import DecidingOptions, decide_table
from poems_cli.tables.headings import names_a_patient, place
from poems_cli.tables.long_columns import looks_long
from poems_cli.tables.opening import open_tables
from poems_cli.tables.profile import ProfileBuilder, builders_for
from poems_cli.tables.row_below import row_below
from poems_cli.tables.table_file import TableError, TableFile, TableOptions
from poems_cli.units import UnitSystem
from poems_cli.written_numbers import SPACE

_ENDINGS = (".csv", ".tsv", ".tab")
_PACKED = (".gz", ".gzip", ".zst", ".zstd")
#: What a visit or a patient has besides findings, under the names that a record in JSON has, too.
_OF_A_RECORD = ("date", "label")
_LOOKED_AT = 200
_BATCH = 4096
_REMEMBERED = 4096
_MOST_COLUMNS = 10
_SCREEN = "poems screen --map says what each column of a table is"
_TEMPLATE = "start from: poems template --format csv"
_OR_IN_MAPPING = re.compile(r", or (?:in|say)\b[^;]*\bmapping\b[^;]*|; or say the decimal mark[^;]*")
#: What opens a table in another way, which ``poems check`` has no option for.
_OPTION = re.compile(r"--(?:delimiter|encoding)\b")
_BRACKETS = re.compile(r"[(\[]")
_NO_HEADING = Flaw("this heading names no finding", f"remove the column, or {_TEMPLATE}")


def is_table(path: str) -> bool:
    """Whether the name of a file says that it is a table."""
    name = path.lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return name.endswith(_ENDINGS)


def table_records(path: str, rules: Rules, system: UnitSystem | None) -> Iterator[Record | Reading | Problem]:
    """A record for each row of the table in a file, and what is wrong with its columns; what is not a table ends it."""
    with tempfile.TemporaryDirectory(prefix="poems-") as spill:
        try:
            [table] = open_tables([path], TableOptions(form="csv"), spill, BytesIO())
            yield from _Rows(_without_units(table, rules), rules, system).records()
        except PoemsError as error:
            yield Reading(
                None,
                tuple([problem._replace(mend=_OPTION.sub(r"poems screen \g<0>", problem.mend)) for problem in error.problems]),
            )


def _without_units(table: TableFile, rules: Rules) -> TableFile:
    """The table without a row of units below its headings. Raises :class:`PoemsError` for one with one row per measurement."""
    if other_columns(table.headings) is not None:
        return table
    first: list[list[str]] = []
    with suppress(CsvError):  # reported when the rows are read; those above it are answered
        width = len(table.headings)
        first.extend([*cells, *[""] * (width - len(cells))] for _, cells in islice(rows_of(table), _LOOKED_AT))
    long = looks_long(table.headings, first, rules)
    if long is not None:
        what = "this is a table with one row per measurement"
        raise TableError(table.name, what, "poems screen --long reads it; here a patient has one row")
    identity = place(table.headings, rules).id
    at = table.headings.index(identity) if identity is not None else None
    below = row_below(table.name, table.headings, first, at, rules.units)
    return table if below is None else table._replace(headings=below.headings(table.headings), skip=table.skip + 1)


class _Place(NamedTuple):
    """A column that is read: its finding, where in a row its cell is, and what the cell says."""

    finding: str
    at: int
    value: Callable[[str], object]


class _Rows:
    """The rows of one table as records."""

    def __init__(self, table: TableFile, rules: Rules, system: UnitSystem | None) -> None:
        self._table = table
        self._rules = rules
        self._system = system
        self._rows = PatientRows(table, rules)

    def records(self) -> Iterator[Record | Reading]:
        """What is wrong with the columns, then a record for each row that is not blank."""
        headings, name = self._table.headings, self._table.name
        kind = other_columns(headings)
        if kind is not None:
            yield Reading(None, (Problem(name, *kind),))
            return
        twice = [heading for heading, count in Counter(headings).items() if count > 1 and heading]
        if twice:
            what = f"the column '{quoted(twice[0])}' is there twice"
            yield Reading(None, (Problem(name, what, "give each column a heading of its own, or remove one"),))
            return
        own = {plain_name(heading): at for at, heading in enumerate(headings) if plain_name(heading) in _OF_A_RECORD}
        own = {key: at for key, at in own.items() if key != "label" or LABEL in self._rules.findings}
        table, filled = self._decided(place(headings, self._rules))
        unplaced = {column.heading: column for column in table.unplaced}
        left = [(at, unplaced[heading]) for at, heading in enumerate(headings) if heading in unplaced and at in filled]
        left = [(at, column) for at, column in left if at not in own.values()]
        for problem in self._column_problems(left):
            yield Reading(None, (problem,))
        if not table.columns and not own:
            if not left:
                yield Reading(None, (Problem(name, "none of its headings names a finding", f"{_TEMPLATE}; {_SCREEN}"),))
            return
        identity = None if table.id is None else headings.index(table.id)
        places = [self._place(column) for column in table.columns]
        refused = [(at, self._refused(column)) for at, column in left]
        try:
            for patient, (row, cells) in enumerate(self._rows, 1):
                yield self._record(cells, row, patient, identity, own, places, refused)
            for problem in self._rows.no_patients():
                yield Reading(None, (problem,))
        except CsvError as error:
            yield Reading(None, error.of(name).problems)

    def _decided(self, table: TableMap) -> tuple[TableMap, set[int]]:
        """How each column is read, by all its cells; and which columns have any that are not blank."""
        headings = self._table.headings
        findings = {column.heading: self._rules.findings[column.finding] for column in table.columns}
        builders = builders_for(table, self._rules)
        counted: dict[str, Counter[str]] = {heading: Counter() for heading in builders}
        longer = {heading: longer_words(finding) for heading, finding in findings.items() if finding.means}
        at = {heading: headings.index(heading) for heading in builders}
        units = {column.heading: column.unit_column for column in table.columns if column.unit_column is not None}
        filled: set[int] = set()
        try:
            for number, (_, cells) in enumerate(self._rows, 1):
                filled.update([place for place, cell in enumerate(cells) if place not in filled and cell.strip(SPACE)])
                for heading, counts in counted.items():
                    if at[heading] < len(cells):
                        counts[cells[at[heading]]] += 1
                for heading, beside in units.items():
                    if max(at[heading], at[beside]) < len(cells) and says_nothing(cells[at[beside]].strip(SPACE)):
                        builders[heading].add_without_unit({cells[at[heading]]: 1})
                if number % _BATCH == 0:
                    _count(builders, counted, longer)
        except CsvError:
            pass  # reported when the rows are read; those above it are answered
        _count(builders, counted, longer)
        profiles = {heading: builder.profile() for heading, builder in builders.items()}
        return decide_table(table, profiles, self._rules, DecidingOptions(self._system)), filled

    def _place(self, column: Column) -> _Place:
        finding = self._rules.findings[column.finding]
        reader = CellReader(column, finding, self._rules.units)
        once = lru_cache(_REMEMBERED)(partial(_value, reader))  # a text that comes again is read once
        return _Place(column.finding, self._table.headings.index(column.heading), once)

    def _column_problems(self, left: Sequence[tuple[int, Unplaced]]) -> Iterator[Problem]:
        """One line for each column that is not read, and how many more there are."""
        for at, column in left[:_MOST_COLUMNS]:
            yield Problem(f"{self._table.name}, column {at + 1}", *self._flaw(column))
        if len(left) > _MOST_COLUMNS:
            yield Problem(self._table.name, f"{len(left) - _MOST_COLUMNS} more columns are not read", _SCREEN)

    def _flaw(self, column: Unplaced) -> Flaw:
        """Why a column is not read. Where no heading names the patient's column, it may be a cell, and is not shown."""
        if not names_a_patient(self._table.headings) and not column.likely:
            return _NO_HEADING
        return Flaw(f"the column '{quoted(column.heading)}' is not read: {column.why}", _without_mapping(column.mend))

    def _refused(self, column: Unplaced) -> Refused:
        known = finding_names(self._rules.findings).get(plain_name(_BRACKETS.split(column.heading)[0]))
        if known is not None or len(column.likely) == 1:
            return Refused(known or column.likely[0].finding, *self._flaw(column))
        shown = names_a_patient(self._table.headings) or bool(column.likely)
        return Refused(quoted(column.heading) if shown else None, *self._flaw(column))

    def _record(
        self,
        cells: Sequence[str],
        row: int,
        patient: int,
        identity: int | None,
        own: Mapping[str, int],
        places: Sequence[_Place],
        refused: Sequence[tuple[int, Refused]],
    ) -> Record:
        """The record of a row, which is numbered as a sheet counts, with the headings."""
        where = f"{self._table.name}, row {row}"
        if len(cells) != len(self._table.headings):
            what = f"the row has {counted(len(cells), 'cell', 'cells')}, and the heading has {len(self._table.headings)}"
            return Record({}, where, patient, (Flaw(what, "put a cell that holds the delimiter into quotes"),))
        values: dict[str, object] = {}
        wrong: dict[str, Flaw] = {}
        for column in places:
            value = column.value(cells[column.at])
            if isinstance(value, Fault):
                wrong[column.finding] = _cell_flaw(value)
            elif value is not None:
                values[column.finding] = value
        record = {name: text for name, at in own.items() if (text := cells[at].strip(SPACE))}
        record |= {"id": cells[identity].strip(SPACE)} if identity is not None else {}
        left_out = tuple([entry for at, entry in refused if cells[at].strip(SPACE)])
        return Record({**record, "findings": values}, where, patient, refused=left_out, wrong=wrong)


def _count(
    builders: Mapping[str, ProfileBuilder],
    counted: Mapping[str, Counter[str]],
    longer: Mapping[str, Mapping[str, Said]],
) -> None:
    """Count what was seen, except longer words: a record understands them, whatever else is in the column."""
    for heading, counts in counted.items():
        words = longer.get(heading, {})
        builders[heading].add_texts({text: count for text, count in counts.items() if said_by(text, words) is None})
        counts.clear()


def _value(reader: CellReader, cell: str) -> object:
    """What a cell says as a record in JSON would say it, with its own unit; ``None`` for unknown."""
    value = reader.read(cell)
    if not isinstance(value, Quantity):
        # A longer word may say something of other findings too, as "IgG lambda" does: the record knows them.
        is_longer = said_by(cell, longer_words(reader.finding)) is not None
        return cell.strip(SPACE) if value is Fault.NO_WORD or is_longer else value
    measure, column = reader.given(cell.strip(SPACE)), reader.column
    if isinstance(measure, Fault):
        return measure
    given = {"value": measure.value, "comparator": measure.comparator, "unit": measure.unit or column.unit or reader.unit}
    if measure.unit is None and column.unit_from in ("assumed", "canonical only", "option") and reader.is_unit_said:
        given["unit_from"] = "option" if column.unit_from == "option" else "assumed"
    return given


def _cell_flaw(fault: Fault) -> Flaw:
    what, mend = FAULTS[fault]
    return Flaw(what, _without_mapping(mend))


def _without_mapping(mend: str) -> str:
    """A way to mend that needs no mapping where there is one; else the command that has mappings is named."""
    plain = _OR_IN_MAPPING.sub("", mend)
    return f"{plain} ({_SCREEN})" if "mapping" in plain else plain
