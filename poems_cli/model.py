"""What the program knows (rules), what it is told (a patient) and what it answers (an assessment).

Plain immutable records without behavior of their own. They are named tuples rather than dataclasses because a dataclass
compiles its methods each time the program starts: those of the expressions alone would cost a tenth of a whole run.

Three values: a truth is ``True`` (present, met), ``False`` (absent, not met) or ``None`` (unknown, undetermined). Unknown is
never treated as absent.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from poems_cli.units import UnitFrom, UnitTable

Truth: TypeAlias = bool | None
Verdict: TypeAlias = Literal["met", "not met", "undetermined"]
Operator: TypeAlias = Literal["above", "at_least", "below", "at_most", "is"]
Side: TypeAlias = Literal["low", "high"]
#: Of a mimic. ``consider``: something known calls for it; ``less likely``: what is known speaks against it more than for it;
#: ``excluded``: by a finding that settles it; ``not assessed``: nothing known calls for it, and nothing speaks against it.
Status: TypeAlias = Literal["consider", "less likely", "not assessed", "excluded"]

#: Whose limit a value was compared with: the rule's, the laboratory's own, or a multiple of the laboratory's own.
Whose: TypeAlias = Literal["rule", "laboratory", "multiple of laboratory"]
Comparator: TypeAlias = Literal["<", "<=", ">", ">="]

#: The choice finding that says what the patient has been called so far; ``label`` beside the findings gives it as well.
LABEL = "diagnosis_label"

# --- rules: expressions -----------------------------------------------------------------------------------------------

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

    ``default`` marks a limit that no paper gives: it is this program's, and is shown as such wherever it decides something.
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
    """What was said of the finding itself, whatever follows from its parts."""

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
    """At least ``needed`` of the children: met when so many are present, not met when so many can no longer be."""

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

# --- rules: what the files hold ---------------------------------------------------------------------------------------

#: What something is called in other systems: the codes, by system.
Codes: TypeAlias = Mapping[str, tuple[str, ...]]


class Fact(NamedTuple):
    """A text for readers with what it rests on."""

    text: str
    basis: Basis = Basis()


class Source(NamedTuple):
    """A paper, guideline or page, and how much of it was read (``read``); ``note`` says which part."""

    read: str
    authors: str | None = None
    title: str | None = None
    journal: str | None = None
    publisher: str | None = None
    year: int | str | None = None
    volume: int | str | None = None
    pages: int | str | None = None
    doi: str | None = None
    pmid: int | str | None = None
    pmcid: int | str | None = None
    url: str | None = None
    note: str | None = None


class Usual(NamedTuple):
    """The usual range of a quantity in its canonical unit, for display only; ``text`` says it in other words."""

    low: float | None
    high: float | None
    text: str | None
    basis: Basis


class Finding(NamedTuple):
    """One observation about one patient, as ``rules/poems.yaml`` describes it.

    ``definition`` derives a boolean finding from others; ``part_of`` is the finding of which it is a part (part present makes
    the parent present, parent asserted absent makes the part absent). ``unit`` is the canonical UCUM unit of a quantity;
    ``choices`` maps the words of a choice to their labels; ``words`` are other words for a choice, ``means`` words that say
    something of several findings. Of a part that does not always show its whole ``shows_whole`` is false: then only the
    parent's definition says when it does.

    The rest is for readers: ``short`` is the shortest name, ``term`` the clinical one, ``group`` the heading under which it
    is listed; ``includes``, ``excludes`` and ``look_for`` say what counts and how to look.
    """

    id: str
    kind: Literal["boolean", "quantity", "choice"]
    label: str
    part_of: str | None
    unit: str | None
    choices: Mapping[str, str]
    definition: Expression | None
    gray_zone: str | None
    shows_whole: bool = True
    question: str = ""
    short: str | None = None
    term: str | None = None
    synonyms: tuple[str, ...] = ()
    group: str | None = None
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    look_for: str | None = None
    note: str | None = None
    usual: Usual | None = None
    codes: Mapping[str, tuple[str, ...]] = {}
    words: Mapping[str, str] = {}
    means: Mapping[str, Mapping[str, str]] = {}
    basis: Basis = Basis()


class Level(NamedTuple):
    """One level of a criteria set; most sets have only ``met``."""

    id: str
    expression: Expression


class Years(NamedTuple):
    """The years in which a criteria set is in use; ``None`` where that is not known, or where it still is."""

    first: int | str | None
    last: int | str | None


class CriteriaSet(NamedTuple):
    """One published set of criteria; ``levels`` run from the highest to the lowest."""

    id: str
    title: str
    short: str
    source: str
    levels: tuple[Level, ...]
    about: str = ""
    current: Years | None = None
    more_sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Warn(NamedTuple):
    """Something worth saying whenever ``when`` holds; ``short`` says it in one line.

    What is ``urgent`` calls for action today, and is shown first whatever else is answered; of the ``mimics`` it says why they
    must not be missed, which need not be said again.
    """

    id: str
    when: Expression
    text: str
    basis: Basis
    short: str | None = None
    urgent: bool = False
    mimics: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """A picture with a ``name`` of its own, described where the default set is not met; it never changes a verdict."""

    id: str
    name: str
    when: Expression
    text: str
    basis: Basis


class Test(NamedTuple):
    """Something a clinician does or orders; ``cost`` and ``invasiveness`` (0 to 4) are classes of ours, not prices.

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


