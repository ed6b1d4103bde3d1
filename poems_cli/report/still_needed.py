"""What is still needed, as a sentence that a person reads in one go.

Written from the expression, not from the list of settling sets: "raised VEGF or a sclerotic bone lesion, and one of
organomegaly, edema ..." says in a line what eighteen sets say in a page.
"""

from collections.abc import Sequence
from typing import NamedTuple

from poems_cli.engine.literals import NO_LINKS, Literals, States
from poems_cli.engine.logic import plain_number
from poems_cli.engine.settling import condition_of
from poems_cli.finding_names import without_remark
from poems_cli.memo import Memo
from poems_cli.model import (
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Binds,
    Compare,
    Expression,
    Facts,
    Known,
    Level,
    Not,
    Present,
    Rules,
    Score,
)
from poems_cli.report.comparisons import condition_words

_REMEMBERED = 8_000


class _Phrase(NamedTuple):
    """What is still needed: the words for it, and whether it is their absence that is needed."""

    words: str
    absent: bool = False

    def __str__(self) -> str:
        return f"no {self.words}" if self.absent else self.words


class Phraser:
    """Says for one criteria set, in any state, what is still needed; its words for a condition are kept."""

    def __init__(self, rules: Rules, settler: Literals) -> None:
        self._rules = rules
        self._settler = settler
        self._kept: Memo[tuple[int, bool, int, object], _Phrase | None] = Memo(_REMEMBERED)

    def still_needed(self, expression: Expression, goal: bool, states: States) -> str:
        """What must still be found (``goal``) or excluded (not ``goal``) for the expression to be met or not met.

        An empty text when nothing is needed or nothing can help any more.
        """
        if self._settler.value(expression, states) is not None:
            return ""
        phrase = self._phrase(expression, goal, states, 0)
        return "" if phrase is None else str(phrase)

    def _phrase(self, node: Expression, goal: bool, states: States, depth: int) -> _Phrase | None:
        """The phrase of a node; ``None`` where it can't come about any more."""
        key = (id(node), goal, depth, self._settler.key(node, states))
        if key in self._kept:
            return self._kept[key]
        phrase = self._kept[key] = self._say(node, goal, states, depth)
        return phrase

    def _say(self, node: Expression, goal: bool, states: States, depth: int) -> _Phrase | None:
        if isinstance(node, Binds):
            opposed = node.absent_when if goal else node.present_when
            if opposed is not None and self._settler.value(opposed, states):
                return None  # all it can still do is contradict itself
        if depth >= 2 and node.name and not isinstance(node, (Present, Asserted)):
            return _Phrase(node.name, not goal)
        match node:
            case All():
                return self._choose(node.children, len(node.children), goal, states, depth)
            case AnyOf():
                return self._choose(node.children, 1, goal, states, depth)
            case AtLeast():
                return self._choose(node.children, node.needed, goal, states, depth)
            case Score():
                return _Phrase(node.name or f"a score of at least {plain_number(node.needed)}", not goal)
            case Not():
                return self._phrase(node.child, not goal, states, depth)
            case Binds():
                if node.name:
                    return _Phrase(node.name, not goal)
                wanted = node.present_when if goal else node.absent_when
                return None if wanted is None else self._phrase(wanted, True, states, depth)
            case Compare():
                return _Phrase(self._comparison(node, goal))
            case Present() | Asserted() | Known():
                return _Phrase(without_remark(self._rules.findings[node.finding].label), not goal)

    def _comparison(self, node: Compare, goal: bool) -> str:
        positive, condition = condition_of(node)
        finding = self._rules.findings[node.finding]
        return f"{without_remark(finding.label)} {'' if positive is goal else 'not '}{condition_words(finding, condition)}"

    def _choose(self, children: Sequence[Expression], count: int, goal: bool, states: States, depth: int) -> _Phrase | None:
        """Enough of the children, some of which are answered already."""
        values = [self._settler.value(child, states) for child in children]
        still_open = [child for child, value in zip(children, values, strict=True) if value is None]
        missing = count - sum(value is True for value in values)  # so many more present make it present
        wanted = missing if goal else len(still_open) - missing + 1  # so many answers of the goal's kind settle it
        each = (self._phrase(child, goal, states, depth + 1) for child in still_open)
        phrases = [phrase for phrase in each if phrase is not None]
        if len(phrases) < wanted or not phrases:
            return None  # what is left cannot bring it about
        if len(phrases) == 1:
            return phrases[0]
        if wanted == 1:
            return _Phrase(("; or " if depth == 0 else " or ").join(map(str, phrases)))
        if not goal and depth and all(phrase.absent for phrase in phrases):
            positive = " or ".join(phrase.words for phrase in phrases)
            return _Phrase(f"none of {positive}" if missing == 1 else f"fewer than {missing} of {positive}")
        if wanted >= len(phrases):
            return _Phrase(("; and " if depth == 0 else " and ").join(map(str, phrases)))
        return _Phrase(f"{wanted} of {' or '.join(map(str, phrases))}")


class SettlingPhraser:
    """Says what is still needed to settle any criteria set, for many patients."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._levels: dict[tuple[str, str], tuple[Literals, Phraser]] = {}
        self._facts: Facts | None = None
        self._states: dict[tuple[str, str], States] = {}

    def words(self, facts: Facts, set_id: str, target: str) -> str:
        """What is still needed to settle a criteria set as ``met`` or ``not met``, or to reach the level ``target``."""
        levels = self._rules.criteria[set_id].levels
        goal = target != "not met"
        wanted = [level for level in levels if target in ("met", "not met", level.id)]
        each = [(level.id, self._level(set_id, level, goal, facts)) for level in wanted]
        if len(wanted) == 1:
            return each[0][1]
        return "; ".join(f"{level}: {needed}" for level, needed in each if needed)

    def _level(self, set_id: str, level: Level, goal: bool, facts: Facts) -> str:
        key = (set_id, level.id)
        if key not in self._levels:
            settler = Literals(level.expression, NO_LINKS)
            self._levels[key] = (settler, Phraser(self._rules, settler))
        settler, phraser = self._levels[key]
        if facts is not self._facts:
            self._facts, self._states = facts, {}
        if key not in self._states:
            self._states[key] = settler.states(facts)
        return phraser.still_needed(level.expression, goal, self._states[key])
