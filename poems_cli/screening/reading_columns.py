"""How the columns of a table are read: decided on its first rows, and again on all of them once they have been seen.

A run goes on with what the first rows say. Where the rest say otherwise (a code at the end of the table, a unit that does not
fit), what was answered is thrown away and the rows are read again.
"""

import re
from collections.abc import Mapping

import pyarrow as pa

from poems_cli.model import Rules
from poems_cli.tables.batches import Kind
from poems_cli.tables.columns import Column, TableMap, Unplaced
from poems_cli.tables.deciding import DecidingOptions, decide_table
from poems_cli.tables.profile import builders_for
from poems_cli.tables.profiling import count, count_without_unit
from poems_cli.units import UnitSystem

_WHOLE_NUMBER = re.compile("-?[0-9]{1,15}")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class ColumnProfiles:
    """The profiles of the columns that may be findings, filled batch by batch."""

    def __init__(self, rules: Rules, candidates: TableMap, options: DecidingOptions) -> None:
        """``candidates`` are the columns as their headings or the mapping place them, before their cells were seen."""
        self._rules = rules
        self._candidates = candidates
        self._options = options
        self.builders = builders_for(candidates, rules)

    @classmethod
    def none(cls, rules: Rules) -> "ColumnProfiles":
        """Profiles of no column."""
        return cls(rules, TableMap(None, ()), DecidingOptions())

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns that are looked at."""
        return tuple(self.builders)

    @property
    def limits(self) -> tuple[str, ...]:
        """The columns of the laboratory's own limits."""
        sides = [side for column in self._candidates.columns for side in (column.low, column.high)]
        return tuple([side for side in sides if isinstance(side, str)])

    def add(self, columns: Mapping[str, pa.Array]) -> None:
        """Count a batch."""
        for heading, builder in self.builders.items():
            count(builder, columns[heading])
        for column in self._candidates.columns:
            beside = columns[column.unit_column] if column.unit_column is not None else None
            # The measurements of a long table belong together only where there are as many.
            if beside is not None and len(beside) == len(columns[column.heading]):
                count_without_unit(self.builders[column.heading], columns[column.heading], beside)

    def merge(self, other: "ColumnProfiles") -> None:
        """Count what was counted elsewhere."""
        for heading, builder in self.builders.items():
            builder.merge(other.builders[heading])

    def empty(self) -> "ColumnProfiles":
        """Profiles of the same columns in which nothing is counted."""
        return ColumnProfiles(self._rules, self._candidates, self._options)

    def decided(self) -> TableMap:
        """How each column is read, or why it is not, by what was counted so far."""
        profiles = {heading: builder.profile() for heading, builder in self.builders.items()}
        return decide_table(self._candidates, profiles, self._rules, self._options)


def said(candidates: TableMap, rules: Rules, system: UnitSystem | None) -> TableMap:
    """How columns are read when no cell is looked at: units must be stated, and codes mean what the mapping says."""
    columns: list[Column] = []
    unplaced: list[Unplaced] = []
    for column in candidates.columns:
        if rules.findings[column.finding].kind == "boolean":
            columns.append(column._replace(unclear=frozenset(["codes", "signs"])))
        elif rules.findings[column.finding].kind == "choice" or column.unit is not None:
            columns.append(column)
        else:
            analyte = rules.units.analytes[column.finding]
            of_system = analyte.systems.get(system, ()) if system else ()
            if of_system:
                columns.append(column._replace(unit=of_system[0], unit_from="option"))
            elif not analyte.is_mistakable or not analyte.is_unit_said:
                columns.append(column._replace(unit=analyte.canonical, unit_from="canonical only"))
            else:
                mend = "write it in the name of the column, in the mapping, or say units='us' or units='si'"
                unplaced.append(Unplaced(column.heading, "its unit is not known", mend, in_doubt=True))
    return candidates._replace(columns=tuple(columns), unplaced=(*unplaced, *candidates.unplaced))


def is_same(first: TableMap, second: TableMap) -> bool:
    """Whether two decisions read every cell alike: what is shown of them may differ."""
    return [_read(column) for column in first.columns] == [_read(column) for column in second.columns]


def _read(column: Column) -> Column:
    return column._replace(fits=None, unit_from=None)


def kinds_of(rules: Rules, table_map: TableMap, columns: Mapping[str, pa.Array]) -> dict[str, Kind]:
    """How columns of text are best read, by their first cells: a guess of what is faster, never of a meaning."""
    kinds: dict[str, Kind] = {}
    for column in table_map.columns:
        cells = columns[column.heading]
        if not pa.types.is_string(cells.type):
            continue
        if rules.findings[column.finding].kind != "quantity":
            kinds[column.heading] = "words"
        elif not column.values and column.decimal in (None, "."):
            texts = [cell for cell in cells.to_pylist() if cell is not None]
            if all(map(_WHOLE_NUMBER.fullmatch, texts)):
                kinds[column.heading] = "whole"
            elif column.decimal == "." and all(map(_PLAIN_NUMBER.fullmatch, texts)):
                kinds[column.heading] = "number"
    return kinds
