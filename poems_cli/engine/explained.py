"""Which established disease accounts for a finding that is present."""

from collections.abc import Iterable, Mapping

from poems_cli.engine.findings import uses
from poems_cli.engine.logic import State, truth
from poems_cli.model import NOTHING_KNOWN, Cause, Rules, Truth


class Causes:
    """The diseases of the rules that account for findings."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        # A cause of whose findings none is known need not be looked at, unless it holds even then.
        self._causes = [
            (cause, frozenset() if truth(cause.when, NOTHING_KNOWN) else frozenset(uses(cause.when))) for cause in rules.causes
        ]

    def established(self, facts: State, known: set[str]) -> list[Cause]:
        """The causes that hold; ``known`` are the findings about which anything is known."""
        return [cause for cause, asks in self._causes if not (asks and known.isdisjoint(asks)) and truth(cause.when, facts)]

    def explaining(self, finding: str, causes: Iterable[Cause], values: Mapping[str, Truth]) -> list[Cause]:
        """What explains a present finding: itself, its whole, or all of its present parts."""
        whole: str | None = finding
        while whole is not None:
            named = [cause for cause in causes if whole in cause.findings]
            if named:
                return named
            whole = self._rules.findings[whole].part_of
        present = [part for part in self._rules.parts.get(finding, ()) if values.get(part)]
        parts = [self.explaining(part, causes, values) for part in present]
        return list(dict.fromkeys([cause for of_part in parts for cause in of_part])) if all(parts) else []
