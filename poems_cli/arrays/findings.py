"""Every finding's value in a program: definitions, implications between parent and parts, contradictions, gray zones.

The same two passes as for one patient (``engine/findings.py``). The first says which denials are disputed; a finding denied and
not disputed makes its parts absent in the second. What no denial can reach comes out as the same steps, which run once.
"""

from collections.abc import Mapping
from typing import NamedTuple

from poems_cli.arrays.expressions import Translator
from poems_cli.arrays.program import Value
from poems_cli.engine.findings import gray_numbers, parts_with_barriers, showing_parts
from poems_cli.model import Binds, Finding, Rules


class Resolved(NamedTuple):
    """What the findings come to, in the order of the rules.

    ``reported`` are the values without the absences that only follow from the denial of a whole; ``contradictory`` and ``gray``
    are never unknown, and hold only what can be so in some row.
    """

    values: dict[str, Value]
    reported: dict[str, Value]
    contradictory: dict[str, Value]
    gray: dict[str, Value]


def resolve(rules: Rules, translator: Translator) -> Resolved:
    """The value of every finding that is present or absent."""
    first = _pass(rules, translator, {})
    implied = _implied(rules, translator, first)
    return _pass(rules, translator, implied) if implied else first


def _pass(rules: Rules, translator: Translator, implied: Mapping[str, Value]) -> Resolved:
    """One pass over the findings, parts before parents; ``implied`` says where the denial of a whole makes a part absent."""
    values: dict[str, Value] = {name: translator.said(name) for name in rules.findings}
    found = Resolved(values, {}, {}, {})
    translator = translator.with_values(values)
    for name in rules.order:
        if rules.findings[name].kind == "boolean":
            _add(rules, translator, rules.findings[name], implied.get(name, False), found)
    return found._replace(reported={**values, **found.reported})


def _add(rules: Rules, translator: Translator, finding: Finding, implied: Value, found: Resolved) -> None:
    """Work out one finding from those before it."""
    program, values = translator.program, found.values
    said = translator.said(finding.id)
    defined, disputed = _defined(rules, translator, finding)
    some_part = program.some([values.get(part) for part in showing_parts(rules, finding.id)])
    derived = program.first_known(defined, program.binds(some_part, None))
    contradiction = program.some([disputed, program.differ(said, derived)])
    value = program.unless(program.first_known(said, derived), contradiction)
    in_gray = program.every([_in_gray_zone(rules, translator, finding), program.negated(program.is_known(derived))])
    if implied is not False:
        found.reported[finding.id] = value
        value = program.unless(
            program.first_known(program.first_known(said, derived), program.binds(None, implied)), contradiction
        )
        in_gray = program.every([in_gray, program.some([program.negated(implied), program.is_known(said)])])
    values[finding.id] = value
    if contradiction is not False:
        found.contradictory[finding.id] = contradiction
    if in_gray is not False:
        found.gray[finding.id] = in_gray


def _defined(rules: Rules, translator: Translator, finding: Finding) -> tuple[Value, Value]:
    """What a finding's definition says, and whether it says both that it is present and that it is absent."""
    definition, program = finding.definition, translator.program
    if definition is None:
        return None, False
    if not isinstance(definition, Binds) or definition.absent_when is None:
        return translator.value(definition), False
    present, absent = translator.value(definition.present_when), translator.value(definition.absent_when)
    # Numbers that pull both ways are a gray zone; findings that do contradict each other.
    disputed = False if gray_numbers(rules, finding) else program.both(present, absent)
    return program.binds(present, absent), disputed


def _in_gray_zone(rules: Rules, translator: Translator, finding: Finding) -> Value:
    """Whether a quantity is known that can lie in the finding's gray zone."""
    return translator.program.some([translator.in_column(number) for number in gray_numbers(rules, finding)])


def _implied(rules: Rules, translator: Translator, first: Resolved) -> dict[str, Value]:
    """Of each part, where the denial of a whole makes it absent; of those that a denial can reach."""
    program = translator.program
    implied: dict[str, Value] = {}
    for whole in rules.parts:
        denied = program.holds(program.negated(translator.said(whole)))
        denied = program.every([denied, program.negated(first.contradictory.get(whole, False))])
        if denied is False:
            continue
        for part, barriers in parts_with_barriers(rules, whole):
            present = [program.holds(first.values.get(barrier)) for barrier in barriers]
            reaches = program.every([denied, *[program.negated(barrier) for barrier in present]])
            implied[part] = program.some([implied.get(part, False), reaches])
    return implied
