"""A table whose columns are findings already, typed, made of patients: what SQL can be asked about without reading a cell."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from poems_cli.screening.duckdb_engine import UNFIT_OPTIMIZERS

from poems_cli.model import Finding, Observed, Quantity, Rules
from poems_cli.sql.inputs import Inputs, Measured
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import written
from poems_cli.sql.text import Rails, Term, Text, quoted, string
from poems_cli.tables.unit_scale import Scale

if TYPE_CHECKING:
    import duckdb

Given = Mapping[str, Observed | None]

_SIDES = {"comparator": "VARCHAR", "low": "DOUBLE", "high": "DOUBLE"}
_TYPES = {"boolean": "BOOLEAN", "quantity": "DOUBLE", "choice": "VARCHAR"}


@cache
def connection() -> "duckdb.DuckDBPyConnection":
    """One for all tests, with the settings of the program."""
    import duckdb

    made = duckdb.connect(config={"threads": 1})
    made.execute(f"SET disabled_optimizers = '{UNFIT_OPTIMIZERS}'")
    return made


class TypedTable:
    """Patients as a table with a column for each of the ``findings``, or for every finding that one of them tells."""

    def __init__(
        self, rules: Rules, patients: Sequence[Given], findings: Sequence[str] | None = None, *, in_rails: bool = False
    ) -> None:
        """``in_rails`` as in :class:`Stages`."""
        told = findings if findings is not None else dict.fromkeys(finding for one in patients for finding in one)
        self._findings = [rules.findings[finding] for finding in told]
        self._patients = patients
        self.stages = Stages(in_rails)
        self.inputs = Inputs(
            {one.id: self.stages.given(one.id) for one in self._findings if one.kind == "boolean"},
            {one.id: self._measured(one) for one in self._findings if one.kind == "quantity"},
            {one.id: self.stages.given(one.id) for one in self._findings if one.kind == "choice"},
        )

    def _measured(self, finding: Finding) -> Measured:
        value, *sides = [self.stages.given(name) for name, _ in self._columns_of(finding)]
        return Measured(value, Scale(1, 0, None), *sides)

    def _columns_of(self, finding: Finding) -> list[tuple[str, str]]:
        columns = [(finding.id, _TYPES[finding.kind])]
        if finding.kind == "quantity":
            columns += [(f"{finding.id}__{side}", kind) for side, kind in _SIDES.items()]
        return columns

    def ask(self, terms: Sequence[Term | str | int]) -> list[tuple[Any, ...]]:
        """What each of the terms comes to, of each patient in order."""
        columns = [column for one in self._findings for column in self._columns_of(one)]
        described = ", ".join(f"{quoted(name)} {kind}" for name, kind in [("place", "INTEGER"), *columns])
        rows = ", ".join(f"({', '.join([str(place), *self._cells(one)])})" for place, one in enumerate(self._patients))
        database = connection()
        database.execute(f"CREATE OR REPLACE TEMP TABLE given ({described})")
        database.execute(f"INSERT INTO given VALUES {rows}")
        stages, last = self.stages.sql("given", "stage")
        asked = ", ".join(map(came_to, terms))
        query = f"{f'WITH {stages} ' if stages else ''}SELECT {asked or '0'} FROM {last} ORDER BY place"
        return database.execute(query).fetchall()

    def _cells(self, patient: Given) -> Iterator[str]:
        for finding in self._findings:
            value = patient.get(finding.id)
            if isinstance(value, Quantity):
                yield from map(_literal, (value.value, value.comparator, value.low, value.high))
            else:
                yield from [_literal(value), *["NULL"] * (3 if finding.kind == "quantity" else 0)]


def came_to(term: Term | str | int) -> str:
    """The SQL for what a term comes to, a truth with ``NULL`` for unknown. It fails where rails are no truth."""
    if isinstance(term, Rails):
        sides = f"{term.true}, {term.false}"
        return f"CASE ({sides}) WHEN (-1, 0) THEN TRUE WHEN (0, -1) THEN FALSE WHEN (0, 0) THEN NULL ELSE error('no truth') END"
    return written(term) if term is None or isinstance(term, bool | Text) else str(term)


def _literal(value: bool | float | str | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    return string(value) if isinstance(value, str) else f"CAST('{value!r}' AS DOUBLE)"
