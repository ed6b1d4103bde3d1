"""What went wrong, in the one shape in which it is reported: where, what, and how to mend it."""

from collections.abc import Iterable
from typing import NamedTuple

from poems_cli.exit_codes import EXIT_INPUT


class Problem(NamedTuple):
    """One thing that is wrong. It never repeats a patient's value."""

    where: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        """The problem in one line: ``where: what; mend``."""
        what, mend = self.what.rstrip("."), self.mend.rstrip(".")
        return f"{self.where}: {what}; {mend}" if mend else f"{self.where}: {what}"


class PoemsError(Exception):
    """The base of every error that this package raises on purpose: all the problems, a line each.

    ``problems`` are the problems in order, ``exit_code`` is what the command line would end with.
    """

    problems: tuple[Problem, ...]
    exit_code: int

    def __init__(self, problems: Iterable[Problem], exit_code: int = EXIT_INPUT) -> None:
        self.problems = tuple(problems)
        self.exit_code = exit_code
        super().__init__(self.problems, exit_code)

    def __str__(self) -> str:
        """Every problem, a line each."""
        return "\n".join(map(str, self.problems))
