"""Opening and reading a table: every form it can have gives the same rows, and an ambiguous one is refused in one line."""

import datetime
import decimal
import gzip
import io
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from poems_cli.tables.batches import as_text, batches, first_rows
from poems_cli.tables.opening import open_tables
from poems_cli.tables.table_bytes import CHUNK
from poems_cli.tables.table_file import TableError, TableFile, TableOptions

BOM = b"\xef\xbb\xbf"
PLAIN = b"id,poly\n001,yes\n002,\n"
ROWS = [("001", "yes"), ("002", None)]
SECRET = "Hildegard"


class Tables:
    """Files in a folder, opened and read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spill = folder / "spill"
        self.spill.mkdir()

    def path(self, name: str, data: bytes | str) -> str:
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return str(path)

    def open(self, *files: tuple[str, bytes | str], stdin: bytes = b"", **options: str) -> list[TableFile]:
        paths = [self.path(name, data) for name, data in files] or ["-"]
        return open_tables(paths, TableOptions(**options), str(self.spill), io.BytesIO(stdin))

    def read(self, *files: tuple[str, bytes | str], **options: str) -> list[tuple[str | None, ...]]:
        return rows(*self.open(*files, **options))

    def refusal(self, *files: tuple[str, bytes | str], **options: str) -> str:
        with pytest.raises(TableError) as caught:
            self.open(*files, **options)
        return line_of(caught.value)


def line_of(error: TableError) -> str:
    message = str(error)
    assert "\n" not in message
    assert SECRET not in message
    assert error.problems[0].mend
    return message


def rows(*tables: TableFile) -> list[tuple[str | None, ...]]:
    """The cells of all rows as text, in the order of the first table's headings."""
    columns_as_rows: list[tuple[str | None, ...]] = []
    for table in tables:
        for load, _ in batches(table, table.headings, {}):
            columns = load().columns
            columns_as_rows += zip(*[as_text(columns[heading]).to_pylist() for heading in tables[0].headings], strict=True)
    return columns_as_rows


def numbers(table: TableFile) -> list[int]:
    """The numbers of the rows."""
    return [number for load, _ in batches(table, table.headings, {}) for number in load().numbers.tolist()]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path)


def zstd(text: bytes) -> bytes:
    return bytes(pa.compress(text, "zstd", asbytes=True))


def parquet(tables: Tables, columns: Any, **settings: Any) -> bytes:
    """The bytes of a Parquet file with these columns: by heading, or a table."""
    path = tables.folder / "made.parquet"
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path, **settings)
    return path.read_bytes()


