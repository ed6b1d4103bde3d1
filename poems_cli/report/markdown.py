"""An assessment as a Markdown document: the same letter, with headings, lists and tables."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from poems_cli.engine.criteria import verdict_of
from poems_cli.model import Assessment, Rules, Trace
from poems_cli.report.mimics import POINTS, Bar
from poems_cli.report.narrative import AID, Condition, Letter, identity, letter
from poems_cli.report.reasons import below, derived_words, node_words
from poems_cli.report.words import READ, VALUES, citation
from poems_cli.report.writing import Place, Wanted

# Only what would be obeyed is escaped, so that the source reads as plain text, too: a sign among spaces, an underscore inside a
# word, a bracket without a link and a lone ampersand are shown as they are.
_SPECIAL = re.compile(r"([\\`~]|\*(?=\S)|(?<=\S)\*|<(?=[A-Za-z/!?])|(?<!\w)_|_(?!\w)|\](?=[(\[:])|&(?=#?\w+;))")
# UCUM's sign for a power would have to be escaped in every count of cells.
_POWER = re.compile(r"\b10\*(?=\d)")
# What would begin a heading, a quote, a list or a rule at the start of a line.
_LINE_START = re.compile(r"^(\d{0,9})((?<=\d)[.)](?=\s|$)|(?<!\d)(?:>|[#+*=-](?=[\s#=-]|$)))")


def writer(rules: Rules, wanted: Wanted, place: Place) -> Callable[[Assessment], None]:
    """What writes each answer, with a rule between two of them."""

    def page(assessment: Assessment) -> str:
        every = {"every_mimic": wanted.every_mimic, "every_test": wanted.every_test}
        return to_markdown(rules, assessment, explain=wanted.explain, **every)

    return place.pages(page, between="\n---\n\n")


def to_markdown(
    rules: Rules, assessment: Assessment, *, explain: bool, every_mimic: bool = False, every_test: bool = False
) -> str:
    """One assessment; ``explain`` adds the whole trace of every set, every weight and the sources."""
    said = letter(rules, assessment, every_mimic=every_mimic, every_test=every_test)
    lines = [*_head(said), *_settling(said), *_red_flags(said), *_rivals(said, explain), *_outlook(said, explain)]
    lines += [*_others(said), *_caveats(said)]
    if explain:
        lines += [*_trace(rules, assessment), *_sources(rules, assessment)]
    lines += ["---", "", f"{escaped(identity(assessment.rules))} {AID}"]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown and the HTML made of it show as it is, in one line."""
    one_line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", _POWER.sub("10^", one_line)))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of texts, escaped, with an empty line after it."""
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(escaped(cell).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _head(said: Letter) -> Iterator[str]:
    yield f"# {escaped(said.patient)}: {said.verdict}"
    yield ""
    yield f"**{escaped(said.title)}**"
    yield ""
    if said.urgent:
        yield "## Urgent"
        yield ""
        yield from (f"- **{escaped(text)}**" for text in said.urgent)
        yield ""
    if said.levels:
        yield "Levels: " + "; ".join(f"{escaped(level)} {verdict_of(value)}" for level, value in said.levels) + "."
        yield ""
    if said.summary:
        yield escaped(said.summary)
        yield ""
    if said.outcome:
        yield escaped(said.outcome)
        yield ""
    yield "## Conditions"
    yield ""
    for condition in said.conditions:
        yield from _condition(condition)
    yield ""


def _condition(condition: Condition) -> Iterator[str]:
    why = f" ({escaped(condition.why)})" if condition.why else ""
    yield f"- **{escaped(condition.text)}**: {condition.state}{why}"
    for value in (True, False, None):
        for one in condition.elements:
            if one.value is value:
                reason = f" ({escaped(one.why)})" if one.why else ""
                yield f"  - {escaped(one.text)}: {VALUES[value]}{reason}"


def _settling(said: Letter) -> Iterator[str]:
    if said.directions:
        yield "## What would settle it"
        yield ""
        for one in said.directions:
            yield f"- **{escaped(one.target)}**: {escaped(one.words)}."
            yield f"  Fewest tests: {escaped(one.fewest)}"
        yield ""
    if said.tests:
        yield "## Tests, the most worth doing first" if said.directions else "## Tests for what is still open"
        yield ""
        for number, test in enumerate(said.tests, 1):
            trap = f" Mind: {test.traps[0]}" if test.traps else ""
            yield f"{number}. **{escaped(test.name)} ({test.burden}).** {escaped(' '.join(test.effects) + trap)}"
        yield ""
        if said.more_tests:
            yield f"{said.more_tests} more not shown."
            yield ""


def _red_flags(said: Letter) -> Iterator[str]:
    flags = said.red_flags
    if flags is not None:
        yield f"## {escaped(flags.title)}"
        yield ""
        yield escaped(flags.text)
        yield ""
        yield from (f"- **{escaped(flag)}**" for flag in flags.present)
        if flags.unknown:
            yield f"- not looked for: {escaped(flags.unknown)}"
        yield ""


def _rivals(said: Letter, explain: bool) -> Iterator[str]:
    """The syndrome and the mimics on one scale, a section each."""
    if said.rivals is None:
        return
    yield "## What else it could be"
    yield ""
    yield f"{POINTS}; (!) must not be missed."
    yield ""
    for row in said.rivals.rows:
        yield f"### {escaped(row.name)}{' (!)' if row.urgent else ''}: {escaped(row.evidence)} points"
        yield ""
        yield escaped(row.reason)
        yield ""
        for name, bars in (("for", row.supporting), ("against", row.opposing)):
            if explain:
                yield from (f"- {name}: {_weighed(bar)}: {escaped(bar.why)}" for bar in bars)
            elif bars:
                yield f"- {name}: " + "; ".join(_weighed(bar) for bar in bars)
        told = [("does not explain", row.unexplained), ("own criteria", "; ".join(row.criteria))]
        told += [("settled by", row.tests), ("must not be missed", row.urgency)]
        yield from (f"- {name}: {escaped(text)}" for name, text in told if text)
        yield ""
    if said.rivals.others:
        yield escaped(said.rivals.others)
        yield ""


def _weighed(bar: Bar) -> str:
    return f"{escaped(bar.label)} {bar.weight:+.1f}"


def _outlook(said: Letter, explain: bool) -> Iterator[str]:
    if said.staging:
        yield "## Before treatment"
        yield ""
        yield from (f"- {escaped(line)}" for line in said.staging)
        yield ""
    if said.outlook:
        yield "## Outlook and treatment, for reading only"
        yield ""
        yield from (f"- {escaped(line)}" for line in said.outlook)
        yield ""
    for title, facts in said.outlook_notes if explain else ():
        yield f"### {escaped(title)}"
        yield ""
        yield from (f"- {escaped(fact)}" for fact in facts)
        yield ""


def _others(said: Letter) -> Iterator[str]:
    if said.others:
        yield "## Other criteria sets"
        yield ""
        for one in said.others:
            missing = f"; {one.missing}" if one.missing else ""
            yield f"- **{escaped(one.short)}**: {escaped(one.verdict + missing)}"
        yield ""


def _caveats(said: Letter) -> Iterator[str]:
    for title, texts in (
        ("Contradictions", said.contradictions),
        ("Explained by another disease, or not counted", said.explained),
        ("Warnings", said.warnings),
        ("Rests on a limit or reading of this program, no paper gives one", said.ours),
        ("Rests on a limit recalled from memory, to be checked", said.recalled),
        ("Notes on the record", said.notes),
    ):
        if texts:
            yield f"## {title}"
            yield ""
            yield from (f"- {escaped(text)}" for text in texts)
            yield ""


# --- explained --------------------------------------------------------------------------------------------------------


def _trace(rules: Rules, assessment: Assessment) -> Iterator[str]:
    yield "## Every set, step by step"
    yield ""
    for result in assessment.criteria.values():
        yield f"### {escaped(rules.criteria[result.id].title)}: {result.verdict}"
        yield ""
        for level in result.levels:
            if len(result.levels) > 1:
                yield f"Level {escaped(level.id)}:"
                yield ""
            yield from _bullets(rules, level.trace, 0)
            yield ""
    if assessment.facts.derived:
        yield "## Findings that follow from others"
        yield ""
        for finding, trace in assessment.facts.derived.items():
            words, under = derived_words(rules, finding, trace)
            yield _bullet(words, 0)
            for before, child in under:
                yield from _bullets(rules, child, 1, before)
        yield ""


def _bullets(rules: Rules, trace: Trace, depth: int, before: str = "") -> Iterator[str]:
    yield _bullet(node_words(rules, trace, before), depth)
    for said, child in below(trace):
        yield from _bullets(rules, child, depth + 1, said)


def _bullet(words: str, depth: int) -> str:
    symbol, _, rest = words.partition(" ")
    return f"{'  ' * depth}- ({symbol}) {escaped(rest)}"


def _sources(rules: Rules, assessment: Assessment) -> Iterator[str]:
    yield "## Sources"
    yield ""
    cited = ((source, rules.sources[source]) for source in assessment.sources)
    yield from (f"- **{escaped(source)}**: {escaped(citation(one))}. Read: {READ[one.read]}." for source, one in cited)
    yield ""
