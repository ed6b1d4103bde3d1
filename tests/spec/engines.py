"""The engines that must mean the same: every chapter of this folder runs on each of them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from poems_cli.arrays.answers import set_values
from poems_cli.arrays.columns import COMPARATORS, Columns, Numbers, Words
from poems_cli.arrays.expressions import Translator
from poems_cli.arrays.planes import Truths, packed, unpacked
from poems_cli.arrays.program import Program, Result, Value
from poems_cli.engine.answer_columns import every_column
from poems_cli.engine.assess import assess
from poems_cli.engine.criteria import answer, verdict_of
from poems_cli.engine.findings import resolve
from poems_cli.engine.table_findings import Resolved, warnings_of
from poems_cli.engine.table_findings import resolve as resolve_table
from poems_cli.finding_names import column_name
from poems_cli.model import Contradiction, Group, Quantity, Rules, Truth
from poems_cli.sql.answers import Answers
from poems_cli.tables.columns import Column
from poems_cli.tables.unit_scale import Scale
from tests.build import patient
from tests.sql.given import Given, GivenTable


class Answered(NamedTuple):
    """What an engine says of one patient and one criteria set."""

    verdict: str
    level: str | None


class Engine(Protocol):
    """Everything takes many patients at once, as an engine over tables does."""

    def values(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Truth]]:
        """Each boolean finding's value after definitions and implications; what is missing is unknown."""

    def contradictory(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        """The findings whose asserted and derived values are both known and differ."""

    def gray(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        """The findings whose numbers are known and bind neither way."""

    def warnings(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        """The warnings of the rules that hold."""

    def verdicts(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Answered]]:
        """Verdict and level of every criteria set."""


class PythonEngine:
    """The engine of ``poems check``. What only it can tell (traces, groups) has methods of its own."""

    def values(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Truth]]:
        return [resolve(rules, patient(observed)).values for observed in patients]

    def contradictory(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        return [{contradiction.finding for contradiction in self.contradictions(rules, given)} for given in patients]

    def gray(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        return [set(resolve(rules, patient(observed)).gray) for observed in patients]

    def warnings(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        return [{notice.id for notice in assess(rules, patient(observed)).warnings} for observed in patients]

    def verdicts(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Answered]]:
        everyone = [resolve(rules, patient(observed)) for observed in patients]
        return [
            {criteria.id: Answered(*answer(criteria, facts)[1:3]) for criteria in rules.criteria.values()} for facts in everyone
        ]

    def contradictions(self, rules: Rules, given: Given) -> tuple[Contradiction, ...]:
        return resolve(rules, patient(given)).contradictions

    def groups(self, rules: Rules, given: Given) -> dict[str, Group]:
        """The groups of the default criteria set, at the level shown."""
        shown = answer(rules.criteria[rules.default_criteria], resolve(rules, patient(given))).shown
        return {group.condition.id: group for group in shown.groups}


class ArraysEngine:
    """The engine of ``poems screen``, over a table that has a column for what the patients tell and for nothing else.

    What a table lacks folds away before it is asked; ``FullArraysEngine`` asks the same of a table that lacks nothing.
    """

    def findings(self, rules: Rules, patients: Sequence[Given]) -> list[str]:
        return list(dict.fromkeys(finding for observed in patients for finding in observed))

    def resolved(self, rules: Rules, patients: Sequence[Given]) -> tuple[Program, Translator, Resolved[Result], Columns]:
        findings = self.findings(rules, patients)
        kinds = {finding.id: finding.kind for finding in rules.findings.values()}
        program = Program()
        translator = Translator(program, {finding: Column(finding, finding) for finding in findings}, kinds, {})
        resolution = resolve_table(rules, translator)
        return program, translator.with_values(resolution.values), resolution, columns_of(rules, findings, patients)

    def truths_of(self, program: Program, columns: Columns, values: Mapping[str, Value]) -> list[Mapping[str, Truth]]:
        program.keep(values.values())
        run = program.run(columns)
        return [{name: _truth(run.truths(value), row) for name, value in values.items()} for row in range(columns.rows)]

    def values(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Truth]]:
        program, _, resolution, columns = self.resolved(rules, patients)
        return self.truths_of(program, columns, resolution.values)

    def contradictory(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        program, _, resolution, columns = self.resolved(rules, patients)
        return [_held(row) for row in self.truths_of(program, columns, resolution.contradictory)]

    def gray(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        program, _, resolution, columns = self.resolved(rules, patients)
        return [_held(row) for row in self.truths_of(program, columns, resolution.gray)]

    def warnings(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        program, translator, resolution, columns = self.resolved(rules, patients)
        noted = warnings_of(rules, translator, resolution)
        return [_held(row) for row in self.truths_of(program, columns, noted)]

    def verdicts(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Answered]]:
        program, translator, _, columns = self.resolved(rules, patients)
        sets = {set_id: set_values(criteria, translator) for set_id, criteria in rules.criteria.items()}
        asked = {
            (set_id, level): value for set_id, result in sets.items() for level, value in (("", result.verdict), *result.levels)
        }
        verdicts = []
        for row in self.truths_of(program, columns, asked):
            answers = {}
            for set_id, result in sets.items():
                level = next((level for level, _ in result.levels if row[set_id, level]), None)
                answers[set_id] = Answered(verdict_of(row[set_id, ""]), level)
            verdicts.append(answers)
        return verdicts


class FullArraysEngine(ArraysEngine):
    """The same over a table with a column for every finding."""

    def findings(self, rules: Rules, patients: Sequence[Given]) -> list[str]:
        return list(rules.findings)


def _held(row: Mapping[str, Truth]) -> set[str]:
    return {name for name, value in row.items() if value}


def _truth(truths: Truths, row: int) -> Truth:
    both = [bool(unpacked(plane, row + 1)[row]) for plane in (truths.true, truths.false)]
    assert both != [True, True]
    return True if both[0] else False if both[1] else None


def columns_of(rules: Rules, findings: Sequence[str], patients: Sequence[Given]) -> Columns:
    """What the patients say, as columns of a table in canonical units."""
    columns = Columns(len(patients), {}, {}, {})
    for name in findings:
        finding, given = rules.findings[name], [observed.get(name) for observed in patients]
        known = packed(np.array([value is not None for value in given], np.bool_))
        if finding.kind == "boolean":
            true = packed(np.array([value is True for value in given], np.bool_))
            columns.said[name] = Truths(true, known & ~true)
        elif finding.kind == "choice":
            words = {str(value) for value in given if value is not None}
            rows = {word: packed(np.array([value == word for value in given], np.bool_)) for word in words}
            columns.chosen[name] = Words(rows, known)
        else:
            quantities = [value if isinstance(value, Quantity) else Quantity(math.nan, "") for value in given]
            numbers = [
                np.array([float("nan") if number is None else number for number in numbers])
                for numbers in zip(*[(quantity.value, quantity.low, quantity.high) for quantity in quantities], strict=True)
            ]
            signs = np.array([COMPARATORS.index(quantity.comparator or "") for quantity in quantities], np.uint8)
            columns.measured[name] = Numbers(numbers[0], known, Scale(1, 0, None), signs, numbers[1], numbers[2])
    return columns


class QueryEngine:
    """The SQL of ``poems sql`` in DuckDB, over a table that has a column for what the patients tell and for nothing else.

    What a table lacks folds away before the SQL is written; ``FullQueryEngine`` asks the same of a table that lacks nothing.
    """

    def table(self, rules: Rules, patients: Sequence[Given]) -> GivenTable:
        return GivenTable(rules, patients)

    def values(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Truth]]:
        table = self.table(rules, patients)
        values = table.resolved(rules).values
        return [dict(zip(values, row, strict=True)) for row in table.ask(list(values.items()))]

    def contradictory(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        table = self.table(rules, patients)
        return list(map(set, table.held(table.resolved(rules).contradictory)))

    def gray(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        table = self.table(rules, patients)
        return list(map(set, table.held(table.resolved(rules).gray)))

    def warnings(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        return [set(filter(None, (row[0] or "").split(";"))) for row in self._ask(rules, patients, ["warnings"])]

    def verdicts(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Answered]]:
        names = [column_name(set_id) for set_id in rules.criteria]
        levelled = [
            f"{name}_level" for name, criteria in zip(names, rules.criteria.values(), strict=True) if len(criteria.levels) > 1
        ]
        verdicts = []
        for row in self._ask(rules, patients, [*names, *levelled]):
            cells = dict(zip([*names, *levelled], row, strict=True))
            levels = {}
            for name, criteria in zip(names, rules.criteria.values(), strict=True):
                # A set with one level has no column for it: that level is met where the set is.
                only = criteria.levels[0].id if cells[name] == "met" else None
                levels[name] = cells.get(f"{name}_level", only)
            verdicts.append(
                {set_id: Answered(cells[name], levels[name]) for set_id, name in zip(rules.criteria, names, strict=True)}
            )
        return verdicts

    def _ask(self, rules: Rules, patients: Sequence[Given], names: Sequence[str]) -> list[tuple[Any, ...]]:
        table = self.table(rules, patients)
        answers = Answers(rules, list(rules.criteria), table.inputs, table.columns)
        columns = {column.name: column for column in every_column(rules, list(rules.criteria))}
        return table.ask([(name, answers.tree(columns[name])) for name in names])


class FullQueryEngine(QueryEngine):
    """The same over a table with a column for every finding."""

    def table(self, rules: Rules, patients: Sequence[Given]) -> GivenTable:
        return GivenTable(rules, patients, list(rules.findings))
