"""Which question to ask next, and what an answer means: a good clinician's history as data in and data out.

Only what matters is asked: a finding whose answer, with the others still open, can change a verdict; then, if that is wanted,
what would establish or exclude a mimic in play. Questions that cost less come first (history, examination, blood, imaging,
biopsy), and among those the one with the most at stake. A whole is asked with its parts in one question. "Don't know" opens
nothing: the parts of what is not known are not asked.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.assess import Assessor
from poems_cli.model import Assessment, Finding, Observed, Patient, Quantity, Rules
from poems_cli.resolve import descendants

Audience: TypeAlias = Literal["clinician", "patient"]

#: How hard a finding is to come by, by how its easiest test is done.
_STAGES = {
    "history": 0, "examination": 1, "blood": 2, "urine": 2, "nerve conduction": 3, "imaging": 3, "other": 3,
    "lumbar puncture": 4, "biopsy": 5,
}  # fmt: skip
STAGES = ("history", "examination", "blood and urine", "imaging and nerve studies", "lumbar puncture", "biopsy")


class Question(NamedTuple):
    """One question: a finding, the parts that may be named in the same answer, and why it is asked now."""

    finding: Finding
    parts: tuple[Finding, ...]
    stage: int
    criteria: tuple[str, ...]
    mimics: tuple[str, ...]


class Given(NamedTuple):
    """One answer: what it says of which findings; empty for "don't know"."""

    question: str
    values: Mapping[str, Observed]


class Questionnaire:
    """The state of one interview: what is known, what was answered, what comes next.

    ``known`` is what was known before the first question; ``given`` the answers, the last of which can be taken back.
    """

    def __init__(
        self, rules: Rules, audience: Audience = "clinician", known: Patient | None = None, criteria: tuple[str, ...] = ()
    ) -> None:
        self._rules = rules
        self._assessor = Assessor(rules, criteria)
        self._askable = (
            frozenset(rules.questionnaire.get("patient", ())) if audience == "patient" else frozenset(rules.findings)
        )
        self._stage = _stages(rules)
        self._below = {whole: frozenset(descendants(rules, whole)) for whole in rules.parts}
        self._known = known or Patient("me", {}, {})
        self._assessed: tuple[int, Assessment] | None = None
        self.given: list[Given] = []
        self.for_mimics = False

    # --- what is known ------------------------------------------------------------------------------------------------

    def patient(self) -> Patient:
        """All that is known so far."""
        observed = dict(self._known.observed)
        for one in self.given:
            observed.update(one.values)
        return self._known._replace(observed=observed)

    def assessment(self) -> Assessment:
        """What follows from all that is known so far."""
        if self._assessed is None or self._assessed[0] != len(self.given):
            self._assessed = (len(self.given), self._assessor.assess(self.patient()))
        return self._assessed[1]

    def unknown(self) -> tuple[str, ...]:
        """The findings that were asked and not known."""
        return tuple([one.question for one in self.given if not one.values])

    # --- what comes next ----------------------------------------------------------------------------------------------

    def next(self) -> Question | None:
        """The question worth asking now.

        ``None`` when no answer can change a verdict any more or, where that was asked for, settle a mimic.
        """
        ordered = self.remaining()
        return ordered[0] if ordered else None

    def remaining(self) -> list[Question]:
        """All questions that matter now, the next one first; further answers can only take some away."""
        reasons = self._matters()
        spared = self._spared()
        wholes = {self._whole(finding, reasons) for finding in reasons}
        questions = [self._question(one, reasons) for one in wholes if one in self._askable and one not in spared]
        stakes = {finding: number for number, finding in enumerate(reasons)}
        rank = {one.finding.id: min(stakes[part] for part in self._covers(one, reasons)) for one in questions}
        return sorted(questions, key=lambda one: (one.stage, rank[one.finding.id]))

    def _matters(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """The findings that matter, those with the most at stake first: for which criteria sets, and for which mimics."""
        assessment = self.assessment()
        reasons: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
            one.finding: (one.criteria, ()) for one in reversed(assessment.decisive_unknowns)
        }
        reasons = dict(reversed(list(reasons.items())))
        if self.for_mimics and not reasons:
            for test in assessment.tests:
                for tells in test.mimics:
                    sets, mimics = reasons.get(tells.finding, ((), ()))
                    reasons[tells.finding] = (sets, tuple(dict.fromkeys((*mimics, tells.mimic))))
        return reasons

    def _spared(self) -> set[str]:
        """What was asked already, and the parts of what is not known."""
        spared = {one.question for one in self.given}
        for one in self.unknown():
            spared |= self._below.get(one, frozenset())
        return spared

    def _whole(self, finding: str, reasons: Mapping[str, object]) -> str:
        """The whole that is asked first: the highest one, not yet asked, of which nothing is known."""
        asked = {one.question for one in self.given}
        values = self.assessment().facts.values
        top = finding
        parent = self._rules.findings[finding].part_of
        while parent is not None and parent in reasons and parent not in asked and values.get(parent) is None:
            top, parent = parent, self._rules.findings[parent].part_of
        return top

    def _question(self, finding: str, reasons: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> Question:
        values = self.assessment().facts.values
        parts = [self._rules.findings[one] for one in self._rules.parts.get(finding, ())]
        open_parts = tuple(
            [one for one in parts if values.get(one.id) is None and one.kind == "boolean" and one.id in self._askable]
        )
        sets, mimics = reasons.get(finding, ((), ()))
        return Question(self._rules.findings[finding], open_parts, self._stage.get(finding, 3), sets, mimics)

    def _covers(self, question: Question, reasons: Mapping[str, object]) -> Iterator[str]:
        """The findings that matter and that this question asks, itself or through its parts."""
        own = question.finding.id
        if own in reasons:
            yield own
        yield from (one for one in self._below.get(own, ()) if one in reasons)

    # --- answers ------------------------------------------------------------------------------------------------------

    def answer(self, question: Question, values: Mapping[str, Observed]) -> None:
        """Take an answer: what it says of the finding and of its parts; empty for "don't know"."""
        self.given.append(Given(question.finding.id, dict(values)))
        self._assessed = None

    def back(self) -> str | None:
        """Take the last answer back; the finding that is asked again, or ``None`` at the first question."""
        if not self.given:
            return None
        self._assessed = None
        return self.given.pop().question

    def again(self, finding: str) -> Question:
        """The question of a finding whose answer was taken back."""
        return self._question(finding, self._matters())


def _stages(rules: Rules) -> dict[str, int]:
    """How hard each finding is to come by: the easiest of the tests that answer or show it."""
    stages: dict[str, int] = {}
    for test in rules.tests.values():
        for finding in (*test.answers, *test.shows):
            stages[finding] = min(stages.get(finding, 9), _STAGES.get(test.how, 3))
    return stages


def in_canonical_words(value: Observed, finding: Finding) -> str:
    """What was understood, as it is read back."""
    if isinstance(value, Quantity):
        unit = "" if value.unit.startswith("{") else f" {value.unit}"
        return f"{value.comparator or ''}{value.value:.6g}{unit}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return finding.choices.get(value, value)
