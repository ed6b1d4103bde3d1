"""One assessment as a letter: everything the reports for people say, in the order they say it, without any layout.

The verdict of the default set comes first with the conditions that decide it, then what would settle it, then the other
sets, then what the reader must know before trusting it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from poems_cli.engine.criteria import element_of
from poems_cli.finding_names import without_remark
from poems_cli.model import (
    Assessment,
    Contradiction,
    CriteriaResult,
    Group,
    Notice,
    Patient,
    Quantity,
    Rules,
    RulesIdentity,
    Stage,
    Trace,
    Truth,
    Verdict,
)
from poems_cli.records.problem import listed
from poems_cli.report.comparisons import compared, decided_by_default, uses_own_limit
from poems_cli.report.mimics import FlagsWords, RivalsWords, flags_words, outlook_notes, outlook_words, rivals_words
from poems_cli.report.reasons import conditions_of, path, state_words, why
from poems_cli.report.settling import OfferedTest, Way, offered_tests, ways
from poems_cli.report.words import (
    VALUES,
    capital,
    cited,
    counted,
    element_label,
    is_recalled,
    label,
    short_label,
    unit_words,
)
from poems_cli.report.writing import AS_USUAL, Wanted

TESTS_SHOWN = 5
TESTS_SHOWN_SETTLED = 3

AID = "A research and teaching aid: no medical device, no diagnosis."

_TRUTHS: Mapping[Verdict, Truth] = {"met": True, "not met": False, "undetermined": None}

#: So many entries that were not understood are named.
_REFUSED_NAMED = 5


class Element(NamedTuple):
    """One finding that a condition asks for, and what decided it."""

    value: Truth
    text: str
    why: str


class Condition(NamedTuple):
    """One condition of the default set. ``elements`` is empty where the condition is a single finding."""

    value: Truth
    text: str
    state: str
    why: str
    elements: tuple[Element, ...]


class OtherSet(NamedTuple):
    """Another criteria set in one line."""

    short: str
    value: Truth
    verdict: str
    missing: str


class Letter(NamedTuple):
    """Everything that a report states about one patient; ``caveats`` are what to know before trusting it, by titles."""

    patient: str
    value: Truth
    verdict: str
    title: str
    summary: str
    urgent: tuple[str, ...]
    outcome: str
    levels: tuple[tuple[str, Truth], ...]
    conditions: tuple[Condition, ...]
    ways: tuple[Way, ...]
    tests: tuple[OfferedTest, ...]
    more_tests: int
    red_flags: FlagsWords | None
    rivals: RivalsWords | None
    staging: tuple[str, ...]
    outlook: tuple[str, ...]
    outlook_notes: tuple[tuple[str, tuple[str, ...]], ...]
    others: tuple[OtherSet, ...]
    caveats: tuple[tuple[str, tuple[str, ...]], ...]


def letter_of(rules: Rules, assessment: Assessment, wanted: Wanted = AS_USUAL) -> Letter:
    """The letter of one assessment; ``every_mimic`` and ``every_test`` show all of them, not only the first."""
    result = assessment.criteria[assessment.default_criteria]
    tests = tuple(offered_tests(rules, assessment))
    usual = TESTS_SHOWN if result.verdict == "undetermined" else TESTS_SHOWN_SETTLED
    shown = len(tests) if wanted.every_test else usual
    return Letter(
        patient=assessment.patient.id,
        value=_TRUTHS[result.verdict],
        verdict=_verdict(result).upper(),
        title=rules.criteria[result.id].title,
        summary=" ".join(
            sentence for sentence in (_summary(rules, assessment, result), _disputed(rules, assessment)) if sentence
        ),
        urgent=tuple([_warning(rules, notice) for notice in assessment.urgent]),
        outcome=_outcome(rules, assessment),
        levels=tuple((level.id, level.value) for level in result.levels) if len(result.levels) > 1 else (),
        conditions=tuple(conditions(rules, assessment, result)),
        ways=tuple(ways(rules, assessment)),
        tests=tests[:shown],
        more_tests=max(0, len(tests) - shown),
        red_flags=flags_words(rules, assessment),
        rivals=rivals_words(rules, assessment, every=wanted.every_mimic),
        staging=tuple(_staging(rules, assessment)),
        outlook=outlook_words(rules, assessment),
        outlook_notes=outlook_notes(rules, assessment),
        others=tuple(_other(rules, other) for other in assessment.criteria.values() if other.id != result.id),
        caveats=tuple([(title, tuple(texts)) for title, texts in _caveats(rules, assessment) if texts]),
    )


def _caveats(rules: Rules, assessment: Assessment) -> Iterator[tuple[str, Sequence[str]]]:
    """What the reader must know before trusting the verdict: texts, by titles."""
    facts = assessment.facts
    yield "Contradictions", [contradiction_words(rules, assessment, disputed) for disputed in facts.contradictions]
    yield "Explained by another disease, or not counted", [*_explained(rules, assessment)]
    yield "Warnings", [_warning(rules, notice) for notice in assessment.warnings if not notice.urgent]
    ours, recalled = limits(rules, assessment)
    yield "Rests on a limit or reading of this program, no paper gives one", ours
    yield "Rests on a limit recalled from memory, to be checked", recalled
    yield "Notes on the record", [*notes(rules, assessment.patient)]


def notes(rules: Rules, patient: Patient) -> Iterator[str]:
    """Remarks on the record, units that it does not give, and what of it was not understood."""
    yield from patient.notes
    yield from unit_notes(rules, patient)
    for entry in patient.refused[:_REFUSED_NAMED]:
        name = short_label(rules, entry.key) if entry.key else "an entry"
        yield f"Not understood, so it counts as unknown: {name} ({entry.what})."
    more = len(patient.refused) - _REFUSED_NAMED
    if more > 0:
        yield f"Not understood, so unknown: {counted(more, 'more entry', 'more entries')}."


def unit_notes(rules: Rules, patient: Patient) -> Iterator[str]:
    """Which numbers the record gives without a unit, and in which one each was read."""
    for origin, words in (("assumed", "Unit assumed, since the record gives none"), ("option", "Unit from --units")):
        read = [
            f"{short_label(rules, name)} ({unit_words(value.given.unit if value.given else value.unit)})"
            for name, value in patient.observed.items()
            if isinstance(value, Quantity) and value.unit_from == origin
        ]
        if read:
            yield f"{words}: {', '.join(read)}."


def identity(rules: RulesIdentity) -> str:
    """Which rules answered."""
    return f"Rules {rules.id} {rules.version}, sha256 {rules.sha256[:12]}."


# --- the verdict and its conditions -----------------------------------------------------------------------------------


def _verdict(result: CriteriaResult) -> str:
    several = len(result.levels) > 1
    return f"{result.verdict}, {result.level}" if several and result.level else result.verdict


def verdict_words(result: CriteriaResult) -> str:
    """``met``, ``not met``, ``undetermined``, or the level that is met: a low level is never shown as a plain "met"."""
    return f"level {result.level}" if result.level and len(result.levels) > 1 else result.verdict


def verdict_value(result: CriteriaResult) -> Truth:
    """The verdict as a truth: one that is open where only a level below the highest is met."""
    return None if result.level not in (None, result.levels[0].id) else _TRUTHS[result.verdict]


def _summary(rules: Rules, assessment: Assessment, result: CriteriaResult) -> str:
    """The verdict's reason in a sentence: what fails, what is open, how far it is."""
    level = f" (level {result.shown.id})" if len(result.levels) > 1 else ""
    names = {value: [_name(rules, group) for group in result.shown.groups if group.value is value] for value in (False, None)}
    if result.verdict == "met":
        held = f"All {len(result.shown.groups)} conditions{level} hold." if len(result.shown.groups) > 1 else ""
        higher = higher_levels(result)
        return f"{held} Still open: {listed(higher)}.".strip() if higher else held
    if result.verdict == "not met":
        return f"Fails{level}: {'; '.join(names[False])}."
    steps = assessment.steps_to_met
    far = f" At best {counted(steps, 'further answer')} would meet it." if steps else ""
    return f"Open{level}: {'; '.join(names[None])}.{far}"


