"""Answers as JSON, a line each; one that a person sees at once is laid out."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from poems_cli.model import Assessment, Rules
from poems_cli.report.writing import Place, Wanted

if TYPE_CHECKING:
    from poems_cli.report.json import JsonWriter
    from poems_cli.report.json_brief import BriefWriter


def json_writer(rules: Rules, wanted: Wanted) -> "BriefWriter | JsonWriter":
    """What makes the text of each answer of one run."""
    if wanted.brief:
        from poems_cli.report.json_brief import BriefWriter

        return BriefWriter(rules)
    from poems_cli.report.json import JsonWriter

    return JsonWriter(rules, every_mimic=wanted.every_mimic, every_test=wanted.every_test)


def writer(rules: Rules, wanted: Wanted, place: Place) -> Callable[[Assessment], None]:
    """What writes each answer."""
    made = json_writer(rules, wanted)
    line = line_writer(place, indented=place.on_terminal and not wanted.several)
    return lambda assessment: line(made.written(assessment))


def line_writer(place: Place, *, indented: bool = False) -> Callable[[str], None]:
    """What writes each text of JSON as a line; in letters that every stream has, where the stream is not UTF-8."""

    def write(text: str) -> None:
        if indented or not (place.is_utf8 or text.isascii()):
            import json

            separators = None if indented else (",", ":")
            text = json.dumps(
                json.loads(text), ensure_ascii=not place.is_utf8, indent=2 if indented else None, separators=separators
            )
        place.stream.write(text + "\n")

    return write
