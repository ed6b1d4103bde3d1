"""What several rows of one patient mean: which of them is answered, as ``--visits`` says."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from poems_cli.errors import Problem
from poems_cli.phrases import counted
from poems_cli.written_numbers import SPACE

if TYPE_CHECKING:  # both are slow to load
    import numpy as np
    import pyarrow as pa

    from poems_cli.tables.visit_dates import Times

    Places: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]

Visits: TypeAlias = Literal["latest", "first", "each", "worst"]


class Repeated(NamedTuple):
    """How many ids occur in more than one row, and in how many rows; and how many rows have no id."""

    ids: int
    rows: int
    nameless: int = 0

    def remarks(self, where: str) -> Iterator[Problem]:
        """What the user must know where no option said what several rows of a patient mean."""
        if self.nameless:
            what = counted(self.nameless, "row has no id, and is", "rows have no id, and each is")
            mend = "write the id into every row, if such a row belongs to the patient above it"
            yield Problem(where, f"{what} answered as another patient", mend)
        if self.ids:
            ids = counted(self.ids, "id has", "ids have")
            what = f"{ids} more than one row ({self.rows:,} rows in all), and each row is answered by itself"
            yield Problem(where, what, "say what they mean: --visits latest --date COLUMN (or first, worst, each)")


class Chosen(NamedTuple):
    """The rows to answer, as places from 0 in the order of the table, and how they were chosen.

    ``ids`` of the patients had several rows, ``rows`` in all; ``tied`` of them had more than one on the day that counts, and
    ``undated`` rows had no date.
    """

    places: "Places"
    visits: Visits
    ids: int = 0
    rows: int = 0
    tied: int = 0
    undated: int = 0

    def remarks(self, where: str) -> Iterator[Problem]:
        """What the user must know, a line each; ``where`` names the table."""
        if not self.ids:
            return
        ids = counted(self.ids, "id has", "ids have")
        yield Problem(where, f"{ids} more than one row ({self.rows:,} rows in all); the {self.visits} is answered")
        if self.tied:
            end = "last" if self.visits == "latest" else "first"
            count = counted(self.tied, "of them has", "of them have")
            what = f"{count} several rows on that date; the {end} in the table is answered"
            yield Problem(where, what, "give --date a column with the time to choose otherwise")
        if self.undated:
            count = counted(self.undated, "of their rows has", "of their rows have")
            yield Problem(where, f"{count} no date, and counts only where no row of the patient has one")


def repeated(ids: "pa.ChunkedArray") -> Repeated:
    """How many ids occur more than once, and how many are blank."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.utf8_trim(ids.drop_null().cast(pa.string()), SPACE)
    texts = texts.filter(pc.not_equal(texts, ""))
    nameless = len(ids) - len(texts)
    following = texts.slice(1)
    if pc.all(pc.less(texts.slice(0, len(following)), following)).as_py():  # most tables are sorted: nothing to look up
        return Repeated(0, 0, nameless)
    if len(pc.unique(texts)) == len(texts):  # three times as fast as to count
        return Repeated(0, 0, nameless)
    counts = pc.value_counts(texts).field("counts")
    several = counts.filter(pc.greater(counts, 1))
    return Repeated(len(several), pc.sum(several).as_py() or 0, nameless)


def chosen(ids: "pa.ChunkedArray", dates: "Times", visits: Visits) -> Chosen:
    """Which rows are answered: of each id that with the latest or the first date. Each row without an id is a patient."""
    import numpy as np

    patients = patients_of(ids)
    sizes = np.bincount(patients)
    undated = np.isnat(dates)
    times = np.where(undated, np.int64(0), dates.astype(np.int64))
    sign = -1 if visits == "latest" else 1
    order = np.lexsort((sign * np.arange(len(ids)), sign * times, undated, patients))  # by patient, and what counts first
    starts = np.cumsum(sizes) - sizes
    best, next_best = order[starts[sizes > 1]], order[starts[sizes > 1] + 1]
    tied = (times[best] == times[next_best]) & (undated[best] == undated[next_best])
    several = sizes[patients] > 1
    counts = [int(count.sum()) for count in (sizes > 1, several, tied, undated & several)]
    return Chosen(np.sort(order[starts]), visits, *counts)


def patients_of(ids: "pa.ChunkedArray") -> "Places":
    """A number for the patient of each row, from 0 in the order in which they first come; without an id, each is another."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.utf8_trim(pc.fill_null(ids.cast(pa.string()), ""), SPACE).combine_chunks()
    alone = pc.binary_join_element_wise(" ", pa.array(np.arange(len(ids))).cast(pa.string()), "")  # no id begins with a space
    patients = pc.if_else(pc.equal(texts, ""), alone, texts).dictionary_encode()
    numbers: Places = np.asarray(patients.indices).astype(np.int64)
    return numbers
