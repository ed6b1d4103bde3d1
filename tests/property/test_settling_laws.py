"""What would settle it, against brute force over every set of answers."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from poems_cli.engine.assess import Assessor
from poems_cli.engine.literals import links
from poems_cli.engine.logic import truth
from poems_cli.engine.settling import implicants
from poems_cli.model import (
    All,
    Answer,
    AnyOf,
    AtLeast,
    Binds,
    Compare,
    Condition,
    CriteriaSet,
    Expression,
    Facts,
    Level,
    Not,
    Observed,
    Present,
)
from tests.build import patient
from tests.property.trees import (
    FOREST,
    Knowledge,
    brute_force,
    facts,
    observations,
    plain,
    shuffled,
    tangled,
    trees,
    unknown_literals,
    value,
)

small = trees | tangled
a, b, c, d = (Present(name) for name in "abcd")
NOTHING = Knowledge({}, {})


def sets_of(tree: Expression, state: Facts | Knowledge, goal: bool) -> set[frozenset[Answer]]:
    settling = implicants(tree, state, goal, links(FOREST, tree))
    assert settling.complete
    assert len(settling.sets) == len(set(settling.sets))
    assert [len(answers) for answers in settling.sets] == sorted(len(answers) for answers in settling.sets)
    return set(settling.sets)


@settings(max_examples=250)
@given(small, facts(), st.booleans())
def test_settling_sets_are_those_that_brute_force_finds(tree: Expression, state: Facts, goal: bool) -> None:
    """Each settles, none of its proper subsets does, and no set is missing: repeated findings, parents and parts included."""
    assume(len(unknown_literals(tree, state)) <= 6)
    assert sets_of(tree, state, goal) == brute_force(tree, state, goal)


@settings(max_examples=80)
@given(small, facts(), st.booleans())
def test_a_settling_set_settles_by_the_programs_own_logic(tree: Expression, state: Facts, goal: bool) -> None:
    """Answering a set makes the expression what the set says, and any answer less leaves it open."""
    for answers in sets_of(tree, state, goal):
        given_answers = {answer._replace(present=True): answer.present for answer in answers}
        assert value(tree, state, given_answers) is goal
        for left_out in given_answers:
            fewer = {question: answer for question, answer in given_answers.items() if question != left_out}
            assert value(tree, state, fewer) is not goal


@settings(max_examples=100)
@given(small, facts())
def test_settled_exactly_when_the_empty_set_settles(tree: Expression, state: Facts) -> None:
    verdict = truth(tree, state)
    for goal in (True, False):
        assert (sets_of(tree, state, goal) == {frozenset()}) is (verdict is goal)
        if verdict is not None and verdict is not goal and not _may_fall_open(tree):
            assert sets_of(tree, state, goal) == set()


@settings(max_examples=100)
@given(plain, facts())
def test_undetermined_exactly_when_something_can_settle_it(tree: Expression, state: Facts) -> None:
    """Without ``present_when`` and ``asserted``: with all answered there is a verdict, so until then some answer helps."""
    assume(not _uses_asserted(tree))
    open_sets = [settling_set for goal in (True, False) for settling_set in sets_of(tree, state, goal) if settling_set]
    assert (truth(tree, state) is None) is bool(open_sets)


@settings(max_examples=80)
@given(small, facts(), st.booleans(), st.data())
def test_the_order_of_children_never_changes_settling_sets(
    tree: Expression, state: Facts, goal: bool, data: st.DataObject
) -> None:
    other = data.draw(st.composite(shuffled)(tree))
    assert sets_of(other, state, goal) == sets_of(tree, state, goal)


def _may_fall_open(tree: Expression) -> bool:
    return "Binds(" in repr(tree)


def _uses_asserted(tree: Expression) -> bool:
    return "Asserted(" in repr(tree)


# --- examples that once failed, or easily could -----------------------------------------------------------------------


def named(*answers: str) -> frozenset[Answer]:
    """Answers from words: ``-a`` is absent."""
    return frozenset(Answer(name.removeprefix("-"), not name.startswith("-")) for name in answers)


def test_one_of_two_needed_is_known_already() -> None:
    """At least two of three, one of them present: one more settles it, not none."""
    state = Knowledge({"a": True}, {"a": True})
    assert sets_of(AtLeast(2, (a, b, c)), state, True) == {named("b"), named("c")}


def test_all_and_any_of_the_same_findings_are_not_mixed_up() -> None:
    tree = All((AnyOf((a, b)), All((a, b))))
    assert sets_of(tree, NOTHING, True) == {named("a", "b")}
    assert sets_of(AnyOf((All((a, b)), AnyOf((a, b)))), NOTHING, True) == {named("a"), named("b")}


def test_a_set_that_would_contradict_a_definition_in_place_is_not_listed() -> None:
    """``a`` makes the first present only while ``b`` does not make it absent, and the second asks for ``b``."""
    tree = All((AnyOf((Binds(a, b), c)), b))
    assert sets_of(tree, NOTHING, True) == {named("b", "c")}


def test_a_smaller_set_that_fails_later_hides_no_larger_one() -> None:
    tree = All((AnyOf((Binds(a, b), All((a, c)))), b))
    assert sets_of(tree, NOTHING, True) == {named("a", "b", "c")}


def test_a_part_settles_its_parent_and_a_parent_its_part() -> None:
    skin, hair = Present("skin"), Present("hair")
    assert sets_of(AnyOf((skin, hair)), NOTHING, True) == {named("skin"), named("hair")}
    assert sets_of(All((skin, hair)), NOTHING, True) == {named("hair")}
    assert sets_of(AnyOf((skin, hair)), NOTHING, False) == {named("-skin")}
    assert sets_of(All((Not(skin), hair)), NOTHING, True) == set()


def test_below_is_the_answer_no_to_at_least() -> None:
    tree = All((Compare("q", "below", 5.0), a))
    assert sets_of(tree, NOTHING, True) == {frozenset([Answer("q", False, Condition("at_least", 5.0)), Answer("a", True)])}
    assert sets_of(All((Compare("q", "below", 5.0), Compare("q", "at_least", 5.0))), NOTHING, True) == set()


def test_eighteen_ways_for_a_neuropathy_alone() -> None:
    """The Mayo shape: one clone, three major, six minor; toward not met, three ways."""
    major = AtLeast(1, (b, c, d))
    minor = AtLeast(1, tuple(Present(name) for name in ("e", "f", "g", "h", "i", "j")))
    tree = All((a, Present("clone"), major, minor))
    state = Knowledge({"a": True}, {"a": True})
    met, not_met = (implicants(tree, state, goal, links(FOREST, a)) for goal in (True, False))
    assert [len(settling_set) for settling_set in met.sets] == [3] * 18
    assert [len(settling_set) for settling_set in not_met.sets] == [1, 3, 6]


@settings(max_examples=40)
@given(small, st.lists(observations, min_size=2, max_size=4))
def test_what_is_remembered_of_one_patient_never_leaks_into_another(
    tree: Expression, several: list[dict[str, Observed]]
) -> None:
    """One assessor for many patients answers each as if it were the first."""
    criteria = {"set": CriteriaSet("set", "Set", "Set", "paper", (Level("met", tree),))}
    rules = FOREST._replace(criteria=criteria, default_criteria="set")
    shared = Assessor(rules)
    for known in several:
        assert shared.assess(patient(known)) == Assessor(rules).assess(patient(known))
