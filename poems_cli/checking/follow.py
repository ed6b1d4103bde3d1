"""``poems follow``: dated visits of one patient in, their course out."""

import sys
from io import BytesIO
from typing import NamedTuple

from poems_cli.checking.inputs import contradiction, read_visits
from poems_cli.engine.course import Course, follow
from poems_cli.errors import PoemsError, usage_error
from poems_cli.exit_codes import EXIT_CONTRADICTORY
from poems_cli.model import Rules
from poems_cli.phrases import listed
from poems_cli.records.visits import Visit
from poems_cli.report.formats import COURSE_FORMATS, FORMATS, Outputs, Target, suffixes, writer_of
from poems_cli.report.writing import AS_USUAL, Wanted
from poems_cli.units import UnitSystem


class FollowOptions(NamedTuple):
    """What was asked for, as plain data; ``read`` are further files that are read, over which nothing is written.

    ``units`` is the system of units that numbers without one are in, where an option says so.
    """

    paths: tuple[str, ...]
    targets: tuple[Target, ...]
    wanted: Wanted = AS_USUAL
    read: tuple[str, ...] = ()
    units: UnitSystem | None = None


def run(rules: Rules, options: FollowOptions) -> int:
    """The command: the exit code, as docs/howto-scripts.md lists them."""
    for target in options.targets:
        if not FORMATS[target.form].course:
            mend = f"end the file in {listed(suffixes(COURSE_FORMATS), 'or')}"
            raise usage_error("--output", f"a course has no format {target.form!r}", mend)
    if rules.outlook is None or rules.outlook.follow_up is None:
        raise usage_error("--rules", "these rules do not say what is followed", "add follow: under outlook:")
    stdin = BytesIO() if sys.stdin is None else sys.stdin.buffer
    with Outputs(options.targets, (*options.paths, *options.read)) as outputs:
        visits, problems = read_visits(options.paths, rules, stdin, options.units)
        if problems:
            raise PoemsError(problems)
        course = course_of(rules, visits)
        outputs.begin(lambda form, place: writer_of(FORMATS[form].course, rules, options.wanted, place))
        outputs.write(course)
    disputed = sorted({visit for visit, _ in course.contradictions})
    for visit in disputed:
        findings = [finding for number, finding in course.contradictions if number == visit]
        print(f"poems: {contradiction(visits[visit].place, findings)}", file=sys.stderr)
    return EXIT_CONTRADICTORY if disputed else 0


def course_of(rules: Rules, visits: tuple[Visit, ...]) -> Course:
    """The course of the patient whose visits these are, the earliest first."""
    named = next((visit.given_id for visit in visits if visit.given_id is not None), None)
    return follow(rules, named, [(visit.date, visit.patient) for visit in visits])
