"""What an engine counts while it answers rows: nothing but numbers, from which the summary is made."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from poems_cli.model import Truth


class Counts(NamedTuple):
    """How many rows there were, and of how many each thing was found.

    ``verdicts`` counts each verdict of each criteria set, and of each of its levels under ``(set, level)``; ``highest`` counts
    the rows by the highest level that they meet; ``steps`` the rows of which the default set is open, by steps to met (``None``
    where it cannot be met any more) and next test; ``faults`` the cells not understood, by heading, finding and number of the
    fault; ``faulty_rows`` and ``contradictory_rows`` the rows concerned.
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
