"""Write the tables of the examples that follow from the rules as they are: weights, what calls for a mimic, tests.

Run it after a change of weights, of what calls for a mimic, or of tests, and read what changed before you keep it::

    python bench/example_tables.py [FOLDER]      # rules/examples if left out
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from poems_cli.authoring.mutation_report import flow
from poems_cli.authoring.outcome import Engines, Outcome
from poems_cli.engine.expressions import leaves
from poems_cli.engine.literals import NO_LINKS
from poems_cli.engine.settling import implicants
from poems_cli.model import AnyOf, Compare, Expression, Facts, Mimic, Observed, Patient, Quantity, Rules
from poems_cli.rules.loading import load_rules

_WEIGHTS = """\
# The weights: the evidence of a mimic's row, and of the syndrome's own, when one finding alone is known.
# [present, absent], or by its value.
# A finding may carry more than its own item: its parts, what is defined by it, and the heaviest of what counts once.
weights:
"""
_CALLS = """\
# What calls for a mimic, what establishes it and what excludes it: each smallest set of findings that does, with each of its
# findings present and absent in turn. At the end the evidence of a mimic where all findings of one of its items are absent, and
# the tests that settle each.
limits:
"""
_MOST_SETS = 60  # of a condition
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
    """A row for each finding of each smallest set that calls for a mimic, establishes or excludes it: with and without it."""
    engines = Engines(rules)
    for mimic in rules.mimics.values():
        conditions = {"mimic": mimic.consider_when}
        settles = {"established": mimic.confirmed, "excluded": mimic.excluded}
        conditions |= {target: settling.when for target, settling in settles.items() if settling is not None}
        for target, condition in conditions.items():
            yield from dict.fromkeys(_rows(engines, mimic, target, condition))


def _rows(engines: Engines, mimic: Mimic, target: str, condition: Expression) -> Iterator[str]:
    found = implicants(condition, Facts({}, {}, {}, (), ()), True, NO_LINKS)
    plain = [needed for needed in found.sets if all(answer.condition is None for answer in needed)]
    for needed in plain[:_MOST_SETS]:
        for tried in sorted(needed):
            others = {answer.finding: answer.present for answer in sorted(needed) if answer is not tried}
            values = [tried.present, not tried.present]
            outcomes = [_told(engines, mimic, target, {**others, tried.finding: value}) for value in values]
            told = {flow(value): outcome for value, outcome in zip(values, outcomes, strict=True) if outcome != ""}
            given = f", with: {flow(others)}" if others else ""
            yield f"  - {{of: {tried.finding}{given}, {target}: {mimic.id}, values: {flow(told)}}}"


def _told(engines: Engines, mimic: Mimic, target: str, findings: Mapping[str, bool]) -> bool | str:
    """What a row says of a mimic; empty where the findings contradict each other."""
    outcome = Outcome(engines, Patient("", dict(findings), {}))
    placed = outcome.placed(mimic.id)
    if outcome.facts.contradictions or placed is None:
        return ""
    row = placed.rival.row
    value = {"established": row.confirmed, "excluded": row.excluded}.get(target)
    return row.status if target == "mimic" else "unknown" if value is None else value


def absences(rules: Rules) -> Iterator[str]:
    """A row for each item of evidence that asks for any of several findings: the evidence where all of them are absent."""
    engines = Engines(rules)
    for mimic in (*rules.mimics.values(), *([rules.profile] if rules.profile else [])):
        for item in mimic.evidence:
            asked = dict.fromkeys(leaf.finding for leaf in leaves(item.when))
            several = [finding for finding in asked if rules.findings[finding].kind == "boolean"]
            if isinstance(item.when, AnyOf) and len(several) == len(asked) > 1:
                outcome = Outcome(engines, Patient("", dict.fromkeys(several, False), {}))
                placed = outcome.placed(mimic.id)
                if placed is not None and not outcome.facts.contradictions:
                    first, *others = several
                    given = flow(dict.fromkeys(others, False))
                    evidence = flow({"false": placed.rival.row.evidence})
                    yield f"  - {{of: {first}, with: {given}, mimic: {mimic.id}, values: {evidence}}}"


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
    outcome = Outcome(engines, Patient("", {finding: value}, {}))
    placed = outcome.placed(mimic.id)
    return None if outcome.facts.contradictions or placed is None else placed.rival.row.evidence


def settled(rules: Rules) -> Iterator[str]:
    """A line for each mimic with the tests that settle it."""
    yield "settled_by:"
    for mimic in rules.mimics.values():
        yield f"  {mimic.id}: {flow(mimic.tests)}"


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
    (folder / "mimic_calls.yaml").write_text(
        _CALLS + "\n".join([*calls(rules), *absences(rules), *settled(rules)]) + "\n", encoding="utf-8"
    )
    (folder / "tests.yaml").write_text(_TESTS + "\n".join(tests(rules)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
