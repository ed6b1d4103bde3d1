import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from poems_cli.engine.assess import Assessor
from poems_cli.model import Patient, Quantity, Rules
from poems_cli.report.markdown import escaped, table, to_markdown
from poems_cli.report.writing import Wanted


def written(rules: Rules, observed: dict[str, object], patient_id: str = "p1", explain: bool = False) -> str:
    return to_markdown(rules, Assessor(rules).assess(Patient(patient_id, observed, {})), Wanted(explain=explain))  # type: ignore[arg-type]


def test_it_has_the_content_of_the_table(rules: Rules) -> None:
    text = written(rules, {"polyneuropathy": True, "platelets": Quantity(620.0, "10*9/L")})
    assert text.startswith("# p1: UNDETERMINED\n")
    assert r"platelet count 620 10^9/L is above 450 10^9/L" in text
    for heading in ("## Conditions", "## What would settle it", "## Tests", "## Other criteria sets"):
        assert heading in text
    assert "no diagnosis" in text
    assert rules.identity.sha256[:12] in text


def test_it_reads_as_plain_text_too(rules: Rules) -> None:
    text = written(rules, {"polyneuropathy": True, "platelets": Quantity(620.0, "10*9/L")}, explain=True)
    assert not [line for line in text.splitlines() if re.search(r"\\(?!\])|`|&amp;|^\|", line)]
    assert all(f"- **{criteria.short}**: " in text for criteria in rules.criteria.values() if criteria.id != "mayo")
    assert "--all-mimics" not in text  # an option means nothing in a record


def test_explain_adds_the_trace_and_the_sources(rules: Rules) -> None:
    text = written(rules, {"serum_vegf": Quantity(2812.0, "pg/mL")}, explain=True)
    assert "## Every set, step by step" in text
    assert "## Findings that follow from others" in text
    assert "serum VEGF: 2812 pg/mL is above 1920 pg/mL [briani-2011, recalled]" in text
    assert "- **dispenzieri-2012**: Dispenzieri A. How I treat POEMS syndrome." in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a|b", "a|b"),
        ("<script>", r"\<script>"),
        ("<0.5, p < 0.01", "<0.5, p < 0.01"),
        ("[x](http://y)", r"[x\](http://y)"),
        ("*b* `c`", r"\*b\* \`c\`"),
        ("# head\n- item", r"\# head - item"),
        ("1. one", r"1\. one"),
        ("-5 points", "-5 points"),
        ("R&D", "R&D"),
        ("&amp;", r"\&amp;"),
        ("450 10*9/L, 2*3, 2 * 3", r"450 10^9/L, 2\*3, 2 * 3"),
        ("serum_vegf", "serum_vegf"),
        ("[dispenzieri-2012]", "[dispenzieri-2012]"),
    ],
)
def test_what_a_record_says_is_text(given: str, shown: str) -> None:
    assert escaped(given) == shown


@given(st.text(alphabet="ab1 *_`~<>|[]()!#&;:\\/-+.=\n\"'\u00e9", max_size=30))
def test_a_renderer_shows_every_text_as_it_is(text: str) -> None:
    renderer = MarkdownIt("commonmark").enable(["strikethrough", "table"])
    for before, after in (("", ""), ("- **", "**: x"), ("- x: ", "")):
        shown = f"{before}{escaped(text)}{after}"
        inline = [token for token in renderer.parse(shown) if token.type == "inline"]
        children = [child for token in inline for child in token.children or ()]
        assert {child.type for child in children} <= {"text", "strong_open", "strong_close"}, shown
        read = "".join(child.content for child in children)
        assert " ".join(text.split()).replace("10*1", "10^1") in f"{read} ", shown


def test_a_hostile_id_stays_in_its_heading(rules: Rules) -> None:
    first, second, *_ = written(rules, {}, "x\n# <b>y</b> | z").splitlines()
    assert first == r"# x # \<b>y\</b> | z: UNDETERMINED"
    assert second == ""


def test_a_cell_cannot_break_its_table() -> None:
    assert list(table(("a", "b"), [("1|2", "x\ny")])) == ["| a | b |", "| --- | --- |", r"| 1\|2 | x y |", ""]
