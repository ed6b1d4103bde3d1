"""The rules with one change: only what the change reaches is compiled again."""

from collections.abc import Iterator, Mapping
from typing import Any

from poems_cli.authoring.changes import WHOLE, Change, changes_of
from poems_cli.authoring.patients import below
from poems_cli.engine.expressions import leaves
from poems_cli.engine.findings import Resolver
from poems_cli.model import Rules
from poems_cli.rules.building import compile_and_check, implied_by, shown_by
from poems_cli.rules.compiling import Compiler
from poems_cli.rules.compiling_units import all_units
from poems_cli.rules.files import fingerprint, read_rule_files
from poems_cli.rules.strict_yaml import read_yaml

#: The fields of the rules that are compiled whole.
_REPLACED = (
    "order", "parts", "profile", "red_flags", "outlook", "labels", "units", "evidence", "causes", "uncounted", "staging",
)  # fmt: skip


class ChangedRules:
    """Rules compiled once, and again with each change."""

    def __init__(self, path: str | None) -> None:
        """Raise :class:`PoemsError` with every problem of the rules as they are."""
        files, entry = read_rule_files(path)
        self.base = compile_and_check(files, entry).sound()
        documents = {name: read_yaml(name, text.decode("utf-8")) for name, text in files.items()}
        self._compiler = Compiler(documents, entry, fingerprint(files))
        self._plain = self._compiler.run().sound()  # before the program adds what follows from the definitions
        self._resolver = Resolver(self.base)
        # quantities with a limit that is written in another unit than their own, by their own
        self._limits = {
            (finding, self.base.findings[finding].unit)
            for finding, unit in _limits(self._compiler.top)
            if finding in self.base.findings and unit != self.base.findings[finding].unit
        }
        every_set = (*self.base.criteria.values(), *self.base.mimic_criteria.values())
        self._asked = {leaf.finding for criteria in every_set for level in criteria.levels for leaf in leaves(level.expression)}

    def changes(self) -> list[Change]:
        """Every change, each once."""
        return list({(change.at, change.what): change for change in changes_of(self._compiler.top)}.values())

    def trail(self, change: Change) -> Iterator[Any]:
        """The data of the rules on the way to the place of a change, from its section on."""
        data: Any = self._compiler.top
        for step in change.at:
            try:
                data = data[step]
            except (KeyError, IndexError, TypeError):  # it is added there
                return
            yield data

    def place(self, change: Change) -> tuple[str, int]:
        """The file and the line in which a change is made."""
        document = self._compiler.document(change.at)
        return document.file, document.line(change.at)

    def rules(self, change: Change) -> Rules | None:
        """The rules with a change; ``None`` where lint refuses it."""
        top = self._compiler.top
        section, value = change.section, change.value
        new = value if section in WHOLE else {**top[section], change.entry: value}
        compiler = self._compiler.changed({**top, section: new})
        if section == "units" and self._only_reading(change):
            return self.base._replace(units=all_units(compiler))
        if section in ("units", "evidence", "reference"):  # these reach into limits and weights everywhere
            whole = compiler.whole()
            return None if whole.problems or whole.rules is None else self._joined(whole.rules._asdict())
        part = compiler.part(section, change.entry, self._plain)
        if compiler.problems:
            return None
        rules = self._joined(part)
        if section == "tests":
            test = rules.tests[change.entry]
            shows = shown_by(rules, self._resolver, test)
            rules = rules._replace(tests={**rules.tests, test.id: test._replace(shows=shows)})
            testable = {finding for ordered in rules.tests.values() for finding in (*ordered.answers, *ordered.shows)}
            return rules if self._asked <= testable else None
        return self._followed(rules, change.entry) if section == "findings" else rules

    def _only_reading(self, change: Change) -> bool:
        """Whether a unit has a say only in how a patient's values are read: no limit of the rules is written in it."""
        if change.at[1] == "plausible":
            return True
        finding, unit = str(change.at[2]), change.at[3]
        canonical = self.base.findings[finding].unit
        return unit != canonical and (finding, canonical) not in self._limits

    def _joined(self, part: Mapping[str, Any]) -> Rules:
        """The rules as they are, with the fields that are compiled again: whole ones, or single entries of them."""
        base = self.base
        merged: dict[str, Any] = {
            field: {**getattr(base, field), **part[field]}
            for field in ("findings", "criteria", "mimic_criteria", "mimics")
            if field in part
        }
        if len(part.get("tests", ())) == 1:
            merged["tests"] = {**base.tests, **part["tests"]}
        if "warnings" in part:
            changed = {warning.id: warning for warning in part["warnings"]}
            merged["warnings"] = tuple([changed.get(warning.id, warning) for warning in base.warnings])
        merged |= {field: part[field] for field in _REPLACED if field in part}
        return base._replace(**merged)

    def _followed(self, rules: Rules, finding: str) -> Rules:
        """What follows from the presence of each finding, worked out again for those that a changed definition reads."""
        reached = [finding, *dict.fromkeys([*below(rules, finding), *below(self.base, finding)])]
        resolver = Resolver(rules)
        implies = implied_by(rules, resolver, reached)
        kept = {name: found for name, found in self.base.implies.items() if name not in reached}
        touched = set(reached)
        tests = {
            test.id: rules.tests[test.id]._replace(shows=shown_by(rules, resolver, test))
            for test in self._plain.tests.values()
            if not touched.isdisjoint((*test.answers, *test.shows))
        }
        return rules._replace(implies={**kept, **implies}, tests={**rules.tests, **tests})


def _limits(node: Any) -> Iterator[tuple[str, str]]:
    """The quantities that any condition compares, with the unit of each limit."""
    if isinstance(node, dict):
        if isinstance(node.get("finding"), str) and isinstance(node.get("unit"), str):
            yield node["finding"], node["unit"]
        for child in node.values():
            yield from _limits(child)
    elif isinstance(node, list):
        for child in node:
            yield from _limits(child)
