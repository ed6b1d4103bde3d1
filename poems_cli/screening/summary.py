"""What a screening found, in counts: plain records for people and programs. No patient's id or value is ever in them."""

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from poems_cli.errors import Problem
from poems_cli.model import Element, RulesIdentity
from poems_cli.tables.columns import Column, TableMap, UnitFrom

SCHEMA_VERSION = "2.0"

#: What can be written, each at most once in a run.
OUTPUTS = ("verdicts", "worklist", "rejects", "summary", "report")

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


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
    """The rows that need so many further positive findings at least, and the tests to do next in them.

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
    """What came of a column: how many of its cells were ``understood``, said nothing (``blank``), or were not understood.

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
    """Everything that is said of a screening as a whole.

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
        """The rate over the whole run; ``None`` where no time can be told."""
        return self.rows / self.seconds if self.seconds > 0 else None

    def output(self, kind: str) -> Output | None:
        """Where one of ``OUTPUTS`` was written, if it was."""
        return next((output for output in self.outputs if output.kind == kind), None)


def summary_json(summary: Summary) -> dict[str, Any]:
    """The summary as plain data, in the shape that :func:`summary_schema` describes."""
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
        "steps": [
            {"steps_to_met": steps.steps_to_met, "rows": steps.rows, "next_tests": _counts(steps.next_tests, "test")}
            for steps in summary.steps
        ],
        "can_no_longer_be_met": summary.can_no_longer_be_met,
        "not_understood": {
            "cells": summary.not_understood.cells,
            "rows": summary.not_understood.rows,
            "columns": [column._asdict() for column in summary.not_understood.columns],
        },
        "contradictory": {
            "rows": summary.contradictory.rows,
            "findings": _counts(summary.contradictory.findings, "finding"),
        },
        "warnings": _counts(summary.warnings, "id"),
        "red_flags": _counts(summary.red_flags, "id"),
        "id_heading": summary.table.id,
        "columns": [_column(read) for read in summary.read],
        "ignored": list(summary.table.ignored),
        "unplaced": [
            {"heading": column.heading, "why": column.why, "mend": column.mend, "ambiguous": column.ambiguous}
            for column in summary.table.unplaced
        ],
        "notes": [note._asdict() for note in summary.notes],
        "outputs": [output._asdict() for output in summary.outputs],
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
    levels = {level.id: {**_three(level), "highest": level.highest} for level in verdicts.levels}
    return {**_three(verdicts), **({"levels": levels} if levels else {})}


def _three(verdicts: Verdicts | LevelVerdicts) -> dict[str, int]:
    return {"met": verdicts.met, "not_met": verdicts.not_met, "undetermined": verdicts.undetermined}


def _counts(counts: tuple[Count, ...], name: str) -> list[dict[str, Any]]:
    return [{name: count.id, "rows": count.rows} for count in counts]


# --- the contract -----------------------------------------------------------------------------------------------------


def summary_schema() -> dict[str, Any]:
    """The JSON Schema of ``poems screen --summary``."""
    return {
        "$schema": _DRAFT,
        "title": "A summary of poems screen",
        "description": "Counts over all rows of a screening; no patient's id or value.",
        **_object(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "program": _object({"name": {"const": "poems"}, "version": _TEXT}),
                "rules": _object({"id": _TEXT, "version": _TEXT, "sha256": {"pattern": "^[0-9a-f]{64}$"}}),
                "files": {**_array(_TEXT), "description": "as they were named; - is standard input"},
                "engine": _TEXT,
                "rows": {**_ROWS, "description": "rows read, and as many answered"},
                "seconds": {"type": "number", "minimum": 0, "description": "wall time"},
                "rows_per_second": {"type": ["number", "null"], "minimum": 0},
                "default_criteria": _TEXT,
                "verdicts": {"type": "object", "description": "by criteria set", "additionalProperties": _ref("verdicts")},
                "met": {**_ROWS, "description": "rows that meet the default set"},
                "steps": {
                    **_array(_ref("steps")),
                    "description": "rows that could still meet the default set, the nearest first",
                },
                "can_no_longer_be_met": {**_ROWS, "description": "rows in which no further finding could meet the default set"},
                "not_understood": _object({"cells": _ROWS, "rows": _ROWS, "columns": _array(_ref("fault"))}),
                "contradictory": _object({"rows": _ROWS, "findings": _array(_object({"finding": _TEXT, "rows": _ROWS}))}),
                "warnings": _array(_ref("count")),
                "red_flags": _array(_ref("count")),
                "id_heading": {**_TEXT_OR_NULL, "description": "the heading of the patient's id; null where there is none"},
                "columns": _array(_ref("column")),
                "ignored": {**_array(_TEXT), "description": "headings left out on purpose"},
                "unplaced": _array(_ref("unplaced")),
                "notes": {
                    **_array(_object({"where": _TEXT, "what": _TEXT, "mend": _TEXT})),
                    "description": "what else there is to know of the rows: totals, blank rows, ids that occur again",
                },
                "outputs": {**_array(_ref("output")), "description": "what was written and where; - is standard output"},
            }
        ),
        "$defs": _definitions(),
    }


def _definitions() -> dict[str, Any]:
    three = {"met": _ROWS, "not_met": _ROWS, "undetermined": _ROWS}
    levels = {
        "type": "object",
        "description": "by level, the highest first; only where a set has several",
        "additionalProperties": _object(
            {**three, "highest": {**_ROWS, "description": "rows of which this is the highest level met: each row once"}}
        ),
    }
    return {
        "verdicts": _object({**three, "levels": levels}, list(three)),
        "steps": _object(
            {
                "steps_to_met": {"type": "integer", "minimum": 1, "description": "fewest further positive findings"},
                "rows": _ROWS,
                "next_tests": {
                    **_array(_object({"test": _TEXT, "rows": _ROWS})),
                    "description": "the tests to do next, the most frequent first",
                },
            }
        ),
        "column": _object(
            {
                "heading": _TEXT,
                "finding": _TEXT,
                "unit": _TEXT_OR_NULL,
                "unit_from": {"enum": [*get_args(UnitFrom), None], "description": "where the unit is from; null for words"},
                "fits": {
                    "type": ["number", "null"],
                    "minimum": 0,
                    "maximum": 1,
                    "description": "the share of the numbers that are possible in the unit",
                },
                "understood": {**_ROWS, "description": "cells that were understood"},
                "blank": {**_ROWS, "description": "cells that are blank or say unknown"},
                "not_understood": _ROWS,
                "texts": {
                    **_array(_object({"text": _TEXT, "cells": _ROWS})),
                    "description": "the most frequent texts of a column of words",
                },
            }
        ),
        "fault": _object(
            {
                "heading": {**_TEXT_OR_NULL, "description": "null where whole rows were not understood"},
                "finding": _TEXT_OR_NULL,
                "problem": _TEXT,
                "cells": _ROWS,
                "mend": _TEXT,
            }
        ),
        "unplaced": _object(
            {
                "heading": _TEXT,
                "why": _TEXT,
                "mend": _TEXT,
                "ambiguous": {"type": "boolean", "description": "whether it could be one of several findings"},
            }
        ),
        "count": _object({"id": _TEXT, "rows": _ROWS}),
        "output": _object({"kind": {"enum": list(OUTPUTS)}, "path": _TEXT, "rows": {**_ROWS, "type": ["integer", "null"]}}),
    }


_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_ROWS = {"type": "integer", "minimum": 0}


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """An object with these properties and no others; all of them are required unless told otherwise."""
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}
