"""The answer on one screen: Rich tables with a symbol next to every color, or the same in plain lines."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from poems_cli.engine.criteria import verdict_of
from poems_cli.model import Assessment, Rules, Truth
from poems_cli.phrases import capital, counted, plain
from poems_cli.report.console import is_fancy
from poems_cli.report.overview import USUAL, CriterionRow, MimicRow, OtherSetRow, Overview, overview, sizes
from poems_cli.report.page import Page, lines_of
from poems_cli.report.tables import plain_table
from poems_cli.report.words import SYMBOLS
from poems_cli.report.writing import Wanted

#: Beyond this a row is hard to follow.
WIDEST = 120

_STYLES: dict[Truth, str] = {True: "green", False: "red", None: "yellow"}
_BADGES: dict[Truth, str] = {True: "bold reverse green", False: "bold reverse red", None: "bold reverse yellow"}


#: So many lines are one screen; fewer on a wide one, and where little is known or all is settled.
_TALLEST, _TALLEST_WIDE, _TALLEST_SHORT = 45, 40, 30
_WIDE = 100  # columns


def print_overview(console: Console, rules: Rules, assessment: Assessment, wanted: Wanted) -> None:
    """Print one assessment; ``plain`` has no boxes, bars or symbols, for a screen reader."""
    asked = wanted.every_mimic or wanted.every_test
    suited = sizes(assessment)
    rows = [size._replace(tests=None) if wanted.every_test else size for size in suited]
    rows = [size._replace(mimics=None) if wanted.every_mimic else size for size in rows]
    if wanted.plain:
        page = Page(console)
        for words in _plain_lines(overview(rules, assessment, rows[0]), assessment):
            page.line(Text(plain(words)))
        return
    tallest = _TALLEST_SHORT if suited is not USUAL else _TALLEST_WIDE if console.width >= _WIDE else _TALLEST
    lines: list[Text] = []
    for most in rows:  # as many rows as one screen has room for
        lines = _Screen(console, overview(rules, assessment, most)).lines(assessment)
        if asked or len(lines) <= tallest:
            break
    for line in lines:
        console.print(line, soft_wrap=True)


class _Screen:
    """The tables of one answer as the lines of a console."""

    def __init__(self, console: Console, shown: Overview) -> None:
        self._console = console
        self._shown = shown
        self._width = min(console.width, WIDEST)
        self._fancy = is_fancy(console)
        self._lines: list[Text] = []

    def lines(self, assessment: Assessment) -> list[Text]:
        """Every line, in its order."""
        self._head()
        self._put(self._criteria())
        if self._shown.tests:
            self._put(self._tests())
        if self._shown.staging:
            self._put(self._staging())
        if self._shown.mimics:
            self._put(self._mimics())
        self._others()
        for text in self._shown.outlook:
            self._line(Text(text))
        for warning in self._shown.warnings:
            self._warning(warning)
        if self._shown.more_warnings:
            self._line(Text(f"{counted(self._shown.more_warnings, 'more warning')}: --explain", style="dim"))
        self._line(Text(_footer(self._shown, assessment), style="dim"))
        return self._lines

    def _line(self, text: Text, before: Text | None = None) -> None:
        """A line, wrapped at words under itself; ``before`` is what the first line begins with."""
        before = before or Text()
        for number, line in enumerate(text.wrap(self._console, self._width - before.cell_len)):
            line.rstrip()
            start = Text(" " * before.cell_len) if number else before.copy()
            self._lines.append(start.append_text(line))

    def _warning(self, text: str) -> None:
        self._line(Text(plain(text)), Text.assemble(("! ", "bold yellow")))

    def _put(self, table: Table) -> None:
        """A table, without empty lines."""
        self._lines += [line for line in lines_of(self._console, table, self._width) if line]

    def _table(self, *columns: tuple[str, int | None, int]) -> Table:
        """A table with a rule under its headings; each column has a heading, a width (or ``None``) and a share of the rest."""
        table = plain_table(self._console)
        table.expand = True
        for heading, width, ratio in columns:
            table.add_column(heading, width=width, ratio=ratio or None, overflow="fold")
        return table

    def _head(self) -> None:
        head = self._shown.headline
        badge = f" {SYMBOLS[head.value]} {head.verdict} "
        self._line(Text.assemble((badge, _BADGES[head.value]), "  ", (head.text, "bold")))
        self._line(Text(plain(head.patient), style="dim"))
        for text in head.urgent:
            self._line(Text(plain(text), style="bold"), Text("! Urgent: ", style="bold red"))
        if head.outcome:
            self._line(Text(plain(head.outcome)), Text("= ", style="bold"))
        for remark in head.remarks:
            self._warning(remark)

    def _criteria(self) -> Table:
        table = self._table(("Criterion", self._share(21, 30), 0), ("", 9, 0), ("Found, and what is open", None, 1))
        for row in self._shown.criteria:
            state = Text(f"{SYMBOLS[row.value]} {row.state}", style=_STYLES[row.value])
            table.add_row(plain(row.name), state, self._pieces(row))
        return table

    def _pieces(self, row: CriterionRow) -> Text:
        return Text("; ").join([Text(plain(piece.text), style="" if piece.value else "dim") for piece in row.pieces])

    def _tests(self) -> Table:
        number, more = len(self._shown.tests), self._shown.more_tests
        heading = f"Next tests, {number} of {number + more}" if more else "Next tests"
        decides = f"What it decides, what to mind{' (--all-tests)' if more else ''}"
        table = self._table((heading, self._share(32, 38), 0), (decides, None, 1))
        for number, row in enumerate(self._shown.tests, 1):
            decides = capital(f"{row.condition}: {row.decides}" if row.condition else row.decides)
            caution = (f". {row.caution}" if decides else row.caution, "dim")
            table.add_row(f"{number}  {row.name}", Text.assemble(decides, caution))
        return table

    def _staging(self) -> Table:
        """What is still to be done before treatment."""
        more = f" ({self._shown.more_staging} more: --all-tests)" if self._shown.more_staging else ""
        table = self._table(("Before treatment", self._share(31, 38), 0), (f"Why{more}", None, 1))
        for row in self._shown.staging:
            table.add_row(row.name, capital(row.decides))
        return table

    def _mimics(self) -> Table:
        heading = "against ╎ for" if self._fancy else "against | for"
        table = self._table(
            ("To rule out", self._share(20, 30), 0), (heading, 13, 0), ("Why", None, 5), ("Settled by", self._share(15, 26), 0)
        )
        for row in self._shown.mimics:
            table.add_row(self._mimic_name(row), self._bar(row), Text(plain(row.why)), Text(row.settled_by))
        return table

    def _mimic_name(self, row: MimicRow) -> Text:
        name = Text.assemble(("! ", "bold yellow") if row.urgent and row.status == "consider" else "", row.name)
        if row.own or (row.urgent and row.status == "consider"):
            name.stylize("bold")
        return name.append(f" ({row.frequency})", "not bold dim") if row.frequency else name

    def _bar(self, row: MimicRow) -> Text:
        against, for_ = ("█", "█") if self._fancy else ("-", "+")
        middle = "╎" if self._fancy else "|"
        return Text.assemble(
            ((against * row.blocks_against).rjust(6), "red"), (middle, "dim"), ((for_ * row.blocks_for).ljust(6), "green")
        )

    def _others(self) -> None:
        if self._shown.mimics_left:
            self._line(Text(self._shown.mimics_left, style="dim"))
        for text in self._shown.about_mimics:
            self._line(Text(text))
        for text in self._shown.urgency:
            self._warning(text)
        if self._shown.others:
            self._line(_other_sets(self._shown.others), Text.assemble(("Other sets", "bold"), "  "))

    def _share(self, narrow: int, wide: int) -> int:
        """The width of a column: the narrow one at 80 columns, the wide one at 120, between them in proportion."""
        return narrow + (wide - narrow) * max(0, self._width - 80) // (WIDEST - 80)


def _other_sets(others: Sequence[OtherSetRow]) -> Text:
    """The other sets, those of one verdict together: the met first, then the open, then the ones not met."""
    groups = []
    for value in (True, None, False):
        names = [
            other.short if other.level is None else f"{other.short}: level {other.level}"
            for other in others
            if other.value is value
        ]
        if names:
            groups.append(Text.assemble((f"{SYMBOLS[value]} ", _STYLES[value]), ", ".join(names)))
    return Text("  ").join(groups)


def _footer(shown: Overview, assessment: Assessment) -> str:
    rules = f"Rules {assessment.rules.version}. No medical device, no diagnosis."
    return f"{shown.basis} Reasons, sources: --explain. {rules}".strip()


def _plain_lines(shown: Overview, assessment: Assessment) -> Iterator[str]:
    """The same in sentences: no boxes, bars or symbols."""
    head = shown.headline
    yield f"{head.verdict}: {head.text}."
    yield f"Patient: {head.patient}."
    yield from (f"Urgent: {text}" for text in head.urgent)
    if head.outcome:
        yield head.outcome
    yield from head.remarks
    for row in shown.criteria:
        yield f"Criterion {row.name}: {row.state}. {' '.join(f'{piece.text}.' for piece in row.pieces)}".rstrip()
    for number, test in enumerate(shown.tests, 1):
        condition = f" {capital(test.condition)}." if test.condition else ""
        yield f"Next test {number}: {test.name}.{condition} Decides: {test.decides}. {test.caution}".rstrip()
    for stage in shown.staging:
        yield f"Before treatment: {stage.name}. {capital(stage.decides)}."
    for mimic in shown.mimics:
        remark = ", ".join(word for word in (mimic.frequency, mimic.status) if word)
        settled = f" Settled by: {mimic.settled_by}." if mimic.settled_by else ""
        yield f"{mimic.name} ({remark}), evidence {mimic.evidence:g}: {mimic.why}.{settled}"
    if shown.mimics_left:
        yield f"Further diseases: {shown.mimics_left}."
    yield from shown.about_mimics
    yield from shown.urgency
    for other in shown.others:
        yield f"{other.short}: {verdict_of(other.value) if other.level is None else f'level {other.level}'}."
    yield from shown.outlook
    yield from (f"Warning: {warning}" for warning in shown.warnings)
    yield _footer(shown, assessment)
