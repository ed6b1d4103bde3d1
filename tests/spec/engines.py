"""The engines that must mean the same: every chapter of this folder runs on each of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from poems_cli.criteria import answer
from poems_cli.model import Contradiction, Group, Observed, Rules, Truth
from poems_cli.resolve import resolve
from tests.build import patient

Given = Mapping[str, Observed | None]


class Answered(NamedTuple):
    """What an engine says of one patient and one criteria set."""

    verdict: str
    level: str | None


class Engine(Protocol):
    """Everything takes many patients at once, as an engine over tables does."""

    def values(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Truth]]:
        """Each boolean finding's value after definitions and implications; what is missing is unknown."""

    def contradictory(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        """The findings whose asserted and derived values are both known and differ."""

    def verdicts(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Answered]]:
        """Verdict and level of every criteria set."""


class PythonEngine:
    """The engine of ``poems check``. What only it can tell (traces, groups) has methods of its own."""

    def values(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Truth]]:
        return [resolve(rules, patient(one)).values for one in patients]

    def contradictory(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        return [{one.finding for one in self.contradictions(rules, given)} for given in patients]

    def verdicts(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Answered]]:
        everyone = [resolve(rules, patient(one)) for one in patients]
        return [{one.id: Answered(*answer(one, facts)[1:3]) for one in rules.criteria.values()} for facts in everyone]

    def contradictions(self, rules: Rules, given: Given) -> tuple[Contradiction, ...]:
        return resolve(rules, patient(given)).contradictions

    def groups(self, rules: Rules, given: Given) -> dict[str, Group]:
        """The groups of the default criteria set, at the level shown."""
        shown = answer(rules.criteria[rules.default_criteria], resolve(rules, patient(given))).shown
        return {group.name: group for group in shown.groups}
