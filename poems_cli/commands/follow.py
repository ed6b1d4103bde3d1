"""The command ``poems follow``: it parses, calls and prints, as ``app.py`` does."""

from enum import StrEnum
from typing import Annotated

import typer

from poems_cli.commands.options import NoPagerOption, RulesOption, UnitsOption, loaded_rules
from poems_cli.idle_options import Idle, refuse_idle
from poems_cli.report.formats import COURSE_FORMATS, suffixes

FormChoice = StrEnum("FormChoice", {name: name for name in COURSE_FORMATS})  # type: ignore[misc]  # made of the list of formats

_OUTPUT = f"Write to FILE; its extension sets the format ({' '.join(suffixes(COURSE_FORMATS))})."


def follow(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Visits of one patient as JSON or YAML, each with a date: one file each, or a list; - is standard input.",
        ),
    ],
    rules: RulesOption = None,
    form: Annotated[
        list[FormChoice] | None, typer.Option("--format", "-f", case_sensitive=False, help="How to answer; repeatable with -o.")
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option("--output", "-o", metavar="FILE", help=_OUTPUT),
    ] = None,
    units: UnitsOption = None,
    plain: Annotated[bool, typer.Option("--plain", help="Whole words for a screen reader: no boxes, bars or symbols.")] = False,
    no_pager: NoPagerOption = False,
) -> None:
    """Show one patient from visit to visit: VEGF, M protein, nerves, fluid, skin, lungs, their change, and the response."""
    from poems_cli.checking.follow import FollowOptions, run
    from poems_cli.report.formats import targets
    from poems_cli.report.writing import Wanted
    from poems_cli.rules.files import rule_paths

    chosen = tuple(targets([choice.value for choice in form or ()], output or []))
    table = any(target.form == "table" for target in chosen)
    refuse_idle([Idle("--plain", plain and not table, "it works with the table")])
    options = FollowOptions(tuple(files), chosen, Wanted(plain=plain, paged=not no_pager), rule_paths(rules), units)
    raise typer.Exit(run(loaded_rules(rules), options))
