"""Screening from Python: a table that is in memory, or that comes as a stream of Arrow, answered as such a stream."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from poems_cli.memo import Memo
from poems_cli.model import Rules
from poems_cli.rules.loading import units_of
from poems_cli.screening.answering import TableAnswerer
from poems_cli.screening.options import ScreenOptions, answer_columns, checked, criteria_of, mapping
from poems_cli.screening.plan import Plan
from poems_cli.tables.batches import ROWS, Batch, readable
from poems_cli.tables.columns import TableMap, Unplaced
from poems_cli.tables.table_file import TableFile

_REMEMBERED = 20


class Screener:
    """Answers record batches: call it with a batch of a table, and it returns the answer, a row for each of its rows.

    It can be pickled, and be used by several threads. ``schema`` is that of the answer. Rows without an id are numbered within
    their batch.
    """

    def __init__(self, rules: Rules, options: ScreenOptions) -> None:
        """Raises :class:`PoemsError` for a column of the answer that there is not."""
        self._rules = rules
        self._options = options
        self.schema = _plain(TableAnswerer(self._plan(())).schema)
        self._made: Memo[tuple[str, ...], TableAnswerer] = Memo(_REMEMBERED)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The answer of a batch. Raises :class:`PoemsError` for columns that are not clear."""
        return self.answered(batch, 1)

    def answered(self, batch: pa.RecordBatch, first: int) -> pa.RecordBatch:
        """The answer of a batch whose first row has the number ``first`` among all rows."""
        headings = tuple(batch.schema.names)
        answerer = self._made.get(headings)
        if answerer is None:
            answerer = self._made[headings] = TableAnswerer(self._plan(headings))
        columns = {heading: readable(batch.column(headings.index(heading))) for heading in answerer.wanted}
        read = Batch(columns, np.arange(first, first + batch.num_rows))
        return answerer.part(0, *answerer.read(lambda: read), first).answer.cast(self.schema)

    def unread(self, headings: Sequence[str]) -> tuple[Unplaced, ...]:
        """The columns with these headings that are not read. Raises as a call does."""
        return self._plan(headings).table_map.unplaced

    def _plan(self, headings: Sequence[str]) -> Plan:
        rules, options = self._rules, self._options
        table_map = TableMap(None, ())
        if headings:
            table_map = mapping(rules, options, headings)
            checked(table_map, strict=options.strict)
        criteria = criteria_of(rules, options)
        return Plan(
            rules=rules,
            units=units_of(rules),
            tables=(TableFile("table", "", "parquet", tuple(headings)),),
            table_map=table_map,
            criteria=criteria,
            columns=answer_columns(rules, options, criteria),
            decimal=options.decimal,
            outputs=(),
            spill="",
            kinds={},
            counts_steps=False,
        )

    def __getstate__(self) -> Mapping[str, Any]:
        """Everything but what is worked out anew."""
        return {"_rules": self._rules, "_options": self._options, "schema": self.schema, "_made": Memo(_REMEMBERED)}


def _plain(schema: pa.Schema) -> pa.Schema:
    """A schema with plain texts: not every engine takes a column of words by their places in a list."""
    return pa.schema([(field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type) for field in schema])


def screen_table(rules: Rules, table: Any, options: ScreenOptions) -> tuple[pa.RecordBatchReader, tuple[Unplaced, ...]]:
    """The answer for a table, and its columns that are not read because nothing says what they are.

    A table is anything with ``__arrow_c_stream__``. Raises :class:`PoemsError` for columns that are not clear and for what was
    asked, and :class:`TypeError` for what is no table.
    """
    reader = _stream(table)
    screener = Screener(rules, options)
    unread = screener.unread(reader.schema.names)

    def answers() -> Iterator[pa.RecordBatch]:
        first = 1
        for batch in reader:
            for start in range(0, batch.num_rows, ROWS):
                rows = batch.slice(start, ROWS)
                yield screener.answered(rows, first)
                first += rows.num_rows

    return pa.RecordBatchReader.from_batches(screener.schema, answers()), unread


def _stream(table: Any) -> pa.RecordBatchReader:
    if hasattr(table, "reset_index"):  # pandas: its index may hold the patient's id
        names = table.index.names
        table = table.reset_index(allow_duplicates=True) if any(name is not None for name in names) else table
        table = pa.Table.from_pandas(table, preserve_index=False)
    if not hasattr(table, "__arrow_c_stream__"):
        message = (
            "a table is a DataFrame of pandas or Polars, a relation of DuckDB, or anything else that gives an Arrow stream"
        )
        raise TypeError(message)
    return pa.RecordBatchReader.from_stream(table)
