"""The blocks that an explanation is made of: data, drawn by ``report.explanation``."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from poems_cli.model import Expression, Rules
from poems_cli.report.words import Line, outline, source_words


class Heading(NamedTuple):
    """The heading of what follows; ``level`` is its level in a document, where it has one of its own there."""

    text: str
    level: int | None = None


class Paragraph(NamedTuple):
    """Running text."""

    text: str


class Fields(NamedTuple):
    """Named values, one per row."""

    rows: tuple[tuple[str, str], ...]


class Outline(NamedTuple):
    """Lines under each other, indented by their depth."""

    lines: tuple[Line, ...]


class Table(NamedTuple):
    """Rows of cells under their headings; those of ``numbers`` are aligned on the right.

    The first column holds ids, which are not wrapped, unless ``wrapped``.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()
    wrapped: bool = False


Block: TypeAlias = Heading | Paragraph | Fields | Outline | Table


class Explanation(NamedTuple):
    """A title and what follows it."""

    title: str
    blocks: tuple[Block, ...]


def bullets(texts: Iterable[str]) -> Outline:
    """A plain list."""
    return Outline(tuple(Line(0, text) for text in texts))


def fields(rows: Iterable[tuple[str, str | None]]) -> Fields:
    """Named values, without those that are blank."""
    return Fields(tuple((name, value) for name, value in rows if value))


def listing(heading: str, texts: Iterable[str]) -> Iterator[Block]:
    """A plain list under its heading; nothing where there is nothing to list."""
    lines = bullets(texts)
    if lines.lines:
        yield from (Heading(heading), lines)


def remark(heading: str, text: str | None) -> Iterator[Block]:
    """A text under its heading; nothing where there is none."""
    if text:
        yield from (Heading(heading), Paragraph(text))


def condition(rules: Rules, heading: str, expression: Expression) -> Iterator[Block]:
    """A condition as an outline under its heading."""
    yield from (Heading(heading), Outline(outline(rules, expression)))


def sources(rules: Rules, named: Iterable[str]) -> Iterator[Block]:
    """References under their heading; nothing where there are none."""
    yield from listing("Sources", (source_words(rules, source) for source in named))
