"""Several rows of one patient: which of them is answered, by dates that can be read in one way only."""

import datetime

import pyarrow as pa
import pytest

from poems_cli.model import Rules
from poems_cli.tables.cells import CellReader
from poems_cli.tables.columns import Column
from poems_cli.tables.table_file import TableError
from poems_cli.tables.visit_dates import dates_of
from poems_cli.tables.visits import chosen, patients_of, repeated
from poems_cli.tables.worst_visit import ReadColumn, wanted, worst

IDS = pa.chunked_array([["a", "b", "a "], ["c", "", "a", None]])


def read(cells: list[object]) -> list[str | None]:
    times = dates_of("t.csv", "Date", pa.chunked_array([pa.array(cells)]))
    return [None if text == "NaT" else text.removesuffix("T00:00:00") for text in map(str, times)]


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (
            ["2024-01-02", "20240103", "2024/01/04 13:30", "n/a", None],
            ["2024-01-02", "2024-01-03", "2024-01-04T13:30:00", None, None],
        ),
        (["2.1.2024", "03.04.24", "1.12.1999"], ["2024-01-02", "2024-04-03", "1999-12-01"]),
        (["02/01/2024", "13/01/2024"], ["2024-01-02", "2024-01-13"]),
        (["02/01/2024", "01/13/2024 1:05 PM"], ["2024-02-01", "2024-01-13T13:05:00"]),
        (["03/03/2024"], ["2024-03-03"]),
        (["2 Jan 2024", "13-Feb-2024", "March 4, 2024"], ["2024-01-02", "2024-02-13", "2024-03-04"]),
        ([45293, 45294.5], ["2024-01-02", "2024-01-03T12:00:00"]),
        (["45293"], ["2024-01-02"]),
        ([20240102], ["2024-01-02"]),
        ([0, 176, -3, 20_000], ["1970-01-01", "1970-06-26", "1969-12-29", "2024-10-04"]),
        (["1.5", "2", "NA"], ["1970-01-02T12:00:00", "1970-01-03", None]),
        ([datetime.date(2024, 1, 2), None], ["2024-01-02", None]),
        ([datetime.datetime(2024, 1, 2, 8)], ["2024-01-02T08:00:00"]),
        (["2024-01-02T08:00:00.123+02:00"], ["2024-01-02T08:00:00"]),
    ],
)
def test_dates_are_read_in_the_one_way_that_a_column_leaves(cells: list[object], days: list[str | None]) -> None:
    assert read(cells) == days


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ["02/01/2024", "03/01/2024"],
            "column 'Date': its dates may begin with the day or with the month; write dates as 2024-01-31",
        ),
        (["13/01/2024", "01/13/2024"], "column 'Date': some of its dates begin with the day and others with the month; "),
        (["2024-01-02", "spring"], "column 'Date', row 2: this is not a date that is understood; "),
        (["2024-02-30"], "column 'Date', row 1: this is not a date that is understood; "),
        (["2024", "2024-01-02"], "row 1: this is not a date that is understood; "),
        (["123456"], "row 1: this is not a date that is understood; "),
        (
            ["2024-01-02", "9999-12-31"],
            "row 2: this cannot be the date of a visit; correct it, or leave it blank where there is",
        ),
        ([datetime.date(1900, 1, 1), None], "row 1: this cannot be the date of a visit; "),
        (["31.13.2024"], "some of its dates begin with the day and others with the month; "),
    ],
)
def test_text_that_could_be_two_dates_or_is_no_date_is_refused(cells: list[object], message: str) -> None:
    with pytest.raises(TableError) as caught:
        read(cells)
    assert message in str(caught.value)


def test_ids_that_occur_more_than_once_are_counted() -> None:
    assert repeated(IDS) == (1, 3, 2)
    assert repeated(pa.chunked_array([[7, 8, 7, 9, 9, 9, None, None]])) == (2, 5, 2)
    nameless, message = map(str, repeated(IDS).remarks("t.csv"))
    assert nameless.startswith("t.csv: 2 rows have no id, and each is answered as another patient; write the id into every row")
    assert message.startswith("t.csv: 1 id has more than one row (3 rows in all), and each row is answered by itself; say what")
    assert message.endswith(": --visits latest --date COLUMN (or first, worst, each)")
    assert list(repeated(pa.chunked_array([["a", "b"]])).remarks("t.csv")) == []


