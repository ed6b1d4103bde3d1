"""Draw the last two screens of an interview with a clinician and of one with a patient, typed at a terminal."""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pexpect
from rich.style import Style
from rich.text import Text

from poems_cli.report.svg import terminal_svg

FOLDER = Path(__file__).parent
_WIDTH = 88
#: What a clinician and a patient type; the screens after the last two answers are drawn.
_ANSWERS = {
    "clinician": ("MRN 7", "61", "m", "1 2 4", "n", "y", "liver and spleen"),
    "patient": ("", "52", "woman", "numbness, burning pain and weak legs", "4", "1"),
}
_NEW_PAGE = "\x1b[2J\x1b[H"
_SHOWN = 2
_OF_OTHER_TERMINALS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def interviews() -> Iterator[tuple[Path, str]]:
    """Each picture's path, and what it should hold."""
    for audience, answers in _ANSWERS.items():
        yield FOLDER / f"ask-{audience}.svg", questions(audience, answers)


def questions(audience: str, answers: Sequence[str]) -> str:
    """The last screens of an interview, typed at a terminal."""
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **{key: value for key, value in os.environ.items() if key not in _OF_OTHER_TERMINALS},
            "TERM": "xterm-256color",
            "PYTHONPATH": str(FOLDER.parents[1]),
        }
        command = ["-m", "poems_cli", "check", "--ask", "--for", audience, "--save", "answers.json"]
        terminal = pexpect.spawn(sys.executable, command, cwd=folder, env=env, dimensions=(24, _WIDTH), encoding="utf-8")
        shown = []
        for answer in (*answers, None):
            terminal.expect("\r\n> ")
            shown.append((terminal.before + terminal.after).rpartition(_NEW_PAGE)[2])
            if answer is not None:
                terminal.sendline(answer)
        terminal.close()
    screens = [text.replace("\r\n", "\n").rstrip() for text in shown[-_SHOWN:]]
    if len(answers) >= _SHOWN:
        screens[0] += f" {answers[-1]}"
    text = _with_named_colors(Text.from_ansi("\n\n".join(screens)))
    title = f"poems check --for {audience}"
    return terminal_svg(lambda console: console.print(text, soft_wrap=True), width=_WIDTH, title=title)


def _with_named_colors(text: Text) -> Text:
    """The text with the terminal's colors by name, as the picture's themes have them."""
    named = []
    for span in text.spans:
        style = span.style if isinstance(span.style, Style) else Style.parse(span.style)
        if style.color is not None and style.color.number is not None and style.color.number < len(_NAMES):
            style += Style(color=_NAMES[style.color.number])
        named.append(span._replace(style=style))
    return Text(text.plain, spans=named)
