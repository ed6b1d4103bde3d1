"""The tests that a clinician orders, and what is looked at once the diagnosis is made."""

from typing import Literal, NamedTuple

from poems_cli.model.expressions import Basis, Expression
from poems_cli.model.findings import Fact


class Test(NamedTuple):
    """Something a clinician does or orders; ``cost`` and ``invasiveness`` (0 to 4) are our own classes, not prices.

    ``answers`` are settled by its result either way; ``shows`` follow by definition from a positive result only.
    ``ordered_with`` are tests that are one order with it, called ``order_label``. Where ``sensible_when`` is false the test is
    not offered; while it is unknown, the test comes after those that answer it, under the condition ``sensible_words``.
    A ``last`` test comes after all others. ``caution`` is the one trap that matters, ``traps`` are all of them.
    """

    id: str
    label: str
    answers: tuple[str, ...]
    shows: tuple[str, ...]
    how: str
    cost: int
    invasiveness: int
    ordered_with: tuple[str, ...] = ()
    order_label: str | None = None
    sensible_when: Expression | None = None
    sensible_words: str | None = None
    last: bool = False
    short: str | None = None
    caution: str | None = None
    traps: tuple[str, ...] = ()
    note: str | None = None
    basis: Basis = Basis()


class Stage(NamedTuple):
    """What a patient needs once the default set is met: ``tests`` that make ``findings`` known, and why, in a phrase.

    ``name`` and ``short`` say what to order and why in one line.
    """

    id: str
    name: str
    short: str
    tests: tuple[str, ...]
    findings: tuple[str, ...]
    text: str
    basis: Basis
    more_sources: tuple[str, ...] = ()


class Factor(NamedTuple):
    """Something on which the outlook depends, for display only."""

    id: str
    when: Expression
    text: str
    figure: str | None
    basis: Basis


class OutlookNote(NamedTuple):
    """What is published of the course or the treatment, under one title; ``facts`` are texts, each with what it rests on.

    ``treatment`` notes are not shown where no treatment is.
    """

    id: str
    title: str
    facts: tuple[Fact, ...]
    treatment: bool


class Fall(NamedTuple):
    """A measure has fallen by at least ``percent`` since the first visit."""

    finding: str
    percent: float


class Way(NamedTuple):
    """One way to reach a level of response: what must hold at the first visit, at this one, and between the two."""

    baseline: Expression | None
    now: Expression | None
    fall: Fall | None


class ResponseLevel(NamedTuple):
    """One level of response; any of its ``ways`` reaches it."""

    id: str
    name: str
    text: str
    ways: tuple[Way, ...]
    basis: Basis


class ResponseDomain(NamedTuple):
    """What response is measured in, with its ``levels`` from the best down; ``below`` says what it is if none is reached."""

    id: str
    name: str
    levels: tuple[ResponseLevel, ...]
    below: str


class FollowRow(NamedTuple):
    """A finding that is followed from visit to visit, under a short ``name`` where it has one here.

    ``change`` says how its change is given; ``better`` which way is an improvement, ``None`` where neither is.
    """

    finding: str
    change: Literal["percent", "difference"] | None
    better: Literal["lower", "higher"] | None
    name: str | None = None


class FollowGroup(NamedTuple):
    """Findings that are followed together; those of a ``clinical`` group make the clinical response."""

    id: str
    name: str
    clinical: bool
    rows: tuple[FollowRow, ...]


class Landmark(NamedTuple):
    """What is published of a value ``months`` after the first visit: the condition ``when``, and the texts to show with it.

    A visit counts that lies ``within`` that many months of it.
    """

    id: str
    title: str
    finding: str
    months: float
    within: float
    when: Expression
    facts: tuple[Fact, ...]


class FollowUp(NamedTuple):
    """What is looked at in a patient who is seen again."""

    groups: tuple[FollowGroup, ...]
    response: tuple[ResponseDomain, ...]
    clinical_response: Fact | None
    landmarks: tuple[Landmark, ...]


class Outlook(NamedTuple):
    """What is published of the course and the treatment, shown once the default set is met.

    ``fork`` are the ways that treatment takes; ``survival`` says where the factors are from.
    """

    factors: tuple[Factor, ...]
    fork: tuple[Factor, ...]
    survival: Fact | None
    notes: tuple[OutlookNote, ...] = ()
    follow_up: FollowUp | None = None
