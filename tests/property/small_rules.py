"""Small rules around random expressions, and patients for them: what every engine has to answer alike."""

import operator
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from poems_cli.engine.logic import truth
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    Basis,
    Binds,
    CriteriaSet,
    Expression,
    Known,
    Level,
    Not,
    Observed,
    Present,
    Rules,
    Warn,
)
from tests.property.trees import BOOLEANS, FOREST, bare, comparison, made, observations, operators, present, trees

# Definitions of the findings of the forest use only those without parents and parts, so that no definition uses itself.
_alone = st.sampled_from("abcd").map(Present) | st.sampled_from("abcd").map(Asserted) | comparison
_of_alone = st.recursive(_alone, operators, max_leaves=4)
_known = st.sampled_from([*BOOLEANS, "q", "chain"]).map(Known)
_asked = st.recursive(trees | _known, operators, max_leaves=5)
_bound = made(Binds, _of_alone, st.none() | _of_alone)
#: Definitions that contradict themselves: present and absent by the same condition, or by its negation.
_turned = _of_alone.flatmap(lambda tree: st.sampled_from([Binds(tree, Not(tree)), Binds(Not(tree), tree), Binds(tree, tree)]))
_definition = st.none() | _of_alone | _bound | _turned


def _is_consistent(definition: Expression | None) -> bool:
    """Whether a definition is not always both present and absent, as with a score that needs no points."""
    if not isinstance(definition, Binds) or definition.absent_when is None:
        return True
    return not (truth(definition.present_when, bare({})) and truth(definition.absent_when, bare({})))


class RulesAndPatients(NamedTuple):
    """Rules, and patients for them."""

    rules: Rules
    patients: list[dict[str, Observed]]
    columns: list[str]


@st.composite
def small_rules(draw: st.DrawFn) -> RulesAndPatients:
    """Rules around random expressions, and patients in a table that may lack columns that no patient needs."""
    definitions = {name: draw(_definition.filter(_is_consistent)) for name in ("skin", "nails", "hair")}
    definitions["first"] = draw((trees | _asked).filter(_is_consistent))
    # the second asks for the first, in a random place
    definitions["second"] = draw(st.recursive(st.just(Present("first")) | _asked, operators, max_leaves=3))
    findings = dict(FOREST.findings)
    for name, definition in definitions.items():
        gray = draw(st.sampled_from([None, "Neither."]))
        findings[name] = findings.get(name, findings["a"])._replace(id=name, definition=definition, gray_zone=gray)
    expressions = trees | _known | st.sampled_from(["first", "second"]).map(Present)
    one_of = st.lists(present, min_size=2, max_size=4, unique=True).map(tuple).map(AnyOf)
    conditions = (
        st.lists(st.recursive(expressions, operators, max_leaves=4) | one_of, min_size=1, max_size=3).map(tuple).map(All)
    )
    levels = draw(st.lists(conditions | expressions, min_size=1, max_size=3))
    other = draw(expressions)
    criteria = {
        "default": criteria_set("default", levels),
        "other": criteria_set("other", [other, AnyOf((levels[0], other))]),
    }
    warnings = tuple([Warn(f"warning-{place}", draw(_asked), "", Basis()) for place in range(2)])
    rules = FOREST._replace(
        findings=findings,
        order=(*FOREST.order, "first", "second"),
        criteria=criteria,
        default_criteria="default",
        warnings=warnings,
    )
    asserted = st.fixed_dictionaries({}, optional={"first": st.booleans(), "second": st.booleans()})
    patients = draw(st.lists(st.builds(operator.or_, observations, asserted), min_size=1, max_size=6))
    columns = {finding for findings in patients for finding in findings} | draw(st.sets(st.sampled_from(list(findings))))
    return RulesAndPatients(rules, patients, sorted(columns))


def criteria_set(name: str, levels: Sequence[Expression]) -> CriteriaSet:
    return CriteriaSet(name, name, name, "paper", tuple([Level(f"level {place}", level) for place, level in enumerate(levels)]))
