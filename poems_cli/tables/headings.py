"""Headings of a table -> which column is which finding. What could mean two things is left out and reported, never chosen."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from poems_cli.errors import Problem, input_error
from poems_cli.finding_names import ending_so, finding_names, plain_name
from poems_cli.model import Finding, Rules
from poems_cli.phrases import few_quoted, listed, quoted
from poems_cli.tables.cells import CellReader, accepted_unit
from poems_cli.tables.columns import Column, Meaning, TableMap, Unplaced
from poems_cli.tables.legends import legend_in
from poems_cli.tables.likely import LikelyFindings, of_specimen
from poems_cli.units import UnitError, UnitTable, normalize_spelling, ucum_unit

#: Headings, as ids are written, of the column that names the patient.
ID_NAMES = (
    "id", "patient_id", "patientid", "patient", "patient_no", "patient_number", "pat_id", "mrn", "medical_record_number",
    "subject", "subject_id", "subjectid", "subjid", "usubjid", "participant_id", "person_id", "person_source_value", "pid",
    "study_id", "case_id", "case", "record_id", "seqn",
    "patient_nr", "patientnr", "patientnummer", "patientennummer", "patienten_nr", "patienten_id", "pat_nr", "patnr",
    "fallnummer", "ipp", "id_patient", "nhc", "id_paciente", "id_paziente", "codice_paziente", "prontuario", "prontu\u00e1rio",
    "\u60a3\u8005id", "\u60a3\u8005\u756a\u53f7",
)  # fmt: skip

_BRACKETED = re.compile(
    r"\s*(?P<name>.*?)\s*(?:\((?P<round>[^()]*(?:\([^()]*\)[^()]*)*)\)|\[(?P<square>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\])\s*",
    re.DOTALL,
)
#: Brackets as they are typed in Chinese and Japanese.
_WIDE_BRACKETS = str.maketrans("\uff08\uff09\uff3b\uff3d", "()[]")
_PERCENT = re.compile(r"\s*(?P<name>.*?)\s*%\s*", re.DOTALL)
_BETWEEN = re.compile(r"[\s,;:_.]+")  # a point is what R makes of a bracket and a slash
_HUMP = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LOINC = re.compile(r"[0-9]{1,7}-[0-9]")
_PERCENT_WORDS = frozenset(("percent", "percentage", "pct"))
_LONGEST = 200
_MOST_UNIT_WORDS = 8
_SHORTEST_UNIT = 2
#: Last words of a heading that add nothing to its name.
_UNIT_WORDS = ("unit", "units", "uom", "unit_of_measure")
_ADDS_NOTHING = ("level", "levels", "value", "values", "result", "results", "concentration")
#: Names too common for a column to mean one of the findings that end so.
_COMMON = ("capacity", "cells", "count", "hormone", "index", "length", "pressure", "protein", "ratio", "scale", "score", "test")
#: Why a column is unplaced whose heading says nothing.
NOT_KNOWN = "not the name of a finding"
_MAP = "say in the mapping which finding it is, or null to leave it out"
_WHICH = "say in the mapping which one was measured: they are different tests, each with limits of its own"


class _Reading(NamedTuple):
    """One way to read a heading: a name, and what follows it; ``behind`` if that has no brackets."""

    name: str
    unit: str | None = None
    behind: bool = False


def place(headings: Sequence[str], rules: Rules, id_heading: str | None = None) -> TableMap:
    """Which finding each heading names: by id, label, term, synonym or LOINC code, with its unit in brackets or after it.

    ``id_heading`` is the heading of the patient's id, ``None`` to find it by its name. A measured value has the unit of its
    heading, or the heading of the column that holds its unit. Columns that fit the same finding are all left out, as
    ``ambiguous``; one whose unit the finding cannot have (a share next to a count) does not fit.

    Raises :class:`PoemsError` if there is no column ``id_heading``, or more than one column is called as the id is.
    """
    identity = _identity(headings, id_heading)
    namer = _Namer(rules, identity)
    read = [namer.column(heading) for heading in headings if heading != identity]
    fitting: dict[str, list[str]] = {}
    for column in read:
        if isinstance(column, Column):
            fitting.setdefault(column.finding, []).append(column.heading)
    read = [_alone(column, fitting[column.finding]) if isinstance(column, Column) else column for column in read]
    columns = with_unit_columns([column for column in read if isinstance(column, Column)], headings)
    of_units = {column.unit_column for column in columns}
    unplaced = [column for column in read if isinstance(column, Unplaced) and column.heading not in of_units]
    return TableMap(identity, columns, unplaced=tuple(unplaced))


def with_unit_columns(columns: Sequence[Column], headings: Sequence[str]) -> tuple[Column, ...]:
    """The columns with the headings of those that hold their units: ``PLT_unit`` for ``PLT``, or ``Unit`` right after it.

    Next to a heading that has the unit itself, a column ``Unit`` may be a ward.
    """
    named: dict[str, list[str]] = {}
    for heading in headings:
        named.setdefault(plain_name(_split(heading[:_LONGEST])), []).append(heading)
    found = []
    for column in columns:
        called = [column.heading[:_LONGEST], *([reading.name for reading in _readings(column.heading)] if column.unit else [])]
        names = {plain_name(spelled(name)) for name in called for spelled in (_split, _bare)}
        beside = [heading for name in sorted(names) for word in _UNIT_WORDS for heading in named.get(f"{name}_{word}", ())]
        if column.unit is None and column.heading in headings[:-1] and headings.count(column.heading) == 1:
            next_one = headings[headings.index(column.heading) + 1]
            beside += [next_one] if plain_name(next_one) in _UNIT_WORDS and headings.count(next_one) == 1 else []
        can_have = column.unit_column is None and (column.unit is None or column.unit_from == "heading")
        found.append(column._replace(unit_column=beside[0]) if can_have and len(set(beside)) == 1 else column)
    return tuple(found)


def with_units(headings: Sequence[str], units: Mapping[int, str]) -> tuple[str, ...]:
    """The headings with what is known of the units of their columns, by place from 0, unless they say it already."""
    return tuple(
        f"{heading} ({units[place]})" if place in units and units[place] not in heading else heading
        for place, heading in enumerate(headings)
    )


def problems_of(table: TableMap) -> tuple[Problem, ...]:
    """The columns that could be two things, or are there twice: a line for each finding, and one for every other column."""
    rivals: dict[str, list[Unplaced]] = {}
    for column in table.ambiguous:
        if len(column.likely) == 1:
            rivals.setdefault(column.likely[0].finding, []).append(column)
        else:
            rivals[f"column {column.heading}"] = [column]
    return tuple([_problem(finding, columns) for finding, columns in rivals.items()])


def _problem(finding: str, columns: Sequence[Unplaced]) -> Problem:
    if len(columns) == 1:
        return Problem(f"column '{quoted(columns[0].heading)}'", columns[0].why, columns[0].mend)
    every = few_quoted([column.heading for column in columns])
    what = f"columns {every} {'both' if len(columns) == 2 else 'all'} name '{finding}'"
    mend = columns[0].mend
    if len({" ".join(column.heading.split()).casefold() for column in columns}) == 1:
        mend = "rename all but one of them in the table, or keep one in the mapping and write null for the rest"
    return Problem("", what, mend)


class _Namer:
    """Says which finding a heading names."""

    def __init__(self, rules: Rules, identity: str | None) -> None:
        self._findings = rules.findings
        self._units = rules.units
        self._identity = identity
        self._codes = _by_code(rules)
        self._names = finding_names(rules.findings)
        self._likely_findings = LikelyFindings(rules.findings, self._names)

    def column(self, heading: str) -> Column | Unplaced:
        """The column of the finding that a heading names, or why it names none."""
        readings = _readings(heading)
        for spelled in (str, _split, _bare):
            for reading in readings:
                found = self._read(heading, reading, spelled(reading.name))
                if found is not None:
                    return found
        return self._unknown(heading, readings)

    def _read(self, heading: str, reading: _Reading, name: str) -> Column | Unplaced | None:
        """The column by one reading of its heading; ``None`` where that names no finding."""
        known = self._codes.get(name.strip()) or self._names.get(plain_name(name))
        if known is None:
            return None
        finding = self._findings[known]
        if reading.behind:
            unit = _unit_behind(reading.unit or "", finding, self._units)
            if unit:
                return Column(heading, known, unit, unit_from="heading")
            legend = self._legend(finding, reading.unit or "")
            return Column(heading, known, values=legend) if legend else None
        if finding.kind == "quantity":
            return self._measured(heading, finding, reading.unit, name)
        legend = {} if reading.unit is None else self._legend(finding, reading.unit)
        if legend is not None:
            return Column(heading, known, values=legend)
        why = f"'{known}' has no unit, and what follows its name may mean something else"
        return Unplaced(heading, why, _MAP, likely=self._by_its_name(heading, known, name))

    def _measured(self, heading: str, finding: Finding, unit: str | None, name: str) -> Column | Unplaced:
        if not (unit or "").strip():
            says_percent = finding.unit == "%" and not _PERCENT_WORDS.isdisjoint(plain_name(heading).split("_"))
            return Column(heading, finding.id, "%", unit_from="heading") if says_percent else Column(heading, finding.id)
        try:
            return Column(heading, finding.id, ucum_unit(self._units, finding.id, unit), unit_from="heading")
        except UnitError:
            why = f"the unit '{quoted(unit or '')}' is not understood for '{finding.id}'"
            instead = self._units.analytes[finding.id].declined.get(normalize_spelling(unit or "").casefold())
            if instead is not None:
                return Unplaced(heading, why, instead)
            mend = f"write one of {', '.join(self._units.analytes[finding.id].named)}, or say the unit in the mapping"
            return Unplaced(heading, why, mend, likely=self._by_its_name(heading, finding.id, name))

    def _by_its_name(self, heading: str, finding: str, name: str) -> tuple[Column, ...]:
        """The finding that a heading begins with, unless what follows makes something else of it."""
        fits = self._likely_findings.adds_nothing(plain_name(heading), plain_name(name))
        return (Column(heading, finding),) if fits else ()

    def _legend(self, finding: Finding, words: str) -> Mapping[str, Meaning] | None:
        """What words after a name say of the cells, as in ``(Y/N)`` or ``(0=no, 1=yes)``; ``None`` where they do not."""
        if finding.kind == "quantity":
            return None
        return legend_in(words, CellReader(Column("", finding.id), finding, self._units).words)

    def _unknown(self, heading: str, readings: Sequence[_Reading]) -> Unplaced:
        if not any(plain_name(reading.name) for reading in readings):
            return Unplaced(heading, "the heading has no letters", "give the column a heading, or name it in the mapping")
        if _names_patient(heading) and self._identity is not None:
            why = f"it names the patient, and so does '{quoted(self._identity)}', which is taken for the id"
            return Unplaced(heading, why, "say which one is the id, or leave this one out with null in the mapping")
        which, word = self._which(readings)
        which = of_specimen(heading, which)
        if len(which) > 1:
            why = f"it does not say which one: {listed(which, 'or')}"
            likely = () if word in _COMMON else self._likely(heading, which)
            return Unplaced(heading, why, _WHICH, word not in _COMMON, likely)
        bare = next((reading.name for reading in readings if reading.unit and not reading.behind), readings[0].name)
        near = of_specimen(heading, self._likely_findings.of(plain_name(_split(bare)), _COMMON))
        return not_known(heading, self._likely(heading, near))

    def _which(self, readings: Sequence[_Reading]) -> tuple[list[str], str]:
        """The measured values that a heading fits alike, and the name that fits them."""
        for spelled in (str, _bare):
            for reading in readings:
                name = plain_name(spelled(reading.name))
                which = ending_so(name, self._findings)
                if reading.behind:  # what follows the name must be a unit
                    which = [each for each in which if _unit_behind(reading.unit or "", self._findings[each], self._units)]
                if len(which) > 1:
                    return which, name
        return [], ""

    def _likely(self, heading: str, near: Sequence[str]) -> tuple[Column, ...]:
        """The columns that a heading may mean; not those that cannot have the unit in it."""
        found = []
        for finding in near:
            with suppress(UnitError):
                unit = unit_of(heading, self._findings[finding], self._units)
                found.append(Column(heading, finding, unit, unit_from="heading" if unit else None))
        return tuple(found)


def not_known(heading: str, likely: Sequence[Column]) -> Unplaced:
    """A column whose heading is not the name of a finding, and what it may be."""
    return Unplaced(heading, NOT_KNOWN, say_which(likely), likely=tuple(likely))


def say_which(likely: Sequence[Column]) -> str:
    """How to have a column read that is probably one of these findings, or none."""
    meant = listed([f"'{column.finding}'" for column in likely], "or")
    return f"did you mean {meant}? {_MAP[0].upper()}{_MAP[1:]}" if likely else _MAP


def _identity(headings: Sequence[str], wanted: str | None) -> str | None:
    """The heading of the patient's id: the one wanted, else the first that is called so."""
    named = next(filter(_names_patient, headings), None) if wanted is None else wanted
    if named is None:
        return None
    alike = [heading for heading in headings if heading == wanted]
    alike = alike or [heading for heading in headings if plain_name(heading) == plain_name(named)]
    if not alike:
        raise input_error("", f"no column is called '{quoted(named)}'", nearest_heading(named, headings))
    if len(alike) > 1:
        each = few_quoted(alike)
        what = f"columns {each} have one name, which is taken for the patient's id"
        raise input_error("", what, "rename all but one of them")
    return alike[0]


