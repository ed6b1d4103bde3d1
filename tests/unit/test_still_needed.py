"""What is still needed, as sentences that a person reads in one go."""

from typing import Any

import pytest

from poems_cli.engine.findings import resolve
from poems_cli.model import Observed
from poems_cli.report.still_needed import SettlingPhraser
from tests.build import measured, patient, small_rules

FINDINGS: dict[str, dict[str, Any]] = {
    "neuropathy": {"label": "polyneuropathy (many nerves)"},
    "clone": {"label": "a clone"},
    "vegf": {"label": "raised VEGF"},
    "bone": {"label": "a sclerotic lesion"},
    "castleman": {"label": "Castleman disease"},
    "organs": {"label": "large organs"},
    "edema": {"label": "edema"},
    "skin": {"label": "skin changes"},
    "serum_vegf": {"kind": "quantity", "unit": "pg/mL", "label": "serum VEGF"},
    "ratio": {"kind": "quantity", "unit": "{ratio}", "label": "VEGF ratio"},
}
LIMIT = {"finding": "serum_vegf", "unit": "pg/mL", "source": "paper"}
MAYO = {
    "all": [
        "neuropathy",
        "clone",
        {"at_least": 1, "of": ["castleman", "bone", "vegf"], "name": "other major criterion"},
        {"at_least": 1, "of": ["organs", "edema", "skin"], "name": "minor criterion"},
    ]
}
IN_PLACE = {"name": "serum VEGF of 1000 or more", "present_when": {**LIMIT, "at_least": 1000}, "absent_when": "vegf"}


def sentence(expression: Any, goal: bool, known: dict[str, Observed]) -> str:
    rules = small_rules(FINDINGS, expression)
    state = resolve(rules, patient(dict(known)))
    return SettlingPhraser(rules).words(state, "set", "met" if goal else "not met")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (
            {"neuropathy": True},
            "a clone; and Castleman disease or a sclerotic lesion or raised VEGF; and large organs or edema or skin changes",
        ),
        ({"neuropathy": True, "clone": True, "skin": True}, "Castleman disease or a sclerotic lesion or raised VEGF"),
        ({"neuropathy": True, "clone": True, "skin": True, "bone": False}, "Castleman disease or raised VEGF"),
        ({"clone": True, "bone": True, "skin": True}, "polyneuropathy"),  # without the remark in brackets
        ({"neuropathy": True, "clone": True, "bone": True, "skin": True}, ""),  # nothing is needed any more
        ({"neuropathy": False}, ""),  # nothing can help any more
    ],
)
def test_toward_met(known: dict[str, Observed], expected: str) -> None:
    assert sentence(MAYO, True, known) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"neuropathy": True, "clone": True, "bone": True}, "none of large organs or edema or skin changes"),
        (
            {"neuropathy": True, "bone": True},
            "no a clone; or none of large organs or edema or skin changes",
        ),
        ({"neuropathy": True, "clone": True, "bone": True, "organs": False, "edema": False}, "no skin changes"),
    ],
)
def test_toward_not_met(known: dict[str, Observed], expected: str) -> None:
    assert sentence(MAYO, False, known) == expected


@pytest.mark.parametrize(
    ("known", "goal", "expected"),
    [
        ({}, True, "2 of large organs or edema or skin changes or raised VEGF"),
        ({"edema": True}, True, "large organs or skin changes or raised VEGF"),
        ({"edema": False, "skin": False}, True, "large organs and raised VEGF"),
        ({"edema": True, "neuropathy": True}, False, "none of large organs or skin changes or raised VEGF"),
        ({"neuropathy": True}, False, "fewer than 2 of large organs or edema or skin changes or raised VEGF"),
    ],
)
def test_several_of_many(known: dict[str, Observed], goal: bool, expected: str) -> None:
    """The number needed includes what is present already."""
    expression = {"all": ["neuropathy", {"at_least": 2, "of": ["organs", "edema", "skin", "vegf"]}]}
    assert sentence(expression, goal, {"neuropathy": True, **known}) == expected


@pytest.mark.parametrize(
    ("expression", "goal", "expected"),
    [
        ({**LIMIT, "above": 200}, True, "serum VEGF above 200 pg/mL"),
        ({**LIMIT, "above": 200}, False, "serum VEGF not above 200 pg/mL"),
        ({**LIMIT, "below": 200}, True, "serum VEGF not at least 200 pg/mL"),
        (
            {"finding": "serum_vegf", "above": "laboratory", "source": "paper"},
            True,
            "serum VEGF above the laboratory's limit",
        ),
        (
            {"finding": "serum_vegf", "at_least": {"times_upper": 3}, "source": "paper"},
            True,
            "serum VEGF at least 3 times the laboratory's upper limit",
        ),
        ({"finding": "ratio", "at_least": 3, "unit": "{ratio}", "source": "paper"}, True, "VEGF ratio at least 3"),
        (IN_PLACE, True, "serum VEGF of 1000 or more"),
        (IN_PLACE, False, "no serum VEGF of 1000 or more"),
        ({"not": "clone"}, True, "no a clone"),
        ({"any": ["clone", {"all": ["organs", {"not": "edema"}]}]}, True, "a clone; or large organs and no edema"),
    ],
)
def test_conditions_in_words(expression: Any, goal: bool, expected: str) -> None:
    assert sentence(expression, goal, {}) == expected


def test_a_way_that_is_closed_is_not_offered() -> None:
    """The lesion only counts with an element that can never be present: it would be looked for in vain."""
    never = {"name": None, "present_when": {**LIMIT, "above": 5}, "absent_when": "skin"}
    expression = {"any": ["clone", {"all": ["bone", {"not": {**never, "present_when": "edema", "absent_when": "edema"}}]}]}
    assert sentence(expression, True, {"edema": True}) == "a clone"


def test_a_number_measured_below_its_limit_is_not_asked_again() -> None:
    expression = {"any": ["clone", {**LIMIT, "above": 200}]}
    assert sentence(expression, True, {"serum_vegf": measured(150)}) == "a clone"
    assert sentence(expression, True, {"serum_vegf": measured(150, ">")}) == "a clone; or serum VEGF above 200 pg/mL"
