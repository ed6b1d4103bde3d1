"""A long table, one row per measurement, made wide: one row per patient, one column per test in one unit.

Nothing is added up, averaged or converted: of several measurements of one test one is taken, as ``--visits`` says, and where a
test came in several units each cell has its own. A number without a unit next to others with one is left out and said.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from poems_cli.errors import Problem
from poems_cli.finding_names import plain_name
from poems_cli.model import Rules
from poems_cli.phrases import counted, quoted
from poems_cli.tables.cells import fold, says_nothing
from poems_cli.tables.columns import Column
from poems_cli.tables.headings import NOT_KNOWN, place
from poems_cli.tables.long_columns import SPECIMENS, LongColumns
from poems_cli.tables.long_comparators import comparator_column, compared
from poems_cli.tables.table_file import TableError
from poems_cli.tables.visit_dates import dates_of, is_order
from poems_cli.tables.visits import Visits, patients_of
from poems_cli.tables.worst_visit import text_of
from poems_cli.units import UnitTable, is_unit, units_spelled
from poems_cli.written_numbers import SPACE, number_in, without_flag

if TYPE_CHECKING:  # both are slow to load
    import pyarrow as pa

    from poems_cli.tables.visit_dates import Times

_NO_UNIT = ("none", "no unit", "no units", "unitless", "nounit")
#: How specimens are written in short, in other languages, or with what is in the tube.
_SPECIMENS_CALLED: Mapping[str, tuple[str, ...]] = {
    "serum": ("ser", "suero", "s\u00e9rum", "siero", "soro"),
    "plasma": (
        "plas", "pl", "edta plasma", "edta-plasma", "plasma edta", "heparin plasma", "heparin-plasma", "heparinplasma",
        "li-heparin-plasma", "lithium heparin plasma", "citrate plasma", "citratplasma",
    ),
    "blood": (
        "bld", "wb", "whole blood", "venous blood", "edta blood", "blood edta", "edta whole blood", "serum or plasma",
        "serum/plasma", "ser/plas", "blut", "vollblut", "edta-blut", "edta blut", "edta-vollblut", "sangre", "sangre total",
        "sang", "sang total", "sangue", "bloed", "volbloed", "edta-bloed",
    ),
    "urine": ("ur", "urin", "orina", "urina", "urines"),
    "CSF": ("csf", "cerebrospinal fluid", "liquor", "l\u00edquor", "lcr", "lcs"),
    "": ("na", "n/a", "-"),
}  # fmt: skip
_SPECIMEN_WORDS = {word: specimen for specimen, words in _SPECIMENS_CALLED.items() for word in words}
_OF_BLOOD = ("blood", "serum", "plasma")


class Wide(NamedTuple):
    """A long table as a wide one.

    ``table`` has the id first and then a column for each test that is read, under its ``headings``: the name of the test with
    its unit in brackets, or without it where it came in several units, of which each cell then has its own. Where a row is a
    patient on one day, the second column holds the day. ``others`` are tests that no finding is called after, each with its
    number of measurements; ``notes`` what the user must know, a line each. ``starts`` is where, from 0, the first
    measurement of each row is, and ``every`` the texts of all measurements of each test that is read. ``places`` are where
    the measurement of each cell of a test is, from 0, or that of its row where there is none.
    """

    headings: tuple[str, ...]
    table: "pa.Table"
    others: Mapping[str, int] = {}
    notes: tuple[Problem, ...] = ()
    starts: tuple[int, ...] = ()
    every: Mapping[str, Sequence[str]] = {}
    places: Mapping[str, Sequence[int]] = {}


class _Test(NamedTuple):
    """A test in one spelling of its name, specimen and unit, its heading, what it is read as, and its measurements from 0."""

    name: str
    specimen: str
    unit: str
    heading: str
    column: Column | None
    places: list[int]


class _Groups(NamedTuple):
    """The tests of each column to be, by its heading; ``own`` are the headings of those whose cells have units of their own.

    ``others`` is how many measurements there are of each test without a finding, ``unread`` the columns that only the user can
    explain.
    """

    members: dict[str, list[_Test]]
    own: set[str]
    others: dict[str, int]
    unread: set[str]


class _Measurements(NamedTuple):
    """What was measured: the text of each value, in which row of the wide table it belongs, and when it was."""

    values: list[str]
    rows: list[int]
    times: "Times | None"


def pivoted(
    where: str,
    table: "pa.Table",
    columns: LongColumns,
    rules: Rules,
    visits: Visits | None = None,
    keep: Collection[str] = (),
    numbers: Sequence[int] | None = None,
) -> Wide:
    """A long table made wide; of ``table`` only the named columns are read; ``where`` names it, and ``numbers`` its rows.

    A test becomes a column where a finding is called after it, or where a mapping names its heading (``keep``), with its unit
    or without it; then each cell has its unit. ``visits`` says which of several measurements of a test is taken: the ``latest``
    or the ``first``; or ``each``, a row for each day of a patient, as without it where there are dates. With ``worst`` one
    has as many rows as measurements of a test, to be chosen from later. Raises :class:`TableError` where there are
    several and nobody said which, and for dates that are not understood.
    """
    import pyarrow as pa

    ids = _texts(table, columns.id)
    times = dates_of(where, columns.date, table.column(columns.date), numbers) if columns.date else None
    if times is None and visits in ("latest", "first"):
        raise TableError("--visits", f"the {visits} measurement is chosen by its date", "name its column last in --long")
    by_day = times is not None and visits in (None, "each")
    days = [str(day)[:10] if by_day else "" for day in times] if times is not None else [""] * len(ids)
    if by_day and is_order(table.column(columns.date)):
        days = [text or "NaT" for text in _texts(table, columns.date)]
    said = [place for place, patient in enumerate(ids) if patient]
    numbers = patients_of(pa.chunked_array([[f"{ids[place]}\0{days[place]}" for place in said]], pa.string())).tolist()
    first: dict[int, int] = {}
    for place_, number in zip(said, numbers, strict=True):
        first.setdefault(number, place_)
    row_of = dict(zip(said, numbers, strict=True))
    comparators = comparator_column(table.column_names)
    values, notes = compared(where, comparators, _texts(table, columns.value), _texts(table, comparators))
    tests, lost = _tests(table, columns, values, row_of, rules.units)
    groups = _groups(tests, rules, keep)
    made = _Wide(where, rules, visits, _Measurements(values, [row_of.get(row, -1) for row in range(len(values))], times))
    made.notes += notes
    if lost:
        count = counted(lost, "measurement has", "measurements have")
        made.notes.append(Problem(where, f"{count} no id or no name of a test, and nothing is read there"))
    read = {heading: made.column(heading, members, heading in groups.own) for heading, members in groups.members.items()}
    made.refuse_several(by_day, groups.unread)
    rows = sorted({(row, 0) for row in range(len(first))}.union(*read.values()))
    starts = [first[row] for row, _ in rows]
    head: dict[str, list[str | None]] = {columns.id: [ids[place_] for place_ in starts]}
    if by_day:
        head[columns.date] = [None if days[place_] == "NaT" else days[place_] for place_ in starts]
    cells = [pa.array(column, pa.string()) for column in head.values()]
    cells += [pa.array([texts.get(row) for row in rows], pa.string()) for texts in read.values()]
    headings = (*head, *read)
    places = {heading: [taken.get(row, first[row[0]]) for row in rows] for heading, taken in made.taken.items()}
    return Wide(
        headings,
        pa.Table.from_arrays(cells, names=list(headings)),
        groups.others,
        tuple(made.notes),
        tuple(starts),
        made.every,
        places,
    )


def _tests(
    table: "pa.Table", columns: LongColumns, values: Sequence[str], row_of: Mapping[int, int], units: UnitTable
) -> tuple[list[_Test], int]:
    """The tests with their measurements, and how many measurements have no patient or no test. A blank value does not count.

    Where nothing next to a value says its unit, that is the unit which is written after the number.
    """
    tests: dict[tuple[str, str, str], list[int]] = {}
    lost = 0
    specimens = _texts(table, next((heading for heading in table.column_names if plain_name(heading) in SPECIMENS), ""))
    named = zip(_texts(table, columns.name), specimens, values, _texts(table, columns.unit), strict=True)
    for row, (name, specimen, value, given) in enumerate(named):
        if says_nothing(value):
            continue
        if not name or row not in row_of:
            lost += 1
            continue
        unit = _unit_within(value, units) if says_nothing(given) or fold(given) in _NO_UNIT else given
        tests.setdefault((name, _SPECIMEN_WORDS.get(specimen.lower(), specimen), unit), []).append(row)
    return [_Test(*key, _heading(*key), None, places) for key, places in tests.items()], lost


def _unit_within(value: str, units: UnitTable) -> str:
    """The unit that is written after a number; nothing where no unit is, for it may be anything about the patient."""
    number = number_in(value)
    written = "" if number is None else without_flag(number.rest)
    return written if written and is_unit(units, written) else ""


def _groups(tests: Sequence[_Test], rules: Rules, keep: Collection[str]) -> _Groups:
    """The tests of each column to be, and what is not read."""
    bare = [_heading(test.name, "", test.unit) for test in tests if test.specimen.lower() in _OF_BLOOD]
    said = _said_in_mapping(tests, rules.units, keep)
    read = _read_as([*[test.heading for test in tests], *bare], rules)
    unclear = _unclear([test.heading for test in tests], rules)
    by_finding: dict[str, list[_Test]] = {}
    groups = _Groups({}, set(), {}, set())
    for test in tests:
        column = read.get(test.heading)
        if column is None and test.specimen.lower() in _OF_BLOOD:  # a name alone means the test in blood
            test = test._replace(heading=_heading(test.name, "", test.unit))
            column = read.get(test.heading)
        if test.heading in said:
            heading = said[test.heading]
            groups.members.setdefault(heading, []).append(test)
            groups.own.update([heading] if heading in _without_unit(test) else [])
        elif column is None and test.heading in unclear:
            groups.members.setdefault(test.heading, []).append(test)
            groups.unread.add(test.heading)
        elif column is not None:
            by_finding.setdefault(column.finding, []).append(test._replace(column=column))
        else:
            groups.others[test.heading] = groups.others.get(test.heading, 0) + len(test.places)
    for finding, members in by_finding.items():
        first = max(members, key=lambda test: (bool(test.unit), len(test.places)))
        heading = first.heading
        if len(_conversions(members, rules.units)) > 1:
            heading = _heading_of_several(first, finding, rules)
            groups.own.add(heading)
        groups.members[heading] = [first, *[test for test in members if test is not first]]
    return groups


def _conversions(members: Sequence[_Test], units: UnitTable) -> set[tuple[float, float]]:
    """How the units of the tests of one finding are converted: units that mean the same count once."""
    columns = [test.column for test in members if test.column is not None and test.column.unit is not None]
    return {units.analytes[column.finding].accepted[column.unit or ""] for column in columns}


def _heading_of_several(first: _Test, finding: str, rules: Rules) -> str:
    """The heading of a finding that came in several units: the name of its first test, if that alone names the finding."""
    name = first.heading.removesuffix(f" ({first.unit})")
    return name if Column(name, finding) in place([name], rules).columns else finding


def _said_in_mapping(tests: Sequence[_Test], units: UnitTable, keep: Collection[str]) -> dict[str, str]:
    """The heading that a mapping has for each test: its own, one without the unit, or one in another spelling of the unit."""
    spelled = {_by_unit(test, units): test.heading for test in tests if test.heading in keep}
    found: dict[str, str] = {}
    for test in tests:
        named = [heading for heading in (test.heading, *_without_unit(test)) if heading in keep]
        named += [spelled[_by_unit(test, units)]] if _by_unit(test, units) in spelled else []
        if named:
            found[test.heading] = named[0]
    return found


def _by_unit(test: _Test, units: UnitTable) -> tuple[str, str, tuple[str, ...]]:
    return test.name, test.specimen, units_spelled(units, test.unit)


def _without_unit(test: _Test) -> tuple[str, ...]:
    """What a test may be called in a mapping where each of its cells has its unit."""
    bare = _heading(test.name, test.specimen, "")
    return (bare, test.name) if test.specimen.lower() in (*_OF_BLOOD, "") else (bare,)


def _heading(name: str, specimen: str, unit: str) -> str:
    called = f"{specimen} {name}" if specimen and specimen.lower() not in name.lower() else name
    return f"{called} ({unit})" if unit else called


def _read_as(headings: Sequence[str], rules: Rules) -> dict[str, Column]:
    """What each heading is read as by itself: several tests may be one finding, in several units."""
    together = place(list(dict.fromkeys(headings)), rules)
    read = {column.heading: column for column in together.columns}
    alone = [column.heading for column in together.unplaced if column.ambiguous and len(column.likely) == 1]
    for heading in dict.fromkeys(alone):
        read |= {column.heading: column for column in place([heading], rules).columns}
    return read


def _unclear(headings: Sequence[str], rules: Rules) -> set[str]:
    """The tests that may be a finding, and why they are not read: VEGF, a unit that the finding cannot have."""
    unplaced = place(list(dict.fromkeys(headings)), rules).unplaced
    return {column.heading for column in unplaced if column.why != NOT_KNOWN or column.likely}


class _Wide:
    """Makes the columns of the wide table, and notes what the user must know."""

    def __init__(self, where: str, rules: Rules, visits: Visits | None, measured: _Measurements) -> None:
        self.notes: list[Problem] = []
        self.every: dict[str, list[str]] = {}
        self.taken: dict[str, dict[tuple[int, int], int]] = {}
        self._where = where
        self._rules = rules
        self._visits = visits
        self._measured = measured
        self._several: Counter[str] = Counter()

    def column(self, heading: str, members: Sequence[_Test], has_own: bool) -> dict[tuple[int, int], str]:
        """The cells of a column by row and, where the worst of several counts, by which of them it is.

        They are in the unit of the heading, or each ``has_own`` unit.
        """
        first = members[0]
        texts: dict[int, str] = {}
        bare = 0
        for test in members:
            if first.unit and not test.unit and self._is_measured(test):
                bare += len(test.places)
                continue
            unit = test.unit if has_own else ""
            texts |= {place_: _with_unit(self._measured.values[place_], unit) for place_ in test.places}
        if bare:
            have, are = ("has", "is") if bare == 1 else ("have", "are")
            what = f"{bare:,} of its numbers {have} no unit, unlike the others, and {are} not read"
            where = f"{self._where}, test '{quoted(first.name)}'"
            self.notes.append(Problem(where, what, "give every measurement its unit"))
        self.every[heading] = list(texts.values())
        by_row: dict[int, list[int]] = {}
        for place_ in sorted(texts):
            by_row.setdefault(self._measured.rows[place_], []).append(place_)
        taken = self.taken.setdefault(heading, {})
        for row, places in by_row.items():
            self._several[heading] += len({texts[place_] for place_ in places}) > 1
            chosen = places if self._visits == "worst" else [self._chosen(places)]
            taken |= {(row, number): place_ for number, place_ in enumerate(chosen)}
        return {cell: texts[place_] for cell, place_ in taken.items()}

    def refuse_several(self, by_day: bool, unread: Collection[str] = ()) -> None:
        """Raise :class:`TableError` if a patient has several values of one test, and no option says which counts."""
        several = Counter({heading: count for heading, count in (+self._several).items() if heading not in unread})
        if not several:
            return
        tests, most = len(several), several.most_common(1)[0][0]
        named = f"'{quoted(most)}'" if tests == 1 else f"{tests} tests ('{quoted(most)}' most often)"
        if by_day:
            what = f"a patient has several values of {named} on one day; the last of a day in the table is read"
            self.notes.append(Problem(self._where, what))
        elif self._visits is None:
            mend = "say which counts: --visits latest or first, with the column of the date last in --long, or --visits worst"
            raise TableError(self._where, f"a patient has several values of {named}", mend)
        else:
            what = f"a patient has several values of {named}; the {self._visits} is read"
            self.notes.append(Problem(self._where, what))

    def _chosen(self, places: Sequence[int]) -> int:
        """Which of several measurements counts, by its date, and the last in the table of those alike."""
        times = self._measured.times
        if times is None:
            return places[-1]
        dated = {place_: str(times[place_]) for place_ in places if str(times[place_]) != "NaT"}
        if not dated:
            return places[-1]
        day = min(dated.values()) if self._visits == "first" else max(dated.values())
        of_day = [place_ for place_, other in dated.items() if other == day]
        return of_day[0] if self._visits == "first" else of_day[-1]

    def _is_measured(self, test: _Test) -> bool:
        """Whether a test is a measured finding."""
        return test.column is not None and self._rules.findings[test.column.finding].kind == "quantity"


def _with_unit(text: str, unit: str) -> str:
    """A value with its unit behind its number; with both where another one is there already, which no reader understands."""
    number = number_in(text)
    if not unit or number is None:
        return text
    written = without_flag(number.rest)
    if not written:
        return f"{text.removesuffix(number.rest).strip(SPACE)} {unit}"
    return text if written == unit else f"{text} {unit}"


def _texts(table: "pa.Table", heading: str) -> list[str]:
    """The cells of a column as text without space around it; blank ones where there is no such column."""
    if not heading:
        return [""] * int(table.num_rows)
    return ["" if cell is None else text_of(cell).strip(SPACE) for cell in table.column(heading).to_pylist()]
