"""The three-valued terms: what is known beforehand folds away, and never changes the value that SQL comes to."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import product
from typing import Any

import pytest

from poems_cli.engine import logic
from poems_cli.model import Truth
from poems_cli.sql import terms
from poems_cli.sql.open_group import OpenGroup
from poems_cli.sql.terms import values_of, written
from poems_cli.sql.text import KNOWN, Rails, Term, Text, column, quoted, string
from tests.typed_table import came_to as sql_of
from tests.typed_table import connection

#: Each value that a term can have, as a constant and as a column.
TRUTHS: tuple[Truth, ...] = (True, False, None)
NAMES = ("x", "y", "z")


def states(size: int) -> list[tuple[Truth, ...]]:
    return list(product(TRUTHS, repeat=size))


def came_to(term: Term, state: Sequence[Truth]) -> Any:
    """What the SQL of a term comes to where the columns have these values."""
    cells = ", ".join(
        f"CAST({written(value)} AS BOOLEAN) AS {name}, CAST({-int(value is True)} AS TINYINT) AS {name}__t, "
        f"CAST({-int(value is False)} AS TINYINT) AS {name}__f"
        for name, value in zip(NAMES, state, strict=False)
    )
    return connection().execute(f"SELECT {sql_of(term)} FROM (SELECT {cells})").fetchone()[0]  # type: ignore[index]


def railed(name: str) -> Rails:
    """A truth as two columns."""
    return Rails(f'"{name}__t"', f'"{name}__f"', frozenset([f"{name}__t", f"{name}__f"]))


#: The forms in which each of three terms may be given.
FORMS: dict[str, list[Callable[[str], Text | Rails]]] = {
    "text": [column, column, column],
    "rails": [railed, railed, railed],
    "mixed": [railed, column, railed],
}


def kleene_every(values: Sequence[Truth]) -> Truth:
    return logic.at_least(len(values), values)


def kleene_some(values: Sequence[Truth]) -> Truth:
    return logic.at_least(1, values)


def first(values: Sequence[Truth]) -> Truth:
    return next((one for one in values if one is not None), None)


def differ(values: Sequence[Truth]) -> Truth:
    return None if None in values[:2] else values[0] != values[1]


def chosen(values: Sequence[Truth]) -> Truth:
    return values[1] if values[0] else values[2]


LAWS: dict[str, tuple[Callable[[Sequence[Term]], Term], Callable[[Sequence[Truth]], Truth]]] = {
    "not": (lambda one: terms.negated(one[0]), lambda one: logic.negation(one[0])),
    "every": (terms.every, kleene_every),
    "some": (terms.some, kleene_some),
    "is known": (lambda one: terms.is_known(one[0]), lambda one: one[0] is not None),
    "holds": (lambda one: terms.holds(one[0]), lambda one: bool(one[0])),
    "first known": (lambda one: terms.first_known(*one), first),
    "differ": (lambda one: terms.differ(one[0], one[1]), differ),
    "binds": (lambda one: terms.binds(one[0], one[1]), lambda one: logic.binds(one[0], one[1])),
    "cases": (lambda one: terms.cases((one[0], one[1]), otherwise=one[2]), chosen),
    **{
        f"at least {needed}": (
            lambda one, needed=needed: terms.at_least(needed, one),  # type: ignore[misc]
            lambda one, needed=needed: logic.at_least(needed, one),  # type: ignore[misc]
        )
        for needed in (1, 2, 3)
    },
    **{
        f"score {needed}": (
            lambda one, needed=needed: terms.score(needed, POINTS, one),  # type: ignore[misc]
            lambda one, needed=needed: logic.score(needed, POINTS, one),  # type: ignore[misc]
        )
        for needed in (-2, 0, 1, 3)
    },
}
POINTS = (2.0, -1.0, 1.5)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("law", LAWS)
def test_folding_never_changes_the_value(law: str, form: str) -> None:
    """Whichever of three terms are constants and whichever columns, and in every state of the columns."""
    make, expected = LAWS[law]
    for fixed in product([*TRUTHS, "column"], repeat=3):
        given: list[Term] = [
            made(name) if one == "column" else one  # type: ignore[misc]
            for made, name, one in zip(FORMS[form], NAMES, fixed, strict=True)
        ]
        term = make(given)
        asked = [state for state in states(3) if all(one in ("column", value) for one, value in zip(fixed, state, strict=True))]
        for state in asked if fixed.count("column") < 3 else asked[::2]:
            value = expected(state)
            assert came_to(term, state) is value, (fixed, state)
            assert value in values_of(term), (fixed, state)
        if not terms.is_open(term):
            assert {expected(state) for state in asked} == {term}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("outer", ["every", "some", "not", "first known", "differ", "is known", "holds", "at least 2"])
@pytest.mark.parametrize("inner", ["every", "some", "cases", "binds", "first known", "is known"])
def test_terms_within_terms_keep_their_brackets(outer: str, inner: str, form: str) -> None:
    make, expected = LAWS[outer]
    within, value_within = LAWS[inner]
    x, y, z = (made(name) for made, name in zip(FORMS[form], NAMES, strict=True))
    term = make([within([x, y, z]), within([z, x, y]), y])
    for state in states(3):
        a, b, c = state
        assert came_to(term, state) is expected([value_within([a, b, c]), value_within([c, a, b]), b]), state


def test_cases_side_by_side_are_not_taken_for_one() -> None:
    """``CASE ... END OR CASE ... END`` begins and ends like one CASE, and needs brackets all the same."""
    x, y, z = (column(name) for name in NAMES)
    either = terms.some([terms.cases((x, y)), terms.cases((z, y))])
    term = terms.every([either, terms.negated(x)])
    for a, b, c in states(3):
        expected = kleene_every([kleene_some([b if a else None, b if c else None]), logic.negation(a)])
        assert came_to(term, (a, b, c)) is expected


def test_what_a_table_lacks_is_not_in_the_text() -> None:
    x = column("x")
    assert terms.every([x, True]) == x
    assert terms.some([x, True]) is True
    assert terms.every([None, None]) is None
    assert terms.at_least(2, [None, None, False]) is None
    assert terms.at_least(3, [None, None, False, x, False]) == terms.every([x, None, None])
    assert terms.differ(x, None) is None
    assert terms.is_known(column("x", KNOWN)) is True
    assert terms.counted([True, None, False, True], True) == 2


@pytest.mark.parametrize("form", FORMS)
def test_a_mask_has_a_bit_for_each_that_holds(form: str) -> None:
    x, y, _ = (made(name) for made, name in zip(FORMS[form], NAMES, strict=True))
    term = terms.mask([x, True, False, y, None])
    assert isinstance(term, Text)
    for a, b in states(2):
        assert came_to(term, (a, b)) == 2 + (1 if a else 0) + (8 if b else 0)
    far = terms.mask([False] * 40 + [y, x])
    for a, b in states(2):
        assert came_to(far, (a, b)) == ((1 << 41) if a else 0) + ((1 << 40) if b else 0)  # type: ignore[arg-type]
    assert terms.mask([None, True]) == 2


@pytest.mark.parametrize("form", FORMS)
def test_counts(form: str) -> None:
    x, y, _ = (made(name) for made, name in zip(FORMS[form], NAMES, strict=True))
    for a, b in states(2):
        for wanted in TRUTHS:
            count = terms.counted([x, True, None, terms.every([x, y]), False], wanted)
            expected = [a, True, None, kleene_every([a, b]), False].count(wanted)
            assert came_to(count, (a, b)) == expected  # type: ignore[arg-type]
            many = terms.counted([x, y] * 10, wanted)
            assert came_to(many, (a, b)) == 10 * [a, b].count(wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("worth", [1, 8, 1 << 40])
@pytest.mark.parametrize("form", FORMS)
def test_a_group_of_which_one_is_enough(form: str, worth: int) -> None:
    """0 where one is true, else a number that tells how many of each class are unknown; so many times it in a larger number."""
    x, y, z = (made(name) for made, name in zip(FORMS[form], NAMES, strict=True))
    group = OpenGroup([[x, False, z], [None], [y], [False]])
    number = group.times(worth)
    for state in states(3):
        digit, rest = divmod(came_to(number, state), worth)
        expected = None if True in state else ([state[0], state[2]].count(None), 1, int(state[1] is None), 0)
        assert (rest, digit < group.size, group.open_of(digit)) == (0, True, expected)


@pytest.mark.parametrize("form", FORMS)
def test_what_no_row_of_a_group_has(form: str) -> None:
    """Every digit is 0, a state that a row can have, or refused."""
    x, y, z = (made(name) for made, name in zip(FORMS[form], NAMES, strict=True))
    group = OpenGroup([[x, y], [z]])
    found = []
    for digit in range(1, group.size):
        with suppress(ValueError):
            found.append(group.open_of(digit))
    assert sorted(found) == [(alike, other) for alike in range(3) for other in range(2)]


@pytest.mark.parametrize("worth", [1, 8, 1 << 40])
@pytest.mark.parametrize("form", FORMS)
def test_digits(form: str, worth: int) -> None:
    """Every state has a number of its own, from which each truth is read: 0 unknown, 1 true, 2 false."""
    each = [made(name) for made, name in zip(FORMS[form], NAMES, strict=True)]
    number, base = terms.digits([*each, each[0]], worth)
    for state in states(3):
        read, rest = divmod(came_to(number, state), worth)
        found = []
        for _ in range(4):
            read, digit = divmod(read, base)
            found.append((None, True, False)[digit])
        assert (rest, read, found) == (0, 0, [*state, state[0]])


@pytest.mark.parametrize("number", [2, 7, 8, 14, 15, 16, 30, 31, 32, 40, 62])
def test_bits_of_any_width(number: int) -> None:
    """Truths as bytes become a mask whose bits stand where they should, and are counted, however many there are."""
    x, y = (railed(name) for name in NAMES[:2])
    for state in states(2):
        each = [x if place % 3 else y for place in range(number)]
        values = [state[0] if place % 3 else state[1] for place in range(number)]
        assert came_to(terms.mask(each), state) == sum(1 << place for place, value in enumerate(values) if value)
        for wanted in (True, False, None):
            assert came_to(terms.counted(each, wanted), state) == values.count(wanted)


def test_names_and_texts_are_quoted() -> None:
    connection().execute('CREATE OR REPLACE TEMP TABLE odd ("a""b; --" VARCHAR)')
    name, text = quoted('a"b; --'), string("it's")
    connection().execute(f"INSERT INTO odd VALUES ({text})")
    assert connection().execute(f"SELECT {name} FROM odd").fetchall() == [("it's",)]
