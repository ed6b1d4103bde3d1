"""A law of units: what patients' numbers mean does not depend on the unit in which a table gives them.

The same patients in SI units and in conventional ones, with the units in the headings, are read to the same values. Without the
units no value that differs is ever read: the unit is assumed rightly, or the column is not read.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poems_cli.model import Quantity
from poems_cli.rules.loading import load_rules
from poems_cli.tables.cells import CellReader
from poems_cli.tables.columns import Column
from poems_cli.tables.deciding import DecidingOptions, decide_table
from poems_cli.tables.headings import place
from poems_cli.tables.unit_scale import scale_of
from poems_cli.units import UnitSystem
from tests.build import profiles_of

RULES = load_rules()
UNITS = RULES.units
#: Every measured finding with each unit in which it can be given, and what is possible in it.
GIVEN = [
    (finding, unit, scale_of(analyte, unit).possible)
    for finding, analyte in UNITS.analytes.items()
    for unit in analyte.bare or (analyte.canonical,)
]
BY_FINDING = {finding: [unit for name, unit, _ in GIVEN if name == finding] for finding, _, _ in GIVEN}


NO_OPTIONS = DecidingOptions()


class Patients(NamedTuple):
    """The canonical values of some patients for one finding, and two units in which a table gives them."""

    finding: str
    values: tuple[float, ...]
    units: tuple[str, str]


def in_unit(finding: str, value: float, unit: str) -> str:
    """A canonical value as a laboratory would write it in this unit."""
    factor, offset = UNITS.analytes[finding].accepted[unit]
    return f"{(value - offset) / factor:.6g}"


@st.composite
def patients(draw: st.DrawFn) -> Patients:
    finding = draw(st.sampled_from(sorted(BY_FINDING)))
    low, high = UNITS.analytes[finding].plausible or (0.0, 1000.0)
    # Most values are near the low end of what is possible, where units are confused.
    shares = draw(st.lists(st.one_of(st.floats(0.001, 0.02), st.floats(0.02, 0.6)), min_size=1, max_size=12))
    units = (draw(st.sampled_from(BY_FINDING[finding])), draw(st.sampled_from(BY_FINDING[finding])))
    return Patients(finding, tuple(low + (high - low) * share for share in shares), units)


def read(
    heading: str, finding: str, cells: Sequence[str], options: DecidingOptions = NO_OPTIONS
) -> tuple[Column | None, list[float | None]]:
    """The column as it is read, and what each cell means in the canonical unit."""
    table = place([heading], RULES)
    assert [column.finding for column in table.columns] == [finding]
    table = decide_table(table, profiles_of(table, {heading: cells}, RULES), RULES, options)
    if not table.columns:
        return None, []
    reader = CellReader(table.columns[0], RULES.findings[finding], UNITS)
    values = [reader.read(cell) for cell in cells]
    return table.columns[0], [cell.value if isinstance(cell, Quantity) else None for cell in values]


@given(patients())
def test_units_in_the_headings_make_no_difference(made: Patients) -> None:
    readings = []
    for unit in made.units:
        cells = [in_unit(made.finding, value, unit) for value in made.values]
        column, values = read(f"{made.finding} ({unit})", made.finding, cells)
        if column is not None:
            assert column.unit == unit
            readings.append(values)
    for values in readings:
        assert_right(made, values)


@given(patients())
def test_without_units_no_value_that_differs_is_read(made: Patients) -> None:
    """As long as the numbers are possible in the unit of the table."""
    for unit in made.units:
        least, most = UNITS.analytes[made.finding].bare[unit]
        cells = [in_unit(made.finding, value, unit) for value in made.values]
        if all(least <= float(cell) <= most for cell in cells):
            assert_right(made, read(made.finding, made.finding, cells)[1])


@given(patients(), st.sampled_from(["us", "si"]))
def test_with_the_option_no_value_that_differs_is_read(made: Patients, system: UnitSystem) -> None:
    """Where the table is in the units that the option names."""
    for unit in UNITS.analytes[made.finding].systems.get(system, ()):
        cells = [in_unit(made.finding, value, unit) for value in made.values]
        assert_right(made, read(made.finding, made.finding, cells, DecidingOptions(system=system))[1])


def assert_right(made: Patients, values: Sequence[float | None]) -> None:
    """What was read is what was meant; a column that is not read has no values."""
    for value, meant in zip(values, made.values, strict=bool(values)):
        assert value is None or value == pytest.approx(meant, rel=1e-4)
