import pytest

from poems_cli.engine.assess import Assessor
from poems_cli.model import Patient, Quantity, Rules
from poems_cli.report.markdown import escaped, table, to_markdown


def written(rules: Rules, observed: dict[str, object], patient_id: str = "p1", explain: bool = False) -> str:
    return to_markdown(rules, Assessor(rules).assess(Patient(patient_id, observed, {})), explain=explain)  # type: ignore[arg-type]


def test_it_says_what_the_table_says(rules: Rules) -> None:
    text = written(rules, {"polyneuropathy": True, "platelets": Quantity(620.0, "10*9/L")})
    assert text.startswith("# p1: UNDETERMINED\n")
    assert r"platelet count 620 10\*9/L is above 450 10\*9/L" in text
    for heading in ("## Conditions", "## What would settle it", "## Tests", "## Other criteria sets"):
        assert heading in text
    assert "no diagnosis" in text
    assert rules.identity.sha256[:12] in text


def test_each_other_set_is_one_row_of_one_table(rules: Rules) -> None:
    rows = [line for line in written(rules, {}).splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(rules.criteria) - 1
    assert {line.count("|") for line in rows} == {4}


def test_explain_adds_the_trace_and_the_sources(rules: Rules) -> None:
    text = written(rules, {"serum_vegf": Quantity(2812.0, "pg/mL")}, explain=True)
    assert "## Every set, step by step" in text
    assert "## Findings that follow from others" in text
    assert "serum VEGF: 2812 pg/mL is above 1920 pg/mL [briani-2011, recalled]" in text
    assert "| dispenzieri-2012 |" in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a|b", r"a\|b"),
        ("<script>", r"\<script\>"),
        ("[x](http://y)", r"[x\](http://y)"),
        ("*b* `c`", r"\*b\* \`c\`"),
        ("# head\n- item", r"\# head - item"),
        ("1. one", r"\1. one"),
        ("R&D", "R&amp;D"),
        ("serum_vegf", "serum_vegf"),
        ("[dispenzieri-2012]", "[dispenzieri-2012]"),
    ],
)
def test_what_a_record_says_is_text(given: str, shown: str) -> None:
    assert escaped(given) == shown


def test_a_hostile_id_stays_in_its_heading(rules: Rules) -> None:
    first, second, *_ = written(rules, {}, "x\n# <b>y</b> | z").splitlines()
    assert first == r"# x # \<b\>y\</b\> \| z: UNDETERMINED"
    assert second == ""


def test_a_cell_cannot_break_its_table() -> None:
    assert list(table(("a", "b"), [("1|2", "x\ny")])) == ["| a | b |", "| --- | --- |", r"| 1\|2 | x y |", ""]
