"""What an engine counts while it answers rows: nothing but numbers, from which the summary is made."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from poems_cli.model import Truth


class Details(NamedTuple):
    """What only a report shows.

    ``conditions`` counts the rows by how many elements of each condition of the default set's highest level are present,
    ``known`` those in which a finding is known by its own column, ``labels`` those that carry a label which deserves a second
    look, and ``flagged`` those of a label that have a red flag.
    """

    conditions: Counter[tuple[int, ...]]
    known: Counter[str]
    labels: Counter[str]
    flagged: Counter[tuple[str, str]]


class Counts(NamedTuple):
    """How many rows there were, and of how many each thing was found.

    ``verdicts`` counts each verdict of each criteria set, and of each of its levels under ``(set, level)``; ``highest`` counts
    the rows by the highest level that they meet; ``steps`` the rows of which the default set is open, by steps to met (``None``
    where it cannot be met any more) and next test; ``faults`` the cells not understood, by heading, finding and number of the
    fault; ``faulty_rows`` and ``contradictory_rows`` the rows concerned. ``details`` are there where a report asks for them.
    """

    rows: int
    verdicts: Mapping[tuple[str, str], Mapping[Truth, int]]
    highest: Mapping[tuple[str, str], int]
    steps: Counter[tuple[int | None, str | None]]
    red_flags: Counter[str]
    warnings: Counter[str]
    contradictions: Counter[str]
    contradictory_rows: int
    faults: Counter[tuple[str, str, int]]
    faulty_rows: int
    written: int = 0
    details: Details | None = None