# --- tables read ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.csv", PLAIN),
        ("t.csv", BOM + PLAIN),
        ("t.csv", BOM + b'"id","poly"\n"001","yes"\n"002",""\n'),
        ("t.csv", PLAIN.replace(b"\n", b"\r\n")),
        ("t.csv", PLAIN.replace(b"\n", b"\r")),
        ("t.csv", PLAIN.rstrip(b"\n")),
        ("t.csv", PLAIN.replace(b",", b";")),
        ("t.csv", PLAIN.replace(b",", b"|")),
        ("t.csv", PLAIN.replace(b",", b"\t")),
        ("t.tsv", PLAIN.replace(b",", b"\t")),
        ("t.TAB", PLAIN.replace(b",", b"\t")),
        ("t", PLAIN),
        ("t.csv", b"sep=;\r\n" + PLAIN.replace(b",", b";").replace(b"\n", b"\r\n")),
        ("t.csv", BOM + b'"sep=|"\n' + PLAIN.replace(b",", b"|")),
        ("t.csv", b"\n\n" + PLAIN),
        ("t.csv", b"\r\n" + PLAIN.replace(b"\n", b"\r\n")),
        ("t.csv", b"id,poly\n001,yes\n\n002,\n\n\n"),
        ("t.csv", b' id , poly \n001, "yes" \n002,\n'),
        ("t.csv.gz", gzip.compress(PLAIN, mtime=0)),
        ("t", gzip.compress(PLAIN, mtime=0)),
        ("t.gz", PLAIN),
        ("t.csv", PLAIN.decode().encode("utf-16")),
        ("t.csv", b"\xfe\xff" + PLAIN.decode().encode("utf-16-be")),
        ("t.csv", PLAIN.decode().encode("utf-16-le")),
        ("t.csv", PLAIN.decode().encode("utf-32")),
        ("t.csv", PLAIN.decode().encode("utf-32-be")),
        ("t.csv.gz", gzip.compress(PLAIN.decode().encode("utf-16"), mtime=0)),
        ("t.csv.zst", zstd(PLAIN)),
        ("t", zstd(PLAIN)),
        ("t.ndjson.zst", zstd(b'{"id":"001","poly":"yes"}\n{"id":"002"}\n')),
        ("t.ndjson", b'{"id":"001","poly":"yes"}\n{"id":"002","poly":null}\n'),
        ("t.jsonl", BOM + b'{"id":"001","poly":"yes"}\r\n\r\n{"id":"002"}\r\n'),
        ("t", b'\n{"id":"001","poly":"yes"}\n{"poly":null,"id":"002"}'),
        ("t.jsonl.gz", gzip.compress(b'{"id":"001","poly":"yes"}\n{"id":"002"}\n', mtime=0)),
    ],
)
def test_one_table_in_many_forms_is_the_same_table(tables, name, data):
    assert tables.read((name, data)) == ROWS
    assert tables.open((name, data))[0].headings == ("id", "poly")


@pytest.mark.parametrize("name", ["t.parquet", "nameless"])
def test_parquet_is_recognized_by_its_first_bytes(tables, name):
    assert tables.read((name, parquet(tables, {"id": ["001", "002"], "poly": ["yes", None]}))) == ROWS


def test_a_file_packed_with_zstandard_and_cut_short_is_refused_wherever_it_is_cut(tables):
    whole = zstd(b"id,poly\n" + b"".join(b"%d,%d\n" % (row, row * row % 7919) for row in range(40_000)))
    assert len(rows(*tables.open(("t.csv.zst", whole + b"\x50\x2a\x4d\x18\x02\0\0\0ab" + whole)))) == 80_001
    for cut in (4, 5, 9, len(whole) // 3, len(whole) - 1):
        assert "the compressed file is broken or truncated" in tables.refusal(("t.csv.zst", whole[:cut]))
    assert "the compressed file is broken or truncated" in tables.refusal(("t.csv.zst", whole + b"more"))


def test_a_file_packed_with_gzip_and_cut_short_is_never_counted(tables):
    packed = gzip.compress(b"id,poly\n" + b"".join(b"%d,%d\n" % (row, row * row % 7919) for row in range(300_000)), mtime=0)
    (table,) = tables.open(("t.csv.gz", packed[:-40]))
    with pytest.raises(TableError, match="the compressed file is broken or truncated"):
        rows(table)


def test_standard_input_is_read_once_and_recognized_by_its_bytes(tables):
    (table,) = tables.open(stdin=gzip.compress(PLAIN, mtime=0))
    assert (table.name, table.headings) == ("standard input", ("id", "poly"))
    assert rows(table) == ROWS
    with pytest.raises(TableError, match="standard input: it is named twice"):
        open_tables(["-", "-"], TableOptions(), str(tables.spill), io.BytesIO(PLAIN))


def test_a_pipe_is_read_once(tables):
    read, write = os.pipe()
    os.write(write, PLAIN)
    os.close(write)
    (table,) = open_tables([f"/dev/fd/{read}"], TableOptions(), str(tables.spill), io.BytesIO())
    os.close(read)
    assert rows(table) == ROWS


@pytest.mark.parametrize("name", ["a[1].csv", "a*.csv", "it's.csv", "year=2020.csv", "ä ö.csv", "a?.csv"])
def test_a_name_that_is_also_a_pattern_means_the_file(tables, name):
    (tables.folder / "a1.csv").write_bytes(b"id,other\n9,9\n")
    assert tables.read((name, PLAIN)) == ROWS


def test_a_folder_named_like_a_partition_adds_no_column(tables):
    (tables.folder / "site=7").mkdir()
    assert tables.read(("site=7/t.csv", PLAIN)) == ROWS


def test_a_pattern_gives_its_files_in_order_of_their_names(tables):
    for number in (3, 1, 2):
        tables.path(f"part{number}.csv", f"id,poly\n{number},yes\n")
    opened = open_tables([str(tables.folder / "part*.csv")], TableOptions(), str(tables.spill), io.BytesIO())
    assert [Path(table.name).name for table in opened] == ["part1.csv", "part2.csv", "part3.csv"]
    assert rows(*opened) == [("1", "yes"), ("2", "yes"), ("3", "yes")]


def test_files_with_headings_in_another_order_and_dialect_are_read_by_heading(tables):
    read_rows = tables.read(
        ("a.csv", PLAIN), ("b.csv", b"sep=;\npoly;id\nno;003\n"), ("c.csv.gz", gzip.compress(b"poly\tid\n-\t004\n", mtime=0))
    )
    assert read_rows == [*ROWS, ("003", "no"), ("004", "-")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,a\n1,2\n3,4\n", [2, 3]),
        ("sep=,\nid,a\n1,2\n\n\n3,4\n", [3, 6]),
        ("\n\nid,a\n1,2\n", [4]),
        ('id,"a\nb"\n1,"two\nlines"\n3,4\n', [2, 3]),
        ("id\n1\n\n2\n", [2, 3, 4]),
    ],
)
def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tables, text, expected):
    """The headings are in row 1; a row is a row however many lines its cells have."""
    assert numbers(tables.open(("t.csv", text))[0]) == expected


