"""Units, held to an independent reader of UCUM (pint with ucumvert), to published pairs, and to what laboratories really write.

The oracle is not asked where it is known to be wrong or silent: it reads ``K/uL`` as kelvin, converts HbA1c from mmol/mol as if
it were a plain ratio, and knows neither ``{ratio}`` nor what an international unit of prolactin weighs.
"""

import csv
import os
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pint
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ucumvert import PintUcumRegistry  # type: ignore[import-untyped]

from poems_cli.units import UnitError, UnitTable, implausible, normalize_spelling, to_canonical, ucum_unit, unit_table

ROOT = Path(__file__).resolve().parents[2]
SHARED_DATA = Path(os.environ.get("POEMS_SHARED_DATA") or ROOT.parent / "shared" / "data")

if not (ROOT / "rules" / "poems.yaml").exists():
    pytest.skip("rules/poems.yaml, which names the canonical units, is not there", allow_module_level=True)


def read_rules(name: str) -> dict[str, Any]:
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load((ROOT / "rules" / name).read_text(encoding="utf-8"), Loader=fast)
    assert isinstance(content, dict)
    return content


UNITS: dict[str, Any] = read_rules("units.yaml")["units"]
FINDINGS: dict[str, Any] = {
    name: finding
    for path in sorted((ROOT / "rules").glob("*.yaml"))
    for name, finding in read_rules(path.name).get("findings", {}).items()
}
CANONICAL: dict[str, str] = {name: finding["unit"] for name, finding in FINDINGS.items() if finding["kind"] == "quantity"}
TABLE: UnitTable = unit_table({**UNITS, "canonical": CANONICAL})
PAIRS = [(finding, unit) for finding, analyte in TABLE.analytes.items() for unit in analyte.accepted]
WRITTEN = [  # every accepted unit in every spelling of the rules
    (finding, spelling, unit) for finding, unit in PAIRS for spelling in (unit, *UNITS["spellings"].get(unit, ()))
]


def conversion(finding: str, unit: str) -> tuple[float, float]:
    return TABLE.analytes[finding].accepted[ucum_unit(TABLE, finding, unit)]


# --- the data ----------------------------------------------------------------------------------------------------------


def test_quantities_and_only_quantities_have_units_and_plausible_limits() -> None:
    assert set(UNITS["accepted"]) == set(CANONICAL)
    assert set(UNITS["plausible"]) == set(CANONICAL)


@pytest.mark.parametrize("finding", CANONICAL)
def test_the_canonical_unit_comes_first_and_changes_nothing(finding: str) -> None:
    first = next(iter(UNITS["accepted"][finding]))
    assert first == CANONICAL[finding]
    assert conversion(finding, first) == (1, 0)
    assert all(factor > 0 for factor, _ in TABLE.analytes[finding].accepted.values())


def test_a_spelling_is_listed_for_one_unit_of_a_finding_only_and_for_a_unit_in_use() -> None:
    assert set(UNITS["spellings"]) <= {unit for _, unit in PAIRS}
    for finding, analyte in TABLE.analytes.items():
        for spelling, meant in TABLE.spellings.items():
            assert len([unit for unit in meant if unit in analyte.accepted]) <= 1, (finding, spelling)


def test_spellings_are_listed_as_normalizing_leaves_them() -> None:
    listed = [spelling for spellings in UNITS["spellings"].values() for spelling in spellings] + [unit for _, unit in PAIRS]
    assert [spelling for spelling in listed if normalize_spelling(spelling) != spelling] == []


def test_recalled_and_conventional_factors_say_so() -> None:
    for finding, unit in [
        ("prolactin", "m[IU]/L"),
        ("prolactin", "pmol/L"),
        ("hemoglobin", "mmol/L"),
        ("c_reactive_protein", "nmol/L"),
    ]:
        assert "recalled" in UNITS["accepted"][finding][unit]["note"]
    for finding, unit in PAIRS:
        if ("mol" in unit or "meq" in unit) and "mol" not in CANONICAL[finding]:
            assert UNITS["accepted"][finding][unit]["note"], (finding, unit)


