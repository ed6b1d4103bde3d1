"""Compile rules files whole: check them, then work out from the definitions what each test can show.

Also the command that the package's build runs: ``python -m poems_cli.rules.building FOLDER OUTPUT``.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from poems_cli import __version__
from poems_cli.engine.expressions import leaves
from poems_cli.engine.findings import Resolver
from poems_cli.model import Patient, Rules, Test
from poems_cli.rules.compiling import Compiled, compile_rules, included
from poems_cli.rules.decoding import FORMAT, decode
from poems_cli.rules.files import ENTRY, fingerprint, read_rule_files
from poems_cli.rules.strict_yaml import RuleProblem, dotted, read_yaml


def compile_and_check(files: Mapping[str, bytes], entry: str, sha256: str) -> Compiled:
    """The compiled rules, or every problem in them."""
    texts: dict[str, str] = {}
    for name, content in files.items():
        try:
            texts[name] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            return Compiled({}, (RuleProblem(name, line, "", "the file is not UTF-8", "Save it as UTF-8."),))
    missed = [name for name in included(texts[entry]) if name not in texts]
    if missed:
        mend = "Write include: on one line, as include: [sources.yaml, tests.yaml]."
        return Compiled({}, (RuleProblem(entry, 1, "include", f"{missed[0]!r} was not found on the include: line", mend),))
    compiled = compile_rules(texts, entry, sha256)
    if compiled.problems:
        return compiled
    compiled.data.update(program=__version__, format=FORMAT)
    rules = decode(compiled.data)
    resolver = Resolver(rules)
    for test in rules.tests.values():
        compiled.data["tests"][test.id]["shows"] = shown_by(rules, resolver, test)
    compiled.data["implies"] = implies = implied_by(rules, resolver, rules.findings)
    for one in [*compiled.data["mimics"].values(), *filter(None, [compiled.data["profile"]])]:
        one["explains"] = _explained(one["explains"], implies)
    return compiled._replace(problems=tuple(_untested(decode(compiled.data), texts)))


def shown_by(rules: Rules, resolver: Resolver, test: Test) -> list[str]:
    """The boolean findings that one positive answer of the test makes present by definition, beyond those it answers."""
    shown: dict[str, None] = dict.fromkeys(test.shows)
    for finding_id in (*test.answers, *test.shows):
        if rules.findings[finding_id].kind == "boolean":
            values = resolver.resolve(Patient("", {finding_id: True}, {})).values
            shown.update({other: None for other, value in values.items() if value and other not in test.answers})
    return list(shown)


def implied_by(rules: Rules, resolver: Resolver, findings: Iterable[str]) -> dict[str, list[str]]:
    """For each boolean finding all that follow from its presence alone: its wholes, and what is defined by it."""
    implied: dict[str, list[str]] = {}
    for finding in [rules.findings[finding_id] for finding_id in findings]:
        if finding.kind == "boolean":
            values = resolver.resolve(Patient("", {finding.id: True}, {})).values
            others = [other for other, value in values.items() if value and other != finding.id]
            if others:
                implied[finding.id] = others
    return implied


def _explained(named: list[str], implies: Mapping[str, list[str]]) -> list[str]:
    """What a disease names as its own, with the parts of it, and the wholes that follow from it."""
    own = set(named)
    wholes = {whole for one in named for whole in implies.get(one, ())}
    parts = {part for part, followed in implies.items() if not own.isdisjoint(followed)}
    return [*named, *sorted((wholes | parts) - own)]


def _untested(rules: Rules, texts: Mapping[str, str]) -> Iterator[RuleProblem]:
    """A criterion that no test can show could never be settled."""
    testable = {finding for test in rules.tests.values() for finding in (*test.answers, *test.shows)}
    for criteria in (*rules.criteria.values(), *rules.mimic_criteria.values()):
        section = "criteria" if criteria.id in rules.criteria else "mimic_criteria"
        for finding in dict.fromkeys(leaf.finding for level in criteria.levels for leaf in leaves(level.expression)):
            if finding not in testable:
                path = (section, criteria.id)
                home = next(one for one in (read_yaml(*file) for file in texts.items()) if path in one.lines)
                mend = f"Add {finding} to the answers of a test."
                yield RuleProblem(home.file, home.line(path), dotted(path), f"no test answers {finding!r}", mend)


def main(arguments: list[str]) -> int:
    """Compile the rules of a folder into one JSON file; exit code 10 when they are invalid."""
    folder, output = arguments
    files, entry = read_rule_files(str(Path(folder) / ENTRY))
    compiled = compile_and_check(files, entry, fingerprint(files))
    if compiled.problems:
        print(*compiled.problems, sep="\n", file=sys.stderr)
        return 10
    Path(output).write_text(json.dumps(compiled.data, separators=(",", ":")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
