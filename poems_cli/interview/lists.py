"""An answer that names items of a list: by number, by range, or in words, each perhaps with yes, no or not known."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import NamedTuple

from poems_cli.interview.question import Item
from poems_cli.interview.words_typed import NO, UNKNOWN, YES, word_of
from poems_cli.model import Truth

_RANGE = re.compile(r"(\d+)\s*(?:-|\u2013|to|through)\s*(\d+)")
_PARTED = re.compile(r"\s*[,;/&]\s*|\s+(?:and|plus|but|or)\s+")
_ANSWER = sorted((YES | NO | UNKNOWN) - {"", "+"}, key=len, reverse=True)
_ENDING = re.compile(rf"(?P<item>.*?)[\s:=]+(?P<answer>{'|'.join(map(re.escape, _ANSWER))})")
_NUMBERED = re.compile(r"(?:number|nr|#)?\.?\s*(\d+)")
#: Words that name no item by themselves.
_EMPTY = frozenset(
    [
        "a", "an", "the", "of", "in", "on", "at", "to", "my", "i", "have", "has", "had", "is", "are", "was", "were", "it",
        "with", "for", "some", "only", "also", "just", "very", "or", "and", "new", "patient", "noticed", "by", "you", "your",
        "me", "that", "this", "from", "than", "if", "can", "all", "any", "now", "then", "before", "after", "more", "much",
        "most", "too", "many", "time", "last", "year", "sure", "ask",
    ]
)  # fmt: skip
#: Of these each stands for any other: an enlarged liver is a big one.
_LARGE = frozenset(["enlarged", "large", "big", "bigger", "swollen"])
#: What can be said of many items names none of them by itself.
_OF_MANY = _LARGE | {"high", "low", "elevated", "raised", "increased", "decreased", "reduced", "abnormal", "positive", "loss"}
#: What may follow a short word that was not typed to its end; a longer one may be any beginning.
_ENDINGS = frozenset(["ness", "er", "ing", "ed", "y"])
_SHORT = 4
_NEGATION = frozenset(["no", "not", "without", "never", "normal"])
_THE_REST = frozenset(["rest", "others", "other", "the rest", "the others", "all others", "everything else", "remaining"])


class Named(NamedTuple):
    """What a text says of the items: their truths by place (``None`` for not known), or the piece that is not understood."""

    values: dict[int, Truth]
    strange: str = ""


def read_items(text: str, items: Sequence[Item]) -> Named:
    """What a text says of each item that it names; those that it does not name are left out."""
    values: dict[int, Truth] = {}
    for piece in _pieces(word_of(text.replace(",", ";"))):
        name, value = _with_answer(piece)
        if piece in _THE_REST:  # all of it, or none?
            return Named({}, piece)
        rest = [place for place in range(len(items)) if place not in values]
        places = rest if name in _THE_REST else _places(name, items)
        if not places:
            return Named({}, piece)
        for place in places:
            if place in values and values[place] is not value:
                return Named({}, piece)
            values[place] = value
    return Named(values)


def _pieces(text: str) -> Iterator[str]:
    """The pieces of a text, each naming one item or a range; numbers may follow one another without a comma."""
    for piece in _PARTED.split(text):
        if not piece:
            continue
        if re.fullmatch(r"\d+(?:\s+\d+)+", piece):
            yield from piece.split()
        elif re.search(r"\d", piece) and re.match(r"\d", piece):
            # "1 yes 2 no": a new piece begins with each number that is not the end of a range
            parts = [part.strip() for part in re.split(r"(?<![-\u2013])(?<!to)\s+(?=\d+\b(?!\s*%))", piece) if part.strip()]
            yield from [piece] if _swings(parts) else parts
        else:
            yield piece


def _swings(parts: Sequence[str]) -> bool:
    """Whether a "no" may belong to the number before it or to the one behind it, as in "1 not 2"."""
    return any(before.rpartition(" ")[2] in _NEGATION and behind.isdecimal() for before, behind in pairwise(parts))


def _with_answer(piece: str) -> tuple[str, Truth]:
    """The item that a piece names, and what it says of it; an item that is only named is present."""
    match = _ENDING.fullmatch(piece)
    if match:
        answer = match["answer"]
        return match["item"].strip(), None if answer in UNKNOWN else answer in YES
    words = piece.split()
    if len(words) > 1 and any(word in _NEGATION for word in words):
        return " ".join(word for word in words if word not in _NEGATION), False
    return piece, True


def _places(name: str, items: Sequence[Item]) -> list[int]:
    """The places of the items that a name means: a number, a range, or words that fit one item alone."""
    if span := _RANGE.fullmatch(name):
        first, last = int(span[1]), int(span[2])
        return list(range(first - 1, last)) if 1 <= first <= last <= len(items) else []
    if number := _NUMBERED.fullmatch(name):
        place = int(number[1])
        return [place - 1] if 1 <= place <= len(items) else []
    return _by_words(name, items)


def _by_words(name: str, items: Sequence[Item]) -> list[int]:
    """The one item that has all the words of a name, of those that say anything; a whole name goes before a part of one."""
    whole = [place for place, item in enumerate(items) if name in _names(item)]
    if len(whole) == 1:
        return whole
    said = [_stem(word) for word in re.findall(r"[a-z0-9']+", name) if word not in _EMPTY]
    if not set(said) - _OF_MANY:
        return []
    having = [place for place, item in enumerate(items) if all(_has(word, _vocabulary(item)) for word in said)]
    if len(having) > 1:  # "demyelinating" is the demyelinating neuropathy, not the mixed one
        having = [place for place in having if any(known.startswith(name) for known in _names_of_finding(items[place]))]
    return having if len(having) == 1 else []


def _names(item: Item) -> set[str]:
    return _names_of_finding(item) | {word_of(item.words)}


def _names_of_finding(item: Item) -> set[str]:
    finding = item.finding
    names = (finding.id, finding.label, finding.short, finding.term, *finding.synonyms)
    return {word_of(name.replace("_", " ")) for name in names if name}


def _vocabulary(item: Item) -> set[str]:
    return {_stem(word) for name in _names(item) for word in re.findall(r"[a-z0-9']+", name)}


def _has(word: str, vocabulary: AbstractSet[str]) -> bool:
    if word in _LARGE:
        return not vocabulary.isdisjoint(_LARGE)
    return word in vocabulary or any(known.startswith(word) and _may_end(word, known) for known in vocabulary)


def _may_end(word: str, known: str) -> bool:
    """Whether a word may be the beginning of a known one: "clot" is not that of "clothes"."""
    return len(word) > _SHORT or (len(word) == _SHORT and known.removeprefix(word) in _ENDINGS)


def _stem(word: str) -> str:
    """A word without its plural."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
