"""A second look at what the default set counts: which findings another disease explains, which do not count at all.

The verdict is that of the set's own words and stays as it is.
"""

from collections.abc import Iterator

from poems_cli.engine.criteria import condition_element, conditions
from poems_cli.engine.explained import Causes
from poems_cli.engine.logic import trace, truth
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Binds,
    Cause,
    Compare,
    CriteriaSet,
    Element,
    Explained,
    Expression,
    Facts,
    Present,
    Rules,
    Score,
    Uncounted,
)


class SecondLook:
    """One criteria set looked at again, for many patients."""

    def __init__(self, rules: Rules, criteria: CriteriaSet, causes: Causes) -> None:
        self._rules = rules
        self._causes = causes
        self._levels = criteria.levels
        self._counted = _counted(rules, criteria)
        self._uncounted = [
            uncounted
            for uncounted in rules.uncounted
            if criteria.id in uncounted.criteria
            and uncounted.element in self._counted
            and uncounted.finding not in self._counted
        ]

    def explained(self, facts: Facts, causes: list[Cause]) -> tuple[Explained, ...]:
        """The present findings that count and that one of the established ``causes`` explains, in the order of the rules."""
        if not causes:
            return ()
        found: list[Explained] = []
        for finding in self._rules.findings:
            if finding in self._counted and facts.values.get(finding):
                found += [
                    Explained(finding, cause.name, cause.id, cause.basis)
                    for cause in self._causes.explaining(finding, causes, facts.values)
                ]
        return tuple(found)

    def explained_groups(self, facts: Facts, explained: tuple[Explained, ...]) -> tuple[Element, ...]:
        """The conditions of the highest level met that would not hold without what is explained."""
        if not explained:
            return ()
        without = facts._replace(values={**facts.values, **dict.fromkeys([cause.finding for cause in explained], False)})
        met = [level.expression for level in self._levels if truth(level.expression, facts)]
        resting = [condition for condition in conditions(met[0]) if not truth(condition, without)] if met else []
        return tuple([condition_element(trace(condition, facts)) for condition in resting])

    def not_counted(self, facts: Facts) -> tuple[Uncounted, ...]:
        """The present findings that do not count, although they look as if they did."""
        values = facts.values
        return tuple(
            [
                uncounted
                for uncounted in self._uncounted
                if values.get(uncounted.finding) and not (uncounted.unless and values.get(uncounted.unless))
            ]
        )


def _counted(rules: Rules, criteria: CriteriaSet) -> frozenset[str]:
    """The findings that a set counts, with all that may make one of them present."""
    open_ = [finding for level in criteria.levels for finding in _counting(level.expression)]
    counted: set[str] = set()
    while open_:
        finding = open_.pop()
        if finding not in counted:
            counted.add(finding)
            definition = rules.findings[finding].definition
            open_ += [*(_counting(definition) if definition else ()), *rules.parts.get(finding, ())]
    return frozenset(counted)


def _counting(node: Expression) -> Iterator[str]:
    """The findings that speak for an expression; one under a "not", or is only asked for, does not."""
    match node:
        case Binds():
            yield from _counting(node.present_when)
        case All() | AnyOf() | AtLeast() | Score():
            for child in node.children:
                yield from _counting(child)
        case Present() | Compare() | Asserted():
            yield node.finding
