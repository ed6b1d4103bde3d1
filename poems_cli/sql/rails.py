"""How truths as two bytes are written: three-valued logic with ``&``, ``|`` and ``~`` alone, and counts of bits.

In DuckDB's words. Every piece of text stands in brackets of its own or needs none, since all operators on bits bind alike.
"""

import re
from collections.abc import Sequence

from poems_cli.model import Truth
from poems_cli.sql import kleene
from poems_cli.sql.text import Rails, Text, columns_of, text, type_up_to

NONE, ALL = "CAST(0 AS TINYINT)", "CAST(-1 AS TINYINT)"

_OTHER = {NONE: ALL, ALL: NONE}
_COLUMN = r'"(?:[^"]|"")+"'
_TURNED = re.compile(rf"\(~({_COLUMN})\)")
_TOLD = re.compile(rf"{_COLUMN}|\(~{_COLUMN}\)")

#: How many bits a type has below its sign.
_WIDTHS = ((7, "TINYINT"), (15, "SMALLINT"), (31, "INTEGER"), (63, "BIGINT"))
_MOST_COUNTED = 31


def constant(value: Truth) -> Rails:
    """A truth that is the same for every row."""
    return Rails(ALL if value is True else NONE, ALL if value is False else NONE, frozenset(), frozenset([value]))


def of_text(term: Text) -> Rails:
    """The rails of a truth with ``NULL``."""
    if None in term.values:
        return Rails(_mask(term), _mask(kleene.negated(term)), term.columns, term.values)
    true = f"(-CAST(({term.sql}) AS TINYINT))"
    return Rails(true, opposite(true), term.columns, term.values)


def of_column(term: Text) -> tuple[Text, Text]:
    """What a column with ``NULL`` needs to become rails at the least cost: where it is true, and where it is unknown."""
    # CASE sorts the rows before it answers, and AND does not.
    true = text("(-CAST(({} IS NOT NULL AND {}) AS TINYINT))", term, term)
    return true, text("(-CAST({} IS NULL AS TINYINT))", term)


def neither(true: Text, unknown: Text) -> Text:
    """Where a truth is false, given where it is true and where it is unknown."""
    return text("(~({} | {}))", true, unknown)


def _mask(condition: Text) -> str:
    return f"(CASE WHEN {condition.sql} THEN {ALL} ELSE {NONE} END)"


def opposite(rail: str) -> str:
    """The other bits of a byte."""
    if rail in _OTHER:
        return _OTHER[rail]
    turned = _TURNED.fullmatch(rail)
    return turned[1] if turned else f"(~{rail})"


def _both(*rails: str) -> str:
    kept = [one for one in dict.fromkeys(rails) if one != ALL]
    if NONE in kept:
        return NONE
    return f"({' & '.join(kept)})" if len(kept) > 1 else kept[0] if kept else ALL


def _either(*rails: str) -> str:
    kept = [one for one in dict.fromkeys(rails) if one != NONE]
    if ALL in kept:
        return ALL
    return f"({' | '.join(kept)})" if len(kept) > 1 else kept[0] if kept else NONE


def condition(term: Rails) -> Text:
    """Whether a truth is true, as a condition: false also where it is unknown."""
    return Text(f"{term.true} <> 0", term.columns)


def negated(term: Rails) -> Rails:
    """Kleene's not."""
    return term._replace(true=term.false, false=term.true)


def every(terms: Sequence[Rails]) -> Rails:
    """Kleene's and."""
    return Rails(_both(*[one.true for one in terms]), _either(*[one.false for one in terms]), columns_of(terms))


def some(terms: Sequence[Rails]) -> Rails:
    """Kleene's or."""
    return Rails(_either(*[one.true for one in terms]), _both(*[one.false for one in terms]), columns_of(terms))


def cases(branches: Sequence[tuple[Rails, Rails]], otherwise: Rails) -> Rails:
    """The value of the first branch whose condition is true."""
    true, false = otherwise.true, otherwise.false
    for holds, value in reversed(branches):
        fails = opposite(holds.true)
        true = _either(_both(holds.true, value.true), _both(fails, true))
        false = _either(_both(holds.true, value.false), _both(fails, false))
    return Rails(true, false, columns_of([*[one for branch in branches for one in branch], otherwise]))


