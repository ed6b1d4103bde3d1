"""The files that a run writes: never over what it reads, whole or not at all, and with the permissions that they had.

A file is written next to its place under a name that nobody can foresee, and takes its place in one step. A link is written
through, not over; a pipe or a device is written as it is.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from poems_cli.errors import PoemsError, reason, usage_error

#: The name of standard input among the files that are read, and of standard output among those that are written.
STANDARD = "-"
#: Who may read and write a new file: this user only where it can hold a patient's data.
PRIVATE = 0o600

_LONGEST = 40


class Part(NamedTuple):
    """A file being written at ``path``, to take its ``place`` with the permissions ``mode``."""

    path: str
    place: str
    mode: int

    def put_in_place(self) -> None:
        """Let the whole file take its place, in one step. Raises OSError."""
        with suppress(OSError):  # some file systems have no permissions; those of the part are the narrower ones
            os.chmod(self.path, self.mode)
        os.replace(self.path, self.place)

    def discard(self) -> None:
        """Remove what was not put in place."""
        with suppress(OSError):
            os.unlink(self.path)


def begin(target: str, new_mode: int = PRIVATE) -> Part:
    """An empty file in the folder of the target. Raises OSError where the folder cannot be written to.

    The permissions and the owner are those of the file that it replaces, if there is one, else ``new_mode``.
    """
    import tempfile  # only who writes a file waits for it

    place = os.path.realpath(target)
    older = None
    with suppress(FileNotFoundError):
        older = os.stat(place)
    handle, path = tempfile.mkstemp(".part", f"{os.path.basename(place)[:_LONGEST]}.", os.path.dirname(place))
    os.close(handle)
    if older is None:
        return Part(path, place, new_mode)
    with suppress(OSError, AttributeError):  # Windows has no such owners
        os.chown(path, older.st_uid, older.st_gid)
    return Part(path, place, stat.S_IMODE(older.st_mode))


@contextmanager
def begun(target: str, new_mode: int = PRIVATE) -> Iterator[Part]:
    """As ``begin``; on leaving, what was not put in place is removed."""
    part = begin(target, new_mode)
    try:
        yield part
    finally:
        part.discard()


def is_file_to_be(target: str) -> bool:
    """Whether a path is, or can become, a regular file; a pipe or a device is written to as it is."""
    return not os.path.exists(target) or os.path.isfile(target)


def write_text(target: str, text: str, read: Iterable[str], new_mode: int = PRIVATE) -> None:
    """Write one file whole. Raises :class:`PoemsError`; ``read`` are the files that the run reads."""
    check_targets([target], read)
    try:
        if not is_file_to_be(target):
            with open(target, "w", encoding="utf-8") as stream:
                stream.write(text)
            return
        with begun(target, new_mode) as part:
            with open(part.path, "w", encoding="utf-8") as stream:
                stream.write(text)
            part.put_in_place()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(target, error) from None


def public_mode() -> int:
    """The permissions of a new file that holds nothing of a patient: as the user's mask has it."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def unwritable(target: str, error: OSError) -> PoemsError:
    """The error of a target that the system does not let be written."""
    where = "standard output" if target == STANDARD else target
    return usage_error(where, f"cannot be written: {reason(error)}", "choose another place with -o")


def check_targets(targets: Sequence[str], read: Iterable[str]) -> None:
    """Raise :class:`PoemsError` unless every target can be written without losing a file that is read, or another target."""
    reads = {_file_of(path, descriptor=0) for path in read} - {None}
    seen: set[object] = set()
    for target in targets:
        file = _file_of(target, descriptor=1)
        if file in reads:
            where = "standard output" if target == STANDARD else target
            raise usage_error(where, "it is read in this run, and would be lost", "name another file to write")
        if target != STANDARD:
            _check_target(target)
        place = file or os.path.realpath(target)
        if place in seen:
            raise usage_error(target, "two outputs have the same file", "name another")
        seen.add(place)


def _file_of(path: str, descriptor: int) -> tuple[int, int] | None:
    """Which regular file a path leads to, by whatever name or link; ``-`` is the ``descriptor``."""
    try:
        status = os.fstat(descriptor) if path == STANDARD else os.stat(path)
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def _check_target(target: str) -> None:
    """Refuse what is not a file to write, and what its owner has protected (which the system does not refuse to root)."""
    if not os.path.basename(target):
        raise usage_error(target or "''", "cannot be written: this names no file", "name a file")
    try:
        status = os.stat(target)
    except ValueError:
        raise usage_error(ascii(target), "cannot be written: no file can have this name", "choose another name") from None
    except OSError:
        return  # a new file, or the folder will say why not
    if stat.S_ISDIR(status.st_mode):
        raise usage_error(target, "cannot be written: this is a folder", "name a file in it")
    if stat.S_ISBLK(status.st_mode):
        raise usage_error(target, "cannot be written: this is a disk", "name a file")
    if not status.st_mode & stat.S_IWUSR or not os.access(target, os.W_OK):
        raise usage_error(target, "cannot be written: it is write-protected", "name another file, or permit it with chmod u+w")
