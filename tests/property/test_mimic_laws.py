"""Laws of the mimics, on the built-in rules and random patients."""

import random
import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from math import log10
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from poems_cli.engine.assess import Assessor
from poems_cli.engine.findings import inputs, uses
from poems_cli.model import Assessment, Evidence, Expression, Frequency, Mimic, Observed, Rival
from poems_cli.rules.files import read_rule_files
from poems_cli.rules.loading import load_rules
from tests.build import patient, rules_from

RULES = load_rules()
ASSESSOR = Assessor(RULES)
#: What the mimics depend on, without findings that follow from others, so that no patient is contradictory.
NAMED = sorted({finding for mimic in RULES.mimics.values() for item in mimic.evidence for finding in uses(item.when)})
FREE = [
    finding
    for finding in NAMED
    if RULES.findings[finding].kind == "boolean" and RULES.findings[finding].definition is None and finding not in RULES.parts
]
patients = st.dictionaries(st.sampled_from(FREE), st.booleans(), max_size=14)


def assessed(findings: dict[str, bool], every: bool = False) -> Assessment:
    known: dict[str, Observed | None] = dict(findings)
    return ASSESSOR.assess(patient(known), every_mimic=every)


def rows(assessment: Assessment) -> dict[str, Rival]:
    return {rival.row.id: rival for rival in assessment.mimics}


def consequences(finding: str) -> set[str]:
    """A finding and all that may follow from it."""
    reached, waiting = {finding}, [finding]
    while waiting:
        current = waiting.pop()
        for other in following().get(current, ()):
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return reached


@cache
def following() -> dict[str, set[str]]:
    follows: dict[str, set[str]] = {}
    for name, finding in RULES.findings.items():
        for source in inputs(RULES, name):
            follows.setdefault(source, set()).add(name)
        if finding.part_of:
            follows.setdefault(finding.part_of, set()).add(name)
    return follows


def only_against(mimic: Mimic, finding: str) -> bool:
    """Whether a finding and all that follows from it occur only in items whose presence is evidence against a mimic."""
    brought = consequences(finding)
    settles = [settling.when for settling in (mimic.confirmed,) if settling is not None]
    raising = [item for item in mimic.evidence if item.present > 0 or item.absent or item.once]
    elsewhere = {finding_id for item in raising for finding_id in uses(item.when)}
    elsewhere |= {finding_id for when in (mimic.consider_when, *settles) for finding_id in uses(when)}
    against = {finding_id for item in mimic.evidence if item.present < 0 for finding_id in uses(item.when)}
    return not brought.isdisjoint(against) and brought.isdisjoint(elsewhere)


@settings(max_examples=150)
@given(patients, st.sampled_from(FREE), st.booleans())
def test_a_finding_that_is_only_evidence_against_a_mimic_never_raises_it(
    findings: dict[str, bool], finding: str, value: bool
) -> None:
    findings = {name: answer for name, answer in findings.items() if name != finding}
    before, after = rows(assessed(findings, every=True)), rows(assessed({**findings, finding: value}, every=True))
    rank = {"consider": 0, "not assessed": 1, "less likely": 2, "excluded": 3}
    for mimic in RULES.mimics.values():
        if only_against(mimic, finding):
            was, now = before[mimic.id].row, after[mimic.id].row
            assert now.evidence <= was.evidence
            assert rank[now.status] >= rank[was.status]


@settings(max_examples=100)
@given(patients, st.lists(st.sampled_from(FREE), max_size=8))
def test_what_is_given_as_unknown_changes_nothing(findings: dict[str, bool], unknown: list[str]) -> None:
    left_out = ASSESSOR.assess(patient(dict(findings)))
    known: dict[str, Observed | None] = {**dict.fromkeys(unknown), **findings}
    given_as_unknown = ASSESSOR.assess(patient(known))
    assert (left_out.syndrome, left_out.mimics) == (given_as_unknown.syndrome, given_as_unknown.mimics)


@settings(max_examples=100)
@given(patients)
def test_the_rows_are_ordered_by_status_then_evidence(findings: dict[str, bool]) -> None:
    assessment = assessed(findings, every=True)
    assert assessment.syndrome is not None
    every = sorted([*assessment.mimics, assessment.syndrome], key=lambda rival: rival.place)
    assert [rival.place for rival in every] == list(range(1, len(RULES.mimics) + 2))
    rank = {"consider": 0, "less likely": 1, "not assessed": 2, "excluded": 3}
    if every[-1] is assessment.syndrome:  # it is not first where no finding favors it
        every.pop()
    keys = [(rank[rival.row.status], -rival.row.evidence) for rival in every]
    assert keys == sorted(keys)


