"""Rules and a patient make an assessment: the verdicts, what would settle them, and the tests that answer it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from poems_cli.engine.criteria import Answerer
from poems_cli.engine.criteria import cited as cited_by
from poems_cli.engine.differential import Differential
from poems_cli.engine.explained import Causes
from poems_cli.engine.findings import Resolver, uses, without_implied
from poems_cli.engine.literals import States, links
from poems_cli.engine.logic import truth
from poems_cli.engine.second_look import SecondLook
from poems_cli.engine.settling import Settler, condition_order
from poems_cli.engine.workup import Given, Open, Workup, weigh
from poems_cli.memo import Memo
from poems_cli.model import (
    LABEL,
    Answer,
    AnyOf,
    Assessment,
    Cause,
    Condition,
    CriteriaResult,
    CriteriaSet,
    DecisiveUnknown,
    Effect,
    Expression,
    Facts,
    FlagResult,
    Notice,
    Outcome,
    OutlookResult,
    Patient,
    Rival,
    Row,
    Rules,
    Settling,
    Stage,
    Truth,
    Verdict,
    Warn,
)

#: How many settling sets an assessment lists for each target of the default criteria set, and of any other: the number of
#: all is always given.
LISTED = 3
LISTED_OF_OTHERS = 1

#: So many of the mimics to consider, the first of them, are in play; those that must not be missed are in play anyway.
IN_PLAY = 5

#: How many different states of one criteria set are remembered: a long run stays flat in memory.
_REMEMBERED = 2_000

#: An unknown finding, and the limit that it is compared with if it is a quantity.
Literal: TypeAlias = tuple[str, Condition | None]


class _Target(NamedTuple):
    """The ways to settle one level one way.

    Their tests may depend on findings that the criteria do not name: ``apart`` are the answers that no test gives by itself.
    """

    id: str
    sets: tuple[tuple[Answer, ...], ...]
    complete: bool
    apart: tuple[Given, ...]


class _Analysis(NamedTuple):
    """What would settle one criteria set in one state of its literals.

    ``alone`` maps an answer that settles the set by itself to the verdict it brings; ``steps`` maps an answer to the fewest
    further ones needed to be met (absent from it: it can then no longer be met), and ``None`` to the fewest from here;
    ``weights`` says how much each answer counts toward a verdict: empty until it is asked for.
    """

    targets: tuple[_Target, ...]
    decisive: tuple[Literal, ...]
    alone: Mapping[Answer, Verdict]
    steps: Mapping[Answer | None, int]
    weights: dict[Given, float]


_NOTHING = _Analysis((), (), {}, {}, {})


class _Plan:
    """One criteria set prepared once for many patients."""

    def __init__(self, rules: Rules, criteria: CriteriaSet) -> None:
        expressions = tuple(level.expression for level in criteria.levels)
        self.criteria = criteria
        self.whole = expressions[0] if len(expressions) == 1 else AnyOf(expressions)
        self.settler = Settler(self.whole, links(rules, self.whole))
        self.answerer = Answerer(criteria, self.settler)
        self.remembered: Memo[tuple[object, ...], _Analysis] = Memo(_REMEMBERED)
        self.by_states: Memo[States, _Analysis] = Memo(_REMEMBERED)


class Assessor:
    """Assesses patients against one set of rules; what depends on the rules alone is worked out once."""

    def __init__(self, rules: Rules, criteria: Sequence[str] = ()) -> None:
        """``criteria`` names the sets to answer, the first of them the default one; all when empty."""
        chosen = list(dict.fromkeys(criteria)) or list(rules.criteria)
        self.rules = rules
        self.default = chosen[0] if criteria else rules.default_criteria
        self._resolver = Resolver(rules)
        self._workup = Workup(rules)
        self._plans = {set_id: _Plan(rules, rules.criteria[set_id]) for set_id in chosen}
        self._by_default_first = sorted(self._plans, key=lambda set_id: set_id != self.default)
        self._causes = Causes(rules)
        self._second_look = SecondLook(rules, rules.criteria[self.default], self._causes)
        self._differential = Differential(rules) if rules.mimics else None
        # By the ``id()`` of what they rest on, and with it: while it is here, nothing else can have the same.
        self._opened: Memo[tuple[object, ...], tuple[tuple[_Analysis, ...], Open]] = Memo(_REMEMBERED)
        self._settlings: Memo[tuple[int, tuple[tuple[int, ...], ...]], tuple[_Target, Settling]] = Memo(4 * _REMEMBERED)
        self._warning_inputs = warning_inputs(rules)
        self._position = {finding: number for number, finding in enumerate(rules.findings)}

    def assess(
        self, patient: Patient, *, every_mimic: bool = False, brief: bool = False, rows_in_full: bool = True
    ) -> Assessment:
        """Everything stated about one patient; ``every_mimic`` answers the criteria of all mimics, not only those to consider.

        Two options save time over many patients. ``brief`` leaves out what the answer in brief does not show: the settling
        sets, and what the tests answer. Without ``rows_in_full`` the mimics that are not to be considered have only what ranks
        them.
        """
        facts = self._resolver.resolve(patient)
        results: dict[str, CriteriaResult] = {}
        analyses: dict[str, _Analysis] = {}
        cited = {source for reason in facts.derived.values() for source in cited_by(reason)}
        for set_id, plan in self._plans.items():
            states = plan.settler.states(facts)
            results[set_id], sources = plan.answerer.answer(facts, states)
            analyses[set_id] = self._analyze(plan, results[set_id], states)
            cited |= sources
        verdict = results[self.default].verdict
        met = verdict == "met"
        known = {finding for finding, value in facts.values.items() if value is not None}.union(facts.observed)
        causes = self._causes.established(facts, known)
        met_or_not = None if verdict == "undetermined" else met
        syndrome, mimics = self._rivals(facts, met_or_not, causes, every_mimic, rows_in_full, cited)
        still_open = self._open(_reasons(patient, facts), analyses, met)
        in_play = self._in_play(mimics)
        order = self._workup.worth_doing if brief else self._workup.ordered
        tests = order(still_open, in_play, facts, rivals_first=verdict == "not met" and bool(in_play))
        explained = self._second_look.explained(facts, causes)
        explained_groups = self._second_look.explained_groups(facts, explained)
        not_counted = self._second_look.not_counted(facts)
        staging = self._staging(facts) if met and self.rules.staging else None
        flags = red_flags_of(self.rules, facts)
        outlook = self._outlook(facts, held_back=bool(explained_groups)) if met else None
        outcome = self._outcome(facts) if verdict == "not met" else None
        cited |= _sources_of(flags, outlook)
        bases = [cause.basis for cause in explained] + [uncounted.basis for uncounted in not_counted]
        bases += [stage.basis for stage, _ in staging or ()] + ([outcome.basis] if outcome else [])
        cited |= {basis.source for basis in bases if basis.source}
        cited |= {source for stage, _ in staging or () for source in stage.more_sources}
        return Assessment(
            rules=self.rules.identity,
            patient=patient,
            facts=facts,
            default_criteria=self.default,
            criteria=results,
            steps_to_met=0 if met else analyses[self.default].steps.get(None),
            settling={} if brief else self._settling(analyses, facts),
            decisive_unknowns=still_open.unknowns,
            tests=tests,
            syndrome=syndrome,
            mimics=mimics,
            red_flags=flags,
            outlook=outlook,
            warnings=warnings_shown(self.rules, self._warning_inputs, facts),
            sources=tuple([source for source in self.rules.sources if source in cited]),
            explained=explained,
            explained_groups=explained_groups,
            not_counted=not_counted,
            staging=staging,
            outcome=outcome,
        )

    def _rivals(
        self, facts: Facts, met: Truth, causes: list[Cause], every: bool, in_full: bool, cited: set[str]
    ) -> tuple[Rival | None, tuple[Rival, ...]]:
        if self._differential is None:
            return None, ()
        syndrome, mimics, sources = self._differential.rank(facts, met, causes, every, in_full=in_full)
        cited |= sources
        return syndrome, mimics

    def _in_play(self, mimics: Sequence[Rival]) -> tuple[Row, ...]:
        considered = [rival.row for rival in mimics if rival.row.status == "consider"]
        urgent = [row for row in considered[IN_PLAY:] if self.rules.mimics[row.id].urgent]
        return (*considered[:IN_PLAY], *urgent)

    def _outlook(self, facts: Facts, *, held_back: bool) -> OutlookResult | None:
        """What is published of course and treatment; no treatment where another disease explains what is counted."""
        outlook = self.rules.outlook
        if outlook is None:
            return None
        factors, fork = (
            tuple([(factor, truth(factor.when, facts)) for factor in every]) for every in (outlook.factors, outlook.fork)
        )
        notes = tuple([note for note in outlook.notes if not (held_back and note.treatment)])
        return OutlookResult(factors, () if held_back else fork, held_back, notes)

    def _outcome(self, facts: Facts) -> Outcome | None:
        """The first of the described pictures that the findings make."""
        return next((outcome for outcome in self.rules.outcomes if truth(outcome.when, facts)), None)

    def _staging(self, facts: Facts) -> tuple[tuple[Stage, Truth], ...]:
        """Each stage, and whether all, some or none of its findings are known."""

        def done(stage: Stage) -> Truth:
            known = [facts.values.get(finding) is not None or finding in facts.observed for finding in stage.findings]
            return None if any(known) and not all(known) else all(known)

        return tuple([(stage, done(stage)) for stage in self.rules.staging])

    def _analyze(self, plan: _Plan, result: CriteriaResult, states: States) -> _Analysis:
        if all(level.value is not None for level in result.levels):
            return _NOTHING
        analysis = plan.by_states.get(states)
        if analysis is not None:
            return analysis
        key = tuple([plan.settler.key(level.expression, states) for level in plan.criteria.levels])
        analysis = plan.remembered.get(key)
        if analysis is None:
            analysis = plan.remembered[key] = self._settle(plan, result, states)
        plan.by_states[states] = analysis
        return analysis

    def _settle(self, plan: _Plan, result: CriteriaResult, states: States) -> _Analysis:
        targets: list[_Target] = []
        seen = 0
        levels = plan.criteria.levels

        def toward(target: str, expression: Expression, goal: bool) -> tuple[tuple[Answer, ...], ...]:
            nonlocal seen
            masks, complete = plan.settler.implicants(expression, goal, states)
            for mask in masks:
                seen |= mask
            sets = tuple([plan.settler.listed(mask) for mask in masks])
            if sets:
                targets.append(_Target(target, sets, complete, self._workup.beyond_one_test(sets)))
            return sets

        met: tuple[tuple[Answer, ...], ...] = ()
        not_met: tuple[tuple[Answer, ...], ...] = ()
        if result.verdict == "undetermined":
            met = toward("met", plan.whole, True)
            not_met = toward("not met", plan.whole, False)
        if len(levels) > 1:
            for level, answered in zip(levels, result.levels, strict=True):
                if answered.value is None:
                    toward(level.id, level.expression, True)
                elif answered.value:
                    break  # levels run from the highest down: what lies below the one met no longer matters
        alone: dict[Answer, Verdict] = {answers[0]: "met" for answers in met if len(answers) == 1}
        alone.update({answers[0]: "not met" for answers in not_met if len(answers) == 1})
        decisive = tuple(dict.fromkeys([(answer.finding, answer.condition) for answer in plan.settler.listed(seen)]))
        steps = _steps(decisive, met) if plan.criteria.id == self.default else {}
        return _Analysis(tuple(targets), decisive, alone, steps, {})

    def _settling(self, analyses: Mapping[str, _Analysis], facts: Facts) -> dict[str, dict[str, Settling]]:
        """What would settle each set that is open."""
        open_sets = {set_id: analysis.targets for set_id, analysis in analyses.items() if analysis.targets}
        apart = {answer for targets in open_sets.values() for target in targets for answer in target.apart}
        ways = {answer: self._workup.taken_apart(answer, facts) for answer in apart}
        return {
            set_id: {target.id: self._settled(target, ways, facts, set_id) for target in targets}
            for set_id, targets in open_sets.items()
        }

    def _settled(self, target: _Target, ways: Mapping[Given, tuple[int, ...]], facts: Facts, set_id: str) -> Settling:
        key = id(target), tuple([ways[answer] for answer in target.apart])
        known = self._settlings.get(key)
        if known is None:
            best = self._workup.cheapest(target.sets, facts, LISTED if set_id == self.default else LISTED_OF_OTHERS)
            settling = Settling(target.id, best, len(target.sets), target.complete)
            known = self._settlings[key] = (target, settling)
        return known[1]

    def _open(self, reasons: Mapping[str, str], analyses: Mapping[str, _Analysis], met: bool) -> Open:
        """What is open over all sets; kept for the next patient of whom the same is open, but never with reasons."""
        every = tuple(analyses.values())
        key = (met, *map(id, every))
        known = self._opened.get(key)
        if known is None:
            still_open = self._workup.opened(self._decisive(analyses, met), self._weights(analyses))
            known = self._opened[key] = (every, still_open)
        still_open = known[1]
        if reasons.keys().isdisjoint(still_open.by_finding):
            return still_open
        unknowns = [unknown._replace(reason=reasons.get(unknown.finding)) for unknown in still_open.unknowns]
        return self._workup.opened(tuple(unknowns), still_open.weights)

    def _decisive(self, analyses: Mapping[str, _Analysis], met: bool) -> tuple[DecisiveUnknown, ...]:
        sets_of: dict[Literal, list[str]] = {}
        for set_id in self._by_default_first:
            for literal in analyses[set_id].decisive:
                sets_of.setdefault(literal, []).append(set_id)
        alone: dict[Answer, list[tuple[str, Verdict]]] = {}
        for set_id in self._by_default_first:
            for answer, verdict in analyses[set_id].alone.items():
                alone.setdefault(answer, []).append((set_id, verdict))
        default = analyses[self.default]

        def effect(answer: Answer, matters: bool) -> Effect:
            steps = 0 if met else default.steps.get(answer if matters else None)
            return Effect(tuple(alone.get(answer, ())), steps)

        unknowns = []
        for (finding, condition), set_ids in sets_of.items():
            present, absent = Answer(finding, True, condition), Answer(finding, False, condition)
            matters = (finding, condition) in default.decisive
            unknowns.append(
                DecisiveUnknown(
                    finding,
                    condition,
                    tuple(set_ids),
                    effect(present, matters),
                    effect(absent, matters),
                    self._workup.tests_for(finding),
                    None,
                )
            )
        unknowns.sort(key=self._importance)
        return tuple(unknowns)

    def _importance(self, unknown: DecisiveUnknown) -> tuple[bool, bool, int, int, str]:
        """First what matters to the default set, first what settles it alone, then by how near to met an answer brings it."""
        alone = any(set_id == self.default for set_id, _ in unknown.if_present.verdicts + unknown.if_absent.verdicts)
        nearer = unknown.if_present.steps_to_met
        return (
            unknown.criteria[0] != self.default,
            not alone,
            99 if nearer is None else nearer,
            self._position[unknown.finding],
            condition_order(unknown.condition),
        )

    def _weights(self, analyses: Mapping[str, _Analysis]) -> Mapping[Given, float]:
        """The default set decides the order of the tests while it is open; the other sets together once it is settled."""
        default = self._weights_of(analyses[self.default])
        if default:
            return default
        weights: dict[Given, float] = {}
        for analysis in analyses.values():
            for answer, weight in self._weights_of(analysis).items():
                weights[answer] = weights.get(answer, 0.0) + weight
        return weights

    def _weights_of(self, analysis: _Analysis) -> Mapping[Given, float]:
        if not analysis.weights:
            analysis.weights.update(weigh(target.sets for target in analysis.targets if target.id in ("met", "not met")))
        return analysis.weights


def assess(rules: Rules, patient: Patient) -> Assessment:
    """One patient against all criteria sets. For many patients keep an :class:`Assessor`."""
    return Assessor(rules).assess(patient)


def warning_inputs(rules: Rules) -> list[tuple[Warn, frozenset[str]]]:
    """The warnings, each with the findings that it asks for."""
    return [(warning, frozenset(uses(warning.when))) for warning in rules.warnings]


def warnings_shown(rules: Rules, inputs: Iterable[tuple[Warn, frozenset[str]]], facts: Facts) -> tuple[Notice, ...]:
    """The gray zones, and the warnings that hold of what was reported: a part of what was denied was not tested."""
    reported = without_implied(facts)
    known = {finding for finding, value in reported.values.items() if value is not None}.union(facts.observed)
    notices = [Notice(f"gray_zone:{finding}", rules.findings[finding].gray_zone or "") for finding in facts.gray]
    for warning, asks in inputs:
        if not known.isdisjoint(asks) and truth(warning.when, reported):
            notices.append(Notice(warning.id, warning.text, warning.basis, warning.urgent))
    return tuple(notices)


def red_flags_of(rules: Rules, facts: Facts) -> FlagResult | None:
    """The flags for the label that the patient carries, if it is one that deserves a second look."""
    label = facts.observed.get(LABEL)
    if not isinstance(label, str) or label not in rules.labels:
        return None
    flags = [flag for flag in rules.red_flags if label in flag.labels]
    return FlagResult(label, tuple([(flag, truth(flag.when, facts)) for flag in flags]))


def _sources_of(flags: FlagResult | None, outlook: OutlookResult | None) -> set[str]:
    bases = [flag.basis for flag, _ in flags.flags] if flags else []
    if outlook:
        bases += [factor.basis for factor, _ in (*outlook.factors, *outlook.fork)]
        bases += [basis for note in outlook.notes for _, basis in note.facts]
    return {basis.source for basis in bases if basis.source}


def _reasons(patient: Patient, facts: Facts) -> dict[str, str]:
    """Why findings are unknown, where anything says so."""
    reasons = dict(patient.reasons)
    reasons.update(dict.fromkeys(facts.gray, "gray zone"))
    reasons.update({contradiction.finding: "contradictory" for contradiction in facts.contradictions})
    return reasons


def _steps(literals: Iterable[Literal], met: Sequence[Sequence[Answer]]) -> dict[Answer | None, int]:
    """The fewest answers that still meet a set: from here, and once each answer is given."""
    if not met:
        return {}
    sets = [frozenset(answers) for answers in met]
    steps: dict[Answer | None, int] = {None: min(len(answers) for answers in met)}
    for finding, condition in literals:
        present, absent = Answer(finding, True, condition), Answer(finding, False, condition)
        for given, opposite in ((present, absent), (absent, present)):
            left = [len(answers) - (given in answers) for answers in sets if opposite not in answers]
            if left:
                steps[given] = min(left)
    return steps
