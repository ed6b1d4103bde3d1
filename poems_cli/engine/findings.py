"""From what was observed to every finding's value: definitions, implications between parent and parts, contradictions.

A finding's value is the asserted one if there is one, else the derived one. A part present makes its parent present; a
parent asserted absent makes its parts absent. Where asserted and derived are both known and differ, the finding is a
contradiction: it counts as unknown, and nothing follows from the disputed assertion.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from poems_cli.engine.expressions import leaves
from poems_cli.engine.logic import trace, truth
from poems_cli.memo import Memo
from poems_cli.model import (
    NOTHING_KNOWN,
    Binds,
    Contradiction,
    Expression,
    Facts,
    Finding,
    Observed,
    Patient,
    Rules,
    Trace,
    Truth,
)


class _Working(NamedTuple):
    """The state of an evaluation under way: findings are added in the order of ``Rules.order``."""

    values: dict[str, Truth]
    observed: Mapping[str, Observed]


class _Step(NamedTuple):
    """One finding whose value may follow from others.

    ``inputs`` are the findings it may follow from; ``always`` says that its definition speaks even when none is known;
    ``parts`` are its parts, and theirs, that make it present; ``numbers`` the quantities whose gray zone is worth saying;
    ``quantities`` all that it compares.
    """

    finding: str
    definition: Expression | None
    inputs: frozenset[str]
    always: bool
    parts: tuple[str, ...]
    numbers: tuple[str, ...]
    quantities: tuple[str, ...]


#: What the findings that a step depends on say: nothing, that it follows, or that it is both present and absent.
_Verdict: TypeAlias = tuple[bool, Trace | None]

_REMEMBERED = 2_000


class Resolver:
    """Resolves many patients by one set of rules."""

    def __init__(self, rules: Rules) -> None:
        self._steps = tuple([_step(rules, finding_id) for finding_id in rules.order])
        self._verdicts: Memo[tuple[object, ...], _Verdict] = Memo(_REMEMBERED)
        self._parts = {parent: tuple(parts_with_barriers(rules, parent)) for parent in rules.parts}

    def resolve(self, patient: Patient) -> Facts:
        """Every finding's value for one patient, with the trace of each derived one."""
        facts = self._pass(patient, {})
        implied = self._implied_absent(facts)
        return self._pass(patient, implied) if implied else facts

    def _pass(self, patient: Patient, implied: Mapping[str, str]) -> Facts:
        """One pass over the findings, parts before parents; ``implied`` maps a part to the parent that makes it absent."""
        observed = patient.observed
        values: dict[str, Truth] = {key: value for key, value in observed.items() if isinstance(value, bool)}
        state = _Working(values, observed)
        known = set(observed)
        derived: dict[str, Trace] = {}
        contradictions: list[Contradiction] = []
        gray: list[str] = []
        for step in self._steps:
            finding_id = step.finding
            asks = step.always or not known.isdisjoint(step.inputs)
            disputed, reason = self._verdict(step, state, known) if asks else (False, None)
            if disputed and reason is not None:
                contradictions.append(Contradiction(finding_id, values.get(finding_id), reason))
                values[finding_id] = None
                continue
            asserted = values.get(finding_id)
            if reason is None and asserted is None and finding_id in implied:
                parent = Trace("finding", False, finding=implied[finding_id])
                reason = Trace("implied", False, finding=finding_id, children=(parent,))
            if reason is not None:
                if asserted is None:
                    derived[finding_id] = reason
                    values[finding_id] = reason.value
                    known.add(finding_id)
                elif asserted != reason.value:
                    contradictions.append(Contradiction(finding_id, asserted, reason))
                    values[finding_id] = None
            elif not known.isdisjoint(step.numbers):
                gray.append(finding_id)
        return Facts(values, observed, derived, tuple(contradictions), tuple(gray))

    def _verdict(self, step: _Step, state: _Working, known: set[str]) -> _Verdict:
        """What others say of a finding; kept for the next patient of whom they say the same, unless it quotes numbers."""
        if not known.isdisjoint(step.quantities):
            return _judge(step, state)
        values, observed = state.values, state.observed
        key = (step.finding, *[(values.get(name), observed.get(name)) for name in step.inputs])
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._verdicts[key] = _judge(step, state)
        return verdict

    def _implied_absent(self, facts: Facts) -> dict[str, str]:
        """Each part of a finding asserted absent and not disputed, with that finding.

        A part that is present without showing its whole keeps its own parts.
        """
        disputed = {contradiction.finding for contradiction in facts.contradictions}
        return {
            part: finding_id
            for finding_id, said in facts.observed.items()
            if said is False and finding_id in self._parts and finding_id not in disputed
            for part, barriers in self._parts[finding_id]
            if not any(facts.values.get(barrier) for barrier in barriers)
        }


