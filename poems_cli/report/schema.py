"""JSON Schemas of what goes in and what comes out: the contract, as the files of ``schemas/`` have it.

They are JSON Schema with short forms. A word alone is a schema of ``parts.yaml`` or of ``$defs``; ``is`` adds to one.
``record`` is an object with these properties and no others, of which those marked ``?`` may be left out; ``list`` is an array,
``map`` an object whose names are ids (``keys``), ``ids`` one of the ids of these rules, ``or_null`` what may be null.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Literal, TypeAlias, get_args

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS, UNKNOWN_WORDS
from poems_cli.model import Finding, FollowUp, Rules
from poems_cli.report.course_json import COURSE_SCHEMA_VERSION
from poems_cli.report.json import SCHEMA_VERSION
from poems_cli.rules.strict_yaml import read_yaml
from poems_cli.screening import summary
from poems_cli.tables import columns
from poems_cli.units import UnitFrom

Schema: TypeAlias = dict[str, Any]
Which: TypeAlias = Literal["input", "output", "brief", "follow", "summary"]

_VERSIONS = {
    "output": SCHEMA_VERSION,
    "brief": SCHEMA_VERSION,
    "follow": COURSE_SCHEMA_VERSION,
    "summary": summary.SCHEMA_VERSION,
}
_BY_ID = ("findings", "criteria", "mimic_criteria", "mimics", "tests", "sources")
_LISTED = ("causes", "outcomes", "red_flags", "staging")
_TRUTHS = tuple(word for word in (*PRESENT_WORDS, *ABSENT_WORDS, *UNKNOWN_WORDS) if word)
_LITERAL = re.compile(r"[.*+?()\[\]/]")


def json_schema(which: Which, rules: Rules) -> Schema:
    """The schema of one patient as given, of one answer in full or in brief, of a course, or of a screening's summary."""
    schema = _read(which)
    parts = _read("parts") | {
        "version": {"const": _VERSIONS.get(which)},
        "the syndrome": {"const": rules.identity.id},
        "word": {"type": "string", "pattern": f"^({'|'.join(map(_any_case, _TRUTHS))})$"},
    }
    writer = _Writer(parts, _ids(rules))
    if which == "input":
        kinds = {kind: [writer.whole(form) for form in schema.pop(kind)] for kind in ("boolean", "choice", "quantity")}
        described = f"Findings of rules {rules.identity.id} {rules.identity.version}. What is left out is unknown."
        schema = {"title": schema.pop("title"), "description": described, **schema}
        findings = {finding.id: _finding(finding, kinds[finding.kind]) for finding in rules.findings.values()}
        for place in ("findings", "flat"):
            schema["$defs"][place]["properties"] |= findings
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **writer.whole(schema)}


def _read(name: str) -> Schema:
    text = (files("poems_cli.report") / "schemas" / f"{name}.yaml").read_text(encoding="utf-8")
    data: Schema = read_yaml(name, text).data
    return data


def _any_case(word: str) -> str:
    """A word in any case, for the regular expressions of every language that validates."""
    return "".join([f"[{letter.upper()}{letter}]" if letter.isalpha() else _LITERAL.sub(r"\\\g<0>", letter) for letter in word])


def _finding(finding: Finding, forms: Sequence[Schema]) -> Schema:
    """How one finding may be given: in any of the ways of its kind."""
    if finding.kind == "choice":
        forms = [{"enum": [*finding.choices, None]}, *forms]
    if finding.kind == "quantity":
        bare, measured, unknown = forms
        unit = {"type": "string", "description": f"canonical: {finding.unit}"}
        forms = [bare, measured | {"properties": measured["properties"] | {"unit": unit}}, unknown]
    return {"description": finding.label, "anyOf": forms}


def _ids(rules: Rules) -> dict[str, Sequence[str]]:
    """The ids of these rules by the kind of thing, and the words that the program itself has for some others."""
    follow_up = rules.outlook.follow_up if rules.outlook else None
    followed = follow_up or FollowUp((), (), None, ())
    return {
        **{kind: list(getattr(rules, kind)) for kind in _BY_ID},
        **{kind: [entry.id for entry in getattr(rules, kind)] for kind in _LISTED},
        "followed": [group.id for group in followed.groups],
        "responses": [domain.id for domain in followed.response],
        "levels": list(dict.fromkeys(level.id for domain in followed.response for level in domain.levels)),
        "landmarks": [landmark.id for landmark in followed.landmarks],
        "unit_from": get_args(UnitFrom),
        "unit_from_of_a_column": get_args(columns.UnitFrom),
        "outputs": summary.OUTPUTS,
    }


class _Writer:
    """Writes out the short forms."""

    def __init__(self, parts: Mapping[str, Any], ids: Mapping[str, Sequence[str]]) -> None:
        self._parts = parts
        self._ids = ids

    def whole(self, node: Any) -> Any:
        """A schema without short forms, or a keyword's value as it is."""
        if isinstance(node, str):
            return self.whole(self._parts[node]) if node in self._parts else {"$ref": f"#/$defs/{node}"}
        schema: Schema = {}
        for key, value in node.items():
            schema |= self._written(key, value)
        return schema

    def _written(self, key: str, value: Any) -> Schema:
        match key:
            case "is":
                written: Schema = self.whole(value)
                return written
            case "record":
                required = [name for name in value if not name.endswith("?")]
                properties = {name.removesuffix("?"): self.whole(part) for name, part in value.items()}
                return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
            case "list":
                return {"type": "array", "items": self.whole(value)}
            case "map":
                return {"type": "object", "additionalProperties": self.whole(value)}
            case "keys":
                return {"propertyNames": {"enum": self._named(value)}}
            case "ids":
                return {"enum": self._named(value)}
            case "or_null":
                return {"anyOf": [{"type": "null"}, self.whole(value)]}
            case "anyOf" | "oneOf":
                return {key: [self.whole(part) for part in value]}
            case "properties" | "$defs":
                return {key: {name: self.whole(part) for name, part in value.items()}}
            case _:
                return {key: self.whole(value) if isinstance(value, dict) else value}

    def _named(self, kinds: str | Sequence[str | None]) -> list[str | None]:
        """The ids of one kind or of several; ``null`` among these is itself."""
        every = [kinds] if isinstance(kinds, str) else kinds
        return [name for kind in every for name in ([None] if kind is None else self._ids[kind])]
