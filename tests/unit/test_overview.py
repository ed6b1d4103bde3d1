"""The answer on one screen: how much is shown, and that it claims no more than is known."""

import io
import json
import re
from typing import Any

import pytest

from poems_cli.engine.assess import Assessor
from poems_cli.model import Rules
from poems_cli.records import PatientReader, Record
from poems_cli.report.console import make_console
from poems_cli.report.overview import Most, Overview, overview
from poems_cli.report.table import print_assessment
from poems_cli.report.writing import Wanted
from tests.cli.command import ROOT

EXAMPLE = json.loads((ROOT / "docs" / "patient.json").read_text())
MET = json.loads((ROOT / "docs" / "pictures" / "patients" / "met.json").read_text())
CIDP = json.loads((ROOT / "docs" / "pictures" / "patients" / "cidp.json").read_text())
JAPAN_POSSIBLE = {
    "polyneuropathy": True, "peripheral_edema": True, "hyperpigmentation": True, "organomegaly": True, "papilledema": True,
}  # fmt: skip


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _capable_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")


def assessed(rules: Rules, record: Any, *criteria: str) -> Any:
    reading = PatientReader(rules, "canonical").read(Record(record, "here", 1))
    assert reading.patient is not None, reading.problems
    return Assessor(rules, criteria).assess(reading.patient)


def printed(rules: Rules, record: Any, *criteria: str, stream: Any = None, **options: Any) -> str:
    stream = stream or Terminal()
    print_assessment(make_console(stream), rules, assessed(rules, record, *criteria), Wanted(**options))
    return str(stream.getvalue())


def rows(rules: Rules, record: Any, *criteria: str) -> Overview:
    return overview(rules, assessed(rules, record, *criteria))


def joined(text: str) -> str:
    return " ".join(text.split())


