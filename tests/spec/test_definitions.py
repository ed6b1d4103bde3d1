"""Chapter 3: a finding derived from others.

``when`` binds both ways. ``present_when`` and ``absent_when`` bind one way each and leave a gray zone unknown; where
both hold, the value is unknown. The asserted value, if there is one, goes before the derived one.
"""

from typing import Any

import pytest

from poems_cli.model import Observed, Truth
from tests.build import QUANTITY, measured, small_rules
from tests.spec.engines import Engine

P, A, U = True, False, None

BASE: dict[str, Any] = {"a": {}, "b": {}, "q": QUANTITY}
HIGH = {"finding": "q", "above": 200, "unit": "1", "source": "paper"}
LOW = {"finding": "q", "at_most": 100, "unit": "1", "source": "paper"}
VERY_HIGH = {"finding": "q", "above": 300, "unit": "1", "source": "paper"}
IN_PLACE = {"present_when": "a", "absent_when": "b"}

CASES: list[tuple[dict[str, Any], dict[str, Observed | None], Truth]] = [
    # when: both ways
    ({"when": "a"}, {"a": P}, P),
    ({"when": "a"}, {"a": A}, A),
    ({"when": "a"}, {}, U),
    # only present_when never makes it absent, only absent_when never present
    ({"present_when": "a"}, {"a": P}, P),
    ({"present_when": "a"}, {"a": A}, U),
    ({"absent_when": "a"}, {"a": P}, A),
    ({"absent_when": "a"}, {"a": A}, U),
    ({"absent_when": {"not": "a"}}, {"a": A}, A),
    # both: above, in the gray zone, within
    ({"present_when": HIGH, "absent_when": LOW}, {"q": measured(201)}, P),
    ({"present_when": HIGH, "absent_when": LOW}, {"q": measured(200)}, U),
    ({"present_when": HIGH, "absent_when": LOW}, {"q": measured(101)}, U),
    ({"present_when": HIGH, "absent_when": LOW}, {"q": measured(100)}, A),
    ({"present_when": HIGH, "absent_when": LOW}, {}, U),
    # numbers that bind both ways leave it unknown (findings that do are a contradiction: chapter 5)
    ({"present_when": HIGH, "absent_when": VERY_HIGH, "gray_zone": "Neither."}, {"q": measured(301)}, U),
    # by findings
    ({"present_when": "a", "absent_when": "b"}, {"a": P, "b": A}, P),
    ({"present_when": "a", "absent_when": "b"}, {"a": P}, P),
    ({"present_when": "a", "absent_when": "b"}, {"b": P}, A),
    ({"present_when": "a", "absent_when": "b"}, {"a": A, "b": A}, U),
    # the same, as an element defined in place
    ({"when": {"not": IN_PLACE}}, {"a": P}, A),
    ({"when": {"not": IN_PLACE}}, {"b": P}, P),
    ({"when": {"not": IN_PLACE}}, {"a": P, "b": P}, U),
    # the recorded value counts where the definition leaves it open
    ({"when": "a"}, {"result": P}, P),
    ({"present_when": HIGH, "absent_when": LOW}, {"result": P, "q": measured(150)}, P),
    ({"present_when": HIGH, "absent_when": LOW}, {"result": A, "q": measured(150)}, A),
]


@pytest.mark.parametrize(("definition", "given", "expected"), CASES)
def test_definition(engine: Engine, definition: dict[str, Any], given: dict[str, Observed | None], expected: Truth) -> None:
    """The value that one definition gives a finding, for the known values of the others."""
    rules = small_rules({**BASE, "result": definition})
    assert engine.values(rules, [given])[0].get("result") is expected
    assert engine.contradictory(rules, [given]) == [set()]


@pytest.mark.parametrize("reverse", [False, True])
def test_definitions_build_on_each_other_whatever_their_order(engine: Engine, reverse: bool) -> None:
    """A definition may use a finding that is defined further down."""
    findings: dict[str, dict[str, Any]] = {
        "a": {},
        "first": {"when": {"not": "a"}},
        "second": {"when": {"not": "first"}},
        "third": {"when": "second"},
    }
    rules = small_rules(dict(reversed(findings.items())) if reverse else findings)
    answers = engine.values(rules, [{"a": P}, {"first": P}])
    assert [values.get("third") for values in answers] == [P, A]


@pytest.mark.parametrize(
    ("given", "gray"),
    [
        ({"q": measured(150)}, True),
        ({"q": measured(150), "result": True}, True),
        ({"q": measured(201)}, False),
        ({"q": measured(100)}, False),
        ({}, False),
        ({"result": True}, False),
    ],
)
def test_a_gray_zone_is_reported(engine: Engine, given: dict[str, Observed], gray: bool) -> None:
    """Numbers that are known and bind neither way are worth a warning; no number at all is not."""
    rules = small_rules({**BASE, "result": {"present_when": HIGH, "absent_when": LOW, "gray_zone": "Neither."}})
    assert engine.gray(rules, [given]) == [{"result"} if gray else set()]


@pytest.mark.parametrize(("given", "expected"), [({"part": P}, U), ({"whole": P}, P), ({"whole": A}, A), ({}, U)])
def test_asserted_is_what_was_recorded_for_the_finding_itself(engine: Engine, given: dict[str, Truth], expected: Truth) -> None:
    """What follows from its parts does not count as recorded."""
    rules = small_rules({"whole": {}, "part": {"part_of": "whole"}, "result": {"when": {"asserted": "whole"}}})
    assert engine.values(rules, [given])[0].get("result") is expected
