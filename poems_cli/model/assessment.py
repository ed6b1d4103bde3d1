"""What is answered about one patient."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.model.expressions import Basis, Truth
from poems_cli.model.findings import Cause, Outcome, Uncounted
from poems_cli.model.mimics import Evidence, RedFlag
from poems_cli.model.patient import Facts, Patient, Trace
from poems_cli.model.rules import RulesIdentity
from poems_cli.model.workup import Factor, OutlookNote, Stage

Verdict: TypeAlias = Literal["met", "not met", "undetermined"]
#: Of a mimic. ``consider``: something known calls for it; ``less likely``: what is known speaks against it more than for it;
#: ``excluded``: by a finding that settles it; ``not assessed``: nothing known calls for it, and nothing speaks against it.
Status: TypeAlias = Literal["consider", "less likely", "not assessed", "excluded"]


class Element(NamedTuple):
    """A condition of a criteria set, or one of the elements that a condition counts.

    It is a finding, or its absence (``negated``), or what the criteria define in place under a ``name`` of their own. ``id`` is
    the finding's, with ``not_`` before it where negated, or else made of the name: the same in every answer.
    """

    id: str
    finding: str | None = None
    name: str | None = None
    negated: bool = False


class Group(NamedTuple):
    """One condition of a criteria set, with how many are needed and which elements are present, absent and unknown.

    Of a score ``needed`` are points.
    """

    condition: Element
    value: Truth
    needed: float
    present: tuple[Element, ...]
    absent: tuple[Element, ...]
    unknown: tuple[Element, ...]


class LevelResult(NamedTuple):
    """One level of a criteria set, answered."""

    id: str
    value: Truth
    groups: tuple[Group, ...]
    trace: Trace


class CriteriaResult(NamedTuple):
    """One criteria set, answered; ``level`` is the highest level met; ``shown`` is the level whose groups matter most now."""

    id: str
    verdict: Verdict
    level: str | None
    levels: tuple[LevelResult, ...]
    shown: LevelResult


class Condition(NamedTuple):
    """What a comparison asks of a value that is not known: at least or above a limit, or one of some words.

    ``limit`` as in :class:`Compare`; ``times_upper`` asks for that multiple of the laboratory's own upper limit.
    """

    operator: Literal["above", "at_least", "is"]
    limit: float | tuple[str, ...] | None
    times_upper: float | None = None


class Answer(NamedTuple):
    """A literal of an expression with the answer that it would need: ``finding`` present or absent, or within a limit."""

    finding: str
    present: bool
    condition: Condition | None = None


class SettlingSet(NamedTuple):
    """A minimal set of answers that settles the verdict, with the fewest and cheapest tests that give them."""

    answers: tuple[Answer, ...]
    tests: tuple[str, ...]
    cost: int
    invasiveness: int


class Settling(NamedTuple):
    """What settles one level one way: how many minimal sets there are, and the first of them.

    ``complete`` is false where there were too many to list; ``sets`` then holds only the smallest.
    """

    target: str
    sets: tuple[SettlingSet, ...]
    number: int
    complete: bool


class Effect(NamedTuple):
    """What one answer alone would do: each criteria set whose verdict it changes with that verdict, and how far met then is.

    ``steps_to_met`` counts the further answers needed to meet the default set at best; ``None`` when it can no longer be met.
    """

    verdicts: tuple[tuple[str, Verdict], ...]
    steps_to_met: int | None


class DecisiveUnknown(NamedTuple):
    """An unknown finding that can still change a verdict: with its sets, its tests, and what each answer alone does.

    ``condition`` is the limit to compare with when the literal is a comparison; ``reason`` says why it is unknown when the
    record gives a reason (not performed, gray zone, contradiction).
    """

    finding: str
    condition: Condition | None
    criteria: tuple[str, ...]
    if_present: Effect
    if_absent: Effect
    tests: tuple[str, ...]
    reason: str | None


class OrderedTest(NamedTuple):
    """A test in the order worth doing: the decisive unknowns that it answers, and those that it can only show.

    ``shows``: a positive result makes them present, a negative one leaves them open (immunofixation and the clone).
    ``worth`` is the gain per burden by which the order was chosen. ``with_tests`` are one order with ``test``, and what they
    give is included. ``condition`` says when the order makes sense, while that is unknown.
    """

    test: str
    answers: tuple[DecisiveUnknown, ...]
    shows: tuple[DecisiveUnknown, ...]
    mimics: tuple["MimicHint", ...]
    worth: float
    with_tests: tuple[str, ...] = ()
    condition: str | None = None


class Held(NamedTuple):
    """A finding that makes a condition hold, by being present or by being absent."""

    finding: str
    present: bool = True


class OpenAnswer(NamedTuple):
    """An unknown finding whose answer (``present`` or absent) helps to establish a mimic, or to exclude it."""

    finding: str
    present: bool
    establishes: bool


class MimicHint(NamedTuple):
    """That a finding which a test answers helps to establish a mimic (``inward``) or to exclude it."""

    mimic: str
    finding: str
    inward: bool


class Weight(NamedTuple):
    """What an item of evidence weighs in one patient, in points: for the disease above 0, against it below.

    ``present``: its condition holds; else it fails. ``holding`` are the findings that make it hold, where it names several;
    ``explained_by`` is another established disease that explains them, for which it weighs less.
    """

    item: Evidence
    weight: float
    present: bool
    holding: tuple[Held, ...] = ()
    explained_by: Cause | None = None

    @property
    def label(self) -> str:
        """The condition, or its absence, in a few words."""
        return self.item.label if self.present else self.item.absent_label


class Row(NamedTuple):
    """A mimic, or the syndrome itself, weighed against what is known of one patient.

    ``evidence`` is the sum of the weights that hold, never a probability. ``confirmed``, ``excluded`` and ``called_up`` are the
    values of the conditions that settle it and of the one that calls for it; ``callers`` are the findings that make the last
    one hold, ``open_callers`` the unknown ones that could. ``settled_by`` are the unknown findings that would help to
    establish or to exclude it.
    """

    id: str
    status: Status
    evidence: float
    supporting: tuple[Weight, ...]
    opposing: tuple[Weight, ...]
    confirmed: Truth
    excluded: Truth
    called_up: Truth
    callers: tuple[Held, ...] = ()
    open_callers: tuple[str, ...] = ()
    settled_by: tuple[OpenAnswer, ...] = ()


class Rival(NamedTuple):
    """A row with what belongs to this patient alone: its place, the present findings it leaves unexplained, its criteria."""

    row: Row
    place: int
    unexplained: tuple[str, ...]
    criteria: tuple[CriteriaResult, ...]


class FlagResult(NamedTuple):
    """The red flags of a patient who carries a label, with the value of each."""

    label: str
    flags: tuple[tuple[RedFlag, Truth], ...]


class OutlookResult(NamedTuple):
    """The factors on which the outlook depends, and the ways of treatment, with the value of each, and what is published.

    ``held_back``: nothing of treatment is given, because another disease explains what the default set counts.
    """

    factors: tuple[tuple[Factor, Truth], ...]
    fork: tuple[tuple[Factor, Truth], ...]
    held_back: bool = False
    notes: tuple[OutlookNote, ...] = ()


class Notice(NamedTuple):
    """A warning about this patient's findings; an ``urgent`` one calls for action today."""

    id: str
    text: str
    basis: Basis | None = None
    urgent: bool = False


