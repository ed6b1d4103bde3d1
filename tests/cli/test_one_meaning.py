"""A number, a word and a unit mean the same in a record, in a table that is checked, and in one that is screened."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import poems
from tests.cli.tables import rows, screen, verdicts

#: Headings by synonym and with units; words, codes, blanks and flags as hospitals write them.
WARD = """\
MRN;Polyneuropathy;Monoclonal plasma cell disorder;Castleman disease;Optic disc swelling;PLT [K/uL];Serum VEGF (ng/L);TSH
01;positive;yes;1;+;612;2812,5;2,1
02;neg;n/a;0;-;250 H;<31;not done
03;Y;pos;0;not examined;>450;;4,8
04;1;detected;?;n;1.250,5;700;
05;yes;not tested;-;0;;2 100;1,1
"""


@pytest.mark.parametrize("name", ["ward.csv", "ward.tsv"])
def test_a_table_that_is_checked_gets_the_answers_of_screen(name: str, tmp_path: Path) -> None:
    text = WARD.replace(";", "\t") if name == "ward.tsv" else WARD
    (tmp_path / name).write_text(text)
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(text.encode()))
    checked = poems("check", name, "--format", "json", folder=tmp_path)
    screened = rows(screen(name, folder=tmp_path).out)
    answers = {answer["patient"]["id"]: answer for answer in checked.answers}
    assert list(answers) == [row["id"] for row in screened] == ["01", "02", "03", "04", "05"]
    assert {name: answer["verdict"] for name, answer in answers.items()} == verdicts(screened)
    assert {name: [entry["key"] for entry in answer["refused"]] for name, answer in answers.items() if answer["refused"]} == {
        "05": ["serum_vegf"]
    }, "a blank may part two numbers as well as thousands"
    assert {row["id"]: int(row["not_understood"] or 0) for row in screened} == {
        name: len(answer["refused"]) for name, answer in answers.items()
    }
    first, second = answers["01"]["patient"]["findings"], answers["02"]["patient"]["findings"]
    assert first["serum_vegf"] == {
        "value": 2812.5, "unit": "pg/mL", "given": {"value": 2812.5, "unit": "ng/L"}, "unit_from": "given",
    }  # fmt: skip
    assert first["tsh"]["unit_from"] == "assumed"
    assert (second["polyneuropathy"], second["castleman_disease"]) == (False, False)
    assert "papilledema" not in second, "a lone dash is never absent"
    assert poems("check", "packed.csv.gz", "--format", "json", folder=tmp_path).out == checked.out


def test_a_problem_of_a_column_is_reported_once(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text(
        "MRN,Prolactin,polyneuropathy\n" + "".join(f"{row},{row},yes\n" for row in range(20, 70))
    )
    ran = poems("check", "ward.csv", "--format", "json", folder=tmp_path)
    assert (ran.code, len(ran.answers)) == (11, 50)
    assert len(ran.err.splitlines()) == 2
    assert "ward.csv, column 2: the column 'Prolactin' is not read: its unit is not known" in ran.err
    assert {entry["key"] for answer in ran.answers for entry in answer["refused"]} == {"prolactin"}
    with_units = poems("check", "ward.csv", "--format", "json", "--units", "us", folder=tmp_path)
    assert (with_units.code, with_units.err) == (0, "")
    assert {answer["patient"]["findings"]["prolactin"]["unit_from"] for answer in with_units.answers} == {"option"}


def test_cells_in_units_of_their_own_are_converted_once(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text(
        "id,age,Hb,HbA1c,Testosterone,Castleman disease,polyneuropathy,Monoclonal plasma cell disorder\n"
        "a,57 years,20.5 g/dL,6.1 %,450 ng/dL,yes,yes,yes\n"
        'b,7 months,205 g/L,43 mmol/mol,"15.6 nmol/L",yes,yes,yes\n'
        "c,40 years,8.8 mmol/L,50 mmol/mol,4.5 ng/mL,yes,yes,yes\n"
    )
    checked = poems("check", "ward.csv", "--format", "json", folder=tmp_path)
    found = [answer["patient"]["findings"] for answer in checked.answers]
    assert [round(one["hemoglobin"]["value"], 1) for one in found] == [20.5, 20.5, 14.2]
    assert [round(one["hba1c"]["value"], 1) for one in found] == [6.1, 6.1, 6.7]
    assert [round(one["testosterone"]["value"]) for one in found] == [450, 450, 450]
    assert (found[1]["age"]["given"], found[1]["hba1c"]["given"]) == (
        {"value": 7, "unit": "mo"},
        {"value": 43, "unit": "mmol/mol"},
    )
    verdicts_of_check = {answer["patient"]["id"]: answer["verdict"] for answer in checked.answers}
    assert (
        verdicts_of_check
        == verdicts(rows(screen("ward.csv", folder=tmp_path).out))
        == {"a": "met", "b": "met", "c": "undetermined"}
    )


def test_a_number_without_a_unit_in_the_column_of_units_is_read_by_neither(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text("id,polyneuropathy,Prolactin,Unit\na,yes,31,ng/mL\nb,yes,420,\nc,yes,,ng/mL\n")
    checked = poems("check", "ward.csv", "--format", "json", folder=tmp_path)
    screened = screen("ward.csv", "--columns", "id,mayo_minor_criterion_unknown", folder=tmp_path)
    why = "some of its numbers have no unit in the column 'Unit' next to it"
    assert why in checked.err
    assert all("prolactin" not in answer["patient"]["findings"] for answer in checked.answers)
    assert "columns not read: 'Prolactin'" in screened.err
    assert screened.out.splitlines()[1:] == ["a,6", "b,6", "c,6"]


def test_neither_loses_the_rows_within_a_quote_that_is_closed_too_late(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text('id,ascites,note\na,yes,"he said no\nb,no,x\nc,no,y"\nd,yes,z\n')
    for ran in (poems("check", "ward.csv", "--format", "json", folder=tmp_path), screen("ward.csv", folder=tmp_path)):
        assert (ran.code, ran.out) == (11, "")
        assert "ward.csv, line 2: a quote is opened and closed 2 lines below, over what look like whole rows; " in ran.err


def test_the_same_rows_are_patients(tmp_path: Path) -> None:
    rows_of = ["Total,5", "A1,yes", "Subtotal (all),2", ",yes", "id,polyneuropathy", "B2,no", "Ref. range,no", "Mean,", "Max,"]
    (tmp_path / "ward.csv").write_text("\n".join(["id,polyneuropathy", *rows_of, "Source: list of the ward,", ""]))
    checked = poems("check", "ward.csv", "--format", "json", folder=tmp_path)
    screened = rows(screen("ward.csv", folder=tmp_path).out)
    assert [row["id"] for row in screened] == ["A1", "", "B2"]
    assert [answer["patient"]["id"] for answer in checked.answers] == ["A1", "patient 2", "B2"]
    lines = [line.split(":")[1] for line in checked.err.splitlines() if "is not a patient" in line]
    assert lines == [f" ward.csv, row {row}" for row in (2, 4, 6, 8, 9, 10, 11)]


#: A patient of each verdict, in the units of the United States and in SI units.
BASE = {"polyneuropathy": True, "monoclonal_plasma_cell_disorder": True}
US: dict[str, dict[str, Any]] = {
    "met": {**BASE, "platelets": (620, "10*3/uL"), "plasma_vegf": (350, "pg/mL"), "hemoglobin": (14.2, "g/dL")},
    "open": {**BASE, "platelets": (250, "10*3/uL"), "calcium": (9.4, "mg/dL"), "testosterone": (450, "ng/dL")},
    "tall": {**BASE, "castleman_disease": True, "hemoglobin": (19.5, "g/dL"), "creatinine": (0.9, "mg/dL")},
}
SI: dict[str, dict[str, Any]] = {
    "met": {**BASE, "platelets": (620, "10*9/L"), "plasma_vegf": (350, "ng/L"), "hemoglobin": (142, "g/L")},
    "open": {**BASE, "platelets": (250, "10*9/L"), "calcium": (2.35, "mmol/L"), "testosterone": (15.6, "nmol/L")},
    "tall": {**BASE, "castleman_disease": True, "hemoglobin": (195, "g/L"), "creatinine": (79.6, "umol/L")},
}


def written(patients: dict[str, dict[str, Any]], *, units: bool) -> str:
    def value(given: Any) -> Any:
        if not isinstance(given, tuple):
            return given
        return {"value": given[0], "unit": given[1]} if units else given[0]

    records = [
        {"id": name, **{finding: value(given) for finding, given in record.items()}} for name, record in patients.items()
    ]
    return "\n".join(map(json.dumps, records))


def answered(patients: dict[str, dict[str, Any]], folder: Path, *options: str, units: bool) -> dict[str, dict[str, str]]:
    ran = poems("check", "--format", "json", *options, "-", folder=folder, stdin=written(patients, units=units))
    return {
        answer["patient"]["id"]: {set_id: result["verdict"] for set_id, result in answer["criteria"].items()}
        for answer in ran.answers
    }


def test_the_same_patients_in_both_systems_of_units_get_the_same_verdicts(tmp_path: Path) -> None:
    us = answered(US, tmp_path, units=True)
    assert [us[name]["mayo"] for name in US] == ["met", "undetermined", "met"]
    assert us == answered(SI, tmp_path, units=True)
    assert us == answered(US, tmp_path, "--units", "us", units=False)
    assert us == answered(SI, tmp_path, "--units", "si", units=False)
    for patients in (US, SI):
        for name, bare in answered(patients, tmp_path, units=False).items():
            for set_id, verdict in bare.items():
                assert verdict in ("undetermined", us[name][set_id]), "without units, no verdict that differs is ever given"


def test_what_is_impossible_leaves_the_finding_unknown(tmp_path: Path) -> None:
    """A value that no patient has, or limits that cannot be limits: no warning, verdict or contradiction follows from them."""
    cells = {"beyond": "150,,", "below": "-5,,", "limits": "60,70,5", "sound": "60,5,70"}
    (tmp_path / "marrow.csv").write_text(
        "id,Plasma cells (%),from,to\n" + "".join(f"{name},{cell}\n" for name, cell in cells.items())
    )
    column = {"finding": "bone_marrow_plasma_cells", "low": "from", "high": "to"}
    mapping = {"id": "id", "columns": {"Plasma cells (%)": column, "from": None, "to": None}}
    (tmp_path / "map.yaml").write_text(json.dumps(mapping))
    ran = screen("marrow.csv", "--map", "map.yaml", "--rejects", "rejects.csv", folder=tmp_path)
    assert verdicts(rows(ran.out), "warnings") == {"beyond": "", "below": "", "limits": "", "sound": "large_m_protein"}
    assert [row["id"] for row in rows((tmp_path / "rejects.csv").read_text())] == ["beyond", "below", "limits"]
