"""Where the rules cite a source: every expression, entry and fact that names it."""

from collections.abc import Iterable, Iterator

from poems_cli.engine.expressions import nodes
from poems_cli.model import Basis, CriteriaSet, Expression, Fact, FollowUp, Rules


def cited_in(rules: Rules, source: str) -> tuple[str, ...]:
    """The places that cite ``source``, as ``finding platelets``, ``criteria set mayo``, each once."""
    return tuple(dict.fromkeys(place for place, cited in citations(rules) if cited == source))


def citations(rules: Rules) -> Iterator[tuple[str, str]]:
    """Every citation in the rules: the place and the id of the source."""
    for finding in rules.findings.values():
        place = f"finding {finding.id}"
        yield from _of_basis(place, finding.basis, finding.usual.basis if finding.usual else None)
        if finding.definition is not None:
            yield from _in_expression(place, finding.definition)
    for criteria in rules.criteria.values():
        yield from _in_criteria(criteria)
    for test in rules.tests.values():
        yield from _of_basis(f"test {test.id}", test.basis)
        if test.sensible_when is not None:
            yield from _in_expression(f"test {test.id}", test.sensible_when)
    for warning in rules.warnings:
        if warning.basis.source:
            yield f"warning {warning.id}", warning.basis.source
        yield from _in_expression(f"warning {warning.id}", warning.when)
    yield from of_syndrome(rules)
    for cause in rules.causes:
        yield from _of(f"cause {cause.id}", cause.basis, cause.when)
    for uncounted in rules.uncounted:
        yield from _of(f"not counted {uncounted.id}", uncounted.basis, None)
    for stage in rules.staging:
        yield from _of(f"staging {stage.id}", stage.basis, None)
        yield from ((f"staging {stage.id}", source) for source in stage.more_sources)
    yield from _in_mimics(rules)


def of_syndrome(rules: Rules) -> Iterator[tuple[str, str]]:
    """The citations in the description of the syndrome itself."""
    place, syndrome = _place_of_syndrome(rules), rules.syndrome
    yield from _of_facts(place, [letter.fact for letter in syndrome.letters])
    for section in syndrome.sections:
        yield from _of_facts(place, section.facts)
    yield from _of_basis(place, *[code.basis for code in syndrome.codes.values()])


def _place_of_syndrome(rules: Rules) -> str:
    """The place of the syndrome's description, and of its own evidence."""
    return f"syndrome {rules.identity.id}"


def _in_mimics(rules: Rules) -> Iterator[tuple[str, str]]:
    for mimic in (*rules.mimics.values(), *filter(None, [rules.profile])):
        place = f"mimic {mimic.id}" if mimic.id in rules.mimics else _place_of_syndrome(rules)
        urgency = mimic.urgency.basis if mimic.urgency is not None else None
        yield from _of_basis(place, mimic.frequency.basis, urgency, mimic.settled_by.basis)
        for item in mimic.evidence:
            yield from _of(place, item.basis, item.when)
            if item.reference.source:
                yield place, item.reference.source
        for settles in filter(None, (mimic.confirmed, mimic.excluded)):
            yield from _in_expression(place, settles.when)
        yield from _in_expression(place, mimic.consider_when)
    for criteria in rules.mimic_criteria.values():
        yield from _in_criteria(criteria)
    for flag in rules.red_flags:
        yield from _of(f"red flag {flag.id}", flag.basis, flag.when)
    yield from _of_basis("red flags", *[label.basis for label in rules.labels.values()])
    yield from _of_basis("evidence", rules.evidence.basis)
    if rules.outlook is not None:
        yield from _of_basis("outlook", rules.outlook.survival.basis if rules.outlook.survival else None)
        for factor in (*rules.outlook.factors, *rules.outlook.fork):
            yield from _of(f"outlook {factor.id}", factor.basis, factor.when)
        for note in rules.outlook.notes:
            yield from _of_facts(f"outlook {note.id}", note.facts)
        if rules.outlook.follow_up is not None:
            yield from _in_follow_up(rules.outlook.follow_up)


def _in_follow_up(follow_up: FollowUp) -> Iterator[tuple[str, str]]:
    for domain in follow_up.response:
        for level in domain.levels:
            place = f"response {domain.id}_{level.id}"
            yield from _of(place, level.basis, None)
            for way in level.ways:
                for expression in (way.baseline, way.now):
                    if expression is not None:
                        yield from _in_expression(place, expression)
    if follow_up.clinical_response is not None:
        yield from _of_facts("response clinical", [follow_up.clinical_response])
    for landmark in follow_up.landmarks:
        yield from _in_expression(f"landmark {landmark.id}", landmark.when)
        yield from _of_facts(f"landmark {landmark.id}", landmark.facts)


def _of_facts(place: str, facts: Iterable[Fact]) -> Iterator[tuple[str, str]]:
    yield from _of_basis(place, *[fact.basis for fact in facts])


def _of_basis(place: str, *bases: Basis | None) -> Iterator[tuple[str, str]]:
    yield from ((place, basis.source) for basis in bases if basis is not None and basis.source)


def _of(place: str, basis: Basis, when: Expression | None) -> Iterator[tuple[str, str]]:
    yield from _of_basis(place, basis)
    if when is not None:
        yield from _in_expression(place, when)


def _in_criteria(criteria: CriteriaSet) -> Iterator[tuple[str, str]]:
    place = f"criteria set {criteria.id}"
    yield from ((place, source) for source in (criteria.source, *criteria.more_sources))
    for level in criteria.levels:
        yield from _in_expression(place, level.expression)


def _in_expression(place: str, expression: Expression) -> Iterator[tuple[str, str]]:
    yield from _of_basis(place, *[node.basis for node in nodes(expression)])
