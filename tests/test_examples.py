"""The built-in example cases: each gives the expected answer, and together they cover all rules."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from poems_cli.authoring.cases import GRAY_ZONE, VERDICTS, Case
from poems_cli.authoring.reading import read_examples
from poems_cli.authoring.running import run_examples
from poems_cli.engine.assess import Assessor
from poems_cli.records import PatientReader, Record
from poems_cli.rules.files import built_in_rules
from poems_cli.rules.loading import load_rules

RULES = load_rules()
EXAMPLES = Path(built_in_rules()) / "examples"


def test_every_example_comes_out_as_it_should() -> None:
    results = list(run_examples(RULES, EXAMPLES))
    assert len(results) > 7_000
    assert [failure for result in results for failure in result.failures] == []


@cache
def cases() -> list[Case]:
    return [case for case in read_examples(RULES, EXAMPLES) if isinstance(case, Case)]


def expected(key: str) -> Iterator[Any]:
    return (case.expect[key] for case in cases() if key in case.expect)


SETS = {**RULES.criteria, **RULES.mimic_criteria}


def levels() -> Iterator[tuple[str, str]]:
    return ((criteria.id, level.id) for criteria in SETS.values() for level in criteria.levels)


def tried_levels() -> Iterator[tuple[str, str, str]]:
    """Each criteria set, level and verdict that some case expects."""
    for wanted in expected("criteria"):
        for set_id, verdict in wanted.items():
            only = [level.id for level in SETS[set_id].levels]
            if isinstance(verdict, dict):
                yield from ((set_id, level, value) for level, value in verdict.get("levels", {}).items())
            elif len(only) == 1:
                yield set_id, only[0], verdict


def tried_verdicts() -> Iterator[tuple[str, str]]:
    for wanted in expected("criteria"):
        for set_id, verdict in wanted.items():
            yield set_id, verdict.get("verdict", "") if isinstance(verdict, dict) else verdict


def test_every_criteria_set_has_a_case_of_each_verdict() -> None:
    wanted = {(set_id, verdict) for set_id in SETS for verdict in VERDICTS}
    assert wanted - set(tried_verdicts()) == set()


def test_every_level_has_a_case_of_each_verdict() -> None:
    wanted = {(set_id, level, verdict) for set_id, level in levels() for verdict in VERDICTS}
    assert wanted - set(tried_levels()) == set()


def test_every_level_is_reported_as_the_highest_one_met() -> None:
    several = {criteria.id for criteria in SETS.values() if len(criteria.levels) > 1}
    tried = {
        (set_id, verdict["level"])
        for wanted in expected("criteria")
        for set_id, verdict in wanted.items()
        if isinstance(verdict, dict) and "level" in verdict
    }
    assert {(set_id, level) for set_id, level in levels() if set_id in several} - tried == set()


def test_every_defined_finding_is_true_in_one_case_false_in_another_and_unknown_in_a_third() -> None:
    defined = [name for name, finding in RULES.findings.items() if finding.definition is not None]
    tried = {(name, value) for wanted in expected("findings") for name, value in wanted.items()}
    assert {(name, value) for name in defined for value in (True, False, "unknown")} - tried == set()


def test_every_warning_is_shown_in_one_case_and_not_in_another() -> None:
    gray = [f"{GRAY_ZONE}{name}" for name, finding in RULES.findings.items() if finding.gray_zone]
    warnings = {*(warning.id for warning in RULES.warnings), *gray}
    for key in ("warnings", "no_warnings"):
        assert warnings - {name for wanted in expected(key) for name in wanted} == set(), key


def test_every_quantity_of_a_definition_is_given_with_a_comparator_a_range_and_another_unit() -> None:
    """Where the rules allow it: a range only where the laboratory's own limit has a say."""
    from poems_cli.engine.expressions import leaves
    from poems_cli.model import Compare

    limits = [leaf for finding in RULES.findings.values() if finding.definition for leaf in leaves(finding.definition)]
    compared = {leaf.finding: leaf for leaf in limits if isinstance(leaf, Compare) and not isinstance(leaf.limit, tuple)}
    ranged = {leaf.finding for leaf in limits if isinstance(leaf, Compare) and leaf.laboratory}
    given = [(name, value) for case in cases() for name, value in case.findings.items() if isinstance(value, dict)]
    with_comparator = {name for name, value in given if isinstance(value["value"], str)}
    with_range = {name for name, value in given if "low" in value or "high" in value}
    units = {(name, value.get("unit")) for name, value in given}
    convertible = {
        name for name in compared if len(RULES.units.analytes[name].accepted) > 1 and RULES.findings[name].unit != "{ratio}"
    }
    assert compared.keys() - with_comparator - {"erythrocyte_sedimentation_rate", "m_protein"} == set()
    assert ranged - with_range == set()
    assert {name for name in convertible if sum(finding == name for finding, _ in units) < 2} == set()


def test_every_mimic_has_a_textbook_patient_who_is_considered_and_comes_first_or_second() -> None:
    textbook = {
        mimic
        for wanted in expected("mimics")
        for mimic, answer in wanted.items()
        if answer == {"status": "consider", "first": 2}
    }
    assert set(RULES.mimics) - textbook == set()


def test_every_way_to_exclude_a_mimic_has_a_case_and_nothing_else_is_excluded() -> None:
    excluded = {mimic for wanted in expected("mimics") for mimic, answer in wanted.items() if answer == "excluded"}
    assert excluded == {mimic.id for mimic in RULES.mimics.values() if mimic.excluded is not None}


def test_every_way_to_establish_a_mimic_has_a_case() -> None:
    by_id = {case.id: case for case in cases()}
    reader, assessor = PatientReader(RULES, "canonical"), Assessor(RULES)
    for mimic in RULES.mimics.values():
        if mimic.confirmed is not None:
            findings = by_id[f"mimic-{mimic.id}-confirmed"].findings
            patient = reader.read(Record({"findings": findings}, mimic.id, 1)).patient
            assert patient is not None
            row = next(rival.row for rival in assessor.assess(patient).mimics if rival.row.id == mimic.id)
            assert row.confirmed, mimic.id


def test_the_ids_are_unique() -> None:
    ids = [case.id for case in cases()]
    assert len(ids) == len(set(ids))


def test_the_seven_vectors_of_the_literature_are_there() -> None:
    assert {f"vector-{number}" for number in range(1, 8)} <= {case.id for case in cases()}