def _names_patient(heading: str) -> bool:
    short = heading[:_LONGEST]
    return plain_name(short) in ID_NAMES or plain_name(_split(short)) in ID_NAMES


def names_a_patient(headings: Sequence[str]) -> bool:
    """Whether one of them is a name for the patient's column: then this is a row of headings, and no patient."""
    return any(map(_names_patient, headings))


def nearest_heading(wanted: str, headings: Sequence[str]) -> str:
    """How to mend a heading that no column has: the nearest one, else the first few, if they surely are no patient's cells."""
    from difflib import get_close_matches

    plain = {plain_name(heading[:_LONGEST]): heading for heading in reversed(headings)}
    near = get_close_matches(plain_name(wanted[:_LONGEST]), plain, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{quoted(plain[near[0]])}'?"
    if not headings:
        return "the table has no columns"
    if not names_a_patient(headings):
        return "the first row may be data, not headings; poems screen --suggest-map FILE writes what it has"
    some = ", ".join(f"'{quoted(heading)}'" for heading in headings[:5])
    return f"the table has {some}{' and more' if len(headings) > 5 else ''}"


def _readings(heading: str) -> list[_Reading]:
    """How a heading can be read: as a whole, as a name with brackets, and as a name with a unit after it."""
    heading = heading.translate(_WIDE_BRACKETS)
    whole = _Reading(heading)
    if len(heading) > _LONGEST:
        return [_Reading(heading[:_LONGEST])]
    match = _BRACKETED.fullmatch(heading)
    if match is None or not plain_name(match["name"]):
        percent = _PERCENT.fullmatch(heading)
        return [whole, _Reading(percent["name"], "%") if percent else whole, *_behind(heading)]
    unit = match["round"] if match["round"] is not None else match["square"]
    # Words in the brackets may belong to the name, as in "VEGF (plasma)" and "VEGF (plasma, pg/mL)"; mere signs cannot.
    words, _, last = unit.rpartition(",")
    parted = [_Reading(f"{match['name']} {words}", last)] if words else []
    return [*([whole] if any(map(str.isalnum, unit)) else []), *parted, _Reading(match["name"], unit)]


def _behind(heading: str) -> Iterator[_Reading]:
    """A heading split between its words, the longest name first."""
    gaps = [gap for gap in _BETWEEN.finditer(heading.strip()) if gap.start()]
    for gap in list(reversed(gaps))[:_MOST_UNIT_WORDS]:
        yield _Reading(heading.strip()[: gap.start()], heading.strip()[gap.end() :], behind=True)


def unit_of(heading: str, finding: Finding, units: UnitTable) -> str | None:
    """The unit in the heading of a column of this finding; ``None`` if there is none.

    Raises :class:`UnitError` where the heading has a unit that the finding cannot have.
    """
    if finding.kind != "quantity":
        return None
    for reading in _readings(heading):
        written = reading.unit or ""
        unit = _unit_behind(written, finding, units) if reading.behind else accepted_unit(units, finding.id, written)
        if written and unit is not None:
            return unit
        is_declined = normalize_spelling(written).casefold() in units.analytes[finding.id].declined
        if is_declined or (not reading.behind and ("/" in written or written == "%")):
            raise UnitError(finding.id, f"the unit '{quoted(written)}' in the heading is not understood", _MAP)
    return None


def _unit_behind(written: str, finding: Finding, units: UnitTable) -> str | None:
    """The unit that follows a name without brackets, as in ``CRP mg/L`` and ``crp_mg_l``, if it surely is one."""
    if len(written) < _SHORTEST_UNIT:
        return None  # a letter or a digit may count repeated columns
    slashed = "/".join(filter(None, _BETWEEN.split(written)))
    return accepted_unit(units, finding.id, written) or accepted_unit(units, finding.id, slashed)


def _split(name: str) -> str:
    """A name whose words begin with capitals, as words: ``AgeInYears``, ``serumVEGF``."""
    return _HUMP.sub(" ", name)


def _bare(name: str) -> str:
    """A name without a last word that adds nothing."""
    words = plain_name(_split(name)).split("_")
    return "_".join(words[:-1] if len(words) > 1 and words[-1] in _ADDS_NOTHING else words)


def _by_code(rules: Rules) -> Mapping[str, str]:
    """Findings by LOINC code; a code of two findings names neither."""
    coded: dict[str, set[str]] = {}
    for finding in rules.findings.values():
        for code in finding.codes.get("loinc", ()):
            coded.setdefault(code, set()).add(finding.id)
    return {code: min(ids) for code, ids in coded.items() if len(ids) == 1 and _LOINC.fullmatch(code)}


def _alone(column: Column, fitting: Sequence[str]) -> Column | Unplaced:
    """The column, unless others fit its finding as well."""
    if len(fitting) == 1:
        return column
    headings = [heading for heading in dict.fromkeys(fitting) if heading != column.heading]
    others = ["another column of this name"] if fitting.count(column.heading) > 1 else []
    others += [few_quoted(headings)] if headings else []
    verb = "does" if len(set(fitting)) + (fitting.count(column.heading) > 1) == 2 else "do"
    why = f"it names '{column.finding}', and so {verb} {listed(others)}"
    mend = "keep one of them in the mapping, and leave the rest out with null"
    return Unplaced(column.heading, why, mend, True, (column,))
