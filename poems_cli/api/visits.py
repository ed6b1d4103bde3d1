"""One patient from visit to visit, from Python."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from poems_cli import model
from poems_cli.api.arguments import WIDTH, FilePath, RulesLike, checker_for, plain_data, without_patient_number
from poems_cli.engine import course
from poems_cli.errors import PoemsError, usage_error
from poems_cli.records import Record
from poems_cli.units import UnitSystem

_DEPTH = 3  # a visit, its findings, the parts of a value


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Course:
    """One patient from visit to visit; ``str()`` of it is what ``poems follow`` prints, without color."""

    _rules: model.Rules
    _course: course.Course

    @property
    def dates(self) -> tuple[date, ...]:
        """The days of the visits, the earliest first; the first one is the baseline."""
        return self._course.dates

    @property
    def followed(self) -> tuple[course.Followed, ...]:
        """What was found at each visit and how it changed, by groups of findings."""
        return self._course.followed

    @property
    def responses(self) -> tuple[course.VisitResponse, ...]:
        """The response at each visit after the first one, by what it is measured in."""
        return self._course.responses

    def to_dict(self) -> dict[str, Any]:
        """The course as plain data, in the shape that ``poems schema follow`` describes."""
        from poems_cli.report.course_json import course_data

        return course_data(self._rules, self._course)

    def to_json(self) -> str:
        """The course as JSON text, as ``poems follow --format json`` writes it."""
        from poems_cli.report.course_json import course_json

        return course_json(self._rules, self._course)

    def __str__(self) -> str:
        from poems_cli.report.console import printed
        from poems_cli.report.course_table import print_course

        return printed(WIDTH, lambda console: print_course(console, self._rules, self._course))

    def __repr__(self) -> str:  # without the patient: it may end in a log
        return f"<Course of {len(self._course.dates)} visits>"


def follow(
    visits: Iterable[Mapping[str, object]] | FilePath, *, rules: RulesLike = None, units: UnitSystem | None = None
) -> Course:
    """Follow one patient over two or more visits, as ``poems follow`` does.

    Each visit is a mapping as for :func:`check`, with a ``date``: a :class:`datetime.date`, or a text such as ``2025-03-14``.
    A path leads to a file with a list of visits. The earliest visit is the baseline. ``units`` is as for :func:`check`.

    Raises :class:`PoemsError` with every problem: of a visit, of a date that is missing or given twice, of ids that differ.
    """
    from poems_cli.checking.follow import course_of
    from poems_cli.checking.inputs import read_visits
    from poems_cli.records.visits import VisitReader, in_order

    checker = checker_for(None, rules, units)
    if isinstance(visits, str | os.PathLike):
        path = os.path.join(os.curdir, os.fspath(visits))  # noqa: PTH118
        found, problems = read_visits([path], checker.rules, BytesIO(), units)
    else:
        if isinstance(visits, Mapping):
            raise usage_error("visits", "this is one visit, not an iterable of visits", "give two or more")
        reader = VisitReader(checker.rules, units)
        readings = [reader.read(_visit(visit, number)) for number, visit in enumerate(visits, 1)]
        found, problems = in_order(reader.visits, [problem for reading in readings for problem in reading.problems])
    if problems:
        raise PoemsError([without_patient_number(problem) for problem in problems])
    return Course(checker.rules, course_of(checker.rules, found))


def _visit(visit: object, number: int) -> Record:
    plain = plain_data(visit, _DEPTH)
    if isinstance(plain, dict) and isinstance(plain.get("date"), date):
        plain = {**plain, "date": plain["date"].isoformat()}
    return Record(plain, f"visit {number}", number)
