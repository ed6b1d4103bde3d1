"""The answer as a picture: what a terminal shows, as SVG."""

from collections.abc import Callable

from poems_cli.model import Assessment, Rules
from poems_cli.report.svg import terminal_svg
from poems_cli.report.table import print_assessment
from poems_cli.report.writing import AS_USUAL, Place, Wanted

_WIDTH = 88  # columns: as much as a page shows without making the letters small


def writer(rules: Rules, wanted: Wanted, place: Place) -> Callable[[Assessment], object]:
    """What draws an answer."""
    return lambda assessment: place.stream.write(to_svg(rules, assessment, wanted))


def to_svg(rules: Rules, assessment: Assessment, wanted: Wanted = AS_USUAL, width: int = _WIDTH) -> str:
    """One assessment as the picture of a terminal."""
    shown = wanted._replace(plain=False)
    title = f"poems check: {assessment.patient.id}"
    return terminal_svg(lambda console: print_assessment(console, rules, assessment, shown), width=width, title=title)