def differ(one: Rails, other: Rails) -> Rails:
    """Whether both are known and not the same."""
    true = _either(_both(one.true, other.false), _both(one.false, other.true))
    false = _either(_both(one.true, other.true), _both(one.false, other.false))
    return Rails(true, false, columns_of([one, other]))


def is_known(term: Rails) -> Rails:
    """Whether a truth is known."""
    known = _either(term.true, term.false)
    return Rails(known, opposite(known), term.columns)


def unknown(term: Rails) -> Rails:
    """Whether a truth is unknown."""
    return negated(is_known(term))


def holds(term: Rails) -> Rails:
    """Whether a truth is true: false also where it is unknown."""
    return Rails(term.true, opposite(term.true), term.columns)


def first_known(terms: Sequence[Rails]) -> Rails:
    """The first that is known."""
    true, false = terms[-1].true, terms[-1].false
    for one in reversed(terms[:-1]):
        true = _either(one.true, _both(opposite(one.false), true))
        false = _either(one.false, _both(opposite(one.true), false))
    return Rails(true, false, columns_of(terms))


def binds(present: Rails, absent: Rails) -> Rails:
    """True where the one holds, false where the other does, unknown where neither or both do."""
    true, false = _both(present.true, opposite(absent.true)), _both(absent.true, opposite(present.true))
    return Rails(true, false, columns_of([present, absent]))


def of_conditions(condition: Text, fails: Text) -> Rails:
    """True where one condition holds, false where another does; they never hold together and are never ``NULL``."""
    true, false = (f"(-CAST(({one.sql}) AS TINYINT))" for one in (condition, fails))
    return Rails(true, false, columns_of([condition, fails]))


def count(terms: Sequence[Rails], wanted: Truth) -> Text:
    """How many have a value."""
    rails = [unknown(one).true if wanted is None else one.true if wanted else one.false for one in terms]
    some = [_bits(list(enumerate(rails[start : start + _MOST_COUNTED])))[0] for start in range(0, len(rails), _MOST_COUNTED)]
    return Text(" + ".join(f"BIT_COUNT({one})" for one in some), columns_of(terms))


def digits(terms: Sequence[Rails], shift: int = 0) -> Text:
    """Truths as one whole number: two bits each from ``shift`` on, 1 for true, 2 for false."""
    pairs = [(shift + 2 * place, one) for place, one in enumerate(terms)]
    return mask([bit for place, one in pairs for bit in ((place, one), (place + 1, negated(one)))])


def mask(bits: Sequence[tuple[int, Rails]]) -> Text:
    """A whole number with the bit of each that is true; bits are given by their positions, the first of which is 0."""
    sql, kind = _bits([(position, one.true) for position, one in bits])
    wanted = type_up_to(1 << max(position for position, _ in bits))
    return Text(sql if kind == wanted else f"CAST({sql} AS {wanted})", columns_of([one for _, one in bits]))


def _bits(bits: Sequence[tuple[int, str]]) -> tuple[str, str]:
    """The bits in brackets, and the least type that holds them.

    Each is cut out of its byte, which is made wider where it has to be: sums and products would look for an overflow in every
    row, and cost ten times as much.
    """
    held: list[str] = []
    kind = ""
    for (most, its_kind), (least, _) in zip(_WIDTHS, ((0, ""), *_WIDTHS), strict=False):
        its = [(position, rail) for position, rail in bits if least <= position < most]
        if not its:
            continue
        kind = its_kind
        wide = "{}" if kind == "TINYINT" else f"CAST({{}} AS {kind})"
        held = [f"CAST({_either(*held)} AS {kind})"] if held else []
        held += [f"({wide.format(rail)} & CAST({1 << position} AS {kind}))" for position, rail in its]
    return _either(*held), kind


def is_told(rail: str) -> bool:
    """Whether a byte is a constant, a column, or the opposite of one, which costs nothing."""
    return rail in _OTHER or _TOLD.fullmatch(rail) is not None
