"""What is known of one patient: the record as understood, and every finding's value with what decided it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.model.expressions import Basis, Operator, Truth
from poems_cli.units import UnitFrom

#: Whose limit a value was compared with: the rule's, the laboratory's own, or a multiple of the laboratory's own.
Whose: TypeAlias = Literal["rule", "laboratory", "multiple of laboratory"]
Comparator: TypeAlias = Literal["<", "<=", ">", ">="]


class Given(NamedTuple):
    """A number as the record gave it, in a unit other than the canonical one."""

    value: float
    unit: str


class Quantity(NamedTuple):
    """A measured value in the finding's canonical unit.

    ``comparator`` is kept as the laboratory wrote it (``<0.1``, ``>2000``); ``low`` and ``high`` are the laboratory's own
    limits, given with the value. ``given`` is the value in the record's own unit; ``None`` where that is the canonical one.
    ``unit_from`` says whether the record gave the unit; it is assumed where the number has no other reading.
    """

    value: float
    unit: str
    comparator: Comparator | None = None
    low: float | None = None
    high: float | None = None
    given: Given | None = None
    unit_from: UnitFrom = "given"


Observed: TypeAlias = bool | str | Quantity


class Refused(NamedTuple):
    """An entry of a record that was not understood: its key, what is wrong, and how to mend it. It counts as unknown.

    ``key`` is the finding's id, or another key as the record has it; ``None`` where the key may be the patient's own data.
    """

    key: str | None
    what: str
    mend: str


class Patient(NamedTuple):
    """One patient's findings as understood: only what is known is in ``observed``; ``reasons`` says why others are not.

    ``notes`` are remarks on the record; ``refused`` is what of it was not understood.
    """

    id: str
    observed: Mapping[str, Observed]
    reasons: Mapping[str, str]
    notes: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()


class Comparison(NamedTuple):
    """What was compared with what: a quantity with a limit, in the finding's canonical unit, or a choice with its words.

    ``value`` is the number measured or the word chosen. ``limit`` is a number, a tuple of words, or ``None`` where the rule
    asks for the laboratory's own limit and none was given; ``whose`` says whose limit it is, ``times`` which multiple of the
    laboratory's own. ``given`` is the value in the record's own unit, where that is another one; ``unit_from`` as in the value.
    """

    value: float | str
    comparator: Comparator | None
    unit: str | None
    operator: Operator
    limit: float | tuple[str, ...] | None
    whose: Whose = "rule"
    times: float | None = None
    given: Given | None = None
    unit_from: UnitFrom = "given"


class Trace(NamedTuple):
    """One node of an expression with its value and what decided it: data, which ``report`` puts into words.

    ``kind`` is the operator; ``finding`` and ``comparison`` belong to leaves (``comparison`` is ``None`` where nothing was
    measured); ``needed`` to ``at_least`` and, in points, to ``score``; ``reached`` is the least and the most that the points
    of a ``score`` come to; ``points`` is what an element of a score is worth.
    """

    kind: str
    value: Truth
    name: str | None = None
    finding: str | None = None
    comparison: Comparison | None = None
    needed: float | None = None
    basis: Basis | None = None
    children: tuple["Trace", ...] = ()
    points: float | None = None
    reached: tuple[float, float] | None = None


class Contradiction(NamedTuple):
    """A finding whose asserted value and whose definition both are known and differ; it counts as unknown.

    ``asserted`` is ``None`` where nothing was asserted of the finding itself, but other findings make it both present and
    absent.
    """

    finding: str
    asserted: bool | None
    derived: Trace


class Facts(NamedTuple):
    """Every finding's value after definitions and implications.

    ``values`` holds the boolean findings (``None`` = unknown), ``observed`` what the patient's record says, ``derived`` the
    trace of each finding whose value follows from others, ``gray`` the findings whose numbers lie in a gray zone.
    """

    values: Mapping[str, Truth]
    observed: Mapping[str, Observed]
    derived: Mapping[str, Trace]
    contradictions: tuple[Contradiction, ...]
    gray: tuple[str, ...]


#: The facts about a patient of whom nothing is known.
NOTHING_KNOWN = Facts({}, {}, {}, (), ())
