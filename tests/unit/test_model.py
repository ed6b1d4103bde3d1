"""The records of the rules."""

from itertools import combinations, product
from typing import Any, get_args

import pytest

from poems_cli.model import All, AnyOf, Asserted, Expression, Known, Present

A, B = Present("a"), Present("b")


@pytest.mark.parametrize(("kind", "other"), list(combinations(get_args(Expression), 2)))
def test_expressions_of_two_kinds_are_never_equal(kind: Any, other: Any) -> None:
    """Each is a tuple of its fields, and many of them have the same."""
    pairs = product(_built(kind), _built(other))
    assert all(this != that and not this == that and len({this, that}) == 2 for this, that in pairs)  # noqa: SIM201


def _built(kind: Any) -> list[Any]:
    """An expression with each of some fields for those that have no default."""
    needed = len(kind._fields) - len(kind._field_defaults)
    return [kind(*[value] * needed) for value in ("a", 1, (A, B))]


def test_equal_expressions_are_equal_however_deep() -> None:
    assert All((AnyOf((A, B)), Asserted("a"))) == All((AnyOf((A, B)), Asserted("a")))
    assert All((AnyOf((A, B)),)) != All((All((A, B)),))
    assert {Known("a"): 1}[Known("a")] == 1
    assert Present("a") != ("a", None, None)
