"""Headings: which finding each names, and what is left out rather than guessed."""

import gzip
import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poems_cli.errors import PoemsError
from poems_cli.finding_names import plain_name
from poems_cli.model import Rules
from poems_cli.rules.loading import load_rules
from poems_cli.tables.columns import Column, Meaning, TableMap, Unplaced
from poems_cli.tables.headings import ID_NAMES, nearest_heading, place, problems_of, unit_of
from poems_cli.units import UnitError
from tests.build import rules_from, rules_text

RULES = load_rules()
DATA = Path(os.environ.get("POEMS_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


def placed(*headings: str, id_heading: str | None = None) -> TableMap:
    return place(headings, RULES, id_heading)


def only(heading: str) -> Column | Unplaced:
    table = placed(heading)
    return table.columns[0] if table.columns else table.unplaced[0]


def unplaced(heading: str) -> Unplaced:
    column = only(heading)
    assert isinstance(column, Unplaced), column
    return column


@pytest.mark.parametrize(
    ("heading", "finding"),
    [
        ("polyneuropathy", "polyneuropathy"),
        ("POLYNEUROPATHY", "polyneuropathy"),
        (" Papilledema ", "papilledema"),
        ("Organomegaly?", "organomegaly"),
        ("swelling of the legs or feet", "peripheral_edema"),  # a label
        ("Peripheral edema", "peripheral_edema"),  # a term
        ("Pedal edema", "peripheral_edema"),  # a synonym
        ("Castleman's Disease", "castleman_disease"),
        ("Gender", "sex"),
        ("SPEP", "serum_protein_electrophoresis"),
        ("ANA", "antinuclear_antibody"),
        ("SkinChanges", "skin_changes"),
        ("FAMILY HISTORY OF NEUROPATHY", "family_history_of_neuropathy"),
        ("Skin changes (Y/N)", "skin_changes"),
        ("Ascites [0=no, 1=yes]", "ascites"),
        ("Sex (M/F)", "sex"),
        ("Light chain (kappa/lambda)", "light_chain"),
        ("25700-6", "serum_immunofixation"),
    ],
)
def test_a_heading_names_a_finding(heading: str, finding: str) -> None:
    column = only(heading)
    assert isinstance(column, Column)
    assert column.finding == finding
    assert (column.unit, column.unit_from) == (None, None)


@pytest.mark.parametrize(
    ("heading", "finding"),
    [
        ("Hb", "hemoglobin"),
        ("HbA1c", "hba1c"),
        ("Hemoglobin (A1c)", "hba1c"),
        ("Glycohemoglobin", "hba1c"),
        ("VEGF (plasma)", "plasma_vegf"),
        ("serumVEGF", "serum_vegf"),
        ("AgeInYears", "age"),
        ("AgeInYearsAtScreening", "age"),
        ("Hemoglobin level", "hemoglobin"),
        ("777-3", "platelets"),
    ],
)
def test_a_heading_names_a_measured_value_and_leaves_its_unit_open(heading: str, finding: str) -> None:
    assert only(heading) == Column(heading, finding)


@pytest.mark.parametrize(
    ("heading", "finding", "unit"),
    [
        ("Platelets (K/uL)", "platelets", "10*3/uL"),
        ("PLT [10^9/L]", "platelets", "10*9/L"),
        ("PLT\uff0810^9/L\uff09", "platelets", "10*9/L"),
        ("plt (G/L)", "platelets", "10*9/L"),
        ("Creatinine..umol.L.", "creatinine", "umol/L"),
        ("CRP.mg.dL", "c_reactive_protein", "mg/dL"),
        ("Hb (G/L)", "hemoglobin", "g/L"),
        ("HbA1c (mmol/mol)", "hba1c", "mmol/mol"),
        ("Serum VEGF pg/mL", "serum_vegf", "pg/mL"),
        ("Age (months)", "age", "mo"),
        ("eGFR (mL/min/1.73m2)", "egfr", "mL/min/{1.73_m2}"),
        ("eGFR (mL/min/{1.73_m2})", "egfr", "mL/min/{1.73_m2}"),
        ("CRP mg/dL", "c_reactive_protein", "mg/dL"),
        ("crp_mg_l", "c_reactive_protein", "mg/L"),
        ("CRP, mg/L", "c_reactive_protein", "mg/L"),
        ("platelet_count_k_ul", "platelets", "10*3/uL"),
        ("plt_x10e9_L", "platelets", "10*9/L"),
        ("Hct %", "hematocrit", "%"),
        ("DLCO percent predicted", "dlco", "%"),
        ("BMPC percent", "bone_marrow_plasma_cells", "%"),
        ("spleen_length_mm", "spleen_length", "mm"),
        ("VEGF (plasma, pg/mL)", "plasma_vegf", "pg/mL"),
        ("FLC ratio (kappa/lambda)", "free_light_chain_ratio", "{ratio}"),
    ],
)
def test_a_heading_names_a_measured_value_and_its_unit(heading: str, finding: str, unit: str) -> None:
    assert only(heading) == Column(heading, finding, unit, unit_from="heading")


@pytest.mark.parametrize(
    ("heading", "why", "mend"),
    [
        ("Comment", "not the name of a finding", "say in the mapping which finding it is"),
        ("WeightKg", "not the name of a finding", "say in the mapping"),
        ("Polyneuropaty", "not the name of a finding", "did you mean 'polyneuropathy'?"),
        ("DoctorToldYouHaveDiabetes", "not the name of a finding", "did you mean 'diabetes_mellitus'?"),
        ("IFE", "not the name of a finding", "did you mean 'serum_immunofixation' or 'urine_immunofixation'?"),
        ("label", "not the name of a finding", "did you mean 'diagnosis_label'?"),
        ("Platelets (mg/dL)", "the unit 'mg/dL' is not understood for 'platelets'", "write one of 10*9/L, 10*3/uL"),
        (
            "FLC ratio (\u03bb/\u03ba)",
            "the unit '\u03bb/\u03ba' is not understood",
            "the ratio is kappa to lambda; give 1 divided by",
        ),
        ("Eosinophils %", "the unit '%' is not understood for 'eosinophils'", "give the count"),
        ("Papilledema (left eye)", "'papilledema' has no unit", "say in the mapping"),
        ("Ascites (0=no, 1=past, 2=now)", "'ascites' has no unit", "say in the mapping"),
        ("Sex (0/1)", "'sex' has no unit", "say in the mapping"),
        ("???", "the heading has no letters", "give the column a heading"),
        ("", "the heading has no letters", "give the column a heading"),
    ],
)
def test_what_a_heading_does_not_say_is_not_guessed(heading: str, why: str, mend: str) -> None:
    column = unplaced(heading)
    assert why in column.why
    assert mend in column.mend
    assert not column.ambiguous


def test_vegf_by_its_full_name() -> None:
    column = only("Serum vascular endothelial growth factor (pg/mL)")
    assert isinstance(column, Column)
    assert (column.finding, column.unit) == ("serum_vegf", "pg/mL")
    likely = [column.finding for column in unplaced("Vascular endothelial growth factor").likely]
    assert likely == ["plasma_vegf", "serum_vegf"]


@pytest.mark.parametrize("heading", ["VEGF", "vegf (pg/mL)", "VEGF pg/mL", "VEGF level", "VEGF result"])
def test_vegf_without_its_specimen_is_ambiguous(heading: str) -> None:
    vegf = unplaced(heading)
    assert vegf.ambiguous
    assert vegf.why == "it does not say which one: plasma_vegf or serum_vegf"
    assert [column.finding for column in vegf.likely] == ["plasma_vegf", "serum_vegf"]


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("Ascites (0=No, 1=Yes)", {"0": False, "1": True}),
        ("Ascites (0:No, 1:Yes)", {"0": False, "1": True}),
        ("Ascites 0 - no; 1 - yes", {"0": False, "1": True}),
        ("Ascites: 0=no, 1=yes", {"0": False, "1": True}),
        ("Ascites [1=positive/0=negative]", {"0": False, "1": True}),
        ("Ascites (1=No, 2=Yes)", {"1": False, "2": True}),
        ("Ascites (0 = none, 1 = present)", {"0": False, "1": True}),
        ("Ascites {0=No, 1=Yes}", {"0": False, "1": True}),
        ("Ascites (Yes: 1 / No: 0)", {"0": False, "1": True}),
        ("Ascites (No=0; Yes=1; Unknown=9)", {"0": False, "1": True, "9": None}),
        ("Ascites (0 = absent 1 = present)", {"0": False, "1": True}),
        ("Sex (1=Male, 2=Female)", {"1": "male", "2": "female"}),
        ("Ascites (Y/N)", {}),
        ("Light chain (kappa/lambda)", {}),
    ],
)
def test_a_legend_gives_the_meaning_of_the_cells(heading: str, values: dict[str, Meaning]) -> None:
    column = only(heading)
    assert isinstance(column, Column)
    assert column.values == values


