"""Compiled form -> records: the other direction of ``rules_compile``."""

from collections.abc import Mapping, Sequence
from typing import Any

from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Basis,
    Binds,
    Cause,
    CommonCause,
    Compare,
    CriteriaSet,
    Evidence,
    Expression,
    Factor,
    Fall,
    Finding,
    FollowGroup,
    FollowRow,
    FollowUp,
    Frequency,
    Known,
    Landmark,
    Level,
    Mimic,
    Not,
    Outcome,
    Outlook,
    OutlookNote,
    Present,
    RedFlag,
    ResponseDomain,
    ResponseLevel,
    Rules,
    RulesIdentity,
    Score,
    Settles,
    Stage,
    Test,
    Uncounted,
    Warn,
    Way,
)

#: Changes when the compiled form does, so that no older one is read.
FORMAT = 33

_RAREST = 5  # after the frequency classes of the mimics


def decode(compiled: Mapping[str, Any]) -> Rules:
    """Rules from their compiled form."""
    return Rules(
        identity=RulesIdentity(compiled["id"], compiled["version"], compiled["sha256"]),
        title=compiled["title"],
        default_criteria=compiled["default_criteria"],
        findings={finding_id: _finding(finding_id, one) for finding_id, one in compiled["findings"].items()},
        order=tuple(compiled["order"]),
        parts={parent: tuple(parts) for parent, parts in compiled["parts"].items()},
        criteria={set_id: _criteria(set_id, one) for set_id, one in compiled["criteria"].items()},
        warnings=tuple(
            [
                Warn(name, _expression(when), text, Basis(*basis), short, urgent, tuple(mimics))
                for name, when, text, basis, short, urgent, mimics in compiled["warnings"]
            ]
        ),
        outcomes=tuple(
            [
                Outcome(outcome, name, _expression(when), text, Basis(*basis))
                for outcome, name, when, text, basis in compiled["outcomes"]
            ]
        ),
        tests={test_id: _test(test_id, one) for test_id, one in compiled["tests"].items()},
        sources=compiled["sources"],
        units=compiled["units"],
        groups=compiled["groups"],
        syndrome=compiled["syndrome"],
        implies={finding: tuple(implied) for finding, implied in compiled.get("implies", {}).items()},
        mimics={mimic: _mimic(mimic, one) for mimic, one in compiled["mimics"].items()},
        mimic_criteria={set_id: _criteria(set_id, one) for set_id, one in compiled["mimic_criteria"].items()},
        profile=_profile(compiled) if compiled["profile"] else None,
        evidence=compiled["evidence"],
        red_flags=tuple(
            [
                RedFlag(flag, _expression(when), text, figure, tuple(labels), Basis(*basis))
                for flag, when, text, figure, labels, basis in compiled["red_flags"]
            ]
        ),
        labels=compiled["labels"],
        outlook=_outlook(compiled["outlook"]) if compiled["outlook"] else None,
        questionnaire=compiled["questionnaire"],
        causes=tuple(
            [
                Cause(cause, name, _expression(when), tuple(findings), Basis(*basis))
                for cause, name, when, findings, basis in compiled["explained_by"]
            ]
        ),
        uncounted=tuple(
            [
                Uncounted(entry, finding, element, tuple(sets), reason, Basis(*basis), unless)
                for entry, finding, element, sets, reason, basis, unless in compiled["not_counted"]
            ]
        ),
        staging=tuple(
            [
                Stage(stage, name, short, tuple(tests), tuple(findings), text, Basis(*basis), tuple(more))
                for stage, name, short, tests, findings, text, basis, more in compiled["staging"]
            ]
        ),
    )


def _mimic(mimic: str, one: Mapping[str, Any]) -> Mimic:
    return Mimic(
        mimic, one["name"], one["short"], _expression(one["consider_when"]), _evidence(one["evidence"]),
        _settles(one["confirmed"]), _settles(one["excluded"]), frozenset(one["explains"]), tuple(one["tests"]),
        tuple(one["criteria"]), one["urgent"], one["commonness"], one["texts"],
        _expression(one["shown_when"]) if one["shown_when"] else None, _common_cause(one["common_cause"]),
    )  # fmt: skip


def _common_cause(one: Sequence[Any] | None) -> CommonCause | None:
    return CommonCause(_expression(one[0]), *one[1:]) if one else None


def _profile(compiled: Mapping[str, Any]) -> Mimic:
    """The syndrome's own row: it is always considered, its criteria establish it, and it is rarer than the mimics."""
    one = compiled["profile"]
    return Mimic(
        compiled["id"], compiled["title"], compiled["title"], All(()), _evidence(one["evidence"]),
        Settles(AnyOf(()), "its criteria are met"), None, frozenset(one["explains"]), (), (), False, _RAREST, {},
    )  # fmt: skip


def _evidence(items: Sequence[Sequence[Any]]) -> tuple[Evidence, ...]:
    return tuple(
        [
            Evidence(
                _expression(when),
                label,
                absent_label,
                Frequency(*frequency),
                Frequency(*reference),
                present,
                absent,
                reason,
                Basis(*basis),
                once,
            )
            for when, label, absent_label, frequency, reference, present, absent, reason, basis, once in items
        ]
    )


