"""The rows of CSV in blocks: what is read is what ``csv_text`` says it is, and no row is lost without a message."""

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from poems_cli.tables.batches import Kind, batches, first_rows
from poems_cli.tables.csv_blocks import blank_lines, blocks, is_plain
from poems_cli.tables.csv_text import CsvError, rows
from poems_cli.tables.table_file import TableError, TableFile

Cells = list[tuple[str | None, ...]]


def csv_table(path: Path, text: str, width: int, end: str = "\n", delimiter: str = ",") -> TableFile:
    path.write_bytes(text.encode())
    return TableFile("t.csv", str(path), "csv", tuple("abcdefgh"[:width]), delimiter=delimiter, line_end=end)


def read(table: TableFile, kind: Kind = "text") -> Cells:
    """What the pipeline reads."""
    cells: Cells = []
    for load, _ in batches(table, table.headings, dict.fromkeys(table.headings, kind)):
        batch = load()
        columns = [batch.columns[heading].to_pylist() for heading in table.headings]
        cells += zip(*columns, strict=True)
        assert len(batch.numbers) == len(columns[0])
    return cells


def meant(table: TableFile, text: str) -> Cells | None:
    """What the text means, or nothing where it is not CSV."""
    try:
        records = [cells for _, cells in rows([text], table.delimiter, table.line_end, 1, len(table.headings))]
    except CsvError:
        return None
    return [tuple([cell or None for cell in row]) for row in records]


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
@example(("a,b\n\nx,y\n\n\n", 2, "\n"))
@example(("a,b\r\nx,y\r\n\r\nz,", 2, "\r\n"))
@example(("a,b\n\n\n", 2, "\n"))
@example(("a\nx\n\ny\n\n", 1, "\n"))
@example(('a,b\n"x ""y""",z\n\n"",x\n', 2, "\n"))
@example(("a,b\n5'4\",x\n6'1\",y\n", 2, "\n"))
@example(('a,b\n"Smith, J",x\n"Doe, K",y\n', 2, "\n"))
@example(('a,b\n5","l\nm",', 2, "\n"))
@example(('a,b\n5","l\nm"', 2, "\n"))
def test_what_is_read_is_what_the_text_means(tmp_path, made):
    text, width, end = made
    table = csv_table(tmp_path / "t.csv", text, width, end)
    expected = meant(table, text)
    if expected is None:
        with pytest.raises(TableError):
            read(table)
    else:
        filled = [row for row in expected if width == 1 or any(cell and cell.strip() for cell in row)]
        assert read(table) == read(table, "words") == read(table, "number") == filled


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=tables(), size=st.integers(1, 30))
def test_blocks_of_any_size_hold_the_same_records(tmp_path, made, size):
    """A record, or a line end of two letters, may lie over the edge of a block."""
    text, width, end = made
    table = csv_table(tmp_path / "t.csv", text, width, end)
    if meant(table, text) is None:
        return
    records: list[list[str]] = []
    for block in blocks(table, size):
        if block.records is None:
            records += [cells for _, cells in rows([block.data.decode()], ",", end, 0, width)]
        else:
            records += [cells for _, cells in block.records]
    assert [tuple([cell or None for cell in row]) for row in records] == meant(table, text)


@pytest.mark.parametrize("size", [1, 7, 30, 1000])
def test_notes_below_a_table_stay_with_the_rows_above_them(tmp_path, size):
    text = "1,2,3\n" * 20 + "Source: a laboratory\nPrinted: today\n"
    last = list(blocks(csv_table(tmp_path / "t.csv", "a,b,c\n" + text, 3), size))[-1].data
    assert last.endswith(b"1,2,3\n1,2,3\nSource: a laboratory,,\nPrinted: today,,\n")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('1,2,3\n"', "line 3: a quote is opened and never closed"),
        ('1,"2,3\n1,2,3\n', "line 2: a quote is opened and never closed"),
        ('1,2,"""\n\n', "line 2: a quote is opened and never closed"),
        ("1,2,3,\n", "line 2: the row has 4 cells under 3 headings"),
        ("1,2,3\n1,x, y,\n", "line 3: the row has 4 cells under 3 headings"),
        ("1,2\n", "line 2: the row has 2 cells under 3 headings"),
        ('1,"2\n3,4,5\n6,7,8\n9,x",3\n', "line 2: a quote is opened and closed 3 lines below, over what look like whole rows"),
        ("1,2,\0\n", "line 2: this is not text (it holds NUL bytes)"),
        ("1,2,3\r\n", "line 2: its line endings differ"),
    ],
)
def test_faults_that_pyarrow_would_accept_are_refused(tmp_path, rows, message):
    table = csv_table(tmp_path / "t.csv", "a,b,c\n" + rows, 3)
    with pytest.raises(TableError) as caught:
        read(table)
    assert message in str(caught.value)


