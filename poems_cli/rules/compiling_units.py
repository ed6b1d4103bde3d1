"""What the rules say of units, and of numbers without one -> the table of units: a part of ``compiling``."""

from collections.abc import Mapping, Sequence
from typing import Any

from poems_cli.rules.checker import Checker
from poems_cli.rules.strict_yaml import Path
from poems_cli.units import UNIT_SYSTEMS, UnitTable, unit_table
from poems_cli.written_numbers import is_number

Accepted = Mapping[str, Mapping[str, Any]]
_FITTING = "Name a finding under units.accepted."


def checked_units(checker: Checker, findings: Mapping[str, Any]) -> UnitTable:
    """The units that can be used; all that cannot be is reported."""
    units = checker.section("units")
    canonical = _canonical(findings)
    accepted = _accepted(checker, units, canonical)
    for finding_id, unit in canonical.items():
        entry = accepted.get(finding_id, {}).get(unit)
        if (entry.get("factor") if isinstance(entry, dict) else entry) != 1:
            mend = f"Add {unit!r}: 1 under units.accepted.{finding_id}."
            checker.problem(("findings", finding_id, "unit"), "the canonical unit is not among the accepted ones", mend)
    _limits(checker, "plausible", units)
    _limits(checker, "common", units)
    _declined(checker, units, accepted)
    _bare_units(checker, units, accepted)
    return unit_table({"accepted": accepted, "spellings": units.get("spellings", {}), "canonical": canonical})


def all_units(checker: Checker) -> UnitTable:
    """Everything that the rules say of units, which must be in order."""
    return unit_table({**checker.section("units"), "canonical": _canonical(checker.section("findings"))})


def _canonical(findings: Mapping[str, Any]) -> dict[str, str]:
    """The canonical unit of each quantity."""
    return {name: body["unit"] for name, body in findings.items() if body.get("kind") == "quantity" and "unit" in body}


def _accepted(checker: Checker, units: Mapping[str, Any], canonical: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The units that each quantity accepts, as far as they can be used."""
    accepted: dict[str, dict[str, Any]] = {}
    for finding_id, listed in units.get("accepted", {}).items():
        path: Path = ("units", "accepted", finding_id)
        message = f"{finding_id!r} is not a quantity"
        checker.is_known(path, finding_id, canonical, message, "Name a finding whose kind is quantity.")
        accepted[finding_id] = {}
        for unit, entry in listed.items():
            factor: Any = entry.get("factor") if isinstance(entry, dict) else entry
            if not is_number(factor) or (isinstance(entry, dict) and not is_number(entry.get("offset", 0))):
                checker.problem((*path, unit), "a unit has a factor", "Write a number, or {factor: number, offset: number}.")
            elif factor <= 0:  # a limit in this unit would turn round
                checker.problem((*path, unit), "a factor is above 0", "Write canonical = given * factor.")
            else:
                accepted[finding_id][unit] = entry
    return accepted


def _limits(checker: Checker, key: str, units: Mapping[str, Any]) -> None:
    for finding_id, limits in units.get(key, {}).items():
        if not (isinstance(limits, list) and len(limits) == 2 and all(is_number(limit) for limit in limits)):
            checker.problem(("units", key, finding_id), f"{key} limits are two numbers", "Write [lowest, highest].")


def _declined(checker: Checker, units: Mapping[str, Any], accepted: Mapping[str, Mapping[str, Any]]) -> None:
    for finding_id, listed in units.get("declined", {}).items():
        path: Path = ("units", "declined", finding_id)
        if finding_id not in accepted:
            checker.problem(path, f"{finding_id!r} has no units", "Name a finding under units.accepted.")
        for unit in listed:
            if unit in accepted.get(finding_id, ()):
                checker.problem((*path, unit), f"{unit!r} is accepted", "Keep it in one of the two.")


def _bare_units(checker: Checker, units: Mapping[str, Any], accepted: Accepted) -> None:
    """Report what cannot be used of ``mistaken``, ``never_bare``, ``unit_unsaid`` and ``systems``."""
    for number, body in enumerate(units.get("mistaken", ())):
        _mistaken(checker, ("units", "mistaken", number), body, accepted)
    for finding, reasons in units.get("never_bare", {}).items():
        path: Path = ("units", "never_bare", finding)
        if _has_units(checker, path, finding, accepted):
            for unit in reasons:
                _is_accepted(checker, (*path, unit), unit, accepted[finding])
    for finding in units.get("unit_unsaid", {}):
        _has_units(checker, ("units", "unit_unsaid", finding), finding, accepted)
    for system, of in units.get("systems", {}).items():
        checker.is_known(("units", "systems", system), system, UNIT_SYSTEMS, f"unknown system {system!r}", "Write us or si.")
        for finding, listed in of.items():
            path = ("units", "systems", system, finding)
            if _has_units(checker, path, finding, accepted):
                for unit in listed:
                    _is_accepted(checker, path, unit, accepted[finding])


def _mistaken(checker: Checker, path: Path, entry: Mapping[str, Any], accepted: Accepted) -> None:
    """One entry: units that the findings accept, or numbers of another measurement under the same name."""
    numbers: Sequence[Any] = entry.get("numbers", ())
    if numbers and (len(numbers) != 2 or numbers[0] >= numbers[1]):
        checker.problem((*path, "numbers"), "numbers are the least and the greatest", "Write [least, greatest].")
    for finding in entry.get("findings", ()):
        if not _has_units(checker, (*path, "findings"), finding, accepted):
            continue
        known = [unit for unit in entry.get("units", ()) if unit in accepted[finding]]
        if not known and not numbers:
            mend = "Name a unit under units.accepted, or say with numbers: which numbers occur in it."
            checker.problem((*path, "units"), f"{finding!r} accepts none of these units", mend)


def _has_units(checker: Checker, path: Path, finding: str, accepted: Accepted) -> bool:
    return checker.is_known(path, finding, accepted, f"{finding!r} has no units", _FITTING)


def _is_accepted(checker: Checker, path: Path, unit: str, accepted: Mapping[str, Any]) -> None:
    checker.is_known(path, unit, accepted, f"{unit!r} is not an accepted unit", f"It may be {', '.join(accepted)}.")
