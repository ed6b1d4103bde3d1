"""A mimic for a reader: what it is, what speaks for and against it, and what settles it."""

from collections.abc import Iterator

from poems_cli.engine.findings import uses
from poems_cli.model import Basis, Cause, Evidence, Factor, Frequency, Mimic, RedFlag, Rules, Stage
from poems_cli.phrases import capital, listed
from poems_cli.report.blocks import Block, Fields, Heading, Paragraph, Table, bullets, condition, fields, listing, sources
from poems_cli.report.mimics import frequency_words
from poems_cli.report.words import SYSTEMS, cited, label, marks, outline, with_id


def explain_mimic(rules: Rules, mimic_id: str) -> Iterator[Block]:
    """Explain a mimic: all that ``rules/mimics.yaml`` says of it."""
    mimic = rules.mimics[mimic_id]
    yield Paragraph(mimic.about)
    yield fields(_rows(rules, mimic))
    yield from condition(rules, "Considered when", mimic.consider_when)
    first, second = rules.evidence.suggests
    yield Paragraph(f"Or when one finding that speaks for it by {first} points is present, and another by {second}.")
    yield from evidence_blocks(rules, mimic)
    missing = [label(rules, finding) for finding in mimic.does_not_explain]
    yield from listing("What of the syndrome it does not explain", missing)
    yield Heading("Settled by")
    yield Paragraph(cited(rules, *mimic.settled_by))
    yield bullets([f"{rules.tests[test].label} ({test})" for test in mimic.tests])
    for settles, what in ((mimic.confirmed, "Established"), (mimic.excluded, "Excluded")):
        if settles is not None:
            yield from condition(rules, f"{what} ({settles.words})", settles.when)
    yield from listing("Its own criteria", [f"{rules.mimic_criteria[set_id].title} ({set_id})" for set_id in mimic.criteria])
    yield from listing("Notes", mimic.notes)
    if mimic_id in rules.labels:
        yield from _as_label(rules, mimic_id)
    cited_here = _cited(mimic)
    yield from sources(rules, [source for source in rules.sources if source in cited_here])


def explain_mimics(rules: Rules) -> Iterator[Block]:
    """Every mimic in a line, those that must not be missed first, and what its own criteria are called."""
    header = ("id", "mimic", "how common", "its own criteria")
    for title, urgent in (("Must not be missed or delayed", True), ("The others", False)):
        chosen = [mimic for mimic in rules.mimics.values() if mimic.urgent is urgent]
        rows = [(mimic.id, mimic.name, frequency_words(mimic), ", ".join(mimic.criteria)) for mimic in chosen]
        if rows:
            yield from (Heading(title), Table(header, tuple(rows)))


def evidence_blocks(rules: Rules, mimic: Mimic) -> Iterator[Block]:
    """The evidence for and against a disease: how often each item holds in it and in the reference, and what that weighs."""
    yield Heading(f"Evidence for and against {mimic.short}")
    header = ("finding", "disease", "reference", "present", "absent")
    items = sorted(mimic.evidence, key=lambda item: (-max(abs(item.present), abs(item.absent)), item.label))
    yield Table(header, tuple(_weighed(rules, item) for item in items), numbers=header[3:], wrapped=True)
    together: dict[str, list[str]] = {}
    for item in items:
        if item.once is not None:
            together.setdefault(item.once, []).append(item.label)
    for labels in together.values():
        yield Paragraph(f"Of these only the heaviest counts: {listed(labels)}.")
    yield Paragraph(_scale(rules))


def explain_red_flag(rules: Rules, flag: RedFlag) -> Iterator[Block]:
    """Explain a red flag: its figure, when it holds, and for which diagnoses."""
    yield Paragraph(f"Speaks for {rules.title} in a patient who carries another diagnosis.")
    yield _figured(rules, flag)
    yield from condition(rules, "Present when", flag.when)
    yield from listing("In patients called", [f"{rules.labels[label_id].name} ({label_id})" for label_id in flag.labels])
    yield from _depends(rules, flag)


def explain_factor(rules: Rules, factor: Factor) -> Iterator[Block]:
    """Explain a factor of the outlook or a way of treatment: its figure, and when it holds."""
    yield Paragraph("Shown once the default criteria are met, for reading only.")
    yield _figured(rules, factor)
    yield from condition(rules, "Holds when", factor.when)
    yield from _depends(rules, factor)


