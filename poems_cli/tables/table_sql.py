"""The SQL by which DuckDB reads tables: one text for each form, with the settings under which nothing is guessed or lost.

Every text is a relation to stand behind FROM. Its columns have the given names, by the positions of the headings of the first
table; a table whose headings stand in another order is read by them. Rows keep their order, and so do tables.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from poems_cli.tables.csv_text import LONGEST
from poems_cli.tables.table_file import TableFile, positions

#: What no text holds, so that a whole line is one cell.
NOWHERE = "\x01\x02\x03"
_BUFFER = 16 * LONGEST
_PATTERN = re.compile(r"([\[*?])")
_FILE = "file_read"


def table_sql(
    tables: Sequence[TableFile],
    names: Sequence[str],
    file_number: str | None = None,
    parallel: bool = True,
    types: Mapping[str, str] | None = None,
) -> str:
    """The relation of all tables, whatever their form.

    ``file_number`` is the name of a further column, the last: the position of the row's table, from 0. ``parallel`` concerns
    CSV only: a table with line ends within quotes can fail on several threads, and is then to be read on one.
    """
    if tables[0].form == "csv":
        return csv_reader_sql(tables, names, file_number, parallel, types)
    if tables[0].form == "ndjson":
        return ndjson_reader_sql(tables, names, file_number)
    return parquet_reader_sql(tables, names, file_number)


def csv_reader_sql(
    tables: Sequence[TableFile],
    names: Sequence[str],
    file_number: str | None = None,
    parallel: bool = True,
    types: Mapping[str, str] | None = None,
) -> str:
    """The relation of CSV tables: every column is text, a blank cell NULL.

    ``types`` gives columns another type of DuckDB, by their names; a cell that is none of it stops the reader.
    """

    def read(alike: Sequence[TableFile]) -> str:
        table = alike[0]
        settings = [
            "auto_detect=false", "header=false", f"skip={table.skip + 1}", f"delim={sql_text(table.delimiter)}",
            "quote='\"'", "escape='\"'", "comment=''", "strict_mode=true", "null_padding=false", "ignore_errors=false",
            f"parallel={str(parallel).lower()}", *_shared(alike),
        ]  # fmt: skip
        held = dict(zip(positions(table, tables[0]), names, strict=True))
        return _read_csv(alike, settings, [held[place] for place in range(len(names))], file_number is not None, types)

    return _all_of(tables, lambda one: (one.headings, one.delimiter, one.skip, one.compression), read, names, file_number)


def ndjson_reader_sql(tables: Sequence[TableFile], names: Sequence[str], file_number: str | None = None) -> str:
    """The relation of tables of JSON lines: every column is text.

    True and false are these words, a number is in its shortest form, null and a missing member NULL, a list or object its
    JSON. Blank lines are no rows.
    """
    pointers = ", ".join(sql_text(json_pointer(heading)) for heading in tables[0].headings)
    cells = ", ".join(f"cells[{place}] AS {sql_name(name)}" for place, name in enumerate(names, 1))

    def read(alike: Sequence[TableFile]) -> str:
        kept = f", {_FILE}" if file_number else ""
        lines = lines_sql(alike, file_number is not None)
        return f"(SELECT {cells}{kept} FROM (SELECT json_extract_string(line, [{pointers}]) AS cells{kept} FROM {lines}))"

    return _all_of(tables, lambda one: one.compression, read, names, file_number)


def parquet_reader_sql(tables: Sequence[TableFile], names: Sequence[str], file_number: str | None = None) -> str:
    """The relation of Parquet tables, with the types that ``TableFile.types`` gives."""

    def read(alike: Sequence[TableFile]) -> str:
        table = alike[0]
        held = positions(table, tables[0])
        inner = [f"k{place}" for place in range(len(names))]
        cells = []
        for place, name, heading in zip(held, names, tables[0].headings, strict=True):
            cell = inner[place] if table.types[heading] == table.stored[place] else f"CAST({inner[place]} AS VARCHAR)"
            cells.append(f"{cell} AS {sql_name(name)}")
        kept = [_FILE] if file_number else []
        filename = [f"filename='{_FILE}'"] if file_number else []
        reading = f"read_parquet({', '.join([_paths(alike), *PARQUET, *filename])})"
        return f"(SELECT {', '.join(cells + kept)} FROM {reading} AS t({', '.join(inner + kept)}))"

    return _all_of(tables, lambda one: (one.headings, one.stored), read, names, file_number)


#: How Parquet is read: text kept as bytes by older writers is text, and folders do not add columns.
PARQUET = ("hive_partitioning=false", "binary_as_string=true")


def lines_sql(tables: Sequence[TableFile], filename: bool = False, blank: bool = False) -> str:
    """The relation of the lines of files, in order: one column, ``line``; blank ones are left out, or NULL."""
    settings = [
        "auto_detect=false", "header=false", f"delim={sql_text(NOWHERE)}", "quote=''", "escape=''", "comment=''",
        "strict_mode=false", "ignore_errors=false", *_shared(tables),
    ]  # fmt: skip
    reading = _read_csv(tables, settings, ["line"], filename)
    return reading if blank else f"(SELECT * FROM {reading} WHERE trim(line, ' \t\r') <> '')"


def sql_text(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def sql_name(name: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def json_pointer(member: str) -> str:
    """The JSON pointer (RFC 6901) to a member of an object."""
    return "/" + member.replace("~", "~0").replace("/", "~1")


def one_path(path: str) -> str:
    """One file as a literal of SQL, its name not taken for a pattern."""
    return sql_text(_PATTERN.sub(r"[\1]", path))


def _shared(tables: Sequence[TableFile]) -> list[str]:
    packing = tables[0].compression or "none"
    return [
        f"compression='{packing}'", f"max_line_size={LONGEST}", f"buffer_size={_BUFFER}", "hive_partitioning=false",
    ]  # fmt: skip


def _read_csv(
    tables: Sequence[TableFile],
    settings: Sequence[str],
    names: Sequence[str],
    filename: bool,
    types: Mapping[str, str] | None = None,
) -> str:
    columns = ", ".join(f"{sql_text(name)}: '{(types or {}).get(name, 'VARCHAR')}'" for name in names)
    named = [f"filename='{_FILE}'"] if filename else []
    return f"read_csv({', '.join([_paths(tables), *settings, f'columns={{{columns}}}', *named])})"


def _paths(tables: Sequence[TableFile]) -> str:
    """The files as a list, their names not taken for patterns."""
    return "[" + ", ".join(one_path(table.path) for table in tables) + "]"


def _all_of(
    tables: Sequence[TableFile],
    dialect: Callable[[TableFile], object],
    read: Callable[[Sequence[TableFile]], str],
    names: Sequence[str],
    file_number: str | None,
) -> str:
    """One relation for each run of tables that are written alike, one below the other."""
    parts, done = [], 0
    cells = ", ".join(map(sql_name, names))
    for _, run in groupby(tables, dialect):
        alike = list(run)
        number = f", {_numbered(alike, done)} AS {sql_name(file_number)}" if file_number else ""
        parts.append(f"SELECT {cells}{number} FROM {read(alike)}")
        done += len(alike)
    return f"({' UNION ALL '.join(parts)})"


def _numbered(alike: Sequence[TableFile], first: int) -> str:
    if len(alike) == 1:
        return str(first)
    paths = ", ".join(sql_text(table.path) for table in alike)
    return f"(list_position([{paths}], {_FILE}) + {first - 1})"
