"""The names of a finding: any of them, in any spelling, but never a name that two findings share."""

import pytest

from poems_cli.finding_names import (
    ending_so,
    finding_names,
    named_around,
    nearest_finding,
    plain_name,
    which_of,
)
from poems_cli.model import Rules
from tests.build import rules_from, rules_text

SMALL = rules_from(
    rules_text(
        {
            "swelling": {"label": "ankle", "synonyms": ["leg edema", "pedal edema"]},
            "ankle": {"label": "a joint"},
            "first": {"label": "the same"},
            "second": {"label": "the same", "term": "second term"},
        }
    )
)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Platelet  Count", "platelet_count"),
        ("platelet_count", "platelet_count"),
        (" M-spike ", "m_spike"),
        ("Raynaud's", "raynaud_s"),
        ("DLCO % predicted", "dlco_percent_predicted"),
        ("%", "percent"),
        ("Ödem", "ödem"),
        ("?!", ""),
        ("", ""),
    ],
)
def test_a_plain_name_is_written_as_ids_are(written: str, plain: str) -> None:
    assert plain_name(written) == plain
    assert plain_name(plain_name(written)) == plain


def test_a_finding_is_found_by_id_label_term_and_synonym() -> None:
    names = finding_names(SMALL.findings)
    assert names["pedal_edema"] == names["leg_edema"] == names["swelling"] == "swelling"
    assert names["second_term"] == "second"
    assert SMALL.findings["swelling"].synonyms == ("leg edema", "pedal edema")
    assert SMALL.findings["ankle"].synonyms == ()


def test_an_id_goes_before_the_label_of_another() -> None:
    assert finding_names(SMALL.findings)["ankle"] == "ankle"


def test_a_label_of_two_findings_names_neither() -> None:
    assert "the_same" not in finding_names(SMALL.findings)


def test_no_finding_is_called_by_an_empty_name() -> None:
    assert "" not in finding_names(SMALL.findings)


def test_every_synonym_of_the_rules_names_its_finding_alone(rules: Rules) -> None:
    names = finding_names(rules.findings)
    synonyms = [(synonym, finding.id) for finding in rules.findings.values() for synonym in finding.synonyms]
    assert len(synonyms) > 150
    assert [(synonym, finding) for synonym, finding in synonyms if names.get(plain_name(synonym)) != finding] == []


@pytest.mark.parametrize(
    ("written", "finding"),
    [("Hb", "hemoglobin"), ("PLT", "platelets"), ("SPEP", "serum_protein_electrophoresis"), ("Glycohemoglobin", "hba1c")],
)
def test_abbreviations_of_hospitals_are_known(rules: Rules, written: str, finding: str) -> None:
    assert finding_names(rules.findings)[plain_name(written)] == finding


def test_a_name_may_fit_several_measured_values(rules: Rules) -> None:
    assert ending_so("vegf", rules.findings) == ["plasma_vegf", "serum_vegf"]
    assert ending_so("vegf_level", rules.findings) == []
    assert which_of("vegf_level", rules.findings) == ["plasma_vegf", "serum_vegf"]
    assert ending_so("hemoglobin", rules.findings) == []
    assert ending_so("", rules.findings) == []


def test_a_finding_is_seen_around_a_shorter_name(rules: Rules) -> None:
    names = finding_names(rules.findings)
    assert named_around("ife", names) == ["serum_immunofixation", "urine_immunofixation"]
    assert "peripheral_edema" in named_around("edema", names)
    assert named_around("poems", names) == []  # a sentence that holds the word is not a name
    assert named_around("", names) == []


def test_the_nearest_finding_mends_a_slip_but_not_an_abbreviation(rules: Rules) -> None:
    names = finding_names(rules.findings)
    assert nearest_finding("polyneuropaty", names) == "polyneuropathy"
    assert nearest_finding("hbb", names) is None
    assert nearest_finding("weight_kg", names, alike=0.8) is None
