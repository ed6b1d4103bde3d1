"""Whether a case is written as it should be: keys, ids and kinds of values, checked against the rules."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from poems_cli.authoring.cases import (
    GRAY_ZONE,
    NEVER,
    NONE,
    OTHERS,
    STATUSES,
    UNKNOWN,
    VERDICTS,
    Case,
    mapping,
)
from poems_cli.engine.criteria import conditions
from poems_cli.model import Present, Rules
from poems_cli.rules.strict_yaml import Path as Place
from poems_cli.suggestions import did_you_mean
from poems_cli.written_numbers import is_number

CASE_KEYS = ("id", "about", "source", "findings", "absent", "expect")
SET_KEYS = ("verdict", "level", "levels")
MIMIC_KEYS = ("status", "first", "place", "evidence", "established", "excluded")
LISTS = (
    "warnings", "no_warnings", "contradictions", "decisive", "not_decisive", "red_flags", "no_red_flags", "explained",
    "not_explained", "explained_groups", "not_counted", "counted", "refused", "tests",
    "common_causes",
)  # fmt: skip
MAPPINGS = (
    "criteria", "findings", "quantities", "mimics", "staging", "outlook", "if_present", "if_absent", "answered_by", "shown_by",
    "settled_by", "burdens", "sensible",
)  # fmt: skip
EXPECT_KEYS = (*MAPPINGS, *LISTS, "steps_to_met", "next_test", "outcome")
_OF_LISTS = {
    "warnings": "warning", "no_warnings": "warning", "red_flags": "red flag", "no_red_flags": "red flag", "tests": "test",
    "explained_groups": "condition",
}  # fmt: skip


class CaseCheck:
    """Checks cases against the rules: keys, ids and kinds of values, each fault with its line."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._problem: Callable[[Place, str, str], str] = lambda *_: ""
        boolean = [name for name, finding in rules.findings.items() if finding.kind == "boolean"]
        gray = [f"{GRAY_ZONE}{name}" for name in boolean if rules.findings[name].gray_zone]
        warnings = [*(warning.id for warning in rules.warnings), *gray]
        flags = [flag.id for flag in rules.red_flags]
        uncounted = [entry.finding for entry in rules.uncounted]
        self._boolean = boolean
        self._known: Mapping[str, Sequence[str]] = {
            "warnings": warnings,
            "no_warnings": warnings,
            "contradictions": boolean,
            "decisive": list(rules.findings),
            "not_decisive": list(rules.findings),
            "red_flags": flags,
            "no_red_flags": flags,
            "explained": boolean,
            "not_explained": boolean,
            "explained_groups": list(_group_names(rules)),
            "not_counted": uncounted,
            "counted": uncounted,
            "common_causes": [mimic.id for mimic in rules.mimics.values() if mimic.common_cause],
            "refused": list(rules.findings),
            "tests": list(rules.tests),
        }
        listed = [set_id for mimic in rules.mimics.values() for set_id in mimic.criteria]
        self._sets = {**rules.criteria, **{set_id: rules.mimic_criteria[set_id] for set_id in listed}}

    def problems(self, case: Case, entry: object) -> Iterator[str]:
        """Everything wrong with a case; ``entry`` is its body as written."""
        self._problem = case.problem
        if not isinstance(entry, dict):
            yield self._problem((), "a case is a mapping", "Give it id:, about:, findings: and expect:.")
            return
        yield from self._keys((), entry, CASE_KEYS)
        for key in ("id", "about"):
            if not isinstance(entry.get(key), str) or not entry[key].strip():
                yield self._problem((), f"{key} is missing or not text", f"Add {key}: with a short text.")
        yield from self._one_of(("source",), entry.get("source"), self._rules.sources, "source", optional=True)
        if not isinstance(entry.get("findings"), dict):
            yield self._problem(
                ("findings",), "findings is a mapping of ids to values", "Write findings: {} if nothing is known."
            )
        absent = entry.get("absent")
        if isinstance(absent, list):
            yield from self._absent(absent, mapping(entry.get("findings")))
        elif absent not in (None, OTHERS):
            yield self._problem(
                ("absent",), "absent is a list of findings", f"Write absent: {OTHERS}, or absent: [papilledema]."
            )
        yield from self._expect(entry.get("expect"))

    def _absent(self, absent: Sequence[object], findings: Mapping[str, Any]) -> Iterator[str]:
        for number, finding in enumerate(absent):
            yield from self._one_of(("absent", number), finding, self._boolean, "boolean finding")
            if isinstance(finding, str) and finding in findings:
                yield self._problem(("absent", number), f"{finding!r} is under findings too", "Keep one of the two.")

    def _expect(self, expect: object) -> Iterator[str]:
        if not isinstance(expect, dict) or not expect:
            yield self._problem(("expect",), "nothing is expected", "Write expect: {criteria: {mayo: met}}.")
            return
        yield from self._keys(("expect",), expect, EXPECT_KEYS)
        for key in MAPPINGS:
            if key in expect and not isinstance(expect[key], dict) and (key, expect[key]) != ("outlook", NONE):
                yield self._problem(
                    ("expect", key), f"{key} is a mapping of ids to what is expected", f"Write {key}: {{id: value}}."
                )
        for set_id, wanted in mapping(expect.get("criteria")).items():
            yield from self._criteria(("expect", "criteria", set_id), set_id, wanted)
        for mimic, wanted in mapping(expect.get("mimics")).items():
            yield from self._mimic(("expect", "mimics", mimic), mimic, wanted)
        yield from self._truths(expect)
        yield from self._numbers(mapping(expect.get("quantities")))
        yield from self._tests(expect)
        for key in ("if_present", "if_absent"):
            for finding, effects in mapping(expect.get(key)).items():
                yield from self._effects(("expect", key, finding), finding, effects)
        outcomes = [*(outcome.id for outcome in self._rules.outcomes), NONE]
        yield from self._one_of(("expect", "outcome"), expect.get("outcome"), outcomes, "outcome", optional=True)
        for key in LISTS:
            yield from self._list(("expect", key), expect.get(key, []), self._known[key])
        yield from self._steps(("expect", "steps_to_met"), expect.get("steps_to_met", NEVER))

    def _truths(self, expect: Mapping[str, Any]) -> Iterator[str]:
        """What is expected to be true, false or unknown."""
        factors = (
            [factor.id for factor in (*self._rules.outlook.factors, *self._rules.outlook.fork)] if self._rules.outlook else []
        )
        for key, known, what in (
            ("findings", self._boolean, "boolean finding"),
            ("staging", [stage.id for stage in self._rules.staging], "stage"),
            ("sensible", list(self._rules.tests), "test"),
            ("outlook", factors, "condition of the outlook"),
        ):
            for entry, wanted in mapping(expect.get(key)).items():
                place: Place = ("expect", key, entry)
                yield from self._one_of(place, entry, known, what)
                if not isinstance(wanted, bool) and wanted != UNKNOWN:
                    yield self._problem(place, "the value is not understood", f"Write true, false or {UNKNOWN}.")

    def _numbers(self, quantities: Mapping[str, Any]) -> Iterator[str]:
        measured = [name for name, finding in self._rules.findings.items() if finding.kind == "quantity"]
        for finding, wanted in quantities.items():
            yield from self._one_of(("expect", "quantities", finding), finding, measured, "quantity")
            if not is_number(wanted):
                mend = "Write the number in the finding's own unit."
                yield self._problem(("expect", "quantities", finding), "a quantity is a number", mend)

    def _tests(self, expect: Mapping[str, Any]) -> Iterator[str]:
        known_tests = [*self._rules.tests, NONE]
        yield from self._one_of(("expect", "next_test"), expect.get("next_test"), known_tests, "test", optional=True)
        for key in ("answered_by", "shown_by"):
            for finding, tests in mapping(expect.get(key)).items():
                yield from self._one_of(("expect", key, finding), finding, self._rules.findings, "finding")
                yield from self._list(("expect", key, finding), tests, list(self._rules.tests), "test")
        for mimic, tests in mapping(expect.get("settled_by")).items():
            yield from self._one_of(("expect", "settled_by", mimic), mimic, list(self._rules.mimics), "mimic")
            yield from self._list(("expect", "settled_by", mimic), tests, list(self._rules.tests), "test")
        for test, classes in mapping(expect.get("burdens")).items():
            place = ("expect", "burdens", test)
            yield from self._one_of(place, test, list(self._rules.tests), "test")
            if not (isinstance(classes, list) and len(classes) == 2 and all(map(is_number, classes))):
                yield self._problem(place, "a burden is two numbers", "Write [cost, invasiveness].")

    def _effects(self, place: Place, finding: str, effects: object) -> Iterator[str]:
        """What one more answer would do."""
        yield from self._one_of(place, finding, self._rules.findings, "finding")
        if not isinstance(effects, dict) or not effects:
            yield self._problem(place, "an answer has effects", "Write {mayo: met, steps_to_met: 0}.")
            return
        for set_id, wanted in effects.items():
            if set_id == "steps_to_met":
                yield from self._steps((*place, set_id), wanted)
            else:
                yield from self._one_of((*place, set_id), set_id, self._rules.criteria, "criteria set")
                yield from self._one_of((*place, set_id), wanted, VERDICTS, "verdict")

    def _steps(self, place: Place, steps: object) -> Iterator[str]:
        if steps != NEVER and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 0):
            mend = f"Write how many answers are still needed, or {NEVER}."
            yield self._problem(place, "steps_to_met is a whole number", mend)

    def _mimic(self, place: Place, mimic: str, wanted: object) -> Iterator[str]:
        yield from self._one_of(place, mimic, [self._rules.identity.id, *self._rules.mimics], "mimic")
        if not isinstance(wanted, dict):
            yield from self._one_of(place, wanted, STATUSES, "status")
            return
        yield from self._keys(place, wanted, MIMIC_KEYS)
        if not wanted:
            yield self._problem(place, "nothing is expected of it", "Write a status, or first: 2.")
        if "status" in wanted:
            yield from self._one_of((*place, "status"), wanted["status"], STATUSES, "status")
        for key, mend in (("first", "Write the lowest place allowed."), ("place", "Write its place.")):
            number = wanted.get(key, 1)
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                yield self._problem((*place, key), f"{key} is a whole number from 1", mend)
        for key in ("established", "excluded"):
            if wanted.get(key, True) not in (True, False, UNKNOWN):
                yield self._problem((*place, key), f"{key} is true, false or unknown", "Write one of them.")
        if not is_number(wanted.get("evidence", 0)):
            yield self._problem((*place, "evidence"), "evidence is a number", "Write the points of its row.")

    def _criteria(self, place: Place, set_id: str, wanted: object) -> Iterator[str]:
        yield from self._one_of(place, set_id, self._sets, "criteria set")
        if not isinstance(wanted, dict):
            yield from self._one_of(place, wanted, VERDICTS, "verdict")
            return
        levels = [level.id for level in self._sets[set_id].levels] if set_id in self._sets else []
        yield from self._keys(place, wanted, SET_KEYS)
        if not wanted:
            yield self._problem(place, "nothing is expected of it", "Write a verdict, such as met.")
        if "verdict" in wanted:
            yield from self._one_of((*place, "verdict"), wanted["verdict"], VERDICTS, "verdict")
        if "level" in wanted:
            yield from self._one_of((*place, "level"), wanted["level"], levels, "level")
        if not isinstance(wanted.get("levels", {}), dict):
            mend = "Write levels: {definite: undetermined}."
            yield self._problem((*place, "levels"), "levels is a mapping of levels to what is expected", mend)
        for level, verdict in mapping(wanted.get("levels")).items():
            yield from self._one_of((*place, "levels", level), level, levels, "level")
            yield from self._one_of((*place, "levels", level), verdict, VERDICTS, "verdict")

    def _list(self, place: Place, entries: object, known: Sequence[str], what: str = "") -> Iterator[str]:
        if not isinstance(entries, list):
            yield self._problem(place, f"{place[-1]} is a list of ids", f"Write {place[-1]}: [id, ...].")
            return
        what = what or _OF_LISTS.get(str(place[-1]), "finding")
        for number, entry in enumerate(entries):
            yield from self._one_of((*place, number), entry, known, what)

    def _keys(self, place: Place, entry: Mapping[str, Any], allowed: Sequence[str]) -> Iterator[str]:
        for key in entry:
            if key not in allowed:
                mend = did_you_mean(key, allowed) or f"Known keys: {', '.join(allowed)}."
                yield self._problem((*place, key), f"unknown key {key!r}", mend)

    def _one_of(self, place: Place, given: object, known: Iterable[str], what: str, optional: bool = False) -> Iterator[str]:
        """Whether a value is one of the words known for it."""
        words = list(known)
        if (given is None and optional) or given in words:
            return
        listed = f"Write one of {', '.join(words)}." if len(words) <= 10 else f"Write the id of a {what}."
        mend = did_you_mean(given, words) if isinstance(given, str) else ""
        yield self._problem(place, f"{given!r} is not a {what} of the rules", mend or listed)


def _group_names(rules: Rules) -> Iterator[str]:
    """The names of the conditions of the default set."""
    for level in rules.criteria[rules.default_criteria].levels:
        for condition in conditions(level.expression):
            yield condition.name or (condition.finding if isinstance(condition, Present) else "")
