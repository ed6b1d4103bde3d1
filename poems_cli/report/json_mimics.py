"""The mimics, the syndrome's own row, the red flags and the outlook as JSON."""

from collections.abc import Callable

from poems_cli.model import (
    Assessment,
    CriteriaResult,
    CriteriaSet,
    Evidence,
    Factor,
    Mimic,
    RedFlag,
    Rival,
    Row,
    Rules,
    Truth,
)
from poems_cli.report.json_pieces import array, basis_members, encode, json_object, mapping, optional, same, word
from poems_cli.report.rivals import row_reason
from poems_cli.resolve import uses


def syndrome_json(rules: Rules, assessment: Assessment) -> str:
    """The syndrome's own row on the scale of the mimics; null where the rules weigh none."""
    rival, profile = assessment.syndrome, rules.profile
    if rival is None or profile is None:
        return "null"
    return _with_patient(same(rival.row, lambda row: _weighed(rules, assessment, profile, row)), rival)


def mimics_json(rules: Rules, assessment: Assessment, criteria: Callable[[CriteriaSet, CriteriaResult], str]) -> str:
    """Every mimic, ranked."""
    rows = []
    for rival in assessment.mimics:
        mimic = rules.mimics[rival.row.id]
        answered = mapping([(one.id, criteria(rules.mimic_criteria[one.id], one)) for one in rival.criteria])
        text = same(rival.row, lambda row: _mimic(rules, assessment, mimic, row))  # noqa: B023
        rows.append(_with_patient(text, rival, f',"criteria":{answered}'))
    return array(rows)


def _with_patient(text: str, rival: Rival, more: str = "") -> str:
    """A row's kept text, with the members that are this patient's own: its place, what it leaves unexplained."""
    return f'{text[:-1]},"place":{rival.place},"unexplained":{encode(rival.unexplained)}{more}}}'


def _mimic(rules: Rules, assessment: Assessment, mimic: Mimic, row: Row) -> str:
    text = _weighed(rules, assessment, mimic, row)
    told = mimic.texts["settled_by"]
    still_open = [
        json_object(
            finding=word(answer.finding), present=word(answer.present), settles=word("in" if answer.establishes else "out")
        )
        for answer in row.settled_by
    ]
    text_of_it = word(told["text"]) if row.status == "consider" else None
    settled_by = json_object(tests=encode(mimic.tests), text=text_of_it, open=array(still_open))
    more = json_object(
        status=word(row.status),
        urgent=word(mimic.urgent),
        called_up=word(row.called_up),
        confirmed=word(row.confirmed),
        excluded=word(row.excluded),
        settled_by=settled_by,
    )
    return f"{text[:-1]},{more[1:]}"


def _weighed(rules: Rules, assessment: Assessment, mimic: Mimic, row: Row) -> str:
    return json_object(
        id=word(row.id),
        name=word(mimic.name),
        reason=word(row_reason(rules, assessment, row)),
        evidence=word(row.evidence),
        **{
            "for": array([_written(item) for item in row.supporting]),
            "against": array([_written(item) for item in row.opposing]),
        },
    )


def _written(item: Evidence) -> str:
    """An item's text; that of the rules' own is kept."""
    return _item(item) if item.holding else same(item, _item)


def _item(item: Evidence) -> str:
    return json_object(
        label=word(item.label),
        findings=encode([held.finding for held in item.holding] or uses(item.when)),
        weight=word(item.weight),
        grade=optional(item.grade),
        likelihood_ratio=optional(item.ratio),
        reason=word(item.reason),
        **basis_members(item.basis),
    )


# --- red flags and outlook --------------------------------------------------------------------------------------------


def flags_json(rules: Rules, assessment: Assessment) -> str:
    """The red flags for the label that the patient carries; null where there is none."""
    result = assessment.red_flags
    if result is None:
        return "null"
    told = rules.labels[result.label]

    def of(value: Truth) -> str:
        return array([same(flag, _flag) for flag, its in result.flags if its is value])

    return json_object(
        label=word(result.label),
        name=word(told["name"]),
        text=word(told["text"]),
        present=of(True),
        unknown=of(None),
        absent=of(False),
    )


def _flag(flag: RedFlag) -> str:
    return json_object(
        id=word(flag.id),
        text=word(flag.text),
        figure=optional(flag.figure),
        findings=encode(uses(flag.when)),
        **basis_members(flag.basis),
    )


def outlook_json(rules: Rules, assessment: Assessment) -> str:
    """What is said of course and treatment once the default set is met; null before."""
    result, told = assessment.outlook, rules.outlook
    if result is None or told is None:
        return "null"
    texts = {key: same(text, encode) for key, text in told.texts.items() if not (result.held_back and key == "response")}
    return json_object(
        factors=_factors(result.factors),
        treatment=_factors(result.fork),
        treatment_held_back=word(result.held_back),
        **texts,
    )


def _factors(every: tuple[tuple[Factor, Truth], ...]) -> str:
    return array([f'{same(factor, _factor)[:-1]},"value":{word(value)}}}' for factor, value in every])


def _factor(factor: Factor) -> str:
    return json_object(
        id=word(factor.id), text=word(factor.text), figure=optional(factor.figure), **basis_members(factor.basis)
    )
