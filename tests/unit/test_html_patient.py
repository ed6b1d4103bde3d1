"""The page of a patient: the words of the other reports, readable by anyone, and the text of a record is never run as code."""

import json
import re
from pathlib import Path

import pytest

from poems_cli.api import check
from poems_cli.engine.assess import Assessor
from poems_cli.model import Patient, Quantity, Rules
from poems_cli.records.quantity import Given
from poems_cli.report.html_patient import to_fragment, to_html
from poems_cli.report.narrative import letter_of
from poems_cli.report.overview import overview
from poems_cli.report.writing import Wanted
from tests.cli.command import ROOT
from tests.html_page import HtmlPage, check_readable

PATIENTS = sorted((ROOT / "docs" / "pictures" / "patients").glob("*.json"))
LARGEST = 200_000


def page_of(path: Path, rules: Rules, **options: bool) -> HtmlPage:
    answer = check(json.loads(path.read_text()), rules=rules)
    return HtmlPage(to_html(rules, answer._answer, Wanted(**options)))


@pytest.mark.parametrize("path", PATIENTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("everything", [False, True])
def test_it_is_well_formed_small_and_fetches_nothing(path: Path, everything: bool, rules: Rules) -> None:
    options = dict.fromkeys(("explain", "every_mimic", "every_test"), everything)
    page = page_of(path, rules, **options)
    check_readable(page)
    assert page.count("script") == 0
    assert len(page.source.encode()) < LARGEST


@pytest.mark.parametrize("path", PATIENTS, ids=lambda path: path.stem)
def test_it_has_the_content_of_the_other_reports(path: Path, rules: Rules) -> None:
    answer = check(json.loads(path.read_text()), rules=rules)._answer
    text = page_of(path, rules, every_mimic=True, every_test=True).text
    letter, shown = letter_of(rules, answer), overview(rules, answer)
    expected = [letter.patient, shown.headline.text, *shown.headline.remarks, *letter.staging, *letter.outlook]
    expected += [text for _, texts in letter.caveats for text in texts]
    expected += [words for test in shown.tests for words in (test.name, test.decides, test.caution)]
    expected += [words for row in shown.mimics for words in (row.name, row.why, row.settled_by)]
    expected += [condition.text for condition in letter.conditions]
    expected += [element.text for condition in letter.conditions for element in condition.elements]
    expected += [way.words for way in letter.ways]
    assert [words for words in expected if " ".join(words.split()) not in text] == []
    assert f"{rules.identity.version}, sha256" in text
    assert rules.identity.sha256 in text
    assert "no medical device, no diagnosis" in text


@pytest.mark.parametrize("path", PATIENTS, ids=lambda path: path.stem)
def test_every_source_that_it_names_is_listed(path: Path, rules: Rules) -> None:
    page = page_of(path, rules, explain=True, every_mimic=True)
    before, _, listed = page.text.rpartition(" Sources ")
    named = {word for mark in re.findall(r"\[([^\]]+)\]", before) for word in re.split("[;,] ", mark)} & rules.sources.keys()
    assert named
    assert {source for source in named if f" {source} " not in f" {listed}"} == set()


def test_present_absent_and_unknown_differ_in_shape_and_word(rules: Rules) -> None:
    answer = Assessor(rules).assess(Patient("p", {"polyneuropathy": True, "papilledema": False}, {}))
    html = to_html(rules, answer)
    for word, shape in (
        ("present", "<circle"),
        ("absent", "<rect"),
        ("unknown", '<path d="M8 1l7 7'),
    ):
        assert html.partition(f'<symbol id="poems-{word}" viewBox="0 0 16 16">')[2].startswith(shape)
        assert f'<svg class="icon {word}" aria-hidden="true"><use href="#poems-{word}"/></svg>' in html
        assert f'<span class="{word}">{word}' in html


def test_a_finding_has_the_value_and_unit_that_the_record_gave(rules: Rules) -> None:
    hba1c = Quantity(6.90896, "%", None, None, 6.0, Given(52.0, "mmol/mol"))
    observed = {"hba1c": hba1c, "platelets": Quantity(620.0, "10*9/L", ">"), "light_chain": "lambda"}
    text = HtmlPage(to_html(rules, Assessor(rules).assess(Patient("p", observed, {"csf_protein": "not-performed"})))).text
    recorded, followed = text.split("In the record")[1].split("What follows from it")
    assert "HbA1c 52 mmol/mol (6.909 %); the laboratory's upper limit: 6 %" in recorded
    assert "Platelet count >620 10*9/L" in recorded
    assert "CSF protein unknown: not-performed" in recorded
    assert "present (platelet count >620 10*9/L is above 450 10*9/L)" in followed


HOSTILE = [
    "<script>alert(1)</script>",
    "</style><svg onload=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}&amp;",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_record_says_is_shown_as_text(text: str, rules: Rules) -> None:
    plain = Assessor(rules).assess(Patient("p", {"polyneuropathy": True}, {"csf_protein": "r"}, ("n",)))
    hostile = plain._replace(patient=plain.patient._replace(id=text, reasons={"csf_protein": text}, notes=(text,)))
    for write in (to_html, to_fragment):
        page, before = (HtmlPage(write(rules, answer)) for answer in (hostile, plain))
        assert page.faults == []
        assert [tag for tag, _ in page.tags] == [tag for tag, _ in before.tags]
        assert page.text.count(text) >= 3


def test_what_the_rules_say_is_shown_as_text_too(rules: Rules) -> None:
    bad = "<b onclick=x>label</b>"
    finding = rules.findings["polyneuropathy"]
    sources = {**rules.sources, "dispenzieri-2012": rules.sources["dispenzieri-2012"]._replace(title=bad)}
    findings = {**rules.findings, "polyneuropathy": finding._replace(label=bad, short=bad)}
    changed = rules._replace(findings=findings, sources=sources)
    page = HtmlPage(
        to_html(changed, Assessor(changed).assess(Patient("p", {"polyneuropathy": True}, {})), Wanted(explain=True))
    )
    check_readable(page)
    assert page.text.count("onclick") >= 4


def test_what_would_turn_or_hide_text_is_written_out(rules: Rules) -> None:
    answer = Assessor(rules).assess(Patient("a\u202eb\x07c", {}, {}))
    assert "a\\u202eb\\x07c" in HtmlPage(to_html(rules, answer)).text


def test_the_part_for_a_notebook_is_the_page_without_its_head_and_styles_itself_alone(rules: Rules) -> None:
    answer = Assessor(rules).assess(Patient("p", {"polyneuropathy": True}, {}))
    part, page = HtmlPage(to_fragment(rules, answer)), HtmlPage(to_html(rules, answer))
    check_readable(part, whole=False)
    assert page.text.endswith(part.text)
    assert not {"html", "head", "body", "meta", "link"} & {tag for tag, _ in part.tags}
    style = re.sub(r"/\*.*?\*/", "", re.findall(r"<style>(.*?)</style>", part.source, re.DOTALL)[0], flags=re.DOTALL)
    heads = [head.strip() for head in re.findall(r"([^{};]+)\{", style)]
    selectors = [selector.strip() for head in heads if not head.startswith("@media") for selector in head.split(",")]
    assert [selector for selector in selectors if not selector.startswith(".poems")] == []
    assert check({"polyneuropathy": True, "id": "p"}, rules=rules)._repr_html_() == part.source


@pytest.mark.parametrize("scheme", range(3))
def test_every_color_of_text_can_be_read(scheme: int) -> None:
    style = (ROOT / "poems_cli" / "report" / "templates" / "part.css").read_text()
    blocks = [dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in re.findall(r"\{[^{}]*--text:[^{}]*\}", style)]
    assert len(blocks) == 3  # light, dark, print
    colors = blocks[scheme]
    backs = ("back", "card", "present-back", "absent-back", "unknown-back")
    texts = ("text", "dim", "present", "absent", "unknown", "link")
    assert [(text, back) for text in texts for back in backs if contrast(colors[text], colors[back]) < 4.5] == []


def contrast(color: str, other: str) -> float:
    """The ratio of WCAG 2."""
    lighter, darker = sorted((luminance(color), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
