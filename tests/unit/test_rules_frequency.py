"""How a frequency in the rules is read."""

import pytest

from poems_cli.rules.frequency import points, share

WORDS = {"often": 0.75}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("often", 0.75),
        ("7 %", 0.07),
        ("53.7 %", 0.537),
        ("27 of 27", 27.5 / 28),
        ("0 of 21", 0.5 / 22),
        ("60 to 75 %", 0.675),
        ("75 to 100 %", 0.875),
        ("0 %", None),
        ("100 %", None),
        ("28 of 27", None),
        ("0 of 0", None),
        ("7%", None),
        ("mostly", None),
    ],
)
def test_a_frequency_is_a_word_a_percentage_a_count_or_a_range(text: str, read: float | None) -> None:
    assert share(text, WORDS) == pytest.approx(read)


def test_points_are_ten_times_the_logarithm_of_each_ratio() -> None:
    assert points(0.5, 0.05) == (10.0, -2.8)
    assert points(0.05, 0.5) == (-10.0, 2.8)
    assert points(0.3, 0.3) == (0.0, 0.0)
