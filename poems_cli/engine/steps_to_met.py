"""How far one criteria set is from met, and the test to begin with, for each row of a table.

The same settling sets and the same gain per burden as in the order of the tests for one patient, for this set alone: the
mimics, which the order for one patient weighs as well, are left aside.
"""

from typing import NamedTuple

from poems_cli.engine.literals import States, links
from poems_cli.engine.settling import Settler
from poems_cli.engine.workup import Workup, weigh
from poems_cli.memo import Memo
from poems_cli.model import AnyOf, CriteriaSet, Expression, Rules, Truth

_REMEMBERED = 20_000


class Steps(NamedTuple):
    """``number`` counts the fewest further answers that meet the set: 0 where it is met, ``None`` where it can't be any more.

    ``test`` is the first one worth doing, ``None`` where the set is settled or no test answers what is open. ``verdict`` is the
    set's own.
    """

    number: int | None
    test: str | None
    verdict: Truth = None


class NearestSteps:
    """Gives the steps of one criteria set in any state; what was found is kept for the next one in which the same is open."""

    def __init__(self, rules: Rules, criteria: CriteriaSet) -> None:
        expressions = tuple([level.expression for level in criteria.levels])
        self.whole: Expression = expressions[0] if len(expressions) == 1 else AnyOf(expressions)
        self.settler = Settler(self.whole, links(rules, self.whole))
        self.workup = Workup(rules)
        self._steps: Memo[object, Steps] = Memo(_REMEMBERED)

    def steps(self, states: States) -> Steps:
        """The steps in a state: the values of the settler's literals, in its order."""
        value = self.settler.value(self.whole, states)
        if value is not None:
            return Steps(0 if value else None, None, value)
        key = self.settler.key(self.whole, states)
        known = self._steps.get(key)
        if known is None:
            known = self._steps[key] = self._find(states)
        return known

    def _find(self, states: States) -> Steps:
        ways = []
        for goal in (True, False):
            masks, _ = self.settler.implicants(self.whole, goal, states)
            ways.append([self.settler.listed(mask) for mask in masks])
        number = min([len(answers) for answers in ways[0]], default=None)
        return Steps(number, self.workup.first(weigh(ways)))
