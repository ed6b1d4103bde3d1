"""HTML pages as the command writes them."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.command import ROOT, poems, python
from tests.html_page import HtmlPage, check_readable

HOSTILE = "<svg onload=alert(1)>**x** [y](javascript:z) </title><script>"


def test_a_patients_page_needs_nothing_else(folder: Path) -> None:
    ran = poems("check", str(ROOT / "docs" / "patient.json"), "-o", "report.html", folder=folder)
    assert ran == (0, "", "")
    page = HtmlPage((folder / "report.html").read_text(encoding="utf-8"))
    check_readable(page)
    assert page.count("script") == 0
    assert len(page.source) < 200_000


def test_options_decide_how_much_it_shows(folder: Path) -> None:
    usual, explained, mimics, tests = (
        HtmlPage(poems("check", "open.json", "-f", "html", *option, folder=folder).out)
        for option in ([], ["--explain"], ["--all-mimics"], ["--explain", "--all-tests"])
    )
    assert "Every set, step by step" in explained.text
    assert "Every set, step by step" not in usual.text
    assert mimics.count("tr") > usual.count("tr") + 20
    assert re.search(r"Next tests the first 6 of \d+", usual.text)
    assert "Next tests the first" not in tests.text


@pytest.mark.parametrize("form", ["table", "json", "markdown", "html", "svg", "note"])
def test_markup_in_a_record_is_text_in_every_format(form: str, folder: Path) -> None:
    findings = {"polyneuropathy": True, "csf_protein": {"value": None, "reason": HOSTILE}}
    (folder / "hostile.json").write_text(json.dumps({"id": HOSTILE, "findings": findings}))
    ran = poems("check", "hostile.json", "-f", form, *["--explain"] * (form in ("markdown", "html")), folder=folder)
    assert (ran.code, ran.err) == (0, "")
    if form == "html":
        page = HtmlPage(ran.out)
        check_readable(page)
        assert page.text.count(HOSTILE) >= 2
        assert page.count("script") == 0
    elif form == "svg":
        page = HtmlPage(ran.out)
        assert page.faults == []
        assert {tag for tag, _ in page.tags} == {"svg", "title", "style", "rect", "text"}
    elif form == "markdown":
        assert not re.search(r"(?<!\\)<(svg|script|/title)|(?<!\\)\*\*x|(?<!\\)\]\(", ran.out)
    else:
        assert "<svg onload=alert(1)>" in ran.out


def test_a_stream_that_is_not_utf_8_gets_the_same_page(folder: Path) -> None:
    (folder / "p.json").write_text(json.dumps({"id": "\u6f22\u00e9", "polyneuropathy": True}))
    ran = poems("check", "p.json", "-f", "html", folder=folder, PYTHONIOENCODING="ascii")
    assert ran.code == 0
    assert "\u6f22\u00e9" in HtmlPage(ran.out).text


def test_no_other_format_waits_for_the_templates(folder: Path) -> None:
    code = (
        "import sys; from poems_cli.commands.app import app\n"
        "try: app()\nfinally: print('jinja2' in sys.modules, file=sys.stderr)"
    )
    for form, loaded in (("table", "False\n"), ("html", "True\n")):
        assert python(code, "check", "open.json", "-f", form, folder=folder).err == loaded


# --- the rules --------------------------------------------------------------------------------------------------------


def test_the_rules_are_a_page_by_option_or_by_the_name_of_the_file(folder: Path) -> None:
    assert poems("rules", "show", "-o", "rules.html", folder=folder) == (0, "", "")
    page = (folder / "rules.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert poems("rules", "show", "--html", folder=folder).out == page
    assert poems("rules", "show", "--html", "--path", folder=folder).err == (
        "poems: --html: it has no effect here; --path says where the files are and writes no page\n"
    )


# --- a screening ------------------------------------------------------------------------------------------------------

TABLE = "id,polyneuropathy,papilledema\nsecret-1,yes,no\nsecret-2,no,\n"


def test_a_screening_has_a_report(folder: Path) -> None:
    (folder / "ward.csv").write_text(TABLE)
    ran = poems("screen", "ward.csv", "-o", "out.csv", "--report", "report.html", "--summary", "s.json", folder=folder)
    assert ran.code == 0
    assert "report to report.html" in ran.err
    page = HtmlPage((folder / "report.html").read_text(encoding="utf-8"))
    check_readable(page)
    assert "secret" not in page.source
    assert json.loads((folder / "s.json").read_text())["outputs"][-1] == {"kind": "report", "path": "report.html", "rows": None}
    hidden = ["screen", "ward.csv", "-q", "-o", "out.csv", "--report", "report.html", "--min-count", "5"]
    assert poems(*hidden, folder=folder) == (0, "", "")
    assert "rows: <5" in HtmlPage((folder / "report.html").read_text(encoding="utf-8")).text


def test_a_report_is_complete_or_absent_and_never_replaces_an_input(folder: Path) -> None:
    (folder / "ward.csv").write_text(TABLE.replace("yes", "perhaps"))
    (folder / "report.html").write_text("older")
    ran = poems("screen", "ward.csv", "-q", "-o", "out.csv", "--strict", "--report", "report.html", folder=folder)
    assert ran.code == 11
    assert (folder / "report.html").read_text() == "older"
    assert not (folder / "out.csv").exists()
    ran = poems("screen", "ward.csv", "-q", "-o", "out.csv", "--report", "ward.csv", folder=folder)
    assert (ran.code, ran.err) == (
        2,
        "poems: ward.csv: it is read in this run, and would be lost; name another file to write\n",
    )
    for options, mend in (
        (["--min-count", "5"], "it works with --report FILE"),
        (["--suggest-map", "--report", "r.html"], "--suggest-map answers nothing; leave it out"),
    ):
        ran = poems("screen", "ward.csv", *options, folder=folder)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.endswith(f"it has no effect here; {mend}\n")
