"""What the syndrome is, for a reader who has never heard of it: all of ``rules/syndrome.yaml``."""

from collections.abc import Iterator

from poems_cli.explain.follow import response_rows
from poems_cli.explain.mimics import evidence_blocks
from poems_cli.model import Rules, SyndromeCode
from poems_cli.report.blocks import Block, Fields, Heading, Paragraph, bullets, listing, sources
from poems_cli.report.mimics import figured
from poems_cli.report.words import SYSTEMS, cited, marks
from poems_cli.rules.citations import citations, of_syndrome

#: The places of the rules that the explanation of the syndrome shows in addition to its own.
_OF_OUTLOOK = ("outlook ", "response ")


def explain_syndrome(rules: Rules) -> Iterator[Block]:
    """Explain the syndrome: its names, letters, course, treatment and codes, each fact with its source."""
    syndrome = rules.syndrome
    if syndrome.names:
        yield Paragraph(f"Also called: {', '.join(name for name in syndrome.names if name != rules.title)}.")
    if syndrome.summary:
        yield Paragraph(syndrome.summary)
    if syndrome.letters:
        yield Heading("The five letters")
        yield Fields(tuple((f"{letter.letter}: {letter.word}", cited(rules, *letter.fact)) for letter in syndrome.letters))
    for section in syndrome.sections:
        yield Heading(section.title)
        if section.text:
            yield Paragraph(section.text)
        if section.facts:
            yield bullets([cited(rules, *fact) for fact in section.facts])
    yield from _outlook(rules)
    if rules.profile is not None:
        yield from evidence_blocks(rules, rules.profile)
    if syndrome.codes:
        yield Heading("Codes")
        yield Fields(tuple((SYSTEMS.get(system, system), _code(rules, code)) for system, code in syndrome.codes.items()))
    every = [*of_syndrome(rules), *(citation for citation in citations(rules) if citation[0].startswith(_OF_OUTLOOK))]
    cited_here = {source for _, source in every}
    yield from sources(rules, [source for source in rules.sources if source in cited_here])


def _outlook(rules: Rules) -> Iterator[Block]:
    """What the course depends on, how treatment divides, and when it counts as having worked."""
    if rules.outlook is None:
        return
    for title, factors in (("What the outlook depends on", rules.outlook.factors), ("Treatment", rules.outlook.fork)):
        yield from listing(title, [figured(rules, factor) for factor in factors])
    if rules.outlook.survival is not None:
        yield Paragraph(cited(rules, *rules.outlook.survival))
    for note in rules.outlook.notes:
        yield from listing(note.title, [cited(rules, *fact) for fact in note.facts])
    if rules.outlook.follow_up is not None:
        yield Heading("When treatment is said to have worked")
        yield Fields(tuple(response_rows(rules, rules.outlook.follow_up)))


def _code(rules: Rules, code: SyndromeCode) -> str:
    return " ".join(word for word in (code.code or "none;", code.basis.note or "", marks(rules, code.basis)) if word)
