"""``poems check``: patients in, assessments out, one after the other and never two in memory."""

import gc
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from io import BytesIO
from itertools import chain, islice
from typing import IO, Any, NamedTuple

from poems_cli.checking.inputs import read_patients
from poems_cli.checking.parallel import answers, json_writer, processors
from poems_cli.engine.assess import Assessor
from poems_cli.errors import Problem, usage_error
from poems_cli.exit_codes import EXIT_CONTRADICTORY, EXIT_INPUT
from poems_cli.model import Assessment, Rules, Verdict
from poems_cli.report.formats import Form, Outputs, Target
from poems_cli.rules.loading import units_of
from poems_cli.units import UnitSystem, UnitTable

#: How many new objects may be made between two runs of the garbage collector. Cached answers live on, and walking them as often
#: as Python does by default would cost a fifth of a long run.
_SELDOM = 400_000


class CheckOptions(NamedTuple):
    """What was asked for, as plain data.

    ``exit_verdict`` makes the exit code the verdict; ``every_mimic`` shows all mimics and answers their criteria, and
    ``every_test`` shows all tests; ``jobs`` is the number of processes for a long run, 0 for all processors. ``plain`` asks for
    words without boxes, bars or signs; ``copy`` puts the note on the clipboard; ``paged`` allows a pager where the terminal is
    shorter than the answer. ``read`` are the files that are read besides the patients', over which nothing is written;
    ``brief`` answers in JSON with ids, verdicts and counts alone. ``units`` is the system of units that numbers without one are
    in, where that was said.
    """

    paths: tuple[str, ...]
    targets: tuple[Target, ...]
    criteria: tuple[str, ...] = ()
    explain: bool = False
    exit_verdict: bool = False
    every_mimic: bool = False
    jobs: int = 0
    plain: bool = False
    copy: bool = False
    paged: bool = True
    every_test: bool = False
    read: tuple[str, ...] = ()
    brief: bool = False
    units: UnitSystem | None = None


class CheckResult(NamedTuple):
    """What came of it: how many patients were answered, what could not be read, and whether anything was contradictory.

    ``in_part`` counts the patients who were answered without what of them was not understood.
    """

    answered: int
    in_part: int
    refused: int
    contradictory: int
    verdicts: frozenset[Verdict]


def check(rules: Rules, units: UnitTable, options: CheckOptions, stdin: Any, stderr: IO[str]) -> CheckResult:
    """Assess every patient of every input and write each to every output; problems go to ``stderr`` as they are met."""
    assessor = Assessor(rules, options.criteria)
    readings = read_patients(options.paths, rules, units, stdin, system=options.units)
    tally = _Tally(stderr)
    assessment = None
    # Before anything is read: who typed a wrong name need not wait to hear it.
    with Outputs(options.targets, (*options.paths, *options.read)) as outputs:
        first = list(islice(readings, 2))
        several = len(first) > 1
        if several and options.copy:
            raise usage_error(
                "--copy", "only one patient's note can be copied", "leave it out, or give a file with one patient"
            )
        if several:
            gc.set_threshold(_SELDOM)
            gc.enable()
        if several and all(target.form == "json" for target in options.targets):
            jobs = options.jobs or processors()
            stream = chain(first, readings)
            every, brief = options.every_mimic, options.brief
            for outcome in answers(rules, assessor, stream, jobs, every_mimic=every, brief=brief):
                tally.problems(outcome.problems, answered=outcome.answer is not None)
                if outcome.answer is not None:
                    tally.answered(outcome.answer.verdict, outcome.answer.contradictory, outcome.place)
                    outputs.each(partial(write_line, outcome.answer.text))
            return tally.result()
        writer = _Writer(rules, options, several)
        for reading in chain(first, readings):
            tally.problems(reading.problems, answered=reading.patient is not None)
            if reading.patient is not None:
                assessment = assessor.assess(reading.patient, every_mimic=options.every_mimic)
                verdict = assessment.criteria[assessment.default_criteria].verdict
                contradictory = [one.finding for one in assessment.facts.contradictions]
                tally.answered(verdict, contradictory, reading.place)
                outputs.each(partial(writer.write, assessment))
    if options.copy and assessment is not None:
        _copy_note(rules, assessment, stderr)
    return tally.result()


class _Tally:
    """What came of the records so far; problems are told as they come."""

    def __init__(self, stderr: IO[str]) -> None:
        self._stderr = stderr
        self._answered = self._in_part = self._refused = self._contradictory = 0
        self._verdicts: set[Verdict] = set()
        self._first: Problem | None = None

    def problems(self, problems: Sequence[Problem], *, answered: bool) -> None:
        self._refused += not answered
        self._in_part += answered and bool(problems)
        for problem in problems:
            print(f"poems: {problem}", file=self._stderr)

    def answered(self, verdict: Verdict, contradictory: Sequence[str], place: str) -> None:
        self._answered += 1
        self._verdicts.add(verdict)
        if contradictory:
            self._contradictory += 1
            self._first = self._first or contradiction(place, contradictory)

    def result(self) -> CheckResult:
        if self._first is not None:
            others = self._contradictory - 1
            more = f" ({others} more {'patients are' if others > 1 else 'patient is'} contradictory)" if others else ""
            print(f"poems: {self._first}{more}", file=self._stderr)
        return CheckResult(self._answered, self._in_part, self._refused, self._contradictory, frozenset(self._verdicts))


def contradiction(place: str, findings: Sequence[str]) -> Problem:
    """What contradicts itself, by its place and its findings: never with the patient's id or values."""
    mend = "correct what is wrong; until then it counts as unknown"
    return Problem(place, f"contradictory: {', '.join(findings)}", mend)