def _settles(one: Sequence[Any] | None) -> Settles | None:
    return Settles(_expression(one[0]), one[1]) if one else None


def _outlook(one: Mapping[str, Any]) -> Outlook:
    notes = tuple([OutlookNote(note, title, _facts(facts), treatment) for note, title, facts, treatment in one["notes"]])
    follow_up = _follow_up(one["follow_up"]) if one["follow_up"] else None
    return Outlook(_factors(one["factors"]), _factors(one["fork"]), one["texts"], notes, follow_up)


def _facts(every: Sequence[Sequence[Any]]) -> tuple[tuple[str, Basis], ...]:
    return tuple([(text, Basis(*basis)) for text, basis in every])


def _follow_up(one: Mapping[str, Any]) -> FollowUp:
    told = one["clinical_response"]
    return FollowUp(
        tuple(
            [
                FollowGroup(group, name, clinical, tuple([FollowRow(*row) for row in rows]))
                for group, name, clinical, rows in one["groups"]
            ]
        ),
        tuple(
            [
                ResponseDomain(domain, name, tuple([_response_level(*level) for level in levels]), below)
                for domain, name, levels, below in one["response"]
            ]
        ),
        (told[0], Basis(*told[1])) if told else None,
        tuple(
            [
                Landmark(landmark, title, finding, months, within, _expression(when), _facts(facts))
                for landmark, title, finding, months, within, when, facts in one["landmarks"]
            ]
        ),
    )


def _response_level(level: str, name: str, text: str, ways: Sequence[Sequence[Any]], basis: Sequence[Any]) -> ResponseLevel:
    every = [
        Way(_expression(baseline) if baseline else None, _expression(now) if now else None, Fall(*fall) if fall else None)
        for baseline, now, fall in ways
    ]
    return ResponseLevel(level, name, text, tuple(every), Basis(*basis))


def _factors(every: Sequence[Sequence[Any]]) -> tuple[Factor, ...]:
    return tuple(
        [Factor(factor, _expression(when), text, figure, Basis(*basis)) for factor, when, text, figure, basis in every]
    )


def _finding(finding_id: str, one: Mapping[str, Any]) -> Finding:
    definition = one["definition"]
    return Finding(
        finding_id, one["kind"], one["label"], one["part_of"], one["unit"], one["choices"],
        _expression(definition) if definition else None, one["gray_zone"], one["texts"],
        one["shows_whole"],
    )  # fmt: skip


def _criteria(set_id: str, one: Mapping[str, Any]) -> CriteriaSet:
    shared: dict[str, Expression] = {}
    levels = tuple([Level(level, _expression(expression, shared)) for level, expression in one["levels"]])
    return CriteriaSet(set_id, one["title"], one["short"], one["source"], levels, one["texts"])


def _level(code: list[Any], seen: dict[str, Expression]) -> Expression:
    """A level's expression; levels share most of their conditions, and what is the same becomes one object."""
    if code[0] != "all":
        return _expression(code)
    children = [(repr(child), child) for child in code[1]]
    for text, child in children:
        if text not in seen:
            seen[text] = _expression(child)
    return All(tuple([seen[text] for text, _ in children]), code[-2], Basis(*code[-1]) if code[-1] else None)


def _test(test_id: str, one: Mapping[str, Any]) -> Test:
    answers, shows = tuple(one["answers"]), tuple(one["shows"])
    return Test(
        test_id, one["label"], answers, shows, one["how"], one["cost"], one["invasiveness"], one["texts"],
        tuple(one["ordered_with"]), one["order_label"], _expression(one["sensible_when"]) if one["sensible_when"] else None,
        one["sensible_words"], one["last"],
    )  # fmt: skip


def _expression(code: list[Any], shared: dict[str, Expression] | None = None) -> Expression:
    """One expression from its short list; what the levels of a criteria set have in common becomes one record."""
    if shared is None:
        return _record(code, None)
    key = repr(code)
    known = shared.get(key)
    if known is None:
        known = shared[key] = _record(code, shared)
    return known


def _record(code: list[Any], shared: dict[str, Expression] | None) -> Expression:
    """One node and what is below it; see ``rules_compile`` for the other direction."""
    basis = Basis(*code[-1]) if code[-1] else None
    name = code[-2]
    match code[0]:
        case "finding":
            return Present(code[1], name, basis)
        case "asserted":
            return Asserted(code[1], name, basis)
        case "known":
            return Known(code[1], name, basis)
        case "compare":
            limit = tuple(code[3]) if isinstance(code[3], list) else code[3]
            return Compare(code[1], code[2], limit, code[4], code[5], name, basis)
        case "not":
            return Not(_expression(code[1], shared), name, basis)
        case "all":
            return All(tuple([_expression(child, shared) for child in code[1]]), name, basis)
        case "any":
            return AnyOf(tuple([_expression(child, shared) for child in code[1]]), name, basis)
        case "at_least":
            return AtLeast(code[1], tuple([_expression(child, shared) for child in code[2]]), name, basis)
        case "score":
            children = tuple([_expression(child, shared) for child in code[2]])
            return Score(code[1], children, tuple(code[3]), name, basis)
        case "binds":
            return Binds(_expression(code[1], shared), _expression(code[2], shared) if code[2] else None, name, basis)
    raise ValueError(f"unknown expression {code[0]!r}")
