"""Made-up patients for the benchmarks, of whom most findings were never looked for."""

import json
import random
from collections.abc import Iterator

from poems_cli.model import Rules

# A quarter of what is looked for is found; numbers are drawn around and beyond their limits.
_PRESENT = 0.25
_NUMBERS = {
    "age": (25, 85), "platelets": (90, 700), "hemoglobin": (8, 19), "plasma_vegf": (20, 900), "serum_vegf": (100, 5000),
    "testosterone": (50, 900), "prolactin": (3, 60), "tsh": (0.2, 12), "hba1c": (4.8, 9), "csf_protein": (20, 250),
    "creatinine": (0.5, 2.5), "albumin": (2, 5), "m_protein": (0.1, 3.5), "vitamin_b12": (90, 900), "calcium": (7.5, 11.5),
}  # fmt: skip


#: Which share of all findings a record tells, from the shortest to the longest: as published reports do (4 to 21 findings, half
#: of them 10 or fewer), and as after a thorough work-up.
REPORT = (0.02, 0.12)
WORKED_UP = (0.1, 0.5)


def patients(rules: Rules, count: int, known_from_to: tuple[float, float], seed: int = 20261122) -> Iterator[str]:
    """``count`` patients as one JSON object a line, the same for the same seed."""
    chance = random.Random(seed)
    # Only findings that follow from no others, so that nobody contradicts himself.
    booleans = [
        finding.id
        for finding in rules.findings.values()
        if finding.kind == "boolean" and finding.definition is None and finding.id not in rules.parts
    ]
    for number in range(count):
        known = chance.uniform(*known_from_to)
        findings: dict[str, object] = {one: chance.random() < _PRESENT for one in booleans if chance.random() < known}
        for finding, (low, high) in _NUMBERS.items():
            if chance.random() < known:
                unit = rules.findings[finding].unit
                findings[finding] = {"value": round(chance.uniform(low, high), 1), "unit": unit}
        if chance.random() < 0.9:
            findings["sex"] = chance.choice(["female", "male"])
        findings["polyneuropathy"] = True
        yield json.dumps({"id": f"p{number}", "findings": findings})
