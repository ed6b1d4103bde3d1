"""Three-valued terms as SQL text. What is known beforehand is a constant and never reaches the text.

A table seldom has a column for every finding. One that it lacks is unknown for everybody, so that most of a rules file folds
away before a row is read. SQL's ``AND``, ``OR`` and ``NOT`` are Kleene's own, with ``NULL`` as unknown; the rest is ``CASE``,
which takes an unknown condition as not holding. All of it is in words that every dialect has.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from poems_cli.model import Truth

#: The values that a term can take.
Values: TypeAlias = frozenset[Truth]

ANY: Values = frozenset((True, False, None))


class Text(NamedTuple):
    """SQL for something that differs from row to row, the columns that it reads, and the values that it can take.

    ``values`` is for truths only: what can never be true cannot contradict anything, and so folds away.
    """

    sql: str
    columns: frozenset[str]
    values: Values = ANY


#: A truth that is the same for every row, or the SQL that tells it.
Term: TypeAlias = Truth | Text


def column(name: str, values: Values = ANY) -> Text:
    """What a column holds."""
    return Text(quoted(name), frozenset([name]), values)


def values_of(term: Term) -> Values:
    """The values that a term can take."""
    return term.values if isinstance(term, Text) else frozenset([term])


def _of(sql: Text, values: Values) -> Term:
    """A term that can take these values: a constant if there is but one."""
    return next(iter(values)) if len(values) == 1 else sql._replace(values=values)


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def string(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def whole(number: int) -> Text:
    """A whole number as SQL."""
    return Text(str(number), frozenset())


def is_column(term: Term) -> bool:
    """Whether a term is a column and nothing more."""
    return isinstance(term, Text) and len(term.columns) == 1 and term.sql == quoted(next(iter(term.columns)))


def is_plain(term: Text) -> bool:
    """Whether a term needs no brackets beside an operator."""
    return is_column(term) or not term.columns


def written(term: Term) -> str:
    """A term as SQL, constants too."""
    return term.sql if isinstance(term, Text) else _CONSTANTS[term]


_CONSTANTS = {True: "TRUE", False: "FALSE", None: "NULL"}


def text(pattern: str, *terms: Text) -> Text:
    """SQL from a pattern whose braces stand for terms."""
    return Text(pattern.format(*[term.sql for term in terms]), _columns_of(terms))


#: DuckDB makes a join of more, which need not keep the order of rows.
_MOST_LISTED = 4


def among(term: Text, words: Sequence[str]) -> Term:
    """Whether a text is one of some words."""
    if not words:
        return False
    every_word = [string(word).replace("{", "{{").replace("}", "}}") for word in words]
    each: list[Term] = []
    for start in range(0, len(every_word), _MOST_LISTED):
        few = every_word[start : start + _MOST_LISTED]
        each.append(text(f"{{}} = {few[0]}" if len(few) == 1 else f"{{}} IN ({', '.join(few)})", term))
    return some(each)


def cases(*branches: tuple[Term, Term], otherwise: Term = None) -> Term:
    """The value of the first branch whose condition is true; ``otherwise`` where none is."""
    kept: list[tuple[Text, Term]] = []
    for condition, value in branches:
        if values_of(condition) == {True}:
            otherwise = value
            break
        if isinstance(condition, Text) and True in condition.values:
            kept.append((condition, value))
    while kept and kept[-1][1] == otherwise:
        kept.pop()
    if not kept:
        return otherwise
    used = [one for branch in kept for one in branch if isinstance(one, Text)]
    used += [otherwise] if isinstance(otherwise, Text) else []
    words = " ".join(f"WHEN {written(condition)} THEN {written(value)}" for condition, value in kept)
    values = values_of(otherwise).union(*[values_of(value) for _, value in kept])
    return _of(Text(f"CASE {words} ELSE {written(otherwise)} END", _columns_of(used)), values)


def _columns_of(terms: Iterable[Text]) -> frozenset[str]:
    return frozenset().union(*[one.columns for one in terms])


def negated(term: Term) -> Term:
    """Kleene's not."""
    if isinstance(term, Text):
        turned = text("NOT {}" if is_column(term) else "NOT ({})", term)
        return turned._replace(values=frozenset([None if one is None else not one for one in term.values]))
    return None if term is None else not term


