"""What is remembered of one patient never shows in another's answer, and helpers answer as one process does."""

import json
import random
from pathlib import Path

import pytest

from poems_cli.checking.parallel import WARM_UP, json_writer
from poems_cli.engine.assess import Assessor
from poems_cli.model import Patient, Rules
from poems_cli.report.writing import Wanted
from tests.cli.command import poems


def some_patients(rules: Rules, count: int) -> list[Patient]:
    """Made-up patients, many of them alike, some contradicting themselves, some with reasons for what is unknown."""
    chance = random.Random(7)
    booleans = [finding.id for finding in rules.findings.values() if finding.kind == "boolean"]
    patients = []
    for number in range(count):
        chosen = chance.sample(booleans, chance.randint(0, 25))
        reasons = dict.fromkeys(chosen[:2], f"reason {number}") if number % 5 == 0 else {}
        observed = {finding: chance.random() < 0.3 for finding in chosen if finding not in reasons}
        patients.append(Patient(f"p{number}", {**observed, "polyneuropathy": True}, reasons))
    return patients


@pytest.mark.parametrize("brief", [False, True])
def test_an_answer_does_not_depend_on_the_patients_before(brief: bool, rules: Rules) -> None:
    assessor, writer = Assessor(rules), json_writer(rules, Wanted(brief=brief))
    for patient in [*some_patients(rules, 15), *some_patients(rules, 15)]:
        alone = json_writer(rules, Wanted(brief=brief)).written(Assessor(rules).assess(patient))
        assert writer.written(assessor.assess(patient)) == alone


def test_several_processes_answer_as_one_does(rules: Rules, tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": patient.id, "findings": dict(patient.observed)}) for patient in some_patients(rules, WARM_UP + 200)
    ]
    lines[WARM_UP + 3] = '{"polyneuropathi": true}'
    path = tmp_path / "patients.jsonl"
    path.write_text("\n".join(lines) + "\n")

    alone, together, usual = (
        poems("check", path.name, "--format", "json", *jobs, folder=tmp_path) for jobs in (["-j", "1"], ["--jobs", "2"], [])
    )
    assert alone == together == usual
    answered = [answer["patient"]["id"] for answer in alone.answers]
    assert answered == [f"p{number}" for number in range(len(lines)) if number != WARM_UP + 3]
    assert alone.code == 11
    assert alone.err.splitlines()[-1] == f"poems: 1 not understood, {len(lines) - 1} answered"
