"""The reference peer: the standard library alone, ``csv.DictReader`` and a walk of the rule's tree in three values.

    python bench/peers/dictreader.py IN.csv OUT.csv

What one writes first, without looking for a library.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from rule import COLUMNS, MAYO, kleene, known, paths, write

_VERDICTS = {True: "met", False: "not met", None: "undetermined"}


def main() -> None:
    """Screen the table."""
    source, target = paths()
    write(target, _verdicts(source))


def _verdicts(source: Path) -> Iterator[tuple[str, str]]:
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            patient = known((column, row[column]) for column in COLUMNS)
            yield row["id"], _VERDICTS[kleene(MAYO, patient)]


if __name__ == "__main__":
    main()
