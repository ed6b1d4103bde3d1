"""A table of patients once it is open: where its bytes are, how they are written, and what its headings are."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_INPUT, EXIT_USAGE

Form: TypeAlias = Literal["csv", "parquet", "ndjson"]
Compression: TypeAlias = Literal["", "gzip", "zstd"]


class TableError(PoemsError):
    """A table cannot be read, or not as an option says."""

    def __init__(self, where: str, what: str, mend: str) -> None:
        super().__init__([Problem(where, what, mend)], EXIT_USAGE if where.startswith("--") else EXIT_INPUT)


class TableOptions(NamedTuple):
    """What the user says of the tables; ``None`` is found out from the name or the first bytes."""

    delimiter: str | None = None
    encoding: str | None = None
    form: Form | None = None


class TableFile(NamedTuple):
    """One table, ready for an engine.

    ``name`` is for messages. ``path`` is the file to read: the original, or a UTF-8 copy of it (``copied``). ``headings``
    stand in the order of the columns. ``types`` are DuckDB types by heading, of Parquet only: what the reader's SQL gives;
    ``stored`` are those in the file itself. Of CSV, ``skip`` records stand before the heading record, which takes
    ``heading_lines`` lines; all lines end in ``line_end``.
    """

    name: str
    path: str
    form: Form
    headings: tuple[str, ...]
    types: Mapping[str, str] = {}
    stored: tuple[str, ...] = ()
    delimiter: str = ""
    skip: int = 0
    heading_lines: int = 1
    line_end: str = "\n"
    compression: Compression = ""
    copied: bool = False


def column_names(table: TableFile) -> tuple[str, ...]:
    """Unique names of the columns by position (c1, c2, ...), since headings may be blank or repeated."""
    return tuple([f"c{number}" for number in range(1, len(table.headings) + 1)])


def repeated_headings(table: TableFile) -> tuple[str, ...]:
    """The headings that stand over more than one column, blank ones aside."""
    return tuple([heading for heading, count in Counter(table.headings).items() if count > 1 and heading])


def positions(table: TableFile, first: TableFile) -> list[int]:
    """Where the columns of the ``first`` table stand in another one, from 0; of a repeated heading, the same one of them."""
    places: dict[str, list[int]] = {}
    for place, heading in enumerate(table.headings):
        places.setdefault(heading, []).append(place)
    return [places[heading].pop(0) for heading in first.headings]
