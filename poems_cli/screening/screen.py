"""A table of patients in, a table of answers out, each row once, in order."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from time import monotonic
from typing import BinaryIO, NamedTuple, TypeAlias

from poems_cli import __version__
from poems_cli.arrays.counts import Counts
from poems_cli.errors import PoemsError, Problem, reason, usage_error
from poems_cli.exit_codes import EXIT_CONTRADICTORY, EXIT_INPUT
from poems_cli.model import Rules
from poems_cli.phrases import quoted
from poems_cli.screening.options import (
    SAMPLE,
    ScreenOptions,
    checked,
    files_read,
    named_in_map,
    plan_of,
    profiles_of_table,
    seen_cells,
)
from poems_cli.screening.output_set import OutputSet
from poems_cli.screening.plan import Plan, Reject
from poems_cli.screening.preparing import prepared
from poems_cli.screening.reading_columns import is_same
from poems_cli.screening.run import Outcome, Progress, run
from poems_cli.screening.summarize import summarize
from poems_cli.screening.summary import Summary
from poems_cli.tables.batches import first_rows
from poems_cli.tables.map_writing import write_map
from poems_cli.tables.opening import named_files, open_tables

#: Shows how far a run has come, given a function that says so.
Watch: TypeAlias = Callable[[Callable[[], float | None]], AbstractContextManager[object]]

_SPILL = "poems-screen-"
_MOST_SHOWN = 10
_MOST_RUNS = 3


class Screened(NamedTuple):
    """What came of a run."""

    summary: Summary
    not_understood: bool
    contradictory: bool


def screen(
    rules: Rules,
    options: ScreenOptions,
    stdin: BinaryIO,
    watch: Watch,
    report: Callable[[Summary], str] | None = None,
    lines: Callable[[Summary], Sequence[str]] = lambda _: (),
) -> Screened:
    """Answer the tables, and write what was asked for.

    ``report`` makes the page of ``options.report``, ``lines`` those of the summary in a workbook.

    Raises :class:`PoemsError` for what cannot be screened, answered or written, and where the engine cannot go on. Nothing is
    written then.
    """
    begun = monotonic()
    with ExitStack() as stack:
        spill = stack.enter_context(_spill(options))
        tables = open_tables(options.paths, options.table, spill, stdin)
        plan = plan_of(rules, options, tables, spill)
        more = {"rejects": options.rejects, "summary": options.summary, "report": options.report}
        outputs = stack.enter_context(OutputSet(plan, more, (*named_files(options.paths), *files_read(options))))
        progress = Progress()
        with watch(lambda: progress.fraction):
            plan, outcome = _run(plan, options, outputs, progress)
        counts = outcome.counts
        summary = summarize(plan, counts, "arrays" if options.engine == "auto" else options.engine, monotonic() - begun)
        summary = summary._replace(program_version=__version__, outputs=outputs.written(), notes=outcome.notes)
        outputs.write_summary(summary)
        outputs.finish_workbooks(lambda: lines(summary))
        if report is not None:
            outputs.write_report(lambda: report(summary))
        outputs.finish()
    return Screened(summary, counts.faulty_rows > 0, counts.contradictory_rows > 0)


def _run(plan: Plan, options: ScreenOptions, outputs: OutputSet, progress: Progress) -> tuple[Plan, Outcome]:
    """Answer and write; once more where all cells show another reading of a column than the first ones."""
    for _ in range(_MOST_RUNS):
        outcome = _answered(plan, options, outputs, progress)
        decided = plan.table_map if plan.is_decided else outcome.profiles.decided()
        if is_same(decided, plan.table_map):
            break
        checked(decided, strict=options.strict)
        plan = plan._replace(table_map=decided, kinds={})
    if options.strict:
        _refuse(outcome.counts, outputs.first_rejects)
    return plan._replace(table_map=decided, profiles=outcome.profiles), outcome


def _answered(plan: Plan, options: ScreenOptions, outputs: OutputSet, progress: Progress) -> Outcome:
    if options.engine == "spark":
        from poems_cli.screening.spark_run import run_on_spark

        return run_on_spark(plan, outputs, options.master)
    return run(plan, outputs, progress)


def suggested_map(rules: Rules, options: ScreenOptions, stdin: BinaryIO) -> str:
    """The mapping that would be used, to be read and corrected. Raises as :func:`screen` does."""
    with _spill(options) as spill:
        tables = open_tables(options.paths, options.table, spill, stdin)
        tables = prepared(rules, tables, options.shape, options.id_heading, named_in_map(options))
        first = first_rows(tables[0], SAMPLE)
        profiles = profiles_of_table(rules, options, tables[0], first)
        profiles.add(tables[0].every or first.columns)
        return write_map(profiles.decided(), seen_cells(first), first.rows, rules, options.decimal)


def _spill(options: ScreenOptions) -> "tempfile.TemporaryDirectory[str]":
    """A folder for this user only, gone when it is left."""
    folder = options.spill or tempfile.gettempdir()
    if not Path(folder).is_dir():
        raise usage_error(folder, "there is no such folder", "make it, or name another with --spill")
    try:
        return tempfile.TemporaryDirectory(prefix=_SPILL, dir=folder)
    except OSError as error:
        raise usage_error(folder, f"cannot be written: {reason(error)}", "name another folder with --spill") from None


def _refuse(counts: Counts, rejects: Sequence[Reject]) -> None:
    """Stop a strict run at what is not understood or contradicts itself."""
    if not counts.faulty_rows and not counts.contradictory_rows:
        return
    problems: list[Problem] = []
    for reject in rejects[:_MOST_SHOWN]:
        place = f"column '{quoted(reject.column)}'" if reject.column else f"finding '{reject.finding}'"
        problems.append(Problem(f"{reject.file}, row {reject.row}, {place}", reject.problem, reject.mend))
    more = counts.faults.total() + counts.contradictions.total() - len(problems)
    if more:
        problems.append(Problem("", f"and {more} more", "--rejects FILE without --strict writes all of them"))
    raise PoemsError(problems, EXIT_INPUT if counts.faulty_rows else EXIT_CONTRADICTORY)
