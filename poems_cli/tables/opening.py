"""Opens tables: finds the files, their form, encoding and delimiter, and reads their headings.

Nothing is guessed that could put a cell under another heading: what can be read two ways is refused, in one line that says how
to mend it. No message holds a cell.
"""

import glob
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from poems_cli.phrases import quoted
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
from poems_cli.tables.table_file import Form, TableError, TableFile, TableOptions

_STANDARD_INPUT = "standard input"
_FORMS: Mapping[str, Form] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet",
    ".ndjson": "ndjson", ".jsonl": "ndjson",
}  # fmt: skip
_PACKED = (".gz", ".gzip", ".zst", ".zstd")
_TAB_NAMES = (".tsv", ".tab")
_PARQUET = b"PAR1"


def open_tables(paths: Sequence[str], options: TableOptions, spill: str, stdin: BinaryIO) -> list[TableFile]:
    """Every table that the paths name, in order; the files of a pattern in the order of their names.

    ``-`` is standard input, which is kept in a file in the folder ``spill``, as are copies of files that are not UTF-8. All
    tables have the same form, and the same headings in any order; of JSON lines, a member may be missing anywhere.

    Raises :class:`TableError` for the first thing that is wrong.
    """
    if options.encoding is not None:
        known_encoding(options.encoding)
    options = options._replace(delimiter=_delimiter(options.delimiter))
    seen: set[str] = set()
    tables: list[TableFile] = []
    for path in named_files(paths):
        real = path if path == "-" else os.path.realpath(path)
        if real in seen:
            raise TableError(_shown(path), "it is named twice", "name it once, or its patients count twice")
        seen.add(real)
        tables.append(_table(path, options, spill, stdin))
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
    sign = "\t" if said.lower() in ("tab", "\\t") else said
    if len(sign) != 1 or sign in '"\r\n\0' or sign.isalnum() or not sign.isascii():
        message = f"'{quoted(said)}' cannot separate columns"
        raise TableError("--delimiter", message, "write one character such as , or ; or the word tab")
    return sign


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


def _table(path: str, options: TableOptions, spill: str, stdin: BinaryIO) -> TableFile:
    name = _shown(path)
    source = str(Path(_spooled(stdin, spill) if path == "-" else _found(path, spill)).absolute())
    packing = compression_of(next(pieces(name, source, "", 16), b""))
    head = next((piece for piece in pieces(name, source, packing, CHUNK) if piece.strip(BLANK)), b"")
    if is_workbook(source, head):
        return read_sheet(name, source, options.sheet)
    kind = kind_of(head)
    if kind is not None:
        return read_statistics(name, source, kind, options.encoding)
    refuse_alien(name, head)
    if not head:
        raise TableError(name, "there is nothing in it", "check how it was exported")
    ending = Path(path).name.lower()
    for packed in _PACKED:
        ending = ending.removesuffix(packed)
    ending = Path(ending).suffix
    form = options.form or _form(ending, head)
    table = TableFile(name, source, form, (), compression=packing)
    if form == "parquet":
        return _parquet_table(table, head)
    table = _in_utf8(table, encoding_of(name, head, options.encoding), spill)
    if form == "ndjson":
        return _ndjson_table(table, head)
    delimiter = options.delimiter or ("\t" if ending in _TAB_NAMES else None)
    return table._replace(**heading_row(name, lambda: text_pieces(table), delimiter)._asdict())


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


def _form(ending: str, head: bytes) -> Form:
    """The form of a table, by its name (its ending without packing) or else by its first character."""
    if head.startswith(_PARQUET):
        return "parquet"
    start = head.lstrip(BLANK)[:1]
    return _FORMS.get(ending, "ndjson" if start in (b"{", b"[") or ending == ".json" else "csv")


def _in_utf8(table: TableFile, encoding: str, spill: str) -> TableFile:
    """A text in place, or its copy in UTF-8."""
    if encoding in READ_IN_PLACE:
        return table
    with copy_in(spill) as (target, place):
        found = pieces(table.name, table.path, table.compression)
        target.writelines(text.encode() for text in text_of(table.name, found, encoding))
    return table._replace(path=place, compression="")


def text_pieces(table: TableFile) -> Iterator[str]:
    """The text of a table in pieces, in little memory, without a byte order mark."""
    return text_of(table.name, pieces(table.name, table.path, table.compression))


def _ndjson_table(table: TableFile, head: bytes) -> TableFile:
    if head.lstrip(BLANK).startswith(b"["):
        raise TableError(
            table.name, "this is a JSON list, not one object per line", "write one object per line (jq -c '.[]' does it)"
        )
    return table._replace(headings=members(table))


def _parquet_table(table: TableFile, head: bytes) -> TableFile:
    if table.compression or not head.startswith(_PARQUET):
        mend = "unpack it first" if table.compression else "check its name, or say what it is: --in-format"
        raise TableError(table.name, "this is not a Parquet file", mend)
    from poems_cli.tables.batches import parquet_schema

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
        message = f"its first row differs from that of {first.name}, and may be data, not headings"
        raise TableError(other.name, message, mend)
    missing, more = ours - theirs, theirs - ours
    said = [f"no column '{quoted(next(iter(missing)))}'"] if missing else []
    said += [f"a column '{quoted(next(iter(more)))}'"] if more else []
    raise TableError(other.name, f"it has {' and '.join(said)}, unlike {first.name}", mend)


_FORM_NAMES: Mapping[Form, str] = {"csv": "CSV", "ndjson": "NDJSON", "parquet": "Parquet", "memory": "a workbook or the like"}
