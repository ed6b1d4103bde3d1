"""Truths as SQL in which NULL is unknown, made of sqlglot's expressions; what is the same for every row is a constant.

A table seldom has a column for every finding. One that it lacks is unknown for everybody, so that most of a rules file folds
away before anything is written. ``AND``, ``OR`` and ``NOT`` are Kleene's own; the rest is ``CASE``, in which an unknown
condition does not hold. sqlglot is heavy: only ``poems sql`` imports this package.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias, TypeGuard, cast

from sqlglot import exp

from poems_cli.engine import logic
from poems_cli.model import Truth

#: A truth that is the same for every row, or the expression for it. An expression may also stand for a number or a word.
Term: TypeAlias = Truth | exp.Expr


_VALUES = "truths"  # where an expression keeps the truths that it can come to
_ANY: frozenset[Truth] = frozenset((True, False, None))
_KNOWN: frozenset[Truth] = frozenset((True, False))


def is_open(term: Term) -> TypeGuard[exp.Expr]:
    """Whether a term differs from row to row."""
    return isinstance(term, exp.Expr)


def values_of(term: Term) -> frozenset[Truth]:
    """The truths that a term can come to: what can never be present contradicts nothing, and so folds away."""
    return term.meta.get(_VALUES, _ANY) if isinstance(term, exp.Expr) else frozenset([term])


def with_values(tree: exp.Expr, values: frozenset[Truth]) -> Term:
    """A truth that can come to these values: a constant if there is but one."""
    if len(values) == 1:
        return next(iter(values))
    tree.meta[_VALUES] = values
    return tree


def written(term: Term) -> exp.Expr:
    """A term as an expression, constants too."""
    return term if is_open(term) else exp.null() if term is None else exp.Boolean(this=term)


def string(text: str) -> exp.Expr:
    """A text as a literal."""
    return exp.Literal.string(text)


def whole(number: int) -> exp.Expr:
    """A whole number as a literal."""
    return exp.Literal.number(number)


def number(value: float) -> exp.Expr:
    """A number as a literal of the same double: with an exponent, so that no engine takes it for a decimal."""
    shown = repr(float(value))
    literal = exp.Literal.number(shown.removeprefix("-") if "e" in shown else f"{shown.removeprefix('-')}e0")
    return exp.Neg(this=literal) if shown.startswith("-") else literal


def operand(term: exp.Expr) -> exp.Expr:
    """An expression as it can stand next to any operator."""
    stands_alone = isinstance(term, (exp.Column, exp.Literal, exp.Paren, exp.Case, exp.Null, exp.Boolean, exp.Func))
    return term if stands_alone and not isinstance(term, exp.Connector) else exp.Paren(this=term)


def negated(term: Term) -> Term:
    """Kleene's not."""
    if not is_open(term):
        return None if term is None else not term
    turned = term.this.unnest() if isinstance(term, exp.Not) else exp.Not(this=operand(term))
    return with_values(turned, frozenset([None if one is None else not one for one in values_of(term)]))


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
    each = list(map(values_of, distinct))
    values: set[Truth] = {deciding} if any(deciding in one for one in each) else set()
    values |= {not deciding} if all((not deciding) in one for one in each) else set()
    values |= {None} if all(one != {deciding} for one in each) and any(None in one for one in each) else set()
    first, *rest = map(written, distinct)
    joined = operand(first) if rest else first
    for term in rest:
        joined = (exp.Or if deciding else exp.And)(this=joined, expression=operand(term))
    return with_values(joined, frozenset(values))


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
    values = values_of(term)
    if not is_open(term) or True not in values:
        return term is True
    if None not in values:
        return term
    return with_values(exp.Coalesce(this=term, expressions=[exp.false()]), _KNOWN)


def first_known(*terms: Term) -> Term:
    """The first term that is known."""
    kept: list[Term] = []
    for term in terms:
        if term is not None:
            kept.append(term)
            if None not in values_of(term):
                break
    if len(kept) < 2:
        return kept[0] if kept else None
    first, *rest = map(written, kept)
    known: frozenset[Truth] = frozenset().union(*[values_of(term) - {None} for term in kept])
    return with_values(exp.Coalesce(this=first, expressions=rest), known | (values_of(kept[-1]) & {None}))


