"""An explanation for the terminal, and as Markdown."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from poems_cli.report.blocks import Block, Explanation, Fields, Heading, Outline, Paragraph, Table
from poems_cli.report.markdown import escaped
from poems_cli.report.markdown import table as markdown_table
from poems_cli.report.page import Page
from poems_cli.report.tables import plain_table

_LONGEST_NAME = 24


def print_explanation(console: Console, explanation: Explanation) -> None:
    """Print an explanation, never cut."""
    page = Page(console)
    page.line(Text(explanation.title, style="bold"))
    before: Block | None = None
    for block in explanation.blocks:
        if not isinstance(block, Heading) and not isinstance(before, Heading):
            page.line(Text())
        before = block
        match block:
            case Heading(text=text):
                page.heading(text)
            case Paragraph(text=text):
                page.line(Text(text))
            case Fields(rows=rows):
                _fields(page, rows)
            case Outline(lines=lines):
                for line in lines:
                    page.hanging([("-", line.text)], indent=3 * line.depth)
            case Table():
                page.line(_table(console, block))


def _table(console: Console, block: Table) -> RichTable:
    """A table for the terminal."""
    drawn = plain_table(console, *block.header, numbers=block.numbers)
    drawn.columns[0].no_wrap = not block.wrapped
    for row in block.rows:
        drawn.add_row(*[Text(cell) for cell in row])
    return drawn


def _fields(page: Page, rows: tuple[tuple[str, str], ...]) -> None:
    """Values next to their names, or under them where the names are long."""
    if max(len(name) for name, _ in rows) <= _LONGEST_NAME:
        page.hanging([(name, value) for name, value in rows], indent=0)
        return
    for name, value in rows:
        page.line(Text(name, style="bold"))
        page.hanging([(value,)], indent=3)


def explanation_markdown(explanation: Explanation) -> str:
    """The same as Markdown."""
    lines = [f"# {escaped(explanation.title)}", ""]
    for block in explanation.blocks:
        lines += block_markdown(block, 2)
    return "\n".join(lines)


def block_markdown(block: Block, level: int) -> Iterator[str]:
    """One block and the empty line after it."""
    match block:
        case Heading(text=text):
            yield f"{'#' * (block.level or level)} {escaped(text)}"
        case Paragraph(text=text):
            yield escaped(text)
        case Fields(rows=rows):
            yield from (f"- **{escaped(name)}**: {escaped(value)}" for name, value in rows)
        case Outline(lines=outline):
            yield from (f"{'  ' * line.depth}- {escaped(line.text)}" for line in outline)
        case Table(header=header, rows=rows):
            yield from markdown_table(header, rows)
            return
    yield ""
