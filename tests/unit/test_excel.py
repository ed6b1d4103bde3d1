"""Workbooks: what a person sees in a sheet is what is read, and doubts are reported."""

import datetime
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from poems_cli.tables.binary_formats import xlsb_formats
from poems_cli.tables.excel import is_workbook, read_sheet
from poems_cli.tables.number_formats import shown_by
from poems_cli.tables.table_file import TableError, TableFile
from tests.xls_file import xls

Fill = Callable[[xlsxwriter.Workbook], None]


def made(folder: Path, fill: Fill, name: str = "ward.xlsx") -> str:
    path = folder / name
    with xlsxwriter.Workbook(path) as workbook:
        fill(workbook)
    return str(path)


def sheet_of(
    workbook: xlsxwriter.Workbook, *rows: list[object], name: str = "Ward", first: int = 0
) -> xlsxwriter.worksheet.Worksheet:
    sheet = workbook.add_worksheet(name)
    for row, cells in enumerate(rows, first):
        sheet.write_row(row, 0, cells)
    return sheet


def cells(path: str, sheet: str | None = None) -> dict[str, list[object]]:
    table = read_sheet("ward.xlsx", path, sheet)
    return dict(zip(table.headings, columns_of(table), strict=True))


def columns_of(table: TableFile) -> list[list[object]]:
    assert table.cells is not None
    return [column.to_pylist() for column in table.cells.columns]


def refusal(path: str, sheet: str | None = None) -> str:
    with pytest.raises(TableError) as caught:
        read_sheet("ward.xlsx", path, sheet)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_cells_are_read_as_a_person_sees_them(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = sheet_of(
            workbook, ["MRN", "Seen", "Edema", "PLT (K/uL)", "Hb (g/dL)", "Comment"], [12345, "", True, 450, 13.5, 7]
        )
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, 1, datetime.datetime(2024, 2, 1), day)
        sheet.write_row(2, 0, [12346, "", False, 1200, 0.1 + 0.2, "none"])
        sheet.write_datetime(2, 1, datetime.datetime(2024, 2, 1, 13, 30), day)
        sheet.write_formula(3, 3, "=1/0", None, "#DIV/0!")
        sheet.write_row(3, 0, [12347])
        sheet.write_formula(3, 4, "=1+1", None, 2)

    assert cells(made(tmp_path, fill)) == {
        "MRN": [12345, 12346, 12347],
        "Seen": ["2024-02-01", "2024-02-01 13:30:00", None],
        "Edema": [True, False, None],
        "PLT (K/uL)": [450, 1200, None],
        "Hb (g/dL)": [13.5, 0.3, 2],
        "Comment": ["7", "none", None],
    }


@pytest.mark.parametrize(
    ("format_code", "stored", "read", "unit"),
    [
        ("0%", [0.62, 0.07], [62, 7], "%"),
        ("0.0 %", [0.625, 1.2], [62.5, 120], "%"),
        ('0"%"', [62, 7], [62, 7], "%"),
        ('0.0" g/dL"', [13.5, 9], [13.5, 9], "g/dL"),
        ("00000", [123, 45678], ["00123", "45678"], None),
        ('"P-"000', [7, 12], ["P-007", "P-012"], None),
        ("<0", [5, 6], ["<5", "<6"], None),
        ("#,##0.00", [1250, 3], [1250, 3], None),
    ],
)
def test_a_number_is_read_as_its_format_shows_it(
    tmp_path: Path, format_code: str, stored: list[float], read: list[object], unit: str | None
) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = sheet_of(workbook, ["id", "x"])
        for row, value in enumerate(stored, 1):
            sheet.write(row, 0, f"p{row}")
            sheet.write(row, 1, value, workbook.add_format({"num_format": format_code}))

    table = read_sheet("t", made(tmp_path, fill))
    assert columns_of(table)[1] == read
    assert table.headings == ("id", f"x ({unit})" if unit else "x")
    assert not table.in_doubt


