"""What the syndrome is, for a reader who never heard of it: all of ``rules/syndrome.yaml``."""

from collections.abc import Iterator, Mapping
from typing import Any

from poems_cli.explain.follow import response_rows
from poems_cli.explain.mimics import evidence_blocks
from poems_cli.model import Basis, Factor, Rules
from poems_cli.report.blocks import Block, Fields, Heading, Outline, Paragraph, bullets
from poems_cli.report.words import cited, marks, source_line
from poems_cli.rules.citations import citations

_SYSTEMS = {
    "orphanet": "Orphanet",
    "mondo": "MONDO",
    "snomed_ct": "SNOMED CT",
    "mesh": "MeSH",
    "icd10_who": "ICD-10 (WHO)",
    "icd10_cm": "ICD-10-CM",
    "icd9_cm": "ICD-9-CM",
    "icd11": "ICD-11",
    "gard": "GARD",
    "umls": "UMLS",
    "omim": "OMIM",
    "hpo_annotations": "HPO annotations",
}


#: The places of the rules that the explanation of the syndrome shows in addition to its own.
_OF_OUTLOOK = ("outlook ", "response ")


def explain_syndrome(rules: Rules) -> Iterator[Block]:
    """Explain the syndrome: its names, letters, course, treatment and codes, each fact with its source."""
    told = rules.syndrome
    if told.get("names"):
        yield Paragraph(f"Also called: {', '.join(name for name in told['names'] if name != rules.title)}.")
    if told.get("summary"):
        yield Paragraph(told["summary"])
    if told.get("letters"):
        yield Heading("The five letters")
        yield Fields(tuple((f"{one['letter']}: {one['word']}", _with_mark(rules, one)) for one in told["letters"]))
    for section in told.get("sections", ()):
        yield Heading(section["title"])
        if section.get("text"):
            yield Paragraph(section["text"])
        if section.get("facts"):
            yield bullets([_with_mark(rules, fact) for fact in section["facts"]])
    yield from _outlook(rules)
    if rules.profile is not None:
        yield from evidence_blocks(rules, rules.profile)
    if told.get("codes"):
        yield Heading("Codes")
        yield Fields(tuple((_SYSTEMS.get(system, system), _code(rules, one)) for system, one in told["codes"].items()))
    sources = _sources(told) | {source for place, source in citations(rules) if place.startswith(_OF_OUTLOOK)}
    if sources:
        yield Heading("Sources")
        yield Outline(tuple(source_line(rules, one) for one in rules.sources if one in sources))


def _outlook(rules: Rules) -> Iterator[Block]:
    """What the course depends on, how treatment divides, and when it is said to have worked."""
    if rules.outlook is None:
        return
    for title, factors in (("What the outlook depends on", rules.outlook.factors), ("Treatment", rules.outlook.fork)):
        yield Heading(title)
        yield bullets([_factor(rules, one) for one in factors])
    if rules.outlook.survival is not None:
        yield Paragraph(cited(rules, *rules.outlook.survival))
    for note in rules.outlook.notes:
        yield Heading(note.title)
        yield bullets([cited(rules, *fact) for fact in note.facts])
    if rules.outlook.follow_up is not None:
        yield Heading("When treatment is said to have worked")
        yield Fields(tuple(response_rows(rules, rules.outlook.follow_up)))


def _factor(rules: Rules, factor: Factor) -> str:
    mark = marks(rules, factor.basis)
    said = f"{factor.text}: {factor.figure}" if factor.figure else factor.text
    return f"{said} {mark}" if mark else said


def _with_mark(rules: Rules, fact: Mapping[str, Any]) -> str:
    mark = marks(rules, Basis(fact.get("source"), fact.get("read")))
    return f"{fact['text']} {mark}" if mark else str(fact["text"])


def _code(rules: Rules, entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return str(entry)
    mark = marks(rules, Basis(entry.get("source"), entry.get("read")))
    return " ".join(str(word) for word in (entry.get("code") or "none;", entry.get("note") or "", mark) if word)


def _sources(data: Any) -> set[str]:
    if isinstance(data, Mapping):
        own = {data["source"]} if isinstance(data.get("source"), str) else set()
        return own.union(*[_sources(value) for value in data.values()])
    if isinstance(data, list | tuple):
        return set().union(*[_sources(value) for value in data])
    return set()
