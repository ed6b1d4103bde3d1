"""The page of a screening: counts, never a row; small ones hidden on request."""

import re
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path

import pytest

from poems_cli.model import Rules
from poems_cli.report.html_screening import screening_html
from poems_cli.screening.options import ScreenOptions
from poems_cli.screening.screen import screen
from poems_cli.screening.summary import Summary
from tests.html_page import HtmlPage, check_readable

HEADINGS = "id,polyneuropathy,monoclonal_protein,plasma VEGF (pg/mL),papilledema,platelets (10*9/L),diagnosis_label,color <b>\n"
ROWS = [
    *["yes,yes,900,yes,200,,red"] * 3,  # met
    *["yes,yes,,yes,200,cidp,red"] * 6,  # one finding more would meet it
    *["yes,,900,yes,500,cidp,"] * 30,
    *["no,,,,,,"] * 40,
    *["perhaps,,<script>,,,,"] * 2,
]
TABLE = HEADINGS + "".join(f"secret-{number},{row}\n" for number, row in enumerate(ROWS))


@pytest.fixture(scope="module")
def summary(rules: Rules, tmp_path_factory: pytest.TempPathFactory) -> Summary:
    folder = tmp_path_factory.mktemp("screened")
    (folder / "ward <i>.csv").write_text(TABLE)
    path, out, report = (str(folder / name) for name in ("ward <i>.csv", "out.csv", "report.html"))
    options = ScreenOptions((path,), (out,), report=report, quiet=True)
    summaries: list[Summary] = []
    screen(rules, options, BytesIO(), lambda _: nullcontext(), lambda summary: summaries.append(summary) or "page")  # type: ignore[func-returns-value]
    assert Path(report).read_text() == "page"
    return summaries[0]


def page_of(rules: Rules, summary: Summary, least: int = 0) -> HtmlPage:
    return HtmlPage(screening_html(rules, summary, least))


@pytest.mark.parametrize("least", [0, 5, 1000])
def test_it_is_well_formed_and_has_no_row(least: int, rules: Rules, summary: Summary) -> None:
    page = page_of(rules, summary, least)
    check_readable(page)
    assert page.count("script") == 0
    assert "secret" not in page.source
    assert len(page.source) < 500_000


def test_it_shows_what_a_hospital_wants_to_know(rules: Rules, summary: Summary) -> None:
    text = page_of(rules, summary).text
    for words in (
        "Mayo: verdicts Verdict Rows Share met 3 3.70 % undetermined 38 46.91 % not met 40 49.38 %",
        "1 more finding rows: 36, 44.44 % Next test Rows Share",
        "Conditions of Mayo that hold Conditions Rows Share 0 of 4 42 51.85 % 1 of 4 0 0.00 % 2 of 4 0 0.00 % 3 of 4 36",
        "Minor criterion: how many are present (needed: 1 of 6) Present Rows Share 0 42 51.85 % 1 9 11.11 % 2 30 37.04 % 3 0",
        "plasma VEGF (pg/mL) Plasma VEGF pg/mL 33 40.74 %",
        "Never measured: no column says anything of Castleman disease on biopsy;",
        "Columns not read Column Why How to mend it color <b>",
        "Called CIDP, rows: 36 Red flag Rows Share Swollen optic discs 36 100.00 % Platelets over 450 30 83.33 %",
        "polyneuropathy, read as polyneuropathy",
        "Not understood, and therefore unknown: cells 4, in rows 2.",
        "ward <i>.csv",
    ):
        assert words in text


def test_small_counts_are_hidden_and_what_would_give_them_away(rules: Rules, summary: Summary) -> None:
    page = page_of(rules, summary, 5)
    text = page.text
    assert "met <5 undetermined hidden not met 40" in text  # else 81 - 38 - 40 were met
    assert "0 of 4 42 51.85 % 1 of 4 <5 2 of 4 <5 3 of 4 hidden 4 of 4 <5" in text
    assert "how many are present" not in text
    assert "cells <5, in rows <5" in text
    assert 'Counts below 5 are hidden, and so are those, marked "hidden", from which they could be worked out.' in text
    numbers = {int(word.replace(",", "")) for word in re.findall(r'<td class="number"[^>]*>([\d,]+)</td>', page.source)}
    assert numbers
    assert min(numbers) >= 5


def test_all_is_hidden_where_there_are_too_few_rows(rules: Rules, summary: Summary) -> None:
    page = page_of(rules, summary, 1000)
    assert "rows: <1000" in page.text
    assert set(re.findall(r'<td class="number"[^>]*>([^<]*)</td>', page.source)) <= {"&lt;1000", "", "hidden"}
    assert page.source.count("%</td>") == 0