def _disputed(rules: Rules, assessment: Assessment) -> str:
    """That the record contradicts itself, where nobody can miss it."""
    disputed = [short_label(rules, contradiction.finding) for contradiction in assessment.facts.contradictions]
    return f"The record contradicts itself on {listed(disputed)}; see below." if disputed else ""


def higher_levels(result: CriteriaResult) -> list[str]:
    """The levels above the one met that are still open."""
    above = [level.id for level in result.levels].index(result.level or result.levels[0].id)
    return [level.id for level in result.levels[:above] if level.value is None]


def _name(rules: Rules, group: Group) -> str:
    return without_remark(element_label(rules, group.condition))


def conditions(rules: Rules, assessment: Assessment, result: CriteriaResult) -> Iterator[Condition]:
    """The conditions of one set, at the level that matters most now, each with its elements and what decided them."""
    for group, part in conditions_of(result):
        elements = part.children if part.kind in ("all", "any", "at_least", "score") else ()
        if len(elements) < 2:
            yield Condition(group.value, _name(rules, group), state_words(part), why(rules, assessment, part), ())
            continue
        shown = tuple(_element(rules, assessment, element) for element in elements)
        yield Condition(group.value, _name(rules, group), f"{state_words(part)} ({_count(group)})", "", shown)


def _element(rules: Rules, assessment: Assessment, trace: Trace) -> Element:
    return Element(trace.value, without_remark(element_label(rules, element_of(trace))), why(rules, assessment, trace))


def _count(group: Group) -> str:
    open_ = f", {len(group.unknown)} open" if group.unknown else ""
    return f"{len(group.present)} found{open_}, {group.needed} needed"


# --- the other sets ---------------------------------------------------------------------------------------------------


