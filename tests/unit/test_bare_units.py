"""Numbers without a unit: read and marked where only one unit is possible; else not read until the unit is given."""

from math import inf
from pathlib import Path
from typing import Any

import pytest
import yaml

from poems_cli.model import Given, Observed, Quantity
from poems_cli.records import PatientReader, Reading, Record
from poems_cli.rules.loading import load_rules
from poems_cli.units import UnitSystem, bare_units, to_canonical

RULES = load_rules()
UNITS = RULES.units
ROOT = Path(__file__).parents[2]


def read(system: UnitSystem | None, **findings: object) -> Reading:
    return PatientReader(RULES, system).read(Record({"findings": {"polyneuropathy": True, **findings}}, "here", 1))


def value_of(finding: str, given: object) -> Observed:
    reading = read(None, **{finding: given})
    assert reading.patient is not None
    assert reading.problems == ()
    return reading.patient.observed[finding]


def problem_of(finding: str, given: object) -> str:
    reading = read(None, **{finding: given})
    assert reading.patient is not None, "the patient is still answered"
    assert finding not in reading.patient.observed
    (problem,) = reading.problems
    return f"{problem.what}; {problem.mend}"


@pytest.mark.parametrize(
    ("finding", "given", "quantity"),
    [
        ("hematocrit", 0.45, Quantity(45, "%", given=Given(0.45, "L/L"), unit_from="assumed")),
        ("hemoglobin", "140", Quantity(14, "g/dL", given=Given(140, "g/L"), unit_from="assumed")),
        ("hemoglobin", {"value": 140, "high": 160}, Quantity(14, "g/dL", None, None, 16, Given(140, "g/L"), "assumed")),
        ("hba1c", 52, Quantity(6.90896, "%", given=Given(52, "mmol/mol"), unit_from="assumed")),
        ("bone_marrow_plasma_cells", 62, Quantity(62, "%", unit_from="assumed")),
        ("tsh", "<0.01", Quantity(0.01, "m[IU]/L", "<", unit_from="assumed")),
        ("eosinophils", 0, Quantity(0, "10*9/L", unit_from="assumed")),
        ("egfr", 25, Quantity(25, "mL/min/{1.73_m2}", unit_from="assumed")),
        ("age", 52, Quantity(52, "a")),
        ("modified_rankin_scale", 3, Quantity(3, "{score}")),
    ],
)
def test_a_number_without_a_unit_that_can_mean_one_thing_is_read_and_marked(
    finding: str, given: object, quantity: Quantity
) -> None:
    assert value_of(finding, given) == quantity


@pytest.mark.parametrize(
    ("finding", "given", "message"),
    [
        ("platelets", 520, 'can be in 10*9/L, /uL or 10*4/uL; write it with its unit, as in {"value": 1.5, "unit": "10*9/L"}'),
        (
            "prolactin",
            "15",
            'can be in ng/mL, m[IU]/L or pmol/L; write it with its unit, as in {"value": 1.5, "unit": "ng/mL"}',
        ),
        ("prolactin", {"value": 15, "unit": None, "high": 20}, "can be in ng/mL, m[IU]/L or pmol/L"),
        ("bone_marrow_plasma_cells", 0.62, "can be in % or 1 (a fraction)"),
        ("neutrophils", 45, "can be in 10*9/L, /uL or %"),
        ("dlco", 45, "can be in % or mL/min/mmHg"),
        ("forced_vital_capacity", 3.2, "can be in % or L"),
        ("urine_protein", 0.3, "can be in g/d, mg/d, mg/dL, g/L or another"),
        ("hemoglobin", "13.5", "--units us or si says it for all numbers"),
    ],
)
def test_a_number_without_a_unit_that_can_mean_two_things_is_not_read(finding: str, given: object, message: str) -> None:
    assert message in problem_of(finding, given)


