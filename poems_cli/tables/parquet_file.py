"""The columns and rows of a Parquet file, as it says itself."""

from contextlib import closing

from poems_cli.tables.table_file import TableError
from poems_cli.tables.table_sql import PARQUET, one_path
from poems_cli.tables.table_text import connect

_BROKEN = ("the Parquet file is broken or cut short", "fetch it again, or write it anew")


def columns(name: str, path: str) -> list[tuple[str, str]]:
    """The headings and their DuckDB types, in order. Raises :class:`TableError` for a broken file."""
    query = f"DESCRIBE SELECT * FROM read_parquet({', '.join([one_path(path), *PARQUET])})"
    return [(str(row[0]), str(row[1])) for row in _asked(name, query)]


def row_count(name: str, path: str) -> int:
    """How many rows the file says it has. Raises :class:`TableError` for a broken file."""
    ((count,),) = _asked(name, f"SELECT num_rows FROM parquet_file_metadata({one_path(path)})")
    return int(str(count))


def _asked(name: str, query: str) -> list[tuple[object, ...]]:
    import duckdb

    with closing(connect()) as database:
        try:
            return list(database.execute(query).fetchall())
        except duckdb.Error:
            raise TableError(name, *_BROKEN) from None
