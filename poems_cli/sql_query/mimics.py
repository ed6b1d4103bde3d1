"""The first mimics of a row, by a whole number for each: what is greater stands before what is less.

The number holds, from its highest part down, the evidence in tenths of a point, and the place among equals by how common a
mimic is and by its id. It is 0 where the mimic is not to be considered.
"""

from collections.abc import Iterable, Sequence

from sqlglot import exp

from poems_cli.engine.differential import Differential, MimicConditions
from poems_cli.model import Evidence, Rules
from poems_cli.sql_query.columns import Columns
from poems_cli.sql_query.expressions import SqlAlgebra
from poems_cli.sql_query.truths import (
    Term,
    cases,
    compared,
    every,
    holds,
    is_open,
    negated,
    operand,
    some,
    string,
    total,
    whole,
    written,
)

_EVIDENCE = 100_000  # no sum of weights, in tenths, comes near


class Mimics:
    """The mimics to consider, in order."""

    def __init__(self, rules: Rules, algebra: SqlAlgebra, columns: Columns) -> None:
        self._algebra = algebra
        self._columns = columns
        self._least = round(rules.evidence["less_likely"] * 10)
        ranked = sorted(Differential(rules).conditions(), key=lambda one: (one.mimic.commonness, one.mimic.id), reverse=True)
        self._ids = [one.mimic.id for one in ranked]
        self._modulus = whole(len(ranked) + 1)
        numbers = [self._number(one, position) for position, one in enumerate(ranked, 1)]
        self._left = [number for number in numbers if is_open(number)]
        self._places: list[exp.Expr] = []

    def tree(self, place: int) -> exp.Expr:
        """The id of the mimic at a place, from 0; NULL where there is none."""
        while self._left and len(self._places) <= place:
            first = written(self._columns.define("mimic__first", _greatest(self._left)))
            self._places.append(first)
            after = [cases((compared(exp.LT, number, first), number), otherwise=whole(0)) for number in self._left]
            self._left = [written(self._columns.define("mimic__after", number)) for number in after]
        if not self._places:
            return exp.cast(exp.null(), "TEXT")
        position = exp.Mod(this=self._places[place], expression=self._modulus)
        ids = [exp.If(this=whole(number), true=string(one)) for number, one in enumerate(self._ids, 1)]
        return exp.Case(this=position, ifs=ids)

    def _number(self, one: MimicConditions, position: int) -> Term:
        """The number of one mimic; constant where the table can never bring it up."""
        name, algebra, mimic = f"mimic_{one.mimic.id}", self._algebra, one.mimic
        confirmed = holds(None if mimic.confirmed is None else algebra.term(mimic.confirmed.when))
        excluded = holds(None if mimic.excluded is None else algebra.term(mimic.excluded.when))
        confirmed, excluded = (self._columns.define(f"{name}__settled", term) for term in (confirmed, excluded))
        weights = [self._heaviest(items) for items in _counted_once(mimic.evidence)]
        sums = list(filter(is_open, weights))
        evidence = written(self._columns.define(f"{name}__evidence", total(sums))) if sums else whole(0)
        in_favor = every([holds(algebra.term(one.calls)), compared(exp.GTE, evidence, whole(self._least))])
        considered = some([confirmed, every([in_favor, negated(excluded)])])
        key = exp.Mul(this=operand(exp.Add(this=evidence, expression=whole(_EVIDENCE))), expression=self._modulus)
        number = exp.Add(this=key, expression=whole(position))
        return self._columns.define(name, cases((considered, number), otherwise=whole(0)) if is_open(considered) else None)

    def _heaviest(self, items: Sequence[Evidence]) -> Term:
        """What the items weigh, in tenths: of those that do the heaviest."""
        terms = [(item, self._columns.define("evidence", self._algebra.term(item.when))) for item in items]
        sides = [(item.present, term) for item, term in terms] + [(item.absent, negated(term)) for item, term in terms]
        heaviest = sorted([side for side in sides if side[0]], key=lambda side: (-abs(side[0]), -side[0]))
        found = cases(*[(term, _whole(round(weight * 10))) for weight, term in heaviest], otherwise=whole(0))
        return found if isinstance(found, exp.Case) else None


def _counted_once(evidence: Iterable[Evidence]) -> Iterable[list[Evidence]]:
    """The items of evidence, those together of which only the heaviest counts."""
    groups: dict[object, list[Evidence]] = {}
    for number, item in enumerate(evidence):
        groups.setdefault(number if item.once is None else item.once, []).append(item)
    return groups.values()


def _whole(number: int) -> exp.Expr:
    return exp.Neg(this=whole(-number)) if number < 0 else whole(number)


def _greatest(numbers: Sequence[exp.Expr]) -> exp.Expr:
    """None of the numbers is NULL, of which engines make different things."""
    return exp.Greatest(this=numbers[0], expressions=numbers[1:], ignore_nulls=False) if len(numbers) > 1 else numbers[0]
