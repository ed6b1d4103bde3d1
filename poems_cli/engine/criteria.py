"""One criteria set against one patient's facts: verdict, level, groups and trace."""

from collections import Counter
from collections.abc import Iterator, Sequence

from poems_cli.engine.expressions import leaves
from poems_cli.engine.literals import Literals, States
from poems_cli.engine.logic import State, at_least, trace
from poems_cli.finding_names import column_name
from poems_cli.memo import Memo
from poems_cli.model import (
    All,
    AnyOf,
    AtLeast,
    Compare,
    CriteriaResult,
    CriteriaSet,
    Element,
    Expression,
    Group,
    Level,
    LevelResult,
    Score,
    Trace,
    Truth,
    Verdict,
)

_REMEMBERED = 1_500


def verdict_of(value: Truth) -> Verdict:
    """The word for a value: met, not met or undetermined."""
    return "undetermined" if value is None else "met" if value else "not met"


def answer(criteria: CriteriaSet, state: State) -> CriteriaResult:
    """A criteria set's verdict: met when any level is, with the highest one met; not met when no level can be."""
    return _result(criteria, tuple([_level(level, state) for level in criteria.levels]))


def _result(criteria: CriteriaSet, levels: tuple[LevelResult, ...]) -> CriteriaResult:
    met = next((level for level in levels if level.value), None)
    open_levels = [level for level in levels if level.value is None]
    if met is not None:
        return CriteriaResult(criteria.id, "met", met.id, levels, met)
    # Nearest to an answer: the lowest level that is still open, else the lowest.
    shown = open_levels[-1] if open_levels else levels[-1]
    return CriteriaResult(criteria.id, verdict_of(None if open_levels else False), None, levels, shown)


def _level(level: Level, state: State) -> LevelResult:
    reason = trace(level.expression, state)
    parts = reason.children if reason.kind == "all" else (reason,)
    return LevelResult(level.id, reason.value, _distinct([_group(part) for part in parts]), reason)


class Answerer:
    """Answers one criteria set for many patients: what is worked out for a condition is kept for the next one like it."""

    def __init__(self, criteria: CriteriaSet, settler: Literals) -> None:
        self._criteria = criteria
        self._settler = settler
        # Conditions, and the elements that they count.
        nodes = [node for level in criteria.levels for node in conditions(level.expression)]
        nodes += [child for node in nodes if isinstance(node, (All, AnyOf, AtLeast, Score)) for child in node.children]
        self._quantities = {
            id(node): tuple(dict.fromkeys(leaf.finding for leaf in leaves(node) if isinstance(leaf, Compare))) for node in nodes
        }
        self._every_quantity = tuple(
            dict.fromkeys([quantity for quantities in self._quantities.values() for quantity in quantities])
        )
        self._answers: Memo[tuple[object, ...], tuple[CriteriaResult, frozenset[str]]] = Memo(_REMEMBERED)
        self._elements: Memo[tuple[object, ...], Trace] = Memo(4 * _REMEMBERED)
        self._conditions: Memo[tuple[object, ...], tuple[Trace, Group, frozenset[str]]] = Memo(_REMEMBERED)

    def answer(self, state: State, states: States) -> tuple[CriteriaResult, frozenset[str]]:
        """What :func:`answer` says, and the sources that it rests on; ``states`` are the settler's values in ``state``."""
        key = (states, *[state.observed.get(finding) for finding in self._every_quantity])
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._answer(state, states)
        return known

    def _answer(self, state: State, states: States) -> tuple[CriteriaResult, frozenset[str]]:
        levels: list[LevelResult] = []
        sources = {self._criteria.source}
        for level in self._criteria.levels:
            parts = [self._condition(condition, state, states) for condition in conditions(level.expression)]
            reasons = tuple([part[0] for part in parts])
            sources.update(*[part[2] for part in parts])
            reason = reasons[0]
            if isinstance(level.expression, All):
                expression = level.expression
                value = at_least(len(reasons), [why.value for why in reasons])
                reason = Trace("all", value, expression.name, basis=expression.basis, children=reasons)
                if expression.basis is not None and expression.basis.source:
                    sources.add(expression.basis.source)
            levels.append(LevelResult(level.id, reason.value, _distinct([part[1] for part in parts]), reason))
        return _result(self._criteria, tuple(levels)), frozenset(sources)

    def _condition(self, node: Expression, state: State, states: States) -> tuple[Trace, Group, frozenset[str]]:
        key = self._key(node, state, states)
        known = self._conditions.get(key)
        if known is None:
            reason = trace(node, state, lambda child, _: self._element(child, state, states))
            known = self._conditions[key] = (reason, _group(reason), frozenset(cited(reason)))
        return known

    def _element(self, node: Expression, state: State, states: States) -> Trace:
        if id(node) not in self._quantities:
            return trace(node, state)
        key = self._key(node, state, states)
        reason = self._elements.get(key)
        if reason is None:
            reason = self._elements[key] = trace(node, state)
        return reason

    def _key(self, node: Expression, state: State, states: States) -> tuple[object, ...]:
        """All that a node's trace shows: the values of its literals, and the numbers that it quotes."""
        numbers = tuple([state.observed.get(finding) for finding in self._quantities[id(node)]])
        return id(node), self._settler.own(node, states), numbers


def conditions(expression: Expression) -> tuple[Expression, ...]:
    """The conditions of a level: what must all hold."""
    return expression.children if isinstance(expression, All) else (expression,)


def cited(reason: Trace) -> Iterator[str]:
    """The sources that a trace names."""
    if reason.basis is not None and reason.basis.source:
        yield reason.basis.source
    for child in reason.children:
        yield from cited(child)


def _group(reason: Trace) -> Group:
    """One condition with its elements sorted by what is known of them."""
    if reason.kind in ("at_least", "any", "all", "score") and reason.children:
        elements = reason.children
        needed = reason.needed or (1 if reason.kind == "any" else len(elements))
    else:
        elements, needed = (reason,), 1
    present, absent, unknown = (
        tuple([element_of(element) for element in elements if element.value is value]) for value in (True, False, None)
    )
    return Group(condition_element(reason), reason.value, needed, present, absent, unknown)


def _distinct(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups of one level, no two with the same id."""
    if len({group.condition.id for group in groups}) == len(groups):
        return tuple(groups)
    seen: Counter[str] = Counter()
    distinct = []
    for group in groups:
        seen[group.condition.id] += 1
        number = seen[group.condition.id]
        renamed = group.condition._replace(id=f"{group.condition.id}_no_{number}") if number > 1 else group.condition
        distinct.append(group._replace(condition=renamed))
    return tuple(distinct)


def condition_element(reason: Trace) -> Element:
    """A condition as a whole: by its own name where it has one, even if it is a single finding."""
    return element_of(reason) if reason.name is None else Element(_named(reason), name=reason.name)


def element_of(reason: Trace) -> Element:
    """What one node of a criteria set stands for: a finding, its absence, or what the set defines in place."""
    if reason.kind == "not" and reason.name is None:
        denied = element_of(reason.children[0])
        return denied._replace(id=f"not_{denied.id}", negated=True)
    if reason.finding is not None and (reason.kind == "finding" or reason.name is None):
        return Element(reason.finding, finding=reason.finding)
    return Element(_named(reason), name=reason.name or reason.kind)


def _named(reason: Trace) -> str:
    return column_name(reason.name or "") or reason.kind
