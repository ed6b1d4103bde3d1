"""Chapter 6: a criteria set's verdict, its level, and its groups.

Met when any level is, at the highest one met; not met when no level can be; else undetermined. Each condition of a
set is a group: how many are needed, and which elements are present, absent and unknown.
"""

from typing import Any

import pytest

from poems_cli.model import Element, Group, Truth
from tests.build import QUANTITY, measured, small_rules
from tests.spec.engines import Answered, Engine, PythonEngine

P, A, U = True, False, None
LEVELS = small_rules(
    ["n", "v", "m", "x", "y"],
    criteria={
        "set": {
            "levels": {
                "definite": {"all": ["n", "v", "m"]},
                "probable": {"all": ["n", "v"]},
                "possible": {"all": ["n", {"at_least": 2, "of": ["x", "y", "m"]}]},
            }
        }
    },
)


@pytest.mark.parametrize(
    ("given", "verdict", "level"),
    [
        ({"n": P, "v": P, "m": P}, "met", "definite"),
        ({"n": P, "v": P, "m": A}, "met", "probable"),
        # a higher level that is still open does not hide the one that is met
        ({"n": P, "v": P}, "met", "probable"),
        ({"n": P, "v": A, "x": P, "y": P}, "met", "possible"),
        ({"n": P, "x": P, "y": P}, "met", "possible"),
        ({"n": P, "v": A, "x": P}, "undetermined", None),
        ({"n": P, "v": A, "x": P, "y": A, "m": A}, "not met", None),
        ({"n": P, "v": A, "x": A, "y": A}, "not met", None),
        ({"n": A}, "not met", None),
        ({}, "undetermined", None),
    ],
)
def test_levels(engine: Engine, given: dict[str, Truth], verdict: str, level: str | None) -> None:
    """The highest level that is met is given; a higher one that is still open does not hide it."""
    assert engine.verdicts(LEVELS, [given])[0]["set"] == Answered(verdict, level)


@pytest.mark.parametrize(("a", "verdict", "level"), [(P, "met", "met"), (A, "not met", None), (U, "undetermined", None)])
def test_one_level(engine: Engine, a: Truth, verdict: str, level: str | None) -> None:
    """Most sets have one level, called met."""
    rules = small_rules(["a"], "a")
    assert engine.verdicts(rules, [{"a": a}])[0]["set"] == Answered(verdict, level)


def test_every_set_is_answered(engine: Engine) -> None:
    """A different limit in each set is normal: one number, two verdicts."""
    limit = {"finding": "q", "unit": "1", "source": "paper"}
    rules = small_rules(
        {"q": QUANTITY}, criteria={"low": {"met": {**limit, "above": 200}}, "high": {"met": {**limit, "above": 1000}}}
    )
    answers = engine.verdicts(rules, [{"q": measured(500)}])[0]
    assert {set_id: answer.verdict for set_id, answer in answers.items()} == {"low": "met", "high": "not met"}


GROUPS = small_rules(
    {"n": {}, "m": {}, "a": {}, "b": {}, "c": {}, "d": {}, "q": QUANTITY},
    {
        "all": [
            "n",
            {"at_least": 2, "of": ["a", {"not": "b"}, {"any": ["c", "d"], "name": "c or d"}], "name": "minor"},
            {
                "any": ["m", {"finding": "q", "above": 5, "unit": "1", "source": "paper", "name": "much q"}],
                "name": "major",
            },
            {"not": "d"},
        ]
    },
)
N = Element("n", "n")
NOT_B, NOT_D = Element("not_b", "b", negated=True), Element("not_d", "d", negated=True)
C_OR_D, MUCH_Q = Element("c_or_d", name="c or d"), Element("much_q", name="much q")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"n": P, "a": P, "b": P, "q": measured(6), "d": A},
            [
                Group(N, P, 1, (N,), (), ()),
                Group(Element("minor", name="minor"), U, 2, (Element("a", "a"),), (NOT_B,), (C_OR_D,)),
                Group(Element("major", name="major"), P, 1, (MUCH_Q,), (), (Element("m", "m"),)),
                Group(NOT_D, P, 1, (NOT_D,), (), ()),
            ],
        ),
        (
            {"a": A, "b": P, "m": A, "q": measured(5), "d": P},
            [
                Group(N, U, 1, (), (), (N,)),
                Group(Element("minor", name="minor"), A, 2, (C_OR_D,), (Element("a", "a"), NOT_B), ()),
                Group(Element("major", name="major"), A, 1, (), (Element("m", "m"), MUCH_Q), ()),
                Group(NOT_D, A, 1, (), (NOT_D,), ()),
            ],
        ),
    ],
)
def test_groups(python_engine: PythonEngine, given: dict[str, Any], expected: list[Group]) -> None:
    """Each condition of a set lists its elements as present, absent and unknown, negated ones too."""
    assert list(python_engine.groups(GROUPS, given).values()) == expected


def test_a_set_of_one_condition_is_one_group(python_engine: PythonEngine) -> None:
    """A set that is one condition shows that condition."""
    rules = small_rules(["a", "b", "c"], {"at_least": 2, "of": ["a", "b", "c"], "name": "two of three"})
    assert python_engine.groups(rules, {"a": P, "b": A}) == {
        "two_of_three": Group(Element("two_of_three", name="two of three"), U, 2, *[(Element(name, name),) for name in "abc"])
    }


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"n": P, "v": P}, ["n", "v"]),  # the level that is met
        ({"n": P}, ["n", "at_least"]),  # else the lowest that is open
        ({"n": P, "x": A, "y": A}, ["n", "v"]),
        ({"n": A}, ["n", "at_least"]),  # else the lowest
    ],
)
def test_the_groups_shown_belong_to_the_level_that_matters(
    python_engine: PythonEngine, given: dict[str, Truth], shown: list[str]
) -> None:
    """The level that is met, else the lowest that is open, else the lowest."""
    assert list(python_engine.groups(LEVELS, given)) == shown


def test_no_two_groups_of_a_level_have_the_same_id(python_engine: PythonEngine) -> None:
    """A second group of one name is number 2."""
    same = {"name": "minor criterion", "at_least": 1}
    rules = small_rules(["a", "b", "c"], {"all": [{**same, "of": ["a", "b"]}, {**same, "of": ["b", "c"]}]})
    assert list(python_engine.groups(rules, {})) == ["minor_criterion", "minor_criterion_no_2"]
