"""The whole rules as one Markdown page, for a clinician who wants to check them without reading YAML."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TypeAlias

from poems_cli.engine.expressions import leaves
from poems_cli.explain.follow import explain_followed, explain_landmark, explain_response
from poems_cli.explain.mimics import evidence_blocks, explain_mimic, explain_mimics
from poems_cli.explain.parts import definition_words, explain_criteria, usual_range
from poems_cli.model import Compare, CriteriaSet, Expression, Finding, FollowUp, Rules
from poems_cli.report.blocks import Block, Heading, Outline, Paragraph, Table, bullets
from poems_cli.report.explanation import block_markdown
from poems_cli.report.markdown import escaped
from poems_cli.report.mimics import figured
from poems_cli.report.words import (
    COST,
    INVASIVENESS,
    OUR_READING,
    OURS,
    READ,
    Line,
    accepted_units,
    capital,
    citation,
    cited,
    condition,
    label,
    marks,
    outline,
)
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
    """The rules in words: criteria sets, mimics, red flags, findings by group, limits, tests, outlook, warnings and sources."""
    sections = (
        _opening, _criteria, _second_look, _mimics, _red_flags, _findings, _limits, _tests, _staging, _outlook, _warnings,
        _sources,
    )  # fmt: skip
    lines: list[str] = []
    for part in chain.from_iterable(section(rules) for section in sections):
        lines += [part] if isinstance(part, str) else block_markdown(part, 4)
    return "\n".join(lines).rstrip() + "\n"


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


def _criteria(rules: Rules) -> Iterator[_Part]:
    yield Heading("Criteria sets", 2)
    yield from _sets(rules, rules.criteria)


def _sets(rules: Rules, sets: Mapping[str, CriteriaSet]) -> Iterator[_Part]:
    for criteria in sets.values():
        yield Heading(criteria.title, 3)
        yield from explain_criteria(rules, criteria.id)


def _second_look(rules: Rules) -> Iterator[_Part]:
    """What else explains a finding that counts, and what does not count at all."""
    if rules.causes:
        yield Heading("Explained by another disease", 2)
    for cause in rules.causes:
        yield Heading(f"{capital(cause.name)}, where it is established", 3)
        findings = "; ".join(label(rules, finding) for finding in cause.findings)
        yield Paragraph(f"Explains: {cited(rules, findings, cause.basis)}")
        yield Paragraph("Established when:")
        yield Outline(outline(rules, cause.when))
    if rules.uncounted:
        yield Heading("Not counted", 2)
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
        yield Table(("finding", "not counted as", "in", "because", "source"), tuple(rows))


def _mimics(rules: Rules) -> Iterator[_Part]:
    """Every mimic whole, then their criteria sets."""
    if not rules.mimics:
        return
    yield Heading("Mimics", 2)
    own = evidence_blocks(rules, rules.profile) if rules.profile else ()
    for block in chain(explain_mimics(rules), own):
        yield block._replace(level=3) if isinstance(block, Heading) else block
    for mimic in rules.mimics.values():
        yield Heading(mimic.name, 3)
        for block in explain_mimic(rules, mimic.id):
            if isinstance(block, Heading) and block.text == "Sources":
                break  # all sources are at the end of the page
            yield block
    yield Heading("Criteria sets of the mimics", 2)
    yield from _sets(rules, rules.mimic_criteria)


def _red_flags(rules: Rules) -> Iterator[_Part]:
    if not rules.red_flags:
        return
    yield Heading("Red flags for a label", 2)
    yield bullets(
        f"{described.name} ({label_id}): {described.text} {marks(rules, described.basis, OUR_READING)}".rstrip()
        for label_id, described in rules.labels.items()
    )
    rows = [
        (flag.text, flag.figure or "", ", ".join(flag.labels), marks(rules, flag.basis).strip("[]")) for flag in rules.red_flags
    ]
    yield Table(("flag", "figure", "labels", "source"), tuple(rows))


# --- findings ---------------------------------------------------------------------------------------------------------


def _findings(rules: Rules) -> Iterator[_Part]:
    yield Heading("Findings", 2)
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


# --- every limit in one table -----------------------------------------------------------------------------------------


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


# --- tests, warnings, sources -----------------------------------------------------------------------------------------


def _tests(rules: Rules) -> Iterator[_Part]:
    yield Heading("Tests", 2)
    yield Paragraph("The classes of cost and invasiveness are this program's, from no paper; they only order the tests.")
    for test in rules.tests.values():
        yield Heading(capital(test.label), 3)
        burden = f"cost: {COST[test.cost]}; invasiveness: {INVASIVENESS[test.invasiveness]}"
        details = [
            ("Answers:", "; ".join(label(rules, finding) for finding in test.answers)),
            ("Can show, but not exclude:", "; ".join(label(rules, finding) for finding in test.shows)),
            ("One order with", "; ".join(rules.tests[other].label for other in test.ordered_with)),
            ("Ordered", test.sensible_words),
            *[("Trap:", trap) for trap in test.traps],
            ("Source:", marks(rules, test.basis).strip("[]")),
        ]
        yield bullets([f"id: {test.id}; {test.how}; {burden}", *(f"{name} {text}" for name, text in details if text)])


def _staging(rules: Rules) -> Iterator[_Part]:
    if not rules.staging:
        return
    yield Heading("Once the default set is met", 2)
    tests = {stage.id: "; ".join(rules.tests[test].label for test in stage.tests) for stage in rules.staging}
    yield bullets(
        f"{stage.id}: {cited(rules, f'{stage.text} (tests: {tests[stage.id]})', stage.basis)}" for stage in rules.staging
    )


def _outlook(rules: Rules) -> Iterator[_Part]:
    """Factors, ways of treatment, what is published, and what is followed from visit to visit."""
    outlook = rules.outlook
    if outlook is None:
        return
    yield Heading("Outlook and follow-up", 2)
    lines: list[Line] = []
    for factor in (*outlook.factors, *outlook.fork):
        lines.append(Line(0, f"{figured(rules, factor)} ({factor.id}), when:"))
        lines += outline(rules, factor.when, 1)
    yield Outline(tuple(lines))
    for note in outlook.notes:
        yield Heading(note.title, 3)
        yield bullets(cited(rules, *fact) for fact in note.facts)
    if outlook.follow_up is not None:
        yield from _follow_up(rules, outlook.follow_up)


def _follow_up(rules: Rules, follow_up: FollowUp) -> Iterator[_Part]:
    sections = [
        *[(f"Followed: {group.name}", explain_followed(rules, group)) for group in follow_up.groups],
        *[(f"Response: {domain.name}", explain_response(rules, domain)) for domain in follow_up.response],
        *[(landmark.title, explain_landmark(rules, landmark)) for landmark in follow_up.landmarks],
    ]
    for title, blocks in sections:
        yield Heading(title, 3)
        yield from blocks
    if follow_up.clinical_response is not None:
        yield Paragraph(f"Clinical response: {cited(rules, *follow_up.clinical_response)}")


def _warnings(rules: Rules) -> Iterator[_Part]:
    yield Heading("Warnings", 2)
    for warning in rules.warnings:
        yield Heading(f"{warning.id}{' (urgent: shown first)' if warning.urgent else ''}", 3)
        yield Paragraph(cited(rules, warning.text, warning.basis))
        yield from (Paragraph("Shown when:"), Outline(outline(rules, warning.when)))
    if rules.outcomes:
        yield Heading("Outcomes: pictures described where the default set is not met", 2)
    for outcome in rules.outcomes:
        yield Heading(outcome.name, 3)
        yield Paragraph(f"{cited(rules, outcome.text, outcome.basis)} {outcome.basis.note or ''}".rstrip())
        yield from (Paragraph("Named when:"), Outline(outline(rules, outcome.when)))


def _sources(rules: Rules) -> Iterator[_Part]:
    yield Heading("Sources", 2)
    times = Counter(source for _, source in citations(rules))
    rows = [
        (source, citation(entry), READ[entry.read], entry.note or "", str(times[source]))
        for source, entry in rules.sources.items()
    ]
    yield Table(("id", "reference", "read", "what was read", "cited"), tuple(rows))
