"""Explanations of the parts of the rules: findings, criteria sets, tests, sources and warnings."""

from collections.abc import Iterator

from poems_cli.engine.findings import inputs, uses
from poems_cli.engine.logic import plain_number
from poems_cli.model import Binds, Expression, Finding, Level, Mimic, Outcome, Rules, Usual
from poems_cli.report.blocks import Block, Fields, Heading, Outline, Paragraph, condition, fields, listing, remark, sources
from poems_cli.report.words import (
    COST,
    INVASIVENESS,
    READ,
    SYSTEMS,
    Line,
    accepted_units,
    amount,
    citation,
    cited,
    links_of,
    marks,
    outline,
    unit_words,
    with_id,
)
from poems_cli.rules.citations import cited_in

_KIND = {
    "boolean": "present, absent or unknown",
    "quantity": "a measured value",
    "choice": "one of a few words",
}


def definition_words(rules: Rules, definition: Expression) -> tuple[Line, ...]:
    """A finding's definition as an outline: both ways, or each way apart."""
    if isinstance(definition, Binds):
        return outline(rules, definition)
    first, *rest = outline(rules, definition)
    return Line(first.depth, f"present when, and only when: {first.text}"), *rest


def explain_finding(rules: Rules, finding_id: str) -> Iterator[Block]:
    """Explain a finding: what it is, what counts, how it is defined, and what uses it."""
    finding = rules.findings[finding_id]
    yield fields(_finding_rows(rules, finding))
    yield from listing("Counts", finding.includes)
    yield from listing("Does not count", finding.excludes)
    yield from remark("How to look for it", finding.look_for)
    yield from _definition(rules, finding)
    yield from remark("Gray zone", finding.gray_zone and f"{finding.gray_zone} The warning gray_zone:{finding.id} says so.")
    yield from remark("Note", finding.note)
    yield from _connections(rules, finding)


def explain_gray_zone(rules: Rules, finding_id: str) -> Iterator[Block]:
    """Explain the warning that a finding's numbers lie in its gray zone."""
    finding = rules.findings[finding_id]
    yield Paragraph(finding.gray_zone or "")
    yield Paragraph(f"{with_id(rules, finding_id)} then counts as unknown: it is neither present nor absent by its numbers.")
    yield from _definition(rules, finding)


def _definition(rules: Rules, finding: Finding) -> Iterator[Block]:
    if finding.definition is not None:
        yield from (Heading("Follows from other findings"), Outline(definition_words(rules, finding.definition)))


def _finding_rows(rules: Rules, finding: Finding) -> Iterator[tuple[str, str | None]]:
    yield "id", finding.id
    yield "clinical term", finding.term if finding.term != finding.label else None
    yield "also called", ", ".join(finding.synonyms)
    yield "question", finding.question
    yield "kind", _KIND[finding.kind]
    if finding.kind == "choice":
        yield "words", "; ".join(word if word == said else f"{word} ({said})" for word, said in finding.choices.items())
        yield "other words", "; ".join(_other_words(finding))
    if finding.kind == "quantity":
        yield "unit", " ".join(word for word in (finding.unit, _spoken(finding.unit)) if word)
        yield "accepted units", ", ".join(accepted_units(rules, finding.id))
        low, high = rules.units.analytes[finding.id].plausible or (None, None)
        if low is not None and high is not None:
            outside = f"{plain_number(low)} to {amount(high, finding.unit)} (a typing error or a wrong unit)"
            yield "refused outside", outside
    yield "usual range", finding.usual and usual_range(rules, finding.usual, finding.unit)
    yield "part of", finding.part_of and with_id(rules, finding.part_of)
    yield from ((SYSTEMS.get(system, system), ", ".join(codes)) for system, codes in finding.codes.items())
    yield "source", marks(rules, finding.basis).strip("[]") if finding.basis.source else None


def _other_words(finding: Finding) -> Iterator[str]:
    """Each choice that has other words, with them."""
    for choice in dict.fromkeys(finding.words.values()):
        yield f"{', '.join(word for word, meant in finding.words.items() if meant == choice)} ({choice})"


def _spoken(unit: str | None) -> str:
    words = unit_words(unit)
    return f"({words})" if words and words != unit else ""


def usual_range(rules: Rules, usual: Usual, unit: str | None) -> str:
    """The reference range of a quantity in its unit, with its source."""
    low, high = usual.low, usual.high
    ends = [f"from {plain_number(low)}" if low is not None else "", f"up to {plain_number(high)}" if high is not None else ""]
    text = usual.text or " ".join(word for word in (*ends, unit_words(unit)) if word)
    return cited(rules, text, usual.basis)


def _connections(rules: Rules, finding: Finding) -> Iterator[Block]:
    yield from listing("Parts", [with_id(rules, part) for part in rules.parts.get(finding.id, ())])
    every = (*rules.criteria.values(), *rules.mimic_criteria.values())
    used = [criteria.short for criteria in every if any(finding.id in uses(level.expression) for level in criteria.levels)]
    weighed = {
        heading: [mimic.name for mimic in rules.mimics.values() if _weighs(mimic, finding.id, side)]
        for heading, side in (("Speaks for these mimics", 1), ("Speaks against these mimics", -1))
    }
    below = [other for other in rules.findings if finding.id in inputs(rules, other) and other != finding.id]
    tests = [f"{test.label} ({test.id})" for test in rules.tests.values() if finding.id in test.answers]
    shown = [f"{test.label} ({test.id})" for test in rules.tests.values() if finding.id in test.shows]
    warned = [warn.id for warn in rules.warnings if finding.id in uses(warn.when)]
    for heading, texts in (
        ("Asked for by these criteria sets", used),
        *weighed.items(),
        ("Other findings follow from it", [with_id(rules, part) for part in below]),
        ("Answered by these tests", tests),
        ("Shown, but not excluded, by these tests", shown),
        ("Warnings that depend on it", warned),
    ):
        yield from listing(heading, texts)


