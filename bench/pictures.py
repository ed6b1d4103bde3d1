"""Draw what a terminal shows: ``docs/screen.svg`` (the summary of a screening), ``docs/ask.svg`` and ``docs/ask-patient.svg``.

python bench/pictures.py [screen] [ask] [ask-patient]
"""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path

import pexpect
from rich.style import Style
from rich.text import Text
from screen_table import write_table

from poems_cli.report.screening import print_summary
from poems_cli.report.svg import terminal_svg
from poems_cli.rules.loading import load_rules
from poems_cli.screening.options import ScreenOptions
from poems_cli.screening.screen import screen

_WIDTH = 88
_ROWS = 20_000
_ROOT = Path(__file__).parents[1]
#: What a clinician and a patient type; the screens after the last two answers are drawn.
_CLINICIAN = ("MRN 7", "61", "m", "1 2 4", "n", "y", "liver and spleen")
_PATIENT = ("", "52", "woman", "numbness, burning pain and weak legs", "4", "1")
_NEW_PAGE = "\x1b[2J\x1b[H"
_SHOWN = 2
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def screening() -> str:
    """What is said of a screening of the made-up table."""
    rules = load_rules()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_table(_ROWS, Path("ward.csv"))
        options = ScreenOptions(paths=("ward.csv",), outputs=("answers.csv",))
        summary = screen(rules, options, BytesIO(), lambda _: nullcontext()).summary
        os.chdir(_ROOT)
    return terminal_svg(lambda console: print_summary(console, rules, summary), width=_WIDTH, title="poems screen ward.csv")


def questions(audience: str, answers: Sequence[str]) -> str:
    """The last screens of an interview, typed at a terminal."""
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **{key: value for key, value in os.environ.items() if key != "NO_COLOR"},
            "TERM": "xterm-256color",
            "PYTHONPATH": str(_ROOT),
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


_PICTURES: Mapping[str, Callable[[], str]] = {
    "screen": screening,
    "ask": lambda: questions("clinician", _CLINICIAN),
    "ask-patient": lambda: questions("patient", _PATIENT),
}


if __name__ == "__main__":
    for name in sys.argv[1:] or _PICTURES:
        (_ROOT / "docs" / f"{name}.svg").write_text(_PICTURES[name](), encoding="utf-8")
