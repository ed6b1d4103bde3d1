"""Chapter 2: a quantity against a limit, and a choice against its words.

A comparator is kept and reasoned with: ``>2000`` is above 1000; a comparator that leaves the answer open makes it
unknown. The laboratory's own limit, given with the value, has priority where the rule allows it.

The oracle for comparators tries every true value on a fine grid that the record could mean.
"""

import operator as python
from itertools import product
from typing import Any

import pytest

from poems_cli.model import Truth
from tests.build import QUANTITY, measured, rules_from, rules_text, small_rules
from tests.spec.engines import Engine

P, A, U = True, False, None
OPERATORS = {"above": python.gt, "at_least": python.ge, "below": python.lt, "at_most": python.le}
COMPARATORS = {None: python.eq, "<": python.lt, "<=": python.le, ">": python.gt, ">=": python.ge}
LIMIT = 10


def defined(**comparisons: dict[str, Any]) -> Any:
    """Rules in which each name is present exactly when its comparison of the quantity ``q`` holds."""
    return small_rules(
        {
            "q": QUANTITY,
            **{name: {"when": {"finding": "q", "source": "paper", **comparison}} for name, comparison in comparisons.items()},
        }
    )


BY_OPERATOR = defined(**{name: {name: LIMIT, "unit": "1"} for name in OPERATORS})


@pytest.mark.parametrize(("operator", "comparator", "value"), list(product(OPERATORS, COMPARATORS, [9, 10, 11])))
def test_every_operator_with_every_comparator(engine: Engine, operator: str, comparator: str | None, value: float) -> None:
    """A comparator that leaves it open makes it unknown: ``<10`` is not above 10, and ``>9`` may be."""
    grid = [half / 2 for half in range(41)]
    possible = {OPERATORS[operator](true, LIMIT) for true in grid if COMPARATORS[comparator](true, value)}
    expected = possible.pop() if len(possible) == 1 else U
    assert engine.values(BY_OPERATOR, [{"q": measured(value, comparator)}])[0].get(operator) is expected


def test_a_number_that_was_not_measured_is_unknown(engine: Engine) -> None:
    """No operator makes an answer out of nothing."""
    answers = engine.values(BY_OPERATOR, [{}])[0]
    assert [answers.get(name) for name in OPERATORS] == [U, U, U, U]


@pytest.mark.parametrize(
    ("rule", "value", "low", "high", "expected"),
    [
        # the number of the rule decides while the laboratory gives no limit of that side
        ({"above": 10, "unit": "1", "laboratory": "high"}, 11, None, None, P),
        ({"above": 10, "unit": "1", "laboratory": "high"}, 11, 3, None, P),
        ({"above": 10, "unit": "1", "laboratory": "high"}, 10, None, None, A),
        # the laboratory's own limit replaces it, both ways
        ({"above": 10, "unit": "1", "laboratory": "high"}, 11, None, 12, A),
        ({"above": 10, "unit": "1", "laboratory": "high"}, 9, None, 8, P),
        ({"above": 10, "unit": "1", "laboratory": "high"}, 8, None, 8, A),
        ({"below": 10, "unit": "1", "laboratory": "low"}, 9, 8, 20, A),
        ({"below": 10, "unit": "1", "laboratory": "low"}, 11, 12, 20, P),
        # a rule that does not name the laboratory keeps its number
        ({"above": 10, "unit": "1"}, 11, 1, 12, P),
        # only the laboratory's limit: unknown where none was given; above means its upper, below its lower limit
        ({"above": "laboratory"}, 11, None, None, U),
        ({"above": "laboratory"}, 11, 3, None, U),
        ({"above": "laboratory"}, 11, None, 10, P),
        ({"above": "laboratory"}, 10, None, 10, A),
        ({"at_most": "laboratory"}, 10, None, 10, P),
        ({"below": "laboratory"}, 2, 3, None, P),
        ({"below": "laboratory"}, 3, 3, None, A),
        ({"at_least": "laboratory"}, 3, 3, None, P),
        ({"at_least": "laboratory"}, 2, None, 1, U),
        # a multiple of the laboratory's upper limit, without the noise of binary fractions
        ({"at_least": {"times_upper": 3}}, 30, None, 10, P),
        ({"at_least": {"times_upper": 3}}, 29.9, None, 10, A),
        ({"at_least": {"times_upper": 3}}, 3.3, None, 1.1, P),
        ({"above": {"times_upper": 3}}, 30, None, 10, A),
        ({"at_least": {"times_upper": 3}}, 30, 1, None, U),
    ],
)
def test_the_laboratorys_own_limit(
    engine: Engine, rule: dict[str, Any], value: float, low: float | None, high: float | None, expected: Truth
) -> None:
    """It replaces the rule's number where the rule names that side (``laboratory: high``), and only there."""
    answers = engine.values(defined(result=rule), [{"q": measured(value, None, low, high)}])
    assert answers[0].get("result") is expected


@pytest.mark.parametrize(
    ("comparator", "value", "high", "expected"),
    [(">", 12, 12, P), (">", 11, 12, U), ("<", 12, 12, A), ("<=", 12, 12, A), (">=", 12, 12, U)],
)
def test_comparators_are_held_against_the_laboratorys_limit(
    engine: Engine, comparator: str, value: float, high: float, expected: Truth
) -> None:
    """``>11`` against a limit of 12 is unknown, ``>12`` is above it."""
    rules = defined(result={"above": 10, "unit": "1", "laboratory": "high"})
    assert engine.values(rules, [{"q": measured(value, comparator, None, high)}])[0].get("result") is expected


def test_a_limit_is_converted_to_the_canonical_unit(engine: Engine) -> None:
    """A limit of 1.6 g/dL for a finding in g/L is 16 g/L."""
    text = rules_text(
        {
            "q": {"kind": "quantity", "unit": "g/L"},
            "high": {"when": {"finding": "q", "above": 1.6, "unit": "g/dL", "source": "paper"}},
        }
    )
    rules = rules_from(text.replace("g/L: 1", "g/L: 1\n      g/dL: 10"))
    answers = engine.values(rules, [{"q": measured(16.1)}, {"q": measured(16)}])
    assert [values.get("high") for values in answers] == [P, A]


@pytest.mark.parametrize(("word", "single", "several"), [("lambda", P, P), ("both", A, P), ("kappa", A, A), (None, U, U)])
def test_a_choice_is_one_of_its_words(engine: Engine, word: str | None, single: Truth, several: Truth) -> None:
    """A rule may name one word of a choice or several."""
    rules = small_rules(
        {
            "chain": {"kind": "choice", "choices": {"lambda": "lambda", "kappa": "kappa", "both": "both"}},
            "one": {"when": {"finding": "chain", "is": "lambda"}},
            "several": {"when": {"finding": "chain", "is": ["lambda", "both"]}},
        }
    )
    answers = engine.values(rules, [{"chain": word}])[0]
    assert (answers.get("one"), answers.get("several")) == (single, several)