@pytest.mark.parametrize(
    ("dates", "visits", "places", "tied", "undated"),
    [
        (["2024-01-01", "", "2024-03-01", "", "", "2024-02-01", ""], "latest", [1, 2, 3, 4, 6], 0, 0),
        (["2024-01-01", "", "2024-03-01", "", "", "2024-02-01", ""], "first", [0, 1, 3, 4, 6], 0, 0),
        (["2024-03-01", "", "2024-03-01", "", "", "2024-02-01", ""], "latest", [1, 2, 3, 4, 6], 1, 0),
        (["2024-03-01", "", "2024-01-01", "", "", "2024-01-01", ""], "first", [1, 2, 3, 4, 6], 1, 0),
        (["", "", "2024-01-01", "", "", "", ""], "first", [1, 2, 3, 4, 6], 0, 2),
        (["", "", "", "", "", "", ""], "latest", [1, 3, 4, 5, 6], 1, 3),
    ],
)
def test_the_latest_or_first_visit_is_answered(
    dates: list[str], visits: str, places: list[int], tied: int, undated: int
) -> None:
    visit_rows = chosen(IDS, dates_of("t.csv", "d", pa.chunked_array([dates])), visits)  # type: ignore[arg-type]
    assert (visit_rows.places.tolist(), visit_rows.tied, visit_rows.undated, visit_rows.ids, visit_rows.rows) == (
        places,
        tied,
        undated,
        1,
        3,
    )
    messages = [str(problem) for problem in visit_rows.remarks("t.csv")]
    visit = {"latest": "the latest", "first": "the first"}[visits]
    assert messages[0] == f"t.csv: 1 id has more than one row (3 rows in all); {visit} is answered"
    assert len(messages) == 1 + bool(tied) + bool(undated)


def test_a_table_without_rows_has_no_visits() -> None:
    empty = pa.chunked_array([], pa.string())
    assert chosen(empty, dates_of("t", "d", empty), "latest").places.tolist() == []


def test_the_worst_visit_takes_the_value_of_each_finding_that_most_favors_the_disease(rules: Rules) -> None:
    table = pa.table(
        {
            "id": ["a", "b", "a", "a", None],
            "edema": ["no", None, "yes", "n/a", "no"],
            "ascites": ["no", "no", "trace", "n/a", "no"],
            "serum_vegf": ["900", "<50", ">2000", "2000", None],
            "testosterone": [250.0, 400.0, None, 120.0, 300.0],
            "albumin": ["3.9", "4", "3.1", "odd", None],
            "light_chain": ["lambda", None, None, "kappa", "none"],
            "platelets": ["odd", "odd", "odder", None, "450"],
            "comment": ["x", "y", "z", None, "w"],
        }
    )
    findings = ["peripheral_edema", "ascites", "serum_vegf", "testosterone", "albumin", "light_chain", "platelets"]
    columns = [
        ReadColumn(place, CellReader(Column("", finding), rules.findings[finding], rules.units))
        for place, finding in enumerate(findings, 1)
    ]
    found, passed_over, _ = worst(table, patients_of(table.column("id")), columns, wanted(rules))
    assert passed_over == 1, "the albumin of a"
    assert found.to_pylist() == [
        {"id": "a", "edema": "yes", "ascites": "trace", "serum_vegf": ">2000", "testosterone": 120.0, "albumin": "3.1",
         "light_chain": "kappa", "platelets": "odd", "comment": "x"},
        {"id": "b", "edema": None, "ascites": "no", "serum_vegf": "<50", "testosterone": 400.0, "albumin": "4",
         "light_chain": None, "platelets": "odd", "comment": "y"},
        {"id": None, "edema": "no", "ascites": "no", "serum_vegf": None, "testosterone": 300.0, "albumin": None,
         "light_chain": "none", "platelets": "450", "comment": "w"},
    ]  # fmt: skip
