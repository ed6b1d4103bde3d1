"""Lines and hanging rows for the terminal: wrapped at words, never cut, without padding at their ends."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

#: Beyond this a line is hard to read back from.
WIDEST = 110

_UNBOUNDED = 1_000_000


def lines_of(console: Console, what: RenderableType, width: int) -> Iterator[Text]:
    """The lines of anything that wraps by itself, without spaces at their ends."""
    for segments in console.render_lines(what, console.options.update(width=width), pad=False):
        line = Text.assemble(*[(segment.text, segment.style or "") for segment in segments])
        line.rstrip()
        yield line


class Page:
    """Lines and rows of at most :data:`WIDEST` columns, never cut; each on one line however long unless ``wrap``."""

    def __init__(self, console: Console, *, wrap: bool = True) -> None:
        self.console = console
        self.width = min(console.width, WIDEST) if wrap else _UNBOUNDED

    def line(self, what: RenderableType, indent: int = 0) -> None:
        """Anything that wraps by itself."""
        for line in lines_of(self.console, what, self.width - indent):
            self.console.print(Text(" " * indent * bool(line)).append_text(line), soft_wrap=True)

    def heading(self, text: str) -> None:
        """A heading after an empty line."""
        self.line(Text())
        self.line(Text(text, style="bold"))

    def hanging(self, rows: Iterable[Sequence[str | Text]], indent: int = 2) -> None:
        """Rows of cells, all but the last as wide as their widest; the last wraps under itself."""
        cells = [[Text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
        widths = [max(cell.cell_len for cell in column) + 2 for column in zip(*[row[:-1] for row in cells], strict=True)]
        room = self.width - indent - sum(widths)
        for row in cells:
            for number, line in enumerate(row[-1].wrap(self.console, room, overflow="fold")):
                start = Text(" " * indent)
                for cell, width in zip(row[:-1], widths, strict=True):
                    start.append_text(cell if number == 0 else Text())
                    start.pad_right(width - (cell.cell_len if number == 0 else 0))
                start.append_text(line).rstrip()
                self.console.print(start, soft_wrap=True)
