"""A long table: distinguished from a table of patients, and made wide without adding up, averaging or guessing a unit."""

import pyarrow as pa
import pytest

from poems_cli.errors import PoemsError
from poems_cli.model import Rules
from poems_cli.tables.long_columns import LongColumns, columns_said, looks_long, refused
from poems_cli.tables.long_table import Wide, pivoted
from poems_cli.tables.table_file import TableError

HEADINGS = ["MRN", "Test", "Result", "Unit", "Collected"]
COLUMNS = LongColumns(*HEADINGS)
NO_DATE = COLUMNS._replace(date="")


@pytest.mark.parametrize(
    ("headings", "option"),
    [
        (HEADINGS, "MRN,Test,Result,Unit,Collected"),
        (["patient_id", "loinc_code", "value", "uom"], "patient_id,loinc_code,value,uom"),
        (["USUBJID", "LBTESTCD", "LBTEST", "LBORRES", "LBORRESU", "LBDTC"], "USUBJID,LBTEST,LBORRES,LBORRESU,LBDTC"),
        (["Pat ID", "Untersuchung", "Wert", "Einheit", "Datum"], "'Pat ID,Untersuchung,Wert,Einheit,Datum'"),
        (["IPP", "Analyse", "R\u00e9sultat", "Unit\u00e9", "Date"], "IPP,Analyse,R\u00e9sultat,Unit\u00e9,Date"),
        (["Patientnummer", "Bepaling", "Uitslag", "Eenheid", "Datum"], "Patientnummer,Bepaling,Uitslag,Eenheid,Datum"),
        (["id", "analyte", "value"], "id,analyte,value"),
        (
            ["PAT_ID", "COMPONENT_NAME", "ORD_VALUE", "REFERENCE_UNIT", "RESULT_TIME"],
            "PAT_ID,COMPONENT_NAME,ORD_VALUE,REFERENCE_UNIT,RESULT_TIME",
        ),
        (
            ["Patient Name", "DOB", "Date of Exam", "Blood Test EN", "Result"],
            "'Patient Name,Blood Test EN,Result,,Date of Exam'",
        ),
        (["id", "analyte", "value", "", "date"], "id,analyte,value,,date"),
    ],
)
def test_a_long_table_is_recognized_with_what_to_write(headings: list[str], option: str, rules: Rules) -> None:
    rows = [["p1", *[f"{row}" for _ in headings[1:]]] for row in range(3)]
    columns = looks_long(headings, rows, rules)
    assert columns is not None
    message = str(refused("t.csv", columns))
    assert message == f"t.csv: a row of this table is one measurement, not one patient; say so: --long {option}"
    assert columns_said(option.strip("'"), headings) == columns


@pytest.mark.parametrize(
    ("headings", "rows"),
    [
        (["id", "polyneuropathy", "result"], [["1", "yes", "x"], ["1", "no", "y"]]),
        (["id", "name", "value"], [["1", "Hildegard", "3"], ["2", "Ruth", "4"], ["2", "Ruth", "5"]]),
        (["id", "name", "result"], [["1", "Hildegard", "3"], ["1", "Ruth", "4"]]),
        (["test", "value"], [["platelets", "3"]]),
    ],
)
def test_a_table_of_patients_is_not_a_long_table(headings: list[str], rows: list[list[str]], rules: Rules) -> None:
    assert looks_long(headings, rows, rules) is None


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            "MRN,Test",
            "--long: 'MRN,Test' does not name the columns of a long table; write it as --long id,name,value,unit,date",
        ),
        ("MRN,Test,Resultt", "--long: no column is called 'Resultt'; did you mean 'Result'?"),
        ("MRN,,Result", "--long: 'MRN,,Result' does not name"),
    ],
)
def test_columns_that_are_not_there_are_refused(option: str, message: str) -> None:
    with pytest.raises(PoemsError) as caught:
        columns_said(option, HEADINGS)
    assert str(caught.value).startswith(message)
    assert caught.value.exit_code == 2


def wide(rules: Rules, rows: list[list[object]], columns: LongColumns = NO_DATE, **more: object) -> Wide:
    table = pa.table([pa.array([row[place] for row in rows]) for place in range(len(HEADINGS))], names=HEADINGS)
    return pivoted("t.csv", table, columns, rules, **more)  # type: ignore[arg-type]