def test_rows_of_json_have_the_number_of_their_line_and_those_of_parquet_their_position(tables):
    assert numbers(tables.open(("t.ndjson", '\n{"id":"1"}\n\n{"id":"2"}\n'))[0]) == [2, 4]
    data = parquet(tables, {"id": [str(row) for row in range(300_000)]}, row_group_size=70_000)
    assert numbers(tables.open(("t.parquet", data))[0]) == list(range(1, 300_001))


def test_cells_are_kept_letter_by_letter(tables):
    text = 'id,poly\n 007 ,"a ""b"", c"\n#1,"two\nlines"\n\'0\u00a0,5\'4" tall\n"","  x "\n'
    assert tables.read(("t.csv", text)) == [
        (" 007 ", 'a "b", c'),
        ("#1", "two\nlines"),
        ("'0\u00a0", "5'4\" tall"),
        (None, "  x "),
    ]


def test_a_heading_may_hold_line_ends_quotes_and_delimiters(tables):
    (table,) = tables.open(("t.csv", 'sep=,\r\nid,"a ""b"",\r\nc"\r\n1,2\r\n'))
    assert table.headings == ("id", 'a "b",\r\nc')
    assert rows(table) == [("1", "2")]


@pytest.mark.parametrize("heading", ['"a,b",c', '"a\nb",c', '"a ""q"" b",c', '"a",c', '"a",",c"'])
def test_a_quoted_heading_behind_a_byte_order_mark_is_skipped_whole(tables, heading):
    (table,) = tables.open(("t.csv", BOM + f'{heading}\n1,"2"\n3,4\n'.encode()))
    assert rows(table) == [("1", "2"), ("3", "4")]


