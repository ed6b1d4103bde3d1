"""``poems check --ask``: an interview, then the result as ``poems check`` prints it."""

import shutil
import sys
from io import StringIO
from textwrap import wrap
from typing import IO, NamedTuple

from poems_cli.answers_file import Kept, check_new, check_own, keep, latest_file, new_file, read_kept, taken_up
from poems_cli.checking import CheckOptions, contradiction, exit_code_of, write_one
from poems_cli.errors import usage_error
from poems_cli.exit_codes import EXIT_CONTRADICTORY
from poems_cli.interview import Interview
from poems_cli.model import Patient, Rules
from poems_cli.questionnaire import Audience, Questionnaire
from poems_cli.report.bring import bring
from poems_cli.rules import units_of


class AskOptions(NamedTuple):
    """What was asked for: who answers, where the answers are kept, and what is known before the first question.

    ``audience`` is ``None`` where it was not said; ``answers`` is a file to start from, ``resume`` goes on with kept answers.
    """

    audience: Audience | None = None
    plain: bool = False
    save: str | None = None
    resume: bool = False
    answers: str | None = None


def run(rules: Rules, options: AskOptions, check: CheckOptions) -> int:
    """The interview and its result; the exit code as the README lists them."""
    screen = sys.stderr
    questionnaire, audience, path = _start(rules, options, check)
    keep(path, questionnaire, audience)
    interview = Interview(rules, units_of(rules), questionnaire, audience, path, plain=options.plain, width=_width(screen))
    try:
        ending = interview.run(sys.stdin or StringIO(), screen)  # there is none when the caller closed it
    except KeyboardInterrupt:
        print(f"\n{_kept(path)}", file=screen)
        raise
    if ending == "left":
        print(_kept(path), file=screen)
        return 0
    assessment = questionnaire.assessment()
    write_one(rules, check, assessment)
    sys.stdout.flush()
    print(file=screen)
    for line in (*bring(rules, assessment, audience), _kept(path), f"The same result again: poems check {path}"):
        indent = "   " if line.startswith(" ") else ""
        print(*wrap(line, _width(screen), subsequent_indent=indent, break_on_hyphens=False), sep="\n", file=screen)
    if assessment.facts.contradictions:
        problem = contradiction(path, [one.finding for one in assessment.facts.contradictions])
        print(f"poems: {problem}", file=screen)
        return EXIT_CONTRADICTORY
    return exit_code_of([assessment.criteria[assessment.default_criteria].verdict]) if check.exit_verdict else 0


def _start(rules: Rules, options: AskOptions, check: CheckOptions) -> tuple[Questionnaire, Audience, str]:
    """A new interview, or one taken up where it was left; and the file in which it is kept."""
    outputs = [target.path for target in check.targets if target.path is not None]
    if options.resume:
        path = options.save or latest_file()
        if path is None:
            raise usage_error("--resume", "there are no kept answers to go on with", "start with poems check --ask")
        kept = read_kept(rules, path)
        check_own(path, kept, outputs, check.read)
        audience = options.audience or kept.audience or "clinician"
        return taken_up(rules, kept, audience, check.criteria), audience, path
    known = read_kept(rules, options.answers) if options.answers else Kept(Patient("me", {}, {}), None, ())
    audience = options.audience or known.audience or "clinician"
    path = options.save or new_file()
    check_new(path, outputs, check.read)
    return Questionnaire(rules, audience, known.patient, check.criteria), audience, path


def _kept(path: str) -> str:
    return f"Your answers are kept in {path}; to go on: poems check --resume --save {path}"


def _width(screen: IO[str]) -> int:
    return shutil.get_terminal_size((80, 24)).columns if screen.isatty() else 100
