"""Explanations of the parts of the rules: findings, criteria sets, tests, sources and warnings."""

from collections.abc import Iterator

from poems_cli.engine.findings import inputs, uses
from poems_cli.engine.logic import plain_number
from poems_cli.model import Binds, Expression, Finding, Level, Mimic, Outcome, Rules, Usual
from poems_cli.report.blocks import Block, Fields, Heading, Outline, Paragraph, bullets
from poems_cli.report.words import (
    COST,
    INVASIVENESS,
    READ,
    Line,
    accepted_units,
    amount,
    citation,
    cited,
    links_of,
    marks,
    outline,
    source_line,
    unit_words,
    with_id,
)
from poems_cli.rules.citations import cited_in

_KIND = {
    "boolean": "present, absent or unknown",
    "quantity": "a measured value",
    "choice": "one of a few words",
}
_SYSTEMS = {"hpo": "HPO", "loinc": "LOINC", "icd10": "ICD-10", "snomed": "SNOMED CT"}


def definition_words(rules: Rules, definition: Expression) -> tuple[Line, ...]:
    """A finding's definition as an outline: both ways, or each way apart."""
    if isinstance(definition, Binds):
        return outline(rules, definition)
    first, *rest = outline(rules, definition)
    return Line(first.depth, f"present when, and only when: {first.text}"), *rest


# --- a finding --------------------------------------------------------------------------------------------------------


def explain_finding(rules: Rules, finding_id: str) -> Iterator[Block]:
    """Explain a finding: what it is, what counts, how it is defined, and what uses it."""
    finding = rules.findings[finding_id]
    yield Fields(tuple(_finding_fields(rules, finding)))
    for heading, texts in (("Counts", finding.includes), ("Does not count", finding.excludes)):
        if texts:
            yield Heading(heading)
            yield bullets(texts)
    if finding.look_for:
        yield Heading("How to look for it")
        yield Paragraph(finding.look_for)
    if finding.definition is not None:
        yield Heading("Follows from other findings")
        yield Outline(definition_words(rules, finding.definition))
    if finding.gray_zone:
        yield Heading("Gray zone")
        yield Paragraph(f"{finding.gray_zone} The warning gray_zone:{finding.id} says so.")
    if finding.note:
        yield Heading("Note")
        yield Paragraph(finding.note)
    yield from _connections(rules, finding)


def explain_gray_zone(rules: Rules, finding_id: str) -> Iterator[Block]:
    """Explain the warning that a finding's numbers lie in its gray zone."""
    finding = rules.findings[finding_id]
    yield Paragraph(finding.gray_zone or "")
    yield Paragraph(f"{with_id(rules, finding_id)} then counts as unknown: it is neither present nor absent by its numbers.")
    if finding.definition is not None:
        yield Heading("Follows from other findings")
        yield Outline(definition_words(rules, finding.definition))


def _finding_fields(rules: Rules, finding: Finding) -> Iterator[tuple[str, str]]:
    yield "id", finding.id
    if finding.term is not None and finding.term != finding.label:
        yield "clinical term", finding.term
    if finding.synonyms:
        yield "also called", ", ".join(finding.synonyms)
    yield "question", finding.question
    yield "kind", _KIND[finding.kind]
    if finding.kind == "choice":
        yield "words", "; ".join(word if word == said else f"{word} ({said})" for word, said in finding.choices.items())
        if finding.words:
            yield "other words", "; ".join(_other_words(finding))
    if finding.kind == "quantity":
        yield "unit", " ".join(word for word in (finding.unit, _spoken(finding.unit)) if word)
        yield "accepted units", ", ".join(accepted_units(rules, finding.id))
        plausible = rules.units.analytes[finding.id].plausible
        if plausible:
            low, high = plausible
            yield (
                "refused outside",
                f"{plain_number(low)} to {amount(high, finding.unit)} (a typing error or a wrong unit)",
            )
    if finding.usual is not None:
        yield "usual range", usual_range(rules, finding.usual, finding.unit)
    if finding.part_of:
        yield "part of", with_id(rules, finding.part_of)
    for system, codes in finding.codes.items():
        if codes:
            yield _SYSTEMS.get(system, system), ", ".join(codes)
    if finding.basis.source:
        yield "source", marks(rules, finding.basis).strip("[]")


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
    parts = rules.parts.get(finding.id, ())
    if parts:
        yield Heading("Parts")
        yield bullets([with_id(rules, part) for part in parts])
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
        if texts:
            yield Heading(heading)
            yield bullets(texts)


def _weighs(mimic: Mimic, finding: str, side: int) -> bool:
    """Whether a finding is in an item that speaks on that side where it is present."""
    return any(finding in uses(item.when) for item in mimic.evidence if (item.present or -item.absent) * side > 0)