@pytest.mark.parametrize("mark", [b"", BOM])
@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_a_heading_of_two_lines_as_a_spreadsheet_writes_it_is_read(tables, mark, end):
    text = end.join(["sep=;", '"id";"platelets\n(K/uL)"', "001;512", '"002";"4\n\n5"', ""])
    (table,) = tables.open(("t.csv", mark + text.encode()))
    assert table.headings == ("id", "platelets\n(K/uL)")
    assert rows(table) == [("001", "512"), ("002", "4\n\n5")]
    (ragged,) = tables.open(("t.csv", mark + (text + "3;4;5").encode()))
    with pytest.raises(TableError, match="line 8: the row has 3 cells"):
        rows(ragged)


def test_a_long_cell_is_read_and_an_endless_one_refused(tables):
    report = "x," * 400_000
    assert tables.read(("t.csv", f'id,note\n1,"{report}"\n')) == [("1", report)]
    (table,) = tables.open(("t.csv", f'id,note\n1,"{report * 4}"\n'))
    with pytest.raises(TableError) as caught:
        rows(table)
    assert "line 2: the line is longer than two million characters" in line_of(caught.value)


def test_a_table_of_one_column_keeps_its_blank_rows(tables):
    assert tables.read(("t.csv", b"id\n1\n\n2\n")) == [("1",), (None,), ("2",)]


def test_json_lines_may_begin_behind_any_number_of_blank_lines(tables):
    data = b'{"id": "001", "poly": "yes"}\n{"id": "002"}\n'
    assert tables.read(("t.ndjson", b"\n" * (CHUNK + 1) + data)) == ROWS


def test_repeated_and_blank_headings_keep_their_places(tables):
    (table,) = tables.open(("t.csv", b"id,edema,,edema ,x,\n1,yes,,no,5,\n"))
    assert table.headings == ("id", "edema", "", "edema", "x", "")
    assert {heading: column.to_pylist() for heading, column in first_rows(table, 9).columns.items()} == {
        "id": ["1"], "edema": ["yes"], "": [None], "x": ["5"],
    }  # fmt: skip


def test_another_encoding_is_reported_and_copied(tables):
    (table,) = tables.open(("t.csv", "id,Ödem\r\n1,ü€\r\n".encode("cp1252")), encoding="windows-1252")
    assert Path(table.path).parent == tables.spill
    assert Path(table.path).read_bytes() == "id,Ödem\r\n1,ü€\r\n".encode()
    assert rows(table) == [("1", "ü€")]


def test_a_letter_across_two_pieces_of_a_copy_is_whole(tables):
    text = "id,poly\n" + "1,é\U0001f600\n" * 300_000
    (table,) = tables.open(("t.csv", text.encode("utf-16")))
    assert Path(table.path).read_bytes() == text.encode()


def test_members_of_json_lines_are_found_however_late(tables):
    lines = '{"id":"1"}\n' * 5000 + '{"a.b":1.5,"it\'s":[1, 2],"x\\"y":true,"é/~":"n","":0,"0":{"k":"v"},"id":null}\n'
    (table,) = tables.open(("t.ndjson", lines))
    assert table.headings == ("id", "a.b", "it's", 'x"y', "é/~", "", "0")
    assert rows(table)[-1] == (None, "1.5", "[1,2]", "true", "n", "0", '{"k":"v"}')
    assert len(rows(table)) == 5001


def test_files_of_json_lines_may_lack_members(tables):
    assert tables.read(("a.ndjson", b'{"id":"1","a":true}'), ("b.ndjson", b'{"b":2,"id":"2"}')) == [
        ("1", "true", None),
        ("2", None, "2"),
    ]


def test_types_of_parquet_are_kept_and_files_may_differ(tables):
    first = parquet(tables, {"id": ["01"], "a": [True], "n": [5]})
    other = parquet(tables, {"n": [2.5], "a": [False], "id": ["02"]})
    both = tables.open(("a.parquet", first), ("b.parquet", other))
    assert rows(*both) == [("01", "true", "5"), ("02", "false", "2.5")]
    assert [first_rows(table, 5).columns["n"].type for table in both] == [pa.int64(), pa.float64()]


