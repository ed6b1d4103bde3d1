"""Chapter 5: asserted and derived are both known and differ.

Both are kept and shown, the finding counts as unknown, nothing follows from the disputed assertion, and the patient
is still answered. Never resolved silently.
"""

import pytest

from poems_cli.model import Truth
from tests.build import small_rules
from tests.spec.engines import Engine, PythonEngine

P, A, U = True, False, None
RULES = small_rules(
    {
        "skin": {},
        "nails": {"part_of": "skin"},
        "white_nails": {"part_of": "nails"},
        "hair": {"part_of": "skin"},
        "big": {"when": {"any": ["liver", "spleen"]}},
        "liver": {},
        "spleen": {},
        "after": {"when": "big"},
        "said": {"when": {"asserted": "big"}},
        "said_skin": {"when": {"asserted": "skin"}},
    },
    {"any": ["skin", "big", "hair"]},
)
CASES: list[tuple[dict[str, Truth], set[str], dict[str, Truth]]] = [
    # no skin changes, but hair: the skin is disputed, the hair is not, and the nails do not become absent
    ({"skin": A, "hair": P}, {"skin"}, {"skin": U, "hair": P, "nails": U, "white_nails": U}),
    # nothing follows from the disputed assertion, the undisputed one below it still counts
    ({"skin": A, "hair": P, "nails": A}, {"skin"}, {"skin": U, "nails": A, "white_nails": A}),
    # a part of a part disputes every parent that was recorded as absent
    ({"skin": A, "white_nails": P}, {"skin"}, {"skin": U, "nails": P, "white_nails": P, "hair": U}),
    (
        {"skin": A, "nails": A, "white_nails": P},
        {"skin", "nails"},
        {"skin": U, "nails": U, "white_nails": P, "hair": U},
    ),
    # a definition disputes both ways
    ({"big": A, "liver": P}, {"big"}, {"big": U, "after": U, "liver": P}),
    ({"big": P, "liver": A, "spleen": A}, {"big"}, {"big": U, "after": U}),
    # the recorded value of a disputed finding is not asserted
    ({"big": A, "liver": P}, {"big"}, {"said": U}),
    ({"skin": A, "hair": P}, {"skin"}, {"said_skin": U}),
    # no dispute while the definition is open
    ({"big": P, "liver": A}, set(), {"big": P, "after": P, "said": P}),
    ({"big": A, "liver": A}, set(), {"big": A, "after": A, "said": A}),
]


@pytest.mark.parametrize(("given", "disputed", "expected"), CASES)
def test_contradiction(engine: Engine, given: dict[str, Truth], disputed: set[str], expected: dict[str, Truth]) -> None:
    """The recorded and the derived value are both known and differ; while the derived one is open, there is none."""
    values = engine.values(RULES, [given])[0]
    assert engine.contradictory(RULES, [given]) == [disputed]
    assert {finding: values.get(finding) for finding in expected} == expected


@pytest.mark.parametrize("asserted", [U, P, A])
def test_findings_that_make_another_both_present_and_absent(engine: Engine, asserted: Truth) -> None:
    """Two recorded findings cannot both be true: the third is disputed, whether or not it was recorded."""
    rules = small_rules({"a": {}, "b": {}, "result": {"present_when": "a", "absent_when": "b"}})
    given = {"a": P, "b": P, "result": asserted}
    assert engine.contradictory(rules, [given]) == [{"result"}]
    assert engine.values(rules, [given])[0].get("result") is U


def test_both_sides_are_kept(python_engine: PythonEngine) -> None:
    """The recorded value, and the trace of the derived one down to the finding it comes from."""
    (contradiction,) = python_engine.contradictions(RULES, {"big": A, "liver": P, "spleen": A})
    assert (contradiction.finding, contradiction.asserted, contradiction.derived.value) == ("big", A, P)
    assert [(child.finding, child.value) for child in contradiction.derived.children] == [("liver", P), ("spleen", A)]


def test_the_patient_is_still_answered(engine: Engine) -> None:
    """A set that does not need the disputed finding has its verdict; one that does is undetermined."""
    disputed, settled = engine.verdicts(RULES, [{"big": A, "liver": P, "skin": A}, {"big": A, "liver": P, "hair": P}])
    assert disputed["set"].verdict == "undetermined"
    assert settled["set"].verdict == "met"
