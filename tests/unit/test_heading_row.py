"""The heading row of a CSV table: below comments, titles and what spreadsheets write, or refused."""

import pytest

from poems_cli.tables.heading_row import HeadingRow, heading_row
from poems_cli.tables.table_file import TableError

ROWS = "1,yes,450\n2,no,210\n"
TABLE = "MRN,poly,PLT\n" + ROWS


def found(text: str, delimiter: str | None = None) -> HeadingRow:
    return heading_row("t.csv", lambda: iter([text]), delimiter)


@pytest.mark.parametrize(
    ("above", "skip"),
    [
        ("", 0),
        ("# exported 2024-01-02, by ward 3\n", 1),
        ('#"quoted"\n# more\n\n', 3),
        ("#Patient Identifier,Neuropathy,Platelets\n#STRING,STRING,NUMBER\n#1,1,1\n", 3),
        ("# line\n" * 40, 40),
        ("Ward 3\n", 1),
        ("Ward 3,,\nMay,,\n,,\n", 3),
        ("Ward 3; of May\n\n", 2),
        ("Ward 3,of May\n", 1),
        (",,\n,,\n", 2),
        ("\ufeffsep=,\n", 1),
        ('"sep=,"\n# line\n', 2),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_above_the_headings_are_skipped(above: str, skip: int, end: str) -> None:
    row = found((above + TABLE).replace("\n", end))
    assert (row.headings, row.delimiter, row.skip) == (("MRN", "poly", "PLT"), ",", skip)
    assert row.ends_above == skip + 1


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("sep=\t\nMRN\tpoly\n1\tyes\n", ("MRN", "poly")),
        ('"sep=\t"\r\nMRN\tpoly\r\n1\tyes\r\n', ("MRN", "poly")),
        ("\ufeffMRN,poly\n1,yes\n", ("MRN", "poly")),
        ('"\ufeffMRN", poly \n1,yes\n', ("MRN", "poly")),
        ("#MRN,poly\n1,yes\n", ("MRN", "poly")),
        ("# of May\n#MRN,poly\nP-1,high\n", ("MRN", "poly")),
        ("#,poly\n1,yes\n", ("#", "poly")),
        (",poly,group\n0,yes,case\n1,no,control\n", ("", "poly", "group")),
        ("MRN\n1\n2\n", ("MRN",)),
        ("age,poly,smoker\n61,yes,smoker\n62,no,never\n", ("age", "poly", "smoker")),
        ("poly\nyes\nno\n", ("poly",)),
        ("Pat;Wert;Einheit\n1;480;Gpt/l\n1;13,5;g/dl\n2;<0,6;mg/dl\n", ("Pat", "Wert", "Einheit")),
        ("id;poly;Hb\n1;ja;13,5\n2;nein;12\nMittelwert;;12,75\n* Werte vom Labor\n", ("id", "poly", "Hb")),
    ],
)
def test_headings_are_read_as_they_are_meant(text: str, headings: tuple[str, ...]) -> None:
    assert found(text).headings == headings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# of May\n1,yes\n2,no\n", "line 2: the first row looks like a patient, not like headings (column 1)"),
        ("Ward 3\n1,yes\n2,no\n", "line 2: the first row looks like a patient, not like headings (column 1)"),
        ("MRN\n1,yes\n2,no\n", "the first row has one cell, and the rows below have 2 (separated by a comma)"),
        ("\n\n", "there is nothing in it"),
        (
            "Ann,f,high,x\nBeth,f,high,y\n",
            "line 1: this looks like data, not headings (what is in column 2 occurs again below)",
        ),
        ("x,poly\nx,yes\ny,no\n", "line 1: this looks like data, not headings (what is in column 1 occurs again below)"),
    ],
)
def test_a_row_that_is_not_a_heading_row_is_refused(text: str, message: str) -> None:
    with pytest.raises(TableError) as caught:
        found(text)
    assert message in str(caught.value)
