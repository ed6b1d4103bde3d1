"""Bytes in: files and standard input, read line by line or whole, within limits, as UTF-8."""

import os
from itertools import islice
from typing import BinaryIO, NamedTuple

from poems_cli.errors import Problem
from poems_cli.phrases import quoted
from poems_cli.suggestions import nearest

_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_NAMES_LOOKED_AT = 10_000
_LONGEST_PATH = 4096
#: What to do where one value holds too many patients.
ONE_A_LINE = "write the patients as JSON Lines, one object per line; there may be any number of them"


class Limits(NamedTuple):
    """How many bytes are read at most: of a line of JSON Lines or CSV, of one JSON value, of a whole YAML input.

    As plain data a value takes some thirty times as much memory: a limit is what keeps a run well below a gigabyte.
    """

    line: int = 8 << 20
    json: int = 8 << 20
    yaml: int = 8 << 20


class Source:
    """One input while it is read. ``lines`` counts the lines taken so far, blank ones included."""

    __slots__ = ("_held", "_stream", "limits", "lines", "name")

    def __init__(self, name: str, stream: BinaryIO, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self.lines = 0
        self._stream = stream
        self._held: list[bytes] = []

    def head(self) -> bytes:
        """The first line that is not blank, as far as a line may reach; it stays to be read. Empty at the end."""
        piece = self._piece()
        if piece.startswith(_BOM):
            piece = piece.removeprefix(_BOM)
            if not piece.endswith(b"\n"):
                piece += self._stream.readline(len(_BOM))  # or a line too long would seem to fit
        while piece.endswith(b"\n") and is_blank(piece):
            self.lines += 1
            piece = self._piece()
        self._held.append(piece)
        return piece

    def following(self) -> bytes:
        """The next line after the head that is not blank, as far as a line may reach; both stay to be read."""
        piece, blank = self._piece(), 0
        while piece.endswith(b"\n") and is_blank(piece) and blank < self.limits.line:
            blank += 1
            piece = self._piece()
        self._held += [b"\n" * blank, piece] if blank else [piece]
        return piece

    def line(self) -> bytes | None:
        """The next line, its number then in ``lines``; empty at the end; ``None`` for one too long, not held."""
        piece = self._held.pop(0) if self._held else self._piece()
        if piece:
            self.lines += piece.count(b"\n") or 1  # blank lines may be held together
        if len(piece) <= self.limits.line or piece.endswith(b"\n"):
            return piece.removeprefix(_BOM)
        while piece and not piece.endswith(b"\n"):
            piece = self._held.pop(0) if self._held else self._stream.readline(_CHUNK)
        return None

    def piece(self) -> bytes:
        """The next bytes that are left, some megabytes at most; empty at the end."""
        return self._held.pop(0) if self._held else self._stream.read(_CHUNK)

    def document(self, limit: int, what: str) -> str | Problem:
        """Everything that is left, or why it is not read: it is more than ``limit`` bytes of ``what``, or not UTF-8."""
        pieces, self._held = self._held, []
        size = sum(map(len, pieces))
        while size <= limit and (piece := self._stream.read(min(_CHUNK, limit + 1 - size))):
            pieces.append(piece)
            size += len(piece)
        if size > limit:
            return Problem(self.name, f"this {what} is larger than {megabytes(limit)}", ONE_A_LINE)
        data = b"".join(pieces)
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            return not_utf8(self.name, data, error, self.lines + 1)

    def _piece(self) -> bytes:
        return self._stream.readline(self.limits.line + 1)


def empty(name: str) -> Problem:
    """The problem of an input without anything in it."""
    mend = 'write a patient, as in {"id": "p1", "findings": {"polyneuropathy": true}}'
    return Problem(name, "there is nothing in it", mend)


def file_name(path: str) -> str:
    """A path as messages show it: whole, but without control characters."""
    return quoted(path, _LONGEST_PATH)


def is_blank(line: bytes) -> bool:
    """Whether a line holds nothing but space."""
    return not line.strip(_SPACE)


def megabytes(limit: int) -> str:
    """A limit in words."""
    return f"{limit >> 20} MiB" if limit >> 20 else f"{limit} bytes"


def not_utf8(name: str, data: bytes, error: UnicodeDecodeError, first_line: int) -> Problem:
    """The problem of bytes that are not UTF-8; ``first_line`` is the number of the first line in ``data``."""
    line = first_line + data.count(b"\n", 0, error.start)
    byte = error.start - data.rfind(b"\n", 0, error.start)
    return Problem(
        f"{name}, line {line}",
        f"this is not UTF-8 text (byte {byte} of the line)",
        "save the file as UTF-8; it may be Latin-1 (Windows-1252) now, or not text at all",
    )


def utf16(name: str, head: bytes) -> Problem | None:
    """The problem of a text in UTF-16 or UTF-32, recognized by its first bytes; ``None`` for any other."""
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in head[:4]:
        return None
    return Problem(name, "this is not UTF-8 text (it looks like UTF-16)", "save the file as UTF-8")


def unopened(path: str, error: OSError | ValueError) -> Problem:
    """The problem of a file that cannot be opened or read."""
    name = file_name(path) or "the input"
    if not path:
        return Problem(name, "the file's name is empty", "name a file, or - for standard input")
    if isinstance(error, FileNotFoundError):
        near = _nearest_file(path)
        mend = f"did you mean {near}?" if near else "check the name and the folder"
        return Problem(name, "there is no such file", mend)
    if isinstance(error, IsADirectoryError):
        return Problem(name, "this is a folder, not a file", "name the files in it")
    if isinstance(error, PermissionError):
        return Problem(name, "there is no permission to read this file", "ask its owner, or change its permissions")
    if isinstance(error, OSError):
        reason = error.strerror or "input error"
        return Problem(name, f"this file cannot be read ({reason})", "check the file and its disk")
    return Problem(name, "this cannot be the name of a file", "check the name for stray characters")


def _nearest_file(path: str) -> str | None:
    folder, name = os.path.split(path)
    try:
        with os.scandir(folder or ".") as entries:
            names = {_folded(entry.name): entry.name for entry in islice(entries, _NAMES_LOOKED_AT)}
    except OSError:
        return None
    near = nearest(name, names)
    return file_name(path.removesuffix(name) + names[near]) if near else None


def _folded(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
