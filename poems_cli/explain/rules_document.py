"""The whole rules as one Markdown page, for a clinician who wants to check them without reading YAML."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain

from poems_cli.engine.expressions import leaves
from poems_cli.explain.follow import explain_followed, explain_landmark, explain_response
from poems_cli.explain.mimics import evidence_blocks, explain_mimic, explain_mimics
from poems_cli.explain.parts import definition_words, explain_criteria, usual_range
from poems_cli.model import Compare, CriteriaSet, Expression, Finding, FollowUp, Rules
from poems_cli.report.blocks import Heading, Outline
from poems_cli.report.explanation import block_markdown
from poems_cli.report.markdown import escaped, table
from poems_cli.report.words import (
    COST,
    INVASIVENESS,
    OUR_READING,
    OURS,
    READ,
    accepted_units,
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


def rules_markdown(rules: Rules) -> str:
    """The rules in words: criteria sets, mimics, red flags, findings by group, limits, tests, outlook, warnings and sources."""
    sections = (
        _opening, _criteria, _second_look, _mimics, _red_flags, _findings, _limits, _tests, _staging, _outlook, _warnings,
        _sources,
    )  # fmt: skip
    return "\n".join(chain.from_iterable(section(rules) for section in sections)).rstrip() + "\n"


def _opening(rules: Rules) -> Iterator[str]:
    identity = rules.identity
    yield from (f"# {escaped(rules.title)}: the rules", "")
    yield from (f"Rules {escaped(identity.id)} {escaped(identity.version)}, SHA-256 `{identity.sha256}`.", "")
    yield (
        f"{len(rules.criteria)} criteria sets, {len(rules.findings)} findings, {len(rules.mimics)} mimics with "
        f"{len(rules.mimic_criteria)} criteria sets of their own, {len(rules.tests)} tests, "
        f"{len(rules.warnings)} warnings, {len(rules.sources)} sources."
    )
    yield ""
    yield from (KEY, "")


def _criteria(rules: Rules) -> Iterator[str]:
    yield from ("## Criteria sets", "")
    yield from _sets(rules, rules.criteria)


def _sets(rules: Rules, sets: Mapping[str, CriteriaSet]) -> Iterator[str]:
    for criteria in sets.values():
        yield from (f"### {escaped(criteria.title)}", "")
        for block in explain_criteria(rules, criteria.id):
            yield from block_markdown(block, 4)


def _second_look(rules: Rules) -> Iterator[str]:
    """What else explains a finding that counts, and what does not count at all."""
    if rules.causes:
        yield from ("## Explained by another disease", "")
        for cause in rules.causes:
            yield from (f"### {escaped(cause.name[:1].upper() + cause.name[1:])}, where it is established", "")
            findings = "; ".join(label(rules, finding) for finding in cause.findings)
            yield from (f"Explains: {escaped(findings)} {escaped(marks(rules, cause.basis))}".rstrip(), "")
            yield from ("Established when:", "")
            yield from block_markdown(Outline(outline(rules, cause.when)), 4)
    if rules.uncounted:
        yield from ("## Not counted", "")
        yield from table(
            ("finding", "not counted as", "in", "because", "source"),
            (
                [
                    label(rules, uncounted.finding),
                    label(rules, uncounted.element),
                    ", ".join(uncounted.criteria),
                    uncounted.reason,
                    marks(rules, uncounted.basis).strip("[]"),
                ]
                for uncounted in rules.uncounted
            ),
        )


def _mimics(rules: Rules) -> Iterator[str]:
    """Every mimic whole, then their criteria sets."""
    if not rules.mimics:
        return
    yield from ("## Mimics", "")
    own = evidence_blocks(rules, rules.profile) if rules.profile else ()
    for block in chain(explain_mimics(rules), own):
        yield from block_markdown(block, 3)
    for mimic in rules.mimics.values():
        yield from (f"### {escaped(mimic.name)}", "")
        for block in explain_mimic(rules, mimic.id):
            if isinstance(block, Heading) and block.text == "Sources":
                break  # all sources are at the end of the page
            yield from block_markdown(block, 4)
    yield from ("## Criteria sets of the mimics", "")
    yield from _sets(rules, rules.mimic_criteria)


def _red_flags(rules: Rules) -> Iterator[str]:
    if not rules.red_flags:
        return
    yield from ("## Red flags for a label", "")
    for label_id, described in rules.labels.items():
        mark = marks(rules, described.basis, OUR_READING)
        yield f"- {escaped(described.name)} ({escaped(label_id)}): {escaped(described.text)} {escaped(mark)}".rstrip()
    yield ""
    rows = (
        (flag.text, flag.figure or "", ", ".join(flag.labels), marks(rules, flag.basis).strip("[]")) for flag in rules.red_flags
    )
    yield from table(("flag", "figure", "labels", "source"), rows)


# --- findings ---------------------------------------------------------------------------------------------------------


def _findings(rules: Rules) -> Iterator[str]:
    yield from ("## Findings", "")
    groups = list(dict.fromkeys([*rules.groups, *(finding.group or "" for finding in rules.findings.values())]))
    for group in groups:
        members = [finding for finding in rules.findings.values() if (finding.group or "") == group]
        if not members:
            continue
        title = rules.groups.get(group, group) or "other"
        yield from (f"### {escaped(title[:1].upper() + title[1:])}", "")
        yield from table(
            ("id", "finding", "kind", "source"),
            ([finding.id, finding.label, _kind(rules, finding), _source(rules, finding)] for finding in members),
        )
        for finding in members:
            yield from _detail(rules, finding)


def _kind(rules: Rules, finding: Finding) -> str:
    if finding.kind == "quantity":
        return ", ".join(accepted_units(rules, finding.id))
    return ", ".join(finding.choices) if finding.kind == "choice" else "present or absent"


def _source(rules: Rules, finding: Finding) -> str:
    return marks(rules, finding.basis).strip("[]")


def _detail(rules: Rules, finding: Finding) -> Iterator[str]:
    """What a row of the table cannot hold; nothing where there is nothing more to say."""
    usual = finding.usual
    details = [
        ("Counts", "; ".join(finding.includes)),
        ("Does not count", "; ".join(finding.excludes)),
        ("How to look for it", finding.look_for or ""),
        ("Part of", label(rules, finding.part_of) if finding.part_of else ""),
        ("Usual range", usual_range(rules, usual, finding.unit) if usual is not None else ""),
        ("Gray zone", finding.gray_zone or ""),
        ("Note", finding.note or ""),
    ]
    details = [(name, text) for name, text in details if text]
    if not details and finding.definition is None:
        return
    yield from (f"**{escaped(finding.label)}** ({escaped(finding.id)})", "")
    if finding.definition is not None:
        yield from block_markdown(Outline(definition_words(rules, finding.definition)), 5)
    if details:
        yield from (f"- {name}: {escaped(text)}" for name, text in details)
        yield ""


# --- every limit in one table -----------------------------------------------------------------------------------------


def _limits(rules: Rules) -> Iterator[str]:
    yield from ("## Every limit in one table", "")
    rows = dict.fromkeys(
        (
            place,
            condition(rules, node),
            marks(rules, node.basis).strip("[]"),
            (node.basis.note if node.basis else None) or "",
        )
        for place, expression in _expressions(rules)
        for node in _comparisons(expression)
        if not isinstance(node.limit, tuple)
    )
    yield from table(("where", "limit", "source", "note"), rows)


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


def _comparisons(node: Expression) -> Iterator[Compare]:
    return (leaf for leaf in leaves(node) if isinstance(leaf, Compare))


# --- tests, warnings, sources -----------------------------------------------------------------------------------------


def _tests(rules: Rules) -> Iterator[str]:
    yield from ("## Tests", "")
    yield from ("The classes of cost and invasiveness are this program's, from no paper; they only order the tests.", "")
    for entry in rules.tests.values():
        yield from (f"### {escaped(entry.label[:1].upper() + entry.label[1:])}", "")
        burden = f"cost: {COST[entry.cost]}; invasiveness: {INVASIVENESS[entry.invasiveness]}"
        yield f"- id: {escaped(entry.id)}; {escaped(entry.how)}; {burden}"
        yield f"- Answers: {escaped('; '.join(label(rules, finding) for finding in entry.answers))}"
        if entry.shows:
            yield f"- Can show, but not exclude: {escaped('; '.join(label(rules, finding) for finding in entry.shows))}"
        if entry.ordered_with:
            yield f"- One order with {escaped('; '.join(rules.tests[test].label for test in entry.ordered_with))}"
        if entry.sensible_words:
            yield f"- Ordered {escaped(entry.sensible_words)}"
        yield from (f"- Trap: {escaped(trap)}" for trap in entry.traps)
        mark = marks(rules, entry.basis).strip("[]")
        if mark:
            yield f"- Source: {escaped(mark)}"
        yield ""


def _staging(rules: Rules) -> Iterator[str]:
    if not rules.staging:
        return
    yield from ("## Once the default set is met", "")
    for stage in rules.staging:
        tests = "; ".join(rules.tests[test].label for test in stage.tests)
        text = f"{stage.text} (tests: {tests}) {marks(rules, stage.basis)}"
        yield f"- {escaped(stage.id)}: {escaped(text)}"
    yield ""


def _outlook(rules: Rules) -> Iterator[str]:
    """Factors, ways of treatment, what is published, and what is followed from visit to visit."""
    outlook = rules.outlook
    if outlook is None:
        return
    yield from ("## Outlook and follow-up", "")
    for factor in (*outlook.factors, *outlook.fork):
        figure = f": {factor.figure}" if factor.figure else ""
        yield f"- {escaped(cited(rules, f'{factor.text}{figure}', factor.basis))} ({factor.id}), when:"
        yield from (f"  {line}" for line in block_markdown(Outline(outline(rules, factor.when)), 4) if line)
    yield ""
    for note in outlook.notes:
        yield from (f"### {escaped(note.title)}", "")
        yield from (f"- {escaped(cited(rules, *fact))}" for fact in note.facts)
        yield ""
    if outlook.follow_up is not None:
        yield from _follow_up(rules, outlook.follow_up)


def _follow_up(rules: Rules, follow_up: FollowUp) -> Iterator[str]:
    sections = [
        *[(f"Followed: {group.name}", explain_followed(rules, group)) for group in follow_up.groups],
        *[(f"Response: {domain.name}", explain_response(rules, domain)) for domain in follow_up.response],
        *[(landmark.title, explain_landmark(rules, landmark)) for landmark in follow_up.landmarks],
    ]
    for title, blocks in sections:
        yield from (f"### {escaped(title)}", "")
        for block in blocks:
            yield from block_markdown(block, 4)
    if follow_up.clinical_response is not None:
        yield from (f"Clinical response: {escaped(cited(rules, *follow_up.clinical_response))}", "")


def _warnings(rules: Rules) -> Iterator[str]:
    yield from ("## Warnings", "")
    for warning in rules.warnings:
        yield from (f"### {escaped(warning.id)}{' (urgent: shown first)' if warning.urgent else ''}", "")
        mark = marks(rules, warning.basis)
        yield from (escaped(f"{warning.text} {mark}" if mark else warning.text), "", "Shown when:", "")
        yield from block_markdown(Outline(outline(rules, warning.when)), 4)
    if rules.outcomes:
        yield from ("## Outcomes: pictures described where the default set is not met", "")
    for outcome in rules.outcomes:
        yield from (f"### {escaped(outcome.name)}", "")
        yield from (escaped(f"{outcome.text} {marks(rules, outcome.basis)} {outcome.basis.note or ''}".strip()), "")
        yield from ("Named when:", "")
        yield from block_markdown(Outline(outline(rules, outcome.when)), 4)


def _sources(rules: Rules) -> Iterator[str]:
    yield from ("## Sources", "")
    times = Counter(source for _, source in citations(rules))
    rows = (
        (source, citation(entry), READ[entry.read], entry.note or "", str(times[source]))
        for source, entry in rules.sources.items()
    )
    yield from table(("id", "reference", "read", "what was read", "cited"), rows)
