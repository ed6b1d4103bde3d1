"""``poems check --ask``: an interview, then the result: as ``poems check`` prints it, or as a patient's page."""

import sys
import time
from io import StringIO
from pathlib import Path
from shlex import quote
from textwrap import wrap
from typing import IO, NamedTuple

from rich.text import Text

from poems_cli.checking.check import CheckOptions, exit_code_of, write_one
from poems_cli.checking.inputs import contradiction
from poems_cli.errors import PoemsError, usage_error
from poems_cli.exit_codes import EXIT_CONTRADICTORY, EXIT_USAGE
from poems_cli.idle_options import Idle, refuse_idle
from poems_cli.interview.answers_file import AnswersFile, check_new, check_own, latest_file, read_kept, resumed
from poems_cli.interview.patient_page import page_text, patient_page
from poems_cli.interview.question import NAME, Audience
from poems_cli.interview.screen import Screen
from poems_cli.interview.session import Session
from poems_cli.interview.sheet import Sheet
from poems_cli.interview.specialists import bring
from poems_cli.interview.typed_answers import read_answers
from poems_cli.interview.wording import Wording
from poems_cli.interview.words_typed import BACK, HELP, LEAVE, UNKNOWN, YES, word_of
from poems_cli.model import Rules
from poems_cli.output_files import STANDARD, check_targets, write_text
from poems_cli.phrases import counted
from poems_cli.report.console import make_console
from poems_cli.report.pager import show

_WHO = {"p": "patient", "patient": "patient", "1": "patient", "c": "clinician", "clinician": "clinician", "2": "clinician"}


_WHO_HELP = (
    "A patient is asked in plain words, and gets a page to take to a doctor.",
    "A clinician is asked in clinical terms, with values, and gets the whole answer.",
)


class AskOptions(NamedTuple):
    """What was asked for: who answers, where the answers are kept, and what is known before the first question.

    ``audience`` is ``None`` where no option says it; ``answers`` is a file to start from, ``resume`` goes on with kept answers.
    Without ``asks`` the answers of the file are all there are. ``rules`` are those that were named.
    """

    audience: Audience | None = None
    plain: bool = False
    save: str | None = None
    resume: bool = False
    answers: str | None = None
    asks: bool = True
    rules: str | None = None

    @property
    def command(self) -> str:
        """What is typed to go on, with the rules that were used."""
        return "poems check" if self.rules is None else f"poems check --rules {quote(self.rules)}"


class _Left(Exception):  # noqa: N818  # not an error: the one who answers has left
    """The interview was left before it began."""


def run(rules: Rules, options: AskOptions, check: CheckOptions) -> int:
    """The interview and its result; the exit code, as docs/howto-scripts.md lists them."""
    if not options.asks:
        return _answered(rules, options, check)
    screen = Screen(sys.stderr, plain=options.plain)
    answers = sys.stdin or StringIO()  # there is none when the caller closed it
    file, sheet = AnswersFile("clinician"), None
    try:
        sheet, audience, file = _start(rules, options, check, screen, answers)
        session = Session(rules, sheet, audience, screen, answers, file, check.units)
        ending = session.run()
    except _Left:
        screen.say(file.where(options.command))
        return 0
    except PoemsError:
        if file.path:
            screen.say(file.where(options.command))
        raise
    except (KeyboardInterrupt, SystemExit):
        if sheet is not None:
            file.keep(sheet)  # it may have come while the last answer was being written
        screen.say("", file.where(options.command))
        raise
    if ending == "left":
        screen.say(file.where(options.command))
        return 0
    code = _result(rules, options, check, sheet, audience, screen, file)
    return code or (EXIT_USAGE if file.is_behind else 0)


def _answered(rules: Rules, options: AskOptions, check: CheckOptions) -> int:
    """The result of a file of answers, without a question."""
    audience: Audience = options.audience or "clinician"
    _check_for_patient(rules, audience, check)
    check_targets([target.path for target in check.targets if target.path is not None], check.read)
    sheet = Sheet(rules, read_answers(rules, options.answers or "", check.units), check.criteria)
    return _result(rules, options, check, sheet, audience, None, None, options.answers or "")


def _start(
    rules: Rules, options: AskOptions, check: CheckOptions, screen: Screen, answers: IO[str]
) -> tuple[Sheet, Audience, AnswersFile]:
    """A new interview, or one that goes on where it was left; and the file in which it is kept."""
    outputs = [target.path for target in check.targets if target.path is not None]
    check_targets(outputs, check.read)
    path = options.save
    if options.resume:
        path = path or latest_file()
        if path is None:
            raise usage_error("--resume", "there are no saved answers to go on with", "start with poems check --ask")
        return _going_on(rules, options.audience, check, path, outputs)
    is_live = answers.isatty()
    if is_live and path is not None and Path(path).is_file() and _offered(rules, path, None, screen, answers):
        return _going_on(rules, options.audience, check, path, outputs)
    if path is not None:
        check_new(path, outputs, check.read)
    if options.answers == STANDARD:
        raise usage_error("--answers", "standard input holds what is asked for", "name a file, or leave --ask out")
    known = read_answers(rules, options.answers, check.units) if options.answers else None
    audience = options.audience or (_who(rules.title, screen, answers) if is_live else "clinician")
    _check_for_patient(rules, audience, check)
    if is_live and path is None and known is None:
        latest = latest_file()
        if latest is not None and _offered(rules, latest, audience, screen, answers):
            return _going_on(rules, audience, check, latest, outputs)
    return Sheet(rules, known, check.criteria), audience, AnswersFile(audience, path)


