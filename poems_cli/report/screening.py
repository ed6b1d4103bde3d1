"""A screening's summary for the terminal, to be read at a glance: what was found, who is near, what could not be read."""

from textwrap import wrap

from rich.console import Console
from rich.text import Text

from poems_cli.engine.criteria import verdict_of
from poems_cli.finding_names import without_remark
from poems_cli.model import Rules
from poems_cli.phrases import counted, quoted
from poems_cli.report.console import printed
from poems_cli.report.narrative import AID, identity
from poems_cli.report.numbers import aligned_numbers, number, rate, share, span
from poems_cli.report.page import Page
from poems_cli.report.tables import plain_table
from poems_cli.report.words import SYMBOLS, first_of, unit_words, with_id
from poems_cli.screening.summary import CellFault, ColumnRead, Output, Steps, Summary
from poems_cli.tables.columns import UNIT_FROM
from poems_cli.tables.shares import percent

#: A longer heading is cut.
LONGEST_HEADING = 200

_SHEET = 160
_FILES_NAMED = 3
_HEADING_SHOWN = 40
_TEXT_SHOWN = 20
_WIDE = 100
_NARROW_ID = 20
_TESTS_SHOWN = 3
_FAULTS_SHOWN = 6
_FINDINGS_SHOWN = 5
_REASONS_SHOWN = 5
_HEADINGS_SHOWN = 6
_IDS_SHOWN = 3
_LONGEST_PATH = 4096
_WIDEST_BAR = 40
_NEXT_TO_BAR = 32  # columns of the indent, the symbol, the verdict and the share, with the gaps between
_STYLES = {True: "green", False: "dim", None: "bold"}
_FAR = 4  # from here on rows are not told apart by the findings that they need
_HIGHEST = "Levels: each row counts once, under the highest level that it reaches."


def print_summary(console: Console, rules: Rules, summary: Summary) -> None:
    """Print the summary of a screening; off a terminal every line is whole, and there are no bars."""
    show = Page(console, wrap=console.file.isatty())
    _head(show, summary)
    _print_columns_read(show, summary)
    _default(show, rules, summary)
    _others(show, rules, summary)
    _steps(show, rules, summary)
    _notes(show, summary)
    _not_understood(show, summary)
    _contradictory(show, rules, summary)
    _noticed(show, summary)
    _unread(show, summary)
    _end(show, summary)


def summary_lines(rules: Rules, summary: Summary) -> list[str]:
    """The summary in plain lines, for a sheet of a workbook."""
    return printed(_SHEET, lambda console: print_summary(console, rules, summary)).splitlines()


def print_reading(console: Console, summary: Summary) -> None:
    """Print how the columns of a table are read, and nothing of the answer."""
    show = Page(console, wrap=console.file.isatty())
    _head(show, summary)
    _print_columns_read(show, summary)
    _notes(show, summary)
    _not_understood(show, summary)
    _unread(show, summary)


def _head(show: Page, summary: Summary) -> None:
    speed = f", {rate(summary.rows_per_second)}" if summary.rows and summary.rows_per_second else ""
    where = " on Spark" if summary.engine == "spark" else ""
    headline = f"{counted(summary.rows, 'row')} screened{where} in {span(summary.seconds)}{speed}"
    show.line(Text(headline, style="bold"))
    more = len(summary.files) - _FILES_NAMED
    files = ", ".join([_place(path, "standard input") for path in summary.files[:_FILES_NAMED]])
    files += f" and {counted(more, 'more file')}" if more > 0 else ""
    named = summary.table.id
    identified = "no column is the id, so rows are numbered" if named is None else f"the id is in {_heading(named)}"
    show.line(Text(f"{files}: {counted(len(summary.table.columns), 'column')} read; {identified}"))


def _print_columns_read(show: Page, summary: Summary) -> None:
    """What was read as what, a line for each column."""
    if not summary.read:
        return
    show.heading("What was read as what")
    narrow = show.console.width < _WIDE
    numbers = ["understood", "blank"]
    if any(read.not_understood for read in summary.read):
        numbers.append("not\nunderstood" if narrow else "not understood")
    cells = "unit, or cells" if narrow else "unit, or most frequent cells"
    table = plain_table(show.console, "column", "finding", cells, *numbers, numbers=numbers)
    table.columns[1].no_wrap = True
    for read in summary.read:
        counts = [number(read.understood), number(read.blank), number(read.not_understood) if read.not_understood else ""]
        names = [quoted(read.column.heading, _HEADING_SHOWN), read.column.finding]
        shown = map(_in_lines, names) if narrow else names
        table.add_row(*shown, _unit_or_texts(read), *counts[: len(numbers)])
    show.line(table, 2)


def _in_lines(name: str) -> str:
    """A heading or an id in lines of a few words each, so that no word of it is broken."""
    return "\n".join(wrap(name.replace("_", "_ "), _NARROW_ID, break_long_words=False)).replace("_ ", "_")


