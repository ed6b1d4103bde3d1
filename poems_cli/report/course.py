"""The course of a patient in words: what every format of ``poems follow`` shows, and in which order."""

from collections.abc import Iterator, Sequence
from datetime import date
from math import ceil, floor
from typing import NamedTuple

from poems_cli.engine.course import (
    DAYS_A_MONTH,
    Change,
    ClinicalResult,
    Course,
    Direction,
    DomainResult,
    LandmarkResult,
    LevelResult,
    Measure,
    Missing,
    Sign,
    VisitResponse,
)
from poems_cli.engine.logic import trace
from poems_cli.model import Quantity, Rules, Truth
from poems_cli.phrases import capital, counted, listed, plain
from poems_cli.records.problem import MEND_CONTRADICTION
from poems_cli.report.comparisons import comparison_words, follow_words, quantity_words
from poems_cli.report.names import finding_name
from poems_cli.report.words import VALUES, cited, unit_words

#: What a visit says of a number that was not measured.
NOT_MEASURED = "not measured"
#: The word for a response that missing measurements leave open.
UNKNOWN = "cannot be judged"
_BASELINE = "the first visit is the baseline, taken to be before treatment"
_BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"


class Cell(NamedTuple):
    """What one visit says of a finding. Of a sign ``value`` is its truth; a number has none."""

    text: str
    value: Truth = None
    is_sign: bool = False
    is_disputed: bool = False


class RowWords(NamedTuple):
    """One finding from visit to visit: its name, one cell per visit, the trend, and the two changes."""

    name: str
    cells: tuple[Cell, ...]
    trend: str
    since_baseline: str
    since_best: str
    better: Truth
    is_worse_than_best: bool = False


class ResponseWords(NamedTuple):
    """One response: in what, how it is called, why, and whether it is good (``None``: open)."""

    name: str
    state: str
    why: str
    value: Truth


class CourseWords(NamedTuple):
    """Everything that is shown of a course."""

    title: str
    patient: str
    dates: tuple[str, ...]
    months: tuple[str, ...]
    rows: tuple[RowWords, ...]
    unseen: str
    response_title: str
    responses: tuple[ResponseWords, ...]
    landmarks: tuple[str, ...]
    warnings: tuple[str, ...]
    footer: str


def course_words(rules: Rules, course: Course) -> CourseWords:
    """The words of a course."""
    days = [day.isoformat() for day in course.dates]
    last = course.responses[-1] if course.responses else None
    return CourseWords(
        title=f"{rules.title}: {counted(len(days), 'visit')} from {days[0]} to {days[-1]}",
        patient=f"Patient {plain(course.patient_id)}; {_BASELINE}" if course.patient_id else capital(_BASELINE),
        dates=tuple(days),
        months=("baseline", *[f"{months(course.dates, number)} mo" for number in range(1, len(days))]),
        rows=tuple([_row(rules, course, row) for followed in course.followed for row in followed.rows]),
        unseen=listed([_name(rules, finding) for finding in course.unseen]),
        response_title=f"Response at {days[-1]}",
        responses=tuple(_responses(rules, course, last)) if last else (),
        landmarks=tuple([line for result in course.landmarks for line in _landmark(rules, course, result)]),
        warnings=tuple(
            [
                f"contradictory at {days[visit]}: {_name(rules, finding)}; {MEND_CONTRADICTION}"
                for visit, finding in course.contradictions
            ]
        ),
        footer=f"Definitions: poems explain poems. Rules {course.rules.version}. No medical device, no diagnosis.",
    )


def _name(rules: Rules, finding: str) -> str:
    """What a finding is called here: by its row, else as everywhere."""
    groups = rules.outlook.follow_up.groups if rules.outlook and rules.outlook.follow_up else ()
    own = (row.name for group in groups for row in group.rows if row.finding == finding and row.name)
    return next(own, None) or finding_name(rules, finding)


def months(dates: Sequence[date], visit: int) -> str:
    """How many months a visit lies after the first one."""
    return f"{(dates[visit] - dates[0]).days / DAYS_A_MONTH:.1f}"


def _row(rules: Rules, course: Course, row: Measure | Sign) -> RowWords:
    name = _name(rules, row.row.finding)
    if isinstance(row, Sign):
        cells = tuple([_sign(value, number in row.disputed) for number, value in enumerate(row.values)])
        changed, better = _direction(row)
        return RowWords(name, cells, "", _between(course, changed, row.since, row.to), "", better)
    unit = unit_words(rules.findings[row.row.finding].unit)
    name = f"{name}, {unit}" if unit else name
    cells = tuple([Cell(NOT_MEASURED if value is None else follow_words(value)) for value in row.values])
    changes = (_since_first(course, row), _since_best(row))
    turned = row.since_best is not None and _is_better(row, row.since_best) is False
    return RowWords(name, cells, sparkline(row.values), *changes, _is_better(row, row.since_first), turned)