class Frequency(NamedTuple):
    """How often a condition holds in a group of patients: a study's figure with its ``source``, else a word of ours."""

    text: str
    value: float
    source: str | None


class Evidence(NamedTuple):
    """A condition that holds more or less often in a disease than in the reference, the average patient in question.

    ``present`` and ``absent`` are the points that it weighs where it holds and where it fails: ten times the decimal logarithm
    of how often that is so in the disease over how often in the reference; 0 where it is not to weigh. ``reason`` says why, in
    a phrase. Of the items with the same word in ``once`` only the heaviest counts, since one follows from another.
    """

    when: Expression
    label: str
    absent_label: str
    frequency: Frequency
    reference: Frequency
    present: float
    absent: float
    reason: str
    basis: Basis
    once: str | None


class Settles(NamedTuple):
    """A condition that establishes or excludes a disease, and how to say so in a phrase."""

    when: Expression
    words: str


class CommonCause(NamedTuple):
    """What makes a disease one of the common causes of something (``of``), and the cheap ``test`` that comes first.

    ``name`` is the cause in a word or two; ``asks`` is what to ask or measure, where the test's own name says too little.
    """

    of: Expression
    name: str
    test: str
    asks: str | None


class Mimic(NamedTuple):
    """A disease that shares findings with the syndrome; the syndrome itself has such a profile too.

    ``explains`` are all findings that it accounts for, with their wholes and parts. ``commonness`` ranks its
    ``frequency_class``, the commonest 0; ``frequency`` is the figure behind it. ``criteria`` names its own published criteria
    sets, ``tests`` those that tell it apart, as ``settled_by`` says. ``urgency`` says why it must not be missed, where that is
    so. While ``shown_when`` holds, its row is always shown; a ``common_cause`` that is not assessed is named with its first
    test. ``does_not_explain`` are findings of the syndrome, for readers.
    """

    id: str
    name: str
    short: str
    consider_when: Expression
    evidence: tuple[Evidence, ...]
    confirmed: Settles | None
    excluded: Settles | None
    explains: frozenset[str]
    tests: tuple[str, ...]
    criteria: tuple[str, ...]
    commonness: int
    shown_when: Expression | None = None
    common_cause: CommonCause | None = None
    about: str = ""
    synonyms: tuple[str, ...] = ()
    frequency_class: str = ""
    frequency: Fact = Fact("")
    urgency: Fact | None = None
    settled_by: Fact = Fact("")
    does_not_explain: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    codes: Mapping[str, tuple[str, ...]] = {}
    codes_note: str | None = None

    @property
    def urgent(self) -> bool:
        """Whether it must not be missed or delayed."""
        return self.urgency is not None


