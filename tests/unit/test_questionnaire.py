"""What is asked next, what is spared, and that the questions lead where the whole record does."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from poems_cli.questionnaire import Questionnaire

from bench.questions import from_record, interview
from poems_cli.assess import Assessor
from poems_cli.model import Observed, Patient, Quantity, Rules
from poems_cli.resolve import resolve
from poems_cli.rules import load_rules

RULES = load_rules()
ASSESSOR = Assessor(RULES)


def start(audience: str = "clinician", **known: Observed) -> Questionnaire:
    return Questionnaire(RULES, audience, Patient("p", dict(known), {}))  # type: ignore[arg-type]


def ids(questionnaire: Questionnaire) -> list[str]:
    return [one.finding.id for one in questionnaire.remaining()]


def find(questionnaire: Questionnaire, finding: str) -> None:
    """Answer "don't know" until this finding is asked."""
    while (question := questionnaire.next()) is not None and question.finding.id != finding:
        questionnaire.answer(question, {})
    assert question is not None, f"{finding} was never asked"


# --- order ------------------------------------------------------------------------------------------------------------


def test_history_before_examination_before_blood_before_imaging_before_biopsy() -> None:
    stages = [one.stage for one in start().remaining()]
    assert stages == sorted(stages)
    assert len(set(stages)) > 3


def test_a_whole_is_asked_before_its_parts_and_with_them() -> None:
    questionnaire = start()
    remaining = ids(questionnaire)
    assert "organomegaly" in remaining
    assert not {"hepatomegaly", "splenomegaly", "lymphadenopathy"} & set(remaining)
    question = next(one for one in questionnaire.remaining() if one.finding.id == "organomegaly")
    assert [one.id for one in question.parts] == ["hepatomegaly", "splenomegaly", "lymphadenopathy"]


# --- what is spared ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{}, {"skin_changes": False}])
def test_not_known_and_denied_both_spare_the_parts(values: dict[str, Observed]) -> None:
    questionnaire = start()
    question = next(one for one in questionnaire.remaining() if one.finding.id == "skin_changes")
    questionnaire.answer(question, values)
    parts = {one.id for one in question.parts}
    assert not parts & set(ids(questionnaire))


def test_not_known_opens_no_new_question() -> None:
    questionnaire = start()
    while (question := questionnaire.next()) is not None:
        before = set(ids(questionnaire))
        questionnaire.answer(question, {})
        assert set(ids(questionnaire)) == before - {question.finding.id}


def test_what_can_change_no_verdict_is_never_asked() -> None:
    met = {"polyneuropathy", "monoclonal_plasma_cell_disorder", "castleman_disease", "sclerotic_bone_lesion"}
    known: dict[str, Observed] = dict.fromkeys(met, True)
    decisive = {one.finding for one in ASSESSOR.assess(Patient("p", known, {})).decisive_unknowns}
    for question in start(**known).remaining():
        covered = {question.finding.id, *(one.id for one in question.parts)}
        assert covered & decisive


def test_when_nothing_can_change_it_asks_nothing_but_the_mimics_if_wanted() -> None:
    known: dict[str, Observed] = {
        "polyneuropathy": False,
        "monoclonal_plasma_cell_disorder": True,
        "castleman_disease": False,
        "amyloid_deposits": True,
    }
    questionnaire = start(**known)
    assert questionnaire.next() is None
    questionnaire.for_mimics = True
    question = questionnaire.next()
    assert question is not None
    assert question.mimics
    assert not question.criteria


def test_a_patient_is_asked_only_what_a_patient_can_know() -> None:
    allowed = set(RULES.questionnaire["patient"])
    questionnaire = start("patient")
    while (question := questionnaire.next()) is not None:
        assert {question.finding.id, *(one.id for one in question.parts)} <= allowed
        questionnaire.answer(question, {question.finding.id: True} if question.finding.kind == "boolean" else {})


# --- back -------------------------------------------------------------------------------------------------------------


def test_back_takes_the_answer_back_with_all_that_followed() -> None:
    questionnaire = start()
    question = questionnaire.next()
    assert question is not None
    before = ids(questionnaire)
    questionnaire.answer(question, {question.finding.id: False})
    assert ids(questionnaire) != before
    assert questionnaire.back() == question.finding.id
    assert ids(questionnaire) == before
    assert questionnaire.again(question.finding.id).finding == question.finding
    assert questionnaire.back() is None


def test_an_answer_of_a_number_settles_what_hangs_on_it() -> None:
    questionnaire = start(polyneuropathy=True, monoclonal_plasma_cell_disorder=True, vegf_elevated=True)
    find(questionnaire, "serum_vegf")
    question = questionnaire.next()
    assert question is not None
    questionnaire.answer(question, {"serum_vegf": Quantity(2000, "pg/mL")})
    assert questionnaire.assessment().criteria["mhlw"].levels[0].value is not False
    assert "serum_vegf" not in ids(questionnaire)


# --- the law: the questions lead where the whole record does ----------------------------------------------------------

FREE = [
    finding.id
    for finding in RULES.findings.values()
    if finding.kind == "boolean" and finding.definition is None and finding.id not in RULES.parts
]


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(FREE), st.booleans(), max_size=40))
def test_the_questions_lead_to_the_verdicts_of_the_whole_record(findings: dict[str, bool]) -> None:
    record = Patient("p", dict(findings), {})
    whole = ASSESSOR.assess(record)
    _, ended = interview(RULES, record)
    assert {one.id: (one.verdict, one.level) for one in ended.criteria.values()} == {
        one.id: (one.verdict, one.level) for one in whole.criteria.values()
    }


def test_the_order_of_the_answers_is_no_matter(rules: Rules) -> None:
    record: dict[str, Observed] = {"polyneuropathy": True, "acrocyanosis": True, "hepatomegaly": False, "light_chain": "lambda"}
    facts = resolve(rules, Patient("p", record, {}))
    chance = random.Random(5)
    ends = set()
    for _ in range(4):
        questionnaire = Questionnaire(rules)
        while remaining := questionnaire.remaining():
            question = chance.choice(remaining)
            questionnaire.answer(question, from_record(question, record, facts.values))
        criteria = questionnaire.assessment().criteria.values()
        ends.add(tuple((one.id, one.verdict, one.level) for one in criteria))
    assert len(ends) == 1