@pytest.mark.parametrize("heading", ["Sex (1=H, 2=M)", "Sex (1=M; 2=V)"])
def test_a_legend_in_letters_of_a_language_that_is_not_known_gives_none(heading: str) -> None:
    assert "may mean something else" in unplaced(heading).why


@pytest.mark.parametrize(
    ("headings", "unit_column"),
    [
        (["PLT", "PLT_unit"], "PLT_unit"),
        (["PLT", "PLT units"], "PLT units"),
        (["PLT_unit", "id", "PLT"], "PLT_unit"),
        (["PLT value", "PLT unit"], "PLT unit"),
        (["PLT", "Units", "Fever"], "Units"),
        (["PLT", "Fever", "Units"], None),
        (["PLT", "Units", "CRP", "Units"], None),
        (["PLT (K/uL)", "PLT_unit"], "PLT_unit"),
        (["PLT (K/uL)", "Unit"], None),
    ],
)
def test_a_column_may_hold_the_unit_of_another(headings: list[str], unit_column: str | None) -> None:
    table = placed(*headings)
    assert [column.unit_column for column in table.columns if column.finding == "platelets"] == [unit_column]
    assert (unit_column in [column.heading for column in table.unplaced]) is False


#: What a heading must never be offered as, since accepting it would be a wrong answer that goes unnoticed.
MISLEADING = {
    "WBC": "csf_white_cells",
    "Pro-BNP": "bnp",
    "Free lambda": "free_light_chain_ratio",
    "Serum VEGF-D": "serum_vegf",
    "VEGF-D": "plasma_vegf",
    "VEGF-C (pg/mL)": "serum_vegf",
    "VEGFR2": "serum_vegf",
    "A/G Ratio Albumin and Globulin": "albumin",
    "Albumin/creatinine ratio": "albumin",
    "Urine albumin": "albumin",
    "Creatinine phosphokinase": "creatinine",
    "Urine creatinine": "creatinine",
    "Blood pressure": "hypotension",
    "Hypertension": "pulmonary_hypertension",
    "Hypernatremia": "hyponatremia",
    "Hypokalemia": "hypocalcemia",
    "Weight": "weight_loss",
    "Visit": "age",
    "Gestational age": "age",
    "Neutrophil %": "neutrophils",
    "Fetal hemoglobin": "hemoglobin",
    "Mean platelet volume": "platelets",
    "Ionized calcium": "calcium",
    "Calcium score": "calcium",
    "Testosterone free": "testosterone",
    "TSH receptor antibody": "tsh",
    "Bilirubin direct": "bilirubin",
    "Free T3": "free_t4",
    "T4": "free_t4",
    "Glucose": "fasting_glucose",
    "Red Blood Cells": "white_cells",
    "Thrombocythemia": "thrombocytopenia",
    "Family history of diabetes": "diabetes_mellitus",
    "No ascites": "ascites",
    "treat": "creatinine",
    "HB_EGF": "hemoglobin",
    "EGF_R": "egfr",
    "AltLat": "alanine_aminotransferase",
    "age_group": "age",
    "MomAge": "age",
    "QLABEL": "diagnosis_label",
    "pressure": "csf_opening_pressure",
    "Hormone": "parathyroid_hormone",
    "ascites.dt": "ascites",
    "EGFR_STATUS": "egfr",
    "TSH_measured": "tsh",
    "DiabetesPedigreeFunction": "diabetes_mellitus",
    "U. Creatinine": "creatinine",
    "Papilledema (choice=Yes)": "papilledema",  # a box of REDCap, which is not ticked where nobody looked
    "VEGF baseline (serum)": "plasma_vegf",
    "VEGF plasma log10": "plasma_vegf",
    "FLC ratio lambda/kappa": "free_light_chain_ratio",
    "Cortisol pm": "morning_cortisol",
}


