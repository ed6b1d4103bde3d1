"""Which rows are patients: headings that come again and totals are set aside, and that is said."""

import numpy as np
import pyarrow as pa
import pytest

from poems_cli.tables.batches import Batch
from poems_cli.tables.patient_rows import patients_only

HEADINGS = ["MRN", "polyneuropathy", "platelets"]
WARD = [["1", "yes", "450"], ["2", "no", "210"]]


def let_through(rows: list[list[object]], identity: str | None = "MRN", **more: bool) -> tuple[list[int], list[str]]:
    """The numbers of the rows that are patients, as a sheet counts them, and what is said."""
    columns = {heading: pa.array([row[place] for row in rows]) for place, heading in enumerate(HEADINGS)}
    batch, aside = patients_only(Batch(columns, np.arange(2, len(rows) + 2)), identity, **more)
    assert batch.columns["MRN"].to_pylist() == [rows[number - 2][0] for number in batch.numbers.tolist()]
    return batch.numbers.tolist(), [str(problem) for problem in aside.said("t.csv")]


def test_headings_again_are_no_patients() -> None:
    rows = [WARD[0], ["\ufeffMRN", "polyneuropathy ", "platelets"], WARD[1], [None, "yes", None]]
    assert let_through(rows) == ([2, 4, 5], ["t.csv: 1 row repeats the headings, and is not a patient"])


@pytest.mark.parametrize(
    "totals",
    [
        [["Total", "1", "660"]],
        [["TOTAL:", "", ""]],
        [["N = 2", "1", ""]],
        [["M\u00e9dia", "", "330"]],
        [["Summe", "1", "660"]],
        [["Mean", "", "330"], ["SD", "", "12"], ["Min", "", "210"], ["Max", "", "450"]],
        [["", "1", "660"]],
        [["", "", "330"]],
    ],
)
def test_totals_at_the_end_are_no_patients(totals: list[list[object]]) -> None:
    numbers, said = let_through([*WARD, *totals])
    assert numbers == [2, 3]
    assert said[-1].startswith("t.csv, row 4: ")
    assert " totals at the end, and " in said[-1]


@pytest.mark.parametrize("last", [["Max", "yes", "300"], ["N", "no", "12"]])
def test_a_row_that_may_hold_totals_stays_a_patient_and_is_said(last: list[object]) -> None:
    assert let_through([*WARD, last]) == (
        [2, 3, 4],
        ["t.csv, row 4: this last row may hold totals; it is answered as a patient; delete it if it is not a patient"],
    )


@pytest.mark.parametrize(
    "rows",
    [
        [["Total", "1", "660"], *WARD],
        [*WARD, ["", "1", "12"]],
        [*WARD, ["", "1", "1"]],
        [*WARD, ["", "yes", "660"]],
        [["Mean", "yes", "1"], *WARD, ["Mean", "no", "2"]],
        [*WARD, ["Totally", "yes", "1"]],
    ],
)
def test_what_is_not_certain_stays_a_patient(rows: list[list[object]]) -> None:
    assert let_through(rows)[0] == list(range(2, len(rows) + 2))


def test_totals_are_found_in_columns_of_numbers_and_below_many_rows() -> None:
    rows: list[list[object]] = [[place, None, place % 7] for place in range(1, 3000)]
    totals = [None, None, sum(int(str(row[2])) for row in rows)]
    assert let_through([*rows, totals]) == (
        list(range(2, 3001)),
        ["t.csv, row 3001: 1 row holds totals at the end, and is not a patient"],
    )
    assert let_through([*rows, totals], is_first=False)[0][-1] == 3001
    assert let_through([*WARD, ["Total", "1", "660"]], is_last=False)[0][-1] == 4


def test_without_an_id_the_first_column_names_the_totals() -> None:
    assert let_through([*WARD, ["Total", "1", "660"]], identity=None)[0] == [2, 3]
