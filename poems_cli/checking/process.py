"""The process: its three streams, and the signals that end it."""

import io
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

    from _typeshed import ReadableBuffer

_SOON = 0.02  # seconds


class _LenientFile(io.FileIO):
    """Standard error: where it is full or its reader has gone, messages are lost, and the run goes on."""

    def write(self, data: "ReadableBuffer", /) -> int:
        with suppress(OSError):
            written = super().write(data)
            if written is not None:
                return written
        return memoryview(data).nbytes


def prepare_streams() -> None:
    """Let no stream stop the run that is closed, full, or cannot carry a letter."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: what goes there goes nowhere
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper):
        raw = io.BufferedWriter(_LenientFile(sys.stderr.fileno(), "w", closefd=False))
        sys.stderr = io.TextIOWrapper(raw, sys.stderr.encoding, "backslashreplace", line_buffering=True)
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def ignore_interrupts() -> None:
    """Let the process end in its own way from here on."""
    with suppress(ValueError):  # only the main thread may
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _in_helper() -> None:
    """Of a forked helper: it holds no file of its own; this process ends it when the terminal is closed, or a signal does."""
    for name, action in (("SIGTERM", signal.SIG_DFL), ("SIGHUP", signal.SIG_IGN)):
        number = getattr(signal, name, None)
        if number is not None and callable(signal.getsignal(number)):
            signal.signal(number, action)


class Signals:
    """Lets ``kill``, ``timeout`` and a closed terminal end the program as an error does, so that no copy is left behind.

    ``exit_code`` is that of the signal, 0 before one has come. A signal that the caller ignores, as ``nohup`` does, stays so.
    """

    def __init__(self) -> None:
        self.exit_code = 0
        self._taken: list[int] = []
        with suppress(ValueError):  # only the main thread may
            for name in ("SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)  # Windows has no SIGHUP
                if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                    signal.signal(number, self._end)
                    self._taken.append(number)
            if hasattr(signal, "SIGALRM"):
                signal.signal(signal.SIGALRM, self._again)
        sys.unraisablehook = self._unraisable
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_in_helper)

    def _end(self, number: int, _frame: "FrameType | None") -> None:
        # A closed terminal signals twice: a removal that is under way goes on, and the exit code stays. A handler would
        # be gone when Python itself ends, so the signals are ignored.
        for taken in self._taken:
            signal.signal(taken, signal.SIG_IGN)
        self.exit_code = 128 + number
        sys.exit(self.exit_code)

    def _again(self, _number: int, _frame: "FrameType | None") -> NoReturn:
        if self.exit_code:
            sys.exit(self.exit_code)
        raise KeyboardInterrupt

    def _unraisable(self, unraisable: "sys.UnraisableHookArgs") -> None:
        """A signal that came while an object was being freed, where nothing can be raised, is raised a moment later.

        Nothing is printed of any other error there: it would show what the object is.
        """
        if issubclass(unraisable.exc_type, (KeyboardInterrupt, SystemExit)) and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, _SOON)
