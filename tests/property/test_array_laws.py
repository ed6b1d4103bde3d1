"""Random rules over columns mean what the program says of one patient: each kind of expression, wherever it may stand."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from poems_cli.arrays.answers import Answerer, Asked
from poems_cli.engine.answer_columns import every_column
from poems_cli.engine.findings import Resolver
from poems_cli.engine.logic import truth
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
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
    Truth,
    Warn,
)
from poems_cli.rules.loading import units_of
from poems_cli.tables.columns import Column
from tests.build import patient
from tests.property.trees import BOOLEANS, FOREST, bare, comparison, made, observations, operators, present, trees
from tests.row_answer import RowAnswerer
from tests.spec.engines import ArraysEngine, columns_of

# Definitions of the findings of the forest ask for those that stand alone, so that nothing asks for itself.
_alone = st.sampled_from("abcd").map(Present) | st.sampled_from("abcd").map(Asserted) | comparison
_of_alone = st.recursive(_alone, operators, max_leaves=4)
_ask_known = st.sampled_from([*BOOLEANS, "q", "chain"]).map(Known)
_asked = st.recursive(trees | _ask_known, operators, max_leaves=5)
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
    asked = trees | _ask_known | st.sampled_from(["first", "second"]).map(Present)
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
    return CriteriaSet(name, name, name, "paper", tuple([Level(f"level {at}", one) for at, one in enumerate(levels)]))


@settings(max_examples=60)
@given(smalls())
def test_findings(small: Small) -> None:
    """Values, contradictions and gray zones."""
    engine = _Columns(small.columns)
    resolver = Resolver(small.rules)
    everyone = [resolver.resolve(patient(one)) for one in small.patients]
    for facts, values in zip(everyone, engine.values(small.rules, small.patients), strict=True):
        assert _known(values) == _known(facts.values)
    contradictory = [[one.finding for one in facts.contradictions] for facts in everyone]
    assert engine.contradictory(small.rules, small.patients) == [set(one) for one in contradictory]
    assert engine.gray(small.rules, small.patients) == [set(facts.gray) for facts in everyone]


class _Columns(ArraysEngine):
    """The array engine over a table with some columns."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns

    def findings(self, rules: Rules, patients: Sequence[Mapping[str, Any]]) -> list[str]:
        return list(self._columns)


def _known(values: Mapping[str, Truth]) -> dict[str, Truth]:
    return {name: value for name, value in values.items() if value is not None}


@settings(max_examples=60)
@given(smalls())
def test_answers(small: Small) -> None:
    """Verdicts, levels, the counts of every condition, warnings, and how far the default set is from met."""
    rules = small.rules
    criteria = tuple(rules.criteria)
    columns = tuple([one for one in every_column(rules, criteria) if one.kind != "id"])
    table = [Column(name, name, rules.findings[name].unit) for name in small.columns]
    answerer = Answerer(rules, units_of(rules), table, Asked(criteria, columns))
    found = answerer.answered(columns_of(rules, small.columns, small.patients)).columns
    rows = [dict(zip(found, row, strict=True)) for row in zip(*[cells.to_pylist() for cells in found.values()], strict=True)]
    by_row = RowAnswerer(rules, criteria, mimics=False)
    for one, row in zip(small.patients, rows, strict=True):
        expected = by_row.answer(one)
        is_open = expected.verdict("default") is None
        for column in columns:
            if column.kind not in ("steps", "test") or is_open:
                assert row[column.name] == expected.value(column, None, 0)
