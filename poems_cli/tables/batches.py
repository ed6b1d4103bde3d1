"""A table as batches of rows, in order: cut into pieces, several of which can be turned into columns at the same time.

The columns of a batch are Arrow arrays by heading; a blank cell is null. Each row has its number as a person counts it: the row
of a sheet for CSV (the headings are in row 1), the line of JSON lines, the position from 1 in Parquet.
"""

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from poems_cli.phrases import quoted
from poems_cli.tables.csv_blocks import BLOCK, Block, Records, blank_lines, blocks, records_of
from poems_cli.tables.json_lines import lines, read_line
from poems_cli.tables.table_bytes import readable
from poems_cli.tables.table_file import TableError, TableFile
from poems_cli.written_numbers import SPACE

#: How a column of CSV is best read, by its first cells: a guess of what is faster, never of a meaning.
Kind: TypeAlias = Literal["text", "words", "whole", "number"]

#: About how many rows make a batch.
ROWS = 1 << 17
#: About how many bytes are read at a time for the first rows.
_FIRST = 1 << 18

_BROKEN = ("the Parquet file is broken or truncated", "download it again, or write it again")
_TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(), "words": pa.dictionary(pa.int32(), pa.string()), "whole": pa.int64(), "number": pa.float64(),
}  # fmt: skip


class Batch(NamedTuple):
    """Rows of one table: the columns that were asked for, by heading, and the number of each row.

    ``blank`` rows without a filled cell were left out.
    """

    columns: Mapping[str, pa.Array]
    numbers: npt.NDArray[np.int64]
    blank: int = 0

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.numbers)


#: Turns a piece of a table into a batch. It may run in any thread, and raises :class:`TableError` for what cannot be read.
Load: TypeAlias = Callable[[], Batch]


def batches(
    table: TableFile, wanted: Collection[str], kinds: Mapping[str, Kind], size: int = BLOCK
) -> Iterator[tuple[Load, float | None]]:
    """The batches of a table with the ``wanted`` columns, each to be loaded; of headings that occur twice, the first column.

    With each comes how much of the table is read then, from 0 to 1, or ``None`` where that is not known. Of CSV, about ``size``
    bytes make a batch.

    Raises :class:`TableError` where the table cannot be read.
    """
    if table.form == "csv":
        reader = _CsvReader(table, wanted, kinds)
        with readable(table.name, table.path):
            whole = 0 if table.compression else Path(table.path).stat().st_size
        for block in blocks(table, size):
            yield reader.load(block), block.end / whole if whole else None
    elif table.form == "memory":
        yield from _memory_batches(table, wanted)
    elif table.form == "ndjson":
        yield from _json_batches(table, wanted)
    else:
        yield from _parquet_batches(table, wanted)


def first_rows(table: TableFile, rows: int) -> Batch:
    """The first rows of a table with all their columns, each cell as text where the table holds text."""
    found: list[Batch] = []
    for load, _ in batches(table, table.headings, {}, _FIRST):
        found.append(load())
        if sum(batch.rows for batch in found) >= rows:
            break
    if not found:
        return Batch({heading: pa.array([], pa.string()) for heading in table.headings}, np.empty(0, np.int64))
    columns = {heading: pa.chunked_array([batch.columns[heading] for batch in found]) for heading in found[0].columns}
    numbers = np.concatenate([batch.numbers for batch in found])
    return Batch({heading: column[:rows].combine_chunks() for heading, column in columns.items()}, numbers[:rows])


