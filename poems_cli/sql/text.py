"""SQL text that carries along which columns it reads, and a truth in the two forms in which a query can hold it.

A :class:`Text` is a truth as people write it, with ``NULL`` as unknown: for any dialect, and for reading. :class:`Rails` is the
same truth as two whole numbers without ``NULL``: for an engine that works on thousands of rows at once, where ``AND``, ``OR``
and ``CASE`` cost ten times what the bits of a byte do.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from poems_cli.model import Truth

#: The values that a term can take.
Values: TypeAlias = frozenset[Truth]

ANY: Values = frozenset((True, False, None))
KNOWN: Values = frozenset((True, False))


class Text(NamedTuple):
    """SQL for something that differs from row to row, the columns that it reads, and the values that it can take.

    ``values`` is for truths only: what can never be true cannot contradict anything, and so folds away.
    """

    sql: str
    columns: frozenset[str]
    values: Values = ANY


class Rails(NamedTuple):
    """A truth that differs from row to row as SQL for two whole numbers of one byte, never ``NULL``.

    ``true`` has every bit set where the truth is true, ``false`` where it is false; both are 0 where it is unknown.
    """

    true: str
    false: str
    columns: frozenset[str]
    values: Values = ANY


#: A truth that is the same for every row, or the SQL that tells it.
Term: TypeAlias = Truth | Text | Rails


def column(name: str, values: Values = ANY) -> Text:
    """What a column holds."""
    return Text(quoted(name), frozenset([name]), values)


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def string(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def whole(number: int) -> Text:
    """A whole number as SQL."""
    return Text(str(number), frozenset())


def type_up_to(most: int) -> str:
    """The type of whole numbers from 0 up to one that is less than 2 to the 63."""
    return "INTEGER" if most < 1 << 31 else "BIGINT"


def is_column(term: Term) -> bool:
    """Whether a term is a column and nothing more."""
    return isinstance(term, Text) and len(term.columns) == 1 and term.sql == quoted(next(iter(term.columns)))


def text(pattern: str, *terms: Text) -> Text:
    """SQL from a pattern whose braces stand for terms."""
    return Text(pattern.format(*[term.sql for term in terms]), columns_of(terms))


def columns_of(terms: Iterable[Text | Rails]) -> frozenset[str]:
    """The columns that terms read."""
    return frozenset().union(*[one.columns for one in terms])


def total(each: Iterable[Text]) -> Text:
    """The sum of numbers."""
    listed = list(each)
    return Text(" + ".join(term.sql for term in listed), columns_of(listed))