# --- factors, against pint and ucumvert ---------------------------------------------------------------------------------

ATOMS = {  # standard atomic weights
    "C": 12.011, "H": 1.008, "N": 14.007, "O": 15.999, "S": 32.06, "P": 30.973762, "I": 126.90447, "Co": 58.933194, "Ca": 40.078
}  # fmt: skip
FORMULAS = {
    "testosterone": "C19H28O2",
    "estradiol": "C18H24O2",
    "free_t4": "C15H11I4NO4",
    "morning_cortisol": "C21H30O5",
    "stimulated_cortisol": "C21H30O5",
    "fasting_glucose": "C6H12O6",
    "creatinine": "C4H7N3O",
    "calcium": "Ca",
    "bilirubin": "C33H36N4O6",
    "vitamin_b12": "C63H88CoN14O14P",
    "acth": "C207H308N56O58S",
    "parathyroid_hormone": "C408H674N126O126S2",
}
CONVENTIONS = {
    "prolactin": 23000.0,
    "hemoglobin": 16114.0,
    "albumin": 66438.0,
    "c_reactive_protein": 105000.0,
    "ferritin": 445000.0,
}
CHARGES = {("calcium", "meq/L"): 2}
NOT_ASKED = {  # why: see the head of this file; each has a test of its own
    ("hba1c", "mmol/mol"),
    ("prolactin", "m[IU]/L"),
    ("prolactin", "u[IU]/mL"),
}


def molar_mass(finding: str) -> float:
    if finding in CONVENTIONS:
        return CONVENTIONS[finding]
    return sum(ATOMS[atom] * int(count or 1) for atom, count in re.findall("([A-Z][a-z]?)([0-9]*)", FORMULAS[finding]))


@pytest.fixture(scope="module")
def oracle() -> Any:
    reader: Any = PintUcumRegistry()
    library: Any = pint  # its types are stricter than its documentation
    substance = library.Context("substance", defaults={"molar_mass": 0})

    def to_mass(_: Any, value: Any, **parameters: Any) -> Any:
        return value * parameters["molar_mass"]

    substance.add_transformation("[substance]/[volume]", "[mass]/[volume]", to_mass)
    library.get_application_registry().add_context(substance)  # the registry that from_ucum reads into
    return reader


@pytest.mark.parametrize(
    ("finding", "unit"),
    [
        pair
        for pair in PAIRS
        if pair not in NOT_ASKED and not pair[1].startswith("{") and not CANONICAL[pair[0]].startswith("{")
    ],
)
def test_the_oracle_converts_alike(oracle: Any, finding: str, unit: str) -> None:
    quantity, target = oracle.from_ucum(unit), oracle.from_ucum(CANONICAL[finding])
    if not quantity.is_compatible_with(target):  # an amount of substance, given for a mass
        mass = molar_mass(finding) / CHARGES.get((finding, unit), 1) * oracle.from_ucum("g/mol")
        quantity = quantity.to(target.units, "substance", molar_mass=mass)
    expected = quantity.to(target.units).magnitude / target.magnitude
    factor, offset = conversion(finding, unit)
    assert offset == 0
    assert factor == pytest.approx(expected, rel=1e-9)


def test_what_the_oracle_cannot_read_is_dimensionless_and_unchanged() -> None:
    for finding, canonical in CANONICAL.items():
        if canonical.startswith("{"):
            assert set(TABLE.analytes[finding].accepted.values()) == {(1.0, 0.0)}, finding


@pytest.mark.parametrize(("ifcc", "ngsp"), [(20, 4.0), (42, 6.0), (48, 6.5), (53, 7.0), (64, 8.0), (75, 9.0), (86, 10.0)])
def test_hba1c_by_the_master_equation_gives_the_published_pairs(ifcc: float, ngsp: float) -> None:
    assert round(to_canonical(TABLE, "hba1c", ifcc, "mmol/mol"), 1) == ngsp


