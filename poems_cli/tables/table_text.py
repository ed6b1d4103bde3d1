"""The text of a CSV or NDJSON table in pieces, whatever it is packed with; and what DuckDB fetches of a table."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Any

from poems_cli.tables.table_bytes import has_zstd, nul_bytes, pieces, text_of
from poems_cli.tables.table_file import TableError, TableFile
from poems_cli.tables.table_sql import lines_sql

if TYPE_CHECKING:
    import duckdb

_FETCHED = 4096
_MEMORY = "1GB"
_LINE = re.compile("CSV Error on Line: ([0-9]+)")
NOT_UTF8_MEND = "save it as UTF-8, or say what it is: --encoding windows-1252"


def text_pieces(table: TableFile) -> Iterator[str]:
    """The text of a table in pieces, in little memory, without a byte order mark.

    Where Python cannot unpack Zstandard, DuckDB does, and all lines end in LF then. Raises :class:`TableError` for what is
    not UTF-8.
    """
    if reads_itself(table):
        return text_of(table.name, pieces(table.name, table.path, table.compression), NOT_UTF8_MEND)
    return _fetched_lines(table)


def reads_itself(table: TableFile) -> bool:
    """Whether Python can read the file's bytes without DuckDB."""
    return table.compression != "zstd" or has_zstd()


def connect(spill: str | None = None) -> "duckdb.DuckDBPyConnection":
    """A database in little memory, that neither loads extensions nor looks at Python's variables.

    What does not fit goes to the folder ``spill``, and the database is then its own; nowhere without one.
    """
    return _shared().cursor() if spill is None else _database(spill)


@cache  # a database takes longer to start than most questions to it
def _shared() -> "duckdb.DuckDBPyConnection":
    return _database("")


def _database(spill: str) -> "duckdb.DuckDBPyConnection":
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "python_enable_replacements": "false",
        "memory_limit": _MEMORY, "temp_directory": spill,
    }  # fmt: skip
    return duckdb.connect(":memory:", config=settings)


def fetched(query: str, explain: Callable[[str], TableError], spill: str | None = None) -> Iterator[tuple[Any, ...]]:
    """What a query gives, some rows at a time. DuckDB's text for an error quotes cells: ``explain`` says what to raise."""
    import duckdb

    with closing(connect(spill)) as database:
        try:
            found = database.execute(query)
            while rows := found.fetchmany(_FETCHED):
                yield from rows
        except duckdb.Error as error:
            raise explain(str(error)) from None


def _fetched_lines(table: TableFile) -> Iterator[str]:
    lines: list[str] = []
    size = 0
    for (line,) in fetched(f"SELECT line FROM {lines_sql([table], blank=True)}", lambda said: _unread(table, said)):
        lines.append(line or "")
        size += len(lines[-1]) + 1
        if size > 1 << 20:
            yield _joined(table, lines)
            lines, size = [], 0
    yield _joined(table, lines)


def _joined(table: TableFile, lines: list[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    if "\0" in text:
        raise nul_bytes(table.name)
    return text


def _unread(table: TableFile, said: str) -> TableError:
    """Why DuckDB could not unpack the lines of a table."""
    line = _LINE.search(said)
    if line and "unicode" in said:
        return TableError(
            f"{table.name}, line {line[1]}",
            "this is not UTF-8 text",
            "unpack it first (zstd -d), and say what it is: --encoding",
        )
    if line:
        return TableError(f"{table.name}, line {line[1]}", "the line is too long, or not text", "check how it was exported")
    return TableError(table.name, "the packed file is broken or cut short", "fetch it again, or pack it anew")
