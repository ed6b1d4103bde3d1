"""A measured value in: a number, a text such as ``<0.1`` or ``2812 pg/mL``, or an object with its unit and limits.

All of it is brought to the finding's canonical unit. A number without a unit is read where it can mean one thing only.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from math import inf, isclose, isfinite, isnan, nan
from typing import Literal, NamedTuple, TypeAlias, cast, get_args

from poems_cli.model import Comparator, Finding, Given, Quantity
from poems_cli.phrases import listed
from poems_cli.records.problem import Flaw, kind_of
from poems_cli.units import (
    UnitError,
    UnitFrom,
    UnitSystem,
    UnitTable,
    bare_units,
    implausible,
    normalize_spelling,
    to_canonical,
    ucum_unit,
    unit_named,
)
from poems_cli.written_numbers import COMPARATORS, SPACE, before_blank, is_number, number_in, single_value, without_flag

Refuse: TypeAlias = Callable[[Flaw], None]
#: The units of numbers without one: those of a system, or always the canonical one, as in the examples of the rules.
Bare: TypeAlias = UnitSystem | Literal["canonical"] | None

MEASURED_KEYS = ("unit", "comparator", "low", "high", "given", "unit_from")
KEYS = ("value", *MEASURED_KEYS, "reason")
_MOST_UNITS = 4
_FRACTION = "1 (a fraction)"
_LONGEST_TEXT = 100
_LIKE_A_UNIT = 0.8
_UNIT = re.compile(r"[\w/%*^.\[\]{}()\u00b7\u00d7' -]{1,20}")
_BARE_POWER = re.compile(r"[*x\u00d7.\u00b7]?\s*10\s?[0-9]{1,2}")
_TO_ANOTHER = re.compile(r"\s*(?:[-\u2010-\u2015\u2212]|to\b)\s*[0-9]", re.ASCII)
_DIPSTICK = re.compile(r"\s*[0-9]?\s*\++\s*")
_GROUPED = Flaw(
    "a point, a comma or a blank within the number can mean two things",
    "write no separators between thousands, as in 180000, and 1.25 or 1.2500 for decimals",
)
_NOT_FINITE = Flaw("NaN is not a value", "write null for unknown")
_TOO_LARGE = Flaw("the number is infinite or too large", "write a finite number, or null for unknown")


class _Measure(NamedTuple):
    """What one text or number says; ``inside``: its unit was in the text, and not next to it."""

    number: float
    comparator: Comparator | None = None
    unit: str | None = None
    inside: bool = False


def read_quantity(finding: Finding, given: object, units: UnitTable, refuse: Refuse, bare: Bare = None) -> Quantity | None:
    """The quantity that ``given`` (not null) means, or ``None`` once every fault of it was refused.

    ``bare`` says in which units a number without one is; where nobody says so, it is read if it can mean one thing only.
    """
    if isinstance(given, dict):
        return _from_object(finding, given, units, refuse, bare)
    measure = _measure(finding, given, units, refuse)
    return None if measure is None else _converted(finding, measure, {}, units, refuse, bare)


def example(finding: Finding) -> str:
    """How to write this quantity."""
    if (finding.unit or "").startswith("{"):
        return "write a number"
    return f'write {{"value": 1.5, "unit": "{finding.unit}"}}'


def _from_object(
    finding: Finding, given: Mapping[str, object], units: UnitTable, refuse: Refuse, bare: Bare
) -> Quantity | None:
    sound = True

    def wrong(flaw: Flaw) -> None:
        nonlocal sound
        sound = False
        refuse(flaw)

    measure = _measure(finding, given["value"], units, wrong)
    unit = _unit(finding, given.get("unit"), measure, wrong)
    comparator = _comparator(given.get("comparator"), measure, wrong)
    limits = {side: _limit(side, given[side], wrong) for side in ("low", "high") if given.get(side) is not None}
    if measure is None or not sound:
        return None
    quantity = _converted(finding, measure._replace(comparator=comparator, unit=unit), limits, units, refuse, bare)
    if quantity is not None and given.get("given") is not None:
        quantity = _with_given(finding, quantity, given["given"], units, refuse)
    if quantity is None or given.get("unit_from") is None:
        return quantity
    return _with_unit_from(quantity, given["unit_from"], refuse)


def _with_unit_from(quantity: Quantity, given: object, refuse: Refuse) -> Quantity | None:
    """The quantity with what an answer of this program says of its unit: that of a number without one stays assumed."""
    if given not in get_args(UnitFrom):
        refuse(Flaw("'unit_from' says neither given, assumed nor option", "leave 'unit_from' out"))
        return None
    return quantity._replace(unit_from=cast("UnitFrom", given)) if quantity.unit_from == "given" else quantity


def _with_given(finding: Finding, quantity: Quantity, given: object, units: UnitTable, refuse: Refuse) -> Quantity | None:
    """The quantity with the value and unit of the first record, which an answer of this program keeps under ``given``."""
    value, unit = (given.get("value"), given.get("unit")) if isinstance(given, dict) else (None, None)
    if is_number(value) and isinstance(unit, str) and len(unit) <= _LONGEST_TEXT:
        number = _as_float(value)
        with suppress(UnitError):
            if isfinite(number) and isclose(to_canonical(units, finding.id, number, unit), quantity.value, rel_tol=1e-9):
                return quantity._replace(given=Given(number, unit))
    refuse(Flaw("'given' is not the same value in another unit", "leave 'given' out, or write its value and unit instead"))
    return None


def _measure(finding: Finding, given: object, units: UnitTable, refuse: Refuse) -> _Measure | None:
    """The number, with the comparator and the unit that a text may hold."""
    if isinstance(given, str):
        measure = _written(finding, given, units)
        if isinstance(measure, _Measure):
            return measure
        flaw = measure
    elif isinstance(given, bool) or not isinstance(given, int | float):
        flaw = Flaw(f"expected a measured value, but this is {kind_of(given)}", example(finding))
    elif isfinite(number := _as_float(given)):
        return _Measure(number)
    else:
        flaw = _NOT_FINITE if isnan(number) else _TOO_LARGE
    refuse(flaw)
    return None


def _written(finding: Finding, text: str, units: UnitTable) -> _Measure | Flaw:
    """What a text says as a measured value, or why it says none."""
    if _DIPSTICK.fullmatch(text[:_LONGEST_TEXT]):
        return Flaw("a dipstick reading is not a measured value", f"leave it out, or give the measured value in {finding.unit}")
    number = number_in(text.strip(SPACE)) if len(text) <= _LONGEST_TEXT else None
    if number is None:
        return Flaw("this text is not a number with a unit", f'{example(finding)}, or a text such as "<1.5 {finding.unit}"')
    if _TO_ANOTHER.match(number.rest):
        return Flaw("a range is not one value", "write one number, or the end of the range that matters with < or > before it")
    if " " in number.digits and (before := before_blank(text)) is not None:
        first, unit = before  # 450 109/L, which has lost its superscript
        if _is_unit(finding, unit, units) and (value := single_value(first)) is not None:
            return _Measure(value, first.comparator, unit, inside=True)
    value = single_value(number)
    if value is None:
        return _GROUPED
    if not isfinite(value):
        return _TOO_LARGE
    # The L after a forced vital capacity is a liter of air.
    unit = number.rest.strip(SPACE) if finding.unit == "%" else without_flag(number.rest)
    return _Measure(value, number.comparator, unit or None, bool(unit))


def _is_unit(finding: Finding, text: str, units: UnitTable) -> bool:
    with suppress(UnitError):
        ucum_unit(units, finding.id, text)
        return True
    return False


def _unit(finding: Finding, given: object, measure: _Measure | None, refuse: Refuse) -> str | None:
    """The unit of a value object: next to the value or inside its text, but only once."""
    inside = measure.unit if measure else None
    if given is not None and not isinstance(given, str):
        refuse(Flaw(f"a unit must be text, but this is {kind_of(given)}", f'write "unit": "{finding.unit}"'))
    elif given and given.strip():
        if inside is not None and inside != given.strip():
            refuse(Flaw("two units are given, one inside the value", "leave the value a number, and keep one"))
        if len(given) > _LONGEST_TEXT or not given.isprintable():
            refuse(Flaw("the unit is not understood", f'write "unit": "{finding.unit}"'))
        return given
    return inside


def _comparator(given: object, measure: _Measure | None, refuse: Refuse) -> Comparator | None:
    inside = measure.comparator if measure else None
    if given is None:
        return inside
    sign = COMPARATORS.get(given.strip()) if isinstance(given, str) else None
    if sign is None:
        refuse(Flaw("the comparator is not understood", "write <, <=, > or >=, or leave it out"))
    elif inside is not None and inside != sign:
        refuse(Flaw("two comparators are given, one inside the value", "leave the value a number, and keep one"))
    return sign


def _limit(side: str, given: object, refuse: Refuse) -> float | None:
    """A limit of the laboratory, in the unit of the value."""
    number: float | None = nan
    if isinstance(given, str) and len(given) <= _LONGEST_TEXT:
        written = number_in(given.strip(SPACE))
        number = single_value(written) if written and not written.comparator and not written.rest else nan
    elif is_number(given):
        number = _as_float(given)
    if number is not None and isfinite(number):
        return number
    mend = f'write "{side}" as a number, in the unit of the value'
    refuse(Flaw(f"the laboratory's limit '{side}' is not a finite number", mend))
    return None


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number may be larger than any measurement
        return inf if number > 0 else -inf


def _converted(
    finding: Finding, measure: _Measure, limits: Mapping[str, float | None], units: UnitTable, refuse: Refuse, bare: Bare
) -> Quantity | None:
    """The quantity in the canonical unit, if it is possible."""
    unit_from: UnitFrom = "given"
    if not (measure.unit and measure.unit.strip()) and bare != "canonical":
        meant = bare_units(units, finding.id, measure.number, bare)
        if len(meant) > 1:
            refuse(_without_unit(finding, meant, units, bare))
            return None
        measure = measure._replace(unit=meant[0] if meant else None)
        analyte = units.analytes[finding.id]
        if analyte.is_unit_said:
            unit_from = "option" if bare and measure.unit in analyte.systems.get(bare, ()) else "assumed"
    given = {"value": measure.number} | {side: limit for side, limit in limits.items() if limit is not None}
    try:
        numbers = {name: to_canonical(units, finding.id, number, measure.unit) for name, number in given.items()}
    except UnitError:
        refuse(_unit_flaw(finding, measure, units))
        return None
    flaws = list(_impossible(finding, measure, given, numbers, units))
    for flaw in flaws:
        refuse(flaw)
    if flaws:
        return None
    unit = measure.unit.strip() if measure.unit else finding.unit or ""
    in_own_unit = None if ucum_unit(units, finding.id, unit) == finding.unit else Given(measure.number, unit)
    low, high = numbers.get("low"), numbers.get("high")
    return Quantity(numbers["value"], finding.unit or "", measure.comparator, low, high, in_own_unit, unit_from)


def _without_unit(finding: Finding, meant: Sequence[str], units: UnitTable, bare: Bare) -> Flaw:
    """The flaw of a number that can be in several units."""
    shown = [_FRACTION if unit == "1" else unit_named(unit) for unit in meant[:_MOST_UNITS]]
    shown += ["another"] if len(meant) > _MOST_UNITS else []
    unit = next(unit for unit in meant if unit in units.analytes[finding.id].accepted)
    mend = f'write it with its unit, as in {{"value": 1.5, "unit": "{unit}"}} or "1.5 {unit}"'
    if bare is None and any(len(of) == 1 for of in units.analytes[finding.id].systems.values()):
        mend += "; --units us or si says it for all numbers"
    return Flaw(f"without a unit this number can be in {listed(shown, 'or')}", mend)


def _unit_flaw(finding: Finding, measure: _Measure, units: UnitTable) -> Flaw:
    """The flaw of a unit. What follows a number may be anything about the patient, and is not shown."""
    instead = units.analytes[finding.id].declined.get(normalize_spelling(measure.unit or "").casefold())
    if instead is not None:
        return Flaw("this unit belongs to another measurement", instead)
    accepted = f"{finding.label} may be in {listed(units.analytes[finding.id].named, 'or')}"
    if _BARE_POWER.fullmatch(measure.unit or ""):
        return Flaw("a power of ten without its sign can mean two things", f"write it as 10*9, with the volume; {accepted}")
    if measure.inside:
        return Flaw("what follows the number is not a unit understood here", accepted)
    unit = measure.unit or ""
    shown = f"'{unit}' " if _UNIT.fullmatch(unit) and _is_like_a_unit(unit, tuple(units.spellings)) else ""
    return Flaw(f"the unit {shown}is not understood here", accepted)


@lru_cache(maxsize=256)  # records of one origin share their mistakes
def _is_like_a_unit(text: str, spellings: tuple[str, ...]) -> bool:
    from difflib import get_close_matches  # only for what is wrong

    return bool(get_close_matches(text.casefold(), spellings, n=1, cutoff=_LIKE_A_UNIT))


def _impossible(
    finding: Finding, measure: _Measure, given: Mapping[str, float], numbers: Mapping[str, float], units: UnitTable
) -> list[Flaw]:
    """Why no patient can have these numbers; a tiny one that is ``given`` may have lost its sign in the conversion."""
    flaws = []
    plausible = units.analytes[finding.id].plausible
    if plausible is None or plausible[0] >= 0:  # few differences, such as that of two albumins, may be negative
        flaws += [_negative(name) for name, number in numbers.items() if number < 0 or given[name] < 0]
    if not all(map(isfinite, numbers.values())):
        flaws.append(_TOO_LARGE)
    elif not flaws:
        reason = implausible(units, finding.id, numbers["value"])
        if reason:
            flaws.append(Flaw("the value is not possible", reason))
        if measure.comparator == "<" and numbers["value"] == 0 and (plausible is None or plausible[0] >= 0):
            flaws.append(Flaw("nothing can be less than 0 here", "write the laboratory's limit of detection after <"))
    if numbers.get("low", -inf) > numbers.get("high", inf):
        flaws.append(Flaw("the laboratory's limit 'low' is above 'high'", "swap the two, or leave them out"))
    return flaws


def _negative(name: str) -> Flaw:
    named = "the value" if name == "value" else f"the laboratory's limit '{name}'"
    return Flaw(f"{named} is negative", "check the number: this cannot be below 0")
