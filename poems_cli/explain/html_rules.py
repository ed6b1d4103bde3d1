"""The rules as one page: every criteria set side by side, every finding, mimic, test and source, with a search."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from poems_cli.engine.findings import uses
from poems_cli.explain.mimics import points_words
from poems_cli.explain.rules_document import KEY
from poems_cli.explain.rules_sections import entry_blocks, sections
from poems_cli.explain.topics import Topic
from poems_cli.model import Evidence, Mimic, Rules
from poems_cli.phrases import capital
from poems_cli.report.blocks import Block, Heading, Outline, Table
from poems_cli.report.criteria_comparison import columns, compare
from poems_cli.report.html import render, template_text
from poems_cli.report.patient_view import source
from poems_cli.report.words import Line


class Nested(NamedTuple):
    """A line of an outline with the lines under it."""

    text: str
    under: tuple["Nested", ...]


class Part(NamedTuple):
    """A block of an entry, ready to be drawn: ``kind`` says how, ``caption`` is the heading above it."""

    kind: str
    block: Block
    lines: tuple[Nested, ...] = ()
    caption: str = ""


class Entry(NamedTuple):
    """One topic of the rules."""

    anchor: str
    id: str
    title: str
    parts: tuple[Part, ...]


class Section(NamedTuple):
    """Topics of one kind."""

    anchor: str
    title: str
    entries: tuple[Entry, ...]


def rules_html(rules: Rules) -> str:
    """The rules as a page that needs nothing else; its one script, which searches, is the only one that may run."""
    script = template_text("search.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return render(
        "rules_page.html",
        title=rules.title,
        identity=rules.identity,
        key=KEY,
        counts=_counts(rules),
        columns=tuple(columns(rules)),
        rows=[(row, [cell and (cell, nested(cell.definition)) for cell in row.cells]) for row in compare(rules)],
        sections=tuple(_sections(rules)),
        sources=[(source(rules, source_id), entry.note or "") for source_id, entry in rules.sources.items()],
        script=script,
        script_hash=digest,
    )


def _counts(rules: Rules) -> tuple[tuple[str, int], ...]:
    return (
        ("criteria sets", len(rules.criteria)),
        ("findings", len(rules.findings)),
        ("mimics", len(rules.mimics)),
        ("criteria sets of mimics", len(rules.mimic_criteria)),
        ("tests", len(rules.tests)),
        ("warnings", len(rules.warnings)),
        ("sources", len(rules.sources)),
    )


def _sections(rules: Rules) -> Iterator[Section]:
    for title, topics in sections(rules):
        yield Section(_anchor("section", title), title, tuple([_entry(rules, topic) for topic in topics]))


def _entry(rules: Rules, topic: Topic) -> Entry:
    parts = list(_parts(entry_blocks(topic)))
    if topic.kind == "finding":
        parts += _parts(_frequencies(rules, topic.id))
    return Entry(_anchor(topic.kind, topic.id), topic.id, capital(topic.title), tuple(parts))


def _anchor(kind: str, name: str) -> str:
    return re.sub(r"[^\w.:-]+", "-", f"{kind}-{name}").lower()


def _parts(blocks: Iterable[Block]) -> Iterator[Part]:
    heading = ""
    for block in blocks:
        if isinstance(block, Heading):
            heading = block.text
        lines = nested(block.lines) if isinstance(block, Outline) else ()
        yield Part(type(block).__name__.lower(), block, lines, heading)


def nested(lines: Sequence[Line]) -> tuple[Nested, ...]:
    """An outline as a tree."""
    found: list[Nested] = []
    start = 0
    while start < len(lines):
        end = start + 1
        while end < len(lines) and lines[end].depth > lines[start].depth:
            end += 1
        found.append(Nested(lines[start].text, nested(lines[start + 1 : end])))
        start = end
    return tuple(found)


def _frequencies(rules: Rules, finding: str) -> Iterator[Block]:
    """In which diseases a finding is weighed, how often it is present in each and in the reference, and its points."""
    diseases = [*([rules.profile] if rules.profile is not None else []), *rules.mimics.values()]
    rows = [_weighed(disease, item) for disease in diseases for item in disease.evidence if finding in uses(item.when)]
    if rows:
        yield Heading("How often, and what it weighs")
        header = ("disease", "item", "in the disease", "in the reference", "points if present", "points if absent")
        yield Table(header, tuple(rows), numbers=header[4:], wrapped=True)


def _weighed(disease: Mimic, item: Evidence) -> tuple[str, ...]:
    shares = [f"{share.text}, {share.source or 'ours'}" for share in (item.frequency, item.reference)]
    return capital(disease.short), item.label, *shares, *points_words(item)
