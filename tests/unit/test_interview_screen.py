"""The layout of the interview, and what a patient's page shows and does not show."""

import re
from io import StringIO
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poems_cli.interview.clinician import ClinicianQuestions
from poems_cli.interview.patient import PatientQuestions
from poems_cli.interview.patient_page import page_text, patient_page
from poems_cli.interview.question import Audience
from poems_cli.interview.screen import Screen
from poems_cli.interview.sheet import Given, Sheet
from poems_cli.interview.wording import Wording
from poems_cli.model import Patient
from poems_cli.rules.loading import load_rules

RULES = load_rules()
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def _is_long(finding: str) -> bool:
    return finding in RULES.parts or RULES.findings[finding].kind != "boolean"


class Terminal(StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


def questions_for(audience: Audience, sheet: Sheet) -> ClinicianQuestions | PatientQuestions:
    return ClinicianQuestions(sheet) if audience == "clinician" else PatientQuestions(sheet)


def every_screen(audience: Audience, terminal: Terminal, *, plain: bool = False) -> list[str]:
    """Each question that an interview can ask, as it is shown."""
    sheet, wording = Sheet(RULES), Wording(RULES, audience)
    questions = questions_for(audience, sheet)
    possible = {question.id: question for question in questions.remaining()}
    if audience == "clinician":
        possible |= {finding: questions.again(finding) for finding in RULES.findings if _is_long(finding)}
    screens = []
    for question in possible.values():
        terminal.truncate(0)
        terminal.seek(0)
        screen = Screen(terminal, plain=plain)
        screen.note("Understood: yes: one; two.")
        screen.ask(wording.view(question, 3, 2, 30, None), wording.strip(sheet), wording.typed())
        screens.append(ESCAPES.sub("", terminal.getvalue()))
    return screens


@pytest.mark.parametrize("audience", ["clinician", "patient"])
@pytest.mark.parametrize(("columns", "term"), [("80", "xterm"), ("100", "xterm"), ("80", "dumb")])
def test_every_question_fits_on_a_screen_with_its_strip(
    audience: Audience, columns: str, term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", term)
    for screen in every_screen(audience, Terminal()):
        lines = screen.split("\n")
        assert len(lines) <= 24, screen
        assert max(map(len, lines)) <= int(columns), screen
        assert lines[-1] == "> "


@pytest.mark.parametrize("audience", ["clinician", "patient"])
def test_plain_has_words_and_no_strip_signs_or_boxes(audience: Audience, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for screen in every_screen(audience, Terminal(), plain=True):
        assert "Question 3 of at most 32" in screen
        assert not re.search(r"[\u2500-\u259f|]|[A-Z]:?[+?] |##", screen), screen


def test_a_patients_strip_is_in_plain_words() -> None:
    sheet = Sheet(RULES)
    sheet.answer(Given("feet_and_hands", {"paresthesia": True}))
    strip = {sign.name: sign.words for sign in Wording(RULES, "patient").strip(sheet)}
    assert (strip["Feet, hands"], strip["Blood protein"]) == ("yes", "not tested")


# --- the page ---------------------------------------------------------------------------------------------------------

#: What a patient never reads: verdicts, points, how long one lives, drugs, and the names of other diseases that are looked for.
NEVER = re.compile(
    r"\b(met|undetermined|points?|hazard|survival|mortality|die|dies|died|fatal|weeks to live|steroids?|immunoglobulins?|"
    r"thalidomide|lenalidomide|bortezomib|melphalan|dexamethasone|IVIG|chemotherapy|amyloidosis|TAFRO|lymphoma|myeloma|score)\b",
    re.IGNORECASE,
)
PATIENTS = sorted({*chain.from_iterable(question.covers for question in PatientQuestions(Sheet(RULES)).remaining())})
BOOLEANS = [finding for finding in PATIENTS if RULES.findings[finding].kind == "boolean"]


def page(**findings: bool) -> str:
    sheet = Sheet(RULES, Patient("me", dict(findings), {}))
    return "\n".join(
        line for line, _ in page_text(RULES.title, patient_page(RULES, sheet, Wording(RULES, "patient").names), None)
    )


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(BOOLEANS), st.booleans()))
def test_no_page_has_words_that_a_patient_should_not_read(findings: dict[str, bool]) -> None:
    text = page(**findings)
    assert NEVER.findall(text) == []
    assert "Nothing here rules a disease in or out" in text
    assert "When to seek help at once" in text
    assert "Begin with your family doctor" in text


def test_all_no_ends_in_the_same_page_and_never_in_an_all_clear() -> None:
    text = page(**dict.fromkeys(BOOLEANS, False))
    assert "That does not exclude it, or anything else" in text
    assert "come back with the results" in text
    assert "numbness, tingling, or pins and needles" in text.split("What it fits with")[0]


def test_what_is_open_is_a_list_of_tests_with_their_doctors() -> None:
    text = page(paresthesia=True, weak_legs=True)
    assert "Begin with your family doctor, and ask to be sent to a nerve doctor (neurologist)." in text
    assert "by immunofixation (the simpler electrophoresis is not enough): a blood doctor (hematologist)" in text
    assert "VEGF" not in page(vegf_elevated=True).split("What is not known yet")[1]


def test_no_question_to_a_patient_names_what_the_page_does_not() -> None:
    sheet = Sheet(RULES)
    questions, wording = PatientQuestions(sheet), Wording(RULES, "patient")
    for question in questions.remaining():
        view = wording.view(question, 1, 0, 1, None)
        texts = [view.ask, *view.choices, *view.notes, *wording.help(question), *[" ".join(texts) for texts in view.answers]]
        assert NEVER.findall(" ".join(texts)) == [], question.id
