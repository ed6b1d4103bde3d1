"""Random expressions and random states of knowledge, and an oracle that works out expressions in another way.

The findings form a small forest: ``white_nails`` is a part of ``nails``, which with ``hair`` is a part of ``skin``;
``a`` to ``d`` have no parents or parts; ``q`` is a number and ``chain`` a choice.
"""

from collections.abc import Callable, Mapping
from itertools import combinations, product
from typing import Any, NamedTuple

from hypothesis import strategies as st

from poems_cli.engine.expressions import leaves
from poems_cli.engine.findings import resolve
from poems_cli.engine.logic import State, truth
from poems_cli.engine.settling import AnswerSet, condition_of
from poems_cli.model import (
    All,
    Answer,
    AnyOf,
    Asserted,
    AtLeast,
    Binds,
    Compare,
    Expression,
    Facts,
    Known,
    Not,
    Observed,
    Present,
    Quantity,
    Rules,
    Score,
    Truth,
)
from tests.build import QUANTITY, patient, small_rules

PARENT = {"white_nails": "nails", "nails": "skin", "hair": "skin"}
BOOLEANS = ["a", "b", "c", "d", "skin", "nails", "white_nails", "hair"]
FOREST: Rules = small_rules(
    {
        **{finding: {"part_of": PARENT[finding]} if finding in PARENT else {} for finding in BOOLEANS},
        "q": QUANTITY,
        "chain": {"kind": "choice", "choices": {"lambda": "lambda", "kappa": "kappa"}},
    },
    tests={
        "looking": {"answers": ["a", "b", "skin", "nails", "hair", "chain"], "shows": ["white_nails"]},
        "feeling": {"answers": ["b", "c"], "cost": 1},
        "sampling": {"answers": ["q", "white_nails"], "shows": ["d"], "cost": 1, "invasiveness": 1},
    },
)


class Knowledge(NamedTuple):
    """A bare state: what is known, without definitions or implications."""

    values: Mapping[str, Truth]
    observed: Mapping[str, Observed]


def ancestors(finding: str) -> list[str]:
    """The parent of a finding, and its parent, and so on."""
    return [PARENT[finding], *ancestors(PARENT[finding])] if finding in PARENT else []


# --- random expressions and states ------------------------------------------------------------------------------------


