"""The JSON Schema of what ``poems screen --summary`` writes."""

from typing import get_args

from poems_cli.report.schema_parts import DRAFT, TEXT, TEXT_OR_NULL, Schema, list_of, record, ref
from poems_cli.screening.summary import OUTPUTS, SCHEMA_VERSION
from poems_cli.tables.columns import UnitFrom

_ROWS: Schema = {"type": "integer", "minimum": 0}


def summary_schema() -> Schema:
    """The JSON Schema of ``poems screen --summary``."""
    return {
        "$schema": DRAFT,
        "title": "A summary of poems screen",
        "description": "Counts over all rows of a screening; no patient's id or value.",
        **record(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "program": record({"name": {"const": "poems"}, "version": TEXT}),
                "rules": record({"id": TEXT, "version": TEXT, "sha256": {"pattern": "^[0-9a-f]{64}$"}}),
                "files": {**list_of(TEXT), "description": "as they were named; - is standard input"},
                "engine": TEXT,
                "rows": {**_ROWS, "description": "rows read, and as many answered"},
                "seconds": {"type": "number", "minimum": 0, "description": "wall time"},
                "rows_per_second": {"type": ["number", "null"], "minimum": 0},
                "default_criteria": TEXT,
                "verdicts": {"type": "object", "description": "by criteria set", "additionalProperties": ref("verdicts")},
                "met": {**_ROWS, "description": "rows that meet the default set"},
                "steps": {
                    **list_of(ref("steps")),
                    "description": "rows that could still meet the default set, the nearest first",
                },
                "can_no_longer_be_met": {**_ROWS, "description": "rows in which no further finding could meet the default set"},
                "not_understood": record({"cells": _ROWS, "rows": _ROWS, "columns": list_of(ref("fault"))}),
                "contradictory": record({"rows": _ROWS, "findings": list_of(record({"finding": TEXT, "rows": _ROWS}))}),
                "warnings": list_of(ref("count")),
                "red_flags": list_of(ref("count")),
                "id_heading": {**TEXT_OR_NULL, "description": "the heading of the patient's id; null where there is none"},
                "columns": list_of(ref("column")),
                "ignored": {**list_of(TEXT), "description": "headings left out on purpose"},
                "unplaced": list_of(ref("unplaced")),
                "notes": {
                    **list_of(record({"where": TEXT, "what": TEXT, "mend": TEXT})),
                    "description": "what else there is to know of the rows: totals, blank rows, ids that occur again",
                },
                "outputs": {**list_of(ref("output")), "description": "what was written and where; - is standard output"},
            }
        ),
        "$defs": _definitions(),
    }


def _definitions() -> Schema:
    three = {"met": _ROWS, "not_met": _ROWS, "undetermined": _ROWS}
    levels = {
        "type": "object",
        "description": "by level, the highest first; only where a set has several",
        "additionalProperties": record(
            {**three, "highest": {**_ROWS, "description": "rows with this as the highest level met: each row once"}}
        ),
    }
    return {
        "verdicts": record({**three, "levels": levels}, list(three)),
        "steps": record(
            {
                "steps_to_met": {"type": "integer", "minimum": 1, "description": "fewest further positive findings"},
                "rows": _ROWS,
                "next_tests": {
                    **list_of(record({"test": TEXT, "rows": _ROWS})),
                    "description": "the tests to do next, the most frequent first",
                },
            }
        ),
        "column": record(
            {
                "heading": TEXT,
                "finding": TEXT,
                "unit": TEXT_OR_NULL,
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
                    **list_of(record({"text": TEXT, "cells": _ROWS})),
                    "description": "the most frequent texts of a column of words",
                },
            }
        ),
        "fault": record(
            {
                "heading": {**TEXT_OR_NULL, "description": "null where whole rows were not understood"},
                "finding": TEXT_OR_NULL,
                "problem": TEXT,
                "cells": _ROWS,
                "mend": TEXT,
            }
        ),
        "unplaced": record(
            {
                "heading": TEXT,
                "why": TEXT,
                "mend": TEXT,
                "ambiguous": {"type": "boolean", "description": "whether it could be one of several findings"},
            }
        ),
        "count": record({"id": TEXT, "rows": _ROWS}),
        "output": record({"kind": {"enum": list(OUTPUTS)}, "path": TEXT, "rows": {**_ROWS, "type": ["integer", "null"]}}),
    }
