"""The row right below the headings: units and legends explain the columns, and a second row of headings is refused."""

import pytest

from poems_cli.tables.row_below import row_below
from poems_cli.tables.table_file import TableError
from poems_cli.units import UnitTable

HEADINGS = ["MRN", "Sex", "poly", "Prolactin"]
PATIENTS = [["A", "M", "yes", "212"], ["B", "F", "no", "<5"], ["C", "F", "1", ""]]


@pytest.mark.parametrize(
    ("row", "texts"),
    [
        (["", "", "", "mIU/L"], {3: "mIU/L"}),
        (["", "", "", "[ng/mL]"], {3: "ng/mL"}),
        (["Units", "-", "-", "\u00b5IU/mL"], {3: "\u00b5IU/mL"}),
        (["", "M/F", "(0=No, 1=Yes)", "mIU/L"], {1: "M/F", 2: "0=No, 1=Yes", 3: "mIU/L"}),
        (["", "1: male; 2: female", "0: no; 1: yes", ""], {1: "1: male; 2: female", 2: "0: no; 1: yes"}),
        (["", "", "", "x10^9/L"], {3: "x10^9/L"}),
        (["", "", "", "10\u2079/L"], {3: "10\u2079/L"}),
        (["", "", "", "%"], {3: "%"}),
        (["n/a", "", "", "years"], {3: "years"}),
        (["", "", "furlong", "ng/mL"], {2: "furlong", 3: "ng/mL"}),
        (["STRING", "STRING", "BOOLEAN", "NUMBER"], {}),
        (["Reference range", "", "", "4-15"], {}),
        (["\u57fa\u6e96\u5024", "", "", "<15"], {}),
    ],
)
def test_units_and_legends_are_not_a_patient(row: list[str], texts: dict[int, str], units: UnitTable) -> None:
    below = row_below("t.csv", HEADINGS, [row, *PATIENTS], 0, units)
    assert below is not None
    assert below.texts == texts
    assert below.remark("t.csv").what.startswith("the row below the headings says what they mean, and is not a patient")


def test_the_headings_take_the_units_of_the_row_below(units: UnitTable) -> None:
    below = row_below("t.csv", ["MRN", "PLT", "Hb (g/dL)"], [["", "10^9/L", "g/dL"]], 0, units)
    assert below is not None
    assert below.headings(["MRN", "PLT", "Hb (g/dL)"]) == ("MRN", "PLT (10^9/L)", "Hb (g/dL)")


@pytest.mark.parametrize(
    "row",
    [
        ["A", "M", "yes", "212"],
        ["", "M", "yes", "212"],
        ["A", "", "", "pending"],
        ["", "M", "n/a", ""],
        ["", "", "", ""],
        ["", "", "none", "-"],
        ["A", "", "", "mIU/L"],
        ["", "", "y", "1"],
        ["A", "woman", "perhaps", "12"],
        ["", "", "", "212 mIU/L"],
    ],
)
def test_a_patient_stays_one(row: list[str], units: UnitTable) -> None:
    assert row_below("t.csv", HEADINGS, [row, *PATIENTS], 0, units) is None


@pytest.mark.parametrize("row", [["Record", "Sex at birth", "Neuropathy", "Prolactin, fasting"], ["Patient ID", "", "x", ""]])
def test_a_second_row_of_headings_is_refused(row: list[str], units: UnitTable) -> None:
    with pytest.raises(
        TableError, match=r"t\.csv: the first row below the headings looks like a second row of headings; keep one"
    ):
        row_below("t.csv", HEADINGS, [row, *PATIENTS], 0, units)
