"""Example cases as data: what one patient's findings should come out as, written in YAML and run against the rules.

A file of ``rules/examples`` holds a list of cases under ``cases``::

    cases:
      - id: vector-1
        about: Why this case is here, in one sentence.
        source: dispenzieri-2012     # optional: whose statement it checks, an id of the sources
        findings: {polyneuropathy: true, plasma_vegf: {value: 350, unit: pg/mL}, papilledema: null}
        absent: others               # optional, or a list of ids
        expect:
          criteria:
            mayo: met
            suichi-2019: not met
            mhlw: {verdict: met, level: probable, levels: {definite: undetermined}}
            cidp-ean-pns-2021: met                                    # a mimic's own set
          mimics:
            hhv8_multicentric_castleman: excluded                     # its status
            cidp: {status: consider, first: 2}                        # and at most this place among the mimics
            poems: {first: 1}                                         # the syndrome's row: its place among all rows
          red_flags: [severe_leg_pain]                                # these are present (and others may be)
          findings: {thrombocytosis: true, vegf_elevated: unknown}    # after definitions and implications
          warnings: [igm_or_kappa, "gray_zone:vegf_elevated"]         # these are shown
          no_warnings: [normal_vegf]                                  # these are not
          contradictions: [skin_changes]                              # just these; without the key there must be none
          decisive: [vegf_elevated]                                   # decisive unknowns of the default set
          not_decisive: [papilledema]
          steps_to_met: 2                                             # of the default set; never when it cannot be met
          next_test: serum_immunofixation                             # the first test worth ordering; none where none is
          explained: [splenomegaly]                                   # these are explained by another disease
          not_explained: [organomegaly]                               # these are not
          explained_groups: [minor criterion]                         # just these conditions of the default set
          not_counted: [diabetes_mellitus]                            # present, but not counted toward the default set
          staging: {bones: unknown, eyes: false}                      # whether its findings are known; unknown: some of them
          outcome: poems_without_clone                                # the described picture; none where none is named
          common_causes: [diabetic_polyneuropathy]                    # these are named as not assessed (and others may be)

``findings`` are read as those of a patient's file are. ``absent`` lists boolean findings that are absent too; the word
``others`` stands for every boolean finding that the criteria depend on, directly or by definitions and parts, except
those

- that the case gives, be it as unknown (null), or that follow from what it gives;
- whose definition asks for a number that the case gives, which then decides or leaves it open;
- that belong to a whole given as present or unknown without saying which part it is.

Every key is checked. A case that cannot be read is a failure with its place and a way to mend it, never an exception.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from poems_cli.assess import Assessor
from poems_cli.criteria import conditions, element_of, verdict_of
from poems_cli.logic import leaves
from poems_cli.logic import trace as trace_of
from poems_cli.model import Assessment, CriteriaResult, Facts, LevelResult, Patient, Present, Rival, Rules, Trace, Truth
from poems_cli.nearest import did_you_mean
from poems_cli.records import PatientReader, Record
from poems_cli.report.comparisons import comparison_words
from poems_cli.report.reasons import path as deciding_path
from poems_cli.report.rivals import common_causes, row_reason
from poems_cli.resolve import descendants, inputs, resolve
from poems_cli.rules_yaml import Document, RuleProblem, dotted, read_yaml
from poems_cli.rules_yaml import Path as Place
from poems_cli.units import UnitTable, unit_table
from poems_cli.words import VALUES

OTHERS = "others"
UNKNOWN = "unknown"
NEVER = "never"
NONE = "none"
GRAY_ZONE = "gray_zone:"
VERDICTS = ("met", "not met", "undetermined")

_CASE_KEYS = ("id", "about", "source", "findings", "absent", "expect")
_SET_KEYS = ("verdict", "level", "levels")
_MIMIC_KEYS = ("status", "first")
_LISTS = (
    "warnings", "no_warnings", "contradictions", "decisive", "not_decisive", "red_flags", "explained", "not_explained",
    "explained_groups", "not_counted", "common_causes",
)  # fmt: skip
_EXPECT_KEYS = ("criteria", "findings", "mimics", *_LISTS, "steps_to_met", "next_test", "staging", "outcome")
STATUSES = ("consider", "less likely", "not assessed", "excluded")
_MOST_REASONS = 5


class CaseResult(NamedTuple):
    """One case run: no failures, or what was expected, what came out and why, one line each.

    A file that cannot be read gives one result with its name as ``id``.
    """

    id: str
    file: str
    line: int
    failures: tuple[str, ...]


class Case(NamedTuple):
    """One case of a file, checked; ``findings`` are still as written, ``place`` is its path in the document."""

    id: str
    document: Document
    place: Place
    findings: Mapping[str, Any]
    absent: str | Sequence[str]
    expect: Mapping[str, Any]

    @property
    def line(self) -> int:
        """The line on which the case begins."""
        return self.document.line(self.place)

    def problem(self, step: Place, message: str, mend: str) -> str:
        """Tell a fault with its file and line; ``step`` leads from the case to what it is about."""
        line = self.document.line((*self.place, *step))
        return str(RuleProblem(self.document.file, line, dotted(step), message, mend))


def run_examples(rules: Rules, path: str | Path) -> Iterator[CaseResult]:
    """Run every case of a file, or of the YAML files of a folder in the order of their names."""
    runner = _Runner(rules)
    for case in read_examples(rules, path):
        yield runner.run(case) if isinstance(case, Case) else case


def read_examples(rules: Rules, path: str | Path) -> Iterator[Case | CaseResult]:
    """Every case of a file or folder, checked against the rules; a failed result stands for what cannot be read."""
    known: dict[str, str] = {}
    for file in _files(Path(path)):
        yield from _read_file(rules, file, known)


def absent_others(rules: Rules, patient: Patient, given: Iterable[str]) -> tuple[str, ...]:
    """Name the findings that ``absent: others`` makes absent beside what is known of a patient.

    ``given`` names the findings that the case mentions, known or not.
    """
    return _Others(rules).of(patient, frozenset(given))


# --- reading ----------------------------------------------------------------------------------------------------------


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.yaml")) or [path / "*.yaml"] if path.is_dir() else [path]


def _read_file(rules: Rules, path: Path, known: dict[str, str]) -> Iterator[Case | CaseResult]:
    """Read the cases of one file; ``known`` maps the ids met so far to where they stand."""
    file = str(path)

    def unreadable(line: int, *failures: str) -> CaseResult:
        return CaseResult(path.name, file, line, failures)

    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        reason = (error.strerror or "error").lower()
        yield unreadable(1, f"cannot be read: {reason}. Check the path.")
        return
    except UnicodeDecodeError:
        yield unreadable(1, "the file is not UTF-8. Save it as UTF-8.")
        return
    document = read_yaml(file, text)
    entries = document.data.get("cases") if isinstance(document.data, dict) else None
    if not isinstance(entries, list) or not entries:
        found = [str(problem) for problem in document.problems]
        missing = "there is no list of cases. Write cases: and below it one - entry for each case."
        yield unreadable(1, *(found or [missing]))
        return
    faults, outside = _by_case(document, len(entries))
    outside += [
        str(RuleProblem(file, document.line((key,)), key, f"unknown key {key!r}", "Put every case under cases:."))
        for key in document.data
        if key != "cases"
    ]
    if outside:
        yield unreadable(1, *outside)
    for number, entry in enumerate(entries):
        yield _read_case(rules, document, number, entry, known, faults[number])


def _by_case(document: Document, count: int) -> tuple[list[list[str]], list[str]]:
    """Sort what the YAML reader found to the cases in which it stands; the rest stands in none."""
    starts = [document.line(("cases", number)) for number in range(count)]
    faults: list[list[str]] = [[] for _ in range(count)]
    outside: list[str] = []
    for problem in document.problems:
        before = [number for number, start in enumerate(starts) if start <= problem.line]
        (faults[before[-1]] if before and problem.path.startswith("cases[") else outside).append(str(problem))
    return faults, outside


def _read_case(
    rules: Rules, document: Document, number: int, entry: object, known: dict[str, str], faults: list[str]
) -> Case | CaseResult:
    place: Place = ("cases", number)
    given = entry if isinstance(entry, dict) else {}
    name = given.get("id")
    named = name if isinstance(name, str) and name.strip() else f"case {number + 1}"
    case = Case(
        named,
        document,
        place,
        _mapping(given.get("findings")),
        given.get("absent") or (),
        _mapping(given.get("expect")),
    )
    failures = faults + list(_Check(rules, case).case(entry))
    if named in known:
        failures.append(
            case.problem(("id",), f"the id {named!r} stands in {known[named]} already", "Give each case its own id.")
        )
    known.setdefault(named, f"{document.file}:{case.line}")
    return CaseResult(named, document.file, case.line, tuple(failures)) if failures else case


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


class _Check:
    """Checks one case against the rules: keys, ids and kinds of values, each fault with its line."""

    def __init__(self, rules: Rules, case: Case) -> None:
        self._rules = rules
        self._problem = case.problem
        boolean = [name for name, finding in rules.findings.items() if finding.kind == "boolean"]
        gray = [f"{GRAY_ZONE}{name}" for name in boolean if rules.findings[name].gray_zone]
        warnings = [*(warning.id for warning in rules.warnings), *gray]
        self._boolean = boolean
        self._known: Mapping[str, Sequence[str]] = {
            "warnings": warnings,
            "no_warnings": warnings,
            "contradictions": boolean,
            "decisive": list(rules.findings),
            "not_decisive": list(rules.findings),
            "red_flags": [flag.id for flag in rules.red_flags],
            "explained": boolean,
            "not_explained": boolean,
            "explained_groups": list(_group_names(rules)),
            "not_counted": [entry.finding for entry in rules.uncounted],
            "common_causes": [mimic.id for mimic in rules.mimics.values() if mimic.common_cause],
        }
        listed = [set_id for mimic in rules.mimics.values() for set_id in mimic.criteria]
        self._sets = {**rules.criteria, **{set_id: rules.mimic_criteria[set_id] for set_id in listed}}

    def case(self, entry: object) -> Iterator[str]:
        """Everything wrong with a case."""
        if not isinstance(entry, dict):
            yield self._problem((), "a case is a mapping", "Give it id:, about:, findings: and expect:.")
            return
        yield from self._keys((), entry, _CASE_KEYS)
        for key in ("id", "about"):
            if not isinstance(entry.get(key), str) or not entry[key].strip():
                yield self._problem((), f"{key} is missing or no text", f"Add {key}: with a short text.")
        yield from self._one_of(("source",), entry.get("source"), self._rules.sources, "source", optional=True)
        if not isinstance(entry.get("findings"), dict):
            yield self._problem(
                ("findings",), "findings is a mapping of ids to values", "Write findings: {} if nothing is known."
            )
        absent = entry.get("absent")
        if isinstance(absent, list):
            yield from self._absent(absent, _mapping(entry.get("findings")))
        elif absent not in (None, OTHERS):
            yield self._problem(
                ("absent",), "absent is a list of findings", f"Write absent: {OTHERS}, or absent: [papilledema]."
            )
        yield from self._expect(entry.get("expect"))

    def _absent(self, absent: Sequence[object], findings: Mapping[str, Any]) -> Iterator[str]:
        for number, finding in enumerate(absent):
            yield from self._one_of(("absent", number), finding, self._boolean, "boolean finding")
            if isinstance(finding, str) and finding in findings:
                yield self._problem(("absent", number), f"{finding!r} stands under findings too", "Keep one of the two.")

    def _expect(self, expect: object) -> Iterator[str]:
        if not isinstance(expect, dict) or not expect:
            yield self._problem(("expect",), "nothing is expected", "Write expect: {criteria: {mayo: met}}.")
            return
        yield from self._keys(("expect",), expect, _EXPECT_KEYS)
        for key in ("criteria", "findings", "mimics", "staging"):
            if key in expect and not isinstance(expect[key], dict):
                yield self._problem(
                    ("expect", key), f"{key} is a mapping of ids to what is expected", f"Write {key}: {{id: value}}."
                )
        for set_id, wanted in _mapping(expect.get("criteria")).items():
            yield from self._criteria(("expect", "criteria", set_id), set_id, wanted)
        for finding, wanted in _mapping(expect.get("findings")).items():
            place: Place = ("expect", "findings", finding)
            yield from self._one_of(place, finding, self._boolean, "boolean finding")
            if not isinstance(wanted, bool) and wanted != UNKNOWN:
                yield self._problem(place, "the value is not understood", f"Write true, false or {UNKNOWN}.")
        for mimic, wanted in _mapping(expect.get("mimics")).items():
            yield from self._mimic(("expect", "mimics", mimic), mimic, wanted)
        for stage, wanted in _mapping(expect.get("staging")).items():
            place = ("expect", "staging", stage)
            yield from self._one_of(place, stage, [stage.id for stage in self._rules.staging], "stage")
            if not isinstance(wanted, bool) and wanted != UNKNOWN:
                yield self._problem(place, "the value is not understood", f"Write true, false or {UNKNOWN}.")
        known_tests = [*self._rules.tests, NONE]
        yield from self._one_of(("expect", "next_test"), expect.get("next_test"), known_tests, "test", optional=True)
        for key in _LISTS:
            yield from self._list(("expect", key), expect.get(key, []), self._known[key])
        outcomes = [*(outcome.id for outcome in self._rules.outcomes), NONE]
        yield from self._one_of(("expect", "outcome"), expect.get("outcome"), outcomes, "outcome", optional=True)
        steps = expect.get("steps_to_met", NEVER)
        if steps != NEVER and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 0):
            mend = f"Write how many answers are still needed, or {NEVER}."
            yield self._problem(("expect", "steps_to_met"), "steps_to_met is a whole number", mend)

    def _mimic(self, place: Place, mimic: str, wanted: object) -> Iterator[str]:
        yield from self._one_of(place, mimic, [self._rules.identity.id, *self._rules.mimics], "mimic")
        if not isinstance(wanted, dict):
            yield from self._one_of(place, wanted, STATUSES, "status")
            return
        yield from self._keys(place, wanted, _MIMIC_KEYS)
        if not wanted:
            yield self._problem(place, "nothing is expected of it", "Write a status, or first: 2.")
        if "status" in wanted:
            yield from self._one_of((*place, "status"), wanted["status"], STATUSES, "status")
        first = wanted.get("first", 1)
        if isinstance(first, bool) or not isinstance(first, int) or first < 1:
            yield self._problem((*place, "first"), "first is a whole number from 1", "Write the lowest place allowed.")

    def _criteria(self, place: Place, set_id: str, wanted: object) -> Iterator[str]:
        yield from self._one_of(place, set_id, self._sets, "criteria set")
        if not isinstance(wanted, dict):
            yield from self._one_of(place, wanted, VERDICTS, "verdict")
            return
        levels = [level.id for level in self._sets[set_id].levels] if set_id in self._sets else []
        yield from self._keys(place, wanted, _SET_KEYS)
        if not wanted:
            yield self._problem(place, "nothing is expected of it", "Write a verdict, such as met.")
        if "verdict" in wanted:
            yield from self._one_of((*place, "verdict"), wanted["verdict"], VERDICTS, "verdict")
        if "level" in wanted:
            yield from self._one_of((*place, "level"), wanted["level"], levels, "level")
        if not isinstance(wanted.get("levels", {}), dict):
            mend = "Write levels: {definite: undetermined}."
            yield self._problem((*place, "levels"), "levels is a mapping of levels to what is expected", mend)
        for level, verdict in _mapping(wanted.get("levels")).items():
            yield from self._one_of((*place, "levels", level), level, levels, "level")
            yield from self._one_of((*place, "levels", level), verdict, VERDICTS, "verdict")

    def _list(self, place: Place, entries: object, known: Sequence[str]) -> Iterator[str]:
        if not isinstance(entries, list):
            yield self._problem(place, f"{place[-1]} is a list of ids", f"Write {place[-1]}: [id, ...].")
            return
        what = "warning" if "warnings" in str(place[-1]) else "condition" if place[-1] == "explained_groups" else "finding"
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
        yield self._problem(place, f"{given!r} is no {what} of the rules", mend or listed)


# --- running ----------------------------------------------------------------------------------------------------------


class _Runner:
    """Runs cases against one set of rules."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._reader = PatientReader(rules, _units(rules))
        self._assessor = Assessor(rules)
        self._others = _Others(rules)

    def run(self, case: Case) -> CaseResult:
        """One case, assessed and compared with what it expects."""
        patient = self._patient(case)
        if isinstance(patient, Patient):
            every = not self._rules.mimic_criteria.keys().isdisjoint(_mapping(case.expect.get("criteria")))
            failures = tuple(_Comparison(self._rules, case, self._assessor.assess(patient, every_mimic=every)).failures())
        else:
            failures = patient
        return CaseResult(case.id, case.document.file, case.line, failures)

    def _patient(self, case: Case) -> Patient | tuple[str, ...]:
        """Read the patient of a case, or what is wrong with the findings."""
        place = f"{case.document.file}:{case.line}"
        reading = self._reader.read(Record({"id": case.id, "findings": case.findings}, place, 1))
        patient = reading.patient
        if patient is None or reading.problems:
            return tuple(self._unreadable(case, place)) or tuple(
                case.problem(("findings",), problem.what, _sentence(problem.mend)) for problem in reading.problems
            )
        absent = self._others.of(patient, frozenset(case.findings)) if case.absent == OTHERS else case.absent
        return patient._replace(observed={**patient.observed, **dict.fromkeys(absent, False)})

    def _unreadable(self, case: Case, place: str) -> Iterator[str]:
        """Read the findings one by one, so that each fault is told with the line of its finding."""
        for name, value in case.findings.items():
            for problem in self._reader.read(Record({"findings": {name: value}}, place, 1)).problems:
                yield case.problem(("findings", name), problem.what, _sentence(problem.mend))


