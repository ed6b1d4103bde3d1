"""The answer as a picture: what a terminal shows, as SVG."""

from poems_cli.model import Assessment, Rules
from poems_cli.report.svg import terminal_svg
from poems_cli.report.table import print_assessment

_WIDTH = 88  # columns: as much as a page shows without making the letters small


def to_svg(rules: Rules, assessment: Assessment, *, explain: bool, every_mimic: bool = False, width: int = _WIDTH) -> str:
    """One assessment as the picture of a terminal."""
    return terminal_svg(
        lambda console: print_assessment(console, rules, assessment, explain=explain, every_mimic=every_mimic),
        width=width,
        title=f"poems check: {assessment.patient.id}",
    )
