"""The expressions of the rules in all rows of a table, written once for the program over columns and for SQL.

A value is the same in every row (true, false, or ``None`` for unknown), or it is ``Open``, and differs from row to row: the
result of a step of the program, or an expression of SQL.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Generic, Protocol, Self, TypeVar

from poems_cli.engine.expressions import fold
from poems_cli.model import All, AnyOf, Asserted, AtLeast, Binds, Compare, Expression, Known, Not, Present, Score, Truth

Open = TypeVar("Open")


class _Logic(Protocol[Open]):
    """Kleene's logic, and what is never unknown: whether a value holds or is known, two hold, or two are known and differ."""

    def negated(self, value: Truth | Open, /) -> Truth | Open: ...
    def every(self, values: Sequence[Truth | Open], /) -> Truth | Open: ...
    def some(self, values: Sequence[Truth | Open], /) -> Truth | Open: ...
    def at_least(self, needed: int, values: Sequence[Truth | Open], /) -> Truth | Open: ...
    def score(self, needed: float, points: Sequence[float], values: Sequence[Truth | Open], /) -> Truth | Open: ...
    def binds(self, present: Truth | Open, absent: Truth | Open, /) -> Truth | Open: ...
    def holds(self, value: Truth | Open, /) -> Truth | Open: ...
    def is_known(self, value: Truth | Open, /) -> Truth | Open: ...
    def both(self, first: Truth | Open, second: Truth | Open, /) -> Truth | Open: ...
    def differ(self, first: Truth | Open, second: Truth | Open, /) -> Truth | Open: ...
    def first_known(self, first: Truth | Open, second: Truth | Open, /) -> Truth | Open: ...
    def unless(self, value: Truth | Open, unknown_where: Truth | Open, /) -> Truth | Open: ...


class TableAlgebra(ABC, Generic[Open]):
    """What each operator of an expression makes of its operands in all rows: an algebra of :func:`fold`."""

    def __init__(self, logic: _Logic[Open], values: Mapping[str, Truth | Open]) -> None:
        """``values`` are the findings that are present or absent as far as they are worked out; a missing one is unknown."""
        self.logic = logic
        self.values = values

    @abstractmethod
    def said(self, finding: str) -> Truth | Open:
        """What the table says of a finding that is present or absent."""

    @abstractmethod
    def in_column(self, finding: str) -> Truth | Open:
        """Whether the table's own column makes a finding known."""

    @abstractmethod
    def compare(self, node: Compare) -> Truth | Open:
        """A quantity against a limit, or a choice against words."""

    @abstractmethod
    def asserted(self, node: Asserted) -> Truth | Open:
        """What was asserted of the finding itself; nothing where a contradiction disputes it."""

    def named(self, name: str, value: Truth | Open) -> Truth | Open:  # noqa: ARG002
        """A value that is used more than once, under a name where it needs one."""
        return value

    def with_values(self, values: Mapping[str, Truth | Open]) -> Self:
        """The same for other values of the findings."""
        other = copy(self)
        other.values = values
        return other

    def value(self, node: Expression) -> Truth | Open:
        """The value of an expression."""
        return fold(node, self)

    def is_known(self, finding: str) -> Truth | Open:
        """Whether anything is known of a finding: asserted, measured or derived."""
        return self.logic.some([self.in_column(finding), self.logic.is_known(self.values.get(finding))])

    def present(self, node: Present) -> Truth | Open:
        """The finding is present."""
        return self.values.get(node.finding)

    def known(self, node: Known) -> Truth | Open:
        """Whether the finding is known."""
        return self.is_known(node.finding)

    def negated(self, node: Not, child: Truth | Open) -> Truth | Open:  # noqa: ARG002  (the algebra's signature)
        """Kleene's not."""
        return self.logic.negated(child)

    def every(self, node: All, children: list[Truth | Open]) -> Truth | Open:  # noqa: ARG002
        """Kleene's and."""
        return self.logic.every(children)

    def some(self, node: AnyOf, children: list[Truth | Open]) -> Truth | Open:  # noqa: ARG002
        """Kleene's or."""
        return self.logic.some(children)

    def at_least(self, node: AtLeast, children: list[Truth | Open]) -> Truth | Open:
        """At least ``needed`` of the children."""
        return self.logic.at_least(node.needed, [self.named("element", child) for child in children])

    def score(self, node: Score, children: list[Truth | Open]) -> Truth | Open:
        """A sum of points against what is needed."""
        return self.logic.score(node.needed, node.points, [self.named("element", child) for child in children])

    def binds(self, node: Binds, present: Truth | Open, absent: Truth | Open | None) -> Truth | Open:  # noqa: ARG002
        """Two conditions that bind one way each."""
        return self.logic.binds(self.named("present_when", present), self.named("absent_when", absent))