# --- one screen -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "columns", "most"),
    [
        (EXAMPLE, 80, 45),
        (EXAMPLE, 100, 42),
        (EXAMPLE, 120, 40),
        (MET, 80, 30),
        ({"polyneuropathy": True}, 80, 30),
        ({"papilledema": True}, 80, 30),
        ({"amyloid_deposits": True}, 80, 30),
        ({}, 80, 30),
    ],
)
def test_it_is_one_screen(rules: Rules, monkeypatch: pytest.MonkeyPatch, record: Any, columns: int, most: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = printed(rules, record).splitlines()
    assert len(lines) <= most
    assert max(map(len, lines)) <= columns
    assert not [line for line in lines if line != line.rstrip()]


def test_the_first_ten_lines_hold_the_verdict_the_distance_and_every_criterion(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    head = joined(" ".join(printed(rules, EXAMPLE).splitlines()[:10]))
    assert head.startswith("? UNDETERMINED Mayo criteria for POEMS; 2 more findings would meet them example, male, 52 years")
    for criterion in ("Polyneuropathy + present", "Plasma cell clone ? unknown", "Other major, 1 of 3 ? unknown", "+ present"):
        assert criterion in head


def test_through_a_pipe_it_is_the_same_in_plain_characters(rules: Rules) -> None:
    piped = printed(rules, EXAMPLE, stream=io.StringIO())
    assert piped.isascii()
    assert max(map(len, piped.splitlines())) <= 100
    assert "---" in piped
    assert "UNDETERMINED" in piped


def test_plain_has_no_boxes_bars_or_signs(rules: Rules) -> None:
    for record in (EXAMPLE, MET, CIDP, {}):
        text = printed(rules, record, plain=True)
        assert not re.search(r"[█╎│─|]|--- |\+\+|^[-+?!] ", text, re.MULTILINE)
        assert "Criterion Polyneuropathy: " in text


def test_every_test_and_every_mimic_are_shown_on_request(rules: Rules) -> None:
    assessment = assessed(rules, EXAMPLE)
    whole = overview(rules, assessment, Most(None, None, None))
    assert {row.id for row in whole.mimics} == {*rules.mimics, rules.identity.id}
    assert (whole.mimics_left, whole.more_tests) == ("", 0)
    assert len(whole.tests) > len(overview(rules, assessment).tests)


# --- what is unknown --------------------------------------------------------------------------------------------------


def test_without_findings_mimics_are_not_assessed_and_never_unlikely(rules: Rules) -> None:
    shown = rows(rules, {})
    assert [(row.id, row.status) for row in shown.mimics] == [(rules.identity.id, "not assessed")]
    assert shown.mimics_left == f"{len(rules.mimics)} not assessed: --all-mimics"
    assert "unlikely" not in printed(rules, {}, every_mimic=True)


def test_the_syndrome_is_not_first_where_no_known_finding_favors_it(rules: Rules) -> None:
    shown = rows(rules, {"demyelinating_neuropathy": False, "neuropathy_nadir_within_4_weeks": True})
    assert shown.mimics[0].id != rules.identity.id
    assert next(row for row in shown.mimics if row.own).status != "consider"


def test_the_rows_are_in_the_order_of_their_evidence(rules: Rules) -> None:
    ranks = {"consider": 0, "less likely": 1, "not assessed": 2, "excluded": 3}
    for record in (EXAMPLE, MET, CIDP):
        keys = [(ranks[row.status], -row.evidence) for row in rows(rules, record).mimics]
        assert keys == sorted(keys)


@pytest.mark.parametrize("record", [{"polyneuropathy": True}, EXAMPLE, MET, CIDP])
def test_cidp_is_shown_wherever_there_is_a_neuropathy_with_why(rules: Rules, record: Any) -> None:
    row = next(row for row in rows(rules, record).mimics if row.id == "cidp")
    assert row.frequency == "uncommon"
    assert row.why


def test_a_low_level_is_a_level_and_never_a_green_met(rules: Rules) -> None:
    other = next(row for row in rows(rules, JAPAN_POSSIBLE).others if row.short == rules.criteria["mhlw"].short)
    assert (other.value, other.level) == (None, "possible")
    shown = rows(rules, JAPAN_POSSIBLE, "mhlw").headline
    assert (shown.value, shown.verdict) == (None, "LEVEL POSSIBLE")
    assert "? LEVEL POSSIBLE" in printed(rules, JAPAN_POSSIBLE, "mhlw")
    assert "- NOT MET" in printed(rules, {"polyneuropathy": False}, "mhlw")


def test_a_decisive_gray_zone_is_shown_at_the_top(rules: Rules) -> None:
    record = {"polyneuropathy": True, "serum_immunofixation": True, "plasma_vegf": 150, "splenomegaly": True}
    (remark,) = rows(rules, record).headline.remarks
    assert remark == "Gray zone: plasma VEGF 150 pg/mL neither shows nor excludes raised VEGF."
    assert rows(rules, {**record, "sclerotic_bone_lesion": True}).headline.remarks == (), "it decides nothing here"


def test_an_assertion_that_the_number_does_not_support_is_shown_at_the_top(rules: Rules) -> None:
    record = {
        "polyneuropathy": True, "serum_immunofixation": True, "plasma_vegf": 150, "vegf_elevated": True, "splenomegaly": True,
    }  # fmt: skip
    shown = rows(rules, record).headline
    assert shown.verdict == "MET"
    assert shown.remarks == (
        "Raised VEGF is taken as present because the record says so; plasma VEGF 150 pg/mL does not show it.",
    )


def test_a_contradiction_is_shown_at_the_top_and_counts_as_unknown(rules: Rules) -> None:
    shown = rows(rules, {"skin_changes": False, "white_nails": True})
    assert shown.headline.remarks[0].startswith("Skin changes: the record says absent, but it follows as present")
    minor = next(row for row in shown.criteria if row.name.startswith("Minor"))
    assert "skin changes (contradictory)" in minor.pieces[-1].text


def test_the_given_value_is_shown_with_the_converted_value_next_to_it(rules: Rules) -> None:
    text = joined(printed(rules, {"plasma_vegf": {"value": 0.812, "unit": "ng/mL"}}))
    assert "plasma VEGF 0.812 ng/mL (812 pg/mL), above 200" in text


def test_a_choice_whose_word_has_spaces_is_read_whole(rules: Rules) -> None:
    from poems_cli.model import Comparison, Finding
    from poems_cli.report.comparisons import comparison_words

    choices = {"therapy iv": "IVIG", "steroids": "steroids"}
    finding = Finding("therapy", "choice", "therapy", None, None, choices, None, None)
    made = Comparison("therapy iv", None, None, "is", ("steroids", "therapy iv"))
    assert comparison_words(finding, made, True) == "IVIG"
    assert comparison_words(finding, made._replace(limit=("steroids",)), False) == "IVIG, not steroids"


# --- what a verdict rests on ------------------------------------------------------------------------------------------


def test_a_met_verdict_is_never_shown_without_its_first_warning(rules: Rules) -> None:
    one_node = {
        "polyneuropathy": True, "castleman_disease": True, "lymphadenopathy": True, "m_protein_heavy_chain": "IgG",
        "light_chain": "lambda", "weakness_of_arms_and_legs": True, "respiratory_muscle_weakness": True,
        "rapid_limb_weakness": True, "absent_sensory_responses": True, "vegf_called_raised": True,
    }  # fmt: skip
    assert "Castleman disease and organomegaly may rest on the same nodes." in joined(printed(rules, one_node))


def test_a_value_that_decides_twice_is_named_once(rules: Rules) -> None:
    clone = {"serum_immunofixation": True, "m_protein_heavy_chain": "IgM", "light_chain": "lambda"}
    row = next(row for row in rows(rules, clone).criteria if row.name == "Plasma cell clone")
    assert [piece.text for piece in row.pieces] == ["band on serum immunofixation, heavy chain IgM, light chain lambda"]


def test_the_tests_that_still_settle_a_mimic_come_first(rules: Rules) -> None:
    amyloid = {"polyneuropathy": True, "m_protein_heavy_chain": "IgA", "amyloid_deposits": True}
    settled = {row.id: row.settled_by for row in rows(rules, amyloid).mimics}
    assert settled["al_amyloidosis"] == "fat or tissue biopsy, typing of the amyloid"
