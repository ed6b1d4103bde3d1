"""Urgent findings, described syndromes, common causes, and that no finding suggests a disease, as run."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import ROOT, Ran, poems

CRISIS: dict[str, Any] = {"hyponatremia": True, "hyperkalemia": True, "hypotension": True, "hyperpigmentation": True}
WITHOUT_CLONE: dict[str, Any] = {
    "polyneuropathy": True,
    "monoclonal_plasma_cell_disorder": False,
    "serum_vegf": "4998 pg/mL",
    "splenomegaly": True,
    "peripheral_edema": True,
}


def check(record: dict[str, Any], *arguments: str, folder: Path) -> Ran:
    ran = poems("check", "-", *arguments, stdin=json.dumps(record), folder=folder, COLUMNS="80")
    assert (ran.code, ran.err) == (0, "")
    return ran


@pytest.mark.parametrize(
    ("arguments", "before"),
    [
        ((), "Criterion"),
        (("--plain",), "Criterion"),
        (("--explain",), "polyneuropathy: unknown"),
        (("-f", "markdown"), "## Conditions"),
        (("-f", "note"), "Found:"),
        (("-f", "json"), '"criteria"'),
        (("-f", "json", "--brief"), '"criteria"'),
    ],
)
def test_what_is_urgent_comes_before_the_criteria(arguments: tuple[str, ...], before: str, tmp_path: Path) -> None:
    output = check(CRISIS, *arguments, folder=tmp_path).out
    assert "drenal" in output.partition(before)[0]
    assert output.casefold().index("urgent") < output.index(before)


def test_it_is_one_line_at_80_columns_with_its_mark(tmp_path: Path) -> None:
    every = {"adrenal_insufficiency", "spinal_cord_signs", "plasmacytoma", "low_vitamin_b12", "papilledema", "headache"}
    every |= {"hyperviscosity", "respiratory_muscle_weakness", "rapid_limb_weakness", "areflexia", "skin_thickening"}
    every |= {"severe_hypertension", "stroke", "thrombosis", "cirrhosis", "ascites", "fever", "thiamine_low"}
    lines = check(dict.fromkeys(sorted(every), True), folder=tmp_path).out.splitlines()
    urgent = [number for number, line in enumerate(lines) if line.startswith("! Urgent: ")]
    assert urgent == list(range(2, 15))
    assert all(lines[number].endswith("]") for number in urgent)


def test_the_urgency_of_a_mimic_is_shown_only_once(tmp_path: Path) -> None:
    assert "! Addison disease:" not in check(CRISIS, folder=tmp_path).out
    assert "! Addison disease:" in check({"mucosal_pigmentation": True, "hyperpigmentation": True}, folder=tmp_path).out


def test_what_is_unknown_or_absent_is_never_urgent(tmp_path: Path) -> None:
    [answer] = check({"polyneuropathy": True, "adrenal_insufficiency": None}, "-f", "json", folder=tmp_path).answers
    assert answer["urgent"] == []
    [answer] = check({"spinal_cord_signs": False, "stroke": False}, "-f", "json", folder=tmp_path).answers
    assert answer["urgent"] == []


def test_poems_without_a_clone_is_named_and_stays_not_met(tmp_path: Path) -> None:
    [answer] = check(WITHOUT_CLONE, "-f", "json", folder=tmp_path).answers
    assert (answer["verdict"], answer["outcome"]["id"]) == ("not met", "poems_without_clone")
    assert answer["outcome"]["source"] in answer["sources"]
    for arguments in ((), ("--plain",), ("--explain",), ("-f", "markdown"), ("-f", "note")):
        output = check(WITHOUT_CLONE, *arguments, folder=tmp_path).out
        assert "without a detectable clone" in output
        assert "NOT MET" in output
    [answer] = check({**WITHOUT_CLONE, "monoclonal_plasma_cell_disorder": None}, "-f", "json", folder=tmp_path).answers
    assert answer["outcome"] is None


def test_a_neuropathy_alone_has_its_common_causes_named(tmp_path: Path) -> None:
    output = " ".join(check({"polyneuropathy": True}, folder=tmp_path).out.split())
    for cause in ("diabetes (HbA1c)", "thyroid (TSH)", "lack of B12", "alcohol or drugs (history)", "hereditary (family"):
        assert cause in output
    [answer] = check({"polyneuropathy": True, "diabetes_mellitus": True}, "-f", "json", folder=tmp_path).answers
    causes = {cause["mimic"]: cause["test"] for cause in answer["common_causes"]}
    assert causes["vitamin_b12_deficiency"] == "vitamin_b12"
    assert "diabetic_polyneuropathy" not in causes  # diabetes was looked for, so it is assessed
    assert "Common causes" not in check({"ascites": True}, folder=tmp_path).out


def test_it_is_reported_when_no_finding_suggests_a_disease(tmp_path: Path) -> None:
    output = " ".join(check({"hiv": True}, folder=tmp_path).out.split())
    assert "Nothing that is known calls for POEMS or for another disease; none is excluded by that." in output
    assert "Nothing that is known" not in check({"macrocytosis": True}, folder=tmp_path).out
    assert "Nothing that is known" in check({"hiv": True}, "--explain", folder=tmp_path).out


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('    short: "hyperviscosity', '    brief: "hyperviscosity', "short is missing"),
        ("mimics: [addison_disease]", "mimics: [adison_disease]", "unknown mimic 'adison_disease'"),
        (
            '    urgent: true\n    short: "hyperviscosity',
            '    urgent: maybe\n    short: "hyperviscosity',
            "urgent is true or left out",
        ),
    ],
)
def test_a_fault_in_what_is_urgent_is_refused(right: str, wrong: str, message: str, tmp_path: Path) -> None:
    for file in (ROOT / "rules").glob("*.yaml"):
        text = file.read_text()
        (tmp_path / file.name).write_text(text.replace(right, wrong) if file.name == "urgent.yaml" else text)
    ran = poems("rules", "lint", str(tmp_path), folder=tmp_path)
    assert ran.code == 10
    assert message in ran.out
