"""The file in which an interview's answers are kept: written after each one, for this user only.

It is valid input for ``poems check``.
"""

import json
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

from poems_cli.model import Observed, Patient, Rules
from poems_cli.questionnaire import Audience, Given, Questionnaire
from poems_cli.records import PatientReader, Record
from poems_cli.records.patient import plain_value
from poems_cli.rules import units_of


class AnswersError(Exception):
    """A file of answers cannot be read or written; the message says how to mend it."""


class Kept(NamedTuple):
    """What a file of answers holds: the patient, who answered, and the questions in their order."""

    patient: Patient
    audience: Audience | None
    asked: tuple[str, ...]


def state_folder() -> Path:
    """Where answers are kept when no file is named: the user's own state folder."""
    root = os.environ.get("XDG_STATE_HOME")
    return (Path(root) if root else Path.home() / ".local" / "state") / "poems"


def new_file() -> str:
    """A new file in the state folder, named by the time."""
    return str(state_folder() / f"answers-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.json")


def latest_file() -> str | None:
    """The file in the state folder that was written last."""
    found = list(state_folder().glob("answers-*.json"))
    return str(max(found, key=lambda one: one.stat().st_mtime)) if found else None


def keep(path: str, questionnaire: Questionnaire, audience: Audience) -> None:
    """Write the answers whole or not at all."""
    patient = questionnaire.patient()
    data = {
        "id": patient.id,
        "questionnaire": {"for": audience, "asked": [one.question for one in questionnaire.given]},
        "findings": {finding: plain_value(value) for finding, value in patient.observed.items()},
    }
    place = Path(path)
    beside = place.with_name(f"{place.name}.part")
    try:
        if place.parent == state_folder():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(handle, 0o600)
            json.dump(data, file, ensure_ascii=False, indent=1)
            file.write("\n")
        beside.replace(place)
    except OSError as error:
        message = f"{path}: the answers cannot be kept: {(error.strerror or 'error').lower()}. Choose another place with --save"
        raise AnswersError(message) from None


def read_kept(rules: Rules, path: str) -> Kept:
    """The answers of a file: one that an interview kept, or any file with one patient as JSON."""
    try:
        data = json.loads(Path(path).read_bytes())
    except OSError as error:
        message = f"{path}: cannot be read: {(error.strerror or 'error').lower()}. Check the path"
        raise AnswersError(message) from None
    except (ValueError, RecursionError):
        message = f"{path}: this is not JSON. Give a file that poems check kept, or one patient as JSON"
        raise AnswersError(message) from None
    reading = PatientReader(rules, units_of(rules)).read(Record(data, path, 1))
    if reading.patient is None:
        raise AnswersError("; ".join(f"{one.where}: {one.message}; {one.mend}" for one in reading.problems))
    told: Any = data.get("questionnaire") if isinstance(data, dict) else None
    told = told if isinstance(told, dict) else {}
    asked = tuple([one for one in told.get("asked") or () if one in rules.findings])
    audience: Audience | None = told["for"] if told.get("for") in ("patient", "clinician") else None
    return Kept(reading.patient, audience, asked)


def taken_up(rules: Rules, kept: Kept, audience: Audience, criteria: tuple[str, ...]) -> Questionnaire:
    """The interview that a file holds, where it was left: its answers can be taken back one by one."""
    observed = dict(kept.patient.observed)
    given: list[Given] = []
    for question in kept.asked:
        own = [
            one for one in observed if one == question or (rules.findings[one].part_of == question and one not in kept.asked)
        ]
        values: dict[str, Observed] = {one: observed.pop(one) for one in own}
        given.append(Given(question, values))
    questionnaire = Questionnaire(rules, audience, kept.patient._replace(observed=observed), criteria)
    questionnaire.given.extend(given)
    return questionnaire
