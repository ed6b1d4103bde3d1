"""A file written beside its place until it is whole, then put there at once: a run that ends early leaves no half of it."""

import os
from contextlib import suppress
from typing import NamedTuple


class Part(NamedTuple):
    """A file being written at ``path``, to stand at ``place`` in the end."""

    path: str
    place: str


def begin(target: str) -> Part:
    """An empty file in the folder of the target, for this user only since it will hold patients' data.

    A link is written through, not over. Raises OSError where the folder cannot be written to.
    """
    import tempfile  # only who writes a file waits for it

    place = os.path.realpath(target)
    handle, path = tempfile.mkstemp(".part", f"{os.path.basename(place)}.", os.path.dirname(place))
    os.close(handle)
    return Part(path, place)


def put_in_place(part: Part) -> None:
    """Let the whole file take its place, in one step. Raises OSError."""
    os.replace(part.path, part.place)


def discard(part: Part) -> None:
    """Remove what was not put in place."""
    with suppress(OSError):
        os.unlink(part.path)


def is_file_to_be(target: str) -> bool:
    """Whether a path is, or can become, a regular file; a pipe or a device is written to as it is."""
    return not os.path.exists(target) or os.path.isfile(target)
