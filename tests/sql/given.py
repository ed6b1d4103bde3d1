"""Patients as a typed table in DuckDB, for tests of the SQL of rules in which no cell has to be read."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import duckdb
from sqlglot import exp

from poems_cli.engine.table_findings import Resolved, resolve
from poems_cli.model import Finding, Observed, Quantity, Rules
from poems_cli.sql.columns import Columns
from poems_cli.sql.expressions import SqlAlgebra
from poems_cli.sql.logic import Term, written
from poems_cli.sql.table import Inputs, Measured
from poems_cli.tables.unit_scale import Scale

Given = Mapping[str, Observed | None]

_SIDES = {"comparator": "VARCHAR", "low": "DOUBLE", "high": "DOUBLE"}
_TYPES = {"boolean": "BOOLEAN", "quantity": "DOUBLE", "choice": "VARCHAR"}


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """One for all tests."""
    return duckdb.connect(config={"threads": 1})


class GivenTable:
    """Patients as a table with a column for each of the ``findings``, or for every finding that is given of one of them."""

    def __init__(self, rules: Rules, patients: Sequence[Given], findings: Sequence[str] | None = None) -> None:
        given = findings if findings is not None else dict.fromkeys(finding for patient in patients for finding in patient)
        self._findings = [rules.findings[finding] for finding in given]
        self._patients = patients
        self.columns = Columns()
        self.inputs = Inputs(
            {finding.id: self._column(finding.id) for finding in self._findings if finding.kind == "boolean"},
            {finding.id: self._measured(finding) for finding in self._findings if finding.kind == "quantity"},
            {finding.id: self._column(finding.id) for finding in self._findings if finding.kind == "choice"},
        )
        self._algebra = SqlAlgebra(self.inputs, {}, self.columns)

    def resolved(self, rules: Rules) -> Resolved[exp.Expr]:
        """What the findings of the table come to."""
        return resolve(rules, self._algebra)

    def ask(self, outputs: Sequence[tuple[str, Term]]) -> list[tuple[Any, ...]]:
        """What each of the outputs comes to, of each patient in order."""
        types = {name: kind for finding in self._findings for name, kind in _columns_of(finding)}
        database = connection()
        described = ", ".join(f'"{name}" {kind}' for name, kind in {"place": "INTEGER", **types}.items())
        database.execute(f"CREATE OR REPLACE TEMP TABLE given_patients ({described})")
        marks = ", ".join("?" for _ in range(len(types) + 1))
        rows = [[place, *self._cells(patient)] for place, patient in enumerate(self._patients)]
        database.executemany(f"INSERT INTO given_patients VALUES ({marks})", rows)
        trees = [*[(name, written(term)) for name, term in outputs], ("place", self.columns.given("place", "place"))]
        query, _ = self.columns.query(trees, exp.to_table("given_patients"), is_fenced=False)
        return [row[:-1] for row in sorted(database.execute(query.sql("duckdb")).fetchall(), key=lambda row: row[-1])]

    def held(self, terms: Mapping[str, Term]) -> list[list[str]]:
        """The names of the terms that hold, of each patient."""
        return [[name for name, value in zip(terms, row, strict=True) if value] for row in self.ask(list(terms.items()))]

    def _measured(self, finding: Finding) -> Measured:
        value, *sides = [self._column(name) for name, _ in _columns_of(finding)]
        return Measured(value, Scale(1, 0, None), *sides)

    def _column(self, name: str) -> exp.Expr:
        return self.columns.given(name, f"{name}__said")

    def _cells(self, patient: Given) -> Iterator[object]:
        for finding in self._findings:
            value = patient.get(finding.id)
            if isinstance(value, Quantity):
                yield from (value.value, value.comparator, value.low, value.high)
            else:
                yield from [value, *[None] * (len(_columns_of(finding)) - 1)]


def _columns_of(finding: Finding) -> list[tuple[str, str]]:
    sides = list(_SIDES.items()) if finding.kind == "quantity" else []
    return [(finding.id, _TYPES[finding.kind]), *[(f"{finding.id}__{side}", kind) for side, kind in sides]]
