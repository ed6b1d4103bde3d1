"""One expression of the rules as a value of a program."""

from collections.abc import Mapping

from poems_cli.arrays.program import ColumnKnown, Compared, Program, Said, Value
from poems_cli.engine.expressions import OPPOSITES, fold
from poems_cli.model import All, AnyOf, Asserted, AtLeast, Binds, Compare, Expression, Known, Not, Present, Score
from poems_cli.tables.columns import Column


class Translator:
    """Translates expressions, given what the findings come to. It is an algebra of :func:`fold`."""

    def __init__(
        self, program: Program, table: Mapping[str, Column], kinds: Mapping[str, str], values: Mapping[str, Value]
    ) -> None:
        """``table`` holds the columns that are read by finding, ``kinds`` the kind of each finding.

        ``values`` are the findings that are present or absent as far as they are worked out; one that is missing is unknown.
        """
        self.logic = program
        self.values = values
        self._table = table
        self._kinds = kinds

    def value(self, node: Expression) -> Value:
        """The value of an expression."""
        return fold(node, self)

    def firm(self, node: Expression) -> Value:
        """The value of an expression where no further answer can change it; elsewhere unknown."""
        return fold(node, _Firm(self.logic, self._table, self._kinds, self.values))

    def with_values(self, values: Mapping[str, Value]) -> "Translator":
        """A translator for other values of the findings."""
        return Translator(self.logic, self._table, self._kinds, values)

    def named(self, name: str, value: Value) -> Value:  # noqa: ARG002
        """The value: a program has no names."""
        return value

    def said(self, finding: str) -> Value:
        """What the table says of a finding that is present or absent."""
        is_said = finding in self._table and self._kinds[finding] == "boolean"
        return self.logic.add(Said(finding)) if is_said else None

    def in_column(self, finding: str) -> Value:
        """Whether the table's own column makes a finding known."""
        return self.logic.add(ColumnKnown(finding)) if finding in self._table else False

    def is_known(self, finding: str) -> Value:
        """Whether anything is known of a finding, asserted or derived."""
        return self.logic.some([self.in_column(finding), self.logic.is_known(self.values.get(finding))])

    def present(self, node: Present) -> Value:
        """The finding is present."""
        return self.values.get(node.finding)

    def compare(self, node: Compare) -> Value:
        """A quantity against a limit, or a choice against words."""
        if node.finding not in self._table:
            return None
        opposite = OPPOSITES.get(node.operator)
        plain = node._replace(operator=opposite or node.operator, name=None, basis=None)
        value = self.logic.add(Compared(plain))
        return self.logic.negated(value) if opposite else value

    def known(self, node: Known) -> Value:
        """Whether the finding is known."""
        return self.is_known(node.finding)

    def asserted(self, node: Asserted) -> Value:
        """What was asserted of the finding itself; nothing where a contradiction disputes it."""
        return self.logic.agreed(self.said(node.finding), self.values.get(node.finding))

    def negated(self, node: Not, child: Value) -> Value:  # noqa: ARG002
        """Kleene's not."""
        return self.logic.negated(child)

    def every(self, node: All, children: list[Value]) -> Value:  # noqa: ARG002
        """Kleene's and."""
        return self.logic.every(children)

    def some(self, node: AnyOf, children: list[Value]) -> Value:  # noqa: ARG002
        """Kleene's or."""
        return self.logic.some(children)

    def at_least(self, node: AtLeast, children: list[Value]) -> Value:
        """At least ``needed`` of the children."""
        return self.logic.at_least(node.needed, children)

    def score(self, node: Score, children: list[Value]) -> Value:
        """A sum of points."""
        return self.logic.score(node.needed, node.points, children)

    def binds(self, node: Binds, present: Value, absent: Value | None) -> Value:  # noqa: ARG002
        """Two conditions that bind one way each."""
        return self.logic.binds(present, absent)


class _Firm(Translator):
    """What holds for good: Kleene's operators never turn a value round, but an opposite that is still open may."""

    def binds(self, node: Binds, present: Value, absent: Value | None) -> Value:
        """For good only once both conditions are known and agree."""
        opposite: Value = False if node.absent_when is None else absent
        surely = self.logic.every([present, self.logic.negated(opposite)])
        surely_not = self.logic.every([self.logic.negated(present), opposite])
        return self.logic.binds(surely, surely_not)
