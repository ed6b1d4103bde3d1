"""The assessment as JSON: the product's contract, described by ``poems schema``.

``patient.findings`` is valid input again: what was understood, in canonical units. What follows from it is in
``patient.derived``.

The text is put together from pieces, each written once and kept: over many patients the same conditions come in the same
states, and writing them anew would take longer than finding them.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from poems_cli import __version__
from poems_cli.model import (
    Answer,
    Assessment,
    Basis,
    Contradiction,
    CriteriaResult,
    DecisiveUnknown,
    Effect,
    Group,
    LevelResult,
    Notice,
    Observed,
    OrderedTest,
    Quantity,
    Rules,
    Settling,
    SettlingSet,
    Test,
    Trace,
)

SCHEMA_VERSION = "1.0"

_REMEMBERED = 6_000  # a long run over very different patients must not grow without end

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_keep = lru_cache(maxsize=_REMEMBERED)
_word = lru_cache(maxsize=8192, typed=True)(_encode)  # ids, labels and limits of the rules: never what a patient has
Record = TypeVar("Record")


def to_data(rules: Rules, assessment: Assessment) -> dict[str, Any]:
    """One assessment as plain data, in the shape that ``poems schema output`` describes."""
    data: dict[str, Any] = json.loads(to_json(rules, assessment))
    return data


def to_json(rules: Rules, assessment: Assessment, *, indent: int | None = None) -> str:
    """One assessment as JSON text: one line, or indented for people."""
    default = assessment.default_criteria
    verdict = assessment.criteria[default].verdict
    facts = assessment.facts
    unknowns, tests = _open_questions(rules, assessment, verdict)
    text = _object(
        schema_version=_encode(SCHEMA_VERSION),
        program=_encode({"name": "poems", "version": __version__}),
        rules=_encode(assessment.rules._asdict()),
        patient=_patient(assessment),
        default_criteria=_encode(default),
        verdict=_encode(verdict),
        steps_to_met=_encode(assessment.steps_to_met),
        criteria=_mapping((set_id, _criteria(rules, result)) for set_id, result in assessment.criteria.items()),
        decisive_unknowns=unknowns,
        settling_sets=_mapping(
            (set_id, _mapping((target, _same(one, _settling)) for target, one in targets.items()))
            for set_id, targets in assessment.settling.items()
        ),
        tests=tests,
        mimics="[]",
        warnings=_array(_notice(one) for one in assessment.warnings),
        contradictions=_array(_contradiction(one) for one in facts.contradictions),
        sources=_mapping([(source, _same(rules.sources[source], _encode)) for source in assessment.sources]),
    )
    if indent is None:
        return text
    return json.dumps(json.loads(text), ensure_ascii=False, indent=indent)


def _open_questions(rules: Rules, assessment: Assessment, verdict: str) -> tuple[str, str]:
    """The decisive unknowns and the tests. Where the record itself says why something is unknown, nothing is kept."""
    default = assessment.default_criteria

    def unknowns(every: tuple[DecisiveUnknown, ...]) -> str:
        return _array([_unknown(one, rules.findings[one.finding].label) for one in every])

    def tests(every: tuple[OrderedTest, ...]) -> str:
        return _array([_test(one, rules.tests[one.test], verdict, default) for one in every])

    if any(one.reason for one in assessment.decisive_unknowns):
        return unknowns(assessment.decisive_unknowns), tests(assessment.tests)
    return _same(assessment.decisive_unknowns, unknowns), _same(assessment.tests, tests)


# --- JSON from pieces -------------------------------------------------------------------------------------------------


def _object(**members: str | None) -> str:
    """An object of members that are JSON text already; ``None`` leaves a member out."""
    return "{" + ",".join([f'"{name}":{text}' for name, text in members.items() if text is not None]) + "}"


def _mapping(members: Any) -> str:
    return "{" + ",".join([f"{_word(name)}:{text}" for name, text in members]) + "}"


def _array(items: Any) -> str:
    return "[" + ",".join(items) + "]"


def _optional(value: Any) -> str | None:
    return None if value is None else _word(value)


# --- the patient: never kept, since it is the patient's own -----------------------------------------------------------


def _patient(assessment: Assessment) -> str:
    patient = assessment.patient
    findings: dict[str, Any] = {key: _observed(value) for key, value in patient.observed.items()}
    for finding, reason in patient.reasons.items():
        if finding not in findings:
            findings[finding] = {"value": None, "reason": reason}
    derived = (
        (finding, _object(value=_word(reason.value), because=_shared(reason)))
        for finding, reason in assessment.facts.derived.items()
    )
    return _object(id=_encode(patient.id), findings=_encode(findings), derived=_mapping(derived))


def _observed(value: Observed) -> Any:
    if not isinstance(value, Quantity):
        return value
    return {name: field for name, field in value._asdict().items() if field is not None}


def _contradiction(one: Contradiction) -> str:
    return _object(finding=_encode(one.finding), asserted=_encode(one.asserted), derived=_shared(one.derived))


# --- what the rules say in one state: kept ----------------------------------------------------------------------------


def _criteria(rules: Rules, result: CriteriaResult) -> str:
    criteria = rules.criteria[result.id]
    shown = result.shown
    levels = shown_level = None
    if len(result.levels) > 1:
        levels = _mapping((level.id, _level(level)) for level in result.levels)
        shown_level = _word(shown.id)
    trace = shown.trace
    whole = len(shown.groups) != len(trace.children)  # else a level of several conditions, each kept by itself
    written = _shared(trace) if whole else _reason(trace, _shared)
    return _object(
        title=_word(criteria.title),
        verdict=_word(result.verdict),
        level=_word(result.level),
        groups=_array([_same(group, _group) for group in shown.groups]),
        trace=written,
        source=_word(criteria.source),
        shown_level=shown_level,
        levels=levels,
    )


def _level(level: LevelResult) -> str:
    verdict = "undetermined" if level.value is None else "met" if level.value else "not met"
    return _object(verdict=_word(verdict), groups=_array([_same(group, _group) for group in level.groups]))


def _group(group: Group) -> str:
    return _encode(group._asdict())


_known: dict[int, tuple[object, str]] = {}


def _same(record: Record, write: Callable[[Record], str]) -> str:
    """A record's text. The assessor hands out the same record for the same state: known by identity, it is not read twice."""
    known = _known.get(id(record))
    if known is None or known[0] is not record:
        if len(_known) > _REMEMBERED:
            _known.clear()
        known = _known[id(record)] = (record, write(record))
    return known[1]


