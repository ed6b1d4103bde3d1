"""The assessment as JSON: the product's contract, described by ``poems schema``.

``patient.findings`` is valid input again: what was understood, in canonical units. What follows from it is in
``patient.derived``.

The text is put together from pieces, each written once and kept; see ``json_pieces``.
"""

import json
from collections.abc import Callable
from typing import Any

from poems_cli import __version__
from poems_cli.model import (
    Answer,
    Assessment,
    Comparison,
    Condition,
    Contradiction,
    CriteriaResult,
    CriteriaSet,
    DecisiveUnknown,
    Effect,
    Explained,
    Group,
    LevelResult,
    Notice,
    OrderedTest,
    Rules,
    Settling,
    SettlingSet,
    Stage,
    Tells,
    Trace,
    Uncounted,
)
from poems_cli.records.patient import plain_value
from poems_cli.report.json_mimics import flags_json, mimics_json, outlook_json, syndrome_json
from poems_cli.report.json_pieces import array, basis_members, encode, json_object, keep, kept, mapping, optional, same, word
from poems_cli.report.still_needed import settling_words

SCHEMA_VERSION = "1.0"


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

    def settling(set_id: str) -> Callable[[Settling], str]:
        return lambda one: _settling(one, settling_words(rules, facts, set_id, one.target))

    text = json_object(
        schema_version=encode(SCHEMA_VERSION),
        program=encode({"name": "poems", "version": __version__}),
        rules=encode(assessment.rules._asdict()),
        patient=_patient(assessment),
        default_criteria=encode(default),
        verdict=encode(verdict),
        steps_to_met=encode(assessment.steps_to_met),
        criteria=mapping(
            (set_id, criteria_json(rules.criteria[set_id], result)) for set_id, result in assessment.criteria.items()
        ),
        decisive_unknowns=unknowns,
        settling_sets=mapping(
            (set_id, mapping((target, same(one, settling(set_id))) for target, one in targets.items()))
            for set_id, targets in assessment.settling.items()
        ),
        tests=tests,
        syndrome=syndrome_json(rules, assessment),
        mimics=mimics_json(rules, assessment, criteria_json),
        red_flags=flags_json(rules, assessment),
        outlook=outlook_json(rules, assessment),
        staging=_staging(assessment),
        explained=array([_explained(one) for one in assessment.explained]),
        explained_groups=encode(assessment.explained_groups),
        not_counted=array([_uncounted(one) for one in assessment.not_counted]),
        warnings=array(_notice(one) for one in assessment.warnings),
        contradictions=array(_contradiction(one) for one in facts.contradictions),
        sources=mapping([(source, same(rules.sources[source], encode)) for source in assessment.sources]),
    )
    if indent is None:
        return text
    return json.dumps(json.loads(text), ensure_ascii=False, indent=indent)


def _open_questions(rules: Rules, assessment: Assessment, verdict: str) -> tuple[str, str]:
    """The decisive unknowns and the tests. Where the record itself says why something is unknown, nothing is kept."""
    default = assessment.default_criteria

    def unknowns(every: tuple[DecisiveUnknown, ...]) -> str:
        return array([_unknown(one, rules.findings[one.finding].label) for one in every])

    def tests(every: tuple[OrderedTest, ...]) -> str:
        return array([_test(rules, one, verdict, default) for one in every])

    if any(one.reason for one in assessment.decisive_unknowns):
        return unknowns(assessment.decisive_unknowns), tests(assessment.tests)
    return same(assessment.decisive_unknowns, unknowns), same(assessment.tests, tests)


# --- the patient: never kept, since it is the patient's own -----------------------------------------------------------


def _patient(assessment: Assessment) -> str:
    patient = assessment.patient
    findings: dict[str, Any] = {key: plain_value(value) for key, value in patient.observed.items()}
    for finding, reason in patient.reasons.items():
        if finding not in findings:
            findings[finding] = {"value": None, "reason": reason}
    derived = (
        (finding, json_object(value=word(reason.value), because=_shared(reason)))
        for finding, reason in assessment.facts.derived.items()
    )
    return json_object(id=encode(patient.id), findings=encode(findings), derived=mapping(derived))


def _contradiction(one: Contradiction) -> str:
    return json_object(finding=encode(one.finding), asserted=encode(one.asserted), derived=_shared(one.derived))


# --- what the rules say in one state: kept ----------------------------------------------------------------------------


def criteria_json(criteria: CriteriaSet, result: CriteriaResult) -> str:
    """A criteria set's answer."""
    shown = result.shown
    levels = shown_level = None
    if len(result.levels) > 1:
        levels = mapping((level.id, _level(level)) for level in result.levels)
        shown_level = word(shown.id)
    trace = shown.trace
    whole = len(shown.groups) != len(trace.children)  # else a level of several conditions, each kept by itself
    written = _shared(trace) if whole else _reason(trace, _shared)
    return json_object(
        title=word(criteria.title),
        verdict=word(result.verdict),
        level=word(result.level),
        groups=array([same(group, _group) for group in shown.groups]),
        trace=written,
        source=word(criteria.source),
        shown_level=shown_level,
        levels=levels,
    )


def _level(level: LevelResult) -> str:
    verdict = "undetermined" if level.value is None else "met" if level.value else "not met"
    return json_object(verdict=word(verdict), groups=array([same(group, _group) for group in level.groups]))


def _group(group: Group) -> str:
    return encode(group._asdict())


