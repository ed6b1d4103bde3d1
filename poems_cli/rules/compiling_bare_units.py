"""What the rules say of numbers without a unit -> whether it can be used: a part of ``compiling``, which hands itself over."""

from collections.abc import Mapping, Sequence
from typing import Any

from poems_cli.rules.compiling_mimics import Checker
from poems_cli.rules.shape import MISTAKEN
from poems_cli.rules.strict_yaml import Path
from poems_cli.suggestions import did_you_mean
from poems_cli.units import UNIT_SYSTEMS

Accepted = Mapping[str, Mapping[str, Any]]
_FITTING = "Name a finding under units.accepted."


def check_bare_units(checker: Checker, units: Mapping[str, Any], accepted: Accepted) -> None:
    """Report what cannot be used of ``mistaken``, ``never_bare``, ``unit_unsaid`` and ``systems``."""
    for number, body in enumerate(units.get("mistaken") or ()):
        _mistaken(checker, ("units", "mistaken", number), body, accepted)
    for finding, reasons in (units.get("never_bare") or {}).items():
        path: Path = ("units", "never_bare", finding)
        if _has_units(checker, path, finding, accepted):
            for unit in reasons:
                _is_accepted(checker, (*path, unit), unit, accepted[finding])
    for finding in units.get("unit_unsaid") or {}:
        _has_units(checker, ("units", "unit_unsaid", finding), finding, accepted)
    systems = checker.keys(("units", "systems"), units.get("systems") or {}, UNIT_SYSTEMS)
    for system, of in systems.items():
        for finding, listed in of.items():
            path = ("units", "systems", system, finding)
            if _has_units(checker, path, finding, accepted):
                for unit in listed:
                    _is_accepted(checker, path, unit, accepted[finding])


def _mistaken(checker: Checker, path: Path, body: Any, accepted: Accepted) -> None:
    """One entry: units that the findings accept, or numbers of another measurement under the same name."""
    entry = checker.checked(path, body, MISTAKEN)
    numbers: Sequence[Any] = entry.get("numbers") or ()
    if numbers and (len(numbers) != 2 or numbers[0] >= numbers[1]):
        checker.problem((*path, "numbers"), "numbers are the least and the greatest", "Write [least, greatest].")
    for finding in entry.get("findings") or ():
        if not _has_units(checker, (*path, "findings"), finding, accepted):
            continue
        known = [unit for unit in entry.get("units") or () if unit in accepted[finding]]
        if not known and not numbers:
            mend = "Name a unit under units.accepted, or say with numbers: which numbers are met with in it."
            checker.problem((*path, "units"), f"{finding!r} accepts none of these units", mend)


def _has_units(checker: Checker, path: Path, finding: str, accepted: Accepted) -> bool:
    if finding in accepted:
        return True
    checker.problem(path, f"{finding!r} has no units", did_you_mean(finding, accepted) or _FITTING)
    return False


def _is_accepted(checker: Checker, path: Path, unit: str, accepted: Mapping[str, Any]) -> None:
    if unit not in accepted:
        mend = did_you_mean(unit, accepted) or f"It may be {', '.join(accepted)}."
        checker.problem(path, f"{unit!r} is not an accepted unit", mend)