@settings(max_examples=100)
@given(patients)
def test_a_row_is_excluded_only_by_its_settling_finding(findings: dict[str, bool]) -> None:
    for rival in assessed(findings).mimics:
        assert (rival.row.status == "excluded") is (rival.row.excluded is True and not rival.row.confirmed)


@settings(max_examples=60)
@given(patients)
def test_the_evidence_is_the_sum_of_what_is_shown(findings: dict[str, bool]) -> None:
    for rival in assessed(findings, every=True).mimics:
        shown = sum(item.weight for item in (*rival.row.supporting, *rival.row.opposing))
        assert rival.row.evidence == round(shown, 1)


# --- the same scale ---------------------------------------------------------------------------------------------------


def items() -> Iterator[tuple[str, Evidence]]:
    """Every item of evidence with the disease to which it belongs, the syndrome among them."""
    for mimic in (*RULES.mimics.values(), RULES.profile):
        if mimic is not None:
            yield from ((mimic.id, item) for item in mimic.evidence)


def test_every_disease_is_compared_with_one_reference() -> None:
    reference: dict[Expression, tuple[str, Frequency]] = {}
    for disease, item in items():
        other, frequency = reference.setdefault(item.when, (disease, item.reference))
        assert item.reference == frequency, (disease, other, item.label)


def test_two_rows_differ_by_the_ratio_that_a_study_measured() -> None:
    compared = set()
    for (disease, item), (other_disease, other) in combinations(items(), 2):
        same_study = item.frequency.source == other.frequency.source is not None
        if disease == other_disease or item.when != other.when or not same_study:
            continue
        p, q = item.frequency.value, other.frequency.value
        for weight, other_weight, ratio in (
            (item.present, other.present, p / q),
            (item.absent, other.absent, (1 - p) / (1 - q)),
        ):
            if weight and other_weight:
                assert weight - other_weight == pytest.approx(10 * log10(ratio), abs=0.11), (disease, other_disease, item.label)
        if {disease, other_disease} == {"cidp", RULES.identity.id}:
            compared.add(item.frequency.source)
    assert compared == {"nasu-2012", "naddaf-2015", "mauermann-2012", "pihan-2018", "wang-2014-p1np"}


def test_presence_and_absence_of_an_item_weigh_on_opposite_sides() -> None:
    for disease, item in items():
        assert item.present * item.absent <= 0, (disease, item.label)


def test_severe_pain_and_high_platelets_tell_poems_from_cidp_by_what_the_studies_measured() -> None:
    neuropathy_alone = assessed({"polyneuropathy": True, "demyelinating_neuropathy": True})
    more = assessed({"polyneuropathy": True, "demyelinating_neuropathy": True, "severe_leg_pain": True, "thrombocytosis": True})
    gaps = [
        assessment.syndrome.row.evidence - rows(assessment)["cidp"].row.evidence
        for assessment in (neuropathy_alone, more)
        if assessment.syndrome is not None
    ]
    assert gaps[1] - gaps[0] == pytest.approx(10 * log10(0.76 / 0.07 * 0.537 / 0.015), abs=0.3)  # about 390 to 1


# --- the order of the file does not matter ----------------------------------------------------------------------------


@cache
def shuffled() -> Assessor:
    """An assessor by the built-in rules with the mimics, their items and their sets in another order."""
    files, _ = read_rule_files()
    texts = {name.removesuffix(".yaml"): content.decode() for name, content in files.items()}
    document: dict[str, Any] = yaml.load(texts["mimics"], Loader=yaml.BaseLoader)
    chance = random.Random(3)
    for section in ("mimics", "mimic_criteria"):
        entries = list(document[section].items())
        chance.shuffle(entries)
        document[section] = dict(entries)
    for entry in (*document["mimics"].values(), document["profile"]):
        chance.shuffle(entry["evidence"])
    entry_text = texts.pop("poems")
    texts["mimics"] = yaml.dump(document, sort_keys=False)
    return Assessor(rules_from(entry_text, **{**texts, "mimics": _unquoted(texts["mimics"])}))


def _unquoted(text: str) -> str:
    """YAML written from texts: numbers and truths without the quotes that make them texts."""
    return re.sub(r"'(-?\d+(?:\.\d+)?|true|false|null)'", r"\1", text)


@settings(max_examples=60)
@given(patients)
def test_the_order_of_the_rules_file_changes_no_order_of_the_mimics(findings: dict[str, bool]) -> None:
    known: dict[str, Observed | None] = dict(findings)
    here, other = assessed(findings), shuffled().assess(patient(known))
    assert [(rival.row.id, rival.row.status, rival.row.evidence) for rival in here.mimics] == [
        (rival.row.id, rival.row.status, rival.row.evidence) for rival in other.mimics
    ]
