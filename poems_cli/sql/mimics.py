"""The mimics of a row in order, as one whole number each: what is greater stands before what is less.

The number holds, from its highest part down, the evidence in tenths, and the place among equals by how common a mimic is and by
its id. It is 0 where the mimic is not to be considered.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from poems_cli.engine.answer_columns import MIMICS
from poems_cli.engine.differential import Differential, MimicConditions
from poems_cli.model import Evidence, Rules
from poems_cli.sql.expressions import Translator
from poems_cli.sql.findings import Resolved
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import as_text, cases, every, holds, is_open, negated, some
from poems_cli.sql.text import Term, Text, text, total, whole

_NOTHING = whole(0)
_EVIDENCE = 1_000_000  # no sum of weights, in tenths, comes near


class MimicRanks(NamedTuple):
    """The first mimics of a row: ``places`` are columns whose remainder by ``modulus`` is the position in ``ids``.

    Position 0 stands for none.
    """

    ids: tuple[str, ...]
    modulus: int
    places: tuple[Text, ...]


def ranked(rules: Rules, resolved: Resolved, stages: Stages) -> MimicRanks:
    """The first mimics to consider of each row."""
    conditions = sorted(Differential(rules).conditions(), key=lambda one: (one.mimic.commonness, one.mimic.id), reverse=True)
    modulus = len(conditions) + 1
    numbers = []
    for position, one in enumerate(conditions, 1):
        number = _number(rules, one, position, modulus, resolved, stages)
        if number is not None:
            numbers.append(number)
    places: list[Text] = []
    if numbers:
        for place in range(1, MIMICS + 1):
            left = [_below(number, places[-1]) for number in numbers] if places else numbers
            places.append(stages.add(f"mimics__{place}", _greatest(left)))
    return MimicRanks(("", *[one.mimic.id for one in conditions]), modulus, tuple(places))


def _number(rules: Rules, one: MimicConditions, position: int, modulus: int, resolved: Resolved, stages: Stages) -> Text | None:
    """The number of one mimic, as a column; ``None`` where the table can never bring it up."""
    translator = resolved.translator

    def value(name: str, term: Term) -> Term:
        return stages.define(f"mimic_{one.mimic.id}__{name}", term)

    called = value("called", translator.term(one.calls))
    confirmed = None if one.mimic.confirmed is None else value("confirmed", translator.term(one.mimic.confirmed.when))
    excluded = None if one.mimic.excluded is None else value("excluded", translator.term(one.mimic.excluded.when))
    weighed = [as_text(_heaviest(translator, items)) for items in _counted_once(one.mimic.evidence)]
    sums = [_NOTHING, *[weight for weight in weighed if weight != _NOTHING]]
    evidence = stages.add(f"mimic_{one.mimic.id}__evidence", total(sums)) if len(sums) > 1 else _NOTHING
    in_favor = every([holds(called), text(f"{{}} >= {round(rules.evidence.less_likely * 10)}", evidence)])
    considered = every([some([holds(confirmed), in_favor]), some([negated(holds(excluded)), holds(confirmed)])])
    if not is_open(considered):
        return None
    key = text(f"({{}} + {_EVIDENCE}) * {modulus} + {position}", evidence)
    number = cases((considered, key), otherwise=whole(0))
    return stages.add(f"mimic_{one.mimic.id}__number", as_text(number))


def _counted_once(evidence: Iterable[Evidence]) -> Iterable[list[Evidence]]:
    """The items of evidence, those together of which only the heaviest counts."""
    groups: dict[object, list[Evidence]] = {}
    for number, item in enumerate(evidence):
        groups.setdefault(number if item.once is None else item.once, []).append(item)
    return groups.values()


def _heaviest(translator: Translator, items: Sequence[Evidence]) -> Term:
    """What the items weigh, in tenths: of those that do the heaviest."""
    terms = [(item, translator.term(item.when)) for item in items]
    sides = [(item.present, term) for item, term in terms] + [(item.absent, negated(term)) for item, term in terms]
    heaviest = sorted([side for side in sides if side[0]], key=lambda side: (-abs(side[0]), -side[0]))
    return cases(*[(term, whole(round(weight * 10))) for weight, term in heaviest], otherwise=_NOTHING)


def _below(number: Text, place: Text) -> Text:
    return text("CASE WHEN {} < {} THEN {} ELSE 0 END", number, place, number)


def _greatest(numbers: Sequence[Text]) -> Text:
    return Text(
        f"GREATEST({', '.join(one.sql for one in numbers)})" if len(numbers) > 1 else numbers[0].sql,
        frozenset().union(*[one.columns for one in numbers]),
    )
