"""CSV in: the filled template, one row per patient."""

import io
from pathlib import Path

import pytest

from poems_cli.checking.inputs import read_patients
from poems_cli.model import Given, Quantity, Rules
from poems_cli.records import Reading
from poems_cli.report.template import template


@pytest.fixture
def read(rules: Rules, tmp_path: Path):
    def reader(text: str | bytes) -> list[Reading]:
        path = tmp_path / "patients.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(read_patients([str(path)], rules, io.BytesIO()))

    return reader


def test_the_template_is_a_patient_with_nothing_known(rules, read):
    (reading,) = read(template(rules, "csv", None))
    assert reading.problems == ()
    assert reading.patient is not None
    assert reading.patient.observed == {}


def test_cells_mean_what_they_mean_in_json(read):
    text = "id,polyneuropathy,papilledema,ascites,plasma_vegf (ng/L),platelets (10*9/L),sex\n007,yes,absent,,>2000,512,Female\n"
    (reading,) = read(text)
    assert reading.problems == ()
    assert reading.patient is not None
    assert reading.patient.id == "007"
    assert reading.patient.observed == {
        "polyneuropathy": True,
        "papilledema": False,
        "plasma_vegf": Quantity(2000, "pg/mL", ">", given=Given(2000, "ng/L")),
        "platelets": Quantity(512, "10*9/L"),
        "sex": "female",
    }


def test_a_longer_word_of_a_choice_sets_other_findings_too(read):
    first, second = read("id,Light chain\n1,IgG lambda\n2,kappa\n")
    assert first.patient.observed == {"light_chain": "lambda", "m_protein_heavy_chain": "IgG"}
    assert second.patient.observed == {"light_chain": "kappa"}


def test_a_band_that_is_typed_is_present_and_has_its_chains(read):
    first, second, third = read("id,Serum immunofixation\n1,IgA lambda\n2,no monoclonal protein\n3,yes\n")
    assert first.patient.observed == {"serum_immunofixation": True, "light_chain": "lambda", "m_protein_heavy_chain": "IgA"}
    assert second.patient.observed == {"serum_immunofixation": False}
    assert third.patient.observed == {"serum_immunofixation": True}


def test_a_date_and_a_label_are_those_of_the_record(read):
    (reading,) = read("id,date,label,polyneuropathy\n1,2025-03-14,CIDP,yes\n")
    assert reading.problems == ()
    assert reading.patient.observed == {"polyneuropathy": True, "diagnosis_label": "cidp"}


def test_a_legend_and_a_column_of_units_are_used(read):
    text = "id,Ascites (1=no; 2=yes),Platelets,Platelets unit\n1,2,512,K/uL\n2,1,300,K/uL\n"
    first, second = read(text)
    assert (first.problems, second.problems) == ((), ())
    assert first.patient.observed["ascites"] is True
    assert second.patient.observed["ascites"] is False
    assert first.patient.observed["platelets"] == Quantity(512, "10*9/L", given=Given(512, "10*3/uL"))


def test_a_row_of_units_below_the_headings_is_not_a_patient(read):
    (reading,) = read("id,Platelets,Prolactin\n,K/uL,ng/mL\n1,512,12\n")
    assert reading.problems == ()
    assert reading.patient.observed["prolactin"] == Quantity(12, "ng/mL")


def test_one_bad_row_does_not_stop_the_rest(read):
    readings = read('id,polyneuropathy\na,true\nb,perhaps\nc\n\nd,"fal\nse"\ne,false\n')
    assert [reading.patient.id if reading.patient else None for reading in readings] == ["a", None, None, None, "e"]
    # as a sheet counts, and so as in poems screen: with the headings, and with the blank row
    assert [reading.problems[0].where.split(",")[1] for reading in readings[1:4]] == [" row 3", " row 4", " row 6"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing in it"),
        ("id,polyneuropathy,polyneuropathy\na,true,false\n", "'polyneuropathy' is there twice"),
        ('id,polyneuropathy\na,"true\n', "a quote is opened and never closed"),
        ("a,true\nb,false\n", "looks like a patient, not like headings"),
        ("id,polyneuropathi\na,true\n", "the column 'polyneuropathi' is not read: not the name of a finding"),
        ("id,platelets (furlong)\na,5\n", "furlong"),
        ("id,PLT\na,512\n", "its unit is not known"),
        ("id,papilledema\n", "nothing in it"),
        ("person_id,condition_concept_id\n1,4\n", "a table of an OMOP export"),
        (b"id,polyneuropathy\n\xe9,true\n", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported_once_with_the_place(read, text, message):
    readings = read(text)
    assert [reading.patient for reading in readings] == [None]
    (problem,) = readings[0].problems
    assert message in problem.what
    assert "patients.csv" in problem.where
    assert problem.mend


@pytest.mark.parametrize("text", [b"id;polyneuropathy\n\xe9;true\n", b"id;Hb,g/dL\n1;14,2\n"])
def test_what_another_command_has_an_option_for_is_mended_by_that_command(read, text):
    ((problem,),) = [reading.problems for reading in read(text)]
    assert "poems screen --" in problem.mend


def test_totals_and_notes_below_a_table_are_no_patients(read):
    rows = "Total,15,0\n1,1,0\nSubtotal,7,0\nID,Polyneuropathy,ascites\n2,0,0\nTotal,15,0\nSource: ward 3\n"
    *patients, above, subtotals, again, totals, note = read(f"id,polyneuropathy,ascites\n{rows}")
    assert [patient.patient and patient.patient.observed for patient in patients] == [
        {"polyneuropathy": True, "ascites": False},
        {"polyneuropathy": False, "ascites": False},
    ]
    assert [problem.what for reading in (above, subtotals, again, totals, note) for problem in reading.problems] == [
        *["this row holds totals or reference ranges, and is not a patient"] * 2,
        "this row repeats the headings, and is not a patient",
        "this row holds totals or reference ranges, and is not a patient",
        "this is a note below the table, and is not a patient",
    ]


def test_a_unit_that_need_not_be_written_is_not_marked_as_assumed(read):
    (reading,) = read("id,age,TSH,platelets\n1,60.667,1.2,250000\n")
    assert reading.patient is not None
    observed = reading.patient.observed
    assert {name: observed[name].unit_from for name in observed} == {"age": "given", "tsh": "assumed", "platelets": "assumed"}
