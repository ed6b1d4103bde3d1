"""Three-valued terms. What is known beforehand is a constant and never reaches the text.

A table seldom has a column for every finding. One that it lacks is unknown for everybody, so that most of a rules file folds
away before a row is read. What is left is written by :mod:`poems_cli.sql.kleene`, or by :mod:`poems_cli.sql.rails` where one of
the terms is in that form already.
"""

from collections.abc import Iterable, Sequence
from typing import TypeGuard

from poems_cli.model import Truth
from poems_cli.sql import kleene, rails
from poems_cli.sql.text import KNOWN, Rails, Term, Text, Values, columns_of, string, text, total, type_up_to


def is_open(term: Term) -> TypeGuard[Text | Rails]:
    """Whether a term differs from row to row."""
    return isinstance(term, Text | Rails)


def values_of(term: Term) -> Values:
    """The values that a term can take."""
    return term.values if isinstance(term, Text | Rails) else frozenset([term])


def _of(sql: Text | Rails, values: Values) -> Term:
    """A term that can take these values: a constant if there is but one."""
    return next(iter(values)) if len(values) == 1 else sql._replace(values=values)


def written(term: Term) -> str:
    """A term with ``NULL`` as SQL, constants too."""
    return as_text(term).sql


def as_text(term: Term) -> Text:
    """A term with ``NULL`` as SQL, constants written out. Raises TypeError for rails, which are two."""
    if isinstance(term, Rails):
        message = "rails are not one column"
        raise TypeError(message)
    return term if isinstance(term, Text) else kleene.constant(term)


def as_rails(term: Term) -> Rails:
    """A term as two bytes without ``NULL``."""
    if isinstance(term, Rails):
        return term
    return rails.of_text(term) if isinstance(term, Text) else rails.constant(term)


def _all_rails(terms: Iterable[Term]) -> list[Rails] | None:
    """The terms as rails, if one of them is in that form."""
    listed = list(terms)
    return list(map(as_rails, listed)) if any(isinstance(one, Rails) for one in listed) else None


def _all_text(terms: Iterable[Term]) -> list[Text]:
    """The terms with ``NULL``, none of which is in the other form."""
    return list(map(as_text, terms))


def condition(term: Term) -> Text:
    """A term as it stands behind ``WHEN``."""
    return rails.condition(term) if isinstance(term, Rails) else as_text(term)


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
    """The value of the first branch whose condition is true; ``otherwise`` where none is.

    The values may also be numbers or words, each a :class:`Text`.
    """
    kept: list[tuple[Text | Rails, Term]] = []
    for when, value in branches:
        if values_of(when) == {True}:
            otherwise = value
            break
        if is_open(when) and True in when.values:
            kept.append((when, value))
    while kept and kept[-1][1] == otherwise:
        kept.pop()
    if not kept:
        return otherwise
    results = [value for _, value in kept] + [otherwise]
    values: Values = frozenset().union(*map(values_of, results))
    in_rails = any(isinstance(one, Rails) for one in results)
    if in_rails or (not any(map(is_open, results)) and any(isinstance(when, Rails) for when, _ in kept)):
        pairs = [(as_rails(when), as_rails(value)) for when, value in kept]
        return _of(rails.cases(pairs, as_rails(otherwise)), values)
    told = [(condition(when), value) for (when, _), value in zip(kept, _all_text(results), strict=False)]
    words = " ".join(f"WHEN {when.sql} THEN {value.sql}" for when, value in told)
    last = _all_text([otherwise])[0]
    columns = columns_of([*[one for branch in told for one in branch], last])
    return _of(Text(f"CASE {words} ELSE {last.sql} END", columns), values)


def negated(term: Term) -> Term:
    """Kleene's not."""
    if not is_open(term):
        return None if term is None else not term
    turned = rails.negated(term) if isinstance(term, Rails) else kleene.negated(term)
    return turned._replace(values=frozenset([None if one is None else not one for one in term.values]))


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
    has_unknown = any(term is None for term in terms)
    if has_unknown:  # beside what is unknown for everybody, only what can decide makes a difference
        distinct = [term for term in distinct if deciding in values_of(term)]
    if not distinct:
        return None if has_unknown else not deciding
    if len(distinct) == 1 and (not has_unknown or (not deciding) not in values_of(distinct[0])):
        return distinct[0]
    distinct += [None] * has_unknown
    values = _joined_values(distinct, deciding)
    in_rails = _all_rails(distinct)
    if in_rails is not None:
        return _of((rails.some if deciding else rails.every)(in_rails), values)
    return _of((kleene.some if deciding else kleene.every)(_all_text(distinct)), values)


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


def is_known(term: Term) -> Term:
    """Whether a term is known: never unknown itself."""
    if None not in values_of(term):
        return True
    if not is_open(term):
        return False
    return (rails.is_known(term) if isinstance(term, Rails) else kleene.is_known(term))._replace(values=KNOWN)


def holds(term: Term) -> Term:
    """Whether a term is surely true: false also where it is unknown."""
    if True not in values_of(term):
        return False
    if not is_open(term) or None not in term.values:
        return term
    sure = rails.holds(term) if isinstance(term, Rails) else kleene.holds(term)
    return _of(sure, (term.values - {None}) | {False})


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
    values: Values = frozenset().union(*[values_of(one) - {None} for one in kept])
    values |= values_of(kept[-1]) & {None}
    in_rails = _all_rails(kept)
    return _of(kleene.first_known(_all_text(kept)) if in_rails is None else rails.first_known(in_rails), values)


