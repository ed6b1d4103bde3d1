"""Entries of rules files that have been checked -> records, field by field of the same name."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast, get_origin

from poems_cli.model import Basis, Codes, Fact

Record = TypeVar("Record", bound=tuple[Any, ...])


def filled(record: type[Record], entry: Mapping[str, Any], **values: Any) -> Record:
    """A record of ``values``, and of the entry for all other fields; one that is missing has its default, or is empty."""
    named = cast("Any", record)
    for field, kind in named.__annotations__.items():
        if field in values:
            continue
        if field == "basis":
            values[field] = basis_of(entry)
        elif field in entry:
            values[field] = tuple(entry[field]) if isinstance(entry[field], list) else entry[field]
        elif field not in named._field_defaults:
            values[field] = _empty(kind)
    return record(**values)


def all_filled(record: type[Record], entries: Iterable[Mapping[str, Any]] | None) -> tuple[Record, ...]:
    """A record of each entry of a list."""
    return tuple([filled(record, entry) for entry in entries or ()])


def _empty(kind: Any) -> Any:
    origin = get_origin(kind)
    return () if origin is tuple else {} if origin is Mapping else kind() if kind in (str, bool, int, float) else None


def codes_of(systems: Mapping[str, Any]) -> Codes:
    """The codes of an entry by system, each of which may have one or several."""
    return {system: tuple(map(str, codes if isinstance(codes, list) else [codes])) for system, codes in systems.items()}


def basis_of(body: Mapping[str, Any]) -> Basis:
    """What an entry rests on, as it says."""
    return Basis(body.get("source"), body.get("read"), bool(body.get("default", False)))


def fact_of(body: Mapping[str, Any]) -> Fact:
    """A text with what it rests on."""
    return filled(Fact, body)
