"""Why a value is what it is: the path through a trace that decided it, and the same in words."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from poems_cli.engine.findings import uses
from poems_cli.engine.logic import plain_number
from poems_cli.engine.logic import trace as trace_of
from poems_cli.model import Assessment, CriteriaResult, Facts, Group, Quantity, Rules, Trace, Truth
from poems_cli.records.problem import listed
from poems_cli.report.comparisons import compared, compared_briefly, comparison_words, quantity_words, uses_own_limit
from poems_cli.report.names import ABOUT_THE_PATIENT, finding_name
from poems_cli.report.words import HOLDS, OUR_READING, OURS, VALUES, cited, first_of, label, short_label

_FEW = 3

#: How a comparison, and how a finding's name, is put into words.
Comparing: TypeAlias = Callable[[Rules, Trace], str]
Naming: TypeAlias = Callable[[Rules, str], str]


class Decided(NamedTuple):
    """A node on the deciding path, and the finding that was being derived when it was met."""

    node: Trace
    of: str | None


def conditions_of(result: CriteriaResult) -> Iterator[tuple[Group, Trace]]:
    """Each condition of a set, at the level that matters most now, with what decided it."""
    reason = result.shown.trace
    return zip(result.shown.groups, reason.children if reason.kind == "all" else (reason,), strict=True)


def state_words(condition: Trace) -> str:
    """The value in a word; a condition that something be absent holds or fails."""
    return HOLDS[condition.value] if condition.kind == "not" else VALUES[condition.value]


def deciding(trace: Trace) -> tuple[Trace, ...]:
    """The children that made a node's value what it is; none where it is unknown."""
    value = trace.value
    if value is None:
        return ()
    match trace.kind:
        case "any" | "at_least" | "all":
            return tuple(child for child in trace.children if child.value is value)
        case "score":
            return tuple(child for child in trace.children if child.value is (((child.points or 0) > 0) is value))
        case "binds":
            return trace.children[:1] if value else trace.children[1:]
        case _:
            return trace.children


def path(facts: Facts, trace: Trace, of: str | None = None) -> Iterator[Decided]:
    """All nodes that decided a value, through definitions down to what the record says."""
    yield Decided(trace, of)
    if trace.kind == "finding" and trace.finding and trace.finding in facts.derived:
        yield from path(facts, facts.derived[trace.finding], trace.finding)
    for child in deciding(trace):
        yield from path(facts, child, of)


def why(rules: Rules, assessment: Assessment, trace: Trace) -> str:
    """What decided an element, in words; empty where the record says it outright."""
    if trace.value is None:
        return _why_unknown(rules, assessment, trace)
    found = [reason for _, reason in _reasons(rules, assessment.facts, trace, compared, short_label)]
    more = f"; and {len(found) - _FEW} more" if len(found) > _FEW + 1 else ""
    return "; ".join(found[:_FEW] if more else found) + more


def brief_reasons(rules: Rules, assessment: Assessment, trace: Trace) -> str:
    """The same in as few words as one screen has room for."""
    if trace.value is None:
        return _why_unknown(rules, assessment, trace, compared_briefly)
    reasons = _reasons(rules, assessment.facts, trace, compared_briefly, finding_name)
    return first_of([reason for finding, reason in reasons if finding not in ABOUT_THE_PATIENT], _FEW)


def _reasons(rules: Rules, facts: Facts, trace: Trace, comparison: Comparing, name: Naming) -> Iterator[tuple[str, str]]:
    """What decided a value: each finding once, with the words for it; once more only where another limit decided it."""
    reasons: dict[tuple[str | None, str], str] = {}
    for decided in path(facts, trace):
        node, finding = decided.node, decided.node.finding
        if not finding or (node is trace and trace.kind != "compare"):
            continue
        # The first comparison of a value says enough: the next is the same for one sex.
        if node.kind == "compare" and node.comparison:
            reasons.setdefault((decided.of, finding), comparison(rules, node))
        elif node.kind == "asserted" or (node.kind == "finding" and finding not in facts.derived):
            reasons.setdefault((decided.of, finding), name(rules, finding) if node.value else f"no {name(rules, finding)}")
    yield from dict.fromkeys([(finding, reason) for (_, finding), reason in reasons.items()])


def _why_unknown(rules: Rules, assessment: Assessment, trace: Trace, comparison: Comparing = compared) -> str:
    finding, facts = trace.finding or "", assessment.facts
    if any(contradiction.finding == finding for contradiction in facts.contradictions):
        return "contradictory"
    left_open = list(dict.fromkeys(_left_open(rules, facts, trace, comparison)))
    if finding in facts.gray:
        return f"gray zone: {listed(left_open) or gray_numbers(rules, facts, finding)}"
    return "; ".join(left_open) or assessment.patient.reasons.get(finding, "")


