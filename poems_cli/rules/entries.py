"""Entries of rules files that have been checked -> records, field by field of the same name."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast, get_args, get_origin

from poems_cli.model import Basis, Codes

Record = TypeVar("Record", bound=tuple[Any, ...])


def filled(record: type[Record], entry: Mapping[str, Any], **values: Any) -> Record:
    """A record of ``values``, and of the entry for all other fields; one that is missing has its default, or is empty.

    Entries within the entry become records where the field holds such, alone, in a list or by their ids.
    """
    named = cast("Any", record)
    for field, kind in named.__annotations__.items():
        if field in values:
            continue
        if field == "basis":
            values[field] = basis_of(entry)
        elif field in entry:
            values[field] = _value(kind, entry[field])
        elif field not in named._field_defaults:
            values[field] = _empty(kind)
    return record(**values)


def _value(kind: Any, given: Any) -> Any:
    """What an entry gives for a field, of the kind that the field is of."""
    record = next((part for part in (kind, *get_args(kind)) if hasattr(part, "_fields")), None)
    if isinstance(given, list):
        return tuple(given if record is None else [filled(record, entry) for entry in given])
    if record is None:
        return given
    if get_origin(kind) is Mapping:
        return {key: filled(record, entry) for key, entry in given.items()}
    return filled(record, given)


def _empty(kind: Any) -> Any:
    origin = get_origin(kind)
    return () if origin is tuple else {} if origin is Mapping else kind() if kind in (str, bool, int, float) else None


def codes_of(systems: Mapping[str, Any]) -> Codes:
    """The codes of an entry by system, each of which may have one or several."""
    return {system: tuple(map(str, codes if isinstance(codes, list) else [codes])) for system, codes in systems.items()}


def basis_of(body: Mapping[str, Any]) -> Basis:
    """What an entry rests on, as it says."""
    return Basis(body.get("source"), body.get("read"), bool(body.get("default", False)))


def noted_basis(body: Mapping[str, Any]) -> Basis:
    """The same with the remark on it."""
    return basis_of(body)._replace(note=body.get("note"))
