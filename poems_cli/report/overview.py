"""One assessment as the rows of one screen: what the terminal, and later a page, draw in tables.

It says in a few words what ``--explain`` says in full: the verdict, the criteria, the next tests, what else it could be, the
other sets, and what the reader must know before trusting any of it. It decides nothing.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from poems_cli.engine.criteria import element_of
from poems_cli.engine.findings import follows_from
from poems_cli.engine.logic import truth
from poems_cli.finding_names import without_remark
from poems_cli.model import (
    LABEL,
    Assessment,
    CriteriaResult,
    DecisiveUnknown,
    Group,
    OrderedTest,
    Present,
    Quantity,
    Rival,
    Row,
    Rules,
    Status,
    Test,
    Trace,
    Truth,
    Weight,
)
from poems_cli.phrases import capital, counted, listed
from poems_cli.report.mimics import (
    always_shown,
    common_causes_words,
    frequency_words,
    held_words,
    left_words,
    nothing_calls,
    row_reason,
)
from poems_cli.report.names import element_words, finding_name, order_name, tests_named
from poems_cli.report.narrative import (
    contradiction_words,
    higher_levels,
    limits,
    notes,
    stages_to_do,
    urgent_lines,
    verdict_value,
    verdict_words,
)
from poems_cli.report.reasons import brief_reasons, conditions_of, gray_numbers, path, state_words
from poems_cli.report.settling import worth_doing
from poems_cli.report.words import SYMBOLS, disease_name, first_of

_NAMED = 3
_FEW_FINDINGS = 2
_POINTS_A_BLOCK = 5
_MOST_BLOCKS = 6


class Most(NamedTuple):
    """How many rows are shown; ``None`` for all.

    ``reasons`` is how many findings a mimic's row names for it, how many against it, and how many tests; ``asides`` has the
    lines on why a mimic in question cannot wait, and on the outlook.
    """

    tests: int | None
    mimics: int | None
    warnings: int | None
    reasons: int = 2
    asides: bool = True


#: From what is usually shown to what is shown where room is short; where little is known or all is settled, less is needed.
USUAL = (Most(4, 4, 5), Most(4, 3, 3), Most(3, 3, 2), Most(3, 2, 1), Most(3, 2, 0), Most(2, 2, 0), Most(2, 2, 0, 1))
SHORT = (Most(4, 2, 2), Most(3, 2, 1), Most(2, 2, 1), Most(2, 1, 1), Most(1, 1, 1), Most(1, 1, 1, 1), Most(1, 1, 1, 1, False))


class Headline(NamedTuple):
    """The verdict: its sign, its word, the sentence next to it, who the patient is, and what must be known at once.

    ``urgent`` is what calls for action today; ``outcome`` is the described picture of a patient who does not meet the set.
    """

    value: Truth
    verdict: str
    text: str
    patient: str
    urgent: tuple[str, ...]
    outcome: str
    remarks: tuple[str, ...]


class Piece(NamedTuple):
    """What is found, absent or open within one criterion; ``value`` gives its color."""

    value: Truth
    text: str


class CriterionRow(NamedTuple):
    """One condition of the default set: its name with how many are needed, its value, and what it rests on."""

    value: Truth
    name: str
    state: str
    pieces: tuple[Piece, ...]


class TestRow(NamedTuple):
    """A test to order: what it is, what it decides, the main caution, and under which condition it makes sense."""

    name: str
    decides: str
    caution: str = ""
    condition: str = ""


class MimicRow(NamedTuple):
    """A disease to rule out, or the syndrome itself: a bar for and against, why, and what settles it."""

    id: str
    name: str
    frequency: str
    urgent: bool
    own: bool
    status: Status
    blocks_for: int
    blocks_against: int
    evidence: float
    why: str
    settled_by: str


class OtherSetRow(NamedTuple):
    """Another criteria set, and its level where it has several and one is met; a level below the highest is no "met"."""

    value: Truth
    short: str
    level: str | None


class Overview(NamedTuple):
    """Everything on the screen, in its order."""

    headline: Headline
    criteria: tuple[CriterionRow, ...]
    tests: tuple[TestRow, ...]
    more_tests: int
    staging: tuple[TestRow, ...]
    more_staging: int
    urgency: tuple[str, ...]
    mimics: tuple[MimicRow, ...]
    mimics_left: str
    about_mimics: tuple[str, ...]
    others: tuple[OtherSetRow, ...]
    outlook: tuple[str, ...]
    warnings: tuple[str, ...]
    more_warnings: int
    basis: str


def sizes(assessment: Assessment) -> tuple[Most, ...]:
    """How many rows suit a patient, from the most to the fewest."""
    few = len(assessment.patient.observed) <= _FEW_FINDINGS
    return SHORT if few or assessment.criteria[assessment.default_criteria].verdict == "met" else USUAL


def overview(rules: Rules, assessment: Assessment, most: Most | None = None) -> Overview:
    """The rows of one assessment, at most as many as are asked for, else as many as usual."""
    most = most or sizes(assessment)[0]
    result = assessment.criteria[assessment.default_criteria]
    staging = [TestRow(stage.name, stage.short) for stage in stages_to_do(assessment)]
    tests = [] if staging and most.tests is not None else list(_tests(rules, assessment))
    shown_tests, stages = (rows[: most.tests] for rows in (tests, staging))
    rivals = _shown_rivals(rules, assessment, most.mimics)
    warnings = list(_warnings(rules, assessment))
    shown_warnings = warnings[: most.warnings]
    return Overview(
        headline=_headline(rules, assessment, result),
        criteria=tuple(_criteria(rules, assessment, result)),
        tests=tuple(shown_tests),
        more_tests=len(tests) - len(shown_tests),
        staging=tuple(stages),
        more_staging=len(staging) - len(stages),
        urgency=tuple(_urgency(rules, assessment, rivals)) if most.asides else (),
        mimics=tuple([_mimic(rules, assessment, rival, most.reasons) for rival in rivals]),
        mimics_left=_not_shown(rules, assessment, rivals),
        about_mimics=tuple(said for said in (nothing_calls(rules, assessment), common_causes_words(rules, assessment)) if said),
        others=tuple(_other(rules, other) for other in assessment.criteria.values() if other.id != result.id),
        outlook=tuple(_outlook(assessment)) if most.asides else (),
        warnings=tuple(shown_warnings),
        more_warnings=len(warnings) - len(shown_warnings),
        basis=_basis(rules, assessment),
    )


def _headline(rules: Rules, assessment: Assessment, result: CriteriaResult) -> Headline:
    return Headline(
        value=verdict_value(result),
        verdict=verdict_words(result).upper(),
        text=f"{rules.criteria[result.id].short} criteria for {disease_name(rules)}; {_distance(rules, assessment, result)}",
        patient=_patient(rules, assessment),
        urgent=tuple(urgent_lines(rules, assessment)),
        outcome=outcome_words(assessment),
        remarks=(
            *[contradiction_words(rules, assessment, contradiction) for contradiction in assessment.facts.contradictions],
            *cautions(rules, assessment, result),
            *_gray_zones(rules, assessment, result),
        ),
    )


def outcome_words(assessment: Assessment) -> str:
    """The described picture that the patient makes, in a sentence; empty where there is none."""
    outcome = assessment.outcome
    if outcome is None:
        return ""
    source = f" [{outcome.basis.source}]" if outcome.basis.source else ""
    return f"{capital(outcome.name)}: {outcome.text}{source}"


def verdict_line(rules: Rules, assessment: Assessment) -> str:
    """The verdict in one line, where the headline has scrolled away."""
    head = _headline(rules, assessment, assessment.criteria[assessment.default_criteria])
    return f"{SYMBOLS[head.value]} {head.verdict}  {head.text}"


def _distance(rules: Rules, assessment: Assessment, result: CriteriaResult) -> str:
    """How far it is from met, or what fails."""
    if result.verdict == "met":
        higher = higher_levels(result)
        return f"{listed(higher)} still open" if higher else "every condition holds"
    if result.verdict == "not met":
        failing = [element_words(rules, group.condition) for group in result.shown.groups if group.value is False]
        return f"fails: {listed(failing)}"
    steps = assessment.steps_to_met
    if not steps:
        return "they cannot be met by what is open here"
    return f"{counted(steps, 'more finding')} would meet them"


def _patient(rules: Rules, assessment: Assessment) -> str:
    """Who it is: id, sex, age, and the diagnosis that the patient carries."""
    observed = assessment.patient.observed
    words = [assessment.patient.id]
    sex, age, label = observed.get("sex"), observed.get("age"), observed.get(LABEL)
    if isinstance(sex, str):
        words.append(rules.findings["sex"].choices.get(sex, sex))
    if isinstance(age, Quantity):
        words.append(f"{age.comparator or ''}{age.value:g} years")
    if isinstance(label, str):
        mimic = rules.mimics.get(label)
        words.append(f"called {mimic.short if mimic else rules.findings[LABEL].choices.get(label, label)} so far")
    return ", ".join(words)


def cautions(rules: Rules, assessment: Assessment, result: CriteriaResult) -> Iterator[str]:
    """What weakens the verdict: conditions that another disease explains, and assertions that the number does not support."""
    if assessment.explained_groups:
        causes = listed(list(dict.fromkeys(without_remark(explained.cause) for explained in assessment.explained)))
        groups = listed([element_words(rules, group) for group in assessment.explained_groups])
        yield f"Every finding counted under the {groups} has another known cause ({causes}): judge whether it counts."
    asserted = assessment.patient.observed
    deciding = {node.node.finding for group in result.shown.trace.children for node in path(assessment.facts, group)}
    for finding in assessment.facts.gray:
        if asserted.get(finding) is not None and finding in deciding:
            name = capital(finding_name(rules, finding))
            said = "present" if asserted[finding] else "absent"
            numbers = gray_numbers(rules, assessment.facts, finding)
            yield f"{name} is taken as {said} because the record says so; {numbers} does not show it."


def _gray_zones(rules: Rules, assessment: Assessment, result: CriteriaResult) -> Iterator[str]:
    """The numbers that leave an open condition open."""
    still_open = [element for group in result.shown.groups if group.value is None for element in group.unknown]
    undecided = follows_from(rules, [element.finding for element in still_open if element.finding is not None])
    for finding in assessment.facts.gray:
        if finding in undecided and assessment.patient.observed.get(finding) is None:
            numbers = gray_numbers(rules, assessment.facts, finding)
            yield f"Gray zone: {numbers} neither shows nor excludes {finding_name(rules, finding)}."


def _criteria(rules: Rules, assessment: Assessment, result: CriteriaResult) -> Iterator[CriterionRow]:
    for group, part in conditions_of(result):
        pieces = tuple(_pieces(rules, assessment, group, part))
        yield CriterionRow(group.value, _criterion_name(rules, group), state_words(part), pieces)


def _criterion_name(rules: Rules, group: Group) -> str:
    count = len(group.present) + len(group.absent) + len(group.unknown)
    name = capital(element_words(rules, group.condition))
    return f"{name.removesuffix(' criterion')}, {group.needed:g} of {count}" if count > 1 else name


def _pieces(rules: Rules, assessment: Assessment, group: Group, part: Trace) -> Iterator[Piece]:
    """What is found with its reason, what is absent, and what is open where that can still change how the verdict is read."""
    if len(group.present) + len(group.absent) + len(group.unknown) == 1:
        if why := brief_reasons(rules, assessment, part):
            yield Piece(part.value, why)
        return
    elements = part.children
    causes = {explained.finding: without_remark(explained.cause) for explained in reversed(assessment.explained)}
    met = assessment.criteria[assessment.default_criteria].verdict == "met"
    settled = met and group.condition not in assessment.explained_groups
    for value in (True, False) if settled else (True, None, False):
        words = [_element(rules, assessment, element) for element in elements if element.value is value]
        if words and value:
            yield Piece(
                True, _with_causes(words, [causes.get(element_of(element).id) for element in elements if element.value])
            )
        elif words:
            yield Piece(value, f"{'open' if value is None else 'absent'}: {', '.join(words)}")
    names = {element_of(element).id for element in elements}
    by_reason: dict[str, list[str]] = {}
    for uncounted in assessment.not_counted:
        if uncounted.element in names:
            derived = assessment.facts.derived.get(uncounted.finding)
            why = brief_reasons(rules, assessment, derived) if derived else ""
            name = finding_name(rules, uncounted.finding)
            by_reason.setdefault(uncounted.reason, []).append(f"{name} ({why})" if why else name)
    if by_reason:
        each = [f"{listed(uncounted_names)}, {reason}" for reason, uncounted_names in by_reason.items()]
        yield Piece(None, f"not counted: {'; '.join(each)}")


def _with_causes(words: Sequence[str], causes: Sequence[str | None]) -> str:
    """Present elements, with the disease that explains each of them; once where it explains all."""
    if len(words) > 1 and causes[0] and len(set(causes)) == 1:
        return f"{'; '.join(words)}: all explained by {causes[0]}"
    return "; ".join(f"{word} (explained by {cause})" if cause else word for word, cause in zip(words, causes, strict=True))


def _element(rules: Rules, assessment: Assessment, element: Trace) -> str:
    """A present element by what makes it so; another one by its name, with the number that leaves it open."""
    name = element_words(rules, element_of(element))
    why = brief_reasons(rules, assessment, element)
    if element.value:
        return why or name
    return f"{name} ({why})" if why and element.value is None else name


def _tests(rules: Rules, assessment: Assessment) -> Iterator[TestRow]:
    """The tests that matter to the default set while it is open, else to any set, and to the mimics in play."""
    for ordered, answers, shows in worth_doing(assessment):
        caution = rules.tests[ordered.test].caution or ""
        decides = _decides(rules, ordered, [*answers, *shows])
        yield TestRow(capital(order_name(rules, ordered)), decides, caution, ordered.condition or "")


def _decides(rules: Rules, ordered: OrderedTest, unknowns: Sequence[DecisiveUnknown]) -> str:
    """The findings it answers for the default set, and the mimics that it helps to establish or to exclude."""
    findings = [unknown.finding for unknown in unknowns]
    mimics = list(dict.fromkeys(rules.mimics[hint.mimic].short for hint in ordered.mimics))
    if rules.tests[ordered.test].how in ("history", "examination"):
        findings += [hint.finding for hint in ordered.mimics]
    words = [_few_names(list(dict.fromkeys(finding_name(rules, finding) for finding in findings)))] if findings else []
    if mimics:
        words.append(f"for or against {_few_names(mimics)}" if words else _few_names(mimics))
    return "; ".join(words)


def _few_names(names: list[str]) -> str:
    return first_of(names, len(names) if len(names) <= _NAMED + 1 else _NAMED)


def _shown_rivals(rules: Rules, assessment: Assessment, most: int | None) -> list[Rival]:
    """The syndrome, the ``most`` first mimics to consider, what the patient is called so far, and those always shown."""
    if assessment.syndrome is None:
        return []
    considered = [rival for rival in assessment.mimics if rival.row.status == "consider"]
    shown = list(assessment.mimics) if most is None else considered[:most]
    label = assessment.facts.observed.get(LABEL)
    for rival in assessment.mimics:
        if rival not in shown and (rival.row.id == label or always_shown(assessment, rules.mimics[rival.row.id])):
            shown.append(rival)
    return sorted([assessment.syndrome, *shown], key=lambda rival: rival.place)


def _mimic(rules: Rules, assessment: Assessment, rival: Rival, reasons: int) -> MimicRow:
    row = rival.row
    mimic = rules.mimics.get(row.id)
    profile = mimic or rules.profile
    assert profile is not None  # a row comes from the rules
    return MimicRow(
        id=row.id,
        name=capital(profile.short),
        frequency=frequency_words(mimic) if mimic else "",
        urgent=profile.urgent,
        own=mimic is None,
        status=row.status,
        blocks_for=_blocks(row.supporting),
        blocks_against=_blocks(row.opposing),
        evidence=row.evidence,
        why=_why(rules, assessment, rival, reasons),
        settled_by=""
        if row.status == "excluded"
        else ", ".join(tests_named(rules, _settling(rules, assessment, row, profile.tests), reasons)),
    )


def _settling(rules: Rules, assessment: Assessment, row: Row, tests: Sequence[str]) -> list[str]:
    """The tests of a mimic, those first that make sense now and answer what would still establish or exclude it."""
    wanted = {answer[0] for answer in row.settled_by}

    def settles(test: Test) -> bool:
        sensible = test.sensible_when is None or truth(test.sensible_when, assessment.facts)
        return bool(sensible) and not wanted.isdisjoint([*test.answers, *test.shows])

    return sorted(tests, key=lambda test: not settles(rules.tests[test]))


def _blocks(items: Sequence[Weight]) -> int:
    points = sum(abs(item.weight) for item in items)
    return min(_MOST_BLOCKS, max(1, round(points / _POINTS_A_BLOCK))) if points else 0


def _why(rules: Rules, assessment: Assessment, rival: Rival, reasons: int) -> str:
    """Why a row has its status, in a few words."""
    row = rival.row
    if row.id in rules.mimics and (row.confirmed or row.status == "excluded"):
        return f"{'' if row.confirmed else 'excluded: '}{row_reason(rules, assessment, row).rstrip('.')}"
    most = reasons if row.id in rules.mimics else _NAMED
    settled = row.confirmed and row.id not in rules.mimics
    holding = ["its criteria are met"] if settled else [_item(rules, item) for item in row.supporting[:most]]
    supporting = ", ".join(dict.fromkeys(holding))
    opposing = ", ".join(dict.fromkeys(_item(rules, item) for item in row.opposing[:reasons]))
    if row.status == "not assessed":
        asked = ", ".join(finding_name(rules, finding) for finding in row.open_callers[:reasons])
        return f"not assessed{f'; to look for: {asked}' if asked else ''}"
    if row.status == "less likely":
        return f"less likely; against: {opposing}" if opposing else "less likely; what suggests it is absent"
    return f"{supporting}{f'; against: {opposing}' if opposing else ''}"


def _item(rules: Rules, weight: Weight) -> str:
    """An item by the finding that makes it hold, else by its name."""
    if len(weight.holding) == 1:
        return held_words(rules, weight.holding[0])
    if weight.present and isinstance(weight.item.when, Present):
        return finding_name(rules, weight.item.when.finding)
    return weight.label


def _not_shown(rules: Rules, assessment: Assessment, shown: Sequence[Rival]) -> str:
    """How many rows are not shown, by their status; those to consider that must not be missed by name."""
    left = [rival for rival in assessment.mimics if rival not in shown]
    excluded = sum(rival.row.status == "excluded" for rival in left)
    counts = [*left_words(rules, left), *([f"{excluded} excluded"] if excluded else [])]
    return f"{', '.join(counts)}: --all-mimics" if counts else ""


def _urgency(rules: Rules, assessment: Assessment, shown: Sequence[Rival]) -> Iterator[str]:
    """Why a mimic to consider must not be missed, where the top of the answer does not say so."""
    urgent = {notice.id for notice in assessment.urgent}
    said = {mimic for warning in rules.warnings if warning.id in urgent for mimic in warning.mimics}
    for rival in shown:
        mimic = rules.mimics.get(rival.row.id)
        if mimic is not None and rival.row.status == "consider" and mimic.urgency is not None and mimic.id not in said:
            yield f"{capital(mimic.short)}: {mimic.urgency.text}"


def _outlook(assessment: Assessment) -> Iterator[str]:
    """What bears on the outlook and what to treat by, in a line each; nothing of treatment where it is held back."""
    outlook = assessment.outlook
    if outlook is None:
        return
    known = [factor.text for factor, value in outlook.factors if value]
    if known:
        yield f"Outlook: {listed(known)}."
    ways = [factor.text for factor, value in outlook.fork if value]
    if outlook.held_back:
        yield "No line of treatment is shown, since another disease explains what counts here."
    elif ways:
        yield f"Treatment: {listed(ways)}."


def _other(rules: Rules, result: CriteriaResult) -> OtherSetRow:
    level = result.level if len(result.levels) > 1 else None
    return OtherSetRow(verdict_value(result), rules.criteria[result.id].short, level)


def _warnings(rules: Rules, assessment: Assessment) -> Iterator[str]:
    """Warnings of one line each, with their sources, and notes on the record."""
    yield from notes(rules, assessment.patient)
    flags = assessment.red_flags
    if flags is not None:
        present = [flag.text for flag, value in flags.flags if value]
        name = rules.labels[flags.label].name
        if present:
            yield f"Called {name}, yet {listed(present)}: look for {disease_name(rules)}."
        unknown = sum(value is None for _, value in flags.flags)
        if unknown:
            yield f"Called {name}: {counted(unknown, 'red flag')} for {disease_name(rules)} not looked for yet."
    short = {warning.id: warning.short for warning in rules.warnings}
    for notice in assessment.warnings:
        if not notice.urgent and not notice.id.startswith("gray_zone:"):
            source = f" [{notice.basis.source}]" if notice.basis and notice.basis.source else ""
            yield f"{short.get(notice.id) or notice.text}{source}"


def _basis(rules: Rules, assessment: Assessment) -> str:
    """How many limits of this program, and how many from memory, the answer rests on."""
    ours, recalled = limits(rules, assessment)
    words = [counted(len(ours), "reading of ours", "readings of ours")] if ours else []
    words += [counted(len(recalled), "recalled limit")] if recalled else []
    return f"Rests on {listed(words)}." if words else ""