@pytest.mark.parametrize("heading", MISLEADING)
def test_a_suggestion_does_not_mislead(heading: str) -> None:
    assert MISLEADING[heading] not in [column.finding for column in unplaced(heading).likely]


@pytest.mark.parametrize(
    ("heading", "finding"),
    [
        ("WBC", "white_cells"),
        ("Creatinine phosphokinase", "creatine_kinase"),
        ("Hypertension", "arterial_hypertension"),
        ("Leg swelling", "peripheral_edema"),
        ("Peripheral neuropathy", "polyneuropathy"),
        ("Polyneuropaty", "polyneuropathy"),
        ("Platelet count baseline", "platelets"),
        ("Serum albumin at diagnosis", "albumin"),
        ("Castleman disease (biopsy)", "castleman_disease"),
        ("Serum VEGF (baseline)", "serum_vegf"),
        ("VEGF s\u00e9rico (pg/mL)", "serum_vegf"),
        ("VEGF siero", "serum_vegf"),
        ("VEGF baseline (serum)", "serum_vegf"),
        ("Paraprotein", "monoclonal_protein"),
        ("S. Creatinine", "creatinine"),
        ("baseline_esr", "erythrocyte_sedimentation_rate"),
        ("Hb at diagnosis", "hemoglobin"),
        ("patient_gender", "sex"),
        ("Edema", "peripheral_edema"),
        ("Immunofixation", "serum_immunofixation"),
    ],
)
def test_what_a_heading_likely_means_is_suggested(heading: str, finding: str) -> None:
    assert unplaced(heading).likely[0].finding == finding


