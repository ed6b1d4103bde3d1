"""The course of a patient as a Markdown document."""

from collections.abc import Callable, Iterator

from poems_cli.engine.course import Course
from poems_cli.model import Rules
from poems_cli.phrases import capital
from poems_cli.report.course import Cell, CourseWords, clinical_definition, course_words
from poems_cli.report.markdown import escaped, table
from poems_cli.report.words import SYMBOLS
from poems_cli.report.writing import Place, Wanted


def writer(rules: Rules, _wanted: Wanted, place: Place) -> Callable[[Course], None]:
    """What writes a course."""
    return place.pages(lambda course: course_markdown(rules, course), between="\n---\n\n")


def course_markdown(rules: Rules, course: Course) -> str:
    """One course: the findings, the response, what is published."""
    shown = course_words(rules, course)
    lines = [f"# {escaped(shown.title)}", "", f"{escaped(shown.patient)}.", "", *_rows(shown)]
    lines += [*_responses(rules, shown), *_lines(shown)]
    lines += ["---", "", escaped(shown.footer)]
    return "\n".join(lines) + "\n"


def _rows(shown: CourseWords) -> Iterator[str]:
    visits = [f"{day} ({month})" for day, month in zip(shown.dates, shown.months, strict=True)]
    header = ("finding", *visits, "since baseline", "since nadir")
    yield from table(
        header,
        ((row.name, *[_cell(cell) for cell in row.cells], row.since_baseline, row.since_best) for row in shown.rows),
    )
    if shown.unseen:
        yield from (f"Not measured and not examined at any visit: {escaped(shown.unseen)}.", "")


def _cell(cell: Cell) -> str:
    if cell.is_disputed:
        return f"! {cell.text}"
    return f"{SYMBOLS[cell.value]} {cell.text}" if cell.is_sign else cell.text


def _responses(rules: Rules, shown: CourseWords) -> Iterator[str]:
    if not shown.responses:
        return
    yield from (f"## {escaped(shown.response_title)}", "")
    rows = ((response.name, f"{SYMBOLS[response.value]} {response.state}", response.why) for response in shown.responses)
    yield from table(("in", "response", "why"), rows)
    yield from (escaped(clinical_definition(rules)), "")


def _lines(shown: CourseWords) -> Iterator[str]:
    for title, texts in (("Published figures", shown.landmarks), ("Warnings", shown.warnings)):
        if texts:
            yield from (f"## {title}", "")
            yield from (f"- {escaped(capital(text))}" for text in texts)
            yield ""
