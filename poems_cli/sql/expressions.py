"""One expression of the rules as a three-valued term."""

from collections.abc import Hashable, Mapping

from poems_cli.engine.expressions import form_of
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
    Operator,
    Present,
    Score,
)
from poems_cli.sql.inputs import Inputs, Measured, exceeds, own_limit, reaches, related, times_limit
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import among, at_least, binds, cases, every, is_known, negated, score, some
from poems_cli.sql.text import KNOWN, Rails, Term, Text

#: Below is the opposite of at least, at most of above; also of what is unknown.
OPPOSITE: Mapping[Operator, Operator] = {"below": "at_least", "at_most": "above"}


class Comparisons:
    """The comparisons of measured values and of choices; one that stands in several expressions is worked out once."""

    def __init__(self, inputs: Inputs, stages: Stages) -> None:
        self.inputs = inputs
        self._stages = stages
        self._compared: dict[Hashable, Term] = {}
        self._known: dict[str, Term] = {}

    def term(self, node: Compare) -> Term:
        """The term of a comparison."""
        if node.operator in OPPOSITE:
            return negated(self.term(node._replace(operator=OPPOSITE[node.operator])))
        key = form_of(node)
        if key not in self._compared:
            name = f"{node.finding}__compared_{len(self._compared)}"
            term = _compared(node, self.inputs)
            measured = self.inputs.measured.get(node.finding)
            if measured is None or measured.sound is None or not isinstance(term, Text):
                self._compared[key] = self._stages.shared(name, term)
            else:
                # Beside a comparator or a limit of the laboratory, a comparison may be unknown though the number is sound.
                is_told = measured.comparator is None and measured.low is None and measured.high is None
                over = self._stages.shared(name, term._replace(values=KNOWN) if is_told else term)
                self._compared[key] = self._stages.shared(f"{name}__sound", cases((measured.sound, over)))
        return self._compared[key]

    def _sound(self, finding: str) -> Rails | None:
        return self.inputs.measured[finding].sound if finding in self.inputs.measured else None

    def known(self, finding: str) -> Term | None:
        """Whether a measured value or a choice is known; ``None`` where the table has neither."""
        sound = self._sound(finding)
        if sound is not None:
            return sound
        column = self.inputs.measured[finding].value if finding in self.inputs.measured else self.inputs.chosen.get(finding)
        if column is None:
            return None
        if finding not in self._known:
            self._known[finding] = self._stages.shared(f"{finding}__known", is_known(column))
        return self._known[finding]


class Translator:
    """Translates expressions, given what the findings are worth."""

    def __init__(self, comparisons: Comparisons, values: Mapping[str, Term]) -> None:
        """``values`` holds the boolean findings worked out so far; one that is missing is unknown."""
        self._comparisons = comparisons
        self._inputs = comparisons.inputs
        self._values = values

    def term(self, node: Expression) -> Term:
        """The term of an expression."""
        match node:
            case Present():
                return self._values.get(node.finding)
            case Compare():
                return self._comparisons.term(node)
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
        known = self._comparisons.known(finding)
        if known is not None:
            return known
        return some([is_known(self._inputs.said.get(finding)), is_known(self._values.get(finding))])

    def _asserted(self, finding: str) -> Term:
        """What was said of a finding; nothing where a contradiction disputes it, since its value then is unknown."""
        said = self._inputs.said.get(finding)
        return None if said is None else cases((is_known(said), self._values.get(finding)))


def _compared(node: Compare, inputs: Inputs) -> Term:
    """A comparison with words, or with a limit from below, as a term."""
    if isinstance(node.limit, tuple):
        chosen = inputs.chosen.get(node.finding)
        return None if chosen is None else among(chosen, node.limit)
    measured = inputs.measured.get(node.finding)
    return None if measured is None else _over(node, measured, strict=node.operator == "above")


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
