"""The course of a patient: what changed, and which definitions of response it meets."""

from datetime import date, timedelta
from typing import Any

import pytest

from poems_cli.engine.course import Course, DomainResult, Measure, follow
from poems_cli.model import Rules
from poems_cli.records import PatientReader, Record

FIRST = date(2024, 1, 15)


@pytest.fixture
def followed(rules: Rules) -> Any:
    def course(*visits: dict[str, Any], days: int = 180) -> Course:
        read = [PatientReader(rules, "canonical").read(Record(visit, "visit", 1)) for visit in visits]
        dated = [(FIRST + timedelta(number * days), reading.patient) for number, reading in enumerate(read)]
        assert all(patient is not None for _, patient in dated), read
        return follow(rules, "p1", dated)  # type: ignore[arg-type]

    return course


def domain(course: Course, name: str) -> DomainResult:
    return next(result for result in course.responses[-1].domains if result.domain.id == name)


def missing(result: DomainResult) -> set[tuple[str, int]]:
    return {(missing.finding, missing.visit) for level in result.levels for missing in level.missing}


@pytest.mark.parametrize(
    ("before", "after", "status", "level"),
    [
        ("1200", "90", "reached", "complete"),
        ("1200", {"value": 110, "unit": "pg/mL", "high": 115}, "reached", "complete"),
        ("1200", {"value": 90, "unit": "pg/mL", "high": 86}, "reached", "partial"),
        ("1200", "600", "reached", "partial"),
        ("1200", "601", "not reached", None),
        (">2000", "900", "reached", "partial"),
        (">2000", "1500", "unknown", None),
        ("1200", "<31", "reached", "complete"),
        ("150", "40", "not evaluable", None),
        ("1200", None, "unknown", None),
        (None, "90", "unknown", None),
    ],
)
def test_vegf_in_plasma(before: Any, after: Any, status: str, level: str | None, followed: Any) -> None:
    result = domain(followed({"plasma_vegf": before}, {"plasma_vegf": after}), "vegf_in_plasma")
    assert (result.status, result.level and result.level.id) == (status, level)


def test_serum_and_plasma_are_never_mixed(followed: Any) -> None:
    course = followed({"serum_vegf": 4000}, {"plasma_vegf": 40})
    for name in ("vegf_in_serum", "vegf_in_plasma"):
        assert domain(course, name).status == "unknown"
    assert missing(domain(course, "vegf_in_plasma")) == {("plasma_vegf", 0)}
    assert missing(domain(course, "vegf_in_serum")) == {("serum_vegf", 1)}
    assert {row.row.finding for group in course.followed for row in group.rows} == {"serum_vegf", "plasma_vegf"}


CLONE = {"m_protein": 1.2, "serum_immunofixation": True}
NEGATIVE = {"clonal_marrow_plasma_cells": False, "serum_immunofixation": False, "urine_immunofixation": False}


@pytest.mark.parametrize(
    ("before", "after", "status", "level"),
    [
        (CLONE, NEGATIVE, "reached", "complete"),
        (CLONE, {"m_protein": 0.12, "serum_immunofixation": True}, "reached", "very_good_partial"),
        (CLONE, {"serum_protein_electrophoresis": False, "serum_immunofixation": True}, "reached", "very_good_partial"),
        (CLONE, {"m_protein": 0.5, "serum_immunofixation": True}, "reached", "partial"),
        (CLONE, {"m_protein": 1.1, "serum_immunofixation": True}, "not reached", None),
        (CLONE, {"serum_immunofixation": False}, "unknown", None),
        (CLONE, {**NEGATIVE, "m_protein": "<0.1 g/dL"}, "reached", "complete"),
        (CLONE, {"m_protein": 1.1}, "not reached", None),
        ({"m_protein": 0.6}, {"m_protein": 0.55}, "not evaluable", None),
        (CLONE, {}, "unknown", None),
        ({"m_protein": 0.3}, {"m_protein": 0.05, "serum_immunofixation": True}, "not evaluable", None),
        ({"polyneuropathy": True}, NEGATIVE, "unknown", None),
    ],
)
def test_hematologic(before: Any, after: Any, status: str, level: str | None, followed: Any) -> None:
    result = domain(followed(before, after), "hematologic")
    assert (result.status, result.level and result.level.id) == (status, level)


def test_a_better_level_stays_open_where_it_was_not_looked_for(followed: Any) -> None:
    result = domain(followed(CLONE, {"m_protein": 0.5, "serum_immunofixation": False}), "hematologic")
    assert (result.status, [result_open.level.id for result_open in result.open]) == ("reached", ["complete"])
    assert {missing.finding for missing in result.open[0].missing} == {"clonal_marrow_plasma_cells", "urine_immunofixation"}


@pytest.mark.parametrize(
    ("after", "status", "level"),
    [
        ({"fdg_avid_bone_lesion": False}, "reached", "complete"),
        ({"fdg_avid_bone_lesion": True, "sum_of_suv_max": 10}, "reached", "partial"),
        ({"fdg_avid_bone_lesion": True, "sum_of_suv_max": 11}, "not reached", None),
        ({}, "unknown", None),
    ],
)
def test_pet(after: Any, status: str, level: str | None, followed: Any) -> None:
    result = domain(followed({"fdg_avid_bone_lesion": True, "sum_of_suv_max": 20}, after), "pet")
    assert (result.status, result.level and result.level.id) == (status, level)


def test_the_clinical_response_is_a_direction_and_unknown_where_a_side_is(followed: Any) -> None:
    course = followed(
        {"overall_neuropathy_limitations_scale": 7, "peripheral_edema": True, "ascites": False, "dlco": 60},
        {"overall_neuropathy_limitations_scale": 4, "peripheral_edema": False, "ascites": True, "papilledema": False},
    )
    directions = {change.group.id: change.direction for change in course.responses[-1].clinical}
    assert directions == {"nerves": "better", "fluid": "mixed", "skin": None, "eyes": None, "lungs": None}


def test_the_nadir_is_the_lowest_of_what_should_fall_and_the_highest_of_what_should_rise(followed: Any) -> None:
    numbers = [(800, 50), ("<100", 70), (300, 65), (None, None)]
    course = followed(*({"serum_vegf": vegf, "dlco": dlco} for vegf, dlco in numbers))
    vegf, dlco = (row for group in course.followed for row in group.rows)
    assert isinstance(vegf, Measure)
    assert isinstance(dlco, Measure)
    assert (vegf.best, dlco.best) == (1, 1)
    assert vegf.since_first is not None
    assert (vegf.since_first.since, vegf.since_first.to, vegf.since_first.span.least) == (0, 2, -62.5)
    assert vegf.since_best is not None
    assert vegf.since_best.span == (200, None)


@pytest.mark.parametrize(("days", "shown"), [(137, True), (228, True), (136, False), (229, False)])
def test_a_landmark_is_shown_only_near_its_time(days: int, shown: bool, followed: Any) -> None:
    course = followed({"serum_vegf": 4000}, {"serum_vegf": 900}, days=days)
    assert [landmark.value for landmark in course.landmarks] == [True] * shown


@pytest.mark.parametrize(("value", "expected"), [(999, True), (1000, False), ("<2000", None), (None, None)])
def test_a_landmark_compares_what_was_measured(value: Any, expected: bool | None, followed: Any) -> None:
    [landmark] = followed({"serum_vegf": 4000}, {"serum_vegf": value}).landmarks
    assert landmark.value is expected
    assert (landmark.measured is None) is (value is None)
