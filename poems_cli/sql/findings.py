"""Every finding's value as SQL: definitions, implications between parent and parts, contradictions, gray zones.

The same two passes as for one patient (``engine/findings.py``). The first says which findings that were denied are disputed; a
finding denied and not disputed makes its parts absent in the second.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from poems_cli.engine.findings import descendants, gray_numbers, parts_with_barriers, showing_parts
from poems_cli.model import Binds, Finding, Rules
from poems_cli.sql import logic
from poems_cli.sql.columns import Columns
from poems_cli.sql.expressions import SqlAlgebra
from poems_cli.sql.table import Inputs

_Terms: TypeAlias = Mapping[str, logic.Term]


class Resolved(NamedTuple):
    """What the findings of a table come to: values, and which are contradictory or in a gray zone, each in rules order.

    ``reported`` are the values without the absences that only follow from the denial of a whole: nobody reported those.
    """

    values: _Terms
    reported: _Terms
    contradictory: _Terms
    gray: _Terms


def resolve(rules: Rules, inputs: Inputs, columns: Columns) -> Resolved:
    """The value of every boolean finding of a table."""
    first = _Pass(rules, inputs, columns)
    for finding in rules.order:
        first.add(rules.findings[finding], {})
    wholes: dict[str, list[str]] = {}
    for whole in rules.parts:
        for part in descendants(rules, whole) if whole in inputs.said else ():
            wholes.setdefault(part, []).append(whole)
    denied: dict[str, logic.Term] = {}
    for whole in dict.fromkeys(member for ones in wholes.values() for member in ones):
        undisputed = logic.negated(logic.holds(first.contradictory.get(whole, False)))
        is_denied = logic.holds(logic.every([logic.negated(inputs.said[whole]), undisputed]))
        denied[whole] = columns.define(f"{whole}__denied", is_denied)
    second = _Pass(rules, inputs, columns)
    for finding in rules.order:
        reaching = {whole: _reaching(rules, whole, finding, denied, first.values) for whole in wholes.get(finding, ())}
        second.add(rules.findings[finding], reaching)
    return Resolved(second.values, {**second.values, **second.reported}, second.contradictory, second.gray)


def _reaching(
    rules: Rules, whole: str, part: str, denied: Mapping[str, logic.Term], values: Mapping[str, logic.Term]
) -> logic.Term:
    """Whether a denied whole makes a part absent: not through one between them that is present all the same."""
    barriers = next(barriers for deeper, barriers in parts_with_barriers(rules, whole) if deeper == part)
    return logic.every([denied[whole], *[logic.negated(logic.holds(values.get(barrier))) for barrier in barriers]])


class _Pass:
    """One pass over the findings, parts before parents; what is the same in the next pass is the same column."""

    def __init__(self, rules: Rules, inputs: Inputs, columns: Columns) -> None:
        self._rules = rules
        self._inputs = inputs
        self._columns = columns
        self.values: dict[str, logic.Term] = dict(inputs.said)  # a definition may ask what was asserted of the finding itself
        self.reported: dict[str, logic.Term] = {}
        self.contradictory: dict[str, logic.Term] = {}
        self.gray: dict[str, logic.Term] = {}
        self._algebra = SqlAlgebra(inputs, self.values, columns)

    def add(self, finding: Finding, denied: _Terms) -> None:
        """Work out one finding; ``denied`` says of its wholes whether they make it absent."""
        if finding.kind != "boolean":
            return
        define = self._columns.define
        said = self._inputs.said.get(finding.id)
        derived, is_both = self._derived(finding)
        disputed = is_both if said is None else logic.some([is_both, logic.differ(said, derived)])
        contradiction = define(f"{finding.id}__contradictory", disputed)
        is_denied = logic.some(denied.values())
        absent = logic.every([logic.negated(is_denied), None]) if denied else None
        reported = logic.cases((contradiction, None), otherwise=logic.first_known(said, derived))
        value = logic.cases((contradiction, None), otherwise=logic.first_known(said, derived, absent))
        self.values[finding.id] = define(finding.id, value)
        if denied:
            self.reported[finding.id] = define(f"{finding.id}__reported", reported)
        if contradiction is not None and contradiction is not False:
            self.contradictory[finding.id] = contradiction
        numbers = gray_numbers(self._rules, finding)
        measured = logic.some([self._algebra.is_known(name) for name in numbers if name in self._inputs.measured])
        if measured is not False:
            implied = logic.every([logic.negated(logic.is_known(said)), is_denied]) if denied else False
            in_gray_zone = logic.every([measured, logic.negated(logic.is_known(derived)), logic.negated(implied)])
            self.gray[finding.id] = define(f"{finding.id}__gray_zone", in_gray_zone)

    def _derived(self, finding: Finding) -> tuple[logic.Term, logic.Term]:
        """What others say of a finding (its definition, else a part that is present), and whether they say both."""
        define, definition = self._columns.define, finding.definition
        is_both: logic.Term = False
        if isinstance(definition, Binds) and definition.absent_when is not None and not gray_numbers(self._rules, finding):
            # Findings that pull both ways contradict each other; numbers that do are a gray zone.
            sides = [self._algebra.term(side) for side in (definition.present_when, definition.absent_when)]
            names = (f"{finding.id}__present_when", f"{finding.id}__absent_when")
            is_both = logic.every([define(name, side) for name, side in zip(names, sides, strict=True)])
        defined = None if definition is None else self._algebra.term(definition)
        parts = [self.values.get(part) for part in showing_parts(self._rules, finding.id)]
        some_part = logic.some([*parts, None]) if parts else None
        return define(f"{finding.id}__derived", logic.first_known(defined, some_part)), is_both
