"""A mapping file to be read and corrected: what is read as what, how each cell was understood, and what is in doubt."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from poems_cli.finding_names import plain_name
from poems_cli.model import Finding, Rules
from poems_cli.phrases import listed
from poems_cli.tables.cells import FAULTS, Cell, CellReader, Fault
from poems_cli.tables.columns import UNIT_FROM, Column, Meaning, TableMap, Unplaced
from poems_cli.tables.headings import NOT_KNOWN
from poems_cli.tables.map_file import NOT_NAMED, meanings
from poems_cli.tables.measured_columns import of_missing
from poems_cli.tables.shares import percent
from poems_cli.tables.yaml_text import yaml_key, yaml_text
from poems_cli.units import unit_named
from poems_cli.written_numbers import SPACE

_MOST_CELLS = 200
_LONGEST_CELL = 100
#: What a mapping can say that a cell means; other faults are corrected in the table or by the unit.
_BY_MEANING = (Fault.NO_TRUTH, Fault.CODE, Fault.NO_WORD, Fault.NO_NUMBER)


def write_map(
    table: TableMap, cells: Mapping[str, Mapping[str, int]], rows: int, rules: Rules, decimal: str | None = None
) -> str:
    """The mapping as a file to be read and corrected, which reads back to the same mapping.

    ``cells`` are the distinct cells of each column in the first ``rows`` rows, with how often each was seen. Of columns of
    truths and choices all are listed, with how they are read; what is not understood is commented out: only the reader can say
    what it means.
    """
    headings = [*[column.heading for column in table.columns], *[column.heading for column in table.unplaced]]
    seen = {heading: _counted(cells.get(heading, {})) for heading in headings}
    writer = _Writer(rules, rows, decimal)
    lines = [
        "# How poems screen reads this table. Check the findings, the units, and what the cells mean.",
        "# Lines that begin with '# ' below were not understood: remove the '# ' and say what they mean.",
        f"id: {'null   # patients are numbered' if table.id is None else yaml_text(table.id)}",
        "columns:",
    ]
    for column in table.columns:
        lines += writer.column(column, seen[column.heading])
    lines += [f"{yaml_key('  ', heading)} null" for heading in table.ignored]
    lines += writer.unplaced(table.unplaced, seen)
    if writer.quotes_cells:
        lines.insert(2, "# It quotes cells of the table: keep it as you keep the patients' data.")
    return "\n".join(lines) + "\n"


class _Writer:
    def __init__(self, rules: Rules, rows: int, decimal: str | None) -> None:
        self._rules = rules
        self._rows = rows
        self._decimal = decimal
        self.quotes_cells = False

    def column(self, column: Column, cells: Mapping[str, int]) -> Iterator[str]:
        """The entry of a column that is read."""
        reader = CellReader(column, self._rules.findings[column.finding], self._rules.units, self._decimal)
        yield yaml_key("  ", column.heading)
        yield from self._described(column, reader.finding)
        read = {cell: reader.read(cell) for cell in cells}
        yield from self._values(column, reader.finding, cells, read)
        for fault, (why, mend) in FAULTS.items():
            count = sum(cells[cell] for cell, meaning in read.items() if isinstance(meaning, Fault) and meaning == fault)
            if count and fault not in _BY_MEANING:
                yield f"    # {self._share(count)}: {why}; {mend}"

    def _described(self, column: Column, finding: Finding) -> Iterator[str]:
        label = "" if plain_name(finding.label) == finding.id else f"   # {' '.join(finding.label.split())}"
        yield f"    finding: {finding.id}{label}"
        if finding.kind == "quantity":
            yield from self._unit(column, finding)
        for key in ("low", "high", "decimal", "thousands"):
            value: float | str | None = getattr(column, key)
            if value is not None:
                yield f"    {key}: {yaml_text(value) if isinstance(value, str) else _number(value)}"

    def _unit(self, column: Column, finding: Finding) -> Iterator[str]:
        others = self._other_units(column)
        instead = f"; {others}" if others else ""
        if column.unit_column is not None and column.unit_from in (None, "column"):
            yield f"    unit: {yaml_text(column.unit_column)}   # the column that holds it"
        elif column.unit is None or column.unit_from == "cells":
            unit = yaml_text(unit_named(column.unit or finding.unit or ""))
            yield f"    # unit: {unit}   # {_unit_from(column)}{instead}"
        else:
            share = "" if column.fits is None or column.fits == 1 else f", {percent(column.fits)} of them possible"
            yield f"    unit: {yaml_text(unit_named(column.unit))}   # {_unit_from(column)}{share}{instead}"

    def _other_units(self, column: Column) -> str:
        """In which other units the finding can be: ``or g/L``."""
        others = [unit_named(unit) for unit in self._rules.units.analytes[column.finding].accepted if unit != column.unit]
        return f"or {listed(others, 'or')}" if others else ""

    def _values(
        self, column: Column, finding: Finding, cells: Mapping[str, int], read: Mapping[str, Cell], before: str = "    "
    ) -> Iterator[str]:
        """What every cell of a column of words means; of a column of numbers, those that are not numbers."""
        is_measured = finding.kind == "quantity"
        strange = [cell for cell, meaning in read.items() if isinstance(meaning, Fault) and meaning in _BY_MEANING]
        understood = [cell for cell, meaning in read.items() if cell and not is_measured and not isinstance(meaning, Fault)]
        shown = [cell for cell in [*understood, *strange] if len(cell) <= _LONGEST_CELL and cell not in column.values]
        shown = sorted(shown, key=lambda cell: (-cells[cell], cell))[:_MOST_CELLS]
        if not shown and not column.values and not strange:
            return
        self.quotes_cells = True
        yield f"{before}values:"
        for cell, meaning in column.values.items():
            count = f"   # {self._share(cells[cell])}" if cell in cells else ""
            yield f"{yaml_key(f'{before}  ', cell)} {_meaning(meaning)}{count}"
        for cell in shown:
            found = read[cell]
            if isinstance(found, Fault):
                comment = f"   # {self._share(cells[cell])}; say {meanings(finding)}"
                yield f"{yaml_key(f'{before}  # ', cell)} null{comment}"
            else:
                meaning = found if isinstance(found, bool | str) else None
                yield f"{yaml_key(f'{before}  ', cell)} {_meaning(meaning)}   # {self._share(cells[cell])}"
        left = len({*understood, *strange} - {*shown} - {*column.values})
        if left:
            yield f"{before}  # and {left} more, not shown"

    def unplaced(self, unplaced: Sequence[Unplaced], seen: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
        """What is not read, commented out: what is in doubt, what is likely a finding, then the rest."""
        doubtful = [column for column in unplaced if column.in_doubt]
        if doubtful:
            yield "  # In doubt, so not read. Remove the '# ' from what is right, and correct it:"
        for column in doubtful:
            yield from self._doubtful(column, seen[column.heading])
        likely = [column for column in unplaced if column.likely and not column.in_doubt]
        if likely:
            yield "  # Not read, for only you can say whether these are right:"
        for column in likely:
            yield from self._likely(column)
        rest = [column for column in unplaced if not column.likely and not column.in_doubt]
        if rest:
            yield "  # Not read:"
        for column in rest:
            known = column.why == NOT_KNOWN or (column.why, column.mend) == NOT_NAMED
            yield f"{yaml_key('  # ', column.heading)} null" + ("" if known else f"   # {column.why}; {column.mend}")

    def _doubtful(self, column: Unplaced, cells: Mapping[str, int]) -> Iterator[str]:
        key = yaml_key("  # ", column.heading)
        if not column.likely:
            yield f"{key} null   # {column.why}; {column.mend}"
            return
        first = column.likely[0]
        finding = self._rules.findings[first.finding]
        if finding.kind == "quantity":
            others = self._other_units(first)
            yield f"{key} {_short(first)}   # {others}{': ' if others else ''}{column.why}"
            return
        reader = CellReader(first, finding, self._rules.units)
        yield f"{key}   # {column.why}"
        yield f"  #   finding: {finding.id}"
        yield from self._values(first, finding, cells, {cell: reader.read(cell) for cell in cells}, "  #   ")

    def _likely(self, column: Unplaced) -> Iterator[str]:
        first, *others = column.likely
        why = f"or {listed([other.finding for other in others], 'or')}" if others else "is it this?"
        if column.why != NOT_KNOWN:
            why = column.why
        yield f"{yaml_key('  # ', column.heading)} {_short(first)}   # {why}"

    def _share(self, count: int) -> str:
        return f"{count} of the first {self._rows} rows"


def _counted(cells: Mapping[str, int]) -> dict[str, int]:
    """Cells without space around them, with how often each was seen."""
    counts: Counter[str] = Counter()
    for cell, count in cells.items():
        counts[cell.strip(SPACE)] += count
    return counts


def _unit_from(column: Column) -> str:
    if column.unit_from == "assumed":
        return "assumed, since its numbers fit no other"
    return UNIT_FROM[column.unit_from] if column.unit_from else "not stated"


def _short(column: Column) -> str:
    unit = "" if column.unit is None else f", unit: {yaml_text(unit_named(column.unit))}{of_missing(column)}"
    return f"{{finding: {column.finding}{unit}}}" if unit else column.finding


def _meaning(meaning: Meaning) -> str:
    if isinstance(meaning, str):
        return yaml_text(meaning)
    return "null" if meaning is None else "true" if meaning else "false"


def _number(limit: float) -> str:
    return str(int(limit)) if limit.is_integer() and abs(limit) < 1e15 else repr(limit)