def _unit_or_texts(read: ColumnRead) -> str:
    column = read.column
    if column.unit_from is None:
        return ", ".join([f"{quoted(text, _TEXT_SHOWN)} {number(cells)}" for text, cells in read.texts])
    unit = unit_words(column.unit) or "no unit"
    share_of_fitting = "" if column.fits in (None, 1) else f" ({percent(column.fits)} of the numbers fit)"
    return f"{unit}, {UNIT_FROM[column.unit_from]}{share_of_fitting}"


def _default(show: Page, rules: Rules, summary: Summary) -> None:
    """The verdicts of the default set; on a terminal with bars."""
    verdicts = next((each for each in summary.verdicts if each.id == summary.default_criteria), None)
    if verdicts is None:
        return
    show.heading(rules.criteria[verdicts.id].title)
    counts = {True: verdicts.met, None: verdicts.undetermined, False: verdicts.not_met}
    room = min(_WIDEST_BAR, show.width - _NEXT_TO_BAR - max(len("rows"), *[len(number(count)) for count in counts.values()]))
    sign = _bar_sign(show.console)
    table = plain_table(show.console, "", "verdict", "rows", "share", *[" "] * bool(sign), numbers=("rows", "share"))
    for value, count in counts.items():
        bar = [Text(sign * _bar(count, summary.rows, room), style=_STYLES[value])] if sign else []
        symbol = Text(SYMBOLS[value], style=_STYLES[value])
        table.add_row(symbol, verdict_of(value), number(count), share(count, summary.rows), *bar)
        if value:
            for level in verdicts.levels:
                table.add_row("", f"  {level.id}", number(level.highest), share(level.highest, summary.rows))
    show.line(table, 2)
    if verdicts.levels:
        show.line(Text(_HIGHEST), 2)


def _bar_sign(console: Console) -> str:
    """What a bar is made of; nothing off a terminal."""
    if not console.file.isatty():
        return ""
    return "\u2588" if console.encoding.startswith("utf") else "#"


def _bar(count: int, rows: int, room: int) -> int:
    """How many signs: at least one for one row, all of them only for all rows."""
    if not count:
        return 0
    return room if count == rows else min(room - 1, max(1, round(room * count / rows)))


def _others(show: Page, rules: Rules, summary: Summary) -> None:
    """The other sets, and under those that have levels how many rows reach each of them at most."""
    others = [verdicts for verdicts in summary.verdicts if verdicts.id != summary.default_criteria]
    if not others:
        return
    show.heading("Other criteria sets")
    headers = ("criteria set", "met", "undetermined", "not met")
    table = plain_table(show.console, *headers, numbers=headers[1:])
    for verdicts in others:
        counts = (verdicts.met, verdicts.undetermined, verdicts.not_met)
        at_any_level = ", at any level" if verdicts.levels else ""
        table.add_row(rules.criteria[verdicts.id].short + at_any_level, *map(number, counts))
        for level in verdicts.levels:
            table.add_row(f"  {level.id}", number(level.highest))
    show.line(table, 2)
    if any(verdicts.levels for verdicts in others):
        show.line(Text(_HIGHEST), 2)


def _steps(show: Page, rules: Rules, summary: Summary) -> None:
    """How far from met the undetermined rows are, and which tests come next."""
    if not summary.rows:
        return
    show.heading("Still possible: fewest positive findings needed, and the next test")
    near = [steps for steps in summary.steps if steps.steps_to_met < _FAR]
    far = sum([steps.rows for steps in summary.steps if steps.steps_to_met >= _FAR])
    if near or far:
        table = plain_table(
            show.console, "needed", "rows", "share", "in rows", "next test", numbers=("rows", "share", "in rows")
        )
        for steps in near:
            needed = (counted(steps.steps_to_met, "finding"), number(steps.rows), share(steps.rows, summary.rows))
            for count, words in _tests(rules, steps):
                table.add_row(*[Text(cell, style="bold") for cell in needed], number(count), words)
                needed = ("", "", "")
        if far:
            table.add_row(f"{_FAR} findings or more", number(far), share(far, summary.rows))
        show.line(table, 2)
    lost = share(summary.can_no_longer_be_met, summary.rows)
    words = f"{counted(summary.can_no_longer_be_met, 'row')} ({lost}): not met, whatever else is found."
    show.line(Text(words), 2)
    if (near or far) and not summary.output("worklist"):
        show.line(Text("poems screen ... --worklist lists these patients, the nearest first."), 2)


def _tests(rules: Rules, steps: Steps) -> list[tuple[int, str]]:
    """The most frequent next tests, and how many rows have another one, or none."""
    rest = steps.next_tests[_TESTS_SHOWN:]
    rows = [(test.rows, _test(rules, test.id)) for test in steps.next_tests[:_TESTS_SHOWN]]
    rows += [(sum([test.rows for test in rest]), counted(len(rest), "other test"))] if rest else []
    without = steps.rows - sum([test.rows for test in steps.next_tests])
    rows += [(without, "no test answers what is missing")] if without > 0 else []
    return rows


