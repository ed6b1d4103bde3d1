"""What the rules say of other diseases, and of a diagnosis that deserves a second look."""

from collections.abc import Mapping
from typing import NamedTuple

from poems_cli.model.expressions import Basis, Expression
from poems_cli.model.findings import Fact

#: The choice finding with the patient's diagnosis so far; ``label`` next to the findings gives it as well.
LABEL = "diagnosis_label"


class Frequency(NamedTuple):
    """How often a condition holds in a group of patients: a study's figure with its ``source``, else one of our words."""

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
    ``less_likely`` below that many points. ``explained`` is the part that an explained finding still weighs.
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
