"""The engines that must mean the same: every chapter of this folder runs on each of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from poems_cli.engine.assess import assess
from poems_cli.engine.criteria import answer
from poems_cli.engine.findings import resolve
from poems_cli.finding_names import column_name
from poems_cli.model import Contradiction, Group, Rules, Truth
from poems_cli.screening.answer_columns import every_column
from poems_cli.sql import findings as sql_findings
from poems_cli.sql import notices
from poems_cli.sql.query import answers
from poems_cli.sql.terms import condition
from poems_cli.sql.text import Term, string
from poems_cli.sql.words import Spoken, Worder, ids_of_bits
from poems_cli.sql_query import findings as query_findings
from poems_cli.sql_query.answers import Answers
from tests.build import patient
from tests.sql.given import Given, GivenTable
from tests.typed_table import TypedTable


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
        return [resolve(rules, patient(one)).values for one in patients]

    def contradictory(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        return [{one.finding for one in self.contradictions(rules, given)} for given in patients]

    def gray(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        return [set(resolve(rules, patient(one)).gray) for one in patients]

    def warnings(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        return [{notice.id for notice in assess(rules, patient(one)).warnings} for one in patients]

    def verdicts(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Answered]]:
        everyone = [resolve(rules, patient(one)) for one in patients]
        return [{one.id: Answered(*answer(one, facts)[1:3]) for one in rules.criteria.values()} for facts in everyone]

    def contradictions(self, rules: Rules, given: Given) -> tuple[Contradiction, ...]:
        return resolve(rules, patient(given)).contradictions

    def groups(self, rules: Rules, given: Given) -> dict[str, Group]:
        """The groups of the default criteria set, at the level shown."""
        shown = answer(rules.criteria[rules.default_criteria], resolve(rules, patient(given))).shown
        return {group.condition.id: group for group in shown.groups}


class QueryEngine:
    """The SQL of ``poems sql`` in DuckDB, over a table that has a column for what the patients tell and for nothing else.

    What a table lacks folds away before the SQL is written; ``FullQueryEngine`` asks the same of a table that lacks nothing.
    """

    def table(self, rules: Rules, patients: Sequence[Given]) -> GivenTable:
        return GivenTable(rules, patients)

    def values(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Truth]]:
        table = self.table(rules, patients)
        values = query_findings.resolve(rules, table.inputs, table.columns).values
        return [dict(zip(values, row, strict=True)) for row in table.ask(list(values.items()))]

    def contradictory(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        table = self.table(rules, patients)
        return list(map(set, table.held(query_findings.resolve(rules, table.inputs, table.columns).contradictory)))

    def gray(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        table = self.table(rules, patients)
        return list(map(set, table.held(query_findings.resolve(rules, table.inputs, table.columns).gray)))

    def warnings(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        return [set(filter(None, (row[0] or "").split(";"))) for row in self._ask(rules, patients, ["warnings"])]

    def verdicts(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Answered]]:
        names = [column_name(set_id) for set_id in rules.criteria]
        levelled = [f"{name}_level" for name, one in zip(names, rules.criteria.values(), strict=True) if len(one.levels) > 1]
        found = []
        for row in self._ask(rules, patients, [*names, *levelled]):
            said = dict(zip([*names, *levelled], row, strict=True))
            levels = {}
            for name, one in zip(names, rules.criteria.values(), strict=True):
                # A set with one level has no column for it: that level is met where the set is.
                only = one.levels[0].id if said[name] == "met" else None
                levels[name] = said.get(f"{name}_level", only)
            found.append({one: Answered(said[name], levels[name]) for one, name in zip(rules.criteria, names, strict=True)})
        return found

    def _ask(self, rules: Rules, patients: Sequence[Given], names: Sequence[str]) -> list[tuple[Any, ...]]:
        table = self.table(rules, patients)
        answers = Answers(rules, list(rules.criteria), table.inputs, table.columns)
        columns = {one.name: one for one in every_column(rules, list(rules.criteria))}
        return table.ask([(name, answers.tree(columns[name])) for name in names])


class FullQueryEngine(QueryEngine):
    """The same over a table with a column for every finding."""

    def table(self, rules: Rules, patients: Sequence[Given]) -> GivenTable:
        return GivenTable(rules, patients, list(rules.findings))


class SqlEngine:
    """The SQL of ``poems screen`` on DuckDB, over a table that has a column for what the patients tell and for nothing else.

    What a table lacks folds away before the SQL is written; ``FullSqlEngine`` asks the same of a table that lacks nothing.
    ``in_rails`` is the form in which ``poems screen`` asks DuckDB; without it the truths stand as ``poems sql`` prints them.
    """

    in_rails = False

    def table(self, rules: Rules, patients: Sequence[Given]) -> TypedTable:
        return TypedTable(rules, patients, in_rails=self.in_rails)

    def values(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Truth]]:
        table = self.table(rules, patients)
        values = sql_findings.resolve(rules, table.inputs, table.stages).values
        return [dict(zip(values, row, strict=False)) for row in table.ask(list(values.values()))]

    def contradictory(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        table = self.table(rules, patients)
        return _held(table, sql_findings.resolve(rules, table.inputs, table.stages).contradictory)

    def gray(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        table = self.table(rules, patients)
        return _held(table, sql_findings.resolve(rules, table.inputs, table.stages).gray)

    def warnings(self, rules: Rules, patients: Sequence[Given]) -> list[set[str]]:
        table = self.table(rules, patients)
        masks = notices.warnings(rules, sql_findings.resolve(rules, table.inputs, table.stages), table.stages)
        if isinstance(masks.value, int):
            return [set(masks.ids_of(masks.value)) for _ in patients]
        return [set(masks.ids_of(mask)) for (mask,) in table.ask([masks.value])]

    def verdicts(self, rules: Rules, patients: Sequence[Given]) -> list[Mapping[str, Answered]]:
        table = self.table(rules, patients)
        columns = [one for one in every_column(rules, list(rules.criteria)) if one.kind in ("verdict", "level")]
        answered = answers(rules, list(rules.criteria), columns, table.inputs, table.stages)
        worder = Worder(answered, rules.default_criteria, Spoken(lambda _: None, lambda _: None, ids_of_bits))
        only = {set_id: one.levels[0][0] for set_id, one in answered.sets.items() if len(one.levels) == 1}
        kept = [(one.criteria, one.kind, worder.sql(one)) for one in columns]
        kept += [(set_id, "level", _named_where_met(answered.sets[set_id].verdict, name)) for set_id, name in only.items()]
        found = []
        for row in table.ask([sql for *_, sql in kept]):
            by_place = {(set_id, kind): value for (set_id, kind, _), value in zip(kept, row, strict=True)}
            found.append({one: Answered(by_place[one, "verdict"], by_place[one, "level"]) for one in rules.criteria})
        return found


def _held(table: TypedTable, terms: Mapping[str, Term]) -> list[set[str]]:
    """The names of the terms that hold, of each patient."""
    return [{name for name, value in zip(terms, row, strict=False) if value} for row in table.ask(list(terms.values()))]


def _named_where_met(verdict: Term, level: str) -> str:
    """The only level of a set, which has no column of its own: it stands wherever the set is met."""
    return f"CASE WHEN {condition(verdict).sql} THEN {string(level)} END"


class FullSqlEngine(SqlEngine):
    """The same over a table with a column for every finding."""

    def table(self, rules: Rules, patients: Sequence[Given]) -> TypedTable:
        return TypedTable(rules, patients, list(rules.findings), in_rails=self.in_rails)


class RailsEngine(SqlEngine):
    """The same with truths as two bytes each."""

    in_rails = True


class FullRailsEngine(FullSqlEngine):
    """The same over a table with a column for every finding."""

    in_rails = True