def every(terms: Iterable[Term]) -> Term:
    """Kleene's and."""
    return _joined(list(terms), deciding=False, word="AND")


def some(terms: Iterable[Term]) -> Term:
    """Kleene's or."""
    return _joined(list(terms), deciding=True, word="OR")


def _joined(terms: Sequence[Term], deciding: bool, word: str) -> Term:
    if any(term is deciding for term in terms):
        return deciding
    distinct = list(dict.fromkeys([term for term in terms if isinstance(term, Text)]))
    is_open = any(term is None for term in terms)
    if is_open:  # beside what is unknown for everybody, only what can decide makes a difference
        distinct = [term for term in distinct if deciding in term.values]
    if not distinct:
        return None if is_open else not deciding
    if len(distinct) == 1 and (not is_open or (not deciding) not in distinct[0].values):
        return distinct[0]
    values = _joined_values([*distinct, *([None] if is_open else [])], deciding)
    return _of(_listed([*distinct, *([_UNKNOWN] if is_open else [])], f" {word} "), values)


def _joined_values(terms: Sequence[Term], deciding: bool) -> Values:
    each = [values_of(term) for term in terms]
    found: set[Truth] = set()
    if any(deciding in values for values in each):
        found.add(deciding)
    if all((not deciding) in values for values in each):
        found.add(not deciding)
    if all(values != {deciding} for values in each) and any(None in values for values in each):
        found.add(None)
    return frozenset(found)


_UNKNOWN = Text("NULL", frozenset())


def _listed(terms: Sequence[Text], between: str) -> Text:
    sql = between.join(term.sql if is_plain(term) else f"({term.sql})" for term in terms)
    return Text(sql, _columns_of(terms))


def is_known(term: Term) -> Term:
    """Whether a term is known: never unknown itself."""
    if None not in values_of(term):
        return True
    if not isinstance(term, Text):
        return False
    if is_column(term):
        return text("{} IS NOT NULL", term)._replace(values=KNOWN)
    return cases((term, True), (negated(term), True), otherwise=False)


KNOWN: Values = frozenset((True, False))


def holds(term: Term) -> Term:
    """Whether a term is surely true: false also where it is unknown."""
    if True not in values_of(term):
        return False
    if not isinstance(term, Text) or None not in term.values:
        return term
    return _of(text("COALESCE({}, FALSE)", term), (term.values - {None}) | {False})


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
    used = [one for one in kept if isinstance(one, Text)]
    values: Values = frozenset().union(*[values_of(one) - {None} for one in kept])
    values |= values_of(kept[-1]) & {None}
    return _of(Text(f"COALESCE({', '.join(map(written, kept))})", _columns_of(used)), values)


def differ(one: Term, other: Term) -> Term:
    """Whether both terms are known and not the same; unknown where either is."""
    if isinstance(one, Text) and isinstance(other, Text):
        ours, theirs = one.values - {None}, other.values - {None}
        if not ours or not theirs or (ours == theirs and len(ours) == 1):
            return None
        return _listed([one, other], " <> ")
    if one is None or other is None:
        return None
    if isinstance(other, Text):
        one, other = other, one
    return negated(one) if other else one


def at_least(needed: int, terms: Sequence[Term]) -> Term:
    """Whether at least so many are true, by two counts: of those that are, and of those that still can be."""
    needed -= sum(term is True for term in terms)
    open_terms = [term for term in terms if isinstance(term, Text)]
    unknown = sum(term is None for term in terms)
    if needed <= 0:
        return True
    if needed > len(open_terms) + unknown:
        return False
    if not open_terms:
        return None
    rest: list[Term] = [*open_terms, *[None] * unknown]
    if needed == 1:
        return some(rest)
    if needed == len(rest):
        return every(rest)
    present = text(f"{{}} >= {needed}", count_true(open_terms))
    possible = text(f"{{}} < {needed - unknown}", count_possible(open_terms))
    return cases((present, True), (possible, False))


