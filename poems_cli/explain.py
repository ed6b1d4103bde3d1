"""What the program knows of one topic: a finding, a criteria set, a test, a source, a warning, or the syndrome itself.

An explanation is data, a title and blocks, which ``report.explanation`` draws.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from poems_cli.explain_rules import explain_criteria, explain_finding, explain_source, explain_test, explain_warning
from poems_cli.explain_syndrome import explain_syndrome
from poems_cli.explanation import Block, Explanation
from poems_cli.model import Rules

#: The topic that tells what the syndrome is.
SYNDROME = "poems"

_Explainer: TypeAlias = Callable[[Rules, str], Iterator[Block]]


class _Kind(NamedTuple):
    """One kind of topic: which ids it has, the title of one, and its blocks."""

    ids: Callable[[Rules], tuple[str, ...]]
    title: Callable[[Rules, str], str]
    blocks: _Explainer


_KINDS = (
    _Kind(lambda rules: tuple(rules.findings), lambda rules, one: rules.findings[one].label, explain_finding),
    _Kind(lambda rules: tuple(rules.criteria), lambda rules, one: rules.criteria[one].title, explain_criteria),
    _Kind(lambda rules: tuple(rules.tests), lambda rules, one: rules.tests[one].label, explain_test),
    _Kind(lambda rules: tuple(rules.sources), lambda _, one: one, explain_source),
    _Kind(lambda rules: tuple(one.id for one in rules.warnings), lambda _, one: one.replace("_", " "), explain_warning),
)


def explain(rules: Rules, topic: str) -> Explanation | None:
    """What is known of ``topic``, of all that it names where that is several things; ``None`` when it names nothing."""
    if topic == SYNDROME:
        return Explanation(rules.title, tuple(explain_syndrome(rules)))
    topic = _by_label(rules, topic)
    found = [kind for kind in _KINDS if topic in kind.ids(rules)]
    if not found:
        return None
    blocks = [block for kind in found for block in kind.blocks(rules, topic)]
    title = found[0].title(rules, topic)
    return Explanation(title if title == topic else f"{title} ({topic})", tuple(blocks))


def _by_label(rules: Rules, topic: str) -> str:
    """The id of the finding or test that has this label, else the topic itself."""
    labels = {test.label.lower(): test.id for test in rules.tests.values()}
    labels |= {finding.label.lower(): finding.id for finding in rules.findings.values()}
    return labels.get(topic.lower(), topic)


def topics(rules: Rules) -> list[str]:
    """Every id that can be explained, each once."""
    return list(dict.fromkeys([SYNDROME, *(one for kind in _KINDS for one in kind.ids(rules))]))
