"""Nothing of a patient reaches standard error: a message names the file, the place and the finding, never a cell or an id."""

import json
from pathlib import Path

import pytest

from tests.cli.command import poems

SECRETS = ("MRN-4711", "Smith", "HIV", "4711")


def refused(*arguments: str, folder: Path) -> str:
    """The messages of a run that refuses its input; none holds data of the patient."""
    ran = poems(*arguments, folder=folder)
    assert (ran.code, ran.out) == (11, "")
    assert not [secret for secret in SECRETS if secret in ran.err], ran.err
    return ran.err


#: Findings of a patient by the message for them.
FINDINGS: dict[str, object] = {
    "finding polyneuropathy: expected present or absent, but this is another text": {"polyneuropathy": "Smith"},
    "finding platelets: what follows the number is not a unit understood here": {"platelets": "210 HIV-positive"},
    "finding serum_vegf: the unit is not understood here": {"serum_vegf": {"value": 5, "unit": "Smith"}},
    "finding sex: expected one of its words, but this is another text": {"sex": "HIV"},
    "there is no finding of this name": {"Smith, MRN-4711": True},
    "a value of this finding has no key of this name": {"platelets": {"value": 5, "HIV: 4711": 1}},
}


@pytest.mark.parametrize("name", ["p.jsonl", "p.yaml"])
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_patient_is_named_only_by_place(name: str, form: str, tmp_path: Path) -> None:
    records = [json.dumps({"id": "MRN-4711", "findings": findings}) + "\n" for findings in FINDINGS.values()]
    (tmp_path / name).write_text(("---\n" if name == "p.yaml" else "").join(records))
    lines = refused("check", name, "-f", form, folder=tmp_path).splitlines()
    assert lines.pop() == f"poems: {len(FINDINGS)} not understood"
    for number, (message, line) in enumerate(zip(FINDINGS, lines, strict=True), 1):
        assert line.startswith(f"poems: {name}, ")
        assert f", patient {number}" in line
        assert message in line


@pytest.mark.parametrize(
    "first", ["MRN-4711,Smith,yes", "MRN-4711,Smith,HIV", "Smith,4711", "Smith,2026-01-05,<5 mg/L", "Smith,HIV"]
)
def test_a_first_row_that_is_a_patient_is_not_shown(first: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"{first}\n{first}\n")
    assert refused("check", "t.csv", folder=tmp_path).startswith("poems: t.csv, ")
    refused("screen", "t.csv", folder=tmp_path)


def test_a_first_row_of_data_is_not_shown_with_any_option(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("MRN-4711,Smith,HIV\n" * 2)
    for command in ("screen t.csv --strict", "screen t.csv --id patient", "screen t.csv -q", "sql --like t.csv"):
        refused(*command.split(), folder=tmp_path)


def test_columns_that_are_not_read_are_named_where_the_first_row_is_surely_one_of_headings(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,Seen by,polyneuropathi\n1,Smith,yes\n")
    assert [line.partition(";")[0] for line in refused("check", "t.csv", folder=tmp_path).splitlines()[:2]] == [
        "poems: t.csv, column 2: the column 'Seen by' is not read: not the name of a finding",
        "poems: t.csv, column 3: the column 'polyneuropathi' is not read: not the name of a finding",
    ]
    (tmp_path / "t.csv").write_text("Smith,polyneuropathy\nHIV,yes\n")
    message = poems("check", "t.csv", folder=tmp_path).err
    assert message.startswith("poems: t.csv, column 1: this heading names no finding; remove the column, or start from: ")


def test_two_first_rows_that_differ_are_not_shown(tmp_path: Path) -> None:
    for name, row in {"a.csv": "MRN-4711,polyneuropathy", "b.csv": "Smith,polyneuropathy"}.items():
        (tmp_path / name).write_text(f"{row}\n")
    refused("screen", "a.csv", "b.csv", folder=tmp_path)
