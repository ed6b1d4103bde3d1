"""Whether a change of the rules is noticed: by lint, or by an example whose expectation is then not met.

The nearest examples are tried first: those that name what is changed, then those that give what the changed rule reads. Of an
example no more is worked out than its expectations ask for and the change can reach. The patient of an example is the one that
the unchanged rules make of it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from poems_cli.authoring.cases import Case, CaseResult
from poems_cli.authoring.changed_rules import ChangedRules
from poems_cli.authoring.changes import Change
from poems_cli.authoring.expectations import differences
from poems_cli.authoring.outcome import Engines, Outcome
from poems_cli.authoring.patients import CasePatient, CasePatients, below
from poems_cli.authoring.reading import read_examples
from poems_cli.engine.differential import Differential, Ranking
from poems_cli.engine.findings import inputs
from poems_cli.model import Facts, Patient, Rival, Rules

#: What only the engine as a whole can answer.
_DEEP = frozenset(
    {
        "decisive", "not_decisive", "steps_to_met", "next_test", "tests", "if_present", "if_absent", "answered_by", "shown_by",
        "settled_by", "burdens", "explained", "not_explained", "explained_groups", "not_counted", "counted", "staging",
        "outlook", "outcome", "common_causes",
    }
)  # fmt: skip
_ORDERS = frozenset({"next_test", "tests"})
_SECOND_LOOK = frozenset({"explained", "not_explained", "explained_groups", "outlook"})
#: What a change of a section can reach; of any other section it can reach all.
_REACHED: Mapping[str, frozenset[str]] = {
    "mimic_criteria": frozenset({"criteria"}),
    "warnings": frozenset({"warnings", "no_warnings"}),
    "tests": _ORDERS | {"answered_by", "shown_by", "burdens", "sensible"},
    "mimics": _ORDERS | _SECOND_LOOK | {"mimics", "settled_by"},
    "evidence": _ORDERS | {"mimics"},
    "reference": frozenset({"mimics"}),
    "profile": frozenset({"mimics"}),
    "red_flags": frozenset({"red_flags", "no_red_flags"}),
    "outlook": frozenset({"outlook"}),
    "explained_by": _SECOND_LOOK | {"mimics"},
    "not_counted": frozenset({"not_counted", "counted"}),
    "staging": frozenset({"staging"}),
    "criteria": _DEEP | {"criteria", "mimics"},
}
#: The parts of the engine that a change of a section leaves as they are.
_KEPT: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("mimic_criteria", "warnings", "red_flags"), ("resolver", "causes", "differential", "assessor")),
    **dict.fromkeys(("criteria", "tests", "outlook", "not_counted", "staging"), ("resolver", "causes", "differential")),
    **dict.fromkeys(("profile", "evidence", "reference"), ("resolver", "causes")),
    "explained_by": ("resolver", "differential"),
    "findings": ("differential",),
    "mimics": ("resolver",),
    "units": (),
}


class Tried(NamedTuple):
    """An example made ready: its patient, the findings known of it, what it names, and which of its expectations are deep.

    ``is_ranked``: an expectation depends on more than one row of the mimics.
    """

    case: Case
    patient: CasePatient
    facts: Facts
    known: frozenset[str]
    named: frozenset[str]
    deep: frozenset[str]
    number: int
    is_ranked: bool


class Examples:
    """The examples made ready for many changes."""

    def __init__(self, changed: ChangedRules, path: str | Path) -> None:
        self.base = Engines(changed.base)
        self.failures: list[CaseResult] = []
        self._changed = changed
        patients = CasePatients(changed.base)
        self.tried: list[Tried] = []
        self._rows: dict[int, dict[str, object]] = {}
        for case in read_examples(changed.base, path):
            read = patients.of(case) if isinstance(case, Case) else case
            if isinstance(case, Case) and isinstance(read, CasePatient):
                self._add(case, read)
            elif isinstance(read, CaseResult):
                self.failures.append(read)

    def _add(self, case: Case, read: CasePatient) -> None:
        facts = self.base.resolver.resolve(read.patient)
        outcome = Outcome(self.base, read.patient, facts, read.refused)
        wrong = [
            f"{difference.step}: expected {difference.wanted}, got {difference.came_out}"
            for difference in differences(case.expect, outcome)
        ]
        if wrong:
            self.failures.append(case.result(wrong))
            return
        known = {finding for finding, value in facts.values.items() if value is not None}
        named = frozenset(_names(case.expect))
        self.tried.append(
            Tried(
                case,
                read,
                facts,
                known=frozenset(known.union(facts.observed, case.findings)),
                named=named,
                deep=_DEEP & case.expect.keys(),
                number=len(self.tried),
                is_ranked=not named.isdisjoint(("first", "place", *_ORDERS, *_SECOND_LOOK)),
            )
        )

    def engines(self, change: Change, rules: Rules) -> Engines:
        """The engine for changed rules, with the parts that the change leaves as they are."""
        return self.base.changed(rules, _KEPT[change.section])

    def notice(self, change: Change) -> str | None:
        """What notices a change: lint, or the id of an example; ``None`` where nothing does."""
        rules = self._changed.rules(change)
        if rules is None:
            return "lint"
        engines = self.engines(change, rules)
        reached = _REACHED.get(change.section)
        row = _row_alone(change, rules, self.base)
        for example in self.near(change, rules):
            if row is not None and not example.is_ranked:
                differs = self._differs(change, row, example, reached)
            elif row is not None and self._row_is_the_same(row.differential, example):
                continue
            else:
                differs = self._differs(change, engines, example, reached)
            if differs:
                return example.case.id
        return None

    def _row_is_the_same(self, alone: Differential, example: Tried) -> bool:
        """Whether a changed mimic has the same row as before in example example; then nothing else has changed there."""
        causes = self.base.causes.established(example.facts, set(example.known))
        if example.number not in self._rows:
            ranking = self.base.differential.rank(example.facts, None, causes, False)
            self._rows[example.number] = {rival.row.id: _sketch(rival) for rival in _rivals(ranking)}
        rows = _rivals(alone.rank(example.facts, None, causes, False))
        return all(_sketch(rival) == self._rows[example.number][rival.row.id] for rival in rows)

    def near(self, change: Change, rules: Rules) -> Sequence[Tried]:
        """The examples that could notice a change, the nearest first."""
        reads = self._reads(change, rules)
        reached = _REACHED.get(change.section)
        whole = change.section in ("profile", "evidence", "reference")

        def far(one: Tried) -> tuple[bool, bool, int]:
            return change.entry not in one.named and not whole, one.is_ranked, -len(reads & one.known)

        chosen = [example for example in self.tried if reached is None or not reached.isdisjoint(example.case.expect)]
        if change.section == "findings":
            asked = {change.entry, *inputs(rules, change.entry), *inputs(self.base.rules, change.entry)}
            chosen = [
                example
                for example in chosen
                if example.deep or not asked.isdisjoint(example.known) or change.entry in example.named
            ]
        elif change.section == "units":
            chosen = [example for example in chosen if change.entry in example.case.findings]
        elif change.section in ("mimic_criteria", "warnings"):
            chosen = [example for example in chosen if change.entry in example.named]
        elif change.section == "reference":
            chosen = [example for example in chosen if change.entry in example.known]
        elif change.section in ("mimics", "profile"):
            row = change.entry if change.section == "mimics" else rules.identity.id
            chosen = [example for example in chosen if example.is_ranked or row in example.named]
        return sorted(chosen, key=far)

    def focus(self, change: Change) -> list[str]:
        """The findings that are nearest to the place of a change, in the rules as they are."""
        for data in reversed(list(self._changed.trail(change))):
            found = [name for name in dict.fromkeys(_names(data)) if name in self.base.rules.findings]
            if found:
                return found
        return []

    def named_in(self, change: Change) -> list[str]:
        """The ids that the changed entry names."""
        own = [
            data for data, _ in zip(self._changed.trail(change), change.at[: change.at.index(change.entry) + 1], strict=False)
        ]
        return list(dict.fromkeys([change.entry, *_names(own[-1] if own else [])]))

    def _reads(self, change: Change, rules: Rules) -> set[str]:
        """The findings that are nearest to what is changed, with all that they follow from."""
        found = set(self.focus(change))
        return found | {other for name in found for other in below(rules, name)}

    def _differs(self, change: Change, engines: Engines, one: Tried, reached: frozenset[str] | None) -> bool:
        expect, keys = one.case.expect, reached
        if change.section == "units":
            read = CasePatients(engines.rules).of(one.case._replace(absent=()))
            if not isinstance(read, CasePatient):
                return True
            patient = _with_absent(read.patient, one.patient.patient)
            return _any_difference(expect, engines, patient, None, read.refused, None)
        patient = one.patient.patient
        if change.section != "findings":
            return _any_difference(expect, engines, patient, one.facts, one.patient.refused, keys)
        facts = engines.resolver.resolve(patient)
        if _is_same(facts, one.facts):
            keys = one.deep
            if not keys:
                return False
        return _any_difference(expect, engines, patient, facts, one.patient.refused, keys)


def _row_alone(change: Change, rules: Rules, base: Engines) -> Engines | None:
    """The engine for the changed row alone; ``None`` where more than one row may change, or what the row does not show."""
    if change.section == "mimics" and not {"frequency", "urgency", "tests", "criteria"}.intersection(change.at[2:4]):
        rules = rules._replace(mimics={change.entry: rules.mimics[change.entry]}, profile=None)
    elif change.section == "profile":
        rules = rules._replace(mimics={})
    else:
        return None
    return base.changed(rules, ("resolver", "causes"))


def _rivals(ranking: Ranking) -> list[Rival]:
    return [*ranking.mimics, *([ranking.syndrome] if ranking.syndrome else [])]


def _sketch(rival: Rival) -> object:
    """All of a row that has a bearing on anything else."""
    row = rival.row
    return row.status, row.evidence, row.confirmed, row.excluded, row.called_up, row.settled_by


def _any_difference(
    expect: Mapping[str, Any],
    engines: Engines,
    patient: Patient,
    facts: Facts | None,
    refused: tuple[str, ...],
    keys: Collection[str] | None,
) -> bool:
    return next(differences(expect, Outcome(engines, patient, facts, refused), keys), None) is not None


def _is_same(facts: Facts, others: Facts) -> bool:
    """Whether every finding has the same value, and the same are contradictory or in a gray zone."""
    if facts.values != others.values or facts.gray != others.gray:
        return False
    return [contradiction.finding for contradiction in facts.contradictions] == [
        contradiction.finding for contradiction in others.contradictions
    ]


def _with_absent(patient: Patient, whole: Patient) -> Patient:
    """The patient with what the case says is absent."""
    absent = {name: value for name, value in whole.observed.items() if value is False and name not in patient.observed}
    return patient._replace(observed={**patient.observed, **absent})


def _names(value: Any) -> Iterator[str]:
    """Every text in some data, keys and values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from _names(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _names(entry)