def resolve(rules: Rules, patient: Patient) -> Facts:
    """Every finding's value for one patient. For many patients keep a :class:`Resolver`."""
    return Resolver(rules).resolve(patient)


def without_implied(facts: Facts) -> Facts:
    """The facts without the absences that only follow from the denial of a whole: nobody reported them."""
    implied = [finding for finding, reason in facts.derived.items() if reason.kind == "implied"]
    return facts._replace(values={**facts.values, **dict.fromkeys(implied)}) if implied else facts


def _step(rules: Rules, finding_id: str) -> _Step:
    finding = rules.findings[finding_id]
    named = tuple(leaf.finding for leaf in leaves(finding.definition)) if finding.definition else ()
    parts = tuple(showing_parts(rules, finding_id))
    quantities = tuple(name for name in named if rules.findings[name].kind == "quantity")
    numbers = gray_numbers(rules, finding)
    always = finding.definition is not None and truth(finding.definition, NOTHING_KNOWN) is not None
    return _Step(finding_id, finding.definition, frozenset((*named, *parts)), always, parts, numbers, quantities)


def gray_numbers(rules: Rules, finding: Finding) -> tuple[str, ...]:
    """The quantities that can lie in a finding's gray zone: none of them is the patient's age, which only moves a limit."""
    if finding.gray_zone is None or finding.definition is None:
        return ()
    named = [rules.findings[leaf.finding] for leaf in leaves(finding.definition)]
    return tuple(dict.fromkeys([name.id for name in named if name.kind == "quantity" and name.group != "patient"]))


def _judge(step: _Step, state: _Working) -> _Verdict:
    # Numbers that pull both ways are a gray zone; findings that do contradict each other.
    if not step.numbers and step.definition and _holds_both_ways(step.definition, state):
        return True, trace(step.definition, state)
    return False, _derive(step, state)


def _holds_both_ways(definition: Expression, state: _Working) -> bool:
    """Whether what is known of others makes a finding both present and absent."""
    if not isinstance(definition, Binds) or definition.absent_when is None:
        return False
    return bool(truth(definition.absent_when, state) and truth(definition.present_when, state))


def _derive(step: _Step, state: _Working) -> Trace | None:
    """What the definition says, else what a part present says; ``None`` when neither says anything."""
    if step.definition is not None and truth(step.definition, state) is not None:
        return trace(step.definition, state)  # most stay unknown: the trace is built only when it says something
    # Deeper parts count too: the one between may be unknown because it is a contradiction.
    present = [part for part in step.parts if state.values.get(part)]
    return Trace("any", True, children=tuple([Trace("finding", True, finding=part) for part in present])) if present else None


def descendants(rules: Rules, finding_id: str) -> Iterator[str]:
    """The parts of a finding, and theirs."""
    for part in rules.parts.get(finding_id, ()):
        yield part
        yield from descendants(rules, part)


def parts_with_barriers(rules: Rules, finding_id: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The parts of a finding, and theirs, each with the parts between them that do not always show the whole."""
    for part in rules.parts.get(finding_id, ()):
        yield part, ()
        barrier = () if rules.findings[part].shows_whole else (part,)
        for deeper, barriers in parts_with_barriers(rules, part):
            yield deeper, barrier + barriers


def showing_parts(rules: Rules, finding_id: str) -> Iterator[str]:
    """The parts of a finding, and theirs, each of which makes it present."""
    for part in rules.parts.get(finding_id, ()):
        if rules.findings[part].shows_whole:
            yield part
            yield from showing_parts(rules, part)


def inputs(rules: Rules, finding_id: str) -> Iterator[str]:
    """The findings that a finding's value may follow from, directly: its definition's and its parts."""
    definition = rules.findings[finding_id].definition
    if definition is not None:
        yield from (leaf.finding for leaf in leaves(definition))
    yield from rules.parts.get(finding_id, ())


def follows_from(rules: Rules, findings: Iterable[str]) -> frozenset[str]:
    """These findings, and all from which they may follow, directly or through definitions and parts."""
    found: set[str] = set()
    waiting = list(findings)
    while waiting:
        finding = waiting.pop()
        if finding not in found:
            found.add(finding)
            waiting.extend(inputs(rules, finding))
    return frozenset(found)


def uses(expression: Expression) -> tuple[str, ...]:
    """The findings that an expression names, each once, in order."""
    return tuple(dict.fromkeys(leaf.finding for leaf in leaves(expression)))
