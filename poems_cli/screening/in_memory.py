"""Screening from Python: a table that is in memory, or that comes as a stream of Arrow, answered as such a stream."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from poems_cli.errors import Problem
from poems_cli.memo import Memo
from poems_cli.model import Rules
from poems_cli.phrases import counted
from poems_cli.screening.answering import TableAnswerer
from poems_cli.screening.options import ScreenOptions, answer_columns, checked, criteria_of, mapping, refuse_ambiguous
from poems_cli.screening.plan import Plan
from poems_cli.screening.reading_columns import ColumnProfiles, said
from poems_cli.tables.batches import ROWS, Batch, as_text, readable_columns
from poems_cli.tables.columns import TableMap, Unplaced
from poems_cli.tables.deciding import DecidingOptions
from poems_cli.tables.last_rows import LAST, last_rows
from poems_cli.tables.table_file import TableFile
from poems_cli.tables.visits import repeated

_REMEMBERED = 20


class Screener:
    """Answers record batches: call it with a batch of a table, and it returns the answer, a row for each of its rows.

    It can be pickled, and be used by several threads. ``schema`` is that of the answer. Rows without an id are numbered within
    their batch. No batch knows what others hold, so nothing is concluded from cells: every unit must be stated, and codes mean
    what the mapping says.
    """

    def __init__(self, rules: Rules, options: ScreenOptions) -> None:
        """Raises :class:`PoemsError` for a column of the answer that there is not."""
        self._rules = rules
        self._options = options
        self.schema = _plain(TableAnswerer(_plan(rules, options, (), ColumnProfiles.none(rules), TableMap(None, ()))).schema)
        self._made: Memo[tuple[str, ...], TableAnswerer] = Memo(_REMEMBERED)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The answer of a batch. Raises :class:`PoemsError` for columns that are not clear."""
        headings = tuple(batch.schema.names)
        answerer = self._made.get(headings)
        if answerer is None:
            answerer = self._made[headings] = self._answerer(headings)
        return _answer(answerer, batch, 1).cast(self.schema)

    def _answerer(self, headings: Sequence[str]) -> TableAnswerer:
        rules, options = self._rules, self._options
        candidates = mapping(rules, options, headings)
        refuse_ambiguous(candidates)
        table_map = said(candidates, rules, options.units)
        checked(table_map, strict=options.strict)
        return TableAnswerer(_plan(rules, options, headings, ColumnProfiles.none(rules), table_map))

    def __getstate__(self) -> Mapping[str, Any]:
        """Everything but what is worked out again."""
        return {"_rules": self._rules, "_options": self._options, "schema": self.schema, "_made": Memo(_REMEMBERED)}


class Screened(NamedTuple):
    """The answer for a table, its columns that are not read, and what else the user must know."""

    answer: pa.RecordBatchReader
    unread: tuple[Unplaced, ...]
    notes: tuple[Problem, ...]


def screen_table(rules: Rules, table: Any, options: ScreenOptions) -> Screened:
    """The answer for a table, with a row for each of its rows, and what is to be said of it.

    A table is anything with ``__arrow_c_stream__``; it is taken into memory. Raises :class:`PoemsError` for columns that are
    not clear and for what was asked, and :class:`TypeError` for what is not a table.
    """
    given = _table(table)
    headings = given.schema.names
    candidates = mapping(rules, options, headings)
    refuse_ambiguous(candidates)
    profiles = ColumnProfiles(rules, candidates, DecidingOptions(options.units, options.decimal))
    batches = given.to_batches(max_chunksize=ROWS)
    for batch in batches:
        profiles.add(readable_columns("table", batch, profiles.headings))
    table_map = profiles.decided()
    checked(table_map, strict=options.strict)
    answerer = TableAnswerer(_plan(rules, options, headings, profiles, table_map))
    schema = _plain(answerer.schema)

    def answers() -> Iterator[pa.RecordBatch]:
        first = 1
        for batch in batches:
            yield _answer(answerer, batch, first).cast(schema)
            first += batch.num_rows

    notes = tuple(_notes(batches, table_map.id))
    return Screened(pa.RecordBatchReader.from_batches(schema, answers()), table_map.unplaced, notes)


def _notes(batches: Sequence[pa.RecordBatch], identity: str | None) -> Iterator[Problem]:
    """What the ids say of the rows: of several rows of a patient, and of rows that may be none of patients."""
    if identity is None or not batches:
        return
    ids = [as_text(readable_columns("table", batch, [identity])[identity]) for batch in batches]
    several = repeated(pa.chunked_array(ids, pa.string()))
    yield from several._replace(ids=0).remarks("table")
    if several.ids:
        ids_have = counted(several.ids, "id has", "ids have")
        yield Problem("table", f"{ids_have} more than one row, and each is answered by itself")
    last = [{identity: cell} for cell in ids[-1].slice(max(len(ids[-1]) - LAST, 0)).to_pylist()]
    found = last_rows(last, [identity])
    if found.totals or found.is_doubtful:
        yield Problem("table", "the last rows may hold totals, and are answered as patients", "leave them out")


def _answer(answerer: TableAnswerer, batch: pa.RecordBatch, first: int) -> pa.RecordBatch:
    """The answer of a batch whose first row has the number ``first`` among all rows."""
    columns = readable_columns("table", batch, answerer.wanted)
    read = Batch(columns, np.arange(first, first + batch.num_rows))
    return answerer.part(0, answerer.read_whole(read), first).answer


def _plan(rules: Rules, options: ScreenOptions, headings: Sequence[str], profiles: ColumnProfiles, table_map: TableMap) -> Plan:
    criteria = criteria_of(rules, options)
    return Plan(
        rules=rules,
        tables=(TableFile("table", "", "parquet", tuple(headings)),),
        table_map=table_map,
        criteria=criteria,
        columns=answer_columns(rules, options, criteria),
        outputs=(),
        spill="",
        kinds={},
        profiles=profiles,
        counts_steps=False,
    )


def _plain(schema: pa.Schema) -> pa.Schema:
    """A schema with plain texts: not every engine takes a column of words by their places in a list."""
    return pa.schema([(field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type) for field in schema])


def _table(given: Any) -> pa.Table:
    if hasattr(given, "reset_index"):
        return _of_pandas(given)
    # pyarrow's own is taken as it is: before 25, short texts of type string_view end the process on their way out and in
    if isinstance(given, pa.Table):
        return given
    if isinstance(given, pa.RecordBatch):
        return pa.Table.from_batches([given])
    if not isinstance(given, pa.RecordBatchReader):
        if not hasattr(given, "__arrow_c_stream__"):
            message = (
                "a table is a DataFrame of pandas or Polars, a relation of DuckDB, or anything else that gives an Arrow stream"
            )
            raise TypeError(message)
        given = pa.RecordBatchReader.from_stream(given)
    return given.read_all()


def _of_pandas(frame: Any) -> pa.Table:
    """A frame of pandas column by column, since two columns may have one name; an index with a name is a column."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index(allow_duplicates=True)
    columns = [_of_series(frame.iloc[:, place]) for place in range(frame.shape[1])]
    return pa.Table.from_arrays(columns, [str(name) for name in frame.columns])


def _of_series(series: Any) -> pa.Array:
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # cells of several types, as of a sheet
        missing = series.isna().tolist()
        return pa.array([None if none else str(cell) for cell, none in zip(series.tolist(), missing, strict=True)], pa.string())
