"""A table of patients once it is open: where its bytes are, how they are written, and what its headings are."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_INPUT, EXIT_USAGE

if TYPE_CHECKING:
    import pyarrow as pa

Form: TypeAlias = Literal["csv", "parquet", "ndjson", "memory"]
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
    sheet: str | None = None


class TableFile(NamedTuple):
    """One table, ready to be read.

    ``name`` is for messages. ``path`` is the file to read: the original, or a UTF-8 copy of it. ``headings`` are in the order
    of the columns. ``rows`` is how many the file says it has; only Parquet does. Of CSV, ``skip`` records come before the
    heading record; all lines end in ``line_end``, and data begins after ``ends_above`` of these.

    A table that is in ``memory`` (a sheet of a workbook, or one that was made of another) has its ``cells``, under the headings
    by place, and the ``numbers`` of its rows. ``labels`` are other names of the columns, in their order. ``in_doubt`` says of
    headings why their numbers cannot be read for certain, ``notes`` what else the user must know. ``every`` are the cells of
    all rows where only some of them are answered: how its columns are read is decided by these. ``cell_rows`` are, by heading,
    the numbers of the rows that the cells of a column come from, where those are others than its own ``numbers``.
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
    cells: "pa.Table | None" = None
    numbers: Sequence[int] = ()
    labels: tuple[str, ...] = ()
    in_doubt: Mapping[str, str] = {}
    notes: tuple[Problem, ...] = ()
    every: Mapping[str, "pa.Array"] = {}
    cell_rows: Mapping[str, Sequence[int]] = {}

    def row_of(self, heading: str, row: int) -> int:
        """The number of the row that a cell comes from, by the number of the row that it is in."""
        places = self.cell_rows.get(heading)
        return row if places is None else places[bisect_left(self.numbers, row)]


def in_memory(
    name: str, path: str, headings: Sequence[str], cells: "pa.Table", numbers: Sequence[int], notes: Sequence[Problem]
) -> TableFile:
    """A table in memory."""
    return TableFile(name, path, "memory", tuple(headings), cells.num_rows, cells=cells, numbers=numbers, notes=tuple(notes))
