"""The mimics, the red flags and the outlook, in words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from poems_cli.engine.logic import truth
from poems_cli.finding_names import without_remark
from poems_cli.model import LABEL, Assessment, CriteriaResult, Factor, Held, Mimic, RedFlag, Rival, Row, Rules, Truth, Weight
from poems_cli.phrases import capital, counted, listed
from poems_cli.report.names import finding_name, test_name
from poems_cli.report.words import VALUES, cited, disease_name, element_label, first_of, short_label

MIMICS_SHOWN = 5

#: What the points mean, and of the bars, once above them.
POINTS = "Evidence, not probability: ten points are a likelihood ratio of ten"
SCALE = f"{POINTS}, a sign of a bar is about two points; (!) must not be missed."

_POINTS_A_SIGN = 2
_TESTS_NAMED = 3
_NAMED = 3


class Bar(NamedTuple):
    """One item of evidence: a bar of characters, what it is, on what it rests, and its points."""

    signs: str
    label: str
    why: str
    weight: float


class RivalWords(NamedTuple):
    """One row in words. ``tests`` says which tests settle it and how; ``urgency`` why it must not be missed."""

    place: str
    name: str
    value: Truth
    evidence: str
    reason: str
    supporting: tuple[Bar, ...]
    opposing: tuple[Bar, ...]
    unexplained: str
    criteria: tuple[str, ...]
    tests: str
    urgent: bool
    urgency: str


class RivalsWords(NamedTuple):
    """The rows worth showing, and a line about the others."""

    rows: tuple[RivalWords, ...]
    others: str


class FlagsWords(NamedTuple):
    """The red flags for the patient's label: present, and not yet looked for."""

    title: str
    text: str
    present: tuple[str, ...]
    unknown: str


def rivals_words(rules: Rules, assessment: Assessment, *, every: bool) -> RivalsWords | None:
    """The syndrome and the first mimics to consider, in their order; all mimics where ``every`` one is asked for."""
    if assessment.syndrome is None:
        return None
    considered = [rival for rival in assessment.mimics if rival.row.status == "consider"]
    called_up = [rival for rival in assessment.mimics if rival.row.status == "less likely" and rival.row.called_up]
    shown = list(assessment.mimics) if every else [*considered, *called_up][:MIMICS_SHOWN]
    called = assessment.facts.observed.get(LABEL)  # so far
    shown += [rival for rival in assessment.mimics if rival.row.id == called and rival not in shown]
    others = [nothing_calls(rules, assessment), common_causes_words(rules, assessment)]
    others += [] if every else [_others(rules, assessment, shown)]
    rows = sorted([assessment.syndrome, *shown], key=lambda rival: rival.place)
    return RivalsWords(
        tuple([rival_words(rules, assessment, row, full=every or row.row.status == "consider") for row in rows]),
        " ".join(sentence for sentence in others if sentence),
    )


def nothing_calls(rules: Rules, assessment: Assessment) -> str:
    """That nothing known calls for a disease, where that is so: a list without rows would leave it open."""
    if assessment.syndrome is None or any(rival.row.status == "consider" for rival in assessment.mimics):
        return ""
    either = "another disease" if assessment.syndrome.row.supporting else f"{disease_name(rules)} or for another disease"
    return f"Nothing that is known calls for {either}; none is excluded by that."


def common_causes(rules: Rules, assessment: Assessment) -> list[Mimic]:
    """The common causes of what the patient has that nobody has looked for yet."""
    unasked = (rules.mimics[rival.row.id] for rival in assessment.mimics if rival.row.status == "not assessed")
    return [mimic for mimic in unasked if mimic.common_cause is not None and truth(mimic.common_cause.of, assessment.facts)]


def common_causes_words(rules: Rules, assessment: Assessment) -> str:
    """The common causes that are not assessed, each with the cheap test that comes first."""
    causes = [mimic.common_cause for mimic in common_causes(rules, assessment) if mimic.common_cause]
    named = [f"{cause.name} ({cause.asks or test_name(rules, cause.test)})" for cause in causes]
    return f"Common causes not assessed: {', '.join(named)}." if named else ""


