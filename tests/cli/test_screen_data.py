"""Real tables: 8,366 people of a survey, and the published patients as one table."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from poems_cli.model import Rules
from tests.cli.command import ROOT, poems
from tests.cli.tables import rows, screen, verdicts
from tests.property.made_tables import written

DATA = Path(os.environ.get("POEMS_SHARED_DATA") or ROOT.parent / "shared" / "data")
NHANES = DATA / "nhanes" / "nhanes_2017-2018_slim.tsv.gz"
CASES = DATA.parent / "cases" / "published_cases.jsonl"


@pytest.mark.skipif(not NHANES.is_file(), reason=f"no survey at {NHANES}: set POEMS_SHARED_DATA")
def test_no_patient_of_a_survey_is_met_and_diabetes_alone_is_no_step_toward_it(tmp_path: Path) -> None:
    suggested = screen("--suggest-map", str(NHANES), folder=tmp_path)
    assert (suggested.code, suggested.err) == (0, "")
    likely = "  # DoctorToldYouHaveDiabetes: diabetes_mellitus"
    assert likely in suggested.out
    (tmp_path / "without.yaml").write_text(suggested.out)
    corrected = "  DoctorToldYouHaveDiabetes: {finding: diabetes_mellitus, values: {Borderline: null}}"
    (tmp_path / "with.yaml").write_text(suggested.out.replace(likely, corrected))
    answers = {}
    # some who answer no have the HbA1c of diabetes: contradictory, and no step toward the criteria either
    for name, code in (("without", 0), ("with", 12)):
        ran = screen(str(NHANES), "--map", f"{name}.yaml", "--summary", f"{name}.json", folder=tmp_path)
        assert ran.code == code
        assert ran.err.startswith("poems: columns not read: ")
        assert ran.err.count("\n") == 1
        answers[name] = rows(ran.out)
    summary = json.loads((tmp_path / "with.json").read_text())
    assert (summary["rows"], len(answers["with"])) == (8366, 8366)
    assert {column["finding"] for column in summary["columns"]} == {"sex", "age", "diabetes_mellitus", "hba1c"}
    assert {counts["met"] for counts in summary["verdicts"].values()} == {0}
    assert [finding["finding"] for finding in summary["contradictory"]["findings"]] == ["diabetes_mellitus"]
    assert set(verdicts(answers["with"]).values()) == {"undetermined"}
    assert verdicts(answers["with"], "steps_to_met") == verdicts(answers["without"], "steps_to_met")


@pytest.mark.skipif(not CASES.is_file(), reason=f"no published cases at {CASES}: set POEMS_SHARED_DATA")
def test_published_patients_as_a_table_get_the_answers_of_check(tmp_path: Path, rules: Rules) -> None:
    ran = poems("check", str(CASES), "--format", "json", folder=tmp_path)
    patients = {answer["patient"]["id"]: answer for answer in ran.answers}
    table, mapping = _table(rules, {name: answer["patient"]["findings"] for name, answer in patients.items()})
    (tmp_path / "cases.csv").write_text(table)
    (tmp_path / "map.yaml").write_text(mapping)
    ran = screen("cases.csv", "--map", "map.yaml", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    answer = rows(ran.out)
    for set_id in ("mayo", "mayo-2003", "imwg-2014", "mhlw", "suichi-2019", "castleman-variant"):
        expected = {name: answer["criteria"][set_id]["verdict"] for name, answer in patients.items()}
        assert verdicts(answer, set_id.replace("-", "_")) == expected
    assert {name: sorted(text.split(";")) for name, text in verdicts(answer, "warnings").items()} == {
        name: sorted([warning["id"] for warning in answer["urgent"] + answer["warnings"]] or [""])
        for name, answer in patients.items()
    }
    assert "met" in verdicts(answer).values()


def _table(rules: Rules, patients: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """Patients as CSV, in the findings' own units, with columns for the laboratory's limits, and the mapping for them."""
    cells: dict[str, dict[str, str]] = {}
    columns: dict[str, Any] = {}
    for name, findings in patients.items():
        row = cells[name] = {}
        for finding, value in findings.items():
            unit = rules.findings[finding].unit
            columns.setdefault(finding, {"finding": finding, **({} if unit is None else {"unit": unit})})
            if isinstance(value, dict) and value.get("value") is not None:
                row[finding] = f"{value.get('comparator') or ''}{value['value']!r}"
                for side in ("low", "high"):
                    if value.get(side) is not None:
                        columns[finding][side] = f"{finding} {side}"
                        columns.setdefault(f"{finding} {side}", None)
                        row[f"{finding} {side}"] = repr(value[side])
            elif isinstance(value, bool):
                row[finding] = "yes" if value else "no"
            elif isinstance(value, str):
                row[finding] = value
    body = [[name, *[row.get(column, "") for column in columns]] for name, row in cells.items()]
    return written([["id", *columns], *body]), yaml.safe_dump({"id": "id", "columns": columns}, sort_keys=False)
