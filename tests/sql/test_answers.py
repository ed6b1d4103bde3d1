"""Every engine gives each row the answer of the engine for single patients, in all columns of the answer."""

from collections.abc import Sequence
from typing import Any

import pytest

from poems_cli.model import Rules
from poems_cli.sql.text import SqlOptions, written_query
from tests.sql.engines import Engine
from tests.sql.patients import Patients, answer_columns, expected, patients, some_findings

ROWS = 60


def answered(table: Patients, engine: Engine, mimics: bool) -> tuple[list[Any], list[Any]]:
    """The rows of the query in the order of their ids, and what they should be."""
    rules = table.rules
    criteria = [rules.default_criteria, *[set_id for set_id in rules.criteria if set_id != rules.default_criteria]]
    names = tuple([column.name for column in answer_columns(rules, criteria, mimics)])
    query = written_query(rules, SqlOptions(engine.dialect, columns=names, findings=tuple(table.names))).text
    rows: Sequence[Sequence[Any]] = engine.run(table, query)
    return sorted(map(tuple, rows), key=lambda row: int(row[0])), expected(table, criteria, mimics)


@pytest.mark.parametrize(("seed", "step", "mimics"), [(1, 12, True), (2, 1000, False)])
def test_duckdb(rules: Rules, duck: Engine, seed: int, step: int, mimics: bool) -> None:
    rows, wanted = answered(patients(rules, seed, some_findings(rules, step), ROWS), duck, mimics)
    assert rows == wanted


def test_duckdb_over_a_table_with_every_finding(rules: Rules, duck: Engine) -> None:
    rows, wanted = answered(patients(rules, 4, list(rules.findings), 20), duck, mimics=True)
    assert rows == wanted


@pytest.mark.parametrize(("step", "mimics"), [(12, True), (1, False)])
def test_postgres(rules: Rules, postgres: Engine, step: int, mimics: bool) -> None:
    rows, wanted = answered(patients(rules, 5, some_findings(rules, step), ROWS), postgres, mimics)
    assert rows == wanted


@pytest.mark.filterwarnings("ignore")
def test_spark(rules: Rules, spark: Engine) -> None:
    rows, wanted = answered(patients(rules, 6, some_findings(rules, 1000), ROWS), spark, mimics=False)
    assert rows == wanted
