"""Chapter 4: a part present makes its parent present; a parent asserted absent makes its parts absent.

Nothing follows the other way: a parent present says nothing of any one part, and one part absent says nothing of the
parent.
"""

import pytest

from poems_cli.model import Truth
from tests.build import small_rules
from tests.spec.engines import Engine

P, A, U = True, False, None
RULES = small_rules(
    {
        "skin": {},
        "nails": {"part_of": "skin"},
        "white_nails": {"part_of": "nails"},
        "hair": {"part_of": "skin"},
        "defined": {"part_of": "skin", "when": "other"},
        "other": {},
    }
)
CASES: list[tuple[dict[str, Truth], dict[str, Truth]]] = [
    ({"hair": P}, {"skin": P, "nails": U}),
    ({"white_nails": P}, {"nails": P, "skin": P, "hair": U}),
    ({"skin": A}, {"nails": A, "white_nails": A, "hair": A, "defined": A, "other": U}),
    ({"nails": A}, {"white_nails": A, "skin": U, "hair": U}),
    ({"skin": P}, {"nails": U, "white_nails": U, "hair": U}),
    ({"hair": A, "nails": A}, {"skin": U}),
    ({"white_nails": A}, {"nails": U, "skin": U}),
    ({"hair": P, "nails": A}, {"skin": P, "white_nails": A}),
    ({"other": P}, {"defined": P, "skin": P}),
    ({"other": A}, {"defined": A, "skin": U}),
]


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_what_follows(engine: Engine, given: dict[str, Truth], expected: dict[str, Truth]) -> None:
    """White nails are a part of the nails, which are a part of the skin, as hair is."""
    values = engine.values(RULES, [given])[0]
    assert {finding: values.get(finding) for finding in expected} == expected
    assert engine.contradictory(RULES, [given]) == [set()]


def test_only_an_assertion_empties_the_parts(engine: Engine) -> None:
    """A parent absent by its definition has had its parts looked at: the others stay open."""
    rules = small_rules({"skin": {"when": "looked"}, "hair": {"part_of": "skin"}, "looked": {}})
    values = engine.values(rules, [{"looked": A}])[0]
    assert (values.get("skin"), values.get("hair")) == (A, U)


def test_a_part_implied_absent_counts_in_other_definitions(engine: Engine) -> None:
    """No skin changes, so no hair changes, so a condition on their absence is met."""
    rules = small_rules({"skin": {}, "hair": {"part_of": "skin"}, "bald": {"when": {"not": "hair"}}})
    assert engine.values(rules, [{"skin": A}])[0].get("bald") is P


SOME = small_rules(
    {
        "clone": {"present_when": {"all": ["band", {"not": "other"}]}},
        "band": {"part_of": "clone", "shows_whole": False},
        "urine_band": {"part_of": "band"},
        "other": {},
    }
)


@pytest.mark.parametrize(
    ("given", "expected", "contradictory"),
    [
        ({"band": P, "other": A}, {"clone": P}, set()),
        ({"band": P}, {"clone": U}, set()),
        ({"band": P, "other": P}, {"clone": U}, set()),
        ({"clone": A}, {"band": A, "urine_band": A}, set()),
        ({"clone": A, "band": P, "other": P}, {"clone": A, "band": P, "urine_band": U}, set()),
        ({"clone": A, "urine_band": P, "other": P}, {"clone": A, "band": P}, set()),
        ({"clone": A, "band": P, "other": A}, {"clone": U, "band": P}, {"clone"}),
    ],
)
def test_a_part_that_does_not_always_show_its_whole(
    engine: Engine, given: dict[str, Truth], expected: dict[str, Truth], contradictory: set[str]
) -> None:
    """Of such a part only the definition of the whole says when it does; denying the whole still denies what is not present."""
    values = engine.values(SOME, [given])[0]
    assert {finding: values.get(finding) for finding in expected} == expected
    assert engine.contradictory(SOME, [given]) == [contradictory]


def test_a_warning_asks_what_was_reported(engine: Engine) -> None:
    """A part of an absent finding is absent, but it was not recorded: to a warning it is unknown."""
    when = {"all": [{"not": "skin"}, {"not": {"known": "hair"}}]}
    rules = small_rules({"skin": {}, "hair": {"part_of": "skin"}}, warnings={"look": {"when": when, "text": "Look."}})
    given: list[dict[str, Truth]] = [{"skin": A}, {"skin": A, "hair": A}, {"hair": A}]
    assert engine.warnings(rules, given) == [{"look"}, set(), set()]