def as_text(array: pa.Array) -> pa.Array:
    """A column as text: truths as these words, a number in its shortest form."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array if pa.types.is_string(array.type) else array.cast(pa.string())


class _CsvReader:
    def __init__(self, table: TableFile, wanted: Collection[str], kinds: Mapping[str, Kind]) -> None:
        self._table = table
        self._names = [f"c{place}" for place in range(len(table.headings))]
        self._places = {heading: table.headings.index(heading) for heading in table.headings if heading in wanted}
        self._kinds: dict[str, Kind] = {
            self._names[place]: kinds.get(heading, "text") for heading, place in self._places.items()
        }
        self._as_text: dict[str, Kind] = dict.fromkeys(self._kinds, "text")
        self._before_blanks = np.array(sorted({letter.encode()[0] for letter in table.delimiter + '"' + SPACE}), np.uint8)

    def load(self, block: Block) -> Load:
        return lambda: self._loaded(block)

    def _loaded(self, block: Block) -> Batch:
        if block.records is not None:
            return self._of_records(block.records)
        firsts = self._firsts(block.data)
        data, rows = self._without_blank_lines(block.data, firsts)
        count = self._count(data)
        if rows is None and count is not None:
            rows = np.arange(count)
        if rows is not None and count == len(rows):
            for kinds in (self._kinds, self._as_text):
                with suppress(pa.ArrowInvalid):  # a cell is not a number, or what is wrong is found below, with its line
                    found = self._parsed(data, kinds) if data else None
                    if found is None or found.num_rows == len(rows):
                        read = Batch(self._columns(found), block.row + rows)
                        return self._with_cells(data, read) if np.isin(firsts, self._before_blanks).any() else read
        return self._of_records(records_of(self._table, block))

    def _firsts(self, data: bytes) -> npt.NDArray[np.uint8]:
        """The first letter of each line: it says whether any may be blank, for which looking at all letters would be slow."""
        letters = np.frombuffer(data, np.uint8)
        starts = np.flatnonzero(letters[:-1] == ord(self._table.line_end[-1])) + 1
        return letters[np.concatenate(([0], starts))] if data else letters

    def _with_cells(self, data: bytes, read: Batch) -> Batch:
        """The rows without those that have delimiters alone."""
        lines = blank_lines(data, self._table.delimiter, self._table.line_end)
        if not lines:
            return read
        keep = np.ones(read.rows, np.bool_)
        keep[lines] = False
        mask = pa.array(keep)
        return Batch({heading: column.filter(mask) for heading, column in read.columns.items()}, read.numbers[keep], len(lines))

    def _columns(self, found: pa.Table | None) -> dict[str, pa.Array]:
        if found is None:
            return {heading: pa.array([], pa.string()) for heading in self._places}
        return {heading: found[self._names[place]].combine_chunks() for heading, place in self._places.items()}

    def _without_blank_lines(self, data: bytes, firsts: npt.NDArray[np.uint8]) -> tuple[bytes, npt.NDArray[np.int64] | None]:
        """The lines that are rows, and the position of each among all lines, or ``None`` where all of them are rows.

        In a table of one column, a blank line is a row too.
        """
        end = self._table.line_end.encode()
        if len(self._names) == 1 or not (firsts == end[0]).any():
            return data, None
        if data == end * (len(data) // len(end)):  # of millions of blank lines, no lists are made
            return b"", np.empty(0, np.int64)
        letters = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(letters == end[-1]) + 1
        if not data.endswith(end):
            ends = np.append(ends, len(data) + len(end))
        lengths = np.diff(ends, prepend=0)
        is_row = lengths > len(end)
        return letters[np.repeat(is_row, lengths)[: len(data)]].tobytes(), np.flatnonzero(is_row)

    def _count(self, data: bytes) -> int | None:
        """How many records the lines are; ``None`` where they are not all of the table's width, or not all alike."""
        end, width = self._table.line_end.encode(), len(self._table.headings)
        letters = np.frombuffer(data, np.uint8)
        ends = int(np.count_nonzero(letters == end[-1]))
        others = b"\r" if end == b"\n" else b"\n" if end == b"\r" else b""
        if (others and others in data) or (len(end) == 2 and not data.count(b"\r") == ends == data.count(end)):
            return None
        count = ends + (bool(data) and not data.endswith(end))
        if b'"' in data:
            return count
        delimiters = int(np.count_nonzero(letters == ord(self._table.delimiter)))
        return count if delimiters == count * (width - 1) else None

    def _parsed(self, data: bytes, kinds: Mapping[str, Kind]) -> pa.Table:
        if self._table.line_end == "\r":
            data = data.replace(b"\r", b"\n")
        return pa_csv.read_csv(
            pa.py_buffer(data),
            pa_csv.ReadOptions(column_names=self._names, block_size=len(data) + 1, use_threads=False),
            pa_csv.ParseOptions(delimiter=self._table.delimiter, ignore_empty_lines=len(self._names) > 1),
            pa_csv.ConvertOptions(
                column_types={name: _TYPES[kind] for name, kind in kinds.items()},
                include_columns=list(kinds),
                null_values=[""],
                strings_can_be_null=True,
                check_utf8=False,
            ),
        )

    def _of_records(self, records: Records) -> Batch:
        kept = [(row, cells) for row, cells in records if len(cells) == 1 or any(cell.strip(SPACE) for cell in cells)]
        columns = {
            heading: pa.array([cells[place] or None for _, cells in kept], pa.string())
            for heading, place in self._places.items()
        }
        return Batch(columns, np.array([row for row, _ in kept], np.int64), len(records) - len(kept))


