"""Findings and tests by the shortest name that a clinician reads without a second look."""

from collections.abc import Sequence

from poems_cli.finding_names import without_remark
from poems_cli.model import Element, OrderedTest, Rules

#: What a clinician knows of the patient anyway: it is in the headline, and is not a reason for anything by itself.
ABOUT_THE_PATIENT = ("age", "sex")


def finding_name(rules: Rules, name: str) -> str:
    """A finding by its ``short:`` name, else by its label."""
    finding = rules.findings[name]
    return finding.short or without_remark(finding.label)


def element_words(rules: Rules, element: Element) -> str:
    """A condition or an element of one: a finding, its absence, or what the criteria define in place."""
    words = finding_name(rules, element.finding) if element.finding else element.name or element.id
    return f"no {words}" if element.negated else words


def test_name(rules: Rules, test_id: str) -> str:
    """A test by its ``short:`` name, else by its label."""
    test = rules.tests[test_id]
    return test.short or without_remark(test.label)


def order_name(rules: Rules, ordered: OrderedTest) -> str:
    """What to order: one test, or several that are one order."""
    label = rules.tests[ordered.test].order_label
    return label if label and ordered.with_tests else test_name(rules, ordered.test)


def tests_named(rules: Rules, tests: Sequence[str], most: int) -> list[str]:
    """The first tests by the first words of their names; those that are one order count once."""
    names: list[str] = []
    joined: set[str] = set()
    for test_id in tests:
        test = rules.tests[test_id]
        if test_id not in joined:
            together = [other for other in test.ordered_with if other in tests]
            joined.update(together)
            names.append(test_name(rules, test_id).partition(",")[0])
    return names[:most]