DAY = datetime.datetime(2020, 1, 31, 12, 30)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array(["x"], pa.large_string()), "x"),
        (pa.array(["x"], pa.string_view()), "x"),
        (pa.array([b"x"], pa.binary()), "x"),
        (pa.array([b"x"], pa.large_binary()), "x"),
        (pa.array([b"x"], pa.binary_view()), "x"),
        (pa.array([b"xy"], pa.binary(2)), "xy"),
        (pa.array(["x"]).dictionary_encode(), "x"),
        (pa.array(["x"], pa.large_string()).dictionary_encode(), "x"),
        (pa.array([5]).dictionary_encode(), "5"),
        (pa.array([5], pa.uint64()), "5"),
        (pa.array([1.5], pa.float32()), "1.5"),
        (pa.array([1.5]).cast(pa.float16()), "1.5"),
        (pa.array([decimal.Decimal("5.50")], pa.decimal128(5, 2)), "5.50"),
        (pa.array([decimal.Decimal("5.50")], pa.decimal256(5, 2)), "5.50"),
        (pa.array([DAY.date()]), "2020-01-31"),
        (pa.array([DAY], pa.timestamp("s")), "2020-01-31 12:30:00.000"),
        (pa.array([datetime.timedelta(seconds=5)], pa.duration("s")), "5 s"),
        (pa.array([[1, 2]]), "[1,2]"),
        (pa.array([{"a": 1, "b": [True, None]}]), '{"a":1,"b":[true,null]}'),
        (pa.array([None], pa.null()), None),
    ],
    ids=lambda given: str(given.type) if isinstance(given, pa.Array) else "",
)
def test_a_column_of_parquet_of_any_type_is_read(tables, column, text):
    table = pa.table([["1"], column], names=["id", "odd"])
    try:
        content = parquet(tables, table)
    except pa.ArrowNotImplementedError:
        pytest.skip(f"pyarrow {pa.__version__} writes no Parquet file with a column of type {column.type}")
    assert tables.read(("t.parquet", content)) == [("1", text)]


def test_bytes_of_parquet_that_are_not_text_are_refused(tables):
    (table,) = tables.open(("t.parquet", parquet(tables, {"id": ["1"], "a": [b"Hildegard \xff"]})))
    with pytest.raises(TableError) as caught:
        rows(table)
    assert "column 'a'" in line_of(caught.value)


def test_a_table_of_parquet_may_have_no_rows_and_two_columns_of_one_name(tables):
    (table,) = tables.open(("t.parquet", parquet(tables, {"id": pa.array([], pa.string())})))
    assert (rows(table), first_rows(table, 5).rows) == ([], 0)
    twice = pa.table([["1"], ["yes"], ["no"]], names=["id", "a", "a"])
    (table,) = tables.open(("t.parquet", parquet(tables, twice)))
    assert (table.headings, first_rows(table, 5).columns["a"].to_pylist()) == (("id", "a", "a"), ["yes"])