class Piece(NamedTuple):
    """A piece of an unpacked table, which any task can read by itself: bytes of CSV, or a row group of Parquet.

    ``start`` and ``end`` are where its bytes are, or the number of the row group; ``lines`` and ``row`` as of a
    :class:`Block`. ``is_plain`` is false where its records have to be read one by one.
    """

    start: int
    end: int
    lines: int
    row: int
    is_plain: bool = True


def pieces_of(table: TableFile) -> Iterator[Piece]:
    """The pieces of a table of CSV or Parquet, in order."""
    if table.form == "csv":
        for block in blocks(table):
            yield Piece(block.end - len(block.data), block.end, block.lines, block.row, block.records is None)
        return
    with _parquet(table) as file:
        row = 1
        for group in range(file.metadata.num_row_groups):
            yield Piece(group, group + 1, 0, row)
            row += file.metadata.row_group(group).num_rows


def load_piece(table: TableFile, piece: Piece, wanted: Collection[str], kinds: Mapping[str, Kind]) -> Iterator[Load]:
    """The batches of one piece."""
    if table.form == "parquet":
        yield from (load for load, _ in _parquet_batches(table, wanted, range(piece.start, piece.end), piece.row))
        return
    with readable(table.name, table.path), open(table.path, "rb") as stream:
        stream.seek(piece.start)
        data = stream.read(piece.end - piece.start)
    block = Block(data, piece.lines, piece.row, piece.end)
    yield _CsvReader(table, wanted, kinds).load(block if piece.is_plain else block._replace(records=records_of(table, block)))


def _memory_batches(table: TableFile, wanted: Collection[str]) -> Iterator[tuple[Load, float | None]]:
    if table.cells is None:
        raise TypeError
    places = {heading: table.headings.index(heading) for heading in table.headings if heading in wanted}
    numbers = np.fromiter(table.numbers, np.int64, len(table.numbers))
    for start in range(0, table.cells.num_rows, ROWS):
        rows = table.cells.slice(start, ROWS).combine_chunks().to_batches()[0]
        columns = {heading: _readable(rows.column(place)) for heading, place in places.items()}
        batch = Batch(columns, numbers[start : start + ROWS])
        yield partial(_as_it_is, batch), min(1.0, (start + ROWS) / table.cells.num_rows)


def _json_batches(table: TableFile, wanted: Collection[str]) -> Iterator[tuple[Load, None]]:
    headings = [heading for heading in table.headings if heading in wanted]
    found: list[tuple[int, str]] = []
    for numbered in lines(table):
        found.append(numbered)
        if len(found) == ROWS // 8:
            yield _json_load(table.name, found, headings), None
            found = []
    if found:
        yield _json_load(table.name, found, headings), None


