"""The file in which an interview's answers are kept: written after each one, for this user only.

It is valid input for ``poems check``. No other file is ever written over.
"""

import json
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from poems_cli.errors import PoemsError, reason, usage_error
from poems_cli.exit_codes import EXIT_USAGE
from poems_cli.model import Observed, Patient, Rules
from poems_cli.output_files import begun, check_targets, is_file_to_be
from poems_cli.questionnaire import Audience, Given, Questionnaire
from poems_cli.records import PatientReader, Record
from poems_cli.records.patient import plain_value
from poems_cli.rules import units_of


class Kept(NamedTuple):
    """What a file of answers holds: the patient, who answered, and the questions in their order.

    ``is_own`` where an interview kept the file; any other file with a patient is only read.
    """

    patient: Patient
    audience: Audience | None
    asked: tuple[str, ...]
    is_own: bool = False


def state_folder() -> Path:
    """Where answers are kept when no file is named: the user's own state folder. Raises :class:`PoemsError`."""
    root = os.environ.get("XDG_STATE_HOME")
    try:
        return (Path(root) if root else Path.home() / ".local" / "state") / "poems"
    except RuntimeError:
        raise usage_error("", "there is no home folder to keep the answers in", "name a file with --save") from None


def new_file() -> str:
    """A new file in the state folder, named by the time. Raises :class:`PoemsError` where the folder cannot be made."""
    folder = state_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        what = f"the folder for answers cannot be made: {reason(error)}"
        raise usage_error(str(folder), what, "name a file with --save") from None
    return str(folder / f"answers-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.json")


def latest_file() -> str | None:
    """The file in the state folder that was written last."""
    found = list(state_folder().glob("answers-*.json"))
    return str(max(found, key=lambda one: one.stat().st_mtime)) if found else None


def check_new(path: str, outputs: Sequence[str], read: Iterable[str]) -> None:
    """Raise :class:`PoemsError` unless answers can be kept in a new file here, apart from what is written and read.

    What is no file, as /dev/null, is written as it is; a named pipe is refused, for nobody reads it once an answer.
    """
    check_targets([*outputs, path], read)
    if Path(path).is_file():
        mend = f"to go on with the answers in it: poems check --resume --save {path}; to start anew, name another file"
        raise usage_error(path, "this file is there already, and would be lost", mend)
    if not is_file_to_be(path) and not Path(path).is_char_device():
        raise usage_error(path, "answers cannot be kept in a pipe", "name a file with --save")


def check_own(path: str, kept: Kept, outputs: Sequence[str], read: Iterable[str]) -> None:
    """Raise :class:`PoemsError` unless an interview kept this file, and it can go on there."""
    check_targets([*outputs, path], read)
    if not kept.is_own:
        what = "poems check --ask did not write this file, and would write over it"
        raise usage_error(path, what, f"to start from it: poems check --ask --answers {path}")


def keep(path: str, questionnaire: Questionnaire, audience: Audience) -> None:
    """Write the answers whole or not at all. Raises :class:`PoemsError`."""
    patient = questionnaire.patient()
    data = {
        "id": patient.id,
        "questionnaire": {"for": audience, "asked": [one.question for one in questionnaire.given]},
        "findings": {finding: plain_value(value) for finding, value in patient.observed.items()},
    }
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    try:
        if not is_file_to_be(path):
            Path(path).write_text(text, encoding="utf-8")
            return
        with begun(path) as part:
            Path(part.path).write_text(text, encoding="utf-8")
            part.put_in_place()
    except OSError as error:
        mend = "choose another place with --save"
        if Path(path).is_file():
            mend = f"those before are whole in this file; to go on once it can be written: poems check --resume --save {path}"
        raise usage_error(path, f"the answers cannot be kept: {reason(error)}", mend) from None


def read_kept(rules: Rules, path: str) -> Kept:
    """The answers of a file: one that an interview kept, or any file with one patient as JSON."""
    try:
        data = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise usage_error(path, f"cannot be read: {reason(error)}", "check the path") from None
    except (ValueError, RecursionError):
        raise usage_error(path, "this is not JSON", "give a file that poems check kept, or one patient as JSON") from None
    reading = PatientReader(rules, units_of(rules)).read(Record(data, path, 1))
    if reading.patient is None or reading.problems:  # to go on would write the file anew without what was not understood
        raise PoemsError(reading.problems, EXIT_USAGE)
    own: Any = data.get("questionnaire") if isinstance(data, dict) else None
    is_own = isinstance(own, dict)
    own = own if is_own else {}
    listed = own.get("asked") if isinstance(own.get("asked"), list) else ()
    asked = tuple([finding for finding in listed if isinstance(finding, str) and finding in rules.findings])
    audience: Audience | None = own["for"] if own.get("for") in ("patient", "clinician") else None
    return Kept(reading.patient, audience, asked, is_own)


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
