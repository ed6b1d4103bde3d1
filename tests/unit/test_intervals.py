import pytest

from poems_cli.engine.intervals import Span, difference, has_fallen, percent
from poems_cli.model import Quantity


def of(text: str) -> Quantity:
    """A quantity as a laboratory writes it."""
    number = text.lstrip("<>=")
    sign = text[: len(text) - len(number)]
    return Quantity(float(number), "pg/mL", sign or None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "share", "fallen"),
    [
        ("400", "200", 50, True),
        ("400", "201", 50, False),
        ("1.1", "0.11", 90, True),
        (">2000", "1000", 50, True),
        (">2000", "1001", 50, None),
        ("400", "<31", 90, True),
        ("400", "<300", 50, None),
        ("400", "<100", 80, None),
        ("400", ">200", 50, False),
        ("400", ">=200", 50, None),
        (">2000", ">2000", 50, None),
        ("<31", "10", 50, None),
        ("<31", "31", 50, False),
        ("0", "0", 50, None),
        ("<1", "0", 50, None),
    ],
)
def test_a_fall_is_known_only_where_every_value_in_between_agrees(
    before: str, after: str, share: float, fallen: bool | None
) -> None:
    assert has_fallen(of(before), of(after), share) is fallen


@pytest.mark.parametrize(
    ("before", "after", "share", "units"),
    [
        ("400", "100", Span(-75, -75), Span(-300, -300)),
        ("400", "<40", Span(None, -90), Span(-400, -360)),
        (">2000", "500", Span(None, -75), Span(None, -1500)),
        ("2000", ">3000", Span(50, None), Span(1000, None)),
        ("<100", "150", Span(50, None), Span(50, 150)),
        (">2000", ">2000", Span(None, None), Span(None, None)),
        ("0", "5", Span(None, None), Span(5, 5)),
        ("5", "0", Span(-100, -100), Span(-5, -5)),
    ],
)
def test_a_change_has_the_ends_that_the_comparators_leave(before: str, after: str, share: Span, units: Span) -> None:
    assert percent(of(before), of(after)) == share
    assert difference(of(before), of(after)) == units
