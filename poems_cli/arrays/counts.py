"""What is counted while rows are answered: nothing but numbers, from which the summary is made."""

from collections import Counter
from dataclasses import dataclass, field

from poems_cli.model import Truth


@dataclass(slots=True)
class Details:
    """What only a report shows.

    ``conditions`` counts the rows by how many elements of each condition of the default set's highest level are present,
    ``labels`` those that carry a label which deserves a second look, and ``flagged`` those of a label that have a red flag.
    """

    conditions: Counter[tuple[int, ...]] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    flagged: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: "Details") -> None:
        """Add what was counted of other rows."""
        self.conditions.update(other.conditions)
        self.labels.update(other.labels)
        self.flagged.update(other.flagged)


@dataclass(slots=True)
class Counts:
    """How many rows there were, and of how many each thing was found.

    ``verdicts`` counts each verdict of each criteria set, and of each of its levels under ``(set, level)``; ``highest`` counts
    the rows by the highest level that they meet; ``steps`` the rows of which the default set is open, by steps to met (``None``
    where it cannot be met any more) and next test; ``faults`` the cells not understood, by heading, finding and number of the
    fault; ``faulty_rows`` and ``contradictory_rows`` the rows concerned; ``known`` the rows in which a finding is known by
    its own column. ``details`` are there where a report asks for them.
    """

    rows: int = 0
    verdicts: dict[tuple[str, str], Counter[Truth]] = field(default_factory=dict)
    highest: Counter[tuple[str, str]] = field(default_factory=Counter)
    steps: Counter[tuple[int | None, str | None]] = field(default_factory=Counter)
    red_flags: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    contradictions: Counter[str] = field(default_factory=Counter)
    contradictory_rows: int = 0
    faults: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    faulty_rows: int = 0
    known: Counter[str] = field(default_factory=Counter)
    details: Details | None = None

    def add(self, other: "Counts") -> None:
        """Add what was counted of other rows."""
        self.rows += other.rows
        for level, counted in other.verdicts.items():
            self.verdicts.setdefault(level, Counter()).update(counted)
        self.highest.update(other.highest)
        self.steps.update(other.steps)
        self.red_flags.update(other.red_flags)
        self.warnings.update(other.warnings)
        self.contradictions.update(other.contradictions)
        self.contradictory_rows += other.contradictory_rows
        self.faults.update(other.faults)
        self.faulty_rows += other.faulty_rows
        self.known.update(other.known)
        if other.details is not None:
            self.details = self.details or Details()
            self.details.add(other.details)
