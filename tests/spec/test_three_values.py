"""Chapter 1: a finding is present, absent or unknown, and unknown is never absent.

``not``, ``all`` (and) and ``any`` (or) are Kleene's. ``at_least k of n`` is met when k are present, not met when k
cannot be reached, else undetermined; a score, when its points reach what is needed however the unknown ones turn out.
"Is it known?" is never unknown.

The oracle uses none of these rules: it fills in the unknowns in every possible way and looks whether the answer is always
the same. (An expression in which no finding occurs twice means exactly that.)
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import pytest

from poems_cli.model import Truth
from tests.build import QUANTITY, measured, small_rules
from tests.spec.engines import Engine

P, A, U = True, False, None  # present, absent, unknown


def over_all_completions(question: Callable[[Sequence[bool]], bool], given: Sequence[Truth]) -> Truth:
    """The answer if every way to fill in the unknowns gives the same one, else ``None``."""
    answers = {question(filled) for filled in product(*[[value] if value is not None else [True, False] for value in given])}
    return answers.pop() if len(answers) == 1 else None


def states(findings: Sequence[str]) -> Iterator[dict[str, Truth]]:
    for values in product([P, A, U], repeat=len(findings)):
        yield dict(zip(findings, values, strict=True))


def _worth(elements: Sequence[str]) -> list[tuple[str, int]]:
    """Points of a score, some of them taken away."""
    return list(zip(elements, (3, -2, 5, 1, -1), strict=False))


NOT = [(P, A), (A, P), (U, U)]
AND = [(P, P, P), (P, A, A), (P, U, U), (A, P, A), (A, A, A), (A, U, A), (U, P, U), (U, A, A), (U, U, U)]
OR = [(P, P, P), (P, A, P), (P, U, P), (A, P, P), (A, A, A), (A, U, U), (U, P, P), (U, A, U), (U, U, U)]


@pytest.mark.parametrize(("given", "expected"), NOT)
def test_not(engine: Engine, given: Truth, expected: Truth) -> None:
    """The opposite of unknown is unknown."""
    rules = small_rules({"a": {}, "result": {"when": {"not": "a"}}})
    assert engine.values(rules, [{"a": given}])[0].get("result") is expected


@pytest.mark.parametrize(("operator", "table"), [("all", AND), ("any", OR)])
def test_and_and_or(engine: Engine, operator: str, table: list[tuple[Truth, Truth, Truth]]) -> None:
    """``all`` is absent as soon as one is, ``any`` present as soon as one is; otherwise an unknown one leaves it open."""
    rules = small_rules({"a": {}, "b": {}, "result": {"when": {operator: ["a", "b"]}}})
    answers = engine.values(rules, [{"a": a, "b": b} for a, b, _ in table])
    assert [values.get("result") for values in answers] == [expected for *_, expected in table]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_every_operator_in_every_state(engine: Engine, size: int) -> None:
    """All 3**n states of ``all``, ``any`` and ``at_least k`` for each k, under ``not`` too."""
    elements = list("abcde"[:size])
    questions: dict[str, tuple[Any, Callable[[Sequence[bool]], bool]]] = {
        "every": ({"all": elements}, all),
        "some": ({"any": elements}, any),
        **{
            f"least_{k}": ({"at_least": k, "of": elements}, lambda filled, k=k: sum(filled) >= k)  # type: ignore[misc]
            for k in range(1, size + 1)
        },
        **{
            f"score_{needed}": (
                {"score_at_least": needed, "of": [{"points": worth, "when": element} for element, worth in _worth(elements)]},
                lambda filled, n=needed: sum(w for (_, w), f in zip(_worth(elements), filled, strict=True) if f) >= n,  # type: ignore[misc]
            )
            for needed in (-2, 0, 1, 3, 6, 99)
        },
    }
    findings: dict[str, dict[str, Any]] = {element: {} for element in elements}
    for name, (expression, _) in questions.items():
        findings[name] = {"when": expression}
        findings[f"not_{name}"] = {"when": {"not": expression}}
    patients = list(states(elements))
    for given, answers in zip(patients, engine.values(small_rules(findings), patients), strict=True):
        for name, (_, question) in questions.items():
            expected = over_all_completions(question, list(given.values()))
            assert answers.get(name) is expected, (name, given)
            opposite = over_all_completions(lambda filled, q=question: not q(filled), list(given.values()))  # type: ignore[misc]
            assert answers.get(f"not_{name}") is opposite, (name, given)


def test_expressions_nest(engine: Engine) -> None:
    """Polyneuropathy and clone and one major and two of three minor: the shape of a criteria set, in all 3**7 states."""
    elements = list("abcdefg")
    rules = small_rules(
        {
            **{element: {} for element in elements},
            "result": {
                "when": {
                    "all": [
                        "a",
                        {"not": "b"},
                        {"any": ["c", {"not": "d"}]},
                        {"at_least": 2, "of": ["e", {"not": "f"}, "g"]},
                    ]
                }
            },
        }
    )

    def question(v: Sequence[bool]) -> bool:
        return v[0] and not v[1] and (v[2] or not v[3]) and sum([v[4], not v[5], v[6]]) >= 2

    patients = list(states(elements))
    for given, answers in zip(patients, engine.values(rules, patients), strict=True):
        assert answers.get("result") is over_all_completions(question, list(given.values())), given


def test_a_finding_that_occurs_twice_leaves_it_open(engine: Engine) -> None:
    """Kleene's logic is cautious: ``a or not a`` is open while a is. It errs toward unknown, never toward an answer."""
    rules = small_rules({"a": {}, "result": {"when": {"any": ["a", {"not": "a"}]}}})
    answers = engine.values(rules, [{"a": U}, {"a": P}, {"a": A}])
    assert [values.get("result") for values in answers] == [U, P, P]


def test_a_value_above_both_limits_needs_no_sex(engine: Engine) -> None:
    """Limits by sex are written so that an unknown sex hides nothing."""
    limits = {"source": "paper", "unit": "1"}
    high = {"any": [{"finding": "q", "above": 16.5, **limits}, {"all": ["female", {"finding": "q", "above": 16, **limits}]}]}
    rules = small_rules({"female": {}, "q": {"kind": "quantity", "unit": "1"}, "result": {"when": high}})
    given = [{"q": measured(value), "female": sex} for value in (17, 16.2, 15) for sex in (P, A, U)]
    answers = [values.get("result") for values in engine.values(rules, given)]
    assert answers == [P, P, P, P, A, U, A, A, A]


@pytest.mark.parametrize(("given", "expected"), [({"a": P}, P), ({"a": A}, P), ({"a": U}, A), ({}, A)])
def test_known_is_never_unknown(engine: Engine, given: dict[str, Truth], expected: bool) -> None:
    """Whether a finding is known can always be answered."""
    rules = small_rules({"a": {}, "result": {"when": {"known": "a"}}})
    assert engine.values(rules, [given])[0].get("result") is expected


def test_known_of_a_derived_finding_and_of_a_number(engine: Engine) -> None:
    """A finding that follows from others is known when they decide it, a number when it was measured."""
    rules = small_rules(
        {
            "a": {},
            "derived": {"when": {"not": "a"}},
            "q": QUANTITY,
            "derived_is_known": {"when": {"known": "derived"}},
            "q_is_known": {"when": {"known": "q"}},
        }
    )
    nothing, both = engine.values(rules, [{}, {"a": P, "q": measured(0)}])
    assert (nothing["derived_is_known"], nothing["q_is_known"]) == (A, A)
    assert (both["derived_is_known"], both["q_is_known"]) == (P, P)
