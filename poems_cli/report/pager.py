"""Text that is longer than the terminal: through a pager, or with what matters most repeated last."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which
from typing import IO

from poems_cli.machine import is_dumb_terminal

#: What ``less`` does unless ``LESS`` says otherwise: leave at once if all fits, show colors, leave the text on the screen.
_LESS = "FRX"


def show(text: str, stream: IO[str], *, paged: bool, last_line: str = "") -> None:
    """Write a text; where the terminal is shorter, through the pager, or followed by ``last_line`` where there is none.

    ``POEMS_PAGER`` and ``PAGER`` name the pager; an empty one or ``cat`` means none. A pager that is left early is not an
    error.
    """
    if not _is_longer(text, stream):
        stream.write(text)
    elif not (paged and _through_pager(text, stream)):
        stream.write(f"{text}\n{last_line}\n" if last_line else text)


def _is_longer(text: str, stream: IO[str]) -> bool:
    """Whether the stream is a terminal of known height with fewer lines than the text and the prompt after it."""
    if not stream.isatty():
        return False
    lines = os.environ.get("LINES", "")
    try:
        height = int(lines) if lines.isdecimal() else os.get_terminal_size(stream.fileno()).lines
    except (OSError, ValueError):
        return False
    return 0 < height <= text.count("\n")


def _command() -> list[str]:
    """The pager with its arguments; empty where there is none."""
    named = os.environ.get("POEMS_PAGER", os.environ.get("PAGER"))
    if named is None:
        return ["less"] if which("less") else []
    try:
        command = shlex.split(named)
    except ValueError:
        return []
    return [] if command == ["cat"] else command


def _through_pager(text: str, stream: IO[str]) -> bool:
    """Whether a pager showed the text."""
    command = _command()
    if not command or not os.environ.get("TERM") or is_dumb_terminal() or sys.stdin is None or not sys.stdin.isatty():
        return False
    stream.flush()
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stream, env={"LESS": _LESS, **os.environ})
    except OSError:
        return False
    with _interrupts_ignored():
        # It passes over a reader who has left.
        pager.communicate(text.encode(getattr(stream, "encoding", None) or "utf-8", "backslashreplace"))
    return pager.returncode <= 0  # above 0 it could not do it, as with a name or an option that does not exist


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ctrl-C is the pager's while it runs: it stops a search, and must not leave the terminal to both."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