def test_a_system_of_units_gives_the_unit_of_numbers_without_one() -> None:
    us, si = read("us", hemoglobin=13.5, calcium=9.8), read("si", hemoglobin=135, calcium=2.45)
    assert us.patient is not None
    assert si.patient is not None
    assert us.patient.observed["hemoglobin"] == Quantity(13.5, "g/dL", unit_from="option")
    assert si.patient.observed["hemoglobin"] == Quantity(13.5, "g/dL", given=Given(135, "g/L"), unit_from="option")
    assert {patient.observed["calcium"].unit_from for patient in (us.patient, si.patient)} == {"option"}  # type: ignore[union-attr]
    assert read("si", prolactin=300).problems, "ug/L and mIU/L are both SI"
    assert read("us", dlco=45).problems, "percent or raw has nothing to do with the system"


def test_a_number_that_contradicts_the_system_is_not_read_in_the_other_one() -> None:
    for system, findings in (("us", {"albumin": 38.5}), ("si", {"creatinine": 0.9})):
        (problem,) = read(system, **findings).problems  # type: ignore[arg-type]
        assert problem.what == "the value is not possible"
    for system, findings in (("us", {"creatinine": 60}), ("si", {"albumin": 3.8})):  # possible, and usual in the other one
        (problem,) = read(system, **findings).problems  # type: ignore[arg-type]
        assert problem.what.startswith("without a unit this number can be in")
    us = read("us", platelets=250000)
    assert us.patient is not None
    assert us.patient.observed["platelets"] == Quantity(250, "10*9/L", given=Given(250000, "/uL"), unit_from="assumed")


# --- units that can be mistaken ---------------------------------------------------------------------------------------

MISTAKEN = yaml.safe_load((ROOT / "rules" / "units.yaml").read_text(encoding="utf-8"))["units"]["mistaken"]
PAIRS = [(entry, finding, unit) for entry in MISTAKEN for finding in entry["findings"] for unit in entry["units"]]


@pytest.mark.parametrize(("entry", "finding", "unit"), PAIRS, ids=[f"{finding} {unit}" for _, finding, unit in PAIRS])
def test_a_number_that_two_units_can_hold_is_not_read_and_any_other_is(entry: dict[str, Any], finding: str, unit: str) -> None:
    analyte = UNITS.analytes[finding]
    if unit not in analyte.accepted and unit not in analyte.elsewhere:
        return  # of another finding of the entry
    assert entry["why"]
    least, most = entry.get("numbers", (0, inf))
    spread = [digit * 10.0**power for power in range(-6, 7) for digit in (1, 2, 3, 5, 7)]
    within = [number for number in spread if least <= number <= most]
    meant = {number: bare_units(UNITS, finding, number) for number in within}
    mistakable = [number for number, units in meant.items() if unit in units and len(units) > 1]
    for number in mistakable:
        assert "without a unit this number can be in" in problem_of(finding, number)
        if unit in analyte.accepted:
            assert to_canonical(UNITS, finding, number, unit) != to_canonical(UNITS, finding, number, None)
    alone = [number for number, units in meant.items() if units == (unit,)]
    for number in alone:
        value = value_of(finding, number)
        assert isinstance(value, Quantity)
        assert (value.given, value.unit_from) == (Given(number, unit), "assumed")
    twins = [other for other in entry["units"] if analyte.accepted.get(other) == analyte.accepted.get(unit)]
    assert mistakable or alone or unit not in twins[:1], "no number is read in this unit"


def test_every_accepted_unit_is_marked_as_mistakable_or_not_with_the_reason() -> None:
    named = {(finding, unit) for _, finding, unit in PAIRS}
    never = {(finding, unit) for finding, of in UNITS.analytes.items() for unit in of.accepted if unit not in of.bare}
    for finding, analyte in UNITS.analytes.items():
        differing = {unit for unit, meant in analyte.accepted.items() if meant != analyte.accepted[analyte.canonical]}
        assert differing <= {unit for of, unit in named | never if of == finding}, finding
    assert not named & never


@pytest.mark.parametrize("system", ["us", "si"])
def test_the_units_of_a_system_are_those_of_the_finding(system: UnitSystem) -> None:
    for finding, analyte in UNITS.analytes.items():
        for unit in analyte.systems.get(system, ()):
            assert unit in analyte.bare, finding