class EvidenceScale(NamedTuple):
    """How evidence is weighed: the share that each word of a frequency stands for, and the points that decide a status.

    A disease is suggested by one present finding of the first of the points ``suggests`` with another of the second; it is
    ``less_likely`` below so many points. ``explained`` is the part that an explained finding still weighs.
    """

    words: Mapping[str, float] = {}
    suggests: tuple[float, float] = (0.0, 0.0)
    less_likely: float = 0.0
    explained: float = 1.0
    about: str = ""
    basis: Basis = Basis()


class DiagnosisLabel(NamedTuple):
    """A diagnosis that deserves a second look in a patient who has been given it, and why."""

    name: str
    text: str
    basis: Basis


class RedFlag(NamedTuple):
    """A finding that speaks for the syndrome in a patient who has been given one of the ``labels``."""

    id: str
    when: Expression
    text: str
    figure: str | None
    labels: tuple[str, ...]
    basis: Basis


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
    """A measure has fallen by at least so many percent since the first visit."""

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
    """What is published of a value at so many ``months``: the condition ``when``, and the texts to show with it.

    A visit counts that lies ``within`` so many months of it.
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


class Cause(NamedTuple):
    """An established disease that accounts for findings which would otherwise count toward the criteria.

    ``findings`` cover their parts too.
    """

    id: str
    name: str
    when: Expression
    findings: tuple[str, ...]
    basis: Basis


class Uncounted(NamedTuple):
    """A finding that looks like an element of the criteria and does not count toward it; ``reason`` says why, in a phrase.

    ``criteria`` are the sets of which that is true; it is left out where the finding ``unless`` is present, which does count.
    """

    id: str
    finding: str
    element: str
    criteria: tuple[str, ...]
    reason: str
    basis: Basis
    unless: str | None = None


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


class SyndromeLetter(NamedTuple):
    """One of the letters of the syndrome's name, the word that it stands for, and what that is."""

    letter: str
    word: str
    fact: Fact


class SyndromeSection(NamedTuple):
    """A section of what is known of the syndrome: a text, and facts each with its source."""

    title: str
    text: str | None
    facts: tuple[Fact, ...]


class SyndromeCode(NamedTuple):
    """The syndrome's code in another system; ``None`` where it has none there, as the note of its ``basis`` says."""

    code: str | None
    basis: Basis


class Syndrome(NamedTuple):
    """What the syndrome is, for readers; ``codes`` are by system."""

    names: tuple[str, ...] = ()
    summary: str | None = None
    letters: tuple[SyndromeLetter, ...] = ()
    sections: tuple[SyndromeSection, ...] = ()
    codes: Mapping[str, SyndromeCode] = {}


class ProgressSign(NamedTuple):
    """A finding that a clinician sees after each answer, under a ``letter`` of the syndrome's name or a ``short`` one."""

    finding: str
    short: str
    letter: str | None


class SymptomArea(NamedTuple):
    """Findings that a patient sees as one area after each answer; ``tested``: only a doctor or a test can show them."""

    short: str
    findings: tuple[str, ...]
    tested: bool


class SymptomList(NamedTuple):
    """Symptoms that a clinician is asked for in one question."""

    id: str
    short: str | None
    ask: str
    findings: tuple[str, ...]


class BeforeTreatment(NamedTuple):
    """Values that treatment lowers.

    Of one measured after it began, the finding ``after`` is present; ``raised`` is kept where it is raised all the same.
    """

    values: tuple[str, ...]
    raised: str
    after: str


class Closing(NamedTuple):
    """What is asked before a "no" closes a criterion: of a clinician, and in a patient's words."""

    text: str | None
    patient: str | None


class PatientItem(NamedTuple):
    """A finding within a patient's question: its ``words`` there, how it is asked alone, and what the page calls it."""

    finding: str
    words: str = ""
    ask: str = ""
    name: str = ""


class PatientOption(NamedTuple):
    """One of several answers to a patient's question, and what it says of which findings."""

    words: str
    says: Mapping[str, bool | str]


