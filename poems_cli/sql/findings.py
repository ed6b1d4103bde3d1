"""Every finding's value as a term: definitions, implications between parent and parts, contradictions, gray zones.

The same two passes as for one patient. The first says which findings that were denied are disputed; a finding denied and
not disputed makes its parts absent in the second. What no denied parent can reach is worked out once.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from poems_cli.engine.expressions import form_of, leaves
from poems_cli.engine.findings import descendants, gray_numbers, parts_with_barriers, showing_parts
from poems_cli.engine.logic import truth
from poems_cli.model import All, AnyOf, Binds, Compare, Expression, Facts, Finding, Not, Present, Rules
from poems_cli.sql.expressions import OPPOSITE, Comparisons, Translator
from poems_cli.sql.inputs import Inputs
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import binds, cases, differ, every, first_known, holds, is_known, is_open, negated, some, values_of
from poems_cli.sql.text import Rails, Term, Text

_NOTHING = Facts({}, {}, {}, (), ())


class Resolved(NamedTuple):
    """What the findings of a table come to: values, and which are contradictory or in a gray zone, each in rules order.

    ``reported`` are the values of those parts that a denied whole may make absent, without that: what was reported of them.
    """

    values: Mapping[str, Term]
    reported: Mapping[str, Term]
    contradictory: Mapping[str, Term]
    gray: Mapping[str, Term]
    comparisons: Comparisons

    @property
    def translator(self) -> Translator:
        """Translates expressions over these values."""
        return Translator(self.comparisons, self.values)

    @property
    def translator_of_reports(self) -> Translator:
        """Translates expressions over what was reported."""
        return Translator(self.comparisons, {**self.values, **self.reported})

    @property
    def inputs(self) -> Inputs:
        """What the table tells."""
        return self.comparisons.inputs


class _Derived(NamedTuple):
    """What follows for a finding from others: its value, and whether it is both present and absent."""

    value: Term
    disputed: Term


class _Pass:
    """One pass over the findings, parts before parents."""

    def __init__(self, rules: Rules, comparisons: Comparisons, stages: Stages, suffix: str) -> None:
        self._rules = rules
        self._comparisons = comparisons
        self._inputs = inputs = comparisons.inputs
        self._stages = stages
        self._suffix = suffix
        self.values: dict[str, Term] = dict(inputs.said)  # most findings follow from nothing, and a definition may ask itself
        self.reported: dict[str, Term] = {}
        self.contradictory: dict[str, Term] = {}
        self.gray: dict[str, Term] = {}

    def add(self, finding: Finding, denied: Mapping[str, Term]) -> None:
        """Work out one finding; ``denied`` says of its wholes whether they make it absent."""
        said = self._inputs.said.get(finding.id)
        derived = self._derived(finding)
        implied = some(list(denied.values())) if denied else False
        value, contradiction = _united(said, derived, implied)
        self.values[finding.id] = self._column(finding.id, value)
        if implied is not False:
            self.reported[finding.id] = self._column(f"{finding.id}__reported", _united(said, derived, False)[0])
        if is_open(contradiction) or contradiction:
            self.contradictory[finding.id] = self._column(f"{finding.id}__contradictory", contradiction)
        self._note_gray(finding, derived, said, implied)

    def take(self, finding: str, other: "_Pass") -> None:
        """Take over what another pass worked out."""
        self.values[finding] = other.values.get(finding)
        if finding in other.contradictory:
            self.contradictory[finding] = other.contradictory[finding]
        if finding in other.gray:
            self.gray[finding] = other.gray[finding]

    def _derived(self, finding: Finding) -> _Derived:
        translator = Translator(self._comparisons, self.values)
        defined: Term = None
        disputed: Term = False
        definition = finding.definition
        parts = list(showing_parts(self._rules, finding.id))
        if isinstance(definition, Binds) and definition.absent_when is not None and not opposite(definition):
            present = self._column(f"{finding.id}__present", translator.term(definition.present_when))
            absent = self._column(f"{finding.id}__absent", translator.term(definition.absent_when))
            defined = binds(present, absent)
            # Numbers that pull both ways are a gray zone; findings that do contradict each other.
            both = every([present, absent])
            disputed = both if True in values_of(both) and not gray_numbers(self._rules, finding) else False
        elif isinstance(definition, Binds) and definition.absent_when is not None:
            defined = translator.term(definition.present_when)
        elif definition is not None:
            defined = translator.term(definition)
        if definition is not None and set(parts) <= _enough(definition):
            parts = []  # the definition says so already
        some_part = some([some([self.values.get(part) for part in parts]), None]) if parts else None
        return _Derived(self._column(f"{finding.id}__derived", first_known(defined, some_part)), disputed)

    def _note_gray(self, finding: Finding, derived: _Derived, said: Text | Rails | None, implied: Term) -> None:
        numbers = gray_numbers(self._rules, finding)
        told = some([Translator(self._comparisons, {}).known(one) for one in numbers]) if numbers else False
        if told is False or told is None:
            return
        follows_not = negated(is_known(derived.value))
        not_implied = True if implied is False else negated(every([negated(is_known(said)), implied]))
        self.gray[finding.id] = self._column(f"{finding.id}__gray", every([told, follows_not, not_implied]))

    def _column(self, name: str, term: Term) -> Term:
        base = name if name not in self._inputs.said else f"{name}__value"
        return self._stages.define(f"{base}{self._suffix}", term)


def _united(said: Text | Rails | None, derived: _Derived, implied: Term) -> tuple[Term, Term]:
    """What was said of a finding and what follows, as one value; and whether they contradict each other."""
    contradiction = some([derived.disputed, differ(said, derived.value)]) if said is not None else derived.disputed
    if True not in values_of(contradiction):
        contradiction = False
    united = first_known(said, derived.value, _unless_denied(implied))
    return cases((contradiction, None), otherwise=united), contradiction


def _unless_denied(implied: Term) -> Term:
    """Absent where a whole is denied, else unknown."""
    return None if implied is False else every([negated(implied), None])


def opposite(definition: Binds) -> bool:
    """Whether the one condition of a definition is the other one turned round, so that both can never hold."""
    absent = definition.absent_when
    return absent is not None and _turned(absent, True) == _turned(definition.present_when, False)


def _turned(node: Expression, as_it_is: bool) -> object:
    """An expression as a value that can be compared, with every negation carried down to the leaves."""
    match node:
        case Not():
            return _turned(node.child, not as_it_is)
        case All() | AnyOf():
            every_one = isinstance(node, All) is as_it_is
            return every_one, frozenset([_turned(child, as_it_is) for child in node.children])
        case Compare() if node.operator in OPPOSITE:
            return form_of(node._replace(operator=OPPOSITE[node.operator])), not as_it_is
        case _:
            return form_of(node), as_it_is  # what else there is, is the same only if it is turned the same way


def _enough(definition: Expression) -> set[str]:
    """The findings of which each, once present, makes a definition present."""
    present = definition.present_when if isinstance(definition, Binds) else definition
    each = present.children if isinstance(present, AnyOf) else (present,)
    return {one.finding for one in each if isinstance(one, Present)}


def resolve(rules: Rules, inputs: Inputs, stages: Stages) -> Resolved:
    """The value of every boolean finding of a table, as columns of ``stages``."""
    said = {finding: stages.shared(f"{finding}__said", term) for finding, term in inputs.said.items()}
    inputs = inputs._replace(said={finding: term for finding, term in said.items() if is_open(term)})
    comparisons = Comparisons(inputs, stages)
    first = _Pass(rules, comparisons, stages, "__first")
    second = _Pass(rules, comparisons, stages, "")
    wholes = _wholes(rules, inputs)
    moved = _moved(rules, wholes)
    order = [rules.findings[one] for one in rules.order]
    told = set(_told(rules, inputs))
    if moved:
        for finding in order:
            if finding.id in told:
                first.add(finding, {})
    denied = {
        whole: stages.define(
            f"{whole}__denied",
            holds(every([negated(inputs.said[whole]), negated(holds(first.contradictory.get(whole, False)))])),
        )
        for whole in dict.fromkeys(one for ones in wholes.values() for one in ones)
    }
    for finding in order:
        if finding.id not in told and finding.id not in moved:
            continue
        if moved and finding.id not in moved:
            second.take(finding.id, first)
        else:
            second.add(
                finding, {whole: _reaching(rules, whole, finding.id, denied, first) for whole in wholes.get(finding.id, ())}
            )
    return Resolved(second.values, second.reported, second.contradictory, second.gray, comparisons)


def _reaching(rules: Rules, whole: str, part: str, denied: Mapping[str, Term], first: _Pass) -> Term:
    """Whether a denied whole makes a part absent: not through one between them that is present all the same."""
    barriers = next(barriers for deeper, barriers in parts_with_barriers(rules, whole) if deeper == part)
    return every([denied[whole], *[negated(holds(first.values.get(barrier, False))) for barrier in barriers]])


def _wholes(rules: Rules, inputs: Inputs) -> dict[str, list[str]]:
    """Of each finding, the wholes that the table can deny and that then make it absent."""
    wholes: dict[str, list[str]] = {}
    for whole in rules.parts:
        if whole in inputs.said:
            for part in descendants(rules, whole):
                wholes.setdefault(part, []).append(whole)
    return wholes


def _moved(rules: Rules, wholes: Mapping[str, object]) -> set[str]:
    """The findings that a denied whole can reach: its parts, and all that depends on them."""
    moved = set(wholes)
    for finding in rules.order:
        if finding not in moved and not moved.isdisjoint(_inputs(rules, finding)):
            moved.add(finding)
    return moved


def _told(rules: Rules, inputs: Inputs) -> Iterator[str]:
    """The boolean findings of which the table can tell anything."""
    told = {*inputs.said, *inputs.measured, *inputs.chosen}
    for finding in rules.order:
        if rules.findings[finding].kind != "boolean":
            continue
        definition = rules.findings[finding].definition
        always = definition is not None and truth(definition, _NOTHING) is not None
        if finding in told or always or not told.isdisjoint(_inputs(rules, finding)):
            told.add(finding)
            yield finding


def _inputs(rules: Rules, finding: str) -> Iterator[str]:
    definition = rules.findings[finding].definition
    if definition is not None:
        yield from (leaf.finding for leaf in leaves(definition))
    yield from descendants(rules, finding)
