"""The answers as JSON: ids with their labels once, the same in brief, and no larger than need be."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from poems_cli.checking.parallel import json_writer
from poems_cli.engine.assess import Assessor
from poems_cli.model import Patient, Rules
from poems_cli.records.patient import PatientReader
from poems_cli.records.problem import Record
from poems_cli.report.schema import json_schema
from poems_cli.report.writing import Wanted
from poems_cli.rules.loading import load_rules
from tests.cli.command import OPEN, ROOT, poems

EVERY = 60  # of the example patients of the rules, each file's first and then so many apart


@cache
def examples() -> tuple[Patient, ...]:
    reader = PatientReader(load_rules(), "canonical")
    files = sorted((ROOT / "rules" / "examples").glob("*.yaml"))
    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    cases = [yaml.load(path.read_text(), Loader=fast).get("cases", [])[::EVERY] for path in files]
    records = [Record({"id": case["id"], "findings": case["findings"]}, "", 1) for file in cases for case in file]
    return tuple([patient for record in records if (patient := reader.read(record).patient) is not None])


@cache
def answers(*, brief: bool, every_mimic: bool = False) -> list[Any]:
    rules = load_rules()
    assessor, writer = Assessor(rules), json_writer(rules, Wanted(every_mimic=every_mimic, brief=brief))
    assessed = [assessor.assess(patient, every_mimic=every_mimic) for patient in examples()]
    return [json.loads(writer.written(assessment)) for assessment in assessed]


@pytest.mark.parametrize("every_mimic", [False, True])
@pytest.mark.parametrize("brief", [False, True])
def test_the_answers_of_the_example_patients_fit_the_schema(brief: bool, every_mimic: bool, rules: Rules) -> None:
    schema = json_schema("brief" if brief else "output", rules)
    validator = jsonschema.Draft202012Validator(schema)
    assert len(examples()) > 40
    for answer in answers(brief=brief, every_mimic=every_mimic):
        assert [error.json_path for error in validator.iter_errors(answer)] == []


def named(node: Any) -> Iterator[tuple[str, str]]:
    """Each id of an answer with the part of the labels where it must be."""
    if isinstance(node, list):
        for item in node:
            yield from named(item)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key in ("finding", "findings", "unexplained", "answers", "shows") and not isinstance(value, dict):
            yield from (("findings", finding) for finding in (value if isinstance(value, list) else [value]))
        elif key == "tests" and value and isinstance(value[0], str):
            yield from (("tests", test) for test in value)
        elif key == "mimic":
            yield "mimics", value
        elif key not in ("label", "labels", "patient"):
            yield from named(value)


def test_every_id_of_an_answer_has_its_label(rules: Rules) -> None:
    for answer in answers(brief=False):
        labels = answer["labels"]
        wanted = {*named(answer), *(("criteria", set_id) for set_id in answer["criteria"])}
        wanted |= {("findings", finding) for finding in (*answer["patient"]["findings"], *answer["patient"]["derived"])}
        wanted |= {("tests", test["id"]) for test in answer["tests"]} | {("mimics", mimic["id"]) for mimic in answer["mimics"]}
        assert [(kind, name) for kind, name in wanted if name not in labels[kind]] == []
        for result in answer["criteria"].values():
            for group in result["groups"]:
                elements = [group["id"], *group["present"], *group["absent"], *group["unknown"]]
                assert [
                    element for element in elements if element not in labels["elements"] and element not in labels["findings"]
                ] == []
        for finding, label in labels["findings"].items():
            assert label == rules.findings[finding].label


def test_the_brief_answer_agrees_with_the_full_answer() -> None:
    for full, brief in zip(answers(brief=False), answers(brief=True), strict=True):
        assert brief["id"] == full["patient"]["id"]
        for key in ("schema_version", "default_criteria", "verdict", "steps_to_met"):
            assert brief[key] == full[key]
        assert list(brief["criteria"]) == list(full["criteria"])
        for set_id, result in full["criteria"].items():
            brief_result = brief["criteria"][set_id]
            assert (brief_result["verdict"], list(brief_result["groups"])) == (
                result["verdict"],
                [group["id"] for group in result["groups"]],
            )
            for group in result["groups"]:
                of_group = brief_result["groups"][group["id"]]
                assert of_group.get("present", []) == group["present"]
                assert of_group.get("unknown", []) == (group["unknown"] if group["value"] is None else [])
        assert brief["next_tests"] == [test["id"] for test in full["tests"]]
        rows = [{key: mimic[key] for key in ("id", "status", "evidence")} for mimic in full["mimics"]]
        assert brief["mimics"] == [row for row in rows if row["status"] != "not assessed"]
        assert brief["warnings"] == [warning["id"] for warning in full["warnings"]]
        assert brief["urgent"] == [warning["id"] for warning in full["urgent"]]
        assert brief["contradictions"] == [contradiction["finding"] for contradiction in full["contradictions"]]


def test_an_answer_is_small(tmp_path: Path) -> None:
    example = (ROOT / "docs" / "patient.json").read_text()
    full = poems("check", "-", "-f", "json", folder=tmp_path, stdin=example).out
    brief = poems("check", "-", "-f", "json", "--brief", folder=tmp_path, stdin=example).out
    assert len(full.encode()) <= 47_000  # every one of 57 mimics has its row and its name
    assert len(brief.encode()) <= len(full.encode()) / 6
    sizes = [len(json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()) for answer in answers(brief=False)]
    assert sum(sizes) / len(sizes) <= 40_000
    assert max(sizes) <= 70_000  # of a published patient with 20 findings


def test_the_given_value_is_in_the_answer(tmp_path: Path) -> None:
    record = {"findings": {"hba1c": {"value": 52, "unit": "mmol/mol"}}}
    [answer] = poems("check", "-", "-f", "json", folder=tmp_path, stdin=json.dumps(record)).answers
    assert answer["patient"]["findings"]["hba1c"]["given"] == {"value": 52, "unit": "mmol/mol"}
    assert '"given":{"value":52.0,"unit":"mmol/mol"}' in json.dumps(answer["patient"]["derived"], separators=(",", ":"))


def test_brief_is_only_for_json(tmp_path: Path) -> None:
    for options in ((), ("-f", "table"), ("-f", "json", "-o", "answer.md")):
        ran = poems("check", "-", "--brief", *options, folder=tmp_path, stdin=json.dumps(OPEN))
        assert (ran.code, ran.out) == (2, "")
        assert "--format json" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_brief_refuses_what_would_make_it_longer(tmp_path: Path) -> None:
    for option in ("--all-mimics", "--all-tests"):
        ran = poems("check", "-", "--brief", option, "-f", "json", folder=tmp_path, stdin=json.dumps(OPEN))
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"poems: {option}: it has no effect here")


def test_tests_of_no_further_worth_come_on_request(tmp_path: Path) -> None:
    usual, every = (
        poems("check", "-", "-f", "json", *option, folder=tmp_path, stdin=json.dumps(OPEN)).answers[0]["tests"]
        for option in ((), ("--all-tests",))
    )
    assert usual == [test for test in every if test["worth"] > 0]
    assert len(usual) < len(every)