def made(record: Callable[..., Any], *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A record of these parts; the others keep their defaults, for which ``st.builds`` would draw something."""
    return st.tuples(*parts).map(lambda given: record(*given))


present = st.sampled_from(BOOLEANS).map(Present)
asserted = st.sampled_from(BOOLEANS).map(Asserted)
comparison = st.one_of(
    made(Compare, st.just("q"), st.sampled_from(["above", "at_least", "below", "at_most"]), st.sampled_from([5.0, 9.0])),
    made(Compare, st.just("q"), st.sampled_from(["above", "at_most"]), st.just(5.0), st.just("high")),
    made(Compare, st.just("q"), st.just("at_least"), st.none(), st.just("high"), st.just(3.0)),
    made(Compare, st.just("chain"), st.just("is"), st.sampled_from([("lambda",), ("lambda", "kappa")])),
)
leaf: st.SearchStrategy[Expression] = st.one_of(present, present, present, present, comparison, asserted)


def operators(children: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(children, min_size=1, max_size=4).map(tuple)
    return st.one_of(
        made(All, several),
        made(AnyOf, several),
        several.flatmap(lambda some: made(AtLeast, st.integers(1, len(some)), st.just(some))),
        several.flatmap(_scores),
        made(Not, children),
    )


def _scores(children: tuple[Expression, ...]) -> st.SearchStrategy[Expression]:
    points = st.lists(st.sampled_from([1.0, 2.0, 3.0, -1.0, -2.0]), min_size=len(children), max_size=len(children))
    return made(Score, st.integers(-2, 5), st.just(children), points.map(tuple))


#: Expressions without ``present_when``.
plain: st.SearchStrategy[Expression] = st.recursive(leaf, operators, max_leaves=8)
_conditions = st.recursive(leaf, operators, max_leaves=3)
_binds: st.SearchStrategy[Expression] = made(Binds, _conditions, st.none() | _conditions)
#: Expressions with ``present_when``, which the rules never nest in another.
trees: st.SearchStrategy[Expression] = st.recursive(leaf | _binds, operators, max_leaves=6)
#: The same over few findings, so that they occur twice, conflict and settle each other.
_few: st.SearchStrategy[Expression] = st.sampled_from(["a", "b", "skin", "hair", "nails"]).map(Present) | st.sampled_from(
    [Asserted("skin"), Compare("q", "below", 5.0), Compare("q", "at_least", 5.0)]
)
_few_conditions = st.recursive(_few, operators, max_leaves=2)
_few_binds: st.SearchStrategy[Expression] = made(Binds, _few_conditions, st.none() | _few_conditions)
tangled: st.SearchStrategy[Expression] = st.recursive(_few | _few_binds, operators, max_leaves=7)

numbers = made(
    Quantity,
    st.sampled_from([3.0, 5.0, 7.0, 9.0, 30.0]),
    st.just("1"),
    st.sampled_from([None, None, "<", ">=", ">"]),
    st.none(),
    st.sampled_from([None, 4.0, 10.0]),
)
observations: st.SearchStrategy[dict[str, Observed]] = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(BOOLEANS, st.booleans()),
        "q": numbers,
        "chain": st.sampled_from(["lambda", "kappa"]),
    },
)


def bare(observed: Mapping[str, Observed]) -> Knowledge:
    """The state in which only what was observed is known."""
    return Knowledge({name: value for name, value in observed.items() if isinstance(value, bool)}, observed)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """What is known of a patient of the forest, implications included, without contradictions."""
    return draw(
        observations.map(lambda observed: resolve(FOREST, patient(observed))).filter(lambda facts: not facts.contradictions)
    )


def shuffled(draw: st.DrawFn, node: Expression) -> Expression:
    """The same expression with the children of every operator in another order."""
    match node:
        case All() | AnyOf() | AtLeast():
            children = draw(st.permutations([shuffled(draw, child) for child in node.children]))
            return node._replace(children=tuple(children))
        case Score():
            worth = draw(st.permutations(list(zip(node.children, node.points, strict=True))))
            return node._replace(
                children=tuple([shuffled(draw, child) for child, _ in worth]), points=tuple([points for _, points in worth])
            )
        case Not():
            return node._replace(child=shuffled(draw, node.child))
        case _:
            return node


# --- the oracle -------------------------------------------------------------------------------------------------------


def literal(node: Expression) -> tuple[Answer, bool]:
    """A leaf as the answer that it asks for, and whether the leaf holds when that answer is present."""
    assert isinstance(node, (Present, Asserted, Compare, Known))
    if isinstance(node, Compare):
        positive, condition = condition_of(node)
        return Answer(node.finding, True, condition), positive
    return Answer(node.finding, True), True


def unknown_literals(tree: Expression, state: State) -> list[Answer]:
    """What can be asked: the findings and comparisons of the tree whose value is unknown."""
    open_leaves = [leaf for leaf in leaves(tree) if truth(leaf, state) is None]
    return list(
        dict.fromkeys(
            literal(leaf)[0] for leaf in open_leaves if isinstance(leaf, Compare) or state.values.get(leaf.finding) is None
        )
    )


def value(tree: Expression, state: State, answers: Mapping[Answer, bool]) -> Truth:
    """The value once the answers are known as well, counted as numbers: absent 0, unknown 1, present 2.

    ``all`` is the smallest, ``any`` the largest and ``at_least k`` the k-th largest of its children; a score is counted in
    every way in which its unknown children may turn out.
    """
    return {0: False, 1: None, 2: True}[_number(tree, state, answers)]


def _number(node: Expression, state: State, answers: Mapping[Answer, bool]) -> int:
    match node:
        case All():
            return min((_number(child, state, answers) for child in node.children), default=2)
        case AnyOf():
            return max((_number(child, state, answers) for child in node.children), default=0)
        case AtLeast():
            return sorted((_number(child, state, answers) for child in node.children), reverse=True)[node.needed - 1]
        case Score():
            numbers = [_number(child, state, answers) for child in node.children]
            ways = product(*[[0, 2] if number == 1 else [number] for number in numbers])
            sums = [sum(worth for worth, number in zip(node.points, way, strict=True) if number) for way in ways]
            reached = {total >= node.needed for total in sums}
            return 1 if len(reached) == 2 else 2 * reached.pop()
        case Not():
            return 2 - _number(node.child, state, answers)
        case Binds():
            holds = _number(node.present_when, state, answers) == 2
            opposed = node.absent_when is not None and _number(node.absent_when, state, answers) == 2
            return 1 if holds == opposed else 2 if holds else 0
        case _:
            return _leaf(node, state, answers)


def _leaf(node: Expression, state: State, answers: Mapping[Answer, bool]) -> int:
    known = truth(node, state)
    asked, positive = literal(node)
    if known is None and asked in answers:
        known = answers[asked] is positive
    if known is None and isinstance(node, Present):
        if any(given and node.finding in ancestors(answer.finding) for answer, given in answers.items()):
            known = True  # a part is present
        elif any(not given and answer.finding in ancestors(node.finding) for answer, given in answers.items()):
            known = False  # the parent is absent
    return 1 if known is None else 2 * known


def possible(answers: Mapping[Answer, bool]) -> bool:
    """Whether no part is present while its parent is absent."""
    absent = {answer.finding for answer, given in answers.items() if not given and answer.condition is None}
    return not any(absent.intersection(ancestors(answer.finding)) for answer, given in answers.items() if given)


def brute_force(tree: Expression, state: State, goal: bool) -> set[AnswerSet]:
    """The minimal sets of answers that settle the tree, by trying every set of answers, the smallest first."""
    minimal: set[AnswerSet] = set()
    asked = unknown_literals(tree, state)
    for size in range(len(asked) + 1):
        for chosen in combinations(asked, size):
            for given in product([True, False], repeat=size):
                answers = dict(zip(chosen, given, strict=True))
                as_set = frozenset(question._replace(present=answer) for question, answer in answers.items())
                if any(smaller <= as_set for smaller in minimal) or not possible(answers):
                    continue
                if value(tree, state, answers) is goal:
                    minimal.add(as_set)
    return minimal
