"""The JSON Schema of a rules file, made of the very shapes that ``poems rules lint`` checks.

What needs more than one entry to tell (ids that exist, limits with a source, definitions without a circle) is not in it.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from poems_cli.rules import shape
from poems_cli.rules.shape import EXPRESSIONS, ID, OPERATORS, RULES, Fields, Shape, Word
from poems_cli.rules.strict_yaml import read_yaml

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID = Word(plain=True)
_ONE_LINE = r"^\s*\S([^\t\n]*\S)?\s*$"
#: Entries that have a name of their own in the module of shapes are written once, under that name.
_NAMES = {id(value): name.lower() for name, value in vars(shape).items() if isinstance(value, Fields) and name.isupper()}


@cache
def meanings() -> Mapping[str, str]:
    """What each key means, in a sentence."""
    text = files("poems_cli.rules").joinpath("meanings.yaml").read_text(encoding="utf-8")
    data: Mapping[str, str] = read_yaml("meanings.yaml", text).data
    return data


def rules_schema() -> dict[str, Any]:
    """The schema of a file of rules; a file may hold a part of them."""
    return _Writer().schema()


class _Writer:
    def __init__(self) -> None:
        self._definitions: dict[str, Any] = {}

    def schema(self) -> dict[str, Any]:
        whole = self._fields(RULES, "rules")
        head = {"$schema": DIALECT, "title": "Rules of poems", "description": "One file of rules: the whole, or a part."}
        self._definitions["expression"] = self._expression()
        return {**head, **whole, "$defs": dict(sorted(self._definitions.items()))}

    def _of(self, kind: Shape, where: str) -> dict[str, Any]:
        match kind:
            case Word():
                return _word(kind)
            case shape.Choice():
                return {"enum": list(kind.words)}
            case shape.Id():
                return _word(_ID)
            case shape.Number():
                return {"type": "number"}
            case shape.Truth():
                return {"type": "boolean"}
            case shape.Other():
                return dict(kind.schema)
            case shape.Listed():
                item = self._of(kind.item, where)
                listed = {"type": "array", "items": item}
                return {"anyOf": [item, listed]} if kind.single else listed
            case shape.Each():
                keys = {"pattern": _ONE_LINE} if kind.words else {"pattern": f"^{ID}$"}
                return {"type": "object", "propertyNames": keys, "additionalProperties": self._of(kind.entry, where)}
            case shape.Either():
                return {"anyOf": [self._of(kind.short, where), self._of(kind.whole, where)]}
            case shape.Condition():
                return {"$ref": "#/$defs/expression"}
            case Fields():
                return self._named(kind, where)

    def _named(self, fields: Fields, where: str) -> dict[str, Any]:
        """An entry by its name, written once; one without a name in its place."""
        name = _NAMES.get(id(fields))
        if name is None:
            return self._fields(fields, where)
        if name not in self._definitions:
            self._definitions[name] = {}  # it may hold itself
            self._definitions[name] = self._item(fields, where) if fields.is_condition else self._fields(fields, where)
        return {"$ref": f"#/$defs/{name}"}

    def _fields(self, fields: Fields, where: str) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "type": "object",
            "properties": {key: self._property(kind, key, where, fields.required) for key, kind in fields.shapes.items()},
            "additionalProperties": False,
        }
        return {**entry, "required": list(fields.required)} if fields.required else entry

    def _property(self, kind: Shape, key: str, where: str, required: Iterable[str]) -> dict[str, Any]:
        """A key with what it means; without a value it is as if it were left out."""
        schema = self._of(kind, key)
        if key not in required and "type" in schema:
            kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            schema = {**schema, "type": [*kinds, "null"]}
        named = f"{where}.{key}"
        return {"description": meanings().get(named) or meanings()[key], **schema}

    def _expression(self) -> dict[str, Any]:
        """A finding's id, or a mapping of one form."""
        forms = [self._form(form, {}, ()) for form in EXPRESSIONS]
        return {"anyOf": [{"description": "A finding's id.", **_word(_ID)}, *forms]}

    def _item(self, fields: Fields, where: str) -> dict[str, Any]:
        """An entry that is an expression with further keys."""
        own = {key: self._property(kind, key, where, fields.required) for key, kind in fields.shapes.items()}
        return {"anyOf": [self._form(form, own, fields.required) for form in EXPRESSIONS]}

    def _form(self, form: str, more: Mapping[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
        fields = EXPRESSIONS[form]
        schema = self._fields(fields, "expression")
        schema["properties"] = {**schema["properties"], **more}
        schema["required"] = [*fields.required, *required]
        for member in schema["properties"].values():
            if member.get("type") == "array":
                member["minItems"] = 1
        if form == "finding":
            pairs = [[operator, other] for number, operator in enumerate(OPERATORS) for other in OPERATORS[:number]]
            schema["not"] = {"anyOf": [{"required": pair} for pair in pairs]}
        return {"title": form, **schema}


def _word(word: Word) -> dict[str, Any]:
    if word.plain:
        return {"type": "string", "pattern": f"^{ID}$"}
    return {"type": ["string", "number"] if word.number else "string", "pattern": r"\S" if word.lines else _ONE_LINE}
