"""One interview: asks, reads, keeps every answer. What to ask, how to read it and how it looks is decided elsewhere.

Questions go to the stream of questions (standard error), so that standard output holds the result alone. One line is one
answer, typed or piped. On a terminal what is not understood is asked again; through a pipe it ends the run, since every later
line would answer the wrong question.
"""

from collections.abc import Container, Mapping, Sequence
from itertools import islice
from typing import IO, Literal, TypeAlias

from poems_cli.engine.logic import truth
from poems_cli.errors import input_error, usage_error
from poems_cli.interview.answers_file import AnswersFile
from poems_cli.interview.clinician import ClinicianQuestions
from poems_cli.interview.jump import named_finding
from poems_cli.interview.numbers import with_upper_limit
from poems_cli.interview.patient import PatientQuestions
from poems_cli.interview.question import NAME, Audience, Question
from poems_cli.interview.reading import Reader, Reading, amount_words, answer_words, comparisons
from poems_cli.interview.screen import Screen
from poems_cli.interview.sheet import Given, Sheet
from poems_cli.interview.wording import AID, Wording, about
from poems_cli.interview.words_typed import BACK, HELP, LEAVE, NO, NONE, REVIEW, SOME, UNKNOWN, YES, word_of
from poems_cli.model import BeforeTreatment, Closing, Compare, Expression, Observed, Quantity, Rules
from poems_cli.phrases import counted, listed
from poems_cli.records.problem import is_fit
from poems_cli.units import UnitSystem

#: How an interview ended: nothing more to ask or no more input, or left by the one who answers.
Ending: TypeAlias = Literal["done", "left"]

_NOT_KNOWN = "not known"
_MOST_SURPLUS = 10_000


class Back(Exception):  # noqa: N818  # not an error: what was typed leads elsewhere
    """Go to the question before."""


class Leave(Exception):  # noqa: N818
    """Leave the interview; the answers are kept."""


class ShowReview(Exception):  # noqa: N818
    """Show all answers."""


class Jump(Exception):  # noqa: N818
    """Go to a finding."""

    def __init__(self, finding: str) -> None:
        super().__init__(finding)
        self.finding = finding


class EndOfInput(Exception):  # noqa: N818
    """There are no more lines."""


