"""The SQL of random rules gives the answers of single patients: each kind of expression, wherever it may occur."""

import pytest
from hypothesis import given, settings

from poems_cli.engine.answer_columns import every_column
from poems_cli.engine.findings import Resolver
from poems_cli.errors import PoemsError
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Binds,
    Known,
    Not,
    Observed,
    Present,
)
from poems_cli.sql import states
from poems_cli.sql.answers import Answers
from tests.build import patient
from tests.property.small_rules import RulesAndPatients, criteria_set, small_rules
from tests.property.trees import FOREST
from tests.row_answer import RowAnswerer
from tests.sql.given import GivenTable


@settings(max_examples=40, derandomize=True)
@given(small_rules())
def test_findings(small: RulesAndPatients) -> None:
    """Values, contradictions and gray zones."""
    table = GivenTable(small.rules, small.patients, small.columns)
    resolved = table.resolved(small.rules)
    values, disputed, gray = table.ask(list(resolved.values.items())), *map(table.held, (resolved.contradictory, resolved.gray))
    resolver = Resolver(small.rules)
    for place, observed in enumerate(small.patients):
        facts = resolver.resolve(patient(observed))
        known = dict(zip(resolved.values, values[place], strict=True))
        assert {name: value for name, value in known.items() if value is not None} == {
            name: value for name, value in facts.values.items() if value is not None
        }
        assert disputed[place] == [contradiction.finding for contradiction in facts.contradictions]
        assert gray[place] == list(facts.gray)


@settings(max_examples=40, derandomize=True)
@given(small_rules())
def test_answers(small: RulesAndPatients) -> None:
    """Verdicts, levels, the counts of every condition, warnings, and how far the default set is from met."""
    rules, criteria = small.rules, list(small.rules.criteria)
    columns = [column for column in every_column(rules, criteria) if column.kind != "id"]
    table = GivenTable(rules, small.patients, small.columns)
    answers = Answers(rules, criteria, table.inputs, table.columns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(states, "MOST_STATES", 100)  # more take long to work out
        try:
            answers.tree(next(column for column in columns if column.kind == "steps"))
        except PoemsError:
            columns = [column for column in columns if column.kind not in ("steps", "test")]
    rows = table.ask([(column.name, answers.tree(column)) for column in columns])
    answerer = RowAnswerer(rules, criteria, mimics=False)
    for observed, row in zip(small.patients, rows, strict=True):
        expected = answerer.answer(observed)
        assert dict(zip(columns, row, strict=True)) == {column: expected.value(column, None, 0) for column in columns}


def test_expressions_of_two_kinds_with_the_same_content_are_distinguished() -> None:
    """The program's records are tuples: all of a and b equals any of a and b, and asserted equals present."""
    a, b, skin = Present("a"), Present("b"), Present("skin")
    levels = [All((All((a, b)), skin)), All((AnyOf((a, b)), Asserted("skin"))), All((Known("skin"), AtLeast(1, (a, b))))]
    rules = FOREST._replace(criteria={"default": criteria_set("default", levels)}, default_criteria="default")
    patients: list[dict[str, Observed]] = [{"a": True, "b": False, "hair": True}, {"a": True, "skin": True}, {"b": True}]
    table = GivenTable(rules, patients)
    columns = [column for column in every_column(rules, ["default"]) if column.kind != "id"]
    answers = Answers(rules, ["default"], table.inputs, table.columns)
    rows = table.ask([(column.name, answers.tree(column)) for column in columns])
    answerer = RowAnswerer(rules, ["default"], mimics=False)
    assert rows == [
        tuple([answerer.answer(patient_values).value(column, None, 0) for column in columns]) for patient_values in patients
    ]


def test_a_definition_is_not_confused_with_its_opposite_when_two_kinds_have_the_same_content() -> None:
    definition = Binds(Present("skin"), Not(Asserted("skin")))
    findings = {**FOREST.findings, "first": FOREST.findings["a"]._replace(id="first", definition=definition)}
    rules = FOREST._replace(findings=findings, order=(*FOREST.order, "first"))
    patients: list[dict[str, Observed]] = [{"hair": True}, {"skin": False}, {"skin": True}, {}]
    table = GivenTable(rules, patients)
    resolved = table.resolved(rules)
    values = [Resolver(rules).resolve(patient(observed)).values.get("first") for observed in patients]
    assert [row[0] for row in table.ask([("first", resolved.values["first"])])] == values