def _sign(value: Truth, disputed: bool) -> Cell:
    return Cell("disputed", None, True, True) if disputed else Cell(VALUES[value], value, True)


def _direction(sign: Sign) -> tuple[str, Truth]:
    """How a finding changed between the first and the last visit at which it is known, and whether that is better."""
    if sign.since is None or sign.to is None or sign.since == sign.to:
        return "", None
    was, is_now = sign.values[sign.since], sign.values[sign.to]
    if was is is_now:
        return "the same", None
    return ("new", False) if is_now else ("gone", True)


def _since_first(course: Course, row: Measure) -> str:
    change = row.since_first
    return _between(course, change_words(change), change.since, change.to) if change else ""


def _since_best(row: Measure) -> str:
    change = row.since_best
    if change is None:
        return ""
    peak = row.row.better == "higher"
    if change.since == change.to:
        return "at peak" if peak else "at nadir"
    return f"{change_words(change)}{' from peak' if peak else ''}"


def _between(course: Course, words: str, since: int | None, to: int | None) -> str:
    """A change with its visits, where these are not the first and the last."""
    if not words or since is None or to is None:
        return words
    since_words = f" since {course.dates[since].isoformat()}" if since else ""
    to_words = f" to {course.dates[to].isoformat()}" if to < len(course.dates) - 1 else ""
    return f"{words}{since_words}{to_words}"


def change_words(change: Change) -> str:
    """``-81 %``, ``-98 % or lower``, ``+3``; ``open`` where comparators leave it open."""
    unit = " %" if change.kind == "percent" else ""
    least, most = change.span
    if change.span.exact and least is not None:
        return f"{_signed(least)}{unit}"
    if least is None and most is None:
        return "open"
    if least is None and most is not None:
        return f"{_signed(_outward(most, up=True))}{unit} or lower"
    if most is None and least is not None:
        return f"{_signed(_outward(least, up=False))}{unit} or more"
    return f"{_signed(_outward(least or 0, up=False))} to {_signed(_outward(most or 0, up=True))}{unit}"


def _signed(number: float) -> str:
    """A change with its sign: as many decimals as keep it from looking like nothing, or like a fall to nothing."""
    for digits in range(4):
        text = f"{number:+.{digits}f}"
        if number == 0 or float(text) not in (0, -100) or number == -100:
            break
    return "0" if float(text) == 0 else text


def _outward(number: float, *, up: bool) -> float:
    """An end of a span, rounded so that the statement stays true."""
    tenths = number * 10 if abs(number) < 10 else number
    rounded = ceil(tenths) if up else floor(tenths)
    return rounded / 10 if abs(number) < 10 else float(rounded)


def _is_better(row: Measure, change: Change | None) -> Truth:
    if change is None or row.row.better is None:
        return None
    least, most = change.span
    if most is not None and most < 0:
        return row.row.better == "lower"
    return row.row.better == "higher" if least is not None and least > 0 else None


def sparkline(values: Sequence[Quantity | None]) -> str:
    """A bar for each visit, blank where nothing was measured; nothing for a single number."""
    numbers = [value.value for value in values if value is not None]
    if len(numbers) < 2:
        return ""
    low, high = min(numbers), max(numbers)
    heights = [
        None if value is None else round(7 * (value.value - low) / (high - low)) if high > low else 3 for value in values
    ]
    return "".join(" " if height is None else _BARS[height] for height in heights)


def _responses(rules: Rules, course: Course, last: VisitResponse) -> Iterator[ResponseWords]:
    for result in last.domains:
        yield ResponseWords(result.domain.name, *_domain(rules, course, result))
    yield from (_clinical(rules, course, last.visit, result) for result in last.clinical if result.direction)
    unknown = [result.group.name for result in last.clinical if result.direction is None]
    if unknown:
        why = f"not known on one or both of {course.dates[0].isoformat()} and {course.dates[last.visit].isoformat()}"
        yield ResponseWords(f"clinical: {', '.join(unknown)}", UNKNOWN, why, None)


def _domain(rules: Rules, course: Course, result: DomainResult) -> tuple[str, str, Truth]:
    """How a response is called, why, and whether it is reached."""
    if result.status == "reached" and result.level is not None:
        level = result.level
        open_levels = [
            f"{level_result.level.name} is open: {_missing(rules, course, level_result.missing)}"
            for level_result in result.open
        ]
        return level.name, "; ".join([cited(rules, level.text, level.basis), *open_levels]), True
    if result.status == "unknown":
        missing = tuple(dict.fromkeys(missed for level in result.levels for missed in level.missing))
        earlier = _earlier(course, result)
        return UNKNOWN, "; ".join(filter(None, [_missing(rules, course, missing), earlier])), None
    basis = result.levels[-1].level.basis
    if result.status == "not reached":
        return result.domain.below, _tried(rules, result.levels), False
    failed = [level.level.name for level in result.levels if level.value is False and level.applies]
    tried = f"not {listed(failed, 'or')}; " if failed else ""
    lowest = result.levels[-1].level
    why = f"{tried}the baseline is outside the definition of {lowest.name}: {lowest.text}"
    return "not evaluable", cited(rules, why, basis), None


