"""Write the tables of the examples that follow from the rules as they are: the weights, and the tests of each finding.

Run it after a change of weights or of tests, and read what changed before you keep it::

    python bench/example_tables.py [FOLDER]      # rules/examples if left out
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from poems_cli.authoring.mutation_report import flow
from poems_cli.authoring.outcome import Engines
from poems_cli.logic import leaves
from poems_cli.model import Compare, Mimic, Observed, Patient, Quantity, Rules
from poems_cli.rules import load_rules

_WEIGHTS = """\
# The weights: the evidence of a mimic's row, and of the syndrome's own, when one finding alone is known.
# [present, absent], or by its value.
# A finding may carry more than its own item: its parts, what is defined by it, and the heaviest of what counts once.
weights:
"""
_TESTS = """\
# The tests of each finding, in the order of the rules: those that answer it both ways, and those that can only show it.
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
    """A line for each finding that a test answers; then for each that one can show."""
    for key in ("answers", "shows"):
        if key == "shows":
            yield "shown_by:"
        for finding in rules.findings:
            found = [test.id for test in rules.tests.values() if finding in getattr(test, key)]
            if found:
                yield f"  {finding}: {flow(found)}"


def main(arguments: list[str]) -> None:
    """Write both files."""
    rules = load_rules()
    folder = Path(arguments[0] if arguments else "rules/examples")
    (folder / "weights.yaml").write_text(_WEIGHTS + "\n".join(weights(rules)) + "\n", encoding="utf-8")
    (folder / "tests.yaml").write_text(_TESTS + "\n".join(tests(rules)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
