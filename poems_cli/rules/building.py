"""Compile rules files whole: check them, then work out what follows from the definitions.

Also the command that the package's build runs: ``python -m poems_cli.rules.building FOLDER OUTPUT``.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from poems_cli.engine.expressions import leaves
from poems_cli.engine.findings import Resolver
from poems_cli.finding_names import without_remark
from poems_cli.model import Mimic, Patient, Rules, Said, Test
from poems_cli.rules.compiled_form import written
from poems_cli.rules.compiling import Compiled, Compiler
from poems_cli.rules.files import ENTRY, fingerprint, read_rule_files
from poems_cli.rules.strict_yaml import Document, RuleProblem, read_yaml


def compile_and_check(files: Mapping[str, bytes], entry: str) -> Compiled:
    """The rules, or every problem in them."""
    documents: dict[str, Document] = {}
    for name, content in files.items():
        try:
            documents[name] = read_yaml(name, content.decode("utf-8"))
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            return Compiled(None, (RuleProblem(name, line, "", "the file is not UTF-8", "Save it as UTF-8."),))
    compiler = Compiler(documents, entry, fingerprint(files))
    compiled = compiler.run()
    if compiled.problems or compiled.rules is None:
        return compiled
    rules = finished(compiled.rules)
    _refuse_untested(rules, compiler)
    return compiler.compiled(rules)


def finished(rules: Rules) -> Rules:
    """Compiled rules with what follows from their definitions: what each test shows, each disease explains, a name says."""
    resolver = Resolver(rules)
    implies = implied_by(rules, resolver, rules.findings)
    named = _named_by_parts(rules, implies)
    return rules._replace(
        tests={test.id: test._replace(shows=shown_by(rules, resolver, test)) for test in rules.tests.values()},
        implies=implies,
        findings={
            finding.id: finding._replace(means={**named[finding.id], **finding.means}) for finding in rules.findings.values()
        },
        mimics={mimic.id: _explaining(mimic, implies) for mimic in rules.mimics.values()},
        profile=_explaining(rules.profile, implies) if rules.profile is not None else None,
    )


def shown_by(rules: Rules, resolver: Resolver, test: Test) -> tuple[str, ...]:
    """The boolean findings that one positive answer of the test makes present by definition, beyond those it answers."""
    shown: dict[str, None] = dict.fromkeys(test.shows)
    for finding_id in (*test.answers, *test.shows):
        if rules.findings[finding_id].kind == "boolean":
            values = resolver.resolve(Patient("", {finding_id: True}, {})).values
            shown.update({other: None for other, value in values.items() if value and other not in test.answers})
    return tuple(shown)


def implied_by(rules: Rules, resolver: Resolver, findings: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each boolean finding all that follow from its presence alone: its wholes, and what is defined by it."""
    implied: dict[str, tuple[str, ...]] = {}
    for finding in [rules.findings[finding_id] for finding_id in findings]:
        if finding.kind == "boolean":
            values = resolver.resolve(Patient("", {finding.id: True}, {})).values
            others = tuple([other for other, value in values.items() if value and other != finding.id])
            if others:
                implied[finding.id] = others
    return implied


def _named_by_parts(rules: Rules, implies: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, Said]]:
    """What the names of a finding's parts say: ``hepatomegaly`` that organs are enlarged; a name of two parts says nothing."""
    named: dict[str, dict[str, Said]] = {finding: {} for finding in rules.findings}
    for part in rules.findings.values():
        names = {without_remark(name).casefold() for name in (part.label, part.short, part.term) if name}
        whole = part.part_of
        while whole is not None and whole in implies.get(part.id, ()):
            for name in sorted(names):
                named[whole][name] = {} if name in named[whole] else {whole: True, part.id: True}
            whole = rules.findings[whole].part_of
    return {whole: {name: meant for name, meant in names.items() if meant} for whole, names in named.items()}


def _explaining(mimic: Mimic, implies: Mapping[str, tuple[str, ...]]) -> Mimic:
    """A disease that explains what it names as its own, the parts of it, and the wholes that follow from it."""
    own = mimic.explains
    wholes = {whole for finding in own for whole in implies.get(finding, ())}
    parts = {part for part, followed in implies.items() if not own.isdisjoint(followed)}
    return mimic._replace(explains=own | wholes | parts)


def _refuse_untested(rules: Rules, compiler: Compiler) -> None:
    """Report each criterion that no test can show: it could never be settled."""
    testable = {finding for test in rules.tests.values() for finding in (*test.answers, *test.shows)}
    for section, sets in (("criteria", rules.criteria), ("mimic_criteria", rules.mimic_criteria)):
        for criteria in sets.values():
            for finding in dict.fromkeys(leaf.finding for level in criteria.levels for leaf in leaves(level.expression)):
                if finding not in testable:
                    mend = f"Add {finding} to the answers of a test."
                    compiler.problem((section, criteria.id), f"no test answers {finding!r}", mend)


def main(arguments: list[str]) -> int:
    """Compile the rules of a folder into one JSON file; exit code 10 when they are invalid."""
    folder, output = arguments
    compiled = compile_and_check(*read_rule_files(str(Path(folder) / ENTRY)))
    if compiled.problems or compiled.rules is None:
        print(*compiled.problems, sep="\n", file=sys.stderr)
        return 10
    Path(output).write_text(written(compiled.rules), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