def _tried(rules: Rules, levels: Sequence[LevelResult]) -> str:
    """The lowest level that was tried, whose definition says why it is not reached."""
    lowest = levels[-1].level
    return cited(rules, f"{lowest.name} would be: {lowest.text}", lowest.basis)


def _earlier(course: Course, result: DomainResult) -> str:
    """The last visit before at which the response in the domain was known."""
    for visit in reversed(course.responses[:-1]):
        for domain_result in visit.domains:
            if domain_result.domain.id == result.domain.id and domain_result.status in ("reached", "not reached"):
                name = domain_result.level.name if domain_result.level else domain_result.domain.below
                return f"at {course.dates[visit.visit].isoformat()}: {name}"
    return ""


def _missing(rules: Rules, course: Course, missing: Sequence[Missing]) -> str:
    """What leaves a response open: what is not known, and at which visits, then what is known only between two ends."""
    visits: dict[str, list[int]] = {}
    for missed in missing:
        if not missed.is_given:
            visits.setdefault(missed.finding, []).append(missed.visit)
    together: dict[str, list[str]] = {}
    for finding, numbers in visits.items():
        days = listed([course.dates[number].isoformat() for number in sorted(set(numbers))])
        when = "at any visit" if finding in course.unseen else f"at {days}"
        state = "measured" if rules.findings[finding].kind == "quantity" else "known"
        together.setdefault(f"not {state} {when}", []).append(_name(rules, finding))
    words = [f"{listed(names)} {state}" for state, names in together.items()]
    words += [_open_value(rules, course, missed) for missed in missing if missed.is_given]
    return "; ".join(words)


def _open_value(rules: Rules, course: Course, missing: Missing) -> str:
    observed = course.facts[missing.visit].observed.get(missing.finding)
    value = f" {quantity_words(observed)}" if isinstance(observed, Quantity) else ""
    return f"{_name(rules, missing.finding)}{value} at {course.dates[missing.visit].isoformat()} leaves it open"


_GOOD: dict[Direction | None, Truth] = {"better": True, "worse": False}


def _clinical(rules: Rules, course: Course, visit: int, result: ClinicalResult) -> ResponseWords:
    rows = [_moved(rules, course, visit, finding, direction) for finding, direction in result.rows if direction is not None]
    left = [_name(rules, finding) for finding, direction in result.rows if direction is None]
    open_words = f"; cannot be judged: {listed(left)}" if left else ""
    words = str(result.direction)
    return ResponseWords(f"clinical: {result.group.name}", words, f"{', '.join(rows)}{open_words}", _GOOD.get(result.direction))


def _moved(rules: Rules, course: Course, visit: int, finding: str, direction: Direction) -> str:
    """``ONLS 6 to 3``, ``edema gone``."""
    name = _name(rules, finding)
    before, after = (course.facts[number].observed.get(finding) for number in (0, visit))
    if isinstance(before, Quantity) and isinstance(after, Quantity):
        return f"{name} {follow_words(before)} to {follow_words(after)}"
    if direction == "the same":
        return f"{name} still {VALUES[course.facts[visit].values.get(finding)]}"
    return f"{name} {'gone' if direction == 'better' else 'new'}"


def clinical_definition(rules: Rules) -> str:
    """What was read of the definition of the clinical response, with its mark."""
    definition = rules.outlook.follow_up.clinical_response if rules.outlook and rules.outlook.follow_up else None
    return f"Clinical response: {cited(rules, *definition)}" if definition else ""


def _landmark(rules: Rules, course: Course, result: LandmarkResult) -> Iterator[str]:
    landmark = result.landmark
    day = course.dates[result.visit].isoformat()
    if result.measured is None:
        yield f"{capital(landmark.title)}: not measured at {day} ({result.months:.1f} months)."
    else:
        comparison = trace(landmark.when, course.facts[result.visit]).comparison
        finding = rules.findings[landmark.finding]
        words = comparison_words(finding, comparison, result.value) if comparison else quantity_words(result.measured)
        found = f"{words}, at {day} ({result.months:.1f} months)"
        published = "; ".join([cited(rules, *fact) for fact in landmark.facts])
        yield f"{capital(landmark.title)}: {found}. Published: {published}."
