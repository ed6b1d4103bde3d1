"""The command ``poems sql``: it parses, calls and prints."""

import sys
import tempfile
from io import BytesIO
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from poems_cli.commands.completion import finding_ids
from poems_cli.commands.options import (
    ColumnsOption,
    CriteriaOption,
    MimicsOption,
    OutputOption,
    RulesOption,
    loaded_rules,
    names,
    write,
)
from poems_cli.idle_options import Idle, refuse_idle, refuse_idle_mimics

if TYPE_CHECKING:
    from poems_cli.model import Rules
    from poems_cli.sql.text import LikeTable


DialectChoice: TypeAlias = Literal["duckdb", "postgres", "spark", "snowflake", "bigquery"]


def sql(
    dialect: Annotated[
        DialectChoice,
        typer.Option("--dialect", "-d", case_sensitive=False, help="The engine; see below which of them are tested."),
    ] = "duckdb",
    table: Annotated[str, typer.Option("--from", metavar="TABLE", help="The table, as the engine names it.")] = "patients",
    id_column: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="The column that names the patient; id by default.")
    ] = None,
    findings: Annotated[
        str | None,
        typer.Option(
            "--findings",
            metavar="NAME,...",
            autocompletion=finding_ids,
            help="The columns that the table has, by the ids of findings; for a measured one also NAME__low, NAME__high (the "
            "laboratory's limits) and NAME__comparator. By default all that the criteria sets depend on.",
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option("--like", metavar="FILE", help="The table has the headings of this file, read as poems screen does."),
    ] = None,
    map_path: Annotated[
        str | None, typer.Option("--map", metavar="FILE", help="With --like: which column is which finding.")
    ] = None,
    criteria: CriteriaOption = None,
    columns: ColumnsOption = None,
    mimics: MimicsOption = False,
    output: OutputOption = "-",
    rules: RulesOption = None,
) -> None:
    """Write the rules as one SQL query over a table of patients, for an engine where the table is.

    The table has one row per patient and typed columns: booleans for findings that are present or absent, numbers in the units
    that the heading of the query lists, words for choices; NULL is unknown. A table in which numbers are text is answered by
    poems screen. Names of small letters, digits and _ are written without quotes, all others in quotes exactly as they are.

    The queries for duckdb, postgres and spark are tested against the answers of poems screen. Those for snowflake and bigquery
    have never been run: compare some rows before you rely on them.
    """
    from poems_cli.rules.files import rule_paths
    from poems_cli.sql.text import SqlOptions, written_query
    from poems_cli.tables.opening import named_files

    loaded = loaded_rules(rules, criteria or ())
    refuse_idle_mimics(mimics, names(columns))
    idle_map = Idle("--map", bool(map_path and like is None), "it explains the headings of a file; name it with --like")
    idle_findings = Idle("--findings", bool(findings and like), "--like says which columns there are; give one of the two")
    idle_id = Idle("--id", bool(id_column and map_path), "the mapping names the patient's column; write id: in it")
    refuse_idle([idle_map, idle_findings, idle_id])
    options = SqlOptions(
        dialect=dialect,
        table=table,
        id_column=id_column,
        criteria=tuple(criteria or ()),
        columns=names(columns),
        mimics=mimics,
        findings=names(findings),
        like=None if like is None else _like(loaded, like, map_path, id_column),
    )
    query = written_query(loaded, options)
    like_files = named_files([like]) if like is not None else ()
    write(query.text, output, (*rule_paths(rules), *like_files, *([map_path] if map_path else ())))
    for remark in query.remarks:
        typer.echo(f"poems: {remark}", err=True)


def _like(rules: "Rules", path: str, map_path: str | None, id_column: str | None) -> "LikeTable":
    """What a file says of the table: which column is which finding, and of what types they are."""
    from poems_cli.screening.options import ScreenOptions, checked, profiles_of_table, refuse_ambiguous
    from poems_cli.sql.text import LikeTable
    from poems_cli.tables.batches import ROWS, first_rows
    from poems_cli.tables.opening import open_tables
    from poems_cli.tables.table_file import TableOptions

    options = ScreenOptions((path,), map_path=map_path, id_heading=id_column)
    with tempfile.TemporaryDirectory(prefix="poems-sql-") as spill:
        tables = open_tables([path], TableOptions(), spill, BytesIO() if sys.stdin is None else sys.stdin.buffer)
        first = first_rows(tables[0], ROWS)
        profiles = profiles_of_table(rules, options, tables[0], first)
        profiles.add(first.columns)
    table_map = profiles.decided()
    refuse_ambiguous(table_map)
    checked(table_map, strict=False)
    is_typed = tables[0].form == "parquet"
    return LikeTable(table_map, {heading: str(cells.type) for heading, cells in first.columns.items() if is_typed})
