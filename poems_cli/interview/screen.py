"""The screen of the interview: panels on a terminal, lines on a dumb one or a pipe, whole words for a screen reader."""

import os
from collections.abc import Callable, Iterable, Sequence
from textwrap import wrap
from typing import IO, Literal, TypeAlias

from rich.box import ROUNDED
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from poems_cli.interview.wording import Sign, View
from poems_cli.model import Truth
from poems_cli.phrases import counted, plain
from poems_cli.report.console import is_fancy, make_console
from poems_cli.report.words import SYMBOLS

Face: TypeAlias = Literal["panels", "lines", "plain"]

_WIDEST = 100
_NEW_PAGE = "\x1b[2J\x1b[H"  # the earlier answers are in the review
_STYLES: dict[Truth, str] = {True: "bold green", False: "red", None: "dim"}
#: Of an area in words: a symptom is neither good nor bad.
_WORD_STYLES: dict[Truth, str] = {True: "bold yellow", False: "bold", None: "dim"}
_BAR = 16
_FULL, _EMPTY = "\u2501", "\u254c"
_FEW = 8  # more choices are set in two columns, where there is room for them


class Screen:
    """Writes to one stream. ``plain`` asks for whole words, without a strip, symbols or boxes."""

    def __init__(self, stream: IO[str], *, plain: bool = False) -> None:
        self._stream = stream
        self._console: Console = make_console(stream)
        fancy = is_fancy(self._console)
        self.face: Face = "plain" if plain else "panels" if fancy else "lines"
        self._notes: list[str] = []
        self.again: Callable[[], None] = lambda: None  # shows once more what was asked last

    @property
    def is_terminal(self) -> bool:
        """Whether a person sees it at once."""
        return self._stream.isatty()

    @property
    def width(self) -> int:
        """How wide lines may be; a terminal may change while it is used."""
        return min(make_console(self._stream).width, _WIDEST)

    def say(self, *lines: str) -> None:
        """Write lines, wrapped; an indented one keeps its indent."""
        for line in lines:
            self._stream.writelines(f"{row}\n" for row in self._wrapped(line))
        self._stream.flush()

    def _wrapped(self, line: str) -> list[str]:
        """The rows that a line takes."""
        indent = " " * (len(line) - len(line.lstrip()))
        below = indent + "   " * bool(indent)
        return wrap(plain(line), self.width, subsequent_indent=below, break_on_hyphens=False, break_long_words=False) or [""]

    def note(self, *lines: str) -> None:
        """Lines to be shown above the next question: what was understood, or help."""
        self._notes += lines

    def prompt(self) -> None:
        """Write a prompt, and stay on its line."""
        self._stream.write("> ")
        self._stream.flush()

    def break_line(self) -> None:
        """End the line of a prompt that no typing has ended."""
        self._stream.write("\n")

    def ask(self, view: View, strip: Sequence[Sign], keys: Iterable[tuple[str, str]]) -> None:
        """Show one question, with all that was noted since the last one above it."""
        self.again = lambda: self.ask(view, strip, keys)
        notes, self._notes = self._notes, []
        if self.face == "panels":
            self._panel(view, strip, keys, notes)
            return
        self.say("", *notes, *[""] * bool(notes))
        if self.face == "plain":
            self.say(f"{view.heading}.")
            self.say(view.ask, *[f"{place}: {words}" for place, words in enumerate(view.choices, 1)], *view.notes)
            self.say(f"Answer {'; '.join(f'{key}: {words}' if words else key for key, words in view.answers)}.")
        else:
            self.say(*_in_signs(strip, self.width), f"{view.heading} {_bar(view, '#', '.')}")
            self.say(view.ask, *[f"  {place:>2}  {words}" for place, words in enumerate(view.choices, 1)], *view.notes)
            self.say(" | ".join(f"{key} = {words}" if words else key for key, words in view.answers))
        self.prompt()

    def ask_briefly(self, words: str, about: str = "") -> None:
        """Ask something short, with what was noted above it; ``about`` is the question that it is part of."""
        if self.face != "panels" or not about:
            self.ask_below(words)
            return
        self.again = lambda: self.ask_briefly(words, about)
        notes, self._notes = self._notes, []
        self._new_page()
        body = Text.assemble((f"{about}\n", "dim"), *[(f"{note}\n", "bold") for note in notes], words)
        make_console(self._stream).print(_boxed(body, self.width))
        self.prompt()

    def ask_below(self, words: str) -> None:
        """Ask something short below what is shown."""
        self.again = lambda: self.ask_below(words)
        notes, self._notes = self._notes, []
        self.say(*notes, words)
        self.prompt()

    def is_too_long(self, lines: Sequence[str]) -> bool:
        """Whether lines leave no room for a question below them, on a screen that shows one at a time."""
        many = sum(len(self._wrapped(line)) for line in lines)
        return self.face == "panels" and many > self._rows() - 14

    def in_pages(self, lines: Sequence[str], *, below: int) -> list[list[str]]:
        """A list in parts that fit on a page with its title and ``below`` rows of a prompt; whole where the screen scrolls."""
        pages: list[list[str]] = [[]]
        room = left = self._rows() - 3 - below
        for line in lines:
            rows = len(self._wrapped(line))
            if self.face == "panels" and pages[-1] and rows > left:
                pages.append([])
                left = room
            pages[-1].append(line)
            left -= rows
        return pages

    def _new_page(self) -> None:
        if self.is_terminal:
            self._stream.write(_NEW_PAGE)

    def page(self, title: str, lines: Sequence[str]) -> None:
        """Show a list on a page of its own."""
        if self.face == "panels":
            self._new_page()
        self.say("", title, *lines, "")

    def _panel(self, view: View, strip: Sequence[Sign], keys: Iterable[tuple[str, str]], notes: Sequence[str]) -> None:
        """A screen of its own: notes, the strip, the question in a panel, how to answer, and the keys."""
        console = make_console(self._stream)
        width = min(console.width, _WIDEST)
        self._new_page()
        self.say(*notes)
        if strip:
            for signs in _in_lines(strip, width):
                console.print(Text("  ").join([_colored(sign) for sign in signs]))
        body = Text(view.ask, style="bold")
        for line in _in_columns(view.choices, width - 4, self._rows() - len(notes) - 12):
            body.append(f"\n{line}", style="not bold")
        for line in view.notes:
            body.append(f"\n{line}", style="not bold dim")
        subtitle = Text(_bar(view, _FULL, _EMPTY), style="cyan")
        title = Text(view.heading, style="cyan")
        console.print(_boxed(body, width, title, subtitle))
        answers = Text("  ").join([Text.assemble((key, "bold"), f" {words}") for key, words in view.answers])
        console.print(answers, width=width)
        console.print(Text("   ".join(f"{key} {words}" for key, words in keys), style="dim"), width=width)
        self.prompt()

    def _rows(self) -> int:
        """How many rows the terminal has."""
        try:
            return os.get_terminal_size(self._stream.fileno()).lines or 24
        except (OSError, ValueError):
            return 24


