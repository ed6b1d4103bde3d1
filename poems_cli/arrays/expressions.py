"""One expression of the rules as a value of a program."""

from collections.abc import Mapping

from poems_cli.arrays.program import ColumnKnown, Compared, Program, Result, Said, Value
from poems_cli.engine.expressions import OPPOSITES, fold
from poems_cli.engine.table_algebra import TableAlgebra
from poems_cli.model import Asserted, Binds, Compare, Expression
from poems_cli.tables.columns import Column


class Translator(TableAlgebra[Result]):
    """Translates expressions, given what the findings come to."""

    logic: Program

    def __init__(
        self, program: Program, table: Mapping[str, Column], kinds: Mapping[str, str], values: Mapping[str, Value]
    ) -> None:
        """``table`` holds the columns that are read by finding, ``kinds`` the kind of each finding."""
        super().__init__(program, values)
        self._table = table
        self._kinds = kinds

    def firm(self, node: Expression) -> Value:
        """The value of an expression where no further answer can change it; elsewhere unknown."""
        return fold(node, _Firm(self.logic, self._table, self._kinds, self.values))

    def said(self, finding: str) -> Value:
        """What the table says of a finding that is present or absent."""
        is_said = finding in self._table and self._kinds[finding] == "boolean"
        return self.logic.add(Said(finding)) if is_said else None

    def in_column(self, finding: str) -> Value:
        """Whether the table's own column makes a finding known."""
        return self.logic.add(ColumnKnown(finding)) if finding in self._table else False

    def compare(self, node: Compare) -> Value:
        """A quantity against a limit, or a choice against words."""
        if node.finding not in self._table:
            return None
        opposite = OPPOSITES.get(node.operator)
        plain = node._replace(operator=opposite or node.operator, name=None, basis=None)
        value = self.logic.add(Compared(plain))
        return self.logic.negated(value) if opposite else value

    def asserted(self, node: Asserted) -> Value:
        """What was asserted of the finding itself; nothing where a contradiction disputes it."""
        return self.logic.agreed(self.said(node.finding), self.values.get(node.finding))


class _Firm(Translator):
    """What holds for good: Kleene's operators never turn a value round, but an opposite that is still open may."""

    def binds(self, node: Binds, present: Value, absent: Value | None) -> Value:
        """For good only once both conditions are known and agree."""
        opposite: Value = False if node.absent_when is None else absent
        surely = self.logic.every([present, self.logic.negated(opposite)])
        surely_not = self.logic.every([self.logic.negated(present), opposite])
        return self.logic.binds(surely, surely_not)
