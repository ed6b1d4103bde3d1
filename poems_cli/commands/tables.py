"""The command for whole tables, ``poems screen``: it parses, calls and prints, as ``app.py`` does."""

import sys
from io import BytesIO
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, cast

import typer

from poems_cli.commands.options import (
    ColumnsOption,
    CriteriaOption,
    MimicsOption,
    RulesOption,
    UnitsOption,
    loaded_rules,
    names,
    write,
)
from poems_cli.exit_codes import EXIT_CONTRADICTORY
from poems_cli.idle_options import Idle, refuse_idle, refuse_idle_mimics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poems_cli.model import Rules
    from poems_cli.screening.options import ScreenOptions
    from poems_cli.screening.summary import Summary


FormChoice: TypeAlias = Literal["csv", "tsv", "parquet", "ndjson", "xlsx"]
TableChoice: TypeAlias = Literal["csv", "parquet", "ndjson"]
DecimalChoice: TypeAlias = Literal[".", ","]
VisitsChoice: TypeAlias = Literal["latest", "first", "each", "worst"]
EngineChoice: TypeAlias = Literal["auto", "spark"]


def screen(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Tables: CSV, TSV, Parquet, NDJSON, Excel and others, also compressed; quoted patterns; - is standard input.",
        ),
    ],
    outputs: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write to FILE; its extension sets the format (.csv .tsv .parquet .ndjson .xlsx). Repeatable.",
        ),
    ] = None,
    form: Annotated[
        FormChoice | None,
        typer.Option("--format", "-f", case_sensitive=False, help="The format, if the file name does not give it."),
    ] = None,
    map_path: Annotated[
        str | None, typer.Option("--map", metavar="FILE", help="Which column is which finding (see --suggest-map).")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say how the table would be read, and stop.")] = False,
    suggest_map: Annotated[
        bool, typer.Option("--suggest-map", help="Only write the mapping that would be used, to be corrected.")
    ] = False,
    id_heading: Annotated[
        str | None, typer.Option("--id", metavar="HEADING", help="The column that names the patient.")
    ] = None,
    columns: ColumnsOption = None,
    criteria: CriteriaOption = None,
    mimics: MimicsOption = False,
    worklist: Annotated[
        bool, typer.Option("--worklist", help="Only the patients who could still meet the default set, nearest first.")
    ] = False,
    rejects: Annotated[
        str | None,
        typer.Option("--rejects", metavar="FILE", help="Write every cell that was not understood, and every contradiction."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at anything not understood, contradictory or not read, and write nothing.")
    ] = False,
    summary: Annotated[str | None, typer.Option("--summary", metavar="FILE", help="Write the summary as JSON.")] = None,
    report: Annotated[
        str | None,
        typer.Option("--report", metavar="FILE", help="Write the counts as one page of HTML, without any patient's row."),
    ] = None,
    min_count: Annotated[
        int | None,
        typer.Option(
            "--min-count", min=2, metavar="N", help="With --report: hide counts below N, and what would give them away."
        ),
    ] = None,
    decimal: Annotated[
        DecimalChoice | None, typer.Option("--decimal", help="The decimal mark, where the numbers do not show it.")
    ] = None,
    units: UnitsOption = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", metavar="NAME", help="The sheet of a workbook, where several hold data.")
    ] = None,
    long: Annotated[
        str | None,
        typer.Option(
            "--long",
            metavar="ID,NAME,VALUE[,UNIT[,DATE]]",
            help="The table has one row per measurement: the headings of the patient, the test, the value, the unit, the date.",
        ),
    ] = None,
    visits: Annotated[
        VisitsChoice | None,
        typer.Option(
            "--visits",
            case_sensitive=False,
            help="Which of a patient's rows counts; worst takes for each finding what speaks most for the disease.",
        ),
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="HEADING", help="With --visits: the column with the date of the row.")
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option("--delimiter", metavar="SIGN", help="The delimiter of CSV, where it should not be detected."),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", metavar="NAME", help="The encoding of text that is not UTF-8, such as windows-1252."),
    ] = None,
    in_form: Annotated[
        TableChoice | None,
        typer.Option("--in-format", case_sensitive=False, help="The tables' format, if their names do not give it."),
    ] = None,
    spreadsheet_safe: Annotated[
        bool, typer.Option("--spreadsheet-safe", help="Put ' before cells that a spreadsheet would run as a formula.")
    ] = False,
    keep: Annotated[
        str | None,
        typer.Option("--keep", metavar="HEADING,...", help="Columns of the table to carry along in the answer; all for all."),
    ] = None,
    labels: Annotated[bool, typer.Option("--labels", help="Add a readable column next to each column of ids.")] = False,
    excel: Annotated[bool, typer.Option("--excel", help="Begin CSV with a byte order mark, as Excel wants it.")] = False,
    engine: Annotated[
        EngineChoice,
        typer.Option("--engine", case_sensitive=False, help="spark: for a table too large for one machine."),
    ] = "auto",
    master: Annotated[
        str | None, typer.Option("--master", metavar="URL", help="With --engine spark: where it runs; local[*] by default.")
    ] = None,
    memory_limit: Annotated[
        str | None,
        typer.Option("--memory-limit", metavar="SIZE", help="With --engine spark on this machine: its memory, such as 2GB."),
    ] = None,
    spill: Annotated[
        str | None,
        typer.Option("--spill", metavar="DIR", help="Where to keep what does not fit in memory; removed at the end."),
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, metavar="N", help="How many threads; all by default.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary on standard error.")] = False,
    rules: RulesOption = None,
) -> None:
    """Answer every criteria set for a table with one row per patient: who meets them, who is one test away, which test."""
    from poems_cli.rules.files import rule_paths
    from poems_cli.screening.options import ScreenOptions
    from poems_cli.screening.preparing import Shape
    from poems_cli.tables.table_file import TableOptions

    loaded = loaded_rules(rules, criteria or ())
    options = ScreenOptions(
        paths=tuple(files),
        outputs=tuple(outputs or ("-",)),
        form=form,
        map_path=map_path,
        id_heading=id_heading,
        table=TableOptions(delimiter, encoding, in_form, sheet),
        decimal=decimal,
        units=units,
        criteria=tuple(criteria or ()),
        columns=names(columns),
        shape=Shape(long, visits, date),
        mimics=mimics,
        worklist=worklist,
        rejects=rejects,
        strict=strict,
        check=check,
        summary=summary,
        report=report,
        min_count=min_count or 0,
        quiet=quiet,
        spreadsheet_safe=spreadsheet_safe,
        excel=excel,
        labels=labels,
        keep=names(keep),
        memory=memory_limit,
        spill=spill,
        threads=threads,
        engine=engine,
        master=master,
        read=rule_paths(rules),
    )
    refuse_idle(_idle_of_mapping(options) if suggest_map else _idle_of_engines(options))
    refuse_idle_mimics(mimics, options.columns)
    if engine == "auto":
        sys.meta_path.insert(0, _NoPandas)  # Spark asks for it
    raise typer.Exit(_suggest(loaded, options) if suggest_map else _screen(loaded, options))


