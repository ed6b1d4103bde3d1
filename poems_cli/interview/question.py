"""One question as data: what it asks, how it can be answered, and why it is asked now."""

from typing import Literal, NamedTuple, TypeAlias

from poems_cli.finding_names import without_remark
from poems_cli.model import Finding, PatientOption, Rules

Audience: TypeAlias = Literal["clinician", "patient"]

#: How a question is answered: a name; yes or no, perhaps with the parts that are present; several items, each yes or no; what
#: was looked for; one of several options; a number.
Kind: TypeAlias = Literal["name", "truth", "items", "looked_for", "options", "quantity"]

#: The id of the question for a name.
NAME = "id"


class Item(NamedTuple):
    """A finding that can be named in an answer, and the words that it is shown with."""

    finding: Finding
    words: str


class Question(NamedTuple):
    """One question. ``finding`` is what it asks for, where that is a single one; ``items`` may be named in the answer.

    ``tested`` says that only a test or an examination answers it, so that "no" means looked for and not found. ``stage`` says
    how hard the answer is to come by; ``criteria`` and ``mimics`` are what it can still change. ``short``
    names it in a list of answers.
    """

    id: str
    kind: Kind
    ask: str
    finding: Finding | None = None
    items: tuple[Item, ...] = ()
    options: tuple[PatientOption, ...] = ()
    tested: bool = False
    stage: int | None = None
    criteria: tuple[str, ...] = ()
    mimics: tuple[str, ...] = ()
    help: str | None = None
    short: str | None = None

    @property
    def covers(self) -> tuple[str, ...]:
        """Every finding that an answer can say something of."""
        own = (self.finding.id,) if self.finding else ()
        said = [finding for option in self.options for finding in option.says]
        return tuple(dict.fromkeys([*own, *[item.finding.id for item in self.items], *said]))


def needs_test(rules: Rules, finding: str) -> bool:
    """Whether only a test or an examination answers a finding: the history does not, though it may show it."""
    return not any(test.how == "history" and finding in test.answers for test in rules.tests.values())


def history_denies(rules: Rules, finding: str) -> bool:
    """Whether a patient's "no" makes a finding absent: its history answers it both ways, and so do those of its parts."""
    every = [test.answers for test in rules.tests.values() if test.how == "history"]
    below = rules.parts.get(finding, ())
    return any(finding in answers for answers in every) and all(history_denies(rules, part) for part in below)


def fits_sex(rules: Rules, finding: str, sex: object) -> bool:
    """Whether a finding is asked of this sex; of an unknown one, all are."""
    only = rules.questionnaire.only.get(finding)
    return sex is None or only is None or only == sex


def question_of(rules: Rules, finding: Finding) -> Question:
    """The question for one finding in the words of the rules, as a clinician is asked it."""
    ask = finding.question or finding.label
    if finding.kind == "quantity":
        return Question(finding.id, "quantity", ask, finding, tested=needs_test(rules, finding.id))
    if finding.kind == "choice":
        options = [PatientOption(words, {finding.id: word}) for word, words in finding.choices.items()]
        return Question(finding.id, "options", ask, finding, options=tuple(options))
    parts = [rules.findings[part] for part in rules.parts.get(finding.id, ())]
    items = [Item(part, without_remark(part.label)) for part in parts if part.kind == "boolean"]
    return Question(finding.id, "truth", ask, finding, tuple(items), tested=needs_test(rules, finding.id))
