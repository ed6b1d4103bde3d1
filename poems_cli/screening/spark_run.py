"""Answers a table on Spark, for tables that one machine is too small for: each task answers pieces of it as this machine would.

The machines of the cluster must see the tables and the spill folder under the same paths, and need this package.
"""

import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from poems_cli.errors import PoemsError, usage_error
from poems_cli.screening.answering import Part, TableAnswerer
from poems_cli.screening.output_set import OutputSet
from poems_cli.screening.plan import Plan
from poems_cli.screening.run import Outcome, encoded_by, write_parts
from poems_cli.screening.spark_session import LOG_VARIABLE, Session, check_installed
from poems_cli.tables.batches import Piece, load_piece, pieces_of
from poems_cli.tables.table_bytes import copy_in, pieces
from poems_cli.tables.table_file import TableFile

_PIECES_PER_TASK = 4
#: What a task says of each piece: where the answer is, or the number of rows, and a problem of the table.
_SCHEMA = pa.schema([("place", pa.int64()), ("rows", pa.int64()), ("problem", pa.binary())])


class _Task(NamedTuple):
    """One piece of work, in the order of the rows; ``first`` is the number of its first row among all."""

    place: int
    table: int
    piece: Piece
    first: int = 1


def run_on_spark(plan: Plan, outputs: OutputSet, master: str | None) -> Outcome:
    """Answer every row and write it.

    Raises :class:`PoemsError` for what cannot be read, and where Spark cannot go on.
    """
    check_installed()
    if plan.tables[0].form == "ndjson":
        raise usage_error("--engine spark", "it reads CSV and Parquet", "leave it out, or write the table as Parquet")
    plan = plan._replace(tables=tuple([_in_place(table, plan.spill) for table in plan.tables]))
    session = Session(master, plan.spill, plan.memory, plan.threads)
    try:
        tasks = [_Task(place, table, piece) for place, (table, piece) in enumerate(_pieces(plan))]
        if plan.table_map.id is None:  # patients are numbered, so the rows before each piece have to be known
            rows = _done(session, tasks, _counted(plan))
            firsts = [1 + sum(rows[:place]) for place in range(len(tasks))]
            tasks = [task._replace(first=first) for task, first in zip(tasks, firsts, strict=True)]
        _done(session, tasks, _answered(plan))
        answerer = TableAnswerer(plan)
        kept = (part for task in tasks for part in _kept(plan, task.place))
        return write_parts(plan, answerer.schema, outputs, lambda writers: encoded_by(writers, kept))
    finally:
        session.close()


def _in_place(table: TableFile, spill: str) -> TableFile:
    """A table whose bytes every task can read for itself."""
    if table.form == "parquet" or not table.compression:
        return table
    with copy_in(spill) as (target, place):
        target.writelines(pieces(table.name, table.path, table.compression))
    return table._replace(path=place, compression="")


def _pieces(plan: Plan) -> Iterator[tuple[int, Piece]]:
    for place, table in enumerate(plan.tables):
        yield from ((place, piece) for piece in pieces_of(table))


def _counted(plan: Plan) -> Callable[[_Task], int]:
    def rows(task: _Task) -> int:
        table = plan.tables[task.table]
        return sum(load().rows for load in load_piece(table, task.piece, table.headings[:1], {}))

    return rows


def _answered(plan: Plan) -> Callable[[_Task], int]:
    """Answers a piece and keeps the answer in the spill folder; how many rows it has."""
    made: list[TableAnswerer] = []

    def answer(task: _Task) -> int:
        if not made:  # once in each worker
            made.append(TableAnswerer(plan))
        answerer, table = made[0], plan.tables[task.table]
        first = task.first
        parts = []
        for load in load_piece(table, task.piece, plan.wanted, plan.kinds):
            part = answerer.part(task.table, answerer.read(load), first)
            first += part.answer.num_rows
            parts.append(part)
        _keep(plan, task.place, parts)
        return first - task.first

    return answer


def _keep(plan: Plan, place: int, parts: Sequence[Part]) -> None:
    with open(_path(plan, place), "wb") as stream:
        pickle.dump(parts, stream, protocol=5)


def _kept(plan: Plan, place: int) -> Iterator[Part]:
    with open(_path(plan, place), "rb") as stream:
        yield from pickle.load(stream)
    Path(_path(plan, place)).unlink()


def _path(plan: Plan, place: int) -> str:
    return str(Path(plan.spill, f"part-{place}"))


def _done(session: Session, tasks: Sequence[_Task], work: Callable[[_Task], int]) -> list[int]:
    """Do the work of all tasks on the cluster; the rows of each. Raises :class:`PoemsError`."""

    def answers(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for pickled in batch.column(0).to_pylist():
                yield _tried(pickle.loads(pickled), work)

    rows = [(pickle.dumps(task),) for task in tasks]
    slices = max(1, -(-len(rows) // _PIECES_PER_TASK))
    try:
        frame = session.spark.createDataFrame(session.spark.sparkContext.parallelize(rows, slices), "task BINARY")
        with warnings.catch_warnings():  # PySpark warns of the version of pandas, which is not used here
            warnings.simplefilter("ignore")
            found = frame.mapInArrow(answers, "place BIGINT, rows BIGINT, problem BINARY").collect()
    except Exception as error:  # its text may quote rows
        raise usage_error("", *_of_spark(str(error).lower())) from None
    for row in sorted(found, key=lambda each: each["place"]):
        if row["problem"] is not None:
            raise pickle.loads(bytes(row["problem"]))
    return [row["rows"] for row in sorted(found, key=lambda each: each["place"])]


def _tried(task: _Task, work: Callable[[_Task], int]) -> pa.RecordBatch:
    """What came of a task: its rows, or the problem of the table."""
    rows, problem = 0, None
    try:
        rows = work(task)
    except PoemsError as error:
        problem = pickle.dumps(PoemsError(error.problems, error.exit_code))
    return pa.RecordBatch.from_arrays(
        [pa.array([task.place]), pa.array([rows]), pa.array([problem], pa.binary())], schema=_SCHEMA
    )


def _of_spark(said: str) -> tuple[str, str]:
    if "no space left" in said:
        return "a disk is full", "free some space, or name another folder with --spill or another place with -o"
    if "outofmemoryerror" in said or "java heap space" in said or "gc overhead" in said or "memoryerror" in said:
        return "Spark has too little memory for this table", "give more with --memory-limit"
    if "permission denied" in said or "accesscontrolexception" in said:
        return "Spark cannot read the tables or write the answer", "check their permissions on every machine of the cluster"
    if "filenotfounderror" in said or "no such file" in said:
        return "a file that Spark reads is not there", "every machine of the cluster must see it under the same path"
    if "modulenotfounderror" in said:
        return "a machine of the cluster lacks a package", "install poems-cli on every machine, in the Python that Spark runs"
    if "stopped sparkcontext" in said or "unresponsive" in said or "connection refused" in said:
        return "Spark's cluster cannot be reached any more", "check it, and start again"
    return "Spark stopped", f"please report it, with the first line of what you ran. {LOG_VARIABLE}=FILE keeps its log"
