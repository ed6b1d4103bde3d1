"""One assessment as what a page shows: the same for every format that draws a page (HTML, PDF)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from poems_cli.model import Assessment, CriteriaResult, Rival, Rules, Truth
from poems_cli.phrases import capital
from poems_cli.report.mimics import POINTS, RivalWords, rival_words
from poems_cli.report.narrative import AID, Condition, conditions, letter_of, verdict_value, verdict_words
from poems_cli.report.overview import MimicRow, Most, overview
from poems_cli.report.reasons import Step, derivations, reasoning
from poems_cli.report.understood import followed, recorded
from poems_cli.report.words import READ, citation, links_of
from poems_cli.report.writing import AS_USUAL, Wanted

#: How many tests and mimics are shown unless all are asked for: with all the rest, as much as two printed pages hold.
_TESTS, _MIMICS = 6, 4


class SetPicture(NamedTuple):
    """A criteria set: its verdict, the ladder of its conditions at the ``level`` that matters most now, and its levels."""

    title: str
    short: str
    source: str
    value: Truth
    verdict: str
    level: str
    levels: tuple[tuple[str, Truth], ...]
    conditions: tuple[Condition, ...]


class MimicPicture(NamedTuple):
    """A disease: its row, its evidence item by item, and what it adds up to on either side."""

    rival: Rival
    row: MimicRow
    words: RivalWords
    against: float
    supporting: float


def patient_view(rules: Rules, assessment: Assessment, wanted: Wanted = AS_USUAL) -> dict[str, Any]:
    """All that the page of one patient shows, by the names that the templates use; ``explain`` adds every step of every set."""
    most = Most(None if wanted.every_test else _TESTS, None if wanted.every_mimic else _MIMICS, None)
    shown = overview(rules, assessment, most)
    letter = letter_of(rules, assessment, wanted)
    mimics = _mimics(rules, assessment, shown.mimics)
    default, *others = [
        _set_picture(rules, assessment, result)
        for result in sorted(assessment.criteria.values(), key=lambda result: result.id != assessment.default_criteria)
    ]
    return {
        "patient": assessment.patient.id,
        "head": shown.headline,
        "default": default,
        "others": others,
        "ways": letter.ways,
        "shown": shown,
        "letter": letter,
        "caveats": letter.caveats,
        "mimics": mimics,
        "scale": max((max(mimic.against, mimic.supporting) for mimic in mimics), default=0),
        "points": POINTS,
        "left": _not_shown(rules, assessment, shown.mimics),
        "recorded": tuple(recorded(rules, assessment)),
        "followed": tuple(followed(rules, assessment)),
        "steps": tuple(_steps(rules, assessment)) if wanted.explain else None,
        "derived": tuple(derivations(rules, assessment.facts)) if wanted.explain else (),
        "sources": _sources(rules, assessment, mimics),
        "identity": assessment.rules,
        "aid": AID,
    }


def _set_picture(rules: Rules, assessment: Assessment, result: CriteriaResult) -> SetPicture:
    criteria = rules.criteria[result.id]
    several = len(result.levels) > 1
    return SetPicture(
        title=criteria.title,
        short=criteria.short,
        source=criteria.source,
        value=verdict_value(result),
        verdict=verdict_words(result),
        level=result.shown.id if several else "",
        levels=tuple([(level.id, level.value) for level in result.levels]) if several else (),
        conditions=tuple(conditions(rules, assessment, result)),
    )


def _steps(rules: Rules, assessment: Assessment) -> Iterator[tuple[str, Step]]:
    """The whole reasoning of every set, a tree for each level."""
    for result in assessment.criteria.values():
        for level in result.levels:
            named = f", {level.id}" if len(result.levels) > 1 else ""
            yield f"{rules.criteria[result.id].title}{named}", reasoning(rules, level.trace)


def _mimics(rules: Rules, assessment: Assessment, rows: Sequence[MimicRow]) -> tuple[MimicPicture, ...]:
    rivals = {rival.row.id: rival for rival in (assessment.syndrome, *assessment.mimics) if rival is not None}
    pictures = []
    for row in rows:
        words = rival_words(rules, assessment, rivals[row.id], full=True)
        against, supporting = (sum(abs(bar.weight) for bar in bars) for bars in (words.opposing, words.supporting))
        pictures.append(MimicPicture(rivals[row.id], row, words, against, supporting))
    return tuple(pictures)


def _not_shown(rules: Rules, assessment: Assessment, rows: Sequence[MimicRow]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The mimics that have no row of their own, by their status."""
    shown = {row.id for row in rows}
    by_status: dict[str, list[str]] = {"consider": [], "less likely": [], "not assessed": [], "excluded": []}
    for rival in assessment.mimics:
        if rival.row.id not in shown:
            by_status[rival.row.status].append(rules.mimics[rival.row.id].short)
    return tuple([(capital(status), tuple(names)) for status, names in by_status.items() if names])


class Source(NamedTuple):
    """A reference: its id, how it is cited, what was read of it, and where it is found."""

    id: str
    citation: str
    read: str
    links: tuple[tuple[str, str], ...]


def _sources(rules: Rules, assessment: Assessment, mimics: Sequence[MimicPicture]) -> tuple[Source, ...]:
    """Every source that the page names."""
    cited = {*assessment.sources, *(rules.criteria[result].source for result in assessment.criteria)}
    cited |= {notice.basis.source for notice in assessment.warnings if notice.basis and notice.basis.source}
    items = [item for mimic in mimics for item in (*mimic.rival.row.supporting, *mimic.rival.row.opposing)]
    bases = [basis for item in items for basis in (item.item.basis, item.item.frequency, item.item.reference)]
    cited |= {basis.source for basis in bases if basis.source}
    return tuple([source(rules, source_id) for source_id in rules.sources if source_id in cited])


def source(rules: Rules, source_id: str) -> Source:
    """A reference of the rules, for a page."""
    entry = rules.sources[source_id]
    return Source(source_id, citation(entry), READ[entry.read], tuple(links_of(entry).items()))
