"""Answers the tables of a plan on all processors of this machine: pieces in order, few of them in memory at a time."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from poems_cli.arrays.answers import Answered
from poems_cli.arrays.counts import Counts
from poems_cli.machine import processors
from poems_cli.screening.answering import Part, TableAnswerer
from poems_cli.screening.output_set import OutputSet
from poems_cli.screening.plan import Plan
from poems_cli.screening.reading_columns import ColumnProfiles
from poems_cli.screening.writers import Writer
from poems_cli.tables.batches import Batch, Load, batches

_AHEAD = 2  # pieces that wait for a processor


def run(plan: Plan, outputs: OutputSet, progress: "Progress") -> tuple[Counts, ColumnProfiles]:
    """Answer every row and write it; what was counted, and what the cells of the columns are.

    Raises :class:`TableError` where a table cannot be read.
    """
    answerer = TableAnswerer(plan)
    return write_parts(plan, answerer.schema, outputs, lambda writers: _parts(plan, answerer, writers, progress))


def write_parts(
    plan: Plan, schema: pa.Schema, outputs: OutputSet, parts: "Callable[[Sequence[Writer]], Iterator[Encoded]]"
) -> tuple[Counts, ColumnProfiles]:
    """Write the parts of an answer in order, and count; ``parts`` gives them with what some writers take of each."""
    counts, profiles = Counts(), plan.profiles.empty()
    with ExitStack() as stack:
        writers = outputs.writers(schema)
        worklist = stack.enter_context(_Worklist(plan.spill, schema)) if plan.worklist else None
        for part, encoded in parts([] if worklist else writers):
            counts.add(part.counts)
            profiles.merge(part.profiles)
            outputs.add_rejects(part.rejects)
            outputs.rows += part.answer.num_rows
            if worklist is not None:
                worklist.add(part)
            for writer, piece in zip(writers, encoded, strict=False):
                writer.write(piece)
        if worklist is not None:
            outputs.rows = 0
            for batch in worklist.batches():
                outputs.rows += batch.num_rows
                for writer in writers:
                    writer.write(writer.encode(batch))
        for writer in writers:
            writer.close()
    return counts, profiles


def encoded_by(writers: Sequence[Writer], parts: Iterable[Part]) -> "Iterator[Encoded]":
    """Parts with what the writers take of them."""
    for part in parts:
        yield part, [writer.encode(part.answer) for writer in writers]


class Progress:
    """How much of a run is done, from 0 to 1; ``None`` where that is not known."""

    def __init__(self) -> None:
        self.fraction: float | None = None


#: The answer of a piece, with what each writer takes of it.
Encoded: TypeAlias = tuple[Part, list[Any]]
#: A piece that was answered: the position of its table, its rows and what was found of them.
_Read: TypeAlias = tuple[int, Batch, Answered]


def _parts(plan: Plan, answerer: TableAnswerer, writers: Sequence[Writer], progress: Progress) -> Iterator[Encoded]:
    """The answers of all pieces in order, each with what the writers take of it."""

    def encoded(read: _Read, first: int) -> Encoded:
        part = answerer.part(*read, first)
        return part, [writer.encode(part.answer) for writer in writers]

    def work(table: int, load: Load) -> Encoded | _Read:
        read = (table, *answerer.read(load))
        # Where rows are numbered, a piece has to wait for those before it.
        return read if plan.table_map.id is None else encoded(read, 0)

    first = 1
    with closing(_in_order(work, _loads(plan, progress), plan.threads or processors())) as found:
        for done in found:
            finished = encoded(done, first) if len(done) == 3 else done
            first += finished[0].answer.num_rows
            yield finished


def _in_order(
    work: Callable[[int, Load], Encoded | _Read], loads: Iterable[tuple[int, Load]], threads: int
) -> Generator[Encoded | _Read, None, None]:
    """What comes of each piece, in order; as many are worked on as there are threads, and a few wait."""
    waiting: deque[Future[Encoded | _Read]] = deque()
    with ThreadPoolExecutor(threads, "poems") as pool:
        try:
            for table, load in loads:
                waiting.append(pool.submit(work, table, load))
                while len(waiting) >= threads + _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _loads(plan: Plan, progress: Progress) -> Iterator[tuple[int, Load]]:
    for place, table in enumerate(plan.tables):
        for load, share in batches(table, plan.wanted, plan.kinds):
            if share is not None:
                progress.fraction = (place + share) / len(plan.tables)
            yield place, load
        progress.fraction = (place + 1) / len(plan.tables)


class _Worklist:
    """The rows of a worklist, kept apart by their steps to met until all are known: the nearest come first."""

    def __init__(self, spill: str, schema: pa.Schema) -> None:
        self._spill = spill
        # Words as plain text: each batch has a list of words of its own, and a stream could not change it.
        kinds = [pa.string() if pa.types.is_dictionary(field.type) else field.type for field in schema]
        self._schema = pa.schema(list(zip(schema.names, kinds, strict=True)))
        self._written = schema
        self._streams: dict[int, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in self._streams.values():
            stream.close()

    def _path(self, steps: int) -> str:
        return str(Path(self._spill, f"worklist-{steps}"))

    def add(self, part: Part) -> None:
        """Keep the rows that belong on the list."""
        if part.steps_left is None:
            raise TypeError
        for steps in np.unique(part.steps_left).tolist():
            if steps >= 0:
                rows = part.answer.take(pa.array(np.flatnonzero(part.steps_left == steps)))
                if steps not in self._streams:
                    self._streams[steps] = pa.ipc.new_stream(self._path(steps), self._schema)
                self._streams[steps].write_batch(rows.cast(self._schema))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, the nearest first."""
        for steps in sorted(self._streams):
            self._streams[steps].close()
            with pa.OSFile(self._path(steps)) as file, pa.ipc.open_stream(file) as stream:
                for batch in stream:
                    yield batch.cast(self._written)
