"""The course of a patient on the terminal: tables with a symbol next to every color, or the same in sentences."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from poems_cli.engine.course import Course
from poems_cli.model import Rules, Truth
from poems_cli.phrases import capital, plain
from poems_cli.report.console import is_fancy, make_console
from poems_cli.report.course import NOT_MEASURED, Cell, CourseWords, RowWords, clinical_definition, course_words
from poems_cli.report.page import Page
from poems_cli.report.pager import show
from poems_cli.report.tables import plain_table
from poems_cli.report.words import SYMBOLS
from poems_cli.report.writing import Place, Wanted

_STYLES: dict[Truth, str] = {True: "green", False: "red", None: "yellow"}
#: The least widths of the columns, the space after each included.
_NAME, _VISIT, _TREND, _SINCE, _NADIR = 20, 11, 6, 11, 10
_WIDEST = 120


def writer(rules: Rules, wanted: Wanted, place: Place) -> Callable[[Course], None]:
    """What prints a course; on a terminal through a pager where it is longer than the terminal."""

    def write(course: Course) -> None:
        console = make_console(place.stream)
        with console.capture() as printed:
            print_course(console, rules, course, plain_words=wanted.plain)
        if place.on_terminal:
            show(printed.get(), place.stream, paged=wanted.paged)
        else:
            place.stream.write(printed.get())

    return write


def print_course(console: Console, rules: Rules, course: Course, *, plain_words: bool = False) -> None:
    """Print a course; ``plain_words`` has no boxes, bars or symbols, for a screen reader."""
    shown = course_words(rules, course)
    page = Page(console)
    page.width = min(console.width, _WIDEST)
    if plain_words:
        for line in _plain_lines(rules, shown):
            page.line(Text(plain(line)))
        return
    page.line(Text(shown.title, style="bold"))
    page.line(Text(shown.patient, style="dim"))
    _values(page, console, shown)
    if shown.unseen:
        page.line(Text(f"Not measured and not examined at any visit: {shown.unseen}.", style="dim"))
    if shown.responses:
        page.line(Text())
        page.line(_responses(console, shown))
        page.line(Text(clinical_definition(rules), style="dim"))
    for text in shown.landmarks:
        page.line(Text(text))
    for text in shown.warnings:
        page.line(Text.assemble(("! ", "bold yellow"), capital(text)))
    page.line(Text(shown.footer, style="dim"))


def _values(page: Page, console: Console, shown: CourseWords) -> None:
    """The findings from visit to visit, in as many tables as the width needs; the changes in the last one."""
    visits = len(shown.dates)
    trend = max(_TREND, visits + 1) if is_fancy(console) else 0
    together = max(1, (page.width - _NAME - _SINCE - _NADIR - trend) // _VISIT)
    alone = max(1, (page.width - _NAME) // _VISIT)
    last = min(visits, together)
    starts = [*range(0, visits - last, alone), visits - last]
    spare = max(0, page.width - _NAME - _SINCE - _NADIR - trend - last * _VISIT)
    widths = _Widths(_NAME + min(spare // 2, 14), trend, _SINCE + min(spare // 2, 14))
    for start, end in zip(starts, [*starts[1:], visits], strict=True):
        page.line(_table(console, shown, range(start, end), widths, with_changes=end == visits))


class _Widths(NamedTuple):
    """The widths of the columns that differ; no column of trends where it is 0."""

    name: int
    trend: int
    since: int


def _table(console: Console, shown: CourseWords, visits: range, widths: _Widths, *, with_changes: bool) -> Table:
    table = plain_table(console)
    table.padding = (0, 0, 0, 0)  # the widths are chosen: a space between two columns is enough
    trends = with_changes and bool(widths.trend)
    columns = [("Finding", widths.name), *[(f"{shown.dates[visit]}\n{shown.months[visit]}", _VISIT) for visit in visits]]
    columns += [("Trend", widths.trend)] if trends else []
    columns += [("Since\nbaseline", widths.since), ("Since\nnadir", _NADIR)] if with_changes else []
    for heading, width in columns:
        table.add_column(heading, width=width - 1, overflow="fold")
    for row in shown.rows:
        own = _STYLES[row.better] if row.better is not None else ""
        trend = [Text(row.trend, style=own)] if trends else []
        changes = [Text(row.since_baseline, style=own), Text(row.since_best, style="red" * row.is_worse_than_best)]
        cells = [_cell(row.cells[visit]) for visit in visits]
        table.add_row(plain(row.name), *cells, *trend, *changes[: 2 * with_changes])
    return table


#: A finding that is present is bad here, whatever a response is.
_FINDING_STYLES: dict[Truth, str] = {True: "red", False: "green", None: "yellow"}


def _cell(cell: Cell) -> Text:
    if cell.is_disputed:
        return Text(f"! {cell.text}", style="bold yellow")
    if cell.is_sign:
        return Text(f"{SYMBOLS[cell.value]} {cell.text}", style=_FINDING_STYLES[cell.value])
    return Text("?", style="yellow") if cell.text == NOT_MEASURED else Text(plain(cell.text))


def _responses(console: Console, shown: CourseWords) -> Table:
    table = plain_table(console)
    table.add_column(shown.response_title, width=22, overflow="fold")
    table.add_column("", width=19, overflow="fold")
    table.add_column("Why", overflow="fold")
    for response in shown.responses:
        state = Text(f"{SYMBOLS[response.value]} {response.state}", style=_STYLES[response.value])
        table.add_row(response.name, state, plain(response.why))
    return table


def _plain_lines(rules: Rules, shown: CourseWords) -> Iterator[str]:
    """The same in sentences: no boxes, bars or symbols."""
    yield f"{shown.title}."
    yield f"{shown.patient}."
    for row in shown.rows:
        yield f"{row.name}: {'; '.join(_visits(shown.dates, row))}.{_changes(row)}"
    if shown.unseen:
        yield f"Not measured and not examined at any visit: {shown.unseen}."
    for response in shown.responses:
        yield f"{shown.response_title}, {response.name}: {response.state}; {response.why}."
    if shown.responses:
        yield clinical_definition(rules)
    yield from shown.landmarks
    yield from (f"Warning: {text}" for text in shown.warnings)
    yield shown.footer


def _visits(dates: Sequence[str], row: RowWords) -> list[str]:
    return [f"{day} {cell.text}" for day, cell in zip(dates, row.cells, strict=True)]


def _changes(row: RowWords) -> str:
    since = f" Since the baseline: {row.since_baseline}." if row.since_baseline else ""
    nadir = f" Since the nadir: {row.since_best}." if row.since_best and not row.since_best.startswith("at ") else ""
    return f"{since}{nadir}{f' Now {row.since_best}.' if row.since_best.startswith('at ') else ''}"
