"""One assessment as a PDF to print, file or send: what the HTML page shows, set by Typst from its wheel alone.

Typst gets the page's content as JSON and its strings as strings, so that nothing of a record or of the rules is ever read as
markup or code. Nothing is fetched, and the same answer makes the same bytes.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from poems_cli.model import Assessment, Rules
from poems_cli.report.html import PROGRAM, printable, template_text
from poems_cli.report.patient_view import patient_view
from poems_cli.report.writing import AS_USUAL, Place, Wanted

_WITHOUT_FONT = re.compile(r'the text `"(.+?)"` could not be displayed')


def writer(rules: Rules, wanted: Wanted, place: Place) -> Callable[[Assessment], object]:
    """What writes the PDF of a patient."""
    return lambda assessment: place.stream.write(to_pdf(rules, assessment, wanted))


def to_pdf(rules: Rules, assessment: Assessment, wanted: Wanted = AS_USUAL) -> bytes:
    """One assessment as a PDF of pages that fit A4 and Letter; ``explain`` adds every step of every set."""
    view = patient_view(rules, assessment, wanted)
    return _typeset(template_text("patient.typ"), json.dumps({**plain_data(view), "program": PROGRAM}, ensure_ascii=False))


def _typeset(template: str, page: str) -> bytes:
    """The page set as PDF/UA, which every reader can read aloud. A letter that no font here has is written out as a code."""
    import typst

    standard: Literal["ua-1"] | None = "ua-1"
    while True:
        try:
            made = typst.compile(template.encode(), sys_inputs={"page": page}, pdf_standards=standard)
        except typst.TypstError as error:
            missing = _WITHOUT_FONT.search(str(error))
            if missing is None or standard is None:
                raise
            before = page
            for letter in missing[1]:
                if not letter.isascii():
                    page = page.replace(letter, json.dumps(ascii(letter)[1:-1])[1:-1])
            if page == before:  # a sign that changes the letter before it: it is shown as an empty box
                standard = None
        else:
            assert isinstance(made, bytes)  # one document, not one picture per page
            return made


def plain_data(value: Any) -> Any:
    """Records as mappings, every text without what a page would obey or hide."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: plain_data(part) for key, part in value.items()}
    if hasattr(value, "_asdict"):
        return plain_data(value._asdict())
    if isinstance(value, list | tuple):
        return [plain_data(part) for part in value]
    return value
