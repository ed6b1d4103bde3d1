"""What only the work-up needs of the rules -> its records: how tests are ordered, and what qualifies a verdict.

That is which established diseases explain a finding, which findings do not count, and what a patient needs once the default
set is met. A part of ``compiling``, which hands itself over as the :class:`Checker`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from poems_cli.model import Basis, Cause, Mimic, Stage, Test, Uncounted
from poems_cli.rules.checker import NEVER, Checker
from poems_cli.rules.entries import filled, noted_basis
from poems_cli.rules.strict_yaml import Path


def check_order(checker: Checker, path: Path, test_id: str, entry: Mapping[str, Any]) -> None:
    """Check which tests are one order with a test, and that what goes together is there together."""
    for other in entry.get("ordered_with", ()):
        if other == test_id or "ordered_with" in checker.section("tests").get(other, ()):
            mend = "Name the tests of one order in the first of them alone."
            checker.problem((*path, "ordered_with"), f"{other!r} cannot join this order", mend)
    for key, other in (("ordered_with", "order_label"), ("sensible_when", "sensible_words")):
        if (key in entry) != (other in entry):
            checker.problem(path, f"{key}: and {other}: belong together", f"Add {other if key in entry else key}:")


def compile_workup(checker: Checker, mimics: Mapping[str, Mimic], tests: Mapping[str, Test]) -> dict[str, Any]:
    """The fields of the rules about the work-up, empty where there are none."""
    return {
        "causes": tuple(_causes(checker, mimics)),
        "uncounted": tuple(_not_counted(checker)),
        "staging": tuple(_staging(checker, tests)),
    }


def _causes(checker: Checker, mimics: Mapping[str, Mimic]) -> Iterator[Cause]:
    """Each cause with the condition that establishes it: its own, or the one that establishes a mimic."""
    for cause, entry in checker.section("explained_by").items():
        path: Path = ("explained_by", cause)
        if ("when" in entry) == ("mimic" in entry):
            checker.problem(path, "a cause has when: or mimic:", "Write when: with a condition, or the id of a mimic.")
        when = checker.optional(path, entry, "when")
        if when is None and entry.get("mimic") in mimics:
            confirmed = mimics[entry["mimic"]].confirmed
            when = confirmed and confirmed.when
            if confirmed is None:
                message = f"nothing establishes {entry['mimic']!r}"
                checker.problem((*path, "mimic"), message, "Write when: with a condition of its own.")
        if not entry.get("findings"):
            checker.problem((*path, "findings"), "a list of findings is needed here", "Write [finding, ...].")
        for number, finding in enumerate(entry.get("findings", ())):
            _is_boolean(checker, (*path, "findings", number), finding)
        yield filled(Cause, entry, id=cause, when=when or NEVER, basis=_founded(checker, path, entry))


def _not_counted(checker: Checker) -> Iterator[Uncounted]:
    for entry_id, entry in checker.section("not_counted").items():
        path: Path = ("not_counted", entry_id)
        for key in ("finding", "element", "unless"):
            _is_boolean(checker, (*path, key), entry.get(key))
        criteria = tuple(entry.get("criteria", checker.section("criteria")))
        yield filled(Uncounted, entry, id=entry_id, criteria=criteria, basis=_founded(checker, path, entry))


def _staging(checker: Checker, tests: Mapping[str, Test]) -> Iterator[Stage]:
    for stage, entry in checker.section("staging").items():
        path: Path = ("staging", stage)
        named = [tests[test] for test in entry.get("tests", ()) if test in tests]
        given = {finding for test in named for finding in (*test.answers, *test.shows)}
        for number, finding in enumerate(entry.get("findings", ())):
            if finding not in given and finding in checker.section("findings"):
                mend = "Add the test that does, or remove the finding."
                checker.problem((*path, "findings", number), f"no test here answers {finding!r}", mend)
        yield filled(Stage, entry, id=stage, basis=_founded(checker, path, entry))


def _founded(checker: Checker, path: Path, entry: Mapping[str, Any]) -> Basis:
    """What an entry rests on, which it must say."""
    basis = noted_basis(entry)
    if not basis.is_founded:
        checker.problem(path, "this entry needs its source", "Add source:, read: recalled, or default: true if it is ours.")
    return basis


def _is_boolean(checker: Checker, path: Path, finding: Any) -> None:
    """Check that a finding, if there is one, is present or absent."""
    if checker.kind(finding) not in ("boolean", None):
        checker.problem(path, f"{finding!r} is not a boolean finding", "Name one that is present or absent.")
