"""Opens tables: finds the files, tells their form, encoding and delimiter, and reads their headings.

Nothing is guessed that could put a cell under another heading: what can be read two ways is refused, in one line that says how
to mend it. No message holds a cell.
"""

import glob
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from poems_cli.records.problem import quoted
from poems_cli.records.source import file_name, unopened
from poems_cli.tables.excel import is_workbook, read_sheet
from poems_cli.tables.heading_row import heading_row
from poems_cli.tables.headings import names_a_patient
from poems_cli.tables.json_lines import members
from poems_cli.tables.statistics_files import kind_of, read_statistics
from poems_cli.tables.table_bytes import (
    BLANK,
    CHUNK,
    READ_IN_PLACE,
    compression_of,
    copy_in,
    encoding_of,
    known_encoding,
    pieces,
    refuse_alien,
    text_of,
)
from poems_cli.tables.table_file import Compression, Form, TableError, TableFile, TableOptions

_STANDARD_INPUT = "standard input"
_FORMS: Mapping[str, Form] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet",
    ".ndjson": "ndjson", ".jsonl": "ndjson",
}  # fmt: skip
_PACKED = (".gz", ".gzip", ".zst", ".zstd")
_TAB_NAMES = (".tsv", ".tab")
_PARQUET = b"PAR1"


class _Opening(NamedTuple):
    """A file found: its name for messages, where to read it, its ending in small letters without packing, its first bytes."""

    name: str
    path: str
    ending: str
    compression: Compression
    head: bytes


def open_tables(paths: Sequence[str], options: TableOptions, spill: str, stdin: BinaryIO) -> list[TableFile]:
    """Every table that the paths name, in order; a pattern stands for its files in the order of their names.

    ``-`` is standard input, which is kept in a file in the folder ``spill``, as are copies of files that are not UTF-8. All
    tables have the same form, and the same headings in any order; of JSON lines, a member may be missing anywhere.

    Raises :class:`TableError` for the first thing that is wrong.
    """
    if options.encoding is not None:
        known_encoding(options.encoding)
    options = options._replace(delimiter=_delimiter(options.delimiter))
    tables = [_table(opening, options, spill) for opening in _openings(paths, spill, stdin)]
    for table in tables[1:]:
        _compare(tables[0], table)
    _refuse_idle(tables[0], options)
    if tables[0].form == "ndjson":
        every = tuple(dict.fromkeys(heading for table in tables for heading in table.headings))
        return [table._replace(headings=every) for table in tables]
    return tables


def _refuse_idle(table: TableFile, options: TableOptions) -> None:
    """Refuse what only concerns text, or only CSV, where the tables are something else."""
    idle = {
        "--delimiter": options.delimiter is not None and table.form != "csv",
        "--encoding": options.encoding is not None and table.form == "parquet",
        "--sheet": options.sheet is not None and table.form != "memory",
    }
    for option, given in idle.items():
        if given:
            raise TableError(option, f"it has no effect on {_FORM_NAMES[table.form]}", "leave it out")


def _delimiter(said: str | None) -> str | None:
    if said is None:
        return None
    one = "\t" if said.lower() in ("tab", "\\t") else said
    if len(one) != 1 or one in '"\r\n\0' or one.isalnum() or not one.isascii():
        message = f"'{quoted(said)}' cannot separate columns"
        raise TableError("--delimiter", message, "write one character such as , or ; or the word tab")
    return one


def _openings(paths: Sequence[str], spill: str, stdin: BinaryIO) -> Iterator[_Opening]:
    seen: set[str] = set()
    for path in named_files(paths):
        real = path if path == "-" else os.path.realpath(path)
        if real in seen:
            raise TableError(_shown(path), "it is named twice", "name it once, or its patients count twice")
        seen.add(real)
        yield _opening(path, spill, stdin)


def named_files(paths: Sequence[str]) -> Iterator[str]:
    """The files that the paths and patterns name, in order. Raises :class:`TableError` for a pattern that no file fits."""
    for given in paths:
        if given == "-" or os.path.lexists(given) or not glob.has_magic(given):
            yield given
            continue
        every = glob.glob(given, recursive=True)  # noqa: PTH207  (a pattern may be absolute)
        found = sorted(path for path in every if not Path(path).is_dir())
        if not found:
            raise TableError(file_name(given), "no file fits this pattern", "check the pattern and the folder")
        yield from found


def _shown(path: str) -> str:
    return _STANDARD_INPUT if path == "-" else file_name(path)


def _opening(path: str, spill: str, stdin: BinaryIO) -> _Opening:
    name = _shown(path)
    ending = Path(path).name.lower()
    for packed in _PACKED:
        ending = ending.removesuffix(packed)
    source = str(Path(_spooled(stdin, spill) if path == "-" else _found(path, spill)).absolute())
    packing = compression_of(next(pieces(name, source, "", 16), b""))
    head = next((piece for piece in pieces(name, source, packing, CHUNK) if piece.strip(BLANK)), b"")
    if not is_workbook(source, head) and kind_of(head) is None:
        refuse_alien(name, head)
    if not head:
        raise TableError(name, "there is nothing in it", "check how it was exported")
    return _Opening(name, source, Path(ending).suffix, packing, head)


