"""The JSON Schema of a course, the answer of ``poems follow``."""

from typing import Any, get_args

from poems_cli.model import Rules
from poems_cli.report.course_json import COURSE_SCHEMA_VERSION
from poems_cli.units import UnitFrom

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT, _TRUTH = {"type": "string"}, {"type": ["boolean", "null"], "description": "true present, false absent, null unknown"}
_DIRECTION = {"enum": ["better", "worse", "the same", "mixed", "changed", None]}
_NUMBER = {"type": ["number", "null"]}


def follow_schema(rules: Rules) -> dict[str, Any]:
    """The schema of one answer of ``poems follow --format json``."""
    follow_up = rules.outlook.follow_up if rules.outlook else None
    finding = {"$ref": "#/$defs/finding"}
    return {
        "$schema": _DRAFT,
        "title": "An answer of poems follow",
        "description": "Everything is named by its id, visits by their dates; poems explain ID gives the rest.",
        **_object(
            {
                "schema_version": {"const": COURSE_SCHEMA_VERSION},
                "program": _object({"name": {"const": "poems"}, "version": _TEXT}),
                "rules": _object({"id": _TEXT, "version": _TEXT, "sha256": {"pattern": "^[0-9a-f]{64}$"}}),
                "patient": _object({"id": {"type": ["string", "null"]}}),
                "visits": _list(_object({"date": {"$ref": "#/$defs/date"}, "months": {"type": "number"}}), 2),
                "followed": _list(
                    _object({"group": _ids(follow_up.groups if follow_up else ()), "findings": _list({"$ref": "#/$defs/row"})})
                ),
                "unseen": {**_list(finding), "description": "unknown at every visit"},
                "responses": _list(_response(rules)),
                "landmarks": _list(_landmark(rules)),
                "contradictions": _list(_object({"visit": {"$ref": "#/$defs/date"}, "finding": finding})),
            }
        ),
        "$defs": {
            "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            "finding": {"enum": list(rules.findings)},
            "quantity": _quantity(),
            "change": _change(),
            "basis": {"source": {"enum": list(rules.sources)}, "read": _TEXT, "default": {"const": True}},
            "row": {"oneOf": [_measure(), _sign()]},
        },
    }


def _measure() -> dict[str, Any]:
    quantity, change = {"$ref": "#/$defs/quantity"}, {"$ref": "#/$defs/change"}
    return _object(
        {
            "finding": {"$ref": "#/$defs/finding"},
            "kind": {"const": "quantity"},
            "unit": _TEXT,
            "values": {**_list(_or_null(quantity)), "description": "one per visit; null was not measured"},
            "better": {"enum": ["lower", "higher", None]},
            "since_first": {**_or_null(change), "description": "since it was first measured; null where it was once"},
            "best": {**_or_null({"$ref": "#/$defs/date"}), "description": "the nadir, or the peak where higher is better"},
            "since_best": _or_null(change),
        }
    )


def _sign() -> dict[str, Any]:
    return _object(
        {
            "finding": {"$ref": "#/$defs/finding"},
            "kind": {"const": "boolean"},
            "values": {**_list(_TRUTH), "description": "one per visit"},
            "contradictory": {**_list({"$ref": "#/$defs/date"}), "description": "where the record contradicts itself"},
        }
    )


def _quantity() -> dict[str, Any]:
    number = {"type": "number"}
    members = {
        "value": number, "unit": _TEXT, "comparator": {"enum": ["<", "<=", ">", ">="]}, "low": number, "high": number,
        "given": _object({"value": number, "unit": _TEXT}), "unit_from": {"enum": list(get_args(UnitFrom))},
    }  # fmt: skip
    return _object(members, ["value", "unit"])


def _change() -> dict[str, Any]:
    return {
        **_object(
            {
                "from": {"$ref": "#/$defs/date"},
                "to": {"$ref": "#/$defs/date"},
                "kind": {"enum": ["percent", "difference"]},
                "least": _NUMBER,
                "most": _NUMBER,
            }
        ),
        "description": "least and most are equal where the change is exact, null where a comparator leaves them open",
    }


def _response(rules: Rules) -> dict[str, Any]:
    follow_up = rules.outlook.follow_up if rules.outlook else None
    domains = follow_up.response if follow_up else ()
    levels = {"enum": list(dict.fromkeys(level.id for domain in domains for level in domain.levels))}
    finding, day = {"$ref": "#/$defs/finding"}, {"$ref": "#/$defs/date"}
    missing = _object({"finding": finding, "visit": day, "given": {"type": "boolean"}})
    level = {"level": levels, "value": _TRUTH, "applies": _TRUTH, "missing": _list(missing)}
    status = {"enum": ["reached", "not reached", "unknown", "not evaluable"]}
    domain = {"domain": _ids(domains), "status": status, "level": _or_null(levels)}
    moved = _object({"finding": finding, "direction": _DIRECTION})
    clinical = _object(
        {"group": _ids(follow_up.groups if follow_up else ()), "direction": _DIRECTION, "findings": _list(moved)}
    )
    return _object(
        {
            "visit": day,
            "domains": _list(_object({**domain, "levels": _list(_object({**level, **_basis()}, list(level)))})),
            "clinical": _list(clinical),
        }
    )


def _landmark(rules: Rules) -> dict[str, Any]:
    follow_up = rules.outlook.follow_up if rules.outlook else None
    return _object(
        {
            "landmark": _ids(follow_up.landmarks if follow_up else ()),
            "visit": {"$ref": "#/$defs/date"},
            "months": {"type": "number"},
            "measured": _or_null({"$ref": "#/$defs/quantity"}),
            "value": _TRUTH,
            "facts": _list(_object({"text": _TEXT, **_basis()}, ["text"])),
        }
    )


def _ids(entries: Any) -> dict[str, Any]:
    return {"enum": [entry.id for entry in entries]}


def _basis() -> dict[str, Any]:
    return {name: {"$ref": f"#/$defs/basis/{name}"} for name in ("source", "read", "default")}


def _list(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, **({"minItems": least} if least else {})}


def _or_null(value: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"type": "null"}, value]}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """An object with these properties and no others; all of them are required unless named otherwise."""
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}
