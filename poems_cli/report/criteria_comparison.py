"""The published criteria sets side by side: what each asks, in which role, and where it reads an element its own way."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from poems_cli.engine.criteria import conditions
from poems_cli.engine.findings import follows_from, uses
from poems_cli.engine.logic import plain_number
from poems_cli.finding_names import without_remark
from poems_cli.model import AnyOf, Asserted, AtLeast, Expression, Not, Present, Rules, Score
from poems_cli.phrases import capital
from poems_cli.report.words import Line, outline

REQUIRED = "required"
FORBIDDEN = "must be absent"


class Column(NamedTuple):
    """A criteria set, or one level of a set with several."""

    set_id: str
    name: str
    level: str
    source: str
    current: str


class Cell(NamedTuple):
    """What one set does with one element: its ``role``, and where it reads it its own way how that is called, and defined."""

    role: str
    reading: str
    definition: tuple[Line, ...]


class Row(NamedTuple):
    """An element with what each set does with it, in the order of the columns; ``None`` where a set does not ask for it."""

    name: str
    cells: tuple[Cell | None, ...]

    @property
    def difference(self) -> str:
        """Where the sets differ on it, in a few words."""
        asking = [cell for cell in self.cells if cell is not None]
        if len(set(self.cells)) == 1:
            return "all alike"
        readings = len({cell.reading for cell in asking})
        asked = f"asked by {len(asking)} of {len(self.cells)}"
        return f"{asked}, in {readings} readings" if readings > 1 else asked


def columns(rules: Rules) -> Iterator[Column]:
    """The columns of the comparison."""
    for criteria in rules.criteria.values():
        years = criteria.current
        current = f"{years.first or '?'} to {years.last or 'today'}" if years else ""
        for level in criteria.levels:
            several = len(criteria.levels) > 1
            yield Column(criteria.id, criteria.short, level.id if several else "", criteria.source, current)


def compare(rules: Rules) -> tuple[Row, ...]:
    """A row for each element, those of the default set first."""
    levels = [_asked(level.expression) for criteria in rules.criteria.values() for level in criteria.levels]
    asked = [element for level in rules.criteria[rules.default_criteria].levels for element, _ in _asked(level.expression)]
    first = dict.fromkeys(element.finding for element in asked if isinstance(element, Present))
    anchors = {finding: capital(without_remark(rules.findings[finding].label)) for finding in first}
    table: dict[str, list[Cell | None]] = {name: [None] * len(levels) for name in anchors.values()}
    for number, level_asks in enumerate(levels):
        for element, role in level_asks:
            words = _words(rules, element)
            anchor = _row_of(rules, element, anchors)
            name = anchors[anchor] if anchor is not None else capital(words)
            own = not isinstance(element, Present)
            reading = words if own or capital(words) != name else ""
            row = table.setdefault(name, [None] * len(levels))
            row[number] = Cell(role, reading, outline(rules, element) if own else ())
    return tuple([Row(name, tuple(cells)) for name, cells in table.items()])


def elements(rules: Rules, set_id: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each element that a set asks for at its highest level: what it is called, and the findings that it names."""
    for element, _ in _asked(rules.criteria[set_id].levels[0].expression):
        yield capital(_words(rules, element)), uses(element)


def _asked(expression: Expression) -> Iterator[tuple[Expression, str]]:
    """What a level asks for, each with its role: its conditions, and the elements that they count."""
    for condition in conditions(expression):
        if isinstance(condition, Not) and condition.name is None:
            yield condition.child, FORBIDDEN
        elif isinstance(condition, (AtLeast, AnyOf, Score)) and len(condition.children) > 1:
            yield from ((child, _counts(condition)) for child in condition.children)
        else:
            yield condition, REQUIRED


def _counts(condition: AtLeast | AnyOf | Score) -> str:
    """``other major criterion, 1 of 3``."""
    needed = "1" if isinstance(condition, AnyOf) else plain_number(condition.needed)
    points = " points" if isinstance(condition, Score) else ""
    return f"{condition.name or 'one of several'}, {needed} of {len(condition.children)}{points}"


def _words(rules: Rules, expression: Expression) -> str:
    """An element by its own name, else by its finding's label, else by its first line."""
    if expression.name:
        return expression.name
    if isinstance(expression, (Present, Asserted)):
        return without_remark(rules.findings[expression.finding].label)
    return outline(rules, expression)[0].text


def _row_of(rules: Rules, expression: Expression, anchors: Mapping[str, str]) -> str | None:
    """The row of an element: its finding's own, else that to which most of what it names belongs."""
    if isinstance(expression, Present) and expression.finding in anchors:
        return expression.finding
    named = uses(expression)
    belonging = {anchor: sum(_belongs(rules, finding, anchor) for finding in named) for anchor in anchors}
    best = max(belonging, key=lambda anchor: belonging[anchor], default=None)
    return best if best is not None and belonging[best] else None


def _belongs(rules: Rules, finding: str, anchor: str) -> bool:
    """Whether a finding is that of the row, makes it hold, or is what it may follow from."""
    return anchor in rules.implies.get(finding, ()) or finding in follows_from(rules, [anchor])
