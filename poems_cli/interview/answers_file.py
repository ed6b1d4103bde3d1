"""The file in which an interview's answers are saved: after each one, for this user only, and never over another file.

It is valid input for ``poems check``. Before the first answer there is no file. Where it cannot be written any more (a full
disk, no home folder), the answers go to another private file, and that is said.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from poems_cli.errors import PoemsError, reason, usage_error
from poems_cli.exit_codes import EXIT_USAGE
from poems_cli.interview.question import Audience
from poems_cli.interview.sheet import Given, Sheet
from poems_cli.model import Patient, Rules
from poems_cli.output_files import PRIVATE, Part, begun, check_targets, is_file_to_be
from poems_cli.records import PatientReader, Record
from poems_cli.records.patient import round_trip
from poems_cli.units import UnitSystem


class Kept(NamedTuple):
    """What a file of answers holds: the patient, who answered, and each answer with the findings that it speaks of.

    ``is_own`` where an interview kept the file; any other file with a patient is only read.
    """

    patient: Patient
    audience: Audience | None
    asked: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    is_own: bool = False


class AnswersFile:
    """Where the answers of one interview are kept; without a ``path`` a new file, named at the first answer."""

    def __init__(self, audience: Audience, path: str | None = None, *, is_there: bool = False) -> None:
        self._audience = audience
        self._path = path
        self._mark = _mark(path) if path is not None and is_there else None
        self._is_whole = is_there
        self.is_behind = False  # the last answers could not be written anywhere

    @property
    def path(self) -> str | None:
        """Where the answers are; ``None`` while there are none."""
        return self._path if self._is_whole else None

    def keep(self, sheet: Sheet) -> str | None:
        """Write the answers whole. A message where they went elsewhere, or could not be written at all."""
        if not self._is_whole and not (sheet.name or any(given.values or given.opened for given in sheet.given)):
            return None  # nothing was answered yet, whatever was skipped
        text = _as_text(sheet, self._audience)
        failed: list[str] = []
        for place in self._places(failed):
            error = self._write(place, text)
            if error is None:
                self._path, self._mark, self._is_whole, self.is_behind = place, _mark(place), True, False
                return f"{'; '.join(failed)}; they are saved in {place} from here on" if failed else None
            failed.append(f"the answers cannot be saved in {place}: {error}")
        self.is_behind = True
        earlier = f"; those before are whole in {self.path}" if self.path else ""
        return f"{failed[0]}{earlier}"

    def where(self, command: str) -> str:
        """One line that says where the answers are, and how to go on; ``command`` names other rules where they were used."""
        if self.path is None and self.is_behind:
            return "Your answers could not be saved anywhere; note them down."
        if self.path is None:
            return "Nothing was answered yet, so nothing is saved."
        which = "Your answers but the last ones, which could not be written," if self.is_behind else "Your answers"
        return f"{which} are saved in {self.path}; to go on: {command} --resume --save {self.path}"

    def _places(self, failed: list[str]) -> Iterator[str]:
        """Where to write, the best place first; why there is none in the home folder is added to what ``failed``."""
        if self._path is not None:
            yield self._path
        try:
            yield new_file()
        except PoemsError as error:
            failed.append(error.problems[0].what)
        name = f"poems-answers-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.json"
        yield str(Path(tempfile.gettempdir()) / name)

    def _write(self, place: str, text: str) -> str | None:
        """Write one file whole, or not at all; why not, if so. A file that is not this interview's is never written over."""
        try:
            if not is_file_to_be(place):
                Path(place).write_text(text, encoding="utf-8")
                return None
            is_ours = place == self._path and self._mark is not None
            if is_ours and _mark(place) not in (self._mark, None):
                return "another program has written to it"
            with begun(place, PRIVATE) as part:
                Path(part.path).write_text(text, encoding="utf-8")
                if is_ours:
                    part.put_in_place()
                else:
                    _put_in_new_place(part)
        except OSError as error:
            return reason(error)
        return None


