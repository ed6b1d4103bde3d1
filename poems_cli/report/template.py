"""A fillable record: every finding, or those that one criteria set depends on, with nothing known yet."""

import csv
import io
import json
import re
from collections.abc import Iterator
from textwrap import wrap
from typing import Any, Literal, TypeAlias

from poems_cli.engine.findings import follows_from, uses
from poems_cli.model import Finding, Rules
from poems_cli.report.words import accepted_units

Form: TypeAlias = Literal["json", "yaml", "csv"]

_WIDTH = 110
_ABOUT = (
    "One patient. Write true, false or null (not known) for each finding, a number with its unit for a measured value.",
    "Unknown is not absent: leave null what was not examined. Every finding here may be left out.",
    "The laboratory's own limits may be given with a value: {value: 18, unit: ng/mL, high: 15}.",
)


def template(rules: Rules, form: Form, criteria: str | None) -> str:
    """A record with every finding unknown, in ``form``; ``criteria`` keeps only what that set depends on.

    Raises ``KeyError`` when there is no such criteria set.
    """
    wanted = None if criteria is None else depends_on(rules, criteria)
    findings = [finding for finding in _grouped(rules) if wanted is None or finding.id in wanted]
    match form:
        case "json":
            return _json(findings)
        case "yaml":
            return "\n".join(_yaml(rules, findings)) + "\n"
        case "csv":
            return _csv(findings)


def depends_on(rules: Rules, criteria: str) -> frozenset[str]:
    """Every finding that a criteria set's verdict may follow from, directly or through definitions and parts."""
    return follows_from(rules, [use for level in rules.criteria[criteria].levels for use in uses(level.expression)])


def _grouped(rules: Rules) -> list[Finding]:
    """The findings by the order of their headings, and within a heading by that of the rules."""
    order = {group: position for position, group in enumerate(rules.groups)}
    return sorted(rules.findings.values(), key=lambda finding: order.get(finding.group or "", len(order)))


def _json(findings: list[Finding]) -> str:
    blank: dict[str, Any] = {
        finding.id: {"value": None, "unit": finding.unit} if finding.kind == "quantity" else None for finding in findings
    }
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in blank.items())
    return f'{{\n  "id": "p1",\n  "findings": {{\n{lines}\n  }}\n}}\n'


def _csv(findings: list[Finding]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["id", *(f"{finding.id} ({finding.unit})" if finding.kind == "quantity" else finding.id for finding in findings)]
    )
    writer.writerow(["p1", *("" for _ in findings)])
    return text.getvalue()


def _yaml(rules: Rules, findings: list[Finding]) -> Iterator[str]:
    yield from (f"# {line}" for line in _ABOUT)
    yield "id: p1"
    yield "findings:"
    heading: str | None = None
    for finding in findings:
        group = finding.group or ""
        if group != heading:
            heading = group
            yield ""
            yield f"  # ---- {rules.groups.get(group, group) or 'other'} ----"
        yield ""
        yield from _comment(f"{finding.label}: {_shortened(finding.question)}")
        if finding.kind == "choice":
            yield from _comment(f"one of: {', '.join(finding.choices)}")
        if finding.kind == "quantity":
            others = accepted_units(rules, finding.id)[1:]
            if others:
                yield f"  # or in: {', '.join(others)}"
            yield f"  {finding.id}: {{value: null, unit: {json.dumps(finding.unit)}}}"
        else:
            yield f"  {finding.id}: null"


def _comment(text: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent="  # ", subsequent_indent="  #   ")


def _shortened(question: str) -> str:
    """A question without its remarks in parentheses."""
    return re.sub(r"\s*\([^()]*\)", "", question)