class Session:
    """One interview: asks on ``screen``, reads from ``answers``, keeps every answer in ``file``."""

    def __init__(
        self,
        rules: Rules,
        sheet: Sheet,
        audience: Audience,
        screen: Screen,
        answers: IO[str],
        file: AnswersFile,
        bare: UnitSystem | None = None,
    ) -> None:
        self._rules = rules
        self._sheet = sheet
        self._audience = audience
        self._screen = screen
        self._answers = answers
        self._file = file
        self._reader = Reader(rules, bare)
        self._wording = Wording(rules, audience)
        self._questions = ClinicianQuestions(sheet) if audience == "clinician" else PatientQuestions(sheet)
        self._is_live = answers.isatty()
        self._line_number = 0
        self._asked: Question | None = None  # what the line that is read answers
        self._disagreeing = len(sheet.assessment().facts.contradictions)

    def run(self) -> Ending:
        """Ask until nothing more matters, the input ends, or the one who answers leaves."""
        self._open()
        at: Question | None = None
        reviewing = False
        while True:
            try:
                if reviewing:
                    reviewing = False
                    at = self._review(is_last=False) or at
                at = at or self._questions.next() or self._last()
                if at is None:
                    return "done"
                self._answer(at)
                at = None
            except Back:
                at = self._before(at)
            except Jump as jump:
                at = self._questions.again(jump.finding)
            except ShowReview:
                reviewing = True
            except Leave:
                return "left"
            except EndOfInput:
                self._screen.say("The input has ended; what was not asked stays unknown.")
                return "done"

    def _last(self) -> Question | None:
        """Once there is nothing more to ask: the review, on a terminal, and the question that it leads to."""
        if self._is_live:
            return self._review(is_last=True)
        self._refuse_surplus()
        return None

    def _open(self) -> None:
        self._screen.note(AID, about(self._rules.title, self._audience))
        if self._sheet.given:
            self._screen.note(f"Going on after {counted(len(self._sheet.given), 'answer')}.")
        if self._screen.face != "panels":
            self._screen.note(self._wording.key_words())

    def _before(self, at: Question | None) -> Question | None:
        earlier = self._sheet.before(at.id if at else None)
        if earlier is None:
            self._screen.note("This is the first question.")
            return at
        return self._questions.again(earlier)

    def _answer(self, question: Question) -> None:
        """Ask one question until it is answered, and take the answer."""
        given = self._read_answer(question)
        if given is None:
            return
        is_new = self._sheet.answer_to(question.id) is None
        self._sheet.answer(given)
        self._read_back(question, given, is_new=is_new)
        self._drop_unreachable()
        self._keep()

    def _keep(self) -> None:
        trouble = self._file.keep(self._sheet)
        if trouble and self._file.is_behind and not self._is_live:
            raise usage_error("", trouble, "make room, or name another file with --save")
        if trouble:
            self._screen.note(f"Warning: {trouble}{'; the next answer tries again' if self._file.is_behind else ''}.")

    def _drop_unreachable(self) -> None:
        """Forget what is asked no more since an earlier answer has changed."""
        if isinstance(self._questions, PatientQuestions):
            for question in self._questions.unreachable():
                self._sheet.drop(question)

    def _read_back(self, question: Question, given: Given, *, is_new: bool) -> None:
        """Say what was understood, and what of it disagrees with other answers."""
        if given.values or given.opened or given.reasons or not is_new:
            what = f"{self._wording.brief(question)}: " if question.finding is not None else ""
            self._screen.note(f"Understood: {what}{self._in_words(question, given)}.")
        found = self._sheet.assessment().facts.contradictions
        if len(found) > self._disagreeing:
            names = listed([self._wording.name(disputed.finding) for disputed in found])
            self._screen.note(
                f"This disagrees with another answer: {names}. It counts as unknown until you correct it in the review (r)."
            )
        self._disagreeing = len(found)

    def _in_words(self, question: Question, given: Given) -> str:
        """An answer in a line."""
        if question.id == NAME:
            return self._sheet.name or "none"
        if question.kind == "looked_for":
            opened = [self._wording.name(finding) for finding in given.opened]
            return f"looked for: {listed(opened)}" if opened else "none was looked for"
        if given.reasons:
            return "; ".join(f"{self._wording.name(finding)}: {why}" for finding, why in given.reasons.items())
        if not given.values:
            return "some of it" if given.opened else _NOT_KNOWN
        return answer_words(self._rules, question, given.values, self._wording.names)

    def _read_answer(self, question: Question) -> Given | None:
        """The answer to one question; ``None`` where an earlier one is kept."""
        self._asked = question
        earlier = self._sheet.answer_to(question.id) or self._known_before(question)
        while True:
            self._show(question, earlier)
            line = self._line()
            word = word_of(line)
            if not word and earlier is not None:
                return None
            if question.kind == "name" and is_fit(line.strip()):
                self._sheet.call("" if word in UNKNOWN | NONE else line.strip())
                return Given(NAME)
            if question.kind == "name":
                self._not_understood("a name is letters, digits and punctuation alone", line)
                continue
            if self._is_live and word in NONE and question.kind in ("quantity", "options"):
                return Given(question.id)  # "no" to what is not a yes-or-no question: no answer
            reading = self._reader.read(question, line)
            try:
                given = self._accepted(question, reading, line)
            except Back:  # from what was asked once more to the question itself
                given = None
            if given is not None:
                return given

    def _known_before(self, question: Question) -> Given | None:
        """What was known of a finding before the first question, as an answer to it."""
        own = question.finding.id if question.finding else ""
        value = self._sheet.known.observed.get(own)
        return None if value is None else Given(question.id, {own: value})

    def _show(self, question: Question, earlier: Given | None) -> None:
        order = [given.question for given in self._sheet.given]
        number = (order.index(question.id) if question.id in order else len(order)) + 1
        left = len([other for other in self._questions.remaining() if other.id != question.id]) + (question.id not in order)
        said = None if earlier is None else self._in_words(question, earlier)
        view = self._wording.view(question, number, len(order), left, said)
        strip = () if self._screen.face == "plain" or not self._sheet.given else self._wording.strip(self._sheet)
        self._screen.ask(view, strip, self._wording.typed())

    def _accepted(self, question: Question, reading: Reading, line: str) -> Given | None:
        """The answer that a reading stands for, asked once more where it can be two things; ``None`` to ask again."""
        values: Mapping[str, Observed] | None = reading.values
        if (reading.in_units or reading.which) and self._is_live:
            values = self._one_of(reading)
        elif reading.wrong:
            self._not_understood(reading.wrong, line)
            return None
        if values is None:
            return None
        if reading.some:
            return Given(question.id, opened=self._parts(question))
        given = Given(question.id, dict(values), reading.opened)
        closed = None if reading.sure else self._closed(question, given)
        if closed is not None:
            return self._confirmed(question, given, closed)
        measured = next((finding for finding, value in given.values.items() if isinstance(value, Quantity)), None)
        if measured is None:
            return given
        try:
            return self._with_circumstances(given, measured, line)
        except (Leave, Jump, ShowReview, EndOfInput, KeyboardInterrupt, SystemExit):
            self._sheet.answer(given)  # what was typed counts, as where the rest is not known
            self._keep()
            raise

    def _not_understood(self, wrong: str, line: str) -> None:
        """What is not understood: asked again on a terminal, the end of a run through a pipe."""
        if not self._is_live:
            raise self._refused(wrong)
        found = named_finding(self._rules, line, exactly=True) if self._audience == "clinician" else None
        if isinstance(found, str):
            raise Jump(found)
        self._screen.note(f'You typed "{line.strip()[:40]}": {wrong}. (h help, Enter if it is not known)')

    def _refused(self, wrong: str) -> Exception:
        where = f"line {self._line_number} of the answers"
        asked = f' (asked: "{self._asked.ask}")' if self._asked else ""
        mend = "correct this line; or give --answers FILE with lines of finding: answer, which can't slip by a line"
        return input_error(where, f"{wrong}{asked}", mend)

    def _refuse_surplus(self) -> None:
        """Through a pipe, a line for which there is no question means that the answers have slipped."""
        self._asked = None
        for line in islice(self._answers, _MOST_SURPLUS):  # there are pipes that never end
            self._line_number += 1
            if line.strip():
                raise self._refused("there is no question left for this line")

    def _parts(self, question: Question) -> tuple[str, ...]:
        """What is asked one by one where only some of it was done; a patient is not asked for parts."""
        if self._audience == "patient" or question.finding is None:
            return ()
        below, parts = [], list(self._rules.parts.get(question.finding.id, ()))
        while parts:
            below.append(parts.pop(0))
            parts += self._rules.parts.get(below[-1], ())
        return tuple(below)

    def _closed(self, question: Question, given: Given) -> str | None:
        """What a "no" closes that the default set requires, or that only a full work-up lets a patient deny."""
        no = [finding for finding, value in given.values.items() if value is False]
        if not no:
            return None
        own = question.finding.id if question.finding else no[0]
        closing = self._rules.questionnaire.closing
        if self._audience == "patient" and own in closing and given.values.get(own) is False:
            return own
        before, after = self._sheet.assessment(), self._sheet.would_be(given)
        set_id = before.default_criteria
        if before.criteria[set_id].verdict == "not met" or after.criteria[set_id].verdict != "not met":
            return None
        denied = [name for name in closing if after.facts.values.get(name) is False]
        newly = [name for name in denied if before.facts.values.get(name) is not False]
        return newly[0] if newly else own

    def _confirmed(self, question: Question, given: Given, closed: str) -> Given | None:
        """The "no" that closes a criterion, once it is clear what it means."""
        if not self._is_live:
            words = 'this "no" counts only where all of it was done and negative; write "no, all done" then'
            raise self._refused(f"{words}, else leave the line blank")
        texts = self._rules.questionnaire.closing.get(closed, Closing(None, None))
        own = texts.patient if self._audience == "patient" else texts.text
        generic = f"{self._wording.name(closed)}: was it looked for with all that it takes, and nothing found?"
        self._screen.note(own or generic)
        answer = self._choice("y yes, all of it; some of them; Enter not all of it, or not known", YES, SOME | NO | UNKNOWN)
        if answer in YES:
            return given
        return Given(question.id, opened=self._parts(question) if answer in SOME else ())

    def _one_of(self, reading: Reading) -> dict[str, Observed] | None:
        """The number in the unit that is chosen, or as the quantity that is chosen: by its place, or by a word of its own."""
        choices = reading.in_units or reading.which
        known = {str(place): choice for place, choice in enumerate(choices, 1)}
        if reading.in_units:
            asked, labels = "In which unit is it?", [amount_words(value) for _, value in choices]
        else:
            asked, labels = "Which value is it?", [finding.label for finding, _ in choices]
            names = {word: choice for choice in choices for word in (choice[0].id, *choice[0].label.casefold().split())}
            known |= {word: names[word] for word in names if sum(word in label.casefold() for label in labels) == 1}
        self._screen.note(f"{asked} {'; '.join(f'{place} {label}' for place, label in enumerate(labels, 1))}.")
        chosen = known.get(self._choice("a number, or Enter to answer again", known.keys(), frozenset([""])))
        return None if chosen is None else {chosen[0].id: chosen[1]}

    def _choice(self, words: str, *answers: Container[str]) -> str:
        """One of the words that a short question allows; asked again until it is one."""
        while True:
            self._screen.ask_briefly(words, self._asked.ask if self._asked else "")
            word = word_of(self._line())
            if any(word in known for known in answers):
                return word
            self._screen.note("This is not one of the answers.")

    def _with_circumstances(self, given: Given, measured: str, line: str) -> Given:
        """A value with the laboratory's upper limit where that decides, and with what treatment has done to it."""
        value = given.values[measured]
        assert isinstance(value, Quantity)  # it was chosen as one
        values = dict(given.values)
        if self._is_live and self._audience == "clinician" and value.high is None and self._limit_decides(given, measured):
            values[measured] = value = self._with_limit(measured, value)
        rule = self._rules.questionnaire.before_treatment
        if rule is None or measured not in rule.values:
            return Given(given.question, values, given.opened)
        text = line.casefold()
        treated = "after treatment" in text or "on treatment" in text or "under treatment" in text
        if self._is_live and not treated and "before treatment" not in text:
            words = "Was it measured before any treatment? y yes, n after treatment began, Enter not known"
            treated = self._choice(words, YES, NO, UNKNOWN) in NO
        if not treated:
            return Given(given.question, values, given.opened)
        return self._after_treatment(rule, Given(given.question, {**values, rule.after: True}, given.opened), measured)

    def _after_treatment(self, rule: BeforeTreatment, given: Given, measured: str) -> Given:
        """Treatment lowers such a value: it is kept only where it is still above every limit that it is compared with."""
        facts = self._sheet.would_be(given).facts
        if not any(truth(limit, facts) is False for limit in _lower_limits(self._rules, measured)):
            return given
        value = given.values[measured]
        assert isinstance(value, Quantity)  # it was chosen as one
        why = f"{amount_words(value)}, measured after treatment began"
        raised: dict[str, Observed] = {rule.raised: True} if facts.values.get(rule.raised) else {}
        return Given(given.question, {**raised, rule.after: True}, given.opened, {measured: why})

    def _limit_decides(self, given: Given, measured: str) -> bool:
        """Whether the laboratory's own limit can still change what follows from a value."""
        facts = self._sheet.would_be(given).facts
        in_doubt = any(measured in _compared_with_limit(self._rules.findings[gray].definition) for gray in facts.gray)
        return in_doubt or measured in _compared_with_multiple(self._rules)

    def _with_limit(self, measured: str, value: Quantity) -> Quantity:
        finding = self._rules.findings[measured]
        while True:
            words = f"Upper limit of the laboratory for {amount_words(value)}, in the same unit? Enter not known"
            self._screen.ask_briefly(words, self._asked.ask if self._asked else "")
            line = self._line()
            if word_of(line) in UNKNOWN:
                return value
            number = with_upper_limit(value, finding, line, self._rules.units)
            if number.value is not None:
                return number.value
            self._screen.note(f"{number.wrong}.")

    def _review(self, *, is_last: bool) -> Question | None:
        """All answers with their numbers; the question to go to, if one is named."""
        given = self._sheet.given
        questions = [self._questions.again(answer.question) for answer in given]
        while True:
            more = len(self._mimic_questions()) if is_last else 0
            on = "shows the result" if is_last else "goes on"
            mimics = f"m goes on with at most {counted(more, 'question')} that would settle a mimic; " if more else ""
            word = self._word_below(self._review_lines(questions, given), f"A number changes an answer; {mimics}Enter {on}")
            if word in UNKNOWN | NONE:
                return None
            if word == "m" and more:
                self._questions.for_mimics = True
                return self._questions.next()
            if word.isdecimal() and 1 <= int(word) <= len(questions):
                return questions[int(word) - 1]
            self._screen.note(f"Type a number from 1 to {len(questions)}, or Enter.")

    def _word_below(self, answers: Sequence[str], words: str) -> str:
        """Show the answers, a screen's worth at a time, and ask below them; what is typed before the last page counts too."""
        *first, last = self._screen.in_pages(answers, below=4)
        title = "Your answers" if answers else "There are no answers yet."
        for page in first:
            self._screen.page(title, page)
            self._screen.ask_below("A number changes an answer; Enter shows the other answers")
            if (word := word_of(self._line())) not in UNKNOWN | NONE:
                return word
        self._screen.page(title, last)
        self._screen.ask_below(words)
        return word_of(self._line())

    def _review_lines(self, questions: Sequence[Question], given: Sequence[Given]) -> list[str]:
        """Each answer with its number; those that are not known together, after the others."""
        disagreeing = {contradiction.finding for contradiction in self._sheet.assessment().facts.contradictions}
        lines, not_known = [], []
        for place, (question, answer) in enumerate(zip(questions, given, strict=True), 1):
            if (words := self._in_words(question, answer)) == _NOT_KNOWN:
                not_known.append(f"{place} {self._wording.brief(question)}")
                continue
            mark = " (disagrees with another answer)" if disagreeing & set(answer.values) else ""
            lines.append(f"{place:>3}  {self._wording.brief(question)}: {words}{mark}")
        return [*lines, f"  Not known: {'; '.join(not_known)}"] if not_known else lines

    def _mimic_questions(self) -> list[Question]:
        """What would be asked for the sake of the mimics, and is not asked yet."""
        if self._audience == "patient" or self._questions.for_mimics:
            return []
        self._questions.for_mimics = True
        more = self._questions.remaining()
        self._questions.for_mimics = False
        return more

    def _line(self) -> str:
        """The next line that answers; the keys that work at every prompt lead elsewhere."""
        while True:
            line = self._answers.readline()
            self._line_number += 1
            if not self._is_live:
                self._screen.break_line()  # a terminal shows what is typed and breaks the line; a pipe does neither
            if not line:
                raise EndOfInput
            word = word_of(line)
            if word in BACK:
                raise Back
            if word in LEAVE:
                raise Leave
            if word in REVIEW and self._is_live:
                raise ShowReview
            if word in HELP and self._asked is not None:
                self._help(self._asked)
                continue
            if word.startswith("/") and self._audience == "clinician":
                self._jump(word[1:])
                continue
            return line

    def _help(self, question: Question) -> None:
        """Show the help and the question again; a long help has a page of its own."""
        lines = list(self._wording.help(question))
        if self._is_live and self._screen.is_too_long(lines):
            self._screen.page("Help", lines)
            self._screen.ask_below("Enter goes back to the question")
            self._line()
        else:
            self._screen.note(*lines)
        self._screen.again()

    def _jump(self, name: str) -> None:
        """Go to the finding of a name, or say which ones it can be."""
        found = named_finding(self._rules, name)
        if isinstance(found, str):
            raise Jump(found)
        words = f"{name!r} is not a finding" if not found else f"{name!r} can be {listed(found, 'or')}"
        if not self._is_live:
            raise self._refused(words)
        self._screen.note(f"{words[:1].upper()}{words[1:]}.")
        self._screen.again()


def _lower_limits(rules: Rules, finding: str) -> list[Compare]:
    """What a value must be above, or at least, anywhere in the definitions and criteria sets."""
    compared = comparisons([*(entry.definition for entry in rules.findings.values()), *_of_criteria(rules)])
    return [made for made in compared if made.finding == finding and made.operator in ("above", "at_least")]


def _of_criteria(rules: Rules) -> list[Expression]:
    return [level.expression for criteria in rules.criteria.values() for level in criteria.levels]


def _compared_with_limit(definition: Expression | None) -> set[str]:
    """The values that a definition compares with the laboratory's own upper limit."""
    return {made.finding for made in comparisons([definition]) if made.laboratory == "high" or made.limit is None}


def _compared_with_multiple(rules: Rules) -> set[str]:
    """The values that a criteria set compares with a multiple of the laboratory's own upper limit."""
    return {made.finding for made in comparisons(_of_criteria(rules)) if made.times_upper is not None}
