"""Runs the command as a user does: another process, another folder, its own streams."""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
MODULE = (sys.executable, "-m", "poems_cli")
AS_DRAWN = pytest.mark.skipif(
    tuple(map(int, version("rich").split(".")[:2])) < (14, 3), reason="what is shown was drawn with Rich 14.3 or later"
)
_PATIENCE = 120  # seconds until a run that does not end is stopped


class Ran(NamedTuple):
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def answers(self) -> list[Any]:
        """The answers of ``--format json``."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(**more: str) -> dict[str, str]:
    """This process's, without what decides the width, the colors, the pager and the clipboard."""
    decided = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "POEMS_PAGER", "PAGER", "LESS")
    decided += ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "SSH_CONNECTION", "SSH_TTY")
    inherited = {key: value for key, value in os.environ.items() if key not in decided}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "", **more}


def poems(*arguments: str, folder: Path, stdin: bytes | str = b"", program: Sequence[str] = MODULE, **more: str) -> Ran:
    """Run ``poems`` in ``folder``, with ``more`` in its environment."""
    done = subprocess.run(
        [*program, *arguments],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        cwd=folder,
        env=environment(**more),
        timeout=_PATIENCE,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def python(code: str, *arguments: str, folder: Path, **more: str) -> Ran:
    """Run ``code``, which may change the program before it starts it."""
    return poems(*arguments, folder=folder, program=(sys.executable, "-c", code), **more)


def on_terminal(*arguments: str, folder: Path, program: Sequence[str] = MODULE, rows: int = 0, **more: str) -> tuple[int, str]:
    """Run ``poems`` with a terminal for all three streams; its exit code and what the terminal got.

    ``rows`` is the terminal's height; 0 is unknown.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
    process = subprocess.Popen(
        [*program, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=folder,
        env=environment(**{"TERM": "xterm", **more}),
    )
    os.close(slave)
    output = b""
    until = time.monotonic() + _PATIENCE
    try:
        while time.monotonic() < until:
            if select.select([master], [], [], 1)[0]:
                try:
                    piece = os.read(master, 1 << 16)
                except OSError:  # Linux: the other side is closed
                    break
                if not piece:
                    break
                output += piece
        return process.wait(timeout=10), output.decode().replace("\r\n", "\n")
    finally:
        os.close(master)
        if process.poll() is None:
            process.kill()
            process.wait()


def patient(identity: str, **findings: Any) -> dict[str, Any]:
    return {"id": identity, "findings": findings}


#: One patient of each verdict of the default set.
MET = patient(
    "met",
    polyneuropathy=True,
    monoclonal_plasma_cell_disorder=True,
    castleman_disease=True,
    papilledema=True,
)
NOT_MET = patient("not-met", polyneuropathy=False)
OPEN = patient("open", polyneuropathy=True)
CONTRADICTORY = patient("contradictory", skin_changes=False, white_nails=True)


def write(path: Path, *patients: Mapping[str, Any]) -> Path:
    """Patients in a file: one as an object, several one per line."""
    path.write_text("".join(json.dumps(record) + "\n" for record in patients), encoding="utf-8")
    return path
