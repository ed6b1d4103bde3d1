"""Where the headings of a sheet are, in rows of texts: below lines of comment and titles, and in one row."""

import re
from collections.abc import Sequence

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS
from poems_cli.tables.headings import names_a_patient
from poems_cli.written_numbers import SPACE

#: So many rows at most are looked at for the headings.
MOST_ABOVE = 100
#: Words for present and absent of one letter, which may be a heading too.
TRUTH_LETTERS = frozenset([word for word in PRESENT_WORDS + ABSENT_WORDS if len(word) == 1 and word.isalpha()])
_TRUTHS = frozenset(PRESENT_WORDS + ABSENT_WORDS) - TRUTH_LETTERS
_VALUE = re.compile(
    r"(?:<=|>=|<|>)?\s*[+-]?(?:[0-9]+(?:[.,][0-9]+)*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*%?"  # a number
    r"|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[ T].*)?"  # a date
)


def rows_above(rows: Sequence[Sequence[str]]) -> int:
    """How many of the first rows are above the headings: blank ones, comments that begin with ``#``, titles of one cell.

    A row that names the patient's column is the heading, whatever it looks like. Where only comments come before data, the last
    of them holds the headings.
    """
    at = _next(rows, 0)
    while at < len(rows) and is_comment(rows[at]):
        at = _next(rows, at + 1)
    comment = max((place for place in range(at) if is_comment(rows[place])), default=None)
    if comment is not None and (at == len(rows) or _names_columns(rows[comment], rows[at])):
        return comment
    if max(map(filled, rows[at:]), default=0) < 2:
        return at
    following = _next(rows, at + 1)
    while following < len(rows) and _is_title(rows[at], rows[following]):
        at, following = following, _next(rows, following + 1)
    return at


def without_comment_sign(headings: Sequence[str]) -> tuple[str, ...]:
    """The headings of a row that begins with ``#``, without that sign, unless the sign is the whole heading."""
    first = headings[0].strip(SPACE)
    return (first[1:].strip(SPACE) or first if first.startswith("#") else headings[0], *headings[1:])


def filled(row: Sequence[str]) -> int:
    """How many cells of a row are not blank."""
    return sum(bool(cell.strip(SPACE)) for cell in row)


def is_value(heading: str) -> bool:
    """Whether a heading is not a name: a word for present or absent, a number or a date."""
    return heading.lower() in _TRUTHS or _VALUE.fullmatch(heading) is not None


def _next(rows: Sequence[Sequence[str]], at: int) -> int:
    """The first row from a place on that is not blank."""
    while at < len(rows) and not filled(rows[at]):
        at += 1
    return at


def is_comment(row: Sequence[str]) -> bool:
    """Whether a row begins with ``#``, and that is not a heading by itself."""
    first = row[0].strip(SPACE) if row else ""
    return first.startswith("#") and (len(first) > 1 or filled(row) == 1)


def _names_columns(comment: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a comment is the row of headings: it names the patient's column, and the row below does not."""
    headings = without_comment_sign(comment)
    return filled(comment) == filled(below) > 1 and names_a_patient(headings) and not names_a_patient(below)


def _is_title(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row is a title: one cell above a row of several, or a few above a row that names the patient's column."""
    if names_a_patient(row) or filled(below) < 2:
        return filled(row) == filled(below) == 1 and not names_a_patient(row)
    alone = filled(row) == 1 and bool(row[0].strip(SPACE))
    return alone or (filled(row) < filled(below) and names_a_patient(below) and not any(map(is_value, below)))
