"""The pieces of Markdown that the made parts are written with."""

from collections.abc import Iterable, Iterator, Sequence


def code(text: str) -> str:
    """Text as code."""
    return f"`{text}`"


def cell(text: str) -> str:
    """Text as a table cell: on one line, with no character that would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table, with an empty line behind it."""
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in rows:
        yield f"| {' | '.join(cell(text) for text in row)} |"
    yield ""