def _json_load(name: str, numbered: Sequence[tuple[int, str]], headings: Sequence[str]) -> Load:
    def load() -> Batch:
        rows = [read_line(name, number, line) for number, line in numbered]
        columns = {heading: pa.array([row.get(heading) for row in rows], pa.string()) for heading in headings}
        return Batch(columns, np.array([number for number, _ in numbered], np.int64))

    return load


def parquet_schema(table: TableFile) -> tuple[tuple[str, ...], int]:
    """The headings of a Parquet file and how many rows it says it has. Raises :class:`TableError` for a broken one."""
    with _parquet(table) as file:
        return tuple(file.schema_arrow.names), file.metadata.num_rows


def _parquet_batches(
    table: TableFile, wanted: Collection[str], groups: Sequence[int] | None = None, first: int = 1
) -> Iterator[tuple[Load, float | None]]:
    """The batches of a file, or of some of its row groups; ``first`` is the number of their first row."""
    with _parquet(table) as file:
        names = file.schema_arrow.names
        chosen = [heading for heading in dict.fromkeys(names) if heading in wanted]
        for found in _guarded(table, _in_level_memory(file, range(file.num_row_groups) if groups is None else groups, chosen)):
            batch = Batch(readable_columns(table.name, found, chosen), np.arange(first, first + found.num_rows))
            first += found.num_rows
            yield partial(_as_it_is, batch), (first - 1) / table.rows if table.rows else None


def _in_level_memory(file: Any, groups: Sequence[int], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The batches of some row groups, read by as many iterators as there are batches.

    One iterator for all of them would hold memory for every row group that it has read, until it is done.
    """
    together: list[int] = []
    rows = 0
    for group in groups:
        together.append(group)
        rows += file.metadata.row_group(group).num_rows
        if rows >= ROWS or group == groups[-1]:
            yield from file.iter_batches(ROWS, row_groups=together, columns=columns, use_threads=False)
            together, rows = [], 0


def _as_it_is(batch: Batch) -> Batch:
    return batch


def _parquet(table: TableFile) -> Any:
    try:
        return pq.ParquetFile(pa.OSFile(os.fsencode(table.path)))
    except (pa.ArrowException, OSError):
        raise TableError(table.name, *_BROKEN) from None


def _guarded(table: TableFile, found: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    try:
        yield from found
    except (pa.ArrowException, OSError):
        raise TableError(table.name, *_BROKEN) from None


def readable_columns(name: str, batch: pa.RecordBatch, headings: Iterable[str]) -> dict[str, pa.Array]:
    """Columns of a batch as truths, numbers or text, by heading; of headings that occur twice, the first column.

    Raises :class:`TableError` for bytes that are not text; ``name`` is that of the table.
    """
    found = {}
    for heading in headings:
        try:
            found[heading] = _readable(batch.column(batch.schema.get_all_field_indices(heading)[0]))
        except pa.ArrowInvalid:
            where = f"{name}, column '{quoted(heading)}'"
            raise TableError(where, "it holds bytes that are not text in UTF-8", "write the column as text") from None
    return found


def _readable(column: pa.Array) -> pa.Array:
    """A column as truths, numbers or text: bytes are text in older files, and lists and records become JSON."""
    kind = column.type
    if isinstance(column, pa.ExtensionArray):
        return _readable(column.storage)
    if pa.types.is_dictionary(kind):
        return column if pa.types.is_string(kind.value_type) else _readable(column.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_boolean(kind) or _is_number(kind):
        return column
    if pa.types.is_fixed_size_binary(kind):
        column = column.cast(pa.binary())
    try:
        texts = column.cast(pa.string())
        # a length of time has its unit behind it, so that it is never taken for a measured value
        return pc.binary_join_element_wise(texts, kind.unit, " ") if pa.types.is_duration(kind) else texts
    except pa.ArrowNotImplementedError:
        return pa.array([None if cell is None else _json(cell) for cell in column.to_pylist()], pa.string())


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _json(cell: object) -> str:
    return json.dumps(cell, ensure_ascii=False, separators=(",", ":"), default=str)
