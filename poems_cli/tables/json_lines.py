"""The members of a table of JSON lines: every name that stands in any line, however late."""

import json
from collections import Counter
from collections.abc import Iterator

from poems_cli.records.problem import is_label
from poems_cli.tables.table_file import TableError, TableFile
from poems_cli.tables.table_sql import lines_sql
from poems_cli.tables.table_text import fetched, text_pieces

_OBJECT_MEND = 'write one object a line, as in {"id": "p1", "ascites": true}'
_SPACE = " \t\r"


def members(table: TableFile, spill: str) -> tuple[str, ...]:
    """Every member's name, in the order in which they first appear.

    Raises :class:`TableError` for a line that is no JSON object, that has a member twice, or that holds a whole patient.
    """
    lines = f"(SELECT * FROM {_numbered(table)} WHERE trim(line, ' \t\r') <> '')"
    kind = "CASE WHEN json_type(line) <> 'OBJECT' OR json_type(line, '/findings') = 'OBJECT' THEN json_type(line) END"
    query = f"SELECT json_keys(line), min({kind}) FROM {lines} GROUP BY 1 ORDER BY min(number)"
    names: dict[str, None] = {}
    for keys, odd in fetched(query, lambda _: _bad(table), spill):
        if odd is not None or len(set(keys)) < len(keys):
            raise _bad(table)
        names |= dict.fromkeys(keys)
    if not names:
        raise TableError(table.name, "there is nothing in it", "check how it was exported")
    return tuple(names)


def bad_line(table: TableFile) -> TableError | None:
    """The first line that is no row, with its number, or ``None``."""
    for number, line in enumerate(_lines(table), 1):
        if line.strip(_SPACE):
            problem = _problem(line)
            if problem:
                return TableError(f"{table.name}, line {number}", *problem)
    return None


def _bad(table: TableFile) -> TableError:
    """The first line that is no row: by Python, or by DuckDB alone, which is stricter with letters."""
    found = bad_line(table)
    if found is None:
        query = f"SELECT min(number) FROM {_numbered(table)} WHERE trim(line, ' \t\r') <> '' AND NOT json_valid(line)"
        for (number,) in fetched(query, lambda _: TableError(table.name, "it cannot be read", _OBJECT_MEND)):
            where = table.name if number is None else f"{table.name}, line {number}"
            found = TableError(where, "this is not JSON", _OBJECT_MEND)
    return found or TableError(table.name, "it cannot be read", _OBJECT_MEND)


def _numbered(table: TableFile) -> str:
    return f"(SELECT line, row_number() OVER () AS number FROM {lines_sql([table], blank=True)})"


def _problem(line: str) -> tuple[str, str] | None:
    try:
        pairs = json.loads(line, object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        return "this is not JSON", _OBJECT_MEND
    if not isinstance(pairs, _Members):
        return "this is not a JSON object", _OBJECT_MEND
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        return f"{f'the member {twice[0]!r}' if is_label(twice[0]) else 'a member'} stands twice", "write each member once"
    if any(name == "findings" and isinstance(value, _Members) for name, value in pairs):
        return "these are patients, not a table", "use poems check"
    return None


class _Members(list[tuple[str, object]]):
    """The members of a JSON object, as they stand."""


def _lines(table: TableFile) -> Iterator[str]:
    rest = ""
    for piece in text_pieces(table):
        lines = (rest + piece).split("\n")
        rest = lines.pop()
        yield from lines
    if rest:
        yield rest
