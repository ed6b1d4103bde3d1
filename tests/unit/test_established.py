"""A mimic that a finding establishes stays to be considered, whatever the evidence against it."""

import yaml

from poems_cli.engine.assess import Assessor
from poems_cli.model import Observed
from tests.build import patient, rules_from
from tests.unit.test_differential import MIMICS, OURS, document


def test_a_finding_that_establishes_a_mimic_outweighs_findings_against_it() -> None:
    signs = ["cough", "gene", "swelling"]
    against = {"any": signs, "name": "signs of another disease", "frequency": "hardly ever", "reference": "often", **OURS}
    evidence = [*MIMICS["amyloidosis"]["evidence"], against]
    mimics = {**MIMICS, "amyloidosis": {**MIMICS["amyloidosis"], "evidence": evidence, "shares": []}}
    assessor = Assessor(rules_from(yaml.safe_dump(document(mimics), sort_keys=False)))

    def status(**findings: Observed | None) -> tuple[str, bool]:
        rivals = assessor.assess(patient({"cough": True, "gene": True, "swelling": True, **findings})).mimics
        (row,) = [rival.row for rival in rivals if rival.row.id == "amyloidosis"]
        return row.status, row.evidence < 0

    assert status(neuropathy=True) == ("less likely", True)
    assert status(neuropathy=True, amyloid=True) == ("consider", True)
