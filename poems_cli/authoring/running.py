"""Cases run against one set of rules, and compared with what they expect."""

from collections.abc import Iterator
from pathlib import Path

from poems_cli.authoring.cases import Case, CaseResult, mapping
from poems_cli.authoring.expectations import Difference, differences
from poems_cli.authoring.outcome import Outcome
from poems_cli.authoring.patients import CasePatient, CasePatients
from poems_cli.authoring.reading import read_examples
from poems_cli.authoring.reasons import Reasons
from poems_cli.engine.assess import Assessor
from poems_cli.model import Rules


def run_examples(rules: Rules, path: str | Path) -> Iterator[CaseResult]:
    """Run every case of a file, or of the YAML files of a folder in the order of their names."""
    runner = _Runner(rules)
    for case in read_examples(rules, path):
        yield runner.run(case) if isinstance(case, Case) else case


class _Runner:
    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._patients = CasePatients(rules)
        self._assessor = Assessor(rules)

    def run(self, case: Case) -> CaseResult:
        """One case, assessed and compared with what it expects."""
        read = self._patients.of(case)
        if not isinstance(read, CasePatient):
            return CaseResult(case.id, case.document.file, case.line, read)
        every = not self._rules.mimic_criteria.keys().isdisjoint(mapping(case.expect.get("criteria")))
        outcome = Outcome(self._rules, lambda: self._assessor.assess(read.patient, every_mimic=every), read.refused)
        reasons = Reasons(outcome)
        failures = [_failure(case, difference, reasons.of(difference)) for difference in differences(case.expect, outcome)]
        return CaseResult(case.id, case.document.file, case.line, tuple(failures))


def _failure(case: Case, difference: Difference, why: str) -> str:
    """A difference in one line, with its own line of the file."""
    step, wanted, came_out = difference
    document = case.document
    place = f"{document.file}:{document.line((*case.place, 'expect', *step))}"
    reason = f" Why: {why}." if why else ""
    return f"{place}: {' '.join(map(str, step))}: expected {wanted}, got {came_out}.{reason}"
