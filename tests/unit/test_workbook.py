"""An answer as a workbook: what was answered is what Excel shows, and no text of it is run."""

import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
import python_calamine

from poems_cli.errors import PoemsError
from poems_cli.screening import workbook as module
from poems_cli.screening.workbook import XlsxWriter, workbook

COLUMNS = ["id", "mayo", "steps_to_met"]
ROWS: list[list[str | int | None]] = [
    ["007", "met", 0],
    ["=1+1", "not met", None],
    ["http://x.org/", "undetermined", 3],
    ["+49 1", "@SUM(A1)", 1],
    ["{=2}", None, 12],
]


def written(folder: Path, rows: list[list[str | int | None]]) -> bytes:
    target = io.BytesIO()
    with workbook(target, "out.xlsx", COLUMNS, str(folder)) as book:
        book.write(rows)
        book.finish([["Mayo Clinic criteria"], ["met", 1]])
    assert list(folder.iterdir()) == []
    return target.getvalue()


def test_rows_come_back_as_they_were_answered_and_nothing_is_a_formula(tmp_path: Path) -> None:
    data = written(tmp_path, ROWS)
    book = python_calamine.load_workbook(io.BytesIO(data))
    assert book.sheet_names == ["Answers", "Summary"]
    assert book.get_sheet_by_name("Answers").to_python() == [
        COLUMNS,
        *[["" if one is None else one for one in row] for row in ROWS],
    ]
    assert book.get_sheet_by_name("Summary").to_python() == [["Mayo Clinic criteria", ""], ["met", 1]]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert '<autoFilter ref="A1:C6"/>' in sheet
    assert 'ySplit="1"' in sheet


def test_a_record_batch_is_written_as_rows_are(tmp_path: Path) -> None:
    target = io.BytesIO()
    with workbook(target, "out.xlsx", ["id", "n"], str(tmp_path)) as book:
        book.write_batch(pa.record_batch({"id": ["001", None], "n": [4, None]}))
        book.write_batch(pa.record_batch({"id": ["002"], "n": [5]}))
        book.finish([])
    sheet = python_calamine.load_workbook(io.BytesIO(target.getvalue())).get_sheet_by_name("Answers")
    assert sheet.to_python() == [["id", "n"], ["001", 4], ["", ""], ["002", 5]]


def test_more_rows_than_a_sheet_holds_are_refused_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    spill, target = tmp_path / "spill", tmp_path / "out.xlsx"
    spill.mkdir()
    with pytest.raises(PoemsError) as caught, workbook(str(target), "out.xlsx", COLUMNS, str(spill)) as book:  # noqa: PT012
        book.write(ROWS)
        book.finish([])
    assert str(caught.value).startswith("out.xlsx: the answer has more rows than a sheet can hold")
    assert ".parquet" in str(caught.value)
    assert (list(spill.iterdir()), target.exists()) == ([], False)


def test_a_text_that_no_cell_can_hold_is_refused_and_not_cut(tmp_path: Path) -> None:
    with pytest.raises(PoemsError, match="row 1 has a longer text than a cell can hold"):
        written(tmp_path, [["x" * 40_000, None, None]])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError), workbook(str(tmp_path / "none" / "out.xlsx"), "out.xlsx", COLUMNS, str(tmp_path)) as book:  # noqa: PT012
        book.write(ROWS)
        book.finish([])
    assert list(tmp_path.iterdir()) == []


def test_a_writer_of_batches_leaves_a_whole_file_behind_the_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out.xlsx"
    writer = XlsxWriter(str(target), "out.xlsx", ["id", "mayo"], str(tmp_path))
    batch = pa.record_batch({"id": ["001", "=2"], "mayo": pa.array(["met", None]).dictionary_encode()})
    writer.write(writer.encode(batch))
    writer.close()
    writer.finish([["Summary of all"]])
    book = python_calamine.load_workbook(str(target))
    assert book.get_sheet_by_name("Answers").to_python() == [["id", "mayo"], ["001", "met"], ["=2", ""]]
    assert [one.name for one in tmp_path.iterdir()] == ["out.xlsx"]
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    refused = XlsxWriter(str(tmp_path / "more.xlsx"), "more.xlsx", ["id", "mayo"], str(tmp_path))
    with pytest.raises(PoemsError, match=r"more\.xlsx: the answer has more rows than a sheet can hold"):
        refused.write(refused.encode(batch))
