"""README says all that there is, and all that it says works."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from poems_cli import exit_codes
from poems_cli.checking.check import exit_code_of
from poems_cli.commands.app import app
from poems_cli.model import Rules
from tests.cli.command import ROOT, environment

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if "poems " in line and "venv" not in line]


def walk(command: object, path: tuple[str, ...] = ("poems",)) -> Iterator[tuple[tuple[str, ...], object]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk(inner, (*path, name))


def every_command() -> list[tuple[tuple[str, ...], object]]:
    return list(walk(typer.main.get_command(app)))


def test_every_command_is_there() -> None:
    names = [" ".join(path) for path, command in every_command() if not getattr(command, "commands", None)]
    assert len(names) >= 7
    assert [name for name in names if not re.search(rf"\b{name}\b", README)] == []


def test_every_option_is_there() -> None:
    missing = {
        (" ".join(path), parameter.opts[0])
        for path, command in every_command()
        for parameter in command.params  # type: ignore[attr-defined]
        if parameter.param_type_name == "option" and parameter.name != "help"
        if not any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", README) for name in parameter.opts)
    }
    assert missing == set()


def test_every_exit_code_is_there() -> None:
    table = README.split("## Exit codes")[1].split("\n## ")[0]
    shown = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE) for code in row.split(",")}
    named = {value for name, value in vars(exit_codes).items() if name.startswith("EXIT_")}
    assert shown == named | {0} | {exit_code_of([verdict]) for verdict in ("met", "not met", "undetermined")}


def test_every_criteria_set_is_there(rules: Rules) -> None:
    table = re.findall(r"^\| `([^`]+)` \| .* \| (.*) \|$", README, re.MULTILINE)
    assert {name: levels.split(", ") for name, levels in table} == {
        one.id: [level.id for level in one.levels] for one in rules.criteria.values()
    }


def test_the_gate_runs_the_two_commands_of_readme() -> None:
    gate = (ROOT / ".ci" / "run").read_text()
    extracts = [line for line in gate.splitlines() if re.match(r"commands?=\$\(", line)]
    script = "\n".join(line + '\nprintf "%s\\n" "$command"' * line.startswith("command=") for line in extracts)
    found = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    setups = [line for block in BLOCKS for line in block.splitlines() if line.startswith("python3 -m venv")]
    assert len(setups) == 2
    assert found.stdout.splitlines() == setups
    assert setups[0].endswith(".venv/bin/poems check docs/patient.json")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that README names."""
    folder = tmp_path_factory.mktemp("desk")
    example = re.findall(r"^```json\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)[0]
    (folder / "example.json").write_text(example)
    (folder / "ward.jsonl").write_text(json.dumps(json.loads(example)) + "\n")
    (folder / "ward.csv").write_text("id,Polyneuropathy,M protein,Platelets (K/uL)\n007,yes,,451\n008,no,unknown,>200\n")
    (folder / "answers.txt").write_text("polyneuropathy: yes\nserum_vegf: 2,812 pg/mL (0-700)\nclone: not done\n")
    (folder / "map.yaml").write_text("id: id\ncolumns:\n  Polyneuropathy: polyneuropathy\n")
    shutil.copy(ROOT / "docs" / "visits.jsonl", folder / "visits.jsonl")
    shutil.copytree(
        ROOT / "rules", folder / "my-rules", ignore=shutil.ignore_patterns("definitions.yaml", "mhlw.yaml", "imwg*")
    )
    (folder / "bin").mkdir()
    script = folder / "bin" / "poems"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m poems_cli "$@"\n')
    script.chmod(0o755)
    return folder


def test_it_shows_commands() -> None:
    assert len(COMMANDS) >= 15


@pytest.mark.parametrize("command", COMMANDS)
def test_what_it_shows_works(command: str, desk: Path) -> None:
    if "jq " in command and shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    shutil.copy(desk / "example.json", desk / "patient.json")
    env = environment(XDG_STATE_HOME=str(desk / "state"))
    env["PATH"] = f"{desk / 'bin'}:{env['PATH']}"
    asks = "--ask" in command or "--resume" in command or re.match(r"poems check\s+#", command)
    if asks:  # here is no terminal to type at: the input ends at once, and the result is shown
        command = re.sub(r"^poems check\s+#", "poems check --ask #", command)
        subprocess.run(
            [desk / "bin" / "poems", "check", "--ask"], cwd=desk, env=env, input=b"y\n", capture_output=True, check=True
        )
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=desk, env=env, capture_output=True, text=True, check=False, input=""
    )
    tells = asks or (command.startswith("poems screen") and "--quiet" not in command and "--suggest-map" not in command)
    assert (ran.stderr == "") is not bool(tells)
    assert ran.returncode in ((0, 20, 21) if "--exit-verdict" in command else (0,))


def test_the_example_patient_is_answered(desk: Path) -> None:
    env = environment()
    command = [sys.executable, "-m", "poems_cli", "check", "example.json"]
    ran = subprocess.run(command, cwd=desk, env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