def differ(one: Term, other: Term) -> Term:
    """Whether both terms are known and not the same; unknown where either is."""
    if is_open(one) and is_open(other):
        ours, theirs = one.values - {None}, other.values - {None}
        if not ours or not theirs or (ours == theirs and len(ours) == 1):
            return None
        in_rails = _all_rails([one, other])
        return kleene.differ(*_all_text([one, other])) if in_rails is None else rails.differ(*in_rails)
    if one is None or other is None:
        return None
    if is_open(other):
        one, other = other, one
    return negated(one) if other else one


def at_least(needed: int, terms: Sequence[Term]) -> Term:
    """Whether at least so many are true, by two counts: of those that are, and of those that still can be."""
    needed -= sum(term is True for term in terms)
    open_terms = list(filter(is_open, terms))
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
    in_rails = _all_rails(open_terms)
    if in_rails is None:
        each = _all_text(open_terms)
        present = text(f"{{}} >= {needed}", kleene.count(each, True))
        possible = text(f"{{}} < {needed - unknown}", kleene.count_possible(each))
        return cases((present, True), (possible, False))
    present = text(f"{{}} >= {needed}", rails.count(in_rails, True))
    missed = text(f"{{}} > {len(rest) - needed}", rails.count(in_rails, False))
    return rails.of_conditions(present, missed)


def score(needed: float, points: Sequence[float], terms: Sequence[Term]) -> Term:
    """Whether a sum of points reaches what is needed, whatever the unknown ones turn out to be."""
    lowest = highest = 0.0
    low: list[Text] = []
    high: list[Text] = []
    for worth, term in zip(points, terms, strict=True):
        if not is_open(term):
            lowest += worth if term or (term is None and worth < 0) else 0
            highest += worth if term or (term is None and worth > 0) else 0
            continue
        if_true = text(f"CASE WHEN {{}} THEN {worth:g} ELSE 0 END", condition(term))
        unless_false = text(f"CASE WHEN {{}} THEN 0 ELSE {worth:g} END", condition(negated(term)))
        low.append(if_true if worth > 0 else unless_false)
        high.append(unless_false if worth > 0 else if_true)
    if not low:
        return True if lowest >= needed else None if highest >= needed else False
    reached = text(f"{{}} >= {needed - lowest:g}", total(low))
    missed = text(f"{{}} < {needed - highest:g}", total(high))
    if any(isinstance(term, Rails) for term in terms):
        return rails.of_conditions(reached, missed)
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
    in_rails = _all_rails([present, absent])
    return kleene.binds(*_all_text(map(holds, [present, absent]))) if in_rails is None else rails.binds(*in_rails)


def counted(terms: Sequence[Term], wanted: Truth) -> Text | int:
    """How many terms have a value: present, absent or unknown."""
    fixed = sum(term is wanted for term in terms if not is_open(term))
    open_terms = list(filter(is_open, terms))
    if not open_terms:
        return fixed
    in_rails = _all_rails(open_terms)
    number = kleene.count(_all_text(open_terms), wanted) if in_rails is None else rails.count(in_rails, wanted)
    return text(f"{{}} + {fixed}", number) if fixed else number


def concatenated(each: Sequence[Text]) -> Text:
    """Texts joined to one."""
    if len(each) == 1:
        return each[0]
    return Text(f"CONCAT({', '.join(one.sql for one in each)})", columns_of(each))


def mask(terms: Sequence[Term]) -> Text | int:
    """A whole number with a bit for each term, in their order, that is set where the term holds."""
    fixed = sum(1 << place for place, term in enumerate(terms) if term is True)
    open_terms = [(place, term) for place, term in enumerate(terms) if is_open(term)]
    if not open_terms:
        return fixed
    in_rails = _all_rails([term for _, term in open_terms])
    if in_rails is None:
        number = total([text(f"CASE WHEN {{}} THEN {1 << place} ELSE 0 END", condition(term)) for place, term in open_terms])
        return text(f"{{}} + {fixed}", number) if fixed else number
    number = rails.mask([(place, term) for (place, _), term in zip(open_terms, in_rails, strict=True)])
    return text(f"({{}} | {fixed})", number) if fixed else number


def times(worth: int, number: Text, most: int) -> Text:
    """A number as a digit of a larger one, which is less than ``most``."""
    return number if worth == 1 else text(f"CAST({worth} AS {type_up_to(most)}) * ({{}})", number)


def digits(terms: Sequence[Text | Rails], worth: int = 1) -> tuple[Text, int]:
    """Truths as one whole number, each a digit of it, and the base: 0 stands for unknown, 1 for true, 2 for false.

    The number is as many times larger as ``worth`` says, a power of two if the terms are rails.
    """
    in_rails = _all_rails(terms)
    if in_rails is not None:
        return rails.digits(in_rails, shift_of(worth)), 4
    each = [text("CASE WHEN {} THEN 1 WHEN {} THEN 2 ELSE 0 END", one, kleene.negated(one)) for one in _all_text(terms)]
    most = worth * 3 ** len(each)
    return total([times(worth * 3**place, one, most) for place, one in enumerate(each)]), 3


def shift_of(worth: int) -> int:
    """The power of two that a number is. Raises ValueError if it is none."""
    shift = worth.bit_length() - 1
    if worth != 1 << shift:
        message = f"{worth} is no power of two"
        raise ValueError(message)
    return shift


def joined(parts: Sequence[Text], in_rails: bool) -> Text:
    """Numbers of which no two have a bit in common as one, if they are ``in_rails``; else their sum."""
    return Text(" | ".join(f"({one.sql})" for one in parts), columns_of(parts)) if in_rails else total(parts)
