"""Spark gives the bytes, the counts and the rejects of the Python engine. A few tables, always the same: each takes long."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from poems_cli.screening.python_engine import PythonEngine
from poems_cli.screening.spark_engine import SparkEngine

from poems_cli.tables.table_file import TableError
from tests.large_rules import plan as large_plan
from tests.property.made_tables import Made, tables
from tests.property.test_screening_engines import planned, screened

pytest.importorskip("pyspark", reason="Spark is not installed: pip install '.[spark]'")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, which is not here", allow_module_level=True)

ALIKE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.fixture(scope="module", autouse=True)
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One Spark for all tests: a run that finds one uses it, and leaves it running."""
    from poems_cli.screening.spark_session import Session

    session = Session("local[2]", str(tmp_path_factory.mktemp("spark")), "2GB", 2)
    yield
    session.close()


@settings(max_examples=3, derandomize=True, database=None, deadline=None, suppress_health_check=ALIKE, phases=[Phase.generate])
@given(made=tables())
def test_made_up_tables_are_answered_alike(tmp_path: Path, made: Made) -> None:
    plan = planned(str(tmp_path), made, columns=("all",))
    try:
        told = screened(SparkEngine, plan)
    except TableError:  # a quoted cell with quotes and line ends in it: refused, never misread
        reject()
    assert told == screened(PythonEngine, plan)


def test_a_worklist_and_a_default_set_with_many_states(tmp_path: Path) -> None:
    rows = "\n".join(
        f"{number:03},{['yes', 'no', ''][number % 3]},{['', '>450', '451'][number // 3 % 3]},yes" for number in range(40)
    )
    made = Made(f"id,polyneuropathy,platelets,skin changes\n{rows}\n", None, ".")
    plan = planned(str(tmp_path), made, criteria=("mhlw", "mayo"), worklist=True)
    expected = screened(PythonEngine, plan)
    assert expected.text.count("\n") > 10
    assert screened(SparkEngine, plan) == expected


def test_rules_of_which_more_is_asked_than_numbers_have_bits(tmp_path: Path) -> None:
    asked = large_plan(tmp_path, columns=("id", "set0", "set13_level", "warnings", "contradictions"), quiet=True)
    assert screened(SparkEngine, asked).text == screened(PythonEngine, asked).text


def test_several_files_and_patients_without_an_id(tmp_path: Path) -> None:
    """Rows are numbered through all files, rejects within their own; a heading may stand elsewhere in another file."""
    from io import BytesIO

    from poems_cli.screening.options import ScreenOptions, plan_of
    from poems_cli.tables.opening import open_tables
    from poems_cli.tables.table_file import TableOptions
    from tests.property.made_tables import RULES

    Path(tmp_path, "b.csv").write_text("polyneuropathy,papilledema\nyes,no\nmaybe,\n", encoding="utf-8")
    Path(tmp_path, "a.csv").write_text("papilledema,polyneuropathy\n" + "yes,\n" * 5 + "perhaps,no\n", encoding="utf-8")
    asked = ScreenOptions((str(Path(tmp_path, "b.csv")), str(Path(tmp_path, "a.csv"))))
    plan = plan_of(RULES, asked, open_tables(asked.paths, TableOptions(), str(tmp_path), BytesIO()), str(tmp_path))
    expected = screened(PythonEngine, plan)
    assert [(Path(one.file).name, one.row) for one in expected.rejects] == [("b.csv", 2), ("a.csv", 6)]
    assert screened(SparkEngine, plan) == expected