def _boxed(body: Text, width: int, title: Text | None = None, subtitle: Text | None = None) -> Panel:
    panel = Panel(body, box=ROUNDED, width=width, border_style="cyan", title=title, subtitle=subtitle)
    panel.title_align, panel.subtitle_align = "left", "right"
    return panel


def _bar(view: View, full: str, empty: str) -> str:
    """A bar of what was answered, of all that may come, in words as well."""
    share = round(_BAR * view.done / max(1, view.done + view.left))
    return f"{full * share}{empty * (_BAR - share)} {view.done} answered, at most {counted(view.left, 'question')} open"


def _in_signs(strip: Sequence[Sign], width: int) -> list[str]:
    """The strip without color: letters with their signs, areas with their words."""
    if any(sign.words for sign in strip):
        return ["  ".join(map(_sign_words, signs)) for signs in _in_lines(strip, width)]
    return [f"[{' '.join(f'{sign.name}:{SYMBOLS[sign.value]}' for sign in strip)}]"] * bool(strip)


def _in_lines(strip: Sequence[Sign], width: int) -> list[list[Sign]]:
    """The places of the strip in lines, none of them broken."""
    lines: list[list[Sign]] = [[]]
    for sign in strip:
        if lines[-1] and sum(len(_sign_words(sign_)) + 2 for sign_ in [*lines[-1], sign]) - 2 > width:
            lines.append([])
        lines[-1].append(sign)
    return lines


def _sign_words(sign: Sign) -> str:
    """One place of the strip with its word, or with its sign."""
    return f"{sign.name}: {sign.words}" if sign.words else f"{sign.name}{SYMBOLS[sign.value]}"


def _colored(sign: Sign) -> Text:
    """One place of the strip in color, with its sign or its word, so that the color says nothing alone."""
    text = Text(_sign_words(sign))
    if sign.words:
        text.stylize(_WORD_STYLES[sign.value], len(sign.name) + 2)
    else:
        text.stylize(_STYLES[sign.value])
    return text


def _in_columns(choices: Sequence[str], width: int, room: int) -> list[str]:
    """The choices with their numbers, in two columns where one is too long for the screen."""
    numbered = [f"{place:>2}  {words}" for place, words in enumerate(choices, 1)]
    half = (len(numbered) + 1) // 2
    left, right = numbered[:half], numbered[half:]
    widest = max(map(len, left), default=0)
    if len(numbered) <= max(_FEW, room) or widest + 3 + max(map(len, right), default=0) > width:
        return numbered
    return [f"{first:<{widest}}   {other}".rstrip() for first, other in zip(left, [*right, ""], strict=False)]