def _put_in_new_place(part: Part) -> None:
    """Let a part take a place where no file is. Raises FileExistsError where one has appeared there meanwhile."""
    try:
        os.link(part.path, part.place)
    except FileExistsError:
        raise
    except OSError:  # some file systems have no links
        os.close(os.open(part.place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
        part.put_in_place()


def _mark(path: str) -> tuple[int, int, int] | None:
    """What tells a file from another one written to the same place."""
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns


def _as_text(sheet: Sheet, audience: Audience) -> str:
    asked = [
        {"question": given.question, "says": [*given.values, *given.reasons]}
        | ({"opened": list(given.opened)} if given.opened else {})
        for given in sheet.given
    ]
    data = round_trip(sheet.patient())
    own = {"id": data["id"], "questionnaire": {"for": audience, "asked": asked}, "findings": data["findings"]}
    return json.dumps(own, ensure_ascii=False, indent=1) + "\n"


def state_folder() -> Path:
    """Where answers are kept when no file is named: the user's own state folder. Raises :class:`PoemsError`."""
    root = os.environ.get("XDG_STATE_HOME")
    try:
        return (Path(root) if root else Path.home() / ".local" / "state") / "poems"
    except RuntimeError:
        raise usage_error("", "there is no home folder to save the answers in", "name a file with --save") from None


def new_file() -> str:
    """A name for a new file in the state folder, by the time. Raises :class:`PoemsError` where the folder cannot be made."""
    folder = state_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        what = f"the folder for answers cannot be made: {reason(error)}"
        raise usage_error(str(folder), what, "name a file with --save") from None
    return str(folder / f"answers-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.json")


def latest_file() -> str | None:
    """The file in the state folder that was written last; ``None`` where there is none, or no such folder."""
    try:
        found = list(state_folder().glob("answers-*.json"))
        return str(max(found, key=lambda path: path.stat().st_mtime)) if found else None
    except (PoemsError, OSError):
        return None


def check_new(path: str, outputs: Sequence[str], read: Iterable[str]) -> None:
    """Raise :class:`PoemsError` unless answers can be kept in a new file here, apart from what is written and read.

    What is not a file, as /dev/null, is written as it is; a named pipe is refused, since nothing reads it once per answer.
    """
    check_targets([*outputs, path], read)
    if Path(path).is_file():
        mend = f"to go on with the answers in it: poems check --resume --save {path}; to start over, name another file"
        raise usage_error(path, "this file is there already, and would be lost", mend)
    if not is_file_to_be(path) and not Path(path).is_char_device():
        raise usage_error(path, "answers cannot be saved in a pipe", "name a file with --save")
    folder = Path(path).resolve().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        what = "there is no such folder" if not folder.is_dir() else "its folder cannot be written to"
        raise usage_error(path, f"the answers cannot be saved: {what}", "choose another place with --save")


def check_own(path: str, kept: Kept, outputs: Sequence[str], read: Iterable[str]) -> None:
    """Raise :class:`PoemsError` unless an interview kept this file, and it can go on there."""
    check_targets([*outputs, path], read)
    if not kept.is_own:
        what = "poems check --ask did not write this file, and would write over it"
        raise usage_error(path, what, f"to start from it: poems check --ask --answers {path}")


def read_kept(rules: Rules, path: str) -> Kept:
    """The answers of a file: one that an interview kept, or any file with one patient as JSON."""
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise usage_error(path, f"cannot be read: {reason(error)}", "check the path") from None
    return patient_of(rules, text, path)


def patient_of(rules: Rules, text: str | bytes, path: str, bare: UnitSystem | None = None) -> Kept:
    """The answers that the text of a file holds as JSON."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise usage_error(path, "this is not JSON", "give a file that poems check saved, or one patient as JSON") from None
    reading = PatientReader(rules, bare).read(Record(data, path, 1))
    if reading.patient is None or reading.problems:  # to go on would rewrite the file without what was not understood
        raise PoemsError(reading.problems, EXIT_USAGE)
    own: Any = data.get("questionnaire") if isinstance(data, dict) else None
    is_own = isinstance(own, dict)
    own = own if is_own else {}
    listed = own.get("asked") if isinstance(own.get("asked"), list) else ()
    asked = tuple([entry for record in listed if (entry := _answer_of(rules, record)) is not None])
    audience: Audience | None = own["for"] if own.get("for") in ("patient", "clinician") else None
    return Kept(reading.patient, audience, asked, is_own)


def _answer_of(rules: Rules, entry: Any) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    """One answer of the file: its question, what it speaks of, and what it opens; ``None`` where it is not understood."""
    if not isinstance(entry, dict) or not isinstance(entry.get("question"), str):
        return None
    says, opened = (
        tuple([finding for finding in entry.get(key) or () if isinstance(finding, str) and finding in rules.findings])
        for key in ("says", "opened")
    )
    return entry["question"], says, opened


def resumed(rules: Rules, kept: Kept, criteria: tuple[str, ...], is_question: Callable[[str], bool]) -> Sheet:
    """The sheet that a file holds: each of its answers can be changed again."""
    observed, reasons = dict(kept.patient.observed), dict(kept.patient.reasons)
    given = []
    for question, says, opened in kept.asked:
        if is_question(question):
            values = {finding: observed.pop(finding) for finding in says if finding in observed}
            given.append(
                Given(question, values, opened, {finding: reasons.pop(finding) for finding in says if finding in reasons})
            )
    known: Mapping[str, Any] = {"observed": observed, "reasons": reasons}
    sheet = Sheet(rules, kept.patient._replace(**known), criteria)
    for answer in given:
        sheet.answer(answer)
    return sheet
