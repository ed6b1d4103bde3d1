"""An assessment as a note for the medical record: five to twelve lines of plain text, whole sentences, nothing wrapped."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from poems_cli import __version__
from poems_cli.model import (
    Assessment,
    Contradiction,
    CriteriaResult,
    CriteriaSet,
    Element,
    Group,
    Quantity,
    Rival,
    Rules,
    Trace,
)
from poems_cli.records.problem import listed
from poems_cli.report.comparisons import compared_briefly, quantity_words
from poems_cli.report.mimics import always_shown
from poems_cli.report.names import ABOUT_THE_PATIENT, element_words, finding_name, order_name
from poems_cli.report.narrative import AID, higher_levels, identity, stages_to_do, urgent_lines, verdict_words
from poems_cli.report.overview import cautions
from poems_cli.report.reasons import conditions_of, path, why
from poems_cli.report.settling import worth_doing
from poems_cli.report.words import VALUES, counted, label, plain
from poems_cli.report.writing import Place, Wanted

#: A line is cut at a whole item before it grows longer; what must not be missed is never cut.
LONGEST = 160

_TESTS_PROPOSED = 4
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}


def writer(rules: Rules, _wanted: Wanted, place: Place) -> Callable[[Assessment], None]:
    """What writes each note, with an empty line between two of them."""
    return place.pages(lambda assessment: to_note(rules, assessment), between="\n")


def to_note(rules: Rules, assessment: Assessment) -> str:
    """The note of one patient, with a line break at its end."""
    result = assessment.criteria[assessment.default_criteria]
    found = list(_present_items(rules, assessment, result))
    absent = list(_absent(rules, assessment, result))
    refused = list(dict.fromkeys(label(rules, entry.key) if entry.key else "an entry" for entry in assessment.patient.refused))
    lines = [
        f"{plain(assessment.patient.id)}: {_verdict(rules, assessment)}",
        _urgent(rules, assessment),
        _outcome_line(assessment),
        _caution(rules, assessment, result),
        _line("Found: ", found) if found else "Found: nothing is recorded as present.",
        _line("Looked for and absent: ", absent) if absent else "",
        _open(rules, assessment, result),
        _line("Not understood, and counted as unknown: ", refused) if refused else "",
        _proposed(rules, assessment),
        _to_rule_out(rules, assessment),
        _other_sets(rules, assessment, result),
        f"poems {__version__}. {identity(assessment.rules)} {AID}",
    ]
    return "".join(f"{line}\n" for line in lines if line)


def _line(heading: str, items: Sequence[str], never_cut: int = 1) -> str:
    """As many items as fit in a line, and how many are left; the first ``never_cut`` always."""
    shown = len(items)
    while True:
        more = f" and {len(items) - shown} more" if shown < len(items) else ""
        line = f"{heading}{'; '.join(items[:shown])}{more}."
        if len(line) <= LONGEST or shown <= never_cut:
            return line
        shown -= 1


class _Item(NamedTuple):
    """The same in a few words and in full."""

    brief: str
    full: str


def _line_in_full(heading: str, items: Sequence[_Item], never_cut: int) -> str:
    """Every item in a few words, and in full from the first on as far as the line has room for it."""
    said = [item.brief for item in items]
    for place, item in enumerate(items):
        longer = [*said[:place], item.full, *said[place + 1 :]]
        if len(_line(heading, longer, len(longer))) <= LONGEST:
            said = longer
    return _line(heading, said, never_cut)


# --- the verdict ------------------------------------------------------------------------------------------------------


def _verdict(rules: Rules, assessment: Assessment) -> str:
    """The set with its years, its verdict, and what fails or how far it is; a set with a long title goes by its short name."""
    result = assessment.criteria[assessment.default_criteria]
    criteria = rules.criteria[result.id]
    failing = [element_words(rules, group.condition) for group in result.shown.groups if group.value is False]
    steps = assessment.steps_to_met
    line = ""
    for title in (criteria.title, criteria.short):
        said = f"{rules.title}, {title}{_since(criteria)}: {verdict_words(result).upper()}"
        if result.verdict == "not met" and failing:
            line = _line(f"{said}; not fulfilled: ", failing)
        else:
            line = f"{said}; at best {counted(steps, 'further result')} short of met." if steps else f"{said}."
        if len(line) <= LONGEST:
            break
    return line


def _since(criteria: CriteriaSet) -> str:
    """The year from which a set is in use, where its title names none."""
    year = criteria.current.first if criteria.current else None
    return f", since {year}" if year and not re.search(r"\b(19|20)\d\d\b", criteria.title) else ""


def _urgent(rules: Rules, assessment: Assessment) -> str:
    """What calls for action today, nothing of it cut."""
    said = [line.rstrip(".") for line in urgent_lines(rules, assessment)]
    return _line("Urgent: ", said, never_cut=len(said)) if said else ""


def _outcome_line(assessment: Assessment) -> str:
    """The described picture by its name; it does not change the verdict."""
    outcome = assessment.outcome
    return f"Outcome: {outcome.name}; the criteria are not met." if outcome else ""


def _caution(rules: Rules, assessment: Assessment, result: CriteriaResult) -> str:
    """What weakens the verdict, nothing of it cut: the note is read without the screen."""
    said = [line.rstrip(".") for line in cautions(rules, assessment, result)]
    return _line("Caution: ", said, never_cut=len(said)) if said else ""


# --- what is known ----------------------------------------------------------------------------------------------------


def _present_items(rules: Rules, assessment: Assessment, result: CriteriaResult) -> Iterator[str]:
    """What the record holds, as it gave it: first what counts for the verdict, then other signs, then other values."""
    decided = list(_decided(assessment, result))
    observed = assessment.facts.observed
    disputed = {contradiction.finding for contradiction in assessment.facts.contradictions}
    comparisons = {node.finding: compared_briefly(rules, node) for node in reversed(decided) if node.kind == "compare"}
    counting = [node.finding for node in decided if node.finding in observed]
    signs = [finding for finding, value in observed.items() if value is True]
    for finding in dict.fromkeys([*counting, *signs, *observed]):
        entry, value = rules.findings[finding or ""], observed[finding or ""]
        if value is False or finding in disputed or entry.id in ABOUT_THE_PATIENT:
            continue
        if value is True:
            yield finding_name(rules, entry.id)
        elif isinstance(value, Quantity):
            yield comparisons.get(finding) or f"{finding_name(rules, entry.id)} {quantity_words(value)}"
        else:
            yield f"{entry.label}: {entry.choices.get(str(value), value)}"


def _decided(assessment: Assessment, result: CriteriaResult) -> Iterator[Trace]:
    """What made conditions of the default set hold, down to what the record says; then the same of other present findings."""
    for part in _holding(result.shown.trace):
        yield from (step.node for step in path(assessment.facts, part) if step.node.value)
    for finding, trace in assessment.facts.derived.items():
        if trace.value:
            yield from (step.node for step in path(assessment.facts, trace, finding) if step.node.value)


def _holding(trace: Trace) -> Iterator[Trace]:
    """The largest parts of a condition that hold."""
    if trace.value:
        yield trace
    else:
        for child in trace.children:
            yield from _holding(child)


def _absent(rules: Rules, assessment: Assessment, result: CriteriaResult) -> Iterator[str]:
    """What was looked for and not found: first what counts for the verdict, then what else the record denies."""
    disputed = {contradiction.finding for contradiction in assessment.facts.contradictions}
    counting = [
        element.finding for group in result.shown.groups for element in group.absent if element.finding and not element.negated
    ]
    denied = [finding for finding, value in assessment.facts.observed.items() if value is False]
    yield from (finding_name(rules, finding) for finding in dict.fromkeys([*counting, *denied]) if finding not in disputed)


# --- what is open -----------------------------------------------------------------------------------------------------


def _open(rules: Rules, assessment: Assessment, result: CriteriaResult) -> str:
    """What is still open, after what the record contradicts itself on: that counts as unknown, whatever was recorded."""
    items = [_disputed(rules, assessment, contradiction) for contradiction in assessment.facts.contradictions]
    never_cut = len(items) or 1
    if result.verdict == "undetermined":
        gray = set(assessment.facts.gray)
        every = conditions_of(result)
        first_gray = sorted(every, key=lambda group: gray.isdisjoint(element.finding for element in group[0].unknown))
        items += [_wanted(rules, assessment, group, part.kind) for group, part in first_gray if group.value is None]
    else:
        items += [_Item(f"level {level}", f"level {level}") for level in higher_levels(result)]
    return _line_in_full("Open: ", items, never_cut) if items else "Open: nothing that could change this verdict."


def _disputed(rules: Rules, assessment: Assessment, contradiction: Contradiction) -> _Item:
    """A finding that the record both says and denies, with the two sides of it."""
    derived = contradiction.derived
    if contradiction.asserted is None or derived.value is None:
        sides = " against ".join([why(rules, assessment, side) for side in derived.children])
    else:
        reason = why(rules, assessment, Trace("not", derived.value, children=(derived,)))
        sides = f"recorded {VALUES[contradiction.asserted]}, but {reason}"
    text = f"{finding_name(rules, contradiction.finding)} (contradictory"
    return _Item(f"{text})", f"{text}: {sides})")


def _wanted(rules: Rules, assessment: Assessment, group: Group, kind: str) -> _Item:
    """A condition by its name, and by what could still meet it, with the numbers that lie in a gray zone."""
    name = element_words(rules, group.condition)
    names = [_with_gray_zone(rules, assessment, element) for element in group.unknown]
    if len(names) < 2:
        return _Item(name, "".join(names) or name)
    in_gray_zone = [element_words(rules, element) for element in group.unknown if element.finding in assessment.facts.gray]
    name = f"{name} ({listed(in_gray_zone)} in the gray zone)" if in_gray_zone else name
    number = _NUMBERS.get(int(group.needed) - len(group.present)) if kind != "score" else None  # of a score points are needed
    return _Item(name, f"{number} of ({'; '.join(names)})" if number else name)


def _with_gray_zone(rules: Rules, assessment: Assessment, element: Element) -> str:
    words = element_words(rules, element)
    in_gray_zone = element.finding in assessment.facts.gray
    return f"{words} ({why(rules, assessment, Trace('finding', None, finding=element.finding))})" if in_gray_zone else words


# --- what to do next --------------------------------------------------------------------------------------------------


def _proposed(rules: Rules, assessment: Assessment) -> str:
    """What is needed before treatment once the criteria are met, else the tests worth doing first."""
    if stages := stages_to_do(assessment):
        return _line("Before treatment: ", [stage.name for stage in stages])
    tests = [order_name(rules, ordered) for ordered, _, _ in worth_doing(assessment)]
    if not tests:
        return "Proposed: no further test."
    return _line("Proposed: ", [f"{number}) {name}" for number, name in enumerate(tests[:_TESTS_PROPOSED], 1)])


def _to_rule_out(rules: Rules, assessment: Assessment) -> str:
    """The mimics to consider, those that must not be missed first; less likely or not assessed is not excluded."""
    named = [rival for rival in assessment.mimics if _is_named(rules, assessment, rival)]
    urgent = [rival for rival in named if rules.mimics[rival.row.id].urgent]
    if not named:
        return "To rule out: no mimic is suggested by what is known; not suggested is not excluded."
    ordered = dict.fromkeys([*urgent, *named])
    return _line("To rule out, not excluded: ", [_mimic(rules, rival) for rival in ordered], never_cut=len(urgent) or 1)


def _is_named(rules: Rules, assessment: Assessment, rival: Rival) -> bool:
    always = always_shown(assessment, rules.mimics[rival.row.id])
    return rival.row.status == "consider" or (always and rival.row.status != "excluded")


def _mimic(rules: Rules, rival: Rival) -> str:
    mimic = rules.mimics[rival.row.id]
    marks = ["urgent"] * mimic.urgent + ["established"] * bool(rival.row.confirmed)
    return f"{mimic.short} ({', '.join(marks)})" if marks else mimic.short


def _other_sets(rules: Rules, assessment: Assessment, result: CriteriaResult) -> str:
    others = [other for other in assessment.criteria.values() if other.id != result.id]
    said = [f"{rules.criteria[other.id].short} {verdict_words(other)}" for other in others]
    return _line("Other sets: ", said) if said else ""