def test_tests_become_columns_in_which_several_units_stay_with_their_numbers(rules: Rules) -> None:
    pivot = wide(
        rules,
        [
            ["a", "Platelets", "450", "K/uL", ""],
            ["b", "Platelets", "<100", "10^9/L", ""],
            ["c", "777-3", "210000", "/uL", ""],
            ["a", "Hemoglobin", "13.5", "g/dL", ""],
            ["b", "Hemoglobin", "135 g/L", "", ""],
            ["d", "Hemoglobin", "80 mg/dL", "g/dL", ""],
            ["d", "Platelets", "pending", "K/uL", ""],
            ["a", "TSH", "2.1", "mIU/L", ""],
            ["c", "TSH", "4.2 uIU/mL H", "", ""],
            ["a", "light_chain", "lambda", "n/a", ""],
            ["a", "Zonulin", "3", "ng/mL", ""],
            ["c", "Hemoglobin", "12.0 H", "g/dL", ""],
        ],
    )
    assert pivot.table.to_pylist() == [
        {"MRN": "a", "Platelets": "450 K/uL", "Hemoglobin": "13.5 g/dL", "TSH (mIU/L)": "2.1", "light_chain": "lambda"},
        {"MRN": "b", "Platelets": "<100 10^9/L", "Hemoglobin": "135 g/L", "TSH (mIU/L)": None, "light_chain": None},
        {"MRN": "c", "Platelets": "210000 /uL", "Hemoglobin": "12.0 g/dL", "TSH (mIU/L)": "4.2 uIU/mL H", "light_chain": None},
        {"MRN": "d", "Platelets": None, "Hemoglobin": "80 mg/dL g/dL", "TSH (mIU/L)": None, "light_chain": None},
    ]
    assert (pivot.others, pivot.notes) == ({"Zonulin (ng/mL)": 1}, ())


def test_a_number_without_a_unit_among_others_with_one_is_not_read(rules: Rules) -> None:
    rows: list[list[object]] = [
        ["a", "Prolactin", "12", "ng/mL", ""],
        ["b", "Prolactin", "212", "", ""],
        ["", "Prolactin", "9", "ng/mL", ""],
    ]
    pivot = wide(rules, rows)
    assert pivot.table.to_pylist() == [{"MRN": "a", "Prolactin (ng/mL)": "12"}, {"MRN": "b", "Prolactin (ng/mL)": None}]
    lost, bare = map(str, pivot.notes)
    assert lost == "t.csv: 1 measurement has no id or no name of a test, and nothing is read there"
    assert bare.startswith(
        "t.csv, test 'Prolactin': 1 of its numbers has no unit, unlike the others, and is not read; give every"
    )


SEVERAL: list[list[object]] = [
    ["a", "Platelets", "450", "K/uL", "2024-01-02"],
    ["a", "Platelets", "210", "K/uL", "2024-03-02"],
    ["a", "Hemoglobin", "13", "g/dL", "2024-01-02"],
    ["a", "Platelets", "300", "K/uL", ""],
    ["a", "Platelets", "pending", "K/uL", "2024-05-02"],
]


@pytest.mark.parametrize(("visits", "platelets"), [("latest", "210"), ("first", "450")])
def test_of_several_measurements_the_one_that_was_asked_for_is_read(visits: str, platelets: str, rules: Rules) -> None:
    pivot = wide(rules, SEVERAL, COLUMNS, visits=visits)
    assert pivot.table.to_pylist() == [{"MRN": "a", "Platelets (K/uL)": platelets, "Hemoglobin (g/dL)": "13"}]
    (note,) = pivot.notes
    assert str(note) == f"t.csv: a patient has several values of 'Platelets (K/uL)'; the {visits} is read"


def test_each_day_of_a_patient_is_a_row(rules: Rules) -> None:
    pivot = wide(rules, SEVERAL, COLUMNS)
    assert [list(row.values()) for row in pivot.table.to_pylist()] == [
        ["a", "2024-01-02", "450", "13"],
        ["a", "2024-03-02", "210", None],
        ["a", None, "300", None],
        ["a", "2024-05-02", None, None],
    ]


