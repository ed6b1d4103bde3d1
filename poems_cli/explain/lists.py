"""The lists of what can be explained, each as a table: id, name, and what tells the entries apart."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from poems_cli.exit_codes import MEANINGS
from poems_cli.explain.glossary import words
from poems_cli.explain.mimics import explain_mimics
from poems_cli.model import Rules
from poems_cli.report.blocks import Block, Paragraph, Table
from poems_cli.report.words import COST, READ, unit_words


class Listed(NamedTuple):
    """A list: its title, its blocks, and other names for it."""

    title: str
    blocks: Callable[[Rules], Iterator[Block]]
    synonyms: tuple[str, ...] = ()

    def count(self, rules: Rules) -> int:
        """How many entries it has."""
        return sum(len(block.rows) for block in self.blocks(rules) if isinstance(block, Table))


def explain_overview(rules: Rules) -> Iterator[Block]:
    """What there is to explain: each list with its length."""
    rows = [(name, listing.title, str(listing.count(rules))) for name, listing in lists_of(rules).items()]
    yield Table(("topic", "what it lists", "entries"), tuple(rows))
    finding = next(entry.id for entry in rules.findings.values() if entry.kind == "boolean")
    yield Paragraph(
        f"poems explain {rules.identity.id} says what the syndrome is. Every id that an answer shows is a topic, and so is "
        f"every name or synonym, in any case: poems explain {finding}, poems explain '{rules.title}'."
    )


def of_several(rows: tuple[tuple[str, ...], ...]) -> Iterator[Block]:
    """What a name can mean."""
    yield Table(("topic", "what it is", "kind"), rows)
    yield Paragraph("Name the one you mean: poems explain TOPIC.")


def _findings(rules: Rules) -> Iterator[Block]:
    rows = ((entry.id, entry.label, unit_words(entry.unit) or entry.kind) for entry in rules.findings.values())
    yield Table(("id", "finding", "kind or unit"), tuple(rows))


def _sets(rules: Rules) -> Iterator[Block]:
    for criteria, whose in ((rules.criteria, "criteria set"), (rules.mimic_criteria, "criteria set of a mimic")):
        rows = (
            (criteria_set.id, criteria_set.title, ", ".join(level.id for level in criteria_set.levels))
            for criteria_set in criteria.values()
        )
        if criteria:
            yield Table(("id", whose, "levels"), tuple(rows))


def _tests(rules: Rules) -> Iterator[Block]:
    yield Table(("id", "test", "cost"), tuple((test.id, test.label, COST[test.cost]) for test in rules.tests.values()))


def _sources(rules: Rules) -> Iterator[Block]:
    rows = []
    for source_id, entry in rules.sources.items():
        place = " ".join(str(part) for part in (entry.journal, entry.publisher, entry.year) if part)
        whole = [part for part in (entry.title, entry.authors) if part][:1] + [place] * bool(place)
        rows.append((source_id, ". ".join(whole), READ[entry.read]))
    yield Table(("id", "source", "what was read"), tuple(rows))


def _warnings(rules: Rules) -> Iterator[Block]:
    rows = [
        (warning.id, f"{'Urgent: ' if warning.urgent else ''}{warning.short or warning.text}", warning.basis.source or "")
        for warning in rules.warnings
    ]
    gray = "counts as unknown: its numbers lie in a gray zone"
    rows += [
        (f"gray_zone:{entry.id}", f"{entry.label} {gray}", entry.basis.source or "")
        for entry in rules.findings.values()
        if entry.gray_zone
    ]
    yield Table(("id", "warning", "source"), tuple(rows))


def _red_flags(rules: Rules) -> Iterator[Block]:
    yield Table(("id", "red flag", "figure"), tuple((flag.id, flag.text, flag.figure or "") for flag in rules.red_flags))


def _words(_: Rules) -> Iterator[Block]:
    yield Table(("word", "meaning"), tuple((word.id, word.meaning) for word in words()))


def _exit_codes(_: Rules) -> Iterator[Block]:
    yield Table(("code", "meaning"), tuple((str(code), meaning) for code, meaning in MEANINGS.items()))


#: Every list, by the topic that shows it.
LISTS = {
    "findings": Listed("every finding", _findings),
    "sets": Listed("every criteria set", _sets, ("criteria", "criteria sets", "criteria_sets")),
    "tests": Listed("every test", _tests),
    "mimics": Listed("every mimic: what else it could be", explain_mimics, ("what else it could be", "diseases")),
    "sources": Listed("every source", _sources, ("references", "citations", "literature")),
    "warnings": Listed("every warning", _warnings),
    "red-flags": Listed("every red flag", _red_flags),
    "words": Listed("the words of the answers", _words, ("glossary", "what the words mean", "vocabulary")),
    "exit-codes": Listed("the exit codes", _exit_codes, ("exit code", "exit status")),
}


def lists_of(rules: Rules) -> dict[str, Listed]:
    """The lists in which these rules have something."""
    return {name: listed for name, listed in LISTS.items() if listed.count(rules)}