def test_a_word_that_many_values_end_with_is_not_ambiguous() -> None:
    """A table may have a score or a protein of another kind; to refuse it would be a nuisance."""
    assert not unplaced("Score").ambiguous
    assert not unplaced("pressure").ambiguous
    assert not unplaced("Protein").ambiguous
    assert not unplaced("Protein, total").ambiguous


def test_a_column_repeated_with_a_number_is_not_read_as_a_unit() -> None:
    assert isinstance(only("hematocrit_1"), Unplaced)
    assert isinstance(only("FLC ratio 2"), Unplaced)
    assert isinstance(only("age d"), Unplaced)


def test_a_loinc_code_of_two_findings_names_neither() -> None:
    both = {"codes": {"loinc": ["123-4"]}}
    rules = rules_from(rules_text({"first": both, "second": both, "third": {"codes": {"loinc": ["567-8"]}}}))
    table = place(["123-4", "567-8"], rules)
    assert table.columns == (Column("567-8", "third"),)
    assert [column.heading for column in table.unplaced] == ["123-4"]


def test_a_share_next_to_a_count_is_not_the_count() -> None:
    table = placed("Eosinophils", "Eosinophils %")
    assert [column.heading for column in table.columns] == ["Eosinophils"]


def test_columns_of_one_finding_are_all_left_out_and_say_so() -> None:
    table = placed("id", "Hb", "hemoglobin (g/L)", "Hgb", "PLT")
    assert [column.finding for column in table.columns] == ["platelets"]
    assert table.ambiguous == table.unplaced
    assert [column.heading for column in table.ambiguous] == ["Hb", "hemoglobin (g/L)", "Hgb"]
    assert table.ambiguous[0].why == "it names 'hemoglobin', and so do 'hemoglobin (g/L)' and 'Hgb'"
    assert table.ambiguous[1].likely == (Column("hemoglobin (g/L)", "hemoglobin", "g/L", unit_from="heading"),)
    assert "keep one of them in the mapping" in table.ambiguous[0].mend


