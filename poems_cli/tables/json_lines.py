"""A table of JSON lines: one object per line, any of which may lack a member."""

import json
from collections import Counter
from collections.abc import Iterator

from poems_cli.records.problem import is_label
from poems_cli.tables.table_bytes import pieces, text_of
from poems_cli.tables.table_file import TableError, TableFile

_OBJECT_MEND = 'write one object per line, as in {"id": "p1", "ascites": true}'
_SPACE = " \t\r"


def members(table: TableFile) -> tuple[str, ...]:
    """Every member's name, in the order in which they first appear in any line, however late.

    Raises :class:`TableError` for a line that is not a JSON object, that has a member twice, or that holds a whole patient.
    """
    names: dict[str, None] = {}
    for number, line in lines(table):
        names |= dict.fromkeys(read_line(table.name, number, line))
    if not names:
        raise TableError(table.name, "there is nothing in it", "check how it was exported")
    return tuple(names)


def lines(table: TableFile) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, each with its number from 1."""
    number, rest = 0, ""
    for piece in text_of(table.name, pieces(table.name, table.path, table.compression)):
        found = (rest + piece).split("\n")
        rest = found.pop()
        for line in found:
            number += 1
            if line.strip(_SPACE):
                yield number, line
    if rest.strip(_SPACE):
        yield number + 1, rest


def read_line(name: str, number: int, line: str) -> dict[str, str | None]:
    """The members of a line as text: true and false as these words, a number in its shortest form, a list or object as JSON.

    Raises :class:`TableError` for a line that is not a row.
    """
    try:
        found = json.loads(line, object_pairs_hook=_Object)
        if "\\u" in line:
            _as_json(found).encode()  # half of a surrogate pair is not a letter
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, _Object):
        what = "this is not JSON" if found is None and line.strip(_SPACE) != "null" else "this is not a JSON object"
        raise TableError(f"{name}, line {number}", what, _OBJECT_MEND)
    if found.twice is not None:
        member = f"the member {found.twice!r}" if is_label(found.twice) else "a member"
        raise TableError(f"{name}, line {number}", f"{member} appears twice", "write each member once")
    if isinstance(found.get("findings"), _Object):
        raise TableError(f"{name}, line {number}", "these are patients, not a table", "use poems check")
    return {member: _text(value) for member, value in found.items()}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else _as_json(value)


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Object(dict[str, object]):
    """A JSON object, and the first of its members that it has twice, if any."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.twice: str | None = None
        if len(self) < len(pairs):
            self.twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
