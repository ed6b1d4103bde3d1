"""The mapping file: which column of a table is which finding, as YAML that a person reads and corrects.

::

    id: MRN                      # or null: patients are numbered
    columns:
      PLT:                       # the heading as in the table
        finding: platelets
        unit: 10*3/uL            # any spelling that the finding accepts, or the heading of the column that holds it; if left
                                 # out, the one in the heading, or that in which alone its numbers are possible
        low: PLT_LLN             # the laboratory's own limits: a number, or the heading of the column that holds them
        high: 400
        decimal: ","             # how its numbers are written: 1.250,5
        thousands: "."
      Edema: peripheral_edema    # short form
      Sex: {finding: sex, values: {1: male, 2: female}}   # what cells mean: true, false, null or a word of the choice
      Comment: null              # left out on purpose

``map_writing`` suggests one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_INPUT
from poems_cli.finding_names import finding_names, nearest_finding, plain_name
from poems_cli.model import Finding, Rules
from poems_cli.phrases import listed, quoted
from poems_cli.suggestions import nearest
from poems_cli.tables.cells import CellReader, are_of_one_language, as_code, fold
from poems_cli.tables.columns import Column, Meaning, TableMap, Unplaced
from poems_cli.tables.headings import nearest_heading, unit_of, with_unit_columns
from poems_cli.units import UnitError, ucum_unit
from poems_cli.written_numbers import SPACE, is_number

if TYPE_CHECKING:  # YAML is slow to load, and most runs have no mapping
    from poems_cli.rules.strict_yaml import Path, RuleProblem

_KEYS = ("id", "columns")
_COLUMN_KEYS = ("finding", "unit", "low", "high", "values", "decimal", "thousands")
_MARKS: Mapping[str, tuple[str, ...]] = {"decimal": (".", ","), "thousands": (".", ",", " ", "'")}
#: Why a column that is not measured cannot have a key.
_OF_MEASURED = {
    "unit": "has no unit",
    **dict.fromkeys(("low", "high"), "is not measured, so it has no limits"),
    **dict.fromkeys(_MARKS, "is not measured, so it has no numbers"),
}
NOT_NAMED = ("not in the mapping", "say under columns: which finding it is, or null to leave it out")
_SUGGEST = "poems screen --suggest-map writes one to start from"
_LONGEST_CELL = 100
_MOST_CHOICES = 8
_SENSES: Mapping[str, type | tuple[()]] = {"boolean": bool, "choice": str, "quantity": ()}
_SOME_WORD = re.compile(" '[^']*'")


def read_map(text: str, name: str, headings: Sequence[str], rules: Rules) -> TableMap:
    """The mapping that a file says, for a table with these headings; ``name`` is the file's, for messages.

    Where the file has no unit, that of the heading holds, if there is one. Headings that the file does not name are unplaced.
    Raises :class:`PoemsError` with every problem at once.
    """
    return _Reader(name, text, headings, rules).read()


def _without_cells(problem: "RuleProblem") -> str:
    """What is wrong with the YAML, without the words that are: below ``values`` they are cells of patients."""
    if ".values." in problem.path and "appears twice" in problem.message:
        return "a cell appears twice"
    return _SOME_WORD.sub("", problem.message) if not problem.path else problem.message


class _Reader:
    def __init__(self, name: str, text: str, headings: Sequence[str], rules: Rules) -> None:
        self._name = name
        self._headings = headings
        self._rules = rules
        self._problems: list[tuple[int, str, str]] = []
        self._said: dict[str, str] = {}
        self._limit_columns: set[str] = set()
        self._is_blank = all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())
        from poems_cli.rules.strict_yaml import read_yaml

        self._document = read_yaml(name, text)

    def read(self) -> TableMap:
        data = self._document.data
        if self._is_blank:
            self._problem((), "the mapping is empty", _SUGGEST)
            raise self._error()
        self._problems += [(problem.line, _without_cells(problem), problem.mend) for problem in self._document.problems]
        if self._problems and not data:
            raise self._error()
        if not isinstance(data, dict):
            self._problem((), "a mapping file holds id: and columns:", _SUGGEST)
            raise self._error()
        self._keys((), data, _KEYS, "a mapping file")
        table = self._table(data)
        if self._problems:
            raise self._error()
        return table

    def _table(self, data: Mapping[str, Any]) -> TableMap:
        identity = self._identity(data.get("id"))
        listed = data.get("columns")
        if "columns" not in data or not isinstance(listed, dict | None):
            self._problem(("columns",), "columns: is a mapping of headings", "write one heading per line, with its finding")
        columns: list[Column] = []
        ignored: list[str] = []
        named: dict[str, Any] = listed if isinstance(listed, dict) else {}
        for heading, body in named.items():
            if heading not in self._headings:
                self._column_problem(heading, (), "there is no such column", nearest_heading(heading, self._headings))
            elif body is not None and self._headings.count(heading) > 1:
                self._column_problem(heading, (), "more than one column has this name", "rename them in the table")
            if body is not None:
                columns += self._column(heading, body, identity)
            elif heading != identity:
                ignored.append(heading)
        placed = [
            column if column.unit_column not in named else given
            for column, given in zip(with_unit_columns(columns, self._headings), columns, strict=True)
        ]
        used = {identity, *self._limit_columns, *[column.unit_column for column in placed]}
        left = [heading for heading in self._headings if heading not in named and heading not in used]
        return TableMap(identity, tuple(placed), tuple(ignored), tuple([Unplaced(heading, *NOT_NAMED) for heading in left]))

    def _identity(self, given: object) -> str | None:
        if given is None:
            return None
        if not isinstance(given, str):
            self._problem(("id",), "id: is the heading of a column", "put it in quotes, or write null to number the patients")
        elif given not in self._headings:
            mend = f"{nearest_heading(given, self._headings)}; null numbers the patients"
            self._problem(("id",), f"no column is called '{quoted(given)}'", mend)
        elif self._headings.count(given) > 1:
            self._problem(
                ("id",), f"more than one column is called '{quoted(given)}'", "rename all but one of them in the table"
            )
        return given if isinstance(given, str) else None

    def _column(self, heading: str, body: object, identity: str | None) -> Iterator[Column]:
        """The column that an entry describes, if it can be used."""
        if isinstance(body, str):
            body = {"finding": body}
        if not isinstance(body, dict):
            mend = "write the id of a finding, {finding: ...}, or null to leave the column out"
            self._column_problem(heading, (), "this is not a column", mend)
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
        measured: dict[str, Any] = {}
        if finding.kind == "quantity":
            measured = {**self._unit(heading, finding, body), **self._limits(heading, body), **self._marks(heading, body)}
        for key, why in _OF_MEASURED.items():
            if finding.kind != "quantity" and body.get(key) is not None:
                self._column_problem(heading, (key,), f"'{finding.id}' {why}", f"remove {key}:")
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

    def _unit(self, heading: str, finding: Finding, body: Mapping[str, Any]) -> dict[str, Any]:
        """The unit and where it is from, or the heading of the column that holds it."""
        given = body.get("unit")
        accepted = ", ".join(self._rules.units.analytes[finding.id].named)
        try:
            if given is None:
                unit = unit_of(heading, finding, self._rules.units)
                return {} if unit is None else {"unit": unit, "unit_from": "heading"}
            return {"unit": ucum_unit(self._rules.units, finding.id, str(given)), "unit_from": "mapping"}
        except UnitError:
            if given in self._headings and given != heading:
                return {"unit_column": given}
            written = "in its heading" if given is None else f"'{quoted(str(given))}'"
            message = f"the unit {written} is not understood for '{finding.id}'"
            self._column_problem(heading, ("unit",), message, f"write unit: with one of {accepted}")
            return {}

    def _marks(self, heading: str, body: Mapping[str, Any]) -> dict[str, str]:
        """The marks within its numbers."""
        marks: dict[str, str] = {key: body[key] for key in _MARKS if body.get(key) is not None}
        for key, given in list(marks.items()):
            if given not in _MARKS[key]:
                known = listed([f'"{mark}"' for mark in _MARKS[key]], "or")
                mend = f"write {key}: with {known}, in quotes"
                self._column_problem(heading, (key,), f"{key}: is a mark within numbers", mend)
                del marks[key]
        if len(marks) == len(_MARKS) and len(set(marks.values())) == 1:
            message = "decimal: and thousands: are the same mark"
            self._column_problem(heading, ("thousands",), message, "write the mark that each of them is")
        return marks

    def _limits(self, heading: str, body: Mapping[str, Any]) -> dict[str, Any]:
        limits = {side: self._limit(heading, side, body.get(side)) for side in ("low", "high")}
        low, high = limits["low"], limits["high"]
        if isinstance(low, float) and isinstance(high, float) and low > high:
            self._column_problem(heading, ("low",), "low: is above high:", "exchange them")
        return limits

    def _limit(self, heading: str, side: str, given: object) -> float | str | None:
        """A limit of the laboratory: a number, or the heading of the column that holds it."""
        if given is None or is_number(given):
            return None if given is None else float(given)
        what, mend = "is a limit of the laboratory", "write a number, or the heading of the column that holds it"
        if isinstance(given, str):
            if given in self._headings and given != heading:
                self._limit_columns.add(given)
                return given
            what = "names its own column"
            if given not in self._headings:
                what, mend = "names no column and is not a number", nearest_heading(given, self._headings)
        self._column_problem(heading, (side,), f"{side}: {what}", mend)
        return None

    def _values(self, heading: str, finding: Finding, given: object) -> dict[str, Meaning]:
        """What the cells of a column mean. Messages do not repeat them: they are cells of patients."""
        if given is None:
            return {}
        if not isinstance(given, dict):
            mend = 'write values: {"what the cell says": what it means}'
            self._column_problem(heading, ("values",), "values: is a mapping of cells to what they mean", mend)
            return {}
        words = CellReader(Column(heading, finding.id), finding, self._rules.units).words
        values: dict[str, Meaning] = {}
        every = {cell.strip(SPACE) for cell in given}
        for cell, meaning in given.items():
            path, plain = ("values", cell), cell.strip(SPACE)
            plain = plain if as_code(plain) in every else as_code(plain)  # 1.0 is what YAML makes of a code of 1
            if plain in values:
                self._column_problem(heading, path, "a cell appears twice, apart from space around it", "keep one")
            is_word = finding.kind == "choice" and isinstance(meaning, str)
            sense = words.get(fold(meaning.strip(SPACE))) if is_word else meaning
            if meaning is not None and not isinstance(sense, _SENSES[finding.kind]):
                message = f"a cell of '{finding.id}' cannot mean this"
                self._column_problem(heading, path, message, f"write {meanings(finding)}")
            values[plain] = sense
        if finding.kind == "choice" and not are_of_one_language(
            (str(said), words.get(fold(str(said)))) for said in given.values()
        ):
            message = "two letters would mean the same here, though each may mean another thing in the language of the table"
            self._column_problem(heading, ("values",), message, f"write {meanings(finding)}")
        return values

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
    """What a cell of this finding can mean, in words."""
    if finding.kind == "boolean":
        return "true, false or null"
    if finding.kind == "quantity":
        return "null if it means unknown"
    if len(finding.choices) > _MOST_CHOICES:
        return f"one of the words that poems explain {finding.id} lists, or null"
    return listed([*finding.choices, "null"], "or")
