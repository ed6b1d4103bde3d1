"""The words around a question: how it can be answered, the keys, the help, and where the interview has got to."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from poems_cli.explain.parts import usual_range
from poems_cli.finding_names import without_remark
from poems_cli.interview.clinician import STAGES
from poems_cli.interview.question import NAME, Audience, Question, fits_sex
from poems_cli.interview.reading import measured_by
from poems_cli.interview.sheet import Sheet
from poems_cli.model import Rules, SymptomArea, Truth
from poems_cli.phrases import capital, listed
from poems_cli.report.names import finding_name
from poems_cli.report.words import unit_words

AID = "This is a research and teaching aid. It is not a medical device and makes no diagnosis."
_ABOUT: dict[Audience, str] = {
    "clinician": (
        "Age, sex and symptoms first, then only what can still change which criteria for {disease} are met. "
        "What was not done is left unknown, and is never counted as absent."
    ),
    "patient": (
        "Questions about the signs of a rare disease, {disease}. Most people with these signs have something else. "
        "At the end there is a page to take to a doctor. Press Enter whenever you do not know."
    ),
}
#: Every key, with what it does.
KEYS = (("b", "back"), ("h", "help"), ("r", "review"), ("s", "save and leave"), ("q", "leave"))
JUMP = ("/name", "jump")

_MOST_OPTIONS = 15  # more are not listed on the screen


def about(disease: str, audience: Audience) -> str:
    """What the questions are about, shown before the first of them."""
    return _ABOUT[audience].replace("{disease}", disease)


class View(NamedTuple):
    """What the screen shows of one question."""

    heading: str
    ask: str
    choices: tuple[str, ...]
    notes: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    done: int
    left: int


class Sign(NamedTuple):
    """One place of the strip: a letter or an area, what is known of it, and that in words where it is shown with them."""

    name: str
    value: Truth
    words: str | None = None


class Wording:
    """Puts questions into words for one audience."""

    def __init__(self, rules: Rules, audience: Audience) -> None:
        self._rules = rules
        self._audience = audience
        #: What a patient is shown for a finding in place of its label.
        self.names: dict[str, str] = _plain_names(rules) if audience == "patient" else {}

    def typed(self) -> tuple[tuple[str, str], ...]:
        """The keys that work at every prompt."""
        return (*KEYS, JUMP) if self._audience == "clinician" else KEYS

    def key_words(self) -> str:
        """The keys in a sentence."""
        jump = "; /name goes to a finding out of turn" if self._audience == "clinician" else ""
        return f"Keys: {', '.join(f'{key} = {words}' for key, words in KEYS)}; u = not known{jump}."

    def view(self, question: Question, number: int, done: int, left: int, earlier: str | None) -> View:
        """A question as it is shown.

        ``done`` are the questions answered, ``left`` those that may still come; ``earlier`` is the answer that it has already.
        """
        topic = STAGES[question.stage] if not self._is_patient and question.stage is not None else question.short
        stage = f", {topic}" if topic else ""
        heading = f"Question {number} of at most {max(number, done + left)}{stage}"
        answers = self._answers(question)
        notes = list(self._notes(question))
        if earlier is not None:
            notes.append(f"Your answer so far: {earlier}.")
            kept = [(key, "keeps it" if key == "Enter" else words) for key, words in answers]
            answers = (*kept, ("u", "not known"))
        return View(heading, question.ask, self.choices(question), tuple(notes), answers, done, left)

    def brief(self, question: Question) -> str:
        """A question in a few words, for a list of answers."""
        if question.id == NAME:
            return "Name or number"
        if question.short:
            return capital(question.short)
        if question.finding is not None:
            return capital(self.name(question.finding.id))
        return question.ask.rstrip("?")

    def name(self, finding: str) -> str:
        """What a finding is called."""
        return self.names.get(finding) or finding_name(self._rules, finding)

    def choices(self, question: Question) -> tuple[str, ...]:
        """The items or options of a question; too many of them only its help lists."""
        words = [item.words for item in question.items] or [option.words for option in question.options]
        return tuple(words) if len(words) <= _MOST_OPTIONS else ()

    def _answers(self, question: Question) -> tuple[tuple[str, str], ...]:
        """How a question can be answered: what is typed, and what it means."""
        match question.kind:
            case "name":
                return (("a name or number", "for the file"), ("Enter", "none"))
            case "quantity":
                unit = unit_words(question.finding.unit) if question.finding else ""
                unknown = "not done or not known" if question.tested else "not known"
                said = question.finding is not None and self._rules.units.analytes[question.finding.id].is_mistakable
                number = f"a number with its unit, as {unit}" if said else f"a number in {unit}" if unit else "a number"
                return ((number, ""), ("Enter", unknown))
            case "options":
                return (("a number", "or the words"), ("Enter", "not known"))
            case "items":
                return (
                    ("1 2", f"the numbers of those that {'you have' if self._is_patient else 'are present'}"),
                    ("n", "none of them"),
                    ("Enter", "not known"),
                )
            case "looked_for":
                return (("1 2", "the numbers of those that were looked for"), ("Enter", "none of them, or not known"))
            case "truth" if question.tested:
                own = (("y", "found"), ("n", "looked for and not found"), ("Enter", "not done or not known"))
            case "truth":
                own = (("y", "yes"), ("n", "no"), ("Enter", "not known"))
        return (*own, ("1 2", "parts")) if question.items else own

    @property
    def _is_patient(self) -> bool:
        return self._audience == "patient"

    def _notes(self, question: Question) -> Iterator[str]:
        finding = question.finding
        if finding is None:
            return
        if len(question.options) > _MOST_OPTIONS:
            yield "Type its name; h lists them."
        if finding.kind == "quantity" and finding.usual is not None and not self._is_patient:
            yield f"Usual: {usual_range(self._rules, finding.usual, finding.unit)}"
        if question.kind == "truth" and not self._is_patient:
            measured = measured_by(self._rules, finding.id)
            if measured:
                names = listed([without_remark(item.label) for item in measured], "or")
                yield f"Or the value, with its unit and the laboratory's limits as (low-high): {names}."

    def help(self, question: Question) -> Iterator[str]:
        """What is meant, what counts, why it is asked now, and the keys."""
        finding = question.finding
        if self._is_patient:
            yield (
                question.help
                or "Answer as well as you can. What you do not know stays open, and counts neither as yes nor as no."
            )
        elif finding is not None:
            term = finding.term or finding.label
            yield finding.label if term.startswith(finding.label) else f"{finding.label} ({term})"
            for heading, listed_texts in (("Counts", finding.includes), ("Does not count", finding.excludes)):
                if listed_texts:
                    yield f"{heading}: {'; '.join(listed_texts)}."
            if finding.look_for:
                yield f"How to look for it: {finding.look_for}"
            yield self._why(question)
        elif question.items:
            yield "Symptoms, from the history alone. None of them is counted as what only an examination or a test can show."
        if len(question.options) > _MOST_OPTIONS:
            yield f"One of: {'; '.join(option.words for option in question.options)}."
        yield self.key_words()

    def _why(self, question: Question) -> str:
        if question.criteria:
            return (
                f"Why now: it can still change {listed([self._rules.criteria[set_id].short for set_id in question.criteria])}."
            )
        if question.mimics:
            return (
                f"Why now: it helps to settle {listed([self._rules.mimics[mimic].short for mimic in question.mimics], 'or')}."
            )
        return "Why now: it is asked of everybody, or can change a verdict through one of its parts."

    def strip(self, sheet: Sheet) -> tuple[Sign, ...]:
        """What is known so far: the letters and the rest for a clinician, areas in plain words for a patient."""
        values = sheet.assessment().facts.values
        if not self._is_patient:
            shown = self._rules.questionnaire.progress
            return tuple([Sign(sign.letter or sign.short, values.get(sign.finding)) for sign in shown])
        sex = sheet.patient().observed.get("sex")
        return tuple([_area(self._rules, area, values, sex) for area in self._rules.questionnaire.areas])


def _area(rules: Rules, area: SymptomArea, values: Mapping[str, Truth], sex: object) -> Sign:
    """One area of a patient's strip: yes, no, or not known."""
    known = [values.get(finding) for finding in area.findings if fits_sex(rules, finding, sex)]
    value = True if True in known else False if all(answer is False for answer in known) else None
    words = {True: "yes", False: "not found" if area.tested else "no", None: "not tested" if area.tested else "not known"}
    return Sign(area.short, value, words[value])


def _plain_names(rules: Rules) -> dict[str, str]:
    """What each finding is called in a patient's questions."""
    names: dict[str, str] = {}
    for block in rules.questionnaire.patient:
        names.update({item.finding: item.words for item in block.items})
        names.update({item.finding: item.name for item in block.looked_for})
        for option in block.options:
            for finding in option.says:
                names.setdefault(finding, f"{block.ask.rstrip('?')}: {option.words}")
    return names
