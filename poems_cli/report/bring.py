"""What to bring to which specialist, after an interview."""

from collections.abc import Iterator, Mapping
from typing import Any

from poems_cli.model import Assessment, Quantity, Rules
from poems_cli.questionnaire import Audience
from poems_cli.report.comparisons import quantity_words
from poems_cli.words import brief, listed, short_label

_TESTS = 8
_FOR_A_PATIENT = 3  # a doctor decides what comes after

_OPENING: Mapping[Audience, str] = {
    "clinician": "Whom to ask, with what was found and the open tests worth doing first:",
    "patient": (
        "What to take along. This is no diagnosis: most people with these signs have something else. A doctor can look at them "
        "together and decide what to test."
    ),
}


def bring(rules: Rules, assessment: Assessment, audience: Audience) -> Iterator[str]:
    """A line for each specialist: what was found in their field, and which open tests are theirs."""
    lines = [line for one in rules.questionnaire.get("specialists", ()) if (line := _line(rules, assessment, one, audience))]
    if lines:
        yield _OPENING[audience]
        yield from lines


def _line(rules: Rules, assessment: Assessment, specialist: Mapping[str, Any], audience: Audience) -> str:
    found = list(_found(rules, assessment, specialist))
    open_tests = [one.test for one in assessment.tests[:_TESTS] if one.test in specialist["tests"]]
    tests = [brief(rules.tests[one].label) for one in open_tests[: _FOR_A_PATIENT if audience == "patient" else None]]
    if not found and not tests:
        return ""
    tell = ("tell them of", "ask about") if audience == "patient" else ("found:", "worth doing:")
    said = [f"{tell[0]} {listed(found)}"] * bool(found) + [f"{tell[1]} {listed(tests)}"] * bool(tests)
    return f"  {specialist['name']}: {'; '.join(said)}."


def _found(rules: Rules, assessment: Assessment, specialist: Mapping[str, Any]) -> Iterator[str]:
    for finding, value in assessment.patient.observed.items():
        one = rules.findings[finding]
        theirs = one.texts.get("group") in specialist["groups"] or finding in specialist.get("findings", ())
        if theirs and value is True:
            yield short_label(rules, finding)
        elif theirs and isinstance(value, Quantity):
            yield f"{one.label} {quantity_words(value)}"
