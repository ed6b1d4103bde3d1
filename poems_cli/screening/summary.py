"""What a screening found, in counts: plain records for people and programs. No patient's id or value is ever in them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from poems_cli.errors import Problem
from poems_cli.model import Element, RulesIdentity
from poems_cli.tables.columns import Column, TableMap

SCHEMA_VERSION = "2.0"

#: What can be written, each at most once in a run.
OUTPUTS = ("verdicts", "worklist", "rejects", "summary", "report")


class Count(NamedTuple):
    """In how many rows something was found: a test, a finding, a warning or a red flag, by its id."""

    id: str
    rows: int


class LevelVerdicts(NamedTuple):
    """How many rows have each verdict at one level of a criteria set, and for how many it is the highest level met."""

    id: str
    met: int
    not_met: int
    undetermined: int
    highest: int


class Verdicts(NamedTuple):
    """How many rows have each verdict of one criteria set; ``levels`` only where it has several, the highest first."""

    id: str
    met: int
    not_met: int
    undetermined: int
    levels: tuple[LevelVerdicts, ...] = ()


class Steps(NamedTuple):
    """The rows that need at least ``steps_to_met`` further positive findings, and the tests to do next in them.

    ``next_tests`` run from the most frequent to the least. Rows in which no test answers what is missing are in ``rows`` only.
    """

    steps_to_met: int
    rows: int
    next_tests: tuple[Count, ...] = ()


class CellFault(NamedTuple):
    """How many cells of one column were not understood for one reason, and how to mend it.

    ``heading`` and ``finding`` are ``None`` where whole rows were not understood; ``cells`` counts these rows then.
    """

    heading: str | None
    finding: str | None
    problem: str
    cells: int
    mend: str


class ColumnRead(NamedTuple):
    """What came of a column: how many of its cells were ``understood``, empty (``blank``), or were not understood.

    ``texts`` are the most frequent of a column of words, each in several cells.
    """

    column: Column
    understood: int
    blank: int
    not_understood: int
    texts: tuple[tuple[str, int], ...] = ()


class NotUnderstood(NamedTuple):
    """The cells that were not understood, and so are unknown: how many, in how many rows, and why; most frequent first."""

    cells: int = 0
    rows: int = 0
    columns: tuple[CellFault, ...] = ()


class Contradictory(NamedTuple):
    """The rows that contradict themselves, and the findings about which they do; most frequent first."""

    rows: int = 0
    findings: tuple[Count, ...] = ()


class ConditionCounts(NamedTuple):
    """One condition of the default set: how many of its elements are ``needed``, and the rows by how many are present."""

    condition: Element
    needed: float
    rows: tuple[int, ...]


class Labeled(NamedTuple):
    """The rows that carry a label which deserves a second look, and how many of them have each red flag."""

    label: str
    rows: int
    flags: tuple[Count, ...]


class Details(NamedTuple):
    """What only a report shows.

    ``holding`` counts the rows by how many conditions of the default set's highest level hold; it is ``None`` where one of them
    is a score. ``known`` says of each finding that is read in how many rows its own columns make it known.
    """

    conditions: tuple[ConditionCounts, ...]
    holding: tuple[int, ...] | None
    known: Mapping[str, int]
    labels: tuple[Labeled, ...]


class Output(NamedTuple):
    """What was written and where: one of ``OUTPUTS``, its path (``-`` for standard output), and how many rows it has.

    ``rows`` is ``None`` where there are none to count.
    """

    kind: str
    path: str
    rows: int | None = None


class Summary(NamedTuple):
    """Everything that is reported of a screening as a whole.

    ``rows`` were read and as many answered, in ``seconds`` of wall time. ``steps`` are those of the default set, from the
    nearest; with ``met`` and ``can_no_longer_be_met`` they make up all rows. ``verdicts`` has the default set first.
    ``details`` are there where a report was asked for, and in no JSON.
    """

    program_version: str
    rules: RulesIdentity
    files: tuple[str, ...]
    engine: str
    rows: int
    seconds: float
    default_criteria: str
    verdicts: tuple[Verdicts, ...]
    met: int
    steps: tuple[Steps, ...]
    can_no_longer_be_met: int
    table: TableMap
    read: tuple[ColumnRead, ...] = ()
    not_understood: NotUnderstood = NotUnderstood()
    contradictory: Contradictory = Contradictory()
    warnings: tuple[Count, ...] = ()
    red_flags: tuple[Count, ...] = ()
    outputs: tuple[Output, ...] = ()
    notes: tuple[Problem, ...] = ()
    details: Details | None = None

    @property
    def rows_per_second(self) -> float | None:
        """The rate over the whole run; ``None`` where no time was measured."""
        return self.rows / self.seconds if self.seconds > 0 else None

    def output(self, kind: str) -> Output | None:
        """Where one of ``OUTPUTS`` was written, if it was."""
        return next((output for output in self.outputs if output.kind == kind), None)


def summary_json(summary: Summary) -> dict[str, Any]:
    """The summary as plain data, in the shape that ``poems schema summary`` describes."""
    rate = summary.rows_per_second
    return {
        "schema_version": SCHEMA_VERSION,
        "program": {"name": "poems", "version": summary.program_version},
        "rules": summary.rules._asdict(),
        "files": list(summary.files),
        "engine": summary.engine,
        "rows": summary.rows,
        "seconds": round(summary.seconds, 3),
        "rows_per_second": None if rate is None else round(rate, 1),
        "default_criteria": summary.default_criteria,
        "verdicts": {verdicts.id: _verdicts(verdicts) for verdicts in summary.verdicts},
        "met": summary.met,
        "steps": [{**steps._asdict(), "next_tests": _counts(steps.next_tests, "test")} for steps in summary.steps],
        "can_no_longer_be_met": summary.can_no_longer_be_met,
        "not_understood": {**summary.not_understood._asdict(), "columns": _plain(summary.not_understood.columns)},
        "contradictory": {
            "rows": summary.contradictory.rows,
            "findings": _counts(summary.contradictory.findings, "finding"),
        },
        "warnings": _plain(summary.warnings),
        "red_flags": _plain(summary.red_flags),
        "id_heading": summary.table.id,
        "columns": [_column(read) for read in summary.read],
        "ignored": list(summary.table.ignored),
        "unplaced": [
            {"heading": column.heading, "why": column.why, "mend": column.mend, "ambiguous": column.ambiguous}
            for column in summary.table.unplaced
        ],
        "notes": _plain(summary.notes),
        "outputs": _plain(summary.outputs),
    }


def _column(read: ColumnRead) -> dict[str, Any]:
    column = read.column
    return {
        "heading": column.heading,
        "finding": column.finding,
        "unit": column.unit,
        "unit_from": column.unit_from,
        "fits": None if column.fits is None else round(column.fits, 4),
        "understood": read.understood,
        "blank": read.blank,
        "not_understood": read.not_understood,
        "texts": [{"text": text, "cells": cells} for text, cells in read.texts],
    }


def _verdicts(verdicts: Verdicts) -> dict[str, Any]:
    three = {"met": verdicts.met, "not_met": verdicts.not_met, "undetermined": verdicts.undetermined}
    levels = {level["id"]: {key: level[key] for key in (*three, "highest")} for level in _plain(verdicts.levels)}
    return {**three, **({"levels": levels} if levels else {})}


def _counts(counts: Sequence[Count], name: str) -> list[dict[str, Any]]:
    return [{name: count.id, "rows": count.rows} for count in counts]


def _plain(records: Sequence[NamedTuple]) -> list[dict[str, Any]]:
    return [record._asdict() for record in records]
