"""Where the rules cite a source: every expression, entry and fact that names it."""

from collections.abc import Iterator, Mapping
from typing import Any

from poems_cli.model import All, AnyOf, AtLeast, Binds, Expression, Not, Rules


def cited_in(rules: Rules, source: str) -> tuple[str, ...]:
    """The places that cite ``source``, as ``finding platelets``, ``criteria set mayo``, each once."""
    return tuple(dict.fromkeys(place for place, cited in citations(rules) if cited == source))


def citations(rules: Rules) -> Iterator[tuple[str, str]]:
    """Every citation in the rules: the place and the id of the source."""
    for finding in rules.findings.values():
        yield from _in_data(f"finding {finding.id}", finding.texts)
        if finding.definition is not None:
            yield from _in_expression(f"finding {finding.id}", finding.definition)
    for criteria in rules.criteria.values():
        place = f"criteria set {criteria.id}"
        yield place, criteria.source
        yield from _in_data(place, criteria.texts)
        for level in criteria.levels:
            yield from _in_expression(place, level.expression)
    for test in rules.tests.values():
        yield from _in_data(f"test {test.id}", test.texts)
    for warning in rules.warnings:
        if warning.basis.source:
            yield f"warning {warning.id}", warning.basis.source
        yield from _in_expression(f"warning {warning.id}", warning.when)
    yield from _in_data("syndrome poems", rules.syndrome)


def _in_expression(place: str, node: Expression) -> Iterator[tuple[str, str]]:
    if node.basis is not None and node.basis.source:
        yield place, node.basis.source
    match node:
        case All() | AnyOf() | AtLeast():
            for child in node.children:
                yield from _in_expression(place, child)
        case Not():
            yield from _in_expression(place, node.child)
        case Binds():
            yield from _in_expression(place, node.present_when)
            if node.absent_when is not None:
                yield from _in_expression(place, node.absent_when)
        case _:
            return


def _in_data(place: str, data: Any) -> Iterator[tuple[str, str]]:
    """The citations inside an entry's texts, however deep."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "source" and isinstance(value, str):
                yield place, value
            elif key == "more_sources":
                yield from ((place, one) for one in value)
            else:
                yield from _in_data(place, value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _in_data(place, value)
