"""Three values: what an expression is worth, given what is known, with the trace of why.

Kleene's strong logic: not, all and any as usual; ``at_least k`` is met when k are present, not met when k can no longer be
reached, else undetermined. Every operator but ``Known`` is monotone: learning more never turns a known value round.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from poems_cli.engine.expressions import OPPOSITES
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Binds,
    Compare,
    Comparison,
    Expression,
    Known,
    Not,
    Observed,
    Operator,
    Present,
    Quantity,
    Score,
    Trace,
    Truth,
    Whose,
)


class State(Protocol):
    """What an expression is evaluated against."""

    @property
    def values(self) -> Mapping[str, Truth]:
        """Boolean findings by id; missing or ``None`` is unknown."""

    @property
    def observed(self) -> Mapping[str, Observed]:
        """What the patient's record says, by finding id."""


def negation(value: Truth) -> Truth:
    """Kleene's not."""
    return None if value is None else not value


def at_least(count: int, values: Iterable[Truth]) -> Truth:
    """Whether at least ``count`` of the values are present; ``None`` while both answers are possible."""
    present = possible = 0
    for value in values:
        if value is not False:
            possible += 1
            if value:
                present += 1
    if present >= count:
        return True
    return None if possible >= count else False


def score(needed: float, points: Iterable[float], values: Iterable[Truth]) -> Truth:
    """Whether a sum of points reaches what is needed; ``None`` while the unknown ones can still decide it."""
    lowest, highest = score_range(points, values)
    if lowest >= needed:
        return True
    return None if highest >= needed else False


def score_range(points: Iterable[float], values: Iterable[Truth]) -> tuple[float, float]:
    """The least and the most that a sum of points can still come to."""
    lowest = highest = 0.0
    for worth, value in zip(points, values, strict=True):
        if value or (value is None and worth < 0):
            lowest += worth
        if value or (value is None and worth > 0):
            highest += worth
    return lowest, highest


def binds(present: Truth, absent: Truth) -> Truth:
    """Present when the one condition holds, absent when the other does; unknown when neither or both do."""
    if present and not absent:
        return True
    return False if absent and not present else None


def compare(node: Compare, observed: Observed | None) -> tuple[Truth, Comparison | None]:
    """A comparison's value, and what was compared with what; ``None`` where nothing was measured.

    A comparator in the record is reasoned with: ``>2000`` is above 1000, ``<0.1`` is below 0.2, ``<500`` leaves above 200
    open. The laboratory's own limit, where the rule allows it and the record gives it, replaces the rule's number.
    """
    if isinstance(node.limit, tuple):
        if not isinstance(observed, str):
            return None, None
        return observed in node.limit, Comparison(observed, None, None, node.operator, node.limit)
    if not isinstance(observed, Quantity):
        return None, None
    limit, whose = _limit(node, observed)
    made = Comparison(
        observed.value,
        observed.comparator,
        observed.unit,
        node.operator,
        limit,
        whose,
        node.times_upper,
        observed.given,
        observed.unit_from,
    )
    return None if limit is None else _relation(node.operator, observed, limit), made


def plain_number(value: float) -> str:
    """A number in full: six digits would write 450.0004 as 450, and a count of millions with an exponent."""
    return f"{value:.12g}"


def _limit(node: Compare, quantity: Quantity) -> tuple[float | None, Whose]:
    """The number to compare with, and whose it is."""
    if node.times_upper is not None:
        # Twelve digits, as units are converted: 3 times 1.1 is 3.3, not the 3.3000000000000003 of binary fractions.
        upper = quantity.high
        return None if upper is None else float(plain_number(node.times_upper * upper)), "multiple of laboratory"
    own = quantity.high if node.laboratory == "high" else quantity.low if node.laboratory == "low" else None
    if own is not None:
        return own, "laboratory"
    if isinstance(node.limit, (int, float)):
        return node.limit, "rule"
    return None, "laboratory"


