"""What is followed from visit to visit -> its records: the rows, the definitions of response, the landmarks.

A part of ``compiling``, below ``compiling_mimics``.
"""

from collections.abc import Mapping
from typing import Any

from poems_cli.model import Fact, Fall, FollowGroup, FollowRow, FollowUp, Landmark, ResponseDomain, ResponseLevel, Way
from poems_cli.rules.checker import Checker
from poems_cli.rules.entries import filled, noted_basis
from poems_cli.rules.shape import CHANGES
from poems_cli.rules.strict_yaml import Path


def compile_follow(checker: Checker, path: Path, entry: Mapping[str, Any]) -> FollowUp | None:
    """The keys of the outlook that concern a patient who is seen again; ``None`` where there are no rows to follow."""
    if not entry.get("follow"):
        return None
    clinical = entry.get("clinical_response")
    return FollowUp(
        tuple([_group(checker, (*path, "follow", group), group, body) for group, body in entry["follow"].items()]),
        tuple([_domain(checker, (*path, "response", key), key, body) for key, body in entry.get("response", {}).items()]),
        noted_fact(clinical) if clinical else None,
        tuple([_landmark(checker, (*path, "landmarks", key), key, body) for key, body in entry.get("landmarks", {}).items()]),
    )


def noted_fact(entry: Mapping[str, Any]) -> Fact:
    """A text with what it rests on, and the remark on that."""
    return filled(Fact, entry, basis=noted_basis(entry))


def noted_facts(entry: Mapping[str, Any]) -> tuple[Fact, ...]:
    """The texts of an entry with what each rests on."""
    return tuple(map(noted_fact, entry.get("facts", ())))


def _group(checker: Checker, path: Path, group: str, entry: Mapping[str, Any]) -> FollowGroup:
    """Findings that are followed together."""
    rows = [_row(checker, (*path, "rows", number), row) for number, row in enumerate(entry.get("rows", ()))]
    return filled(FollowGroup, entry, id=group, rows=tuple(rows))


def _row(checker: Checker, path: Path, body: Any) -> FollowRow:
    entry: dict[str, Any] = {"finding": body} if isinstance(body, str) else body
    kind = checker.kind(entry.get("finding"))
    if kind == "quantity" and "change" not in entry:
        words = " and ".join(CHANGES)
        checker.problem((*path, "change"), f"change says one of {words}", f"Write change: {' or '.join(CHANGES)}.")
    if kind == "choice" or (kind == "boolean" and entry.keys() & {"change", "better"}):
        what = "only a number changes by a percentage or a difference"
        checker.problem(path, what, "Write a finding that is present or absent without change: and better:.")
    return filled(FollowRow, entry)


def _domain(checker: Checker, path: Path, domain: str, entry: Mapping[str, Any]) -> ResponseDomain:
    """What response is measured in, with its levels."""
    levels = [_level(checker, (*path, "levels", level), level, body) for level, body in entry.get("levels", {}).items()]
    return filled(ResponseDomain, entry, id=domain, levels=tuple(levels))


def _level(checker: Checker, path: Path, level: str, entry: Mapping[str, Any]) -> ResponseLevel:
    ways = tuple([_way(checker, (*path, "ways", number), way) for number, way in enumerate(entry.get("ways", ()))])
    return filled(ResponseLevel, {"name": level, **entry}, id=level, ways=ways, basis=noted_basis(entry))


def _way(checker: Checker, path: Path, entry: Mapping[str, Any]) -> Way:
    if not entry.keys() & {"now", "fall"}:
        checker.problem(path, "a way to reach a level says what holds now, or what has fallen", "Add now: or fall:.")
    baseline, now = (checker.optional(path, entry, key, defining=True) for key in ("baseline", "now"))
    return Way(baseline, now, _fall(checker, (*path, "fall"), entry["fall"]) if "fall" in entry else None)


def _fall(checker: Checker, path: Path, entry: Mapping[str, Any]) -> Fall:
    if checker.kind(entry.get("finding")) not in ("quantity", None):
        checker.problem(path, f"{entry['finding']!r} is not a number", "Name a finding that is measured.")
    if not 0 < entry.get("percent", 1) <= 100:
        checker.problem((*path, "percent"), "a fall is more than 0 and at most 100 percent", "Write percent: 50.")
    return filled(Fall, entry)


def _landmark(checker: Checker, path: Path, landmark: str, entry: Mapping[str, Any]) -> Landmark:
    """What is published of a value at a time."""
    when = checker.expression((*path, "when"), entry.get("when"), False)
    return filled(Landmark, entry, id=landmark, when=when, facts=noted_facts(entry))
