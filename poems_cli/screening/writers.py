"""The forms of an answer: record batches become bytes, or go to a writer of their own.

To add a form, write a class with these three methods and name it in :func:`writer_of`.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from poems_cli.screening.plan import Output
from poems_cli.screening.workbook import XlsxWriter

#: What a spreadsheet takes for a formula at the beginning of a cell.
FORMULA_SIGNS = "=+-@\t\r"
_NEEDS_QUOTES = '["\r\n{}]'
_NEEDS_ESCAPE = r'["\\\x00-\x1f]'


class Writer(Protocol):
    """Writes the answer in one form. ``encode`` may run in any thread; ``write`` is called in the order of the rows."""

    def encode(self, batch: pa.RecordBatch) -> Any:
        """What ``write`` takes of a batch."""

    def write(self, encoded: Any) -> None:
        """Write a batch after those before it."""

    def close(self) -> None:
        """Finish the file."""


class _LineWriter:
    """Lines of text."""

    def __init__(self, path: str, output: Output) -> None:
        self._stream = _Bytes(path, output)

    def write(self, encoded: pa.Buffer) -> None:
        """Write the lines."""
        self._stream.write(encoded)

    def close(self) -> None:
        """Finish the file."""
        self._stream.close()


class CsvWriter(_LineWriter):
    """Comma or tab separated values: in quotes is what holds a quote, the delimiter or a line end."""

    def __init__(self, path: str, output: Output, schema: pa.Schema, *, byte_order_mark: bool = False) -> None:
        super().__init__(path, output)
        self._delimiter = "\t" if output.form == "tsv" else ","
        mark = "\ufeff" if byte_order_mark else ""
        self._stream.write((mark + self._delimiter.join(map(self._quoted, schema.names)) + "\n").encode())

    def encode(self, batch: pa.RecordBatch) -> pa.Buffer:
        """The lines of a batch."""
        cells = [self._cells(column) for column in batch.columns]
        if len(cells) == 1:  # a line with nothing in it would be no row
            cells = [pc.if_else(pc.equal(cells[0].fill_null(""), ""), '""', cells[0])]
        last = pc.binary_join_element_wise(cells[-1], "", "\n", null_handling="replace")
        return _joined([*cells[:-1], last], self._delimiter, null="")

    def _cells(self, column: pa.Array) -> pa.Array:
        if pa.types.is_dictionary(column.type):
            return pc.take(self._cells(column.dictionary), column.indices)
        text = column.cast(pa.string())
        if not pa.types.is_string(column.type):
            return text
        odd = pc.match_substring_regex(text, _NEEDS_QUOTES.format(self._delimiter))
        if not pc.any(odd).as_py():
            return text
        quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
        return pc.if_else(odd, quoted, text)

    def _quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"' if any(sign in name for sign in f'"\r\n{self._delimiter}') else name


class JsonWriter(_LineWriter):
    """JSON lines: one object per row."""

    def __init__(self, path: str, output: Output, schema: pa.Schema) -> None:
        super().__init__(path, output)
        names = [f"{json.dumps(name, ensure_ascii=False)}:" for name in schema.names]
        self._before = [("{" if place == 0 else ",") + name for place, name in enumerate(names)]

    def encode(self, batch: pa.RecordBatch) -> pa.Buffer:
        """The lines of a batch."""
        parts = [part for before, column in zip(self._before, batch.columns, strict=True) for part in (before, _json(column))]
        return _joined([*parts, "}\n"], "", null="null")


class ParquetWriter:
    """Parquet, compressed with Zstandard inside."""

    def __init__(self, path: str, output: Output, schema: pa.Schema) -> None:  # noqa: ARG002
        # Ids differ from row to row: a dictionary of them only costs time. Nobody looks for rows by statistics of an answer.
        repeating = [field.name for field in schema if not pa.types.is_string(field.type)]
        settings = {"compression": "zstd", "compression_level": 1, "write_statistics": False, "use_dictionary": repeating}
        self._stream = pa.OSFile(os.fsencode(path), "wb")
        self._writer = pq.ParquetWriter(self._stream, schema, **settings)

    def encode(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch as it is."""
        return batch

    def write(self, encoded: pa.RecordBatch) -> None:
        """Write a row group."""
        self._writer.write_batch(encoded)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()
        self._stream.close()


def writer_of(path: str, output: Output, schema: pa.Schema, spill: str, *, byte_order_mark: bool) -> Writer:
    """The writer of an answer to the file at ``path``; ``spill`` is a folder for what is not written yet."""
    match output.form:
        case "csv" | "tsv":
            return CsvWriter(path, output, schema, byte_order_mark=byte_order_mark)
        case "ndjson":
            return JsonWriter(path, output, schema)
        case "parquet":
            return ParquetWriter(path, output, schema)
        case "xlsx":
            return XlsxWriter(path, output.path, schema.names, spill)


class _Bytes:
    """A file for bytes, packed where that was asked for."""

    def __init__(self, path: str, output: Output) -> None:
        self._streams: list[Any] = [pa.OSFile(os.fsencode(path), "wb")]
        if output.packed:
            self._streams.append(pa.CompressedOutputStream(self._streams[0], output.packed))

    def write(self, data: "pa.Buffer | bytes") -> None:
        try:
            self._streams[-1].write(data)
        except OSError:
            with suppress(OSError):  # left open, a packed one would write once more when it is gone, and complain
                self.close()
            raise

    def close(self) -> None:
        self._streams[-1].close()


def _joined(parts: Sequence[Any], separator: str, null: str) -> pa.Buffer:
    """The texts of each row joined, with ``null`` where there is none, and those of all rows one after the other."""
    joined = pc.binary_join_element_wise(*parts, separator, null_handling="replace", null_replacement=null)
    _, offsets, data = joined.buffers()
    ends = memoryview(offsets).cast("i")
    first, last = ends[joined.offset], ends[joined.offset + len(joined)]
    return data.slice(first, last - first)


def _json(column: pa.Array) -> pa.Array:
    """The cells of a column as JSON."""
    if pa.types.is_dictionary(column.type):
        return pc.take(_json(column.dictionary), column.indices)
    if not pa.types.is_string(column.type):
        return column.cast(pa.string())
    odd = pc.match_substring_regex(column, _NEEDS_ESCAPE)
    if pc.any(odd).as_py():
        escaped = [None if cell is None else json.dumps(cell, ensure_ascii=False) for cell in column.to_pylist()]
        return pa.array(escaped, pa.string())
    return pc.binary_join_element_wise('"', column, '"', "")