def _relation(operator: Operator, quantity: Quantity, limit: float) -> Truth:
    """Where a value, which may carry a comparator, lies from a limit; ``None`` when the comparator leaves it open."""
    if operator in OPPOSITES:
        return negation(_relation(OPPOSITES[operator], quantity, limit))
    value, comparator = quantity.value, quantity.comparator
    strict = operator == "above"
    if comparator is None:
        return value > limit if strict else value >= limit
    if comparator in (">", ">="):
        reached = value >= limit if comparator == ">" or not strict else value > limit
        return True if reached else None
    excluded = value <= limit if comparator == "<" or strict else value < limit
    return False if excluded else None


def truth(node: Expression, state: State) -> Truth:
    """The value of an expression, without its trace."""
    match node:
        case Present():
            return state.values.get(node.finding)
        case Compare():
            return compare(node, state.observed.get(node.finding))[0]
        case All():
            return _first_to_decide(False, node.children, state)
        case AnyOf():
            return _first_to_decide(True, node.children, state)
        case AtLeast():
            return at_least(node.needed, (truth(child, state) for child in node.children))
        case Not():
            return negation(truth(node.child, state))
        case Score():
            return score(node.needed, node.points, [truth(child, state) for child in node.children])
        case Binds():
            absent = None if node.absent_when is None else truth(node.absent_when, state)
            return binds(truth(node.present_when, state), absent)
        case Known():
            return _known(node.finding, state)
        case Asserted():
            return _asserted(node.finding, state)


def _first_to_decide(deciding: bool, children: Iterable[Expression], state: State) -> Truth:
    """All and any: one child of the deciding value settles it, else one unknown leaves it open."""
    result: Truth = not deciding
    for child in children:
        value = truth(child, state)
        if value is deciding:
            return deciding
        if value is None:
            result = None
    return result


def trace(node: Expression, state: State, inner: Callable[[Expression, State], Trace] | None = None) -> Trace:
    """The value of an expression with the reason: each node its own value, each leaf what it was compared with.

    ``inner`` gives the traces of the nodes within this one; a caller that keeps traces hands out those it has.
    """
    inner = inner or trace
    match node:
        case Present():
            return Trace("finding", state.values.get(node.finding), node.name, node.finding, basis=node.basis)
        case Compare():
            value, comparison = compare(node, state.observed.get(node.finding))
            return Trace("compare", value, node.name, node.finding, comparison, basis=node.basis)
        case All() | AnyOf() | AtLeast():
            children = tuple([inner(child, state) for child in node.children])
            kind, needed = _COUNTING[type(node)], node.needed if isinstance(node, AtLeast) else None
            enough = needed or (1 if kind == "any" else len(children))
            value = at_least(enough, [child.value for child in children])
            return Trace(kind, value, node.name, needed=needed, basis=node.basis, children=children)
        case Not():
            child = inner(node.child, state)
            return Trace("not", negation(child.value), node.name, basis=node.basis, children=(child,))
        case Score():
            return _scored(node, [inner(child, state) for child in node.children])
        case Binds():
            present = inner(node.present_when, state)
            absent = None if node.absent_when is None else inner(node.absent_when, state)
            value = binds(present.value, absent.value if absent else None)
            sides = (present,) if absent is None else (present, absent)
            return Trace("binds", value, node.name, basis=node.basis, children=sides)
        case Known():
            return Trace("known", _known(node.finding, state), node.name, node.finding, basis=node.basis)
        case Asserted():
            return Trace("asserted", _asserted(node.finding, state), node.name, node.finding, basis=node.basis)


def _scored(node: Score, children: list[Trace]) -> Trace:
    """The trace of a sum of points: what each element is worth, and between what the sum lies."""
    values = [child.value for child in children]
    each = zip(children, node.points, strict=True)
    elements = tuple([child._replace(points=worth) for child, worth in each])
    value = score(node.needed, node.points, values)
    reached = score_range(node.points, values)
    return Trace("score", value, node.name, needed=node.needed, basis=node.basis, children=elements, reached=reached)


_COUNTING: dict[type, str] = {All: "all", AnyOf: "any", AtLeast: "at_least"}


def _known(finding: str, state: State) -> bool:
    return finding in state.observed or state.values.get(finding) is not None


def _asserted(finding: str, state: State) -> Truth:
    """What was asserted of the finding; nothing follows from an assertion that a contradiction disputes."""
    asserted = state.observed.get(finding)
    return asserted if isinstance(asserted, bool) and state.values.get(finding) is asserted else None
