"""Findings and tests by the shortest name that a clinician reads without a second look."""

from poems_cli.model import Rules
from poems_cli.words import brief, short_label


def finding_name(rules: Rules, name: str) -> str:
    """A finding by its ``short:`` name, else by its label; an element that the criteria define in place by its own name."""
    finding = rules.findings.get(name)
    return str(finding.texts.get("short") or brief(finding.label)) if finding else short_label(rules, name)


def test_name(rules: Rules, test_id: str) -> str:
    """A test by its ``short:`` name, else by its label."""
    test = rules.tests[test_id]
    return str(test.texts.get("short") or brief(test.label))
