"""The schemas are valid, and answers, templates and examples follow them."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from poems_cli.model import Rules
from tests.cli.command import CONTRADICTORY, MET, NOT_MET, OPEN, ROOT, Ran, poems


@cache
def schema(name: str) -> Any:
    ran = poems("schema", name, folder=ROOT)
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


def faults(name: str, value: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in jsonschema.Draft202012Validator(schema(name)).iter_errors(value)]


@pytest.mark.parametrize("name", ["input", "output", "brief", "follow"])
def test_each_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for reference in re.findall(r'"#/\$defs/([^"]+)"', json.dumps(schema(name))):
        definition: Any = schema(name)["$defs"]
        for part in reference.split("/"):
            definition = definition[part]
        assert definition


def test_the_output_schema_is_the_default() -> None:
    assert json.loads(poems("schema", folder=ROOT).out) == schema("output")


QUANTITIES = {
    "id": "numbers",
    "findings": {
        "polyneuropathy": True,
        "serum_vegf": {"value": 1500, "unit": "pg/mL", "high": 600},
        "platelets": {"value": ">450", "unit": "10*9/L"},
        "prolactin": {"value": 18, "unit": "ng/mL", "high": 15},
        "csf_protein": {"value": None, "reason": "not-performed"},
        "hba1c": {"value": 52, "unit": "mmol/mol"},
        "light_chain": "lambda",
    },
}

EXPLAINED = {
    "id": "liver",
    "findings": {
        **dict.fromkeys(("polyneuropathy", "sclerotic_bone_lesion", "ascites", "cirrhosis", "diabetes_mellitus"), True),
        "light_chain": "lambda",
    },
}


GIVEN = [MET, NOT_MET, OPEN, CONTRADICTORY, QUANTITIES, EXPLAINED, {"id": "none", "findings": {}}]


@pytest.mark.parametrize("options", [(), ("-c", "mhlw", "-c", "castleman-variant")])
def test_answers_keep_to_the_schema_and_read_back_the_same(options: tuple[str, ...], tmp_path: Path) -> None:
    def checked(patients: list[dict[str, Any]], *more: str) -> Ran:
        text = "\n".join(map(json.dumps, patients))
        return poems("check", "-", "-f", "json", *options, *more, folder=tmp_path, stdin=text)

    ran = checked(GIVEN)
    assert len(ran.answers) == len(GIVEN)
    understood = [{"id": answer["patient"]["id"], "findings": answer["patient"]["findings"]} for answer in ran.answers]
    assert [fault for answer in ran.answers for fault in faults("output", answer)] == []
    assert [fault for record in (*GIVEN, *understood) for fault in faults("input", record)] == []
    assert checked(understood) == ran
    assert [fault for answer in checked(GIVEN, "--brief").answers for fault in faults("brief", answer)] == []


def test_findings_explained_by_another_disease_are_marked_and_no_treatment_is_given(tmp_path: Path) -> None:
    [answer] = poems("check", "-", "-f", "json", folder=tmp_path, stdin=json.dumps(EXPLAINED)).answers
    assert answer["verdict"] == "met"
    explained = {(item["finding"], item["entry"]) for item in answer["explained"]}
    assert explained == {("ascites", "cirrhosis"), ("extravascular_volume_overload", "cirrhosis")}
    assert answer["explained_groups"] == ["minor_criterion"]
    assert [(item["finding"], item["element"]) for item in answer["not_counted"]] == [("diabetes_mellitus", "endocrinopathy")]
    outlook = answer["outlook"]
    assert (outlook["treatment"], outlook["treatment_held_back"], "response" in outlook) == ([], True, False)
    assert {step["id"]: step["done"] for step in answer["staging"]}["bones"] is None


def test_a_schema_refuses_invalid_values() -> None:
    assert faults("output", {"schema_version": "1.0"})
    assert faults("input", {"findings": {"polineuropathy": True}})
    assert faults("input", {"polineuropathy": True})
    assert faults("input", {"findings": {"platelets": True}})


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("options", [(), ("--criteria", "mayo")])
def test_a_template_is_valid_input_with_nothing_known(
    form: str, options: tuple[str, ...], rules: Rules, tmp_path: Path
) -> None:
    template = poems("template", "-f", form, *options, folder=tmp_path)
    assert (template.code, template.err) == (0, "")
    given = json.loads(template.out) if form == "json" else yaml.safe_load(template.out)
    assert faults("input", given) == []
    assert given["findings"].keys() <= rules.findings.keys()
    if not options:
        assert given["findings"].keys() == rules.findings.keys()
    (tmp_path / f"patient.{form}").write_text(template.out)
    ran = poems("check", f"patient.{form}", "-f", "json", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    [answer] = ran.answers
    assert (answer["patient"]["findings"], answer["patient"]["derived"]) == ({}, {})
    assert {result["verdict"] for result in answer["criteria"].values()} == {"undetermined"}
    assert answer["warnings"] == answer["contradictions"] == []


def test_the_template_as_csv_has_a_column_for_every_finding(rules: Rules, tmp_path: Path) -> None:
    heads, row = poems("template", "-f", "csv", folder=tmp_path).out.splitlines()
    assert {head.split(" (")[0] for head in heads.split(",")} == {"id", *rules.findings}
    assert row.split(",")[0] == "p1"
    assert set(row.split(",")[1:]) == {""}


def test_a_template_for_an_unknown_set(tmp_path: Path) -> None:
    ran = poems("template", "-c", "mayo2003", folder=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 'mayo-2003'?" in ran.err


def test_the_example_of_readme_and_docs() -> None:
    assert faults("input", json.loads((ROOT / "docs" / "patient.json").read_text())) == []
