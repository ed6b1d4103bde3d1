"""The whole rules as one Markdown page, for a clinician who wants to check them without reading YAML."""

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from poems_cli.engine.expressions import leaves
from poems_cli.explain.parts import definition_words, usual_range
from poems_cli.explain.rules_sections import entry_blocks, sections
from poems_cli.model import Compare, Expression, Finding, Rules
from poems_cli.phrases import capital
from poems_cli.report.blocks import Block, Heading, Outline, Paragraph, Table, bullets
from poems_cli.report.explanation import block_markdown
from poems_cli.report.markdown import escaped
from poems_cli.report.words import OURS, READ, accepted_units, citation, condition, label, marks
from poems_cli.rules.citations import citations

#: What the marks mean.
KEY = (
    "A condition is present, absent or unknown, and unknown is never absent. Square brackets hold the source. "
    f'"{OURS}" marks what is ours, "recalled" what is cited from memory and should be checked, "secondary" what was '
    "read in another text that quotes the source."
)

#: A block, or a line that is Markdown already.
_Part: TypeAlias = Block | str


def rules_markdown(rules: Rules) -> str:
    """The rules in words: the sections of ``rules_sections``, with every finding, limit and source in tables."""
    lines: list[str] = []
    for part in _parts(rules):
        lines += [part] if isinstance(part, str) else block_markdown(part, 4)
    return "\n".join(lines).rstrip() + "\n"


def _parts(rules: Rules) -> Iterator[_Part]:
    yield from _opening(rules)
    for title, topics in sections(rules):
        yield Heading(title, 2)
        if title == "Findings":
            yield from _findings(rules)
            continue
        for topic in topics:
            yield Heading(capital(topic.title), 3)
            yield from entry_blocks(topic)
    yield from _not_counted(rules)
    yield from _limits(rules)
    yield from _sources(rules)


def _opening(rules: Rules) -> Iterator[_Part]:
    identity = rules.identity
    yield Heading(f"{rules.title}: the rules", 1)
    yield from (f"Rules {escaped(identity.id)} {escaped(identity.version)}, SHA-256 `{identity.sha256}`.", "")
    yield Paragraph(
        f"{len(rules.criteria)} criteria sets, {len(rules.findings)} findings, {len(rules.mimics)} mimics with "
        f"{len(rules.mimic_criteria)} criteria sets of their own, {len(rules.tests)} tests, "
        f"{len(rules.warnings)} warnings, {len(rules.sources)} sources."
    )
    yield from (KEY, "")


def _not_counted(rules: Rules) -> Iterator[_Part]:
    """The findings that do not count toward the criteria sets, although they look as if they did."""
    rows = [
        (
            label(rules, uncounted.finding),
            label(rules, uncounted.element),
            ", ".join(uncounted.criteria),
            uncounted.reason,
            marks(rules, uncounted.basis).strip("[]"),
        )
        for uncounted in rules.uncounted
    ]
    if rows:
        yield Heading("Not counted", 2)
        yield Table(("finding", "not counted as", "in", "because", "source"), tuple(rows))


def _findings(rules: Rules) -> Iterator[_Part]:
    for group in dict.fromkeys([*rules.groups, *(finding.group or "" for finding in rules.findings.values())]):
        members = [finding for finding in rules.findings.values() if (finding.group or "") == group]
        if members:
            yield Heading(capital(rules.groups.get(group, group) or "other"), 3)
            rows = [
                (finding.id, finding.label, _kind(rules, finding), marks(rules, finding.basis).strip("[]"))
                for finding in members
            ]
            yield Table(("id", "finding", "kind", "source"), tuple(rows))
            for finding in members:
                yield from _detail(rules, finding)


def _kind(rules: Rules, finding: Finding) -> str:
    if finding.kind == "quantity":
        return ", ".join(accepted_units(rules, finding.id))
    return ", ".join(finding.choices) if finding.kind == "choice" else "present or absent"


def _detail(rules: Rules, finding: Finding) -> Iterator[_Part]:
    """What a row of the table cannot hold; nothing where there is nothing more to say."""
    details = [
        ("Counts", "; ".join(finding.includes)),
        ("Does not count", "; ".join(finding.excludes)),
        ("How to look for it", finding.look_for),
        ("Part of", finding.part_of and label(rules, finding.part_of)),
        ("Usual range", finding.usual and usual_range(rules, finding.usual, finding.unit)),
        ("Gray zone", finding.gray_zone),
        ("Note", finding.note),
    ]
    lines = bullets(f"{name}: {text}" for name, text in details if text)
    if lines.lines or finding.definition is not None:
        yield from (f"**{escaped(finding.label)}** ({escaped(finding.id)})", "")
    if finding.definition is not None:
        yield Outline(definition_words(rules, finding.definition))
    if lines.lines:
        yield lines


def _limits(rules: Rules) -> Iterator[_Part]:
    yield Heading("Every limit in one table", 2)
    rows = dict.fromkeys(
        (
            place,
            condition(rules, node),
            marks(rules, node.basis).strip("[]"),
            (node.basis.note if node.basis else None) or "",
        )
        for place, expression in _expressions(rules)
        for node in leaves(expression)
        if isinstance(node, Compare) and not isinstance(node.limit, tuple)
    )
    yield Table(("where", "limit", "source", "note"), tuple(rows))


def _expressions(rules: Rules) -> Iterator[tuple[str, Expression]]:
    for finding in rules.findings.values():
        if finding.definition is not None:
            yield finding.id, finding.definition
    for criteria in (*rules.criteria.values(), *rules.mimic_criteria.values()):
        for level in criteria.levels:
            yield criteria.id, level.expression
    for warning in rules.warnings:
        yield f"warning {warning.id}", warning.when
    for test in rules.tests.values():
        if test.sensible_when is not None:
            yield f"test {test.id}", test.sensible_when


def _sources(rules: Rules) -> Iterator[_Part]:
    yield Heading("Sources", 2)
    times = Counter(source for _, source in citations(rules))
    rows = [
        (source, citation(entry), READ[entry.read], entry.note or "", str(times[source]))
        for source, entry in rules.sources.items()
    ]
    yield Table(("id", "reference", "read", "what was read", "cited"), tuple(rows))
