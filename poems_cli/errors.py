"""One way to fail: what is wrong, where, and how to mend it, with the exit code that the run ends with."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from poems_cli.exit_codes import EXIT_INPUT, EXIT_USAGE
from poems_cli.phrases import plain


class Problem(NamedTuple):
    """One thing wrong: where it is, what it is, and how to mend it. ``where`` and ``mend`` may be empty."""

    where: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        """The problem in one line, with what a terminal would obey (escapes, line breaks) written out."""
        place = f"{self.where}: " if self.where else ""
        mend = self.mend.rstrip(".")
        if mend[1:2].islower():
            mend = mend[0].lower() + mend[1:]
        line = f"{place}{self.what.rstrip('.')}; {mend}" if mend else f"{place}{self.what}"
        return plain(line)


class PoemsError(Exception):
    """The base of every error that this package raises on purpose: what it cannot do, and why.

    ``problems`` are all that were found, in order; ``exit_code`` is what the command line ends with.
    """

    def __init__(self, problems: Iterable[Problem], exit_code: int = EXIT_INPUT) -> None:
        self.problems = tuple(problems)
        self.exit_code = exit_code
        super().__init__(self.problems, exit_code)

    def __str__(self) -> str:
        """The problems, one line each."""
        return "\n".join(map(str, self.problems))


def usage_error(where: str, what: str, mend: str) -> PoemsError:
    """An error in what was asked for: an option, or a file to write."""
    return PoemsError([Problem(where, what, mend)], EXIT_USAGE)


def input_error(where: str, what: str, mend: str) -> PoemsError:
    """An error in what was given to read."""
    return PoemsError([Problem(where, what, mend)], EXIT_INPUT)


def reason(error: OSError) -> str:
    """Why the system refused, in small letters."""
    # Arrow writes a sentence of its own where others have the system's.
    return (os.strerror(error.errno) if error.errno else error.strerror or "error").lower()
