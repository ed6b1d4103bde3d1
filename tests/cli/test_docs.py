"""The documentation is current: its generated parts, its commands as run, its links, its manual page."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import AS_DRAWN, ROOT, environment

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
CHECKED = [ROOT / "README.md", *PAGES, DOCS / "poems.1", DOCS / "architecture.svg"]
WRITTEN = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
MADE_BY_THE_SITE = {"rules.html"}


WITH_COMMANDS = [path for path in CHECKED if "```sh\n" in path.read_text(encoding="utf-8")]
WITHOUT = [path for path in CHECKED if path not in WITH_COMMANDS]


@AS_DRAWN
@pytest.mark.parametrize("paths", [WITHOUT, *([path] for path in WITH_COMMANDS)], ids=lambda paths: paths[-1].name)
def test_examples_in_the_pages_are_current(paths: list[Path]) -> None:
    """Its commands work as they are written, and print what it shows."""
    command = [sys.executable, str(DOCS / "build.py"), "--check", *map(str, paths)]
    ran = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the site makes them."""
    headings = re.findall(
        r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        if re.match(r"(https?|mailto):", target) or name in MADE_BY_THE_SITE:
            continue
        linked = page if not name else page.parent / name
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)
    assert broken == []


def test_every_page_is_in_the_navigation() -> None:
    listed = set(re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE))
    assert listed == {page.name for page in PAGES}


@pytest.mark.skipif(importlib.util.find_spec("material") is None, reason="the extra 'docs' is not installed")
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    ran = subprocess.run(
        command, cwd=ROOT, env=environment(NO_MKDOCS_2_WARNING="1"), capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr.strip()) == (0, "")
    assert {"index.html", "rules.html", "patients.html"} <= {path.name for path in (tmp_path / "site").iterdir()}


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_manual_page_is_set_without_a_warning() -> None:
    command = ["groff", "-man", "-Tutf8", "-ww", "-rLL=80n", str(DOCS / "poems.1")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    plain = re.sub(r"\x1b\[[\d;]*m|.\x08", "", ran.stdout)
    assert "poems screen" in plain
    assert "--exit-verdict" in plain
    assert max(map(len, plain.splitlines())) <= 80
