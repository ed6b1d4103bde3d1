"""The changes that no example can notice, listed by those who write the rules, each with its reason.

::

    unnoticed:
      - at: mimics.cidp.consider_when.any[2]     # the place of the change, as the report gives it, or any place around it
        change: conduction_block removed         # optional: what is changed; without it every change at that place
        reason: It is a sign of demyelination, which is named too.

An entry that matches no change, or a change that is noticed after all, is a fault.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from poems_cli.authoring.changes import Change
from poems_cli.authoring.reading import example_files, read_document
from poems_cli.rules.strict_yaml import Path as Place
from poems_cli.rules.strict_yaml import RuleProblem

_KEYS = {"at", "change", "reason"}


class Known(NamedTuple):
    """An entry: where the change is, what it is unless it is any, and where the entry is written."""

    at: str
    change: str | None
    file: str
    line: int

    def covers(self, change: Change) -> bool:
        """Whether a change is the one that is meant."""
        inside = change.place == self.at or change.place.startswith((f"{self.at}.", f"{self.at}["))
        return inside and self.change in (None, change.what)

    def fault(self, message: str, mend: str) -> str:
        """What is wrong with the entry, with its place."""
        return str(RuleProblem(self.file, self.line, "unnoticed", message, mend))


def known_changes(path: str | Path) -> tuple[list[Known], list[str]]:
    """The entries of a file or a folder of examples, and what is wrong with them."""
    entries: list[Known] = []
    faults: list[str] = []
    for file in example_files(path):
        document = read_document(file)
        if isinstance(document, str) or not isinstance(document.data, dict):
            continue  # the examples themselves are then unreadable, and that is reported
        listed = document.data.get("unnoticed") or []
        for number, entry in enumerate(listed if isinstance(listed, list) else [listed]):
            place: Place = ("unnoticed", number)
            if _is_sound(entry):
                entries.append(Known(entry["at"], entry.get("change"), document.file, document.line(place)))
            else:
                mend = "Write {at: the place of the change, change: what it is, reason: why no example can notice it}."
                faults.append(str(document.problem(place, "an entry has at: and reason:", mend)))
    return entries, faults


def unmatched(entries: Iterable[Known], changes: Iterable[Change]) -> Iterator[str]:
    """The entries that match no change."""
    every = list(changes)
    for entry in entries:
        if not any(entry.covers(change) for change in every):
            yield entry.fault(
                f"there is no such change: {entry.at}", "Take the place and the words from the report, or remove it."
            )


def _is_sound(entry: object) -> bool:
    if not isinstance(entry, dict) or not entry.keys() <= _KEYS:
        return False
    return all(isinstance(entry.get(key, ""), str) for key in _KEYS) and bool(entry.get("at")) and bool(entry.get("reason"))
