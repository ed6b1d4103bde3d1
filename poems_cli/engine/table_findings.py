"""Every finding's value in all rows of a table: definitions, implications between parent and parts, contradictions, gray zones.

The same two passes as for one patient (``engine/findings.py``). The first shows which denials are disputed; a finding denied
and not disputed makes its parts absent in the second.
"""

from collections.abc import Mapping
from typing import Generic, NamedTuple

from poems_cli.engine.findings import gray_numbers, parts_with_barriers, showing_parts, uses
from poems_cli.engine.logic import truth
from poems_cli.engine.table_algebra import Open, TableAlgebra
from poems_cli.model import NOTHING_KNOWN, Binds, Finding, Rules, Truth


class Resolved(NamedTuple, Generic[Open]):
    """What the findings come to, in the order of the rules.

    ``reported`` are the values without the absences that only follow from the denial of a whole; ``contradictory`` and ``gray``
    are never unknown, and hold only what can be so in some row.
    """

    values: dict[str, Truth | Open]
    reported: dict[str, Truth | Open]
    contradictory: dict[str, Truth | Open]
    gray: dict[str, Truth | Open]


def resolve(rules: Rules, algebra: TableAlgebra[Open]) -> Resolved[Open]:
    """The value of every finding that is present or absent."""
    first = _Pass(rules, algebra, {}).resolved()
    implied = _implied(rules, algebra, first)
    return _Pass(rules, algebra, implied).resolved() if implied else first


def warnings_of(rules: Rules, algebra: TableAlgebra[Open], resolved: Resolved[Open]) -> dict[str, Truth | Open]:
    """The gray zones and the warnings of the rules that can hold in some row, in the order in which they are given."""
    algebra, logic = algebra.with_values(resolved.reported), algebra.logic
    found = {f"gray_zone:{finding}": value for finding, value in resolved.gray.items()}
    for warning in rules.warnings:
        holds = algebra.value(warning.when)
        if truth(warning.when, NOTHING_KNOWN):  # it would hold of a patient of whom nothing is known, and is not given then
            holds = logic.every([logic.some([algebra.is_known(finding) for finding in uses(warning.when)]), holds])
        if holds is not False and holds is not None:
            found[warning.id] = holds
    return found


def _implied(rules: Rules, algebra: TableAlgebra[Open], first: Resolved[Open]) -> dict[str, Truth | Open]:
    """Of each part that a denial can reach, where the denial of a whole makes it absent."""
    logic = algebra.logic
    implied: dict[str, Truth | Open] = {}
    for whole in rules.parts:
        denied = logic.holds(logic.negated(algebra.said(whole)))
        denied = logic.every([denied, logic.negated(first.contradictory.get(whole, False))])
        if denied is False:
            continue
        denied = algebra.named(f"{whole}__denied", denied)
        for part, barriers in parts_with_barriers(rules, whole):
            present = [logic.holds(first.values.get(barrier)) for barrier in barriers]
            reaches = logic.every([denied, *map(logic.negated, present)])
            implied[part] = logic.some([implied.get(part, False), reaches])
    return implied


class _Pass(Generic[Open]):
    """One pass over the findings, parts before parents; ``implied`` says where the denial of a whole makes a part absent."""

    def __init__(self, rules: Rules, algebra: TableAlgebra[Open], implied: Mapping[str, Truth | Open]) -> None:
        self._rules = rules
        self._logic = algebra.logic
        self._implied = implied
        # A definition may ask what was said of the finding itself.
        values = {finding: algebra.said(finding) for finding in rules.findings}
        self._found: Resolved[Open] = Resolved(values, {}, {}, {})
        self._algebra = algebra.with_values(values)

    def resolved(self) -> Resolved[Open]:
        """What the findings come to."""
        for finding in self._rules.order:
            if self._rules.findings[finding].kind == "boolean":
                self._add(self._rules.findings[finding], self._implied.get(finding, False))
        return self._found._replace(reported={**self._found.values, **self._found.reported})

    def _add(self, finding: Finding, implied: Truth | Open) -> None:
        """Work out one finding from those before it."""
        logic, named, found = self._logic, self._algebra.named, self._found
        said = self._algebra.said(finding.id)
        defined, disputed = self._defined(finding)
        some_part = logic.some([found.values.get(part) for part in showing_parts(self._rules, finding.id)])
        derived = named(f"{finding.id}__derived", logic.first_known(defined, logic.binds(some_part, None)))
        contradiction = logic.some([disputed, logic.differ(said, derived)])
        contradiction = named(f"{finding.id}__contradictory", contradiction)
        known = logic.first_known(said, derived)
        value = logic.unless(known, contradiction)
        numbers = [self._algebra.in_column(number) for number in gray_numbers(self._rules, finding)]
        gray = logic.every([logic.some(numbers), logic.negated(logic.is_known(derived))])
        if implied is not False:
            found.reported[finding.id] = named(f"{finding.id}__reported", value)
            value = logic.unless(logic.first_known(known, logic.binds(None, implied)), contradiction)
            gray = logic.every([gray, logic.some([logic.negated(implied), logic.is_known(said)])])
        found.values[finding.id] = named(finding.id, value)
        if contradiction is not False:
            found.contradictory[finding.id] = contradiction
        if gray is not False:
            found.gray[finding.id] = named(f"{finding.id}__gray_zone", gray)

    def _defined(self, finding: Finding) -> tuple[Truth | Open, Truth | Open]:
        """What a finding's definition says, and whether it says both that it is present and that it is absent."""
        definition, algebra = finding.definition, self._algebra
        if definition is None:
            return None, False
        if not isinstance(definition, Binds) or definition.absent_when is None:
            return algebra.value(definition), False
        present = algebra.named(f"{finding.id}__present_when", algebra.value(definition.present_when))
        absent = algebra.named(f"{finding.id}__absent_when", algebra.value(definition.absent_when))
        # Numbers that pull both ways are a gray zone; findings that do contradict each other.
        disputed = False if gray_numbers(self._rules, finding) else self._logic.both(present, absent)
        return self._logic.binds(present, absent), disputed
