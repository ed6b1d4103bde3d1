"""Words of codes in DuckDB: found by the place of a code among those that occur, without a join, which need not keep order."""

from collections.abc import Mapping

from poems_cli.sql.terms import Text, string

_FEW = 3
_MOST_PLACES = 20_000  # so long a list may have gaps; a longer one holds only what occurs


def looked_up(code: Text | int, words: Mapping[int, str | int | None]) -> str:
    """The SQL for the word of a code; ``words`` has every code that occurs."""
    written = [_literal(word) for word in words.values()]
    if isinstance(code, int) or not words:
        return written[0] if written else "NULL"
    if len(words) <= _FEW:
        branches = " ".join(f"WHEN {one} THEN {word}" for one, word in zip(words, written, strict=True))
        return f"CASE {code.sql} {branches} END"
    if min(words) >= 0 and max(words) <= _MOST_PLACES:
        return f"[{', '.join([_literal(words.get(one)) for one in range(max(words) + 1)])}][{code.sql} + 1]"
    codes = ", ".join(string(str(one)) for one in words)
    place = f"CAST(enum_code(CAST(CAST({code.sql} AS VARCHAR) AS ENUM({codes}))) AS INTEGER) + 1"
    return f"[{', '.join(written)}][{place}]"


def _literal(word: str | int | None) -> str:
    if word is None:
        return "NULL"
    return str(word) if isinstance(word, int) else string(word)
