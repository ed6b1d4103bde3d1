"""How far a long run is, on one line of the terminal that is gone when it ends."""

import sys
import threading
from collections.abc import Callable
from math import isfinite
from time import monotonic
from typing import IO, TYPE_CHECKING, Self

from poems_cli.machine import is_dumb_terminal
from poems_cli.report.numbers import span

if TYPE_CHECKING:
    from rich.progress import Progress as Line

#: Seconds between two looks; a run that is shorter shows nothing.
INTERVAL = 0.25

_WIDE = 80
_WIDEST_BAR = 40
_WORDS = 50  # columns that the longest words need
_PATIENCE = 2.0  # seconds for which the end of a run waits for its last look


class Progress:
    """Shows how far a run is while it is entered: a bar, percent, time left. Off a terminal, nothing.

    ``fraction`` says how much is done, from 0 to 1, or ``None`` where that is not known. It is asked from another thread; if
    it fails, that counts as not known. ``doing`` is the word before the bar. Nothing else should be written to the stream
    meanwhile.
    """

    def __init__(
        self,
        fraction: Callable[[], float | None],
        *,
        quiet: bool = False,
        stream: IO[str] | None = None,
        interval: float = INTERVAL,
        doing: str = "screening",
    ) -> None:
        self._doing = doing
        self._fraction = fraction
        self._quiet = quiet
        self._stream = stream
        self._interval = interval
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._line: Line | None = None
        self._farthest: float | None = None

    def __enter__(self) -> Self:
        stream = self._stream or sys.stderr
        if not self._quiet and _can_redraw(stream):
            self._thread = threading.Thread(target=self._watch, args=(stream, monotonic()), name="progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        try:
            if self._thread is not None:
                self._thread.join(_PATIENCE)
        finally:
            if self._line is not None:
                _erase(self._line)

    def _watch(self, stream: IO[str], started: float) -> None:
        """Look and draw until the run is over, or the terminal is."""
        try:
            while not self._done.wait(self._interval):
                fraction = self._ask()
                if self._done.is_set():
                    return
                words = progress_words(fraction, monotonic() - started)
                self._line = self._line or _line(stream, words, self._doing)
                self._line.update(
                    self._line.task_ids[0], total=None if fraction is None else 1, completed=fraction, words=words
                )
                self._line.refresh()
        except Exception:  # the terminal may be gone, which must not end the run
            return

    def _ask(self) -> float | None:
        """How far the run is; never less than before."""
        try:
            now = self._fraction()
        except Exception:  # whatever is wrong with the figure, the run itself goes on
            now = None
        if now is not None and isfinite(now):
            self._farthest = max(self._farthest or 0.0, min(1.0, max(0.0, now)))
        return self._farthest


def progress_words(fraction: float | None, seconds: float) -> str:
    """The text next to the bar after some seconds: percent and time left, as far as known."""
    if fraction is None:
        return f"{_whole_seconds(seconds)} so far"
    words = [f"{int(100 * fraction):3d} %"]
    if fraction > 0 and seconds > 0:
        words.append(f"{_whole_seconds(seconds * (1 - fraction) / fraction)} left")
    return ", ".join(words)


def _whole_seconds(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 59.5 else span(seconds)


def _can_redraw(stream: IO[str]) -> bool:
    try:
        return stream.isatty() and not is_dumb_terminal()
    except ValueError:  # it is closed
        return False


def _line(stream: IO[str], words: str, doing: str) -> "Line":
    """The line, drawn for the first time."""
    from rich.progress import BarColumn, Progress, TextColumn

    from poems_cli.report.console import make_console

    console = make_console(stream, redraws=True)
    wide = console.width >= _WIDE
    line = Progress(
        *[TextColumn(doing)] * wide,
        BarColumn(bar_width=min(_WIDEST_BAR, console.width - _WORDS - (len(doing) + 1) * wide)),
        TextColumn("{task.fields[words]}", markup=False),
        console=console,
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    line.add_task("", total=None, words=words)
    line.start()
    line.console.show_cursor(True)  # a killed run could not bring it back
    return line


def _erase(line: "Line") -> None:
    try:
        line.stop()
    except (OSError, ValueError):  # the terminal is gone, and the line with it
        return