def _other(rules: Rules, result: CriteriaResult) -> OtherSet:
    value = _TRUTHS[result.verdict]
    if value:
        higher = higher_levels(result)
        missing = f"open: {listed(higher)}" if higher else ""
    else:
        names = [_name(rules, group) for group in result.shown.groups if group.value is value]
        at = f" for {result.shown.id}" if len(result.levels) > 1 else ""
        missing = f"{'fails' if value is False else 'open'}{at}: {'; '.join(names)}"
    return OtherSet(rules.criteria[result.id].short, value, _verdict(result), missing)


def _staging(rules: Rules, assessment: Assessment) -> Iterator[str]:
    """What is needed before treatment, with what is done already."""
    for stage, done in assessment.staging or ():
        state = {True: "done", None: "in part", False: "to do"}[done]
        yield cited(rules, f"{capital(stage.text)} ({state}).", stage.basis)


def stages_to_do(assessment: Assessment) -> list[Stage]:
    """What is still needed before treatment; nothing where treatment is held back: there the mimics come first."""
    held_back = assessment.outlook is not None and assessment.outlook.held_back
    return [] if held_back else [stage for stage, done in assessment.staging or () if not done]


def _explained(rules: Rules, assessment: Assessment) -> Iterator[str]:
    """Findings that another disease explains, and those that do not count."""
    for explained in assessment.explained:
        name = capital(short_label(rules, explained.finding))
        yield cited(rules, f"{name} is explained by {explained.cause}.", explained.basis)
    for uncounted in assessment.not_counted:
        finding, element = (short_label(rules, name) for name in (uncounted.finding, uncounted.element))
        yield cited(rules, f"{capital(finding)} is not counted as {element}: {uncounted.reason}.", uncounted.basis)


# --- what the reader must know ----------------------------------------------------------------------------------------


def contradiction_words(rules: Rules, assessment: Assessment, contradiction: Contradiction) -> str:
    """Both sides of a contradiction, in a sentence."""
    name, derived = capital(label(rules, contradiction.finding)), contradiction.derived
    if derived.value is None:
        present, absent = (why(rules, assessment, side) for side in derived.children)
        return f"{name}: the record makes it present ({present}) and absent ({absent}). It counts as unknown."
    reason = why(rules, assessment, Trace("not", derived.value, children=(derived,)))
    return (
        f"{name}: the record says {VALUES[contradiction.asserted]}, but it follows as {VALUES[derived.value]} from: {reason}. "
        "It counts as unknown."
    )


def _outcome(rules: Rules, assessment: Assessment) -> str:
    """The described picture that the patient makes, with its source; empty where there is none."""
    outcome = assessment.outcome
    return cited(rules, f"{capital(outcome.name)}: {outcome.text}", outcome.basis) if outcome else ""


def urgent_lines(rules: Rules, assessment: Assessment) -> Iterator[str]:
    """What calls for action today, in a line each, with its source."""
    short = {warning.id: warning.short for warning in rules.warnings}
    for notice in assessment.urgent:
        basis = notice.basis
        mark = (basis.source or basis.read or "ours") if basis else "ours"
        yield f"{short.get(notice.id) or notice.text} [{mark}]"


def _warning(rules: Rules, notice: Notice) -> str:
    text = notice.text
    if notice.id.startswith("gray_zone:"):
        text = f"{capital(short_label(rules, notice.id.removeprefix('gray_zone:')))}, gray zone: {text}"
    return cited(rules, text, notice.basis)


def limits(rules: Rules, assessment: Assessment) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What rests on a limit or reading of this program, and on a limit from memory, each value once."""
    ours: dict[tuple[str | None, str], str] = {}
    recalled: dict[tuple[str | None, str], str] = {}
    for derived, trace in _decisions(assessment):
        for node, of in path(assessment.facts, trace, derived):
            if node.kind == "compare" and node.finding and node.comparison and not uses_own_limit(node):
                words = compared(rules, node._replace(basis=None))
                text = f"{capital(short_label(rules, of))}: {words}." if of in rules.findings and of else f"{capital(words)}."
                if decided_by_default(node):
                    ours.setdefault((of, node.finding), text)
                elif is_recalled(rules, node.basis):
                    recalled.setdefault((of, node.finding), cited(rules, text, node.basis))
            elif node.basis is not None and node.basis.default and node.name:
                note = f" {node.basis.note}" if node.basis.note else ""
                ours.setdefault((None, node.name), f"{capital(node.name)}.{note}")
    return tuple(ours.values()), tuple(recalled.values())


def _decisions(assessment: Assessment) -> Iterator[tuple[str | None, Trace]]:
    """Each trace that decided something: a verdict, a condition of the default set, or a finding that is present."""
    for result in assessment.criteria.values():
        for level in result.levels:
            if level.value is not None:
                yield None, level.trace
            elif result.id == assessment.default_criteria:
                yield from ((None, part) for part in level.trace.children)
    for finding, trace in assessment.facts.derived.items():
        if trace.value:
            yield finding, trace
