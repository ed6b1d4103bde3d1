"""The course of a patient as JSON, in the shape that ``poems schema follow`` describes."""

import json
from collections.abc import Callable
from typing import Any

from poems_cli import __version__
from poems_cli.engine.course import Change, Course, DomainResult, LandmarkResult, Measure, Missing, Sign, VisitResponse
from poems_cli.model import Rules
from poems_cli.records.patient import plain_value
from poems_cli.report.course import months
from poems_cli.report.json_cache import basis_members
from poems_cli.report.json_line import line_writer
from poems_cli.report.writing import Place, Wanted

#: Changes when the shape does.
COURSE_SCHEMA_VERSION = "1.0"


def writer(rules: Rules, _wanted: Wanted, place: Place) -> Callable[[Course], None]:
    """What writes a course."""
    line = line_writer(place, indented=place.on_terminal)
    return lambda course: line(course_json(rules, course))


def course_json(rules: Rules, course: Course) -> str:
    """One course as JSON text, in one line."""
    return json.dumps(course_data(rules, course), ensure_ascii=False, separators=(",", ":"))


def course_data(rules: Rules, course: Course) -> dict[str, Any]:
    """One course as plain data; visits are named by their dates."""
    days = [day.isoformat() for day in course.dates]
    visits = [{"date": day, "months": float(months(course.dates, number))} for number, day in enumerate(days)]
    groups = [
        {"group": followed.group.id, "findings": [_row(rules, days, row) for row in followed.rows]}
        for followed in course.followed
    ]
    return {
        "schema_version": COURSE_SCHEMA_VERSION,
        "program": {"name": "poems", "version": __version__},
        "rules": course.rules._asdict(),
        "patient": {"id": course.patient_id},
        "visits": visits,
        "followed": groups,
        "unseen": list(course.unseen),
        "responses": [_response(days, response) for response in course.responses],
        "landmarks": [_landmark(days, landmark) for landmark in course.landmarks],
        "contradictions": [{"visit": days[visit], "finding": finding} for visit, finding in course.contradictions],
    }


def _row(rules: Rules, days: list[str], row: Measure | Sign) -> dict[str, Any]:
    if isinstance(row, Sign):
        return {
            "finding": row.row.finding,
            "kind": "boolean",
            "values": list(row.values),
            "contradictory": [days[visit] for visit in row.disputed],
        }
    return {
        "finding": row.row.finding,
        "kind": "quantity",
        "unit": rules.findings[row.row.finding].unit,
        "values": [None if value is None else plain_value(value) for value in row.values],
        "better": row.row.better,
        "since_first": _change(days, row.since_first),
        "best": None if row.best is None else days[row.best],
        "since_best": _change(days, row.since_best),
    }


def _change(days: list[str], change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {"from": days[change.since], "to": days[change.to], "kind": change.kind, **change.span._asdict()}


def _response(days: list[str], response: VisitResponse) -> dict[str, Any]:
    clinical = [
        {
            "group": result.group.id,
            "direction": result.direction,
            "findings": [{"finding": finding, "direction": direction} for finding, direction in result.rows],
        }
        for result in response.clinical
    ]
    return {
        "visit": days[response.visit],
        "domains": [_domain(days, result) for result in response.domains],
        "clinical": clinical,
    }


def _domain(days: list[str], result: DomainResult) -> dict[str, Any]:
    return {
        "domain": result.domain.id,
        "status": result.status,
        "level": result.level.id if result.level else None,
        "levels": [
            {
                "level": level.level.id,
                "value": level.value,
                "applies": level.applies,
                "missing": [_missing(days, missing) for missing in level.missing],
                **basis_members(level.level.basis),
            }
            for level in result.levels
        ],
    }


def _missing(days: list[str], missing: Missing) -> dict[str, Any]:
    return {"finding": missing.finding, "visit": days[missing.visit], "given": missing.is_given}


def _landmark(days: list[str], result: LandmarkResult) -> dict[str, Any]:
    return {
        "landmark": result.landmark.id,
        "visit": days[result.visit],
        "months": round(result.months, 1),
        "measured": None if result.measured is None else plain_value(result.measured),
        "value": result.value,
        "facts": [{"text": text, **basis_members(basis)} for text, basis in result.landmark.facts],
    }
