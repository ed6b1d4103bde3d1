"""Headings: which finding each names, and what is left out rather than guessed."""

import gzip
import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poems_cli.errors import PoemsError
from poems_cli.model import Rules
from poems_cli.rules.loading import load_rules, units_of
from poems_cli.tables.columns import Column, TableMap, Unplaced
from poems_cli.tables.headings import nearest_heading, place, unit_of
from poems_cli.units import UnitError, UnitTable
from tests.build import rules_from, rules_text

RULES = load_rules()
UNITS = units_of(RULES)
DATA = Path(os.environ.get("POEMS_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


def placed(*headings: str, id_heading: str | None = None) -> TableMap:
    return place(headings, RULES, UNITS, id_heading)


def only(heading: str) -> Column | Unplaced:
    table = placed(heading)
    return table.columns[0] if table.columns else table.unplaced[0]


def unplaced(heading: str) -> Unplaced:
    found = only(heading)
    assert isinstance(found, Unplaced), found
    return found


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
    assert only(heading) == Column(heading, finding)


@pytest.mark.parametrize(
    ("heading", "finding", "unit"),
    [
        ("Platelets (K/uL)", "platelets", "10*3/uL"),
        ("PLT [10^9/L]", "platelets", "10*9/L"),
        ("plt (G/L)", "platelets", "10*9/L"),
        ("Hb", "hemoglobin", "g/dL"),
        ("Hb (G/L)", "hemoglobin", "g/L"),
        ("HbA1c", "hba1c", "%"),
        ("HbA1c (mmol/mol)", "hba1c", "mmol/mol"),
        ("Hemoglobin (A1c)", "hba1c", "%"),
        ("Glycohemoglobin", "hba1c", "%"),
        ("VEGF (plasma)", "plasma_vegf", "pg/mL"),
        ("serumVEGF", "serum_vegf", "pg/mL"),
        ("Serum VEGF pg/mL", "serum_vegf", "pg/mL"),
        ("AgeInYears", "age", "a"),
        ("AgeInYearsAtScreening", "age", "a"),
        ("Age (months)", "age", "mo"),
        ("eGFR (mL/min/1.73m2)", "egfr", "mL/min/{1.73_m2}"),
        ("eGFR (mL/min/{1.73_m2})", "egfr", "mL/min/{1.73_m2}"),
        ("CRP mg/dL", "c_reactive_protein", "mg/dL"),
        ("crp_mg_l", "c_reactive_protein", "mg/L"),
        ("CRP, mg/L", "c_reactive_protein", "mg/L"),
        ("platelet_count_k_ul", "platelets", "10*3/uL"),
        ("plt_x10e9_L", "platelets", "10*9/L"),
        ("Hct %", "hematocrit", "%"),
        ("Hemoglobin level", "hemoglobin", "g/dL"),
        ("spleen_length_mm", "spleen_length", "mm"),
        ("777-3", "platelets", "10*9/L"),
    ],
)
def test_a_heading_names_a_measured_value_and_its_unit(heading: str, finding: str, unit: str) -> None:
    assert only(heading) == Column(heading, finding, unit)


@pytest.mark.parametrize(
    ("heading", "why", "mend"),
    [
        ("Comment", "no finding is called so", "say in the mapping which finding it is"),
        ("WeightKg", "no finding is called so", "say in the mapping"),
        ("Polyneuropaty", "no finding is called so", "did you mean 'polyneuropathy'?"),
        ("DoctorToldYouHaveDiabetes", "no finding is called so", "did you mean 'diabetes_mellitus'?"),
        ("IFE", "no finding is called so", "did you mean 'serum_immunofixation' or 'urine_immunofixation'?"),
        ("label", "no finding is called so", "did you mean 'diagnosis_label'?"),
        ("Platelets (mg/dL)", "the unit 'mg/dL' is not understood for 'platelets'", "write one of 10*9/L, 10*3/uL"),
        ("Eosinophils %", "the unit '%' is not understood for 'eosinophils'", "write one of 10*9/L"),
        ("Papilledema (left eye)", "'papilledema' has no unit", "say in the mapping"),
        ("Ascites (1=no, 2=yes)", "'ascites' has no unit", "say in the mapping"),
        ("Sex (0/1)", "'sex' has no unit", "say in the mapping"),
        ("???", "the heading has no letters", "give the column a heading"),
        ("", "the heading has no letters", "give the column a heading"),
    ],
)
def test_what_a_heading_does_not_say_is_not_guessed(heading: str, why: str, mend: str) -> None:
    found = unplaced(heading)
    assert why in found.why
    assert mend in found.mend
    assert not found.ambiguous


@pytest.mark.parametrize("heading", ["VEGF", "vegf (pg/mL)", "VEGF pg/mL", "VEGF level", "VEGF result"])
def test_vegf_without_its_specimen_is_ambiguous(heading: str) -> None:
    found = unplaced(heading)
    assert found.ambiguous
    assert found.why == "it does not say which one: plasma_vegf or serum_vegf"
    assert [one.finding for one in found.likely] == ["plasma_vegf", "serum_vegf"]


def test_a_word_that_many_values_end_with_is_not_ambiguous() -> None:
    """A table may have a score or a protein of another kind; to refuse it would be a nuisance."""
    assert not unplaced("Score").ambiguous
    assert not unplaced("Protein").ambiguous
    assert not unplaced("Protein, total").ambiguous


def test_a_column_repeated_with_a_number_is_not_read_as_a_unit() -> None:
    assert isinstance(only("hematocrit_1"), Unplaced)
    assert isinstance(only("FLC ratio 2"), Unplaced)
    assert isinstance(only("age d"), Unplaced)


def test_a_loinc_code_of_two_findings_names_neither() -> None:
    both = {"codes": {"loinc": ["123-4"]}}
    rules = rules_from(rules_text({"first": both, "second": both, "third": {"codes": {"loinc": ["567-8"]}}}))
    table = place(["123-4", "567-8"], rules, units_of(rules))
    assert table.columns == (Column("567-8", "third"),)
    assert [one.heading for one in table.unplaced] == ["123-4"]


def test_a_share_beside_a_count_is_not_the_count() -> None:
    table = placed("Eosinophils", "Eosinophils %")
    assert [one.heading for one in table.columns] == ["Eosinophils"]


def test_columns_of_one_finding_are_all_left_out_and_say_so() -> None:
    table = placed("id", "Hb", "hemoglobin (g/L)", "Hgb", "PLT")
    assert [one.finding for one in table.columns] == ["platelets"]
    assert table.ambiguous == table.unplaced
    assert [one.heading for one in table.ambiguous] == ["Hb", "hemoglobin (g/L)", "Hgb"]
    assert table.ambiguous[0].why == "it names 'hemoglobin', and so do 'hemoglobin (g/L)' and 'Hgb'"
    assert table.ambiguous[1].likely == (Column("hemoglobin (g/L)", "hemoglobin", "g/L"),)
    assert "keep one of them in the mapping" in table.ambiguous[0].mend


def test_a_heading_that_stands_twice_is_ambiguous() -> None:
    table = placed("Hb", "Hb", "Comment", "Comment")
    assert table.columns == ()
    assert [one.heading for one in table.ambiguous] == ["Hb", "Hb"]
    assert "another column of this name" in table.ambiguous[0].why


def test_many_columns_of_one_finding_are_not_all_listed() -> None:
    table = placed(*[f"Hb{' ' * number}" for number in range(50)])
    assert len(table.ambiguous) == 50
    assert "46 more" in table.ambiguous[0].why


# --- the id -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading", ["id", "ID", "MRN", "Patient ID", "PatientID", "patient_id", "SEQN", "SubjectId", "person_id"]
)
def test_the_id_is_found_by_its_name(heading: str) -> None:
    assert placed("Hb", heading).id == heading


def test_without_an_id_there_is_none() -> None:
    assert placed("Hb", "Comment").id is None


def test_a_second_id_is_said() -> None:
    table = placed("MRN", "Patient ID")
    assert table.id == "MRN"
    assert "so does 'MRN', which is taken for the id" in table.unplaced[0].why


def test_the_id_can_be_any_column() -> None:
    table = placed("id", "Accession", id_heading="Accession")
    assert table.id == "Accession"
    assert [one.heading for one in table.unplaced] == ["id"]


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


def test_the_unit_of_a_column_is_that_of_its_heading(rules: Rules, units: UnitTable) -> None:
    crp = rules.findings["c_reactive_protein"]
    assert unit_of("Lab 17 (mg/dL)", crp, units) == "mg/dL"
    assert unit_of("Lab 17 mg/dL", crp, units) == "mg/dL"
    assert unit_of("Lab 17", crp, units) == "mg/L"
    assert unit_of("Lab (second draw)", crp, units) == "mg/L"
    assert unit_of("Lab (mg/dL)", rules.findings["fever"], units) is None
    with pytest.raises(UnitError):
        unit_of("Lab 17 (U/L)", crp, units)


# --- laws -------------------------------------------------------------------------------------------------------------

NAMES = [name for finding in RULES.findings.values() for name in (finding.id, finding.label, *finding.synonyms)]
headings = st.lists(
    st.one_of(st.sampled_from(NAMES), st.sampled_from(["id", "MRN", "VEGF", "Comment"]), st.text(max_size=30)), max_size=12
)


@given(headings)
def test_every_column_is_placed_once_or_said_to_be_unplaced(given_headings: list[str]) -> None:
    table = place(given_headings, RULES, UNITS)
    kept = [one for one in given_headings if one != table.id]
    assert sorted([one.heading for one in table.columns] + [one.heading for one in table.unplaced]) == sorted(kept)
    findings = [one.finding for one in table.columns]
    assert len(findings) == len(set(findings))
    for column in table.columns:
        if RULES.findings[column.finding].kind == "quantity":
            assert column.unit in UNITS.analytes[column.finding].accepted
        else:
            assert column.unit is None
    for one in table.unplaced:
        assert one.why
        assert one.mend
        assert (one.why + one.mend).isprintable()


@given(headings, st.randoms())
def test_the_order_of_columns_means_nothing(given_headings: list[str], random: Random) -> None:
    table = place(given_headings, RULES, UNITS)
    shuffled = list(given_headings)
    random.shuffle(shuffled)
    other = place(shuffled, RULES, UNITS, table.id)
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
        table = place(file.readline().rstrip("\n").split("\t"), RULES, UNITS)
    assert table.id == "SEQN"
    assert {one.heading: one.finding for one in table.columns} == {
        "Gender": "sex",
        "AgeInYearsAtScreening": "age",
        "Glycohemoglobin": "hba1c",
    }
    assert table.ambiguous == ()
    assert [one.heading for one in table.unplaced if one.likely] == ["DoctorToldYouHaveDiabetes"]
