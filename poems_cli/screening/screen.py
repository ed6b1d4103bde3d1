"""A table of patients in, a table of answers out, each row once, in order."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from time import monotonic
from typing import BinaryIO, NamedTuple, TypeAlias

from poems_cli import __version__
from poems_cli.errors import PoemsError, Problem, reason, usage_error
from poems_cli.exit_codes import EXIT_CONTRADICTORY, EXIT_INPUT
from poems_cli.model import Rules
from poems_cli.records.problem import quoted
from poems_cli.rules.loading import units_of
from poems_cli.screening.counts import Counts
from poems_cli.screening.options import ScreenOptions, files_read, mapping, plan_of, seen_cells
from poems_cli.screening.output_set import Named, Targets
from poems_cli.screening.plan import Engine, Plan, Reject
from poems_cli.screening.row_check import RowCheck
from poems_cli.screening.summarize import summarize
from poems_cli.screening.summary import Summary
from poems_cli.tables.deciding import DecidingOptions, decide_table, profiles_of
from poems_cli.tables.map_writing import write_map
from poems_cli.tables.opening import named_files, open_tables
from poems_cli.tables.table_bytes import is_utf8
from poems_cli.tables.table_file import TableError

#: Shows how far a run is, given what tells it.
Watch: TypeAlias = Callable[[Callable[[], float | None]], AbstractContextManager[object]]

#: Below so many bytes of text the Python engine has answered before a database has started.
SMALL = 30_000

_SPILL = "poems-screen-"
_MOST_TOLD = 10


class Screened(NamedTuple):
    """What came of a run."""

    summary: Summary
    not_understood: bool
    contradictory: bool


def screen(
    rules: Rules, options: ScreenOptions, stdin: BinaryIO, watch: Watch, report: Callable[[Summary], str] | None = None
) -> Screened:
    """Answer the tables, and write what was asked for; ``report`` makes the page of ``options.report``.

    Raises :class:`PoemsError` for what cannot be screened, answered or written, and where the engine cannot go on. Nothing is
    written then.
    """
    begun = monotonic()
    with ExitStack() as stack:
        spill = stack.enter_context(_spill(options))
        tables = open_tables(options.paths, options.table, spill, stdin)
        plan = plan_of(rules, options, tables, spill)
        named = Named(options.output, options.rejects, options.summary, options.report)
        read = (*named_files(options.paths), *files_read(options))
        targets = stack.enter_context(Targets(named, spill, read, spreadsheet_safe=options.spreadsheet_safe))
        engine = _engine(plan, options)
        stack.callback(engine.close)
        check = RowCheck(tables)
        with watch(engine.fraction):
            counts = _run(engine, check)
            check.compare(counts.rows)
            if options.strict:
                _refuse(counts, engine.rejects())
            rows = targets.write(engine)
            if not options.worklist and rows != counts.rows:
                what = f"{counts.rows} rows were read and {rows} written"
                raise usage_error("", what, "nothing was put in place; please report it, without patients' data")
            rejected = targets.write_rejects(engine.rejects())
        outputs = targets.outputs("worklist" if options.worklist else "verdicts", rows, rejected)
        summary = summarize(plan, counts, engine.name, monotonic() - begun)
        summary = summary._replace(program_version=__version__, outputs=outputs)
        targets.write_summary(summary)
        if report is not None:
            targets.write_report(lambda: report(summary))
        targets.finish()
    return Screened(summary, counts.faulty_rows > 0, counts.contradictory_rows > 0)


def _run(engine: Engine, check: RowCheck) -> Counts:
    """Answer the rows the quick way; anew with more care where a cell, or a quote, does not allow it."""
    counts = None
    with suppress(TableError):  # what is wrong with the table is found by the check, or comes again with more care
        counts = engine.run(quick=True, parallel=True)
    quick, parallel = check.join()
    if counts is not None and quick and parallel:
        return counts
    return engine.run(quick=False, parallel=parallel)


def suggested_map(rules: Rules, options: ScreenOptions, stdin: BinaryIO) -> str:
    """The mapping that would be used, to be read and corrected. Raises as :func:`screen` does."""
    with _spill(options) as spill:
        tables = open_tables(options.paths, options.table, spill, stdin)
        table_map = mapping(rules, options, tables[0].headings)
        rows, seen = seen_cells(tables[0])
        units, decimal = units_of(rules), "," if options.decimal == "," else None
        profiles = profiles_of(table_map, seen, rules, units)
        table_map = decide_table(table_map, profiles, rules, units, DecidingOptions(decimal=decimal))
        return write_map(table_map, seen, rows, rules, units, decimal)


def _spill(options: ScreenOptions) -> "tempfile.TemporaryDirectory[str]":
    """A folder for this user only, gone when it is left."""
    folder = options.spill or tempfile.gettempdir()
    if not is_utf8(str(Path(folder).absolute())):
        raise usage_error(quoted(folder), "the folder's name is not text in UTF-8", "name another with --spill")
    if not Path(folder).is_dir():
        raise usage_error(folder, "there is no such folder", "make it, or name another with --spill")
    try:
        return tempfile.TemporaryDirectory(prefix=_SPILL, dir=folder)
    except OSError as error:
        raise usage_error(folder, f"cannot be written: {reason(error)}", "name another folder with --spill") from None


def _engine(plan: Plan, options: ScreenOptions) -> Engine:
    name = options.engine
    if name == "auto":
        name = "python" if _is_small(plan) else "duckdb"
    if name == "python":
        from poems_cli.screening.python_engine import PythonEngine

        if plan.form == "parquet" or plan.packed:
            raise usage_error("", "the Python engine writes plain CSV, TSV and NDJSON", "leave out --engine python")
        return PythonEngine(plan)
    if name == "spark":
        from poems_cli.screening.spark_engine import SparkEngine

        return SparkEngine(plan, options.master)
    from poems_cli.screening.duckdb_engine import DuckdbEngine

    return DuckdbEngine(plan)


def _is_small(plan: Plan) -> bool:
    is_plain = plan.form != "parquet" and not plan.packed and not plan.asks_mimics
    if not is_plain or any(table.form != "csv" or table.compression for table in plan.tables):
        return False
    return sum(Path(table.path).stat().st_size for table in plan.tables) <= SMALL


def _refuse(counts: Counts, rejects: Iterator[Reject]) -> None:
    """Stop a strict run at what is not understood or contradicts itself."""
    if not counts.faulty_rows and not counts.contradictory_rows:
        return
    problems: list[Problem] = []
    for one in rejects:
        if len(problems) == _MOST_TOLD:
            more = counts.faults.total() + counts.contradictions.total() - _MOST_TOLD
            problems.append(Problem("", f"and {more} more", "--rejects FILE without --strict writes all of them"))
            break
        place = f"column '{quoted(one.heading)}'" if one.heading else f"finding '{one.finding}'"
        problems.append(Problem(f"{one.file}, row {one.row}, {place}", one.problem, one.mend))
    raise PoemsError(problems, EXIT_INPUT if counts.faulty_rows else EXIT_CONTRADICTORY)
