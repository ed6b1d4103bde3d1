"""Criteria sets, their groups and their traces as JSON."""

from collections.abc import Iterable
from typing import Any

from poems_cli.engine.criteria import condition_element, verdict_of
from poems_cli.model import Comparison, Condition, CriteriaResult, CriteriaSet, Element, Group, Rules, Trace
from poems_cli.report.json_cache import Pieces, array, basis_members, encode, joined, word
from poems_cli.report.words import element_label


class CriteriaWriter:
    """Writes criteria sets; what the rules say in one state is kept, what quotes a patient's number is not."""

    def __init__(self, rules: Rules, pieces: Pieces) -> None:
        self._rules = rules
        self._pieces = pieces

    def written(self, criteria: CriteriaSet, result: CriteriaResult, *, traced: bool = True) -> str:
        """One set's answer: its verdict, and the groups and the trace of the level that matters most now."""
        return self._pieces.written(result, lambda new: self._written(criteria, new, traced=traced))

    def _written(self, criteria: CriteriaSet, result: CriteriaResult, *, traced: bool) -> str:
        self._pieces.criteria(criteria.id)
        shown = result.shown
        members = [("verdict", word(result.verdict)), ("level", word(result.level)), ("source", word(criteria.source))]
        if len(result.levels) > 1:
            verdicts = {level.id: verdict_of(level.value) for level in result.levels}
            members += [("shown_level", word(shown.id)), ("levels", encode(verdicts))]
        members.append(("groups", array([self.group(group) for group in shown.groups])))
        if traced:
            members.append(("trace", self._level(shown.trace)))
        return joined(members)

    def group(self, group: Group) -> str:
        """One condition with the ids of its elements."""
        return self._pieces.kept(group, self._group)

    def _group(self, group: Group) -> dict[str, Any]:
        return {
            "id": self._element(group.condition),
            "value": group.value,
            "needed": group.needed,
            "present": self.elements(group.present),
            "absent": self.elements(group.absent),
            "unknown": self.elements(group.unknown),
        }

    def elements(self, elements: Iterable[Element]) -> list[str]:
        """The ids of conditions or of their elements."""
        return [self._element(element) for element in elements]

    def _element(self, element: Element) -> str:
        if element.finding is not None and not element.negated:
            return self._pieces.finding(element.finding)
        return self._pieces.element(element.id, element_label(self._rules, element))

    # --- traces -------------------------------------------------------------------------------------------------------

    def _level(self, reason: Trace) -> str:
        """The trace of a level: of several conditions it is the patient's own, though each of them may be kept."""
        if reason.kind != "all":
            return self.trace(reason)
        head = encode(self._node(reason))
        return f'{head[:-1]},"children":{array([self.trace(child) for child in reason.children])}}}'

    def trace(self, reason: Trace) -> str:
        """A trace that the assessor may hand out again."""
        return self._pieces.kept(reason, self._traced)

    def _traced(self, reason: Trace) -> dict[str, Any]:
        node = self._node(reason)
        if reason.children and (reason.name is None or any(map(_says_something, reason.children))):
            node["children"] = [self._traced(child) for child in reason.children]
        return node

    def _node(self, reason: Trace) -> dict[str, Any]:
        """A node without its children. Most are findings, and of most nothing is known: neither is written."""
        node: dict[str, Any] = {}
        if reason.kind != "finding":
            node["kind"] = reason.kind
        if reason.value is not None:
            node["value"] = reason.value
        if reason.name is not None:
            node["id"] = self._element(condition_element(reason))
        if reason.finding is not None:
            node["finding"] = self._pieces.finding(reason.finding)
        if reason.comparison is not None:
            self._pieces.quotes = True
            node["comparison"] = comparison_data(reason.comparison)
        if reason.needed is not None:
            node["needed"] = reason.needed
        if reason.reached is not None:
            node["reached"] = reason.reached
        if reason.points is not None:
            node["points"] = reason.points
        return node if reason.basis is None else node | basis_members(reason.basis)


def comparison_data(made: Comparison) -> dict[str, Any]:
    """What was compared with what, and the number as the record gave it."""
    parts = made._replace(given=None)._asdict() | {"given": made.given._asdict() if made.given else None}
    if made.unit_from == "given":
        del parts["unit_from"]
    return {name: part for name, part in parts.items() if part is not None}


def condition_data(condition: Condition | None) -> dict[str, Any] | None:
    """What a comparison asks of a value that is not known."""
    if condition is None:
        return None
    return {name: part for name, part in condition._asdict().items() if part is not None}


def _says_something(reason: Trace) -> bool:
    """Whether anything below a node is known; where nothing is, what it is made of is the rules' own."""
    if reason.children:
        return any(map(_says_something, reason.children))
    return reason.comparison is not None or (reason.value is True if reason.kind == "known" else reason.value is not None)
