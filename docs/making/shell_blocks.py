"""The shell commands of a page, run as they are written, one after the other in one folder.

A block of ``sh`` is run by bash. A block of ``text`` right behind it is what the commands print, which the page is held to. A
block with a ``title="NAME"`` is a file of that name. A block of ``shell`` is shown and not run: it installs something, or needs
what is not here.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_SETUP = "python3 -m venv"  # the lines that set the program up: CI runs them
_DECIDED = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "POEMS_PAGER", "PAGER", "DISPLAY", "WAYLAND_DISPLAY", "TMUX")
_TOOLS = ("jq",)  # where one is not installed, the blocks that need it are left as they are
_PATIENCE = 300  # seconds until a command that hangs is given up


class Page(NamedTuple):
    """A page with its outputs as they are today, and what went wrong while its commands ran."""

    text: str
    problems: tuple[str, ...]


def run_page(text: str) -> Page:
    """Run the commands of a page in a folder of their own, which has ``docs`` and ``rules`` as a clone has them."""
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = _desk(Path(name))
        pieces, end, printed = [], 0, None
        for block in _BLOCK.finditer(text):
            between = text[end : block.start()]
            pieces.append(between)
            whole, body = block.group(0), block["text"]
            if block["title"]:
                (folder / block["title"]).write_text(body, encoding="utf-8")
            if block["language"] == "text" and printed is not None and not between.strip():
                whole = f"```text\n{printed}```"
            runs = block["language"] == "sh" and all(shutil.which(tool) for tool in _TOOLS if f"{tool} " in body)
            printed = _run(body, folder, problems) if runs else None
            pieces.append(whole)
            end = block.end()
        return Page("".join([*pieces, text[end:]]), tuple(problems))


def _desk(folder: Path) -> Path:
    desk = folder / "desk"
    desk.mkdir()
    for shared in ("docs", "rules"):
        shutil.copytree(_ROOT / shared, desk / shared, ignore=shutil.ignore_patterns("making", "__pycache__", "pictures"))
    script = folder / "bin" / "poems"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m poems_cli "$@"\n')
    script.chmod(0o755)
    return desk


def _run(commands: str, folder: Path, problems: list[str]) -> str:
    """What the commands print, each run as it is written; what fails is added to the problems."""
    lines = [line for line in commands.replace("\\\n", "").splitlines() if line.strip() and not line.startswith("#")]
    printed = ""
    for line in _whole(lines):
        if line.startswith(_SETUP):
            continue
        ran = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False, input="", timeout=_PATIENCE,
        )  # fmt: skip
        wanted = re.search(r"#.*\bexit codes? (?P<codes>[\d, or]+)", line)
        allowed = {int(code) for code in re.findall(r"\d+", wanted["codes"])} if wanted else {0}
        if ran.returncode not in allowed:
            problems.append(f"{line}\n  ended with exit code {ran.returncode}\n  {ran.stderr.strip()}")
        printed += ran.stderr + ran.stdout
    return printed


def _whole(lines: Sequence[str]) -> list[str]:
    """The commands, with the lines of a loop or of a here-document in one."""
    commands: list[str] = []
    open_end = ""
    for line in lines:
        if open_end:
            commands[-1] += f"\n{line}"
            open_end = "" if line == open_end else open_end
            continue
        commands.append(line)
        if found := re.search(r"<<'?(\w+)'?", line):
            open_end = found[1]
        elif re.match(r"(for|while) .*; do$", line):
            open_end = "done"
        elif re.match(r"(case) .* in$", line):
            open_end = "esac"
    return commands


def _environment(folder: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in _DECIDED}
    search = os.pathsep.join([str(_ROOT), *filter(None, [kept.get("PYTHONPATH")])])
    path = f"{folder.parent / 'bin'}:{Path(sys.executable).parent}:{kept['PATH']}"
    return {**kept, "PATH": path, "PYTHONPATH": search, "XDG_STATE_HOME": str(folder.parent / "state"), "COLUMNS": "80"}
