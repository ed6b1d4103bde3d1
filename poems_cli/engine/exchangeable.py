"""Findings that may change places in an expression without changing what it means."""

from collections import Counter
from collections.abc import Hashable, Mapping

from poems_cli.engine.expressions import Algebra, fold, leaves
from poems_cli.engine.settling import Links
from poems_cli.engine.workup import Workup
from poems_cli.model import All, AnyOf, Asserted, AtLeast, Binds, Compare, Expression, Known, Not, Present, Score


def exchangeable(expression: Expression, linked: Links, workup: Workup) -> dict[str, str]:
    """The findings that may change places with others, each with the first of those.

    To change places with another one, a finding must leave the expression as it is, apart from the order of alternatives, be
    answered by the same tests, and have the same wholes and parts.
    """
    named = dict.fromkeys([leaf.finding for leaf in leaves(expression) if isinstance(leaf, Present)])
    whole = fold(expression, _Form({}))
    groups: dict[str, list[str]] = {}
    for finding in named:
        for first in groups:
            if _same_tests(first, finding, workup) and _same_links(first, finding, linked):
                swapped = fold(expression, _Form({first: finding, finding: first}))
                if swapped == whole:
                    groups[first].append(finding)
                    break
        else:
            groups[finding] = [finding]
    return {finding: first for first, findings in groups.items() if len(findings) > 1 for finding in findings}


def _same_tests(one: str, other: str, workup: Workup) -> bool:
    return all(workup.giving(one, answer) == workup.giving(other, answer) for answer in (True, False))


def _same_links(one: str, other: str, linked: Links) -> bool:
    """Whether both have the same wholes and parts, none of which is the other."""
    return all(set(side.get(one, ())) == set(side.get(other, ())) for side in (linked.above, linked.below))


class _Form(Algebra[Hashable]):
    """What an expression says, whatever the order and the names of its parts; findings are ``exchanged``."""

    def __init__(self, exchanged: Mapping[str, str]) -> None:
        self._exchanged = exchanged

    def _finding(self, finding: str) -> str:
        return self._exchanged.get(finding, finding)

    def present(self, node: Present) -> Hashable:
        return "present", self._finding(node.finding)

    def compare(self, node: Compare) -> Hashable:
        return "compare", node._replace(finding=self._finding(node.finding), name=None, basis=None)

    def known(self, node: Known) -> Hashable:
        return "known", self._finding(node.finding)

    def asserted(self, node: Asserted) -> Hashable:
        return "asserted", self._finding(node.finding)

    def negated(self, node: Not, child: Hashable) -> Hashable:  # noqa: ARG002
        return "not", child

    def every(self, node: All, children: list[Hashable]) -> Hashable:
        return self.at_least(AtLeast(len(node.children), node.children), children)

    def some(self, node: AnyOf, children: list[Hashable]) -> Hashable:
        return self.at_least(AtLeast(1, node.children), children)

    def at_least(self, node: AtLeast, children: list[Hashable]) -> Hashable:
        return node.needed, frozenset(Counter(children).items())

    def score(self, node: Score, children: list[Hashable]) -> Hashable:
        return "score", node.needed, frozenset(Counter(zip(node.points, children, strict=True)).items())

    def binds(self, node: Binds, present: Hashable, absent: Hashable | None) -> Hashable:  # noqa: ARG002
        return "binds", present, absent
