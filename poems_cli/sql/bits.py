"""Truths as the numbers 1 and 0, for an engine that has conditions but no truths to keep in a column (T-SQL).

A condition may then stand only where one is asked for: behind ``WHEN``, ``AND``, ``OR`` and ``NOT``. Everywhere else stands a
number; ``NULL`` is unknown in both. sqlglot is heavy: import this module only to write SQL.
"""

from collections.abc import Collection
from typing import TypeAlias

from sqlglot import exp

#: An expression as sqlglot holds it.
Tree: TypeAlias = exp.Expr

_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Is, exp.Between, exp.RegexpLike, exp.IsNan)
_JOINED = (exp.And, exp.Or, exp.Not)


def is_truth(tree: Tree, truths: Collection[str]) -> bool:
    """Whether an expression says true or false; ``truths`` are the columns that do."""
    match tree:
        case exp.Boolean():
            return True
        case exp.Column():
            return tree.name in truths
        case exp.Paren():
            return is_truth(tree.this, truths)
        case exp.Case():
            return any(is_truth(one, truths) for one in _results(tree))
        case exp.Coalesce():
            return any(is_truth(one, truths) for one in (tree.this, *tree.expressions))
        case exp.Nullif():
            return is_truth(tree.this, truths)
        case _:
            return isinstance(tree, (*_COMPARED, *_JOINED))


def in_bits(tree: Tree, truths: Collection[str]) -> Tree:
    """An expression as a value: a truth as 1 or 0."""
    if isinstance(tree, exp.Boolean):
        return exp.Literal.number(int(tree.this))
    if isinstance(tree, (*_COMPARED, *_JOINED)):
        holds = _condition(tree, truths)
        if isinstance(tree, (exp.Is, exp.IsNan)):
            return exp.Case(ifs=[exp.If(this=holds, true=_bit(1))], default=_bit(0))
        fails = exp.Not(this=exp.Paren(this=holds.copy()))
        return exp.Case(ifs=[exp.If(this=holds, true=_bit(1)), exp.If(this=fails, true=_bit(0))])
    if isinstance(tree, exp.Case) and tree.this is None:
        cases = [exp.If(this=_condition(one.this, truths), true=in_bits(one.args["true"], truths)) for one in tree.args["ifs"]]
        default = tree.args.get("default")
        return exp.Case(ifs=cases, default=None if default is None else in_bits(default, truths))
    return _inside(tree, truths)


def _condition(tree: Tree, truths: Collection[str]) -> Tree:
    """An expression as a condition, as it stands behind ``WHEN``."""
    match tree:
        case exp.Paren():
            return exp.Paren(this=_condition(tree.this, truths))
        case exp.Not():
            return exp.Not(this=_condition(tree.this, truths))
        case exp.And() | exp.Or():
            return tree.__class__(this=_condition(tree.this, truths), expression=_condition(tree.expression, truths))
        case exp.Boolean():
            return exp.EQ(this=_bit(1), expression=_bit(int(tree.this)))
        case _ if isinstance(tree, _COMPARED):
            return _inside(tree, truths)
        case _:
            return exp.EQ(this=in_bits(tree, truths), expression=_bit(1))


def _inside(tree: Tree, truths: Collection[str]) -> Tree:
    """The same expression with everything in it as values."""
    inside = tree.copy()
    for child in list(inside.iter_expressions()):
        if not isinstance(child, (exp.Identifier, exp.DataType)):
            child.replace(in_bits(child, truths))
    return inside


def _results(tree: exp.Case) -> list[Tree]:
    default = tree.args.get("default")
    return [*[one.args["true"] for one in tree.args["ifs"]], *([default] if default is not None else [])]


def _bit(number: int) -> Tree:
    return exp.Literal.number(number)
