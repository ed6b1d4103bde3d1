"""What is followed from visit to visit, for a reader: the rows, the definitions of response, what is published."""

from collections.abc import Iterator

from poems_cli.engine.logic import plain_number
from poems_cli.model import FollowGroup, FollowRow, FollowUp, Landmark, OutlookNote, ResponseDomain, ResponseLevel, Rules, Way
from poems_cli.report.blocks import Block, Fields, Heading, Outline, Paragraph, bullets
from poems_cli.report.words import Line, cited, label, outline, with_id

_BETTER = {"lower": "lower is better", "higher": "higher is better", None: "neither way is better in itself"}
_CHANGES = {"percent": "change in percent", "difference": "change as a difference"}


def response_rows(rules: Rules, follow_up: FollowUp) -> Iterator[tuple[str, str]]:
    """Each level of each response with its definition."""
    for domain in follow_up.response:
        yield from ((f"{domain.name}, {level.name}", cited(rules, level.text, level.basis)) for level in domain.levels)
    if follow_up.clinical_response is not None:
        yield "clinical", cited(rules, *follow_up.clinical_response)


def explain_note(rules: Rules, note: OutlookNote) -> Iterator[Block]:
    """Explain what is published of the course or the treatment."""
    yield Paragraph("Shown once the default criteria are met, for reading only; this program gives no treatment advice.")
    yield bullets([cited(rules, *fact) for fact in note.facts])


def explain_followed(rules: Rules, group: FollowGroup) -> Iterator[Block]:
    """Explain the findings that poems follow shows together."""
    yield Paragraph("What poems follow shows of each visit.")
    yield bullets([_row(rules, row) for row in group.rows])


def _row(rules: Rules, row: FollowRow) -> str:
    name = with_id(rules, row.finding)
    return f"{name}: {_CHANGES[row.change]}, {_BETTER[row.better]}" if row.change else f"{name}: present, absent or unknown"


def explain_response(rules: Rules, domain: ResponseDomain) -> Iterator[Block]:
    """Explain what response is measured in, with the definition of each level."""
    yield Paragraph(
        "The first visit is taken as the baseline. What was not measured leaves a response open; it is never called none."
    )
    for level in domain.levels:
        yield Heading(_titled(level.name, level.id))
        yield from _level(rules, level)
    yield Paragraph(f"Where none of these is reached: {domain.below}.")


def explain_response_level(rules: Rules, level: str, follow_up: FollowUp) -> Iterator[Block]:
    """Explain a level of response in everything that it is defined for."""
    yield Paragraph("A level of response in poems follow, as far as its definition was read or is marked as recalled.")
    for domain in follow_up.response:
        for domain_level in domain.levels:
            if domain_level.id == level:
                yield Heading(_titled(domain.name, domain.id))
                yield from _level(rules, domain_level)


def _titled(name: str, entry_id: str) -> str:
    return name if name == entry_id else f"{name} ({entry_id})"


def _level(rules: Rules, level: ResponseLevel) -> Iterator[Block]:
    yield Paragraph(cited(rules, level.text, level.basis))
    yield Outline(tuple(line for way in level.ways for line in _way(rules, way)))


def _way(rules: Rules, way: Way) -> Iterator[Line]:
    yield Line(0, "reached when all of")
    for title, expression in (("at the first visit", way.baseline), ("at this visit", way.now)):
        if expression is not None:
            yield Line(1, title)
            yield from outline(rules, expression, 2)
    if way.fall is not None:
        yield Line(
            1, f"{label(rules, way.fall.finding)} down by at least {plain_number(way.fall.percent)} % since the first visit"
        )


def explain_landmark(rules: Rules, landmark: Landmark) -> Iterator[Block]:
    """Explain what is published of a value at a time."""
    yield Paragraph(
        f"Shown by poems follow where a visit lies within {plain_number(landmark.within)} months (a limit of this program) of "
        f"{plain_number(landmark.months)} months after the first one."
    )
    yield Fields((("finding", with_id(rules, landmark.finding)),))
    yield Outline(outline(rules, landmark.when))
    yield bullets([cited(rules, *fact) for fact in landmark.facts])