# --- a criteria set ---------------------------------------------------------------------------------------------------


def explain_criteria(rules: Rules, set_id: str) -> Iterator[Block]:
    """Explain a criteria set: its levels in words, notes and sources."""
    criteria = rules.criteria.get(set_id) or rules.mimic_criteria[set_id]
    yield Paragraph(criteria.about)
    rows = [("id", set_id), ("short name", criteria.short)]
    if criteria.current:
        rows.append(("current", f"{criteria.current.first or '?'} to {criteria.current.last or 'today'}"))
    if set_id == rules.default_criteria:
        rows.append(("default", "this set gives the verdict unless another is chosen"))
    yield Fields(tuple(rows))
    asked = [f"{mimic.name} ({mimic.id})" for mimic in rules.mimics.values() if set_id in mimic.criteria]
    if asked:
        yield Heading("The own criteria of")
        yield bullets(asked)
    for level in criteria.levels:
        yield Heading("Met when" if len(criteria.levels) == 1 else f"Level {level.id}")
        yield Outline(outline(rules, level.expression))
    if criteria.notes:
        yield Heading("Notes")
        yield bullets(criteria.notes)
    yield Heading("Sources")
    yield Outline(tuple(source_line(rules, source) for source in (criteria.source, *criteria.more_sources)))


def explain_level(rules: Rules, set_id: str, level: Level) -> Iterator[Block]:
    """Explain one level of a criteria set."""
    yield Paragraph(f"A level of the criteria set {_title(rules, set_id)} ({set_id}).")
    yield Heading("Met when")
    yield Outline(outline(rules, level.expression))


def explain_condition(rules: Rules, set_id: str, column: str, condition: Expression) -> Iterator[Block]:
    """Explain one condition of a criteria set, and the columns of poems screen that count its elements."""
    yield Paragraph(f"A condition of the criteria set {_title(rules, set_id)} ({set_id}).")
    yield Outline(outline(rules, condition))
    if set_id in rules.criteria:
        yield Paragraph(
            f"In poems screen {column}_present and {column}_unknown count its elements that are present, and unknown."
        )


def _title(rules: Rules, set_id: str) -> str:
    return (rules.criteria.get(set_id) or rules.mimic_criteria[set_id]).title


# --- a test -----------------------------------------------------------------------------------------------------------


def explain_test(rules: Rules, test_id: str) -> Iterator[Block]:
    """Explain a test: what it answers and shows, its burden, and how it misleads."""
    test = rules.tests[test_id]
    rows = [
        ("id", test_id),
        ("how", test.how),
        ("cost", COST[test.cost]),
        ("invasiveness", INVASIVENESS[test.invasiveness]),
    ]
    if test.basis.source:
        rows.append(("source", marks(rules, test.basis).strip("[]")))
    yield Fields(tuple(rows))
    yield Paragraph("The classes of cost and invasiveness are this program's, from no paper; they only order the tests.")
    for heading, findings in (("Answers", test.answers), ("Can show, but not exclude", test.shows)):
        if findings:
            yield Heading(heading)
            yield bullets([with_id(rules, finding) for finding in findings])
    if test.traps:
        yield Heading("Traps")
        yield bullets(test.traps)
    if test.note:
        yield Heading("Note")
        yield Paragraph(test.note)


# --- a source, a warning ----------------------------------------------------------------------------------------------


def explain_source(rules: Rules, source: str) -> Iterator[Block]:
    """Explain a source: the reference, what was read, and where the rules cite it."""
    entry = rules.sources[source]
    yield Paragraph(f"{citation(entry)}.")
    rows = [("id", source), ("read", READ[entry.read])]
    yield Fields((*rows, *links_of(entry).items()))
    if entry.note:
        yield Heading("What was read, and what is only recalled")
        yield Paragraph(entry.note)
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
    mark = marks(rules, warning.basis)
    yield Fields((("id", warning_id), *((("source", mark.strip("[]")),) if mark else ())))
    if warning.urgent:
        yield Paragraph("It calls for action today, so it is shown before everything else.")
    yield Heading("Shown when")
    yield Outline(outline(rules, warning.when))


def explain_outcome(rules: Rules, outcome: Outcome) -> Iterator[Block]:
    """Explain a described picture: its text and when it is named."""
    yield Paragraph(outcome.text)
    mark = marks(rules, outcome.basis)
    yield Fields((("id", outcome.id), *((("source", mark.strip("[]")),) if mark else ())))
    if outcome.basis.note:
        yield Paragraph(outcome.basis.note)
    yield Paragraph("It is named where the default criteria set is not met, and never changes the verdict.")
    yield Heading("Named when")
    yield Outline(outline(rules, outcome.when))