def _going_on(
    rules: Rules, wanted: Audience | None, check: CheckOptions, path: str, outputs: list[str]
) -> tuple[Sheet, Audience, AnswersFile]:
    """The interview that a file holds."""
    kept = read_kept(rules, path)
    check_own(path, kept, outputs, check.read)
    audience = wanted or kept.audience or "clinician"
    _check_for_patient(rules, audience, check)
    of_patient = {block.id for block in rules.questionnaire.patient}
    of_clinician = {block.id for block in rules.questionnaire.symptoms}
    looked_for = {item.finding for block in rules.questionnaire.patient for item in block.looked_for}
    questions = of_patient | looked_for if audience == "patient" else of_clinician | set(rules.findings)
    sheet = resumed(rules, kept, check.criteria, lambda question: question == NAME or question in questions)
    return sheet, audience, AnswersFile(audience, path, is_there=True)


def _who(title: str, screen: Screen, answers: IO[str]) -> Audience:
    """Who answers, as is asked first of all."""
    while True:
        screen.note("Who answers the questions?")
        screen.ask_briefly("p a patient, for oneself; c a clinician, for a patient; h help; q leave", title)
        word = _word(answers)
        if word in _WHO:
            return "patient" if _WHO[word] == "patient" else "clinician"
        screen.note(*_WHO_HELP if word in HELP else ["This is the first question."] if word in BACK else ["Type p or c."])


def _offered(rules: Rules, path: str, audience: Audience | None, screen: Screen, answers: IO[str]) -> bool:
    """Whether to go on with answers that are kept, where there are any of this audience."""
    try:
        kept = read_kept(rules, path)
    except PoemsError:
        return False
    if not kept.is_own or not kept.asked or audience not in (None, kept.audience):
        return False
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(Path(path).stat().st_mtime))
    while True:
        screen.note(f"{counted(len(kept.asked), 'answer')} of {when} are saved in {path}.")
        screen.ask_briefly("y go on with them; n or Enter start over, and leave them as they are; q leave", rules.title)
        word = _word(answers)
        if word in YES:
            return True
        if word in UNKNOWN | {"n", "no"}:
            return False


def _word(answers: IO[str]) -> str:
    line = answers.readline()
    word = word_of(line)
    if not line or word in LEAVE:
        raise _Left
    return word


def _check_for_patient(rules: Rules, audience: Audience, check: CheckOptions) -> None:
    """Refuse rules without questions to a patient, and what would show a patient more than the page."""
    if audience != "patient":
        return
    if not rules.questionnaire.patient:
        mend = "leave it out, or add patient: under questionnaire:"
        raise usage_error("--for", "these rules have no questions in plain words", mend)
    mend = "a patient gets a page in plain words; leave it out, or give the saved answers to poems check"
    refuse_idle(
        [
            Idle("--format", any(target.form != "table" for target in check.targets), mend),
            Idle("--explain", check.wanted.explain, mend),
            Idle("--all-mimics", check.wanted.every_mimic, mend),
            Idle("--all-tests", check.wanted.every_test, mend),
            Idle("--exit-verdict", check.exit_verdict, mend),
            Idle("--copy", check.copy, mend),
        ]
    )


def _result(
    rules: Rules,
    options: AskOptions,
    check: CheckOptions,
    sheet: Sheet,
    audience: Audience,
    screen: Screen | None,
    file: AnswersFile | None,
    place: str = "",
) -> int:
    """Write the result, and say where the answers are."""
    assessment = sheet.assessment()
    if audience == "patient":
        _write_page(rules, check, sheet)
    else:
        write_one(rules, check, assessment)
    sys.stdout.flush()
    if screen is not None and file is not None:
        again = [f"The same result again: {options.command} {file.path}"] if file.path and audience == "clinician" else []
        advice = bring(rules, assessment) if audience == "clinician" else ()
        screen.say("", *advice, file.where(options.command), *again)
        place = file.path or "the answers"
    if audience == "patient":
        return 0
    if assessment.facts.contradictions:
        problem = contradiction(place, [disputed.finding for disputed in assessment.facts.contradictions])
        print(f"poems: {problem}", file=sys.stderr)
        return EXIT_CONTRADICTORY
    return exit_code_of([assessment.criteria[assessment.default_criteria].verdict]) if check.exit_verdict else 0


def _write_page(rules: Rules, check: CheckOptions, sheet: Sheet) -> None:
    """The patient's page to every output."""
    names = Wording(rules, "patient").names
    lines = list(page_text(rules.title, patient_page(rules, sheet, names), sheet.name))
    for target in check.targets:
        page = StringIO()
        console = make_console(sys.stdout if target.path is None else page)
        with console.capture() as printed:
            for line, is_heading in lines:
                start = "  - " if line.startswith("  - ") else "  " * line.startswith("  ")
                words = line.removeprefix(start)
                rows = wrap(words, min(console.width, 100), initial_indent=start, subsequent_indent=" " * len(start)) or [""]
                console.print(*[Text(row, style="bold" if is_heading else "") for row in rows], sep="\n")
        if target.path is None:
            show(printed.get(), sys.stdout, paged=check.wanted.paged)
        else:
            write_text(target.path, printed.get(), check.read)
