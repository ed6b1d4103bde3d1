"""Laws of the three values, on random expressions in random states of knowledge."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from poems_cli.engine.logic import trace, truth
from poems_cli.model import All, AnyOf, AtLeast, Binds, Expression, Known, Not, Observed, Quantity, Score
from tests.property.trees import BOOLEANS, bare, observations, plain, shuffled, trees, value

known = st.sampled_from(BOOLEANS).map(Known)


def more(draw: st.DrawFn, observed: dict[str, Observed]) -> dict[str, Observed]:
    """What was observed, and perhaps some more: nothing that was known is taken back."""
    return {**draw(observations), **observed}


@settings(max_examples=80)
@given(plain, observations, st.data())
def test_learning_more_never_changes_what_is_known(
    tree: Expression, observed: dict[str, Observed], data: st.DataObject
) -> None:
    """Without ``known`` and ``present_when``: a verdict once reached never changes, however much more becomes known."""
    before = truth(tree, bare(observed))
    assume(before is not None)
    assert truth(tree, bare(data.draw(st.composite(more)(observed)))) is before


@settings(max_examples=80)
@given(trees, observations, st.data())
def test_learning_more_never_turns_a_verdict_round(
    tree: Expression, observed: dict[str, Observed], data: st.DataObject
) -> None:
    """With ``present_when`` too: it may become unknown when both of its conditions hold, but met never becomes not met."""
    before = truth(tree, bare(observed))
    after = truth(tree, bare(data.draw(st.composite(more)(observed))))
    assert {before, after} != {True, False}


@settings(max_examples=80)
@given(
    st.recursive(trees | known, lambda children: st.builds(Not, children) | st.builds(AnyOf, st.tuples(children, children))),
    observations,
)
def test_the_trace_has_the_value_of_the_expression(tree: Expression, observed: dict[str, Observed]) -> None:
    """At every node, not only at the root."""

    def same(node: Expression, observed: dict[str, Observed]) -> None:
        reason = trace(node, bare(observed))
        assert reason.value is truth(node, bare(observed))
        children: tuple[Expression, ...] = ()
        match node:
            case All() | AnyOf() | AtLeast() | Score():
                children = node.children
            case Not():
                children = (node.child,)
            case Binds():
                children = (node.present_when,) if node.absent_when is None else (node.present_when, node.absent_when)
        assert [child.value for child in reason.children] == [truth(child, bare(observed)) for child in children]
        for child in children:
            same(child, observed)

    same(tree, observed)


@settings(max_examples=80)
@given(trees, observations)
def test_the_value_is_the_one_counted_in_another_way(tree: Expression, observed: dict[str, Observed]) -> None:
    """``all`` is the least child, ``any`` the greatest, ``at_least k`` the k-th greatest, of absent < unknown < present."""
    assert truth(tree, bare(observed)) is value(tree, bare(observed), {})


@settings(max_examples=80)
@given(trees, observations, st.data())
def test_order_never_matters(tree: Expression, observed: dict[str, Observed], data: st.DataObject) -> None:
    """Neither that of the children nor that of the findings in the record."""
    other = data.draw(st.composite(shuffled)(tree))
    record = dict(data.draw(st.permutations(list(observed.items()))))
    assert truth(other, bare(record)) is truth(tree, bare(observed))


@settings(max_examples=80)
@given(st.lists(plain, min_size=1, max_size=4).map(tuple), observations)
def test_at_least_is_between_any_and_all(children: tuple[Expression, ...], observed: dict[str, Observed]) -> None:
    state = bare(observed)
    assert truth(AtLeast(1, children), state) is truth(AnyOf(children), state)
    assert truth(AtLeast(len(children), children), state) is truth(All(children), state)


def test_the_states_hold_numbers_with_comparators() -> None:
    """The laws above would be weaker if no number were ever drawn."""
    drawn: list[Quantity] = []

    @settings(max_examples=100, database=None)
    @given(observations)
    def collect(observed: dict[str, Observed]) -> None:
        if isinstance(observed.get("q"), Quantity):
            drawn.append(observed["q"])  # type: ignore[arg-type]

    collect()
    assert {quantity.comparator is None for quantity in drawn} == {True, False}
