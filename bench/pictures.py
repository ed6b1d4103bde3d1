"""Draw ``docs/screen.svg`` (the summary of a screening) and ``docs/ask.svg`` (the first questions), as a terminal shows them.

python bench/pictures.py
"""

import os
import sys
import tempfile
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path

import pexpect
from rich.text import Text
from screen_table import write_table

from poems_cli.report.screening import print_summary
from poems_cli.report.svg import terminal_svg
from poems_cli.rules import load_rules
from poems_cli.screening.planning import ScreenOptions
from poems_cli.screening.screen import screen

_WIDTH = 88
_ROWS = 20_000
_ROOT = Path(__file__).parents[1]
_ANSWERS = ("y", "1,6")  # the second is not understood, and asked again


def screening() -> str:
    """What is said of a screening of the made-up table."""
    rules = load_rules()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_table(_ROWS, Path("ward.csv"))
        options = ScreenOptions(paths=("ward.csv",), output="answers.csv")
        summary = screen(rules, options, BytesIO(), lambda _: nullcontext()).summary
        os.chdir(_ROOT)
    return terminal_svg(lambda console: print_summary(console, rules, summary), width=_WIDTH, title="poems screen ward.csv")


def questions() -> str:
    """The first questions, typed at a terminal."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(_ROOT)}
        command = ["-m", "poems_cli", "check", "--ask", "--save", "answers.json"]
        terminal = pexpect.spawn(
            sys.executable, command, cwd=folder, env=env, dimensions=(60, _WIDTH), encoding="utf-8"
        )  # the folder and the answers go with it
        shown = ""
        for answer in (*_ANSWERS, None):
            terminal.expect("> ")
            shown += terminal.before + terminal.after
            if answer is not None:
                terminal.sendline(answer)
        terminal.close()
    text = Text.from_ansi(shown.replace("\r\n", "\n").rstrip())
    return terminal_svg(lambda console: console.print(text, soft_wrap=True), width=_WIDTH, title="poems check --ask")


if __name__ == "__main__":
    (_ROOT / "docs" / "screen.svg").write_text(screening(), encoding="utf-8")
    (_ROOT / "docs" / "ask.svg").write_text(questions(), encoding="utf-8")
