"""Tests worth ordering: what belongs together is one order, no biopsy without a target, the rival before the rest."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from poems_cli.engine.assess import Assessor, assess
from poems_cli.model import Assessment, Observed, OrderedTest, Rules
from poems_cli.rules.loading import load_rules
from tests.build import patient, small_rules

ASSESSOR = Assessor(load_rules())
CLONE: dict[str, Observed] = {"polyneuropathy": True, "light_chain": "lambda"}
MINOR = "organomegaly extravascular_volume_overload endocrinopathy skin_changes papilledema thrombocytosis_or_polycythemia"
NO_MINOR: dict[str, Observed] = dict.fromkeys(MINOR.split(), False)
CIDP: dict[str, Observed] = {
    "polyneuropathy": True,
    "demyelinating_neuropathy": True,
    "proximal_weakness": True,
    "areflexia": True,
}


def of(findings: Mapping[str, Observed]) -> Assessment:
    return ASSESSOR.assess(patient(findings))


def entry(assessment: Assessment, test: str) -> OrderedTest | None:
    return next((entry for entry in assessment.tests if entry.test == test), None)


def ids(assessment: Assessment) -> list[str]:
    return [entry.test for entry in assessment.tests]


def test_immunofixation_of_serum_and_urine_is_one_order() -> None:
    assessment = of({"polyneuropathy": True})
    joint = entry(assessment, "serum_immunofixation")
    assert joint is not None
    assert joint.with_tests == ("urine_immunofixation",)
    assert "urine_immunofixation" not in ids(assessment)
    assert {"monoclonal_plasma_cell_disorder"} <= {finding.finding for finding in joint.shows}


def test_a_negative_test_is_not_ordered_again() -> None:
    assessment = of({"polyneuropathy": True, "serum_immunofixation": False})
    assert "serum_immunofixation" not in ids(assessment)
    urine = entry(assessment, "urine_immunofixation")
    assert urine is not None
    assert urine.with_tests == ()
    assert "serum_protein_electrophoresis" not in ids(assessment)


@pytest.mark.parametrize(
    ("findings", "offered", "condition"),
    [
        ({**CIDP}, True, "if IgM is found"),
        ({**CIDP, "m_protein_heavy_chain": "IgM"}, True, None),
        ({**CIDP, "m_protein_heavy_chain": "IgG"}, False, None),
        ({**CIDP, "monoclonal_plasma_cell_disorder": False}, False, None),
    ],
)
def test_anti_mag_needs_an_igm(findings: dict[str, Observed], offered: bool, condition: str | None) -> None:
    assessment = of(findings)
    order = entry(assessment, "anti_mag_antibodies")
    assert (order is not None) is offered
    if order is not None:
        assert order.condition == condition
        if condition:
            assert ids(assessment).index("serum_immunofixation") < ids(assessment).index("anti_mag_antibodies")


@pytest.mark.parametrize(
    ("test", "target"),
    [
        ("lymph_node_biopsy", "lymphadenopathy"),
        ("lesion_biopsy", "lytic_bone_lesion"),
        ("skin_biopsy", "hemangioma"),
        ("bone_marrow_biopsy", "serum_immunofixation"),
    ],
)
def test_no_biopsy_without_a_target(test: str, target: str) -> None:
    """Unknown, and it comes under its condition and never first; found, and it has none."""
    unknown = of({"polyneuropathy": True})
    waiting = entry(unknown, test)
    assert waiting is not None
    assert waiting.condition
    assert unknown.tests[0].condition is None
    there = entry(of({"polyneuropathy": True, target: True}), test)
    assert there is None or there.condition is None


def test_no_lymph_node_biopsy_without_an_enlarged_node() -> None:
    assert "lymph_node_biopsy" not in ids(of({"polyneuropathy": True, "lymphadenopathy": False}))


def test_the_marrow_waits_for_both_immunofixations_and_comes_where_they_are_negative() -> None:
    marrow = entry(of({"polyneuropathy": True, "serum_immunofixation": False}), "bone_marrow_biopsy")
    both = entry(
        of({"polyneuropathy": True, "serum_immunofixation": False, "urine_immunofixation": False}), "bone_marrow_biopsy"
    )
    assert marrow is not None
    assert marrow.condition
    assert both is not None
    assert both.condition is None
    done = of({"polyneuropathy": True, "serum_immunofixation": False, "clonal_plasma_cells": False})
    assert "bone_marrow_biopsy" not in ids(done)


def test_once_not_met_tests_for_the_rival_come_first_and_tests_that_change_nothing_are_left_out() -> None:
    assessment = of(
        {**CIDP, **NO_MINOR, "monoclonal_plasma_cell_disorder": False, "hemangioma": False, "pericardial_effusion": False}
    )
    assert assessment.criteria["mayo"].verdict == "not met"
    rival = assessment.mimics[0].row.id
    assert rival == "cidp"
    assert rival in {effect.mimic for effect in assessment.tests[0].mimics}
    helping = [bool(test.mimics) for test in assessment.tests]
    assert helping == sorted(helping, reverse=True)
    assert not {"fundoscopy", "abdominal_ultrasound", "gonadal_hormones", "skin_biopsy"} & set(ids(assessment))
    assert all(test.mimics or test.answers or test.shows for test in assessment.tests)


def test_of_equal_worth_a_test_that_answers_a_criterion_comes_first() -> None:
    assessment = of({"polyneuropathy": True, "serum_immunofixation": True, "splenomegaly": True})
    worthy = [test for test in assessment.tests if test.worth and not test.condition]
    serves = {test.test: bool(test.answers or test.shows) for test in worthy}
    assert set(serves.values()) == {True, False}
    for test, after in pairwise(worthy):
        assert test.worth != after.worth or serves[test.test] or not serves[after.test], (test.test, after.test)


def test_staging_is_there_once_the_default_set_is_met_and_only_then() -> None:
    met = of({**CLONE, "sclerotic_bone_lesion": True, "papilledema": True, "thrombosis": True})
    assert met.staging is not None
    done = {stage.id: known for stage, known in met.staging}
    assert {"bones", "marrow", "heart", "lungs", "eyes", "hormones", "vegf_baseline", "thrombosis_risk"} == done.keys()
    assert (done["eyes"], done["marrow"], done["thrombosis_risk"]) == (True, False, None)
    assert of(dict(CLONE)).staging is None
    assert {stage.basis.source for stage, _ in met.staging} <= set(met.sources)


def test_treatment_is_held_back_where_another_disease_explains_every_minor_criterion() -> None:
    base: dict[str, Observed] = {**CLONE, "sclerotic_bone_lesion": True, "ascites": True}
    plain, explained = of(base), of({**base, "cirrhosis": True})
    both = of({**base, "cirrhosis": True, "papilledema": True})
    assert plain.criteria["mayo"].verdict == explained.criteria["mayo"].verdict == "met"
    assert plain.outlook is not None
    assert plain.outlook.fork
    assert explained.outlook is not None
    assert (explained.outlook.fork, explained.outlook.held_back) == ((), True)
    assert [group.id for group in explained.explained_groups] == ["minor_criterion"]
    assert explained.staging is not None
    assert both.outlook is not None
    assert (bool(both.outlook.fork), both.outlook.held_back, both.explained_groups) == (True, False, ())


# --- the law behind it, on small rules --------------------------------------------------------------------------------


def ordering(**more: dict[str, Any]) -> Rules:
    tests = {
        "cheap": {"answers": ["a"]},
        "dear": {"answers": ["b"], "cost": 4, **more.get("dear", {})},
        "third": {"answers": ["c"], "cost": 2, **more.get("third", {})},
    }
    return small_rules(["a", "b", "c", "d"], {"any": ["a", "b", "c"]}, tests={**tests, "other": {"answers": ["d"]}})


def test_an_order_under_a_condition_is_never_first_while_another_has_gain() -> None:
    """At any cost: here it is free, and the test that answers its condition is not."""
    rules = small_rules(
        ["a", "b"],
        {"any": ["a", "b"]},
        tests={
            "free": {"answers": ["a"], "sensible_when": "b", "sensible_words": "if b"},
            "dear": {"answers": ["b"], "cost": 4, "invasiveness": 4},
        },
    )
    assessment = assess(rules, patient({}))
    assert [(test.test, test.condition) for test in assessment.tests] == [("dear", None), ("free", "if b")]
    assert ids(assess(rules, patient({"b": False}))) == []


NODOPATHY: dict[str, Observed] = {
    "polyneuropathy": True,
    "demyelinating_neuropathy": True,
    "tremor": True,
    "sensory_ataxia": True,
    "ivig_or_exchange_response": False,
}


@pytest.mark.parametrize("failed", ["immunotherapy_response", "ivig_or_exchange_response"])
def test_vegf_comes_before_nodal_antibodies_where_signs_beyond_the_nerves_point_to_the_syndrome(failed: str) -> None:
    signs = {"severe_leg_pain": True, "thrombocytosis": True, "peripheral_edema": True}
    order = ids(of({"polyneuropathy": True, "demyelinating_neuropathy": True, failed: False, **signs}))
    assert order.index("vegf_plasma") < order.index("nodal_antibodies")


def test_nodal_antibodies_come_before_vegf_where_the_nerves_point_to_them_and_no_clone_was_found() -> None:
    assessment = of({**NODOPATHY, "serum_immunofixation": False, "urine_immunofixation": False})
    order = ids(assessment)
    assert order.index("nodal_antibodies") < order.index("vegf_plasma")
    nodal = entry(assessment, "nodal_antibodies")
    assert nodal is not None
    assert nodal.condition is None


def test_nodal_antibodies_wait_for_a_sign_of_theirs_in_a_patient_with_slowed_nerves() -> None:
    nodal = entry(of(CIDP), "nodal_antibodies")
    assert nodal is None or nodal.condition is not None


def test_the_last_test_is_last() -> None:
    assessment = assess(ordering(third={"last": True}), patient({}))
    assert ids(assessment) == ["cheap", "dear", "third"]


def test_a_joint_order_gives_what_both_give() -> None:
    assessment = assess(ordering(dear={"ordered_with": ["third"], "order_label": "both"}), patient({}))
    joint = next(test for test in assessment.tests if test.test == "dear")
    assert joint.with_tests == ("third",)
    assert [answer.finding for answer in joint.answers] == ["b", "c"]
    alone = next(
        test
        for test in assess(ordering(dear={"ordered_with": ["third"], "order_label": "both"}), patient({"b": False})).tests
        if test.test == "third"
    )
    assert alone.with_tests == ()
