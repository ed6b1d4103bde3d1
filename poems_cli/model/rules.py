"""Everything a rules file says, as one record."""

from collections.abc import Mapping
from typing import NamedTuple

from poems_cli.model.expressions import Basis
from poems_cli.model.findings import Cause, CriteriaSet, Fact, Finding, Outcome, Source, Uncounted, Warn
from poems_cli.model.mimics import DiagnosisLabel, EvidenceScale, Mimic, RedFlag
from poems_cli.model.questionnaire import Questionnaire
from poems_cli.model.workup import Outlook, Stage, Test
from poems_cli.units import UnitTable


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
