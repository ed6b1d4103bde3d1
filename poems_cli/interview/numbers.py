"""A number as people type it: groups of thousands, a decimal comma, a unit, the specimen, and the laboratory's limits."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from poems_cli.engine.logic import plain_number
from poems_cli.model import Finding, Quantity
from poems_cli.phrases import listed
from poems_cli.records.problem import Flaw
from poems_cli.records.quantity import Bare, read_quantity
from poems_cli.report.words import unit_words
from poems_cli.units import UnitTable, bare_units, normalize_spelling
from poems_cli.written_numbers import SPACE, number_in

_RANGE = re.compile(
    r"[(\[]\s*(?:(?P<low>[\d.,]+)\s*(?:-|to|\u2013)\s*|(?:<=?|up to)\s*)(?P<high>[\d.,]+)(?P<unit>[^)\]]*)[)\]]\s*$",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"[,;]?\s*[(\[]?\s*(?:the\s+)?(?:upper\s+limit|upper|limit|uln|normal\s+up\s+to|max(?:imum)?)\s*(?:of|is|:|=)?\s*(?P<high>[\d.,]+)(?P<unit>.*?)[)\]]?\s*$",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s*(?:<=|>=|[<>\u2264\u2265])?\s*([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)\s*")
_EXAMPLE = 12.5


class Number(NamedTuple):
    """What a text says as a number: the value, or what is wrong with it.

    ``in_units`` are the values that it would have in each of several units, where nobody knows which one was meant.
    """

    value: Quantity | None
    wrong: str = ""
    in_units: tuple[Quantity, ...] = ()


def looks_measured(text: str) -> bool:
    """Whether a text begins with a number, perhaps after a comparator."""
    return bool(re.match(r"\s*(?:<=|>=|[<>\u2264\u2265])?\s*\d", text))


def is_bare(text: str) -> bool:
    """Whether a text is a number without a unit, which may be a list's number, a year, or a value of anything."""
    number = number_in(_without_limits(text)[0])
    return number is not None and not number.rest.strip(SPACE)


def read_number(finding: Finding, text: str, units: UnitTable, bare: Bare = None) -> Number:
    """The measured value that a text stands for; ``bare`` says in which units numbers without one are."""
    body, low, high = _without_limits(text)
    plain = _plain_number(body)
    if isinstance(plain, Flaw):
        return Number(None, f"{plain.message}; {plain.mend}")
    limits = {side: limit for side, limit in (("low", low), ("high", high)) if limit is not None}
    given: dict[str, object] = {"value": plain, **limits}
    flaws: list[Flaw] = []
    value = read_quantity(finding, given, units, flaws.append, bare)
    if value is not None:
        return Number(value)
    in_units = tuple(_in_each_unit(finding, given, units, bare))
    if in_units:
        which = listed([unit_words(_own_unit(unit)) for unit in in_units], "or")
        return Number(None, f"this number can be in {which}; write it with its unit", in_units)
    flaw = flaws[0] if flaws else Flaw("this is not a number", "write a number")
    if "{" in flaw.mend:  # worded for a record of JSON
        flaw = Flaw("this is not a number", f"write a number, as {_EXAMPLE} {unit_words(finding.unit)}".rstrip())
    return Number(None, f"{flaw.message}; {flaw.mend}")


def _in_each_unit(finding: Finding, given: Mapping[str, object], units: UnitTable, bare: Bare) -> Iterator[Quantity]:
    """The values of a number without a unit in each unit that it can be in, where these are several."""
    match = _BARE.fullmatch(str(given["value"]))
    meant = bare_units(units, finding.id, float(match[1]), None if bare == "canonical" else bare) if match else ()
    if len(meant) < 2:
        return
    flaws: list[Flaw] = []  # those of the limits, which may be in another unit
    for unit in meant:
        if unit in units.analytes[finding.id].accepted:
            value = read_quantity(finding, {**given, "unit": unit}, units, flaws.append)
            if value is not None:
                yield value


def _own_unit(value: Quantity) -> str:
    return value.given.unit if value.given else value.unit


def with_upper_limit(value: Quantity, finding: Finding, text: str, units: UnitTable) -> Number:
    """A value with the laboratory's upper limit, which was given later, in the unit of the value."""
    plain = _plain_number(text.strip().lstrip("<").strip())
    if isinstance(plain, Flaw):
        return Number(None, f"{plain.message}; {plain.mend}")
    flaws: list[Flaw] = []
    limit = read_quantity(finding, f"{plain} {_own_unit(value)}" if _BARE.fullmatch(plain) else plain, units, flaws.append)
    if limit is None:
        return Number(None, f"{flaws[0].message}; {flaws[0].mend}" if flaws else "this is not a number")
    if value.low is not None and limit.value < value.low:
        return Number(None, "the upper limit is below the lower one; check both")
    return Number(value._replace(high=limit.value))


def _without_limits(text: str) -> tuple[str, float | None, float | None]:
    """The text without the laboratory's limits at its end, and these limits. Unclear ones are left in the text."""
    for pattern in (_RANGE, _LIMIT):
        match = pattern.search(text)
        value = _in_unit_of_limits(text[: match.start()].strip(), match["unit"].strip()) if match and match.start() else None
        if match and value is not None:
            written = [match.groupdict().get(side) for side in ("low", "high")]
            low, high = map(_as_float, written)
            if (low, high).count(None) == written.count(None):
                return value, low, high
    return text.strip(), None, None


def _in_unit_of_limits(value: str, unit: str) -> str | None:
    """A value before its limits, with their unit where it has none itself; ``None`` where these are in another unit."""
    number = number_in(value)
    own = "" if number is None else number.rest
    is_own = normalize_spelling(unit).casefold() == normalize_spelling(own).casefold()
    return value if not unit or is_own else None if own else f"{value} {unit}"


def _as_float(text: str | None) -> float | None:
    if text is None:
        return None
    plain = _plain_number(text)
    try:
        return None if isinstance(plain, Flaw) else float(plain)
    except ValueError:
        return None


def _plain_number(text: str) -> str | Flaw:
    """The text with its number written plainly. A point that can part thousands is not guessed; a comma or a blank does."""
    number = number_in(text.strip(SPACE))
    if number is None:
        return text
    value = number.value(next(iter(number.marks))) if number.is_clear else None
    if value is None and "." not in number.digits:
        value = number.value(".")
    if value is None and number.marks:
        return Flaw("a point before three digits can mean thousands or decimals", "write it as 1250, or as 1.2500")
    if value is None:
        return Flaw("this number can be read in two ways", "write a decimal point and no separators, as in 1234.5")
    return f"{number.comparator or ''}{plain_number(value)} {number.rest}".rstrip()


def fitting(findings: Sequence[Finding], text: str, units: UnitTable, bare: Bare) -> list[tuple[Finding, Quantity]]:
    """Those of several quantities that a number with its unit can be."""
    read = [(finding, read_number(finding, text, units, bare).value) for finding in findings]
    return [(finding, value) for finding, value in read if value is not None]


def which_words(findings: Sequence[Finding]) -> str:
    """Several quantities in a phrase."""
    return listed([finding.label for finding in findings], "or")
