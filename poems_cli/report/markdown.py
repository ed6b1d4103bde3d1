"""An assessment as a Markdown document: the same letter, with headings, lists and tables."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from poems_cli.engine.criteria import verdict_of
from poems_cli.model import Assessment, Rules
from poems_cli.report.mimics import POINTS, Bar, RivalWords
from poems_cli.report.narrative import AID, Condition, Letter, identity, letter_of
from poems_cli.report.reasons import Step, derivations, reasoning
from poems_cli.report.settling import OfferedTest
from poems_cli.report.words import READ, SYMBOLS, VALUES, citation
from poems_cli.report.writing import AS_USUAL, Place, Wanted

# Only what would be obeyed is escaped, so that the source reads as plain text, too: a sign among spaces, an underscore inside a
# word, a bracket without a link and a lone ampersand are shown as they are.
_SPECIAL = re.compile(r"([\\`~]|\*(?=\S)|(?<=\S)\*|<(?=[A-Za-z/!?])|(?<!\w)_|_(?!\w)|\](?=[(\[:])|&(?=#?\w+;))")
# UCUM's sign for a power would have to be escaped in every count of cells.
_POWER = re.compile(r"\b10\*(?=\d)")
# What would begin a heading, a quote, a list or a rule at the start of a line.
_LINE_START = re.compile(r"^(\d{0,9})((?<=\d)[.)](?=\s|$)|(?<!\d)(?:>|[#+*=-](?=[\s#=-]|$)))")


def writer(rules: Rules, wanted: Wanted, place: Place) -> Callable[[Assessment], None]:
    """What writes each answer, with a rule between two of them."""
    return place.pages(lambda assessment: to_markdown(rules, assessment, wanted), between="\n---\n\n")


def to_markdown(rules: Rules, assessment: Assessment, wanted: Wanted = AS_USUAL) -> str:
    """One assessment; ``explain`` adds the whole trace of every set, every weight and the sources."""
    letter = letter_of(rules, assessment, wanted)
    explain = wanted.explain
    lines = [*_head(letter), *_settling(letter), *_red_flags(letter), *_rivals(letter, explain), *_outlook(letter, explain)]
    lines += [*_others(letter), *_caveats(letter)]
    if explain:
        lines += [*_trace(rules, assessment), *_sources(rules, assessment)]
    lines += ["---", "", f"{escaped(identity(assessment.rules))} {AID}"]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown and the HTML made of it show as it is, in one line."""
    one_line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", _POWER.sub("10^", one_line)))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of texts, escaped, with an empty line after it."""
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(escaped(cell).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def section(title: str, lines: Iterable[str], level: int = 2) -> Iterator[str]:
    """A heading with lines under it, and nothing where there is no line."""
    written = list(lines)
    if written:
        yield from (f"{'#' * level} {title}", "", *written, "")


def _bulleted(texts: Iterable[str]) -> list[str]:
    return [f"- {escaped(text)}" for text in texts]


def _head(letter: Letter) -> Iterator[str]:
    yield from (f"# {escaped(letter.patient)}: {letter.verdict}", "", f"**{escaped(letter.title)}**", "")
    yield from section("Urgent", [f"- **{escaped(text)}**" for text in letter.urgent])
    if letter.levels:
        yield from ("Levels: " + "; ".join(f"{escaped(level)} {verdict_of(value)}" for level, value in letter.levels) + ".", "")
    for text in filter(None, (letter.summary, letter.outcome)):
        yield from (escaped(text), "")
    yield from section("Conditions", [line for condition in letter.conditions for line in _condition(condition)])


def _condition(condition: Condition) -> Iterator[str]:
    why = f" ({escaped(condition.why)})" if condition.why else ""
    yield f"- **{escaped(condition.text)}**: {condition.state}{why}"
    for value in (True, False, None):
        for element in condition.elements:
            if element.value is value:
                reason = f" ({escaped(element.why)})" if element.why else ""
                yield f"  - {escaped(element.text)}: {VALUES[value]}{reason}"


def _settling(letter: Letter) -> Iterator[str]:
    ways = [f"- **{escaped(way.target)}**: {escaped(way.words)}.\n  Fewest tests: {escaped(way.fewest)}" for way in letter.ways]
    yield from section("What would settle it", ways)
    title = "Tests, the most worth doing first" if letter.ways else "Tests for what is still open"
    yield from section(title, [f"{number}. {_offered(test)}" for number, test in enumerate(letter.tests, 1)])
    if letter.more_tests:
        yield from (f"{letter.more_tests} more not shown.", "")


def _offered(test: OfferedTest) -> str:
    trap = f" Caution: {test.traps[0]}" if test.traps else ""
    return f"**{escaped(test.name)} ({test.burden}).** {escaped(' '.join(test.effects) + trap)}"


def _red_flags(letter: Letter) -> Iterator[str]:
    flags = letter.red_flags
    if flags is not None:
        unknown = [f"- not looked for: {escaped(flags.unknown)}"] if flags.unknown else []
        present = [f"- **{escaped(flag)}**" for flag in flags.present]
        yield from section(escaped(flags.title), [escaped(flags.text), "", *present, *unknown])


def _rivals(letter: Letter, explain: bool) -> Iterator[str]:
    """The syndrome and the mimics on one scale, a section each."""
    if letter.rivals is None:
        return
    yield from section("What else it could be", [f"{POINTS}; (!) must not be missed."])
    for row in letter.rivals.rows:
        title = f"{escaped(row.name)}{' (!)' if row.urgent else ''}: {escaped(row.evidence)} points"
        yield from section(title, [escaped(row.reason), "", *_reasons(row, explain)], 3)
    if letter.rivals.others:
        yield from (escaped(letter.rivals.others), "")


def _reasons(row: RivalWords, explain: bool) -> Iterator[str]:
    for name, bars in (("for", row.supporting), ("against", row.opposing)):
        if explain:
            yield from (f"- {name}: {_weighed(bar)}: {escaped(bar.why)}" for bar in bars)
        elif bars:
            yield f"- {name}: " + "; ".join(_weighed(bar) for bar in bars)
    more = [("does not explain", row.unexplained), ("own criteria", "; ".join(row.criteria))]
    more += [("settled by", row.tests), ("must not be missed", row.urgency)]
    yield from (f"- {name}: {escaped(text)}" for name, text in more if text)


def _weighed(bar: Bar) -> str:
    return f"{escaped(bar.label)} {bar.weight:+.1f}"


def _outlook(letter: Letter, explain: bool) -> Iterator[str]:
    yield from section("Before treatment", _bulleted(letter.staging))
    yield from section("Outlook and treatment, for reading only", _bulleted(letter.outlook))
    for title, facts in letter.outlook_notes if explain else ():
        yield from section(escaped(title), _bulleted(facts), 3)


def _others(letter: Letter) -> Iterator[str]:
    missing = [f"; {other.missing}" if other.missing else "" for other in letter.others]
    others = zip(letter.others, missing, strict=True)
    yield from section(
        "Other criteria sets", [f"- **{escaped(other.short)}**: {escaped(other.verdict + open_)}" for other, open_ in others]
    )


def _caveats(letter: Letter) -> Iterator[str]:
    for title, texts in letter.caveats:
        yield from section(title, _bulleted(texts))


def _trace(rules: Rules, assessment: Assessment) -> Iterator[str]:
    yield from ("## Every set, step by step", "")
    for result in assessment.criteria.values():
        yield from (f"### {escaped(rules.criteria[result.id].title)}: {result.verdict}", "")
        for level in result.levels:
            if len(result.levels) > 1:
                yield from (f"Level {escaped(level.id)}:", "")
            yield from (*_bullets(reasoning(rules, level.trace)), "")
    derived = [line for step in derivations(rules, assessment.facts) for line in _bullets(step)]
    yield from section("Findings that follow from others", derived)


def _bullets(step: Step, depth: int = 0) -> Iterator[str]:
    yield f"{'  ' * depth}- ({SYMBOLS[step.value]}) {escaped(step.text)}"
    for under in step.below:
        yield from _bullets(under, depth + 1)


def _sources(rules: Rules, assessment: Assessment) -> Iterator[str]:
    cited = [(source, rules.sources[source]) for source in assessment.sources]
    lines = [f"- **{escaped(source)}**: {escaped(citation(entry))}. Read: {READ[entry.read]}." for source, entry in cited]
    yield from section("Sources", lines)
