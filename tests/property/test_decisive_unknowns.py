"""The predicted effect of each decisive unknown on its sets, compared with a new check with the answer given."""

import json
from functools import cache
from typing import Any

import pytest

from poems_cli.engine.assess import Assessor
from poems_cli.model import Observed
from poems_cli.report.json import JsonWriter
from poems_cli.rules.loading import load_rules
from tests.build import patient

PATIENTS: list[dict[str, Observed]] = [
    {},
    {"polyneuropathy": True},
    {"polyneuropathy": True, "monoclonal_plasma_cell_disorder": True, "papilledema": True},
    {"polyneuropathy": True, "castleman_disease": True, "ascites": True, "sclerotic_bone_lesion": False},
    {"polyneuropathy": True, "vegf_elevated": True, "monoclonal_plasma_cell_disorder": True, "skin_changes": False},
    {"castleman_disease": True, "papilledema": True, "peripheral_edema": True},
]


@cache
def tools() -> tuple[Assessor, JsonWriter]:
    rules = load_rules()
    return Assessor(rules), JsonWriter(rules)


def answered(findings: dict[str, Observed]) -> dict[str, Any]:
    assessor, writer = tools()
    answer: dict[str, Any] = json.loads(writer.written(assessor.assess(patient(findings))))
    return answer


@pytest.mark.parametrize("findings", PATIENTS)
def test_the_predicted_effect_of_an_answer_comes_true(findings: dict[str, Observed]) -> None:
    before = answered(findings)
    unknowns = [unknown for unknown in before["decisive_unknowns"] if "condition" not in unknown]
    assert unknowns
    for unknown in unknowns:
        for key, value in (("if_present", True), ("if_absent", False)):
            after = answered({**findings, unknown["finding"]: value})
            still_open = [set_id for set_id in unknown["criteria"] if before["criteria"][set_id]["verdict"] == "undetermined"]
            verdicts = {set_id: after["criteria"][set_id]["verdict"] for set_id in still_open}
            settled = {set_id: verdict for set_id, verdict in verdicts.items() if verdict != "undetermined"}
            assert unknown[key].get("verdicts", {}) == settled, (unknown["finding"], key)
            steps = after if "mayo" in unknown["criteria"] else before
            assert unknown[key].get("steps_to_met", before["steps_to_met"]) == steps["steps_to_met"], (unknown["finding"], key)


def test_what_settles_the_default_set_alone_comes_first_then_what_leaves_the_fewest_steps() -> None:
    for findings in PATIENTS:
        answer = answered(findings)
        unknowns = answer["decisive_unknowns"]
        keys = [
            (
                unknown["criteria"][0] != "mayo",
                not any("mayo" in unknown[side].get("verdicts", {}) for side in ("if_present", "if_absent")),
                unknown["if_present"].get("steps_to_met", answer["steps_to_met"]) or 99,
            )
            for unknown in unknowns
        ]
        assert keys == sorted(keys)