def _others(rules: Rules, assessment: Assessment, shown: Sequence[Rival]) -> str:
    """How many rows are not shown; those that are excluded, or that must not be missed, by name."""
    left = [rival for rival in assessment.mimics if rival not in shown]
    excluded = [rules.mimics[rival.row.id].short for rival in left if rival.row.status == "excluded"]
    parts = [*left_words(rules, left), *([f"excluded: {listed(excluded)}"] if excluded else [])]
    return f"{capital('; '.join(parts))}." if parts else ""


def left_words(rules: Rules, left: Sequence[Rival]) -> Iterator[str]:
    """How many rows are left out, by their status; those to consider that must not be missed by name."""
    counts = Counter(rival.row.status for rival in left)
    considered = [rules.mimics[rival.row.id] for rival in left if rival.row.status == "consider"]
    urgent = [mimic.short for mimic in considered if mimic.urgent]
    if considered:
        yield f"{len(considered)} more to consider" + (f" (not to be missed: {listed(urgent)})" if urgent else "")
    yield from (f"{counts[status]} {status}" for status in ("less likely", "not assessed") if counts[status])


def rival_words(rules: Rules, assessment: Assessment, rival: Rival, *, full: bool) -> RivalWords:
    """One row; what is not to be considered is shown in short unless ``full``."""
    row = rival.row
    mimic = rules.mimics.get(row.id) or rules.profile
    assert mimic is not None  # a row without rules cannot have come about
    status = "" if row.id not in rules.mimics or row.status == "consider" else f"{capital(row.status)}. "
    return RivalWords(
        place=str(rival.place),
        name=mimic.short,
        value=row.confirmed if row.id not in rules.mimics else False if row.status == "excluded" else None,
        evidence=f"{row.evidence:+g}",
        reason=status + row_reason(rules, assessment, row),
        supporting=tuple([_bar(rules, item) for item in row.supporting]),
        opposing=tuple([_bar(rules, item) for item in row.opposing]),
        unexplained=listed([short_label(rules, finding) for finding in rival.unexplained]),
        criteria=tuple([_criteria(rules, result) for result in rival.criteria]) if full else (),
        tests=_tests(rules, mimic) if full else "",
        urgent=mimic.urgent,
        urgency=mimic.urgency.text if mimic.urgency is not None and full else "",
    )


def _bar(rules: Rules, weight: Weight) -> Bar:
    sign = "+" if weight.weight > 0 else "-"
    item = weight.item
    why = f"{weight.weight:+g}, {item.frequency.text} against {item.reference.text}: {item.reason}"
    why += f"; it weighs less, since {weight.explained_by.name} explains it" if weight.explained_by else ""
    signs = sign * max(1, round(abs(weight.weight) / _POINTS_A_SIGN))
    held = [held_words(rules, holding) for holding in weight.holding]
    some = f" ({listed(held)})" if held and held != [weight.label] else ""
    return Bar(signs, f"{weight.label}{some}", cited(rules, why, item.basis), weight.weight)


def frequency_words(mimic: Mimic) -> str:
    """How common a disease is, in a word or two."""
    return mimic.frequency_class.replace("_", " ")


def always_shown(assessment: Assessment, mimic: Mimic) -> bool:
    """Whether a mimic is shown whatever its rank: CIDP wherever there is a neuropathy."""
    return mimic.shown_when is not None and truth(mimic.shown_when, assessment.facts) is True


def held_words(rules: Rules, held: Held) -> str:
    """The finding by its presence or its absence."""
    label = finding_name(rules, held.finding)
    return label if held.present else f"no {label}"


