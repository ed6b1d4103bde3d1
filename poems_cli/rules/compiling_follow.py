"""What is followed from visit to visit -> its records: the rows, the definitions of response, the landmarks.

A part of ``compiling``, below ``compiling_mimics``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from poems_cli.model import (
    Basis,
    Fact,
    Fall,
    FollowGroup,
    FollowRow,
    FollowUp,
    Landmark,
    ResponseDomain,
    ResponseLevel,
    Way,
)
from poems_cli.rules.checker import Checker
from poems_cli.rules.shape import (
    BETTER,
    CHANGES,
    FACT,
    FALL,
    FOLLOWED,
    FOLLOWED_GROUP,
    LANDMARK,
    RESPONSE_DOMAIN,
    RESPONSE_LEVEL,
    WAY,
)
from poems_cli.rules.strict_yaml import Path

T = TypeVar("T")

_NO_BASIS = Basis()


def compile_follow(checker: Checker, path: Path, entry: Mapping[str, Any]) -> FollowUp | None:
    """The keys of the outlook that concern a patient who is seen again; ``None`` where there are no rows to follow."""
    if not entry.get("follow"):
        return None
    compiler = _Follow(checker)
    clinical = entry.get("clinical_response")
    return FollowUp(
        compiler.each((*path, "follow"), entry["follow"], compiler.group),
        compiler.each((*path, "response"), entry.get("response"), compiler.domain),
        compiler.fact((*path, "clinical_response"), clinical) if clinical else None,
        compiler.each((*path, "landmarks"), entry.get("landmarks"), compiler.landmark),
    )


def compile_facts(checker: Checker, path: Path, listed: Any) -> tuple[Fact, ...]:
    """Texts with what each rests on."""
    follow = _Follow(checker)
    return tuple([follow.fact((*path, number), body) for number, body in enumerate(listed or ())])


class _Follow:
    def __init__(self, checker: Checker) -> None:
        self.checker = checker

    def each(self, path: Path, body: Any, compiled: Callable[[Path, str, Any], T]) -> tuple[T, ...]:
        """Every entry of a mapping, by its id."""
        entries = self.checker.keys(path, body or {}, body if isinstance(body, dict) else ())
        return tuple([compiled((*path, key), key, body) for key, body in entries.items()])

    def fact(self, path: Path, body: Any) -> Fact:
        """A text with what it rests on."""
        entry = self.checker.checked(path, body, FACT)
        return Fact(entry.get("text", ""), self.checker.basis(path, entry) or _NO_BASIS)

    # --- rows ---------------------------------------------------------------------------------------------------------

    def group(self, path: Path, group: str, body: Any) -> FollowGroup:
        """Findings that are followed together."""
        entry = self.checker.checked(path, body, FOLLOWED_GROUP)
        rows = [self._row((*path, "rows", number), row) for number, row in enumerate(entry.get("rows") or ())]
        return FollowGroup(group, entry.get("name", ""), bool(entry.get("clinical")), tuple(rows))

    def _row(self, path: Path, body: Any) -> FollowRow:
        entry: dict[str, Any] = {"finding": body} if isinstance(body, str) else self.checker.checked(path, body, FOLLOWED)
        finding = str(entry.get("finding"))
        if not self.checker.named(entry.get("finding"), path):
            return FollowRow(finding, None, None)
        kind = self.checker.kind(finding)
        if kind == "quantity" and entry.get("change") not in CHANGES:
            self._one_of((*path, "change"), "change", CHANGES)
        if entry.get("better") is not None and entry["better"] not in BETTER:
            self._one_of((*path, "better"), "better", BETTER)
        if kind not in ("quantity", "boolean") or (kind == "boolean" and entry.keys() & {"change", "better"}):
            what = "only a number changes by a percentage or a difference"
            self.checker.problem(path, what, "Write a finding that is present or absent without change: and better:.")
        return FollowRow(finding, entry.get("change"), entry.get("better"), entry.get("name"))

    def _one_of(self, path: Path, key: str, words: Sequence[str]) -> None:
        self.checker.problem(path, f"{key} says one of {' and '.join(words)}", f"Write {key}: {words[0]} or {words[1]}.")

    # --- response -----------------------------------------------------------------------------------------------------

    def domain(self, path: Path, domain: str, body: Any) -> ResponseDomain:
        """What response is measured in, with its levels."""
        entry = self.checker.checked(path, body, RESPONSE_DOMAIN)
        levels = self.each((*path, "levels"), entry.get("levels"), self._level)
        return ResponseDomain(domain, entry.get("name", ""), levels, entry.get("below", ""))

    def _level(self, path: Path, level: str, body: Any) -> ResponseLevel:
        entry = self.checker.checked(path, body, RESPONSE_LEVEL)
        ways = [self._way((*path, "ways", number), way) for number, way in enumerate(entry.get("ways") or ())]
        basis = self.checker.basis(path, entry) or _NO_BASIS
        return ResponseLevel(level, entry.get("name") or level, entry.get("text", ""), tuple(ways), basis)

    def _way(self, path: Path, body: Any) -> Way:
        entry = self.checker.checked(path, body, WAY)
        if not entry.keys() & {"now", "fall"}:
            what = "a way to reach a level says what holds now, or what has fallen"
            self.checker.problem(path, what, "Add now: or fall:.")
        baseline, now = (
            self.checker.expression((*path, key), entry[key], True) if key in entry else None for key in ("baseline", "now")
        )
        return Way(baseline, now, self._fall((*path, "fall"), entry["fall"]) if "fall" in entry else None)

    def _fall(self, path: Path, body: Any) -> Fall:
        entry = self.checker.checked(path, body, FALL)
        finding, percent = entry.get("finding"), entry.get("percent")
        if self.checker.named(finding, path) and self.checker.kind(str(finding)) != "quantity":
            self.checker.problem(path, f"{finding!r} is not a number", "Name a finding that is measured.")
        if not isinstance(percent, int | float) or not 0 < percent <= 100:
            self.checker.problem((*path, "percent"), "a fall is more than 0 and at most 100 percent", "Write percent: 50.")
        return Fall(str(finding), percent if isinstance(percent, int | float) else 0.0)

    # --- landmarks ----------------------------------------------------------------------------------------------------

    def landmark(self, path: Path, landmark: str, body: Any) -> Landmark:
        """What is published of a value at a time."""
        entry = self.checker.checked(path, body, LANDMARK)
        self.checker.named(entry.get("finding"), (*path, "finding"))
        when = self.checker.expression((*path, "when"), entry.get("when"), False)
        facts = compile_facts(self.checker, (*path, "facts"), entry.get("facts"))
        title, finding = entry.get("title", ""), entry.get("finding", "")
        return Landmark(landmark, title, finding, entry.get("months", 0), entry.get("within", 0), when, facts)
