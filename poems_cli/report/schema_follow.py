"""The JSON Schema of a course, the answer of ``poems follow``."""

from typing import Any, get_args

from poems_cli.model import Rules
from poems_cli.report.course_json import COURSE_SCHEMA_VERSION
from poems_cli.report.schema_parts import DRAFT, TEXT, TRUTH, Schema, basis_properties, list_of, or_null, record, ref
from poems_cli.units import UnitFrom

_DIRECTION = {"enum": ["better", "worse", "the same", "mixed", "changed", None]}
_NUMBER = {"type": ["number", "null"]}


def follow_schema(rules: Rules) -> Schema:
    """The schema of one answer of ``poems follow --format json``."""
    follow_up = rules.outlook.follow_up if rules.outlook else None
    finding = ref("finding")
    return {
        "$schema": DRAFT,
        "title": "An answer of poems follow",
        "description": "Everything is named by its id, visits by their dates; poems explain ID gives the rest.",
        **record(
            {
                "schema_version": {"const": COURSE_SCHEMA_VERSION},
                "program": record({"name": {"const": "poems"}, "version": TEXT}),
                "rules": record({"id": TEXT, "version": TEXT, "sha256": {"pattern": "^[0-9a-f]{64}$"}}),
                "patient": record({"id": {"type": ["string", "null"]}}),
                "visits": list_of(record({"date": ref("date"), "months": {"type": "number"}}), 2),
                "followed": list_of(
                    record({"group": _ids(follow_up.groups if follow_up else ()), "findings": list_of(ref("row"))})
                ),
                "unseen": {**list_of(finding), "description": "unknown at every visit"},
                "responses": list_of(_response(rules)),
                "landmarks": list_of(_landmark(rules)),
                "contradictions": list_of(record({"visit": ref("date"), "finding": finding})),
            }
        ),
        "$defs": {
            "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            "finding": {"enum": list(rules.findings)},
            "quantity": _quantity(),
            "change": _change(),
            "basis": {"source": {"enum": list(rules.sources)}, "read": TEXT, "default": {"const": True}},
            "row": {"oneOf": [_measure(), _sign()]},
        },
    }


def _measure() -> Schema:
    quantity, change = ref("quantity"), ref("change")
    return record(
        {
            "finding": ref("finding"),
            "kind": {"const": "quantity"},
            "unit": TEXT,
            "values": {**list_of(or_null(quantity)), "description": "one per visit; null was not measured"},
            "better": {"enum": ["lower", "higher", None]},
            "since_first": {**or_null(change), "description": "since it was first measured; null where it was once"},
            "best": {**or_null(ref("date")), "description": "the nadir, or the peak where higher is better"},
            "since_best": or_null(change),
        }
    )


def _sign() -> Schema:
    return record(
        {
            "finding": ref("finding"),
            "kind": {"const": "boolean"},
            "values": {**list_of(TRUTH), "description": "one per visit"},
            "contradictory": {**list_of(ref("date")), "description": "where the record contradicts itself"},
        }
    )


def _quantity() -> Schema:
    number = {"type": "number"}
    members = {
        "value": number, "unit": TEXT, "comparator": {"enum": ["<", "<=", ">", ">="]}, "low": number, "high": number,
        "given": record({"value": number, "unit": TEXT}), "unit_from": {"enum": list(get_args(UnitFrom))},
    }  # fmt: skip
    return record(members, ["value", "unit"])


def _change() -> Schema:
    return {
        **record(
            {
                "from": ref("date"),
                "to": ref("date"),
                "kind": {"enum": ["percent", "difference"]},
                "least": _NUMBER,
                "most": _NUMBER,
            }
        ),
        "description": "least and most are equal where the change is exact, null where a comparator leaves them open",
    }


def _response(rules: Rules) -> Schema:
    follow_up = rules.outlook.follow_up if rules.outlook else None
    domains = follow_up.response if follow_up else ()
    levels = {"enum": list(dict.fromkeys(level.id for domain in domains for level in domain.levels))}
    finding, day = ref("finding"), ref("date")
    missing = record({"finding": finding, "visit": day, "given": {"type": "boolean"}})
    level = {"level": levels, "value": TRUTH, "applies": TRUTH, "missing": list_of(missing)}
    status = {"enum": ["reached", "not reached", "unknown", "not evaluable"]}
    domain = {"domain": _ids(domains), "status": status, "level": or_null(levels)}
    moved = record({"finding": finding, "direction": _DIRECTION})
    clinical = record(
        {"group": _ids(follow_up.groups if follow_up else ()), "direction": _DIRECTION, "findings": list_of(moved)}
    )
    return record(
        {
            "visit": day,
            "domains": list_of(record({**domain, "levels": list_of(record({**level, **basis_properties()}, list(level)))})),
            "clinical": list_of(clinical),
        }
    )


def _landmark(rules: Rules) -> Schema:
    follow_up = rules.outlook.follow_up if rules.outlook else None
    return record(
        {
            "landmark": _ids(follow_up.landmarks if follow_up else ()),
            "visit": ref("date"),
            "months": {"type": "number"},
            "measured": or_null(ref("quantity")),
            "value": TRUTH,
            "facts": list_of(record({"text": TEXT, **basis_properties()}, ["text"])),
        }
    )


def _ids(entries: Any) -> Schema:
    return {"enum": [entry.id for entry in entries]}
