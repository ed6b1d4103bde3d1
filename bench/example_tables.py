"""Write the tables of the examples that follow from the rules as they are: weights, what calls for a mimic, tests.

Run it after a change of weights, of what calls for a mimic, or of tests, and read what changed before you keep it::

    python bench/example_tables.py [FOLDER]      # rules/examples if left out
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from poems_cli.authoring.mutation_report import flow
from poems_cli.authoring.outcome import Engines
from poems_cli.logic import leaves
from poems_cli.model import Compare, Facts, Mimic, Observed, Patient, Quantity, Rules
from poems_cli.rules import load_rules
from poems_cli.settle import NO_LINKS, implicants

_WEIGHTS = """\
# The weights: the evidence of a mimic's row, and of the syndrome's own, when one finding alone is known.
# [present, absent], or by its value.
# A finding may carry more than its own item: its parts, what is defined by it, and the heaviest of what counts once.
weights:
"""
_CALLS = """\
# What calls for a mimic: each smallest set of findings that does, with each of its findings present and absent in turn.
limits:
"""
_MOST_CALLS = 60  # sets of a mimic
_TESTS = """\
# The tests of each finding, in the order of the rules: those that answer it both ways, and those that can only show it; and the
# classes of cost and invasiveness of each test.
answered_by:
"""


def weights(rules: Rules) -> Iterator[str]:
    """A line for each mimic, and one for each finding that alone moves its row."""
    engines = Engines(rules)
    for mimic in (*rules.mimics.values(), *([rules.profile] if rules.profile else [])):
        lines = []
        for finding in dict.fromkeys(leaf.finding for item in mimic.evidence for leaf in leaves(item.when)):
            found = {key: _evidence(engines, mimic, finding, value) for key, value in _values(rules, mimic, finding).items()}
            told = {key: evidence for key, evidence in found.items() if evidence is not None}
            if not any(told.values()):
                continue
            unit = rules.findings[finding].unit
            if rules.findings[finding].kind == "boolean":
                lines.append(f"    {finding}: {flow([told.get('true', 0), told.get('false', 0)])}")
            else:
                lines.append(f"    {finding}: {flow({**({'unit': unit} if unit else {}), **told})}")
        if lines:
            yield f"  {mimic.id}:"
            yield from lines


def calls(rules: Rules) -> Iterator[str]:
    """A row for each finding of each smallest set that calls for a mimic: its status with the finding, and without it."""
    engines = Engines(rules)
    for mimic in rules.mimics.values():
        found = implicants(mimic.consider_when, Facts({}, {}, {}, (), ()), True, NO_LINKS)
        plain = [needed for needed in found.sets if all(answer.condition is None for answer in needed)]
        rows: dict[str, None] = {}
        for needed in plain[:_MOST_CALLS]:
            for tried in sorted(needed):
                others = {answer.finding: answer.present for answer in sorted(needed) if answer is not tried}
                statuses = {
                    flow(value): _status(engines, mimic, {**others, tried.finding: value})
                    for value in (tried.present, not tried.present)
                }
                told = {value: status for value, status in statuses.items() if status is not None}
                given = f", with: {flow(others)}" if others else ""
                rows[f"  - {{of: {tried.finding}{given}, mimic: {mimic.id}, values: {flow(told)}}}"] = None
        yield from rows


def _status(engines: Engines, mimic: Mimic, findings: Mapping[str, bool]) -> str | None:
    """The status of a mimic's row; ``None`` where the findings contradict each other."""
    outcome = engines.outcome(Patient("", dict(findings), {}))
    placed = outcome.placed(mimic.id)
    return None if outcome.facts.contradictions or placed is None else placed.rival.row.status


def _values(rules: Rules, mimic: Mimic, finding: str) -> dict[str, Observed]:
    """What is tried of a finding: both truths, every word, or just below, at and just above each limit."""
    body = rules.findings[finding]
    if body.kind == "boolean":
        return {"true": True, "false": False}
    if body.kind == "choice":
        return {choice: choice for choice in body.choices}
    compared = [leaf for item in mimic.evidence for leaf in leaves(item.when) if isinstance(leaf, Compare)]
    limits = {leaf.limit for leaf in compared if leaf.finding == finding and isinstance(leaf.limit, int | float)}
    numbers = sorted({float(f"{limit * factor:.5g}") for limit in limits for factor in (0.95, 1, 1.05)})
    return {f"{number:g}": Quantity(number, body.unit or "") for number in numbers}


def _evidence(engines: Engines, mimic: Mimic, finding: str, value: Observed) -> float | None:
    """The evidence of a row when one finding alone is known; ``None`` where that contradicts itself."""
    outcome = engines.outcome(Patient("", {finding: value}, {}))
    placed = outcome.placed(mimic.id)
    return None if outcome.facts.contradictions or placed is None else placed.rival.row.evidence


def tests(rules: Rules) -> Iterator[str]:
    """A line for each finding that a test answers, for each that one can show, and for each test."""
    for key in ("answers", "shows"):
        if key == "shows":
            yield "shown_by:"
        for finding in rules.findings:
            found = [test.id for test in rules.tests.values() if finding in getattr(test, key)]
            if found:
                yield f"  {finding}: {flow(found)}"
    yield "burdens:"
    for test in rules.tests.values():
        yield f"  {test.id}: {flow([test.cost, test.invasiveness])}"


def main(arguments: list[str]) -> None:
    """Write the files."""
    rules = load_rules()
    folder = Path(arguments[0] if arguments else "rules/examples")
    (folder / "weights.yaml").write_text(_WEIGHTS + "\n".join(weights(rules)) + "\n", encoding="utf-8")
    (folder / "mimic_calls.yaml").write_text(_CALLS + "\n".join(calls(rules)) + "\n", encoding="utf-8")
    (folder / "tests.yaml").write_text(_TESTS + "\n".join(tests(rules)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
