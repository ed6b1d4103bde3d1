"""``poems check``: patients in, assessments out, one after the other and never two in memory."""

import gc
import sys
from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import chain, islice
from typing import IO, Any, NamedTuple

from poems_cli.checking.inputs import contradiction, read_patients
from poems_cli.checking.parallel import answers
from poems_cli.engine.assess import Assessor
from poems_cli.errors import Problem, usage_error
from poems_cli.exit_codes import EXIT_CONTRADICTORY, EXIT_INPUT, EXIT_NOT_MET, EXIT_UNDETERMINED
from poems_cli.machine import processors
from poems_cli.model import Assessment, Rules, Verdict
from poems_cli.phrases import counted
from poems_cli.report.formats import FORMATS, Outputs, Target, refuse_several, writer_of
from poems_cli.report.json_line import line_writer
from poems_cli.report.writing import AS_USUAL, Wanted
from poems_cli.units import UnitSystem

#: How many new objects may be made between two runs of the garbage collector. Cached answers live on, and walking them as often
#: as Python does by default would cost a fifth of a long run, which leaves no cycles to be collected.
_SELDOM = 4_000_000


class CheckOptions(NamedTuple):
    """What was asked for, as plain data.

    ``wanted`` is how the answers are to be written; its ``every_mimic`` answers the criteria of all mimics, too.
    ``exit_verdict`` makes the exit code the verdict; ``jobs`` is the number of processes for a long run, 0 for all processors;
    ``copy`` puts the note on the clipboard. ``read`` are the files that are read besides the patients', over which nothing is
    written. ``units`` is the system of units that numbers without one are in, where an option says so.
    """

    paths: tuple[str, ...]
    targets: tuple[Target, ...]
    criteria: tuple[str, ...] = ()
    wanted: Wanted = AS_USUAL
    exit_verdict: bool = False
    jobs: int = 0
    copy: bool = False
    read: tuple[str, ...] = ()
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


def check(rules: Rules, options: CheckOptions, stdin: Any, stderr: IO[str]) -> CheckResult:
    """Assess every patient of every input and write each to every output; problems go to ``stderr`` as they occur."""
    assessor = Assessor(rules, options.criteria)
    readings = read_patients(options.paths, rules, stdin, system=options.units)
    tally = _Tally(stderr)
    assessment = None
    # Before anything is read: who typed a wrong name need not wait to hear it.
    with Outputs(options.targets, (*options.paths, *options.read)) as outputs:
        first = list(islice(readings, 2))
        several = len(first) > 1
        wanted = options.wanted._replace(several=several)
        if several and options.copy:
            raise usage_error(
                "--copy", "only one patient's note can be copied", "leave it out, or give a file with one patient"
            )
        if several:
            refuse_several(target.form for target in options.targets)
            gc.set_threshold(_SELDOM)
            gc.enable()
        if several and all(target.form == "json" for target in options.targets):
            jobs = options.jobs or processors()
            stream = chain(first, readings)
            outputs.begin(lambda _form, place: line_writer(place))
            for outcome in answers(rules, assessor, stream, jobs, wanted):
                tally.problems(outcome.problems, answered=outcome.answer is not None)
                if outcome.answer is not None:
                    tally.answered(outcome.answer.verdict, outcome.answer.contradictory, outcome.place)
                    outputs.write(outcome.answer.text)
            return tally.result()
        outputs.begin(lambda form, place: writer_of(FORMATS[form].module, rules, wanted, place))
        for reading in chain(first, readings):
            tally.problems(reading.problems, answered=reading.patient is not None)
            if reading.patient is not None:
                assessment = assessor.assess(reading.patient, every_mimic=wanted.every_mimic)
                verdict = assessment.criteria[assessment.default_criteria].verdict
                contradictory = [disputed.finding for disputed in assessment.facts.contradictions]
                tally.answered(verdict, contradictory, reading.place)
                outputs.write(assessment)
    if options.copy and assessment is not None:
        _copy_note(rules, assessment, stderr)
    return tally.result()


class _Tally:
    """What came of the records so far; problems are printed as they come."""

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
            others = counted(self._contradictory - 1, "more patient is", "more patients are")
            more = f" ({others} contradictory)" if self._contradictory > 1 else ""
            print(f"poems: {self._first}{more}", file=self._stderr)
        return CheckResult(self._answered, self._in_part, self._refused, self._contradictory, frozenset(self._verdicts))


def run(rules: Rules, options: CheckOptions) -> int:
    """The command: check with this process's streams; the exit code, as docs/howto-scripts.md lists them."""
    stdin = BytesIO() if sys.stdin is None else sys.stdin.buffer  # there is none when the caller closed it
    result = check(rules, options, stdin, sys.stderr)
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
        outputs.begin(lambda form, place: writer_of(FORMATS[form].module, rules, options.wanted, place))
        outputs.write(assessment)
    if options.copy:
        _copy_note(rules, assessment, sys.stderr)


def _copy_note(rules: Rules, assessment: Assessment, stderr: IO[str]) -> None:
    """Copy the note, and say where it went; that there is no clipboard takes nothing from the answer that was given."""
    from poems_cli.report.clipboard import copy
    from poems_cli.report.note import to_note

    sys.stdout.flush()
    print(f"poems: {copy(to_note(rules, assessment), stderr)}", file=stderr)


def exit_code_of(verdicts: Iterable[Verdict]) -> int:
    """The exit code for ``--exit-verdict``: 0 when any patient's default set is met, else whether all are not met."""
    found = set(verdicts)
    if "met" in found:
        return 0
    return EXIT_NOT_MET if found == {"not met"} else EXIT_UNDETERMINED
