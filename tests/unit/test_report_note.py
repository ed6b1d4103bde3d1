"""The note for the medical record: short, complete, and never more certain than the record."""

import re
from typing import Any

import pytest

from poems_cli.engine.assess import Assessor
from poems_cli.model import Assessment, Given, Patient, Quantity, Rules
from poems_cli.report.names import finding_name
from poems_cli.report.note import LONGEST, to_note

NEUROPATHY = {"polyneuropathy": True, "demyelinating_neuropathy": True}
CLONE = {**NEUROPATHY, "monoclonal_plasma_cell_disorder": True, "skin_changes": True}
PATIENTS: dict[str, dict[str, Any]] = {
    "empty": {},
    "open": {**NEUROPATHY, "white_nails": False, "serum_protein_electrophoresis": False},
    "met": {**CLONE, "castleman_disease": True, "papilledema": True},
    "not met": {"polyneuropathy": False},
    "all absent": dict.fromkeys(
        ("polyneuropathy", "monoclonal_plasma_cell_disorder", "castleman_disease", "skin_changes", "papilledema"), False
    ),
    "gray": {**CLONE, "serum_vegf": Quantity(1500, "pg/mL")},
    "contradictory": {"skin_changes": False, "white_nails": True, "polyneuropathy": True},
    "contradictory in much": {"skin_changes": True, "organomegaly": False, "splenomegaly": True, "ascites": True}
    | {"extravascular_volume_overload": False, "vegf_elevated": False, "plasma_vegf": Quantity(350, "pg/mL")},
    "much": {**CLONE, "ascites": True, "pleural_effusion": True, "papilledema": True, "weight_loss": True, "fever": True}
    | {"light_chain": "lambda", "age": Quantity(52, "a"), "sex": "male", "platelets": Quantity(512, "10*9/L")},
}


def assessed(rules: Rules, findings: dict[str, Any], *criteria: str, patient_id: str = "p1") -> Assessment:
    return Assessor(rules, criteria).assess(Patient(patient_id, findings, {}))


def lines_of(rules: Rules, findings: dict[str, Any], *criteria: str) -> dict[str, str]:
    """The lines by how they begin."""
    return {line.partition(": ")[0]: line for line in to_note(rules, assessed(rules, findings, *criteria)).splitlines()}


@pytest.mark.parametrize("criteria", [(), ("mhlw",), ("castleman-variant", "mayo")])
@pytest.mark.parametrize("name", PATIENTS)
def test_it_has_five_to_eight_short_lines(rules: Rules, name: str, criteria: tuple[str, ...]) -> None:
    lines = to_note(rules, assessed(rules, PATIENTS[name], *criteria)).splitlines()
    assert 5 <= len(lines) <= 8
    assert all(line.endswith(".") and line.isascii() and len(line) <= LONGEST for line in lines)
    assert rules.identity.version in lines[-1]
    assert "no diagnosis" in lines[-1]


@pytest.mark.parametrize("name", PATIENTS)
def test_only_what_is_absent_is_called_absent(rules: Rules, name: str) -> None:
    assessment = assessed(rules, PATIENTS[name])
    absent = {finding_name(rules, finding) for finding, value in assessment.facts.values.items() if value is False}
    line = lines_of(rules, PATIENTS[name]).get("Looked for and absent", "")
    named = re.sub(r" and \d+ more", "", line.removeprefix("Looked for and absent: ")).rstrip(".")
    assert set(named.split("; ")) - {""} <= absent


def test_an_empty_record_says_so(rules: Rules) -> None:
    lines = lines_of(rules, {})
    assert lines["Found"] == "Found: nothing is recorded as present."
    assert "Looked for and absent" not in lines
    assert lines["To rule out"] == "To rule out: no mimic is suggested by what is known; not suggested is not excluded."


