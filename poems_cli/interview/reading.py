"""What an answer means: values, something to be asked once more, or what was wrong with it. Nothing is guessed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from poems_cli.engine.expressions import leaves
from poems_cli.engine.logic import plain_number
from poems_cli.finding_names import longer_words, said_by
from poems_cli.interview.lists import read_items
from poems_cli.interview.numbers import fitting, is_bare, looks_measured, read_number, which_words
from poems_cli.interview.question import Question, history_denies
from poems_cli.interview.words_typed import ALL, ALL_DONE, NO, NONE, SOME, UNKNOWN, YES, word_of
from poems_cli.model import Compare, Expression, Finding, Observed, PatientOption, Quantity, Rules
from poems_cli.records.quantity import Bare
from poems_cli.report.names import finding_name
from poems_cli.report.words import amount


class Reading(NamedTuple):
    """What a line says.

    ``values`` and ``opened`` as in an answer on the sheet; ``wrong`` says what is not understood. ``which`` are the quantities
    that it can be, ``in_units`` the values that it has in each unit that it can have. ``some`` says that only
    some of what is asked for was done, ``sure`` that all of it was.
    """

    values: Mapping[str, Observed] = {}
    opened: tuple[str, ...] = ()
    wrong: str = ""
    which: tuple[tuple[Finding, Quantity], ...] = ()
    in_units: tuple[tuple[Finding, Quantity], ...] = ()
    some: bool = False
    sure: bool = False


class Reader:
    """Reads the answers to questions by one set of rules; ``bare`` says in which units numbers without one are."""

    def __init__(self, rules: Rules, bare: Bare = None) -> None:
        self._rules = rules
        self._bare = bare

    def read(self, question: Question, line: str) -> Reading:
        """What a line says in answer to a question."""
        word = word_of(line)
        if word in UNKNOWN:
            return Reading()
        match question.kind:
            case "name":
                return Reading()
            case "quantity":
                assert question.finding is not None  # a quantity is asked for by its finding
                return self._number(question.finding, line)
            case "options":
                return self._longer(question, line) or self._option(question, word)
            case "items":
                return self._items(question, line, word)
            case "looked_for":
                return self._looked_for(question, line, word)
            case "truth":
                return self._truth(question, line, word)

    def _number(self, finding: Finding, line: str) -> Reading:
        number = read_number(finding, line, self._rules.units, self._bare)
        if number.value is not None:
            return Reading({finding.id: number.value})
        return Reading(wrong=number.wrong, in_units=tuple([(finding, value) for value in number.in_units]))

    def _measured(self, question: Question, line: str) -> Reading | None:
        """A number where yes or no was asked for: the value that decides it."""
        if question.finding is None:
            return None
        findings = measured_by(self._rules, question.finding.id)
        named, rest = _named(findings, line)
        if not findings or not looks_measured(rest):
            return None
        found = fitting(named, rest, self._rules.units, self._bare)
        if len(found) == 1 and len(named) > 1 and is_bare(rest):  # that it cannot be another in its usual unit says little
            return Reading(wrong="this number can be of several tests; write the test and the unit, as platelets 500 10*9/L")
        if len(found) == 1:
            return Reading({found[0][0].id: found[0][1]})
        if found:
            return Reading(which=tuple(found), wrong=f"it can be {which_words([option for option, _ in found])}; say which")
        if len(named) == 1:
            return self._number(named[0], rest)
        wrong = list(dict.fromkeys([read_number(finding, rest, self._rules.units, self._bare).wrong for finding in named]))
        return Reading(
            wrong=wrong[0] if len(wrong) == 1 else f"this can't be read as {which_words(named)}; say which, and the unit"
        )

    def _option(self, question: Question, word: str) -> Reading:
        options = question.options
        if word.isdecimal():
            place = int(word)
            if 1 <= place <= len(options):
                return Reading(options[place - 1].says)
            return Reading(wrong=f"type a number from 1 to {len(options)}, or one of the words")
        exact = [option for option in options if word in self._option_words(option)]
        if not exact and word in YES | NONE:
            return Reading(wrong=f"type a number from 1 to {len(options)}, or the words")
        near = exact or [option for option in options if any(said.startswith(word) for said in self._option_words(option))]
        near = near or [option for option in options if all(part in word_of(option.words).split() for part in word.split())]
        if len(near) == 1:
            return Reading(near[0].says)
        what = "this fits several of them" if near else "this is not one of them"
        return Reading(wrong=f"{what}; type a number from 1 to {len(options)}, or the words")

    def _option_words(self, option: PatientOption) -> set[str]:
        """The words of an option: those that are shown, and those that the rules know of its choice."""
        words = {word_of(option.words)}
        for finding, said in option.says.items():
            if len(option.says) == 1 and isinstance(said, str):
                others = self._rules.findings[finding].words
                mimic = self._rules.mimics.get(said)
                names = (mimic.short, mimic.name, *mimic.synonyms) if mimic else ()
                words |= {word_of(said), word_of(said.replace("_", " "))}
                words |= {word_of(word) for word, choice in others.items() if choice == said}
                words |= {word_of(name) for name in names}
        return words

    @staticmethod
    def _longer(question: Question, line: str) -> Reading | None:
        """What says something of several findings: ``IgG lambda``, where a band or a clone is asked for."""
        asked = [item.finding for item in question.items] + ([question.finding] if question.finding else [])
        longer = [said for finding in asked if (said := said_by(line, longer_words(finding)))]
        return Reading(longer[0]) if len(longer) == 1 else None

    def _items(self, question: Question, line: str, word: str) -> Reading:
        """Several symptoms: those named are present; "no" says that none is."""
        if word in YES and len(question.items) > 1:
            return Reading(wrong="type the numbers of those that are there, such as 1 3, or n for none of them")
        if word in ALL | NONE | YES:
            return Reading(self._symptoms(question, dict.fromkeys(range(len(question.items)), word not in NONE)))
        named = read_items(line, question.items)
        if named.strange or not named.values:
            return Reading(wrong="this is not understood; type numbers, such as 1 3 or 1-3, or n for none of them")
        return Reading(self._symptoms(question, named.values))

    def _symptoms(self, question: Question, said: Mapping[int, bool | None]) -> dict[str, Observed]:
        """The values of the items; a "no" only where the history answers it."""
        values: dict[str, Observed] = {}
        for place, value in said.items():
            finding = question.items[place].finding.id
            if value is True or (value is False and history_denies(self._rules, finding)):
                values[finding] = value
        return values

    def _looked_for(self, question: Question, line: str, word: str) -> Reading:
        """What was looked for, whatever came of it; nothing follows for what was not."""
        if word in NONE:
            return Reading()
        if word in ALL:
            return Reading(opened=tuple([item.finding.id for item in question.items]))
        if word in YES:
            return Reading(wrong="type the numbers of those that were looked for, such as 1 3, or Enter for none")
        named = read_items(line, question.items)
        if named.strange or not named.values:
            return Reading(
                wrong="this is not understood; type the numbers of those that were looked for, such as 1 3, or Enter for none"
            )
        return Reading(opened=tuple([question.items[place].finding.id for place, value in named.values.items() if value]))

    def _truth(self, question: Question, line: str, word: str) -> Reading:
        """Yes or no, perhaps with parts; a number that answers it; or the parts alone."""
        finding = question.finding
        assert finding is not None  # yes or no is asked of one finding
        if word in SOME:
            return Reading(some=True)
        if word in YES | NO:
            return Reading({finding.id: word in YES})
        head, _, tail = word.partition(" ")
        if head in NO and tail[:1].isdecimal() and question.items:
            return Reading(wrong='"no" with a number can mean two things; write the number first, as "1 no", or only "no"')
        if head in NO and tail in ALL_DONE:
            return Reading({finding.id: False}, sure=True)
        if head in YES and tail:
            parts = read_items(line.replace(",", " ").strip().partition(" ")[2], question.items)
            if not parts.strange and parts.values:
                return Reading({finding.id: True, **self._parts(question, parts.values)})
        named = read_items(line, question.items) if question.items else None
        if named and named.values and not named.strange:
            return Reading(self._parts(question, named.values))
        other = self._longer(question, line) or self._measured(question, line)
        if other is not None:
            return other
        if word == "-":
            return Reading(wrong="a dash can mean no or not done; type n, or Enter where it is not done")
        wanted = "y, n or Enter" + (f", or numbers from 1 to {len(question.items)}" if question.items else "")
        return Reading(wrong=f"this is not understood; answer {wanted}")

    @staticmethod
    def _parts(question: Question, said: Mapping[int, bool | None]) -> dict[str, Observed]:
        return {question.items[place].finding.id: value for place, value in said.items() if value is not None}


def measured_by(rules: Rules, finding: str) -> list[Finding]:
    """The quantities whose values decide a boolean finding, itself or through its parts."""
    definitions = [rules.findings[name].definition for name in (finding, *rules.parts.get(finding, ()))]
    known = dict.fromkeys(comparison.finding for comparison in comparisons(definitions))
    return [rules.findings[name] for name in known if rules.findings[name].kind == "quantity"]


def comparisons(expressions: Iterable[Expression | None]) -> Iterator[Compare]:
    """Every comparison in some expressions."""
    every = (leaf for expression in expressions if expression is not None for leaf in leaves(expression))
    return (leaf for leaf in every if isinstance(leaf, Compare))


def _named(findings: list[Finding], line: str) -> tuple[list[Finding], str]:
    """Those of several quantities that a line names, and the line without the names; all of them where it names none."""
    words = line.casefold().replace(",", " , ").split()
    distinct = {finding.id: _distinct(finding, findings) for finding in findings}
    named = [finding for finding in findings if distinct[finding.id] & set(words)]
    if not named:
        return findings, line
    names = (word for finding in findings for word in (*distinct[finding.id], *finding.id.split("_")))
    drop = {"in", "is", "was", "of", "=", *names}
    kept = [word for word in line.split() if word.casefold().strip(",:=") not in drop]
    return named, " ".join(kept)


def _distinct(finding: Finding, findings: list[Finding]) -> set[str]:
    """The words of a quantity's names that no other one has."""
    others = {word for other in findings if other is not finding for word in _words(other)}
    return {word for word in _words(finding) if word not in others}


