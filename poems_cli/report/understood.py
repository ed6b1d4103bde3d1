"""The findings as they were understood: what the record gave, with its unit and limits, and what follows from it."""

from collections.abc import Iterator
from typing import NamedTuple

from poems_cli.model import Assessment, Finding, Observed, Quantity, Rules, Trace, Truth
from poems_cli.phrases import capital
from poems_cli.report.comparisons import quantity_words
from poems_cli.report.reasons import why
from poems_cli.report.words import VALUES, amount, label


class Understood(NamedTuple):
    """One finding: its value in words, and ``because`` of what. ``value`` is its truth, where it ``has_truth``."""

    name: str
    has_truth: bool
    value: Truth
    words: str
    because: str = ""


def recorded(rules: Rules, assessment: Assessment) -> Iterator[Understood]:
    """What the record says, in the order of the rules, then what it leaves unknown with a reason."""
    patient = assessment.patient
    for finding in rules.findings.values():
        value = patient.observed.get(finding.id)
        if value is not None:
            truth = value if isinstance(value, bool) else None
            yield Understood(capital(finding.label), isinstance(value, bool), truth, observed_words(finding, value))
    for name, reason in patient.reasons.items():
        yield Understood(capital(label(rules, name)), True, None, f"{VALUES[None]}: {reason}")


def followed(rules: Rules, assessment: Assessment) -> Iterator[Understood]:
    """What follows from the record without being in it, and what its numbers leave open."""
    facts = assessment.facts
    for name in facts.derived:
        if name not in assessment.patient.observed:
            value = facts.values.get(name)
            because = why(rules, assessment, Trace("finding", value, finding=name))
            if value is not None or because:
                yield Understood(capital(label(rules, name)), True, value, VALUES[value], because)


def observed_words(finding: Finding, value: Observed) -> str:
    """A value as the record gave it, followed by the converted one and the laboratory's own limits."""
    if isinstance(value, bool):
        return VALUES[value]
    if isinstance(value, str):
        return finding.choices.get(value, value)
    return quantity_words(value) + _limits(value)


def _limits(value: Quantity) -> str:
    """The laboratory's own range, in the canonical unit."""
    low, high = (None if limit is None else amount(limit, value.unit) for limit in (value.low, value.high))
    if low and high:
        return f"; the laboratory's range: {low} to {high}"
    if low or high:
        return f"; the laboratory's {'lower' if low else 'upper'} limit: {low or high}"
    return ""
