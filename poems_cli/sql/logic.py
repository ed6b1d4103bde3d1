"""Three values in SQL, in which NULL is unknown, made of sqlglot's expressions; what is the same for every row is a constant.

A table seldom has a column for every finding. One that it lacks is unknown for every patient, so that most of a rules file
folds away before anything is written. ``AND``, ``OR`` and ``NOT`` are Kleene's own; the rest is ``CASE``, in which an unknown
condition does not hold. sqlglot is heavy: only ``poems sql`` imports this package.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add
from typing import TypeAlias, TypeGuard, cast

from sqlglot import exp

from poems_cli.engine.logic import score as score_of
from poems_cli.model import Truth

#: A truth that is the same for every row, or the expression for it. An expression may also be a number or a word.
Term: TypeAlias = Truth | exp.Expr
Values: TypeAlias = frozenset[Truth]

string = exp.Literal.string
whole = exp.Literal.number

_VALUES = "truths"  # where an expression keeps the truths that it can come to
_ANY: Values = frozenset((True, False, None))
_KNOWN: Values = frozenset((True, False))


def is_open(term: Term) -> TypeGuard[exp.Expr]:
    """Whether a term differs from row to row."""
    return isinstance(term, exp.Expr)


def values_of(term: Term) -> Values:
    """The truths that a term can come to: what can never be present contradicts nothing, and so folds away."""
    return term.meta.get(_VALUES, _ANY) if isinstance(term, exp.Expr) else frozenset([term])


def with_values(tree: exp.Expr, values: Values) -> Term:
    """A truth that can come to these values: a constant if there is but one."""
    if len(values) == 1:
        return next(iter(values))
    tree.meta[_VALUES] = values
    return tree


def written(term: Term) -> exp.Expr:
    """A term as an expression, constants too."""
    return term if is_open(term) else exp.null() if term is None else exp.Boolean(this=term)


def number(value: float) -> exp.Expr:
    """A number as a literal of the same double: with an exponent, so that no engine takes it for a decimal."""
    shown = repr(abs(float(value)))
    literal = whole(shown if "e" in shown else f"{shown}e0")
    return exp.Neg(this=literal) if value < 0 else literal


def operand(term: exp.Expr) -> exp.Expr:
    """An expression in parentheses where an operator next to it could take a part of it."""
    stands_alone = isinstance(term, (exp.Column, exp.Literal, exp.Paren, exp.Null, exp.Boolean, exp.Func))
    return term if stands_alone and not isinstance(term, exp.Connector) else exp.Paren(this=term)


def negated(term: Term) -> Term:
    """Kleene's not."""
    if not is_open(term):
        return None if term is None else not term
    turned = term.this.unnest() if isinstance(term, exp.Not) else exp.Not(this=operand(term))
    return with_values(turned, frozenset([None if value is None else not value for value in values_of(term)]))


def every(terms: Iterable[Term]) -> Term:
    """Kleene's and."""
    return _joined(list(terms), deciding=False)


def some(terms: Iterable[Term]) -> Term:
    """Kleene's or."""
    return _joined(list(terms), deciding=True)


def _joined(terms: Sequence[Term], deciding: bool) -> Term:
    if any(term is deciding for term in terms):
        return deciding
    distinct: list[Term] = list(dict.fromkeys(filter(is_open, terms)))
    if any(term is None for term in terms):  # then only what can decide makes a difference
        distinct = [*[term for term in distinct if deciding in values_of(term)], None]
        if len(distinct) == 2 and (not deciding) not in values_of(distinct[0]):
            distinct.pop()
    if not distinct:
        return not deciding
    if len(distinct) == 1:
        return distinct[0]
    each = list(map(values_of, distinct))
    values: set[Truth] = {deciding} if any(deciding in possible for possible in each) else set()
    values |= {not deciding} if all((not deciding) in possible for possible in each) else set()
    values |= (
        {None} if all(possible != {deciding} for possible in each) and any(None in possible for possible in each) else set()
    )
    kind = exp.Or if deciding else exp.And
    operands = [operand(written(term)) for term in distinct]
    return with_values(reduce(lambda left, right: kind(this=left, expression=right), operands), frozenset(values))


def is_unknown(term: exp.Expr) -> exp.Expr:
    """Whether a truth, a number or a word is unknown."""
    tree = exp.Is(this=operand(term), expression=exp.null())
    tree.meta[_VALUES] = _KNOWN
    return tree


