"""Comparisons in words: what was measured, against which limit, and whose limit it is."""

from poems_cli.engine.logic import plain_number
from poems_cli.model import Comparison, Condition, Finding, Given, Quantity, Rules, Trace, Truth
from poems_cli.phrases import listed
from poems_cli.report.names import finding_name
from poems_cli.report.words import OPERATORS, amount, unit_words
from poems_cli.units import UnitFrom


def comparison_words(finding: Finding, comparison: Comparison, value: Truth) -> str:
    """``512 10*9/L is above 450 10*9/L``, without the finding's name; a choice says what was wanted where it is not."""
    if isinstance(comparison.limit, tuple):
        chosen = finding.choices.get(str(comparison.value), str(comparison.value))
        return chosen if value else f"{chosen}, not {_choices(finding, comparison.limit)}"
    if comparison.limit is None:
        return f"{measured_words(comparison)}, without the laboratory's own limit"
    limit = f"{OPERATORS[comparison.operator]} {amount(comparison.limit, comparison.unit)}{_whose(comparison)}"
    if value is None:
        return f"{measured_words(comparison)} leaves open whether it is {limit}"
    return f"{measured_words(comparison)} is {'' if value else 'not '}{limit}"


def measured_words(comparison: Comparison) -> str:
    """The value as the record gave it, followed by the converted one where the units differ."""
    limit = comparison.limit if isinstance(comparison.limit, (int, float)) else None
    converted = _number(comparison.comparator, _rounded(float(comparison.value), limit), comparison.unit)
    return _as_given(comparison.given, comparison.comparator, converted, comparison.unit_from)


def quantity_words(value: Quantity) -> str:
    """A measured value with its comparator and unit, as the record gave it and converted."""
    number = f"{value.value:.4g}" if value.given else plain_number(value.value)
    return _as_given(value.given, value.comparator, _number(value.comparator, number, value.unit), value.unit_from)


def follow_words(value: Quantity) -> str:
    """A measured value for a row that has its unit already: the bare number, or the record's own value and unit before it."""
    number = f"{value.comparator or ''}{plain_number(float(f'{value.value:.4g}') if value.given else value.value)}"
    return _as_given(value.given, value.comparator, number, value.unit_from)


def _as_given(given: Given | None, comparator: str | None, converted: str, unit_from: UnitFrom) -> str:
    """The value in the record's own unit before the converted one, and whether its unit is assumed."""
    assumed = "unit assumed" if unit_from == "assumed" else ""
    if given is None:
        return f"{converted} ({assumed})" if assumed else converted
    behind = ", ".join(filter(None, [converted, assumed]))
    return f"{_number(comparator, plain_number(given.value), given.unit)} ({behind})"


def _number(comparator: str | None, number: str, unit: str | None) -> str:
    return f"{comparator or ''}{number} {unit_words(unit)}".rstrip()


def compared_briefly(rules: Rules, node: Trace) -> str:
    """``platelets 512 10*9/L, above 450``: the value with the limit that it was compared with."""
    finding, comparison = rules.findings[node.finding or ""], node.comparison
    name = finding_name(rules, finding.id)
    if comparison is None:
        return name
    if isinstance(comparison.limit, tuple):
        return f"{name} {comparison_words(finding, comparison, node.value)}"
    if comparison.limit is None:
        return f"{name} {measured_words(comparison)}, without the laboratory's limit"
    opposite = {"above": "at most", "at_least": "below", "below": "at least", "at_most": "above"}[comparison.operator]
    operator = OPERATORS[comparison.operator] if node.value else opposite
    whose = {"rule": "", "laboratory": "the laboratory's ", "multiple of laboratory": ""}[comparison.whose]
    if node.value is None:
        operator = f"not decided by {OPERATORS[comparison.operator]}"
    ours = " (our limit)" if decided_by_default(node) else ""
    return f"{name} {measured_words(comparison)}, {operator} {whose}{plain_number(comparison.limit)}{ours}"


def compared(rules: Rules, node: Trace) -> str:
    """A comparison that was made: the finding, its value, the limit, and whose limit it is."""
    finding = rules.findings[node.finding or ""]
    if node.comparison is None:
        return finding.label
    text = f"{finding.label} {comparison_words(finding, node.comparison, node.value)}"
    return f"{text}, a limit of this program" if decided_by_default(node) else text


def uses_own_limit(node: Trace) -> bool:
    """Whether the laboratory's own limit took the place of the rule's."""
    return node.comparison is not None and node.comparison.limit is not None and node.comparison.whose != "rule"


def decided_by_default(node: Trace) -> bool:
    """Whether a limit of this program was used: not where the laboratory's own one replaced it."""
    return node.basis is not None and node.basis.default and not uses_own_limit(node)


def condition_words(finding: Finding, condition: Condition) -> str:
    """``at least 1000 pg/mL``: what a comparison asks of a value that is not known."""
    if isinstance(condition.limit, tuple):
        return _choices(finding, condition.limit)
    operator = OPERATORS[condition.operator]
    if condition.times_upper is not None:
        return f"{operator} {plain_number(condition.times_upper)} times the laboratory's upper limit"
    if condition.limit is None:
        return f"{operator} the laboratory's limit"
    return f"{operator} {amount(condition.limit, finding.unit)}"


def _choices(finding: Finding, words: tuple[str, ...]) -> str:
    return listed([finding.choices.get(word, word) for word in words], "or")


def _whose(comparison: Comparison) -> str:
    if comparison.whose == "laboratory":
        return " (the laboratory's own limit)"
    if comparison.whose == "multiple of laboratory" and comparison.times is not None:
        return f" ({plain_number(comparison.times)} times the laboratory's own upper limit)"
    return ""


def _rounded(value: float, limit: float | None) -> str:
    """A value in four digits, as far as it then still lies where it does from the limit: 6.90896 is 6.909, 450.0004 stays."""
    short = float(f"{value:.4g}")
    same_side = limit is not None and (short > limit) == (value > limit) and (short < limit) == (value < limit)
    return plain_number(short if same_side else value)
