"""Which tests give the answers: the fewest, then the cheapest, against every choice of tests; and the order worth
doing.
"""

from itertools import combinations
from typing import Any, TypeAlias

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from poems_cli.engine.assess import assess
from poems_cli.engine.literals import links
from poems_cli.engine.settling import implicants
from poems_cli.engine.workup import Workup, weigh
from poems_cli.model import Answer, Rules
from tests.build import patient, small_rules
from tests.property.trees import Knowledge

FINDINGS = list("abcde")
NOTHING = Knowledge({}, {})
Answers: TypeAlias = tuple[Answer, ...]
answer_sets: st.SearchStrategy[Answers] = st.dictionaries(st.sampled_from(FINDINGS), st.booleans(), min_size=1).map(
    lambda given: tuple(sorted(Answer(finding, answer) for finding, answer in given.items()))
)


@st.composite
def rules_with_tests(draw: st.DrawFn) -> Rules:
    """Up to six tests that answer or only show some of five findings; every finding is answered by one of them."""
    tests: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(1, 5))):
        answers = draw(st.lists(st.sampled_from(FINDINGS), unique=True, max_size=3))
        shows = draw(st.lists(st.sampled_from(FINDINGS), unique=True, max_size=2))
        tests[f"t{number}"] = {
            "answers": answers,
            "shows": [finding for finding in shows if finding not in answers],
            "cost": draw(st.integers(0, 4)),
            "invasiveness": draw(st.integers(0, 4)),
        }
    tests["everything"] = {"answers": FINDINGS, "cost": 4, "invasiveness": 4}
    if draw(st.booleans()):
        del tests["everything"]
        tests["rest"] = {
            "answers": [finding for finding in FINDINGS if not any(finding in test["answers"] for test in tests.values())]
        }
    needed = draw(st.sampled_from([{"any": FINDINGS}, {"all": FINDINGS[:3]}, {"at_least": 2, "of": FINDINGS[:4]}]))
    return small_rules(FINDINGS, needed, tests=tests)


def gives(rules: Rules, test: str) -> set[tuple[str, bool]]:
    entry = rules.tests[test]
    return {(finding, answer) for finding in entry.answers for answer in (True, False)} | {
        (finding, True) for finding in entry.shows
    }


def burden(rules: Rules, tests: tuple[str, ...]) -> tuple[int, int, int]:
    chosen = [rules.tests[test] for test in tests]
    return len(chosen), sum(test.cost for test in chosen), sum(test.invasiveness for test in chosen)


@settings(max_examples=60)
@given(rules_with_tests(), answer_sets)
def test_no_choice_of_tests_does_it_with_less(rules: Rules, answers: Answers) -> None:
    """Fewest tests, then lowest cost, then least invasive, among all choices that can give every answer."""
    (cheapest,) = Workup(rules).cheapest([tuple(answers)], NOTHING, 1)
    wanted = {(answer.finding, answer.present) for answer in answers}
    enough = [
        tests
        for size in range(len(rules.tests) + 1)
        for tests in combinations(rules.tests, size)
        if wanted <= set().union(*(gives(rules, test) for test in tests))
    ]
    assert cheapest.tests in enough
    assert burden(rules, cheapest.tests) == min(burden(rules, tests) for tests in enough)
    assert (cheapest.cost, cheapest.invasiveness) == burden(rules, cheapest.tests)[1:]
    assert set(cheapest.answers) == set(answers)


@settings(max_examples=40)
@given(rules_with_tests(), st.lists(answer_sets, min_size=1, max_size=6, unique=True), st.integers(1, 6))
def test_the_cheapest_sets_come_first(rules: Rules, sets: list[Answers], most: int) -> None:
    workup = Workup(rules)
    ranked = workup.cheapest(sets, NOTHING, most)
    everything = workup.cheapest(sets, NOTHING, len(sets))
    assert ranked == everything[:most]
    burdens = [(len(way.tests), way.cost, way.invasiveness) for way in everything]
    assert burdens == sorted(burdens)
    assert {way.answers for way in everything} == set(sets)


@settings(max_examples=100)
@given(st.lists(st.lists(answer_sets, max_size=5, unique=True), max_size=2))
def test_each_direction_shares_one_unit_of_weight(directions: list[list[Answers]]) -> None:
    weights = weigh(directions)
    assert sum(weights.values()) == pytest.approx(sum(1 for sets in directions if sets))
    assert all(weight > 0 for weight in weights.values())


@settings(max_examples=40)
@given(rules_with_tests(), st.dictionaries(st.sampled_from(FINDINGS), st.booleans(), max_size=3))
def test_the_order_is_greedy_by_gain_per_burden(rules: Rules, known: dict[str, bool]) -> None:
    """Each test in turn has the most weight not yet given by an earlier one, divided by 1 + cost + invasiveness."""
    assessment = assess(rules, patient(dict(known)))
    assume(len(assessment.tests) > 1)
    whole = rules.criteria["set"].levels[0].expression
    ways = [implicants(whole, assessment.facts, goal, links(rules, whole)).sets for goal in (True, False)]
    weights = weigh(ways)
    left = {test.id for test in rules.tests.values() if {finding for finding, _ in weights} & {*test.answers, *test.shows}}
    for entry in assessment.tests:
        worth = {
            test: sum(weights.get(answer, 0) for answer in gives(rules, test)) / (1 + sum(burden(rules, (test,))[1:]))
            for test in left
        }
        assert entry.worth == pytest.approx(worth[entry.test], abs=1e-4)
        assert worth[entry.test] == pytest.approx(max(worth.values()))
        first_of_equals = next(test for test in rules.tests if test in left and worth[test] > max(worth.values()) - 1e-9)
        assert entry.test == first_of_equals
        left.discard(entry.test)
        for answer in gives(rules, entry.test):
            weights.pop(answer, None)


def test_a_test_that_only_shows_never_excludes() -> None:
    """Immunofixation can show a clone; that there is none takes more."""
    tests = {
        "shows": {"answers": [], "shows": ["a"], "cost": 1},
        "answers": {"answers": ["a"], "cost": 3, "invasiveness": 3},
    }
    workup = Workup(small_rules(["a"], "a", tests=tests))
    present, absent = (
        workup.cheapest([(Answer("a", present_or_absent),)], NOTHING, 1)[0].tests for present_or_absent in (True, False)
    )
    assert (present, absent) == (("shows",), ("answers",))
