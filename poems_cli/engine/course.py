"""One patient from visit to visit: what was found, how it changed, and which definitions of response it meets.

Data only, without a sentence. The first visit is the baseline. What is unknown at a visit leaves open whatever depends on it,
and is never taken for absent, normal or without response.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.engine.expressions import Leaf, children_of
from poems_cli.engine.findings import Resolver
from poems_cli.engine.intervals import Span, difference, has_fallen, interval, percent
from poems_cli.engine.logic import at_least, truth
from poems_cli.model import (
    Expression,
    Facts,
    FollowGroup,
    FollowRow,
    FollowUp,
    Landmark,
    Patient,
    Quantity,
    ResponseDomain,
    ResponseLevel,
    Rules,
    RulesIdentity,
    Truth,
    Way,
)

Direction: TypeAlias = Literal["better", "worse", "the same", "mixed", "changed"]
#: ``reached``: a level of response; ``not reached``: none of them; ``unknown``: what is not measured decides;
#: ``not evaluable``: the baseline lies outside what the definitions are made for.
ResponseStatus: TypeAlias = Literal["reached", "not reached", "unknown", "not evaluable"]

DAYS_A_MONTH = 30.4375


class Change(NamedTuple):
    """How a measure changed between two visits, by their numbers; ``kind`` is that of its row."""

    since: int
    to: int
    kind: Literal["percent", "difference"]
    span: Span


class Measure(NamedTuple):
    """A measured finding at each visit.

    ``since_first`` is its change since the first visit at which it was measured; ``best`` is the visit of its nadir, or of its
    peak where higher is better, and ``since_best`` its change since then. Both changes are to the last visit at which it was
    measured, and ``None`` where it was measured once.
    """

    row: FollowRow
    values: tuple[Quantity | None, ...]
    since_first: Change | None
    best: int | None
    since_best: Change | None


class Sign(NamedTuple):
    """A finding that is present, absent or unknown at each visit.

    ``disputed`` are the visits at which the record contradicts itself; ``since`` and ``to`` the first and the last at which it
    is known, ``None`` where it never is.
    """

    row: FollowRow
    values: tuple[Truth, ...]
    disputed: tuple[int, ...]
    since: int | None
    to: int | None


class Followed(NamedTuple):
    """What is followed together, with what was found."""

    group: FollowGroup
    rows: tuple[Measure | Sign, ...]


class Missing(NamedTuple):
    """A finding that leaves a response open at a visit; ``is_given`` where it is known, but not exactly enough."""

    finding: str
    visit: int
    is_given: bool


class LevelResult(NamedTuple):
    """One level of response: whether it is reached, and whether its definition applies to the baseline."""

    level: ResponseLevel
    value: Truth
    applies: Truth
    missing: tuple[Missing, ...]


class DomainResult(NamedTuple):
    """The response in one domain at a visit. Where a level is reached, better ones may still be open."""

    domain: ResponseDomain
    status: ResponseStatus
    level: ResponseLevel | None
    levels: tuple[LevelResult, ...]

    @property
    def open(self) -> tuple[LevelResult, ...]:
        """The levels that are open and would be better than what is known."""
        known = [result.level for result in self.levels].index(self.level) if self.level else len(self.levels)
        return tuple([result for result in self.levels[:known] if result.value is None])


class ClinicalResult(NamedTuple):
    """How the findings of one group changed since the first visit; ``None`` where that is unknown."""

    group: FollowGroup
    direction: Direction | None
    rows: tuple[tuple[str, Direction | None], ...]


class VisitResponse(NamedTuple):
    """The response at one visit, compared with the first."""

    visit: int
    domains: tuple[DomainResult, ...]
    clinical: tuple[ClinicalResult, ...]


class LandmarkResult(NamedTuple):
    """A value near a time for which figures are published; ``months`` after the first visit, ``value`` of the condition."""

    landmark: Landmark
    visit: int
    months: float
    measured: Quantity | None
    value: Truth


class Course(NamedTuple):
    """A patient from visit to visit. ``unseen`` are the findings that are unknown at every visit, and have no row."""

    rules: RulesIdentity
    patient_id: str | None
    dates: tuple[date, ...]
    facts: tuple[Facts, ...]
    followed: tuple[Followed, ...]
    unseen: tuple[str, ...]
    responses: tuple[VisitResponse, ...]
    landmarks: tuple[LandmarkResult, ...]

    @property
    def contradictions(self) -> tuple[tuple[int, str], ...]:
        """Each visit and finding about which the record contradicts itself."""
        return tuple(
            [
                (number, contradiction.finding)
                for number, facts in enumerate(self.facts)
                for contradiction in facts.contradictions
            ]
        )


def follow(rules: Rules, patient_id: str | None, visits: Sequence[tuple[date, Patient]]) -> Course:
    """The course of one patient over two or more visits, the earliest first."""
    resolver = Resolver(rules)
    dates = tuple([day for day, _ in visits])
    facts = tuple([resolver.resolve(patient) for _, patient in visits])
    follow_up = rules.outlook.follow_up if rules.outlook else None
    if follow_up is None:
        return Course(rules.identity, patient_id, dates, facts, (), (), (), ())
    every = [Followed(group, tuple([_row(rules, row, facts) for row in group.rows])) for group in follow_up.groups]
    shown = [Followed(followed.group, tuple([row for row in followed.rows if _is_seen(row)])) for followed in every]
    unseen = tuple([row.row.finding for followed in every for row in followed.rows if not _is_seen(row)])
    responses = tuple([_response(rules, follow_up, facts, number) for number in range(1, len(facts))])
    landmarks = tuple([result for landmark in follow_up.landmarks for result in _landmark(landmark, dates, facts)])
    return Course(
        rules.identity,
        patient_id,
        dates,
        facts,
        tuple([followed for followed in shown if followed.rows]),
        unseen,
        responses,
        landmarks,
    )


def _row(rules: Rules, row: FollowRow, facts: Sequence[Facts]) -> Measure | Sign:
    if rules.findings[row.finding].kind == "quantity":
        return _measure(row, [_quantity(state, row.finding) for state in facts])
    values = tuple([state.values.get(row.finding) for state in facts])
    known = [number for number, value in enumerate(values) if value is not None]
    disputed = [
        number
        for number, state in enumerate(facts)
        if any(contradiction.finding == row.finding for contradiction in state.contradictions)
    ]
    since, to = (known[0], known[-1]) if known else (None, None)
    return Sign(row, values, tuple(disputed), since, to)


def _measure(row: FollowRow, values: Sequence[Quantity | None]) -> Measure:
    measured = [(number, value) for number, value in enumerate(values) if value is not None]
    if not measured:
        return Measure(row, tuple(values), None, None, None)
    best = _best(row, measured)
    last = measured[-1][0]
    since_first = _change(row, values, measured[0][0], last) if len(measured) > 1 else None
    since_best = _change(row, values, best, last) if best is not None and len(measured) > 1 else None
    return Measure(row, tuple(values), since_first, best, since_best)


def _best(row: FollowRow, measured: Sequence[tuple[int, Quantity]]) -> int | None:
    """The visit of the nadir, or of the peak where higher is better; the latest of several."""
    if row.better is None:
        return None
    if row.better == "higher":
        return max(measured, key=lambda visit: (interval(visit[1]).low, interval(visit[1]).high, visit[0]))[0]
    return min(measured, key=lambda visit: (interval(visit[1]).high, interval(visit[1]).low, -visit[0]))[0]


def _change(row: FollowRow, values: Sequence[Quantity | None], since: int, to: int) -> Change | None:
    before, after = values[since], values[to]
    if before is None or after is None or row.change is None:
        return None
    if since == to:
        return Change(since, to, row.change, Span(0.0, 0.0))
    return Change(since, to, row.change, (percent if row.change == "percent" else difference)(before, after))


def _quantity(facts: Facts, finding: str) -> Quantity | None:
    observed = facts.observed.get(finding)
    return observed if isinstance(observed, Quantity) else None


def _is_seen(row: Measure | Sign) -> bool:
    return any(value is not None for value in row.values) or (isinstance(row, Sign) and bool(row.disputed))


def _response(rules: Rules, follow_up: FollowUp, facts: Sequence[Facts], visit: int) -> VisitResponse:
    domains = tuple([_domain(domain, facts, visit) for domain in follow_up.response])
    groups = [group for group in follow_up.groups if group.clinical] if follow_up.clinical_response else []
    return VisitResponse(visit, domains, tuple([_clinical(rules, group, facts, visit) for group in groups]))


def _domain(domain: ResponseDomain, facts: Sequence[Facts], visit: int) -> DomainResult:
    levels = tuple([_level(level, facts, visit) for level in domain.levels])
    reached = next((result.level for result in levels if result.value), None)
    status: ResponseStatus
    if reached:
        status = "reached"
    elif any(result.value is None for result in levels):
        status = "unknown"
    else:
        status = "not evaluable" if not levels or levels[-1].applies is False else "not reached"
    return DomainResult(domain, status, reached, levels)


def _level(level: ResponseLevel, facts: Sequence[Facts], visit: int) -> LevelResult:
    baseline, now = facts[0], facts[visit]
    applies = [truth(way.baseline, baseline) if way.baseline else True for way in level.ways]
    values = [at_least(2, (fits, _is_reached(way, baseline, now))) for way, fits in zip(level.ways, applies, strict=True)]
    value = at_least(1, values)
    missing: dict[Missing, None] = {}
    if value is None:
        for way, its_value in zip(level.ways, values, strict=True):
            if its_value is None:
                missing.update(dict.fromkeys(_missing(way, facts, visit)))
    return LevelResult(level, value, at_least(1, applies), tuple(missing))


def _is_reached(way: Way, baseline: Facts, now: Facts) -> Truth:
    holds = truth(way.now, now) if way.now else True
    if way.fall is None:
        return holds
    before, after = _quantity(baseline, way.fall.finding), _quantity(now, way.fall.finding)
    fallen = has_fallen(before, after, way.fall.percent) if before and after else None
    return at_least(2, (holds, fallen))


def _missing(way: Way, facts: Sequence[Facts], visit: int) -> Iterator[Missing]:
    """What leaves a way open: the unknown findings at the first visit and at this one."""
    for number, expression in ((0, way.baseline), (visit, way.now)):
        if expression is not None:
            for finding in _undecided(expression, facts[number]):
                yield Missing(finding, number, _is_given(facts[number], finding))
    if way.fall is not None:
        finding = way.fall.finding
        before, after = (_quantity(facts[number], finding) for number in (0, visit))
        for number, value in ((0, before), (visit, after)):
            if value is None:
                yield Missing(finding, number, False)
        if before and after and has_fallen(before, after, way.fall.percent) is None:
            yield from (Missing(finding, at, True) for at, value in ((0, before), (visit, after)) if value.comparator)


def _undecided(node: Expression, facts: Facts) -> Iterator[str]:
    """The findings that leave an expression open."""
    if truth(node, facts) is not None:
        return
    if isinstance(node, Leaf):
        yield node.finding
    for child in children_of(node):
        yield from _undecided(child, facts)


def _is_given(facts: Facts, finding: str) -> bool:
    """Whether an unknown finding has an entry all the same: its number, or two entries that differ."""
    return (
        finding in facts.observed
        or finding in facts.gray
        or any(contradiction.finding == finding for contradiction in facts.contradictions)
    )


def _clinical(rules: Rules, group: FollowGroup, facts: Sequence[Facts], visit: int) -> ClinicalResult:
    rows = tuple([(row.finding, _direction(rules, row, facts[0], facts[visit])) for row in group.rows])
    ways = {direction for _, direction in rows if direction is not None}
    if len(ways - {"the same"}) > 1:
        return ClinicalResult(group, "mixed", rows)
    moved = next(iter(ways - {"the same"}), None)
    return ClinicalResult(group, moved or ("the same" if ways else None), rows)


def _direction(rules: Rules, row: FollowRow, baseline: Facts, now: Facts) -> Direction | None:
    if rules.findings[row.finding].kind == "quantity":
        before, after = _quantity(baseline, row.finding), _quantity(now, row.finding)
        return _of_span(row, difference(before, after)) if before and after else None
    was, is_now = baseline.values.get(row.finding), now.values.get(row.finding)
    if was is None or is_now is None:
        return None
    return "the same" if was is is_now else "worse" if is_now else "better"


def _of_span(row: FollowRow, span: Span) -> Direction | None:
    if span.exact and span.least == 0:
        return "the same"
    falls, rises = span.most is not None and span.most < 0, span.least is not None and span.least > 0
    if not falls and not rises:
        return None
    if row.better is None:
        return "changed"
    return "better" if falls is (row.better == "lower") else "worse"


def _landmark(landmark: Landmark, dates: Sequence[date], facts: Sequence[Facts]) -> Iterator[LandmarkResult]:
    """The visit nearest to the time, if one lies near enough; one at which the value was measured before all others."""
    near = []
    for number in range(1, len(dates)):
        months = (dates[number] - dates[0]).days / DAYS_A_MONTH
        away = abs(months - landmark.months)
        if away <= landmark.within:
            measured = _quantity(facts[number], landmark.finding)
            near.append((measured is None, away, LandmarkResult(landmark, number, months, measured, None)))
    if near:
        result = min(near, key=lambda candidate: candidate[:2])[2]
        yield result._replace(value=truth(landmark.when, facts[result.visit]))
