import re

import pytest

from poems_cli.explain.rules_document import rules_markdown
from poems_cli.model import Compare, Rules
from poems_cli.phrases import capital
from poems_cli.report.markdown import escaped
from poems_cli.report.words import condition


@pytest.fixture(scope="module")
def page(rules: Rules) -> str:
    return rules_markdown(rules)


def test_everything_of_the_rules_is_on_the_page(rules: Rules, page: str) -> None:
    for finding in rules.findings:
        assert f"| {finding} |" in page
    for criteria in rules.criteria.values():
        assert f"### {escaped(capital(criteria.title))}" in page
    for mimic in rules.mimics.values():
        assert f"### {escaped(capital(mimic.name))}" in page
        for item in mimic.evidence:
            assert escaped(capital(item.reason)) in page
    for own in rules.mimic_criteria.values():
        assert f"### {escaped(capital(own.title))}" in page
    for cause in rules.causes:
        assert f"### {escaped(capital(cause.name))}" in page
    for text in (
        *[step.text for step in rules.staging],
        *[test.sensible_words for test in rules.tests.values() if test.sensible_words],
    ):
        assert escaped(capital(text)) in page or escaped(text) in page
    assert rules.outlook is not None
    assert rules.outlook.follow_up is not None
    for factor in (*rules.outlook.factors, *rules.outlook.fork):
        assert escaped(factor.text) in page
    for text, _ in [fact for note in rules.outlook.notes for fact in note.facts]:
        assert escaped(text) in page
    for level in [level for domain in rules.outlook.follow_up.response for level in domain.levels]:
        assert escaped(level.text) in page
    for flag in rules.red_flags:
        assert f"### {escaped(capital(flag.text))}" in page
    for described in rules.labels.values():
        assert escaped(described.text) in page
    for test in (*rules.tests, *rules.sources, *(warning.id for warning in rules.warnings)):
        assert test in page


def test_every_limit_has_its_source(rules: Rules, page: str) -> None:
    platelets = rules.findings["thrombocytopenia"].definition
    assert isinstance(platelets, Compare)
    row = f"| thrombocytopenia | {escaped(condition(rules, platelets))} |"
    assert row in page
    table = page.split("## Every limit in one table")[1].split("## Sources")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) > 40
    assert not [line for line in rows if line.split(" | ")[2].strip() == ""]


def test_defaults_and_limits_from_memory_are_marked(page: str) -> None:
    assert page.count("limit of this program: no paper gives one") > 10
    assert page.count(", recalled") > 10


def test_the_tables_are_whole(page: str) -> None:
    width = None
    for line in page.splitlines():
        if line.startswith("|"):
            cells = len(re.findall(r"(?<!\\)\|", line))
            width = width or cells
            assert cells == width, line
        else:
            width = None


def test_headings_are_of_one_kind_and_no_line_is_left_open(page: str) -> None:
    assert page.startswith("# ")
    assert page.endswith("\n")
    assert not page.endswith("\n\n")
    assert "\n\n\n" not in page