def is_known(term: Term) -> Term:
    """Whether a truth, a number or a word is known."""
    if None not in values_of(term):
        return True
    return negated(is_unknown(term)) if is_open(term) else False


def holds(term: Term) -> Term:
    """Whether a truth is surely true: false also where it is unknown."""
    if not is_open(term) or True not in values_of(term):
        return term is True
    return first_known(term, False)


def both(first: Term, second: Term) -> Term:
    """Whether two truths are surely true."""
    return holds(every([first, second]))


def first_known(first: Term, second: Term) -> Term:
    """The first term where it is known, else the second."""
    if first is None or second is None or None not in values_of(first):
        return second if first is None else first
    values = (values_of(first) - {None}) | values_of(second)
    return with_values(exp.Coalesce(this=written(first), expressions=[written(second)]), values)


def differ(first: Term, second: Term) -> Term:
    """Whether two terms are known and not the same; false where either is unknown."""
    ours, theirs = values_of(first) - {None}, values_of(second) - {None}
    if not ours or not theirs or (ours == theirs and len(ours) == 1):
        return False
    if is_open(first) and is_open(second):
        return holds(exp.NEQ(this=operand(first), expression=operand(second)))
    value, constant = (first, second) if is_open(first) else (second, first)
    return holds(negated(value) if constant else value)


def unless(term: Term, unknown_where: Term) -> Term:
    """A term, but unknown where something holds."""
    return cases((unknown_where, None), otherwise=term)


def cases(*branches: tuple[Term, Term], otherwise: Term = None) -> Term:
    """The value of the first branch whose condition is true; ``otherwise`` where none is."""
    kept: list[tuple[exp.Expr, Term]] = []
    for condition, value in branches:
        if values_of(condition) == {True}:
            otherwise = value
            break
        if is_open(condition) and True in values_of(condition):
            kept.append((condition, value))
    while kept and kept[-1][1] == otherwise:
        kept.pop()
    if not kept:
        return otherwise
    values: Values = frozenset().union(*[values_of(value) for _, value in kept], values_of(otherwise))
    ifs = [exp.If(this=condition, true=written(value)) for condition, value in kept]
    return with_values(exp.Case(ifs=ifs, default=None if otherwise is None else written(otherwise)), values)


def among(term: exp.Expr, words: Iterable[str]) -> Term:
    """Whether a text is one of some words."""
    listed = list(map(string, words))
    return exp.In(this=term, expressions=listed) if listed else False


def counted(terms: Iterable[Term], wanted: Truth) -> exp.Expr:
    """How many terms have a value: present, absent or unknown."""
    fixed, possible = 0, []
    for term in terms:
        fixed += term is wanted
        if is_open(term) and wanted in values_of(term):
            condition = is_unknown(term) if wanted is None else term if wanted else negated(term)
            possible.append(written(cases((condition, whole(1)), otherwise=whole(0))))
    return reduce(add, [*possible, *([whole(fixed)] if fixed or not possible else [])])


def at_least(needed: int, terms: Sequence[Term]) -> Term:
    """Whether at least ``needed`` are true: it is false once too many are absent."""
    needed -= sum(term is True for term in terms)
    rest = [term for term in terms if not isinstance(term, bool)]
    if needed <= 0 or needed > len(rest):
        return needed <= 0
    if needed in (1, len(rest)):
        return some(rest) if needed == 1 else every(rest)
    reached, missed = counted(rest, True) >= needed, counted(rest, False) > len(rest) - needed
    return cases((reached, True), (missed, False))


def score(needed: float, points: Sequence[float], terms: Sequence[Term]) -> Term:
    """Whether a sum of points reaches what is needed, whatever the unknown ones turn out to be."""
    if not any(map(is_open, terms)):
        return score_of(needed, points, cast("Sequence[Truth]", terms))
    lowest, highest = number(0), number(0)
    for worth, term in zip(points, terms, strict=True):
        if_true = written(cases((term, number(worth)), otherwise=number(0)))
        unless_false = written(cases((negated(term), number(0)), otherwise=number(worth)))
        lowest = lowest + (if_true if worth > 0 else unless_false)
        highest = highest + (unless_false if worth > 0 else if_true)
    return cases((lowest >= number(needed), True), (highest < number(needed), False))


def binds(present: Term, absent: Term) -> Term:
    """Present when the one holds, absent when the other does, unknown when neither or both do."""
    if True not in values_of(absent):
        return some([present, None])
    if True not in values_of(present):
        return every([negated(absent), None])
    return exp.Nullif(this=written(holds(present)), expression=written(holds(absent)))
