"""Each change of the rules tried on their examples: which are noticed, and what patient would notice the others."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath
from random import Random
from typing import NamedTuple

from poems_cli.authoring.cases import CaseResult
from poems_cli.authoring.changed_rules import ChangedRules
from poems_cli.authoring.changes import KINDS, Change
from poems_cli.authoring.noticing import Examples
from poems_cli.authoring.searching import Noticing, Search
from poems_cli.authoring.unnoticed import Known, known_changes, unmatched
from poems_cli.errors import usage_error
from poems_cli.suggestions import did_you_mean

_SEED = 13


class Unnoticed(NamedTuple):
    """A change that no lint rule and no example notices, where it is, and a patient that would, if one was found."""

    change: Change
    file: str
    line: int
    patient: Noticing | None


class Count(NamedTuple):
    """How many changes of one kind of rules were tried, noticed, and listed with a reason why they cannot be."""

    kind: str
    tried: int
    noticed: int
    explained: int

    @property
    def percent(self) -> float:
        """Of those that can be noticed, how many are."""
        possible = self.tried - self.explained
        return 100.0 * self.noticed / possible if possible else 100.0


class Report(NamedTuple):
    """What came of a run; ``of`` is the number of changes there are; ``tried`` may be a sample of them."""

    counts: tuple[Count, ...]
    unnoticed: tuple[Unnoticed, ...]
    faults: tuple[str, ...]
    tried: int
    of: int

    @property
    def whole(self) -> Count:
        """All kinds together."""
        sums = [sum(column) for column in zip(*[count[1:] for count in self.counts], strict=True)] or [0, 0, 0]
        return Count("all", *sums)


class Mutation:
    """Changes the rules one thing at a time. ``failures`` are examples that fail as the rules are: then nothing follows."""

    def __init__(self, rules: str | None, examples: str | Path) -> None:
        self._changed = ChangedRules(rules)
        self._examples = Examples(self._changed, examples)
        self._known, self._faults = known_changes(examples)
        self._every = self._changed.changes()
        self._search = Search(self._changed, self._examples)
        self.failures: Sequence[CaseResult] = self._examples.failures

    def chosen(self, only: str | None, sample: int | None) -> list[Change]:
        """The changes to try: those of a file or of an id, and of them a sample that is the same in every run."""
        changes = self._every
        if only is not None:
            changes = [change for change in changes if self._is_of(change, only)]
            if not changes:
                known = {str(step) for change in self._every for step in change.at[:3] if isinstance(step, str)}
                mend = did_you_mean(only, known).rstrip(".?").lower() or "name a rules file, a section, or the id of an entry"
                raise usage_error("--only", f"nothing of the rules is called {only!r}", mend)
        if sample is not None and sample < len(changes):
            changes = Random(_SEED).sample(changes, sample)
        return changes

    def run(self, changes: Sequence[Change], step: Callable[[], None] = lambda: None) -> Report:
        """Try the changes; ``step`` is called after each."""
        noticed: dict[str, int] = dict.fromkeys(KINDS, 0)
        explained: dict[str, int] = dict.fromkeys(KINDS, 0)
        tried: dict[str, int] = dict.fromkeys(KINDS, 0)
        unnoticed: list[Unnoticed] = []
        faults = [*self._faults, *unmatched(self._known, self._every)]
        idle = set(self._known)
        for change in changes:
            by = self._examples.notice(change)
            entry = next((reason for reason in self._known if reason.covers(change)), None)
            tried[change.kind] += 1
            if by is not None:
                noticed[change.kind] += 1
            elif entry is not None:
                explained[change.kind] += 1
                idle.discard(entry)
            else:
                unnoticed.append(Unnoticed(change, *self._changed.place(change), self._search.patient(change)))
            step()
        faults += self._noticed_after_all(idle, changes)
        counts = [Count(kind, tried[kind], noticed[kind], explained[kind]) for kind in KINDS if tried[kind]]
        return Report(tuple(counts), tuple(unnoticed), tuple(faults), len(changes), len(self._every))

    @staticmethod
    def _noticed_after_all(idle: set[Known], changes: Sequence[Change]) -> Iterator[str]:
        """Entries of ``unnoticed`` whose every change was tried and noticed."""
        for entry in sorted(idle):
            if any(entry.covers(change) for change in changes):
                yield entry.fault(f"the change is noticed: {entry.at}", "Remove the entry.")

    def _is_of(self, change: Change, only: str) -> bool:
        file, _ = self._changed.place(change)
        named = (file, PurePath(file).stem, change.section, change.entry, *map(str, change.at[:3]))
        if os.sep in only or only.endswith(".yaml"):
            return PurePath(only).name == file
        return only in named or change.place.startswith(only)
