"""An assessment for the terminal: one screen of tables, or the whole reasoning; both read the same without color."""

from collections.abc import Callable

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from poems_cli.engine.criteria import verdict_of
from poems_cli.model import Assessment, Rules, Truth
from poems_cli.phrases import plain
from poems_cli.report.console import make_console
from poems_cli.report.mimics import SCALE
from poems_cli.report.narrative import AID, Condition, Letter, identity, letter_of
from poems_cli.report.overview import verdict_line
from poems_cli.report.page import Page
from poems_cli.report.pager import show
from poems_cli.report.reasons import Step, derivations, reasoning
from poems_cli.report.settling import OfferedTest
from poems_cli.report.terminal import print_overview
from poems_cli.report.words import SYMBOLS, VALUES, source_words
from poems_cli.report.writing import AS_USUAL, Place, Wanted

_STYLES = {True: "green", False: "red", None: "bold"}


def writer(rules: Rules, wanted: Wanted, place: Place) -> Callable[[Assessment], None]:
    """What prints each answer; a single one on a terminal goes through a pager where it is longer than the terminal."""
    console = make_console(place.stream)

    def printing(assessment: Assessment) -> None:
        print_assessment(console, rules, assessment, wanted)

    def paged(assessment: Assessment) -> None:
        with console.capture() as printed:
            printing(assessment)
        show(printed.get(), place.stream, paged=wanted.paged, last_line=verdict_line(rules, assessment))

    return paged if place.on_terminal and not wanted.several else printing


def print_assessment(console: Console, rules: Rules, assessment: Assessment, wanted: Wanted = AS_USUAL) -> None:
    """Print one assessment: one screen of tables, or with ``explain`` every step, every weight and the sources.

    ``several`` draws a line above it; ``plain`` has no boxes, bars or symbols; ``every_mimic`` and ``every_test`` leave none
    out.
    """
    show = Page(console)
    if wanted.several:
        show.line(Text("-" * show.width))
    if wanted.explain:
        _explained(show, rules, assessment, letter_of(rules, assessment, wanted))
    else:
        print_overview(console, rules, assessment, wanted)
    if wanted.several:
        show.line(Text())


def _explained(show: Page, rules: Rules, assessment: Assessment, letter: Letter) -> None:
    _head(show, letter)
    _settling(show, letter)
    _red_flags(show, letter)
    _rivals(show, letter)
    _outlook(show, letter)
    _others(show, letter)
    _caveats(show, letter)
    _trace(show, rules, assessment)
    _sources(show, rules, assessment)
    show.line(Text())
    show.line(Text(f"{identity(assessment.rules)} {AID}"))


def _symbol(value: Truth) -> Text:
    return Text(SYMBOLS[value], style=_STYLES[value])


def _head(show: Page, letter: Letter) -> None:
    headline = Text.assemble(plain(letter.patient), "  ", (letter.verdict, _STYLES[letter.value]), f"  {letter.title}")
    headline.stylize("bold")
    show.line(headline)
    urgent = [Text.assemble(("Urgent: ", "bold red"), plain(text)) for text in letter.urgent]
    show.hanging([(Text("!", style="bold red"), text) for text in urgent])
    if letter.levels:
        show.line(Text("Levels: " + "; ".join(f"{level} {verdict_of(value)}" for level, value in letter.levels) + "."))
    if letter.summary:
        show.line(Text(letter.summary))
    if letter.outcome:
        show.line(Text(plain(letter.outcome)))
    show.line(Text())
    for condition in letter.conditions:
        _condition(show, condition)


def _condition(show: Page, condition: Condition) -> None:
    why = f" ({plain(condition.why)})" if condition.why else ""
    show.hanging([(_symbol(condition.value), Text.assemble((condition.text, "bold"), f": {condition.state}{why}"))])
    for value in (True, False, None):
        elements = [element for element in condition.elements if element.value is value]
        explained = [f"{element.text}: {VALUES[value]} ({plain(element.why)})" for element in elements if element.why]
        rest = [element.text for element in elements if not element.why]
        rows = explained + [f"{VALUES[value]}: {'; '.join(rest)}"] * bool(rest)
        show.hanging([(_symbol(value), row) for row in rows], indent=5)


