"""Which column of a table is which finding: plain records, made from headings or read from a mapping file."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.units import UnitSystem

#: What a cell can mean: present, absent, a word of a choice, or ``None`` for unknown.
Meaning: TypeAlias = bool | str | None

#: Where the unit of a column is from. ``assumed``: its numbers are possible in this unit alone; ``canonical only``: the finding
#: has no other.
UnitFrom: TypeAlias = Literal["heading", "column", "cells", "mapping", "option", "assumed", "canonical only"]

#: The same in words.
UNIT_FROM: Mapping[UnitFrom, str] = {
    "heading": "in the heading",
    "column": "in the column next to it",
    "cells": "in the cells",
    "mapping": "in the mapping",
    "option": "by --units",
    "assumed": "assumed",
    "canonical only": "the usual unit",
}

#: Cells that say nothing in a column where they could mean two things: ``codes`` are whole numbers, ``signs`` plus and minus.
Unclear: TypeAlias = Literal["codes", "signs"]


class Column(NamedTuple):
    """One column that is read as a finding.

    ``unit`` is one of the UCUM units that the finding accepts, ``None`` until it is known; ``unit_from`` is where
    it is from, ``unit_column`` the heading of a column that holds it, ``fits`` the share of the numbers that are possible in
    it. ``low`` and ``high`` are the laboratory's own limits in that unit: a number for the whole table, or the heading of the
    column that holds them. ``decimal`` and ``thousands`` are the marks within its numbers, ``None`` where each cell has to show
    which. ``values`` says what cells of this table mean that would not be understood by themselves, or would be understood
    otherwise; ``unclear`` which cells are not understood without it.
    """

    heading: str
    finding: str
    unit: str | None = None
    low: float | str | None = None
    high: float | str | None = None
    values: Mapping[str, Meaning] = {}
    unit_from: UnitFrom | None = None
    unit_column: str | None = None
    fits: float | None = None
    decimal: str | None = None
    thousands: str | None = None
    unclear: frozenset[Unclear] = frozenset()


class Unplaced(NamedTuple):
    """A column that is not read, why, and how to have it read.

    ``ambiguous`` where its heading names findings, but not one finding alone: it says something about the patients that is lost
    until a mapping says which it is. ``in_doubt`` where its cells could mean two things. ``likely`` is what it may be, to be
    stated by the user, never guessed. ``speaks_against`` is the system of units that its numbers contradict.
    """

    heading: str
    why: str
    mend: str
    ambiguous: bool = False
    likely: tuple[Column, ...] = ()
    in_doubt: bool = False
    speaks_against: UnitSystem | None = None


class TableMap(NamedTuple):
    """How a table is read: the heading of the patient's id if there is one, the columns, and those left out.

    ``ignored`` are left out on purpose, ``unplaced`` because it is not known what they are.
    """

    id: str | None
    columns: tuple[Column, ...]
    ignored: tuple[str, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()

    @property
    def ambiguous(self) -> tuple[Unplaced, ...]:
        """The columns left out because they could be two things."""
        return tuple([column for column in self.unplaced if column.ambiguous])
