"""Cases run against one set of rules, and compared with what they expect."""

from collections.abc import Iterator
from pathlib import Path

from poems_cli.authoring.cases import Case, CaseResult
from poems_cli.authoring.expectations import Difference, differences
from poems_cli.authoring.outcome import Engines, Outcome
from poems_cli.authoring.patients import CasePatients
from poems_cli.authoring.reading import read_examples
from poems_cli.authoring.reasons import Reasons
from poems_cli.model import Rules


def run_examples(rules: Rules, path: str | Path) -> Iterator[CaseResult]:
    """Run every case of a file, or of the YAML files of a folder in the order of their names."""
    patients, engines = CasePatients(rules), Engines(rules)
    for case in read_examples(rules, path):
        yield _run(case, patients, engines) if isinstance(case, Case) else case


def _run(case: Case, patients: CasePatients, engines: Engines) -> CaseResult:
    """One case, assessed and compared with what it expects."""
    read = patients.of(case)
    if isinstance(read, CaseResult):
        return read
    outcome = Outcome(engines, read.patient, refused=read.refused)
    reasons = Reasons(outcome)
    return case.result(_failure(case, difference, reasons.of(difference)) for difference in differences(case.expect, outcome))


def _failure(case: Case, difference: Difference, why: str) -> str:
    """A difference in one line, with its own line of the file."""
    step, wanted, came_out = difference
    document = case.document
    place = f"{document.file}:{document.line((*case.place, 'expect', *step))}"
    reason = f" Why: {why}." if why else ""
    return f"{place}: {' '.join(map(str, step))}: expected {wanted}, got {came_out}.{reason}"
