"""A table of patients once it is open: where its bytes are, how they are written, and what its headings are."""

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
    """One table, ready to be read.

    ``name`` is for messages. ``path`` is the file to read: the original, or a UTF-8 copy of it. ``headings`` stand in the order
    of the columns. ``rows`` is how many the file says it has; only Parquet does. Of CSV, ``skip`` records stand before the
    heading record; all lines end in ``line_end``, and data begins behind ``ends_above`` of these.
    """

    name: str
    path: str
    form: Form
    headings: tuple[str, ...]
    rows: int | None = None
    delimiter: str = ""
    skip: int = 0
    line_end: str = "\n"
    ends_above: int = 1
    compression: Compression = ""