class Explained(NamedTuple):
    """A present finding that counts toward the default set although an established disease explains it.

    A finding with present parts is explained when all of these are. ``cause`` is the disease's name, ``entry`` its id in the
    rules.
    """

    finding: str
    cause: str
    entry: str
    basis: Basis


class Assessment(NamedTuple):
    """Everything stated about one patient.

    ``explained_groups`` are the conditions of the default set, once it is met, that hold only by explained findings.
    ``not_counted`` are present findings that do not count toward it. ``staging`` says of each stage whether its findings are
    known (``None``: some of them are); it is ``None`` unless the default set is met. ``outcome`` is a described picture where
    the default set is not met.
    """

    rules: RulesIdentity
    patient: Patient
    facts: Facts
    default_criteria: str
    criteria: Mapping[str, CriteriaResult]
    steps_to_met: int | None
    settling: Mapping[str, Mapping[str, Settling]]
    decisive_unknowns: tuple[DecisiveUnknown, ...]
    tests: tuple[OrderedTest, ...]
    syndrome: Rival | None
    mimics: tuple[Rival, ...]
    red_flags: FlagResult | None
    outlook: OutlookResult | None
    warnings: tuple[Notice, ...]
    sources: tuple[str, ...]
    explained: tuple[Explained, ...] = ()
    explained_groups: tuple[Element, ...] = ()
    not_counted: tuple[Uncounted, ...] = ()
    staging: tuple[tuple[Stage, Truth], ...] | None = None
    outcome: Outcome | None = None

    @property
    def urgent(self) -> tuple[Notice, ...]:
        """The warnings that call for action today."""
        return tuple([notice for notice in self.warnings if notice.urgent])
