"""A mimic for a reader: what it is, what speaks for and against it, and what settles it."""

from collections.abc import Iterator

from poems_cli.engine.findings import uses
from poems_cli.model import Basis, Cause, Evidence, Factor, Frequency, Mimic, RedFlag, Rules, Stage
from poems_cli.records.problem import listed
from poems_cli.report.blocks import Block, Fields, Heading, Outline, Paragraph, Table, bullets
from poems_cli.report.words import capital, cited, label, marks, outline, source_line, with_id

_SYSTEMS = {"orpha": "Orphanet", "icd10": "ICD-10", "icd10_cm": "ICD-10-CM", "omim": "OMIM", "snomed": "SNOMED CT"}
_FREQUENCY = {
    "very_common": "very common",
    "common": "common",
    "uncommon": "uncommon",
    "rare": "rare",
    "very_rare": "very rare",
}


def explain_mimic(rules: Rules, mimic_id: str) -> Iterator[Block]:
    """Explain a mimic: all that ``rules/mimics.yaml`` says of it."""
    mimic = rules.mimics[mimic_id]
    yield Paragraph(mimic.about)
    yield Fields(tuple(_fields(rules, mimic)))
    yield Heading("Considered when")
    yield Outline(outline(rules, mimic.consider_when))
    first, second = rules.evidence.suggests
    yield Paragraph(f"Or when one finding that speaks for it by {first} points is present, and another by {second}.")
    yield from evidence_blocks(rules, mimic)
    if mimic.does_not_explain:
        yield Heading("What of the syndrome it does not explain")
        yield bullets([label(rules, finding) for finding in mimic.does_not_explain])
    yield Heading("Settled by")
    yield Paragraph(cited(rules, *mimic.settled_by))
    yield bullets([f"{rules.tests[test].label} ({test})" for test in mimic.tests])
    for settles, what in ((mimic.confirmed, "Established"), (mimic.excluded, "Excluded")):
        if settles is not None:
            yield Heading(f"{what} ({settles.words})")
            yield Outline(outline(rules, settles.when))
    if mimic.criteria:
        yield Heading("Its own criteria")
        yield bullets([f"{rules.mimic_criteria[set_id].title} ({set_id})" for set_id in mimic.criteria])
    if mimic.notes:
        yield Heading("Notes")
        yield bullets(mimic.notes)
    sources = _sources(mimic)
    if sources:
        yield Heading("Sources")
        yield Outline(tuple(source_line(rules, source) for source in rules.sources if source in sources))


def explain_mimics(rules: Rules) -> Iterator[Block]:
    """Every mimic in a line, those that must not be missed first, and what its own criteria are called."""
    for title, urgent in (("Must not be missed or delayed", True), ("The others", False)):
        chosen = [mimic for mimic in rules.mimics.values() if mimic.urgent is urgent]
        if chosen:
            yield Heading(title)
            yield Table(("id", "mimic", "how common", "its own criteria"), tuple(_row(item) for item in chosen))


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


def _row(mimic: Mimic) -> tuple[str, ...]:
    return mimic.id, mimic.name, frequency(mimic), ", ".join(mimic.criteria)


def frequency(mimic: Mimic) -> str:
    """How common a mimic is, in a word or two."""
    return _FREQUENCY[mimic.frequency_class]


# --- red flags and outlook --------------------------------------------------------------------------------------------


def explain_label(rules: Rules, label_id: str) -> Iterator[Block]:
    """Explain a diagnosis that a patient may already carry, with the red flags that speak for the syndrome all the same."""
    label_of = rules.labels[label_id]
    yield Paragraph(cited(rules, label_of.text, label_of.basis))
    yield Heading("Red flags in a patient with this diagnosis")
    yield bullets([f"{flag.text} ({flag.id})" for flag in rules.red_flags if label_id in flag.labels])


