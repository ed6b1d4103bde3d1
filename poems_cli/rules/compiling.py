"""Rules files -> records, with every fault reported at once.

Compiling resolves units, and orders the findings so that definitions come after what they use. Where something is wrong, an
expression that no patient meets stands in for it, so that the rest is checked all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

from poems_cli.engine.expressions import leaves, nodes
from poems_cli.finding_names import plain_name
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Basis,
    Binds,
    Compare,
    CriteriaSet,
    Expression,
    Finding,
    Known,
    Level,
    Not,
    Outcome,
    Present,
    Rules,
    RulesIdentity,
    Score,
    Side,
    Source,
    Syndrome,
    SyndromeCode,
    SyndromeLetter,
    SyndromeSection,
    Test,
    Usual,
    Warn,
    Years,
)
from poems_cli.rules.compiling_bare_units import check_bare_units
from poems_cli.rules.compiling_mimics import basis_of, codes_of, compile_mimics, compile_mimics_part, fact_of
from poems_cli.rules.compiling_questionnaire import compile_questionnaire
from poems_cli.rules.compiling_workup import compile_workup, test_order
from poems_cli.rules.links import built_in_hosts, link_problems
from poems_cli.rules.shape import (
    BASIS,
    CRITERIA_SET,
    EXPRESSIONS,
    FINDING,
    KINDS,
    OPERATORS,
    OUTCOME,
    READ,
    SIDES,
    SOURCE,
    TEST,
    UNITS,
    WARNING,
    Fields,
    shaped,
)
from poems_cli.rules.strict_yaml import Document, Path, RuleProblem, dotted, read_yaml
from poems_cli.suggestions import did_you_mean
from poems_cli.units import UnitError, UnitTable, to_canonical, unit_table

#: What may stand in several files, each entry in one of them.
_CONTINUED = {"findings", "tests", "sources", "warnings", "mimics", "mimic_criteria", "reference"}
#: Stands in for an expression that is wrong.
NEVER = AnyOf(())
NO_BASIS = Basis()


class Compiled(NamedTuple):
    """The rules, or ``None`` where the files cannot be read as such, and what is wrong with them.

    The rules are only to be used when ``problems`` is empty.
    """

    rules: Rules | None
    problems: tuple[RuleProblem, ...]


def compile_rules(files: Mapping[str, str], entry: str, sha256: str) -> Compiled:
    """Compile rules from the texts of their files by name; ``entry`` is the file that includes the others."""
    documents = {name: read_yaml(name, text) for name, text in files.items()}
    return Compiler(documents, entry, sha256).run()


def included(text: str) -> list[str]:
    """The names of the files that an entry file includes; empty when the entry cannot be read."""
    data = read_yaml("", text).data
    names = data.get("include") if isinstance(data, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


class Compiler:
    """Compiles rules whole; after that, one entry at a time as it would be with a change."""

    def __init__(self, documents: Mapping[str, Document], entry: str, sha256: str) -> None:
        self.documents = documents
        self.entry = entry
        self.sha256 = sha256
        self.problems: list[RuleProblem] = [problem for one in documents.values() for problem in one.problems]
        self.home: dict[str | tuple[str, str], Document] = {}
        self.top: dict[str, Any] = {}
        self.units = UnitTable({}, {})
        self.hosts: Mapping[str, Any] | None = None

    def run(self) -> Compiled:
        """All files, compiled; every problem with its place."""
        if any(one.problems and not one.data for one in self.documents.values()):
            return self._compiled(None)  # what an unreadable file would have named cannot be told from a slip of the pen
        self._merge()
        if not all(isinstance(one.data, dict) for one in self.documents.values()):
            return self._compiled(None)
        self.top = shaped(self.top, self.problem)
        return self.whole()

    def whole(self) -> Compiled:
        """All sections, from the data of all files."""
        findings = self.section("findings")
        for key in ("id", "version", "title", "default_criteria"):
            if self.top.get(key) is None:
                self.problem((key,), f"{key} is missing", f"Write {key}: as quoted text at the top of the file.")
        if self.problems and not findings:
            return self._compiled(None)
        self._units(findings)
        compiled = {finding_id: self._finding(finding_id, body) for finding_id, body in findings.items()}
        sets = {set_id: self.criteria_set("criteria", set_id, body) for set_id, body in self.section("criteria").items()}
        warnings = [self._warning(warning, body) for warning, body in self.section("warnings").items()]
        outcomes = [self._outcome(outcome, body) for outcome, body in self.section("outcomes").items()]
        tests = {test_id: self._test(test_id, body) for test_id, body in self.section("tests").items()}
        sources = {source: self._source(source, body) for source, body in self.section("sources").items()}
        mimics = compile_mimics(self)
        questionnaire = compile_questionnaire(self, self.section("questionnaire"))
        workup = compile_workup(self, mimics["mimics"], tests)
        default = str(self.top.get("default_criteria"))
        if default not in sets:
            mend = did_you_mean(default, sets) or "Name one of the criteria sets."
            self.problem(("default_criteria",), "default_criteria names no criteria set", mend)
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
            units=self.units if self.problems else self.all_units(),
            groups={group: (body or {}).get("label") or group for group, body in self.section("groups").items()},
            syndrome=_syndrome(self.top.get("syndrome") or {}),
            questionnaire=questionnaire,
            outcomes=tuple(outcomes),
        )
        return self._compiled(rules._replace(**mimics, **workup))

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
                found = compile_mimics_part(self, section, entry)
        mimics, tests = {**rules.mimics, **found.get("mimics", {})}, {**rules.tests, **found.get("tests", {})}
        return {**found, **compile_workup(self, mimics, tests)}

    def _compiled(self, rules: Rules | None) -> Compiled:
        """The result, with each problem once: an alias repeats an entry, and a section is asked for more than once."""
        once = {(one.file, one.line, one.message): one for one in reversed(self.problems)}
        return Compiled(rules, tuple(sorted(once.values(), key=lambda one: (one.file, one.line))))

    # --- reporting ----------------------------------------------------------------------------------------------------

    def problem(self, path: Path, message: str, mend: str) -> None:
        """Report what is wrong at a place, and how to mend it."""
        document = self.home.get((str(path[0]), str(path[1]))) if len(path) > 1 else None
        document = document or (self.home.get(str(path[0])) if path else None) or self.documents[self.entry]
        self.problems.append(RuleProblem(document.file, document.line(path), dotted(path), message, mend))

    def _merge(self) -> None:
        """Put the top-level keys of all files together; each key belongs to one file, or each of its entries does."""
        for name, document in self.documents.items():
            if not isinstance(document.data, dict):
                self.problems.append(
                    RuleProblem(name, 1, "", "a rules file is a mapping", "Start it with a key such as findings:")
                )
                continue
            for key, value in document.data.items():
                if key in _CONTINUED and isinstance(value, dict) and isinstance(self.top.get(key, {}), dict):
                    self._continue(document, key, value)
                    continue
                if key in self.home:
                    self._stands_twice(document, (key,), self.home[key].file)
                    continue
                self.home[key] = document
                self.top[key] = value

    def _continue(self, document: Document, key: str, entries: Mapping[str, Any]) -> None:
        """Add the entries of a section that may stand in several files."""
        self.home.setdefault(key, document)
        section = self.top.setdefault(key, {})
        for entry_id, entry in entries.items():
            if entry_id in section:
                self._stands_twice(document, (key, entry_id), self.home[key, entry_id].file)
                continue
            self.home[key, entry_id] = document
            section[entry_id] = entry

    def _stands_twice(self, document: Document, path: Path, other: str) -> None:
        message = f"{path[-1]} stands in {other} already"
        self.problems.append(RuleProblem(document.file, document.line(path), dotted(path), message, "Keep it in one file."))

    def section(self, key: str) -> dict[str, Any]:
        """Give a top-level section, empty where there is none."""
        body: dict[str, Any] = self.top.get(key, {})
        return body

    def keys(self, path: Path, body: Any, allowed: Iterable[str], required: Sequence[str] = ()) -> dict[str, Any]:
        """The entry as a mapping, with unknown and missing keys reported."""
        if not isinstance(body, dict):
            self.problem(path, "this entry must be a mapping", f"Give it the keys {', '.join(required) or 'it needs'}.")
            return {}
        for key in body:
            if key not in allowed:
                mend = did_you_mean(key, allowed) or f"Known keys: {', '.join(sorted(allowed))}."
                self.problem((*path, key), f"unknown key {key!r}", mend)
        for key in required:
            if body.get(key) is None:
                self.problem(path, f"{key} is missing", f"Add {key}:")
        return body

    def checked(self, path: Path, body: Any, fields: Fields) -> dict[str, Any]:
        """The entry as a mapping, with the keys reported that its shape does not have or requires."""
        return self.keys(path, body, fields.shapes, fields.required)

    # --- units --------------------------------------------------------------------------------------------------------

    def _units(self, findings: Mapping[str, Any]) -> None:
        units = self.checked(("units",), self.top.get("units", {}), UNITS)
        canonical = {
            finding_id: body["unit"]
            for finding_id, body in findings.items()
            if isinstance(body, dict) and body.get("kind") == "quantity" and isinstance(body.get("unit"), str)
        }
        accepted = self._accepted(units, canonical)
        for finding_id, unit in canonical.items():
            entry = accepted.get(finding_id, {}).get(unit)
            if (entry.get("factor") if isinstance(entry, dict) else entry) != 1:
                mend = f"Add {unit!r}: 1 under units.accepted.{finding_id}."
                self.problem(("findings", finding_id, "unit"), "the canonical unit is not among the accepted ones", mend)
        self._limits("plausible", units)
        self._limits("common", units)
        self._declined(units, accepted)
        check_bare_units(self, units, accepted)
        self.units = unit_table({"accepted": accepted, "spellings": units.get("spellings", {}), "canonical": canonical})

    def all_units(self) -> UnitTable:
        """Everything that the rules say of units, which must be in order."""
        quantities = {finding: body for finding, body in self.section("findings").items() if body["kind"] == "quantity"}
        canonical = {finding: body["unit"] for finding, body in quantities.items()}
        return unit_table({**(self.top.get("units") or {}), "canonical": canonical})

    def _accepted(self, units: Mapping[str, Any], canonical: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """The units that each quantity accepts, as far as they can be used."""
        accepted: dict[str, dict[str, Any]] = {}
        for finding_id, listed in self._mapping(("units", "accepted"), units.get("accepted")).items():
            path: Path = ("units", "accepted", finding_id)
            if finding_id not in canonical:
                mend = did_you_mean(finding_id, canonical) or "Name a finding whose kind is quantity."
                self.problem(path, f"{finding_id!r} is no quantity", mend)
            accepted[finding_id] = {}
            for unit, entry in self._mapping(path, listed).items():
                factor: Any = entry.get("factor") if isinstance(entry, dict) else entry
                if not _is_number(factor) or (isinstance(entry, dict) and not _is_number(entry.get("offset", 0))):
                    self.problem((*path, unit), "a unit has a factor", "Write a number, or {factor: number, offset: number}.")
                elif factor <= 0:  # a limit in this unit would turn round
                    self.problem((*path, unit), "a factor is above 0", "Write canonical = given * factor.")
                else:
                    accepted[finding_id][unit] = entry
        return accepted

    def _limits(self, key: str, units: Mapping[str, Any]) -> None:
        for finding_id, limits in self._mapping(("units", key), units.get(key)).items():
            if not (isinstance(limits, list) and len(limits) == 2 and all(_is_number(one) for one in limits)):
                self.problem(("units", key, finding_id), f"{key} limits are two numbers", "Write [lowest, highest].")

    def _declined(self, units: Mapping[str, Any], accepted: Mapping[str, Mapping[str, Any]]) -> None:
        for finding_id, listed in self._mapping(("units", "declined"), units.get("declined")).items():
            path: Path = ("units", "declined", finding_id)
            if finding_id not in accepted:
                self.problem(path, f"{finding_id!r} has no units", "Name a finding under units.accepted.")
            for unit in self._mapping(path, listed):
                if unit in accepted.get(finding_id, ()):
                    self.problem((*path, unit), f"{unit!r} is accepted", "Keep it in one of the two.")

    def _mapping(self, path: Path, body: Any) -> dict[str, Any]:
        """The entry if it is a mapping, an empty one if it is left out; anything else is reported."""
        return {} if body is None else dict(self.keys(path, body, body if isinstance(body, dict) else ()))

    # --- findings -----------------------------------------------------------------------------------------------------

    def _finding(self, finding_id: str, body: Any) -> Finding:
        path: Path = ("findings", finding_id)
        entry = self.checked(path, body, FINDING)
        kind: Any = entry.get("kind")
        if kind not in KINDS:
            self.problem((*path, "kind"), f"{kind!r} is no kind", "Write boolean, quantity or choice.")
        if kind == "quantity" and not isinstance(entry.get("unit"), str):
            self.problem(path, "a quantity needs its canonical unit", "Add unit: with a UCUM unit.")
        if kind == "choice" and not isinstance(entry.get("choices"), dict):
            self.problem(path, "a choice needs its words", "Add choices: as a mapping of word to label.")
        if entry.get("group") is not None and str(entry["group"]) not in self.section("groups"):
            mend = did_you_mean(str(entry["group"]), self.section("groups")) or "Add it under groups:"
            self.problem((*path, "group"), f"unknown group {entry['group']!r}", mend)
        parent = entry.get("part_of")
        if parent is not None and self.named(parent, (*path, "part_of")) and self.kind(parent) != "boolean":
            self.problem((*path, "part_of"), f"{parent!r} is not a boolean finding", "Only a boolean finding has parts.")
        definition = self._definition(path, entry)
        if definition is not None and kind != "boolean":
            self.problem(path, "only a boolean finding can be defined by others", "Remove the definition.")
        self.cites(path, entry)
        self._other_words(finding_id, entry)
        self._longer_words(finding_id, entry)
        return Finding(
            id=finding_id,
            kind=kind,
            label=entry.get("label", ""),
            part_of=parent if isinstance(parent, str) else None,
            unit=entry.get("unit"),
            choices=entry["choices"] if isinstance(entry.get("choices"), dict) else {},
            definition=definition,
            gray_zone=entry.get("gray_zone"),
            shows_whole=entry.get("shows_whole") is not False,
            question=entry.get("question", ""),
            short=entry.get("short"),
            term=entry.get("term"),
            synonyms=tuple(entry.get("synonyms", ())),
            group=entry.get("group"),
            includes=tuple(entry.get("includes", ())),
            excludes=tuple(entry.get("excludes", ())),
            look_for=entry.get("look_for"),
            note=entry.get("note"),
            usual=_usual(entry["usual"]) if "usual" in entry else None,
            codes=codes_of(entry.get("codes", {})),
            words=entry.get("words", {}),
            means=entry.get("means", {}),
            basis=basis_of(entry),
        )

    def _other_words(self, finding_id: str, entry: Mapping[str, Any]) -> None:
        """Check the other words for the choices of a finding; they are compared in lower case."""
        path: Path = ("findings", finding_id, "words")
        if "words" not in entry:
            return
        choices = entry.get("choices")
        if entry.get("kind") != "choice" or not isinstance(choices, dict):
            self.problem(path, "only a choice has other words for its choices", "Remove words:")
            return
        said = {str(name).lower(): choice for choice, label in choices.items() for name in (label, choice)}
        for word, choice in self._mapping(path, entry["words"]).items():
            place, plain = (*path, word), word.strip().lower()
            if choice not in choices:
                mend = did_you_mean(choice, choices) or f"The choices are {', '.join(choices)}."
                self.problem(place, f"{choice!r} is not a choice of {finding_id!r}", mend)
            elif said.setdefault(plain, choice) != choice:
                self.problem(place, f"{word!r} means {said[plain]} already", "Keep it for one of them.")

    def _longer_words(self, finding_id: str, entry: Mapping[str, Any]) -> None:
        """Check the words that say something of several findings, or of another one."""
        for word, meant in self._mapping(("findings", finding_id, "means"), entry.get("means")).items():
            for other, value in self._mapping(("findings", finding_id, "means", word), meant).items():
                place: Path = ("findings", finding_id, "means", word, other)
                if self.named(other, place):
                    choices = self.section("findings")[other].get("choices") or ("yes", "no")
                    if self.kind(other) == "quantity" or value not in choices:
                        self.problem(place, f"{value!r} is no value of {other!r}", f"Write one of {', '.join(choices)}.")

    def _one_finding_a_name(self, findings: Mapping[str, Any]) -> None:
        """Check the synonyms: a heading of a table that fits two findings could be read as neither."""
        entries = {finding_id: body for finding_id, body in findings.items() if isinstance(body, dict)}
        named: dict[str, str] = {}
        for finding_id, entry in entries.items():
            for name in (finding_id, entry.get("label"), entry.get("term")):
                named.setdefault(plain_name(str(name or "")), finding_id)
        for finding_id, entry in entries.items():
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
        present = (
            self.expression((*path, "present_when"), entry["present_when"], defining=True) if "present_when" in entry else NEVER
        )
        absent = (
            self.expression((*path, "absent_when"), entry["absent_when"], defining=True) if "absent_when" in entry else None
        )
        self._one_way_once(path, present, absent)
        return Binds(present, absent)

    def kind(self, finding_id: str) -> Any:
        """The kind that a finding says it is of."""
        body = self.section("findings").get(finding_id)
        return body.get("kind") if isinstance(body, dict) else None

    def named(self, finding_id: Any, path: Path) -> bool:
        """Check that a finding is known."""
        findings = self.section("findings")
        if isinstance(finding_id, str) and finding_id in findings:
            return True
        self.problem(
            path, f"unknown finding {finding_id!r}", did_you_mean(str(finding_id), findings) or "Add it under findings:"
        )
        return False

    # --- expressions --------------------------------------------------------------------------------------------------

    def expression(self, path: Path, body: Any, defining: bool) -> Expression:
        """An expression; ``defining`` inside a definition, where ``known`` is allowed."""
        if isinstance(body, str):
            if self.named(body, path) and self.kind(body) != "boolean":
                self.problem(path, f"{body!r} is no boolean finding", "Compare it: {finding: ..., above: ..., unit: ...}.")
            return Present(body)
        if not isinstance(body, dict):
            self.problem(
                path, "this is no expression", "Write a finding's id, or a mapping with all, any, not, at_least, finding."
            )
            return NEVER
        basis = self.basis(path, body)
        name = body.get("name")
        forms = [form for form in ("finding", "of", "all", "any", "not", "present_when", "known", "asserted") if form in body]
        if len(forms) != 1:
            found = " and ".join(forms) if forms else "none"
            self.problem(path, f"an expression has one operator, here {found}", "Nest one expression in the other.")
            return NEVER
        return self._form(forms[0], path, body, name, basis, defining)

    def _form(self, form: str, path: Path, body: dict[str, Any], name: Any, basis: Basis | None, defining: bool) -> Expression:
        match form:
            case "all" | "any":
                self.checked(path, body, EXPRESSIONS[form])
                operator = All if form == "all" else AnyOf
                return operator(self._children((*path, form), body[form], defining), name, basis)
            case "not":
                self.checked(path, body, EXPRESSIONS["not"])
                return Not(self.expression((*path, "not"), body["not"], defining), name, basis)
            case "of":
                if "score_at_least" in body:
                    return self._score(path, body, name, basis, defining)
                self.checked(path, body, EXPRESSIONS["of"])
                children = self._children((*path, "of"), body["of"], defining)
                count = body.get("at_least")
                if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= len(children):
                    self.problem((*path, "at_least"), f"at_least must be 1 to {len(children)}", "Count the entries under of:")
                    count = 1
                return AtLeast(count, children, name, basis)
            case "present_when":
                self.checked(path, body, EXPRESSIONS["present_when"])
                present = self.expression((*path, "present_when"), body["present_when"], defining=True)
                absent = self.expression((*path, "absent_when"), body.get("absent_when"), defining=True)
                self._one_way_once(path, present, absent)
                return Binds(present, absent, name, basis)
            case "known" | "asserted":
                self.checked(path, body, EXPRESSIONS[form])
                if not self.named(body[form], (*path, form)):
                    return NEVER
                if form == "asserted" and self.kind(body[form]) != "boolean":
                    self.problem(
                        path, f"{body[form]!r} is no boolean finding", "Only a boolean finding is asserted; use known:"
                    )
                if form == "known" and not defining:
                    mend = "Use it in a definition or a warning; a criterion must not turn round when more is learned."
                    self.problem(path, "known: does not belong in a criteria set", mend)
                return (Known if form == "known" else Asserted)(body[form], name, basis)
            case _:
                return self._comparison(path, body, name, basis)

    def _score(self, path: Path, body: dict[str, Any], name: Any, basis: Basis | None, defining: bool) -> Expression:
        """A sum of points: each element of the list is worth so many when its condition holds."""
        self.checked(path, body, EXPRESSIONS["score_at_least"])
        needed = body["score_at_least"]
        elements = body["of"] if isinstance(body["of"], list) else []
        if not elements:
            self.problem((*path, "of"), "a list of {points: ..., when: ...} is needed here", "Write one - entry for each.")
        children: list[Expression] = []
        points: list[Any] = []
        for number, element in enumerate(elements):
            place = (*path, "of", number)
            entry = self.keys(place, element, {"points", "when"}, ("points", "when"))
            children.append(self.expression((*place, "when"), entry.get("when"), defining))
            points.append(entry.get("points"))
        if not _is_number(needed) or not all(_is_number(one) and one for one in points):
            self.problem(path, "points are numbers other than 0", "Write score_at_least: 6, and points: 3 in each element.")
        return Score(needed, tuple(children), tuple(points), name, basis)

    def _one_way_once(self, path: Path, present: Expression, absent: Expression | None) -> None:
        """Inside another, a pair that comes to contradict itself could turn the outer one round as more is learned."""
        if any(isinstance(node, Binds) for way in (present, absent) if way is not None for node in nodes(way)):
            mend = "Write the inner one with all, any and not, or make it a finding of its own."
            self.problem(path, "present_when: stands inside another present_when: or absent_when:", mend)

    def _children(self, path: Path, body: Any, defining: bool) -> tuple[Expression, ...]:
        if not isinstance(body, list) or not body:
            self.problem(path, "a list of expressions is needed here", "Write one - entry for each.")
            return ()
        return tuple([self.expression((*path, number), child, defining) for number, child in enumerate(body)])

    def _comparison(self, path: Path, body: dict[str, Any], name: Any, basis: Basis | None) -> Expression:
        self.checked(path, body, EXPRESSIONS["finding"])
        finding_id = body["finding"]
        operators = [operator for operator in OPERATORS if operator in body]
        if not self.named(finding_id, (*path, "finding")):
            return NEVER
        if not operators and self.kind(finding_id) == "boolean":
            return Present(finding_id, name, basis)
        if len(operators) != 1:
            self.problem(path, "a comparison has one operator", f"Use one of {', '.join(OPERATORS)}.")
            return NEVER
        operator: Any = operators[0]
        wanted = body[operator]
        if operator == "is":
            return Compare(finding_id, "is", self._words(path, finding_id, wanted), None, None, name, basis)
        if self.kind(finding_id) != "quantity":
            self.problem(path, f"{finding_id!r} is no quantity", "Only a quantity has a limit.")
            return NEVER
        if basis is None or not basis.is_founded:
            mend = "Add source: with an id of sources, read: recalled if it is from memory, or default: true if it is ours."
            self.problem(path, "a limit needs its source", mend)
        laboratory = body.get("laboratory")
        if laboratory not in (None, *SIDES):
            self.problem((*path, "laboratory"), f"laboratory is low or high, not {laboratory!r}", "Name the side of its range.")
            laboratory = None
        if wanted == "laboratory":
            side: Side = "high" if operator in ("above", "at_most") else "low"
            return Compare(finding_id, operator, None, side, None, name, basis)
        if isinstance(wanted, dict):
            times = self.keys((*path, operator), wanted, {"times_upper"}, ("times_upper",)).get("times_upper")
            if not _is_number(times):
                self.problem((*path, operator), "times_upper is a number", "Write times_upper: 3, for example.")
            return Compare(finding_id, operator, None, "high", times, name, basis)
        return Compare(finding_id, operator, self._limit(path, operator, body, finding_id), laboratory, None, name, basis)

    def _words(self, path: Path, finding_id: str, wanted: Any) -> tuple[str, ...]:
        words = wanted if isinstance(wanted, list) else [wanted]
        body = self.section("findings")[finding_id]
        choices = body.get("choices") if isinstance(body, dict) else None
        for word in words:
            if not isinstance(choices, dict) or str(word) not in choices:
                known = ", ".join(choices) if isinstance(choices, dict) else "none"
                mend = f"The words of {finding_id} are {known}."
                self.problem((*path, "is"), f"{word!r} is not a word of {finding_id!r}", mend)
        return tuple([str(word) for word in words])

    def _limit(self, path: Path, operator: str, body: dict[str, Any], finding_id: str) -> float:
        limit = body[operator]
        if not _is_number(limit):
            self.problem(
                (*path, operator), "a limit is a number, or the word laboratory", "Write the number with unit: beside it."
            )
            return 0.0
        unit = body.get("unit")
        try:
            return to_canonical(self.units, finding_id, float(limit), unit if unit is None else str(unit))
        except UnitError as error:
            self.problem((*path, "unit"), str(error), "Use one of them.")
        except KeyError:
            pass  # the missing unit of the finding is reported where it is missing
        return float(limit)

    def basis(self, path: Path, body: Mapping[str, Any]) -> Basis | None:
        """Compile what an entry rests on; ``None`` where it does not say."""
        self.cites(path, body)
        if not BASIS.keys() & body.keys():
            return None
        return Basis(body.get("source"), body.get("read"), bool(body.get("default", False)), body.get("note"))

    def cites(self, path: Path, body: Mapping[str, Any]) -> None:
        """Check the sources that an entry names."""
        for key in ("source", "more_sources"):
            named = body.get(key)
            for source in named if isinstance(named, list) else [named] if named is not None else []:
                if str(source) not in self.section("sources"):
                    mend = did_you_mean(str(source), self.section("sources")) or "Add it to sources.yaml."
                    self.problem((*path, key), f"unknown source {source!r}", mend)
        if body.get("read") is not None and body["read"] not in READ:
            self.problem((*path, "read"), f"{body['read']!r} does not say what was read", f"Use one of {', '.join(READ)}.")

    # --- criteria, warnings, tests, sources ---------------------------------------------------------------------------

    def criteria_set(self, section: str, set_id: str, body: Any) -> CriteriaSet:
        """Compile a criteria set."""
        path: Path = (section, set_id)
        entry = self.checked(path, body, CRITERIA_SET)
        self.cites(path, entry)
        if ("met" in entry) == ("levels" in entry):
            self.problem(
                path, "a criteria set has met: or levels:", "Write met: for one level, levels: for several, highest first."
            )
        if "levels" in entry and not entry["levels"]:
            self.problem((*path, "levels"), "levels: is empty", "Write each level's id with its expression, highest first.")
        if isinstance(entry.get("levels"), dict):
            bodies = entry["levels"].items()
            levels = [Level(level, self.expression((*path, "levels", level), when, False)) for level, when in bodies]
        else:
            levels = [Level("met", self.expression((*path, "met"), entry.get("met"), False))]
        years = entry.get("current")
        return CriteriaSet(
            id=set_id,
            title=entry.get("title", ""),
            short=entry.get("short", ""),
            source=entry.get("source", ""),
            levels=tuple(levels),
            about=entry.get("about", ""),
            current=Years(years.get("from"), years.get("to")) if years else None,
            more_sources=tuple(entry.get("more_sources", ())),
            notes=tuple(entry.get("notes", ())),
        )

    def _warning(self, warning: str, body: Any) -> Warn:
        path: Path = ("warnings", warning)
        entry = self.checked(path, body, WARNING)
        when = self.expression((*path, "when"), entry.get("when"), defining=True)
        basis = self.basis(path, entry) or NO_BASIS
        urgent = bool(entry.get("urgent", False))
        if urgent and not entry.get("short"):
            self.problem(path, "short is missing", "Say in one line, for the top of the screen, what to do at once.")
        speaks_for = entry.get("mimics", [])
        for number, mimic in enumerate(speaks_for):
            if mimic not in self.section("mimics"):
                mend = did_you_mean(str(mimic), self.section("mimics")) or "Name a mimic, or remove it."
                self.problem((*path, "mimics", number), f"unknown mimic {mimic!r}", mend)
        return Warn(warning, when, entry.get("text", ""), basis, entry.get("short"), urgent, tuple(speaks_for))

    def _outcome(self, outcome: str, body: Any) -> Outcome:
        path: Path = ("outcomes", outcome)
        entry = self.checked(path, body, OUTCOME)
        when = self.expression((*path, "when"), entry.get("when"), defining=False)
        name, text = entry.get("name", ""), entry.get("text", "")
        return Outcome(outcome, name, when, text, self.basis(path, entry) or NO_BASIS)

    def _test(self, test_id: str, body: Any) -> Test:
        path: Path = ("tests", test_id)
        entry = self.checked(path, body, TEST)
        self.cites(path, entry)
        given: dict[str, tuple[str, ...]] = {}
        for key in ("answers", "shows"):
            every = enumerate(entry.get(key, ()))
            given[key] = tuple([finding for number, finding in every if self.named(finding, (*path, key, number))])
        for key in ("cost", "invasiveness"):
            its_class = entry.get(key, 0)  # one that is missing is reported as such
            if not isinstance(its_class, int) or isinstance(its_class, bool) or not 0 <= its_class <= 4:
                self.problem((*path, key), f"{key} is a class from 0 to 4", "See CONTRIBUTING.md for the classes.")
        return Test(
            test_id,
            entry.get("label", ""),
            given["answers"],
            given["shows"],
            entry.get("how", ""),
            entry.get("cost", 0),
            entry.get("invasiveness", 0),
            **test_order(self, test_id, entry),
            short=entry.get("short"),
            caution=entry.get("caution"),
            traps=tuple(entry.get("traps", ())),
            note=entry.get("note"),
            basis=Basis(entry.get("source"), entry.get("read")),  # its default: speaks of the classes
        )

    def _source(self, source: str, body: Any) -> Source:
        path: Path = ("sources", source)
        entry = self.checked(path, body, SOURCE)
        if entry.get("read") not in READ:
            self.problem((*path, "read"), "read must say what was read", f"Use one of {', '.join(READ)}.")
        for key, message, mend in link_problems(entry, self._hosts() if entry.get("url") else {}):
            self.problem((*path, key), message, mend)
        return Source(entry.get("read", ""), *[entry.get(key) for key in Source._fields[1:]])

    def _hosts(self) -> Mapping[str, Any]:
        """The hosts that links may lead to: those that these rules name, else those of the built-in rules."""
        if self.hosts is None:
            self.hosts = self.section("link_hosts") if "link_hosts" in self.top else built_in_hosts()
        return self.hosts

    # --- order --------------------------------------------------------------------------------------------------------

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


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _syndrome(body: Mapping[str, Any]) -> Syndrome:
    letters = [SyndromeLetter(one.get("letter", ""), one.get("word", ""), fact_of(one)) for one in body.get("letters", ())]
    sections = [
        SyndromeSection(one.get("title", ""), one.get("text"), tuple(map(fact_of, one.get("facts", ()))))
        for one in body.get("sections", ())
    ]
    codes = {system: _syndrome_code(entry) for system, entry in body.get("codes", {}).items()}
    return Syndrome(tuple(body.get("names", ())), body.get("summary"), tuple(letters), tuple(sections), codes)


def _syndrome_code(entry: Any) -> SyndromeCode:
    """A code alone, or one with what it rests on."""
    if isinstance(entry, Mapping):
        code = entry.get("code")
        basis = Basis(entry.get("source"), entry.get("read"), bool(entry.get("default", False)), entry.get("note"))
        return SyndromeCode(None if code is None else str(code), basis)
    return SyndromeCode(", ".join(map(str, entry)) if isinstance(entry, list) else str(entry), Basis())


def _usual(body: Mapping[str, Any]) -> Usual:
    return Usual(body.get("low"), body.get("high"), body.get("text"), basis_of(body))
