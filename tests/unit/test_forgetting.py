"""Results cached from patient to patient may be dropped at any time, and no answer depends on them."""

from importlib import import_module

import pytest

from poems_cli.engine.assess import Assessor
from poems_cli.engine.findings import Resolver
from poems_cli.engine.literals import NO_LINKS
from poems_cli.engine.logic import truth
from poems_cli.engine.settling import LIMIT, implicants
from poems_cli.engine.steps_to_met import NearestSteps
from poems_cli.engine.workup import Workup
from poems_cli.model import AtLeast, Present
from poems_cli.report.json import JsonWriter
from poems_cli.rules.loading import load_rules
from tests.build import measured, patient, small_rules
from tests.property.trees import Knowledge

PATIENTS = [
    patient({"polyneuropathy": number % 2 == 0, "white_nails": number % 3 == 0, "platelets": measured(400 + number * 20)})
    for number in range(12)
]

MODULES = [
    *[f"engine.{name}" for name in ("findings", "literals", "settling", "criteria", "assess", "differential", "workup")],
    "report.json_cache",
]


def test_a_full_memory_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = load_rules()
    apart = [JsonWriter(rules).written(Assessor(rules).assess(patient)) for patient in PATIENTS]
    for module in MODULES:
        monkeypatch.setattr(import_module(f"poems_cli.{module}"), "_REMEMBERED", 1)
    assessor, writer = Assessor(rules), JsonWriter(rules)
    assert [writer.written(assessor.assess(patient)) for patient in PATIENTS * 2] == apart * 2


def test_the_steps_of_a_table_forget_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = load_rules()
    monkeypatch.setattr(import_module("poems_cli.engine.steps_to_met"), "_REMEMBERED", 1)
    steps = NearestSteps(rules, rules.criteria["mayo"])
    assessor = Assessor(rules)
    for record in PATIENTS:
        assessment = assessor.assess(record)
        assert steps.steps(steps.settler.states(assessment.facts)).number == assessment.steps_to_met


def test_numbers_decide_how_an_answer_that_no_test_gives_is_taken_apart() -> None:
    clone = {"when": {"any": [{"finding": "spike", "above": 0, "unit": "g/L", "source": "paper"}, "band"]}}
    findings = {"clone": clone, "band": {}, "spike": {"kind": "quantity", "unit": "g/L"}}
    rules = small_rules(findings, "clone", tests={"blood": {"answers": ["spike"]}, "film": {"answers": ["band"]}})
    unknown, measured_none = (Resolver(rules).resolve(patient(known)) for known in ({}, {"spike": measured(0)}))
    workup = Workup(rules)
    [both] = workup.taken_apart(("clone", False), unknown)
    [band] = workup.taken_apart(("clone", False), measured_none)
    assert band != both == both | band


def test_too_many_settling_sets_are_cut_and_marked_as_incomplete() -> None:
    """Eight of sixteen are 12,870 sets: those that are found settle it, and they are marked as incomplete."""
    names = [f"f{number}" for number in range(16)]
    tree = AtLeast(8, tuple([Present(name) for name in names]))
    settling = implicants(tree, Knowledge({}, {}), True, NO_LINKS)
    assert not settling.complete
    assert 0 < len(settling.sets) <= LIMIT
    for answers in (settling.sets[0], settling.sets[-1]):
        assert truth(tree, Knowledge({answer.finding: answer.present for answer in answers}, {})) is True
