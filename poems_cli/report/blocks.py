"""The blocks that an explanation is made of: data, drawn by ``report.explanation``."""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from poems_cli.report.words import Line


class Heading(NamedTuple):
    """The heading of what follows."""

    text: str


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
