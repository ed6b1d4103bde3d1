"""The compiled form of rules: plain JSON data that loads in milliseconds, written and read from the fields of the records.

A record is the list of its fields in the order of ``model/``, without those at its end that have their default. The
expressions are in one list, each after those within it, and everything else names them by their place there: what is the
same in several conditions is one record. The compiled form says which fields its records have, so that none is read with
others than it was written with.
"""

import json
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, ForwardRef, TypeAlias, Union, cast, get_args, get_origin

from poems_cli import __version__
from poems_cli.model import All, AnyOf, Asserted, AtLeast, Binds, Compare, Expression, Known, Not, Present, Rules, Score

#: Changes when records of the same fields come to mean something else, so that no older compiled form is read.
FORMAT = 37

_OPERATORS: Mapping[str, type[Expression]] = {
    "present": Present, "asserted": Asserted, "known": Known, "compare": Compare, "not": Not, "all": All, "any": AnyOf,
    "at_least": AtLeast, "score": Score, "binds": Binds,
}  # fmt: skip
_NAMES = {operator: name for name, operator in _OPERATORS.items()}
_EXPRESSION = frozenset(get_args(Expression))

#: Makes a value of a record from what JSON holds; ``None`` where they are the same.
_Reader: TypeAlias = Callable[[Any], Any] | None


def encode(rules: Rules) -> dict[str, Any]:
    """The compiled form of rules."""
    return _Encoder().rules(rules)


def decode(compiled: Mapping[str, Any]) -> Rules | None:
    """Rules from their compiled form; ``None`` where its records have other fields than those of this program."""
    decoder = _Decoder()
    return decoder.rules(compiled) if compiled.get("records") == decoder.records else None


def shared(rules: Rules) -> Rules:
    """Rules as their compiled form gives them: expressions that are the same are one record."""
    return _Decoder().rules(_Encoder().rules(rules))


class _Encoder:
    def __init__(self) -> None:
        self._expressions: list[list[Any]] = []
        self._places: dict[str, int] = {}

    def rules(self, rules: Rules) -> dict[str, Any]:
        fields = {field: self._plain(getattr(rules, field)) for field in Rules._fields}
        records = _Decoder().records
        return {"sha256": rules.identity.sha256, "records": records, "expressions": self._expressions, **fields}

    def _plain(self, value: Any) -> Any:
        if type(value) in _EXPRESSION:
            return self._place(value)
        if isinstance(value, tuple):
            return self._fields(value)
        if isinstance(value, Mapping):
            return {key: self._plain(entry) for key, entry in value.items()}
        return sorted(value) if isinstance(value, frozenset) else value

    def _fields(self, record: Any) -> list[Any]:
        """A record, or a plain tuple, as a list."""
        defaults = getattr(record, "_field_defaults", {})
        values = list(record)
        for field in reversed(getattr(record, "_fields", ())):
            if field not in defaults or defaults[field] != values[-1]:
                break
            values.pop()
        return [self._plain(value) for value in values]

    def _place(self, node: Expression) -> int:
        """The place of an expression among all; a new one is added."""
        plain = [_NAMES[type(node)], *self._fields(node)]
        key = repr(plain)
        if key not in self._places:
            self._places[key] = len(self._expressions)
            self._expressions.append(plain)
        return self._places[key]


class _Decoder:
    """Has a reader for each type; ``records`` are the fields of every record that it can read."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}
        self._readers: dict[Any, _Reader] = {}
        self._expressions: list[Expression] = []
        self._operators = {name: self._record(operator) for name, operator in _OPERATORS.items()}
        self._rules = self._record(Rules)

    def rules(self, compiled: Mapping[str, Any]) -> Rules:
        for name, *fields in compiled["expressions"]:
            self._expressions.append(self._operators[name](fields))
        return cast("Rules", self._rules([compiled[field] for field in Rules._fields]))

    def _reader(self, kind: Any) -> _Reader:
        """The reader of a type, as the annotations of ``model/`` write it."""
        if kind not in self._readers:
            self._readers[kind] = self._new_reader(kind)
        return self._readers[kind]

    def _new_reader(self, kind: Any) -> _Reader:
        if isinstance(kind, str | ForwardRef):  # only expressions hold what is defined after them: other expressions
            return self._expression
        origin, parts = get_origin(kind), get_args(kind)
        if origin is UnionType or origin is Union:
            return self._union(parts)
        if origin is tuple and parts[-1] is not Ellipsis:
            return _row([self._reader(part) for part in parts])
        if origin is tuple:
            return _sequence(self._reader(parts[0]))
        if origin is Mapping:
            return _mapping(self._reader(parts[1]))
        if origin is frozenset:
            return frozenset
        return self._record(kind) if hasattr(kind, "_fields") else None

    def _union(self, parts: tuple[Any, ...]) -> _Reader:
        if _EXPRESSION.issubset(parts):
            return self._expression
        read = next(filter(None, map(self._reader, parts)), None)  # no type of the rules is one of two records
        if read is None:
            return None
        return lambda value: read(value) if isinstance(value, list | dict) else value

    def _record(self, kind: Any) -> Callable[[list[Any]], Any]:
        readers = [self._reader(field) for field in kind.__annotations__.values()]
        self.records[kind.__name__] = [*kind._fields]
        converted = [(place, read) for place, read in enumerate(readers) if read is not None]

        def record(fields: list[Any]) -> Any:
            values = list(fields)
            for place, read in converted:
                if place >= len(values):
                    break
                values[place] = read(values[place])
            return kind(*values)

        return record

    def _expression(self, place: int | None) -> Expression | None:
        return None if place is None else self._expressions[place]


def _sequence(read: _Reader) -> Callable[[list[Any]], tuple[Any, ...]]:
    return tuple if read is None else lambda values: tuple([read(value) for value in values])


def _row(readers: list[_Reader]) -> Callable[[list[Any]], tuple[Any, ...]]:
    return lambda values: tuple([read(value) if read else value for read, value in zip(readers, values, strict=True)])


def _mapping(read: _Reader) -> _Reader:
    return None if read is None else lambda entries: {key: read(entry) for key, entry in entries.items()}


def written(rules: Rules) -> str:
    """The text of a compiled form, with the program and the format that it belongs to."""
    return json.dumps({"program": __version__, "format": FORMAT, **encode(rules)}, separators=(",", ":"))
