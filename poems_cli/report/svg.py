"""What a terminal shows, as a picture: SVG that is read on light and dark pages, and fetches nothing.

Each run of text has its own place, so that columns stay in line whatever the font, and spaces carry nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from io import StringIO

from rich.console import Console
from rich.segment import Segment
from rich.style import Style

_LETTER = 8.4  # the width of a letter of 14 px in a fixed-width font
_LINE = 19
_MARGIN = 14

#: The colors of the terminal's theme on white, and on black: each of enough contrast to be read.
_COLORS = {
    "text": ("#1f2328", "#e6edf3"),
    "back": ("#ffffff", "#0d1117"),
    "dim": ("#59636e", "#9198a1"),
    "green": ("#116329", "#56d364"),
    "red": ("#a40e26", "#ff7b72"),
    "yellow": ("#7d4e00", "#e3b341"),
    "blue": ("#0550ae", "#79c0ff"),
    "cyan": ("#1b6b72", "#76d9e6"),
    "magenta": ("#6e3aa5", "#d2a8ff"),
}


class _Terminal(StringIO):
    """A stream that is shown nowhere and claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def terminal_svg(draw: Callable[[Console], None], *, width: int, title: str) -> str:
    """What ``draw`` prints on a terminal ``width`` columns wide, as SVG."""
    console = Console(
        record=True, file=_Terminal(), width=width, height=1000, force_terminal=True, color_system="standard",
        markup=False, emoji=False, highlight=False, legacy_windows=False, _environ={},
    )  # fmt: skip
    draw(console)
    with console._record_buffer_lock:  # noqa: SLF001  # Rich hands out its record only as finished pictures
        segments = list(Segment.filter_control(console._record_buffer))  # noqa: SLF001
    lines = list(Segment.split_lines(segments))
    return _svg(lines, width, title)


def _svg(lines: list[list[Segment]], width: int, title: str) -> str:
    wide, high = round(width * _LETTER + 2 * _MARGIN), round(len(lines) * _LINE + 2 * _MARGIN)
    body = "\n".join(_rows(lines))
    light, dark = ("".join(f".{name}{{fill:{colors[theme]}}}" for name, colors in _COLORS.items()) for theme in (0, 1))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}}"
        f".bold{{font-weight:bold}}{light}@media(prefers-color-scheme:dark){{{dark}}}</style>\n"
        f'<rect class="back" width="{wide}" height="{high}" rx="8"/>\n{body}\n</svg>\n'
    )


def _rows(lines: list[list[Segment]]) -> Iterator[str]:
    for number, line in enumerate(lines):
        column = 0
        for segment in line:
            style = segment.style or Style()
            left = round(_MARGIN + column * _LETTER, 1)
            top = _MARGIN + number * _LINE
            if style.reverse:
                wide = round(segment.cell_length * _LETTER, 1)
                yield f'<rect class="{_color(style)}" x="{left}" y="{top}" width="{wide}" height="{_LINE}" rx="3"/>'
            for start, word in _runs(segment.text):
                yield _text(word, column + start, top, style)
            column += segment.cell_length


def _runs(text: str) -> Iterable[tuple[int, str]]:
    """The runs of text that no two spaces divide, with where each begins."""
    return [(match.start(), match.group()) for match in re.finditer(r"\S+(?: \S+)*", text)]


def _text(word: str, column: int, top: int, style: Style) -> str:
    left, length = round(_MARGIN + column * _LETTER, 1), round(len(word) * _LETTER, 1)
    names = ["back" if style.reverse else _color(style)] + ["bold"] * bool(style.bold)
    return (
        f'<text class="{" ".join(names)}" x="{left}" y="{top + 14}" textLength="{length}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(word)}</text>"
    )


def _color(style: Style) -> str:
    name = style.color.name if style.color else ""
    return name if name in _COLORS else "dim" if style.dim else "text"
