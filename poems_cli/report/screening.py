"""A screening's summary for the terminal, to be read at a glance: what was found, who is near, what could not be read."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from poems_cli.model import Rules, Truth
from poems_cli.records.problem import quoted
from poems_cli.report.letter import AID, identity
from poems_cli.report.numbers import aligned, aligned_numbers, number, numbered, rate, share, span
from poems_cli.report.page import Page
from poems_cli.screening.summary import CellFault, Count, LevelVerdicts, Output, Steps, Summary, Verdicts
from poems_cli.words import SYMBOLS, brief, with_id

#: Beyond this a heading is told in part.
LONGEST_HEADING = 200

_FILES_NAMED = 3
_TESTS_SHOWN = 3
_FAULTS_SHOWN = 6
_FINDINGS_SHOWN = 5
_REASONS_SHOWN = 5
_HEADINGS_SHOWN = 6
_IDS_SHOWN = 3
_LONGEST_PATH = 4096
_WIDEST_BAR = 40
_BESIDE_BAR = 32  # columns of the symbol, the verdict and the share, with the gaps between
_STYLES = {True: "green", False: "dim", None: "bold"}
_AWAY = ("met", "one away", "two away", "three away")


def print_summary(console: Console, rules: Rules, summary: Summary) -> None:
    """Print the summary of a screening; off a terminal every line is whole, and there are no bars."""
    terminal = console.file.isatty()
    show = Page(console, wrap=terminal)
    _head(show, summary)
    _default(show, rules, summary, _sign(console) if terminal else "")
    _others(show, rules, summary)
    _steps(show, rules, summary)
    _not_understood(show, summary)
    _contradictory(show, rules, summary)
    _noticed(show, summary)
    _unread(show, summary)
    _end(show, summary)


def _sign(console: Console) -> str:
    """Of what a bar is made."""
    return "\u2588" if console.encoding.startswith("utf") else "#"


# --- the answer -------------------------------------------------------------------------------------------------------


def _head(show: Page, summary: Summary) -> None:
    speed = f", {rate(summary.rows_per_second)}" if summary.rows and summary.rows_per_second else ""
    headline = f"{numbered(summary.rows, 'row')} screened in {span(summary.seconds)}{speed} ({summary.engine})"
    show.line(Text(headline, style="bold"))
    more = len(summary.files) - _FILES_NAMED
    files = ", ".join([_place(path, "standard input") for path in summary.files[:_FILES_NAMED]])
    files += f" and {numbered(more, 'more file')}" if more > 0 else ""
    identified = "there is no id" if summary.table.id is None else f"the id is in {_heading(summary.table.id)}"
    show.line(Text(f"{files}: {numbered(len(summary.table.columns), 'column')} read; {identified}"))


def _default(show: Page, rules: Rules, summary: Summary, sign: str) -> None:
    """The verdicts of the default set, with bars of a sign if there is one."""
    verdicts = next((one for one in summary.verdicts if one.id == summary.default_criteria), None)
    if verdicts is None:
        return
    show.heading(rules.criteria[verdicts.id].title)
    values: tuple[Truth, ...] = (True, None, False)
    counts = (verdicts.met, verdicts.undetermined, verdicts.not_met)
    numbers = aligned_numbers(counts)
    room = min(_WIDEST_BAR, show.width - _BESIDE_BAR - len(numbers[0]))
    columns = (
        [Text(SYMBOLS[value], style=_STYLES[value]) for value in values],
        ("met", "undetermined", "not met"),
        numbers,
        aligned([share(count, summary.rows) for count in counts]),
        [
            Text(sign * _bar(count, summary.rows, room), style=_STYLES[value])
            for count, value in zip(counts, values, strict=True)
        ],
    )
    show.hanging(zip(*columns, strict=True))


def _bar(count: int, rows: int, room: int) -> int:
    """How many signs: at least one for one row, all of them only for all rows."""
    if not count:
        return 0
    return room if count == rows else min(room - 1, max(1, round(room * count / rows)))


def _others(show: Page, rules: Rules, summary: Summary) -> None:
    """The other sets, and the levels of those that have several, in one table."""
    rows = [row for verdicts in summary.verdicts for row in _set_rows(rules, summary, verdicts)]
    if not rows:
        return
    show.heading("Other criteria sets")
    columns = (
        ["", *[name for name, _ in rows]],
        aligned(["met", *[number(one.met) for _, one in rows]]),
        aligned(["undetermined", *[number(one.undetermined) for _, one in rows]]),
        aligned(["not met", *[number(one.not_met) for _, one in rows]]),
    )
    show.hanging(zip(*columns, strict=True))


def _set_rows(rules: Rules, summary: Summary, verdicts: Verdicts) -> Iterator[tuple[str, Verdicts | LevelVerdicts]]:
    short, default = rules.criteria[verdicts.id].short, verdicts.id == summary.default_criteria
    if not default:
        yield short, verdicts
    for level in verdicts.levels:
        yield f"{short}, {level.id}" if default else f"  {level.id}", level


def _steps(show: Page, rules: Rules, summary: Summary) -> None:
    """Who could still meet the default set, how far away, and by which tests."""
    if not summary.rows:
        return
    show.heading("Could still be met: further positive findings needed, and the test to do next")
    told: list[tuple[str, int, Steps | None]] = [
        (_AWAY[one.steps_to_met], one.rows, one) for one in summary.steps if one.steps_to_met < len(_AWAY)
    ]
    far = sum(one.rows for one in summary.steps if one.steps_to_met >= len(_AWAY))
    told += [("farther away", far, None)] if far else []
    numbers = aligned_numbers([rows for _, rows, _ in told])
    shares = aligned([share(rows, summary.rows) for _, rows, _ in told])
    widest = max((len(words) for words, _, _ in told), default=0)
    for (words, _, steps), count, percent in zip(told, numbers, shares, strict=True):
        style = "bold" if steps else ""
        show.hanging([(Text(words.ljust(widest), style=style), Text(count, style=style), percent)])
        if steps:
            show.hanging(_tests(rules, steps, len(count)), indent=widest + 4)
    lost = share(summary.can_no_longer_be_met, summary.rows).strip()
    show.line(Text(f"{numbered(summary.can_no_longer_be_met, 'row')} ({lost}) can no longer be met."), 2)
    if told and not summary.output("worklist"):
        show.line(Text("poems screen ... --worklist lists those who could be, the nearest first."), 2)


def _tests(rules: Rules, steps: Steps, width: int) -> list[tuple[str, str]]:
    """The most frequent next tests, and how many rows have another one, or none."""
    rest = steps.next_tests[_TESTS_SHOWN:]
    rows = [(one.rows, _test(rules, one.id)) for one in steps.next_tests[:_TESTS_SHOWN]]
    rows += [(sum([one.rows for one in rest]), numbered(len(rest), "other test"))] if rest else []
    without = steps.rows - sum([one.rows for one in steps.next_tests])
    rows += [(without, "no test answers what is missing")] if without > 0 else []
    return [(number(count).rjust(width), words) for count, words in rows]


def _test(rules: Rules, test: str) -> str:
    label = brief(rules.tests[test].label) if test in rules.tests else test
    return label if label == test else f"{label} ({test})"


# --- what to mind -----------------------------------------------------------------------------------------------------


def _not_understood(show: Page, summary: Summary) -> None:
    """The cells that were not understood: each reason with how to mend it, and its columns."""
    found = summary.not_understood
    if not (found.cells or found.rows):
        return
    show.heading(f"Not understood, and so unknown: {numbered(found.cells, 'cell')} in {numbered(found.rows, 'row')}")
    reasons: dict[tuple[str, str], list[tuple[str, str]]] = {}
    shown = found.columns[:_FAULTS_SHOWN]
    for one, count in zip(shown, aligned_numbers([one.cells for one in shown]), strict=True):
        reasons.setdefault((one.problem, one.mend), []).append((count, _column(one)))
    for (problem, mend), columns in reasons.items():
        show.hanging([("*", f"{problem}: {mend}")])
        show.hanging(columns, indent=5)
    more = found.columns[len(shown) :]
    if more:
        show.hanging(
            [("*", f"{numbered(sum([one.cells for one in more]), 'cell')} more, in other columns or for other reasons")]
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
    show.heading(f"Contradictory, and the finding so unknown: {numbered(found.rows, 'row')}")
    shown = found.findings[:_FINDINGS_SHOWN]
    numbers = aligned_numbers([one.rows for one in shown])
    show.hanging([(count, with_id(rules, one.id)) for one, count in zip(shown, numbers, strict=True)])
    _more(show, len(found.findings) - len(shown), "finding")


def _noticed(show: Page, summary: Summary) -> None:
    """The warnings and the red flags, by their ids."""
    told = [(name, counts) for name, counts in (("warnings", summary.warnings), ("red flags", summary.red_flags)) if counts]
    if told:
        show.heading("Also noticed, by the number of rows")
        show.hanging([(name, _ids(counts)) for name, counts in told])


def _ids(counts: Sequence[Count]) -> str:
    more = len(counts) - _IDS_SHOWN
    named = ", ".join([f"{one.id} {number(one.rows)}" for one in counts[:_IDS_SHOWN]])
    return f"{named} and {number(more)} more" if more > 0 else named


def _unread(show: Page, summary: Summary) -> None:
    """The columns that are not read because nobody said what they are, by the reason; first those that do name findings."""
    unplaced = summary.table.unplaced
    if not unplaced:
        return
    show.heading(f"Columns left unread, since nothing says which finding they are: {number(len(unplaced))}")
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in sorted(unplaced, key=lambda one: not one.ambiguous):
        reasons.setdefault((one.why, one.mend), []).append(_heading(one.heading))
    shown = list(reasons.items())[:_REASONS_SHOWN]
    show.hanging([("*", f"{_headings(headings)}: {why}; {mend}") for (why, mend), headings in shown])
    _more(show, len(unplaced) - sum([len(headings) for _, headings in shown]), "column")
    show.line(Text("poems screen ... --suggest-map writes the mapping that was used, to be completed for --map."), 2)


def _headings(headings: Sequence[str]) -> str:
    more = len(headings) - _HEADINGS_SHOWN
    named = ", ".join(headings[:_HEADINGS_SHOWN])
    return f"{named} and {number(more)} more" if more > 0 else named


def _end(show: Page, summary: Summary) -> None:
    show.line(Text())
    if summary.outputs:
        show.line(Text(f"Written: {'; '.join(map(_written, summary.outputs))}.", style="bold"))
    show.line(Text(f"{identity(summary.rules)} {AID}"))


def _written(output: Output) -> str:
    rows = "" if output.rows is None else f" ({numbered(output.rows, 'row')})"
    return f"{output.kind} to {_place(output.path, 'standard output')}{rows}"


def _more(show: Page, count: int, name: str) -> None:
    if count > 0:
        show.hanging([("*", numbered(count, f"more {name}"))])


def _heading(heading: str) -> str:
    return f"'{quoted(heading, LONGEST_HEADING)}'"


def _place(path: str, dash: str) -> str:
    """A path, or what a dash stands for."""
    return dash if path == "-" else quoted(path, _LONGEST_PATH)