# --- tables refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("t.csv", b"", "there is nothing in it"),
        ("t.csv", BOM + b"\r\n \n", "there is nothing in it"),
        ("t.csv", gzip.compress(b"", mtime=0), "there is nothing in it"),
        ("t.ndjson", b"\n\n", "there is nothing in it"),
        ("t.csv", gzip.compress(PLAIN * 9, mtime=0)[:-12], "the compressed file is broken or truncated"),
        ("t.csv", b"PK\x03\x04..[Content_Types].xml", "this is an Excel workbook; save the sheet as CSV"),
        ("t.csv", b"PK\x03\x04..notes.csv", "this is a ZIP archive; unpack it first"),
        ("t.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", "this workbook is broken, or another Office document"),
        ("t.csv", b"\0" * 12 + b"\xc2\xea\x81\x60" + b"\0" * 90, "this is a SAS data set"),
        ("t.csv", b"$FL2@(#) SPSS DATA FILE", "this is an SPSS file"),
        ("t.csv", b"<html><table><tr><td>id", "this is a web page"),
        ("t.parquet", PLAIN, "this is not a Parquet file"),
        ("t.parquet", b"PAR1 and no more", "the Parquet file is broken or truncated"),
        ("t.csv", b"id,\xc9d\xe8me\n1,2\n", "line 1: this is not UTF-8 text; save it as UTF-8, or say what it is: --encoding"),
        ("t.csv", b"id,poly\n1,Hildegard \xe9\n", "line 2: this is not UTF-8 text"),
        ("t.csv", b"id,poly\n1,Hilde\0gard\n", "it holds NUL bytes"),
        ("t.csv", b"p1,yes,no\np2,no,no\n", "line 1: the first row looks like a patient, not like headings (column 2)"),
        ("t.csv", b"p1,Y,N,y\np2,n,n,y\n", "the first row looks like a patient, not like headings (column 2)"),
        ("t.csv", b"0001,5.5,>2000\n", "the first row looks like a patient, not like headings (column 1)"),
        ("t.csv", b"p1,2020-01-31,3\n", "the first row looks like a patient, not like headings (column 2)"),
        ("t.csv", b",,\n1,2,3\n", "line 2: the first row looks like a patient, not like headings (column 1)"),
        ("t.csv", b'id,"poly\n1,yes\n', "line 1: a quote is opened and never closed"),
        ("t.csv", b'id,"po"ly\n1,yes\n', "line 1: text follows a closing quote"),
        ("t.csv", b"id;a,b\n1;2,3\n", "its columns may be separated by a comma or a semicolon; say which one: --delimiter"),
        ("t.ndjson", b'[{"id":1}]', "this is a JSON list, not one object per line"),
        ("t.ndjson", b'{"id":"1"}\n\n[2]\n', "line 3: this is not a JSON object"),
        ("t.ndjson", b'{"id":"1"}\n{"id":"Hildegard"\n', "line 2: this is not JSON"),
        ("t.ndjson", b'{"id":"1"}\n{"id":"Hildegard \\ud800"}\n', "line 2: this is not JSON"),
        ("t.ndjson", b'{"id":"1"}\n{"id":"2","a":1,"a":2}\n', "line 2: the member 'a' appears twice"),
        ("t.ndjson", b'{"id":"1","findings":{"ascites":true}}', "line 1: these are patients, not a table; use poems check"),
    ],
)
def test_a_file_that_is_not_a_table_is_refused_in_one_line(tables, name, data, message):
    refusal = tables.refusal((name, data))
    assert message in refusal
    assert str(tables.folder / name) in refusal


@pytest.mark.parametrize("headings", ["id,N,T,age", "id,y", "seqn,24h_protein,1st visit", "patient"])
def test_short_headings_and_ones_with_numbers_are_headings(tables, headings):
    (table,) = tables.open(("t.csv", headings + "\n"))
    assert ",".join(table.headings) == headings


def test_an_ambiguous_delimiter_can_be_given(tables):
    assert tables.read(("t.csv", b"id;a,b\n1;2,3\n"), delimiter=";") == [("1", "2,3")]
    assert tables.read(("t.csv", b"id\ta\n1\t2,3\n"), delimiter="tab") == [("1", "2,3")]
    assert "'xy' cannot separate columns" in tables.refusal(("t.csv", PLAIN), delimiter="xy")


def test_an_encoding_must_exist_and_fit(tables):
    assert "--encoding: there is no encoding 'klingon'" in tables.refusal(("t.csv", PLAIN), encoding="klingon")
    assert "there is no encoding 'rot13'" in tables.refusal(("t.csv", PLAIN), encoding="rot13")
    data = b"id,poly\n1,ok\n2,Hildegard \x81\n"
    assert "line 3: this is not cp1252 text" in tables.refusal(("t.csv", data), encoding="windows-1252")
    cut = ("id,poly\n" + "1,Hildegard\n" * 9).encode("utf-16")[:-1]
    assert "line 10: this is not utf-16 text" in tables.refusal(("t.csv", cut))