@pytest.mark.parametrize(
    ("finding", "given_value", "unit", "expected", "tolerance"),
    [  # as laboratories' own conversion tables round them
        ("testosterone", 10, "nmol/L", 288, 0.002),
        ("estradiol", 3.671, "pmol/L", 1, 0.002),
        ("free_t4", 12.87, "pmol/L", 1, 0.002),
        ("morning_cortisol", 27.59, "nmol/L", 1, 0.002),
        ("prolactin", 21.2, "mIU/L", 1, 1e-9),
        ("prolactin", 424, "uIU/mL", 20, 1e-9),
        ("acth", 0.22, "pmol/L", 1, 0.002),
        ("parathyroid_hormone", 0.106, "pmol/L", 1, 0.002),
        ("vitamin_b12", 0.738, "pmol/L", 1, 0.002),
        ("creatinine", 88.4, "umol/L", 1, 0.002),
        ("fasting_glucose", 7.0, "mmol/L", 126, 0.002),
        ("calcium", 2.5, "mmol/L", 10, 0.005),
        ("ferritin", 2.247, "pmol/L", 1, 0.002),
        ("c_reactive_protein", 9.524, "nmol/L", 1, 0.002),
        ("albumin", 150.5, "umol/L", 1, 0.002),
        ("hemoglobin", 0.6206, "mmol/L", 1, 0.002),
        ("platelets", 25, "10*4/uL", 250, 0),
        ("platelets", 2.5, "lakhs/cumm", 250, 0),
        ("platelets", 250000, "/mm3", 250, 0),
        ("hematocrit", 0.45, "L/L", 45, 0),
        ("pulmonary_artery_systolic_pressure", 6.67, "kPa", 50, 0.002),
        ("age", 18, "months", 1.5, 0),
        ("csf_white_cells", 0.005, "10^9/L", 5, 0),
        ("egfr", 1.0, "mL/s/1.73m2", 60, 0),
    ],
)
def test_published_conversions(finding: str, given_value: float, unit: str, expected: float, tolerance: float) -> None:
    assert to_canonical(TABLE, finding, given_value, unit) == pytest.approx(expected, rel=tolerance, abs=0)


@pytest.mark.parametrize(
    ("finding", "given_value", "unit", "expected"),
    [
        ("m_protein", 1.2, "g/L", 0.12),
        ("calcium", 93, "mg/L", 9.3),
        ("csf_protein", 0.57, "g/L", 57.0),
        ("hematocrit", 0.57, "L/L", 57.0),
    ],
)
def test_no_noise_of_binary_fractions(finding: str, given_value: float, unit: str, expected: float) -> None:
    assert to_canonical(TABLE, finding, given_value, unit) == expected


