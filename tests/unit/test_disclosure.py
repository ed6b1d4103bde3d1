"""No count below the threshold can be worked out from what is shown."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poems_cli.report.disclosure import Disclosure, Sum

TOTAL, A, B, C, D, E = (("total",), ("a",), ("b",), ("c",), ("d",), ("e",))
SUMS = [Sum(TOTAL, [A, B, C]), Sum(B, [D, E])]
LEAST = 3
MOST = 5


def counts_of(a: int, c: int, d: int, e: int) -> dict[tuple[str, ...], int]:
    return {TOTAL: a + c + d + e, A: a, B: d + e, C: c, D: d, E: e}


def words(disclosure: Disclosure) -> dict[tuple[str, ...], str]:
    return {key: disclosure.shown(key).words for key in (TOTAL, A, B, C, D, E)}


@pytest.mark.parametrize("least", [0, 1])
def test_nothing_is_hidden_unless_asked_for(least: int) -> None:
    assert words(Disclosure(counts_of(0, 1, 2, 3), SUMS, least)) == {
        TOTAL: "6", A: "0", B: "5", C: "1", D: "2", E: "3",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((2, 100, 50, 60), ["212", "<3", "110", "hidden", "50", "60"]),  # a second one, the smallest, or the total reveals it
        ((2, 1, 50, 60), ["113", "<3", "110", "<3", "50", "60"]),  # two that together are 3: 1 and 2, or 2 and 1
        ((0, 0, 50, 60), ["110", "<3", "hidden", "<3", "hidden", "60"]),  # two that together are 0 would be revealed
        ((100, 100, 2, 60), ["262", "100", "62", "100", "<3", "hidden"]),
        ((10, 10, 10, 10), ["40", "10", "20", "10", "10", "10"]),
        ((1, 0, 0, 1), ["<3", "<3", "<3", "<3", "<3", "<3"]),
    ],
)
def test_hidden_counts(counts: tuple[int, int, int, int], shown: list[str]) -> None:
    assert list(words(Disclosure(counts_of(*counts), SUMS, LEAST)).values()) == shown


def test_a_count_with_a_line_only_where_it_is_not_zero_is_known_not_to_be_zero() -> None:
    counts = {TOTAL: 21, A: 1, B: 0, C: 20}
    only = [Sum(TOTAL, [A, B, C])]
    assert Disclosure(counts, only, LEAST).shown(C).words == "20"  # 0 and 1, or 1 and 0
    assert Disclosure(counts, only, LEAST, {A}).shown(C).words == "hidden"


small = st.integers(min_value=0, max_value=MOST)


@settings(max_examples=60)
@given(small, small, small, small)
def test_every_hidden_small_count_may_be_another(a: int, c: int, d: int, e: int) -> None:
    """Of all tables that would be shown so, at least two differ in it."""
    shown = words(Disclosure(counts_of(a, c, d, e), SUMS, LEAST))

    def fits(counts: dict[tuple[str, ...], int]) -> bool:
        return all(
            counts[key] < LEAST
            if word.startswith("<")
            else counts[key] >= LEAST
            if word == "hidden"
            else str(counts[key]) == word
            for key, word in shown.items()
        )

    possible = [table for four in product(range(2 * MOST), repeat=4) if fits(table := counts_of(*four))]
    for key, word in shown.items():
        if word.startswith("<"):
            assert len({counts[key] for counts in possible}) > 1
