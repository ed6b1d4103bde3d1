"""A screening as one page: counts and no rows, with small counts hidden where the page is to be shared."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple, TypeAlias

from poems_cli.engine.criteria import verdict_of
from poems_cli.engine.findings import follows_from
from poems_cli.model import Rules, Truth
from poems_cli.phrases import capital, counted
from poems_cli.report.criteria_comparison import elements
from poems_cli.report.disclosure import Disclosure, Key, Sum
from poems_cli.report.html import render
from poems_cli.report.names import element_words, finding_name, test_name
from poems_cli.report.narrative import AID
from poems_cli.report.numbers import share, span
from poems_cli.report.words import label, unit_words
from poems_cli.screening.summary import Count, Details, Steps, Summary, Verdicts

#: So many next tests are named for each number of findings needed.
_TESTS = 8

_ROWS: Key = ("rows",)
_CELLS: Key = ("cells",)


#: How an id is called.
Naming: TypeAlias = Callable[[str], str]


class Bar(NamedTuple):
    """A count as it is shown: what it is of, in words, its share of all, and from 0 to 100 how long its bar is."""

    name: str
    words: str
    share: str
    length: float | None
    value: Truth = True


class SetRow(NamedTuple):
    """The verdicts of one criteria set, and how many rows reach each of its levels at most."""

    name: str
    bars: tuple[Bar, ...]
    levels: tuple[Bar, ...]


class StepRow(NamedTuple):
    """The rows that need the same number of further findings, by the test to do next."""

    needed: str
    rows: Bar
    tests: tuple[Bar, ...]


class ColumnRow(NamedTuple):
    """A column of the table: what it is read as, in which unit, and in how many rows it makes its finding known."""

    heading: str
    finding: str
    unit: str
    known: Bar


class Listed(NamedTuple):
    """Counts that need not add up to anything; ``more`` says that some are too small to be named."""

    bars: tuple[Bar, ...]
    more: bool = False


def screening_html(rules: Rules, summary: Summary, least: int = 0) -> str:
    """The page of one screening; counts below ``least`` are hidden, and those that would give them away."""
    details = summary.details
    if details is None:
        message = "a report needs the details of its screening"
        raise ValueError(message)
    page = _Page(rules, summary, details, least)
    default = summary.default_criteria
    sets = [page.of_set(counts) for counts in sorted(summary.verdicts, key=lambda verdict: verdict.id != default)]
    return render(
        "screening_page.html",
        title=rules.criteria[default].title,
        short=rules.criteria[default].short,
        rows=page.bar(_ROWS, ""),
        files=[PurePath(name).name if name != "-" else "standard input" for name in summary.files],
        least=least if least > 1 else 0,
        sets=sets,
        steps=tuple(page.steps()),
        holding=page.holding(),
        conditions=tuple(page.conditions()),
        columns=tuple(page.columns()),
        unmeasured=tuple(_unmeasured(rules, summary)),
        unplaced=summary.table.unplaced,
        ignored=summary.table.ignored,
        labels=tuple(page.labels()),
        faulty=page.bar(("faulty",), "rows with a cell that was not understood"),
        cells=page.bar(_CELLS, "cells"),
        faults=tuple(page.faults()),
        contradictory=page.bar(("contradictory",), "rows that contradict themselves"),
        contradictions=page.listed(
            "contradiction", summary.contradictory.findings, lambda finding: capital(label(rules, finding))
        ),
        warnings=page.listed("warning", summary.warnings, _warning_name(rules)),
        span=span(summary.seconds),
        engine=summary.engine,
        identity=summary.rules,
        aid=AID,
    )


def _warning_name(rules: Rules) -> Naming:
    short = {warning.id: warning.short or warning.text for warning in rules.warnings}

    def name(warning: str) -> str:
        zone = warning.removeprefix("gray_zone:")
        return short.get(warning) or (f"Gray zone of {label(rules, zone)}" if zone != warning else warning)

    return name


class _Page:
    """The counts of a page, by what they are of, and how each is shown."""

    def __init__(self, rules: Rules, summary: Summary, details: Details, least: int) -> None:
        self._rules, self._summary, self._details, self._least = rules, summary, details, least
        self._counts: dict[Key, int] = {_ROWS: summary.rows}
        self._sums: list[Sum] = []
        self._never_zero: set[Key] = set()  # what has a line only where there is any
        # With how many conditions hold, these would make a second, weighted sum, from which hidden counts could be worked out.
        self._conditions = details.conditions if least <= 1 or details.holding is None else ()
        self._named: dict[int, list[Count]] = {}
        for verdicts in summary.verdicts:
            self._count_set(verdicts)
        self._count_steps()
        self._count_conditions()
        self._count_others()
        self._disclosure = Disclosure(self._counts, self._sums, least, self._never_zero)

    def _add(self, total: Key, parts: Sequence[tuple[Key, int]]) -> None:
        """Counts that add up to another."""
        self._counts.update(parts)
        self._sums.append(Sum(total, [key for key, _ in parts]))

    def _add_share(self, total: Key, key: Key, count: int) -> None:
        """A count of some of ``total``: how many the others are can be worked out, too."""
        self._counts[key] = count
        if count != self._counts[total]:  # of all no one is singled out
            self._add(total, [(key, count), (("others", *key), self._counts[total] - count)])

    def _count_set(self, verdicts: Verdicts) -> None:
        three = {True: verdicts.met, None: verdicts.undetermined, False: verdicts.not_met}
        self._add(_ROWS, [(_verdict(verdicts.id, value), count) for value, count in three.items()])
        if verdicts.levels:
            met = _verdict(verdicts.id, True)
            self._add(met, [(("level", verdicts.id, level.id), level.highest) for level in verdicts.levels])

    def _count_steps(self) -> None:
        """The undetermined rows by how far they are from met, and each of these by the next test."""
        summary = self._summary
        verdicts = next(verdict for verdict in summary.verdicts if verdict.id == summary.default_criteria)
        each = [(_steps(steps), steps.rows) for steps in summary.steps]
        stuck = summary.can_no_longer_be_met - verdicts.not_met
        self._add(_verdict(verdicts.id, None), [*each, (_STUCK, stuck)])
        for distance in summary.steps:
            named = [test for test in distance.next_tests if test.rows >= self._least][:_TESTS]
            self._named[distance.steps_to_met] = named
            rest = distance.rows - sum(test.rows for test in named)
            tests = [(_test(distance, test.id), test.rows) for test in named] + ([(_test(distance, ""), rest)] if rest else [])
            self._add(_steps(distance), tests)
            self._never_zero |= {_steps(distance), _test(distance, "")}

    def _count_conditions(self) -> None:
        for place, condition in enumerate(self._conditions):
            self._add(_ROWS, [(("condition", str(place), str(count)), rows) for count, rows in enumerate(condition.rows)])
        if self._details.holding is not None:
            self._add(_ROWS, [(self._all_hold_key(count), rows) for count, rows in enumerate(self._details.holding)])

    def _all_hold_key(self, count: int) -> Key:
        """Where all conditions hold the set is met, or its highest level: the same rows, by the same key."""
        if self._details.holding is None or count + 1 < len(self._details.holding):
            return "holding", str(count)
        levels = self._rules.criteria[self._summary.default_criteria].levels
        default = self._summary.default_criteria
        return ("level", default, levels[0].id) if len(levels) > 1 else _verdict(default, True)

    def _count_others(self) -> None:
        summary, details = self._summary, self._details
        for finding, rows in details.known.items():
            self._add_share(_ROWS, ("known", finding), rows)
        for carried in details.labels:
            self._add_share(_ROWS, ("label", carried.label), carried.rows)
            self._never_zero.add(("label", carried.label))
            for flag in carried.flags:
                self._add_share(("label", carried.label), ("flag", carried.label, flag.id), flag.rows)
        self._add_share(_ROWS, ("faulty",), summary.not_understood.rows)
        self._add_share(_ROWS, ("contradictory",), summary.contradictory.rows)
        for kind, counts in (("warning", summary.warnings), ("contradiction", summary.contradictory.findings)):
            for count in counts:
                self._add_share(_ROWS, (kind, count.id), count.rows)
        self._counts[_CELLS] = summary.not_understood.cells
        faults = [(("fault", str(place)), column.cells) for place, column in enumerate(summary.not_understood.columns)]
        self._add(_CELLS, faults)
        self._never_zero |= {key for key, _ in faults}
        for key, cells in faults:  # one cell per row
            self._add_share(_ROWS, key, cells)

    def bar(self, key: Key, name: str, of: Key = _ROWS, value: Truth = True) -> Bar:
        """One count, with its share of others unless either is hidden."""
        shown, whole = self._disclosure.shown(key), self._disclosure.shown(of)
        if shown.exact is None or not whole.exact:
            return Bar(name, shown.words, "", None, value)
        return Bar(name, shown.words, share(shown.exact, whole.exact), 100 * shown.exact / whole.exact, value)

    def of_set(self, verdicts: Verdicts) -> SetRow:
        """The verdicts of one set."""
        words = {True: "met, at any level" if verdicts.levels else "met", None: "undetermined", False: "not met"}
        return SetRow(
            self._rules.criteria[verdicts.id].short,
            tuple([self.bar(_verdict(verdicts.id, value), text, value=value) for value, text in words.items()]),
            tuple([self.bar(("level", verdicts.id, level.id), level.id) for level in verdicts.levels]),
        )

    def steps(self) -> Iterator[StepRow]:
        """Who could still meet the default set, the nearest first, and last who cannot any more by what is open."""
        for step in self._summary.steps:
            tests = [
                self.bar(_test(step, test.id), capital(test_name(self._rules, test.id)), of=_steps(step))
                for test in self._named[step.steps_to_met]
            ]
            if _test(step, "") in self._counts:
                tests.append(self.bar(_test(step, ""), "another test, or none that is known", of=_steps(step)))
            yield StepRow(counted(step.steps_to_met, "more finding"), self.bar(_steps(step), "rows"), tuple(tests))
        if self._counts[_STUCK] or self._least > 1:  # that there is no such line would tell that it is 0
            yield StepRow("Cannot be met by what is open", self.bar(_STUCK, "rows"), ())

    def holding(self) -> tuple[Bar, ...]:
        """How many of the conditions hold."""
        held = self._details.holding or ()
        return tuple([self.bar(self._all_hold_key(count), f"{count} of {len(held) - 1}") for count in range(len(held))])

    def conditions(self) -> Iterator[tuple[str, str, tuple[Bar, ...]]]:
        """How many elements of each condition are present: its name, how many are needed, and the rows of each number."""
        for place, condition in enumerate(self._conditions):
            bars = [self.bar(("condition", str(place), str(count)), str(count)) for count in range(len(condition.rows))]
            yield (
                capital(element_words(self._rules, condition.condition)),
                f"{condition.needed:g} of {len(condition.rows) - 1}",
                tuple(bars),
            )

    def columns(self) -> Iterator[ColumnRow]:
        """Every column that was read."""
        for column in self._summary.table.columns:
            unit = column.unit or self._rules.findings[column.finding].unit
            known = self.bar(("known", column.finding), "known")
            yield ColumnRow(column.heading, capital(label(self._rules, column.finding)), unit_words(unit), known)

    def labels(self) -> Iterator[tuple[str, Bar, Listed]]:
        """Each label that deserves a second look, how many rows carry it, and the red flags among them."""
        words = {flag.id: capital(flag.text) for flag in self._rules.red_flags}
        for carried in self._details.labels:
            name = self._rules.labels[carried.label].name
            flags = [
                self.bar(("flag", carried.label, flag.id), words[flag.id], of=("label", carried.label))
                for flag in carried.flags
                if flag.rows >= self._least
            ]
            yield name, self.bar(("label", carried.label), "rows"), Listed(tuple(flags), len(flags) < len(carried.flags))

    def faults(self) -> Iterator[tuple[str, str, str, Bar]]:
        """The cells that were not understood, by column and reason, with how to mend it."""
        for place, column in enumerate(self._summary.not_understood.columns):
            finding = finding_name(self._rules, column.finding) if column.finding else ""
            where = f"{column.heading}, read as {finding}" if column.heading and finding else column.heading or "whole rows"
            yield where, column.problem, column.mend, self.bar(("fault", str(place)), "cells", of=_CELLS)

    def listed(self, kind: str, counts: Sequence[Count], name: Naming) -> Listed:
        """Rows of some kind, those that are too few left out."""
        bars = [self.bar((kind, count.id), name(count.id)) for count in counts if count.rows >= self._least]
        return Listed(tuple(bars), len(bars) < len(counts))


_STUCK: Key = ("steps", "none")


def _verdict(set_id: str, value: Truth) -> Key:
    return "verdict", set_id, verdict_of(value)


def _steps(steps: Steps) -> Key:
    return "steps", str(steps.steps_to_met)


def _test(steps: Steps, test: str) -> Key:
    return "test", str(steps.steps_to_met), test


def _unmeasured(rules: Rules, summary: Summary) -> Iterator[str]:
    """The elements of the default set that no column of the table covers."""
    read = {column.finding for column in summary.table.columns}
    for name, findings in elements(rules, summary.default_criteria):
        if read.isdisjoint(follows_from(rules, findings)):
            yield name
