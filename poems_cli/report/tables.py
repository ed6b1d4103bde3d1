"""One look for every table: a header above a rule, no other lines, two spaces between columns."""

from collections.abc import Collection

from rich.box import SIMPLE_HEAD, Box
from rich.console import Console
from rich.table import Table

_ASCII_HEAD = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)


def plain_table(console: Console, *headers: str, numbers: Collection[str] = ()) -> Table:
    """An empty table with these headers; the columns named in ``numbers`` hold numbers, which are aligned on the right.

    Off a terminal, and where the encoding has no other signs, the rule is made of hyphens. Text wraps at words and is never
    cut; numbers do not wrap.
    """
    drawn = (console.is_terminal or console.file.isatty()) and console.encoding.startswith("utf")
    table = Table(
        box=SIMPLE_HEAD if drawn else _ASCII_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="dim",
        border_style="dim",
        highlight=False,
    )
    for header in headers:
        is_number = header in numbers
        table.add_column(header, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    return table