def test_a_file_that_cannot_be_opened_is_reported(tables):
    tables.path("patients.csv", PLAIN)

    def refusal_of(path: object) -> str:
        with pytest.raises(TableError) as caught:
            open_tables([str(path)], TableOptions(), str(tables.spill), io.BytesIO())
        return line_of(caught.value)

    near = refusal_of(tables.folder / "patient.csv")
    assert f"there is no such file; did you mean {tables.folder / 'patients.csv'}?" in near
    assert "this is a folder, not a file; name the files in it" in refusal_of(tables.folder)
    assert "no file fits this pattern" in refusal_of(tables.folder / "no*.csv")
    assert "the file's name is empty" in refusal_of("")


def test_a_copy_that_cannot_be_written_is_reported(tables):
    path = tables.path("t.csv", PLAIN.decode().encode("utf-16"))
    with pytest.raises(TableError) as caught:
        open_tables([path], TableOptions(), str(tables.folder / "gone"), io.BytesIO())
    assert "gone: a copy of the table cannot be written here (No such file or directory)" in line_of(caught.value)


def test_one_file_named_twice_is_refused(tables):
    path = tables.path("a.csv", PLAIN)
    with pytest.raises(TableError, match="it is named twice"):
        open_tables([path, str(tables.folder / "*.csv")], TableOptions(), str(tables.spill), io.BytesIO())


def test_files_must_have_the_same_headings_and_form(tables):
    message = tables.refusal(("a.csv", PLAIN), ("b.csv", b"id,polly\n3,no\n"))
    assert (
        f"{tables.folder / 'b.csv'}: it has no column 'poly' and a column 'polly', unlike {tables.folder / 'a.csv'}" in message
    )
    assert "it has a column 'x'" in tables.refusal(("a.csv", PLAIN), ("b.csv", b"id,poly,x\n3,no,\n"))
    assert "it is NDJSON" in tables.refusal(("a.csv", PLAIN), ("b.ndjson", b'{"id":"1","poly":"yes"}'))


# --- faults that only reading all rows shows --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows_below", "message"),
    [
        ("1,Hildegard,3\n1,2\n", "line 3: the row has 2 cells under 3 headings"),
        ("1,2,3\n\n1,Hildegard,x,4\n", "line 4: the row has 4 cells under 3 headings"),
        ('"a\nb\nc",2,3\n1,2,3,Hildegard\n', "line 5: the row has 4 cells under 3 headings"),
        ('1,2,3\n1,"Hildegard,3\n1,2,3\n', "line 3: a quote is opened and never closed"),
        ('1,2,3\n1,"Hildegard"x,3\n', "line 3: text follows a closing quote"),
        ("1,2,3\n1,Hildegard,3\r\n1,2,3\n", "line 3: its line endings differ"),
        ("1,2,3\n  \n1,2,Hildegard\n", "line 3: the row has 1 cell under 3 headings"),
    ],
)
@pytest.mark.parametrize("above", [0, 40])
def test_a_fault_is_reported_with_its_true_line_and_without_the_cells(tables, rows_below, message, above):
    (table,) = tables.open(("t.csv", "id,a,b\n" + "0,0,0\n" * above + rows_below))
    line, _, rest = message.partition(":")
    with pytest.raises(TableError) as caught:
        rows(table)
    assert f"line {int(line.removeprefix('line ')) + above}:{rest}" in line_of(caught.value)


def test_bytes_that_are_not_utf8_deep_in_a_table_are_reported_with_their_line(tables):
    (table,) = tables.open(("t.csv", b"id,a\n" + b"1,2\n" * 400_000 + b"3,Hildegard \xe9\n"))
    with pytest.raises(TableError) as caught:
        rows(table)
    message = line_of(caught.value)
    assert "line 400002: this is not UTF-8 text; save it as UTF-8, or say what it is: --encoding windows-1252" in message
