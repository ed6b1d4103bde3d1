"""Which column of a table is which finding: plain records, made from headings or read from a mapping file."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

#: What a cell can be said to mean: present, absent, a word of a choice, or ``None`` for unknown.
Meaning: TypeAlias = bool | str | None


class Column(NamedTuple):
    """One column that is read as a finding.

    ``unit`` is one of the UCUM units that the finding accepts, ``None`` for its canonical one. ``low`` and ``high`` are the
    laboratory's own limits in that unit: a number for the whole table, or the heading of the column that holds them.
    ``values`` says what cells of this table mean that would not be understood by themselves.
    """

    heading: str
    finding: str
    unit: str | None = None
    low: float | str | None = None
    high: float | str | None = None
    values: Mapping[str, Meaning] = {}


class Unplaced(NamedTuple):
    """A column that is not read, why, and how to have it read.

    ``ambiguous`` where its heading names findings, but not one finding alone: it says something about the patients that is lost
    until a mapping says which it is. ``likely`` is what it may be, to be said by the user, never taken.
    """

    heading: str
    why: str
    mend: str
    ambiguous: bool = False
    likely: tuple[Column, ...] = ()


class TableMap(NamedTuple):
    """How a table is read: the heading of the patient's id if there is one, the columns, and those left out.

    ``ignored`` are left out on purpose, ``unplaced`` because nobody said what they are.
    """

    id: str | None
    columns: tuple[Column, ...]
    ignored: tuple[str, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()

    @property
    def ambiguous(self) -> tuple[Unplaced, ...]:
        """The columns left out because they could be two things."""
        return tuple([one for one in self.unplaced if one.ambiguous])
