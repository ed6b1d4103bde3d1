"""An answer as a workbook: Excel shows the answer, and no text in it is run as a formula."""

import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
import python_calamine

from poems_cli.errors import PoemsError
from poems_cli.screening import workbook as module
from poems_cli.screening.workbook import XlsxWriter

COLUMNS = ["id", "mayo", "steps_to_met"]
ROWS: list[list[str | int | None]] = [
    ["007", "met", 0],
    ["=1+1", "not met", None],
    ["http://x.org/", "undetermined", 3],
    ["+49 1", "@SUM(A1)", 1],
    ["{=2}", None, 12],
]


def written(folder: Path, rows: list[list[str | int | None]]) -> Path:
    target, spill = folder / "out.xlsx", folder / "spill"
    spill.mkdir()
    columns = [pa.array(cells) for cells in zip(*rows, strict=True)]
    writer = XlsxWriter(str(target), "out.xlsx", COLUMNS, str(spill))
    for _ in range(2):
        writer.write(writer.encode(pa.RecordBatch.from_arrays(columns, COLUMNS)))
    writer.close()
    writer.finish(["Mayo Clinic criteria", "", "met: 1"])
    assert list(spill.iterdir()) == []
    return target


def test_rows_come_back_as_they_were_answered_and_nothing_is_a_formula(tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    book = python_calamine.load_workbook(str(path))
    assert book.sheet_names == ["Answers", "Summary"]
    cells = [["" if cell is None else cell for cell in row] for row in ROWS]
    assert book.get_sheet_by_name("Answers").to_python() == [COLUMNS, *cells, *cells]
    assert book.get_sheet_by_name("Summary").to_python() == [["Mayo Clinic criteria"], [""], ["met: 1"]]
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert '<autoFilter ref="A1:C11"/>' in sheet
    assert 'ySplit="1"' in sheet


def test_words_of_a_list_are_written_as_texts(tmp_path: Path) -> None:
    writer = XlsxWriter(str(tmp_path / "out.xlsx"), "out.xlsx", ["id", "mayo"], str(tmp_path))
    batch = pa.record_batch({"id": ["001", "=2"], "mayo": pa.array(["met", None]).dictionary_encode()})
    writer.write(writer.encode(batch))
    writer.finish([])
    sheet = python_calamine.load_workbook(str(tmp_path / "out.xlsx")).get_sheet_by_name("Answers")
    assert sheet.to_python() == [["id", "mayo"], ["001", "met"], ["=2", ""]]


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    with pytest.raises(PoemsError) as caught:
        written(tmp_path, ROWS)
    assert str(caught.value).startswith("out.xlsx: the answer has more rows than a sheet can hold")
    assert ".parquet" in str(caught.value)
    assert not (tmp_path / "out.xlsx").exists()


def test_a_text_that_no_cell_can_hold_is_refused_and_not_cut(tmp_path: Path) -> None:
    with pytest.raises(PoemsError, match="row 1 has a longer text than a cell can hold"):
        written(tmp_path, [["x" * 40_000, None, None]])


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    writer = XlsxWriter(str(tmp_path / "none" / "out.xlsx"), "out.xlsx", COLUMNS, str(tmp_path))
    with pytest.raises(OSError):
        writer.finish([])
