"""Tables as Spark reads them: one relation of text columns, in the order of files and rows, in which nothing is lost silently.

A CSV table is read line by line, so that each line can be checked before it is taken apart: a quote that stays open, text that
is not UTF-8, or a wrong number of cells marks its row. Where quotes hold line ends, the file is read as a whole instead.
"""

import re
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from poems_cli.screening.engine_error import EngineError
from poems_cli.tables.table_file import TableFile, positions

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

#: The columns beside those of the tables: where a row stands, whether it can't be read, and of which table it is.
ROW, MALFORMED, FILE = "rowid", "malformed", "file_number"
#: Above these bits of the place of a row stands the number of its partition, below them its number in the partition.
PARTITION_BITS = 33

_MARK = "_malformed_record"
_LEAST_SPLIT, _MOST_SPLIT = 1 << 20, 128 << 20
_TASKS_PER_CORE = 4
_MOST_CELLS = 20_480
_PLAIN_PATH = re.compile(r"[\w/.+=@ -]+", re.ASCII)
_ENDINGS = {"": "", "gzip": ".gz", "zstd": ".zst"}


def relation(
    session: "SparkSession", tables: Sequence[TableFile], names: Sequence[str], spill: str, whole: bool
) -> "DataFrame":
    """The rows of all tables, one below the other, with three columns of their own.

    ``whole`` reads each CSV file as a whole, as is needed where quotes hold line ends.
    """
    if tables[0].form == "ndjson":
        raise EngineError("Spark reads CSV and Parquet here", "leave out --engine spark for NDJSON")
    _split(session, tables)
    parts = []
    for number, table in enumerate(tables):
        cells = [names[place] for place in _inverse(positions(table, tables[0]))]
        read = _parquet if table.form == "parquet" else _whole_csv if whole else _csv_lines
        parts.append(_finished(read(session, table, cells, _path(table, number, spill)), names, number))
    return reduce(lambda above, below: above.unionAll(below), parts)


def _split(session: "SparkSession", tables: Sequence[TableFile]) -> None:
    """One task for each piece of one file: so a partition has one file only, and partitions stand in the order of the rows."""
    size = sum(Path(table.path).stat().st_size for table in tables)
    wanted = size // (_TASKS_PER_CORE * max(1, session.sparkContext.defaultParallelism))
    split = str(min(_MOST_SPLIT, max(_LEAST_SPLIT, wanted)))
    session.conf.set("spark.sql.files.maxPartitionBytes", split)
    session.conf.set("spark.sql.files.openCostInBytes", split)


def _finished(rows: "DataFrame", names: Sequence[str], number: int) -> "DataFrame":
    from pyspark.sql import functions as f

    return rows.select(*names, ROW, MALFORMED, f.lit(number).alias(FILE))


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv_lines(session: "SparkSession", table: TableFile, cells: Sequence[str], path: str) -> "DataFrame":
    from pyspark.sql import functions as f

    lines = session.read.text(path, lineSep=table.line_end).select(
        "value",
        (f.col("_metadata.file_block_start") == 0).alias("first"),
        f.monotonically_increasing_id().bitwiseAND(f.lit((1 << PARTITION_BITS) - 1)).alias("line"),
    )
    below = lines.where(~(f.col("first") & (f.col("line") < table.skip + table.heading_lines)))
    if len(cells) > 1:
        below = below.where("value <> ''")
    schema = ", ".join(f"{name} STRING" for name in [*cells, _MARK])
    parsed = f.from_csv("value", schema, {name: str(value) for name, value in _options(table, len(cells)).items()})
    read = below.select(f.monotonically_increasing_id().alias(ROW), "value", parsed.alias("cells"))
    wrong = f.col(f"cells.{_MARK}").isNotNull() | _is_unsound(table.delimiter)
    return read.select(*[f.col(f"cells.{name}") for name in cells], ROW, wrong.alias(MALFORMED))


def _is_unsound(delimiter: str) -> "Column":
    """Whether a line is no text, or one of its quotes stays open or is followed by more than a delimiter."""
    from pyspark.sql import functions as f

    line, letter = f.col("value"), re.escape(delimiter)
    cell = rf'(?:"[^"]*+(?:""[^"]*+)*+"|(?! *")[^{letter}]*+)'
    is_closed = f.rlike(line, f.lit(rf"(?s)\A{cell}(?:{letter}{cell})*+\z"))
    return (f.contains(line, f.lit('"')) & ~is_closed) | ~f.is_valid_utf8(line) | f.contains(line, f.lit("\0"))


def _whole_csv(session: "SparkSession", table: TableFile, cells: Sequence[str], path: str) -> "DataFrame":
    from pyspark.sql import functions as f

    schema = ", ".join(f"{name} STRING" for name in [*cells, _MARK])
    read = session.read.schema(schema).csv(path, header=False, multiLine=True, **_options(table, len(cells)))
    numbered = read.select("*", f.monotonically_increasing_id().alias("record"))
    below = numbered.where(f.col("record") > table.skip)
    # A quote that does not close its cell, or stands behind a space, is left in the cell, where a doubled one looks the same.
    quotes = f.exists(f.array(*cells), lambda cell: f.startswith(f.ltrim(cell), f.lit('"')))
    wrong = f.col(_MARK).isNotNull() | f.coalesce(quotes, f.lit(False))
    return below.select(*cells, f.monotonically_increasing_id().alias(ROW), wrong.alias(MALFORMED))


def _options(table: TableFile, width: int) -> dict[str, str]:
    return {
        "sep": table.delimiter,
        "quote": '"',
        "escape": '"',
        "mode": "PERMISSIVE",
        "columnNameOfCorruptRecord": _MARK,
        "maxColumns": str(max(_MOST_CELLS, 2 * width)),
        "maxCharsPerColumn": "-1",
        "ignoreLeadingWhiteSpace": "false",
        "ignoreTrailingWhiteSpace": "false",
    }


# --- Parquet ----------------------------------------------------------------------------------------------------------


def _parquet(session: "SparkSession", table: TableFile, cells: Sequence[str], path: str) -> "DataFrame":
    from pyspark.sql import functions as f

    named = session.read.parquet(path).toDF(*cells)
    kept = [
        f.col(name) if table.types[heading] == stored else f.col(name).cast("string").alias(name)
        for name, heading, stored in zip(cells, table.headings, table.stored, strict=True)
    ]
    return named.select(*kept, f.monotonically_increasing_id().alias(ROW), f.lit(False).alias(MALFORMED))


# --- paths ------------------------------------------------------------------------------------------------------------


def _inverse(places: Sequence[int]) -> list[int]:
    """For each column of a table, the position of the same one in the first table."""
    return [places.index(place) for place in range(len(places))]


def _path(table: TableFile, number: int, spill: str) -> str:
    """The address of a file, under a name that Spark takes as it is.

    Spark tells by the ending how a file is packed, takes some letters for a pattern, and skips names that begin with a dot or
    an underscore.
    """
    ending = _ENDINGS[table.compression]
    name = Path(table.path).name
    packed = next((one for one in (".gz", ".zst", ".bz2", ".lz4", ".snappy", ".deflate") if name.endswith(one)), "")
    if _PLAIN_PATH.fullmatch(table.path) and not name.startswith((".", "_")) and packed == ending:
        return f"file://{table.path}"
    link = Path(spill, f"table-{number}{ending}")
    if not link.is_symlink():
        link.symlink_to(table.path)
    return f"file://{link}"
