"""Answers the tables of a plan on all processors of this machine: pieces in order, few of them in memory at a time."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from poems_cli.arrays.counts import Counts
from poems_cli.errors import Problem
from poems_cli.machine import processors
from poems_cli.screening.answering import Part, Read, Rows, TableAnswerer
from poems_cli.screening.output_set import OutputSet
from poems_cli.screening.plan import Plan
from poems_cli.screening.reading_columns import ColumnProfiles
from poems_cli.screening.writers import Writer
from poems_cli.tables.batches import Load, batches
from poems_cli.tables.odd_letters import unfit_said
from poems_cli.tables.patient_rows import SetAside
from poems_cli.tables.table_file import TableError
from poems_cli.tables.visits import Repeated, repeated

Done = TypeVar("Done")
_MOST_IDS = 2_000_000  # how many are compared with each other
_AHEAD = 2  # pieces that wait for a processor


class Outcome(NamedTuple):
    """What came of a run: what was counted, what the cells of the columns are, and what the user must know of the rows."""

    counts: Counts
    profiles: ColumnProfiles
    notes: tuple[Problem, ...]


def run(plan: Plan, outputs: OutputSet, progress: "Progress") -> Outcome:
    """Answer every row and write it. Raises :class:`TableError` where a table cannot be read."""
    answerer = TableAnswerer(plan)
    return write_parts(plan, answerer.schema, outputs, lambda writers: _parts(plan, answerer, writers, progress))


def write_parts(
    plan: Plan, schema: pa.Schema, outputs: OutputSet, parts: "Callable[[Sequence[Writer]], Iterator[Encoded]]"
) -> Outcome:
    """Write the parts of an answer in order, and count; ``parts`` gives them with what some writers take of each."""
    counts, profiles, rows = Counts(), plan.profiles.empty(), _Rows(plan)
    with ExitStack() as stack:
        writers = outputs.writers(schema)
        worklist = stack.enter_context(_Worklist(plan.spill, schema)) if plan.worklist else None
        for part, encoded in parts([] if worklist else writers):
            counts.add(part.counts)
            profiles.merge(part.profiles)
            rows.add(part.rows)
            outputs.add_rejects(part.rejects)
            outputs.rows += part.answer.num_rows
            if worklist is not None:
                with outputs.spilling():
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
    rows.check(counts.rows)
    return Outcome(counts, profiles, tuple(rows.notes()))


def encoded_by(writers: Sequence[Writer], parts: Iterable[Part]) -> "Iterator[Encoded]":
    """Parts with what the writers take of them."""
    for part in parts:
        yield part, [writer.encode(part.answer) for writer in writers]


class _Rows:
    """What is seen of the rows of all tables."""

    def __init__(self, plan: Plan) -> None:
        self._tables = plan.tables
        self._aside: dict[int, SetAside] = {}
        self._odd: dict[int, tuple[int, int]] = {}
        self._ids: list[pa.Array] = []
        self._left = _MOST_IDS
        self._comparing = ThreadPoolExecutor(1, "poems")  # while other rows are answered
        self._repeated: Future[Repeated] | None = None

    def add(self, rows: Rows) -> None:
        """Take note of those of one part."""
        self._aside[rows.table] = self._aside.get(rows.table, SetAside()).plus(rows.aside)
        if rows.odd_ids:
            before, first = self._odd.get(rows.table, (0, rows.first_odd))
            self._odd[rows.table] = (before + rows.odd_ids, first)
        if rows.ids is not None and self._left > 0:
            self._ids.append(rows.ids)
            self._left -= len(rows.ids)
            if self._left <= 0:
                self._repeated = self._comparing.submit(self._compared)

    def _compared(self) -> Repeated:
        return repeated(pa.chunked_array(self._ids, pa.string()))

    def check(self, answered: int) -> None:
        """Rows in = rows out, as far as the files say how many they have; CSV is counted block by block."""
        said = [table.rows for table in self._tables if table.rows is not None]
        aside = sum(seen.rows for seen in self._aside.values())
        if len(said) == len(self._tables) and sum(said) != answered + aside:
            what = f"{sum(said)} rows are in the table, and {answered + aside} were read"
            raise TableError(self._tables[0].name, what, "nothing was written; please report it, without patients' data")

    def notes(self) -> Iterator[Problem]:
        """What the user must know."""
        for place, table in enumerate(self._tables):
            yield from table.notes
            yield from self._aside.get(place, SetAside()).remarks(table.name)
            if place in self._odd:
                yield unfit_said(table.name, *self._odd[place])
        if self._ids:
            found = self._repeated.result() if self._repeated else self._compared()
            yield from found.remarks(self._tables[0].name)


class Progress:
    """How much of a run is done, from 0 to 1; ``None`` where that is not known."""

    def __init__(self) -> None:
        self.fraction: float | None = None


#: The answer of a piece, with what each writer takes of it.
Encoded: TypeAlias = tuple[Part, list[Any]]


def _parts(plan: Plan, answerer: TableAnswerer, writers: Sequence[Writer], progress: Progress) -> Iterator[Encoded]:
    """The answers of all pieces in order, each with what the writers take of it."""

    def encoded(table: int, read: Read, first: int) -> Encoded:
        part = answerer.part(table, read, first)
        return part, [writer.encode(part.answer) for writer in writers]

    def work(piece: _Piece) -> Encoded | tuple[_Piece, Read]:
        read = answerer.read(piece.load, is_first=piece.is_first, is_last=piece.is_last)
        # Where rows are numbered, a piece has to wait for those before it.
        return (piece, read) if plan.table_map.id is None else encoded(piece.table, read, 0)

    first = 1
    with closing(_in_order(work, _pieces(plan, progress), plan.threads or processors())) as found:
        for done in found:
            finished = encoded(done[0].table, done[1], first) if isinstance(done[0], _Piece) else done
            first += finished[0].answer.num_rows
            yield finished


class _Piece(NamedTuple):
    """A piece of a table, to be loaded; whether it is the first of the table, and the last."""

    table: int
    load: Load
    is_first: bool
    is_last: bool


def _in_order(work: "Callable[[_Piece], Done]", pieces: Iterable[_Piece], threads: int) -> "Generator[Done, None, None]":
    """What comes of each piece, in order; as many are worked on as there are threads, and a few wait."""
    waiting: deque[Future[Done]] = deque()
    with ThreadPoolExecutor(threads, "poems") as pool:
        try:
            for piece in pieces:
                waiting.append(pool.submit(work, piece))
                while len(waiting) >= threads + _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _pieces(plan: Plan, progress: Progress) -> Iterator[_Piece]:
    for place, table in enumerate(plan.tables):
        held: _Piece | None = None
        for load, share in batches(table, plan.wanted, plan.kinds):
            if held is not None:
                yield held
            if share is not None:
                progress.fraction = (place + share) / len(plan.tables)
            held = _Piece(place, load, held is None, is_last=False)
        if held is not None:
            yield held._replace(is_last=True)
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
