"""What the interview and the patient's page are made of."""

from collections.abc import Mapping
from typing import NamedTuple

from poems_cli.model.expressions import Basis


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
    """One of several answers to a patient's question, and what it says of the findings."""

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
