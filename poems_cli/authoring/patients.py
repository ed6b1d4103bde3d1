"""The patient of a case: its findings read as those of a patient's file are, with what it says is absent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from poems_cli.authoring.cases import OTHERS, Case, CaseResult
from poems_cli.engine.expressions import leaves
from poems_cli.engine.findings import descendants, inputs, resolve
from poems_cli.model import Patient, Rules, Truth
from poems_cli.records import PatientReader, Record


class CasePatient(NamedTuple):
    """The patient of a case, and the findings whose values were refused as the case expects."""

    patient: Patient
    refused: tuple[str, ...] = ()


class CasePatients:
    """Makes the patients of cases by one set of rules."""

    def __init__(self, rules: Rules) -> None:
        self._reader = PatientReader(rules, "canonical")
        self._others = Others(rules)

    def of(self, case: Case) -> CasePatient | CaseResult:
        """The patient of a case, or what is wrong with its findings."""
        refused: tuple[str, ...] = ()
        findings = case.findings
        if "refused" in case.expect:
            refused = tuple(name for name, value in findings.items() if self._flaws(case, name, value))
            findings = {name: value for name, value in findings.items() if name not in refused}
        reading = self._reader.read(Record({"id": case.id, "findings": findings}, _place(case), 1))
        patient = reading.patient
        if patient is None or reading.problems:
            flaws = [flaw for name, value in case.findings.items() for flaw in self._flaws(case, name, value)]
            others = [case.problem(("findings",), problem.what, _sentence(problem.mend)) for problem in reading.problems]
            return case.result(flaws or others)
        absent = self._others.of(patient, frozenset(case.findings)) if case.absent == OTHERS else case.absent
        return CasePatient(patient._replace(observed={**patient.observed, **dict.fromkeys(absent, False)}), refused)

    def _flaws(self, case: Case, name: str, value: object) -> Iterable[str]:
        """What is wrong with one finding, with its line."""
        problems = self._reader.read(Record({"findings": {name: value}}, _place(case), 1)).problems
        return [case.problem(("findings", name), problem.what, _sentence(problem.mend)) for problem in problems]


def below(rules: Rules, finding: str) -> Iterator[str]:
    """All that a finding's value may follow from, by definitions and parts."""
    open_, seen = [finding], {finding}
    while open_:
        for name in inputs(rules, open_.pop()):
            if name not in seen:
                seen.add(name)
                open_.append(name)
                yield name


class Others:
    """Works out which findings ``absent: others`` makes absent, beyond those known of a patient."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        levels = [level for criteria in rules.criteria.values() for level in criteria.levels]
        named = dict.fromkeys(leaf.finding for level in levels for leaf in leaves(level.expression))
        used = {name: None for finding in named for name in (finding, *below(rules, finding))}
        self._candidates = tuple(name for name in used if rules.findings[name].kind == "boolean")
        self._below = {name: frozenset(below(rules, name)) for name in self._candidates}

    def of(self, patient: Patient, given: frozenset[str]) -> tuple[str, ...]:
        """The findings to make absent; ``given`` are those that the case mentions, known or not."""
        rules, values = self._rules, resolve(self._rules, patient).values
        left_open = {name for name in given if name not in patient.observed}
        measured = {name for name in given if rules.findings[name].kind == "quantity"}
        parts: set[str] = set()
        for whole, direct in rules.parts.items():
            if (values.get(whole) or whole in left_open) and not any(values.get(part) for part in direct):
                parts.update(descendants(rules, whole))
        absent = [
            name
            for name in self._candidates
            if name not in given
            and values.get(name) is None
            and name not in parts
            and not self._below[name] & (left_open | measured)
        ]
        return self._harmless(patient, absent, values)

    def _harmless(self, patient: Patient, absent: Sequence[str], before: Mapping[str, Truth]) -> tuple[str, ...]:
        """Without those that would change a value that was known before."""
        observed = {**patient.observed, **dict.fromkeys(absent, False)}
        after = resolve(self._rules, patient._replace(observed=observed)).values
        changed = [name for name, value in before.items() if value is not None and after.get(name) is not value]
        disturbing = {name for finding in changed for name in below(self._rules, finding)}
        return tuple(name for name in absent if name not in disturbing)


def _place(case: Case) -> str:
    return f"{case.document.file}:{case.line}"


def _sentence(text: str) -> str:
    """Write a remark as a sentence, like the other ways to mend."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('?') else '.'}"
