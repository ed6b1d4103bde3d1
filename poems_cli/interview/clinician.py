"""What to ask a clinician next: age, sex and symptoms first, then only what can still change a verdict or settle a mimic.

A finding matters whose answer, with the others still open, can change a verdict; then, if that is wanted, what would establish
or exclude a mimic in play. Questions that cost less come first (history, examination, blood, imaging, biopsy), and among those
the one with the most at stake. A whole is asked with its parts in one question. What is not known opens nothing: its parts are
not asked.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from poems_cli.engine.findings import descendants
from poems_cli.interview.question import NAME, Item, Question, fits_sex, question_of
from poems_cli.interview.sheet import Sheet
from poems_cli.model import Rules
from poems_cli.report.names import finding_name

#: How hard a finding is to come by, by how its easiest test is done.
_STAGES = {
    "history": 0, "examination": 1, "blood": 2, "urine": 2, "nerve conduction": 3, "imaging": 3, "other": 3,
    "lumbar puncture": 4, "biopsy": 5,
}  # fmt: skip
STAGES = ("history", "examination", "blood and urine", "imaging and nerve studies", "lumbar puncture", "biopsy")

#: For each finding that matters: for which criteria sets, and for which mimics.
_Reasons: TypeAlias = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]


class ClinicianQuestions:
    """What is worth asking, given the answers on the sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.for_mimics = False
        self._rules = sheet.rules
        self._stage = _stages(sheet.rules)
        self._below = {whole: frozenset(descendants(sheet.rules, whole)) for whole in sheet.rules.parts}

    def next(self) -> Question | None:
        """The question worth asking now; ``None`` when no answer can change anything that is asked for."""
        ordered = self.remaining()
        return ordered[0] if ordered else None

    def remaining(self) -> list[Question]:
        """All questions that matter now, the next one first; further answers can only take some away."""
        opening = [question for question in self._opening() if self.sheet.answer_to(question.id) is None]
        reasons = self._matters()
        asked, spared = self._asked_findings(), self._spared()
        coming = {finding for question in opening for finding in question.covers}
        wholes = {self._whole(finding, reasons, asked) for finding in reasons}
        questions = [self._question(whole, reasons) for whole in wholes if whole not in asked | spared | coming]
        stakes = {finding: number for number, finding in enumerate(reasons)}
        rank = {question.id: min(stakes[part] for part in self._covered(question, reasons)) for question in questions}
        return opening + sorted(questions, key=lambda question: (question.stage or 0, rank[question.id]))

    def again(self, question: str) -> Question:
        """A question by its id, whether or not it was answered."""
        for opening in self._opening(every=True):
            if opening.id == question:
                return opening
        return self._question(question, self._matters(), every_part=True)

    def _opening(self, *, every: bool = False) -> Iterator[Question]:
        """What is asked of everybody: a name, age, sex and symptoms; ``every`` includes what was known before."""
        known = {} if every else self.sheet.known.observed
        if every or self.sheet.name is None or self.sheet.answer_to(NAME):
            yield Question(NAME, "name", "A name or number for this patient?")
        for finding in ("age", "sex"):
            if finding in self._rules.findings and finding not in known:
                yield question_of(self._rules, self._rules.findings[finding])._replace(stage=0)
        for block in self._rules.questionnaire.symptoms:
            findings = [self._rules.findings[name] for name in block.findings if name not in known]
            sex = self.sheet.patient().observed.get("sex")
            fitting = [asked_for for asked_for in findings if fits_sex(self._rules, asked_for.id, sex)]
            if fitting:
                items = tuple([Item(member, finding_name(self._rules, member.id)) for member in fitting])
                yield Question(block.id, "items", block.ask, items=items, stage=0, short=block.short)

    def _matters(self) -> _Reasons:
        """The findings that matter, those with the most at stake first."""
        assessment = self.sheet.assessment()
        reasons: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        for unknown in assessment.decisive_unknowns:
            reasons.setdefault(unknown.finding, (unknown.criteria, ()))
        if self.for_mimics and not reasons:
            for test in assessment.tests:
                for tells in test.mimics:
                    sets, mimics = reasons.get(tells.finding, ((), ()))
                    reasons[tells.finding] = (sets, tuple(dict.fromkeys((*mimics, tells.mimic))))
        return reasons

    def _asked_findings(self) -> set[str]:
        """The findings that were asked: each question's own, and all items of a list of symptoms."""
        asked = {given.question for given in self.sheet.given}
        lists = self._rules.questionnaire.symptoms
        return asked | {finding for block in lists if block.id in asked for finding in block.findings}

    def _spared(self) -> set[str]:
        """The parts of what is not known, unless the answer opened them."""
        spared: set[str] = set()
        for given in self.sheet.given:
            if not given.values:
                spared |= self._below.get(given.question, frozenset())
        return spared - {finding for given in self.sheet.given for finding in given.opened}

    def _whole(self, finding: str, reasons: _Reasons, asked: set[str]) -> str:
        """The whole that is asked first: the highest one, not yet asked, of which nothing is known."""
        values = self.sheet.assessment().facts.values
        top = finding
        parent = self._rules.findings[finding].part_of
        while parent is not None and parent in reasons and parent not in asked and values.get(parent) is None:
            top, parent = parent, self._rules.findings[parent].part_of
        return top

    def _question(self, finding: str, reasons: _Reasons, *, every_part: bool = False) -> Question:
        values = self.sheet.assessment().facts.values
        question = question_of(self._rules, self._rules.findings[finding])
        items = [item for item in question.items if every_part or values.get(item.finding.id) is None]
        sets, mimics = reasons.get(finding, ((), ()))
        stage = self._stage.get(finding, 3)
        return question._replace(items=tuple(items), stage=stage, criteria=sets, mimics=mimics)

    def _covered(self, question: Question, reasons: _Reasons) -> Iterator[str]:
        """The findings that matter and that this question asks, itself or through its parts."""
        if question.id in reasons:
            yield question.id
        yield from (part for part in self._below.get(question.id, ()) if part in reasons)


def _stages(rules: Rules) -> dict[str, int]:
    """How hard each finding is to come by: the easiest of the tests that answer it, or show it by more than history."""
    stages: dict[str, int] = {}
    for test in rules.tests.values():
        for finding in (*test.answers, *(test.shows if test.how != "history" else ())):
            stages[finding] = min(stages.get(finding, 9), _STAGES.get(test.how, 3))
    return stages
