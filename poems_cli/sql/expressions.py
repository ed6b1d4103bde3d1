"""One expression of the rules as a three-valued term."""

from collections.abc import Hashable, Mapping

from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Binds,
    Compare,
    Expression,
    Known,
    Not,
    Present,
    Score,
)
from poems_cli.sql.inputs import Inputs, Measured, exceeds, own_limit, reaches, related, times_limit
from poems_cli.sql.terms import (
    Term,
    among,
    at_least,
    binds,
    cases,
    every,
    is_known,
    negated,
    score,
    some,
)


def form_of(node: Expression) -> Hashable:
    """What an expression says, apart from its name and source, to be compared with others.

    The expressions themselves cannot be: they are tuples, and ``all`` of some findings equals ``any`` of them.
    """
    match node:
        case Not():
            return Not, form_of(node.child)
        case Binds():
            return Binds, form_of(node.present_when), None if node.absent_when is None else form_of(node.absent_when)
        case All() | AnyOf() | AtLeast() | Score():
            children = tuple([form_of(child) for child in node.children])
            return type(node), node._replace(children=(), name=None, basis=None), children
        case _:
            return type(node), node._replace(name=None, basis=None)


class Translator:
    """Translates expressions, given what the findings are worth."""

    def __init__(self, inputs: Inputs, values: Mapping[str, Term]) -> None:
        """``values`` holds the boolean findings worked out so far; one that is missing is unknown."""
        self._inputs = inputs
        self._values = values

    def term(self, node: Expression) -> Term:
        """The term of an expression."""
        match node:
            case Present():
                return self._values.get(node.finding)
            case Compare():
                return compared(node, self._inputs)
            case All():
                return every([self.term(child) for child in node.children])
            case AnyOf():
                return some([self.term(child) for child in node.children])
            case AtLeast():
                return at_least(node.needed, [self.term(child) for child in node.children])
            case Not():
                return negated(self.term(node.child))
            case Score():
                return score(node.needed, node.points, [self.term(child) for child in node.children])
            case Binds():
                absent = None if node.absent_when is None else self.term(node.absent_when)
                return binds(self.term(node.present_when), absent)
            case Known():
                return self.known(node.finding)
            case Asserted():
                return self._asserted(node.finding)

    def known(self, finding: str) -> Term:
        """Whether anything is known of a finding, said or derived."""
        if finding in self._inputs.measured:
            return is_known(self._inputs.measured[finding].value)
        if finding in self._inputs.chosen:
            return is_known(self._inputs.chosen[finding])
        return some([is_known(self._inputs.said.get(finding)), is_known(self._values.get(finding))])

    def _asserted(self, finding: str) -> Term:
        """What was said of a finding; nothing where a contradiction disputes it, since its value then is unknown."""
        said = self._inputs.said.get(finding)
        return None if said is None else cases((is_known(said), self._values.get(finding)))


def compared(node: Compare, inputs: Inputs) -> Term:
    """A comparison as a term."""
    if isinstance(node.limit, tuple):
        chosen = inputs.chosen.get(node.finding)
        return None if chosen is None else among(chosen, node.limit)
    measured = inputs.measured.get(node.finding)
    if measured is None:
        return None
    if node.operator in ("below", "at_most"):  # below is the opposite of at least, at most of above
        return negated(_over(node, measured, strict=node.operator == "at_most"))
    return _over(node, measured, strict=node.operator == "above")


def _over(node: Compare, measured: Measured, strict: bool) -> Term:
    """Whether a value is above the limit, or at least it, with the laboratory's own limit where there is one."""
    if node.times_upper is not None:
        if measured.high is None:
            return None
        over = related(measured, strict, *times_limit(measured, node.times_upper, measured.high))
        return cases((is_known(measured.high), over))
    own = {"low": measured.low, "high": measured.high, None: None}[node.laboratory]
    fixed: Term = None
    if isinstance(node.limit, (int, float)):
        fixed = related(measured, strict, exceeds(measured, node.limit), reaches(measured, node.limit))
    if own is None:
        return fixed
    return cases((is_known(own), related(measured, strict, *own_limit(measured, own))), otherwise=fixed)
