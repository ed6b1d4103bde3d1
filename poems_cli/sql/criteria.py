"""Criteria sets as terms: the verdict, the value of each level, and the counts of each of its conditions."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from poems_cli.engine.answer_columns import condition_names
from poems_cli.engine.criteria import conditions
from poems_cli.engine.expressions import form_of
from poems_cli.finding_names import column_name
from poems_cli.model import All, AnyOf, AtLeast, CriteriaSet, Expression, Score
from poems_cli.sql.expressions import Translator
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import at_least, counted, every, some
from poems_cli.sql.text import Term, Text


class GroupCounts(NamedTuple):
    """How many of the ``elements`` of one condition are present, and how many unknown."""

    present: Text | int
    unknown: Text | int
    elements: int


class SetTerms(NamedTuple):
    """One criteria set: its verdict, its levels from the highest down, and the counts of all their conditions in order."""

    verdict: Term
    levels: tuple[tuple[str, Term], ...]
    groups: tuple[GroupCounts, ...]


class Answering:
    """Makes the terms of criteria sets; what stands in several of them is worked out once."""

    def __init__(self, translator: Translator, stages: Stages) -> None:
        self._translator = translator
        self._stages = stages
        self._shared: dict[Hashable, Term] = {}

    def answered(self, criteria: CriteriaSet, counts: bool) -> SetTerms:
        """The terms of one set; ``counts`` says whether its conditions are counted, too."""
        name = column_name(criteria.id)
        names = iter(condition_names(criteria))
        levels: list[tuple[str, Term]] = []
        groups: list[GroupCounts] = []
        for level in criteria.levels:
            values: list[Term] = []
            for condition in conditions(level.expression):
                called = next(names)
                value = self._shared_term(condition, called)
                if counts:
                    groups.append(self._counts(condition, called))
                values.append(value)
            # A level that is no "all" is its own single condition.
            value = every(values) if isinstance(level.expression, All) else values[0]
            levels.append((level.id, self._stages.define(f"{name}__{column_name(level.id)}", value)))
        verdict = some([value for _, value in levels])
        return SetTerms(self._stages.define(f"{name}__verdict", verdict), tuple(levels), tuple(groups))

    def _shared_term(self, node: Expression, name: str) -> Term:
        """The term of a condition or of one of its elements, as a column."""
        key = form_of(node)
        if key not in self._shared:
            if isinstance(node, AtLeast):
                elements = [self._shared_term(child, f"{name}__{place}") for place, child in enumerate(node.children, 1)]
                term = at_least(node.needed, elements)
            else:
                term = self._translator.term(node)
            self._shared[key] = self._stages.define(f"{name}__value", term)
        return self._shared[key]

    def _counts(self, node: Expression, name: str) -> GroupCounts:
        parts = node.children if isinstance(node, (All, AnyOf, AtLeast, Score)) else (node,)
        elements = [self._shared_term(part, f"{name}__{place}") for place, part in enumerate(parts, 1)]
        present = self._counted(f"{name}_present", elements, True)
        return GroupCounts(present, self._counted(f"{name}_unknown", elements, None), len(elements))

    def _counted(self, name: str, elements: Sequence[Term], value: bool | None) -> Text | int:
        count = counted(elements, value)
        return self._stages.add(name, count) if isinstance(count, Text) else count