# --- spellings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("finding", "spelling", "unit"),
    [
        ("serum_vegf", None, "pg/mL"),
        ("serum_vegf", "  ", "pg/mL"),
        ("serum_vegf", " PG / ML ", "pg/mL"),
        ("c_reactive_protein", "MG/L", "mg/L"),
        ("ferritin", "mcg/L", "ug/L"),
        ("ferritin", "MCG/L", "ug/L"),
        ("ferritin", "\N{MICRO SIGN}g/L", "ug/L"),
        ("ferritin", "\N{GREEK SMALL LETTER MU}g/l", "ug/L"),
        ("ferritin", "\N{MICRO SIGN}g/L".upper(), "ug/L"),
        ("ferritin", "\u00c2\N{MICRO SIGN}g/L", "ug/L"),
        ("ferritin", "ng\N{MIDDLE DOT}mL\u207b\u00b9", "ng/mL"),
        ("creatinine", "micromol/L", "umol/L"),
        ("creatinine", "\N{SQUARE MG}/\N{SQUARE DL}", "mg/dL"),
        ("albumin", "gm/dL", "g/dL"),
        ("albumin", "grams/100 mL", "g/dL"),
        ("hemoglobin", "g%", "g/dL"),
        ("fasting_glucose", "mg%", "mg/dL"),
        ("hemoglobin", "G/L", "g/L"),
        ("platelets", "G/L", "10*9/L"),
        ("platelets", "Gpt/l", "10*9/L"),
        ("platelets", "x10^9/L", "10*9/L"),
        ("platelets", "\N{MULTIPLICATION SIGN} 10\u2079/L", "10*9/L"),
        ("platelets", "10\u2079/l", "10*9/L"),
        ("platelets", "10\u00b3/mm\u00b3", "10*3/uL"),
        ("platelets", "10 9 L-1", "10*9/L"),
        ("platelets", "10^9 L^-1", "10*9/L"),
        ("platelets", "10E+9/L", "10*9/L"),
        ("platelets", "1e9/L", "10*9/L"),
        ("platelets", "E9/L", "10*9/L"),
        ("platelets", "109/L", "10*9/L"),
        ("platelets", "10(3)mcL", "10*3/uL"),
        ("platelets", "x10**3 per mcL", "10*3/uL"),
        ("platelets", "10*3{cells}/uL", "10*3/uL"),
        ("platelets", "K/mm^3", "10*3/uL"),
        ("platelets", "1000/cu mm", "10*3/uL"),
        ("platelets", "\u4e07/\N{MICRO SIGN}L", "10*4/uL"),
        ("white_cells", "\N{MULTIPLICATION SIGN}10\u00b2/\N{MICRO SIGN}L", "10*2/uL"),
        ("white_cells", "x10^2/mm3", "10*2/uL"),
        ("white_cells", "x102 /ul", "10*2/uL"),
        ("csf_white_cells", "cells/mm3", "/uL"),
        ("csf_white_cells", "{#}/uL", "/uL"),
        ("csf_white_cells", "x10^6 cells/L", "10*6/L"),
        ("tsh", "uIU/mL", "u[IU]/mL"),
        ("tsh", "mcUnits/mL", "u[IU]/mL"),
        ("tsh", "MIU/L", "m[IU]/L"),
        ("tsh", "m[iU]/L", "m[IU]/L"),
        ("luteinizing_hormone", "mIU/mL", "m[IU]/mL"),
        ("luteinizing_hormone", "U/l", "[IU]/L"),
        ("hba1c", "%{HbA1c}", "%"),
        ("hba1c", "per cent", "%"),
        ("hba1c", "mmol/mol Hb", "mmol/mol"),
        ("calcium", "mEq/L", "meq/L"),
        ("egfr", "mL/min/1.73 m\u00b2", "mL/min/{1.73_m2}"),
        ("egfr", "ml/min/1.73m^2", "mL/min/{1.73_m2}"),
        ("egfr", "mL/min per 1.73 m2", "mL/min/{1.73_m2}"),
        ("pulmonary_artery_systolic_pressure", "mm Hg", "mm[Hg]"),
        ("erythrocyte_sedimentation_rate", "MM/HR.", "mm/h"),
        ("free_light_chain_ratio", "1", "1"),
        ("vegf_times_upper_limit", "\N{MULTIPLICATION SIGN} ULN", "{times_upper_limit}"),
        ("age", "Years", "a"),
    ],
)
def test_a_spelling_is_read(finding: str, spelling: str | None, unit: str | None) -> None:
    if unit is None:
        with pytest.raises(UnitError):
            ucum_unit(TABLE, finding, spelling)
    else:
        assert ucum_unit(TABLE, finding, spelling) == unit


@pytest.mark.parametrize(("finding", "spelling", "unit"), WRITTEN)
def test_every_listed_spelling_is_read_as_its_unit(finding: str, spelling: str, unit: str) -> None:
    assert ucum_unit(TABLE, finding, spelling) == unit


