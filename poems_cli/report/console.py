"""The one place that decides how wide and how colorful the terminal's output is."""

import os
from collections.abc import Callable
from io import StringIO
from typing import IO, Final

from rich.console import Console

from poems_cli.machine import is_dumb_terminal

#: The width off a terminal, where nobody resizes: wide enough that no id is broken.
WIDTH_ELSEWHERE = 100

#: No layout is made for less; a narrower terminal wraps it itself.
NARROWEST = 60

#: Only the sixteen colors of the terminal's own theme, which its reader can see on its background.
_COLORS: Final = "standard"

_TALL = 1000  # no report pages, so the height only has to be given


def make_console(stream: IO[str], *, redraws: bool = False) -> Console:
    """A console that cuts nothing, reads no markup in what it is given, and draws only what the stream has letters for.

    ``NO_COLOR`` decides about color, then ``FORCE_COLOR``, then whether the stream is a terminal and not a
    dumb one. ``COLUMNS`` decides the width, else the terminal's. ``redraws`` is for what draws over itself on a terminal,
    with color or without.
    """
    terminal = stream.isatty()
    colorful = _colorful(terminal)
    return Console(
        file=stream,
        color_system=_COLORS if colorful else None,
        force_terminal=colorful or redraws,
        no_color=not colorful,
        force_interactive=redraws,
        width=_width(stream, terminal),
        height=_TALL,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=False,
    )


def printed(width: int, draw: Callable[[Console], object]) -> str:
    """What a function prints on a terminal of this width, without color."""
    stream = StringIO()
    draw(Console(file=stream, width=width, height=_TALL, color_system=None, markup=False, emoji=False, highlight=False))
    return stream.getvalue().rstrip("\n")


def is_fancy(console: Console) -> bool:
    """Whether lines and bars are drawn: on a terminal that is not a dumb one, in an encoding that has them."""
    drawable = (console.encoding or "").lower().replace("-", "").startswith("utf")
    terminal = console.is_terminal or console.file.isatty()  # without color Rich takes a terminal for none
    return drawable and terminal and not is_dumb_terminal()


def _colorful(terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return terminal and not is_dumb_terminal()


def _width(stream: IO[str], terminal: bool) -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return max(NARROWEST, int(columns))
    if not terminal:
        return WIDTH_ELSEWHERE
    try:
        return max(NARROWEST, os.get_terminal_size(stream.fileno()).columns or 80)
    except (OSError, ValueError):
        return 80