#: The options that do nothing with ``--suggest-map``, which reads tables and only prints a mapping.
_ANSWERING = (
    "format", "columns", "criteria", "mimics", "worklist", "rejects", "strict", "summary", "report", "min-count",
    "spreadsheet-safe", "excel", "labels", "keep", "engine", "master", "memory-limit", "threads",
)  # fmt: skip
_FIELDS = {"format": "form", "memory-limit": "memory"}


def _idle_of_mapping(options: "ScreenOptions") -> list[Idle]:
    """The options that do nothing with ``--suggest-map``: those that are not as they are by default."""
    idle = []
    for name in _ANSWERING:
        field = _FIELDS.get(name, name.replace("-", "_"))
        given = getattr(options, field) != options._field_defaults[field]
        idle.append(Idle(f"--{name}", given, "--suggest-map answers nothing; leave it out"))
    return [*idle, _idle_id(options)]


def _idle_of_engines(options: "ScreenOptions") -> list[Idle]:
    """The options that do nothing with the engine that was asked for."""
    elsewhere = options.master is not None and not options.master.startswith("local")
    return [
        Idle("--min-count", options.min_count > 0 and options.report is None, "it works with --report FILE"),
        Idle("--date", options.shape.date is not None and options.shape.visits is None, "it works with --visits"),
        Idle("--master", options.master is not None and options.engine != "spark", "it works with --engine spark"),
        Idle("--memory-limit", options.memory is not None and options.engine != "spark", "it works with --engine spark"),
        Idle("--memory-limit", options.memory is not None and elsewhere, "the cluster of --master has its own memory"),
        Idle("--threads", options.threads is not None and options.master is not None, "--master says how many, as local[4]"),
        _idle_id(options),
    ]


