"""What is asked next, what is not asked, and that no truthful answer before any test rules anything out."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.questions import from_record, interview, take
from poems_cli.engine.assess import Assessor
from poems_cli.engine.findings import resolve
from poems_cli.interview.clinician import ClinicianQuestions
from poems_cli.interview.patient import PatientQuestions
from poems_cli.interview.question import NAME, Question, needs_test, question_of
from poems_cli.interview.reading import Reader
from poems_cli.interview.sheet import Given, Sheet
from poems_cli.interview.words_typed import UNKNOWN
from poems_cli.model import Observed, Patient, Quantity, Rules
from poems_cli.rules.loading import load_rules

RULES = load_rules()
READER = Reader(RULES)
ASSESSOR = Assessor(RULES)
FIRST = 3  # a name, age and sex


def start(**known: Observed) -> ClinicianQuestions:
    return ClinicianQuestions(Sheet(RULES, Patient("p", dict(known), {})))


def ids(questions: ClinicianQuestions | PatientQuestions) -> list[str]:
    return [question.id for question in questions.remaining()]


def find(questions: ClinicianQuestions, finding: str) -> Question:
    """Answer "not known" until this finding is asked."""
    while (question := questions.next()) is not None and question.id != finding:
        take(questions, question, {})
    assert question is not None, f"{finding} was never asked"
    return question


def verdicts(sheet: Sheet) -> set[str]:
    return {result.verdict for result in sheet.assessment().criteria.values()}


# --- a clinician: order -----------------------------------------------------------------------------------------------


def test_age_sex_and_symptoms_come_before_all_else() -> None:
    assert ids(ClinicianQuestions(Sheet(RULES)))[:5] == [NAME, "age", "sex", "nerve_symptoms", "other_symptoms"]


def test_history_before_examination_before_blood_before_imaging_before_biopsy() -> None:
    stages = [question.stage or 0 for question in start().remaining()]
    assert stages == sorted(stages)
    assert len(set(stages)) > 3


def test_a_whole_is_asked_before_its_parts_and_with_them() -> None:
    questions = start()
    assert "organomegaly" in ids(questions)
    assert not {"hepatomegaly", "splenomegaly", "lymphadenopathy"} & set(ids(questions))
    question = next(question for question in questions.remaining() if question.id == "organomegaly")
    assert [item.finding.id for item in question.items] == ["hepatomegaly", "splenomegaly", "lymphadenopathy"]


# --- a clinician: wording ---------------------------------------------------------------------------------------------

#: "Kidney biopsy: was membranous nephropathy found?", not "Did a kidney biopsy show ...?".
NAMES_ITS_TEST = re.compile(r"(?!(?:Did|Do|Does|Has|Have|Had|Is|Are|Was|Were|Can|What|Which|How)\b)[A-Z0-9][^:?]*: \S.*\?")


def test_each_yes_or_no_question_names_the_test_or_examination_that_answers_it() -> None:
    """Otherwise a "no" could mean that it was not looked for."""
    asked = [question_of(RULES, finding).ask for finding in RULES.findings.values() if finding.kind == "boolean"]
    assert [words for words in asked if not NAMES_ITS_TEST.fullmatch(words)] == []


# --- a clinician: what is spared --------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{}, {"skin_changes": False}])
def test_not_known_and_denied_both_spare_the_parts(values: dict[str, Observed]) -> None:
    questions = start()
    question = next(question for question in questions.remaining() if question.id == "skin_changes")
    take(questions, question, values)
    assert not {item.finding.id for item in question.items} & set(ids(questions))


def test_some_of_them_asks_for_the_parts() -> None:
    questions = start()
    clone = find(questions, "monoclonal_plasma_cell_disorder")
    questions.sheet.answer(Given(clone.id, opened=("monoclonal_protein", "clonal_plasma_cells", "plasmacytoma")))
    assert "monoclonal_protein" in ids(questions)


def test_not_known_opens_no_new_question() -> None:
    questions = start()
    while (question := questions.next()) is not None:
        before = set(ids(questions))
        take(questions, question, {})
        assert set(ids(questions)) == before - {question.id}


def test_questions_that_change_no_verdict_are_asked_only_for_the_mimics() -> None:
    questions = start(
        polyneuropathy=False, monoclonal_plasma_cell_disorder=True, castleman_disease=False, amyloid_deposits=True
    )
    for question in questions.remaining():
        assert question.stage == 0
        take(questions, question, {})
    assert questions.next() is None
    questions.for_mimics = True
    question = questions.next()  # type: ignore[assignment]
    assert question.mimics
    assert not question.criteria


def test_a_number_settles_what_depends_on_it() -> None:
    questions = start(polyneuropathy=True, monoclonal_plasma_cell_disorder=True, vegf_elevated=True)
    question = find(questions, "serum_vegf")
    take(questions, question, {"serum_vegf": Quantity(2000, "pg/mL")})
    assert questions.sheet.assessment().criteria["mhlw"].levels[0].value is not False
    assert "serum_vegf" not in ids(questions)


# --- changing an answer -----------------------------------------------------------------------------------------------


def test_a_changed_answer_keeps_the_later_ones_and_opens_only_what_follows() -> None:
    questions = start()
    take(questions, find(questions, "polyneuropathy"), {"polyneuropathy": True})
    take(questions, find(questions, "organomegaly"), {"organomegaly": True})
    order = [answer.question for answer in questions.sheet.given]
    open_before = set(ids(questions))
    take(questions, questions.again("polyneuropathy"), {"sensorimotor_neuropathy": True})
    assert [answer.question for answer in questions.sheet.given] == order
    assert questions.sheet.patient().observed["organomegaly"] is True
    assert "polyneuropathy" not in questions.sheet.patient().observed
    assert questions.sheet.before("organomegaly") == order[order.index("organomegaly") - 1]
    assert set(ids(questions)) <= open_before


def test_an_answer_no_longer_asked_for_after_a_change_is_unreachable() -> None:
    questions = PatientQuestions(Sheet(RULES))
    gate = questions.again("looked_for")
    questions.sheet.answer(Given("looked_for", opened=("vegf_elevated",)))
    questions.sheet.answer(Given("vegf_elevated", {"vegf_elevated": False}))
    questions.sheet.answer(Given(gate.id))
    assert questions.unreachable() == ["vegf_elevated"]


# --- laws: unknown is never absent ------------------------------------------------------------------------------------

TESTED = [finding for finding in RULES.findings if needs_test(RULES, finding)]


def test_most_findings_need_a_test_and_no_symptom_does() -> None:
    assert {"polyneuropathy", "monoclonal_plasma_cell_disorder", "skin_changes", "papilledema", "ascites"} <= set(TESTED)
    assert not {"paresthesia", "weak_legs", "noticed_leg_swelling", "dyspnea", "fatigue"} & set(TESTED)


@pytest.mark.parametrize("word", sorted(UNKNOWN))
def test_not_done_leaves_every_finding_unknown(word: str) -> None:
    for finding in RULES.findings.values():
        reading = READER.read(question_of(RULES, finding), word.upper())
        assert (dict(reading.values), reading.wrong) == ({}, ""), finding.id


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_no_sequence_of_enter_and_not_done_makes_a_set_not_met(chance: random.Random) -> None:
    for questions in (ClinicianQuestions(Sheet(RULES)), PatientQuestions(Sheet(RULES))):
        while (question := questions.next()) is not None:
            reading = READER.read(question, chance.choice(["", "not done", "n/a", "unsure"]))
            questions.sheet.answer(Given(question.id, reading.values, reading.opened))
        assert verdicts(questions.sheet) == {"undetermined"}


def truthful_answer(chance: random.Random, question: Question) -> str:
    """What a patient may truly answer before any test: anything about symptoms, and that nothing was looked for."""
    if question.kind == "looked_for":
        return chance.choice(["n", "", "none", "not yet"])
    if question.kind == "options":
        return chance.choice(["", *map(str, range(1, len(question.options) + 1))])
    if question.kind == "quantity":
        return chance.choice(["", "54"])
    several = [f"{place} {chance.choice(['yes', 'no', 'not sure'])}" for place in range(1, len(question.items) + 1)]
    return chance.choice(["", "n", "all", ", ".join(several)])


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_no_honest_answer_before_any_test_settles_a_set(chance: random.Random) -> None:
    questions = PatientQuestions(Sheet(RULES))
    while (question := questions.next()) is not None:
        reading = READER.read(question, "" if question.kind == "name" else truthful_answer(chance, question))
        assert not reading.wrong
        questions.sheet.answer(Given(question.id, reading.values, reading.opened))
    assert verdicts(questions.sheet) == {"undetermined"}
    assert not [finding for finding in questions.sheet.patient().observed if needs_test(RULES, finding)]
    assert len(questions.sheet.given) <= 14


SYMPTOMS = [finding.id for finding in RULES.findings.values() if finding.group == "symptoms" and finding.kind == "boolean"]


@settings(max_examples=30)
@given(
    st.dictionaries(st.sampled_from(SYMPTOMS), st.booleans()),
    st.dictionaries(st.sampled_from(TESTED), st.booleans(), max_size=6),
)
def test_a_symptom_changes_no_verdict_and_no_finding_that_needs_a_test(
    symptoms: dict[str, bool], others: dict[str, bool]
) -> None:
    others = {finding: value for finding, value in others.items() if RULES.findings[finding].kind == "boolean"}
    without = ASSESSOR.assess(Patient("p", dict(others), {}))
    with_them = ASSESSOR.assess(Patient("p", {**others, **symptoms}, {}))
    assert [(result.verdict, result.level) for result in with_them.criteria.values()] == [
        (result.verdict, result.level) for result in without.criteria.values()
    ]
    for finding in TESTED:
        assert with_them.facts.values.get(finding) is without.facts.values.get(finding)


# --- the law: the questions lead where the whole record does ----------------------------------------------------------

FREE = [
    finding.id
    for finding in RULES.findings.values()
    if finding.kind == "boolean" and finding.definition is None and finding.id not in RULES.parts
]


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(FREE), st.booleans(), max_size=40))
def test_the_questions_lead_to_the_verdicts_of_the_whole_record(findings: dict[str, bool]) -> None:
    record = Patient("p", dict(findings), {})
    whole = ASSESSOR.assess(record)
    _, ended = interview(RULES, record)
    assert {result.id: (result.verdict, result.level) for result in ended.criteria.values()} == {
        result.id: (result.verdict, result.level) for result in whole.criteria.values()
    }


def test_the_order_of_the_answers_does_not_matter(rules: Rules) -> None:
    record: dict[str, Observed] = {"polyneuropathy": True, "acrocyanosis": True, "hepatomegaly": False, "light_chain": "lambda"}
    facts = resolve(rules, Patient("p", record, {}))
    chance = random.Random(5)
    ends = set()
    for _ in range(4):
        questions = ClinicianQuestions(Sheet(rules, Patient("p", {}, {})))
        while remaining := questions.remaining():
            question = chance.choice(remaining)
            take(questions, question, from_record(question, record, facts.values))
        ends.add(tuple((result.id, result.verdict, result.level) for result in questions.sheet.assessment().criteria.values()))
    assert len(ends) == 1
