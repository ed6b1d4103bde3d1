"""``poems_cli.screen`` and ``screener``: tables that are in memory, or come as a stream of Arrow."""

import csv
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

import poems_cli
from tests.cli.command import poems

ROWS = [
    {"MRN": "007", "Polyneuropathy": True, "monoclonal protein": True, "Plasma VEGF (pg/mL)": 350.0, "skin changes": True},
    {"MRN": "008", "Polyneuropathy": True, "monoclonal protein": None, "Plasma VEGF (pg/mL)": None, "skin changes": None},
    {"MRN": "009", "Polyneuropathy": False, "monoclonal protein": None, "Plasma VEGF (pg/mL)": None, "skin changes": True},
]
ANSWERS = [("007", "met", 0, None), ("008", "undetermined", 3, "general_examination"), ("009", "not met", None, None)]
COLUMNS = ("id", "mayo", "steps_to_met", "next_test")
TABLE = pa.Table.from_pylist(ROWS)


def answers(reader: pa.RecordBatchReader) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in reader.read_all().to_pylist()]


class Stream:
    """Nothing but an Arrow stream, of batches of two rows."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        reader = pa.RecordBatchReader.from_batches(TABLE.schema, iter(TABLE.to_batches(max_chunksize=2)))
        return reader.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("library", ["stream", "pyarrow", "pandas", "polars", "duckdb"])
def test_tables_of_every_library_mean_the_same(library: str) -> None:
    table: Any = Stream()
    if library == "duckdb":
        table = pytest.importorskip("duckdb").from_arrow(TABLE)
    elif library != "stream":
        module = pytest.importorskip(library)
        table = module.Table.from_pylist(ROWS) if library == "pyarrow" else module.DataFrame(ROWS)
    reader = poems_cli.screen(table, columns=COLUMNS)
    assert isinstance(reader, pa.RecordBatchReader)
    assert reader.schema.names == list(COLUMNS)
    assert answers(reader) == ANSWERS


def test_text_and_numbers_are_read_as_cells_of_a_file_are() -> None:
    table = pa.table({
        "id": ["a", "b", "c"],
        "polyneuropathy": ["yes", "maybe", ""],
        "monoclonal_protein": [1, 0, None],
        "platelets (K/uL)": ["< 450", ">2000", "x"],
        "hemoglobin (g/dL)": [float("nan"), 5.0, 1e9],
    })  # fmt: skip
    # b: a word that is not understood; c: platelets are not a number, and no patient has so much hemoglobin
    reader = poems_cli.screen(table, columns=["id", "not_understood", "mayo_polyneuropathy_present"])
    assert answers(reader) == [("a", 0, 1), ("b", 1, 0), ("c", 2, 0)]


@pytest.mark.filterwarnings("ignore:table. 1 row has no id")
@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.dictionary(pa.int8(), pa.string())],
    ids=str,
)
def test_text_may_be_of_any_type(kind: pa.DataType) -> None:
    cells = pa.array(["yes", "maybe", None, "no"])
    table = pa.table({"id": pa.array(["a", "b", "c", None]).cast(kind), "polyneuropathy": cells.cast(kind)}).slice(1)
    assert answers(poems_cli.screen(table, columns=["id", "mayo", "not_understood"])) == [
        ("b", "undetermined", 1), ("c", "undetermined", 0), (None, "not met", 0),
    ]  # fmt: skip


@pytest.mark.parametrize("given", [pa.Table.to_reader, lambda table: table.to_batches()[0]], ids=["reader", "batch"])
def test_other_tabular_objects_of_pyarrow_may_hold_string_views(given: Callable[[pa.Table], object]) -> None:
    table = pa.table({"id": ["a", "b"], "polyneuropathy": pa.array(["no", None]).cast(pa.string_view())})
    assert answers(poems_cli.screen(given(table), columns=["id", "mayo"])) == [("a", "not met"), ("b", "undetermined")]


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.uint64(), pa.float16(), pa.float32(), pa.float64(), pa.decimal128(9, 2), pa.null()], ids=str
)
def test_numbers_may_be_of_any_type(kind: pa.DataType) -> None:
    cells = pa.array([None, None]) if pa.types.is_null(kind) else pa.array([5.0, None]).cast(kind)
    table = pa.table({"id": ["a", "b"], "hemoglobin (g/dL)": cells, "polyneuropathy": cells})
    unclear = 0 if pa.types.is_null(kind) else 1  # 5 is neither present nor absent
    assert answers(poems_cli.screen(table, columns=["id", "not_understood"])) == [("a", unclear), ("b", 0)]


@pytest.mark.parametrize(
    "cell", [[1, 2], {"a": None}, {1: 2}, pa.MonthDayNano([1, 2, 3]), b"\xf1"], ids=["list", "record", "keys", "span", "bytes"]
)
def test_a_value_that_cannot_be_a_cell_is_not_understood_or_refused(cell: object) -> None:
    kind = pa.map_(pa.int8(), pa.int8()) if isinstance(cell, dict) and 1 in cell else None
    cells = pa.array([list(cell.items()) if kind else cell], kind)  # type: ignore[attr-defined]
    table = pa.table({"id": ["a"], "polyneuropathy": cells})
    if isinstance(cell, bytes):
        with pytest.raises(poems_cli.PoemsError, match="'polyneuropathy': it holds bytes that are not text in UTF-8"):
            answers(poems_cli.screen(table))
    else:
        assert answers(poems_cli.screen(table, columns=["id", "not_understood"])) == [("a", 1)]


def test_a_table_may_have_no_rows_and_no_other_column_than_one() -> None:
    assert answers(poems_cli.screen(TABLE.slice(0, 0), columns=COLUMNS)) == []
    assert answers(poems_cli.screen(pa.table({"papilledema": [True]}), columns=["id", "mayo"])) == [("1", "undetermined")]


def test_the_answer_is_that_of_the_command(tmp_path: Path) -> None:
    given, answer = tmp_path / "given.csv", tmp_path / "answer.csv"
    with given.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ROWS[0])
        writer.writeheader()
        writer.writerows(ROWS)
    assert poems("screen", str(given), "-o", str(answer), folder=tmp_path).code == 0
    with answer.open(newline="") as stream:
        written = list(csv.reader(stream))
    reader = poems_cli.screen(TABLE)
    assert reader.schema.names == written[0]
    assert [["" if cell is None else str(cell) for cell in row] for row in answers(reader)] == written[1:]


def test_patients_without_an_id_are_numbered_through_all_batches() -> None:
    table = pa.table({"polyneuropathy": [True] * 5})
    reader = poems_cli.screen(
        pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=2)), columns=["id"]
    )
    assert answers(reader) == [("1",), ("2",), ("3",), ("4",), ("5",)]


def test_a_default_set_with_very_many_states_has_its_steps_too() -> None:
    rows = answers(poems_cli.screen(TABLE, criteria=["mhlw"], columns=["id", "mhlw", "steps_to_met"]))
    # 007 lacks the serum VEGF, and only that counts there
    assert rows == [("007", "undetermined", 1), ("008", "undetermined", 2), ("009", "not met", None)]


# --- a function from batch to batch -------------------------------------------------------------------------------------


def test_a_screener_answers_batches_wherever_it_is_sent() -> None:
    sent = pickle.loads(pickle.dumps(poems_cli.screener(columns=COLUMNS)))
    assert sent.schema.names == list(COLUMNS)
    batches = [sent(batch) for batch in TABLE.to_batches(max_chunksize=2)]
    assert all(batch.schema == sent.schema for batch in batches)
    assert [tuple(row.values()) for row in pa.Table.from_batches(batches).to_pylist()] == ANSWERS
    assert pickle.loads(pickle.dumps(sent))(TABLE.to_batches()[0]).num_rows == len(ROWS)  # also once it was used


def test_a_row_that_repeats_the_headings_is_answered_too() -> None:
    table = pa.table({"id": ["1", "id", "Total"], "polyneuropathy": ["yes", "polyneuropathy", "2"]})
    batch = table.to_batches()[0]
    assert poems_cli.screener(columns=["id", "mayo"])(batch).num_rows == 3
    with pytest.warns(UserWarning, match="the last rows may hold totals"):
        assert poems_cli.screen(table, columns=["id", "mayo"]).read_all().num_rows == 3


def test_a_screener_answers_the_batches_of_polars() -> None:
    polars = pytest.importorskip("polars")
    screener = poems_cli.screener(columns=COLUMNS)

    def answered(frame: Any) -> Any:
        return polars.from_arrow(pa.Table.from_batches([screener(batch) for batch in frame.to_arrow().to_batches()]))

    schema = dict(polars.from_arrow(screener.schema.empty_table()).schema)
    answered_rows = (
        polars.LazyFrame(ROWS).map_batches(answered, schema=schema).filter(polars.col("mayo") != "not met").collect()
    )
    assert answered_rows.rows() == ANSWERS[:2]


def test_a_screener_refuses_an_ambiguous_heading_and_an_unknown_answer_column() -> None:
    with pytest.raises(poems_cli.PoemsError, match="VEGF"):
        poems_cli.screener()(pa.record_batch({"id": ["1"], "polyneuropathy": [True], "VEGF": [5.0]}))
    with pytest.raises(poems_cli.PoemsError, match="mayor"):
        poems_cli.screener(columns=["mayor"])


def test_a_screener_needs_no_id_and_no_column_in_the_same_place() -> None:
    screener = poems_cli.screener(columns=["id", "mayo"])
    assert screener(pa.record_batch({"papilledema": [True], "id": ["x"]})).to_pylist() == [{"id": "x", "mayo": "undetermined"}]
    assert screener(pa.record_batch({"polyneuropathy": [False]})).to_pylist() == [{"id": "1", "mayo": "not met"}]


# --- columns --------------------------------------------------------------------------------------------------------------


def test_an_ambiguous_heading_is_refused() -> None:
    with pytest.raises(poems_cli.PoemsError, match="VEGF"):
        poems_cli.screen(pa.table({"id": ["1"], "polyneuropathy": [True], "VEGF": [5.0]}))


@pytest.mark.parametrize("table", [5, "patients.csv", [{"id": "1"}]], ids=["number", "path", "list"])
def test_a_value_that_is_not_a_table_is_refused(table: object) -> None:
    with pytest.raises(TypeError, match="a table is"):
        poems_cli.screen(table)


@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
@pytest.mark.parametrize("second", ["polyneuropathy", "Polyneuropathy"])
def test_two_columns_of_one_finding_are_refused(library: str, second: str) -> None:
    module = pytest.importorskip(library)
    headings, cells = ["id", "polyneuropathy", second], ["a", True, False]
    table: Any
    if library == "pandas":
        table = module.DataFrame([cells], columns=headings)
    else:
        table = module.Table.from_arrays([module.array([cell]) for cell in cells], names=headings)
    with pytest.raises(poems_cli.PoemsError, match=f"'polyneuropathy' and '{second}' both name 'polyneuropathy'") as caught:
        poems_cli.screen(table)
    assert isinstance(caught.value, ValueError)


def test_columns_that_differ_in_case_are_read_apart() -> None:
    table = pa.table({"P": [False], "p": [True], "ID": ["a"]})
    mapping = {"id": "ID", "columns": {"P": None, "p": "polyneuropathy"}}
    assert answers(poems_cli.screen(table, mapping=mapping, columns=["id", "mayo"])) == [("a", "undetermined")]


def test_columns_that_are_not_read_are_named() -> None:
    table = pa.table({"id": ["a"], "polyneuropaty": [True], "platelets (K/uL)": [5], "ward": ["x"]})
    with pytest.warns(UserWarning, match="columns not read: 'polyneuropaty' and 'ward'") as caught:
        poems_cli.screen(table)
    assert caught[0].filename == __file__


def test_doubtful_columns_and_rows_that_are_not_patients_are_reported_with_the_reason() -> None:
    table = pa.table({"id": ["1", "1", "", "Total"], "polyneuropathy": [1, 0, 1, 1], "Prolactin": [212, 180, None, None]})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        poems_cli.screen(table)
    doubt, nameless, several, totals = [str(warning.message) for warning in caught]
    assert doubt.startswith("column not read: 'Prolactin': its unit is not known, and its numbers may be in ng/mL, m[IU]/L")
    assert nameless.startswith("table: 1 row has no id, and is answered as another patient; ")
    assert several == "table: 1 id has more than one row, and each is answered by itself"
    assert totals == "table: the last rows may hold totals, and are answered as patients; leave them out"


def test_a_mapping_is_a_dict_or_a_file(tmp_path: Path) -> None:
    table = pa.table({"mrn": ["7"], "pn": [True], "plt": [512000], "sex": [1], "ward": ["x"]})
    columns: dict[str, Any] = {"pn": "polyneuropathy", "plt": {"finding": "platelets", "unit": "/uL", "high": 600000}}
    columns |= {"sex": {"finding": "sex", "values": {1: "male"}}, "ward": None}
    mapping = {"id": "mrn", "columns": columns}
    (tmp_path / "map.yaml").write_text(yaml.safe_dump(mapping))
    wanted = ["id", "mayo", "not_understood", "mayo_minor_criterion_present"]
    for given in (mapping, tmp_path / "map.yaml", str(tmp_path / "map.yaml")):
        assert answers(poems_cli.screen(table, mapping=given, columns=wanted)) == [("7", "undetermined", 0, 0)]
    with pytest.raises(poems_cli.PoemsError) as caught:
        poems_cli.screen(table, mapping={"columns": {"pn": "polineuropathy", "pltt": "platelets"}})
    assert [str(problem) for problem in caught.value.problems] == [
        "mapping: column 'pn': there is no finding 'polineuropathy'; did you mean 'polyneuropathy'?",
        "mapping: column 'pltt': there is no such column; did you mean 'plt'?",
    ]


def test_an_index_of_pandas_is_read_if_it_has_a_name() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"polyneuropathy": [True]}, index=pandas.Index(["007"], name="MRN"))
    assert answers(poems_cli.screen(table, columns=["id"])) == [("007",)]
    table.index.name = None
    with pytest.warns(UserWarning, match="the index is not read; give it a name"):
        assert answers(poems_cli.screen(table, columns=["id"])) == [("1",)]


@pytest.mark.filterwarnings("ignore:table. 1 row has no id")
def test_cells_of_several_types_are_read_each_as_it_is() -> None:
    """As a sheet gives them."""
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"id": ["a", 7, 1.5, None], "polyneuropathy": ["yes", 1, True, float("nan")]})
    columns = ["id", "mayo_polyneuropathy_present", "not_understood"]
    assert answers(poems_cli.screen(table, columns=columns)) == [("a", 1, 0), ("7", 1, 0), ("1.5", 1, 0), (None, 0, 0)]


def test_a_heading_may_hold_any_sign() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = pa.table({"id": ["a"], "egfr (mL/min/{1.73_m2})": [45], "polyneuropathy": [True]})
        assert answers(poems_cli.screen(table, columns=["id", "mayo"])) == [("a", "undetermined")]
