"""Made-up patients for the benchmarks, of whom most findings were never looked for."""

import json
import random
from collections.abc import Callable, Iterator

from poems_cli.model import Rules

# A quarter of what is looked for is found; numbers are drawn around and beyond their limits.
_PRESENT = 0.25
_NUMBERS = {
    "age": (25, 85), "platelets": (90, 700), "hemoglobin": (8, 19), "plasma_vegf": (20, 900), "serum_vegf": (100, 5000),
    "testosterone": (50, 900), "prolactin": (3, 60), "tsh": (0.2, 12), "hba1c": (4.8, 9), "csf_protein": (20, 250),
    "creatinine": (0.5, 2.5), "albumin": (2, 5), "m_protein": (0.1, 3.5), "vitamin_b12": (90, 900), "calcium": (7.5, 11.5),
}  # fmt: skip


#: How many findings a record gives besides the sex and the neuropathy, about, from the shortest to the longest: somewhat more
#: than published reports do (4 to 21, half of them 10 or fewer), and as after a thorough work-up. Numbers, not shares: the
#: patients stay the same size however many findings the rules come to know.
REPORT = (2, 24)
WORKED_UP = (24, 88)


def patients(
    rules: Rules, count: int, given_from_to: tuple[int, int], known: Callable[[str], bool] = bool, seed: int = 20261122
) -> Iterator[str]:
    """``count`` patients as one JSON object a line, the same for the same seed; only findings that are ``known`` are given."""
    chance = random.Random(seed)
    # Only findings that follow from no others, so that nobody contradicts himself.
    booleans = [
        finding.id
        for finding in rules.findings.values()
        if finding.kind == "boolean" and finding.definition is None and finding.id not in rules.parts and known(finding.id)
    ]
    for number in range(count):
        share = chance.uniform(*given_from_to) / (len(booleans) + len(_NUMBERS))
        findings: dict[str, object] = {finding: chance.random() < _PRESENT for finding in booleans if chance.random() < share}
        for finding, (low, high) in _NUMBERS.items():
            if chance.random() < share:
                unit = rules.findings[finding].unit
                findings[finding] = {"value": round(chance.uniform(low, high), 1), "unit": unit}
        if chance.random() < 0.9:
            findings["sex"] = chance.choice(["female", "male"])
        findings["polyneuropathy"] = True
        yield json.dumps({"id": f"p{number}", "findings": findings})
