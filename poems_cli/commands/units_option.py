"""The option ``--units``, which several commands have."""

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from poems_cli.units import UnitSystem


class UnitsChoice(StrEnum):
    """The systems of units that a whole record or table can be in."""

    us = "us"
    si = "si"


UnitsOption: TypeAlias = Annotated[
    UnitsChoice | None,
    typer.Option(
        "--units", case_sensitive=False, help="The units of numbers that have none: those of the United States, or SI units."
    ),
]


def chosen_system(choice: UnitsChoice | None) -> UnitSystem | None:
    """The system that was chosen, if any."""
    return choice.value if choice else None
