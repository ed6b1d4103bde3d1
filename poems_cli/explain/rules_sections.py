"""The rules by sections, in the order of reading: what their Markdown page and their HTML page have in common."""

from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from poems_cli.explain.topics import Topic, every_topic
from poems_cli.model import Rules
from poems_cli.report.blocks import Block, Heading

_PUBLISHED = "Criteria sets"
#: Each section with the kinds of topics in it.
_KINDS = (
    ("The syndrome", ("syndrome",)),
    (_PUBLISHED, ("criteria set",)),
    ("Findings", ("finding",)),
    ("Mimics", ("mimic",)),
    ("Criteria sets of the mimics", ("criteria set",)),
    ("Red flags", ("red flag",)),
    ("Tests", ("test",)),
    ("Explained by another disease", ("other cause",)),
    ("Before treatment", ("stage",)),
    ("Outlook and treatment", ("outlook factor", "treatment", "outlook note")),
    ("Follow-up", ("followed findings", "response", "landmark")),
    ("Warnings", ("warning",)),
    ("Outcomes: pictures described where the default set is not met", ("outcome",)),
    ("Words", ("word",)),
)


class Section(NamedTuple):
    """Topics that belong together, each once."""

    title: str
    topics: tuple[Topic, ...]


def sections(rules: Rules) -> Iterator[Section]:
    """The sections in which these rules have something."""
    every = list(every_topic(rules))
    for title, kinds in _KINDS:
        chosen = [topic for topic in every if topic.kind in kinds]
        if kinds == ("criteria set",):
            chosen = [topic for topic in chosen if (topic.id in rules.criteria) is (title == _PUBLISHED)]
        if chosen:
            yield Section(title, tuple({(topic.kind, topic.id): topic for topic in chosen}.values()))


def entry_blocks(topic: Topic) -> Iterator[Block]:
    """The explanation of a topic without its sources: a page lists all sources once, at its end."""
    return takewhile(lambda block: block != Heading("Sources"), topic.blocks())