def _weighs(mimic: Mimic, finding: str, side: int) -> bool:
    """Whether a finding is in an item that speaks on that side where it is present."""
    return any(finding in uses(item.when) for item in mimic.evidence if (item.present or -item.absent) * side > 0)


def explain_criteria(rules: Rules, set_id: str) -> Iterator[Block]:
    """Explain a criteria set: its levels in words, notes and sources."""
    criteria = rules.criteria.get(set_id) or rules.mimic_criteria[set_id]
    yield Paragraph(criteria.about)
    years = criteria.current
    default = "this set gives the verdict unless another is chosen" if set_id == rules.default_criteria else None
    current = years and f"{years.first or '?'} to {years.last or 'today'}"
    yield fields([("id", set_id), ("short name", criteria.short), ("current", current), ("default", default)])
    asked = [f"{mimic.name} ({mimic.id})" for mimic in rules.mimics.values() if set_id in mimic.criteria]
    yield from listing("The own criteria of", asked)
    for level in criteria.levels:
        yield from condition(rules, "Met when" if len(criteria.levels) == 1 else f"Level {level.id}", level.expression)
    yield from listing("Notes", criteria.notes)
    yield from sources(rules, (criteria.source, *criteria.more_sources))


def explain_level(rules: Rules, set_id: str, level: Level) -> Iterator[Block]:
    """Explain one level of a criteria set."""
    yield Paragraph(f"A level of the criteria set {_title(rules, set_id)} ({set_id}).")
    yield from condition(rules, "Met when", level.expression)


def explain_condition(rules: Rules, set_id: str, column: str, expression: Expression) -> Iterator[Block]:
    """Explain one condition of a criteria set, and the columns of poems screen that count its elements."""
    yield Paragraph(f"A condition of the criteria set {_title(rules, set_id)} ({set_id}).")
    yield Outline(outline(rules, expression))
    if set_id in rules.criteria:
        yield Paragraph(
            f"In poems screen {column}_present and {column}_unknown count its elements that are present, and unknown."
        )


def _title(rules: Rules, set_id: str) -> str:
    return (rules.criteria.get(set_id) or rules.mimic_criteria[set_id]).title


def explain_test(rules: Rules, test_id: str) -> Iterator[Block]:
    """Explain a test: what it answers and shows, its burden, and how it misleads."""
    test = rules.tests[test_id]
    burden = [("cost", COST[test.cost]), ("invasiveness", INVASIVENESS[test.invasiveness])]
    source = marks(rules, test.basis).strip("[]") if test.basis.source else None
    yield fields([("id", test_id), ("how", test.how), *burden, ("ordered", test.sensible_words), ("source", source)])
    yield Paragraph("The classes of cost and invasiveness are this program's, from no paper; they only order the tests.")
    yield from listing("Answers", [with_id(rules, finding) for finding in test.answers])
    yield from listing("Can show, but not exclude", [with_id(rules, finding) for finding in test.shows])
    yield from listing("One order with", [f"{rules.tests[other].label} ({other})" for other in test.ordered_with])
    yield from listing("Traps", test.traps)
    yield from remark("Note", test.note)


def explain_source(rules: Rules, source: str) -> Iterator[Block]:
    """Explain a source: the reference, what was read, and where the rules cite it."""
    entry = rules.sources[source]
    yield Paragraph(f"{citation(entry)}.")
    yield fields([("id", source), ("read", READ[entry.read]), *links_of(entry).items()])
    yield from remark("What was read, and what is only recalled", entry.note)
    places = cited_in(rules, source)
    yield Heading("Cited by")
    yield Fields(tuple(_by_kind(places))) if places else Paragraph("Nothing in the rules cites it.")


def _by_kind(places: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """``finding a``, ``finding b`` as one row."""
    kinds: dict[str, list[str]] = {}
    for place in places:
        kind, _, name = place.rpartition(" ")
        kinds.setdefault(kind, []).append(name)
    return ((kind, ", ".join(names)) for kind, names in kinds.items())


def explain_warning(rules: Rules, warning_id: str) -> Iterator[Block]:
    """Explain a warning: its text and when it is shown."""
    warning = next(warn for warn in rules.warnings if warn.id == warning_id)
    yield Paragraph(warning.text)
    yield fields([("id", warning_id), ("source", marks(rules, warning.basis).strip("[]"))])
    if warning.urgent:
        yield Paragraph("It calls for action today, so it is shown before everything else.")
    yield from condition(rules, "Shown when", warning.when)


def explain_outcome(rules: Rules, outcome: Outcome) -> Iterator[Block]:
    """Explain a described picture: its text and when it is named."""
    yield Paragraph(outcome.text)
    yield fields([("id", outcome.id), ("source", marks(rules, outcome.basis).strip("[]"))])
    if outcome.basis.note:
        yield Paragraph(outcome.basis.note)
    yield Paragraph("It is named where the default criteria set is not met, and never changes the verdict.")
    yield from condition(rules, "Named when", outcome.when)
