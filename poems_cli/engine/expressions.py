"""Walking the expressions of the rules: the one place that knows what each operator holds.

A new operator is a record in ``model/expressions.py``, a case here and a method of each algebra; a type checker finds the
algebras that lack it.
"""

from collections.abc import Hashable, Iterator, Mapping
from typing import Protocol, TypeAlias, TypeVar

from poems_cli.model import All, AnyOf, Asserted, AtLeast, Binds, Compare, Expression, Known, Not, Operator, Present, Score

T = TypeVar("T")
Leaf: TypeAlias = Present | Compare | Known | Asserted
#: Below is the opposite of at least, at most of above; also of what is unknown.
OPPOSITES: Mapping[Operator, Operator] = {"below": "at_least", "at_most": "above"}


class Algebra(Protocol[T]):
    """What each operator makes of its operands: a truth, a trace, bit planes, SQL."""

    def present(self, node: Present) -> T:
        """The finding is present."""

    def compare(self, node: Compare) -> T:
        """A quantity against a limit, or a choice against words."""

    def known(self, node: Known) -> T:
        """Whether the finding is known."""

    def asserted(self, node: Asserted) -> T:
        """What was asserted of the finding itself."""

    def negated(self, node: Not, child: T) -> T:
        """Kleene's not."""

    def every(self, node: All, children: list[T]) -> T:
        """Kleene's and."""

    def some(self, node: AnyOf, children: list[T]) -> T:
        """Kleene's or."""

    def at_least(self, node: AtLeast, children: list[T]) -> T:
        """At least ``needed`` of the children."""

    def score(self, node: Score, children: list[T]) -> T:
        """A sum of points against what is needed."""

    def binds(self, node: Binds, present: T, absent: T | None) -> T:
        """Two conditions that bind one way each; ``absent`` is ``None`` where the definition has only the first."""


def fold(node: Expression, algebra: Algebra[T]) -> T:
    """What an algebra makes of an expression, from the leaves up."""
    match node:
        case Present():
            return algebra.present(node)
        case Compare():
            return algebra.compare(node)
        case Known():
            return algebra.known(node)
        case Asserted():
            return algebra.asserted(node)
        case Not():
            return algebra.negated(node, fold(node.child, algebra))
        case Binds():
            absent = None if node.absent_when is None else fold(node.absent_when, algebra)
            return algebra.binds(node, fold(node.present_when, algebra), absent)
        case _:
            children = [fold(child, algebra) for child in node.children]
    match node:
        case All():
            return algebra.every(node, children)
        case AnyOf():
            return algebra.some(node, children)
        case AtLeast():
            return algebra.at_least(node, children)
        case Score():
            return algebra.score(node, children)


def children_of(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly within one, left to right."""
    match node:
        case All() | AnyOf() | AtLeast() | Score():
            return node.children
        case Not():
            return (node.child,)
        case Binds():
            return (node.present_when,) if node.absent_when is None else (node.present_when, node.absent_when)
        case _:
            return ()


def leaves(node: Expression) -> Iterator[Leaf]:
    """The leaves of an expression, left to right."""
    if isinstance(node, Leaf):
        yield node
    for child in children_of(node):
        yield from leaves(child)


def nodes(node: Expression) -> Iterator[Expression]:
    """An expression and all within it, each before its children."""
    yield node
    for child in children_of(node):
        yield from nodes(child)


def form_of(node: Expression) -> Hashable:
    """What an expression says, apart from its name and source: equal for those that mean the same word for word."""
    return (type(node), *_own(node), *map(form_of, children_of(node)))


def _own(node: Expression) -> tuple[Hashable, ...]:
    """What an operator holds besides the expressions within it."""
    match node:
        case Present() | Known() | Asserted():
            return (node.finding,)
        case Compare():
            return node.finding, node.operator, node.limit, node.laboratory, node.times_upper
        case AtLeast():
            return (node.needed,)
        case Score():
            return node.needed, node.points
        case Binds():
            return (node.absent_when is None,)
        case _:
            return ()