def run(rules: Rules, options: CheckOptions) -> int:
    """The command: check with this process's streams; the exit code, as docs/howto-scripts.md lists them."""
    stdin = BytesIO() if sys.stdin is None else sys.stdin.buffer  # there is none when the caller closed it
    result = check(rules, units_of(rules), options, stdin, sys.stderr)
    if result.refused or result.in_part:
        print(f"poems: {_counts(result)}", file=sys.stderr)
        return EXIT_INPUT
    if result.contradictory:
        return EXIT_CONTRADICTORY
    return exit_code_of(result.verdicts) if options.exit_verdict else 0


def _counts(result: CheckResult) -> str:
    """How many were not understood, and how many were answered, in whole or in part."""
    counts = [f"{result.refused} not understood"] if result.refused else []
    counts += [f"{result.answered} answered"] if result.answered else []
    if result.in_part == result.answered == 1:
        counts.append("without what was not understood")
    elif result.in_part:
        counts.append(f"{result.in_part} of them without what was not understood")
    return ", ".join(counts)


def write_one(rules: Rules, options: CheckOptions, assessment: Assessment) -> None:
    """Write one assessment to every output."""
    with Outputs(options.targets, options.read) as outputs:
        outputs.each(partial(_Writer(rules, options, several=False).write, assessment))
    if options.copy:
        _copy_note(rules, assessment, sys.stderr)


def _copy_note(rules: Rules, assessment: Assessment, stderr: IO[str]) -> None:
    """Copy the note, and say where it went; that there is no clipboard takes nothing from the answer that was given."""
    from poems_cli.report.clipboard import copy
    from poems_cli.report.note import to_note

    sys.stdout.flush()
    print(f"poems: {copy(to_note(rules, assessment), stderr)}", file=stderr)


class _Writer:
    """Writes one assessment in one format."""

    def __init__(self, rules: Rules, options: CheckOptions, several: bool) -> None:
        self._rules = rules
        self._options = options
        self._explain = options.explain
        self._every_mimic = options.every_mimic
        self._json = json_writer(rules, every_mimic=options.every_mimic, brief=options.brief)
        self._several = several
        self._consoles: dict[int, Any] = {}
        self._begun: set[int] = set()

    def write(self, assessment: Assessment, form: Form, stream: IO[str], to_file: bool) -> None:
        if form == "json":
            text = self._json.written(assessment)
            pretty = not self._several and not to_file and stream.isatty()
            write_line(indented(text) if pretty else text, form, stream, to_file)
        elif form == "markdown":
            from poems_cli.report.markdown import to_markdown

            separator = "\n---\n\n" if id(stream) in self._begun else ""
            page = to_markdown(self._rules, assessment, explain=self._explain, every_mimic=self._every_mimic)
            stream.write(separator + page)
        elif form == "svg":
            from poems_cli.report.picture import to_svg

            self._refuse_several("a picture shows one patient")
            stream.write(to_svg(self._rules, assessment, explain=self._explain, every_mimic=self._every_mimic))
        elif form == "html":
            from poems_cli.report.html_patient import to_html

            self._refuse_several("a page shows one patient")
            every = {"every_mimic": self._every_mimic, "every_test": self._options.every_test}
            page = to_html(self._rules, assessment, explain=self._explain, **every)
            stream.write(page if _is_utf8(stream) else page.encode("ascii", "xmlcharrefreplace").decode("ascii"))
        elif form == "note":
            from poems_cli.report.note import to_note

            separator = "\n" if id(stream) in self._begun else ""
            stream.write(separator + to_note(self._rules, assessment))
        else:
            self._table(stream, assessment, to_file)
        self._begun.add(id(stream))

    def _refuse_several(self, what: str) -> None:
        if self._several:
            raise usage_error("--format", what, "choose another format for several, or check one patient at a time")

    def _table(self, stream: IO[str], assessment: Assessment, to_file: bool) -> None:
        """The table; a single one on a terminal goes through a pager where it is longer than the terminal."""
        from poems_cli.report.console import make_console
        from poems_cli.report.table import print_assessment

        console = self._consoles.get(id(stream))
        if console is None:
            console = self._consoles[id(stream)] = make_console(stream)
        printing = partial(
            print_assessment,
            console,
            self._rules,
            assessment,
            explain=self._explain,
            several=self._several,
            every_mimic=self._every_mimic,
            every_test=self._options.every_test,
            plain=self._options.plain,
        )
        if self._several or to_file or not stream.isatty():
            printing()
            return
        from poems_cli.report.overview import verdict_line
        from poems_cli.report.pager import show

        with console.capture() as printed:
            printing()
        show(printed.get(), stream, paged=self._options.paged, last_line=verdict_line(self._rules, assessment))


def write_line(text: str, _form: Form, stream: IO[str], _to_file: bool) -> None:
    """JSON text, as a line of its own."""
    stream.write((text if _is_utf8(stream) else _ascii(text)) + "\n")


def indented(text: str) -> str:
    """JSON text laid out for people."""
    import json

    return json.dumps(json.loads(text), ensure_ascii=False, indent=2)


def _is_utf8(stream: IO[str]) -> bool:
    return str(getattr(stream, "encoding", None) or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8")


def _ascii(text: str) -> str:
    """JSON text for a stream that is not UTF-8, as a reader of JSON expects: the same, in letters that every stream has."""
    import json

    return json.dumps(json.loads(text), separators=(",", ":")) if not text.isascii() else text


def exit_code_of(verdicts: Iterable[Verdict]) -> int:
    """The exit code for ``--exit-verdict``: 0 when any patient's default set is met, 20 when all are not, else 21."""
    found = set(verdicts)
    if "met" in found:
        return 0
    return 20 if found == {"not met"} else 21