def _shared(reason: Trace) -> str:
    """A trace that the assessor may hand out again; one that quotes a patient's number is not kept."""
    known = _known.get(id(reason))
    if known is not None and known[0] is reason:
        return known[1]
    return _part(reason) if _quotes(reason) else _same(reason, _part)


def _part(reason: Trace) -> str:
    """A trace, written anew but for its leaves: most of them quote nothing."""
    kept = reason.detail is None and not reason.children
    return _leaf(reason) if kept else _reason(reason, _part)


def _quotes(reason: Trace) -> bool:
    return reason.detail is not None or any(_quotes(child) for child in reason.children)


@_keep
def _leaf(reason: Trace) -> str:
    return _reason(reason, _part)


def _reason(reason: Trace, written: Callable[[Trace], str]) -> str:
    basis = reason.basis or _NO_BASIS
    return _object(
        kind=_word(reason.kind),
        value=_word(reason.value),
        name=_optional(reason.name),
        finding=_optional(reason.finding),
        detail=None if reason.detail is None else _encode(reason.detail),
        needed=_optional(reason.needed),
        **_basis(basis),
        children=_array([written(child) for child in reason.children]) if reason.children else None,
    )


_NO_BASIS = Basis()


def _basis(basis: Basis) -> dict[str, str | None]:
    return {
        "source": _optional(basis.source),
        "read": _optional(basis.read),
        "default": "true" if basis.default else None,
        "note": _optional(basis.note),
    }


def _unknown(unknown: DecisiveUnknown, label: str) -> str:
    return _object(
        finding=_word(unknown.finding),
        label=_word(label),
        condition=_optional(unknown.condition),
        criteria=_encode(unknown.criteria),
        if_present=_effect(unknown.if_present),
        if_absent=_effect(unknown.if_absent),
        tests=_encode(unknown.tests),
        reason=None if unknown.reason is None else _encode(unknown.reason),
    )


def _effect(effect: Effect) -> str:
    return _object(verdicts=_encode(dict(effect.verdicts)), steps_to_met=_word(effect.steps_to_met))


def _settling(settling: Settling) -> str:
    return _object(
        words=_word(settling.words),
        count=_word(settling.number),
        complete=_word(settling.complete),
        sets=_array(_settling_set(one) for one in settling.sets),
    )


@_keep
def _settling_set(one: SettlingSet) -> str:
    return _object(
        answers=_array(_answer(answer) for answer in one.answers),
        tests=_encode(one.tests),
        cost=_word(one.cost),
        invasiveness=_word(one.invasiveness),
    )


@_keep
def _answer(answer: Answer) -> str:
    return _object(finding=_word(answer.finding), present=_word(answer.present), condition=_optional(answer.condition))


def _test(ordered: OrderedTest, test: Test, verdict: str, default: str) -> str:
    both_ways = [_outcome(one, verdict, default, True) for one in ordered.answers]
    one_way = [_outcome(one, verdict, default, False) for one in ordered.shows]
    return _object(
        id=_word(ordered.test),
        label=_word(test.label),
        how=_word(test.how),
        cost=_word(test.cost),
        invasiveness=_word(test.invasiveness),
        worth=_word(ordered.worth),
        answers=_array(both_ways + one_way),
    )


def _outcome(unknown: DecisiveUnknown, verdict: str, default: str, excludes: bool) -> str:
    """What each result of a test would do to the default set; a result that can't exclude changes nothing when negative."""
    if_present = dict(unknown.if_present.verdicts).get(default, verdict)
    if_absent = dict(unknown.if_absent.verdicts).get(default, verdict) if excludes else verdict
    return _object(
        finding=_word(unknown.finding),
        condition=_optional(unknown.condition),
        excludes=_word(excludes),
        if_present=_word(if_present),
        if_absent=_word(if_absent),
    )


@_keep
def _notice(notice: Notice) -> str:
    return _object(id=_word(notice.id), text=_word(notice.text), **_basis(notice.basis or _NO_BASIS))
