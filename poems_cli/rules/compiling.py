"""Rules files -> records, with every fault reported at once.

Compiling resolves units, and orders the findings so that definitions come after what they use.
"""

from collections.abc import Mapping
from copy import copy
from typing import Any, NamedTuple

from poems_cli.engine.expressions import leaves
from poems_cli.errors import PoemsError
from poems_cli.exit_codes import EXIT_RULES
from poems_cli.finding_names import plain_name
from poems_cli.model import (
    Asserted,
    Basis,
    Binds,
    Expression,
    Fact,
    Finding,
    Known,
    Outcome,
    Rules,
    RulesIdentity,
    Source,
    Syndrome,
    SyndromeCode,
    SyndromeLetter,
    Test,
    Warn,
)
from poems_cli.rules.checker import NEVER
from poems_cli.rules.compiling_mimics import MimicsCompiler
from poems_cli.rules.compiling_questionnaire import compile_questionnaire
from poems_cli.rules.compiling_units import all_units, checked_units
from poems_cli.rules.compiling_workup import check_order, compile_workup
from poems_cli.rules.entries import codes_of, filled, noted_basis
from poems_cli.rules.fitting import shaped
from poems_cli.rules.links import built_in_hosts, link_problems
from poems_cli.rules.strict_yaml import Document, Path, RuleProblem

#: Sections that may be spread over several files, each entry in one of them.
_CONTINUED = {"findings", "tests", "sources", "warnings", "mimics", "mimic_criteria", "reference"}


class Compiled(NamedTuple):
    """The rules, or ``None`` where the files cannot be read, and what is wrong with them.

    The rules are only to be used when ``problems`` is empty.
    """

    rules: Rules | None
    problems: tuple[RuleProblem, ...]

    def sound(self) -> Rules:
        """The rules. Raises :class:`PoemsError` with every problem in them."""
        if self.problems or self.rules is None:
            raise PoemsError([found.problem for found in self.problems], EXIT_RULES)
        return self.rules