def differ(term: Term, other: Term) -> Term:
    """Whether both terms are known and not the same; unknown where either is."""
    ours, theirs = values_of(term) - {None}, values_of(other) - {None}
    if not ours or not theirs or (ours == theirs and len(ours) == 1):
        return False if None not in values_of(term) | values_of(other) else None
    if is_open(term) and is_open(other):
        return exp.NEQ(this=operand(term), expression=operand(other))
    if is_open(other):
        term, other = other, term
    return negated(term) if other else term


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
    ifs = [exp.If(this=condition, true=written(value)) for condition, value in kept]
    values: frozenset[Truth] = frozenset().union(*[values_of(value) for _, value in kept], values_of(otherwise))
    return with_values(exp.Case(ifs=ifs, default=None if otherwise is None else written(otherwise)), values)


def among(term: exp.Expr, words: Iterable[str]) -> Term:
    """Whether a text is one of some words."""
    listed = list(map(string, words))
    if not listed:
        return False
    return exp.EQ(this=term, expression=listed[0]) if len(listed) == 1 else exp.In(this=term, expressions=listed)


def total(numbers: Iterable[exp.Expr]) -> exp.Expr:
    """The sum of one or more numbers."""
    first, *rest = numbers
    for one in rest:
        first = exp.Add(this=first, expression=operand(one))
    return first


def compared(kind: type[exp.Binary], value: exp.Expr, limit: exp.Expr) -> exp.Expr:
    """One number against another."""
    return kind(this=operand(value), expression=operand(limit))


def counted(terms: Sequence[Term], wanted: Truth) -> exp.Expr:
    """How many terms have a value: present, absent or unknown."""
    fixed = sum(term is wanted for term in terms if not is_open(term))
    possible = [term for term in terms if is_open(term) and wanted in values_of(term)]
    conditions = [is_unknown(term) if wanted is None else term if wanted else negated(term) for term in possible]
    numbers = [written(cases((one, whole(1)), otherwise=whole(0))) for one in conditions]
    return total([*numbers, whole(fixed)] if fixed or not numbers else numbers)


def at_least(needed: int, terms: Sequence[Term]) -> Term:
    """Whether at least so many are true: it is false once too many are absent."""
    needed -= sum(term is True for term in terms)
    rest = [term for term in terms if not isinstance(term, bool)]
    if needed <= 0:
        return True
    if needed > len(rest):
        return False
    if needed == 1:
        return some(rest)
    if needed == len(rest):
        return every(rest)
    reached = compared(exp.GTE, counted(rest, True), whole(needed))
    missed = compared(exp.GT, counted(rest, False), whole(len(rest) - needed))
    return cases((reached, True), (missed, False))


def score(needed: float, points: Sequence[float], terms: Sequence[Term]) -> Term:
    """Whether a sum of points reaches what is needed, whatever the unknown ones turn out to be."""
    if not any(map(is_open, terms)):
        return logic.score(needed, points, cast("Sequence[Truth]", terms))
    lowest, highest = [number(0)], [number(0)]
    for worth, term in zip(points, terms, strict=True):
        if_true = written(cases((term, number(worth)), otherwise=number(0)))
        unless_false = written(cases((negated(term), number(0)), otherwise=number(worth)))
        lowest.append(if_true if worth > 0 else unless_false)
        highest.append(unless_false if worth > 0 else if_true)
    reached = compared(exp.GTE, total(lowest), number(needed))
    return cases((reached, True), (compared(exp.LT, total(highest), number(needed)), False))


def binds(present: Term, absent: Term) -> Term:
    """Present when the one holds, absent when the other does, unknown when neither or both do."""
    if True not in values_of(absent):
        return some([present, None])
    if True not in values_of(present):
        return every([negated(absent), None])
    return exp.Nullif(this=written(holds(present)), expression=written(holds(absent)))
