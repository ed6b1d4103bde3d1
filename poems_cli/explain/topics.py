"""Every topic that can be explained, by every name it has: the one index behind explanations, lists and suggestions."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from poems_cli.engine.answer_columns import MIMICS, condition_names
from poems_cli.engine.criteria import conditions
from poems_cli.exit_codes import MEANINGS
from poems_cli.explain.follow import explain_followed, explain_landmark, explain_note, explain_response, explain_response_level
from poems_cli.explain.glossary import words
from poems_cli.explain.lists import explain_overview, lists_of, of_several
from poems_cli.explain.mimics import explain_cause, explain_factor, explain_mimic, explain_red_flag, explain_stage
from poems_cli.explain.parts import (
    explain_condition,
    explain_criteria,
    explain_finding,
    explain_gray_zone,
    explain_level,
    explain_outcome,
    explain_source,
    explain_test,
    explain_warning,
)
from poems_cli.explain.syndrome import explain_syndrome
from poems_cli.finding_names import plain_name
from poems_cli.model import LABEL, Codes, CriteriaSet, Expression, FollowUp, Rules
from poems_cli.phrases import capital
from poems_cli.report.blocks import Block, Explanation, Heading, Paragraph, Table
from poems_cli.suggestions import did_you_mean, nearest


class Topic(NamedTuple):
    """One thing that can be explained: its kind and id, what it is called, and its blocks.

    ``names`` are what outputs call it, ``synonyms`` all other names. An id goes before a name, a name before a synonym.
    """

    kind: str
    id: str
    title: str
    blocks: Callable[[], Iterable[Block]]
    names: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()


class Index:
    """All topics of the rules by their names."""

    def __init__(self, rules: Rules) -> None:
        self.topics = tuple(every_topic(rules))
        self._by_id: dict[str, list[Topic]] = {}
        self._ranks: tuple[dict[str, dict[str, None]], ...] = ({}, {}, {})
        ids, names, synonyms = self._ranks
        for topic in self.topics:
            topic_key = key(topic.id)
            self._by_id.setdefault(topic_key, []).append(topic)
            ids[topic_key] = {topic_key: None}
            for called, others in ((names, topic.names), (synonyms, topic.synonyms)):
                for name in others:
                    called.setdefault(key(name), {})[topic_key] = None

    def find(self, name: str) -> tuple[Topic, ...]:
        """The topics that a name means: those with this id, else those called so, else those with such a synonym."""
        for wanted in _spellings(name):
            for called in self._ranks:
                if wanted in called:
                    return tuple(topic for topic_key in called[wanted] for topic in self._by_id[topic_key])
        return ()

    def explain(self, name: str) -> Explanation | None:
        """What is known of a topic, or the topics that the name could mean; ``None`` if it names none."""
        found = self.find(name)
        if not found:
            return None
        if len({key(topic.id) for topic in found}) > 1:
            return Explanation(f"{name!r} can mean several things", tuple(of_several(_rows(found))))
        first, *others = found
        blocks = [*first.blocks()]
        for topic in others:
            blocks += [Heading(f"{capital(topic.kind)} {topic.id}"), *topic.blocks()]
        if all(topic.kind in _ASIDE for topic in found):
            blocks += self._see_also(first.id)
        title = first.title if key(first.title) == key(first.id) else f"{first.title} ({first.id})"
        return Explanation(title, tuple(blocks))

    def _see_also(self, name: str) -> list[Block]:
        """The findings, tests and mimics whose ids hold the whole name."""
        parts = set(key(name).split("_"))
        every = (topic for topic in self.topics if topic.kind in ("finding", "test", "mimic"))
        rows = _rows([topic for topic in every if parts <= set(key(topic.id).split("_"))])
        return [Heading("See also"), Table(("topic", "what it is", "kind"), rows)] if rows else []

    def suggestion(self, name: str) -> str:
        """Which topics an unknown name may mean; an empty text if none is near."""
        meant = did_you_mean(plain_name(name), dict.fromkeys(topic.id for topic in self.topics))
        if meant:
            return meant
        called = {topic_key: topic_keys for rank in reversed(self._ranks) for topic_key, topic_keys in rank.items()}
        near = nearest(key(name), called)
        return f"Did you mean {self._by_id[next(iter(called[near]))][0].id!r}?" if near else ""


#: Kinds with short ids, under which a reader may look for a finding or a test of a longer name.
_ASIDE = ("red flag", "outlook factor", "treatment", "group of findings", "followed findings")


def _rows(every: Iterable[Topic]) -> tuple[tuple[str, ...], ...]:
    return tuple((topic.id, topic.title, topic.kind) for topic in every)


def key(name: str) -> str:
    """A name without what does not tell names apart: case, punctuation, accents, and British spelling."""
    letters = unicodedata.normalize("NFKD", name)
    plain = plain_name("".join(letter for letter in letters if not unicodedata.combining(letter)).replace("'", ""))
    return plain.replace("ae", "e").replace("oe", "e").replace("grey", "gray")


def _spellings(name: str) -> Iterator[str]:
    """A name, then its singular."""
    wanted = key(name)
    yield wanted
    if wanted.endswith("s"):
        yield wanted.removesuffix("s")


def every_topic(rules: Rules) -> Iterator[Topic]:
    """All topics. Of several with one id the first gives the title."""
    yield from _sections(rules)
    yield from _of_mimics(rules)
    yield from _of_findings(rules)
    yield from _of_criteria(rules)
    yield from _of_tests(rules)
    for source_id, entry in rules.sources.items():
        codes = tuple(str(code) for code in (entry.doi, entry.pmid, entry.pmcid) if code)
        yield Topic("source", source_id, entry.title or source_id, partial(explain_source, rules, source_id), (), codes)
    for warning in rules.warnings:
        yield Topic("warning", warning.id, warning.id.replace("_", " "), partial(explain_warning, rules, warning.id))
    for outcome in rules.outcomes:
        yield Topic("outcome", outcome.id, outcome.name, partial(explain_outcome, rules, outcome), (), (outcome.name,))
    yield from _of_outlook(rules)
    for stage in rules.staging:
        yield Topic("stage", stage.id, stage.name, partial(explain_stage, rules, stage), (), (stage.name,))
    for cause in rules.causes:
        yield Topic("other cause", cause.id, cause.name, partial(explain_cause, rules, cause), (), (cause.name,))
    yield from _of_words()


def _sections(rules: Rules) -> Iterator[Topic]:
    """The syndrome, the overview of all lists, and the lists."""
    codes = [code.code for code in rules.syndrome.codes.values()]
    called = (rules.title, *rules.syndrome.names)
    short = [name.removesuffix(" syndrome") for name in called]
    also = (*short, "syndrome", *(code for code in codes if code))
    yield Topic("syndrome", rules.identity.id, rules.title, partial(explain_syndrome, rules), called, also)
    yield Topic("list", "topics", "what can be explained", partial(explain_overview, rules), (), ("all", "everything", "help"))
    for name, listing in lists_of(rules).items():
        yield Topic("list", name, listing.title, partial(listing.blocks, rules), (), listing.synonyms)


def _codes(codes: Codes) -> Iterator[str]:
    """The codes of an entry as names; a bare number only with the name of its system."""
    for system, listed in codes.items():
        for code in listed:
            if code:
                yield f"{system} {code}"
                if not code.isdecimal():
                    yield code


def _of_mimics(rules: Rules) -> Iterator[Topic]:
    for mimic in rules.mimics.values():
        also = (*mimic.synonyms, *_codes(mimic.codes))
        yield Topic("mimic", mimic.id, mimic.name, partial(explain_mimic, rules, mimic.id), (mimic.name, mimic.short), also)


def _of_findings(rules: Rules) -> Iterator[Topic]:
    for finding in rules.findings.values():
        choices = () if finding.id == LABEL else (finding.choices or {}).items()  # a disease is a topic of its own
        words = (word for pair in (*choices, finding.words if choices else ()) for word in pair)
        also = (*finding.synonyms, *_codes(finding.codes), *words)
        names = (finding.label, finding.term or finding.label)
        beside = [f"{finding.id}__{part}" for part in ("low", "high", "comparator")] if finding.kind == "quantity" else []
        yield Topic("finding", finding.id, finding.label, partial(explain_finding, rules, finding.id), names, (*also, *beside))
        if finding.gray_zone:
            blocks = partial(explain_gray_zone, rules, finding.id)
            yield Topic("warning", f"gray_zone:{finding.id}", f"gray zone of {finding.label}", blocks)
    for group, title in rules.groups.items():
        rows = tuple((member.id, member.label) for member in rules.findings.values() if member.group == group)
        table = Table(("id", "finding"), rows)
        yield Topic("group of findings", group, title, partial(iter, (table,)), (), (title, f"group {group}"))


def _of_tests(rules: Rules) -> Iterator[Topic]:
    for test in rules.tests.values():
        yield Topic("test", test.id, test.label, partial(explain_test, rules, test.id), (test.label,))


def _of_criteria(rules: Rules) -> Iterator[Topic]:
    for criteria in (*rules.criteria.values(), *rules.mimic_criteria.values()):
        blocks = partial(explain_criteria, rules, criteria.id)
        yield Topic("criteria set", criteria.id, criteria.title, blocks, (criteria.title, criteria.short))
        several = len(criteria.levels) > 1
        if several:
            name = f"{criteria.id} level".replace("-", "_").replace(" ", "_")
            yield Topic("column of poems screen", name, f"the highest level met of {criteria.short}", blocks)
            for level in criteria.levels:
                of_level = partial(explain_level, rules, criteria.id, level)
                title = f"level {level.id} of {criteria.short}"
                yield Topic("level", f"{criteria.id}:{level.id}", title, of_level, (level.id, f"level {level.id}"))
        for column, condition, level_id in _conditions(criteria):
            title = f"{condition.name or 'condition'} of {criteria.short}{f', level {level_id}' if several else ''}"
            of_condition = partial(explain_condition, rules, criteria.id, column, condition)
            names = (f"{column}_present", f"{column}_unknown")
            yield Topic("condition", column, title, of_condition, names, (condition.name,) if condition.name else ())


def _conditions(criteria: CriteriaSet) -> Iterator[tuple[str, Expression, str]]:
    """Each condition of each level, with the name that the columns of poems screen have for it."""
    names = iter(condition_names(criteria))
    for level in criteria.levels:
        for condition in conditions(level.expression):
            yield next(names), condition, level.id


def _of_outlook(rules: Rules) -> Iterator[Topic]:
    for flag in rules.red_flags:
        yield Topic("red flag", flag.id, flag.text, partial(explain_red_flag, rules, flag), (), (flag.text,))
    outlook = rules.outlook
    if outlook is None:
        return
    for kind, factors in (("outlook factor", outlook.factors), ("treatment", outlook.fork)):
        for factor in factors:
            yield Topic(kind, factor.id, factor.text, partial(explain_factor, rules, factor), (), (factor.text,))
    for note in outlook.notes:
        yield Topic("outlook note", note.id, note.title, partial(explain_note, rules, note), (), (note.title,))
    if outlook.follow_up is not None:
        yield from _of_follow_up(rules, outlook.follow_up)


def _of_follow_up(rules: Rules, follow_up: FollowUp) -> Iterator[Topic]:
    """What poems follow shows."""
    for group in follow_up.groups:
        yield Topic("followed findings", group.id, f"{group.name}, followed", partial(explain_followed, rules, group))
    for domain in follow_up.response:
        name = f"{domain.name} response"
        yield Topic("response", domain.id, name, partial(explain_response, rules, domain), (), (name,))
    levels = {level.id: level.name for domain in follow_up.response for level in domain.levels}
    for level, name in levels.items():
        blocks = partial(explain_response_level, rules, level, follow_up)
        yield Topic("level of response", level, f"{name} response", blocks, (), (name, f"{name} response"))
    for landmark in follow_up.landmarks:
        yield Topic("landmark", landmark.id, landmark.title, partial(explain_landmark, rules, landmark), (), (landmark.title,))


def _of_words() -> Iterator[Topic]:
    for word in words():
        yield Topic("word", word.id, word.id, partial(iter, (Paragraph(word.meaning),)), (), word.names)
    for code, meaning in MEANINGS.items():
        name, text = f"exit code {code}", Paragraph(f"{capital(meaning)}.")
        yield Topic("exit code", name, name, partial(iter, (text,)), (), (str(code), f"exit {code}"))
    for place in range(1, MIMICS + 1):
        text = Paragraph(
            f"A column of poems screen --mimics: the id of number {place} of the mimics to consider, blank if there is none."
        )
        yield Topic("column of poems screen", f"mimic_{place}", f"mimic {place}", partial(iter, (text,)))
    text = Paragraph("The patient's id as text; in poems screen the row's number where no column names the patient.")
    yield Topic("column of poems screen", "id", "id", partial(iter, (text,)))
