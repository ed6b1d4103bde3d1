"""Answers that Spark writes in parts, one for each task, joined in their order to one file."""

import csv
import gzip
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from poems_cli.screening.engine_error import EngineError
from poems_cli.screening.plan import Form, Plan
from poems_cli.tables.table_sql import one_path, sql_text

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_DELIMITERS = {"csv": ",", "tsv": "\t"}
_CHUNK = 1 << 20


def write_parts(rows: "DataFrame", folder: str, form: Form, header: bool = False) -> None:
    """Write every partition into a file of its own, numbered in the order of the rows, in a folder that is not there yet."""
    if form == "parquet":
        rows.write.parquet(folder, compression="zstd")
    elif form == "ndjson":
        rows.write.json(folder, ignoreNullFields=False)
    else:
        rows.write.csv(
            folder,
            sep=_DELIMITERS[form],
            header=header,
            quote='"',
            escape='"',
            ignoreLeadingWhiteSpace=False,
            ignoreTrailingWhiteSpace=False,
        )


def join_parts(folder: str, path: str, plan: Plan, headings: Sequence[str]) -> None:
    """One file of the parts, headings first. Raises OSError where it cannot be written."""
    parts = sorted(str(one) for one in Path(folder).glob("part-*"))
    if plan.form == "parquet":
        _join_parquet(parts, path)
        return
    if plan.packed == "zstd":
        raise EngineError("text packed with Zstandard is not written with --engine spark", "end the answer's name in .gz")
    with open(path, "wb") if not plan.packed else gzip.open(path, "wb", compresslevel=6) as target:
        if plan.form in _DELIMITERS:
            target.write(_line(headings, _DELIMITERS[plan.form]))
        for part in parts:
            with open(part, "rb") as source:
                shutil.copyfileobj(source, _as_bytes(target), _CHUNK)


def _as_bytes(target: "IO[bytes] | gzip.GzipFile") -> IO[bytes]:
    return target  # type: ignore[return-value]


def _line(cells: Sequence[str], delimiter: str) -> bytes:
    from io import StringIO

    text = StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _join_parquet(parts: Sequence[str], path: str) -> None:
    import duckdb

    files = ", ".join(map(one_path, parts))
    with duckdb.connect(config={"memory_limit": "512MB"}) as connection:
        connection.execute(
            f"COPY (FROM read_parquet([{files}])) TO {sql_text(path)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"
        )