def explain_stage(rules: Rules, stage: Stage) -> Iterator[Block]:
    """Explain what is needed once the default criteria are met: why, and which tests show it."""
    yield Paragraph("Part of what to do before treatment, once the default criteria are met.")
    yield Paragraph(cited(rules, f"{capital(stage.text)}.", stage.basis))
    yield from listing("Tests", [f"{rules.tests[test].label} ({test})" for test in stage.tests])
    yield from sources(rules, [source for source in (stage.basis.source, *stage.more_sources) if source])


def explain_cause(rules: Rules, cause: Cause) -> Iterator[Block]:
    """Explain which findings a disease accounts for, and when it counts as established."""
    yield Paragraph("A disease that accounts for findings which would otherwise count toward the criteria.")
    yield from condition(rules, "Established when", cause.when)
    yield from listing("Accounts for", [f"{label(rules, finding)} ({finding})" for finding in cause.findings])
    yield from _depends(rules, cause)


def _figured(rules: Rules, item: RedFlag | Factor) -> Fields:
    mark = marks(rules, item.basis).strip("[]")
    return fields([("text", item.text), ("figure", item.figure), ("source", mark), ("note", item.basis.note)])


def _depends(rules: Rules, item: RedFlag | Factor | Cause) -> Iterator[Block]:
    return listing("Depends on these findings", [with_id(rules, finding) for finding in uses(item.when)])


def _rows(rules: Rules, mimic: Mimic) -> Iterator[tuple[str, str | None]]:
    cause = mimic.common_cause
    yield "id", mimic.id
    yield "also called", ", ".join(mimic.synonyms)
    yield "how common", f"{frequency_words(mimic)}: {cited(rules, *mimic.frequency)}"
    yield "urgent", mimic.urgency and cited(rules, *mimic.urgency)
    yield "common cause of", cause and f"{outline(rules, cause.of)[0].text}; first test: {rules.tests[cause.test].label}"
    yield from ((SYSTEMS.get(system, system), ", ".join(codes)) for system, codes in mimic.codes.items())
    yield "on the codes", mimic.codes_note


def _as_label(rules: Rules, mimic_id: str) -> Iterator[Block]:
    """What to think of a patient who carries this diagnosis already, and the red flags that speak for the syndrome."""
    label_text, basis = rules.labels[mimic_id].text, rules.labels[mimic_id].basis
    yield from (Heading("As a diagnosis given so far"), Paragraph(cited(rules, label_text, basis)))
    flags = [f"{flag.text} ({flag.id})" for flag in rules.red_flags if mimic_id in flag.labels]
    yield from listing("Red flags in a patient with this diagnosis", flags)


def _weighed(rules: Rules, item: Evidence) -> tuple[str, ...]:
    """An item as a row: what it is and why it is weighed, the two frequencies, and its points by presence and absence."""
    conditions = outline(rules, item.when)
    said = item.label if len(conditions) > 1 else conditions[0].text
    of = f" ({'; '.join(condition.text for condition in conditions[1:])})" if len(conditions) > 1 else ""
    what = cited(rules, f"{said}{of}: {capital(item.reason)}.", item.basis)
    shares = [_share(frequency, item.basis) for frequency in (item.frequency, item.reference)]
    return what, *shares, *points_words(item)


def _share(frequency: Frequency, basis: Basis) -> str:
    """How often something is found, and whose figure that is: that of the study which the row names, of another, or ours."""
    whose = "study" if frequency.source == basis.source else frequency.source
    return f"{frequency.text}, {whose if frequency.source else 'ours'}"


def points_words(item: Evidence) -> tuple[str, str]:
    """The points of an item by presence and by absence."""
    present, absent = [f"{weight:+g}" if weight else "0" for weight in (item.present, item.absent)]
    return present, absent


def _scale(rules: Rules) -> str:
    words = [f"{word} {part * 100:g} %" for word, part in rules.evidence.words.items()]
    return (
        "Points are 10 times the decimal logarithm of how often the finding is present (or absent) in this disease over how "
        "often in the reference, the average patient in whom the syndrome is considered. A frequency is that of the study "
        f"named in the row, or one of our words: {listed(words)}. Two diseases differ by the ratio between them. The points "
        "are summed to order what to consider, and are not a probability."
    )


def _cited(mimic: Mimic) -> set[str]:
    named = {source for item in mimic.evidence for source in (item.basis.source, item.reference.source)}
    named |= {fact.basis.source for fact in (mimic.frequency, mimic.urgency, mimic.settled_by) if fact is not None}
    return {name for name in named if name}
