"""Units: which unit a laboratory's spelling stands for, and a value in the canonical unit of its finding.

Every finding has its own list of accepted units (``rules/units.yaml``), and a spelling is read against that list alone. So
``G/L`` is grams per liter for hemoglobin and giga per liter (10*9/L) for platelets, and a spelling that fits no accepted unit,
or more than one, is refused and never guessed. UCUM is case sensitive and laboratories are not: case is ignored only where
the accepted units of the finding leave one reading. A number without a unit is read by ``bare_units`` alone, which says in
which units it can be meant. No message made here carries a patient's value.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from math import inf
from typing import Any, Literal, NamedTuple, TypeAlias

from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_INPUT

# No laboratory gives ten significant digits: twelve lose nothing and drop the noise of binary fractions (1.2 g/L -> 0.12).
_SIGNIFICANT = ".12g"
_ANY = (-inf, inf)

_CHARACTERS = str.maketrans(
    {
        "\N{GREEK SMALL LETTER MU}": "u",
        "\N{GREEK CAPITAL LETTER MU}": "u",  # what upper() makes of a micro sign
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{MIDDLE DOT}": ".",
        "\N{DOT OPERATOR}": ".",
        "\N{FRACTION SLASH}": "/",
        "\N{DIVISION SLASH}": "/",
        "\N{MINUS SIGN}": "-",
        "\N{LATIN CAPITAL LETTER A WITH CIRCUMFLEX}": None,  # what Latin-1 leaves before a micro sign or a superscript
    }
)

# How reports in English, French, Spanish, Italian and German write what UCUM has one sign for.
_CELLS = "cells?|cellules?|cellule|c[e\u00e9]lulas?|cel|[e\u00e9]l[e\u00e9]ments?|elementos?|elementi|zellen"
_DAY = r"24|24\.?h(?:rs?|ours?|oras?|eures?)?|24ore|24std|day|d[i\u00ed]a|jour|die|giorno|tag"
_HOUR = "h|hr|hour|hora|heure|ora|std|stunde"
_FIRST = "1|1st|1a|1e|1re|1ere|1\u00e8re|first|primera|prima|premi[e\u00e8]re"
_IN = "in|en|a|\u00e0|al|nella"

# Tried in this order, case ignored. They are compiled at first use: most runs meet only units that need none of them.
_REWRITES = (
    (r"\s*\bper\b(?!\s*cent)\s*", "/"),
    (r"[\s.]+([a-z]+)\^?-1(?!\d)", r"/\1"),  # g.L-1, 10*9 L^-1
    (r"\s+|\.$", ""),
    (r"(?<=.)\{(?!\d)[^{}]*\}|^\{(?!\d)[^{}]*\}(?=.)", ""),  # annotations; {1.73_m2} and a lone {ratio} stay
    (r"^[x*.]?1(?:0(?:\*\*|[*^(])|0?e\+?0?)(1[0-2]|[2-69])\)?(?!\d)", r"10*\1"),  # x10^3, 10E3, 10(3)
    (r"^[x*]?10(1[0-2]|[2-69])(?=/)", r"10*\1"),  # x10 3/uL, and 109/L that lost its superscript
    (r"^(10\*\d+)(?:cells?)?/?(?=[a-z])", r"\1/"),  # 10*3uL, 10*6 cells/L
    (rf"^(?:{_CELLS}|#|1)(?=/)", ""),
    (r"(?<![a-z])(?:mc|micro)(?=[gl](?![a-z])|mol|i?u|ui|ie)", "u"),
    (r"(?<![a-z\[])([mu]?)(?:i\.?u|u\.?i|i\.?e)\.?(?![a-z\]])", r"\1[IU]"),  # IE in German and Dutch
    (r"(?<![a-z])([munp]?)(?:grams?|gms?|gr|gs)(?=[/%]|$)", r"\1g"),
    (r"(?<=g)%$", "/dL"),  # mg%
    (r"(?<=/)100(?:ml|cc)$", "dL"),
    (r"(?<=/)cc$", "mL"),
    (r"(?<=/)(?:mm[\^*]?3|(?:cu\.?|cubic|c)mm|mm\.?cu|mmc)$", "uL"),
    (r"(?<=/)([dmu]?)(?:lit(?:er|re)s?|ltr?|l)$", r"\1L"),
    (r"\^(?=\d)", ""),
    (rf"(?<=g)/(?:{_DAY})\.?$", "/d"),
    (rf"^mm(?:/|{_IN})?(?:the|la|l')?(?:{_FIRST})?/?(?:{_HOUR})$", "mm/h"),
    (r"^([cm]m)(?:of|d'|de|di)?(?:water|eau|agua|acqua)$", r"\1[H2O]"),
)

#: In which units numbers without one are taken to be: those that laboratories in the United States use, or those of the SI.
UnitSystem: TypeAlias = Literal["us", "si"]
#: What the codes of times are called: each name is read back as its code.
_TIMES: Mapping[str, str] = {"a": "years", "mo": "months", "wk": "weeks", "d": "days"}
UNIT_SYSTEMS: tuple[UnitSystem, ...] = ("us", "si")
#: Where a unit comes from: the record gave it, it is assumed since the number has no other reading, or an option gave it.
UnitFrom: TypeAlias = Literal["given", "assumed", "option"]


class AnalyteUnits(NamedTuple):
    """The units of one quantity: canonical = given * factor + offset. ``plausible`` is [low, high] in the canonical unit.

    ``declined`` are units in which reports give something else under this name, each with what to do instead.

    The rest is for numbers without a unit. ``bare`` are the accepted units in which they can be meant, the canonical one first,
    each with the least and the greatest number that occurs in it; ``elsewhere`` are such units of other measurements that
    go by the same name. ``systems`` are the units of the quantity in each system that has some. ``is_unit_said`` is false where
    the unit need not be written, as the years of an age. ``common`` is what nearly every patient has, in the canonical unit.
    """

    canonical: str
    accepted: Mapping[str, tuple[float, float]]
    plausible: tuple[float, float] | None
    declined: Mapping[str, str] = {}
    bare: Mapping[str, tuple[float, float]] = {}
    elsewhere: Mapping[str, tuple[float, float]] = {}
    systems: Mapping[UnitSystem, tuple[str, ...]] = {}
    is_unit_said: bool = True
    common: tuple[float, float] | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """The accepted units as they are shown."""
        return tuple(map(unit_named, self.accepted))

    @property
    def is_mistakable(self) -> bool:
        """Whether some number without a unit can be meant in more than one."""
        return bool(self.elsewhere) or len({self.accepted[unit] for unit in self.bare}) > 1


class UnitTable(NamedTuple):
    """All that is known of units.

    ``spellings`` leads from a spelling, as it is and with its case folded, to the UCUM units it may stand for: which one it
    is depends on the finding. ``analytes`` is by finding.
    """

    spellings: Mapping[str, tuple[str, ...]]
    analytes: Mapping[str, AnalyteUnits]


class UnitError(PoemsError):
    """A unit that the finding does not accept. The problem names the unit given and the accepted ones, never a value."""

    def __init__(self, finding: str, what: str, mend: str) -> None:
        super().__init__([Problem(finding, what, mend)], EXIT_INPUT)


@lru_cache(maxsize=256)  # a table repeats a few spellings many times
def normalize_spelling(text: str) -> str:
    """The unit in plain ASCII and one spelling for micro, powers of ten, cubic millimeters, grams and international units.

    It never changes which unit is meant, and leaves case alone. A power of ten without a volume stays one (``10*3``).
    """
    if not text.isascii():
        text = _plain(text)
    text = text.strip()
    for pattern, replacement in _REWRITES:
        text = re.sub(pattern, replacement, text, flags=re.IGNORECASE)
    return text


def unit_table(compiled: Mapping[str, Any]) -> UnitTable:
    """The table from plain data of this shape: the content of ``units.yaml``, and the canonical unit of each quantity.

    ``{"spellings": {ucum: [spelling, ...]},
    "accepted": {finding: {ucum: factor, or {"factor": factor, "offset": offset, ...}}},
    "plausible": {finding: [low, high]},
    "common": {finding: [low, high]},
    "declined": {finding: {unit: what to do instead}},
    "mistaken": [{"findings": [...], "units": [...], "why": ..., "numbers": [low, high] or left out}],
    "never_bare": {finding: {unit: why}},
    "unit_unsaid": {finding: why},
    "systems": {"us": {finding: [unit, ...]}, "si": ...},
    "canonical": {finding: ucum}}``

    Only the findings in ``canonical`` get units; each accepts its canonical unit in any case. A spelling written as
    ``normalize_spelling`` leaves it covers all that comes out the same. The data are taken to be valid: the loader checks.
    """
    accepted, plausible, declined = (compiled.get(key, {}) for key in ("accepted", "plausible", "declined"))
    analytes = {}
    for finding, canonical in compiled["canonical"].items():
        units = {canonical: (1.0, 0.0)} | {unit: _conversion(entry) for unit, entry in accepted.get(finding, {}).items()}
        possible = _limits(plausible.get(finding))
        instead = {normalize_spelling(unit).casefold(): mend for unit, mend in declined.get(finding, {}).items()}
        mistaken = [entry for entry in compiled.get("mistaken", ()) if finding in entry["findings"]]
        met_with = {unit: _limits(entry.get("numbers")) or _ANY for entry in mistaken for unit in entry["units"]}
        never = compiled.get("never_bare", {}).get(finding, {})
        analytes[finding] = AnalyteUnits(
            canonical,
            units,
            possible,
            instead,
            bare={unit: met_with.get(unit, _ANY) for unit in units if unit not in never},
            elsewhere={unit: numbers for unit, numbers in met_with.items() if unit not in units and numbers != _ANY},
            systems={system: tuple(of[finding]) for system, of in compiled.get("systems", {}).items() if of.get(finding)},
            is_unit_said=not canonical.startswith("{") and finding not in compiled.get("unit_unsaid", {}),
            common=_limits(compiled.get("common", {}).get(finding)),
        )

    spellings: dict[str, tuple[str, ...]] = {}
    for unit in dict.fromkeys(unit for analyte in analytes.values() for unit in analyte.accepted):
        for spelling in (unit, *compiled.get("spellings", {}).get(unit, ())):
            for key in dict.fromkeys((spelling, spelling.casefold())):  # not a set: its order differs from run to run
                known = spellings.get(key, ())
                if unit not in known:
                    spellings[key] = (*known, unit)
    return UnitTable(spellings, analytes)


def ucum_unit(table: UnitTable, finding: str, unit: str | None) -> str:
    """The accepted UCUM unit that ``unit`` means with this finding; the canonical one if none (or a blank) was given.

    Raises UnitError if the spelling is none of the accepted units, or more than one, and KeyError if the finding
    is not a quantity.
    """
    analyte = table.analytes[finding]
    if unit is None or not unit.strip():
        return analyte.canonical
    if unit in analyte.accepted:
        return unit
    for key in _keys(table, unit):
        meant = [known for known in table.spellings.get(key, ()) if known in analyte.accepted]
        if len(meant) == 1:
            return meant[0]
        if meant:
            break
    instead = analyte.declined.get(normalize_spelling(unit).casefold())
    if instead is not None:
        raise UnitError(finding, "this unit belongs to another measurement", instead)
    given = unit if len(unit) <= 40 else f"{unit[:40]}..."
    raise UnitError(finding, f"the unit {given!r} is not understood", f"it may be {', '.join(analyte.named)}")


def unit_named(unit: str) -> str:
    """A UCUM unit as it is shown: that of a time by its name, any other as it is."""
    return _TIMES.get(unit, unit)


def units_spelled(table: UnitTable, unit: str) -> tuple[str, ...]:
    """The UCUM units that a spelling may stand for; the spelling itself where it is not known. Equal for the same unit."""
    return next((table.spellings[key] for key in _keys(table, unit) if key in table.spellings), (normalize_spelling(unit),))


def is_unit(table: UnitTable, text: str) -> bool:
    """Whether a text is written as a unit of some finding is."""
    return any(key in table.spellings for key in _keys(table, text))


def to_canonical(table: UnitTable, finding: str, value: float, unit: str | None) -> float:
    """A value, or a limit of the laboratory, in the canonical unit of the finding. Errors as in ``ucum_unit``."""
    factor, offset = table.analytes[finding].accepted[ucum_unit(table, finding, unit)]
    return converted(value, factor, offset)


def converted(value: float, factor: float, offset: float) -> float:
    """``value * factor + offset`` without the noise of binary fractions; a value that need not change stays as it is."""
    if factor == 1 and offset == 0:
        return float(value)
    return float(format(value * factor + offset, _SIGNIFICANT))


def implausible(table: UnitTable, finding: str, canonical_value: float) -> str | None:
    """Why no patient can have this value (a slip of the pen, a wrong unit), with the limits; None if one can."""
    analyte = table.analytes[finding]
    if analyte.plausible is None:
        return None
    low, high = analyte.plausible
    if low <= canonical_value <= high:
        return None
    return f"{finding} cannot be outside {low:.15g} to {high:.15g} {analyte.canonical}: check the number and its unit"


def bare_units(table: UnitTable, finding: str, number: float, system: UnitSystem | None = None) -> tuple[str, ...]:
    """The units in which a number without one can be meant, one for each value that it would have; the usual ones first.

    It can be read where there is one. Several cannot be told apart, and some of them may belong to another measurement of the
    same name. There is none where no patient can have the number in any unit. With a ``system``, only its units count where
    the number is possible in them; where it is not, those of the other system do not count either: they would contradict it.
    """
    analyte = table.analytes[finding]
    of_system = analyte.systems.get(system, ()) if system else ()
    foreign = {analyte.accepted[unit] for other, of in analyte.systems.items() if of_system and other != system for unit in of}
    others = [unit for unit in analyte.bare if analyte.accepted[unit] not in foreign]
    for units in (of_system, others):
        meant: dict[float, str] = {}
        for unit in units:
            least, most = analyte.bare.get(unit, _ANY)
            canonical = converted(number, *analyte.accepted[unit])
            if least <= number <= most and _is_possible(analyte, number, canonical):
                meant.setdefault(canonical, unit)
        if meant:
            elsewhere = [unit for unit, (least, most) in analyte.elsewhere.items() if number and least <= number <= most]
            usual = _usual_instead(analyte, number, meant) if len(meant) == 1 else ()
            return (*meant.values(), *usual, *elsewhere)
    return of_system[:1]


def _usual_instead(analyte: AnalyteUnits, number: float, meant: Mapping[float, str]) -> tuple[str, ...]:
    """The unit in which a number is common that is unusual in the one in which it would be read."""
    low, high = analyte.common or _ANY
    usual = [unit for unit in analyte.bare if low <= converted(number, *analyte.accepted[unit]) <= high]
    return () if any(low <= canonical <= high for canonical in meant) else tuple(usual[:1])


def _is_possible(analyte: AnalyteUnits, number: float, canonical: float) -> bool:
    low, high = analyte.plausible or (0.0, inf)
    return low <= canonical <= high and (number >= 0 or low < 0)


def _keys(table: UnitTable, unit: str) -> tuple[str, ...]:
    """What to look a spelling up by, the most literal first. Case is not ignored in what already is a unit of the table.

    So ``g/L`` is never read as giga per liter, though ``G/L`` may be grams per liter.
    """
    literal, normal = unit.strip(), normalize_spelling(unit)
    if normal in table.spellings.get(normal, ()):
        return (normal,)
    return (literal, literal.casefold(), normal, normal.casefold())


def _plain(text: str) -> str:
    """ASCII as far as there is any; a superscript after a ten stays a power."""
    from unicodedata import normalize  # only for the few spellings that need it

    text = re.sub("10(?=[\u2070\u00b9\u00b2\u00b3\u2074-\u2079])", "10*", text)
    return normalize("NFKC", text).translate(_CHARACTERS)


def _limits(given: Any) -> tuple[float, float] | None:
    return (float(given[0]), float(given[1])) if given else None


def _conversion(entry: Any) -> tuple[float, float]:
    if isinstance(entry, Mapping):
        return float(entry["factor"]), float(entry.get("offset", 0))
    return float(entry), 0.0
