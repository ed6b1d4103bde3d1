"""The interview at a terminal or through a pipe: prints questions, reads lines, keeps answers. What to ask it is told.

Prompts go to the stream of questions (standard error), so that standard output holds the result alone. One line is one answer,
typed or piped; nothing moves the cursor, so that it reads the same on a dumb terminal and for a screen reader.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import IO, Literal, NamedTuple, TypeAlias

from poems_cli.answers_file import keep
from poems_cli.explain.parts import usual_range
from poems_cli.model import Finding, Observed, Rules
from poems_cli.questionnaire import STAGES, Audience, Question, Questionnaire, in_canonical_words
from poems_cli.records.problem import Flaw
from poems_cli.records.quantity import read_quantity
from poems_cli.units import UnitTable
from poems_cli.words import VALUES, counted, listed, short_label

#: How an interview ended: nothing more to ask or no more input, or left by the one who answers.
Ending: TypeAlias = Literal["done", "left"]

_WIDEST = 100
_YES = {"y", "yes", "true", "present", "+", "ja", "oui", "si"}
_NO = {"n", "no", "false", "absent", "-", "nein", "non"}
_UNKNOWN = {"", "?", "d", "dk", "u", "unknown", "don't know", "dont know", "i don't know", "not known"}
_BACK, _HELP, _SAVE, _QUIT = ({"b", "back"}, {"h", "help"}, {"s", "save"}, {"q", "quit"})
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_KEYS = "Enter = don't know, b = back, h = what is meant and why, s = save and leave, q = leave"

_AID = "This is a research and teaching aid. It is not a medical device and makes no diagnosis."
_ABOUT: dict[Audience, str] = {
    "clinician": (
        "poems asks only what can still change which criteria for POEMS syndrome are met, history before examination before "
        "blood before imaging before biopsy. Unknown is never counted as absent."
    ),
    "patient": (
        "poems asks about signs of a rare disease, POEMS syndrome, in plain words, and shows which doctor to talk to about "
        "what. Most people with these signs have something else. Say that you don't know whenever you don't."
    ),
}


class Understood(NamedTuple):
    """What a line says: values, or what was wrong with it."""

    values: dict[str, Observed]
    wrong: str = ""


class Interview:
    """One interview: asks on ``screen``, reads from ``answers``, keeps every answer in ``path``."""

    def __init__(
        self,
        rules: Rules,
        units: UnitTable,
        questionnaire: Questionnaire,
        audience: Audience,
        path: str,
        *,
        plain: bool,
        width: int,
    ) -> None:
        self._rules = rules
        self._units = units
        self._questionnaire = questionnaire
        self._audience = audience
        self._path = path
        self._plain = plain
        self._width = min(width, _WIDEST)

    def run(self, answers: IO[str], screen: IO[str]) -> Ending:
        """Ask until nothing more matters, the input ends, or the one who answers leaves."""
        self._say(screen, *self._opening())
        asked: Question | None = None
        while True:
            question = asked or self._questionnaire.next()
            asked = None
            if question is None:
                if not self._goes_on(answers, screen):
                    return "done"
                continue
            self._say(screen, "", *self._asked(question))
            reply = self._reply(question, answers, screen)
            if reply is None:
                return "done"
            if isinstance(reply, str):
                if reply == "leave":
                    return "left"
                taken_back = self._questionnaire.back()
                if taken_back is None:
                    self._say(screen, "This is the first question.")
                    asked = question
                else:
                    asked = self._questionnaire.again(taken_back)
                self._keep()
                continue
            self._questionnaire.answer(question, reply)
            self._keep()
            self._say(screen, *self._progress())

    def _keep(self) -> None:
        keep(self._path, self._questionnaire, self._audience)

    # --- asking -------------------------------------------------------------------------------------------------------

    def _opening(self) -> Iterator[str]:
        yield f"{self._rules.title}: a questionnaire for a {self._audience}"
        yield _ABOUT[self._audience]
        yield _AID
        yield f"Keys: {_KEYS}."
        if not self._plain:
            yield "After each answer a line says where you are: + present, - absent, ? open."
        yield f"Your answers are kept in {self._path}, for you alone."
        if self._questionnaire.given:
            yield f"Taken up after {counted(len(self._questionnaire.given), 'answer')}."

    def _asked(self, question: Question) -> Iterator[str]:
        finding = question.finding
        left = len(self._questionnaire.remaining())
        number = len(self._questionnaire.given) + 1
        yield f"Question {number}, {STAGES[question.stage]}; at most {counted(left, 'question')} left."
        yield str(finding.texts.get("question") or finding.label)
        for place, part in enumerate(question.parts, 1):
            yield f"  {place}  {part.label}"
        if finding.kind == "choice":
            for place, label in enumerate(finding.choices.values(), 1):
                yield f"  {place}  {label}"
        if finding.kind == "quantity" and finding.texts.get("usual"):
            yield f"Usual: {usual_range(self._rules, finding)}"

    def _prompt(self, question: Question) -> str:
        finding = question.finding
        if finding.kind == "quantity":
            unit = "" if not finding.unit or finding.unit.startswith("{") else f" in {finding.unit}"
            return f"a number{unit} / Enter = don't know > "
        if finding.kind == "choice":
            return "number or word / Enter = don't know > "
        numbers = " / the numbers of those present" if question.parts else ""
        return f"yes / no{numbers} / Enter = don't know > "

    def _reply(self, question: Question, answers: IO[str], screen: IO[str]) -> Mapping[str, Observed] | str | None:
        """What is answered: values, ``leave``, ``back``, or ``None`` when the input has ended."""
        while True:
            screen.write(self._prompt(question))
            screen.flush()
            line = answers.readline()
            if not answers.isatty():
                screen.write("\n")  # a terminal shows what is typed and breaks the line; a pipe does neither
            if not line:
                self._say(screen, "The input has ended; what was not asked stays unknown.")
                return None
            said = line.strip()
            word = said.casefold()
            if word in _BACK:
                return "back"
            if word in _SAVE | _QUIT:
                return "leave"
            if word in _HELP:
                self._say(screen, *self._help(question))
                continue
            if word in _UNKNOWN:
                return {}
            understood = self._understand(question, said)
            if not understood.wrong:
                if question.finding.kind == "quantity":
                    value = understood.values[question.finding.id]
                    self._say(screen, f"Read as {in_canonical_words(value, question.finding)}.")
                return understood.values
            self._say(screen, f"{understood.wrong} (h for help, Enter if it is not known)")

    # --- understanding ------------------------------------------------------------------------------------------------

    def _understand(self, question: Question, said: str) -> Understood:
        finding = question.finding
        if finding.kind == "quantity":
            return self._number(finding, said)
        if finding.kind == "choice":
            return _choice(finding, said)
        return _truth(question, said)

    def _number(self, finding: Finding, said: str) -> Understood:
        """A number as people type it: thousands in groups, a comparator, a unit behind it."""
        text = _GROUPED.sub(lambda match: match[0].replace(",", ""), said)
        flaws: list[Flaw] = []
        value = read_quantity(finding, text, self._units, flaws.append)
        if value is None:
            told = flaws[0] if flaws else Flaw("this is not understood", "write a number")
            return Understood({}, f"Not understood: {told.message}; {told.mend}.")
        return Understood({finding.id: value})

    # --- helping, telling where we are --------------------------------------------------------------------------------

    def _help(self, question: Question) -> Iterator[str]:
        finding = question.finding
        texts = finding.texts
        yield f"{finding.label}" + (f" ({texts['term']})" if texts.get("term") not in (None, finding.label) else "")
        for key, heading in (("includes", "Counts"), ("excludes", "Does not count")):
            if texts.get(key):
                yield f"{heading}: {'; '.join(texts[key])}."
        if texts.get("look_for"):
            yield f"How to look for it: {texts['look_for']}"
        if texts.get("note"):
            yield str(texts["note"])
        if question.criteria:
            sets = [self._rules.criteria[one].short for one in question.criteria]
            yield f"Why now: it can still change {listed(sets)}."
        elif question.mimics:
            mimics = [self._rules.mimics[one].short for one in question.mimics]
            yield f"Why now: it helps to settle {listed(mimics, 'or')}."
        else:
            yield "Why now: one of its parts can still change a verdict."
        yield f"Keys: {_KEYS}."

    def _progress(self) -> Iterator[str]:
        assessment = self._questionnaire.assessment()
        values = assessment.facts.values
        default = assessment.criteria[assessment.default_criteria]
        left = counted(len(self._questionnaire.remaining()), "question")
        verdict = f"{self._rules.criteria[default.id].short} {default.verdict}; at most {left} left"
        shown = self._rules.questionnaire.get("progress", ())
        if self._plain:
            for value in (True, False, None):
                names = [short_label(self._rules, one["finding"]) for one in shown if values.get(one["finding"]) is value]
                if names:
                    yield f"{VALUES[value].capitalize()}: {listed(names)}."
            yield f"So far: {verdict}."
            return
        symbols = {True: "+", False: "-", None: "?"}
        letters = [f"{one['letter']}:{symbols[values.get(one['finding'])]}" for one in shown if one.get("letter")]
        others = [f"{one['short']}:{symbols[values.get(one['finding'])]}" for one in shown if not one.get("letter")]
        yield f"[{' '.join(letters)} | {' '.join(others)}]"
        yield f"So far: {verdict}."

    def _goes_on(self, answers: IO[str], screen: IO[str]) -> bool:
        """Whether to go on for the mimics, once nothing can change a verdict any more."""
        if self._questionnaire.for_mimics:
            self._say(screen, "", "Nothing more can change a verdict or settle a mimic in play.")
            return False
        self._say(screen, "", "Nothing more can change the verdict of any criteria set.")
        self._questionnaire.for_mimics = True
        more = len(self._questionnaire.remaining())
        if not more:
            return False
        screen.write(
            f"Go on with at most {counted(more, 'question')} that would settle a mimic? yes / Enter = show the result > "
        )
        screen.flush()
        if answers.readline().strip().casefold() in _YES:
            return True
        self._questionnaire.for_mimics = False
        return False

    def _say(self, screen: IO[str], *lines: str) -> None:
        for line in lines:
            indent = " " * (len(line) - len(line.lstrip()))
            for wrapped in wrap(line, self._width, subsequent_indent=indent + "   " * bool(indent)) or [""]:
                screen.write(f"{wrapped}\n")
        screen.flush()


def _choice(finding: Finding, said: str) -> Understood:
    words = list(finding.choices)
    if said.isdecimal() and 1 <= int(said) <= len(words):
        return Understood({finding.id: words[int(said) - 1]})
    wanted = said.casefold()
    for word, label in finding.choices.items():
        if wanted in (word.casefold(), label.casefold()):
            return Understood({finding.id: word})
    near = [word for word, label in finding.choices.items() if wanted and label.casefold().startswith(wanted)]
    if len(near) == 1:
        return Understood({finding.id: near[0]})
    return Understood({}, f"Not understood: type a number from 1 to {len(words)}, or one of the words.")


def _truth(question: Question, said: str) -> Understood:
    """Yes or no, and the numbers of the parts that are present."""
    finding = question.finding
    tokens: Sequence[str] = [one for one in re.split(r"[\s,;]+", said.casefold()) if one]
    values: dict[str, Observed] = {}
    for token in tokens:
        if token in _YES:
            values[finding.id] = True
        elif token in _NO:
            values[finding.id] = False
        elif token.isdecimal() and 1 <= int(token) <= len(question.parts):
            values[question.parts[int(token) - 1].id] = True
        else:
            parts = f", or numbers from 1 to {len(question.parts)}" if question.parts else ""
            return Understood({}, f"Not understood: answer yes or no{parts}.")
    if values.get(finding.id) is False and len(values) > 1:
        return Understood({}, "No, and parts that are present: one of them cannot be right.")
    if {True, False} <= {token in _YES for token in tokens if token in _YES | _NO}:
        return Understood({}, "Yes and no: one of them cannot be right.")
    return Understood(values)
