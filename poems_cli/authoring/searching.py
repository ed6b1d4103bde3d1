"""A patient that would notice a change of the rules: looked for near the limits of what the changed rule reads.

First one finding alone after another, then the smallest sets of answers that settle the changed condition, then at random with
a fixed seed. What is found is made as small as it can be.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple, TypeAlias, get_args

from poems_cli.authoring.changed_rules import ChangedRules
from poems_cli.authoring.changes import Change
from poems_cli.authoring.noticing import Examples, Tried
from poems_cli.authoring.observing import Observation, observed, observed_deeply
from poems_cli.authoring.outcome import Engines, Outcome
from poems_cli.authoring.patients import below
from poems_cli.engine.expressions import leaves
from poems_cli.engine.literals import NO_LINKS
from poems_cli.engine.settling import implicants
from poems_cli.model import LABEL, NOTHING_KNOWN, Answer, Compare, Expression, Factor, Observed, Patient, Quantity, Rules, Side
from poems_cli.records import PatientReader, Record
from poems_cli.records.patient import plain_value

#: So many patients are tried at random for one change, and so many of them with all that only the whole engine answers.
_TRIES = 240
_DEEP_TRIES = 60
_MOST_ALONE = 80
_BASES = 6
_SETS = 25
_NEAR = (1.0, 0.95, 1.05, 0.85, 1.15)
#: Sections that concern patients of whom the default set is met.
_OF_MET = ("outlook", "explained_by", "not_counted", "staging", "tests")
_LABORATORY = (0.5, 0.95, 1.05, 1.5)


#: The place of an expectation, what comes out there today, and what with the change.
_Found: TypeAlias = tuple[tuple[str, ...], Any, Any]


class Noticing(NamedTuple):
    """A patient of whom something else comes out with the change: the findings as a case writes them, and what comes out.

    ``place`` is that of an expectation below ``expect``; ``today`` and ``changed`` are what comes out there.
    """

    findings: Mapping[str, Any]
    place: tuple[str, ...]
    today: Any
    changed: Any


class Search:
    """Looks for patients, by the rules as they are and by changed ones."""

    def __init__(self, changed: ChangedRules, examples: Examples) -> None:
        self._changed = changed
        self._examples = examples
        self._base = examples.base
        self._limits: dict[str, dict[Compare, None]] = {}
        for expression in _every_condition(changed.base):
            for leaf in leaves(expression):
                if isinstance(leaf, Compare):
                    self._limits.setdefault(leaf.finding, {})[leaf._replace(name=None, basis=None)] = None
        self._met = self._met_patient()
        self._textbook = [example for example in examples.tried if "mimics" in example.case.expect]

    def patient(self, change: Change) -> Noticing | None:
        """A patient that notices a change; ``None`` where none was found, or where lint refuses the change."""
        rules = self._changed.rules(change)
        if rules is None:
            return None
        if change.section == "units":
            return self._of_unit(change, rules)
        engines = self._examples.engines(change, rules)
        random = Random(f"{change.place} {change.what}")
        near = self._examples.near(change, rules)
        for number, patient in enumerate(self._patients(change, rules, near, random)):
            is_deep = change.section in ("findings", "criteria", "mimics") and number % (_TRIES // _DEEP_TRIES) == 0
            found = self._difference(change, engines, patient, deep=is_deep)
            if found is not None:
                return self._smallest(change, engines, patient, found, is_deep)
        return None

    # --- patients to try ----------------------------------------------------------------------------------------------

    def _patients(self, change: Change, rules: Rules, near: Sequence[Tried], random: Random) -> Iterator[dict[str, Observed]]:
        """First NOTHING_KNOWN, then one finding alone after another, then the patients of examples and others at random."""
        focus = [name for name in self._examples.focus(change) if name in rules.findings]
        around = list(dict.fromkeys([*focus, *[other for name in focus for other in below(rules, name)]]))
        wide = [name for name in self._examples.named_in(change) if name in rules.findings]
        wide = list(dict.fromkeys([*around, *wide, *[other for name in wide for other in list(below(rules, name))[:6]]]))
        bases: list[Mapping[str, Observed]] = [{}, self._met] if change.section in _OF_MET else [{}]
        bases = [{**base, **label} for base in bases for label in self._labels(change)]
        if change.section == "explained_by":
            bases = [{**base, **given} for given in self._established(change, random) for base in ({}, self._met)]
        yield from (dict(base) for base in bases)
        alone = [(name, value) for name in around for value in self._values(name, random)]
        for name, value in alone[:_MOST_ALONE]:
            yield from ({**base, name: value} for base in bases[:_BASES])
        yield from self._smallest_sets(change, rules, set(around), bases, random)
        bases += [example.patient.patient.observed for example in near[:_BASES]]
        if change.section == "tests":
            bases += [
                example.patient.patient.observed for example in random.sample(self._textbook, min(12, len(self._textbook)))
            ]
        for _ in range(_TRIES):
            patient = dict(random.choice(bases))
            pool = around if around and random.random() < 0.5 else wide
            present = random.choice((0.15, 0.5, 0.85))
            for name in random.sample(pool, min(len(pool), random.choice((1, 2, 3, 5, 8, 13)))):
                if random.random() < 0.15:
                    patient.pop(name, None)
                else:
                    values = self._values(name, random)
                    patient[name] = (random.random() < present) if values == [True, False] else random.choice(values)
            yield patient

    def _smallest_sets(
        self, change: Change, rules: Rules, around: set[str], bases: Sequence[Mapping[str, Observed]], random: Random
    ) -> Iterator[dict[str, Observed]]:
        """The smallest sets of answers that settle a condition of the changed entry and read what is near the change."""
        for expression in [*_own_conditions(change, self._base.rules), *_own_conditions(change, rules)]:
            if around.isdisjoint(leaf.finding for leaf in leaves(expression)):
                continue
            for goal in (True, False):
                sets = [
                    way
                    for way in implicants(expression, NOTHING_KNOWN, goal, NO_LINKS).sets
                    if any(a.finding in around for a in way)
                ]
                for answers in random.sample(sets, min(len(sets), _SETS)):
                    for _ in range(2):
                        given = {answer.finding: self._answered(answer, random) for answer in answers}
                        yield {**random.choice(bases), **given}

    def _established(self, change: Change, random: Random) -> list[Mapping[str, Observed]]:
        """Some patients of whom the cause is established that a change concerns."""
        sets = [
            answers
            for when in _own_conditions(change, self._base.rules)
            for answers in implicants(when, NOTHING_KNOWN, True, NO_LINKS).sets
        ]
        chosen = random.sample(sets, min(len(sets), _BASES))
        return [{answer.finding: self._answered(answer, random) for answer in answers} for answers in chosen] or [{}]

    def _answered(self, answer: Answer, random: Random) -> Observed:
        """A value that gives an answer: of a quantity one just beyond the limit, or at it."""
        condition, values = answer.condition, self._values(answer.finding, random)
        if condition is None:
            return answer.present if values == [True, False] else random.choice(values)
        if isinstance(condition.limit, tuple):
            chosen = [word for word in values if (word in condition.limit) is answer.present]
            return random.choice(chosen or values)
        unit = self._base.rules.findings[answer.finding].unit or ""
        limit = condition.limit if condition.limit is not None else 10.0 * (condition.times_upper or 1.0)
        factor = random.choice((1.0, 1.01, 1.05) if answer.present else (1.0, 0.99, 0.95))
        high = None if condition.limit is not None else 10.0
        return Quantity(_rounded(limit * factor), unit, None, None, high)

    def _values(self, finding: str, random: Random) -> list[Observed]:
        """What a finding can be: for a quantity just below, at and just above each limit."""
        body = self._base.rules.findings[finding]
        if body.kind == "boolean":
            return [True, False]
        if body.kind == "choice":
            return [*body.choices]
        values: list[Observed] = []
        unit = body.unit or ""
        for limit in self._limits.get(finding, ()):
            if isinstance(limit.limit, int | float):
                values += [Quantity(_rounded(limit.limit * factor), unit) for factor in _NEAR]
                values += [Quantity(limit.limit + step, unit) for step in (1.0, -1.0) if limit.limit + step >= 0]
                if limit.laboratory:
                    for factor in _LABORATORY:
                        own = _range(limit.laboratory, _rounded(limit.limit * factor))
                        values += [Quantity(_rounded(limit.limit * other), unit, None, *own) for other in _LABORATORY]
            elif limit.limit is None:
                times = limit.times_upper or 1.0
                end = random.choice((10.0, 20.0))
                own = _range(limit.laboratory or "high", end)
                values += [Quantity(_rounded(end * times * factor), unit, None, *own) for factor in _NEAR]
        low, high = self._base.rules.units.analytes[finding].plausible or (0.0, 4.0)
        possible = [value for value in values if isinstance(value, Quantity) and low <= value.value <= high]
        return [*possible] or [Quantity(_rounded(low + (high - low) / 4), unit)]

    def _labels(self, change: Change) -> list[Mapping[str, Observed]]:
        """The label of the patient, where the change is one of the red flags."""
        if change.section != "red_flags" or LABEL not in self._base.rules.findings:
            return [{}]
        return [{LABEL: label} for label in self._base.rules.labels]

    def _met_patient(self) -> Mapping[str, Observed]:
        """A small patient of whom the default set is met, from the examples."""
        default = self._base.rules.default_criteria
        met = [
            example.patient.patient.observed
            for example in self._examples.tried
            if example.case.expect.get("criteria", {}).get(default) == "met" and not example.facts.contradictions
        ]
        return min(met, key=len, default={})

    # --- what differs -------------------------------------------------------------------------------------------------

    def _difference(
        self, change: Change, engines: Engines, observations: Mapping[str, Observed], *, deep: bool
    ) -> _Found | None:
        """The first expectation that the change breaks."""
        patient = Patient("", observations, {})
        facts = self._base.resolver.resolve(patient)
        today = Outcome(self._base, patient, facts)
        with_change = Outcome(engines, patient, None if change.section == "findings" else facts)
        contradictory = bool(facts.contradictions)
        if contradictory and change.section != "findings":
            return None
        found = _first(observed(change, today), observed(change, with_change))
        if found is None and deep and not contradictory:
            found = _first(observed_deeply(change, today), observed_deeply(change, with_change))
        return found

    def _smallest(
        self,
        change: Change,
        engines: Engines,
        patient: Mapping[str, Observed],
        found: _Found,
        deep: bool,
    ) -> Noticing:
        """The patient without what is not needed to see the difference."""
        kept = dict(patient)
        for name in list(kept):
            fewer = {other: value for other, value in kept.items() if other != name}
            difference = self._difference(change, engines, fewer, deep=deep)
            if difference is not None and difference[0] == found[0]:
                kept, found = fewer, difference
        place, today, changed = found
        if place == ("tests",):
            today, changed = _first_difference_in_order(today, changed)
        return Noticing({name: _written(value) for name, value in kept.items()}, place, today, changed)

    def _of_unit(self, change: Change, rules: Rules) -> Noticing | None:
        """A value in the unit that is changed, or at the limit of what a patient can have."""
        finding = change.entry
        readers = [PatientReader(of_rules) for of_rules in (self._base.rules, rules)]
        unit = str(change.at[3]) if change.at[1] == "accepted" else str(self._base.rules.findings[finding].unit)
        numbers = [1.0, 10.0, 100.0, 0.1, 1000.0, 0.01, 10000.0, 0.001]
        if change.at[1] == "plausible":
            limits = self._base.rules.units.analytes[finding].plausible
            limit = limits[int(change.at[3])] if limits else 0.0
            numbers = [_rounded(limit * factor) for factor in (1.05, 0.95)] if limit else [0.5, -0.5]
        for number in numbers:
            given = {finding: {"value": number, "unit": unit}}
            read = [reader.read(Record({"findings": given}, "", 1)).patient for reader in readers]
            values = [patient.observed.get(finding) if patient else None for patient in read]
            today, changed = (value.value if isinstance(value, Quantity) else None for value in values)
            if (today is None) is not (changed is None):
                return Noticing(given, ("refused", finding), today is None, changed is None)
            if today is not None and today != changed:
                return Noticing(given, ("quantities", finding), _rounded(today), _rounded(changed or 0.0))
        return None


def _written(value: Observed) -> object:
    """What was observed as a case has it."""
    plain = plain_value(value)
    return {key: part for key, part in plain.items() if key != "unit_from"} if isinstance(plain, dict) else plain


def _first(today: Iterable[Observation], changed: Iterable[Observation]) -> _Found | None:
    """The first observation that differs; what is missing on one side was not shown there."""
    before, after = dict(today), dict(changed)
    for place in [*before, *after]:
        if before.get(place, False) != after.get(place, False):
            return place, before.get(place, False), after.get(place, False)
    return None


def _first_difference_in_order(today: Sequence[str], changed: Sequence[str]) -> tuple[list[str], list[str]]:
    """Of two orders of the tests the first two tests that change places, or the first that is missing."""
    for number, test in enumerate(today):
        for other in today[number + 1 :]:
            if test in changed and other in changed and changed.index(test) > changed.index(other):
                return [test, other], [other, test]
    missing = [test for test in today if test not in changed]
    return ([missing[0]], []) if missing else (list(today), list(changed))


def _conditions(part: Any) -> Iterator[Expression]:
    """The conditions of a part of the rules, itself and in all that it holds."""
    if isinstance(part, get_args(Expression)):
        yield part
    else:
        for within in part.values() if isinstance(part, Mapping) else part if isinstance(part, tuple) else ():
            yield from _conditions(within)


def _every_condition(rules: Rules) -> Iterator[Expression]:
    """The conditions that a change may concern."""
    sets = (rules.criteria, rules.mimic_criteria)
    parts = (rules.findings, sets, rules.warnings, rules.mimics, rules.profile, rules.red_flags, rules.tests, rules.causes)
    yield from _conditions((*parts, _factors(rules)))


def _own_conditions(change: Change, rules: Rules) -> Iterator[Expression]:
    """The conditions of the changed entry."""
    match change.section:
        case "findings" | "criteria" | "mimic_criteria" | "mimics" | "tests":
            yield from _conditions(getattr(rules, change.section)[change.entry])
        case "profile":
            yield from _conditions(rules.profile)
        case "warnings" | "red_flags" | "outlook" | "explained_by":
            listed: Mapping[str, Sequence[Any]] = {"outlook": _factors(rules), "explained_by": rules.causes}
            every = listed[change.section] if change.section in listed else getattr(rules, change.section)
            yield from _conditions(tuple(item for item in every if item.id == change.entry))


def _factors(rules: Rules) -> tuple[Factor, ...]:
    return (*rules.outlook.factors, *rules.outlook.fork) if rules.outlook else ()


def _range(side: Side, limit: float) -> tuple[float | None, float | None]:
    """A laboratory's own range with one known limit."""
    return (limit, None) if side == "low" else (None, limit)


def _rounded(number: float) -> float:
    return float(f"{number:.5g}")
