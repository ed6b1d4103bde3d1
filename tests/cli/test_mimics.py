"""The mimics on the command line, as a person and a script see them."""

import json
from pathlib import Path
from typing import Any

import jsonschema

from tests.cli.command import Ran, poems

AL: dict[str, Any] = {
    "polyneuropathy": True,
    "light_chain": "lambda",
    "autonomic_dysfunction": True,
    "proteinuria": True,
    "peripheral_edema": True,
    "severe_leg_pain": True,
}


def ask(record: dict[str, Any], *arguments: str, folder: Path) -> Ran:
    return poems("check", "-", *arguments, stdin=json.dumps(record), folder=folder)


def answer(record: dict[str, Any], *arguments: str, folder: Path) -> dict[str, Any]:
    ran = ask(record, "--format", "json", *arguments, folder=folder)
    assert (ran.code, ran.err) == (0, "")
    assessment: dict[str, Any] = ran.answers[0]
    return assessment


def mimic(assessment: dict[str, Any], mimic_id: str) -> dict[str, Any]:
    row: dict[str, Any] = next(row for row in assessment["mimics"] if row["id"] == mimic_id)
    return row


def test_json_ranks_every_mimic_and_the_syndrome(folder: Path) -> None:
    assessment = answer(AL, folder=folder)
    assert len(assessment["mimics"]) == 57
    places = sorted([assessment["syndrome"]["place"], *(row["place"] for row in assessment["mimics"])])
    assert places == list(range(1, 59))
    al = mimic(assessment, "al_amyloidosis")
    assert (assessment["mimics"][0], al["status"], al["urgent"]) == (al, "consider", True)
    assert "severe_leg_pain" not in al["unexplained"]
    assert al["criteria"]["al-imwg"]["verdict"] == "undetermined"
    assert {unknown["finding"] for unknown in al["settled_by"]["open"]} >= {"amyloid_deposits"}
    for item in (*al["for"], *al["against"]):
        assert item["reason"]
        assert item.get("source") or item.get("read") or item.get("default")


def test_mimics_not_to_consider_are_only_ranked_with_all_mimics(folder: Path) -> None:
    assert mimic(answer(AL, folder=folder), "egpa").keys() == {"id", "status", "evidence", "place"}
    every = mimic(answer(AL, "--all-mimics", folder=folder), "egpa")
    assert {"for", "against", "settled_by", "reason"} <= every.keys()
    assert list(every["criteria"]) == ["egpa-acr-eular-2022"]


def test_the_answer_fits_its_schema_with_a_label_and_an_outlook(folder: Path) -> None:
    schema = json.loads(poems("schema", "output", folder=folder).out)
    met = {"polyneuropathy": True, "light_chain": "lambda", "vegf_elevated": True, "papilledema": True, "egfr": 25}
    for record in ({"label": "cidp", "findings": AL}, {"id": "x", **met}):
        jsonschema.validate(answer(record, folder=folder), schema)


def test_a_label_brings_red_flags_by_any_name(folder: Path) -> None:
    for label in ("cidp", "CIDP", "chronic inflammatory demyelinating polyradiculoneuropathy", "suspected CIDP"):
        flags = answer({"label": label, "findings": AL}, folder=folder)["red_flags"]
        assert flags["label"] == "cidp"
        assert "severe_leg_pain" in {flag["id"] for flag in flags["present"]}
        assert "papilledema" in {flag["id"] for flag in flags["unknown"]}
    assert answer({"findings": {**AL, "diagnosis_label": "cidp"}}, folder=folder)["red_flags"]["label"] == "cidp"
    assert answer({**AL, "label": "cidp"}, folder=folder)["red_flags"]["label"] == "cidp"
    assert answer(AL, folder=folder)["red_flags"] is None


def test_an_unknown_label_is_reported_and_loses_nothing(folder: Path) -> None:
    ran = ask({"label": "fibromyalgia", "findings": AL}, folder=folder)
    assert ran.code == 0
    assert "The record's label is none of the diagnoses known here" in ran.out
    assert "fibromyalgia" not in ran.out + ran.err


def test_a_label_that_contradicts_the_finding_is_refused(folder: Path) -> None:
    ran = ask({"label": "gbs", "findings": {"diagnosis_label": "cidp"}}, folder=folder)
    assert ran.code == 11
    assert "the label and the finding 'diagnosis_label' differ" in ran.err


def test_the_screen_shows_the_first_mimics_and_says_how_many_more(folder: Path) -> None:
    section = ask(AL, folder=folder).out.split("To rule out")[1]
    assert "POEMS syndrome" in section
    assert "! AL amyloidosis" in section
    assert ": --all-mimics" in section
    every = ask(AL, "--all-mimics", folder=folder).out.split("To rule out")[1]
    for name in ("EGPA", "Scleromyxedema", "TAFRO syndrome"):
        assert name in every


def test_markdown_has_the_same_content(folder: Path) -> None:
    page = ask(AL, "--format", "markdown", folder=folder).out
    assert "## What else it could be" in page
    assert "AL amyloidosis (!)" in page
    explained = ask(AL, "--format", "markdown", "--explain", folder=folder).out
    assert "+2.8, 95 % against half: lambda in over 95 % [poems-biclonal]" in explained


def test_the_outlook_is_shown_only_when_the_criteria_are_met(folder: Path) -> None:
    met = {"polyneuropathy": True, "light_chain": "lambda", "vegf_elevated": True, "papilledema": True, "egfr": 25}
    assert "Outlook: eGFR under 30." in ask(met, folder=folder).out
    assert "eGFR under 30: hazard ratio 8.25" in ask(met, "--explain", folder=folder).out
    assert "Outlook" not in ask(AL, folder=folder).out


def test_explain_finds_a_mimic_by_any_of_its_names(folder: Path) -> None:
    for name, words in (
        ("cidp", ["7 %, study", "seldom, ours"]),
        ("Churg-Strauss syndrome", ["EGPA"]),
        ("poems", ["76 %, study"]),
        ("egpa-acr-eular-2022", ["-3: PR3-ANCA"]),
    ):
        ran = poems("explain", name, folder=folder)
        assert (ran.code, ran.err) == (0, "")
        assert [word for word in words if word not in ran.out] == []
