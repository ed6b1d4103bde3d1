"""What is wrong with a table that an engine could not read: found anew without it, and said without a cell."""

import re
from collections.abc import Iterator

from poems_cli.tables.csv_text import CsvError, rows
from poems_cli.tables.json_lines import bad_line
from poems_cli.tables.row_count import survey
from poems_cli.tables.table_file import TableError, TableFile
from poems_cli.tables.table_text import text_pieces

_ENGINE = re.compile(r"CSV Error on Line: ([0-9]+)")


def sound_rows(table: TableFile) -> Iterator[list[str | None]]:
    """The rows of a CSV table below its heading, a blank cell as ``None``. Raises :class:`TableError` at the first fault."""
    read = rows(text_pieces(table), table.delimiter, table.line_end, table.skip + 1, len(table.headings))
    try:
        for cells in read:
            yield [cell or None for cell in cells]
    except CsvError as error:
        raise error.of(table.name) from None


def first_fault(table: TableFile) -> TableError | None:
    """The first thing for which a CSV table cannot be read, or ``None``: found in one pass, in little memory."""
    try:
        for _ in sound_rows(table):
            pass
    except TableError as error:
        return error
    return None


def explain_error(message: str, table: TableFile) -> TableError:
    """The error of DuckDB while it read a table, in one line, without the cells that its text quotes.

    A CSV or NDJSON table is read anew to find the line; only if it seems sound is the kind of error taken from the text.
    """
    if table.form == "parquet" and "string encoding" in message:
        return TableError(table.name, "a column holds text that is not UTF-8", "write it anew with UTF-8 text")
    if table.form == "parquet":
        return TableError(table.name, "the Parquet file is broken or cut short", "fetch it again, or write it anew")
    fault = survey(table).fault or first_fault(table) if table.form == "csv" else bad_line(table)
    if fault is not None:
        return fault
    found = _ENGINE.search(message)
    line = f", near line {found[1]}" if found else ""
    return TableError(f"{table.name}{line}", "the table cannot be read", "check how it was exported")


def of_input(message: str) -> bool:
    """Whether an error of DuckDB is about what it read, not about memory, disk or the query."""
    if message.startswith("IO Error"):
        return not re.search("write|No space left|temp", message)
    return message.startswith(("Invalid Input Error", "Conversion Error", "Not implemented Error"))
