"""The mapping file: which column of a table is which finding, as YAML that a person reads and corrects.

::

    id: MRN                      # or null: patients are numbered
    columns:
      PLT:                       # the heading as it stands in the table
        finding: platelets
        unit: 10*3/uL            # any spelling that the finding accepts; if left out, the heading's or the canonical one
        low: PLT_LLN             # the laboratory's own limits: a number, or the heading of the column that holds them
        high: 400
      Edema: peripheral_edema    # short form
      Sex: {finding: sex, values: {1: male, 2: female}}   # what cells mean: true, false, null or a word of the choice
      Comment: null              # left out on purpose

A suggested mapping says what it uses and what it could not place; what a cell means is left to the reader.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_INPUT
from poems_cli.finding_names import finding_names, nearest_finding, plain_name
from poems_cli.model import Finding, Rules
from poems_cli.records.problem import listed, quoted
from poems_cli.suggestions import nearest
from poems_cli.tables.cells import FAULTS, CellReader, Fault, fold
from poems_cli.tables.columns import Column, Meaning, TableMap, Unplaced
from poems_cli.tables.headings import NOT_KNOWN, nearest_heading, unit_of
from poems_cli.tables.numbers import SPACE
from poems_cli.units import UnitError, UnitTable, ucum_unit

if TYPE_CHECKING:  # YAML is slow to load, and most runs have no mapping
    from poems_cli.rules.strict_yaml import Path, RuleProblem

_KEYS = ("id", "columns")
_COLUMN_KEYS = ("finding", "unit", "low", "high", "values")
_NOT_NAMED = ("not in the mapping", "say under columns: which finding it is, or null to leave it out")
_MOST_CELLS = 20
_LONGEST_CELL = 100
_MOST_CHOICES = 8
#: What a cell can be told to mean; the other faults are mended in the table or by the unit.
_BY_MEANING = (Fault.NO_TRUTH, Fault.NO_WORD, Fault.NO_NUMBER)
_SENSES: Mapping[str, type | tuple[()]] = {"boolean": bool, "choice": str, "quantity": ()}
_SOME_WORD = re.compile(" '[^']*'")
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_ ./()-]*[A-Za-z0-9_.)])?")
_CELL = "      # "
_LONGEST_KEY = 500  # YAML takes no longer ones but after a question mark
_NOT_PLAIN = ("true", "false", "null", "yes", "no", "on", "off", "y", "n", "none")


def read_map(text: str, name: str, headings: Sequence[str], rules: Rules, units: UnitTable) -> TableMap:
    """The mapping that a file says, for a table with these headings; ``name`` is the file's, for messages.

    The unit of a measured value is always said: where the file has none, that of the heading, else the canonical one.
    Headings that the file does not name are unplaced. Raises :class:`PoemsError` with every problem at once.
    """
    return _Reader(name, text, headings, rules, units).read()


def _without_cells(problem: "RuleProblem") -> str:
    """What is wrong with the YAML, without the words that are: below ``values`` they are cells of patients."""
    if ".values." in problem.path and "stands twice" in problem.message:
        return "a cell stands twice"
    return _SOME_WORD.sub("", problem.message) if not problem.path else problem.message


class _Reader:
    def __init__(self, name: str, text: str, headings: Sequence[str], rules: Rules, units: UnitTable) -> None:
        self._name = name
        self._headings = headings
        self._rules = rules
        self._units = units
        self._problems: list[tuple[int, str, str]] = []
        self._said: dict[str, str] = {}
        self._limits: set[str] = set()
        self._is_blank = all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())
        from poems_cli.rules.strict_yaml import read_yaml

        self._document = read_yaml(name, text)

    def read(self) -> TableMap:
        data = self._document.data
        if self._is_blank:
            self._problem((), "the mapping is empty", "poems screen --suggest-map writes one to start from")
            raise self._error()
        for one in self._document.problems:
            self._problems.append((one.line, _without_cells(one), one.mend))
        if self._problems and not data:
            raise self._error()
        if not isinstance(data, dict):
            self._problem((), "a mapping file holds id: and columns:", "poems screen --suggest-map writes one to start from")
            raise self._error()
        self._keys((), data, _KEYS, "a mapping file")
        table = self._table(data)
        if self._problems:
            raise self._error()
        return table

    def _table(self, data: Mapping[str, Any]) -> TableMap:
        identity = self._identity(data.get("id"))
        told = data.get("columns")
        if "columns" not in data or not isinstance(told, dict | None):
            self._problem(("columns",), "columns: is a mapping of headings", "write a heading a line, with its finding")
        columns: list[Column] = []
        ignored: list[str] = []
        named: dict[str, Any] = told if isinstance(told, dict) else {}
        for heading, body in named.items():
            if heading not in self._headings:
                self._column_problem(heading, (), "no column is called so", nearest_heading(heading, self._headings))
            elif body is not None and self._headings.count(heading) > 1:
                self._column_problem(heading, (), "more than one column is called so", "rename them in the table")
            if body is not None:
                columns += self._column(heading, body, identity)
            elif heading != identity:
                ignored.append(heading)
        left = [one for one in self._headings if one not in named and one != identity and one not in self._limits]
        return TableMap(identity, tuple(columns), tuple(ignored), tuple([Unplaced(one, *_NOT_NAMED) for one in left]))

    def _identity(self, given: object) -> str | None:
        if given is None:
            return None
        if not isinstance(given, str):
            self._problem(("id",), "id: is the heading of a column", "put it in quotes, or write null to number the patients")
        elif given not in self._headings:
            mend = f"{nearest_heading(given, self._headings)}; null numbers the patients"
            self._problem(("id",), f"no column is called '{quoted(given)}'", mend)
        return given if isinstance(given, str) else None

    # --- a column -----------------------------------------------------------------------------------------------------

    def _column(self, heading: str, body: object, identity: str | None) -> Iterator[Column]:
        """The column that an entry describes, if it can be used."""
        if isinstance(body, str):
            body = {"finding": body}
        if not isinstance(body, dict):
            mend = "write the id of a finding, {finding: ...}, or null to leave the column out"
            self._column_problem(heading, (), "this is no column", mend)
            return
        self._keys(("columns", heading), body, _COLUMN_KEYS, "a column")
        if heading == identity:
            self._column_problem(heading, (), "it is the id", "leave it out here, or name another id:")
        finding = self._finding(heading, body)
        if finding is None:
            return
        first = self._said.setdefault(finding.id, heading)
        if first != heading:
            message = f"'{finding.id}' is column '{quoted(first)}' already"
            self._column_problem(heading, ("finding",), message, "keep one of them, and write null for the other")
        measured = {"unit": self._unit(heading, finding, body), **self._both_limits(heading, finding, body)}
        yield Column(heading, finding.id, **measured, values=self._values(heading, finding, body.get("values")))

    def _finding(self, heading: str, body: Mapping[str, Any]) -> Finding | None:
        given = body.get("finding")
        if given is None:
            self._column_problem(heading, (), "finding: is missing", "say which finding it is, or null for the whole column")
            return None
        finding = self._rules.findings.get(given) if isinstance(given, str) else None
        if finding is None:
            names = finding_names(self._rules.findings)
            plain = plain_name(str(given)[:_LONGEST_CELL])
            near = names.get(plain) or nearest_finding(plain, names)
            mend = f"did you mean '{near}'?" if near else "poems template lists every finding"
            self._column_problem(heading, ("finding",), f"there is no finding '{quoted(str(given))}'", mend)
        return finding

    def _unit(self, heading: str, finding: Finding, body: Mapping[str, Any]) -> str | None:
        given = body.get("unit")
        if finding.kind != "quantity":
            if given is not None:
                self._column_problem(heading, ("unit",), f"'{finding.id}' has no unit", "remove unit:")
            return None
        accepted = ", ".join(self._units.analytes[finding.id].accepted)
        try:
            return unit_of(heading, finding, self._units) if given is None else ucum_unit(self._units, finding.id, str(given))
        except UnitError:
            written = "in its heading" if given is None else f"'{quoted(str(given))}'"
            message = f"the unit {written} is not understood for '{finding.id}'"
            self._column_problem(heading, ("unit",), message, f"write unit: with one of {accepted}")
            return None

    def _both_limits(self, heading: str, finding: Finding, body: Mapping[str, Any]) -> dict[str, Any]:
        limits = {side: self._limit(heading, finding, side, body.get(side)) for side in ("low", "high")}
        low, high = limits["low"], limits["high"]
        if isinstance(low, float) and isinstance(high, float) and low > high:
            self._column_problem(heading, ("low",), "low: is above high:", "exchange them")
        return limits

    def _limit(self, heading: str, finding: Finding, side: str, given: object) -> float | str | None:
        """A limit of the laboratory: a number, or the heading of the column that holds it."""
        if given is None:
            return None
        if finding.kind != "quantity":
            self._column_problem(heading, (side,), f"'{finding.id}' is not measured, so it has no limits", f"remove {side}:")
        elif isinstance(given, int | float) and not isinstance(given, bool):
            return float(given)
        elif not isinstance(given, str):
            mend = "write a number, or the heading of the column that holds it"
            self._column_problem(heading, (side,), f"{side}: is a limit of the laboratory", mend)
        elif given not in self._headings:
            mend = nearest_heading(given, self._headings)
            self._column_problem(heading, (side,), f"{side}: names no column and is no number", mend)
        elif given == heading:
            mend = "write a number, or the heading of the column that holds it"
            self._column_problem(heading, (side,), f"{side}: names its own column", mend)
        else:
            self._limits.add(given)
            return given
        return None

    def _values(self, heading: str, finding: Finding, given: object) -> dict[str, Meaning]:
        """What the cells of a column mean. Messages do not repeat them: they are cells of patients."""
        if given is None:
            return {}
        if not isinstance(given, dict):
            mend = 'write values: {"what the cell says": what it means}'
            self._column_problem(heading, ("values",), "values: is a mapping of cells to what they mean", mend)
            return {}
        words = CellReader(Column(heading, finding.id), finding, self._units).words
        values: dict[str, Meaning] = {}
        for cell, meaning in given.items():
            path, plain = ("values", cell), cell.strip(SPACE)
            if plain in values:
                self._column_problem(heading, path, "a cell stands twice, but for space around it", "keep one")
            is_word = finding.kind == "choice" and isinstance(meaning, str)
            sense = words.get(fold(meaning.strip(SPACE))) if is_word else meaning
            if meaning is not None and not isinstance(sense, _SENSES[finding.kind]):
                message = f"a cell of '{finding.id}' cannot mean this"
                self._column_problem(heading, path, message, f"write {meanings(finding)}")
            values[plain] = sense
        return values

    # --- reporting ----------------------------------------------------------------------------------------------------

    def _keys(self, path: "Path", body: Mapping[str, Any], allowed: Sequence[str], what: str) -> None:
        for key in body:
            if key not in allowed:
                near = nearest(key, allowed)
                mend = f"did you mean '{near}:'?" if near else f"it may have {listed(allowed, 'and')}"
                self._problem((*path, key), f"{what} has no key '{quoted(key)}'", mend)

    def _column_problem(self, heading: str, path: "Path", message: str, mend: str) -> None:
        self._problem(("columns", heading, *path), f"column '{quoted(heading)}': {message}", mend)

    def _problem(self, path: "Path", message: str, mend: str) -> None:
        self._problems.append((self._document.line(path), message, mend))

    def _error(self) -> PoemsError:
        by_line = sorted(self._problems, key=lambda problem: problem[0])
        return PoemsError([Problem(f"{self._name}:{line}", what, mend) for line, what, mend in by_line], EXIT_INPUT)


def meanings(finding: Finding) -> str:
    """What a cell of this finding can be said to mean, in words."""
    if finding.kind == "boolean":
        return "true, false or null"
    if finding.kind == "quantity":
        return "null if it means unknown"
    if len(finding.choices) > _MOST_CHOICES:
        return f"one of the words that poems explain {finding.id} lists, or null"
    return listed([*finding.choices, "null"])


# --- writing ----------------------------------------------------------------------------------------------------------


def write_map(
    table: TableMap,
    cells: Mapping[str, Mapping[str, int]],
    rows: int,
    rules: Rules,
    units: UnitTable,
    decimal: str = ".",
) -> str:
    """The mapping as a file to be read and corrected, which reads back to the same mapping.

    ``cells`` are the distinct cells of each column in the first ``rows`` rows, with how often each was seen. Those that are
    not understood are listed, commented out and with the meaning unknown: only the reader can say what they mean.
    """
    lines = [
        "# How poems screen reads this table. Check the findings and the units.",
        "# What begins with '# ' below was not understood: take that away and say what it means.",
        f"id: {'null   # patients are numbered' if table.id is None else _text(table.id)}",
        "columns:",
    ]
    for column in table.columns:
        reader = CellReader(column, rules.findings[column.finding], units, decimal)
        lines += [_entry("  ", column.heading), *_described(column, reader.finding, units)]
        lines += _cells(column, reader, cells.get(column.heading, {}), rows)
    lines += [f"{_entry('  ', heading)} null" for heading in table.ignored]
    if any(line.startswith(_CELL) for line in lines):
        lines.insert(2, "# It quotes cells of the table: keep it as you keep the patients' data.")
    return "\n".join([*lines, *_unplaced(table.unplaced)]) + "\n"


def _unplaced(unplaced: Sequence[Unplaced]) -> Iterator[str]:
    """What is not read, commented out: first what is likely something, as it would be said, then the rest."""
    likely = [one for one in unplaced if one.likely]
    if likely:
        yield "  # Not read, for only you can say whether these are right:"
    for one in likely:
        first, *others = one.likely
        unit = "" if first.unit is None else f", unit: {_text(first.unit)}"
        said = f"{{finding: {first.finding}{unit}}}" if unit else first.finding
        why = (
            one.why if one.why != NOT_KNOWN else f"or {listed([each.finding for each in others])}" if others else "is it this?"
        )
        yield f"{_entry('  # ', one.heading)} {said}   # {why}"
    if len(unplaced) > len(likely):
        yield "  # Not read:"
    for one in unplaced:
        if not one.likely:
            known = one.why == NOT_KNOWN or (one.why, one.mend) == _NOT_NAMED
            yield f"{_entry('  # ', one.heading)} null" + ("" if known else f"   # {one.why}; {one.mend}")


def _described(column: Column, finding: Finding, units: UnitTable) -> Iterator[str]:
    label = "" if plain_name(finding.label) == finding.id else f"   # {' '.join(finding.label.split())}"
    yield f"    finding: {finding.id}{label}"
    if finding.kind == "quantity":
        accepted = units.analytes[finding.id].accepted
        unit = ucum_unit(units, finding.id, column.unit)
        others = [one for one in accepted if one != unit]
        yield f"    unit: {_text(unit)}" + (f"   # or {listed(others)}" if others else "")
    for side, limit in (("low", column.low), ("high", column.high)):
        if limit is not None:
            yield f"    {side}: {_text(limit) if isinstance(limit, str) else _number(limit)}"


def _cells(column: Column, reader: CellReader, cells: Mapping[str, int], rows: int) -> Iterator[str]:
    """What the cells of a column mean as far as the mapping says it, and those whose meaning is missing."""
    finding = reader.finding
    read = {cell: reader.read(cell) for cell in cells}
    counts: dict[str, int] = {}
    for cell, count in cells.items():
        if isinstance(read[cell], Fault) and read[cell] in _BY_MEANING:
            counts[cell.strip(SPACE)] = counts.get(cell.strip(SPACE), 0) + count
    if column.values or counts:
        yield "    values:"
    for cell, meaning in column.values.items():
        yield f"{_entry('      ', cell)} {_meaning(meaning)}"
    known = [cell for cell in counts if len(cell) <= _LONGEST_CELL]
    shown = sorted(known, key=lambda cell: (-counts[cell], cell))[:_MOST_CELLS]
    for cell in shown:
        yield f"{_entry(_CELL, cell)} null   # {counts[cell]} of the first {rows} rows; say {meanings(finding)}"
    if len(counts) > len(shown):
        yield f"      # and {len(counts) - len(shown)} more, not shown"
    for fault, (why, mend) in FAULTS.items():
        if fault not in _BY_MEANING:
            count = sum(cells[cell] for cell in cells if isinstance(read[cell], Fault) and read[cell] == fault)
            if count:
                yield f"    # {count} of the first {rows} rows: {why}; {mend}"


def _meaning(meaning: Meaning) -> str:
    if isinstance(meaning, str):
        return _text(meaning)
    return "null" if meaning is None else "true" if meaning else "false"


def _number(limit: float) -> str:
    return str(int(limit)) if limit.is_integer() and abs(limit) < 1e15 else repr(limit)


def _entry(before: str, key: str) -> str:
    """The key of an entry with what stands before it; YAML takes a long one only after a question mark."""
    written = _text(key)
    return f"{before}{written}:" if len(written) <= _LONGEST_KEY else f"{before}? {written}\n{before}:"


def _text(text: str) -> str:
    """A text that YAML reads back as it is, in quotes where it could be read otherwise."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN:
        return text
    return f'"{"".join(map(_letter, text))}"'


def _letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08X}"
