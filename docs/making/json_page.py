"""The reference of the JSON that goes in and comes out, read from the JSON Schemas that ``poems schema`` prints."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from making.markdown import code, table

_FEW = 8


def json_reference(which: str) -> Iterator[str]:
    """One schema: the members at the top, then each of its definitions, as tables."""
    command = [sys.executable, "-m", "poems_cli", "schema", which]
    schema = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    if schema.get("description"):
        yield schema["description"]
        yield ""
    definitions = schema.get("$defs", {})
    yield from _members(schema, definitions)
    for name, definition in definitions.items():
        if _object_of(definition) is not None and name != "basis":
            yield f"**{name.replace('_', ' ')}**{_described(definition)}"
            yield ""
            yield from _members(definition, definitions)


def _described(definition: Mapping[str, Any]) -> str:
    return f": {definition['description']}" if definition.get("description") else ""


def _object_of(definition: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The members of an object, ``None`` where it is something else or has as many members as there are findings."""
    properties = definition.get("properties")
    return properties if properties and len(properties) < 100 else None


def _members(definition: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    properties = _object_of(definition)
    if properties is None:
        return
    required = definition.get("required", ())
    rows = []
    for name, member in properties.items():
        meant = _plain_of(member, definitions)
        rows.append((code(name), _type(meant), "" if name in required else "may be missing", meant.get("description", "")))
    yield from table(("member", "holds", "", "what it is"), rows)


def _plain_of(member: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """A member, or what it refers to where that is not a table of its own."""
    name = str(member.get("$ref", "")).removeprefix("#/$defs/")
    definition = definitions.get(name, {})
    return {**definition, **{key: member[key] for key in member if key != "$ref"}} if _is_plain(definition) else member


def _is_plain(definition: Mapping[str, Any]) -> bool:
    return bool(definition) and "properties" not in definition and ("type" in definition or "description" in definition)


def _type(member: Mapping[str, Any]) -> str:
    if "$ref" in member:
        name = str(member["$ref"]).removeprefix("#/$defs/").split("/")[-1]
        return "*" + name.replace("_", " ") + "*"
    if "const" in member:
        return code(json.dumps(member["const"]))
    if "enum" in member:
        values = [code(json.dumps(value)) for value in member["enum"]]
        return ", ".join(values) if len(values) <= _FEW else f"one of {len(values)} ids"
    for key in ("anyOf", "oneOf"):
        if key in member:
            return " or ".join(dict.fromkeys(_type(one) for one in member[key]))
    return _plain_type(member)


def _plain_type(member: Mapping[str, Any]) -> str:
    kind = member.get("type", "anything")
    if kind == "array":
        return f"list of {_type(member.get('items', {}))}"
    if kind == "object" and isinstance(member.get("additionalProperties"), dict):
        return f"object: id to {_type(member['additionalProperties'])}"
    if kind == "object" and member.get("properties"):
        listed = ", ".join(code(name) for name in list(member["properties"])[:_FEW])
        return (
            f"object with {listed}" if len(member["properties"]) <= _FEW else f"object with {len(member['properties'])} members"
        )
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