def _units(rules: Rules) -> UnitTable:
    canonical = {name: finding.unit for name, finding in rules.findings.items() if finding.kind == "quantity"}
    return unit_table({**rules.units, "canonical": canonical})


class _Others:
    """Works out what ``absent: others`` stands for."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        levels = [level for one in rules.criteria.values() for level in one.levels]
        named = dict.fromkeys(leaf.finding for level in levels for leaf in leaves(level.expression))
        used = {name: None for finding in named for name in (finding, *_below(rules, finding))}
        self._candidates = tuple(name for name in used if rules.findings[name].kind == "boolean")
        self._below = {name: frozenset(_below(rules, name)) for name in self._candidates}

    def of(self, patient: Patient, given: frozenset[str]) -> tuple[str, ...]:
        """Name the findings to make absent."""
        rules, values = self._rules, resolve(self._rules, patient).values
        left_open = {name for name in given if name not in patient.observed}
        measured = {name for name in given if rules.findings[name].kind == "quantity"}
        parts: set[str] = set()
        for whole, direct in rules.parts.items():
            if (values.get(whole) or whole in left_open) and not any(values.get(part) for part in direct):
                parts.update(descendants(rules, whole))
        absent = [
            name
            for name in self._candidates
            if name not in given
            and values.get(name) is None
            and name not in parts
            and not self._below[name] & (left_open | measured)
        ]
        return self._harmless(patient, absent, values)

    def _harmless(self, patient: Patient, absent: Sequence[str], before: Mapping[str, Truth]) -> tuple[str, ...]:
        """Without those that would change a value that was known before."""
        observed = {**patient.observed, **dict.fromkeys(absent, False)}
        after = resolve(self._rules, patient._replace(observed=observed)).values
        changed = [name for name, value in before.items() if value is not None and after.get(name) is not value]
        disturbing = {name for one in changed for name in _below(self._rules, one)}
        return tuple(name for name in absent if name not in disturbing)


def _below(rules: Rules, finding: str) -> Iterator[str]:
    """All that a finding's value may follow from, by definitions and parts."""
    open_, seen = [finding], {finding}
    while open_:
        for name in inputs(rules, open_.pop()):
            if name not in seen:
                seen.add(name)
                open_.append(name)
                yield name