class PatientBlock(NamedTuple):
    """A question for a patient; it is asked once one of the questions ``after`` which it comes has a "yes".

    It is answered in one way: by a ``finding``, by ``items`` that are there, by what was ``looked_for``, or by ``options``.
    """

    id: str
    ask: str
    short: str | None = None
    help: str | None = None
    after: tuple[str, ...] = ()
    finding: str | None = None
    items: tuple[PatientItem, ...] = ()
    looked_for: tuple[PatientItem, ...] = ()
    options: tuple[PatientOption, ...] = ()


class PageFit(NamedTuple):
    """What some symptoms fit with, and what far more often explains them."""

    findings: tuple[str, ...]
    what: str
    others: str
    basis: Basis


class PageBegin(NamedTuple):
    """The doctor to begin with, and the one to be sent to where one of the ``findings`` is present."""

    doctor: str
    then: str
    findings: tuple[str, ...]


class PageTest(NamedTuple):
    """Tests in plain words, which are open while none of the ``findings`` is known."""

    tests: tuple[str, ...]
    findings: tuple[str, ...]
    words: str


class PatientPage(NamedTuple):
    """What the page says that a patient takes along; ``urgent`` says when to seek help at once."""

    fits: tuple[PageFit, ...] = ()
    begin: PageBegin | None = None
    tests: tuple[PageTest, ...] = ()
    urgent: tuple[str, ...] = ()
    urgent_basis: Basis = Basis()


class Specialist(NamedTuple):
    """A doctor, whose field are the findings of some ``groups`` and some others, and who does some ``tests``."""

    name: str
    patient: str
    groups: tuple[str, ...]
    findings: tuple[str, ...]
    tests: tuple[str, ...]


class Questionnaire(NamedTuple):
    """What the interview is made of; ``only`` names the sex of findings that only one has."""

    progress: tuple[ProgressSign, ...] = ()
    areas: tuple[SymptomArea, ...] = ()
    symptoms: tuple[SymptomList, ...] = ()
    only: Mapping[str, str] = {}
    before_treatment: BeforeTreatment | None = None
    closing: Mapping[str, Closing] = {}
    patient: tuple[PatientBlock, ...] = ()
    page: PatientPage = PatientPage()
    specialists: tuple[Specialist, ...] = ()


class RulesIdentity(NamedTuple):
    """Which rules answered: their id and version, and the SHA-256 over the rules files."""

    id: str
    version: str
    sha256: str


class Rules(NamedTuple):
    """Everything a rules file says, ready to be applied.

    ``order`` lists the findings so that a definition comes after all that it uses; ``parts`` maps a parent to its parts;
    ``implies`` maps a finding to all that follows from it alone. ``groups`` are the headings of findings, by id. ``profile`` is
    the syndrome's own row among the ``mimics``.
    """

    identity: RulesIdentity
    title: str
    default_criteria: str
    findings: Mapping[str, Finding]
    order: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]
    criteria: Mapping[str, CriteriaSet]
    warnings: tuple[Warn, ...]
    tests: Mapping[str, Test]
    sources: Mapping[str, Source]
    units: UnitTable
    groups: Mapping[str, str]
    syndrome: Syndrome
    implies: Mapping[str, tuple[str, ...]] = {}
    mimics: Mapping[str, Mimic] = {}
    mimic_criteria: Mapping[str, CriteriaSet] = {}
    profile: Mimic | None = None
    evidence: EvidenceScale = EvidenceScale()
    red_flags: tuple[RedFlag, ...] = ()
    labels: Mapping[str, DiagnosisLabel] = {}
    outlook: Outlook | None = None
    questionnaire: Questionnaire = Questionnaire()
    causes: tuple[Cause, ...] = ()
    uncounted: tuple[Uncounted, ...] = ()
    staging: tuple[Stage, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


# --- a patient --------------------------------------------------------------------------------------------------------


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


# --- an assessment ----------------------------------------------------------------------------------------------------


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

    ``asserted`` is ``None`` where nothing was said of the finding itself, but what was said of others makes it both present and
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
    """An unknown finding that can still change a verdict: of which sets, by which tests, and what each answer alone does.

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
    mimics: tuple["Tells", ...]
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


class Tells(NamedTuple):
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
    """Everything said about one patient.

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