def row_reason(rules: Rules, assessment: Assessment, row: Row) -> str:
    """Why a row has its status, in a sentence."""
    mimic = rules.mimics.get(row.id)
    if mimic is None:
        default = assessment.criteria[assessment.default_criteria]
        return f"The {rules.criteria[default.id].short} criteria are {default.verdict}."
    if row.status == "excluded" and mimic.excluded:
        return f"{capital(mimic.excluded.words)}."
    if row.confirmed and mimic.confirmed:
        but = f", although {mimic.excluded.words}" if row.excluded and mimic.excluded else ""
        return f"Established: {mimic.confirmed.words}{but}."
    if not row.called_up:
        return _not_suggested(rules, row)
    suggested = f"Suggested by {listed([held_words(rules, held) for held in row.callers[:_NAMED]])}"
    if row.status == "consider":
        return f"{suggested}."
    return f"{suggested}, but more speaks against it: {listed([item.label for item in row.opposing[:_NAMED]])}."


def _not_suggested(rules: Rules, row: Row) -> str:
    """That nothing suggests it, with what speaks against it, or with the first findings that could and were not looked for."""
    if row.status == "less likely":
        return f"Nothing found suggests it; against it: {listed([item.label for item in row.opposing[:_NAMED]])}."
    named = [short_label(rules, finding) for finding in row.open_callers[:_NAMED]]
    if not named:
        return "Nothing found suggests it."
    rest = len(row.open_callers) - _NAMED
    more = f" and {counted(rest, 'more finding')}" if rest > 0 else ""
    return f"Nothing known suggests it; not looked for: {', '.join(named)}{more}."


def _criteria(rules: Rules, result: CriteriaResult) -> str:
    """A mimic's own criteria in a line: the verdict, and what fails or is open."""
    title = rules.mimic_criteria[result.id].short
    level = f" ({result.level})" if result.level and len(result.levels) > 1 else ""
    if result.verdict == "met":
        return f"{title}: met{level}"
    value = False if result.verdict == "not met" else None
    names = [without_remark(element_label(rules, group.condition)) for group in result.shown.groups if group.value is value]
    return f"{title}: {result.verdict}{level}, {'fails' if value is False else 'open'}: {'; '.join(names)}"


def _tests(rules: Rules, mimic: Mimic) -> str:
    """Which tests settle a mimic, and how."""
    if not mimic.tests:
        return ""
    names = [without_remark(rules.tests[test].label) for test in mimic.tests]
    return f"{listed(names) if len(names) <= _TESTS_NAMED else first_of(names, _TESTS_NAMED)}."


def flags_words(rules: Rules, assessment: Assessment) -> FlagsWords | None:
    """The red flags of a patient with a label that deserves a second look."""
    result = assessment.red_flags
    if result is None:
        return None
    label = rules.labels[result.label]
    present = tuple([figured(rules, flag) for flag, value in result.flags if value])
    unknown = [flag.text for flag, value in result.flags if value is None]
    title = f"Red flags for the label {label.name}"
    return FlagsWords(title, label.text, present or ("none of those looked for",), listed(unknown))


def figured(rules: Rules, item: RedFlag | Factor) -> str:
    """A red flag or a factor with its figure, and the mark of what it rests on."""
    return cited(rules, f"{item.text}: {item.figure}" if item.figure else item.text, item.basis)


def outlook_words(rules: Rules, assessment: Assessment) -> tuple[str, ...]:
    """What is known of the course and the treatment once the default set is met; display only."""
    result, outlook = assessment.outlook, rules.outlook
    if result is None or outlook is None:
        return ()
    lines = [f"{VALUES[value]}: {figured(rules, factor)}" for factor, value in result.factors]
    lines += [f"{_FORK[value]}: {figured(rules, factor)}" for factor, value in result.fork if value is not False]
    if outlook.survival is not None:
        lines.append(outlook.survival.text)
    if result.held_back:
        lines.append("no line of treatment is shown, since another disease explains what counts here")
    return tuple([capital(line) for line in lines])


def outlook_notes(rules: Rules, assessment: Assessment) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What is published of the course and the treatment: each title with its facts, and what each rests on."""
    result = assessment.outlook
    if result is None:
        return ()
    return tuple([(note.title, tuple([cited(rules, *fact) for fact in note.facts])) for note in result.notes])


_FORK = {True: "treatment", None: "treatment if present"}
