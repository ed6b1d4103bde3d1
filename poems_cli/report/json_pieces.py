"""JSON text from pieces that are text already, each written once and kept.

Over many patients the same conditions come in the same states, and writing them anew would take longer than finding them.
Only what the rules say is kept, never what a patient has.
"""

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeVar

from poems_cli.model import Basis

REMEMBERED = 6_000  # a long run over very different patients must not grow without end

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
keep = lru_cache(maxsize=REMEMBERED)
word = lru_cache(maxsize=8192, typed=True)(encode)  # ids, labels and limits of the rules: never what a patient has
Record = TypeVar("Record")

_known: dict[int, tuple[object, str]] = {}


def json_object(**members: str | None) -> str:
    """An object of members that are JSON text already; ``None`` leaves a member out."""
    return "{" + ",".join([f'"{name}":{text}' for name, text in members.items() if text is not None]) + "}"


def mapping(members: Iterable[tuple[str, str]]) -> str:
    """An object with ids as its names."""
    return "{" + ",".join([f"{word(name)}:{text}" for name, text in members]) + "}"


def array(items: Iterable[str]) -> str:
    """An array of what is JSON text already."""
    return "[" + ",".join(items) + "]"


def optional(value: Any) -> str | None:
    """A value's text; ``None``, which leaves a member out, where there is none."""
    return None if value is None else word(value)


def same(record: Record, write: Callable[[Record], str]) -> str:
    """A record's text. The assessor hands out the same record for the same state: known by identity, it is not read twice."""
    known = kept(record)
    if known is None:
        if len(_known) > REMEMBERED:
            _known.clear()
        known = write(record)
        _known[id(record)] = (record, known)
    return known


def kept(record: object) -> str | None:
    """A record's text, if it has been written."""
    known = _known.get(id(record))
    return known[1] if known is not None and known[0] is record else None


def basis_members(basis: Basis | None) -> dict[str, str | None]:
    """What a statement rests on, as members of its object."""
    if basis is None:
        return {}
    return {
        "source": optional(basis.source),
        "read": optional(basis.read),
        "default": "true" if basis.default else None,
        "note": optional(basis.note),
    }
