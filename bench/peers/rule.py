"""The one rule that every peer evaluates, and what their ways of reading and writing a table have in common.

The rule is the Mayo set on the columns of the benchmark's table, with groups and two limits, and without the defaults,
ranges and contradictions that the full rules add. The Python peers translate this one tree into their own form; the CQL is
written by hand, so that a slip in the tree does not go unnoticed.

A blank cell is unknown; else a cell is ``true`` or ``false``, or a finite number where a number belongs. Anything else stops
a peer: none of them is a judge of bad tables.
"""

import csv
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

#: What is known of one patient; unknown is left out.
Patient: TypeAlias = dict[str, bool | float]
Decide: TypeAlias = Callable[[Patient], str]


class Flag(NamedTuple):
    """A column of ``true`` and ``false``."""

    column: str


class Above(NamedTuple):
    """A column of numbers: present above the limit, absent at or below it."""

    name: str
    column: str
    limit: float


class Every(NamedTuple):
    """All of the parts are needed."""

    name: str
    parts: tuple["Node", ...]


class Some(NamedTuple):
    """At least one of the parts is needed."""

    name: str
    parts: tuple["Node", ...]


Node: TypeAlias = Flag | Above | Every | Some


def _some(name: str, *columns: str) -> Some:
    return Some(name, tuple(Flag(column) for column in columns))


MAYO = Every(
    "mayo",
    (
        Flag("polyneuropathy"),
        Flag("monoclonal_plasma_cell_disorder"),
        Some(
            "major",
            (
                Flag("castleman_disease"),
                Flag("sclerotic_bone_lesion"),
                Above("vegf_elevated", "plasma_vegf", 200),
            ),
        ),
        Some(
            "minor",
            (
                _some("organomegaly", "hepatomegaly", "splenomegaly", "lymphadenopathy"),
                _some("extravascular_volume_overload", "peripheral_edema", "pleural_effusion", "ascites"),
                _some("endocrinopathy", "hypogonadism", "gynecomastia"),
                _some("skin_changes", "hyperpigmentation", "hypertrichosis", "hemangioma", "white_nails", "acrocyanosis"),
                Flag("papilledema"),
                Above("thrombocytosis", "platelets", 450),
            ),
        ),
    ),
)


def leaves(node: Node = MAYO) -> Iterator[Flag | Above]:
    """Give every column's test, in the order of the tree."""
    if isinstance(node, Flag | Above):
        yield node
    else:
        for part in node.parts:
            yield from leaves(part)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {text!r}")
    return value


_READ: dict[str, Callable[[str], bool | float]] = {
    leaf.column: {"true": True, "false": False}.__getitem__ if isinstance(leaf, Flag) else _number for leaf in leaves()
}
COLUMNS = tuple(_READ)
#: What a two-valued peer is given for each unknown, so that it counts as present, or as absent. An infinite number would do
#: as well, but JSON has none.
AS_PRESENT: Patient = {leaf.column: leaf.limit + 1 if isinstance(leaf, Above) else True for leaf in leaves()}
AS_ABSENT: Patient = {leaf.column: leaf.limit if isinstance(leaf, Above) else False for leaf in leaves()}


def known(cells: Iterable[tuple[str, str]]) -> Patient:
    """Read the cells of one row that are not blank."""
    return {column: _READ[column](text) for column, text in cells if text}


def patients(source: Path) -> Iterator[tuple[str, Patient]]:
    """Read the id and the known findings of each row: the reader of the row-by-row peers.

    It is quicker than ``csv.DictReader``, which makes an entry of columns that nobody needs, so that what is measured is the
    peer rather than the reader.
    """
    with source.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        pick = itemgetter(header.index("id"), *(header.index(column) for column in COLUMNS))
        for id_, *cells in map(pick, rows):
            yield id_, known(zip(COLUMNS, cells, strict=True))


def twice(is_met: Callable[[Patient], Any], patient: Patient) -> str:
    """Get three values out of a two-valued engine: met whatever the unknowns are, met if they are all present, or neither.

    This is exact for a rule without negation and with each column once. Most patients do not meet it even at best, and are
    done after the first evaluation.
    """
    if not is_met(AS_PRESENT | patient):
        return "not met"
    return "met" if is_met(AS_ABSENT | patient) else "undetermined"


def write(target: Path, verdicts: Iterable[tuple[str, str]]) -> None:
    """Write the answer of a row-by-row peer."""
    with target.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("id", "verdict"))
        out.writerows(verdicts)


def screen(decide: Decide) -> None:
    """Be the whole program of a row-by-row peer: the table and the answer are named on the command line."""
    source, target = paths()
    write(target, ((id_, decide(patient)) for id_, patient in patients(source)))


def paths() -> tuple[Path, Path]:
    """Give the table and the answer that the command line names."""
    if len(sys.argv) != 3:
        sys.exit(f"usage: {Path(sys.argv[0]).name} IN.csv OUT.csv")
    return Path(sys.argv[1]), Path(sys.argv[2])


def kleene(node: Node, patient: Mapping[str, bool | float]) -> bool | None:
    """Walk the tree in three values: the reference that every peer's verdicts must equal."""
    if isinstance(node, Flag | Above):
        value = patient.get(node.column)
        if value is None:
            return None
        return value > node.limit if isinstance(node, Above) else bool(value)
    decisive, undecided = isinstance(node, Some), False
    for part in node.parts:
        truth = kleene(part, patient)
        if truth is decisive:
            return decisive
        undecided |= truth is None
    return None if undecided else not decisive
