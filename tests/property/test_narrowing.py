"""The steps of many states at once are those that walking the expression finds for each of them."""

from random import Random

import numpy as np
import pytest

from poems_cli.arrays import narrowing
from poems_cli.arrays.narrowing import NarrowedSteps
from poems_cli.engine.expressions import leaves
from poems_cli.engine.findings import Resolver, inputs
from poems_cli.engine.steps_to_met import NearestSteps, Steps
from poems_cli.model import Observed, Rules, Truth
from poems_cli.rules.loading import load_rules
from tests.build import measured, patient, small_rules

RULES = load_rules()


def _states(rules: Rules, nearest: NearestSteps, patients: int) -> list[tuple[Truth, ...]]:
    """The states of made-up patients, who contradict themselves now and then."""
    random = Random(1)
    resolver = Resolver(rules)
    named = {leaf.finding for leaf in leaves(nearest.whole)}
    asked = sorted(named | {name for finding in named for name in inputs(rules, finding)})

    def observed(name: str) -> Observed:
        finding = rules.findings[name]
        if finding.kind == "quantity":
            return measured(random.choice([0.5, 3, 30, 300, 1000, 5000]))
        return random.choice(list(finding.choices)) if finding.kind == "choice" else random.random() < 0.5

    everyone = [{name: observed(name) for name in asked if random.random() < 0.4} for _ in range(patients)]
    return [nearest.settler.states(resolver.resolve(patient(findings))) for findings in everyone]


def _columns(states: list[tuple[Truth, ...]]) -> narrowing.States:
    return np.array([[-1 if value is None else int(value) for value in state] for state in states], np.int8)


@pytest.mark.parametrize("set_id", RULES.criteria)
def test_every_set_of_the_rules(set_id: str) -> None:
    nearest = NearestSteps(RULES, RULES.criteria[set_id])
    states = _states(RULES, nearest, 600)
    assert NarrowedSteps(nearest).steps(_columns(states)) == [nearest.steps(state) for state in states]


def test_too_many_settling_sets_are_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "_MOST_SETS", 5)
    nearest = NearestSteps(RULES, RULES.criteria["mayo"])
    states = _states(RULES, nearest, 50)
    assert NarrowedSteps(nearest).steps(_columns(states)) == [nearest.steps(state) for state in states]


def test_a_part_that_contradicts_its_whole_does_not_settle_it() -> None:
    findings = {"skin": {}, "nails": {"part_of": "skin"}, "clone": {}}
    rules = small_rules(findings, {"all": ["skin", {"any": ["nails", "clone"]}]})
    _is_walked(rules, {"skin": False, "nails": True})


def test_a_limit_of_the_laboratory_leaves_one_of_two_comparisons_open() -> None:
    above = {"finding": "ck", "above": 5, "unit": "U/L", "source": "paper"}
    rules = small_rules({"ck": {"kind": "quantity", "unit": "U/L"}}, {"any": [above, {**above, "laboratory": "high"}]})
    assert _is_walked(rules, {"ck": measured(5, "<", high=4)}).number == 1


def test_a_set_that_completes_the_opposite_of_an_element_is_not_possible() -> None:
    element = {"present_when": "a", "absent_when": {"all": ["b", "c"]}}
    rules = small_rules(["a", "b", "c"], {"all": [element, "b"]})
    assert _is_walked(rules, {"c": True}).number is None
    assert _is_walked(rules, {}).number == 2


def _is_walked(rules: Rules, findings: dict[str, Observed | None]) -> Steps:
    nearest = NearestSteps(rules, rules.criteria["set"])
    state = nearest.settler.states(Resolver(rules).resolve(patient(findings)))
    [steps] = NarrowedSteps(nearest).steps(_columns([state]))
    assert steps == nearest.steps(state)
    return steps