class Compiler(MimicsCompiler):
    """Compiles rules whole; after that, one entry at a time as it would be with a change."""

    def __init__(self, documents: Mapping[str, Document], entry: str, sha256: str) -> None:
        super().__init__(documents, entry)
        self.sha256 = sha256
        self.hosts: Mapping[str, Any] | None = None

    def run(self) -> Compiled:
        """All files, compiled; every problem with its place."""
        entry = self.documents[self.entry].data
        included = entry.get("include") if isinstance(entry, dict) else None
        for name in included if isinstance(included, list) else ():
            if isinstance(name, str) and name not in self.documents:
                mend = "Write include: on one line, as include: [sources.yaml, tests.yaml]."
                self.problems = [RuleProblem(self.entry, 1, "include", f"{name!r} was not found on the include: line", mend)]
                return self.compiled(None)
        if any(document.problems and not document.data for document in self.documents.values()):
            return self.compiled(None)  # what an unreadable file would have named cannot be told from a typing error
        self._merge()
        if not all(isinstance(document.data, dict) for document in self.documents.values()):
            return self.compiled(None)
        self.top = shaped(self.top, self.problem)
        return self.whole()

    def whole(self) -> Compiled:
        """All sections, from the data of all files."""
        findings = self.section("findings")
        for key in ("id", "version", "title", "default_criteria"):
            if self.top.get(key) is None:
                self.problem((key,), f"{key} is missing", f"Write {key}: as quoted text at the top of the file.")
        if self.problems and not findings:
            return self.compiled(None)
        self.units = checked_units(self, findings)
        compiled = {finding_id: self._finding(finding_id, body) for finding_id, body in findings.items()}
        sets = {set_id: self.criteria_set("criteria", set_id, body) for set_id, body in self.section("criteria").items()}
        warnings = [self._warning(warning, body) for warning, body in self.section("warnings").items()]
        outcomes = [self._outcome(outcome, body) for outcome, body in self.section("outcomes").items()]
        tests = {test_id: self._test(test_id, body) for test_id, body in self.section("tests").items()}
        sources = {source: self._source(source, body) for source, body in self.section("sources").items()}
        mimics = self.mimics_fields()
        questionnaire = compile_questionnaire(self, self.section("questionnaire"))
        workup = compile_workup(self, mimics["mimics"], tests)
        default = str(self.top.get("default_criteria"))
        message = "default_criteria names no criteria set"
        self.is_known(("default_criteria",), default, sets, message, "Name one of the criteria sets.")
        self._one_finding_a_name(findings)
        parts = self._parts(compiled)
        rules = Rules(
            identity=RulesIdentity(str(self.top.get("id")), str(self.top.get("version")), self.sha256),
            title=str(self.top.get("title")),
            default_criteria=default,
            findings=compiled,
            order=self._order(compiled, parts),
            parts=parts,
            criteria=sets,
            warnings=tuple(sorted(warnings, key=lambda warning: not warning.urgent)),
            tests=tests,
            sources=sources,
            units=self.units if self.problems else all_units(self),
            groups={group: body.get("label") or group for group, body in self.section("groups").items()},
            syndrome=_syndrome(self.top.get("syndrome") or {}),
            questionnaire=questionnaire,
            outcomes=tuple(outcomes),
        )
        return self.compiled(rules._replace(**mimics, **workup))

    def changed(self, top: dict[str, Any]) -> "Compiler":
        """The same rules, once compiled, with other data of the same shape; the files and their lines are those of before."""
        other = copy(self)
        other.top, other.problems = top, []
        return other

    def part(self, section: str, entry: str, rules: Rules) -> dict[str, Any]:
        """The fields of the rules that one entry decides, with its own record alone; ``rules`` are those of before."""
        body = self.section(section)
        found: dict[str, Any] = {}
        match section:
            case "findings":
                finding = self._finding(entry, body[entry])
                findings = {**rules.findings, entry: finding}
                parts = self._parts(findings)
                return {"findings": {entry: finding}, "parts": parts, "order": self._order(findings, parts)}
            case "criteria" | "mimic_criteria":
                return {section: {entry: self.criteria_set(section, entry, body[entry])}}
            case "warnings":
                return {"warnings": (self._warning(entry, body[entry]),)}
            case "tests":
                found = {"tests": {entry: self._test(entry, body[entry])}}
            case "mimics" | "profile" | "red_flags" | "outlook":
                found = self.mimics_part(section, entry)
        mimics, tests = {**rules.mimics, **found.get("mimics", {})}, {**rules.tests, **found.get("tests", {})}
        return {**found, **compile_workup(self, mimics, tests)}

    def compiled(self, rules: Rules | None) -> Compiled:
        """The result, with each problem once: an alias repeats an entry, and a section is asked for more than once."""
        once = {(problem.file, problem.line, problem.message): problem for problem in reversed(self.problems)}
        return Compiled(rules, tuple(sorted(once.values(), key=lambda problem: (problem.file, problem.line))))

    def _merge(self) -> None:
        """Put the top-level keys of all files together; each key belongs to one file, or each of its entries does."""
        for document in self.documents.values():
            if not isinstance(document.data, dict):
                self.problems.append(document.problem((), "a rules file is a mapping", "Start it with a key such as findings:"))
                continue
            for key, value in document.data.items():
                if key in _CONTINUED and isinstance(value, dict) and isinstance(self.top.get(key, {}), dict):
                    self._continue(document, key, value)
                    continue
                if (key,) in self.home:
                    self._named_twice(document, (key,))
                    continue
                self.home[key,] = document
                self.top[key] = value

    def _continue(self, document: Document, key: str, entries: Mapping[str, Any]) -> None:
        """Add the entries of a section that may be spread over several files."""
        self.home.setdefault((key,), document)
        section = self.top.setdefault(key, {})
        for entry_id, entry in entries.items():
            if entry_id in section:
                self._named_twice(document, (key, entry_id))
                continue
            self.home[key, entry_id] = document
            section[entry_id] = entry

    def _named_twice(self, document: Document, path: tuple[str, ...]) -> None:
        message = f"{path[-1]} is already in {self.home[path].file}"
        self.problems.append(document.problem(path, message, "Keep it in one file."))

    def _finding(self, finding_id: str, entry: Mapping[str, Any]) -> Finding:
        path: Path = ("findings", finding_id)
        kind: Any = entry.get("kind")
        if kind == "quantity" and "unit" not in entry:
            self.problem(path, "a quantity needs its canonical unit", "Add unit: with a UCUM unit.")
        if kind == "choice" and "choices" not in entry:
            self.problem(path, "a choice needs its words", "Add choices: as a mapping of word to label.")
        parent = entry.get("part_of")
        if parent is not None and self.kind(parent) not in ("boolean", None):
            self.problem((*path, "part_of"), f"{parent!r} is not a boolean finding", "Only a boolean finding has parts.")
        definition = self._definition(path, entry)
        if definition is not None and kind != "boolean":
            self.problem(path, "only a boolean finding can be defined by others", "Remove the definition.")
        self._other_words(finding_id, entry)
        means, codes = self._longer_words(finding_id, entry), codes_of(entry.get("codes", {}))
        return filled(Finding, entry, id=finding_id, definition=definition, means=means, codes=codes)

    def _other_words(self, finding_id: str, entry: Mapping[str, Any]) -> None:
        """Check the other words for the choices of a finding; they are compared in lower case."""
        path: Path = ("findings", finding_id, "words")
        if "words" not in entry:
            return
        choices = entry.get("choices")
        if entry.get("kind") != "choice" or choices is None:
            self.problem(path, "only a choice has other words for its choices", "Remove words:")
            return
        said = {str(name).lower(): choice for choice, label in choices.items() for name in (label, choice)}
        for word, choice in entry["words"].items():
            place, plain = (*path, word), word.strip().lower()
            message, mend = f"{choice!r} is not a choice of {finding_id!r}", f"The choices are {', '.join(choices)}."
            if self.is_known(place, choice, choices, message, mend) and said.setdefault(plain, choice) != choice:
                self.problem(place, f"{word!r} means {said[plain]} already", "Keep it for one of them.")

    def _longer_words(self, finding_id: str, entry: Mapping[str, Any]) -> dict[str, dict[str, bool | str]]:
        """The words that say something of several findings, of another one, or of a truth more than yes or no."""
        means: dict[str, dict[str, bool | str]] = {}
        for word, meant in entry.get("means", {}).items():
            means[word] = {}
            for other, value in meant.items():
                choices = self.section("findings")[other].get("choices")
                means[word][other] = value if choices else value == "yes"
                choices = choices or ("yes", "no")
                if self.kind(other) == "quantity" or value not in choices:
                    place = ("findings", finding_id, "means", word, other)
                    self.problem(place, f"{value!r} is not a value of {other!r}", f"Write one of {', '.join(choices)}.")
        return means

    def _one_finding_a_name(self, findings: Mapping[str, Any]) -> None:
        """Check the synonyms: a heading of a table that fits two findings could be read as neither."""
        named: dict[str, str] = {}
        for finding_id, entry in findings.items():
            for name in (finding_id, entry.get("label"), entry.get("term")):
                named.setdefault(plain_name(str(name or "")), finding_id)
        for finding_id, entry in findings.items():
            for number, synonym in enumerate(entry.get("synonyms", ())):
                place: Path = ("findings", finding_id, "synonyms", number)
                if not plain_name(synonym):
                    self.problem(place, "a synonym has letters or digits", "Write the name, or leave it out.")
                elif named.setdefault(plain_name(synonym), finding_id) != finding_id:
                    other = named[plain_name(synonym)]
                    self.problem(place, f"{synonym!r} also names {other!r}", "Keep it in one of them, or in neither.")

    def _definition(self, path: Path, entry: Mapping[str, Any]) -> Expression | None:
        if "when" in entry:
            if "present_when" in entry or "absent_when" in entry:
                mend = "Keep when: (both ways), or present_when: and absent_when: (one way each)."
                self.problem((*path, "when"), "when: cannot go with present_when: or absent_when:", mend)
            return self.expression((*path, "when"), entry["when"], defining=True)
        if "present_when" not in entry and "absent_when" not in entry:
            return None
        present = self.optional(path, entry, "present_when", defining=True) or NEVER
        absent = self.optional(path, entry, "absent_when", defining=True)
        self._one_way_once(path, present, absent)
        return Binds(present, absent)

    def _warning(self, warning: str, entry: Mapping[str, Any]) -> Warn:
        path: Path = ("warnings", warning)
        if entry.get("urgent") and not entry.get("short"):
            self.problem(path, "short is missing", "Say in one line, for the top of the screen, what to do at once.")
        when = self.expression((*path, "when"), entry.get("when"), defining=True)
        return filled(Warn, entry, id=warning, when=when, basis=noted_basis(entry))

    def _outcome(self, outcome: str, entry: Mapping[str, Any]) -> Outcome:
        when = self.expression(("outcomes", outcome, "when"), entry.get("when"), defining=False)
        return filled(Outcome, entry, id=outcome, when=when, basis=noted_basis(entry))

    def _test(self, test_id: str, entry: Mapping[str, Any]) -> Test:
        path: Path = ("tests", test_id)
        for key in ("cost", "invasiveness"):
            its_class = entry.get(key, 0)  # one that is missing is reported as such
            if not isinstance(its_class, int) or isinstance(its_class, bool) or not 0 <= its_class <= 4:
                most = "very high" if key == "cost" else "surgery"
                self.problem((*path, key), f"{key} is a class from 0 to 4", f"Write a number from 0 (none) to 4 ({most}).")
        check_order(self, path, test_id, entry)
        when = self.optional(path, entry, "sensible_when", defining=True)
        basis = Basis(entry.get("source"), entry.get("read"))  # its default: speaks of the classes
        return filled(Test, entry, id=test_id, sensible_when=when, basis=basis)

    def _source(self, source: str, entry: Mapping[str, Any]) -> Source:
        for key, message, mend in link_problems(entry, self._hosts() if entry.get("url") else {}):
            self.problem(("sources", source, key), message, mend)
        return filled(Source, entry)

    def _hosts(self) -> Mapping[str, Any]:
        """The hosts that links may lead to: those that these rules name, else those of the built-in rules."""
        if self.hosts is None:
            self.hosts = self.section("link_hosts") if "link_hosts" in self.top else built_in_hosts()
        return self.hosts

    def _parts(self, findings: Mapping[str, Finding]) -> dict[str, tuple[str, ...]]:
        parts: dict[str, tuple[str, ...]] = {}
        for finding in findings.values():
            if finding.part_of is not None and finding.part_of in findings:
                parts[finding.part_of] = (*parts.get(finding.part_of, ()), finding.id)
        return parts

    def _order(self, findings: Mapping[str, Finding], parts: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Findings whose value may follow from others, each after all that it follows from."""
        order: list[str] = []
        state: dict[str, str] = {}

        def visit(finding_id: str, trail: tuple[str, ...]) -> None:
            if state.get(finding_id) == "done" or finding_id not in findings:
                return
            if state.get(finding_id) == "open":
                circle = " -> ".join([*trail[trail.index(finding_id) :], finding_id])
                self.problem(
                    ("findings", finding_id), f"the definitions go round in a circle: {circle}", "Break it at one place."
                )
                return
            state[finding_id] = "open"
            finding = findings[finding_id]
            asked = () if finding.definition is None else leaves(finding.definition)
            # that a definition asks what was asserted of its own finding, or whether it is known, comes before deriving it
            used = [leaf.finding for leaf in asked if leaf.finding != finding_id or not isinstance(leaf, Asserted | Known)]
            for other in [*used, *parts.get(finding_id, ())]:
                visit(other, (*trail, finding_id))
            state[finding_id] = "done"
            if finding.kind == "boolean" and (finding.definition is not None or finding.part_of or finding_id in parts):
                order.append(finding_id)

        for finding_id in findings:
            visit(finding_id, ())
        return tuple(order)


def _syndrome(body: Mapping[str, Any]) -> Syndrome:
    letters = tuple([filled(SyndromeLetter, letter, fact=filled(Fact, letter)) for letter in body.get("letters", ())])
    codes = {system: _syndrome_code(entry) for system, entry in body.get("codes", {}).items()}
    return filled(Syndrome, body, letters=letters, codes=codes)


def _syndrome_code(entry: Any) -> SyndromeCode:
    """A code alone, or one with what it rests on."""
    if isinstance(entry, Mapping):
        code = entry.get("code")
        return SyndromeCode(None if code is None else str(code), noted_basis(entry))
    return SyndromeCode(", ".join(map(str, entry)) if isinstance(entry, list) else str(entry), Basis())
