"""How many questions the interview asks a clinician about published patients until nothing can change a verdict.

    python bench/questions.py FILE_OR_FOLDER

Every patient answers from the record: what it does not tell is "don't know". Beside it stands the fixed order of the rules
file, which asks each finding that any criteria set depends on until nothing that is left can change a verdict. The verdicts of
all sets must equal those of the whole record.
"""

import argparse
import json
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path

from poems_cli.engine.assess import Assessor
from poems_cli.engine.findings import resolve
from poems_cli.interview.clinician import ClinicianQuestions
from poems_cli.interview.question import Question
from poems_cli.interview.sheet import Given, Sheet
from poems_cli.model import Assessment, Observed, Patient, Rules
from poems_cli.records import PatientReader, Record
from poems_cli.report.template import depends_on
from poems_cli.rules.loading import load_rules


def take(questions: ClinicianQuestions, question: Question, values: Mapping[str, Observed]) -> None:
    """Answer one question; empty for what is not known."""
    questions.sheet.answer(Given(question.id, dict(values)))


def main() -> None:
    """Ask every patient and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="a JSON Lines file, or a folder of them")
    options = parser.parse_args()
    rules = load_rules()
    assessor = Assessor(rules)
    asked, fixed, equal = [], [], 0
    print(f"{'patient':12}{'asked':>7}{'fixed order':>13}   verdicts")
    for patient in _patients(rules, options.path):
        whole = assessor.assess(patient)
        questions, ended = interview(rules, patient)
        by_order = fixed_order(rules, assessor, patient)
        same = _verdicts(ended) == _verdicts(whole)
        asked.append(questions)
        fixed.append(by_order)
        equal += same
        print(f"{patient.id:12}{questions:7}{by_order:13}   {'equal' if same else _differ(ended, whole)}")
    share = sum(asked) / sum(fixed)
    print(
        f"median {statistics.median(asked):g} questions, fixed order {statistics.median(fixed):g}; all in all {share:.0%} of it"
    )
    print(f"verdicts of every set equal to those of the whole record: {equal} of {len(asked)}")


def interview(rules: Rules, patient: Patient) -> tuple[int, Assessment]:
    """Ask a patient who answers from the record; the number of questions and what came of it."""
    questions = ClinicianQuestions(Sheet(rules, Patient(patient.id, {}, {})))
    facts = resolve(rules, patient)
    while (question := questions.next()) is not None:
        take(questions, question, from_record(question, patient.observed, facts.values))
    return len(questions.sheet.given), questions.sheet.assessment()


def from_record(question: Question, observed: Mapping[str, Observed], values: Mapping[str, bool | None]) -> dict[str, Observed]:
    """What a record answers: the finding as it was said, else its known parts, else what follows of it."""
    if question.finding is None or question.kind != "truth":
        return {finding: observed[finding] for finding in question.covers if finding in observed}
    own = question.finding.id
    answer: dict[str, Observed] = {own: observed[own]} if own in observed else {}
    for item in question.items:
        value = values.get(item.finding.id)
        if value is not None and (value or answer.get(own) is not False):
            answer[item.finding.id] = value
    follows = values.get(own)
    if own not in answer and follows is not None and not any(value is True for value in answer.values()):
        answer = {own: follows}
    return answer


def fixed_order(rules: Rules, assessor: Assessor, patient: Patient) -> int:
    """How many findings the order of the rules file asks, of those that any criteria set depends on, until nothing matters."""
    depends = frozenset().union(*[depends_on(rules, set_id) for set_id in rules.criteria])
    facts = resolve(rules, patient)
    known: dict[str, Observed] = {}
    asked: set[str] = set()
    matters = {unknown.finding for unknown in assessor.assess(Patient(patient.id, known, {})).decisive_unknowns}
    for finding in rules.findings:
        if matters <= asked:
            break
        if finding not in depends:
            continue
        asked.add(finding)
        value = patient.observed.get(finding, facts.values.get(finding))
        if value is not None:
            known[finding] = value
            matters = {unknown.finding for unknown in assessor.assess(Patient(patient.id, known, {})).decisive_unknowns}
    return len(asked)


def _verdicts(assessment: Assessment) -> dict[str, tuple[str, str | None]]:
    return {result.id: (result.verdict, result.level) for result in assessment.criteria.values()}


def _differ(ended: Assessment, whole: Assessment) -> str:
    here, there = _verdicts(ended), _verdicts(whole)
    return "; ".join(f"{set_id} {here[set_id][0]}, not {there[set_id][0]}" for set_id in here if here[set_id] != there[set_id])


def _patients(rules: Rules, path: Path) -> Iterator[Patient]:
    reader = PatientReader(rules)
    for file in sorted(path.glob("*.jsonl")) if path.is_dir() else [path]:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            case = json.loads(line)
            reading = reader.read(
                Record({"id": str(case.get("id") or number), "findings": case["findings"]}, file.name, number)
            )
            if reading.patient is not None:
                yield reading.patient


if __name__ == "__main__":
    main()