def gray_numbers(rules: Rules, facts: Facts, finding: str) -> str:
    """The measured values that leave a finding in its gray zone."""
    definition = rules.findings[finding].definition
    named = uses(definition) if definition is not None else ()
    measured = [(finding_name(rules, quantity), facts.observed.get(quantity)) for quantity in named]
    return listed([f"{name} {quantity_words(value)}" for name, value in measured if isinstance(value, Quantity)])


def _left_open(rules: Rules, facts: Facts, node: Trace, comparison: Comparing) -> Iterator[str]:
    """Values that the record holds and that still decide nothing, because of their comparator."""
    if node.kind == "compare" and node.value is None:
        if node.comparison is not None and node.comparison.limit is not None:
            yield comparison(rules, node)
    elif node.kind == "finding" and node.value is None and node.finding:
        definition = rules.findings[node.finding].definition
        if definition is not None:
            yield from _left_open(rules, facts, trace_of(definition, facts), comparison)
    for child in node.children:
        yield from _left_open(rules, facts, child, comparison)


class Step(NamedTuple):
    """A step of the reasoning in a line (its value, what it asks, what was compared, its source), and the steps under it."""

    value: Truth
    text: str
    below: tuple["Step", ...]


def reasoning(rules: Rules, trace: Trace, before: str = "") -> Step:
    """A trace as steps; ``before`` is what to say before the first."""
    text = _with_source(rules, trace, f"{before}{_node_text(rules, trace)}")
    return Step(trace.value, text, _below(rules, trace))


def derivations(rules: Rules, facts: Facts) -> Iterator[Step]:
    """Each finding that follows from others, with how."""
    for finding, trace in facts.derived.items():
        words = f"{label(rules, finding)}: {VALUES[trace.value]}"
        under = _below(rules, trace)
        if trace.name or not under:
            yield Step(trace.value, words, (reasoning(rules, trace),))
            continue
        operator = {"any": ", by any of", "all": ", by all of", "at_least": f", by at least {trace.needed} of"}
        yield Step(trace.value, _with_source(rules, trace, words + operator.get(trace.kind, "")), under)


def _with_source(rules: Rules, trace: Trace, words: str) -> str:
    """With the source; not where the laboratory's own limit took the place of the one that has it."""
    ours = OURS if trace.kind == "compare" else OUR_READING
    return words if uses_own_limit(trace) else cited(rules, words, trace.basis, ours)


def _below(rules: Rules, trace: Trace) -> tuple[Step, ...]:
    """The steps under a node; a plain "no ..." holds its finding itself."""
    if _is_plain_no(trace):
        return ()
    before = ("present when: ", "absent when: ") if trace.kind == "binds" else ("",) * len(trace.children)
    return tuple([reasoning(rules, child, words) for words, child in zip(before, trace.children, strict=False)])


def points_words(trace: Trace) -> str:
    """``2 to 5 points, 6 needed``: what the points of a score come to."""
    lowest, highest = (plain_number(points) for points in trace.reached or (0, 0))
    return f"{lowest if lowest == highest else f'{lowest} to {highest}'} points, {plain_number(trace.needed or 0)} needed"


def _is_plain_no(trace: Trace) -> bool:
    return trace.kind == "not" and not trace.name and trace.children[0].kind in ("finding", "asserted", "known")


def _node_text(rules: Rules, trace: Trace) -> str:
    state = HOLDS[trace.value]
    said = label(rules, trace.finding) if trace.finding else ""
    match trace.kind:
        case "finding":
            return f"{trace.name}: {said}: {VALUES[trace.value]}" if trace.name else f"{said}: {VALUES[trace.value]}"
        case "compare":
            named = f"{trace.name}: {said}" if trace.name else said
            if trace.comparison is None:
                return f"{named}: not given"
            return f"{named}: {comparison_words(rules.findings[trace.finding or ''], trace.comparison, trace.value)}"
        case "known":
            return f"{said} given: {state}"
        case "asserted":
            return f"{said}, stated in the record: {VALUES[trace.value]}"
        case "at_least":
            return f"{trace.name or 'group'} ({trace.needed} of {len(trace.children)} needed): {state}"
        case "score":
            return f"{trace.name or 'score'} ({points_words(trace)}): {state}"
        case "implied":
            return "absent with the whole that it is part of"
        case "not" if _is_plain_no(trace):
            child = trace.children[0]
            name = label(rules, child.finding or "")
            return f"{name} not given: {state}" if child.kind == "known" else f"no {name}: {state}"
        case _:
            unnamed = {"all": "all of", "any": "any of", "not": "not", "binds": "present or absent by two conditions"}
            return f"{trace.name or unnamed.get(trace.kind, trace.kind)}: {state}"
