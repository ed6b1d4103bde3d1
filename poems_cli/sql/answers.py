"""Everything that is answered of a row, as SQL: verdicts, levels, counts, steps, warnings, red flags, mimics."""

from collections.abc import Mapping, Sequence
from functools import reduce

from sqlglot import exp

from poems_cli.engine.answer_columns import AnswerColumn, condition_names
from poems_cli.engine.criteria import conditions
from poems_cli.engine.table_findings import Resolved, resolve, warnings_of
from poems_cli.finding_names import column_name
from poems_cli.model import LABEL, All, AnyOf, AtLeast, CriteriaSet, Rules, Score
from poems_cli.sql import logic
from poems_cli.sql.columns import Columns
from poems_cli.sql.expressions import SqlAlgebra
from poems_cli.sql.mimics import Mimics
from poems_cli.sql.states import States
from poems_cli.sql.table import Inputs


class Answers:
    """The columns of the answer over one table."""

    def __init__(self, rules: Rules, criteria: Sequence[str], inputs: Inputs, columns: Columns) -> None:
        """The first of the ``criteria`` is the default set."""
        self._rules = rules
        self._inputs = inputs
        self._columns = columns
        algebra = SqlAlgebra(inputs, {}, columns)
        self._resolved: Resolved[exp.Expr] = resolve(rules, algebra)
        self._algebra = algebra.with_values(self._resolved.values)
        self._sets = {set_id: self._levels(rules.criteria[set_id]) for set_id in criteria}
        self._default = criteria[0]
        self._states: States | None = None
        self._mimics: Mimics | None = None

    def tree(self, column: AnswerColumn) -> exp.Expr:
        """The SQL of a column; the id is the caller's. Raises :class:`PoemsError` for steps and tests that cannot be listed."""
        match column.kind:
            case "verdict":
                return logic.written(_in_words(self._verdict(column.criteria)))
            case "level":
                return _text(logic.cases(*[(value, logic.string(level)) for level, value in self._sets[column.criteria]]))
            case "present" | "unknown":
                return self._count(column)
            case "steps" | "test":
                return self._next(column)
            case "red_flags":
                return _ids(self._red_flags())
            case "warnings":
                noted = warnings_of(self._rules, self._algebra, self._resolved)
                return _ids(noted)
            case "contradictions":
                return _ids(self._resolved.contradictory)
            case "not_understood":
                return logic.counted(self._inputs.not_understood, True)
            case _:
                self._mimics = self._mimics or Mimics(self._rules, self._algebra, self._columns)
                return self._mimics.tree(column.place)

    def _levels(self, criteria: CriteriaSet) -> list[tuple[str, logic.Term]]:
        """The value of each level, from the highest down."""
        name = column_name(criteria.id)
        terms = [(level.id, self._algebra.value(level.expression)) for level in criteria.levels]
        return [(level, self._columns.define(f"{name}__{column_name(level)}", term)) for level, term in terms]

    def _verdict(self, criteria: str) -> logic.Term:
        verdict = logic.some([value for _, value in self._sets[criteria]])
        return self._columns.define(f"{column_name(criteria)}__verdict", verdict)

    def _count(self, column: AnswerColumn) -> exp.Expr:
        """How many elements of a condition are present, or unknown."""
        criteria = self._rules.criteria[column.criteria]
        condition = [part for level in criteria.levels for part in conditions(level.expression)][column.place]
        elements = condition.children if isinstance(condition, All | AnyOf | AtLeast | Score) else (condition,)
        name = condition_names(criteria)[column.place]
        terms = [self._columns.define(f"{name}__element", self._algebra.value(element)) for element in elements]
        return logic.counted(terms, True if column.kind == "present" else None)

    def _next(self, column: AnswerColumn) -> exp.Expr:
        """The steps to met, or the test to begin with."""
        if self._states is None:
            self._states = States(self._rules, self._rules.criteria[self._default], self._algebra, self._columns)
        answer = self._states.answer(column.kind)
        return exp.cast(logic.written(answer), "INT") if column.kind == "steps" else _text(answer)

    def _red_flags(self) -> Mapping[str, logic.Term]:
        """The red flags that hold of a row with one of their labels."""
        label = self._inputs.chosen.get(LABEL)
        if label is None:
            return {}
        noted: dict[str, logic.Term] = {}
        for flag in self._rules.red_flags:
            labels = [name for name in flag.labels if name in self._rules.labels]
            noted[flag.id] = logic.every([logic.among(label, labels), self._algebra.value(flag.when)])
        return noted


def _in_words(verdict: logic.Term) -> logic.Term:
    met, not_met, undetermined = map(logic.string, ("met", "not met", "undetermined"))
    return logic.cases((verdict, met), (logic.negated(verdict), not_met), otherwise=undetermined)


def _text(term: logic.Term) -> exp.Expr:
    """A word; NULL alone has a type of its own, or a column of it would have none."""
    return term if logic.is_open(term) else exp.cast(exp.null(), "TEXT")


def _ids(noted: Mapping[str, logic.Term]) -> exp.Expr:
    """The ids that hold, joined by semicolons; NULL where there are none."""
    nothing = logic.string("")
    possible = [(name, term) for name, term in noted.items() if True in logic.values_of(term)]
    words = [logic.written(logic.cases((term, logic.string(f";{name}")), otherwise=nothing)) for name, term in possible]
    if not words:
        return _text(None)
    joined = reduce(lambda left, right: exp.DPipe(this=left, expression=right), words)
    return exp.Nullif(this=exp.Substring(this=joined, start=logic.whole(2)), expression=nothing)
