"""What a clinician brings to which specialist, after an interview."""

from collections.abc import Iterator

from poems_cli.finding_names import without_remark
from poems_cli.model import Assessment, Quantity, Rules, Specialist
from poems_cli.phrases import listed
from poems_cli.report.comparisons import quantity_words
from poems_cli.report.words import short_label

_TESTS = 8


def bring(rules: Rules, assessment: Assessment) -> Iterator[str]:
    """A line for each specialist: what was found in their field, and which open tests are theirs."""
    lines = [line for specialist in rules.questionnaire.specialists if (line := _line(rules, assessment, specialist))]
    if lines:
        yield "Whom to ask, with what was found and the open tests worth doing first:"
        yield from lines


def _line(rules: Rules, assessment: Assessment, specialist: Specialist) -> str:
    found = list(_findings_for(rules, assessment, specialist))
    open_tests = [test.test for test in assessment.tests[:_TESTS] if test.test in specialist.tests]
    tests = [without_remark(rules.tests[test].label) for test in open_tests]
    if not found and not tests:
        return ""
    parts = [f"found: {listed(found)}"] * bool(found) + [f"worth doing: {listed(tests)}"] * bool(tests)
    return f"  {specialist.name}: {'; '.join(parts)}."


def _findings_for(rules: Rules, assessment: Assessment, specialist: Specialist) -> Iterator[str]:
    for finding, value in assessment.patient.observed.items():
        own = rules.findings[finding]
        theirs = own.group in specialist.groups or finding in specialist.findings
        if theirs and value is True:
            yield short_label(rules, finding)
        elif theirs and isinstance(value, Quantity):
            yield f"{own.label} {quantity_words(value)}"
