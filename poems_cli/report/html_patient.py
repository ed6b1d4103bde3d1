"""One assessment as a page to look at, print and keep: the words of the other reports, with the criteria drawn."""

from collections.abc import Callable

from poems_cli.model import Assessment, Rules
from poems_cli.report.html import render
from poems_cli.report.patient_view import patient_view
from poems_cli.report.writing import AS_USUAL, Place, Wanted


def writer(rules: Rules, wanted: Wanted, place: Place) -> Callable[[Assessment], None]:
    """What writes the page of a patient, in letters that the stream has."""

    def write(assessment: Assessment) -> None:
        page = to_html(rules, assessment, wanted)
        place.stream.write(page if place.is_utf8 else page.encode("ascii", "xmlcharrefreplace").decode("ascii"))

    return write


def to_html(rules: Rules, assessment: Assessment, wanted: Wanted = AS_USUAL) -> str:
    """One assessment as a whole page that needs nothing else; ``explain`` adds every step of every set."""
    return render("patient_page.html", **patient_view(rules, assessment, wanted))


def to_fragment(rules: Rules, assessment: Assessment) -> str:
    """The same without the head of a page, to be part of another: its styles concern itself alone."""
    return render("patient_part.html", **patient_view(rules, assessment))