@pytest.mark.parametrize(
    ("finding", "spelling", "unit"),
    [
        ("luteinizing_hormone", "mUI/ml", "m[IU]/mL"),
        ("tsh", "\u00b5UI/ml", "u[IU]/mL"),
        ("tsh", "microUI/mL", "u[IU]/mL"),
        ("alkaline_phosphatase", "UI/L", "U/L"),
        ("platelets", "cellules/mm\u00b3", "/uL"),
        ("eosinophils", "c\u00e9lulas/mm3", "/uL"),
        ("csf_white_cells", "cells/mm3", "/uL"),
        ("platelets", "*10\u2079", "10*9/L"),
        ("urine_protein", "g/d\u00eda", "g/d"),
        ("urine_protein", "g/24", "g/d"),
        ("urine_m_protein", "mg/24 heures", "mg/d"),
        ("erythrocyte_sedimentation_rate", "mm first hour", "mm/h"),
        ("erythrocyte_sedimentation_rate", "mm/1\u00aa hora", "mm/h"),
        ("erythrocyte_sedimentation_rate", "mm \u00e0 la 1\u00e8re heure", "mm/h"),
        ("erythrocyte_sedimentation_rate", "mm", "mm/h"),
        ("csf_opening_pressure", "mm of water", "mm[H2O]"),
        ("csf_opening_pressure", "cm d'eau", "cm[H2O]"),
        ("vitamin_b12", "\u00b5g/l", "ug/L"),
        ("age", "a\u00f1os", "a"),
    ],
)
def test_the_units_of_reports(finding: str, spelling: str, unit: str) -> None:
    assert ucum_unit(TABLE, finding, spelling) == unit


@pytest.mark.parametrize(
    ("finding", "spelling", "words"),
    [
        ("eosinophils", "%", "no count"),
        ("urine_protein", "g/gCr", "spot sample"),
        ("urine_protein", "g/L", "concentration"),
        ("egfr", "mL/min", "for 1.73 m2"),
    ],
)
def test_a_unit_of_another_measurement_is_refused_with_the_reason(finding: str, spelling: str, words: str) -> None:
    with pytest.raises(UnitError, match=words):
        ucum_unit(TABLE, finding, spelling)


@pytest.mark.parametrize(
    ("finding", "spelling"),
    [
        ("platelets", "10"),
        ("platelets", "X 10 3"),
        ("platelets", "x1000"),
        ("platelets", "K"),
        ("platelets", "U3"),
        ("platelets", "%"),
        ("platelets", "M/uL"),
        ("platelets", "T/uL"),
        ("platelets", "mil/mm3"),
        ("platelets", "mg/dL"),
        ("platelets", "g/L"),
        ("platelets", "g/l"),
        ("platelets", "gm/L"),
        ("platelets", "109 L"),
        ("hemoglobin", "K/uL"),
        ("hemoglobin", "%"),
        ("hematocrit", "g/dL"),
        ("hba1c", "%(JDS)"),
        ("hba1c", "mmol/L"),
        ("tsh", "mIU/mL"),
        ("testosterone", "pmol/L"),
        ("free_t4", "nmol/L"),
        ("serum_vegf", "pmol/L"),
        ("ferritin", "?g/L"),
        ("age", "m"),
        ("free_light_chain_ratio", "x ULN"),
        ("free_light_chain_ratio", "mg/L"),
    ],
)
def test_ambiguous_and_foreign_units_are_refused_with_the_list(finding: str, spelling: str) -> None:
    with pytest.raises(UnitError) as caught:
        to_canonical(TABLE, finding, 98765.4321, spelling)
    message = str(caught.value)
    assert repr(spelling) in message
    assert ", ".join(TABLE.analytes[finding].named) in message
    assert "98765" not in message


def test_a_long_unit_is_cut_in_the_message() -> None:
    with pytest.raises(UnitError) as caught:
        ucum_unit(TABLE, "hemoglobin", "x" * 5000)
    assert len(str(caught.value)) < 300


