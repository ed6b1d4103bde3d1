"""Spark gives the bytes, the counts and the rejects of a run without it. A few tables, always the same: each takes long."""

import shutil
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings

import poems_cli
from poems_cli.screening.options import ScreenOptions, plan_of
from poems_cli.screening.output_set import OutputSet
from poems_cli.screening.plan import Plan
from poems_cli.screening.run import Outcome
from poems_cli.screening.spark_run import run_on_spark
from poems_cli.tables.opening import open_tables
from poems_cli.tables.table_file import TableError, TableOptions
from tests.large_rules import plan as large_plan
from tests.property.made_tables import RULES, Made, tables
from tests.property.test_screening_engines import planned, screened
from tests.row_answer import Expected

if TYPE_CHECKING:
    from poems_cli.screening.spark_session import Session

pytest.importorskip("pyspark", reason="Spark is not installed: pip install '.[spark]'")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, which is not here", allow_module_level=True)

ALIKE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.fixture(scope="module", autouse=True)
def spark(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Session]":
    """One Spark for all tests: a run that finds one uses it, and leaves it running."""
    from poems_cli.screening.spark_session import Session

    session = Session("local[2]", str(tmp_path_factory.mktemp("spark")), 2048, 2)
    yield session
    session.close()


def on_spark(plan: Plan) -> Expected:
    def answer(plan: Plan, outputs: OutputSet) -> Outcome:
        return run_on_spark(plan, outputs, None)

    return screened(plan, answer)


def opened(folder: Path, *names: str, **options: object) -> Plan:
    """The plan for files in a folder."""
    screen_options = ScreenOptions(tuple([str(folder / name) for name in names]))._replace(**options)
    return plan_of(
        RULES, screen_options, open_tables(screen_options.paths, TableOptions(), str(folder), BytesIO()), str(folder)
    )


@settings(max_examples=3, derandomize=True, database=None, deadline=None, suppress_health_check=ALIKE, phases=[Phase.generate])
@given(made=tables())
def test_made_up_tables_are_answered_alike(tmp_path: Path, made: Made) -> None:
    plan = planned(str(tmp_path), made, columns=("all",))
    try:
        answered = on_spark(plan)
    except TableError:  # a quoted cell with quotes and line ends in it: refused, never misread
        reject()
    assert answered == screened(plan)


def test_a_worklist_and_a_default_set_with_many_states(tmp_path: Path) -> None:
    rows = "\n".join(
        f"{number:03},{['yes', 'no', ''][number % 3]},{['', '>450', '451'][number // 3 % 3]},yes" for number in range(40)
    )
    made = Made(f"id,polyneuropathy,platelets,skin changes\n{rows}\n", None, ".")
    plan = planned(str(tmp_path), made, criteria=("mhlw", "mayo"), worklist=True)
    expected = screened(plan)
    assert expected.text.count("\n") > 10
    assert on_spark(plan) == expected


def test_rules_of_which_more_is_asked_than_numbers_have_bits(tmp_path: Path) -> None:
    plan = large_plan(tmp_path, columns=("id", "set0", "set13_level", "warnings", "contradictions"), quiet=True)
    assert on_spark(plan).text == screened(plan).text


def test_several_files_and_patients_without_an_id(tmp_path: Path) -> None:
    """Rows are numbered through all files, rejects within their own; a heading may have another place in another file."""
    (tmp_path / "b.csv").write_text("polyneuropathy,papilledema\nyes,no\nmaybe,\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text("papilledema,polyneuropathy\n" + "yes,\n" * 5 + "perhaps,no\n", encoding="utf-8")
    plan = opened(tmp_path, "b.csv", "a.csv")
    expected = screened(plan)
    assert [(Path(reject.file).name, reject.row) for reject in expected.rejects] == [("b.csv", 3), ("a.csv", 7)]
    assert on_spark(plan) == expected


def test_pieces_of_csv_and_row_groups_of_parquet_keep_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from poems_cli.tables import csv_blocks

    monkeypatch.setattr(csv_blocks.blocks, "__defaults__", (2_000,))
    cells = ["yes", "no", '"maybe\n"', ""]
    (tmp_path / "t.csv").write_text("papilledema\n" + "".join(f"{cells[row * row % 7 % 4]}\n" for row in range(3_000)))
    plan = opened(tmp_path, "t.csv", keep=("papilledema",))
    assert on_spark(plan) == screened(plan)
    table = pa.table({"id": [str(row) for row in range(3_000)], "papilledema": [row % 3 == 0 for row in range(3_000)]})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=170)
    plan = opened(tmp_path, "t.parquet")
    assert on_spark(plan) == screened(plan)


def test_a_fault_of_the_table_is_reported_as_without_spark(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,papilledema\n" + "1,yes\n" * 50 + "2,no,Hildegard\n")
    with pytest.raises(TableError) as without:
        screened(opened(tmp_path, "t.csv"))
    with pytest.raises(poems_cli.PoemsError) as with_spark:
        on_spark(opened(tmp_path, "t.csv"))
    assert (with_spark.value.problems, with_spark.value.exit_code) == (without.value.problems, without.value.exit_code)


def test_a_screener_answers_batches_of_spark(spark: "Session") -> None:
    """Without the command: by the function from batch to batch."""
    screener = poems_cli.screener(columns=["id", "mayo", "steps_to_met"])
    rows = [("007", True, 350.0), ("008", None, None), ("009", False, None)]
    frame = spark.spark.createDataFrame(rows, "id STRING, polyneuropathy BOOLEAN, `plasma_vegf (pg/mL)` DOUBLE")
    with warnings.catch_warnings():  # PySpark warns of the version of pandas, which is not used here
        warnings.simplefilter("ignore")
        answered = frame.mapInArrow(
            lambda batches: map(screener, batches), "id STRING, mayo STRING, steps_to_met INT"
        ).collect()
    assert [(row["id"], row["mayo"], row["steps_to_met"] is None) for row in sorted(answered)] == [
        ("007", "undetermined", False),
        ("008", "undetermined", False),
        ("009", "not met", True),
    ]
