"""The rules of another disease (examples/): everything works, and no output mentions POEMS."""

import json
from pathlib import Path

import pytest

from tests.cli.command import ROOT, poems

SCHNITZLER = str(ROOT / "examples" / "schnitzler")
PATIENT = str(ROOT / "examples" / "schnitzler" / "patient.json")


def test_its_rules_are_sound_and_its_examples_pass(folder: Path) -> None:
    ran = poems("rules", "lint", SCHNITZLER, folder=folder)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("schnitzler ")
    ran = poems("rules", "test", "--rules", SCHNITZLER, folder=folder)
    assert ran.code == 0, ran.out
    assert ran.out.endswith(", 0 failed\n")


def test_a_patient_is_answered_by_its_criteria(folder: Path) -> None:
    ran = poems("check", "--rules", SCHNITZLER, PATIENT, "--format", "json", folder=folder)
    [answer] = ran.answers
    assert (ran.code, ran.err) == (0, "")
    assert answer["rules"]["id"] == "schnitzler"
    strasbourg = answer["criteria"]["strasbourg"]
    assert (strasbourg["verdict"], strasbourg["level"]) == ("met", "probable")
    assert answer["tests"], "a higher level is still open, so there is something to order"


@pytest.mark.parametrize(
    "command",
    [
        *(f"check {PATIENT} -f {form}" for form in ("table", "table --explain", "json", "note", "svg")),
        *(f"check {PATIENT} -f {form} --explain --all-mimics" for form in ("markdown", "html")),
        "check --answers answers.txt",
        *(
            f"explain {topic}"
            for topic in ("schnitzler", "topics", "words", "mimics", "mimic", "red flag", "outcome", "simon-2013")
        ),
        "rules show",
        "rules show --html",
        "template",
        "schema input",
        "schema output",
        "screen ward.csv -o - --report report.html",
        "sql --findings urticarial_rash,c_reactive_protein",
    ],
)
def test_no_output_mentions_poems(command: str, folder: Path) -> None:
    (folder / "answers.txt").write_text("urticarial_rash: yes\nrecurrent_fever: no\n")
    (folder / "ward.csv").write_text("id,chronic urticarial rash,CRP (mg/L),monoclonal protein\na,yes,50,IgM\nb,no,,\n")
    ran = poems(*command.replace("red flag", "red-flags").split(), "--rules", SCHNITZLER, folder=folder)
    assert ran.code == 0, ran.err
    report = folder / "report.html"
    output = ran.out + ran.err + (report.read_text() if report.exists() else "")
    assert "Schnitzler" in output or command.startswith(("explain", "template", "sql", "schema", "screen"))
    for word in ("POEMS", "syndrome poems", "VEGF", "Mayo", "polyneuropathy", "Crow-Fukase"):
        assert word not in output


def test_a_question_names_the_disease_and_a_patient_is_not_asked_without_questions(folder: Path) -> None:
    ran = poems("check", "--ask", "--rules", SCHNITZLER, "--save", "a.json", stdin="p1\ny\nn\nn\n", folder=folder)
    message = " ".join(ran.err.split())
    assert "criteria for Schnitzler syndrome are met" in message
    assert f"to go on: poems check --rules {SCHNITZLER} --resume --save a.json" in message
    assert "POEMS" not in ran.err + ran.out
    ran = poems("check", "--ask", "--for", "patient", "--rules", SCHNITZLER, folder=folder)
    assert (ran.code, ran.err) == (
        2,
        "poems: --for: these rules have no questions in plain words; leave it out, or add patient: under questionnaire:\n",
    )


def test_a_table_has_the_same_answers_from_every_engine(folder: Path) -> None:
    rows = ["id,urticarial_rash,monoclonal_protein,recurrent_fever,CRP (mg/L)"]
    rows += [
        f"{number},{rash},{protein},{fever},{crp}"
        for number, (rash, protein, fever, crp) in enumerate(
            (rash, protein, fever, crp)
            for rash in ("yes", "no", "")
            for protein in ("IgM", "IgG", "none", "")
            for fever in ("yes", "")
            for crp in ("12", "45", "")
        )
    ]
    (folder / "ward.csv").write_text("\n".join(rows) + "\n")
    screened = poems(
        "screen",
        "ward.csv",
        "-q",
        "-o",
        "-",
        "--columns",
        "id,strasbourg,strasbourg_level",
        "--rules",
        SCHNITZLER,
        folder=folder,
    )
    answered = [line.split(",") for line in screened.out.splitlines()[1:]]
    (folder / "ward.jsonl").write_text("".join(_patient(row) + "\n" for row in rows[1:]))
    checked = poems("check", "ward.jsonl", "-f", "json", "--rules", SCHNITZLER, folder=folder).answers
    sets = [answer["criteria"]["strasbourg"] for answer in checked]
    assert [row[1:] for row in answered] == [[result["verdict"], result["level"] or ""] for result in sets]


def _patient(row: str) -> str:
    identity, rash, protein, fever, crp = row.split(",")
    truths = {"yes": True, "no": False, "": None}
    findings = {"urticarial_rash": truths[rash], "monoclonal_protein": protein or None, "recurrent_fever": truths[fever]}
    return json.dumps(
        {"id": identity, "findings": {**findings, "c_reactive_protein": {"value": float(crp), "unit": "mg/L"} if crp else None}}
    )