def test_a_heading_that_occurs_twice_is_ambiguous() -> None:
    table = placed("Hb", "Hb", "Comment", "Comment")
    assert table.columns == ()
    assert [column.heading for column in table.ambiguous] == ["Hb", "Hb"]
    assert "another column of this name" in table.ambiguous[0].why


def test_many_columns_of_one_finding_are_not_all_listed() -> None:
    table = placed(*[f"Hb{' ' * number}" for number in range(50)])
    assert len(table.ambiguous) == 50
    assert "44 more" in table.ambiguous[0].why


def test_columns_of_one_finding_are_one_problem_that_names_them_all() -> None:
    table = placed("Polyneuropathy", "polyneuropathy", "Hb", "Hgb", "VEGF", *["Fever"] * 9)
    problems = [str(problem) for problem in problems_of(table)]
    assert problems[0].startswith(
        "columns 'Polyneuropathy' and 'polyneuropathy' both name 'polyneuropathy'; rename all but one"
    )
    assert problems[1].startswith("columns 'Hb' and 'Hgb' both name 'hemoglobin'; keep one of them in the mapping")
    assert problems[2].startswith("column 'VEGF': it does not say which one")
    assert problems[3].startswith("columns 'Fever', 'Fever', 'Fever', 'Fever', 'Fever' and 4 more all name 'fever'")
    assert len(problems) == 4


@pytest.mark.parametrize("headings", [("id", "id"), ("ID", "id"), ("Patient ID", "patient_id", "Fever"), ("MRN ", "MRN")])
def test_two_columns_that_are_called_as_the_id_is_are_refused(headings: tuple[str, ...]) -> None:
    with pytest.raises(PoemsError, match="have one name, which is taken for the patient's id; rename all but one"):
        placed(*headings)


def test_of_two_columns_that_differ_in_case_the_user_can_say_which_is_the_id() -> None:
    assert placed("ID", "id", id_heading="id").id == "id"
    with pytest.raises(PoemsError, match="columns 'x' and 'x' have one name"):
        placed("x", "x", id_heading="x")


# --- the id -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading", ["id", "ID", "MRN", "Patient ID", "PatientID", "patient_id", "SEQN", "SubjectId", "person_id"]
)
def test_the_id_is_found_by_its_name(heading: str) -> None:
    assert placed("Hb", heading).id == heading


def test_a_table_without_an_id_column_has_no_id() -> None:
    assert placed("Hb", "Comment").id is None


def test_a_second_id_column_is_reported() -> None:
    table = placed("MRN", "Patient ID")
    assert table.id == "MRN"
    assert "so does 'MRN', which is taken for the id" in table.unplaced[0].why


def test_the_id_can_be_any_column() -> None:
    table = placed("id", "Accession", id_heading="Accession")
    assert table.id == "Accession"
    assert [column.heading for column in table.unplaced] == ["id"]


def test_the_id_can_be_written_in_another_case() -> None:
    assert placed("Accession No", id_heading="accession no").id == "Accession No"


def test_an_id_that_no_column_is_is_refused_with_the_nearest() -> None:
    with pytest.raises(PoemsError, match="no column is called 'Acession'; did you mean 'Accession'"):
        placed("Hb", "Accession", id_heading="Acession")


