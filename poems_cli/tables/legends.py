"""What a heading says of its own cells, as in ``Ascites (0=No, 1=Yes)``."""

import re
from collections.abc import Mapping

from poems_cli.tables.cells import are_of_one_language, as_code, fold, is_code
from poems_cli.tables.columns import Meaning
from poems_cli.written_numbers import SPACE

_PARTS = re.compile(r"[,;|/\n]+|\s+and\s+")
#: A blank before the next code, where nothing else parts them: ``0=No 1=Yes``.
_NEXT = re.compile(r"\s+(?=[^\s=:,;]+\s*[=:])")
_PAIR = re.compile(
    r"(?P<left>.+?)\s*(?:=>|->|=|:|\u2192|\s-+\s|\s[\u2013\u2014]\s|(?<=\d)\s?[-\u2013]\s?)\s*(?P<right>.+)", re.DOTALL
)
#: Words that say no in a legend, and nothing in a cell.
_NONE: Mapping[str, Meaning] = {"none": False, "nil": False}
_CODE_AND_WORD = re.compile(r"(?P<left>[0-9]+)\s+(?P<right>[^0-9].*)", re.DOTALL)


def legend_in(text: str, words: Mapping[str, Meaning]) -> Mapping[str, Meaning] | None:
    """What the cells mean by a legend; nothing where it only lists words that are understood, ``None`` if it is not a legend.

    ``words`` are those that are understood by themselves, folded. A code means what the legend says of it, and nothing else.
    """
    if True in words.values():
        words = {**_NONE, **words}
    parts = [part.strip(SPACE) for part in _PARTS.split(_NEXT.sub(",", text.strip(SPACE + "(){}[]")))]
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return None
    if all(fold(part) in words for part in parts):
        return {}
    values: dict[str, Meaning] = {}
    said: list[tuple[str, Meaning]] = []
    for part in parts:
        pair = _PAIR.fullmatch(part) or _CODE_AND_WORD.fullmatch(part)
        coded = _coded(pair["left"], pair["right"], words) if pair else None
        if coded is None:
            return None
        code, word = coded
        said.append((word, words[fold(word)]))
        if values.setdefault(code, words[fold(word)]) != words[fold(word)]:
            return None
    return values if are_of_one_language(said) else None


def _coded(left: str, right: str, words: Mapping[str, Meaning]) -> tuple[str, str] | None:
    """The cell that one part of a legend speaks of, and the word for what it means."""
    left, right = left.strip(SPACE + "\"'"), right.strip(SPACE + "\"'")
    if fold(left) in words and (is_code(right) or fold(right) not in words):
        left, right = right, left
    if fold(right) not in words or is_code(right):
        return None
    if not is_code(left) and fold(left) in words and words[fold(left)] != words[fold(right)]:
        return None
    return as_code(left), right
