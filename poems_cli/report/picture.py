"""The table as a picture: what a terminal shows, as SVG."""

import re
from io import StringIO
from typing import IO

from rich.console import Console

from poems_cli.model import Assessment, Rules
from poems_cli.report.table import print_assessment

_WIDTH = 88  # columns: as much as a page shows without making the letters small


def to_svg(rules: Rules, assessment: Assessment, *, explain: bool, every_mimic: bool = False) -> str:
    """One assessment as the picture of a terminal."""
    unseen: IO[str] = StringIO()
    console = Console(
        record=True, file=unseen, width=_WIDTH, height=1000, force_terminal=True, color_system="standard",
        markup=False, emoji=False, highlight=False, legacy_windows=False,
    )  # fmt: skip
    print_assessment(console, rules, assessment, explain=explain, several=False, every_mimic=every_mimic)
    picture = console.export_svg(title="poems check", unique_id="poems")
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)  # a picture of a patient fetches nothing
