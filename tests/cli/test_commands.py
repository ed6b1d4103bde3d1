"""The other commands: explain, rules lint, test and show, --version, and the help texts."""

import re
import shutil
from pathlib import Path

import pytest

from poems_cli import __version__
from poems_cli.explain import topics
from poems_cli.model import Rules
from tests.cli.command import ROOT, poems


@pytest.mark.parametrize("topic", ["poems", "vegf_elevated", "mhlw", "ct_low_dose_whole_body", "suichi-2019"])
def test_explain_a_topic(topic: str, rules: Rules, tmp_path: Path) -> None:
    assert topic in topics(rules)
    ran = poems("explain", topic, folder=tmp_path, COLUMNS="80")
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 80
    page = poems("explain", topic, "--markdown", folder=tmp_path)
    assert (page.code, page.err) == (0, "")
    assert page.out.startswith("# ")


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("vegf_elevatd", "did you mean 'vegf_elevated'?"),
        ("Papiledema", "did you mean 'papilledema'?"),
        ("vegf", "'vegf_elevated' or "),
        ("qqqq", "poems rules show lists every id"),
    ],
)
def test_explain_an_unknown_topic(topic: str, message: str, tmp_path: Path) -> None:
    ran = poems("explain", topic, folder=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert f"no topic {topic!r}; " in ran.err
    assert message in ran.err


@pytest.mark.parametrize("topic", ["Papilledema", "Optic disc edema", "papilloedema"])
def test_explain_knows_a_finding_by_any_of_its_names(topic: str, tmp_path: Path) -> None:
    ran = poems("explain", topic, folder=tmp_path)
    assert ran == poems("explain", "papilledema", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")


def test_rules_lint(tmp_path: Path) -> None:
    ran = poems("rules", "lint", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ": no problems (" in ran.out


def test_rules_lint_says_every_problem_with_its_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "my-rules", ignore=shutil.ignore_patterns("examples"))
    entry = tmp_path / "my-rules" / "poems.yaml"
    text = entry.read_text().replace("kind: boolean", "kind: bolean", 1) + "\nnonsense: 1\n"
    entry.write_text(text)
    lines = text.splitlines()
    ran = poems("rules", "lint", "my-rules/poems.yaml", folder=tmp_path)
    assert ran.code == 10
    wrong = next(number for number, line in enumerate(lines, 1) if "bolean" in line)
    places = [line.split(": ")[0] for line in ran.out.splitlines()]
    assert f"poems.yaml:{len(lines)}" in places
    assert any(place == f"poems.yaml:{wrong}" for place in places)
    assert f"{len(places)} problems" in ran.err


def test_rules_test_passes(tmp_path: Path) -> None:
    ran = poems("rules", "test", str(ROOT / "rules" / "examples" / "vectors.yaml"), folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(r"[1-9]\d* cases passed, 0 failed\n", ran.out)


def test_rules_show(rules: Rules, tmp_path: Path) -> None:
    ran = poems("rules", "show", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("# ")
    assert [finding for finding in rules.findings if finding not in ran.out] == []
    assert poems("rules", "show", "--path", folder=tmp_path).out == f"{ROOT / 'rules'}\n"


def test_version_tells_program_and_rules(rules: Rules, tmp_path: Path) -> None:
    ran = poems("--version", folder=tmp_path)
    identity = rules.identity
    assert ran == (0, f"poems {__version__} (rules {identity.version}, sha256 {identity.sha256[:12]})\n", "")


COMMANDS = ["", "check", "explain", "template", "schema", "rules", "rules lint", "rules test", "rules show"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_terminal_of_80_columns(command: str, tmp_path: Path) -> None:
    ran = poems(*command.split(), "--help", folder=tmp_path, COLUMNS="80")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: poems {command}".strip())
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "..." not in ran.out.replace("]...", "")  # nothing is cut
    assert ran.out == poems(*command.split(), "-h", folder=tmp_path, COLUMNS="80").out