def test_a_spelling_with_two_readings_for_a_finding_is_refused() -> None:
    table = unit_table(
        {"spellings": {}, "accepted": {"mass": {"g": 1, "mg": 0.001, "Mg": 1000000}}, "canonical": {"mass": "g"}}
    )
    assert ucum_unit(table, "mass", "Mg") == "Mg"
    assert ucum_unit(table, "mass", "mg") == "mg"
    with pytest.raises(UnitError):
        ucum_unit(table, "mass", "MG")


def test_a_finding_without_listed_units_accepts_its_canonical_unit_at_any_value() -> None:
    table = unit_table({"spellings": {}, "accepted": {}, "plausible": {}, "canonical": {"height": "cm"}})
    assert to_canonical(table, "height", -5, "CM") == -5
    assert implausible(table, "height", -5) is None


# --- spellings met in laboratories ----------------------------------------------------------------------------------------

LABORATORY_NAMES = {  # eICU's name of a test -> the finding with the same kind of unit
    "platelets x 1000": "platelets",
    "WBC x 1000": "platelets",  # another finding, but counted in the same units
    "Hgb": "hemoglobin",
    "Hct": "hematocrit",
    "calcium": "calcium",
    "creatinine": "creatinine",
    "albumin": "albumin",
    "total protein": "m_protein",
    "TSH": "tsh",
    "free T4": "free_t4",
    "cortisol": "morning_cortisol",
    "CRP": "c_reactive_protein",
    "CRP-hs": "c_reactive_protein",
    "ESR": "erythrocyte_sedimentation_rate",
    "Ferritin": "ferritin",
    "Fe/TIBC Ratio": "transferrin_saturation",
    "Vitamin B12": "vitamin_b12",
    "protein - CSF": "csf_protein",
    "glucose - CSF": "fasting_glucose",
    "glucose": "fasting_glucose",
    "bedside glucose": "fasting_glucose",
    "WBC's in body fluid": "csf_white_cells",
    "WBC's in cerebrospinal fluid": "csf_white_cells",
    "paCO2": "pulmonary_artery_systolic_pressure",  # a pressure
    "paO2": "pulmonary_artery_systolic_pressure",
}
REFUSED_ON_PURPOSE = {("platelets", "10"), ("platelets", "X 10 3"), ("platelets", "x10 (3)")}


def test_units_of_real_laboratory_rows_are_read() -> None:
    files = sorted((SHARED_DATA / "unit_spellings").glob("*.tsv"))
    if not files:
        pytest.skip(f"no unit spellings under {SHARED_DATA}: set POEMS_SHARED_DATA")
    read, refused = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"):
                finding, unit = LABORATORY_NAMES.get(row["labname"]), row["unit_interface"]
                if finding is None or not unit.strip():
                    continue
                try:
                    factor, _ = conversion(finding, unit)
                except UnitError:
                    refused[finding, unit] += int(row["rows"])
                else:
                    read[finding, unit] += int(row["rows"])
                    assert finding != "platelets" or factor == 1, unit  # all of these laboratories count in thousands
    assert set(refused) <= REFUSED_ON_PURPOSE
    assert read.total() / (read.total() + refused.total()) > 0.99


# --- plausible values -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("finding", "value"),
    [
        ("hematocrit", 450), ("hematocrit", 0.45), ("hemoglobin", 145),
        ("hemoglobin", -1), ("fasting_glucose", 5.4), ("calcium", 2.4),
        ("hba1c", 48), ("albumin", 38), ("platelets", 250000), ("csf_protein", 0.6), ("spleen_length", 130), ("age", 1961),
        ("overall_neuropathy_limitations_scale", 13), ("serum_vegf", float("nan")), ("serum_vegf", float("inf")),
    ],
)  # fmt: skip
def test_slips_of_the_pen_are_named_with_the_limits_and_without_the_value(finding: str, value: float) -> None:
    reason = implausible(TABLE, finding, value)
    assert reason is not None
    low, high = UNITS["plausible"][finding]
    assert f"{low} to {high} {CANONICAL[finding]}" in reason
    assert str(value) not in reason.replace(f"{low} to {high}", "")


