"""The sheet of answers: what was known before, and each answer by its question, in the order in which they were given."""

from collections.abc import Container, Mapping
from typing import NamedTuple, TypeVar

from poems_cli.engine.assess import Assessor
from poems_cli.model import Assessment, Observed, Patient, Rules

_Said = TypeVar("_Said")

#: The patient's name where none was given.
NAMELESS = "me"


class Given(NamedTuple):
    """One answer: what it says of which findings; empty for what is not known.

    ``opened`` are findings that it leads to, to be asked one by one; ``reasons`` say why a finding is left unknown.
    """

    question: str
    values: Mapping[str, Observed] = {}
    opened: tuple[str, ...] = ()
    reasons: Mapping[str, str] = {}


class Sheet:
    """All answers of one interview, and what follows from them."""

    def __init__(self, rules: Rules, known: Patient | None = None, criteria: tuple[str, ...] = ()) -> None:
        self.rules = rules
        self.known = known or Patient(NAMELESS, {}, {})
        self._assessor = Assessor(rules, criteria)
        self._given: dict[str, Given] = {}
        self._assessed: Assessment | None = None

    @property
    def given(self) -> tuple[Given, ...]:
        """The answers in their order."""
        return tuple(self._given.values())

    @property
    def name(self) -> str | None:
        """What the patient is called, where that is known."""
        return None if self.known.id == NAMELESS else self.known.id

    def call(self, name: str) -> None:
        """Give the patient a name."""
        self.known = self.known._replace(id=name or NAMELESS)
        self._assessed = None

    def answer(self, given: Given) -> None:
        """Take an answer; one to the same question takes the place of the earlier one, and the later ones stay.

        Of a finding that several questions ask for, the last answer counts.
        """
        self._given = self._with(given)
        self._assessed = None

    def _with(self, given: Given) -> dict[str, Given]:
        """The answers with a new one, which takes from the others what it says something of."""
        newer = {given.question, *given.values, *given.reasons}
        answers = {
            question: other._replace(values=_without(other.values, newer), reasons=_without(other.reasons, newer))
            for question, other in self._given.items()
        }
        return answers | {given.question: given}

    def drop(self, question: str) -> None:
        """Forget an answer."""
        self._given.pop(question, None)
        self._assessed = None

    def answer_to(self, question: str) -> Given | None:
        """The answer to a question, if it was answered."""
        return self._given.get(question)

    def before(self, question: str | None) -> str | None:
        """The question that was answered before this one; before one that was not answered, the last."""
        order = list(self._given)
        place = order.index(question) if question in self._given else len(order)
        return order[place - 1] if place else None

    def patient(self) -> Patient:
        """All that is known so far."""
        return self._patient(self._given)

    def _patient(self, answers: Mapping[str, Given]) -> Patient:
        observed = dict(self.known.observed)
        reasons = dict(self.known.reasons)
        for given in answers.values():
            if not given.values:
                observed.pop(given.question, None)  # what was known before is not known any more
            observed.update(given.values)
            reasons.update(given.reasons)
        open_reasons = {finding: why for finding, why in reasons.items() if finding not in observed}
        return self.known._replace(observed=observed, reasons=open_reasons)

    def assessment(self) -> Assessment:
        """What follows from all that is known so far."""
        if self._assessed is None:
            self._assessed = self._assessor.assess(self.patient())
        return self._assessed

    def would_be(self, given: Given) -> Assessment:
        """What would follow if this were answered."""
        return self._assessor.assess(self._patient(self._with(given)))


def _without(said: Mapping[str, _Said], findings: Container[str]) -> dict[str, _Said]:
    return {finding: value for finding, value in said.items() if finding not in findings}
