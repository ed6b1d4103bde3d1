import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from poems_cli.model import RulesIdentity
from poems_cli.report.schema import json_schema
from poems_cli.rules.loading import load_rules
from poems_cli.screening.summary import (
    CellFault,
    ColumnRead,
    Contradictory,
    Count,
    LevelVerdicts,
    NotUnderstood,
    Output,
    Steps,
    Summary,
    Verdicts,
    summary_json,
)
from poems_cli.tables.columns import Column, TableMap, Unplaced

PLATELETS = Column("Platelets (K/uL)", "platelets", "10*3/uL", values={"clumped": None})
EDEMA = Column("Edema", "peripheral_edema")
SMALL = Summary(
    "1.2.3",
    RulesIdentity("poems", "2026.11.1", "0" * 64),
    ("a.csv", "b.csv"),
    "arrays",
    100,
    0.5,
    "mayo",
    (Verdicts("mayo", 3, 60, 37), Verdicts("mhlw", 9, 50, 41, (LevelVerdicts("definite", 2, 80, 18, 1),))),
    3,
    (Steps(1, 30, (Count("vegf_plasma", 20), Count("history", 9))), Steps(5, 7)),
    60,
    TableMap(
        "MRN",
        (PLATELETS, EDEMA),
        ("Ward",),
        (Unplaced("VEGF", "it does not say which one", "say it in the mapping", ambiguous=True),),
    ),
    (ColumnRead(PLATELETS, 80, 8, 12, ()), ColumnRead(EDEMA, 90, 0, 10, (("yes", 90),))),
    NotUnderstood(
        12, 11, (CellFault("Edema", "peripheral_edema", "neither", 10, "say yes"), CellFault(None, None, "p", 2, "m"))
    ),
    Contradictory(4, (Count("skin_changes", 4),)),
    (Count("igm_or_kappa", 5),),
    (Count("clubbing", 6),),
    (Output("verdicts", "-", 100), Output("summary", "s.json")),
)
EMPTY = Summary(
    "1.2.3", SMALL.rules, ("-",), "arrays", 0, 0.0, "mayo", (Verdicts("mayo", 0, 0, 0),), 0, (), 0, TableMap(None, ())
)  # fmt: skip


def valid(data: Any) -> None:
    Draft202012Validator(json_schema("summary", load_rules())).validate(data)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema("summary", load_rules()))


@pytest.mark.parametrize("summary", [SMALL, EMPTY])
def test_the_json_follows_its_schema_also_after_being_written(summary: Summary) -> None:
    valid(json.loads(json.dumps(summary_json(summary))))


def test_every_count_is_in_its_place() -> None:
    data = summary_json(SMALL)
    assert data["rows"] == 100
    assert data["verdicts"] == {
        "mayo": {"met": 3, "not_met": 60, "undetermined": 37},
        "mhlw": {
            "met": 9,
            "not_met": 50,
            "undetermined": 41,
            "levels": {"definite": {"met": 2, "not_met": 80, "undetermined": 18, "highest": 1}},
        },
    }
    assert (data["met"], data["can_no_longer_be_met"]) == (3, 60)
    assert data["steps"] == [
        {"steps_to_met": 1, "rows": 30, "next_tests": [{"test": "vegf_plasma", "rows": 20}, {"test": "history", "rows": 9}]},
        {"steps_to_met": 5, "rows": 7, "next_tests": []},
    ]
    assert data["not_understood"]["cells"] == 12
    assert data["not_understood"]["rows"] == 11
    assert data["not_understood"]["columns"][0] == {
        "heading": "Edema",
        "finding": "peripheral_edema",
        "problem": "neither",
        "cells": 10,
        "mend": "say yes",
    }
    assert data["contradictory"] == {"rows": 4, "findings": [{"finding": "skin_changes", "rows": 4}]}
    assert data["warnings"] == [{"id": "igm_or_kappa", "rows": 5}]
    assert data["red_flags"] == [{"id": "clubbing", "rows": 6}]


def test_the_columns_say_how_they_were_read() -> None:
    data = summary_json(SMALL)
    assert data["id_heading"] == "MRN"
    assert data["columns"] == [
        {
            "heading": "Platelets (K/uL)", "finding": "platelets", "unit": "10*3/uL", "unit_from": None, "fits": None,
            "understood": 80, "blank": 8, "not_understood": 12, "texts": [],
        },
        {
            "heading": "Edema", "finding": "peripheral_edema", "unit": None, "unit_from": None, "fits": None,
            "understood": 90, "blank": 0, "not_understood": 10, "texts": [{"text": "yes", "cells": 90}],
        },
    ]  # fmt: skip
    assert data["ignored"] == ["Ward"]
    assert data["unplaced"] == [
        {"heading": "VEGF", "why": "it does not say which one", "mend": "say it in the mapping", "ambiguous": True}
    ]
    assert data["outputs"] == [
        {"kind": "verdicts", "path": "-", "rows": 100},
        {"kind": "summary", "path": "s.json", "rows": None},
    ]


def test_the_rate_is_of_the_whole_run_and_null_without_time() -> None:
    assert summary_json(SMALL)["rows_per_second"] == 200
    assert summary_json(EMPTY)["rows_per_second"] is None


def test_the_content_of_a_cell_is_not_shown() -> None:
    assert "clumped" not in json.dumps(summary_json(SMALL))


@pytest.mark.parametrize("path", [(), ("program",), ("verdicts", "mayo"), ("steps", 0), ("not_understood",), ("outputs", 0)])
def test_the_schema_refuses_what_it_does_not_name(path: tuple[Any, ...]) -> None:
    data = json.loads(json.dumps(summary_json(SMALL)))
    part = data
    for name in path:
        part = part[name]
    part["patient"] = "x"
    with pytest.raises(ValidationError):
        valid(data)


@pytest.mark.parametrize("name", list(summary_json(SMALL)))
def test_every_key_of_the_summary_is_required(name: str) -> None:
    data = summary_json(SMALL)
    del data[name]
    with pytest.raises(ValidationError):
        valid(data)


def test_a_count_is_never_negative() -> None:
    with pytest.raises(ValidationError):
        valid(summary_json(SMALL._replace(met=-1)))


def test_every_schema_node_of_an_object_is_closed() -> None:
    def closed(node: Any) -> bool:
        if isinstance(node, list):
            return all(map(closed, node))
        if not isinstance(node, dict):
            return True
        return (node.get("type") != "object" or "additionalProperties" in node) and all(map(closed, node.values()))

    assert closed(json_schema("summary", load_rules()))


def test_an_output_is_found_by_its_kind() -> None:
    assert SMALL.output("verdicts") == Output("verdicts", "-", 100)
    assert SMALL.output("rejects") is None
