"""The clipboard, by whatever reaches it: the multiplexer, a program of the desktop, or the terminal itself."""

import os
import subprocess
from base64 import b64encode
from shutil import which
from typing import IO

from poems_cli.machine import is_dumb_terminal

#: Programs that fill the clipboard from their standard input, each with the variable that says its desktop is there.
_PROGRAMS = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
)
_PROGRAMS_ANYWHERE = (("pbcopy",), ("clip.exe",))

#: A session on another machine: its desktop is not where its user sits, but its terminal is.
_REMOTE = ("SSH_CONNECTION", "SSH_TTY")

_MOST = 74_000  # characters in base64; terminals pass over longer sequences
_SECONDS = 5

_COPIED = "the note was copied to the clipboard"
_SENT = "the note was sent to the terminal's clipboard; if it does not arrive there, print it with --format note"
_NO_CLIPBOARD = "the note was not copied: no clipboard was found here. Print it with --format note"


def copy(text: str, screen: IO[str]) -> str:
    """Copy a text, and say in a line what came of it; ``screen`` is where a terminal would be, if there is one."""
    for command in _programs():
        if _ran(command, text):
            return _COPIED
    return _SENT if _sent_to_terminal(text, screen) else _NO_CLIPBOARD


def _programs() -> list[tuple[str, ...]]:
    """The programs worth trying. A program says whether it worked, a terminal does not: it is asked last."""
    if os.environ.get("TMUX"):
        return [("tmux", "load-buffer", "-w", "-")]  # it passes over what is sent to its terminal unless set to allow it
    if any(os.environ.get(name) for name in _REMOTE):
        return []
    return [*(command for variable, command in _PROGRAMS if os.environ.get(variable)), *_PROGRAMS_ANYWHERE]


def _ran(command: tuple[str, ...], text: str) -> bool:
    """Whether the program exists and took the text; some stay behind to hold it, so their output is not waited for."""
    path = which(command[0])
    if path is None:
        return False
    try:
        done = subprocess.run(
            [path, *command[1:]],
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _sent_to_terminal(text: str, screen: IO[str]) -> bool:
    """Whether a terminal could be asked to take the text (OSC 52); it gives no answer."""
    coded = b64encode(text.encode()).decode("ascii")
    if not screen.isatty() or os.environ.get("TERM") in (None, "", "linux") or is_dumb_terminal() or len(coded) > _MOST:
        return False
    screen.write(f"\033]52;c;{coded}\a")
    screen.flush()
    return True
