"""Where the rules cite a source: every expression, entry and fact that names it."""

from collections.abc import Iterable, Iterator
from typing import Any

from poems_cli.model import Basis, CriteriaSet, Evidence, Frequency, Rules, Stage

_CITING = (Basis, CriteriaSet, Frequency)
_CITING_MORE = (CriteriaSet, Stage)
_HOLDING = (tuple, dict)


def cited_in(rules: Rules, source: str) -> tuple[str, ...]:
    """The places that cite ``source``, as ``finding platelets``, ``criteria set mayo``, each once."""
    return tuple(dict.fromkeys(place for place, cited in citations(rules) if cited == source))


def citations(rules: Rules) -> Iterator[tuple[str, str]]:
    """Every citation in the rules: the place and the id of the source."""
    for place, part in _places(rules):
        yield from ((place, source) for source in _sources(part))


def of_syndrome(rules: Rules) -> Iterator[tuple[str, str]]:
    """The citations in the description of the syndrome itself."""
    yield from ((f"syndrome {rules.identity.id}", source) for source in _sources(rules.syndrome))


def _places(rules: Rules) -> Iterator[tuple[str, Any]]:
    """The parts of the rules that cite sources, by what each is called."""
    syndrome = f"syndrome {rules.identity.id}"
    yield from _each("finding", rules.findings.values())
    yield from _each("criteria set", rules.criteria.values())
    yield from _each("test", rules.tests.values())
    yield from _each("warning", rules.warnings)
    yield syndrome, rules.syndrome
    yield from _each("cause", rules.causes)
    yield from _each("not counted", rules.uncounted)
    yield from _each("staging", rules.staging)
    yield from _each("mimic", rules.mimics.values())
    yield syndrome, rules.profile or ()
    yield from _each("criteria set", rules.mimic_criteria.values())
    yield from _each("red flag", rules.red_flags)
    yield "red flags", rules.labels
    yield "evidence", rules.evidence
    if rules.outlook is not None:
        yield "outlook", rules.outlook.survival
        yield from _each("outlook", (*rules.outlook.factors, *rules.outlook.fork, *rules.outlook.notes))
        if rules.outlook.follow_up is not None:
            for domain in rules.outlook.follow_up.response:
                yield from ((f"response {domain.id}_{level.id}", level) for level in domain.levels)
            yield "response clinical", rules.outlook.follow_up.clinical_response
            yield from _each("landmark", rules.outlook.follow_up.landmarks)


def _each(what: str, parts: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    yield from ((f"{what} {part.id}", part) for part in parts)


def _sources(part: Any) -> Iterator[str]:
    """The sources that a part of the rules names, itself and in all that it holds."""
    if isinstance(part, _CITING) and part.source:
        yield part.source
    if isinstance(part, _CITING_MORE):
        yield from part.more_sources
    if isinstance(part, Evidence):
        part = (part.when, part.basis, part.reference)  # the other figure has the source of the item
    for within in part.values() if isinstance(part, dict) else part:
        if isinstance(within, _HOLDING):
            yield from _sources(within)
