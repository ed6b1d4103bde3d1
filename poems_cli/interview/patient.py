"""What to ask a patient next: the symptoms in plain words, in the order of the rules, then what a doctor has looked for.

A symptom is a finding of its own. A patient's "no" makes a finding absent only where the history answers it, and what only a
test can show is asked only where it was looked for.
"""

from collections.abc import Iterator

from poems_cli.interview.question import NAME, Item, Kind, Question, fits_sex, question_of
from poems_cli.interview.sheet import Sheet
from poems_cli.model import PatientBlock


class PatientQuestions:
    """The questions of the rules that are worth asking, given the answers on the sheet."""

    for_mimics = False  # a patient is not asked about mimics

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._rules = sheet.rules
        self._blocks = sheet.rules.questionnaire.patient

    def next(self) -> Question | None:
        """The question to ask now; ``None`` when all were asked."""
        return next(self._open(possible=False), None)

    def remaining(self) -> list[Question]:
        """All questions that may still come, the next one first."""
        return list(self._open(possible=True))

    def again(self, question: str) -> Question:
        """A question by its id, whether or not it was answered."""
        return next(asked for asked in self._all() if asked.id == question)

    def unreachable(self) -> list[str]:
        """The questions answered that are asked no more, since an earlier answer has changed."""
        reached = {question.id for question in self._all() if self._is_reached(question.id, possible=False)}
        return [given.question for given in self.sheet.given if given.question not in reached]

    def _open(self, *, possible: bool) -> Iterator[Question]:
        for question in self._all():
            known = question.finding is not None and question.finding.id in self.sheet.known.observed
            if self.sheet.answer_to(question.id) is None and not known and self._is_reached(question.id, possible=possible):
                yield question

    def _all(self) -> Iterator[Question]:
        yield Question(NAME, "name", "Is there a name or number you want on this page?", help="You can leave it out.")
        for block in self._blocks:
            yield self._question(block)
            for item in block.looked_for:
                finding = self._rules.findings[item.finding]
                yield Question(finding.id, "truth", item.ask, finding, tested=True)

    def _question(self, block: PatientBlock) -> Question:
        if block.finding is not None:
            question = question_of(self._rules, self._rules.findings[block.finding])
            return question._replace(ask=block.ask, help=block.help, short=block.short)
        if block.options:
            return Question(block.id, "options", block.ask, options=block.options, help=block.help, short=block.short)
        sex = self.sheet.patient().observed.get("sex")
        fitting = [item for item in block.items or block.looked_for if fits_sex(self._rules, item.finding, sex)]
        items = tuple([Item(self._rules.findings[item.finding], item.words) for item in fitting])
        kind: Kind = "looked_for" if block.looked_for else "items"
        return Question(block.id, kind, block.ask, items=items, help=block.help, short=block.short)

    def _is_reached(self, question: str, *, possible: bool) -> bool:
        """Whether the answers so far lead to a question; ``possible`` counts what answers still open may lead to."""
        for block in self._blocks:
            if question in [item.finding for item in block.looked_for]:
                gate = self.sheet.answer_to(block.id)
                return possible if gate is None else question in gate.opened
            if question == block.id and block.after:
                earlier = [self.sheet.answer_to(before) for before in block.after]
                is_open = possible and None in earlier
                return is_open or any(True in given.values.values() for given in earlier if given is not None)
        return True
