"""Which rows are patients: repeated headings and totals are left out and reported."""

import numpy as np
import pyarrow as pa
import pytest

from poems_cli.tables.batches import Batch
from poems_cli.tables.patient_rows import SetAside, patients_only

HEADINGS = ["MRN", "polyneuropathy", "platelets"]
WARD = [["1", "yes", "450"], ["2", "no", "210"]]


def patient_rows(rows: list[list[object]], identity: str | None = "MRN", **more: bool) -> tuple[list[int], list[str]]:
    """The numbers of the rows that are patients, as a sheet counts them, and the messages."""
    columns = {heading: pa.array([row[place] for row in rows]) for place, heading in enumerate(HEADINGS)}
    batch, aside = patients_only(Batch(columns, np.arange(2, len(rows) + 2)), identity, **more)
    assert batch.columns["MRN"].to_pylist() == [rows[number - 2][0] for number in batch.numbers.tolist()]
    return batch.numbers.tolist(), [str(problem) for problem in aside.remarks("t.csv")]


def test_repeated_headings_are_not_patients() -> None:
    rows = [WARD[0], ["\ufeffMRN", "polyneuropathy ", "Platelets"], WARD[1], [None, "yes", None]]
    assert patient_rows(rows) == ([2, 4, 5], ["t.csv: 1 row repeats the headings, and is not a patient"])


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
        [["Promedio", "", "330"], ["Desv. t\u00edp.", "", "12"]],
        [["Total patients: 2", "", ""]],
        [["Mean (SD)", "", "330 (12)"]],
        [["Ref. range", "", "150-400"]],
    ],
)
def test_totals_at_the_end_are_not_patients(totals: list[list[object]]) -> None:
    numbers, notes = patient_rows([*WARD, *totals])
    assert numbers == [2, 3]
    assert notes[-1].startswith("t.csv, row 4: ")
    assert " totals or reference ranges, and " in notes[-1]


@pytest.mark.parametrize("last", [["Max", "yes", "300"], ["N", "no", "12"]])
def test_a_row_that_may_hold_totals_stays_a_patient_and_is_reported(last: list[object]) -> None:
    assert patient_rows([*WARD, last]) == (
        [2, 3, 4],
        ["t.csv, row 4: this last row may hold totals; it is answered as a patient; delete it if it is not a patient"],
    )


@pytest.mark.parametrize(
    "rows",
    [
        [["Anna Total", "1", "660"], *WARD],
        [*WARD, ["", "1", "12"]],
        [*WARD, ["", "1", "1"]],
        [*WARD, ["", "yes", "660"]],
        [["Mean", "yes", "1"], ["Sum", "yes", "1"], ["Anna", "no", "2"]],
        [*WARD, ["Totally", "yes", "1"]],
    ],
)
def test_an_uncertain_row_stays_a_patient(rows: list[list[object]]) -> None:
    assert patient_rows(rows)[0] == list(range(2, len(rows) + 2))


def test_totals_are_found_in_columns_of_numbers_and_below_many_rows() -> None:
    rows: list[list[object]] = [[place, None, place % 7] for place in range(1, 3000)]
    totals = [None, None, sum(int(str(row[2])) for row in rows)]
    assert patient_rows([*rows, totals]) == (
        list(range(2, 3001)),
        ["t.csv, row 3001: 1 row holds totals or reference ranges, and is not a patient"],
    )
    assert patient_rows([*rows, totals], is_first=False)[0][-1] == 3001


def test_totals_below_each_group_are_no_patients() -> None:
    rows: list[list[object]] = [WARD[0], ["Subtotal", "1", "450"], WARD[1], ["Subtotal", "0", "210"], ["TOTAL", "1", "660"]]
    assert patient_rows(rows) == ([2, 4], ["t.csv, row 3: 3 rows hold totals or reference ranges, and are not patients"])
    assert patient_rows(rows[:3], is_last=False) == (
        [2, 4],
        ["t.csv, row 3: 1 row holds totals or reference ranges, and is not a patient"],
    )


def test_rows_left_out_of_several_batches_add_up() -> None:
    first, second = SetAside(1, 1, 2, 7), SetAside(totals=1, totals_at=90, notes=2, notes_at=91)
    assert first.plus(second) == SetAside(1, 1, 3, 7, 2, 91)
    assert first.plus(second).rows == 7


def test_without_an_id_the_first_column_names_the_totals() -> None:
    assert patient_rows([*WARD, ["Total", "1", "660"]], identity=None)[0] == [2, 3]


@pytest.mark.parametrize(
    "notes",
    [
        [["* values in bold are abnormal", "", ""]],
        [["Source: hospital information system", None, None], ["Page 1 of 2", None, None]],
        [["patients seen from January to March", "", ""]],
        [["a) before treatment", "", ""]],
        [["Quelle: Labor Nord", "", ""]],
    ],
)
def test_notes_below_a_table_are_not_patients(notes: list[list[object]]) -> None:
    numbers, messages = patient_rows([*WARD, *notes])
    assert numbers == [2, 3]
    singular, plural = (
        "1 row holds a note below the table, and is not a patient",
        "2 rows hold notes below the table, and are not patients",
    )
    assert messages == [f"t.csv, row 4: {singular if len(notes) == 1 else plural}"]
    numbers, messages = patient_rows([*WARD, ["", "1", "660"], *notes])
    assert numbers == [2, 3]
    assert messages[0] == "t.csv, row 4: 1 row holds totals or reference ranges, and is not a patient"


@pytest.mark.parametrize(
    "rows",
    [
        [*WARD, ["3", "", ""]],
        [*WARD, ["Note-7", "", ""]],
        [["* not at the end", "", ""], *WARD],
        [["Anna Maria de Souza Lima", "yes", "1"], ["Jose da Silva dos Santos", "", ""]],
        [*WARD, ["Source: ward 3", "yes", ""]],
    ],
)
def test_a_row_with_only_an_id_is_a_patient(rows: list[list[object]]) -> None:
    assert patient_rows(rows) == (list(range(2, len(rows) + 2)), [])
