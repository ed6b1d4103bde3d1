"""What several commands share: their options, the rules that they name, lists of names, and how a text is written."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from poems_cli.commands.completion import column_names, criteria_sets
from poems_cli.units import UnitSystem

if TYPE_CHECKING:
    from poems_cli.model import Rules

RulesOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--rules", metavar="FILE", help="Use these rules (a file, or a folder with rules.yaml or poems.yaml)."),
]
OutputOption: TypeAlias = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE.")]
CriteriaOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--criteria",
        "-c",
        metavar="SET",
        autocompletion=criteria_sets,
        help="Answer only these sets; the first is the default one.",
    ),
]
ColumnsOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="NAME,...",
        autocompletion=column_names,
        help="Which columns to answer; usual and all mean several.",
    ),
]
MimicsOption: TypeAlias = Annotated[bool, typer.Option("--mimics", help="Answer the first three mimics to consider, too.")]
UnitsOption: TypeAlias = Annotated[
    UnitSystem | None,
    typer.Option("--units", case_sensitive=False, help="How to read numbers without a unit: in US units, or in SI units."),
]
NoPagerOption: TypeAlias = Annotated[
    bool, typer.Option("--no-pager", help="Never go through a pager, even where the terminal is shorter than the text.")
]


def names(listed: str | None) -> tuple[str, ...]:
    """The names in a list with commas."""
    return tuple([name.strip() for name in (listed or "").split(",") if name.strip()])


def loaded_rules(path: str | None, criteria: Iterable[str] = ()) -> "Rules":
    """The rules of ``--rules``, which must have the sets of ``--criteria``. Raises :class:`PoemsError`."""
    from poems_cli.rules.loading import load_rules, refuse_unknown_sets

    rules = load_rules(path)
    refuse_unknown_sets(rules, criteria, "--criteria")
    return rules


def write(text: str, output: str, read: Iterable[str], *, is_public: bool = False) -> None:
    """Write a text to a file or to standard output; ``is_public`` is what holds nothing of a patient."""
    from poems_cli.output_files import PRIVATE, STANDARD, public_mode, write_text

    if output == STANDARD:
        typer.echo(text, nl=False)
    else:
        write_text(output, text, read, public_mode() if is_public else PRIVATE)
