"""What a case expects against what came out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import isclose
from typing import Any, NamedTuple

from poems_cli.authoring.cases import NEVER, NONE, UNKNOWN, mapping
from poems_cli.authoring.outcome import Outcome
from poems_cli.engine.criteria import verdict_of
from poems_cli.engine.logic import truth
from poems_cli.model import CriteriaResult, Effect, Quantity, Truth
from poems_cli.report.mimics import common_causes
from poems_cli.rules.strict_yaml import Path as Place

#: A number of a case in the finding's own unit may be rounded so far.
_ROUNDED = 0.005
_STEPS = "steps_to_met"


class Difference(NamedTuple):
    """An expectation that is not met: its place below ``expect``, what was wanted, and what came out."""

    step: Place
    wanted: object
    came_out: object


def differences(expect: Mapping[str, Any], outcome: Outcome, keys: Collection[str] | None = None) -> Iterator[Difference]:
    """Each expectation that is not met; of ``keys`` only, where they are given.

    ``contradictions`` are expected of every case: none where it names none.
    """
    for key, compare in _COMPARISONS.items():
        if (key in expect or key == "contradictions") and (keys is None or key in keys):
            for step, wanted, came_out in compare(expect.get(key, ()), outcome):
                yield Difference((key, *step), wanted, came_out)


def came_out(result: CriteriaResult) -> str:
    """A verdict with its level, where there are several."""
    return f"{result.verdict} ({result.level})" if result.level and len(result.levels) > 1 else result.verdict


def word(value: Truth) -> str:
    """A truth as cases write it."""
    return UNKNOWN if value is None else str(value).lower()


# --- criteria, mimics -------------------------------------------------------------------------------------------------


def _criteria(expected: Mapping[str, Any], outcome: Outcome) -> Iterator[Difference]:
    for set_id, entry in expected.items():
        wanted = entry if isinstance(entry, dict) else {"verdict": entry}
        result = outcome.criteria(set_id)
        if result is None:
            yield Difference((set_id,), wanted.get("verdict", "an answer"), "no answer, for no mimic lists this set")
            continue
        if wanted.get("verdict", result.verdict) != result.verdict:
            yield Difference((set_id,), wanted["verdict"], came_out(result))
        elif wanted.get("level", result.level) != result.level:
            yield Difference((set_id, "level"), wanted["level"], result.level or NONE)
        for level in result.levels:
            verdict = verdict_of(level.value)
            if mapping(wanted.get("levels")).get(level.id, verdict) != verdict:
                yield Difference((set_id, "levels", level.id), wanted["levels"][level.id], verdict)


def _mimics(expected: Mapping[str, Any], outcome: Outcome) -> Iterator[Difference]:
    for mimic, entry in expected.items():
        wanted = entry if isinstance(entry, dict) else {"status": entry}
        placed = outcome.placed(mimic)
        if placed is None:
            yield Difference((mimic,), "a row", NONE)
            continue
        row, place = placed.rival.row, placed.place
        if wanted.get("status", row.status) != row.status:
            yield Difference((mimic, "status"), wanted["status"], row.status)
        if place > wanted.get("first", place):
            yield Difference((mimic, "first"), f"place {wanted['first']}", place)
        if wanted.get("place", place) != place:
            yield Difference((mimic, "place"), f"place {wanted['place']}", place)
        for key, value in (("established", row.confirmed), ("excluded", row.excluded)):
            if key in wanted and (None if wanted[key] == UNKNOWN else wanted[key]) is not value:
                yield Difference((mimic, key), word(None if wanted[key] == UNKNOWN else wanted[key]), word(value))
        if abs(wanted.get("evidence", row.evidence) - row.evidence) > 0.05:  # points are rounded to a tenth
            yield Difference((mimic, "evidence"), f"{wanted['evidence']:g}", f"{row.evidence:g}")


# --- findings ---------------------------------------------------------------------------------------------------------


def _findings(expected: Mapping[str, Any], outcome: Outcome) -> Iterator[Difference]:
    for finding, entry in expected.items():
        wanted, value = None if entry == UNKNOWN else entry, outcome.facts.values.get(finding)
        if value is not wanted:
            yield Difference((finding,), word(wanted), word(value))


def _quantities(expected: Mapping[str, float], outcome: Outcome) -> Iterator[Difference]:
    for finding, wanted in expected.items():
        quantity = outcome.facts.observed.get(finding)
        value = quantity.value if isinstance(quantity, Quantity) else None
        if value is None or not isclose(value, wanted, rel_tol=_ROUNDED, abs_tol=1e-9):
            yield Difference((finding,), f"{wanted:g}", UNKNOWN if value is None else f"{value:g}")


def _refused(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    for finding in expected:
        if finding not in outcome.refused:
            yield Difference((finding,), "refused", "read")
    for finding in outcome.refused:
        if finding not in expected:
            yield Difference((finding,), "read", "refused")


def _contradictions(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    found = [contradiction.finding for contradiction in outcome.facts.contradictions]
    for finding in expected:
        if finding not in found:
            yield Difference((finding,), "a contradiction", NONE)
    for finding in found:
        if finding not in expected:
            yield Difference((finding,), NONE, "a contradiction")


# --- lists of what is shown, and of what is not -----------------------------------------------------------------------


def _warnings(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    shown = outcome.warnings if expected else ()
    yield from (Difference((wanted,), "shown", "not shown") for wanted in expected if wanted not in shown)


def _no_warnings(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    shown = outcome.warnings if expected else ()
    yield from (Difference((wanted,), "not shown", "shown") for wanted in expected if wanted in shown)


def _red_flags(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    values = outcome.red_flags
    yield from (Difference((flag,), "present", word(values.get(flag))) for flag in expected if not values.get(flag))


def _no_red_flags(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    values = outcome.red_flags
    yield from (Difference((flag,), "not present", "true") for flag in expected if values.get(flag))


def _decisive(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    found = _deciding(outcome)
    yield from (Difference((wanted,), "decisive", "not decisive") for wanted in expected if wanted not in found)


def _not_decisive(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    found = _deciding(outcome)
    yield from (Difference((wanted,), "not decisive", "decisive") for wanted in expected if wanted in found)


def _deciding(outcome: Outcome) -> set[str]:
    """The decisive unknowns of the default set."""
    assessment = outcome.assessment
    return {unknown.finding for unknown in assessment.decisive_unknowns if assessment.default_criteria in unknown.criteria}


def _explained(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    found = {explained.finding for explained in outcome.assessment.explained}
    yield from (Difference((wanted,), "yes", "no") for wanted in expected if wanted not in found)


def _not_explained(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    found = {explained.finding for explained in outcome.assessment.explained}
    yield from (Difference((wanted,), "no", "yes") for wanted in expected if wanted in found)


def _not_counted(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    found = {uncounted.finding for uncounted in outcome.assessment.not_counted}
    yield from (Difference((wanted,), "yes", "no") for wanted in expected if wanted not in found)


def _counted(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    found = {uncounted.finding for uncounted in outcome.assessment.not_counted}
    yield from (Difference((wanted,), "no", "yes") for wanted in expected if wanted in found)


def _explained_groups(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    groups = [group.name or group.id for group in outcome.assessment.explained_groups]
    if expected != groups:
        yield Difference((), expected, groups)


# --- what comes next --------------------------------------------------------------------------------------------------


def _steps_to_met(expected: int | str, outcome: Outcome) -> Iterator[Difference]:
    steps = outcome.assessment.steps_to_met
    found = NEVER if steps is None else steps
    if expected != found:
        yield Difference((), expected, found)


def _if_present(expected: Mapping[str, Mapping[str, Any]], outcome: Outcome) -> Iterator[Difference]:
    yield from _effects(expected, outcome, True)


def _if_absent(expected: Mapping[str, Mapping[str, Any]], outcome: Outcome) -> Iterator[Difference]:
    yield from _effects(expected, outcome, False)


def _effects(expected: Mapping[str, Mapping[str, Any]], outcome: Outcome, present: bool) -> Iterator[Difference]:
    """What one more answer alone would do: the verdicts that it brings, and how far met then is."""
    for finding, wanted in expected.items():
        unknown = next((decisive for decisive in outcome.assessment.decisive_unknowns if decisive.finding == finding), None)
        if unknown is None:
            yield Difference((finding,), "a decisive unknown", "not decisive")
            continue
        found = _effect(unknown.if_present if present else unknown.if_absent)
        for key, value in wanted.items():
            came = found.get(key, NEVER if key == _STEPS else "undetermined")
            if value != came:
                yield Difference((finding, key), value, came)


def _effect(effect: Effect) -> dict[str, Any]:
    steps = {} if effect.steps_to_met is None else {_STEPS: effect.steps_to_met}
    return {**dict(effect.verdicts), **steps}


def _next_test(expected: str, outcome: Outcome) -> Iterator[Difference]:
    tests = outcome.assessment.tests
    first = tests[0].test if tests else NONE
    if expected != first:
        yield Difference((), expected, first)


def _tests(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    found = [test for order in outcome.assessment.tests for test in (order.test, *order.with_tests) if test in expected]
    if list(expected) != found:
        yield Difference((), ", ".join(expected), ", ".join(found) or NONE)


def _answered_by(expected: Mapping[str, Collection[str]], outcome: Outcome) -> Iterator[Difference]:
    for finding, wanted in expected.items():
        found = [test.id for test in outcome.rules.tests.values() if finding in test.answers]
        if list(wanted) != found:
            yield Difference((finding,), ", ".join(wanted) or NONE, ", ".join(found) or NONE)


def _settled_by(expected: Mapping[str, Collection[str]], outcome: Outcome) -> Iterator[Difference]:
    for mimic, wanted in expected.items():
        found = outcome.rules.mimics[mimic].tests
        if tuple(wanted) != found:
            yield Difference((mimic,), ", ".join(wanted) or NONE, ", ".join(found) or NONE)


def _burdens(expected: Mapping[str, Sequence[int]], outcome: Outcome) -> Iterator[Difference]:
    for test, wanted in expected.items():
        found = [outcome.rules.tests[test].cost, outcome.rules.tests[test].invasiveness]
        if list(wanted) != found:
            yield Difference((test,), ", ".join(map(str, wanted)), ", ".join(map(str, found)))


def _shown_by(expected: Mapping[str, Collection[str]], outcome: Outcome) -> Iterator[Difference]:
    for finding, wanted in expected.items():
        found = [test.id for test in outcome.rules.tests.values() if finding in test.shows]
        if list(wanted) != found:
            yield Difference((finding,), ", ".join(wanted) or NONE, ", ".join(found) or NONE)


def _sensible(expected: Mapping[str, Any], outcome: Outcome) -> Iterator[Difference]:
    for test, entry in expected.items():
        condition = outcome.rules.tests[test].sensible_when
        value = True if condition is None else truth(condition, outcome.facts)
        if value is not (None if entry == UNKNOWN else entry):
            yield Difference((test,), word(None if entry == UNKNOWN else entry), word(value))


def _outcome(expected: str, outcome: Outcome) -> Iterator[Difference]:
    described = outcome.assessment.outcome
    found = described.id if described else NONE
    if expected != found:
        yield Difference((), expected, found)


def _common_causes(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    named = [mimic.id for mimic in common_causes(outcome.rules, outcome.assessment)]
    yield from (Difference((mimic,), "named", "not named") for mimic in expected if mimic not in named)


def _staging(expected: Mapping[str, Any], outcome: Outcome) -> Iterator[Difference]:
    found = {stage.id: word(done) for stage, done in outcome.assessment.staging or ()}
    for stage, entry in expected.items():
        wanted = word(None if entry == UNKNOWN else entry)
        if found.get(stage) != wanted:
            yield Difference((stage,), wanted, found.get(stage, NONE))


def _outlook(expected: Mapping[str, Any] | str, outcome: Outcome) -> Iterator[Difference]:
    result = outcome.assessment.outlook
    if expected == NONE or isinstance(expected, str):
        if result is not None:
            yield Difference((), NONE, "given")
        return
    found = {factor.id: word(value) for factor, value in (*result.factors, *result.fork)} if result else {}
    for factor, entry in expected.items():
        wanted = word(None if entry == UNKNOWN else entry)
        if found.get(factor) != wanted:
            yield Difference((factor,), wanted, found.get(factor, NONE))


_COMPARISONS: Mapping[str, Any] = {
    "criteria": _criteria,
    "findings": _findings,
    "quantities": _quantities,
    "refused": _refused,
    "mimics": _mimics,
    "red_flags": _red_flags,
    "no_red_flags": _no_red_flags,
    "warnings": _warnings,
    "no_warnings": _no_warnings,
    "contradictions": _contradictions,
    "decisive": _decisive,
    "not_decisive": _not_decisive,
    "explained": _explained,
    "not_explained": _not_explained,
    "not_counted": _not_counted,
    "counted": _counted,
    "explained_groups": _explained_groups,
    "next_test": _next_test,
    "tests": _tests,
    "answered_by": _answered_by,
    "shown_by": _shown_by,
    "settled_by": _settled_by,
    "burdens": _burdens,
    "sensible": _sensible,
    "outcome": _outcome,
    "common_causes": _common_causes,
    "staging": _staging,
    "if_present": _if_present,
    "if_absent": _if_absent,
    "outlook": _outlook,
    "steps_to_met": _steps_to_met,
}