def score(needed: float, points: Sequence[float], terms: Sequence[Term]) -> Term:
    """Whether a sum of points reaches what is needed, whatever the unknown ones turn out to be."""
    lowest = highest = 0.0
    low: list[Text] = []
    high: list[Text] = []
    for worth, term in zip(points, terms, strict=True):
        if not isinstance(term, Text):
            lowest += worth if term or (term is None and worth < 0) else 0
            highest += worth if term or (term is None and worth > 0) else 0
            continue
        if_true, unless_false = text(f"CASE WHEN {{}} THEN {worth:g} ELSE 0 END", term), _unless_false(term, f"{worth:g}")
        low.append(if_true if worth > 0 else unless_false)
        high.append(unless_false if worth > 0 else if_true)
    if not low:
        return True if lowest >= needed else None if highest >= needed else False
    reached = text(f"{{}} >= {needed - lowest:g}", total(low))
    missed = text(f"{{}} < {needed - highest:g}", total(high))
    return cases((reached, True), (missed, False))


def binds(present: Term, absent: Term) -> Term:
    """Present when the one holds, absent when the other does, unknown when neither or both do."""
    if True not in values_of(absent):
        return some([present, None])
    if True not in values_of(present):
        return every([negated(absent), None])
    if absent is True:
        return cases((present, None), otherwise=False)
    if present is True:
        return cases((absent, None), otherwise=True)
    return text("NULLIF({}, {})", as_text(holds(present)), as_text(holds(absent)))


def counted(terms: Sequence[Term], wanted: Truth) -> Text | int:
    """How many terms have a value: present, absent or unknown."""
    fixed = sum(term is wanted for term in terms if not isinstance(term, Text))
    open_terms = [term for term in terms if isinstance(term, Text)]
    if not open_terms:
        return fixed
    if wanted is None:
        each = [text("CASE WHEN ({}) IS NULL THEN 1 ELSE 0 END", term) for term in open_terms]
    else:
        each = [text("CASE WHEN {} THEN 1 ELSE 0 END", term if wanted else as_text(negated(term))) for term in open_terms]
    return text(f"{{}} + {fixed}", total(each)) if fixed else total(each)


def count_true(terms: Sequence[Text]) -> Text:
    """How many terms are true."""
    return total([text("CASE WHEN {} THEN 1 ELSE 0 END", term) for term in terms])


def count_possible(terms: Sequence[Text]) -> Text:
    """How many terms are true or may still be."""
    return total([_unless_false(term, "1") for term in terms])


def _unless_false(term: Text, worth: str) -> Text:
    return text(f"CASE WHEN {{}} THEN 0 ELSE {worth} END", as_text(negated(term)))


def as_text(term: Term) -> Text:
    """A term as SQL, constants written out."""
    return term if isinstance(term, Text) else Text(written(term), frozenset())


def total(each: Sequence[Text]) -> Text:
    """The sum of numbers."""
    return Text(" + ".join(term.sql for term in each), _columns_of(each))


def concatenated(each: Sequence[Text]) -> Text:
    """Texts joined to one."""
    if len(each) == 1:
        return each[0]
    return Text(f"CONCAT({', '.join(one.sql for one in each)})", _columns_of(each))


def mask(terms: Sequence[tuple[int, Term]]) -> Text | int:
    """A whole number with the bit of each term that holds; bits are given as powers of two."""
    fixed = sum(bit for bit, term in terms if term is True)
    each = [text(f"CASE WHEN {{}} THEN {bit} ELSE 0 END", term) for bit, term in terms if isinstance(term, Text)]
    if not each:
        return fixed
    return text(f"{{}} + {fixed}", total(each)) if fixed else total(each)