def test_several_measurements_are_refused_unless_the_visit_is_chosen(rules: Rules) -> None:
    with pytest.raises(TableError) as caught:
        wide(rules, SEVERAL)
    assert str(caught.value).startswith(
        "t.csv: a patient has several values of 'Platelets (K/uL)'; say which counts: --visits "
    )
    with pytest.raises(
        TableError, match="--visits: the latest measurement is chosen by its date; name its column last in --long"
    ):
        wide(rules, SEVERAL, visits="latest")


def test_a_test_that_a_mapping_names_is_kept(rules: Rules) -> None:
    pivot = wide(rules, [["a", "PLT-X", "450", "K/uL", ""]], keep=["PLT-X (K/uL)"])
    assert pivot.table.to_pylist() == [{"MRN": "a", "PLT-X (K/uL)": "450"}]


def test_a_mapping_names_a_test_in_one_spelling_of_its_unit_or_without_it(rules: Rules) -> None:
    rows: list[list[object]] = [
        ["a", "PLT-X", "450", "10^9/L", "2024-01-02"],
        ["a", "PLT-X", "300", "10^9/l", "2024-03-02"],
        ["b", "PLT-X", "<20", "/uL", "2024-01-02"],
        ["c", "PLT-X", "clotted", "/uL", "2024-01-02"],
    ]
    pivot = wide(rules, rows, COLUMNS, visits="latest", keep=["PLT-X (10^9/L)"])
    assert pivot.table.to_pylist()[0] == {"MRN": "a", "PLT-X (10^9/L)": "300"}
    assert pivot.others == {"PLT-X (/uL)": 2}
    pivot = wide(rules, rows, COLUMNS, visits="latest", keep=["PLT-X"])
    assert [row["PLT-X"] for row in pivot.table.to_pylist()] == ["300 10^9/l", "<20 /uL", "clotted"]
    assert not pivot.others


def test_a_test_in_another_specimen_is_another_test(rules: Rules) -> None:
    rows = [
        ["a", "Albumin", "3.1", "g/dL", "SERUM"],
        ["a", "Albumin", "40", "mg/dL", "URINE"],
        ["a", "VEGF", "900", "pg/mL", "Plasma"],
        ["b", "VEGF", "2000", "pg/mL", "SER"],
        ["b", "Albumin", "4", "g/dL", ""],
        ["b", "Protein", "120", "mg/dL", "Cerebrospinal fluid"],
    ]
    table = pa.table([pa.array([row[place] for row in rows]) for place in range(5)], names=[*HEADINGS[:4], "Specimen"])
    pivot = pivoted("t.csv", table, NO_DATE, rules)
    headings = ("MRN", "SERUM Albumin (g/dL)", "Plasma VEGF (pg/mL)", "serum VEGF (pg/mL)", "CSF Protein (mg/dL)")
    assert pivot.headings == headings
    assert [tuple(row.values()) for row in pivot.table.to_pylist()] == [
        ("a", "3.1", "900", None, None),
        ("b", "4", None, "2000", "120"),
    ]
    assert pivot.others == {"URINE Albumin (mg/dL)": 1}


@pytest.mark.parametrize(("test", "unit"), [("VEGF", "pg/mL"), ("eGFR", "mL/min"), ("Platelets", "foo")])
def test_a_test_that_may_be_a_finding_is_a_column_for_the_user_to_explain(test: str, unit: str, rules: Rules) -> None:
    rows = [["1", "Hemoglobin", "12", "g/dL", ""], ["1", test, "90", unit, ""], ["1", test, "95", unit, ""]]
    made = wide(rules, rows)
    assert f"{test} ({unit})" in made.headings
    assert made.others == {}


def test_comparators_in_a_column_of_their_own(rules: Rules) -> None:
    signs = {"a": "<", "b": "GE", "c": "=", "d": "", "e": "4171756", "f": "17"}
    names = ["MRN", "Test", "Result", "Unit", "Operator"]
    rows = [[patient, "Prolactin", "200", "ng/mL", sign] for patient, sign in signs.items()]
    table = pa.table([pa.array([row[place] for row in rows]) for place in range(5)], names=names)
    pivot = pivoted("t.csv", table, NO_DATE, rules)
    assert pivot.table.column("Prolactin (ng/mL)").to_pylist() == [
        "<200", ">=200", "200", "200", "<200", "? 200 (17)",
    ]  # fmt: skip
    (note,) = map(str, pivot.notes)
    assert note.startswith("t.csv: 1 value is not read: its sign in the column 'Operator' may mean < or >")