def _words(finding: Finding) -> Iterator[str]:
    names = (finding.id.replace("_", " "), finding.label, *finding.synonyms)
    for name in names:
        yield from (word for word in name.casefold().replace("'", " ").split() if len(word) > 1)


def amount_words(value: Quantity) -> str:
    """A number with its unit as it was given, and converted where that is another."""
    comparator = value.comparator or ""
    own = f"{comparator}{amount(value.value, value.unit)}"
    limits = f" (upper limit {plain_number(value.high)})" if value.high is not None else ""
    assumed = " (unit assumed)" if value.unit_from == "assumed" else ""
    if value.given is None:
        return own + limits + assumed
    given = f"{comparator}{amount(value.given.value, value.given.unit)}"
    return f"{given}, that is {comparator}{value.value:.4g} {value.unit}{limits}{assumed}"


def answer_words(rules: Rules, question: Question | None, values: Mapping[str, Observed], words: Mapping[str, str]) -> str:
    """An answer in a line: ``yes``, or each item by name; ``words`` are names that take the place of the labels."""
    own = question.finding.id if question and question.finding else None
    if list(values) == [own]:
        return _value_words(rules, own, values[own]) if own else ""
    if question is not None and question.kind == "items" and len(values) == len(question.items) and not any(values.values()):
        return "none of them"
    if question is not None and question.kind == "options":
        chosen = [option.words for option in question.options if dict(option.says) == dict(values)]
        if chosen:
            return chosen[0]
    said: dict[str, list[str]] = {}
    rest = []
    for finding, value in values.items():
        name = words.get(finding) or finding_name(rules, finding)
        if isinstance(value, bool):
            said.setdefault("yes" if value else "no", []).append(name)
        else:
            rest.append(f"{name} {_value_words(rules, finding, value)}")
    parts = [f"{word}: {'; '.join(said[word])}" for word in ("yes", "no") if word in said]
    return "; ".join([*rest, *parts])


def _value_words(rules: Rules, finding: str, value: Observed) -> str:
    if isinstance(value, Quantity):
        return amount_words(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return rules.findings[finding].choices.get(value, value)
