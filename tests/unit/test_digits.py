"""Several small values as one whole number: what is read back is what was put in."""

from itertools import product

import pytest

from poems_cli.sql.digits import of_counts, of_truths
from poems_cli.sql.stages import Stages
from poems_cli.sql.text import Text, column
from tests.typed_table import connection


def told(stages: Stages, value: Text | int, row: str) -> int:
    sql, last = stages.sql(f"(SELECT {row})", "stage")
    asked = value.sql if isinstance(value, Text) else value
    found: int = connection().execute(f"WITH {sql} SELECT {asked} FROM {last}").fetchall()[0][0]
    return found


def test_truths() -> None:
    """Those that are the same for every row take no digit, and are read back all the same."""
    stages = Stages()
    digits = of_truths([stages.given("x"), True, stages.given("y"), None, False], "code", stages)
    for x, y in product((True, False, None), repeat=2):
        cells = [f"CAST({'NULL' if one is None else one} AS BOOLEAN) AS {name}" for one, name in ((x, "x"), (y, "y"))]
        assert digits.read(told(stages, digits.value, ", ".join(cells))) == [x, True, y, None, False]


def test_counts_up_to_the_most_that_each_can_be() -> None:
    stages = Stages()
    digits = of_counts([stages.given("x"), 3, stages.given("y")], [2, 7, 4], "code", stages)
    numbers = set()
    for x, y in product(range(3), range(5)):
        number = told(stages, digits.value, f"{x} AS x, {y} AS y")
        numbers.add(number)
        assert digits.read(number) == [x, 3, y]
    assert numbers == set(range(15))


def test_counts_are_cut_out_of_a_number_of_bits() -> None:
    """Beside rails; up to a number beyond 31 bits."""
    stages = Stages(in_rails=True)
    most = [1, 9, 6, 31, 1 << 20]
    digits = of_counts([stages.given("x"), 3, stages.given("y"), stages.given("z"), stages.given("far")], most, "code", stages)
    for x, y, z, far in product((0, 1), (0, 6), (0, 17, 31), (0, 1 << 20)):
        row = f"{x} AS x, {y} AS y, {z} AS z, {far} AS far"
        counts = [x, 3, y, z, far]
        assert digits.read(told(stages, digits.value, row)) == counts
        assert [told(stages, digits.number(place), row) for place in range(5)] == counts
    plain = Stages()
    with pytest.raises(ValueError, match="no power of two"):
        of_counts([plain.given("x"), plain.given("y")], [2, 2], "code", plain).number(1)


def test_nothing_that_differs_is_no_column() -> None:
    stages = Stages()
    digits = of_truths([True, None], "code", stages)
    assert (digits.value, digits.read(0)) == (0, [True, None])
    assert stages.sql("given", "stage") == ("", "given")


def test_large_numbers_do_not_overflow_and_too_large_ones_are_refused() -> None:
    stages = Stages()
    names = [f"x{place}" for place in range(39)]
    digits = of_truths([stages.given(name) for name in names], "code", stages)
    number = told(stages, digits.value, ", ".join(f"FALSE AS {name}" for name in names))
    assert (number, digits.read(number)) == (3**39 - 1, [False] * 39)
    with pytest.raises(OverflowError, match="more does not fit into one number"):
        of_truths([column(f"x{place}") for place in range(40)], "more", Stages())
