"""How truths with ``NULL`` are written: Kleene's logic in SQL's own words, which every dialect has.

``AND``, ``OR`` and ``NOT`` are Kleene's own; the rest is ``CASE``, which takes an unknown condition as not holding.
"""

from collections.abc import Sequence

from poems_cli.model import Truth
from poems_cli.sql.text import Text, columns_of, is_column, text, total

_CONSTANTS = {True: "TRUE", False: "FALSE", None: "NULL"}


def constant(value: Truth) -> Text:
    """A truth that is the same for every row."""
    return Text(_CONSTANTS[value], frozenset(), frozenset([value]))


def negated(term: Text) -> Text:
    """Kleene's not."""
    return text("NOT {}" if is_column(term) else "NOT ({})", term)


def every(terms: Sequence[Text]) -> Text:
    """Kleene's and."""
    return _listed(terms, " AND ")


def some(terms: Sequence[Text]) -> Text:
    """Kleene's or."""
    return _listed(terms, " OR ")


def differ(one: Text, other: Text) -> Text:
    """Whether both are known and not the same."""
    return _listed([one, other], " <> ")


def _listed(terms: Sequence[Text], between: str) -> Text:
    sql = between.join(term.sql if is_column(term) or not term.columns else f"({term.sql})" for term in terms)
    return Text(sql, columns_of(terms))


def is_known(term: Text) -> Text:
    """Whether a truth, a number or a text is known."""
    if is_column(term):
        return text("{} IS NOT NULL", term)
    return text("CASE WHEN {} THEN TRUE WHEN {} THEN TRUE ELSE FALSE END", term, negated(term))


def holds(term: Text) -> Text:
    """Whether a truth is true: false also where it is unknown."""
    return text("COALESCE({}, FALSE)", term)


def first_known(terms: Sequence[Text]) -> Text:
    """The first that is known."""
    return Text(f"COALESCE({', '.join(one.sql for one in terms)})", columns_of(terms))


def binds(present: Text, absent: Text) -> Text:
    """True where the one holds, false where the other does, unknown where neither or both do; neither is ever unknown."""
    return text("NULLIF({}, {})", present, absent)


def count(terms: Sequence[Text], wanted: Truth) -> Text:
    """How many have a value."""
    if wanted is None:
        return total([text("CASE WHEN ({}) IS NULL THEN 1 ELSE 0 END", term) for term in terms])
    return total([text("CASE WHEN {} THEN 1 ELSE 0 END", term if wanted else negated(term)) for term in terms])


def count_possible(terms: Sequence[Text]) -> Text:
    """How many are true or may still be."""
    return total([text("CASE WHEN {} THEN 0 ELSE 1 END", negated(term)) for term in terms])
