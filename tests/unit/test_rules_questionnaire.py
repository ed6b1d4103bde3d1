"""The interview section of the rules: its faults are found, and rules without it still have an interview."""

import json
from pathlib import Path

import pytest

from tests.build import compile_text
from tests.cli.command import poems
from tests.unit.test_rules_files import GOOD

QUESTIONS = """\
questionnaire:
  patient:
    - {id: feet, ask: Which?, items: [{finding: swelling, words: swollen}]}
    - {id: kind, ask: Which?, after: [feet], options: [{words: one, says: {chain: kappa}}]}
  page:
    tests: [{tests: [blood_count], findings: [platelets], words: a count}]
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("finding: swelling", "finding: sweling", "unknown finding 'sweling'"),
        ("after: [feet]", "after: [kind]", "'kind' is not known"),
        ("chain: kappa", "chain: cappa", "'cappa' is not an answer to chain"),
        ("chain: kappa", "swelling: kappa", "'kappa' is not an answer to swelling"),
        ("items: [{finding: swelling, words: swollen}]", "help: None", "a question is answered in one way"),
        ("tests: [blood_count]", "tests: [blood]", "unknown test 'blood'"),
        ("  page:", "  pages:", "unknown key 'pages'"),
    ],
)
def test_each_fault_of_the_questionnaire_is_named(old: str, new: str, message: str) -> None:
    assert compile_text(GOOD + QUESTIONS)[1] == ()
    problems = compile_text(GOOD + QUESTIONS.replace(old, new))[1]
    assert [message in problem.message for problem in problems] == [True], "\n".join(map(str, problems))


@pytest.mark.parametrize("questions", ["", QUESTIONS])
def test_other_rules_can_be_asked_too(questions: str, tmp_path: Path) -> None:
    (tmp_path / "poems.yaml").write_text(GOOD + questions, encoding="utf-8")
    options = ("--rules", "poems.yaml", "--save", "mine.json")
    ran = poems("check", "--ask", "-f", "json", *options, folder=tmp_path, stdin="p7\ny\n1\n")
    assert ran.code == 0, ran.err
    assert json.loads((tmp_path / "mine.json").read_text())["findings"]["clone"] is True
    page = poems("check", "--ask", "--for", "patient", "--rules", "poems.yaml", "--save", "/dev/null", folder=tmp_path)
    if questions:
        assert page.code == 0, page.err
        assert "Nothing here rules a disease in or out" in page.out
    else:
        assert (page.code, page.out) == (2, "")
        assert "these rules have no questions in plain words" in page.err
