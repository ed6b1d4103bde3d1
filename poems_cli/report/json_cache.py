"""JSON text from pieces that are written once and kept, with the ids that each of them names.

Over many patients the same conditions come in the same states, and writing them again would take longer than finding them.
Only what the rules say is kept, never what a patient has.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

from poems_cli.memo import Memo
from poems_cli.model import Basis, Row, Truth

_REMEMBERED = 12_000

TRUTHS: Mapping[Truth, str] = {True: "true", False: "false", None: "null"}

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
word = lru_cache(maxsize=8192)(encode)  # ids and fixed words: never what a patient has

#: What kind of thing an id names, and the id: a finding and a test may share an id.
Named: TypeAlias = str
Record = TypeVar("Record")


class _Piece(NamedTuple):
    """A record's text and the ids in it. It holds the record as well: the same ``id()`` may come to mean another one."""

    record: object
    text: str
    named: int


class _Bits(dict[Named, int]):
    """A bit for each id: what a text names is then one number, of which thousands are kept."""

    def __missing__(self, named: Named) -> int:
        bit = self[named] = 1 << len(self)
        return bit


class Pieces:
    """The texts of the records written so far, and the ids that the answer under way has named."""

    def __init__(self) -> None:
        self.bits = _Bits()
        self.named = 0
        self.quotes = False  # whether what is being written quotes what a patient has
        self.elements: dict[str, str] = {}
        self._written: Memo[int, _Piece] = Memo(_REMEMBERED)

    def known(self, record: object) -> str | None:
        """A record's text, if it has been written and kept."""
        piece = self._written.get(id(record))
        if piece is None or piece.record is not record:
            return None
        self.named |= piece.named
        return piece.text

    def written(self, record: Record, write: Callable[[Record], str]) -> str:
        """A record's text as ``write`` puts it together; kept as :meth:`kept` does."""
        return self.known(record) or self._keep(record, write)

    def kept(self, record: Record, plain: Callable[[Record], object]) -> str:
        """A record's text. The assessor hands out the same record for the same state: known by identity, it is read once."""
        return self.known(record) or self._keep(record, lambda new: encode(plain(new)))

    def _keep(self, record: Record, write: Callable[[Record], str]) -> str:
        named, self.named = self.named, 0
        quotes, self.quotes = self.quotes, False
        text = write(record)
        if not self.quotes:
            self._written[id(record)] = _Piece(record, text, self.named)
        self.quotes |= quotes
        self.named |= named
        return text

    # --- ids: each is noted, so that the answer says once what it is called -------------------------------------------

    def finding(self, finding_id: str) -> str:
        """The id of a finding."""
        self.named |= self.bits[f"findings {finding_id}"]
        return finding_id

    def findings(self, finding_ids: Iterable[str]) -> list[str]:
        """The ids of several findings."""
        return [self.finding(finding_id) for finding_id in finding_ids]

    def element(self, element_id: str, label: str) -> str:
        """The id of what the rules define in place; it has its label from there alone."""
        self.named |= self.bits[f"elements {element_id}"]
        self.elements.setdefault(element_id, label)
        return element_id

    def tests(self, test_ids: Iterable[str]) -> list[str]:
        """The ids of several tests."""
        ids = list(test_ids)
        for test_id in ids:
            self.named |= self.bits[f"tests {test_id}"]
        return ids

    def criteria(self, set_id: str) -> str:
        """The id of a criteria set, of the syndrome or of a mimic."""
        self.named |= self.bits[f"criteria {set_id}"]
        return set_id


def joined(members: Iterable[tuple[str, str]]) -> str:
    """An object of members that are JSON text already."""
    return "{" + ",".join([f"{word(name)}:{text}" for name, text in members]) + "}"


def array(items: Iterable[str]) -> str:
    """An array of what is JSON text already."""
    return "[" + ",".join(items) + "]"


def given(**members: Any) -> dict[str, Any]:
    """The members that say something: ``None``, ``False`` and what is empty are left out."""
    return {name: value for name, value in members.items() if value or (value == 0 and value is not False)}


def basis_members(basis: Basis | None) -> dict[str, Any]:
    """What a statement rests on, as members of its object; its note is the rules' own, and ``poems rules show`` has it."""
    members: dict[str, Any] = {}
    if basis is not None:
        if basis.source is not None:
            members["source"] = basis.source
        if basis.read is not None:
            members["read"] = basis.read
        if basis.default:
            members["default"] = True
    return members


def ranked(row: Row) -> str:
    """What ranks a mimic, without the end of its object."""
    return f'{{"id":{word(row.id)},"status":{word(row.status)},"evidence":{row.evidence!r}'
