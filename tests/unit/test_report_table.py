import io
import re
from typing import Any

import pytest
from rich.cells import cell_len

from poems_cli.engine.assess import Assessor
from poems_cli.model import Assessment, Observed, Patient, Quantity, Rules
from poems_cli.report.console import make_console
from poems_cli.report.still_needed import SettlingPhraser
from poems_cli.report.table import print_assessment
from poems_cli.report.writing import Wanted

FULL: dict[str, Any] = {
    "polyneuropathy": True,
    "serum_immunofixation": True,
    "light_chain": "lambda",
    "serum_vegf": ("pg/mL", 2812.0),
    "platelets": ("10*9/L", 620.0),
    "liver_length": ("cm", 18.0),
    "skin_changes": False,
}
NO_CLONE = {
    "polyneuropathy": True,
    "serum_immunofixation": False,
    "urine_immunofixation": False,
    "clonal_plasma_cells": False,
    "plasmacytoma": False,
}
TWO = {"polyneuropathy": True, "monoclonal_protein": True}


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def assessed(rules: Rules, findings: dict[str, Any], patient_id: str = "p1", criteria: tuple[str, ...] = ()) -> Assessment:
    observed = {name: Quantity(value[1], value[0]) if isinstance(value, tuple) else value for name, value in findings.items()}
    return Assessor(rules, criteria).assess(Patient(patient_id, observed, {}))


def printed(rules: Rules, assessment: Assessment, stream: Any = None, *, explain: bool = False, several: bool = False) -> str:
    stream = stream or io.StringIO()
    print_assessment(make_console(stream), rules, assessment, Wanted(explain=explain, several=several))
    return str(stream.getvalue())


def explained(rules: Rules, assessment: Assessment) -> str:
    return printed(rules, assessment, explain=True)


def joined(text: str) -> str:
    """The text as if it had not been wrapped."""
    return " ".join(text.split())


