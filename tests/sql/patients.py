"""Random typed tables of patients, with limits and comparators, and the answers of the engine for single patients."""

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple, TypeAlias

from poems_cli.engine.answer_columns import AnswerColumn, every_column
from poems_cli.engine.expressions import leaves
from poems_cli.model import Compare, Finding, Rules
from poems_cli.report.template import depends_on
from poems_cli.tables.cells import CellReader
from poems_cli.tables.columns import Column
from tests.row_answer import RowAnswerer, RowReader

Cell: TypeAlias = str | float | bool | None


class Patients(NamedTuple):
    """A table: the names of its columns, the id aside, and its rows."""

    rules: Rules
    names: list[str]
    rows: list[dict[str, Cell]]

    @property
    def types(self) -> dict[str, str]:
        """The type of each column, the id first, in names that every engine has."""
        return {"id": "VARCHAR(10)"} | {name: self._type(name) for name in self.names}

    def _type(self, name: str) -> str:
        finding, side = split_name(name)
        if side:
            return "VARCHAR(10)" if side == "comparator" else "DOUBLE PRECISION"
        kinds = {"boolean": "BOOLEAN", "quantity": "DOUBLE PRECISION", "choice": "VARCHAR(100)"}
        return kinds[self.rules.findings[finding].kind]


def split_name(name: str) -> tuple[str, str]:
    """The finding of a column, and the side of it that the column holds (a limit, a comparator), if not the value."""
    finding, _, side = name.partition("__")
    return finding, side


def some_findings(rules: Rules, step: int) -> list[str]:
    """What the default set depends on, the label, and every so many of the others."""
    needed = depends_on(rules, rules.default_criteria) | {"diagnosis_label"} | set(list(rules.findings)[::step])
    return [finding for finding in rules.findings if finding in needed]


def patients(rules: Rules, seed: int, findings: Sequence[str], rows: int) -> Patients:
    """A random table of these findings, with limits and comparators next to some of the numbers."""
    random = Random(seed)
    limits = _limits(rules)
    names = []
    for finding in findings:
        sides = ["low", "high", "comparator"] if rules.findings[finding].kind == "quantity" else []
        names += [finding, *[f"{finding}__{side}" for side in sides if random.random() < 0.4]]
    made: list[dict[str, Cell]] = []
    for _ in range(rows):
        missing = random.choice([0.1, 0.3, 0.5, 0.8])
        made.append({name: None if random.random() < missing else _cell(random, rules, name, limits) for name in names})
    return Patients(rules, names, made)


def expected(table: Patients, criteria: Sequence[str], mimics: bool) -> list[tuple[Any, ...]]:
    """The answers of the engine for single patients; the id of a row is its position: all columns, in order."""
    rules = table.rules
    at = {name: place for place, name in enumerate(table.names)}
    readers = []
    for finding in dict.fromkeys(split_name(name)[0] for name in table.names):
        low, high = (f"{finding}__{side}" if f"{finding}__{side}" in at else None for side in ("low", "high"))
        reader = CellReader(Column(finding, finding, None, low, high), rules.findings[finding], rules.units)
        readers.append((reader, at[finding], None if low is None else at[low], None if high is None else at[high]))
    reader_of_rows, answerer = RowReader(readers), RowAnswerer(rules, criteria, mimics)
    rows = []
    for place, row in enumerate(table.rows):
        observed, faults = reader_of_rows.read([_as_text(row, name) for name in table.names])
        answer = answerer.answer(observed)
        rows.append(
            tuple([answer.value(column, str(place), len(faults)) for column in answer_columns(rules, criteria, mimics)])
        )
    return rows


def answer_columns(rules: Rules, criteria: Sequence[str], mimics: bool) -> list[AnswerColumn]:
    """All columns of the answer."""
    return [column for column in every_column(rules, criteria) if mimics or column.kind != "mimic"]


def _as_text(row: Mapping[str, Cell], name: str) -> str | None:
    cell = row[name]
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    sign = str(row.get(f"{name}__comparator") or "").strip()
    sign = "" if sign == "=" else sign
    return None if math.isnan(cell) else sign + (repr(cell) if math.isfinite(cell) else "inf")


def _limits(rules: Rules) -> dict[str, list[float]]:
    limits: dict[str, list[float]] = {}
    expressions = [finding.definition for finding in rules.findings.values() if finding.definition is not None]
    expressions += [level.expression for criteria in rules.criteria.values() for level in criteria.levels]
    for leaf in (leaf for expression in expressions for leaf in leaves(expression)):
        if isinstance(leaf, Compare) and isinstance(leaf.limit, int | float):
            limits.setdefault(leaf.finding, []).append(float(leaf.limit))
    return limits


def _cell(random: Random, rules: Rules, name: str, limits: Mapping[str, Sequence[float]]) -> Cell:
    finding, side = rules.findings[split_name(name)[0]], split_name(name)[1]
    if side == "comparator":
        return random.choice(["<", ">", "<=", ">=", "\u2264", "=", "", " < ", "~"])
    if finding.kind == "boolean":
        return random.random() < 0.5
    if finding.kind == "choice":
        return random.choice([*finding.choices, next(iter(finding.choices)).upper(), "xyz", " unknown ", "NA", "it's"])
    odd = random.choice([math.nan, math.inf, -math.inf, -1.0, 0.0, 1e300])
    return odd if random.random() < 0.04 else _value(random, finding, limits)


def _value(random: Random, finding: Finding, limits: Mapping[str, Sequence[float]]) -> float:
    near = random.choice(limits.get(finding.id, [1.0])) * random.choice([0.5, 0.9, 1, 1, 1.1, 2])
    return near if random.random() < 0.9 else random.uniform(-5, 1000)
