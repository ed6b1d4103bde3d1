"""Dated visits of one patient: each an ordinary patient with a date, put in their order or refused together."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from poems_cli.errors import Problem
from poems_cli.model import Patient, Rules
from poems_cli.records.patient import PatientReader
from poems_cli.records.problem import Flaw, Reading, Record, kind_of
from poems_cli.units import UnitSystem

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T[0-9:.+Z-]+)?", re.ASCII)
_DATE_MEND = 'write the day of the visit, as in "date": "2025-03-14"'


class Visit(NamedTuple):
    """One visit: its day, the patient as understood then, where it was read, and the id that the record itself gave."""

    date: date
    patient: Patient
    place: str
    given_id: str | None


class VisitReader:
    """Understands records as visits by one set of rules, and keeps those that it understood."""

    def __init__(self, rules: Rules, bare: UnitSystem | None = None) -> None:
        self._reader = PatientReader(rules, bare)
        self.visits: list[Visit] = []

    def read(self, record: Record) -> Reading:
        """The patient of a visit, or everything that is wrong with it, its date included."""
        if not isinstance(record.value, dict):
            return self._reader.read(record)
        day, flaw = _day(record.value.get("date"))
        reading = self._reader.read(record if flaw is None else record._replace(flaws=(*record.flaws, flaw)))
        if day is not None and reading.patient is not None:
            named = record.value.get("id") not in (None, "")
            given = reading.patient.id if named else None
            self.visits.append(Visit(day, reading.patient, reading.place, given))
        return reading


def in_order(visits: Iterable[Visit], problems: Iterable[Problem]) -> tuple[tuple[Visit, ...], tuple[Problem, ...]]:
    """The visits by date; or no visit, and every problem, where they are not two or more days of one patient."""
    ordered = sorted(visits, key=lambda visit: visit.date)
    found = [*problems, *_of_several_patients(ordered), *_on_one_day(ordered)]
    if not found and len(ordered) < 2:
        found.append(_too_few(ordered))
    return ((), tuple(found)) if found else (tuple(ordered), ())


def _day(given: object) -> tuple[date | None, Flaw | None]:
    """The day of a visit, or what is wrong with it."""
    if given is None or given == "":
        return None, Flaw("the visit has no date", _DATE_MEND)
    text = given.strip() if isinstance(given, str) else ""
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text[:10]), None
        except ValueError:
            return None, Flaw("the calendar has no such date", _DATE_MEND)
    kind = "another text" if text else kind_of(given)
    return None, Flaw(f"a date must be year, month and day, but this is {kind}", _DATE_MEND)


def _of_several_patients(visits: Sequence[Visit]) -> Iterator[Problem]:
    named = [visit for visit in visits if visit.given_id is not None]
    for visit in named[1:]:
        if visit.given_id != named[0].given_id:
            what = f"the id is not that of {named[0].place}"
            yield Problem(visit.place, what, "follow one patient at a time, or write the same id in every visit")


def _on_one_day(visits: Sequence[Visit]) -> Iterator[Problem]:
    for earlier, later in pairwise(visits):
        if earlier.date == later.date:
            mend = "put what was found on that day into one visit, or correct a date"
            yield Problem(later.place, f"the date is that of {earlier.place}", mend)


def _too_few(visits: Sequence[Visit]) -> Problem:
    where = visits[0].place if visits else "visits"
    what = "this is the only visit" if visits else "there is no visit"
    return Problem(where, what, "give two or more: one file each, or a list of them in one file")
