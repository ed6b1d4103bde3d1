"""The expressions of the rules as SQL."""

from collections.abc import Mapping

from sqlglot import exp

from poems_cli.engine.expressions import OPPOSITES
from poems_cli.engine.table_algebra import TableAlgebra
from poems_cli.model import Asserted, Compare
from poems_cli.sql import logic
from poems_cli.sql.columns import Columns
from poems_cli.sql.table import Inputs, Measured
from poems_cli.tables.unit_scale import ABOVE, AT_LEAST


class SqlAlgebra(TableAlgebra[exp.Expr]):
    """What each operator makes of its operands in SQL, given what the findings are worth."""

    def __init__(self, inputs: Inputs, values: Mapping[str, logic.Term], columns: Columns) -> None:
        super().__init__(logic, values)
        self._inputs = inputs
        self._columns = columns

    def named(self, name: str, term: logic.Term) -> logic.Term:
        """The term as a column under a name, so that it is worked out once."""
        return self._columns.define(name, term)

    def said(self, finding: str) -> logic.Term:
        """What the table says of a finding that is present or absent."""
        return self._inputs.said.get(finding)

    def in_column(self, finding: str) -> logic.Term:
        """Whether the table's own column makes a finding known."""
        if finding in self._inputs.measured:
            return logic.is_known(self._inputs.measured[finding].value)
        return logic.is_known(self._inputs.chosen.get(finding, self.said(finding)))

    def compare(self, node: Compare) -> logic.Term:
        """A quantity against a limit, or a choice against words."""
        if node.operator in OPPOSITES:
            return logic.negated(self.compare(node._replace(operator=OPPOSITES[node.operator])))
        if isinstance(node.limit, tuple):
            chosen = self._inputs.chosen.get(node.finding)
            term = None if chosen is None else logic.among(chosen, node.limit)
            return self._columns.define(f"{node.finding}__is", term)
        measured = self._inputs.measured.get(node.finding)
        term = None if measured is None else _over(node, measured, strict=node.operator == "above")
        return self._columns.define(f"{node.finding}__{node.operator}", term)

    def asserted(self, node: Asserted) -> logic.Term:
        """What was asserted of the finding itself; nothing where a contradiction disputes it: its value is unknown."""
        said = self.said(node.finding)
        return None if said is None else logic.cases((logic.is_known(said), self.values.get(node.finding)))


def _over(node: Compare, measured: Measured, *, strict: bool) -> logic.Term:
    """Whether a value is above the limit (``strict``), or at least it, with the laboratory's own limit where there is one."""
    value = measured.value
    if node.times_upper is not None:
        if measured.high is None:
            return None
        above, reached = (measured.high * logic.number(node.times_upper * factor) for factor in (ABOVE, AT_LEAST))
        return _reasoned(measured, strict, value > above, value >= reached)
    fixed: logic.Term = None
    if isinstance(node.limit, (int, float)):
        is_above: exp.Expr = value > logic.number(node.limit)
        if not measured.scale.is_identity:
            is_above = value >= logic.number(measured.scale.exceeding(node.limit))
        fixed = _reasoned(measured, strict, is_above, value >= logic.number(measured.scale.reaching(node.limit)))
    own = {"low": measured.low, "high": measured.high, None: None}[node.laboratory]
    if own is None:
        return fixed
    return logic.cases((logic.is_known(own), _reasoned(measured, strict, value > own, value >= own)), otherwise=fixed)


def _reasoned(measured: Measured, strict: bool, above: exp.Expr, reached: exp.Expr) -> logic.Term:
    """Whether a value is above a limit, or at least it; unknown where its comparator leaves it open."""
    plain = above if strict else reached
    sign = measured.comparator
    if sign is None:
        return plain
    return logic.cases(
        (logic.is_unknown(sign), plain),
        (logic.among(sign, [">"]), logic.cases((reached, True))),
        (logic.among(sign, [">="]), logic.cases((plain, True))),
        (logic.among(sign, ["<"]), logic.cases((logic.negated(above), False))),
        (logic.among(sign, ["<="]), logic.cases((logic.negated(plain), False))),
    )
