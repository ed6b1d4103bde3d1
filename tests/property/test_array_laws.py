"""Random rules over columns give the answers of single patients: each kind of expression, wherever it may occur."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given, settings

from poems_cli.arrays.answers import Answerer, Asked
from poems_cli.engine.answer_columns import every_column
from poems_cli.engine.findings import Resolver
from poems_cli.model import (
    Rules,
    Truth,
)
from poems_cli.tables.columns import Column
from tests.build import patient
from tests.build import small_rules as rules_of
from tests.property.small_rules import RulesAndPatients, small_rules
from tests.row_answer import RowAnswerer
from tests.spec.engines import ArraysEngine, columns_of


@settings(max_examples=60)
@given(small_rules())
def test_findings(small: RulesAndPatients) -> None:
    """Values, contradictions and gray zones."""
    engine = _Columns(small.columns)
    resolver = Resolver(small.rules)
    everyone = [resolver.resolve(patient(observed)) for observed in small.patients]
    for facts, values in zip(everyone, engine.values(small.rules, small.patients), strict=True):
        assert _known(values) == _known(facts.values)
    contradictory = [[contradiction.finding for contradiction in facts.contradictions] for facts in everyone]
    assert engine.contradictory(small.rules, small.patients) == [set(findings) for findings in contradictory]
    assert engine.gray(small.rules, small.patients) == [set(facts.gray) for facts in everyone]


class _Columns(ArraysEngine):
    """The array engine over a table with some columns."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns

    def findings(self, rules: Rules, patients: Sequence[Mapping[str, Any]]) -> list[str]:
        return list(self._columns)


def _known(values: Mapping[str, Truth]) -> dict[str, Truth]:
    return {name: value for name, value in values.items() if value is not None}


@settings(max_examples=60)
@given(small_rules())
def test_answers(small: RulesAndPatients) -> None:
    """Verdicts, levels, the counts of every condition, warnings, and how far the default set is from met."""
    rules = small.rules
    criteria = tuple(rules.criteria)
    columns = tuple([column for column in every_column(rules, criteria) if column.kind != "id"])
    table = [Column(name, name, rules.findings[name].unit) for name in small.columns]
    answerer = Answerer(rules, table, Asked(criteria, columns))
    answer_columns = answerer.answered(columns_of(rules, small.columns, small.patients)).columns
    rows = [
        dict(zip(answer_columns, row, strict=True))
        for row in zip(*[cells.to_pylist() for cells in answer_columns.values()], strict=True)
    ]
    by_row = RowAnswerer(rules, criteria, mimics=False)
    for observed, row in zip(small.patients, rows, strict=True):
        expected = by_row.answer(observed)
        is_open = expected.verdict("default") is None
        for column in columns:
            if column.kind not in ("steps", "test") or is_open:
                assert row[column.name] == expected.value(column, None, 0)


def test_an_element_that_binds_one_way_each_is_open_until_it_binds() -> None:
    met = {"present_when": {"any": ["a", "b"]}, "absent_when": {"all": [{"not": "a"}, {"not": "b"}]}}
    rules = rules_of(["a", "b"], met, tests={"look": {"answers": ["a"]}, "sample": {"answers": ["b"], "cost": 1}})
    columns = tuple([column for column in every_column(rules, ("set",)) if column.kind == "test"])
    answerer = Answerer(rules, [Column(name, name) for name in ("a", "b")], Asked(("set",), columns))
    [test_column] = answerer.answered(columns_of(rules, ["a", "b"], [{"a": False}, {}, {"b": False}])).columns.values()
    assert test_column.to_pylist() == ["sample", "look", "look"]