@pytest.mark.parametrize("findings", [{}, TWO, FULL, NO_CLONE])
@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_it_fits(rules: Rules, monkeypatch: pytest.MonkeyPatch, findings: dict[str, Any], explain: bool, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = printed(rules, assessed(rules, findings), explain=explain, several=True).splitlines()
    assert max(cell_len(line) for line in lines) <= columns
    assert not [line for line in lines if line != line.rstrip()]


@pytest.mark.parametrize("explain", [False, True])
def test_nothing_is_cut(rules: Rules, monkeypatch: pytest.MonkeyPatch, explain: bool) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    text = printed(rules, assessed(rules, FULL), explain=explain)
    assert "\u2026" not in text
    assert "..." not in text


def test_a_long_id_is_whole(rules: Rules) -> None:
    patient_id = "site-042/" + "0123456789" * 7
    assert patient_id in printed(rules, assessed(rules, TWO, patient_id))


def test_off_a_terminal_there_are_no_color_codes(rules: Rules) -> None:
    assert "\x1b" not in printed(rules, assessed(rules, FULL), explain=True)


def test_on_a_terminal_there_is_color(rules: Rules) -> None:
    assert "\x1b[" in printed(rules, assessed(rules, FULL), Terminal())


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_color_gets_none(rules: Rules, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert "\x1b" not in printed(rules, assessed(rules, FULL), Terminal())


def test_force_color_colors_a_pipe_and_no_color_wins(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in printed(rules, assessed(rules, FULL))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in printed(rules, assessed(rules, FULL))


def test_color_takes_nothing_away(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = printed(rules, assessed(rules, FULL), explain=True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert re.sub(r"\x1b\[[0-9;]*m", "", printed(rules, assessed(rules, FULL), explain=True)) == plain


def test_a_patient_id_is_no_markup_and_gives_the_terminal_no_orders(rules: Rules) -> None:
    text = printed(rules, assessed(rules, TWO, "[bold]x[/bold] :smile: \x1b[31m\nred"))
    assert r"[bold]x[/bold] :smile: \x1b[31m\nred" in text


def test_an_ascii_stream_gets_ascii(rules: Rules) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="backslashreplace")
    print_assessment(make_console(stream), rules, assessed(rules, FULL, "M\u00fcller"), Wanted(explain=True))
    stream.flush()
    assert rb"M\xfcller" in raw.getvalue()
    assert b"+-- " in raw.getvalue()


def test_a_lone_surrogate_does_not_stop_the_page(rules: Rules) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace")
    print_assessment(make_console(stream), rules, assessed(rules, TWO, "a\ud800b"))
    stream.flush()
    assert rb"a\ud800b" in raw.getvalue()


# --- what --explain says ----------------------------------------------------------------------------------------------


def test_the_verdict_comes_first(rules: Rules) -> None:
    first = explained(rules, assessed(rules, TWO)).splitlines()[0]
    assert first.startswith("p1  UNDETERMINED")
    assert rules.criteria["mayo"].title in first


def test_a_verdict_shows_the_values_that_decide_it(rules: Rules) -> None:
    text = joined(explained(rules, assessed(rules, FULL)))
    assert "p1 MET" in text
    assert "platelet count 620 10*9/L is above 450 10*9/L" in text
    assert "serum VEGF 2812 pg/mL is above 1920 pg/mL" in text


def test_not_met_names_the_group_that_fails_and_why(rules: Rules) -> None:
    text = joined(explained(rules, assessed(rules, NO_CLONE)))
    assert "NOT MET" in text
    assert "Fails: monoclonal plasma cell disorder." in text
    assert "monoclonal plasma cell disorder: absent (no monoclonal band on serum immunofixation" in text


def test_counts_say_how_many_are_needed(rules: Rules) -> None:
    text = joined(explained(rules, assessed(rules, TWO)))
    assert "other major criterion: unknown (0 found, 3 open, 1 needed)" in text


def test_what_would_settle_it_is_in_words_with_tests(rules: Rules) -> None:
    assessment = assessed(rules, TWO)
    text = joined(explained(rules, assessment))
    assert "What would settle it" in text
    assert joined(SettlingPhraser(rules).words(assessment.facts, "mayo", "met")) in text
    assert f"({assessment.settling['mayo']['met'].number} ways in all)" in text
    assert rules.tests[assessment.tests[0].test].label.split(" (")[0] in text


def test_every_other_set_has_its_line(rules: Rules) -> None:
    text = explained(rules, assessed(rules, TWO))
    for criteria in rules.criteria.values():
        if criteria.id != "mayo":
            assert re.search(rf"^  [-+?]  {re.escape(criteria.short)} ", text, re.MULTILINE)


def test_the_levels_of_a_set_are_shown(rules: Rules) -> None:
    text = joined(explained(rules, assessed(rules, TWO, criteria=("mhlw",))))
    assert "Levels: definite undetermined; probable undetermined; possible undetermined." in text


def test_default_limits_and_limits_from_memory_are_marked(rules: Rules) -> None:
    text = explained(rules, assessed(rules, FULL))
    ours, recalled = text.split("Rests on a limit or reading of this program")[1].split("Rests on a limit recalled from memory")
    assert "liver length 18 cm is above 16 cm" in joined(ours)
    assert "serum VEGF 2812 pg/mL is above 1920 pg/mL. [briani-2011, recalled]" in joined(recalled)


def test_the_laboratorys_own_limit_is_not_called_ours(rules: Rules) -> None:
    observed: dict[str, Observed] = {"sex": "male", "testosterone": Quantity(250.0, "ng/dL", low=280.0)}
    text = joined(explained(rules, Assessor(rules).assess(Patient("p1", observed, {}))))
    assert "250 ng/dL is below 280 ng/dL (the laboratory's own limit)" in text
    assert "rests on a limit or reading of this program" not in text.lower()


def test_a_gray_zone_and_an_open_comparator_are_explained(rules: Rules) -> None:
    observed = {"serum_vegf": Quantity(1500.0, "pg/mL"), "platelets": Quantity(500.0, "10*9/L", comparator="<")}
    text = joined(explained(rules, Assessor(rules).assess(Patient("p1", observed, {}))))
    assert "raised VEGF: unknown (gray zone: serum VEGF 1500 pg/mL)" in text
    assert "Raised VEGF, gray zone:" in text


def test_a_contradiction_shows_both_sides(rules: Rules) -> None:
    text = joined(explained(rules, assessed(rules, {"skin_changes": False, "white_nails": True})))
    assert "The record contradicts itself on skin changes; see below." in text
    assert "Skin changes: the record says absent, but it follows as present from: white nails." in text


def test_a_reason_why_something_is_unknown_is_shown(rules: Rules) -> None:
    assessment = Assessor(rules).assess(Patient("p1", {}, {"papilledema": "not-performed"}))
    assert "swelling of the optic discs: unknown (not-performed)" in joined(explained(rules, assessment))


def test_it_ends_with_the_rules_and_what_it_is_not(rules: Rules) -> None:
    end = joined(explained(rules, assessed(rules, TWO)))[-220:]
    assert rules.identity.sha256[:12] in end
    assert "no diagnosis" in end


def test_explain_shows_every_set_with_sources(rules: Rules) -> None:
    text = joined(explained(rules, assessed(rules, FULL)))
    for criteria in rules.criteria.values():
        assert criteria.title in text
    assert "[briani-2011, recalled]" in text
    assert "dispenzieri-2012: Dispenzieri A." in text
    assert "Findings that follow from others" in text
