"""English for messages and reports: lists, counts, capitals, and foreign text made fit to be shown."""

from collections.abc import Iterable, Sequence

_QUOTED_LENGTH = 60
_FEW = 5


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 row``, ``1,234 rows``; ``many`` is the plural where it is not ``one`` with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """``a, b and c``; with semicolons where a word holds a comma itself."""
    every = list(words)
    if len(every) < 2:
        return "".join(every)
    comma = "; " if any(", " in word for word in every) else ", "
    return f"{comma.join(every[:-1])}{';' if comma == '; ' else ''} {last} {every[-1]}"


def plain(text: str) -> str:
    """Text from outside with what a terminal or a page would obey or hide written out: escapes, line breaks."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def quoted(text: str, most: int = _QUOTED_LENGTH) -> str:
    """Text from the input made fit for a message: in one line, without control characters, at most ``most`` letters long."""
    shown = plain(text[: most + 1])
    return shown if len(shown) <= most else shown[: most - 3] + "..."


def few_quoted(names: Sequence[str]) -> str:
    """``'a', 'b' and 3 more``: the first names in quotation marks, and how many others there are."""
    shown = [f"'{quoted(name)}'" for name in names[:_FEW]]
    return listed([*shown, f"{len(names) - _FEW} more"] if len(names) > _FEW else shown)
