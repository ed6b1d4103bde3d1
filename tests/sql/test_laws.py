"""The SQL of random rules means what the program says of one patient: each kind of expression, wherever it may stand."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poems_cli.engine.answer_columns import every_column
from poems_cli.engine.findings import Resolver
from poems_cli.engine.logic import truth
from poems_cli.errors import PoemsError
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Basis,
    Binds,
    CriteriaSet,
    Expression,
    Finding,
    Known,
    Level,
    Not,
    Observed,
    Present,
    Rules,
    Warn,
)
from poems_cli.sql import states
from poems_cli.sql.answers import Answers
from poems_cli.sql.findings import resolve
from tests.build import patient
from tests.property.trees import BOOLEANS, FOREST, bare, comparison, made, observations, operators, present, trees
from tests.row_answer import RowAnswerer
from tests.sql.given import GivenTable

# Definitions of the findings of the forest ask for those that stand alone, so that nothing asks for itself.
_alone = st.sampled_from("abcd").map(Present) | st.sampled_from("abcd").map(Asserted) | comparison
_of_alone = st.recursive(_alone, operators, max_leaves=4)
_known = st.sampled_from([*BOOLEANS, "q", "chain"]).map(Known)
_asked = st.recursive(trees | _known, operators, max_leaves=5)
_bound = made(Binds, _of_alone, st.none() | _of_alone)
#: What denies itself: present and absent by the same condition, turned round or nearly so.
_turned = _of_alone.flatmap(lambda one: st.sampled_from([Binds(one, Not(one)), Binds(Not(one), one), Binds(one, one)]))
_definition = st.none() | _of_alone | _bound | _turned


def _says_something(definition: Expression | None) -> bool:
    """Whether a definition is not both present and absent whatever is known, as by a score that needs less than nothing."""
    if not isinstance(definition, Binds) or definition.absent_when is None:
        return True
    return not (truth(definition.present_when, bare({})) and truth(definition.absent_when, bare({})))


class Small(NamedTuple):
    """Rules, and patients for them."""

    rules: Rules
    patients: list[dict[str, Observed]]
    columns: list[str]


@st.composite
def smalls(draw: st.DrawFn) -> Small:
    """Rules around random expressions, and patients in a table that may lack columns of which nobody tells anything."""
    definitions = {one: draw(_definition.filter(_says_something)) for one in ("skin", "nails", "hair")}
    definitions["first"] = draw((trees | _asked).filter(_says_something))
    # the second asks for the first, in a random place
    definitions["second"] = draw(st.recursive(st.just(Present("first")) | _asked, operators, max_leaves=3))
    findings = dict(FOREST.findings)
    for name, definition in definitions.items():
        gray = draw(st.sampled_from([None, "Neither."]))
        findings[name] = _boolean(findings.get(name, findings["a"])._replace(id=name), definition, gray)
    asked = trees | _known | st.sampled_from(["first", "second"]).map(Present)
    one_of = st.lists(present, min_size=2, max_size=4, unique=True).map(tuple).map(AnyOf)
    conditions = st.lists(st.recursive(asked, operators, max_leaves=4) | one_of, min_size=1, max_size=3).map(tuple).map(All)
    levels = draw(st.lists(conditions | asked, min_size=1, max_size=3))
    other = draw(asked)
    criteria = {
        "default": _criteria("default", levels),
        "other": _criteria("other", [other, AnyOf((levels[0], other))]),
    }
    warnings = tuple([Warn(f"warning-{place}", draw(_asked), "", Basis()) for place in range(2)])
    rules = FOREST._replace(
        findings=findings,
        order=(*FOREST.order, "first", "second"),
        criteria=criteria,
        default_criteria="default",
        warnings=warnings,
    )
    told = st.fixed_dictionaries({}, optional={"first": st.booleans(), "second": st.booleans()})
    patients = draw(st.lists(st.builds(lambda one, more: {**one, **more}, observations, told), min_size=1, max_size=6))
    columns = {finding for one in patients for finding in one} | draw(st.sets(st.sampled_from(list(findings))))
    return Small(rules, patients, sorted(columns))


def _boolean(finding: Finding, definition: Expression | None, gray: str | None) -> Finding:
    return finding._replace(definition=definition, gray_zone=gray)


def _criteria(name: str, levels: Sequence[Expression]) -> CriteriaSet:
    return CriteriaSet(name, name, name, "paper", tuple([Level(f"level {at}", one) for at, one in enumerate(levels)]), {})


@settings(max_examples=40, derandomize=True)
@given(smalls())
def test_findings(small: Small) -> None:
    """Values, contradictions and gray zones."""
    table = GivenTable(small.rules, small.patients, small.columns)
    resolved = resolve(small.rules, table.inputs, table.columns)
    values, disputed, gray = table.ask(list(resolved.values.items())), *map(table.held, (resolved.contradictory, resolved.gray))
    resolver = Resolver(small.rules)
    for place, one in enumerate(small.patients):
        facts = resolver.resolve(patient(one))
        found = dict(zip(resolved.values, values[place], strict=True))
        assert {name: value for name, value in found.items() if value is not None} == {
            name: value for name, value in facts.values.items() if value is not None
        }
        assert disputed[place] == [each.finding for each in facts.contradictions]
        assert gray[place] == list(facts.gray)


@settings(max_examples=40, derandomize=True)
@given(smalls())
def test_answers(small: Small) -> None:
    """Verdicts, levels, the counts of every condition, warnings, and how far the default set is from met."""
    rules, criteria = small.rules, list(small.rules.criteria)
    columns = [one for one in every_column(rules, criteria) if one.kind != "id"]
    table = GivenTable(rules, small.patients, small.columns)
    answers = Answers(rules, criteria, table.inputs, table.columns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(states, "MOST_STATES", 100)  # more take long to work out
        try:
            answers.tree(next(one for one in columns if one.kind == "steps"))
        except PoemsError:
            columns = [one for one in columns if one.kind not in ("steps", "test")]
    rows = table.ask([(one.name, answers.tree(one)) for one in columns])
    answerer = RowAnswerer(rules, criteria, mimics=False)
    for one, row in zip(small.patients, rows, strict=True):
        expected = answerer.answer(one)
        assert dict(zip(columns, row, strict=True)) == {column: expected.value(column, None, 0) for column in columns}


def test_expressions_of_two_kinds_that_hold_the_same_are_told_apart() -> None:
    """The program's records are tuples: all of a and b equals any of a and b, and what is said equals what is so."""
    a, b, skin = Present("a"), Present("b"), Present("skin")
    levels = [All((All((a, b)), skin)), All((AnyOf((a, b)), Asserted("skin"))), All((Known("skin"), AtLeast(1, (a, b))))]
    rules = FOREST._replace(criteria={"default": _criteria("default", levels)}, default_criteria="default")
    patients: list[dict[str, Observed]] = [{"a": True, "b": False, "hair": True}, {"a": True, "skin": True}, {"b": True}]
    table = GivenTable(rules, patients)
    columns = [one for one in every_column(rules, ["default"]) if one.kind != "id"]
    answers = Answers(rules, ["default"], table.inputs, table.columns)
    rows = table.ask([(one.name, answers.tree(one)) for one in columns])
    answerer = RowAnswerer(rules, ["default"], mimics=False)
    assert rows == [tuple([answerer.answer(one).value(column, None, 0) for column in columns]) for one in patients]


def test_a_definition_is_not_taken_for_its_opposite_because_two_kinds_hold_the_same() -> None:
    definition = Binds(Present("skin"), Not(Asserted("skin")))
    findings = {**FOREST.findings, "first": FOREST.findings["a"]._replace(id="first", definition=definition)}
    rules = FOREST._replace(findings=findings, order=(*FOREST.order, "first"))
    patients: list[dict[str, Observed]] = [{"hair": True}, {"skin": False}, {"skin": True}, {}]
    table = GivenTable(rules, patients)
    resolved = resolve(rules, table.inputs, table.columns)
    values = [Resolver(rules).resolve(patient(one)).values.get("first") for one in patients]
    assert [row[0] for row in table.ask([("first", resolved.values["first"])])] == values
