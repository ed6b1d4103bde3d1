"""Options that would have no effect where they are given: refused, each in one line that says when it works."""

from collections.abc import Iterable
from typing import NamedTuple

from poems_cli.errors import usage_error


class Idle(NamedTuple):
    """An option, whether it was given where it does nothing, and when it works."""

    option: str
    given: bool
    mend: str


def refuse_idle(options: Iterable[Idle]) -> None:
    """Refuse the first option that does nothing here: one line on standard error, and the exit code for usage."""
    for idle in options:
        if idle.given:
            raise usage_error(idle.option, "it has no effect here", idle.mend)


def refuse_idle_mimics(mimics: bool, columns: Iterable[str]) -> None:
    """Refuse ``--mimics`` where ``--columns`` says which columns there are and asks for no mimic."""
    named = tuple(columns)
    asked = not named or any(name in ("usual", "all") or name.startswith("mimic_") for name in named)
    mend = "--columns names every column; add mimic_1,mimic_2,mimic_3 to it, or leave one of the two out"
    refuse_idle([Idle("--mimics", mimics and not asked, mend)])