@pytest.mark.parametrize(
    ("name", "criteria", "verdict"),
    [
        ("open", (), "Mayo Clinic criteria (Dispenzieri, 2007 to 2023): UNDETERMINED; at best 3 further results short of met."),
        ("met", (), "Mayo Clinic criteria (Dispenzieri, 2007 to 2023): MET."),
        ("not met", (), "Mayo Clinic criteria (Dispenzieri, 2007 to 2023): NOT MET; not fulfilled: polyneuropathy."),
        ("empty", ("mhlw",), "Japan (MHLW), since 2015: UNDETERMINED; at best 3 further results short of met."),
    ],
)
def test_the_verdict_with_its_set_and_years(rules: Rules, name: str, criteria: tuple[str, ...], verdict: str) -> None:
    assert lines_of(rules, PATIENTS[name], *criteria)["p1"] == f"p1: POEMS syndrome, {verdict}"


def test_a_level_is_called_a_level(rules: Rules) -> None:
    findings = {"polyneuropathy": True, "papilledema": True, "ascites": True}
    assert "Japan (MHLW) level possible;" in lines_of(rules, findings)["Other sets"]
    alone = lines_of(rules, findings, "mhlw")
    assert alone["p1"].endswith(": LEVEL POSSIBLE.")
    assert alone["Open"] == "Open: level definite; level probable."
    assert "Other sets" not in alone


def test_values_are_as_the_record_gave_them(rules: Rules) -> None:
    findings = {"hba1c": Quantity(6.908957, "%", given=Given(52, "mmol/mol")), "hemoglobin": Quantity(14, "g/dL", "<")}
    line = lines_of(rules, findings)["Found"]
    assert line == "Found: HbA1c 52 mmol/mol (6.909 %), at least 6.5; hemoglobin <14 g/dL."


def test_a_contradiction_is_open_and_neither_found_nor_absent(rules: Rules) -> None:
    lines = lines_of(rules, PATIENTS["contradictory"])
    assert lines["Open"].startswith("Open: skin changes (contradictory: recorded absent, but white nails)")
    assert "skin changes" not in lines["Found"]
    assert "Looked for and absent" not in lines


def test_every_contradiction_is_named_however_many(rules: Rules) -> None:
    open_ = lines_of(rules, PATIENTS["contradictory in much"])["Open"]
    assert open_.count("(contradictory") == 3


@pytest.mark.parametrize("others", [CLONE, {}])
def test_a_gray_zone_that_decides_is_named(rules: Rules, others: dict[str, Any]) -> None:
    assert "gray zone" in lines_of(rules, {**others, "serum_vegf": Quantity(1500, "pg/mL")})["Open"]


def test_what_must_not_be_missed_comes_first_and_cidp_wherever_there_is_a_neuropathy(rules: Rules) -> None:
    assert lines_of(rules, {"polyneuropathy": True})["To rule out, not excluded"] == "To rule out, not excluded: CIDP."
    ruled_out = lines_of(rules, NEUROPATHY)["To rule out, not excluded"]
    assert ruled_out.startswith("To rule out, not excluded: Guillain-Barre syndrome (urgent); ")
    assert "CIDP" in ruled_out


def test_a_strange_id_stays_in_its_line(rules: Rules) -> None:
    note = to_note(rules, assessed(rules, {}, patient_id="x\n\x1b[1m" + "y" * 300))
    assert note.startswith(r"x\n\x1b[1m" + "y" * 300 + ": POEMS")
    assert len(note.splitlines()) <= 8


EXPLAINED = {
    **NEUROPATHY,
    "light_chain": "lambda",
    "vegf_elevated": True,
    "ascites": True,
    "heart_failure": True,
    "ejection_fraction": Quantity(28, "%"),
}


def test_a_verdict_that_another_disease_weakens_is_never_noted_without_saying_so(rules: Rules) -> None:
    lines = lines_of(rules, EXPLAINED)
    assert lines["p1"].endswith(": MET.")
    assert lines["Caution"] == (
        "Caution: Every finding counted under the minor criterion has another known cause (heart failure and low ejection "
        "fraction): judge whether it counts."
    )
    assert "Caution" not in lines_of(rules, PATIENTS["met"])


def test_what_comes_next_is_what_is_needed_before_treatment_unless_treatment_is_held_back(rules: Rules) -> None:
    assert lines_of(rules, PATIENTS["met"])["Before treatment"].startswith("Before treatment: Bone CT or PET-CT; ")
    held_back = lines_of(rules, EXPLAINED)
    assert held_back["Proposed"].startswith("Proposed: 1) ")
    assert "Before treatment" not in held_back
