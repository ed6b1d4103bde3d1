"""The count of rows made apart from the engine: equal to the engine's, or it says why there is none."""

import gzip
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from poems_cli.tables.read_errors import first_fault
from poems_cli.tables.row_count import survey
from poems_cli.tables.table_sql import table_sql

from poems_cli.tables.opening import text_rows
from poems_cli.tables.table_file import TableError, TableFile, column_names


def csv_table(path: Path, text: str, width: int, end: str = "\n", delimiter: str = ",") -> TableFile:
    path.write_bytes(text.encode())
    return TableFile("t.csv", str(path), "csv", tuple("abcdefgh"[:width]), delimiter=delimiter, line_end=end)


def duck_rows(table: TableFile, parallel: bool = False) -> list[tuple[str | None, ...]] | None:
    with duckdb.connect() as database:
        try:
            return database.execute(f"SELECT * FROM {table_sql([table], column_names(table), parallel=parallel)}").fetchall()
        except duckdb.Error:
            return None


def python_rows(table: TableFile) -> list[tuple[str | None, ...]] | None:
    try:
        return [tuple(row) for row in text_rows(table)]
    except TableError:
        return None


ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, int, str]:
    """A small CSV text, well made or nearly so, its number of columns, and its line end."""
    end, width = draw(ENDS), draw(st.integers(1, 3))
    cell = st.sampled_from(
        [
            "",
            "x",
            "é",
            " s ",
            '"q"',
            '""',
            '"a,b"',
            f'"l{end}m"',
            '"n\nm"',
            '"d""d"',
            ' "s" ',
            'q"q',
            '5"',
            '"',
            '"""',
            "a\rb",
            "a\nb",
        ]
    )
    many = st.lists(st.lists(cell, min_size=max(width - 1, 1), max_size=width + 1), max_size=5)
    rows = [",".join(row) for row in draw(many)]
    last = draw(st.sampled_from(["", end, end + end, end + '"']))
    return ",".join("abc"[:width]) + end + end.join(rows) + last, width, end


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=tables())
def test_what_is_read_is_what_duckdb_reads_and_is_counted_so(tmp_path, made):
    text, width, end = made
    table = csv_table(tmp_path / "t.csv", text, width, end)
    ours, counted = python_rows(table), survey(table)
    if ours is None:
        # garbled within one cell, a row is still one row: the engine refuses or keeps it, and none is lost
        assert counted.fault is not None or "text follows a closing quote" in str(first_fault(table))
    else:
        assert duck_rows(table) == ours
        assert (counted.rows, counted.fault) == (len(ours), None)


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("a,b\n1,2\n", 2, 1),
        ("a,b\n1,2", 2, 1),
        ("a,b", 2, 0),
        ("a,b\n\n1,2\n\n\n", 2, 1),
        ("a\n1\n\n2\n\n", 1, 4),
        ("a,b\n,\n,\n", 2, 2),
        ('a,b\n"1\n\n\n",2\n3,4\n', 2, 2),
        ('a,b\n"x ""y""",2\n', 2, 1),
        ("a,b\n5'4\",x\n6'1\",y\n", 2, 2),
        ('a,b\n"Smith, J",2\n"Doe, K",3\n', 2, 2),
        ("\ufeffa,b\n1,2\n", 2, 1),
    ],
)
def test_rows_are_counted_as_the_engine_reads_them(tmp_path, text, width, rows):
    table = csv_table(tmp_path / "t.csv", text, width)
    assert survey(table).rows == rows == len(duck_rows(table) or [])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('1,2,3\n"', "line 3: a quote is opened and never closed"),
        ('1,"2,3\n1,2,3\n', "line 2: a quote is opened and never closed"),
        ('1,2,"""\n\n', "line 2: a quote is opened and never closed"),
        ("1,2,3,\n", "line 2: the row has 4 cells under 3 headings"),
        ("1,2,3\n1,x, y,\n", "line 3: the row has 4 cells under 3 headings"),
        ("1,2\n", "line 2: the row has 2 cells under 3 headings"),
        ('1,"2\n3,4,5\n6,7,8\n9,x",3\n', "line 2: a quote is opened and closed 3 lines below, over what look like whole rows"),
        ("1,2,\0\n", "line 2: this is not text (it holds NUL bytes)"),
        ("1,2,3\r\n", "line 2: its line ends are not alike"),
    ],
)
@pytest.mark.parametrize("before", [0, 400_000])
def test_what_an_engine_would_take_without_a_word_is_told(tmp_path, rows, said, before):
    table = csv_table(tmp_path / "t.csv", "a,b,c\n" + "7,8,9\n" * before + rows, 3)
    line, _, rest = said.partition(":")
    fault = survey(table).fault
    assert f"line {int(line.removeprefix('line ')) + before}:{rest}" in str(fault)


def test_only_a_table_whose_quotes_are_plain_is_read_in_parallel(tmp_path):
    def parallel(rows: str) -> bool:
        return survey(csv_table(tmp_path / "t.csv", "a,b\n" + rows, 2)).parallel

    assert parallel("1,2\n" * 9)
    assert parallel('"1","a ""b"", c"\n,""\n')
    assert not parallel('1,"two\nlines"\n')
    assert not parallel("1,5'4\"\n")
    assert not parallel('1,a"b"\n')
    assert not parallel('1,",2"\n')


def test_a_table_that_may_be_read_in_parallel_is_read_right(tmp_path):
    cells = ["1", '"a, b"', '"say ""so"""', '""', "", '"x"', '""""']
    rows = "".join(f"{row},{cells[row % 7]},{cells[row % 5]}\n" for row in range(400_000))
    table = csv_table(tmp_path / "t.csv", "a,b,c\n" + rows, 3)
    assert survey(table)[:3] == (400_000, True, None)
    assert duck_rows(table, parallel=True) == duck_rows(table) == python_rows(table)


def test_records_over_the_edge_of_a_block_are_counted_once(tmp_path):
    rows = "".join(f'{row},"line one\nline, two ""{row}""\n",x\n' for row in range(60_000))
    table = csv_table(tmp_path / "t.csv", "a,b,c\n" + rows, 3)
    assert survey(table)[:3] == (60_000, False, None)


def test_packed_tables_and_json_lines_are_counted(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n3,4\n", mtime=0))
    assert survey(TableFile("t", str(path), "csv", ("a", "b"), delimiter=",", compression="gzip")).rows == 2
    lines = tmp_path / "t.ndjson"
    lines.write_bytes(b'\xef\xbb\xbf\n{"a":1}\r\n  \r\n{"a":2}')
    assert survey(TableFile("t", str(lines), "ndjson", ("a",))).rows == 2
    with duckdb.connect() as database:
        for name in ("t.parquet", "t.csv.zst"):
            database.execute(f"COPY (SELECT range AS a, 'x' AS b FROM range(5000)) TO '{tmp_path / name}'")
    assert survey(TableFile("t", str(tmp_path / "t.parquet"), "parquet", ("a", "b"))).rows == 5000
    packed = TableFile("t", str(tmp_path / "t.csv.zst"), "csv", ("a", "b"), delimiter=",", compression="zstd")
    assert survey(packed).rows == 5000


def test_a_vanished_file_is_one_line(tmp_path):
    with pytest.raises(TableError, match="there is no such file"):
        survey(TableFile("t", str(tmp_path / "gone.ndjson"), "ndjson", ("a",)))
