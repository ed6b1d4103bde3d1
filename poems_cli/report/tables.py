"""One look for every table: bold headings above a rule, and no other lines."""

from collections.abc import Collection

from rich.box import Box
from rich.console import Console
from rich.table import Table

from poems_cli.report.console import is_fancy

_RULE = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
_ASCII_RULE = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)


def plain_table(console: Console, *headers: str, numbers: Collection[str] = ()) -> Table:
    """An empty table with these headers; the columns named in ``numbers`` hold numbers, which are aligned on the right.

    Off a terminal, and where the encoding has no other signs, the rule is made of hyphens. Text wraps at words and is never
    cut; numbers do not wrap.
    """
    table = Table(
        box=_RULE if is_fancy(console) else _ASCII_RULE,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
        border_style="dim",
        highlight=False,
    )
    for header in headers:
        is_number = header in numbers
        table.add_column(header, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    return table
