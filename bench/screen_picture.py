"""Draw ``docs/screen.svg`` anew: the summary of a screening of the made-up table, as a terminal shows it.

python bench/screen_picture.py
"""

import os
import re
import tempfile
from contextlib import nullcontext
from io import BytesIO, StringIO
from pathlib import Path

from rich.console import Console
from screen_table import write_table

from poems_cli.report.screening import print_summary
from poems_cli.rules import load_rules
from poems_cli.screening.planning import ScreenOptions
from poems_cli.screening.screen import screen

_WIDTH = 88
_ROWS = 20_000
_TARGET = Path(__file__).parents[1] / "docs" / "screen.svg"


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def main() -> None:
    """Screen the table in a folder of its own, and draw what is told of it."""
    rules = load_rules()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_table(_ROWS, Path("ward.csv"))
        options = ScreenOptions(paths=("ward.csv",), output="answers.csv")
        summary = screen(rules, options, BytesIO(), lambda _: nullcontext()).summary
        os.chdir(_TARGET.parent)
    console = Console(
        record=True, file=_Terminal(), width=_WIDTH, height=1000, force_terminal=True, color_system="standard",
        markup=False, emoji=False, highlight=False, legacy_windows=False,
    )  # fmt: skip
    print_summary(console, rules, summary)
    picture = console.export_svg(title="poems screen ward.csv -o answers.csv", unique_id="screen")
    _TARGET.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