def _settling(show: Page, letter: Letter) -> None:
    if letter.ways:
        show.heading("What would settle it")
        rows = []
        for way in letter.ways:
            rows += [(way.target, f"{way.words}."), ("", f"Fewest tests: {way.fewest}")]
        show.hanging(rows)
    if letter.tests:
        more = f" ({letter.more_tests} more not shown)" if letter.more_tests else ""
        show.heading(f"Tests, the most worth doing first{more}" if letter.ways else f"Tests for what is still open{more}")
        numbered = enumerate(letter.tests, 1)
        show.hanging([(str(n), _offered(test)) for n, test in numbered])


def _offered(test: OfferedTest) -> Text:
    trap = f" Caution: {test.traps[0]}" if test.traps else ""
    return Text.assemble((test.name, "bold"), f" ({test.burden}). ", " ".join(test.effects), trap)


def _red_flags(show: Page, letter: Letter) -> None:
    flags = letter.red_flags
    if flags is not None:
        show.heading(flags.title)
        show.line(Text(flags.text), 2)
        show.hanging([("!", flag) for flag in flags.present])
        if flags.unknown:
            show.hanging([("?", f"not looked for: {flags.unknown}")])


def _rivals(show: Page, letter: Letter) -> None:
    """The syndrome and the mimics on one scale: a bar for each finding, for and against."""
    if letter.rivals is None:
        return
    show.heading("What else it could be")
    show.line(Text(SCALE), 2)
    for row in letter.rivals.rows:
        mark = " (!)" if row.urgent else ""
        style = "bold" if row.value is not False else ""
        show.hanging([(f"{row.place}.", Text.assemble((f"{row.name}{mark}", style), f"  {row.evidence}  {row.reason}"))])
        show.hanging([(bar.signs, f"{bar.label} ({bar.why})") for bar in (*row.supporting, *row.opposing)], indent=6)
        more = [("does not explain", row.unexplained), ("own criteria", "; ".join(row.criteria))]
        more += [("settled by", row.tests), ("urgent", row.urgency)]
        show.hanging([(f"{name}:", text) for name, text in more if text], indent=6)
    if letter.rivals.others:
        show.line(Text(f"{letter.rivals.others} --all-mimics shows every one."), 2)


def _outlook(show: Page, letter: Letter) -> None:
    if letter.staging:
        show.heading("Before treatment")
        show.hanging([("*", line) for line in letter.staging])
    if letter.outlook:
        show.heading("Outlook and treatment, for reading only")
        show.hanging([("*", line) for line in letter.outlook])
    for title, facts in letter.outlook_notes:
        show.line(Text(title, style="bold"), 2)
        show.hanging([("*", fact) for fact in facts], indent=4)


def _others(show: Page, letter: Letter) -> None:
    if letter.others:
        show.heading("Other criteria sets")
        show.hanging(
            (
                _symbol(other.value),
                other.short,
                Text.assemble((other.verdict, "bold"), f"; {other.missing}" if other.missing else ""),
            )
            for other in letter.others
        )


def _caveats(show: Page, letter: Letter) -> None:
    """What the reader must know before trusting the verdict."""
    for title, texts in letter.caveats:
        show.heading(title)
        show.hanging([("!" if title in ("Contradictions", "Warnings") else "*", plain(text)) for text in texts])


def _trace(show: Page, rules: Rules, assessment: Assessment) -> None:
    for result in assessment.criteria.values():
        criteria = rules.criteria[result.id]
        show.heading(f"{criteria.title}: {result.verdict}")
        for level in result.levels:
            named = f"level {level.id}: " if len(result.levels) > 1 else ""
            show.line(_tree(reasoning(rules, level.trace, named)), 2)
    if assessment.facts.derived:
        show.heading("Findings that follow from others")
        for step in derivations(rules, assessment.facts):
            show.line(_tree(step), 2)


def _tree(step: Step) -> Tree:
    tree = Tree(Text(plain(f"{SYMBOLS[step.value]} {step.text}"), overflow="fold"))
    tree.children += map(_tree, step.below)
    return tree


def _sources(show: Page, rules: Rules, assessment: Assessment) -> None:
    show.heading("Sources")
    for source in assessment.sources:
        show.hanging([("*", source_words(rules, source))])
