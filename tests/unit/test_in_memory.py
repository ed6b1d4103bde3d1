"""``poems_cli.screen``: a table in memory, answered as a relation of DuckDB."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import poems_cli
from tests.cli.command import poems

ROWS = [
    {"MRN": "007", "Polyneuropathy": True, "monoclonal protein": True, "Plasma VEGF (pg/mL)": 350.0, "skin changes": True},
    {"MRN": "008", "Polyneuropathy": True, "monoclonal protein": None, "Plasma VEGF (pg/mL)": None, "skin changes": None},
    {"MRN": "009", "Polyneuropathy": False, "monoclonal protein": None, "Plasma VEGF (pg/mL)": None, "skin changes": True},
]
ANSWERS = [("007", "met", 0, None), ("008", "undetermined", 3, "skin_examination"), ("009", "not met", None, None)]
COLUMNS = ("id", "mayo", "steps_to_met", "next_test")


def relation() -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.execute(
        'CREATE TABLE given ("MRN" VARCHAR, "Polyneuropathy" BOOLEAN, "monoclonal protein" BOOLEAN, '
        '"Plasma VEGF (pg/mL)" DOUBLE, "skin changes" BOOLEAN)'
    )
    connection.executemany("INSERT INTO given VALUES (?, ?, ?, ?, ?)", [list(row.values()) for row in ROWS])
    return connection.table("given")


def verdicts(found: duckdb.DuckDBPyRelation) -> list[tuple[Any, ...]]:
    assert isinstance(found, duckdb.DuckDBPyRelation)
    return sorted(found.fetchall())


def test_a_relation_of_duckdb() -> None:
    found = verdicts(poems_cli.screen(relation(), columns=COLUMNS))
    assert [one[:3] for one in found] == [one[:3] for one in ANSWERS]
    assert found[1][3]
    assert found[0][3] is found[2][3] is None


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_tables_of_other_libraries_mean_the_same(library: str) -> None:
    pytest.importorskip("pyarrow")
    module = pytest.importorskip(library)
    table = module.Table.from_pylist(ROWS) if library == "pyarrow" else module.DataFrame(ROWS)
    assert verdicts(poems_cli.screen(table, columns=COLUMNS)) == verdicts(poems_cli.screen(relation(), columns=COLUMNS))


def test_text_and_numbers_are_read_as_cells_of_a_file_are() -> None:
    rows = "('a', 'yes', 1, '< 450', 'NaN'::DOUBLE), ('b', 'maybe', 0, '>2000', 5.0), ('c', '', NULL, 'x', 1e9)"
    headings = "id, polyneuropathy, monoclonal_protein, platelets, hemoglobin"
    table = duckdb.connect().sql(f"SELECT * FROM (VALUES {rows}) AS t({headings})")
    found = poems_cli.screen(table, columns=["id", "not_understood", "mayo_polyneuropathy_present"]).order("id").fetchall()
    # b: a word that is none; c: platelets are no number, and nobody has so much hemoglobin
    assert found == [("a", 0, 1), ("b", 1, 0), ("c", 2, 0)]


def test_the_answer_is_that_of_the_command(tmp_path: Path) -> None:
    given, answer = tmp_path / "given.csv", tmp_path / "answer.csv"
    with given.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ROWS[0])
        writer.writeheader()
        writer.writerows(ROWS)
    assert poems("screen", str(given), "-o", str(answer), "--engine", "python", folder=tmp_path).code == 0
    with answer.open(newline="") as stream:
        told = list(csv.reader(stream))
    found = poems_cli.screen(relation())
    assert found.columns == told[0]
    assert [["" if cell is None else str(cell) for cell in row] for row in verdicts(found)] == told[1:]


def test_patients_without_an_id_are_numbered() -> None:
    table = duckdb.connect().sql("SELECT true AS polyneuropathy FROM range(3)")
    assert verdicts(poems_cli.screen(table, columns=["id"])) == [("1",), ("2",), ("3",)]


def test_a_default_set_with_very_many_states_has_its_steps_too() -> None:
    found = verdicts(poems_cli.screen(relation(), criteria=["mhlw"], columns=["id", "mhlw", "steps_to_met"]))
    # 007 lacks the VEGF of the serum, which alone counts there
    assert found == [("007", "undetermined", 1), ("008", "undetermined", 2), ("009", "not met", None)]


def test_what_could_be_two_things_is_refused() -> None:
    table = duckdb.connect().sql("SELECT '1' AS id, true AS polyneuropathy, 5.0 AS VEGF")
    with pytest.raises(poems_cli.PoemsError, match="VEGF"):
        poems_cli.screen(table)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(TypeError, match="a table is"):
        poems_cli.screen(5)


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow", "duckdb"])
@pytest.mark.parametrize("second", ["polyneuropathy", "Polyneuropathy"])
def test_two_columns_of_one_finding_are_refused(library: str, second: str) -> None:
    module = pytest.importorskip(library)
    headings, cells = ["id", "polyneuropathy", second], ["a", True, False]
    table: Any
    if library == "pandas":
        table = module.DataFrame([cells], columns=headings)
    elif library == "pyarrow":
        table = module.Table.from_arrays([module.array([cell]) for cell in cells], names=headings)
    elif library == "duckdb":
        table = duckdb.sql(f"SELECT 'a' AS id, true AS polyneuropathy, false AS \"{second}\"")
    elif second in headings[:2]:
        pytest.skip("Polars has no two columns of one name")
    else:
        table = module.DataFrame(dict(zip(headings, [[cell] for cell in cells], strict=True)))
    with pytest.raises(poems_cli.PoemsError, match=f"column '{second}': it names 'polyneuropathy'") as caught:
        poems_cli.screen(table)
    assert isinstance(caught.value, ValueError)


def test_columns_that_differ_in_case_are_read_apart() -> None:
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"P": [False], "p": [True], "ID": ["a"]})
    mapping = {"id": "ID", "columns": {"P": None, "p": "polyneuropathy"}}
    assert poems_cli.screen(table, mapping=mapping, columns=["id", "mayo"]).fetchall() == [("a", "undetermined")]


def test_columns_that_are_not_read_are_named() -> None:
    table = duckdb.sql("SELECT 'a' AS id, true AS polyneuropaty, 5 AS platelets, 'x' AS ward")
    with pytest.warns(UserWarning, match="columns not read: 'polyneuropaty', 'ward'") as caught:
        poems_cli.screen(table)
    assert caught[0].filename == __file__


def test_a_mapping_is_a_dict_or_a_file(tmp_path: Path) -> None:
    table = duckdb.sql("SELECT '7' AS mrn, true AS pn, 512000 AS plt, 1 AS sex, 'x' AS ward")
    columns: dict[str, Any] = {"pn": "polyneuropathy", "plt": {"finding": "platelets", "unit": "/uL", "high": 600000}}
    columns |= {"sex": {"finding": "sex", "values": {1: "male"}}, "ward": None}
    mapping = {"id": "mrn", "columns": columns}
    (tmp_path / "map.yaml").write_text(yaml.safe_dump(mapping))
    wanted = ["id", "mayo", "not_understood", "mayo_minor_criterion_present"]
    for given in (mapping, tmp_path / "map.yaml", str(tmp_path / "map.yaml")):
        assert poems_cli.screen(table, mapping=given, columns=wanted).fetchall() == [("7", "undetermined", 0, 0)]
    with pytest.raises(poems_cli.PoemsError) as caught:
        poems_cli.screen(table, mapping={"columns": {"pn": "polineuropathy", "pltt": "platelets"}})
    assert [str(problem) for problem in caught.value.problems] == [
        "mapping: column 'pn': there is no finding 'polineuropathy'; did you mean 'polyneuropathy'?",
        "mapping: column 'pltt': no column is called so; did you mean 'plt'?",
    ]


def test_an_index_of_pandas_is_read_if_it_has_a_name() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"polyneuropathy": [True]}, index=pandas.Index(["007"], name="MRN"))
    assert poems_cli.screen(table, columns=["id"]).fetchall() == [("007",)]
    table.index.name = None
    with pytest.warns(UserWarning, match="the index is not read; give it a name"):
        assert poems_cli.screen(table, columns=["id"]).fetchall() == [("1",)]
