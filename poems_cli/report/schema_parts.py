"""The parts that every JSON Schema of an output is built from."""

from collections.abc import Sequence
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
TRUTH: Schema = {"type": ["boolean", "null"], "description": "true present, false absent, null unknown"}
VERDICT: Schema = {"enum": ["met", "not met", "undetermined"]}


def record(properties: Schema, required: Sequence[str] | None = None) -> Schema:
    """An object with these properties and no others; all of them are required unless ``required`` names fewer."""
    names = list(properties) if required is None else list(required)
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def list_of(items: Schema, least: int = 0) -> Schema:
    """An array of such items, at least so many."""
    return {"type": "array", "items": items, **({"minItems": least} if least else {})}


def by_id(ids: Sequence[str], value: Schema) -> Schema:
    """An object whose names are ids."""
    return {"type": "object", "propertyNames": {"enum": list(ids)}, "additionalProperties": value}


def or_null(value: Schema) -> Schema:
    """A value that may be null."""
    return {"anyOf": [{"type": "null"}, value]}


def ref(name: str) -> Schema:
    """A schema that is defined under ``$defs``."""
    return {"$ref": f"#/$defs/{name}"}


def basis_properties() -> Schema:
    """What a statement rests on: its source, what was read of it, and whether it is ours."""
    return {name: ref(f"basis/{name}") for name in ("source", "read", "default")}