def _found(path: str, spill: str) -> str:
    """The path of a file that can be read more than once: what comes through a pipe is kept in a file."""
    try:
        with open(path, "rb") as stream:
            return path if Path(path).is_file() else _spooled(stream, spill)
    except (OSError, ValueError) as error:
        raise TableError(*unopened(path, error)) from None


def _spooled(stream: BinaryIO, spill: str) -> str:
    with copy_in(spill) as (target, place):
        shutil.copyfileobj(stream, target, CHUNK)
    return place


def _table(opening: _Opening, options: TableOptions, spill: str) -> TableFile:
    if is_workbook(opening.path, opening.head):
        return read_sheet(opening.name, opening.path, options.sheet)
    kind = kind_of(opening.head)
    if kind is not None:
        return read_statistics(opening.name, opening.path, kind, options.encoding)
    form = options.form or _form(opening)
    if form == "parquet":
        return _parquet_table(opening)
    table = _in_utf8(opening, form, options, spill)
    return _ndjson_table(table, opening.head) if form == "ndjson" else _csv_table(table, opening, options)


def _form(opening: _Opening) -> Form:
    """The form of a table, by its name or else by its first character."""
    if opening.head.startswith(_PARQUET):
        return "parquet"
    if opening.ending in _FORMS:
        return _FORMS[opening.ending]
    start = opening.head.lstrip(BLANK)[:1]
    return "ndjson" if start in (b"{", b"[") or opening.ending == ".json" else "csv"


def _in_utf8(opening: _Opening, form: Form, options: TableOptions, spill: str) -> TableFile:
    """A text in place, or its copy in UTF-8."""
    name, source, packing = opening.name, opening.path, opening.compression
    table = TableFile(name, source, form, (), compression=packing)
    encoding = encoding_of(name, opening.head, options.encoding)
    if encoding in READ_IN_PLACE:
        return table
    with copy_in(spill) as (target, place):
        target.writelines(text.encode() for text in text_of(name, pieces(name, source, packing), encoding))
    return table._replace(path=place, compression="")


def _csv_table(table: TableFile, opening: _Opening, options: TableOptions) -> TableFile:
    delimiter = options.delimiter or ("\t" if opening.ending in _TAB_NAMES else None)
    return table._replace(**heading_row(table.name, lambda: text_pieces(table), delimiter)._asdict())


def text_pieces(table: TableFile) -> Iterator[str]:
    """The text of a table in pieces, in little memory, without a byte order mark."""
    return text_of(table.name, pieces(table.name, table.path, table.compression))


def _ndjson_table(table: TableFile, head: bytes) -> TableFile:
    if head.lstrip(BLANK).startswith(b"["):
        raise TableError(
            table.name, "this is a JSON list, not one object per line", "write one object per line (jq -c '.[]' does it)"
        )
    return table._replace(headings=members(table))


def _parquet_table(opening: _Opening) -> TableFile:
    if opening.compression or not opening.head.startswith(_PARQUET):
        mend = "unpack it first" if opening.compression else "check its name, or say what it is: --in-format"
        raise TableError(opening.name, "this is not a Parquet file", mend)
    from poems_cli.tables.batches import parquet_schema

    table = TableFile(opening.name, opening.path, "parquet", ())
    headings, rows = parquet_schema(table)
    return table._replace(headings=headings, rows=rows)


def _compare(first: TableFile, other: TableFile) -> None:
    """Raise :class:`TableError` if two tables cannot be stacked."""
    if other.form != first.form:
        message = f"it is {_FORM_NAMES[other.form]}, and {first.name} is {_FORM_NAMES[first.form]}"
        raise TableError(other.name, message, "screen files of one form at a time")
    ours, theirs = Counter(first.headings), Counter(other.headings)
    if first.form == "ndjson" or ours == theirs:
        return
    mend = "give all files the same headings, in any order, or screen them apart"
    if first.form == "csv" and not (names_a_patient(first.headings) and names_a_patient(other.headings)):
        message = f"its first row is another than that of {first.name}, and may be data, not headings"
        raise TableError(other.name, message, mend)
    missing, more = ours - theirs, theirs - ours
    said = [f"no column '{quoted(next(iter(missing)))}'"] if missing else []
    said += [f"a column '{quoted(next(iter(more)))}'"] if more else []
    raise TableError(other.name, f"it has {' and '.join(said)}, unlike {first.name}", mend)


_FORM_NAMES: Mapping[Form, str] = {"csv": "CSV", "ndjson": "NDJSON", "parquet": "Parquet", "memory": "a workbook or the like"}