@pytest.mark.parametrize(
    ("finding", "value"),
    [
        ("platelets", 0), ("platelets", 5000), ("serum_vegf", 50000),
        ("plasma_vegf", 0), ("ferritin", 100000), ("hemoglobin", 1.5),
        ("hemoglobin", 27), ("hematocrit", 8), ("hematocrit", 80), ("fasting_glucose", 2600), ("calcium", 3.2), ("calcium", 25),
        ("tsh", 1000), ("prolactin", 100000), ("creatinine", 50),
        ("c_reactive_protein", 700), ("m_protein", 14), ("csf_protein", 2000),
        ("free_light_chain_ratio", 0.001), ("serum_ascites_albumin_gradient", -0.3), ("erythrocyte_sedimentation_rate", 160),
        ("hba1c", 18), ("age", 0), ("age", 110),
        ("albumin", 0.6), ("vitamin_b12", 50000), ("morning_cortisol", 250), ("acth", 3000),
    ],
)  # fmt: skip
def test_extremes_of_real_disease_pass(finding: str, value: float) -> None:
    assert implausible(TABLE, finding, value) is None


# --- laws ---------------------------------------------------------------------------------------------------------------------

values = st.floats(min_value=-1e7, max_value=1e7, allow_nan=False)


@given(st.sampled_from(PAIRS), values, values)
def test_law_a_larger_value_stays_no_smaller(pair: tuple[str, str], number: float, other: float) -> None:
    finding, unit = pair
    low, high = sorted((number, other))
    assert to_canonical(TABLE, finding, low, unit) <= to_canonical(TABLE, finding, high, unit)


@given(st.sampled_from(PAIRS), st.decimals(min_value=0, max_value=100000, places=3))
def test_law_conversion_is_decimal_arithmetic_to_eleven_digits(pair: tuple[str, str], value: Decimal) -> None:
    finding, unit = pair
    factor, offset = (Decimal(repr(number)) for number in conversion(finding, unit))
    converted, exact = to_canonical(TABLE, finding, float(value), unit), value * factor + offset
    assert converted == pytest.approx(float(exact), rel=1e-11)
    if factor.normalize().as_tuple().digits == (1,) and not offset:
        assert converted == float(exact)


@given(st.sampled_from(WRITTEN), st.lists(st.booleans(), min_size=40, max_size=40))
def test_law_case_never_changes_the_meaning(written: tuple[str, str, str], flips: list[bool]) -> None:
    finding, spelling, unit = written
    other_case = "".join(letter.swapcase() if flip else letter for letter, flip in zip(spelling, flips, strict=False))
    try:
        assert ucum_unit(TABLE, finding, other_case) == unit
    except UnitError:  # giga per liter became grams per liter
        assert normalize_spelling(other_case) in {known for _, known in PAIRS}


@given(
    st.sampled_from(WRITTEN), st.integers(min_value=0, max_value=40), st.sampled_from([" ", "  ", "\t", "\N{NO-BREAK SPACE}"])
)
def test_law_a_blank_never_changes_the_meaning(written: tuple[str, str, str], position: int, blank: str) -> None:
    finding, spelling, unit = written
    assert ucum_unit(TABLE, finding, spelling[:position] + blank + spelling[position:]) == unit


@given(
    st.sampled_from(sorted(CANONICAL)),
    st.text(max_size=20) | st.text(alphabet="KxX10*^eE369()/.%{}[]umndpgGLliIU 3", max_size=12),
)
def test_law_any_text_is_an_accepted_unit_or_refused(finding: str, text: str) -> None:
    try:
        unit = ucum_unit(TABLE, finding, text)
    except UnitError:
        return
    assert unit in TABLE.analytes[finding].accepted