def explain_red_flag(rules: Rules, flag: RedFlag) -> Iterator[Block]:
    """Explain a red flag: its figure, when it holds, and for which diagnoses."""
    yield Paragraph(f"Speaks for {rules.title} in a patient who carries another diagnosis.")
    yield from _of_figure(rules, flag.text, flag.figure, flag.basis)
    yield Heading("Present when")
    yield Outline(outline(rules, flag.when))
    yield Heading("In patients called")
    yield bullets([f"{rules.labels[label_id].name} ({label_id})" for label_id in flag.labels])
    yield from _about(rules, flag)


def explain_factor(rules: Rules, factor: Factor) -> Iterator[Block]:
    """Explain a factor of the outlook or a way of treatment: its figure, and when it holds."""
    yield Paragraph("Shown once the default criteria are met, for reading only.")
    yield from _of_figure(rules, factor.text, factor.figure, factor.basis)
    yield Heading("Holds when")
    yield Outline(outline(rules, factor.when))
    yield from _about(rules, factor)


def explain_stage(rules: Rules, stage: Stage) -> Iterator[Block]:
    """Explain what is needed once the default criteria are met: why, and by which tests."""
    yield Paragraph("Part of what to do before treatment, once the default criteria are met.")
    yield Paragraph(" ".join(word for word in (f"{capital(stage.text)}.", marks(rules, stage.basis)) if word))
    yield Heading("Tests")
    yield bullets([f"{rules.tests[test].label} ({test})" for test in stage.tests])
    yield Heading("Sources")
    cited = [source for source in (stage.basis.source, *stage.more_sources) if source]
    yield Outline(tuple([source_line(rules, source) for source in cited]))


def explain_cause(rules: Rules, cause: Cause) -> Iterator[Block]:
    """Explain which findings a disease accounts for, and when it counts as established."""
    yield Paragraph("A disease that accounts for findings which would otherwise count toward the criteria.")
    yield Heading("Established when")
    yield Outline(outline(rules, cause.when))
    yield Heading("Accounts for")
    yield bullets([f"{label(rules, finding)} ({finding})" for finding in cause.findings])
    yield from _about(rules, cause)


def _of_figure(rules: Rules, text: str, figure: str | None, basis: Basis) -> Iterator[Block]:
    mark = marks(rules, basis)
    rows = [("text", text), ("figure", figure or ""), ("source", mark.strip("[]")), ("note", basis.note or "")]
    yield Fields(tuple(row for row in rows if row[1]))


def _about(rules: Rules, item: RedFlag | Factor | Cause) -> Iterator[Block]:
    yield Heading("Depends on these findings")
    yield bullets([with_id(rules, finding) for finding in uses(item.when)])


# --- a mimic's parts --------------------------------------------------------------------------------------------------


def _fields(rules: Rules, mimic: Mimic) -> Iterator[tuple[str, str]]:
    yield "id", mimic.id
    if mimic.synonyms:
        yield "also called", ", ".join(mimic.synonyms)
    yield "how common", f"{frequency(mimic)}: {cited(rules, *mimic.frequency)}"
    if mimic.urgency is not None:
        yield "urgent", cited(rules, *mimic.urgency)
    if mimic.common_cause is not None:
        cause = mimic.common_cause
        yield "common cause of", f"{outline(rules, cause.of)[0].text}; first test: {rules.tests[cause.test].label}"
    for system, codes in mimic.codes.items():
        yield _SYSTEMS.get(system, system), ", ".join(codes)
    if mimic.codes_note:
        yield "on the codes", mimic.codes_note


def _weighed(rules: Rules, item: Evidence) -> tuple[str, ...]:
    """An item as a row: what it is and why it is weighed, the two frequencies, and its points by presence and absence."""
    conditions = outline(rules, item.when)
    said = item.label if len(conditions) > 1 else conditions[0].text
    of = f" ({'; '.join(condition.text for condition in conditions[1:])})" if len(conditions) > 1 else ""
    mark = marks(rules, item.basis)
    what = " ".join(word for word in (f"{said}{of}: {capital(item.reason)}.", mark) if word)
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


def _sources(mimic: Mimic) -> set[str]:
    named = {source for item in mimic.evidence for source in (item.basis.source, item.reference.source)}
    named |= {fact.basis.source for fact in (mimic.frequency, mimic.urgency, mimic.settled_by) if fact is not None}
    return {name for name in named if name}
