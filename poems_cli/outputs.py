"""Where answers go: standard output and files, each in its format; files appear whole or not at all."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import IO, Literal, NamedTuple, NoReturn, Self, TypeAlias

from poems_cli.beside import Part, begin, discard, is_file_to_be, put_in_place
from poems_cli.exit_codes import EXIT_TERMINATED

Form: TypeAlias = Literal["table", "json", "markdown", "svg"]

_BY_SUFFIX: dict[str, Form] = {
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".md": "markdown", ".markdown": "markdown", ".txt": "table",
    ".svg": "svg",
}  # fmt: skip


class OutputError(Exception):
    """The outputs asked for do not fit together, or cannot be written; the message says how to mend it."""


class Target(NamedTuple):
    """One output: its format, and its path (``None`` for standard output)."""

    form: Form
    path: str | None


def targets(forms: Sequence[Form], paths: Sequence[str]) -> list[Target]:
    """Pair formats with files.

    A file's name tells its format (.json, .md, .txt, .svg); a file whose name tells none takes the next format named. A format
    left over goes to standard output; without any ``-o`` and format that is a table, as is ``-o -`` without a format.
    """
    remaining = list(dict.fromkeys(forms))
    chosen: list[Target] = []
    unnamed: list[str] = []
    for path in paths:
        form = _BY_SUFFIX.get(os.path.splitext(path)[1].lower()) if path != "-" else None
        if form is None:
            unnamed.append(path)
        else:
            chosen.append(Target(form, path))
            if form in remaining:
                remaining.remove(form)
    for path in unnamed:
        if not remaining and path == "-":
            remaining.append("table")
        if not remaining:
            message = f"{path!r} does not tell its format: end it in .json, .md, .txt or .svg, or name its --format"
            raise OutputError(message)
        chosen.append(Target(remaining.pop(0), None if path == "-" else path))
    chosen += [Target(form, None) for form in remaining]
    if not chosen:
        return [Target("table", None)]
    if sum(target.path is None for target in chosen) > 1:
        message = "only one format can go to standard output: give the others a file with -o"
        raise OutputError(message)
    named = [os.path.realpath(target.path) for target in chosen if target.path is not None]
    if len(set(named)) < len(named):
        message = "two outputs have the same file: name another"
        raise OutputError(message)
    return chosen


class _Open(NamedTuple):
    """One open output; a file is written beside its place until it is whole."""

    target: Target
    stream: IO[str]
    part: Part | None = None


class Outputs:
    """The open outputs of one run. Leaving it normally puts the files in place; an error leaves none behind."""

    def __init__(self, chosen: Sequence[Target]) -> None:
        self._chosen = chosen
        self._open: list[_Open] = []

    def __enter__(self) -> Self:
        if any(target.path is not None for target in self._chosen):
            leave_when_terminated()
        try:
            for target in self._chosen:
                self._try(target, lambda: self._open.append(_opened(target)))  # noqa: B023
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                for one in self._open:
                    self._try(one.target, one.stream.flush if one.target.path is None else one.stream.close)
                for one in self._open:
                    if one.part is not None:
                        self._try(one.target, partial(put_in_place, one.part))
        finally:
            self._discard()

    def each(self, write: Callable[[Form, IO[str], bool], None]) -> None:
        """Call ``write(form, stream, to_file)`` for every output."""
        for one in self._open:
            self._try(one.target, lambda: write(one.target.form, one.stream, one.target.path is not None))  # noqa: B023

    def _try(self, target: Target, action: Callable[[], object]) -> None:
        try:
            action()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(unwritable(target.path or "standard output", error)) from None

    def _discard(self) -> None:
        """Close all and remove what was not put in place."""
        for one in self._open:
            with suppress(OSError):
                if one.target.path is not None:
                    one.stream.close()
            if one.part is not None:
                discard(one.part)


def _opened(target: Target) -> _Open:
    if target.path is None:
        return _Open(target, sys.stdout)
    if not is_file_to_be(target.path):
        return _Open(target, open(target.path, "w", encoding="utf-8"))  # a pipe or device; a folder fails
    part = begin(target.path)
    return _Open(target, open(part.path, "w", encoding="utf-8"), part)


def leave_when_terminated() -> None:
    """Let ``kill``, ``timeout`` and a closed terminal end the program as an error does: no half-written file stays behind."""
    import signal
    from threading import current_thread, main_thread

    def leave(*_: object) -> NoReturn:
        sys.exit(EXIT_TERMINATED)

    if current_thread() is main_thread():
        for ending in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):  # Windows has no terminal to close
            if signal.getsignal(ending) is signal.SIG_DFL:  # under nohup the terminal may close
                signal.signal(ending, leave)


def unwritable(path: str, error: OSError) -> str:
    """Why a path cannot be written, in one line."""
    return f"{path}: cannot be written: {(error.strerror or 'error').lower()}. Choose another place with -o"
