"""What a query reads: the findings of a table as columns, each of its kind, before anything follows from them."""

from collections.abc import Mapping
from typing import NamedTuple

from poems_cli.sql.terms import cases, negated
from poems_cli.sql.text import Rails, Term, Text, text
from poems_cli.tables.unit_scale import Scale


class Measured(NamedTuple):
    """A measured value in a unit of its own: the number, and what may stand with it.

    ``comparator`` holds ``<``, ``<=``, ``>``, ``>=`` or NULL; ``low`` and ``high`` are the laboratory's own limits, in the unit
    of the value. ``None`` where the table never has one. ``sound`` says where the number can be used; without it, everywhere.
    Beside ``sound`` the number is never ``NULL``: NaN where nothing was measured.
    """

    value: Text
    scale: Scale
    comparator: Text | None = None
    low: Text | None = None
    high: Text | None = None
    sound: Rails | None = None


class Inputs(NamedTuple):
    """The findings that a table can tell: what is said of the boolean ones, measured values, and words of choices."""

    said: Mapping[str, Text | Rails]
    measured: Mapping[str, Measured]
    chosen: Mapping[str, Text]


def exceeds(measured: Measured, limit: float) -> Text:
    """Whether the number alone, without its comparator, is above a limit in the canonical unit."""
    if measured.scale.is_identity:
        return text(f"{{}} > {number(limit)}", measured.value)
    return text(f"{{}} >= {number(measured.scale.exceeding(limit))}", measured.value)


def reaches(measured: Measured, limit: float) -> Text:
    """Whether the number alone, without its comparator, is at least a limit in the canonical unit."""
    return text(f"{{}} >= {number(measured.scale.reaching(limit))}", measured.value)


def related(measured: Measured, strict: bool, exceeding: Text, reaching: Text) -> Term:
    """Whether a value is above a limit (``strict``), or at least it; unknown where its comparator leaves it open."""
    plain = exceeding if strict else reaching
    sign = measured.comparator
    if sign is None:
        return plain
    return cases(
        (text("{} IS NULL", sign), plain),
        (text("{} = '>'", sign), cases((reaching, True))),
        (text("{} = '>='", sign), cases((plain, True))),
        (text("{} = '<'", sign), cases((negated(exceeding), False))),
        (text("{} = '<='", sign), cases((negated(plain), False))),
    )


def own_limit(measured: Measured, limit: Text) -> tuple[Text, Text]:
    """Whether the number exceeds, and whether it reaches, a limit of the laboratory beside it."""
    return text("{} > {}", measured.value, limit), text("{} >= {}", measured.value, limit)


#: Twelve digits count, as where units are converted: 3 times 1.1 is 3.3 and not the 3.3000000000000003 of binary fractions.
_ABOVE, _AT_LEAST = 1.0000000000005, 0.9999999999995


def times_limit(measured: Measured, times: float, limit: Text) -> tuple[Text, Text]:
    """Whether the number exceeds, and whether it reaches, a multiple of the laboratory's limit beside it."""
    return (
        text(f"{{}} > {{}} * {number(times * _ABOVE)}", measured.value, limit),
        text(f"{{}} >= {{}} * {number(times * _AT_LEAST)}", measured.value, limit),
    )


def number(value: float) -> str:
    """A number as SQL that reads back to the same double: with an exponent, so that no engine takes it for a decimal."""
    shown = repr(float(value))
    return shown if "e" in shown else f"{shown}e0"
