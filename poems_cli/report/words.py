"""The rules in words: expressions as readable lines, limits with their basis, sources as citations.

Used wherever rules or traces are shown to a person, so that all of them say the same thing in the same words.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from poems_cli.engine.logic import plain_number
from poems_cli.finding_names import without_remark
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Basis,
    Binds,
    Compare,
    Element,
    Expression,
    Known,
    Not,
    Present,
    Rules,
    Score,
    Source,
    Truth,
)
from poems_cli.phrases import listed
from poems_cli.units import unit_named

#: The mark of a limit that no paper gives.
OURS = "limit of this program: no paper gives one"

#: The same of a condition that is not a limit: a count, or what counts as one item.
OUR_READING = "reading of this program: no paper gives one"

#: The mark of a fact from memory.
RECALLED = "recalled"

VALUES: Mapping[Truth, str] = {True: "present", False: "absent", None: "unknown"}
HOLDS: Mapping[Truth, str] = {True: "holds", False: "fails", None: "unknown"}
SYMBOLS: Mapping[Truth, str] = {True: "+", False: "-", None: "?"}

#: What was read of a source, after "Read: ".
READ = {
    "full text": "full text",
    "abstract": "abstract",
    "table": "a table of it",
    "page": "a web page",
    "secondary": "not itself, quoted by another text",
    "recalled": "nothing, recalled from memory",
}
#: The names of the systems of codes.
SYSTEMS = {
    "gard": "GARD", "hpo": "HPO", "hpo_annotations": "HPO annotations", "icd9_cm": "ICD-9-CM", "icd10": "ICD-10",
    "icd10_cm": "ICD-10-CM", "icd10_who": "ICD-10 (WHO)", "icd11": "ICD-11", "loinc": "LOINC", "mesh": "MeSH", "mondo": "MONDO",
    "omim": "OMIM", "orpha": "Orphanet", "orphanet": "Orphanet", "snomed": "SNOMED CT", "snomed_ct": "SNOMED CT",
    "umls": "UMLS",
}  # fmt: skip
COST = ("none", "low (routine)", "moderate (sent out, or ultrasound)", "high (CT, echo, nerve conduction)", "very high")
INVASIVENESS = ("none", "a needle stick or urine", "contrast, radiation or lumbar puncture", "biopsy", "surgery")

_UNITS = {"mL/min/{1.73_m2}": "mL/min/1.73 m2", "mL/s/{1.73_m2}": "mL/s/1.73 m2", "1": "a fraction"}

#: How a comparison is said.
OPERATORS = {"above": "above", "at_least": "at least", "below": "below", "at_most": "at most"}


class Line(NamedTuple):
    """One line of an outline; ``depth`` counts from 0."""

    depth: int
    text: str


def label(rules: Rules, name: str) -> str:
    """A finding's label; what is not a finding's id is its own label."""
    return rules.findings[name].label if name in rules.findings else name


def element_label(rules: Rules, element: Element) -> str:
    """A condition or element in words: its own name, else its finding's label; its absence with "no" before it."""
    words = element.name or label(rules, element.finding or element.id)
    return f"no {without_remark(words)}" if element.negated else words


def with_id(rules: Rules, finding_id: str) -> str:
    """A finding's label with its id, once where they are the same."""
    named = label(rules, finding_id)
    return named if named == finding_id else f"{named} ({finding_id})"


def short_label(rules: Rules, name: str) -> str:
    """The label without the remark in parentheses that some end with."""
    return without_remark(label(rules, name))


def disease_name(rules: Rules) -> str:
    """The disease in a few letters: an acronym goes without the word syndrome ("POEMS"), a name does not."""
    name = rules.title.removesuffix(" syndrome")
    return name if name.isupper() else rules.title


def first_of(words: Sequence[str], most: int) -> str:
    """``a, b and 3 more``: the first words, and how many others there are."""
    more = len(words) - most
    return f"{', '.join(words[:most])}{f' and {more:,} more' if more > 0 else ''}"


def unit_words(unit: str | None) -> str:
    """A UCUM unit as it is read; nothing for a ratio or a score."""
    if not unit or (unit.startswith("{") and unit.endswith("}")):
        return ""
    return _UNITS.get(unit) or unit_named(unit)


def amount(value: float, unit: str | None) -> str:
    """A number with its unit."""
    words = unit_words(unit)
    return f"{plain_number(value)} {words}" if words else plain_number(value)


def accepted_units(rules: Rules, finding_id: str) -> tuple[str, ...]:
    """The units that a quantity may be given in, the canonical one first."""
    return tuple(rules.units.analytes[finding_id].accepted)


def read_of(rules: Rules, basis: Basis) -> str | None:
    """What was read for it: its own word, else that of its source."""
    return basis.read or (rules.sources[basis.source].read if basis.source and basis.source in rules.sources else None)


def is_recalled(rules: Rules, basis: Basis | None) -> bool:
    """Whether it is cited from memory."""
    return basis is not None and read_of(rules, basis) == "recalled"


def marks(rules: Rules, basis: Basis | None, ours: str = OURS) -> str:
    """``[source, recalled; limit of this program, ...]``; empty where nothing is cited."""
    if basis is None or not basis.is_founded:
        return ""
    read = read_of(rules, basis)
    cited = [word for word in (basis.source, {"recalled": RECALLED, "secondary": "secondary"}.get(read or "")) if word]
    return f"[{'; '.join([', '.join(cited)] * bool(cited) + [ours] * basis.default)}]"


def cited(rules: Rules, text: str, basis: Basis | None, ours: str = OURS) -> str:
    """A text followed by the mark of what it rests on."""
    mark = marks(rules, basis, ours)
    return f"{text} {mark}" if mark else text


