"""Random tables of patients, typed or as text, and what the program says of each row; for the queries of every engine."""

import math
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple, TypeAlias

from poems_cli.screening.row_answer import RowAnswerer, RowReader

from poems_cli.engine.answer_columns import AnswerColumn, every_column
from poems_cli.model import Compare, Finding, Rules
from poems_cli.rules.loading import units_of
from poems_cli.tables.cells import CellReader
from poems_cli.tables.columns import Column

Cell: TypeAlias = str | float | bool | None

#: Cells that are read wrongly by one engine or another.
ODD = (
    " ", "NA", "Not Done", "?", "xyz", "12", "1,5", "5 to 10", "1_000", "nan", "inf", "-inf", "<", "0x10", "1e3", "1d", "1f",
    " yes ", "+", "-", "POSITIVE", "5 furlongs", "\u2003yes", "\u00a0no\u3000", "\ty\n", "1e400", "1e-400", "0e500", "-1e999",
    "1.", ".5", ".", "1.2.3", "1 000", "  7", "\u226412", "\u2265 3", "1e+2", "\u0663", "\uff11", "Infinity", "TRUE", "\ufeff1",
    "it's", "a\\b", "<0", "<= 0", ">1e400", "9" * 150,
)  # fmt: skip


class Patients(NamedTuple):
    """A table: the names of its columns, an id aside, and its rows."""

    rules: Rules
    names: list[str]
    rows: list[dict[str, Cell]]
    is_text: bool

    def kind(self, name: str) -> str:
        """What a column holds: text, boolean, or number."""
        finding, side = parted(name)
        if self.is_text or side == "comparator":
            return "text"
        return "number" if side else {"quantity": "number", "choice": "text"}.get(self.rules.findings[finding].kind, "boolean")


def parted(name: str) -> tuple[str, str]:
    """The finding that a column is about, and what of it stands beside its value."""
    finding, _, side = name.partition("__")
    return finding, side


def patients(rules: Rules, seed: int, findings: Sequence[str], rows: int, is_text: bool) -> Patients:
    """A random table of these findings, with limits and comparators beside some of them."""
    random = Random(seed)
    limits = _limits(rules)
    names = []
    for finding in findings:
        beside = [] if rules.findings[finding].kind != "quantity" else ["low", "high", *([] if is_text else ["comparator"])]
        names += [finding, *[f"{finding}__{side}" for side in beside if random.random() < 0.4]]
    made: list[dict[str, Cell]] = []
    for _ in range(rows):
        missing = random.choice([0.1, 0.3, 0.5, 0.8])
        made.append(
            {name: None if random.random() < missing else _cell(random, rules, name, limits, is_text) for name in names}
        )
    return Patients(rules, names, made, is_text)


def expected(table: Patients, criteria: Sequence[str], mimics: bool) -> list[tuple[Any, ...]]:
    """What the program says of each row of which the id is its position: all columns, in order."""
    rules, units = table.rules, units_of(table.rules)
    at = {name: place for place, name in enumerate(table.names)}
    readers = []
    for finding in dict.fromkeys(parted(name)[0] for name in table.names):
        low, high = (f"{finding}__{side}" if f"{finding}__{side}" in at else None for side in ("low", "high"))
        reader = CellReader(Column(finding, finding, None, low, high), rules.findings[finding], units)
        readers.append((reader, at[finding], None if low is None else at[low], None if high is None else at[high]))
    reader_of_rows, answerer = RowReader(readers), RowAnswerer(rules, criteria, mimics)
    columns = asked(rules, criteria, mimics)
    found = []
    for number, row in enumerate(table.rows):
        observed, faults = reader_of_rows.read([_as_text(table, row, name) for name in table.names])
        answer = answerer.answer(observed)
        found.append(tuple([answer.value(column, str(number), len(faults)) for column in columns]))
    return found


def asked(rules: Rules, criteria: Sequence[str], mimics: bool) -> list[AnswerColumn]:
    """All columns of the answer."""
    return [one for one in every_column(rules, criteria) if mimics or one.kind != "mimic"]


def _as_text(table: Patients, row: Mapping[str, Cell], name: str) -> str | None:
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
    for one in _every(list(rules)):
        if isinstance(one, Compare) and isinstance(one.limit, (int, float)):
            limits.setdefault(one.finding, []).append(float(one.limit))
    return limits


def _every(node: object) -> Iterator[object]:
    yield node
    inner = node.values() if isinstance(node, Mapping) else node if isinstance(node, (tuple, list)) else ()
    for one in inner:
        yield from _every(one)


def _cell(random: Random, rules: Rules, name: str, limits: Mapping[str, Sequence[float]], is_text: bool) -> Cell:
    finding, side = parted(name)
    return (_text if is_text else _typed)(random, rules.findings[finding], side, limits)


def _value(random: Random, finding: Finding, limits: Mapping[str, Sequence[float]]) -> float:
    near = random.choice(limits.get(finding.id, [1.0])) * random.choice([0.5, 0.9, 1, 1, 1.1, 2])
    return near if random.random() < 0.9 else random.uniform(-5, 1000)


def _typed(random: Random, finding: Finding, side: str, limits: Mapping[str, Sequence[float]]) -> Cell:
    if side == "comparator":
        return random.choice(["<", ">", "<=", ">=", "\u2264", "=", "", " < ", "~"])
    if finding.kind == "boolean":
        return random.random() < 0.5
    if finding.kind == "choice":
        return random.choice([*finding.choices, next(iter(finding.choices)).upper(), "xyz", " unknown ", "NA"])
    odd = random.choice([math.nan, math.inf, -math.inf, -1.0, 0.0, 1e300])
    return odd if random.random() < 0.04 else _value(random, finding, limits)


def _text(random: Random, finding: Finding, side: str, limits: Mapping[str, Sequence[float]]) -> Cell:
    if random.random() < 0.08:
        return random.choice(ODD)
    if finding.kind == "boolean":
        return random.choice(["true", "false", "yes", "no", "1", "0", "Positive", "neg"])
    if finding.kind == "choice":
        return random.choice(list(finding.choices))
    number = f"{_value(random, finding, limits):{random.choice(['.17g', '.6g'])}}"
    if side:
        return number
    sign = random.choice(["<", ">", "<=", ">=", "\u2264", "\u2265", "< "]) if random.random() < 0.15 else ""
    return f"{sign}{number}{f' {finding.unit}' if random.random() < 0.05 else ''}"
