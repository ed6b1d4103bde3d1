"""``--visits worst``: of a patient's rows, for each finding the cell that speaks most for the disease.

Present counts over absent; of a measured value the highest where the criteria ask for a high one, the lowest where they ask for
a low one; of a choice a word that they ask for. Where they ask for neither, or for both, or two rows speak alike, the last row
with a value counts, in the order of the table.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from poems_cli.engine.expressions import children_of
from poems_cli.model import Binds, Compare, Expression, Not, Present, Rules
from poems_cli.tables.cells import Cell, CellReader, Fault

if TYPE_CHECKING:  # both are slow to load
    import pyarrow as pa

    from poems_cli.tables.visits import Places

Wanted: TypeAlias = Literal["highest", "lowest", "last", "present"] | frozenset[str]

#: The weight of a cell that is not understood, except of a truth.
_LOST = (-1.0,)
_UPWARD = ("above", "at_least")
#: What a comparator says of where the value is.
_SIDE = {"<": -2, "<=": -1, None: 0, ">=": 1, ">": 2}


class ReadColumn(NamedTuple):
    """A column that is read as a finding: its place in the table, its reader, and the places that go with it (its limits)."""

    place: int
    reader: CellReader
    along: tuple[int, ...] = ()


def wanted(rules: Rules) -> Mapping[str, Wanted]:
    """What the criteria sets, and the definitions that they use, ask for of each measured value and each choice."""
    asked: dict[str, set[str]] = {}
    seen: set[str] = set()
    for criteria in rules.criteria.values():
        for level in criteria.levels:
            _ask(level.expression, rules, asked, seen)
    found: dict[str, Wanted] = {}
    for finding in rules.findings.values():
        ways = asked.get(finding.id, set())
        if finding.kind == "choice":
            found[finding.id] = frozenset(ways)
        elif finding.kind == "quantity":
            found[finding.id] = "highest" if ways == {"highest"} else "lowest" if ways == {"lowest"} else "last"
    return found


def worst(
    table: "pa.Table", patients: "Places", columns: Sequence[ReadColumn], asked: Mapping[str, Wanted]
) -> tuple["pa.Table", int, Mapping[int, "Places"]]:
    """One row per patient, in the order of their first rows, and how many cells that are not understood were passed over.

    With them, by the place of a column, the rows from 0 that its cells are from.

    ``patients`` has a number for each row, from 0, first come first.

    A cell that is not understood counts over absent, since it may say present; elsewhere only where no cell of the patient's is
    understood. What no column reads is from the first row.
    """
    import numpy as np
    import pyarrow as pa

    count = int(patients.max()) + 1 if len(patients) else 0
    first = np.full(count, len(patients), dtype=np.int64)
    np.minimum.at(first, patients, np.arange(len(patients)))
    found = {column.place: _worst_rows(table, patients, column, asked, first) for column in columns}
    taken = {place: rows for place, (rows, _) in found.items()}
    taken |= {place: taken[column.place] for column in columns for place in column.along if place not in taken}
    arrays = [table.column(place).take(pa.array(taken.get(place, first))) for place in range(table.num_columns)]
    return pa.Table.from_arrays(arrays, names=table.column_names), sum(passed for _, passed in found.values()), taken


def _worst_rows(
    table: "pa.Table", patients: "Places", column: ReadColumn, asked: Mapping[str, Wanted], first: "Places"
) -> tuple["Places", int]:
    """For each patient the row with the worst cell of a column; the first one where all are unknown.

    With them, how many cells are not understood though another one of the patient's is.
    """
    way = asked.get(column.reader.finding.id, "present")
    later = way in ("last", "present") or isinstance(way, frozenset)
    known: dict[str | None, tuple[float, ...] | None] = {}
    best: dict[int, tuple[float, ...]] = {}
    lost: list[int] = []
    rows = first.copy()
    for row, (patient, cell) in enumerate(zip(patients.tolist(), table.column(column.place).to_pylist(), strict=True)):
        text = None if cell is None else text_of(cell)
        if text not in known:
            known[text] = weight(column.reader.read(text), way)
        heavy = known[text]
        if heavy is None:
            continue
        if heavy == _LOST:
            lost.append(patient)
        if patient not in best or heavy > best[patient] or (later and heavy == best[patient]):
            best[patient] = heavy
            rows[patient] = row
    return rows, sum(best[patient] != _LOST for patient in lost)


def weight(cell: Cell, way: Wanted) -> tuple[float, ...] | None:
    """How much a cell speaks for the disease; ``None`` for an unknown one."""
    if cell is None:
        return None
    if isinstance(cell, Fault):
        return (0.5,) if way == "present" else _LOST
    if isinstance(cell, bool):
        return (float(cell),)
    if isinstance(cell, str):
        return (float(isinstance(way, frozenset) and cell in way),)
    if way == "last":
        return (0.0,)
    side = _SIDE[cell.comparator]
    return (0.0, cell.value, side) if way == "highest" else (0.0, -cell.value, -side)


def text_of(cell: object) -> str:
    """A cell of any type as the text that a reader of cells takes."""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _ask(node: Expression, rules: Rules, asked: dict[str, set[str]], seen: set[str]) -> None:
    """Note what must be present for an expression to hold; what must be absent is not a sign of the disease."""
    match node:
        case Compare():
            if node.operator == "is":
                asked.setdefault(node.finding, set()).update(node.limit if isinstance(node.limit, tuple) else ())
            else:
                asked.setdefault(node.finding, set()).add("highest" if node.operator in _UPWARD else "lowest")
        case Present():
            if node.finding not in seen:
                seen.add(node.finding)
                definition = rules.findings[node.finding].definition
                if definition is not None:
                    _ask(definition, rules, asked, seen)
                for part in rules.parts.get(node.finding, ()):
                    _ask(Present(part), rules, asked, seen)
        case Not():
            pass
        case Binds():
            _ask(node.present_when, rules, asked, seen)
        case _:
            for child in children_of(node):
                _ask(child, rules, asked, seen)
