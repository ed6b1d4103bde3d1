"""What a case could expect of a patient, as far as a change of the rules can reach it: each expectation with what comes out.

An observation is named by its place below ``expect`` in a case; see ``cases``.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from poems_cli.authoring.cases import GRAY_ZONE, NONE
from poems_cli.authoring.changes import Change
from poems_cli.authoring.expectations import word
from poems_cli.authoring.outcome import Outcome
from poems_cli.engine.criteria import verdict_of

#: A place below ``expect``, and what comes out there.
Observation: TypeAlias = tuple[tuple[str, ...], Any]

#: Expectations that are lists, with the list of what is not shown.
_OPPOSITE = {
    "warnings": "no_warnings",
    "red_flags": "no_red_flags",
    "explained": "not_explained",
    "not_counted": "counted",
    "decisive": "not_decisive",
}


def observed(change: Change, outcome: Outcome) -> Iterator[Observation]:
    """What a change of this kind most likely alters, as it comes out of one patient."""
    yield from _OBSERVERS.get(change.section, _second_look)(change, outcome)


def observed_deeply(change: Change, outcome: Outcome) -> Iterator[Observation]:
    """What else it may alter: the decisive unknowns, and the order of the tests."""
    if change.section in ("findings", "criteria"):
        yield ("steps_to_met",), outcome.steps_to_met
        yield from ((("decisive", finding), True) for finding in outcome.decisive)
        yield from _answers(outcome)
    yield from _order(outcome)


def expectation(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """What a case writes under ``expect`` to hold an observation."""
    key, *rest = place
    if key in _OPPOSITE:
        return {key if value else _OPPOSITE[key]: rest}
    if key in ("contradictions", "refused"):
        return {key: rest if value else []}
    written: Any = value or [] if key in ("answered_by", "shown_by") else value
    for step in reversed(rest):
        written = {step: written}
    return {key: written}


def _findings(change: Change, outcome: Outcome) -> Iterator[Observation]:
    facts = outcome.facts
    names = [change.entry, *facts.values]
    yield from ((("findings", name), _truth(facts.values.get(name))) for name in dict.fromkeys(names))
    yield from ((("contradictions", contradiction.finding), True) for contradiction in facts.contradictions)
    yield from ((("warnings", f"{GRAY_ZONE}{finding}"), True) for finding in facts.gray)


def _criteria(change: Change, outcome: Outcome) -> Iterator[Observation]:
    result = outcome.criteria(change.entry)
    yield ("criteria", change.entry), result.verdict
    if len(result.levels) > 1:
        yield ("criteria", change.entry, "level"), result.level
        for level in result.levels:
            yield ("criteria", change.entry, "levels", level.id), verdict_of(level.value)


def _warnings(change: Change, outcome: Outcome) -> Iterator[Observation]:
    yield ("warnings", change.entry), change.entry in outcome.warnings


def _row(change: Change, outcome: Outcome) -> Iterator[Observation]:
    mimic = change.entry if change.section == "mimics" else outcome.rules.identity.id
    placed = outcome.placed(mimic)
    if placed is not None:
        yield ("mimics", mimic, "status"), placed.rival.row.status
        yield ("mimics", mimic, "evidence"), placed.rival.row.evidence
        if "frequency" in change.at:
            yield ("mimics", mimic, "place"), placed.place


def _all_rows(_: Change, outcome: Outcome) -> Iterator[Observation]:
    mimics, syndrome = outcome.ranked
    for rival in [*mimics, *([syndrome] if syndrome else [])]:
        yield ("mimics", rival.row.id, "evidence"), rival.row.evidence


def _flags(change: Change, outcome: Outcome) -> Iterator[Observation]:
    yield ("red_flags", change.entry), bool(outcome.red_flags.get(change.entry))


def _outlook(change: Change, outcome: Outcome) -> Iterator[Observation]:
    result = outcome.assessment.outlook
    for factor, value in (*result.factors, *result.fork) if result else ():
        if factor.id == change.entry:
            yield ("outlook", factor.id), _truth(value)


def _tests(change: Change, outcome: Outcome) -> Iterator[Observation]:
    key = change.at[2]
    if key == "sensible_when":
        yield ("sensible", change.entry), _truth(outcome.sensible(change.entry))
    elif key in ("answers", "shows"):
        yield from _answers(outcome)
    elif key in ("cost", "invasiveness"):
        test = outcome.rules.tests[change.entry]
        yield ("burdens", test.id), [test.cost, test.invasiveness]
    else:
        yield from _order(outcome)


def _answers(outcome: Outcome) -> Iterator[Observation]:
    answers: dict[str, list[str]] = {}
    shows: dict[str, list[str]] = {}
    for test in outcome.rules.tests.values():
        for finding in test.answers:
            answers.setdefault(finding, []).append(test.id)
        for finding in test.shows:
            shows.setdefault(finding, []).append(test.id)
    yield from ((("answered_by", finding), tests) for finding, tests in answers.items())
    yield from ((("shown_by", finding), tests) for finding, tests in shows.items())


def _order(outcome: Outcome) -> Iterator[Observation]:
    tests = [order.test for order in outcome.assessment.tests if order.worth]
    yield ("next_test",), tests[0] if tests else NONE
    yield ("tests",), tests


def _second_look(_: Change, outcome: Outcome) -> Iterator[Observation]:
    assessment = outcome.assessment
    yield from ((("explained", explained.finding), True) for explained in assessment.explained)
    yield from ((("not_counted", uncounted.finding), True) for uncounted in assessment.not_counted)
    yield ("explained_groups",), outcome.explained_groups
    yield from ((("staging", stage.id), _truth(done)) for stage, done in assessment.staging or ())


def _truth(value: bool | None) -> bool | str:
    return word(value) if value is None else value


_OBSERVERS: Mapping[str, Callable[[Change, Outcome], Iterator[Observation]]] = {
    "findings": _findings,
    "criteria": _criteria,
    "mimic_criteria": _criteria,
    "warnings": _warnings,
    "mimics": _row,
    "profile": _row,
    "evidence": _all_rows,
    "reference": _all_rows,
    "red_flags": _flags,
    "outlook": _outlook,
    "tests": _tests,
}
