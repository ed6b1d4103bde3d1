"""The conditions that the rules are written in, each with what it rests on; and the three values that they have."""

from typing import Literal, NamedTuple, TypeAlias, TypeVar

Truth: TypeAlias = bool | None
Operator: TypeAlias = Literal["above", "at_least", "below", "at_most", "is"]
Side: TypeAlias = Literal["low", "high"]
Node = TypeVar("Node", bound=tuple[object, ...])


def _equal(this: tuple[object, ...], other: object) -> bool:
    return type(this) is type(other) and tuple.__eq__(this, other)


def _unequal(this: tuple[object, ...], other: object) -> bool:
    return not _equal(this, other)


def nominal(record: type[Node]) -> type[Node]:
    """A named tuple that equals none of another class: as tuples, all of a and b would equal any of a and b."""
    for name, method in (("__eq__", _equal), ("__ne__", _unequal), ("__hash__", tuple.__hash__)):
        setattr(record, name, method)
    return record


class Basis(NamedTuple):
    """What a condition rests on: ``source`` is an id of the sources, ``read`` overrides what that source says was read.

    ``default`` marks a limit that no paper gives: it is this program's own, and marked wherever it decides something.
    """

    source: str | None = None
    read: str | None = None
    default: bool = False
    note: str | None = None

    @property
    def is_founded(self) -> bool:
        """Whether it says what something rests on: a source, what was read, or that it is this program's own."""
        return bool(self.source or self.read or self.default)


@nominal
class Present(NamedTuple):
    """The finding is present."""

    finding: str
    name: str | None = None
    basis: Basis | None = None


@nominal
class Asserted(NamedTuple):
    """What was asserted of the finding itself, whatever follows from its parts."""

    finding: str
    name: str | None = None
    basis: Basis | None = None


@nominal
class Known(NamedTuple):
    """Whether the finding is known: true or false, never unknown. For definitions and warnings only."""

    finding: str
    name: str | None = None
    basis: Basis | None = None


@nominal
class Compare(NamedTuple):
    """A quantity against a limit, in the finding's canonical unit, or a choice against its words.

    ``limit`` is a number, ``None`` for the laboratory's own limit alone, or a tuple of words for a choice. ``laboratory``
    names the side of the laboratory's own range that replaces the number when it was given with the value.
    ``times_upper`` makes the limit that multiple of the laboratory's own upper limit.
    """

    finding: str
    operator: Operator
    limit: float | tuple[str, ...] | None
    laboratory: Side | None = None
    times_upper: float | None = None
    name: str | None = None
    basis: Basis | None = None


@nominal
class Not(NamedTuple):
    """Kleene's not: unknown stays unknown."""

    child: "Expression"
    name: str | None = None
    basis: Basis | None = None


@nominal
class All(NamedTuple):
    """Kleene's and, over any number of children."""

    children: tuple["Expression", ...]
    name: str | None = None
    basis: Basis | None = None


@nominal
class AnyOf(NamedTuple):
    """Kleene's or, over any number of children."""

    children: tuple["Expression", ...]
    name: str | None = None
    basis: Basis | None = None


@nominal
class AtLeast(NamedTuple):
    """At least ``needed`` of the children: met when that many are present, not met when that many can no longer be."""

    needed: int
    children: tuple["Expression", ...]
    name: str | None = None
    basis: Basis | None = None


@nominal
class Score(NamedTuple):
    """A sum of points: met when it reaches ``needed`` whatever the unknown ones turn out to be, not met when it no longer can.

    ``points`` belong to the children in their order; a negative number takes points away where its child is present.
    """

    needed: float
    children: tuple["Expression", ...]
    points: tuple[float, ...]
    name: str | None = None
    basis: Basis | None = None


@nominal
class Binds(NamedTuple):
    """Two conditions that bind one way each: present when the first holds, absent when the second does, else unknown.

    Where both hold they contradict each other, and the value is unknown.
    """

    present_when: "Expression"
    absent_when: "Expression | None" = None
    name: str | None = None
    basis: Basis | None = None


Expression: TypeAlias = Present | Asserted | Known | Compare | Not | All | AnyOf | AtLeast | Score | Binds
