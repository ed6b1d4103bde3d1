"""What the program knows of one topic: a finding, a criteria set, a mimic, a test, a source, a warning, or the syndrome.

An explanation is data, a title and blocks, which ``report.explanation`` draws.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from poems_cli.explain_mimics import explain_mimic, explain_mimics, named_mimic
from poems_cli.explain_rules import explain_criteria, explain_finding, explain_source, explain_test, explain_warning
from poems_cli.explain_syndrome import explain_syndrome
from poems_cli.explanation import Block, Explanation
from poems_cli.model import Rules
from poems_cli.names import finding_names, plain_name

#: The topic that tells what the syndrome is.
SYNDROME = "poems"

#: The topic that lists every mimic.
MIMICS = "mimics"

_Explainer: TypeAlias = Callable[[Rules, str], Iterator[Block]]


class _Kind(NamedTuple):
    """One kind of topic: which ids it has, the title of one, and its blocks."""

    ids: Callable[[Rules], tuple[str, ...]]
    title: Callable[[Rules, str], str]
    blocks: _Explainer


def _set_title(rules: Rules, set_id: str) -> str:
    return (rules.criteria.get(set_id) or rules.mimic_criteria[set_id]).title


_KINDS = (
    _Kind(lambda rules: tuple(rules.mimics), lambda rules, one: rules.mimics[one].name, explain_mimic),
    _Kind(lambda rules: tuple(rules.findings), lambda rules, one: rules.findings[one].label, explain_finding),
    _Kind(lambda rules: (*rules.criteria, *rules.mimic_criteria), _set_title, explain_criteria),
    _Kind(lambda rules: tuple(rules.tests), lambda rules, one: rules.tests[one].label, explain_test),
    _Kind(lambda rules: tuple(rules.sources), lambda _, one: one, explain_source),
    _Kind(lambda rules: tuple(one.id for one in rules.warnings), lambda _, one: one.replace("_", " "), explain_warning),
)


def explain(rules: Rules, topic: str) -> Explanation | None:
    """What is known of ``topic``, of all that it names where that is several things; ``None`` when it names nothing."""
    if topic == SYNDROME:
        return Explanation(rules.title, tuple(explain_syndrome(rules)))
    if topic == MIMICS and rules.mimics:
        return Explanation("What else it could be", tuple(explain_mimics(rules)))
    topic = _by_label(rules, topic)
    found = [kind for kind in _KINDS if topic in kind.ids(rules)]
    if not found:
        return None
    blocks = [block for kind in found for block in kind.blocks(rules, topic)]
    title = found[0].title(rules, topic)
    return Explanation(title if title == topic else f"{title} ({topic})", tuple(blocks))


def _by_label(rules: Rules, topic: str) -> str:
    """The id of the finding, test or mimic that is called so, else the topic itself; an id goes before a synonym."""
    labels = {test.label.lower(): test.id for test in rules.tests.values()}
    labels |= {finding.label.lower(): finding.id for finding in rules.findings.values()}
    named = labels.get(topic.lower()) or named_mimic(rules, topic)
    if named or topic in topics(rules):
        return named or topic
    return finding_names(rules.findings).get(plain_name(topic), topic)


def topics(rules: Rules) -> list[str]:
    """Every id that can be explained, each once."""
    return list(dict.fromkeys([SYNDROME, MIMICS, *(one for kind in _KINDS for one in kind.ids(rules))]))