def _test(rules: Rules, test: str) -> str:
    label = without_remark(rules.tests[test].label) if test in rules.tests else test
    return label if label == test else f"{label} ({test})"


def _notes(show: Page, summary: Summary) -> None:
    """What else there is to know of the rows."""
    if summary.notes:
        show.heading("About the rows")
        show.hanging([("*", str(note)) for note in summary.notes])


def _not_understood(show: Page, summary: Summary) -> None:
    """The cells that were not understood: each reason with how to mend it, and its columns."""
    found = summary.not_understood
    if not (found.cells or found.rows):
        return
    show.heading(f"Not understood, and therefore unknown: {counted(found.cells, 'cell')} in {counted(found.rows, 'row')}")
    reasons: dict[tuple[str, str], list[tuple[str, str]]] = {}
    shown = found.columns[:_FAULTS_SHOWN]
    for fault, count in zip(shown, aligned_numbers([fault.cells for fault in shown]), strict=True):
        reasons.setdefault((fault.problem, fault.mend), []).append((count, _column(fault)))
    for (problem, mend), columns in reasons.items():
        show.hanging([("*", f"{problem}: {mend}")])
        show.hanging(columns, indent=5)
    more = found.columns[len(shown) :]
    if more:
        show.hanging(
            [("*", f"{counted(sum([fault.cells for fault in more]), 'cell')} more, in other columns or for other reasons")]
        )
    rejects = summary.output("rejects")
    where = _place(rejects.path, "standard output") if rejects else "poems screen ... --rejects FILE"
    show.line(Text(f"{where} lists each with its row and column."), 2)


def _column(fault: CellFault) -> str:
    if fault.heading is None:
        return "whole rows"
    return f"{_heading(fault.heading)}, read as {fault.finding}" if fault.finding else _heading(fault.heading)


def _contradictory(show: Page, rules: Rules, summary: Summary) -> None:
    found = summary.contradictory
    if not found.rows:
        return
    show.heading(f"Contradictory findings, which count as unknown: {counted(found.rows, 'row')}")
    shown = found.findings[:_FINDINGS_SHOWN]
    table = plain_table(show.console, "rows", "finding", numbers=("rows",))
    for contradicted in shown:
        table.add_row(number(contradicted.rows), with_id(rules, contradicted.id))
    show.line(table, 2)
    _more(show, len(found.findings) - len(shown), "finding")


def _noticed(show: Page, summary: Summary) -> None:
    """The warnings and the red flags, by their ids."""
    noticed = [(name, counts) for name, counts in (("warnings", summary.warnings), ("red flags", summary.red_flags)) if counts]
    if noticed:
        show.heading("Also noticed, with the number of rows")
        ids = {name: [f"{count.id} {number(count.rows)}" for count in counts] for name, counts in noticed}
        show.hanging([(name, first_of(words, _IDS_SHOWN)) for name, words in ids.items()])


def _unread(show: Page, summary: Summary) -> None:
    """The columns that are not read because it is not known what they are, by the reason; first those that do name findings."""
    unplaced = summary.table.unplaced
    if not unplaced:
        return
    show.heading(f"Columns not read: {number(len(unplaced))}")
    reasons: dict[tuple[str, str], list[str]] = {}
    for left in sorted(unplaced, key=lambda column: not (column.ambiguous or column.in_doubt)):
        reasons.setdefault((left.why, left.mend), []).append(_heading(left.heading))
    shown = list(reasons.items())[:_REASONS_SHOWN]
    show.hanging([("*", f"{first_of(headings, _HEADINGS_SHOWN)}: {why}; {mend}") for (why, mend), headings in shown])
    _more(show, len(unplaced) - sum([len(headings) for _, headings in shown]), "column")
    show.line(Text("poems screen ... --suggest-map writes the mapping that was used; complete it and give it with --map."), 2)


def _end(show: Page, summary: Summary) -> None:
    show.line(Text())
    if summary.outputs:
        show.line(Text(f"Written: {'; '.join(map(_written, summary.outputs))}.", style="bold"))
    show.line(Text(f"{identity(summary.rules)} {AID}"))


def _written(output: Output) -> str:
    rows = "" if output.rows is None else f" ({counted(output.rows, 'row')})"
    return f"{output.kind} to {_place(output.path, 'standard output')}{rows}"


def _more(show: Page, count: int, name: str) -> None:
    if count > 0:
        show.hanging([("*", counted(count, f"more {name}"))])


def _heading(heading: str) -> str:
    return f"'{quoted(heading, LONGEST_HEADING)}'"


def _place(path: str, dash: str) -> str:
    """A path, or what a dash means."""
    return dash if path == "-" else quoted(path, _LONGEST_PATH)