def _idle_id(options: "ScreenOptions") -> Idle:
    given = options.id_heading is not None and options.map_path is not None
    return Idle("--id", given, "the mapping names the patient's column; write id: in it")


def _screen(rules: "Rules", options: "ScreenOptions") -> int:
    import pyarrow as pa

    from poems_cli.report.progress import Progress
    from poems_cli.screening.screen import screen as screen_tables

    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own gives memory back between batches: a tenth of the time

    def page(summary: "Summary") -> str:
        from poems_cli.report.html_screening import screening_html

        return screening_html(rules, summary, options.min_count)

    def lines(summary: "Summary") -> list[str]:
        from poems_cli.report.screening import summary_lines

        return summary_lines(rules, summary)

    done = screen_tables(rules, options, _stdin(), lambda fraction: Progress(fraction, quiet=options.quiet), page, lines)
    if options.check:
        from poems_cli.report.console import make_console
        from poems_cli.report.screening import print_reading

        print_reading(make_console(sys.stdout), done.summary)
        return 0
    if options.quiet:
        for remark in _what_is_lost(done.summary):
            typer.echo(f"poems: {remark}", err=True)
    else:
        from poems_cli.report.console import make_console
        from poems_cli.report.screening import print_summary

        print_summary(make_console(sys.stderr), rules, done.summary)
    return EXIT_CONTRADICTORY if done.contradictory else 0


def _what_is_lost(summary: "Summary") -> "Iterator[str]":
    """What a user must know however quiet the run is: what was not read, and what was not understood."""
    from poems_cli.phrases import counted, few_quoted

    if unplaced := summary.table.unplaced:
        named = few_quoted([column.heading for column in unplaced])
        yield f"columns not read: {named}; --suggest-map says why, null in the mapping leaves one out"
    yield from map(str, summary.notes)
    found = summary.not_understood
    if found.cells:
        were = "was not understood and counts" if found.cells == 1 else "were not understood and count"
        what = f"{counted(found.cells, 'cell')} in {counted(found.rows, 'row')} {were} as unknown"
        yield f"{what}; --rejects FILE lists them, --strict stops at them"


def _suggest(rules: "Rules", options: "ScreenOptions") -> int:
    from poems_cli.screening.options import files_read
    from poems_cli.screening.screen import suggested_map
    from poems_cli.tables.opening import named_files

    text = suggested_map(rules, options, _stdin())
    write(text, options.outputs[0], (*named_files(options.paths), *files_read(options)))
    return 0


class _NoPandas:
    """Says that pandas is not installed. Pyarrow would load it and take half of the start, and nothing here uses it."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def _stdin() -> BytesIO:
    return BytesIO() if sys.stdin is None else cast("BytesIO", sys.stdin.buffer)
