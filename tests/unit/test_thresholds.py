"""A limit in the unit of a column decides exactly as converting every cell would, for every unit that the rules accept."""

from math import inf, isclose, nextafter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from poems_cli.model import Rules
from poems_cli.rules.loading import load_rules
from poems_cli.tables.unit_scale import Scale, scale_of
from poems_cli.units import AnalyteUnits, UnitTable, to_canonical

UNITS = load_rules().units
EVERY = [(finding, unit) for finding, analyte in UNITS.analytes.items() for unit in analyte.accepted]
# A number so near to 0 that its conversion is 0 is not a measurement.
numbers = st.floats(-1e9, 1e9, allow_nan=False, allow_subnormal=False).filter(
    lambda number: number == 0 or abs(number) > 1e-200
)


def scale(finding: str, unit: str) -> Scale:
    return scale_of(UNITS.analytes[finding], unit)


def test_the_rules_have_many_units() -> None:
    assert len(EVERY) > 150


@given(st.sampled_from(EVERY), numbers, numbers)
def test_the_limits_agree_with_conversion(where: tuple[str, str], limit: float, number: float) -> None:
    finding, unit = where
    unit_scale = scale(finding, unit)
    canonical = to_canonical(UNITS, finding, number, unit)
    assert (number >= unit_scale.reaching(limit)) == (canonical >= limit)
    assert (number >= unit_scale.exceeding(limit)) == (canonical > limit)


@given(st.sampled_from(EVERY), numbers, st.integers(-3, 3))
def test_the_limits_agree_with_conversion_at_the_limit_itself(where: tuple[str, str], number: float, steps: int) -> None:
    """Limits are met exactly in tables: 450 where the limit is 450, in every unit."""
    finding, unit = where
    unit_scale = scale(finding, unit)
    limit = unit_scale.canonical(number)
    for _ in range(abs(steps)):
        number = nextafter(number, inf if steps > 0 else -inf)
    assert (number >= unit_scale.reaching(limit)) == (unit_scale.canonical(number) >= limit)
    assert (number >= unit_scale.exceeding(limit)) == (unit_scale.canonical(number) > limit)


@pytest.mark.parametrize(
    ("finding", "unit", "limit", "least"),
    [
        ("platelets", "/uL", 450, 450000),
        ("hemoglobin", "g/L", 16.5, 165),
        ("hematocrit", "L/L", 49, 0.49),
        ("age", "a", 60, 60),
    ],
)
def test_limits_of_the_rules_are_round_in_other_units(finding: str, unit: str, limit: float, least: float) -> None:
    unit_scale = scale(finding, unit)
    assert unit_scale.reaching(limit) <= least < unit_scale.exceeding(limit)
    assert isclose(unit_scale.reaching(limit), least, rel_tol=1e-11)
    assert isclose(unit_scale.exceeding(limit), least, rel_tol=1e-11)


@given(st.sampled_from(EVERY), numbers)
def test_the_possible_numbers_are_those_that_convert_to_possible_values(where: tuple[str, str], number: float) -> None:
    finding, unit = where
    analyte = UNITS.analytes[finding]
    assume(analyte.plausible is not None)
    low, high = analyte.plausible or (0, 0)
    least, most = scale(finding, unit).possible
    assert (least <= number <= most) == (low <= to_canonical(UNITS, finding, number, unit) <= high)


@given(st.sampled_from(EVERY), numbers)
def test_numbers_below_zero_agree_with_conversion(where: tuple[str, str], number: float) -> None:
    finding, unit = where
    unit_scale = scale(finding, unit)
    limits = UNITS.analytes[finding].plausible
    if limits is not None and limits[0] < 0:
        assert unit_scale.nothing_below is None
    else:
        assert unit_scale.nothing_below is not None
        assert (number <= unit_scale.nothing_below) == (unit_scale.canonical(number) <= 0)


def test_a_quantity_without_limits_is_not_below_zero() -> None:
    unit_scale = scale_of(AnalyteUnits("x", {"x": (1.0, 0.0), "kx": (1000.0, 0.0)}, None), "kx")
    assert unit_scale.possible[0] == 0.0
    assert unit_scale.possible[1] >= 1e300
    assert unit_scale.nothing_below == 0.0


def test_zero_of_a_scale_may_be_elsewhere() -> None:
    """As 0 kelvin is -273.15 degrees."""
    unit_scale = scale_of(AnalyteUnits("K", {"K": (1.0, 0.0), "Cel": (1.0, 273.15)}, (0.0, 400.0)), "Cel")
    assert list(unit_scale.possible) == pytest.approx([-273.15, 126.85])
    assert unit_scale.nothing_below == pytest.approx(-273.15)


def test_differences_may_be_negative(units: UnitTable) -> None:
    unit_scale = scale_of(units.analytes["serum_ascites_albumin_gradient"], "g/L")
    assert list(unit_scale.possible) == pytest.approx([-30, 60])


def test_canonical_units_need_no_conversion(rules: Rules) -> None:
    for finding in rules.findings.values():
        if finding.kind == "quantity":
            assert scale(finding.id, finding.unit or "").is_identity, finding.id
            assert scale(finding.id, finding.unit or "").reaching(0.1) == 0.1
