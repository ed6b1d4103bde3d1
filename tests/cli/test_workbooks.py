"""``poems screen`` on workbooks and on files of statistics programs: the answer of the same table as CSV."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from tests.cli.tables import HEADING, WARD, screen
from tests.xls_file import xls

ROWS = list(csv.reader(io.StringIO(WARD)))


def workbook(path: Path, *names: str) -> None:
    with xlsxwriter.Workbook(path) as book:
        for name in names:
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(ROWS):
                sheet.write_row(row, 0, cells)


@pytest.fixture
def answer(tmp_path: Path) -> str:
    (tmp_path / "ward.csv").write_text(WARD)
    return screen("ward.csv", folder=tmp_path).out


@pytest.mark.parametrize("name", ["ward.xlsx", "ward.xls", "ward"])
def test_a_workbook_is_answered_as_its_table_is(name: str, answer: str, tmp_path: Path) -> None:
    if name.endswith(".xls"):
        (tmp_path / name).write_bytes(xls([[cell or None for cell in row] for row in ROWS]))
    else:
        workbook(tmp_path / name, "Ward")  # recognized by its content, not its name
    ran = screen(name, folder=tmp_path)
    assert (ran.code, ran.out) == (0, answer)


def test_of_several_sheets_one_must_be_named(tmp_path: Path) -> None:
    workbook(tmp_path / "ward.xlsx", "May", "June")
    ran = screen("ward.xlsx", folder=tmp_path)
    assert (ran.code, ran.out) == (11, "")
    assert ran.err == "poems: ward.xlsx: the workbook has 2 sheets with data: 'May' and 'June'; say which one: --sheet NAME\n"


def test_a_file_of_stata_is_answered_as_its_table_is(answer: str, tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    table = pd.DataFrame(ROWS[1:], columns=[*HEADING.split(",")[:-1], "Platelets_K_uL"])
    pyreadstat.write_dta(table, str(tmp_path / "ward.dta"))
    ran = screen("ward.dta", folder=tmp_path)
    assert (ran.code, ran.out) == (0, answer), ran.err


def test_totals_and_notes_below_a_sheet_are_no_patients(answer: str, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "ward.xlsx") as book:
        sheet = book.add_worksheet("Ward")
        for row, cells in enumerate([*ROWS, ["Total", "2"], [], ["* seen by a neurologist"], ["Source: ward 3"]]):
            sheet.write_row(row, 0, cells)
    ran = screen("ward.xlsx", folder=tmp_path)
    assert (ran.code, ran.out) == (0, answer), ran.err
    assert "ward.xlsx, row 6: 1 row holds totals or reference ranges, and is not a patient" in ran.err
    assert "ward.xlsx, row 8: 2 rows hold notes below the table, and are not patients" in ran.err
