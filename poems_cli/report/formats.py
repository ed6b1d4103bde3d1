"""Where answers go: standard output and files, each in its format; files appear whole or not at all."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import IO, Literal, NamedTuple, Self, TypeAlias

from poems_cli.errors import usage_error
from poems_cli.output_files import STANDARD, Part, begin, check_targets, is_file_to_be, unwritable

Form: TypeAlias = Literal["table", "json", "markdown", "html", "svg", "note"]

_BY_SUFFIX: dict[str, Form] = {
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".md": "markdown", ".markdown": "markdown", ".txt": "table",
    ".svg": "svg", ".html": "html", ".htm": "html",
}  # fmt: skip


class Target(NamedTuple):
    """One output: its format, and its path (``None`` for standard output)."""

    form: Form
    path: str | None


def targets(forms: Sequence[Form], paths: Sequence[str]) -> list[Target]:
    """Pair formats with files.

    A file's name tells its format (.json, .md, .txt, .html, .svg; .txt is the note where that was named, else the table); a
    file whose name tells none takes the next format named. A format left over goes to standard output; without any ``-o`` and
    format that is a table, as is ``-o -`` without a format.

    Raises :class:`PoemsError` where they do not fit together.
    """
    remaining = list(dict.fromkeys(forms))
    chosen: list[Target] = []
    unnamed: list[str] = []
    for path in paths:
        form = _BY_SUFFIX.get(os.path.splitext(path)[1].lower()) if path != "-" else None
        if form == "table":
            form = next((one for one in remaining if one in ("table", "note")), form)
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
            mend = "end it in .json, .md, .txt, .html or .svg, or name its --format"
            raise usage_error("--output", f"{path!r} does not tell its format", mend)
        chosen.append(Target(remaining.pop(0), None if path == "-" else path))
    chosen += [Target(form, None) for form in remaining]
    if not chosen:
        return [Target("table", None)]
    if sum(target.path is None for target in chosen) > 1:
        raise usage_error("--output", "only one format can go to standard output", "give the others a file with -o")
    return chosen


class _Open(NamedTuple):
    """One open output; a file is written next to its place until it is whole."""

    target: Target
    stream: IO[str]
    part: Part | None = None


class Outputs:
    """The open outputs of one run. Leaving it normally puts the files in place; an error leaves none behind.

    Nothing is put in place either where nothing was answered. ``read`` are the files that the run reads (``-`` is standard
    input), over which nothing is written.
    """

    def __init__(self, chosen: Sequence[Target], read: Iterable[str] = ()) -> None:
        self._chosen = chosen
        self._read = read
        self._open: list[_Open] = []
        self._is_answered = False

    def __enter__(self) -> Self:
        check_targets([STANDARD if target.path is None else target.path for target in self._chosen], self._read)
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
                    if one.part is not None and self._is_answered:
                        self._try(one.target, one.part.put_in_place)
        finally:
            self._discard()

    def each(self, write: Callable[[Form, IO[str], bool], None]) -> None:
        """Call ``write(form, stream, to_file)`` for every output."""
        self._is_answered = True
        for one in self._open:
            self._try(one.target, lambda: write(one.target.form, one.stream, one.target.path is not None))  # noqa: B023

    def _try(self, target: Target, action: Callable[[], object]) -> None:
        try:
            action()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise unwritable(STANDARD if target.path is None else target.path, error) from None

    def _discard(self) -> None:
        """Close all and remove what was not put in place."""
        for one in self._open:
            with suppress(OSError):
                if one.target.path is not None:
                    one.stream.close()
            if one.part is not None:
                one.part.discard()


def _opened(target: Target) -> _Open:
    if target.path is None:
        return _Open(target, sys.stdout)
    if not is_file_to_be(target.path):
        return _Open(target, open(target.path, "w", encoding="utf-8"))  # a pipe or device; a folder fails
    part = begin(target.path)
    return _Open(target, open(part.path, "w", encoding="utf-8"), part)
