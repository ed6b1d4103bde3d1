"""The page of the rules: all criteria sets side by side, everything else by name, and one script for the search."""

import base64
import hashlib
import re

import pytest

from poems_cli.explain.html_rules import nested, rules_html
from poems_cli.model import Rules
from poems_cli.report.criteria_comparison import FORBIDDEN, REQUIRED, Cell, columns, compare
from poems_cli.report.words import Line
from tests.html_page import HtmlPage, check_readable


@pytest.fixture(scope="module")
def page(rules: Rules) -> HtmlPage:
    return HtmlPage(rules_html(rules))


def test_it_is_well_formed_and_fetches_nothing(page: HtmlPage) -> None:
    check_readable(page)


def test_its_one_script_is_the_only_one_that_may_run(page: HtmlPage) -> None:
    [script] = re.findall(r"<script>(.*?)</script>", page.source, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'\">" in page.source


def test_every_link_of_the_contents_leads_somewhere(page: HtmlPage) -> None:
    targets = {attributes.get("id") for _, attributes in page.tags}
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a" and str(attributes["href"]).startswith("#")]
    assert len(links) > 400
    assert [link for link in links if str(link)[1:] not in targets] == []


def test_everything_that_the_rules_have_has_an_entry_that_the_search_finds(rules: Rules, page: HtmlPage) -> None:
    entries = {attributes["id"] for _, attributes in page.tags if "data-entry" in attributes and "id" in attributes}
    for kind, names in (
        ("finding", rules.findings),
        ("mimic", rules.mimics),
        ("criteria-set", {**rules.criteria, **rules.mimic_criteria}),
        ("test", rules.tests),
        ("warning", [warning.id for warning in rules.warnings]),
        ("red-flag", [flag.id for flag in rules.red_flags]),
    ):
        assert {f"{kind}-{name}".lower() for name in names} <= entries, kind
    text = page.text
    assert all(f" {source} " in text for source in rules.sources)


def test_a_finding_has_its_frequencies_and_weights_in_every_disease(rules: Rules, page: HtmlPage) -> None:
    entry = page.source.partition('id="finding-severe_leg_pain"')[2].partition("<article")[0]
    rows = HtmlPage(entry.partition('aria-label="How often, and what it weighs">')[2].partition("</div>")[0]).text
    assert "disease item in the disease in the reference points if present points if absent" in rows
    assert re.search(r"POEMS syndrome .*? \d+ %.*?, [a-z]+-\d{4} .*? [+-]\d", rows)


def test_the_comparison_says_what_each_set_asks_for(rules: Rules) -> None:
    heads = [f"{column.set_id} {column.level}".strip() for column in columns(rules)]
    assert heads == [
        *["mayo", "mayo-2003", "imwg-2014", "mhlw definite", "mhlw probable", "mhlw possible", "suichi-2019"],
        "castleman-variant",
    ]
    rows = {row.name: dict(zip(heads, row.cells, strict=True)) for row in compare(rules)}

    def role(name: str, head: str) -> str | None:
        cell = rows[name][head]
        return None if cell is None else cell.role

    assert role("Polyneuropathy", "mayo") == REQUIRED
    assert role("Polyneuropathy", "castleman-variant") is None
    assert role("Monoclonal plasma cell disorder", "castleman-variant") == FORBIDDEN
    assert role("Castleman disease on biopsy", "castleman-variant") == REQUIRED
    assert role("Castleman disease on biopsy", "mayo") == "other major criterion, 1 of 3"
    assert role("Castleman disease on biopsy", "mayo-2003") == "minor criterion, 1 of 7"
    assert role("Raised VEGF", "mayo-2003") is None
    assert role("Swelling of the optic discs", "suichi-2019") is None
    assert rows["Raised VEGF"]["mhlw definite"] == Cell(
        REQUIRED, "serum VEGF of 1000 pg/mL or more", rows["Raised VEGF"]["mhlw probable"].definition
    )
    assert rows["Monoclonal plasma cell disorder"]["mhlw definite"].reading == "monoclonal (M) protein in serum or urine"
    assert {row.name: row.difference for row in compare(rules)}["Organomegaly"] == "asked by 8 of 8"
    asked = [sum(cells[head] is not None for cells in rows.values()) for head in heads]
    assert asked == [11, 9, 11, 11, 10, 9, 7, 8]


def test_an_outline_is_a_tree() -> None:
    tree = nested((Line(0, "a"), Line(1, "b"), Line(2, "c"), Line(1, "d"), Line(0, "e")))
    assert [(node.text, [under.text for under in node.under]) for node in tree] == [("a", ["b", "d"]), ("e", [])]
    assert [node.text for node in tree[0].under[0].under] == ["c"]


def test_markup_in_the_rules_is_text(rules: Rules) -> None:
    bad = "</script><img src=x onerror=alert(1)>"
    finding = rules.findings["polyneuropathy"]._replace(label=bad)
    criteria = rules.criteria["mayo"]._replace(title=bad, short=bad)
    changed = rules._replace(
        title=bad, findings={**rules.findings, "polyneuropathy": finding}, criteria={**rules.criteria, "mayo": criteria}
    )
    hostile = HtmlPage(rules_html(changed))
    check_readable(hostile)
    assert hostile.count("img") == 0
    assert hostile.count("script") == 1
