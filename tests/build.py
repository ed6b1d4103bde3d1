"""Small rules for tests: a few findings and one expression, compiled exactly as the rules files are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pytest
import yaml

from poems_cli.model import Observed, Patient, Quantity, Rules
from poems_cli.rules.building import compile_and_check
from poems_cli.rules.compiled_form import shared
from poems_cli.rules.strict_yaml import RuleProblem
from poems_cli.tables.cells import says_nothing
from poems_cli.tables.columns import TableMap
from poems_cli.tables.profile import Profile, builders_for

ENTRY = "poems.yaml"

#: The parts that small rules files written out in tests have in common.
HEAD = """\
id: small
version: "1.0"
title: Small rules
default_criteria: set
"""
FINDINGS = """\
findings:
  clone: {kind: boolean, label: a clone, question: A clone}
  swelling: {kind: boolean, label: swelling, question: Swelling}
  many_platelets:
    kind: boolean
    label: many platelets
    question: Many
    when: {finding: platelets, above: 450, unit: 10*9/L, source: paper}
  platelets: {kind: quantity, label: platelets, question: How many, unit: 10*9/L}
"""
SET = """\
criteria:
  set:
    title: A set
    short: Set
    source: paper
    about: For tests.
"""

#: Faults of rules: the change to a good file, words of the line at fault, the message, and how to mend it.
Fault: TypeAlias = tuple[tuple[str, str], str, str, str]


def compile_text(text: str, **siblings: str) -> tuple[Rules | None, tuple[RuleProblem, ...]]:
    """The rules of rules files, and their problems; ``siblings`` are by name without ``.yaml``."""
    files = {ENTRY: text.encode(), **{f"{name}.yaml": content.encode() for name, content in siblings.items()}}
    compiled = compile_and_check(files, ENTRY)
    return compiled.rules, compiled.problems


def reported(good: str, fault: Fault) -> tuple[str, RuleProblem, int]:
    """The text with the fault, the one problem that reports it and how to mend it, and how many problems there are in all."""
    (right, wrong), _, message, mend = fault
    assert right in good
    text = good.replace(right, wrong, 1)
    problems = compile_text(text)[1]
    [problem] = [problem for problem in problems if message in problem.message] or pytest.fail("\n".join(map(str, problems)))
    assert mend in problem.mend
    return text, problem, len(problems)


def rules_from(text: str, **siblings: str) -> Rules:
    """Rules from the text of a rules file, which must be valid."""
    rules, problems = compile_text(text, **siblings)
    assert not problems, "\n".join(map(str, problems))
    assert rules is not None
    return shared(rules)


def rules_text(
    findings: Mapping[str, Mapping[str, Any]] | Sequence[str],
    met: Any = None,
    *,
    criteria: Mapping[str, Any] | None = None,
    tests: Mapping[str, Mapping[str, Any]] | None = None,
    warnings: Mapping[str, Any] | None = None,
) -> str:
    """A whole rules file around the findings (boolean unless they say otherwise) and an expression or criteria sets.

    Without any, the first boolean finding is the criterion. Every finding gets a label and a question, and every quantity
    accepts its own unit. Unless tests are given, asking the patient answers everything.
    """
    described = findings if isinstance(findings, Mapping) else {finding: {} for finding in findings}
    full = {
        finding: {"kind": "boolean", "label": finding.replace("_", " "), "question": f"{finding}?", **body}
        for finding, body in described.items()
    }
    first = next(finding for finding, body in full.items() if body["kind"] == "boolean" or met or criteria)
    sets = criteria or {"set": {"met": met if met is not None else first}}
    document = {
        "id": "small",
        "version": "1.0",
        "title": "Small rules",
        "default_criteria": next(iter(sets)),
        "findings": full,
        "criteria": {
            set_id: {"title": set_id, "short": set_id, "source": "paper", "about": "For tests.", **body}
            for set_id, body in sets.items()
        },
        "warnings": dict(warnings or {}),
        "tests": {
            test: {"label": test, "how": "history", "cost": 0, "invasiveness": 0, **body}
            for test, body in (tests or {"asking": {"answers": list(full)}}).items()
        },
        "sources": {"paper": {"read": "full text"}},
        "units": {"accepted": {finding: {body["unit"]: 1} for finding, body in full.items() if "unit" in body}},
    }
    return yaml.safe_dump(document, sort_keys=False)


def small_rules(findings: Mapping[str, Mapping[str, Any]] | Sequence[str], met: Any = None, **more: Any) -> Rules:
    """``rules_text``, compiled."""
    return rules_from(rules_text(findings, met, **more))


def patient(findings: Mapping[str, Observed | None]) -> Patient:
    """A patient with these findings; ``None`` is unknown, as if it were left out."""
    return Patient("p", {finding: value for finding, value in findings.items() if value is not None}, {})


def measured(value: float, comparator: Any = None, low: float | None = None, high: float | None = None) -> Quantity:
    """A measured value without much of a unit."""
    return Quantity(value, "1", comparator, low, high)


#: A quantity in the unit one.
QUANTITY: dict[str, Any] = {"kind": "quantity", "unit": "1"}


def profiles_of(table: TableMap, cells: Mapping[str, Sequence[str]], rules: Rules) -> dict[str, Profile]:
    """The profiles of the columns of a table by heading, from their cells."""
    builders = builders_for(table, rules)
    for heading, builder in builders.items():
        builder.add_texts(Counter(cells.get(heading, ())))
    for column in table.columns:
        beside = cells.get(column.unit_column or "", ())
        builders[column.heading].add_without_unit(
            Counter(cell for cell, unit in zip(cells.get(column.heading, ()), beside, strict=False) if says_nothing(unit))
        )
    return {heading: builder.profile() for heading, builder in builders.items()}
