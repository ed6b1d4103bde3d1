"""A file of answers for scripts: ``finding: answer`` lines, each answer as people type it; or one patient as JSON."""

import sys
from pathlib import Path

from poems_cli.errors import PoemsError, Problem, input_error, reason, usage_error
from poems_cli.exit_codes import EXIT_INPUT
from poems_cli.interview.answers_file import patient_of
from poems_cli.interview.jump import named_finding
from poems_cli.interview.question import question_of
from poems_cli.interview.reading import Reader
from poems_cli.interview.sheet import NAMELESS
from poems_cli.model import Observed, Patient, Rules
from poems_cli.output_files import STANDARD
from poems_cli.phrases import listed
from poems_cli.records.problem import is_label
from poems_cli.suggestions import did_you_mean
from poems_cli.units import UnitSystem


def read_answers(rules: Rules, path: str, bare: UnitSystem | None = None) -> Patient:
    """The patient of a file of answers (``-`` is standard input). Raises :class:`PoemsError` with every wrong line."""
    try:
        text = sys.stdin.read() if path == STANDARD and sys.stdin else Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise usage_error(path, f"cannot be read: {reason(error)}", "check the path") from None
    except UnicodeDecodeError:
        raise input_error(path, "this is not UTF-8 text", "save it as UTF-8") from None
    if text.lstrip().startswith(("{", "[")):
        return patient_of(rules, text, path, bare).patient
    lines = _Lines(rules, path, bare)
    for number, line in enumerate(text.splitlines(), 1):
        lines.read(number, line)
    if lines.problems:
        raise PoemsError(lines.problems, EXIT_INPUT)
    return Patient(lines.name, lines.observed, {})


class _Lines:
    """The lines of one file, read one after the other."""

    def __init__(self, rules: Rules, path: str, bare: UnitSystem | None) -> None:
        self._rules = rules
        self._name = "standard input" if path == STANDARD else path
        self._reader = Reader(rules, bare)
        self._places: dict[str, int] = {}
        self.name = NAMELESS
        self.observed: dict[str, Observed] = {}
        self.problems: list[Problem] = []

    def read(self, number: int, line: str) -> None:
        """Take what one line says; blank lines and those that begin with # say nothing."""
        said = line.strip()
        if not said or said.startswith("#"):
            return
        key, colon, answer = said.partition(":")
        key, answer = key.strip(), answer.partition(" #")[0].strip()
        if not colon:
            self._wrong(number, "this line has no colon", "write finding: answer, such as polyneuropathy: yes")
        elif key.casefold() == "id":
            self.name = answer or NAMELESS
        else:
            self._finding(number, key, answer)

    def _finding(self, number: int, key: str, answer: str) -> None:
        found = named_finding(self._rules, key)
        if not isinstance(found, str):
            mend = f"it can be {listed(found, 'or')}" if found else did_you_mean(key, self._rules.findings)
            shown = f" {key!r}" if is_label(key) else " of this name"
            self._wrong(number, f"there is no finding{shown}", mend or "poems explain findings lists them")
            return
        if found in self._places:
            self._wrong(number, f"{found} has an answer already, in line {self._places[found]}", "keep one of the two")
            return
        self._places[found] = number
        question = question_of(self._rules, self._rules.findings[found])
        reading = self._reader.read(question, answer)
        if reading.wrong:
            self._wrong(number, f"{found}: {reading.wrong}", f'the question is "{question.ask}"')
        self.observed.update(reading.values)

    def _wrong(self, number: int, what: str, mend: str) -> None:
        self.problems.append(Problem(f"{self._name}:{number}", what, mend))
