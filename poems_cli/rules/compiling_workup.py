"""What only the work-up needs of the rules -> its records: how tests are ordered, and what qualifies a verdict.

That is which established diseases explain a finding, which findings do not count, and what a patient needs once the default
set is met. A part of ``compiling``, which hands itself over as the :class:`Checker`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from poems_cli.model import AnyOf, Basis, Cause, Expression, Mimic, Stage, Test, Uncounted
from poems_cli.rules.checker import Checker
from poems_cli.rules.shape import CAUSE, STAGE, UNCOUNTED
from poems_cli.rules.strict_yaml import Path
from poems_cli.suggestions import did_you_mean

_NEVER = AnyOf(())


def test_order(checker: Checker, test_id: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a test that say with what it is one order, and when it makes sense."""
    path: Path = ("tests", test_id)
    joined = _ids(checker, (*path, "ordered_with"), entry.get("ordered_with"), checker.section("tests"), "test")
    for other in joined:
        body = checker.section("tests").get(other)
        if other == test_id or (isinstance(body, dict) and "ordered_with" in body):
            mend = "Name the tests of one order in the first of them alone."
            checker.problem((*path, "ordered_with"), f"{other!r} cannot join this order", mend)
    for key, other in (("ordered_with", "order_label"), ("sensible_when", "sensible_words")):
        if (key in entry) != (other in entry):
            checker.problem(path, f"{key}: and {other}: belong together", f"Add {other if key in entry else key}:")
    when = None
    if "sensible_when" in entry:
        when = checker.expression((*path, "sensible_when"), entry["sensible_when"], True)
    return {
        "ordered_with": joined,
        "order_label": entry.get("order_label"),
        "sensible_when": when,
        "sensible_words": entry.get("sensible_words"),
        "last": entry.get("last", False),
    }


def compile_workup(checker: Checker, mimics: Mapping[str, Mimic], tests: Mapping[str, Test]) -> dict[str, Any]:
    """The fields of the rules about the work-up, empty where there are none."""
    return {
        "causes": tuple(_causes(checker, mimics)),
        "uncounted": tuple(_not_counted(checker)),
        "staging": tuple(_staging(checker, tests)),
    }


def _causes(checker: Checker, mimics: Mapping[str, Mimic]) -> Iterator[Cause]:
    """Each cause with the condition that establishes it: its own, or the one that establishes a mimic."""
    for cause, body in checker.section("explained_by").items():
        path: Path = ("explained_by", cause)
        entry = checker.checked(path, body, CAUSE)
        if ("when" in entry) == ("mimic" in entry):
            checker.problem(path, "a cause has when: or mimic:", "Write when: with a condition, or the id of a mimic.")
        when: Expression = _NEVER
        if "when" in entry:
            when = checker.expression((*path, "when"), entry["when"], False)
        elif "mimic" in entry:
            when = _established(checker, (*path, "mimic"), entry["mimic"], mimics)
        findings = _booleans(checker, (*path, "findings"), entry.get("findings"))
        yield Cause(cause, entry.get("name", ""), when, findings, _founded(checker, path, entry))


def _established(checker: Checker, path: Path, mimic: Any, mimics: Mapping[str, Mimic]) -> Expression:
    if not isinstance(mimic, str) or mimic not in mimics:
        checker.problem(path, f"unknown mimic {mimic!r}", did_you_mean(str(mimic), mimics) or "Add the mimic.")
        return _NEVER
    confirmed = mimics[mimic].confirmed
    if confirmed is None:
        checker.problem(path, f"nothing establishes {mimic!r}", "Write when: with a condition of its own.")
        return _NEVER
    return confirmed.when


def _not_counted(checker: Checker) -> Iterator[Uncounted]:
    sets = checker.section("criteria")
    for entry_id, body in checker.section("not_counted").items():
        path: Path = ("not_counted", entry_id)
        entry = checker.checked(path, body, UNCOUNTED)
        for key in ("finding", "element", "unless"):
            if key in entry:
                _booleans(checker, (*path, key), [entry[key]])
        named = entry.get("criteria", list(sets))
        listed = _ids(checker, (*path, "criteria"), named, sets, "criteria set")
        basis = _founded(checker, path, entry)
        finding, element, reason = (entry.get(key, "") for key in ("finding", "element", "reason"))
        yield Uncounted(entry_id, finding, element, listed, reason, basis, entry.get("unless"))


def _staging(checker: Checker, tests: Mapping[str, Test]) -> Iterator[Stage]:
    for stage, body in checker.section("staging").items():
        path: Path = ("staging", stage)
        entry = checker.checked(path, body, STAGE)
        named = _ids(checker, (*path, "tests"), entry.get("tests"), tests, "test")
        given = {finding for test in named for finding in (*tests[test].answers, *tests[test].shows)}
        findings = []
        listed = entry.get("findings")
        for number, finding in enumerate(listed if isinstance(listed, list) else ()):
            place = (*path, "findings", number)
            if not checker.named(finding, place):
                continue
            findings.append(finding)
            if finding not in given:
                checker.problem(place, f"no test here answers {finding!r}", "Add the test that does, or remove the finding.")
        more_sources = tuple(entry.get("more_sources") or ())
        name, short, text = (entry.get(key, "") for key in ("name", "short", "text"))
        yield Stage(stage, name, short, named, tuple(findings), text, _founded(checker, path, entry), more_sources)


# --- pieces -----------------------------------------------------------------------------------------------------------


def _founded(checker: Checker, path: Path, entry: Mapping[str, Any]) -> Basis:
    """What an entry rests on, which it must say."""
    basis = checker.basis(path, entry)
    if basis is None or not basis.is_founded:
        checker.problem(path, "this entry needs its source", "Add source:, read: recalled, or default: true if it is ours.")
    return basis or Basis()


def _booleans(checker: Checker, path: Path, listed: Any) -> tuple[str, ...]:
    """The boolean findings of a list."""
    boolean = {finding for finding, body in checker.section("findings").items() if _kind(body) == "boolean"}
    found = []
    for number, finding in enumerate(listed if isinstance(listed, list) else ()):
        if not checker.named(finding, (*path, number)):
            continue
        if finding in boolean:
            found.append(finding)
        else:
            mend = "Name one that is present or absent."
            checker.problem((*path, number), f"{finding!r} is not a boolean finding", mend)
    if not isinstance(listed, list) or not listed:
        checker.problem(path, "a list of findings is needed here", "Write [finding, ...].")
    return tuple(found)


def _kind(body: Any) -> Any:
    return body.get("kind") if isinstance(body, dict) else None


def _ids(checker: Checker, path: Path, listed: Any, known: Mapping[str, Any], what: str) -> tuple[str, ...]:
    """The ids of a list, each of which must be there."""
    ids = list(listed or ())
    for number, entry_id in enumerate(ids):
        if entry_id not in known:
            mend = did_you_mean(str(entry_id), known) or f"Add the {what}."
            checker.problem((*path, number), f"unknown {what} {entry_id!r}", mend)
    return tuple([entry_id for entry_id in ids if entry_id in known])
