"""What a case expects against what came out."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from math import isclose
from typing import Any, NamedTuple, TypeAlias

from poems_cli.authoring.cases import NEVER, NONE, UNKNOWN, mapping
from poems_cli.authoring.outcome import Outcome
from poems_cli.engine.criteria import verdict_of
from poems_cli.model import Contradiction, CriteriaResult, Effect, Explained, Quantity, Rules, Truth, Uncounted
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


#: Compares what a case expects under one key with an outcome.
_Comparison: TypeAlias = Callable[[Any, Outcome], Iterator[Difference]]


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


def _criteria(expected: Mapping[str, Any], outcome: Outcome) -> Iterator[Difference]:
    for set_id, entry in expected.items():
        wanted = entry if isinstance(entry, dict) else {"verdict": entry}
        result = outcome.criteria(set_id)
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


def _quantities(expected: Mapping[str, float], outcome: Outcome) -> Iterator[Difference]:
    for finding, wanted in expected.items():
        quantity = outcome.facts.observed.get(finding)
        value = quantity.value if isinstance(quantity, Quantity) else None
        if value is None or not isclose(value, wanted, rel_tol=_ROUNDED, abs_tol=1e-9):
            yield Difference((finding,), f"{wanted:g}", UNKNOWN if value is None else f"{value:g}")


def _red_flags(expected: Collection[str], outcome: Outcome, present: bool) -> Iterator[Difference]:
    for flag in expected:
        value = outcome.red_flags.get(flag)
        if bool(value) is not present:
            yield Difference((flag,), "present" if present else "not present", word(value))


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


def _tests(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
    found = [test for order in outcome.assessment.tests for test in (order.test, *order.with_tests) if test in expected]
    if list(expected) != found:
        yield Difference((), ", ".join(expected), ", ".join(found) or NONE)


def _staging(expected: Mapping[str, Any], outcome: Outcome) -> Iterator[Difference]:
    yield from _words(expected, {stage.id: word(done) for stage, done in outcome.assessment.staging or ()})


def _outlook(expected: Mapping[str, Any] | str, outcome: Outcome) -> Iterator[Difference]:
    result = outcome.assessment.outlook
    if expected == NONE or isinstance(expected, str):
        if result is not None:
            yield Difference((), NONE, "given")
        return
    yield from _words(expected, {factor.id: word(value) for factor, value in (*result.factors, *result.fork)} if result else {})


def _words(expected: Mapping[str, Any], found: Mapping[str, str]) -> Iterator[Difference]:
    for name, entry in expected.items():
        wanted = word(None if entry == UNKNOWN else entry)
        if found.get(name) != wanted:
            yield Difference((name,), wanted, found.get(name, NONE))


def _includes(found: Callable[[Outcome], Collection[str]], yes: str, no: str, *, others: bool = True) -> _Comparison:
    """Every expected id is among those found; unless ``others`` may be there, none but these."""

    def compare(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
        members = found(outcome) if expected or not others else ()
        yield from (Difference((name,), yes, no) for name in expected if name not in members)
        if not others:
            yield from (Difference((name,), no, yes) for name in members if name not in expected)

    return compare


def _excludes(found: Callable[[Outcome], Collection[str]], yes: str, no: str) -> _Comparison:
    """No expected id is among those found."""

    def compare(expected: Collection[str], outcome: Outcome) -> Iterator[Difference]:
        members = found(outcome) if expected else ()
        yield from (Difference((name,), no, yes) for name in expected if name in members)

    return compare


def _is(found: Callable[[Outcome], object]) -> _Comparison:
    """What is expected is what was found."""

    def compare(expected: object, outcome: Outcome) -> Iterator[Difference]:
        if expected != (value := found(outcome)):
            yield Difference((), expected, value)

    return compare


def _lists(found: Callable[[Rules, str], Iterable[object]]) -> _Comparison:
    """Each name has the expected list in the rules."""

    def compare(expected: Mapping[str, Iterable[object]], outcome: Outcome) -> Iterator[Difference]:
        for name, wanted in expected.items():
            if (listed := list(found(outcome.rules, name))) != list(wanted):
                yield Difference((name,), ", ".join(map(str, wanted)) or NONE, ", ".join(map(str, listed)) or NONE)

    return compare


def _truths(found: Callable[[Outcome, str], Truth]) -> _Comparison:
    """Each name has the expected truth."""

    def compare(expected: Mapping[str, Any], outcome: Outcome) -> Iterator[Difference]:
        for name, entry in expected.items():
            wanted, value = None if entry == UNKNOWN else entry, found(outcome, name)
            if value is not wanted:
                yield Difference((name,), word(wanted), word(value))

    return compare


def _named(entries: Iterable[Explained | Uncounted | Contradiction]) -> list[str]:
    return [entry.finding for entry in entries]


def _common_causes(outcome: Outcome) -> list[str]:
    return [mimic.id for mimic in common_causes(outcome.rules, outcome.assessment)]


_COMPARISONS: Mapping[str, _Comparison] = {
    "criteria": _criteria,
    "findings": _truths(lambda outcome, finding: outcome.facts.values.get(finding)),
    "quantities": _quantities,
    "refused": _includes(lambda outcome: outcome.refused, "refused", "read", others=False),
    "mimics": _mimics,
    "red_flags": partial(_red_flags, present=True),
    "no_red_flags": partial(_red_flags, present=False),
    "warnings": _includes(lambda outcome: outcome.warnings, "shown", "not shown"),
    "no_warnings": _excludes(lambda outcome: outcome.warnings, "shown", "not shown"),
    "contradictions": _includes(lambda outcome: _named(outcome.facts.contradictions), "a contradiction", NONE, others=False),
    "decisive": _includes(lambda outcome: outcome.decisive, "decisive", "not decisive"),
    "not_decisive": _excludes(lambda outcome: outcome.decisive, "decisive", "not decisive"),
    "explained": _includes(lambda outcome: _named(outcome.assessment.explained), "yes", "no"),
    "not_explained": _excludes(lambda outcome: _named(outcome.assessment.explained), "yes", "no"),
    "not_counted": _includes(lambda outcome: _named(outcome.assessment.not_counted), "yes", "no"),
    "counted": _excludes(lambda outcome: _named(outcome.assessment.not_counted), "yes", "no"),
    "explained_groups": _is(lambda outcome: outcome.explained_groups),
    "next_test": _is(lambda outcome: outcome.assessment.tests[0].test if outcome.assessment.tests else NONE),
    "tests": _tests,
    "answered_by": _lists(lambda rules, finding: [test.id for test in rules.tests.values() if finding in test.answers]),
    "shown_by": _lists(lambda rules, finding: [test.id for test in rules.tests.values() if finding in test.shows]),
    "settled_by": _lists(lambda rules, mimic: rules.mimics[mimic].tests),
    "burdens": _lists(lambda rules, test: (rules.tests[test].cost, rules.tests[test].invasiveness)),
    "sensible": _truths(lambda outcome, test: outcome.sensible(test)),
    "outcome": _is(lambda outcome: outcome.assessment.outcome.id if outcome.assessment.outcome else NONE),
    "common_causes": _includes(_common_causes, "named", "not named"),
    "staging": _staging,
    "if_present": partial(_effects, present=True),
    "if_absent": partial(_effects, present=False),
    "outlook": _outlook,
    "steps_to_met": _is(lambda outcome: outcome.steps_to_met),
}
