"""The first mimics of a row, by a whole number for each: the greater comes first.

The number holds, from its highest part down, the evidence in tenths of a point, and the place among equals by how common a
mimic is and by its id. It is 0 where the mimic is not to be considered.
"""

from collections.abc import Sequence
from functools import reduce
from operator import add

from sqlglot import exp

from poems_cli.engine.differential import Differential, MimicConditions
from poems_cli.model import Rules, Weight
from poems_cli.sql import logic
from poems_cli.sql.columns import Columns
from poems_cli.sql.expressions import SqlAlgebra

_EVIDENCE = 100_000  # no sum of weights, in tenths, comes near
_NOTHING = logic.whole(0)


class Mimics:
    """The mimics to consider, in order."""

    def __init__(self, rules: Rules, algebra: SqlAlgebra, columns: Columns) -> None:
        self._algebra = algebra
        self._columns = columns
        self._least = round(rules.evidence.less_likely * 10)
        ranked = list(Differential(rules).conditions())
        self._ids = [disease.mimic.id for disease in ranked]
        keys = [self._key(disease, position) for position, disease in enumerate(ranked, 1)]
        self._keys = list(filter(logic.is_open, keys))
        self._first: list[exp.Expr] = []

    def tree(self, place: int) -> exp.Expr:
        """The id of the mimic at a place, from 0; NULL where there is none."""
        if not self._keys:
            return exp.cast(exp.null(), "TEXT")
        while len(self._first) <= place:
            keys = self._keys
            if self._first:
                keys = [logic.written(logic.cases((key < self._first[-1], key), otherwise=_NOTHING)) for key in self._keys]
            # None of the numbers is NULL, which engines treat differently.
            greatest = exp.Greatest(this=keys[0], expressions=keys[1:], ignore_nulls=False) if len(keys) > 1 else keys[0]
            self._first.append(logic.written(self._columns.define("mimic__first", greatest)))
        ids = [exp.If(this=logic.whole(position), true=logic.string(mimic)) for position, mimic in enumerate(self._ids, 1)]
        return exp.Case(this=self._first[place] % (len(self._ids) + 1), ifs=ids)

    def _key(self, disease: MimicConditions, position: int) -> logic.Term:
        """The number of one mimic; constant where the table can never bring it up."""
        name, algebra, mimic = f"mimic_{disease.mimic.id}", self._algebra, disease.mimic
        confirmed, excluded = (
            self._columns.define(f"{name}__settled", logic.holds(None if settles is None else algebra.value(settles.when)))
            for settles in (mimic.confirmed, mimic.excluded)
        )
        weights = [self._heaviest(weights) for weights in disease.evidence]
        sums = [weight for weight in weights if weight != _NOTHING] or [_NOTHING]
        evidence = logic.written(self._columns.define(f"{name}__evidence", reduce(add, sums)))
        in_favor = logic.every([logic.holds(algebra.value(disease.calls)), evidence >= self._least])
        considered = logic.some([confirmed, logic.every([in_favor, logic.negated(excluded)])])
        key = (evidence + _EVIDENCE) * (len(self._ids) + 1) + position
        return self._columns.define(name, logic.cases((considered, key), otherwise=_NOTHING))

    def _heaviest(self, weights: Sequence[Weight]) -> exp.Expr:
        """The first of the weights that holds, in tenths."""
        cases: list[tuple[logic.Term, exp.Expr]] = []
        for item, weight, present, *_ in weights:
            term = self._columns.define("evidence", self._algebra.value(item.when))
            cases.append((term if present else logic.negated(term), exp.convert(round(weight * 10))))
        return logic.written(logic.cases(*cases, otherwise=_NOTHING))