def test_the_nearest_heading_is_named_else_the_first_few() -> None:
    assert nearest_heading("platlets", ["PLT", "Platelets"]) == "did you mean 'Platelets'?"
    assert nearest_heading("zzz", ["id", *"abcdef"]) == "the table has 'id', 'a', 'b', 'c', 'd' and more"
    assert "Smith" not in nearest_heading("zzz", ["4711", "Smith", "lambda"])
    assert nearest_heading("zzz", []) == "the table has no columns"


# --- units of columns that a mapping names ----------------------------------------------------------------------------


def test_the_unit_of_a_column_is_that_of_its_heading(rules: Rules) -> None:
    crp = rules.findings["c_reactive_protein"]
    assert unit_of("Lab 17 (mg/dL)", crp, rules.units) == "mg/dL"
    assert unit_of("Lab 17 mg/dL", crp, rules.units) == "mg/dL"
    assert unit_of("Lab 17", crp, rules.units) is None
    assert unit_of("Lab (second draw)", crp, rules.units) is None
    assert unit_of("Lab (mg/dL)", rules.findings["fever"], rules.units) is None
    with pytest.raises(UnitError):
        unit_of("Lab 17 (U/L)", crp, rules.units)


# --- laws -------------------------------------------------------------------------------------------------------------

NAMES = [name for finding in RULES.findings.values() for name in (finding.id, finding.label, *finding.synonyms)]
headings = st.lists(
    st.one_of(st.sampled_from(NAMES), st.sampled_from(["id", "MRN", "VEGF", "Comment"]), st.text(max_size=30)), max_size=12
)


def has_one_id(headings: list[str]) -> bool:
    named = [plain_name(heading) for heading in headings]
    return all(named.count(name) < 2 for name in ID_NAMES)


@given(headings.filter(has_one_id))
def test_every_column_is_placed_once_or_reported_as_unplaced(given_headings: list[str]) -> None:
    table = place(given_headings, RULES)
    expected = [heading for heading in given_headings if heading != table.id]
    assert sorted([column.heading for column in table.columns] + [column.heading for column in table.unplaced]) == sorted(
        expected
    )
    findings = [column.finding for column in table.columns]
    assert len(findings) == len(set(findings))
    for column in table.columns:
        if column.unit is not None:
            assert column.unit in RULES.units.analytes[column.finding].accepted
            assert column.unit_from == "heading"
    for column in table.unplaced:
        assert column.why
        assert column.mend
        assert (column.why + column.mend).isprintable()


@given(headings.filter(has_one_id), st.randoms())
def test_the_order_of_columns_means_nothing(given_headings: list[str], random: Random) -> None:
    table = place(given_headings, RULES)
    shuffled = list(given_headings)
    random.shuffle(shuffled)
    other = place(shuffled, RULES, table.id)
    assert sorted(map(str, other.columns)) == sorted(map(str, table.columns))


@given(st.sampled_from(NAMES))
def test_case_and_spaces_mean_nothing(name: str) -> None:
    first, other = only(name), only(f"  {name.upper().replace(' ', '   ')} ")
    assert isinstance(first, Column), first
    assert isinstance(other, Column), other
    assert first.finding == other.finding


def test_headings_as_in_nhanes() -> None:
    path = DATA / "nhanes" / "nhanes_2017-2018_slim.tsv.gz"
    if not path.exists():
        pytest.skip(f"no shared data at {DATA}: set POEMS_SHARED_DATA")
    with gzip.open(path, "rt") as file:
        table = place(file.readline().rstrip("\n").split("\t"), RULES)
    assert table.id == "SEQN"
    assert {column.heading: column.finding for column in table.columns} == {
        "Gender": "sex",
        "AgeInYearsAtScreening": "age",
        "Glycohemoglobin": "hba1c",
    }
    assert table.ambiguous == ()
    assert [column.heading for column in table.unplaced if column.likely] == ["DoctorToldYouHaveDiabetes"]