def test_what_a_workbook_leaves_open_is_in_doubt(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = sheet_of(
            workbook, ["id", "Plasma cells (%)", "Mixed", "Thousands"], ["a", 0.62, 0.5, 450_000], ["b", 0.1, 50, 3_000]
        )
        sheet.write(1, 2, 0.5, workbook.add_format({"num_format": "0%"}))
        sheet.write(1, 3, 450_000, workbook.add_format({"num_format": "#,##0,"}))

    table = read_sheet("t", made(tmp_path, fill))
    assert columns_of(table)[2] == ["50 %", "50"]
    assert {heading: why.split(",")[0] for heading, why in table.in_doubt.items()} == {
        "Plasma cells (%)": "its heading says percent",
        "Mixed": "some of its numbers are shown in percent and others are not",
        "Thousands": "its number format hides thousands: the numbers stored are not those shown",
    }


@pytest.mark.parametrize(
    ("code", "percent", "behind"),
    [
        ("[Red]0.0%;-0%", True, ""),
        ("0\\%", False, "%"),
        ("yyyy-mm-dd", False, ""),
        ("General", False, ""),
        ('General" mg"', False, "mg"),
    ],
)
def test_number_formats(code: str, percent: bool, behind: str) -> None:
    assert (shown_by(code).percent, shown_by(code).behind) == (percent, behind)


@pytest.mark.parametrize(
    "above",
    [
        [["Ward 3, all patients"]],
        [["# exported today"], ["# by hand"]],
        [[""], ["Report"], ["of May", "", ""]],
        [["Ward", "Day"]],
    ],
)
def test_rows_above_the_headings_are_skipped_and_reported(tmp_path: Path, above: list[list[object]]) -> None:
    path = made(tmp_path, lambda workbook: sheet_of(workbook, *above, ["MRN", "Edema", "Hb"], ["1", "yes", "9"]) and None)
    table = read_sheet("ward.xlsx", path)
    assert (table.headings, table.numbers) == (("MRN", "Edema", "Hb"), [len(above) + 2])
    assert [str(note) for note in table.notes] == [
        f"ward.xlsx, sheet 'Ward': the headings are in row {len(above) + 1}; what is above them is not read",
    ]


def test_rows_keep_the_number_that_the_spreadsheet_gives_them(tmp_path: Path) -> None:
    path = made(tmp_path, lambda workbook: sheet_of(workbook, ["id", "x"], ["a", 1], [], ["b", 2], [" "], first=3) and None)
    table = read_sheet("t", path)
    assert (table.numbers, table.rows, columns_of(table)[0]) == ([5, 7], 2, ["a", "b"])
    assert [str(note) for note in table.notes][1:] == ["t: 1 row has no cell filled, and is not a patient"]


def test_headings_in_two_rows_are_refused(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = sheet_of(workbook, [], ["MRN", "PLT", "Hb"], ["1", 2, 3])
        sheet.write(0, 0, "Patient")
        sheet.merge_range("B1:C1", "Laboratory")

    assert "sheet 'Ward': its headings take more than one row or column (cells B1:C1 are merged); " in refusal(
        made(tmp_path, fill)
    )


def test_a_cell_of_several_patients_is_refused_and_one_of_a_note_is_not(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook, cells: str) -> None:
        sheet = sheet_of(workbook, ["MRN", "PLT"], ["1", 2], ["", 3], ["4", 5], [], ["printed for the ward"])
        sheet.merge_range(cells, "1" if cells == "A2:A3" else "printed for the ward")

    wrong = refusal(made(tmp_path, lambda workbook: fill(workbook, "A2:A3")))
    assert "one cell is that of several rows (cells A2:A3 are merged); unmerge it, and fill in the cell of each row" in wrong
    assert cells(made(tmp_path, lambda workbook: fill(workbook, "A6:B8")))["PLT"][:3] == [2, 3, 5]


def test_a_hidden_row_of_a_plain_sheet_is_reported(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet_of(workbook, ["MRN", "PLT"], ["1", 2], ["3", 4]).set_row(2, None, None, {"hidden": True})

    assert [note.what for note in read_sheet("ward.xlsx", made(tmp_path, fill)).notes] == [
        "ward.xlsx, sheet 'Ward': 1 hidden row is read as well"
    ]


def test_the_only_sheet_with_data_is_read_and_of_several_one_must_be_named(tmp_path: Path) -> None:
    def single_sheet(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_worksheet("Cover")
        sheet_of(workbook, ["id", "x"], ["a", 1])
        sheet_of(workbook, ["id", "x"], ["hidden", 2], name="Codes").hide()

    path = made(tmp_path, single_sheet)
    assert cells(path)["id"] == ["a"]
    assert cells(path, "codes")["id"] == ["hidden"]
    assert refusal(path, "Wards") == "--sheet: the workbook has no sheet 'Wards'; did you mean 'Ward'?"

    def two_sheets(workbook: xlsxwriter.Workbook) -> None:
        sheet_of(workbook, ["id"], ["a"])
        sheet_of(workbook, ["id"], ["b"], name="More")

    message = refusal(made(tmp_path, two_sheets))
    assert message == "ward.xlsx: the workbook has 2 sheets with data: 'Ward' and 'More'; say which one: --sheet NAME"


def test_numbers_of_more_digits_than_a_spreadsheet_keeps_are_reported(tmp_path: Path) -> None:
    path = made(tmp_path, lambda workbook: sheet_of(workbook, ["MRN", "x"], [12345678901234567, 1], [2, 3]) and None)
    (note,) = read_sheet("t", path).notes
    assert str(note).startswith(
        "t, sheet 'Ward', column 'MRN': a spreadsheet keeps 15 digits of a number, and some have more; "
    )


@pytest.mark.parametrize("place", ["XFD90000", "ZZ1048576"])
def test_a_stray_cell_far_away_is_refused_before_memory_is_used_up(tmp_path: Path, place: str) -> None:
    path = made(tmp_path, lambda workbook: sheet_of(workbook, ["MRN", "x"], ["a", 1]).write(place, "x") and None)
    assert "sheet 'Ward': its cells extend over " in refusal(path)
    assert " columns, too far to be read; delete the stray cells (Ctrl+End goes to the last one), or " in refusal(path)


def test_formulas_that_were_never_computed_are_reported(tmp_path: Path) -> None:
    path = made(tmp_path, lambda workbook: sheet_of(workbook, ["id", "x"], ["a", 1]) and None)
    bare = tmp_path / "bare.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bare, "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b'<c r="B2"><v>1</v></c>', b'<c r="B2"><f>1+1</f></c>'))
    table = read_sheet("t", str(bare))
    assert [str(note).split("; ")[0] for note in table.notes] == [
        "t, sheet 'Ward': 1 formula has no value stored, and nothing is read there"
    ]


MANIFEST = """<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
</manifest:manifest>"""
ODS = """<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
><office:body><office:spreadsheet><table:table table:name="Ward"><table:table-row
><table:table-cell office:value-type="string"><text:p>id</text:p></table:table-cell
><table:table-cell office:value-type="string"><text:p>Plasma cells</text:p></table:table-cell></table:table-row
><table:table-row table:number-rows-repeated="2"
><table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell
><table:table-cell office:value-type="percentage" office:value="0.62"><text:p>62%</text:p></table:table-cell></table:table-row
></table:table></office:spreadsheet></office:body></office:document-content>"""


def test_an_opendocument_sheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ward.xls"  # by its content, not its name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", ODS)
    table = read_sheet("ward.xls", str(path))
    assert (columns_of(table)[1], table.headings[1]) == ([62, 62], "Plasma cells (%)")
    assert is_workbook(str(path), path.read_bytes()[:100])


def test_a_file_that_is_not_a_workbook_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 xl/ and no more")
    assert is_workbook(str(broken), broken.read_bytes())
    assert refusal(str(broken)).startswith("ward.xlsx: this workbook is broken, or another Office document; ")
    broken.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    assert refusal(str(broken)) == "ward.xlsx: this workbook is protected by a password; save it without one"
    other = tmp_path / "notes.docx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert not is_workbook(str(other), other.read_bytes()[:100])
    assert refusal(str(tmp_path / "none.xlsx")).startswith("ward.xlsx: ")


def test_an_old_workbook_is_read_with_its_number_formats(tmp_path: Path) -> None:
    path = tmp_path / "ward.xls"
    rows: list[list[str | tuple[float, str] | None]] = [
        ["MRN", "Plasma cells", "Hb", "Share (%)"],
        [(7, "00000"), (0.62, "0.0%"), (13.5, '0.0" g/dL"'), (0.5, "0.0")],
        [(12, "00000"), (0.07, "0.0%"), None, (0.25, "0.0")],
    ]
    path.write_bytes(xls(rows))
    table = read_sheet("ward.xls", str(path))
    assert columns_of(table) == [["00007", "00012"], [62, 7], [13.5, None], [0.5, 0.25]]
    assert table.headings == ("MRN", "Plasma cells (%)", "Hb (g/dL)", "Share (%)")
    assert list(table.in_doubt) == ["Share (%)"]


def test_the_number_formats_of_a_binary_workbook_are_read(tmp_path: Path) -> None:
    def record(kind: int, body: bytes = b"") -> bytes:
        numbers = [kind] if kind < 128 else [kind & 0x7F | 0x80, kind >> 7]
        return bytes([*numbers, len(body)]) + body

    def text(words: str) -> bytes:
        return struct.pack("<I", len(words)) + words.encode("utf-16-le")

    links = '<Relationships><Relationship Id="{}" Type="x/{}" Target="{}"/><Relationship Id="s" Type="s" Target="styles.bin"/>'
    style = record(617) + record(47, struct.pack("<HH", 0, 0)) + record(47, struct.pack("<HH", 0, 9)) + record(618)
    cells = (
        record(0, struct.pack("<I", 3)) + record(5, struct.pack("<IId", 2, 1, 0.62)) + record(5, struct.pack("<IId", 4, 0, 1))
    )
    path = tmp_path / "ward.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_rels/.rels", links.format("r", "officeDocument", "xl/workbook.bin") + "</Relationships>")
        archive.writestr("xl/_rels/workbook.bin.rels", links.format("rId1", "worksheet", "sheet1.bin") + "</Relationships>")
        archive.writestr("xl/workbook.bin", record(156, bytes(8) + text("rId1") + text("Ward")))
        archive.writestr("xl/styles.bin", style)
        archive.writestr("xl/sheet1.bin", cells)
    formats = xlsb_formats(str(path), "Ward")
    assert ([shown.percent for shown in formats.of(2, [0, 3])], formats.of(4, [3])) == ([False, True], [])
    with pytest.raises(KeyError):
        xlsb_formats(str(path), "Other")


def test_a_broken_workbook_is_refused_before_its_reader_runs_wild(tmp_path: Path) -> None:
    path = tmp_path / "ward.xls"
    whole = xls([["MRN"], ["a"]])
    for at, letters in ((512, struct.pack("<I", 2) * 20), (44, b"\xff\xff\xff\x7f"), (48, b"\x01\x01\0\0")):
        path.write_bytes(whole[:at] + letters + whole[at + len(letters) :])
        assert "ward.xlsx: this workbook is broken, or another Office document; " in refusal(str(path))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", ODS.replace('rows-repeated="2"', 'rows-repeated="999999999"'))
    assert "ward.xlsx: this workbook is broken, or another Office document; " in refusal(str(path))


def test_messages_of_the_workbook_reader_are_not_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ward.xls"
    path.write_bytes(xls([["MRN"], ["a"]])[:600])
    assert "this workbook is broken" in refusal(str(path))
    assert capfd.readouterr().err == ""
