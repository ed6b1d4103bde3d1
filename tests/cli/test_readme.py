"""README is short, names the parts of the project, and its two commands are those that the gate runs."""

import re
import subprocess

import yaml

from poems_cli import __version__, exit_codes
from poems_cli.checking.check import exit_code_of
from poems_cli.model import Rules
from tests.cli.command import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SETUPS = [line for line in README.splitlines() if line.startswith("python3 -m venv")]


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 120


def test_every_criteria_set_is_there(rules: Rules) -> None:
    assert [set_id for set_id in rules.criteria if f"`{set_id}`" not in README] == []


def test_it_counts_the_mimics(rules: Rules) -> None:
    assert f"{len(rules.mimics)} **mimics**" in README
    assert f"{len(rules.mimics)} mimics" in (ROOT / "docs" / "mimics.md").read_text()


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["version"] == __version__


def test_the_disclaimer_is_there_once() -> None:
    assert README.count("not a medical device") == 1


def test_every_exit_code_is_explained() -> None:
    page = (ROOT / "docs" / "howto-scripts.md").read_text(encoding="utf-8")
    explained = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    named = {value for name, value in vars(exit_codes).items() if name.startswith("EXIT_")}
    assert explained == named | {0} | {exit_code_of([verdict]) for verdict in ("met", "not met", "undetermined")}


def test_the_gate_runs_the_two_commands_of_readme() -> None:
    gate = (ROOT / ".ci" / "run").read_text()
    extracts = [line for line in gate.splitlines() if re.match(r"(commands|to_start|to_test)=", line)]
    script = "\n".join([*extracts, 'printf "%s\\n" "$to_start" "$to_test"'])
    ran = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(SETUPS) == 2
    assert ran.stdout.splitlines() == SETUPS
    assert SETUPS[0].endswith(".venv/bin/poems check docs/patient.json")
    for run in ('bash -euo pipefail -c "$to_start"', 'bash -euo pipefail -c "$to_test"'):
        assert run in gate
