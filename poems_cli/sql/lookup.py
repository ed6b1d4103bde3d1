"""Words of codes in DuckDB: found by the place of a code in a list, without a join, which need not keep the order of rows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from poems_cli.sql.text import Text, quoted, string

#: What a code may stand for.
Word: TypeAlias = str | int | None

#: So long a list may have gaps: of so few places it is as good as any other, of more only if no shorter one is found.
_FEW_PLACES, _MOST_PLACES = 1 << 12, 1 << 17
#: A list of words has at most so many times as many places as words; else the places of the words stand in a list of their own.
_MOST_GAPS = 4
_TRIED = 1_000
#: The type of what says where a word stands in its list, counted from 1.
_PLACE = "UINTEGER"


class Lists:
    """The lists of one query as the columns of a table of one row, which stands beside the table of codes.

    In the query itself DuckDB would make them anew for every two thousand rows.
    """

    def __init__(self) -> None:
        self._lists: dict[tuple[str, tuple[Word, ...]], str] = {}

    def named(self, words: Sequence[Word], kind: str) -> str:
        """The name of a list, which is kept once."""
        return self._lists.setdefault((kind, tuple(words)), quoted(f"list_{len(self._lists)}"))

    def columns(self) -> Iterator[tuple[str, list[Word] | str]]:
        """A select list with a question mark for each list, and the list itself."""
        for (kind, words), name in self._lists.items():
            if kind == _PLACE:  # a long list of numbers is handed over several times sooner as text
                yield f"CAST(string_split(?, ',') AS {kind}[]) AS {name}", ",".join([str(word or 0) for word in words])
            else:
                yield f"CAST(? AS {kind}[]) AS {name}", list(words)


def looked_up(code: Text | int, words: Mapping[int, Word], lists: Lists | None = None, *, as_enum: bool = False) -> str:
    """The SQL for the word of a code; ``words`` has every code that occurs. Without ``lists`` it holds all words itself.

    ``as_enum`` makes an ENUM of texts: the writer of Parquet puts its words down once, and does not look at each row's again.
    """
    kind = _kind(words.values(), as_enum)
    if isinstance(code, int) or not words:
        return f"CAST({_literal(next(iter(words.values()), None))} AS {kind})"
    index, places = _places(code.sql, list(words))
    index = f"{index} + 1"  # lists are counted from 1
    if max(places) > _MOST_GAPS * len(words):
        index = _listed(dict(zip(places, range(1, len(words) + 1), strict=True)), index, _PLACE, lists)
        places = range(len(words))
    return _listed(dict(zip(places, words.values(), strict=True)), index, kind, lists)


def _places(code: str, codes: Sequence[int]) -> tuple[str, Sequence[int]]:
    """The SQL for a number from 0 that tells the codes apart and is not large, and what it is of each."""
    if min(codes) >= 0:
        most = max(codes)
        least = max(len(codes), len(codes) ** 2 // 16)
        for modulus in range(least, min(least + _TRIED, most // 2)) if most >= _FEW_PLACES else ():
            places = [one % modulus for one in codes]
            if len(set(places)) == len(codes):
                return f"{code} % {modulus}", places
        if most < _MOST_PLACES:
            return code, codes
    listed = ", ".join(string(str(one)) for one in codes)
    return f"CAST(enum_code(CAST(CAST({code} AS VARCHAR) AS ENUM({listed}))) AS INTEGER)", range(len(codes))


def _listed(words: Mapping[int, Word], index: str, kind: str, lists: Lists | None) -> str:
    every = [words.get(place) for place in range(max(words) + 1)]
    name = f"(CAST([{', '.join(map(_literal, every))}] AS {kind}[]))" if lists is None else lists.named(every, kind)
    return f"{name}[{index}]"


def _kind(words: Collection[Word], as_enum: bool) -> str:
    texts = list(dict.fromkeys([word for word in words if isinstance(word, str)]))
    if not texts:
        return "INTEGER" if any(isinstance(word, int) for word in words) else "VARCHAR"
    return f"ENUM({', '.join(map(string, texts))})" if as_enum else "VARCHAR"


def _literal(word: Word) -> str:
    if word is None:
        return "NULL"
    return str(word) if isinstance(word, int) else string(word)