def citation(source: Source) -> str:
    """A source as a reference: authors, title, journal, year, volume, pages, DOI, PMID."""
    place = " ".join(str(part) for part in (source.journal, source.publisher, source.year) if part)
    if source.volume:
        place += f";{source.volume}"
    if source.pages:
        place += f":{source.pages}"
    parts = [part.rstrip(".") for part in (source.authors, source.title) if part]
    parts += [place] if place else []
    parts += [f"doi:{source.doi}"] if source.doi else []
    parts += [f"PMID {source.pmid}"] if source.pmid else []
    parts += [str(source.pmcid)] if source.pmcid else []
    if not (source.doi or source.pmid or source.pmcid) and source.url:
        parts.append(source.url)
    return ". ".join(parts)


def links_of(source: Source) -> dict[str, str]:
    """Where a reader finds the source, by what leads there: its DOI, PubMed, PubMed Central, or its page."""
    links = {
        "DOI": source.doi and f"https://doi.org/{source.doi}",
        "PubMed": source.pmid and f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/",
        "PubMed Central": source.pmcid and f"https://pmc.ncbi.nlm.nih.gov/articles/{source.pmcid}/",
        "page": source.url,
    }
    return {name: str(address) for name, address in links.items() if address}


def source_words(rules: Rules, source: str) -> str:
    """A source in a line: id, reference, and what was read."""
    entry = rules.sources[source]
    return f"{source}: {citation(entry)}. Read: {READ[entry.read]}."


def outline(rules: Rules, expression: Expression, depth: int = 0) -> tuple[Line, ...]:
    """An expression as an outline, one condition per line, each limit with its source and mark."""
    return tuple(_lines(rules, expression, depth, ""))


def _lines(rules: Rules, node: Expression, depth: int, before: str) -> Iterator[Line]:
    match node:
        case All():
            yield from _several(rules, node, "all of", depth, before)
        case AnyOf() if not node.children:
            yield Line(depth, f"{before}never by itself")
        case AnyOf():
            yield from _several(rules, node, "any of", depth, before)
        case AtLeast():
            yield from _several(rules, node, f"at least {node.needed} of", depth, before)
        case Score():
            heading = f"at least {plain_number(node.needed)} points"
            named = f"{node.name}: {heading}" if node.name else heading
            yield Line(depth, _with_marks(rules, node, f"{before}{named}"))
            for worth, child in zip(node.points, node.children, strict=True):
                yield from _lines(rules, child, depth + 1, f"{worth:+g}: ")
        case Binds():
            yield from _binds(rules, node, depth, before)
        case Not(child=Known(finding=finding)):
            yield Line(depth, f"{before}{label(rules, finding)}: not given")
        case Not(child=(Present() | Asserted()) as child):
            yield Line(depth, _with_marks(rules, node, f"{before}no {_leaf(rules, child)}"))
        case Not():
            yield from _lines(rules, node.child, depth, f"{before}not: ")
        case _:
            yield Line(depth, _with_marks(rules, node, before + (node.name or _leaf(rules, node))))
            if node.name and isinstance(node, Compare):
                yield Line(depth + 1, condition(rules, node))


def _several(rules: Rules, node: All | AnyOf | AtLeast, operator: str, depth: int, before: str) -> Iterator[Line]:
    if len(node.children) == 1 and not node.name and not node.basis:
        yield from _lines(rules, node.children[0], depth, before)
        return
    heading = operator
    if len(node.children) == 1:
        heading = node.name or ""
    elif node.name:
        heading = f"{node.name}: {operator}"
    yield Line(depth, _with_marks(rules, node, before + heading))
    for child in node.children:
        yield from _lines(rules, child, depth + 1, "")


def _binds(rules: Rules, node: Binds, depth: int, before: str) -> Iterator[Line]:
    """Both conditions; a definition's own (no name) gets no heading."""
    if node.name:
        yield Line(depth, _with_marks(rules, node, before + node.name))
        depth, before = depth + 1, ""
    yield from _lines(rules, node.present_when, depth, f"{before}present when: ")
    if node.absent_when is not None:
        yield from _lines(rules, node.absent_when, depth, f"{before}absent when: ")


def _with_marks(rules: Rules, node: Expression, text: str) -> str:
    return cited(rules, text, node.basis, OURS if isinstance(node, Compare) else OUR_READING)


def _leaf(rules: Rules, node: Present | Asserted | Known | Compare) -> str:
    match node:
        case Present():
            return label(rules, node.finding)
        case Asserted():
            return f"{label(rules, node.finding)}, stated in the record"
        case Known():
            return f"{label(rules, node.finding)}: given"
        case Compare():
            return condition(rules, node)


def condition(rules: Rules, node: Compare) -> str:
    """A comparison in words: what is compared, how, with what limit, and whose limit it is."""
    finding = rules.findings[node.finding]
    if isinstance(node.limit, tuple):
        return f"{finding.label}: {listed([finding.choices.get(word, word) for word in node.limit], 'or')}"
    operator = OPERATORS[node.operator]
    side = {"high": "upper", "low": "lower"}.get(node.laboratory or "", "")
    if node.times_upper is not None:
        return f"{finding.label} {operator} {plain_number(node.times_upper)} times the laboratory's own upper limit"
    if node.limit is None:
        return f"{finding.label} {operator} the laboratory's own {side} limit"
    own = f" (or the laboratory's own {side} limit, if given)" if side else ""
    return f"{finding.label} {operator} {amount(node.limit, finding.unit)}{own}"