@pytest.mark.parametrize("row", ["1,2\n", '1,"2,3\n', "1,2,\udce9\n"])
def test_the_line_of_a_fault_is_true_far_below(tmp_path, row):
    """Behind more than one block, and a heading of two lines."""
    above = 'a,b,"c\nd"\n' + "70000000,80000000,90000000000000000000000000000000\n" * 400_000
    table = csv_table(tmp_path / "t.csv", "", 3)
    Path(table.path).write_bytes((above + row).encode(errors="surrogateescape"))
    table = table._replace(ends_above=2)
    with pytest.raises(TableError, match=r"^t\.csv, line 400003: "):
        read(table)


def test_only_blocks_whose_quotes_are_plain_are_read_by_lines(tmp_path):
    table = csv_table(tmp_path / "t.csv", "a,b\n", 2)

    def plain(text: str) -> bool:
        return is_plain(text.encode(), table)

    assert plain("1,2\n" * 9)
    assert plain('"1","a ""b"", c"\n,""\n')
    assert not plain('1,"two\nlines"\n')
    assert not plain("1,5'4\"\n")
    assert not plain('1,a"b"\n')
    assert plain('1,",2"\n')
    assert not plain('5","two\n')


@pytest.mark.parametrize(
    "cells", [["1", '"a, b"', '"say ""so"""', '""', "", '"x"', '""""'], ["1", '"line one\nline, two ""3""\n"', "x", ""]]
)
def test_quotes_over_the_edges_of_blocks_are_read_right(tmp_path, cells):
    rows_of_text = (
        f"{row},{cell},{other}\n"
        for row, cell, other in zip(range(60_000), itertools.cycle(cells), itertools.cycle(reversed(cells[:-1])), strict=False)
    )
    text = "a,b,c\n" + "".join(rows_of_text)
    table = csv_table(tmp_path / "t.csv", text, 3)
    loaded = list(blocks(table, 1 << 17))
    assert len(loaded) > 5
    assert read(table) == meant(table, text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_cost_nothing_and_are_counted(tmp_path, end):
    """However many, as of a file of some kilobytes that is packed."""
    text = end.join(["a,b", *[""] * 5_000_000, "1,x", "", "2,", *[""] * 3_000_000, "3,z"])
    table = csv_table(tmp_path / "t.csv", text, 2, end)
    loaded = [load() for load, _ in batches(table, ["a"], {})]
    assert [cell for batch in loaded for cell in batch.columns["a"].to_pylist()] == ["1", "2", "3"]
    assert [number for batch in loaded for number in batch.numbers.tolist()] == [5_000_002, 5_000_004, 8_000_005]


def test_a_vanished_file_is_one_line(tmp_path):
    with pytest.raises(TableError, match="there is no such file"):
        read(TableFile("t", str(tmp_path / "gone.ndjson"), "ndjson", ("a",)))


@pytest.mark.parametrize(
    ("data", "delimiter", "end", "lines"),
    [
        (b'1,yes\n,,\n2,no\n,,\n"","",\n, ,\n', ",", "\n", [1, 3, 4, 5]),
        (b";;\r\n1;;\r\n;;2\r\n;;", ";", "\r\n", [0, 3]),
        (b"\t\t\n1\t\t\n \n", "\t", "\n", [0]),
        (b'"""",\n" ","\t"\n', ",", "\n", [1]),
        ('\u00a0,\ufeff\n\u3000,1\n"\u202f",\u200b\n\u00e3,\n'.encode(), ",", "\n", [0, 2]),
        (b"1,2\n", ",", "\n", []),
        (b"", ",", "\n", []),
    ],
)
def test_lines_of_delimiters_are_found(data: bytes, delimiter: str, end: str, lines: list[int]) -> None:
    assert blank_lines(data, delimiter, end) == lines


@pytest.mark.parametrize("length", [1, 1_000, 300_000])
def test_the_first_rows_are_as_many_however_long_they_are(length: int, tmp_path: Path) -> None:
    text = "a,b\n" + "".join(f"{row},{'x' * length}\n\n" for row in range(5))
    first = first_rows(csv_table(tmp_path / "t.csv", text, 2), 3)
    assert first.columns["a"].to_pylist() == ["0", "1", "2"]
    assert first.numbers.tolist() == [2, 4, 6]
    assert first_rows(csv_table(tmp_path / "t.csv", "a,b\n", 2), 3).columns["b"].to_pylist() == []