# --- comparing --------------------------------------------------------------------------------------------------------


class _Comparison:
    """What one case expects against what came out."""

    def __init__(self, rules: Rules, case: Case, assessment: Assessment) -> None:
        self._rules = rules
        self._case = case
        self._expect = case.expect
        self._assessment = assessment
        own = {result.id: result for rival in assessment.mimics for result in rival.criteria}
        self._results = {**assessment.criteria, **own}

    def failures(self) -> Iterator[str]:
        """Each expectation that is not met, with what came out and why."""
        for set_id, wanted in _mapping(self._expect.get("criteria")).items():
            yield from self._criteria(set_id, wanted if isinstance(wanted, dict) else {"verdict": wanted})
        for finding, wanted in _mapping(self._expect.get("findings")).items():
            yield from self._finding(finding, None if wanted == UNKNOWN else wanted)
        for mimic, wanted in _mapping(self._expect.get("mimics")).items():
            yield from self._mimic(mimic, wanted if isinstance(wanted, dict) else {"status": wanted})
        yield from self._red_flags()
        yield from self._warnings()
        yield from self._contradictions()
        yield from self._decisive()
        yield from self._second_look()
        yield from self._next_steps()
        if "steps_to_met" in self._expect:
            wanted, steps = self._expect["steps_to_met"], self._assessment.steps_to_met
            came_out = NEVER if steps is None else steps
            if wanted != came_out:
                yield self._failure(("steps_to_met",), wanted, came_out, self._verdict_reason())

    def _failure(self, step: Place, wanted: object, came_out: object, why: str) -> str:
        reason = f" Why: {why}." if why else ""
        document = self._case.document
        place = f"{document.file}:{document.line((*self._case.place, 'expect', *step))}"
        return f"{place}: {' '.join(map(str, step))}: expected {wanted}, came out {came_out}.{reason}"

    # --- criteria -----------------------------------------------------------------------------------------------------

    def _criteria(self, set_id: str, wanted: Mapping[str, Any]) -> Iterator[str]:
        result = self._results[set_id]
        step: Place = ("criteria", set_id)
        if wanted.get("verdict", result.verdict) != result.verdict:
            yield self._failure(step, wanted["verdict"], _came_out(result), self._level_reason(result.shown))
        elif wanted.get("level", result.level) != result.level:
            yield self._failure((*step, "level"), wanted["level"], result.level or "none", self._level_reason(result.shown))
        for level in result.levels:
            verdict = verdict_of(level.value)
            if _mapping(wanted.get("levels")).get(level.id, verdict) != verdict:
                yield self._failure((*step, "levels", level.id), wanted["levels"][level.id], verdict, self._level_reason(level))

    # --- mimics and red flags -----------------------------------------------------------------------------------------

    def _mimic(self, mimic: str, wanted: Mapping[str, Any]) -> Iterator[str]:
        step: Place = ("mimics", mimic)
        rivals = [one for one in self._assessment.mimics if one.row.id == mimic]
        rival = rivals[0] if rivals else self._assessment.syndrome
        if rival is None:
            yield self._failure(step, "a row", "none", "the rules have no profile of the syndrome")
            return
        row = rival.row
        if wanted.get("status", row.status) != row.status:
            yield self._failure(
                (*step, "status"), wanted["status"], row.status, row_reason(self._rules, self._assessment, row).rstrip(".")
            )
        place = self._assessment.mimics.index(rival) + 1 if rivals else rival.place
        if place > wanted.get("first", place):
            before = sorted([one for one in self._rows() if one.place < rival.place], key=lambda one: one.place)
            ahead = ", ".join(f"{one.row.id} {one.row.evidence or 0:g}" for one in before[:_MOST_REASONS])
            yield self._failure(
                (*step, "first"), f"place {wanted['first']}", place, f"it has {row.evidence or 0:g} points, after {ahead}"
            )

    def _rows(self) -> Iterator[Rival]:
        yield from self._assessment.mimics
        if self._assessment.syndrome is not None:
            yield self._assessment.syndrome

    def _red_flags(self) -> Iterator[str]:
        result = self._assessment.red_flags
        values = {flag.id: value for flag, value in result.flags} if result else {}
        for flag in self._expect.get("red_flags", []):
            if not values.get(flag):
                why = "it is not present" if result else "no label brings red flags"
                yield self._failure(("red_flags", flag), "present", _word(values.get(flag)), why)

    def _verdict_reason(self) -> str:
        result = self._assessment.criteria[self._assessment.default_criteria]
        return f"{result.id} is {_came_out(result)}: {self._level_reason(result.shown)}"

    def _level_reason(self, level: LevelResult) -> str:
        """Say what decided a level, or what of it is open."""
        if level.value is not None:
            return self._deciding(level.trace)
        still_open = [group for group in level.groups if group.value is None]
        return "; ".join(
            f"{group.condition.name or group.condition.id} is open ({', '.join(one.id for one in group.unknown)} unknown)"
            for group in still_open
        )

    def _compared(self, node: Trace) -> str:
        """A comparison by the finding's id, as the cases name it."""
        if node.comparison is None or node.finding is None:
            return f"{node.finding} unknown"
        return f"{node.finding} {comparison_words(self._rules.findings[node.finding], node.comparison, node.value)}"

    def _undecided(self, trace: Trace) -> Iterator[str]:
        """The leaves that leave a trace open, with why."""
        if trace.value is not None:
            return
        if not trace.children:
            yield self._compared(trace) if trace.kind == "compare" else f"{element_of(trace).id} unknown"
        for child in trace.children:
            yield from self._undecided(child)

    def _deciding(self, trace: Trace) -> str:
        found: dict[str, None] = {}
        facts = self._assessment.facts
        for node in (one.node for one in deciding_path(facts, trace)):
            if node.kind == "compare" and node.comparison:
                found[self._compared(node)] = None
            elif node.kind in ("finding", "asserted") and node.finding and node.finding not in facts.derived:
                found[f"{node.finding} is {VALUES[node.value]}"] = None
        reasons = list(found)
        more = [f"and {len(reasons) - _MOST_REASONS} more"] if len(reasons) > _MOST_REASONS else []
        return ", ".join([*reasons[:_MOST_REASONS], *more])

    # --- findings, contradictions -------------------------------------------------------------------------------------

    def _finding(self, finding: str, wanted: Truth) -> Iterator[str]:
        value = self._assessment.facts.values.get(finding)
        if value is not wanted:
            yield self._failure(("findings", finding), _word(wanted), _word(value), self._finding_reason(finding, value))

    def _finding_reason(self, finding: str, value: Truth) -> str:
        facts = self._assessment.facts
        disputed = next((one for one in facts.contradictions if one.finding == finding), None)
        if disputed is not None:
            said = VALUES[disputed.asserted]
            return f"contradictory, given as {said} but {self._deciding(disputed.derived)}"
        if value is not None:
            derived = facts.derived.get(finding)
            return self._deciding(derived) if derived is not None else f"it is given as {VALUES[value]}"
        return self._open_reason(finding, facts)

    def _open_reason(self, finding: str, facts: Facts) -> str:
        definition = self._rules.findings[finding].definition
        if definition is None:
            return "nothing is known of it"
        found = list(dict.fromkeys(self._undecided(trace_of(definition, facts))))
        return ", ".join(found[:_MOST_REASONS]) or "what is given neither makes it present nor absent"

    def _contradictions(self) -> Iterator[str]:
        found = [one.finding for one in self._assessment.facts.contradictions]
        wanted = self._expect.get("contradictions", [])
        for finding in wanted:
            if finding not in found:
                reason = self._finding_reason(finding, self._assessment.facts.values.get(finding))
                yield self._failure(("contradictions", finding), "a contradiction", "none", reason)
        for finding in found:
            if finding not in wanted:
                yield self._failure(("contradictions", finding), "none", "a contradiction", self._finding_reason(finding, None))

    # --- warnings, decisive unknowns ----------------------------------------------------------------------------------

    def _warnings(self) -> Iterator[str]:
        shown = [notice.id for notice in self._assessment.warnings]
        for key, wanted in (("warnings", True), ("no_warnings", False)):
            for warning in self._expect.get(key, []):
                if (warning in shown) is not wanted:
                    words = ("shown", "not shown") if wanted else ("not shown", "shown")
                    yield self._failure((key, warning), *words, self._warning_reason(warning))

    def _warning_reason(self, warning: str) -> str:
        """Say what its condition rests on."""
        facts = self._assessment.facts
        if warning.startswith(GRAY_ZONE):
            finding = warning.removeprefix(GRAY_ZONE)
            return self._finding_reason(finding, facts.values.get(finding))
        when = next(one.when for one in self._rules.warnings if one.id == warning)
        trace = trace_of(when, facts)
        return self._deciding(trace) if trace.value is not None else ", ".join(dict.fromkeys(self._undecided(trace)))

    def _decisive(self) -> Iterator[str]:
        default = self._assessment.default_criteria
        found = {one.finding for one in self._assessment.decisive_unknowns if default in one.criteria}
        for key, wanted in (("decisive", True), ("not_decisive", False)):
            for finding in self._expect.get(key, []):
                if (finding in found) is not wanted:
                    words = ("decisive", "not decisive") if wanted else ("not decisive", "decisive")
                    yield self._failure((key, finding), *words, self._verdict_reason())

    # --- a second look, the next steps --------------------------------------------------------------------------------

    def _second_look(self) -> Iterator[str]:
        explained = {one.finding: one.cause for one in self._assessment.explained}
        uncounted = {one.finding: one.reason for one in self._assessment.not_counted}
        for key, found, wanted in (
            ("explained", explained, True),
            ("not_explained", explained, False),
            ("not_counted", uncounted, True),
        ):
            for finding in self._expect.get(key, []):
                if (finding in found) is not wanted:
                    words = ("yes", "no") if wanted else ("no", "yes")
                    why = found.get(finding) or f"these are: {', '.join(found) or NONE}"
                    yield self._failure((key, finding), *words, why)
        groups = [group.name or group.id for group in self._assessment.explained_groups]
        if "explained_groups" in self._expect and self._expect["explained_groups"] != groups:
            why = ", ".join(f"{finding} by {cause}" for finding, cause in explained.items())
            yield self._failure(("explained_groups",), self._expect["explained_groups"], groups, why)

    def _next_steps(self) -> Iterator[str]:
        first = self._assessment.tests[0].test if self._assessment.tests else NONE
        outcome = self._assessment.outcome.id if self._assessment.outcome else NONE
        if self._expect.get("outcome", outcome) != outcome:
            yield self._failure(("outcome",), self._expect["outcome"], outcome, self._verdict_reason())
        named = [mimic.id for mimic in common_causes(self._rules, self._assessment)]
        for mimic in self._expect.get("common_causes", []):
            if mimic not in named:
                yield self._failure(("common_causes", mimic), "named", "not named", f"these are: {', '.join(named) or NONE}")
        if self._expect.get("next_test", first) != first:
            yield self._failure(("next_test",), self._expect["next_test"], first, self._verdict_reason())
        came_out = {stage.id: _word(done) for stage, done in self._assessment.staging or ()}
        for stage, wanted in _mapping(self._expect.get("staging")).items():
            expected = _word(None if wanted == UNKNOWN else wanted)
            if came_out.get(stage) != expected:
                yield self._failure(("staging", stage), expected, came_out.get(stage, NONE), self._verdict_reason())


def _group_names(rules: Rules) -> Iterator[str]:
    """The names of the conditions of the default set."""
    for level in rules.criteria[rules.default_criteria].levels:
        for condition in conditions(level.expression):
            yield condition.name or (condition.finding if isinstance(condition, Present) else "")


def _came_out(result: CriteriaResult) -> str:
    return f"{result.verdict} ({result.level})" if result.level and len(result.levels) > 1 else result.verdict


def _sentence(text: str) -> str:
    """Write a remark as a sentence, like the other ways to mend."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('?') else '.'}"


def _word(value: Truth) -> str:
    return UNKNOWN if value is None else str(value).lower()
