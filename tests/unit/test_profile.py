"""Profiles of columns: the same however the cells come, in batches, as texts or as numbers."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from poems_cli.rules.loading import load_rules
from poems_cli.tables.profile import MOST_TEXTS, Profile, ProfileBuilder
from poems_cli.tables.profiling import count

RULES = load_rules()
UNITS = RULES.units


def builder(finding: str, *batches: Mapping[str, int]) -> ProfileBuilder:
    made = ProfileBuilder(RULES.findings[finding], UNITS)
    for batch in batches:
        made.add_texts(batch)
    return made


def profile(finding: str, *batches: Mapping[str, int]) -> Profile:
    return builder(finding, *batches).profile()


def test_a_profile_counts_cells_blanks_and_texts() -> None:
    counted = profile("ascites", {"yes": 3, " yes ": 1, "NA": 2, "": 4, "no": 1})
    assert (counted.cells, counted.blank, counted.has_all_texts) == (11, 6, True)
    assert counted.texts == (("yes", 4), ("NA", 2), ("no", 1))


def test_numbers_other_than_0_and_1_are_codes_of_a_column_of_words() -> None:
    assert profile("ascites", {"0": 1, "1.0": 1, "yes": 1}).codes == frozenset()
    assert profile("ascites", {"2": 1, "3.0": 1, "-9": 1, "0.5": 1, "2 days": 1}).codes == {"2", "3", "-9", "0.5"}
    assert profile("ascites", {"+": 1, "-": 1}).signs is False
    assert profile("ascites", {"+": 1, "++": 1}).signs is True


def test_numbers_are_counted_by_what_is_possible() -> None:
    numbers = profile("calcium", {"2.31": 3, "9.1": 2, "high": 1, "2.4 mmol/L": 5}).numbers["."]
    assert (numbers.total, numbers.below_1, numbers.above_1, numbers.codes) == (5, 0, 5, 0)
    assert (numbers.fits["mg/dL"], numbers.fits["mmol/L"]) == (2, 3)
    assert profile("calcium", {"2.4 mmol/L": 5}).written == {"mmol/L": 5}


def test_marks_are_counted() -> None:
    counted = profile("plasma_vegf", {"1.250": 1, "48,5": 2, "48.5": 3, "1,120,000": 4, "1\u00a0250": 5, "48": 6})
    assert (counted.ambiguous, counted.commas, counted.points, counted.wide) == (1, 2, 7, 5)
    assert [counted.numbers[mark].total for mark in ("", ".", ",")] == [20, 19, 14]


def test_a_word_that_the_mapping_explains_is_not_counted_as_a_number() -> None:
    made = ProfileBuilder(RULES.findings["calcium"], UNITS, {"999": None})
    made.add_texts({"999": 5, "999.0": 2, "9.1": 1})
    count(made, pa.array([999, 9.2, None]))
    assert made.profile().numbers["."].total == 2


def test_only_so_many_texts_are_kept_the_most_frequent_ones() -> None:
    counted = profile("ascites", *[{f"word {number}": 1 + (number < 5)} for number in range(3 * MOST_TEXTS)])
    assert len(counted.texts) <= 2 * MOST_TEXTS
    assert not counted.has_all_texts
    assert {"word 0", "word 4"} <= dict(counted.texts).keys()


amounts = st.lists(
    st.one_of(st.floats(-10, 1e6).map(lambda number: round(number, 2)), st.sampled_from([0, 1, 0.62])), max_size=40
)
cells = st.dictionaries(
    st.sampled_from(["1.2", "450 H", "<5", "", "NA", "yes", "1", "2", "++", "1.250", "7,5", "3 g/dL"]), st.integers(1, 9)
)


@given(amounts, st.sampled_from(["calcium", "bone_marrow_plasma_cells", "albumin", "eosinophils", "ascites"]))
def test_numbers_of_an_array_are_counted_as_their_texts_are(numbers: list[float], finding: str) -> None:
    made = ProfileBuilder(RULES.findings[finding], UNITS)
    made.add_numbers(np.array(numbers, dtype=np.float64))
    other = profile(finding, Counter(repr(float(number)) for number in numbers))
    assert made.profile().numbers["."] == other.numbers["."]
    assert made.profile().cells == other.cells
    assert made.profile().codes == other.codes


@given(amounts)
def test_ambiguous_numbers_of_an_array_are_counted_as_their_texts_are(numbers: list[float]) -> None:
    texts = [f"{number:.3f}" for number in numbers if 1 <= number < 1000]
    made = ProfileBuilder(RULES.findings["plasma_vegf"], UNITS)
    made.add_ambiguous(np.array(texts, dtype=np.float64))
    other = profile("plasma_vegf", Counter(texts))
    assert made.profile()._replace(texts=()) == other._replace(texts=())


arrays = st.one_of(
    st.lists(st.sampled_from([*"012+-", "1.250", "0.5", "7,5", "yes", "NA", "", "3 g/dL", "-4", None]), max_size=20).map(
        pa.array
    ),
    st.lists(st.one_of(st.none(), st.floats(-5, 500), st.just(float("nan"))), max_size=20).map(
        lambda numbers: pa.array(numbers, pa.float64())
    ),
    st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=20).map(lambda numbers: pa.array(numbers, pa.int64())),
    st.lists(st.sampled_from([True, False, None]), max_size=20).map(lambda truths: pa.array(truths, pa.bool_())),
)


@given(arrays, st.sampled_from(["calcium", "ascites", "sex"]), st.booleans())
def test_arrays_are_counted_as_their_cells_are(array: pa.Array, finding: str, encoded: bool) -> None:
    made = ProfileBuilder(RULES.findings[finding], UNITS)
    array = array.cast(pa.string()) if pa.types.is_null(array.type) else array
    count(made, array.dictionary_encode() if encoded and pa.types.is_string(array.type) else array)
    cells = ["" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell) for cell in array.to_pylist()]
    counted, other = made.profile(), profile(finding, Counter(cells))
    assert (counted.cells, counted.blank, counted.codes, counted.signs) == (other.cells, other.blank, other.codes, other.signs)
    assert (counted.ambiguous, counted.commas, counted.written) == (other.ambiguous, other.commas, other.written)
    assert counted.numbers["."] == other.numbers["."]


@given(st.lists(cells, max_size=5), st.sampled_from(["calcium", "ascites", "sex"]), st.integers(0, 5))
def test_batches_add_up(batches: list[dict[str, int]], finding: str, cut: int) -> None:
    first, second = builder(finding, *batches[:cut]), builder(finding, *batches[cut:])
    first.merge(second)
    total: Counter[str] = Counter()
    for batch in batches:
        total.update(batch)
    assert first.profile() == profile(finding, total)