def _shared(reason: Trace) -> str:
    """A trace that the assessor may hand out again; one that quotes a patient's number is not kept."""
    written = kept(reason)
    if written is not None:
        return written
    return _part(reason) if _quotes(reason) else same(reason, _part)


def _part(reason: Trace) -> str:
    """A trace, written anew but for its leaves: most of them quote nothing."""
    kept = reason.comparison is None and not reason.children
    return _leaf(reason) if kept else _reason(reason, _part)


def _quotes(reason: Trace) -> bool:
    return reason.comparison is not None or any(_quotes(child) for child in reason.children)


@keep
def _leaf(reason: Trace) -> str:
    return _reason(reason, _part)


def _reason(reason: Trace, written: Callable[[Trace], str]) -> str:
    return json_object(
        kind=word(reason.kind),
        value=word(reason.value),
        name=optional(reason.name),
        finding=optional(reason.finding),
        comparison=None if reason.comparison is None else _comparison(reason.comparison),
        needed=optional(reason.needed),
        **basis_members(reason.basis),
        points=optional(reason.points),
        children=array([written(child) for child in reason.children]) if reason.children else None,
    )


def _comparison(made: Comparison) -> str:
    """What was compared with what; the patient's own number, so it is never kept."""
    parts = made._replace(given=None)._asdict() | {"given": made.given._asdict() if made.given else None}
    return encode({name: part for name, part in parts.items() if part is not None})


def _condition(condition: Condition | None) -> str | None:
    if condition is None:
        return None
    return encode({name: part for name, part in condition._asdict().items() if part is not None})


def _unknown(unknown: DecisiveUnknown, label: str) -> str:
    return json_object(
        finding=word(unknown.finding),
        label=word(label),
        condition=_condition(unknown.condition),
        criteria=encode(unknown.criteria),
        if_present=_effect(unknown.if_present),
        if_absent=_effect(unknown.if_absent),
        tests=encode(unknown.tests),
        reason=None if unknown.reason is None else encode(unknown.reason),
    )


def _effect(effect: Effect) -> str:
    return json_object(verdicts=encode(dict(effect.verdicts)), steps_to_met=word(effect.steps_to_met))


def _settling(settling: Settling, words: str) -> str:
    return json_object(
        words=word(words),
        count=word(settling.number),
        complete=word(settling.complete),
        sets=array(_settling_set(one) for one in settling.sets),
    )


@keep
def _settling_set(one: SettlingSet) -> str:
    return json_object(
        answers=array(_answer(answer) for answer in one.answers),
        tests=encode(one.tests),
        cost=word(one.cost),
        invasiveness=word(one.invasiveness),
    )


@keep
def _answer(answer: Answer) -> str:
    return json_object(finding=word(answer.finding), present=word(answer.present), condition=_condition(answer.condition))


def _test(rules: Rules, ordered: OrderedTest, verdict: str, default: str) -> str:
    tests = [rules.tests[test] for test in (ordered.test, *ordered.with_tests)]
    test = tests[0]
    both_ways = [_outcome(one, verdict, default, True) for one in ordered.answers]
    one_way = [_outcome(one, verdict, default, False) for one in ordered.shows]
    return json_object(
        id=word(ordered.test),
        label=word(test.order_label if ordered.with_tests else test.label),
        with_tests=encode(ordered.with_tests),
        condition=optional(ordered.condition),
        how=word(test.how),
        cost=word(max([one.cost for one in tests])),
        invasiveness=word(max([one.invasiveness for one in tests])),
        worth=word(ordered.worth),
        answers=array(both_ways + one_way),
        mimics=array([_tells(one) for one in ordered.mimics]),
        traps=encode([trap for one in tests for trap in one.texts.get("traps", [])]),
    )


@keep
def _tells(tells: Tells) -> str:
    return json_object(mimic=word(tells.mimic), finding=word(tells.finding), settles=word("in" if tells.inward else "out"))


def _outcome(unknown: DecisiveUnknown, verdict: str, default: str, excludes: bool) -> str:
    """What each result of a test would do to the default set; a result that can't exclude changes nothing when negative."""
    if_present = dict(unknown.if_present.verdicts).get(default, verdict)
    if_absent = dict(unknown.if_absent.verdicts).get(default, verdict) if excludes else verdict
    return json_object(
        finding=word(unknown.finding),
        condition=_condition(unknown.condition),
        excludes=word(excludes),
        if_present=word(if_present),
        if_absent=word(if_absent),
    )


def _staging(assessment: Assessment) -> str:
    """What is needed once the default set is met; null before."""
    if assessment.staging is None:
        return "null"
    return array([f'{same(stage, _stage)[:-1]},"done":{word(done)}}}' for stage, done in assessment.staging])


def _stage(stage: Stage) -> str:
    return json_object(
        id=word(stage.id),
        tests=encode(stage.tests),
        findings=encode(stage.findings),
        text=word(stage.text),
        **basis_members(stage.basis),
        more_sources=encode(stage.more_sources) if stage.more_sources else None,
    )


@keep
def _explained(one: Explained) -> str:
    return json_object(finding=word(one.finding), cause=word(one.cause), entry=word(one.entry), **basis_members(one.basis))


@keep
def _uncounted(one: Uncounted) -> str:
    return json_object(
        finding=word(one.finding), element=word(one.element), reason=word(one.reason), **basis_members(one.basis)
    )


@keep
def _notice(notice: Notice) -> str:
    return json_object(id=word(notice.id), text=word(notice.text), **basis_members(notice.basis))
