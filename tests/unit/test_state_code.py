"""The state of a criteria set as one number: it leads to the steps and the next test that the program gives one patient."""

import random
from collections.abc import Sequence
from itertools import product

import pytest

from poems_cli.engine.assess import Assessor
from poems_cli.engine.expressions import leaves
from poems_cli.engine.findings import Resolver
from poems_cli.engine.steps_to_met import NearestSteps
from poems_cli.model import Observed, Quantity, Rules
from poems_cli.sql.findings import resolve
from poems_cli.sql.state_code import StateCode
from tests.build import QUANTITY, patient, small_rules
from tests.typed_table import TypedTable

SMALL = small_rules(
    {"n": {}, "m": {}, "a": {}, "b": {}, "c": {}, "p": {"part_of": "c"}},
    {"all": ["n", "m", {"at_least": 1, "of": ["a", "b"]}, {"at_least": 2, "of": ["a", "c", "p"]}]},
)


def coded(rules: Rules, default: str, patients: Sequence[dict[str, Observed]], in_rails: bool) -> tuple[StateCode, list[int]]:
    """The states of patients, as a table gives them."""
    table = TypedTable(rules, patients, in_rails=in_rails)
    code = StateCode(rules, rules.criteria[default], resolve(rules, table.inputs, table.stages).translator, table.stages)
    return code, [row[0] for row in table.ask([code.value])]


def some_patients(rules: Rules, default: str, number: int) -> list[dict[str, Observed]]:
    """Patients of whom much is known that a set asks for."""
    chance = random.Random(number)
    levels = rules.criteria[default].levels
    asked = dict.fromkeys(leaf.finding for level in levels for leaf in leaves(level.expression))
    booleans = [one for one in asked if rules.findings[one].kind == "boolean"]
    return [{one: chance.random() < 0.6 for one in booleans if chance.random() < 0.6} for _ in range(number)]


@pytest.mark.parametrize("in_rails", [False, True])
@pytest.mark.parametrize("default", ["mayo", "mhlw", "castleman-variant"])
@pytest.mark.parametrize("columns", [3, 6, 100])
def test_steps_and_next_test_are_those_of_one_patient(columns: int, default: str, in_rails: bool, rules: Rules) -> None:
    """Also in a table that lacks what most of the set asks for."""
    patients = some_patients(rules, default, 100)
    every = sorted({finding for one in patients for finding in one})
    kept = set(random.Random(columns).sample(every, min(columns, len(every))))
    patients = [{finding: value for finding, value in one.items() if finding in kept} for one in patients]
    code, codes = coded(rules, default, patients, in_rails)
    nearest, resolver, assessor = NearestSteps(rules, rules.criteria[default]), Resolver(rules), Assessor(rules, [default])
    for one, number in zip(patients, codes, strict=True):
        steps = code.steps(number)
        expected = nearest.steps(nearest.settler.states(resolver.resolve(patient(one))))
        if steps.verdict is None:
            assert steps == expected
            assert steps.number == assessor.assess(patient(one)).steps_to_met
        assert steps.verdict is expected.verdict


ALIKE = small_rules(
    {"n": {}, "a": {}, "b": {}, "c": {}, "d": {}, "e": {}, "v": QUANTITY, "p": {"part_of": "c"}},
    {
        "all": [
            "n",
            {"any": ["a", {"any": ["b", "d"]}, "e", {"finding": "v", "below": 5, "default": True}]},
            {"any": ["c", "p"]},
        ]
    },
    tests={
        "asking": {"answers": ["a", "b", "d", "n"]},
        "sampling": {"answers": ["v"], "cost": 1},
        "looking": {"answers": ["c", "p"], "shows": ["e"]},
    },
)


@pytest.mark.parametrize("in_rails", [False, True])
def test_alternatives_that_the_same_tests_answer_make_few_states(in_rails: bool) -> None:
    """Also within a group in the group. Of a to d it matters only how many are open: each state has the steps it should."""
    names = [one for one in ALIKE.findings if one != "v"]
    every = [dict(zip(names, values, strict=True)) for values in product((True, False, None), repeat=len(names))]
    known: list[dict[str, Observed]] = [{one: value for one, value in each.items() if value is not None} for each in every]
    known += [{**each, "v": Quantity(value, "1", None, None, None)} for each in known for value in (3.0, 7.0)]
    code, codes = coded(ALIKE, "set", known, in_rails)
    nearest, resolver = NearestSteps(ALIKE, ALIKE.criteria["set"]), Resolver(ALIKE)
    for one, number in zip(known, codes, strict=True):
        assert code.steps(number) == nearest.steps(nearest.settler.states(resolver.resolve(patient(one))))
    assert len(set(codes)) <= 3 * (1 + 4 * 2 * 2) * 9


@pytest.mark.parametrize("in_rails", [False, True])
def test_every_state_is_listed(in_rails: bool) -> None:
    """What any patient can have is among them, each with its steps."""
    chance = random.Random(1)
    patients: list[dict[str, Observed]] = [
        {one: chance.random() < 0.5 for one in SMALL.findings if chance.random() < 0.6} for _ in range(300)
    ]
    code, codes = coded(SMALL, "set", patients, in_rails)
    every = dict(code.every())
    assert len(every) <= code.size
    assert {number: code.steps(number) for number in codes}.items() <= every.items()
    assert {steps.number for steps in every.values()} >= {0, 1, 2, None}


@pytest.mark.parametrize("in_rails", [False, True])
def test_a_group_of_which_one_is_present_is_one_state(in_rails: bool, rules: Rules) -> None:
    """Which one, and what else is open in it, changes no step: millions of patients have few states."""
    majors = ("castleman_disease", "sclerotic_bone_lesion")
    known: dict[str, Observed] = {"polyneuropathy": True}
    _, codes = coded(rules, "mayo", [{**known, majors[0]: True}, {**known, majors[1]: True, majors[0]: False}, known], in_rails)
    assert codes[0] == codes[1] != codes[2]
