"""Where patients come from, and which forms they may have."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.command import MET, MODULE, NOT_MET, OPEN, on_terminal, poems

SEVERAL = [MET, NOT_MET, OPEN]
FORMS = {
    "array.json": json.dumps(SEVERAL),
    "indented.json": json.dumps(SEVERAL, indent=2),
    "lines.jsonl": "\n".join(map(json.dumps, SEVERAL)),
    "list.yaml": yaml.safe_dump(SEVERAL),
    "documents.yml": yaml.safe_dump_all(SEVERAL),
}
ONE = {
    "one.json": json.dumps(OPEN, indent=1),
    "flat.json": '{"id": "open", "polyneuropathy": true}',
    "one.yaml": "id: open\nfindings: {polyneuropathy: yes}\n",
    "flat.yaml": "id: open\npolyneuropathy: present\n",
    "no-suffix": json.dumps(OPEN),
}


def verdicts(answers: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(answer["patient"]["id"], answer["verdict"]) for answer in answers]  # type: ignore[index]


EXPECTED = [("met", "met"), ("not-met", "not met"), ("open", "undetermined")]


@pytest.mark.parametrize("name", FORMS)
def test_several_patients_in_one_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FORMS[name])
    ran = poems("check", name, "--format", "json", folder=tmp_path)
    assert (ran.code, ran.err, verdicts(ran.answers)) == (0, "", EXPECTED)


@pytest.mark.parametrize("name", ONE)
def test_one_patient_in_a_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(ONE[name])
    ran = poems("check", name, "--format", "json", folder=tmp_path)
    assert (ran.code, ran.err, verdicts(ran.answers)) == (0, "", EXPECTED[2:])


@pytest.mark.parametrize("arguments", [("-",), ()])
@pytest.mark.parametrize("text", [FORMS["lines.jsonl"], FORMS["indented.json"], FORMS["list.yaml"]])
def test_standard_input(arguments: tuple[str, ...], text: str, tmp_path: Path) -> None:
    ran = poems("check", *arguments, "--format", "json", folder=tmp_path, stdin=text)
    assert (ran.code, ran.err, verdicts(ran.answers)) == (0, "", EXPECTED)


def test_several_files_and_standard_input_in_the_order_given(folder: Path) -> None:
    ran = poems("check", "open.json", "-", "met.json", "--format", "json", folder=folder, stdin=json.dumps(NOT_MET))
    assert (ran.code, ran.err, verdicts(ran.answers)) == (0, "", [EXPECTED[2], EXPECTED[1], EXPECTED[0]])


def test_where_questions_would_not_be_seen_it_says_how_to_give_findings(tmp_path: Path) -> None:
    """A terminal to type at, but the questions go to a file."""
    code, _ = on_terminal("-c", 'exec "$@" 2> questions', "sh", *MODULE, "check", folder=tmp_path, program=("sh",))
    hint = (tmp_path / "questions").read_text()
    assert code == 2
    assert "poems template > patient.json" in hint
    assert "poems check --ask asks for them" in hint
    assert max(map(len, hint.splitlines())) <= 80


def test_without_any_standard_input_it_says_how_to_give_findings(tmp_path: Path) -> None:
    ran = poems("-c", 'exec "$@" <&-', "sh", *MODULE, "check", folder=tmp_path, program=("sh",))
    assert (ran.code, ran.out) == (2, "")
    assert "poems template > patient.json" in ran.err


def test_a_closed_standard_input_that_is_asked_for_is_empty(tmp_path: Path) -> None:
    for more in (["--format", "json"], []):
        ran = poems("-c", 'exec "$@" <&-', "sh", *MODULE, "check", "-", *more, folder=tmp_path, program=("sh",))
        assert (ran.code, ran.out) == (11, "")
        assert ran.err.startswith("poems: standard input: there is nothing in it; ")
