"""What else it could be: every mimic, and the syndrome itself, weighed against what is known of one patient.

A row's evidence is the sum of the weights of the items that hold. An item whose findings are unknown weighs nothing, so
learning nothing changes nothing. The sum orders the rows; it is no probability, since the findings of a disease are not
independent of each other.
"""

from collections.abc import Callable, Iterator, Mapping
from math import log10
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from poems_cli.criteria import Answerer
from poems_cli.logic import leaves
from poems_cli.memo import Memo
from poems_cli.model import (
    LABEL,
    All,
    AnyOf,
    AtLeast,
    Basis,
    CriteriaResult,
    CriteriaSet,
    Evidence,
    Expression,
    Facts,
    Held,
    Mimic,
    Not,
    OpenAnswer,
    Present,
    Rival,
    Row,
    Rules,
    Score,
    Settles,
    Status,
    Truth,
)
from poems_cli.settle import NO_LINKS, Settler, States

_REMEMBERED = 1_000  # rows kept for each disease
_ORDER: Mapping[Status, int] = {"consider": 0, "less likely": 1, "not assessed": 2, "excluded": 3}


class Ranking(NamedTuple):
    """The syndrome's own row and the mimics', each with its place among all of them, and the sources that they rest on."""

    syndrome: Rival | None
    mimics: tuple[Rival, ...]
    sources: frozenset[str]


#: Whether a condition holds in a state.
_Holds: TypeAlias = Callable[[States], object]

#: The findings that make a condition hold in a state.
_Holders: TypeAlias = Callable[[States], tuple[Held, ...]]


class _Disease(NamedTuple):
    """A mimic and what is weighed of it.

    ``calls`` calls for it: its own condition, or two findings that speak for it, one strongly, one moderately. ``node`` holds
    that, what settles it and all its evidence; ``established`` is the item that confirms it.
    """

    mimic: Mimic
    calls: Expression
    node: Expression
    established: Evidence | None


class _Ready(NamedTuple):
    """A disease with functions that read from a state all that its row rests on.

    ``own`` picks the part of a state on which the row depends; by it the rows of earlier patients are ``kept``. ``asked`` are
    the findings that could call for it, with their places in a state.
    """

    disease: _Disease
    own: Callable[[States], object]
    kept: Memo[object, "_Weighed"]
    items: tuple[tuple[Evidence, _Holds, _Holders | None], ...]
    confirmed: Callable[[States], Truth]
    excluded: Callable[[States], Truth]
    calls: Callable[[States], Truth]
    asked: tuple[tuple[str, int], ...]


class _Weighed(NamedTuple):
    """A disease's row in one state; the rows are ranked by their ``importance``. ``sources`` are what its items rest on."""

    importance: tuple[int, float, int, str]
    disease: _Disease
    row: Row
    sources: frozenset[str]


class MimicConditions(NamedTuple):
    """A mimic with what brings it up, and the weight of its being established, if it can be."""

    mimic: Mimic
    calls: Expression
    established: float | None


class Differential:
    """Ranks the mimics of one set of rules for many patients."""

    def __init__(self, rules: Rules, default: str) -> None:
        """``default`` is the criteria set that establishes the syndrome."""
        self._rules = rules
        self._default = rules.criteria[default].short
        grades = rules.evidence["grades"]
        self._strong, self._moderate = (round(10 * log10(grades[one]), 1) for one in ("strong", "moderate"))
        diseases = [*rules.mimics.values(), *filter(None, [rules.profile])]
        self._diseases = [self._prepared(one) for one in diseases]
        self._settler = Settler(AnyOf(tuple([one.node for one in self._diseases])), NO_LINKS)
        self._holders: dict[int, _Holders] = {}
        self._held: Memo[tuple[int, tuple[Held, ...]], Evidence] = Memo(_REMEMBERED)
        self._ready = [self._made_ready(disease) for disease in self._diseases]
        self._position = {finding: number for number, finding in enumerate(rules.findings)}
        self._answerers: dict[str, tuple[Settler, Answerer]] = {}

    def _prepared(self, mimic: Mimic) -> _Disease:
        if mimic is self._rules.profile and mimic.confirmed is not None:
            met = mimic.confirmed._replace(words=f"the {self._default} criteria are met")
            weighed = AnyOf(tuple([item.when for item in mimic.evidence]))
            return _Disease(mimic, All(()), weighed, self._established(met))
        settles = [one for one in (mimic.confirmed, mimic.excluded) if one is not None]
        telling = tuple([item.when for item in mimic.evidence if item.weight >= self._moderate])
        strong = tuple([item.when for item in mimic.evidence if item.weight >= self._strong])
        calls = mimic.consider_when
        if strong and len(telling) > 1:
            calls = AnyOf((calls, All((AnyOf(strong), AtLeast(2, telling)))))
        node = AnyOf((calls, *[one.when for one in settles], *[item.when for item in mimic.evidence]))
        return _Disease(mimic, calls, node, self._established(mimic.confirmed))

    def _made_ready(self, disease: _Disease) -> _Ready:
        mimic = disease.mimic
        read = self._settler.reader
        items = [
            # Where an item names several findings, its row says which of them make it hold.
            (item, self._holds(item.when), self._held_by(item.when) if isinstance(item.when, (AnyOf, All, AtLeast)) else None)
            for item in sorted(mimic.evidence, key=_by_weight)
        ]
        own, kept = self._settler.picker(disease.node), Memo[object, _Weighed](_REMEMBERED)
        if mimic is self._rules.profile:
            return _Ready(disease, own, kept, tuple(items), _unknown, _unknown, _unknown, ())
        confirmed, excluded = (_unknown if one is None else read(one.when) for one in (mimic.confirmed, mimic.excluded))
        callers = [leaf for leaf in leaves(mimic.consider_when) if leaf.finding != LABEL]
        asked = tuple([(leaf.finding, self._settler.place(leaf) or 0) for leaf in callers])
        return _Ready(disease, own, kept, tuple(items), confirmed, excluded, read(disease.calls), asked)

    def _established(self, settles: Settles | None) -> Evidence | None:
        if settles is None:
            return None
        told = self._rules.evidence["established"]
        basis = Basis(told.get("source"), told.get("read"), bool(told.get("default", False)), told.get("note"))
        ratio = told["likelihood_ratio"]
        return Evidence(settles.when, settles.words, told["weight"], None, ratio, "establishes it", basis)

    def conditions(self) -> Iterator[MimicConditions]:
        """The mimics with the conditions by which they are ranked, the syndrome's own profile left aside."""
        for disease in self._diseases:
            if disease.mimic is not self._rules.profile:
                established = disease.established.weight if disease.established else None
                yield MimicConditions(disease.mimic, disease.calls, established)

    # --- all rows -----------------------------------------------------------------------------------------------------

    def rank(self, facts: Facts, met: Truth, every: bool) -> Ranking:
        """All rows in order; ``met`` is the verdict of the default criteria set, which establishes the syndrome.

        The criteria sets of mimics to consider are answered; those of ``every`` mimic where that is asked for.
        """
        states = self._settler.states(facts)
        profile = self._rules.profile
        rows = [
            ready.kept.get(ready.own(states)) or self._row(ready, states)
            for ready in self._ready
            if ready.disease.mimic is not profile
        ]
        rows += [self._own_row(ready, states, met) for ready in self._ready if ready.disease.mimic is profile]
        rows.sort(key=itemgetter(0))
        present = sorted(_specific(self._rules, facts), key=self._position.__getitem__)
        syndrome: Rival | None = None
        mimics: list[Rival] = []
        sources: set[str] = set()
        for place, (_, disease, row, cited) in enumerate(rows, 1):
            if row.status == "consider" or every:
                unexplained = tuple([one for one in present if one not in disease.mimic.explains])
                criteria = tuple([self._answer(set_id, facts, sources) for set_id in disease.mimic.criteria])
                rival = Rival(row, place, unexplained, criteria)
                sources |= cited
            else:
                rival = Rival(row, place, (), ())
            if disease.mimic is profile:
                syndrome = rival
            else:
                mimics.append(rival)
        return Ranking(syndrome, tuple(mimics), frozenset(sources))

    def _answer(self, set_id: str, facts: Facts, sources: set[str]) -> CriteriaResult:
        if set_id not in self._answerers:
            self._answerers[set_id] = _answerer(self._rules.mimic_criteria[set_id])
        settler, answerer = self._answerers[set_id]
        result, cited = answerer.answer(facts, settler.states(facts))
        sources |= cited
        return result

    # --- one row ------------------------------------------------------------------------------------------------------

    def _row(self, ready: _Ready, states: States) -> "_Weighed":
        """A mimic in one state; kept for the next patient in the same state."""
        weighed = ready.kept[ready.own(states)] = _weighed(ready.disease, self._weigh(ready, states))
        return weighed

    def _own_row(self, ready: _Ready, states: States, met: Truth) -> "_Weighed":
        """The syndrome in one state; kept likewise."""
        key = (met, ready.own(states))
        weighed = ready.kept.get(key)
        if weighed is None:
            weighed = ready.kept[key] = _weighed(ready.disease, self._weigh_own(ready, states, met))
        return weighed

    def _weigh(self, ready: _Ready, states: States) -> Row:
        mimic = ready.disease.mimic
        confirmed, excluded, called_up = ready.confirmed(states), ready.excluded(states), ready.calls(states)
        supporting, opposing, evidence = self._evidence(ready, states, established=bool(confirmed))
        status = _status(confirmed, excluded, called_up, evidence)
        callers = self._holding(ready.disease.calls, states) if called_up else ()
        open_callers: tuple[str, ...] = ()
        if called_up is None:
            open_callers = tuple(dict.fromkeys([finding for finding, place in ready.asked if states[place] is None]))
        settled_by = tuple(self._settled_by(mimic, confirmed, excluded, states)) if status == "consider" else ()
        return Row(
            mimic.id, status, evidence, supporting, opposing, confirmed, excluded, called_up, callers, open_callers, settled_by
        )

    def _weigh_own(self, ready: _Ready, states: States, met: Truth) -> Row:
        """The syndrome's own row: its criteria establish it."""
        supporting, opposing, evidence = self._evidence(ready, states, established=bool(met))
        called_up = bool(supporting) or None
        status = _status(met, None, called_up, evidence)
        return Row(ready.disease.mimic.id, status, evidence, supporting, opposing, met, None, called_up)

    def _evidence(
        self, ready: _Ready, states: States, *, established: bool
    ) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...], float]:
        """The items that hold, for and against, the heaviest first, and their sum."""
        holding = [
            item if holders is None else self._with_holding(item, holders(states))
            for item, holds, holders in ready.items
            if holds(states)
        ]
        if established and ready.disease.established is not None:
            holding = sorted([*holding, ready.disease.established], key=_by_weight)
        if not holding:
            return (), (), 0
        supporting = tuple([item for item in holding if item.weight > 0])
        opposing = tuple([item for item in holding if item.weight < 0])
        return supporting, opposing, round(sum([item.weight for item in holding]), 1)

    def _with_holding(self, item: Evidence, held: tuple[Held, ...]) -> Evidence:
        """An item with the findings that make it hold, each once: the same object for the same findings."""
        key = (id(item), held)  # of the rules, which live as long as this does
        known = self._held.get(key)
        if known is None:
            known = self._held[key] = item._replace(holding=tuple(dict.fromkeys(held)))
        return known

    def _holds(self, node: Expression) -> _Holds:
        """Whether a condition holds, made ready: most are a single finding, or any of some, whose values stand in the state."""
        place = self._settler.place(node)
        if place is not None:
            return itemgetter(place)
        places = [self._settler.place(child) for child in node.children] if isinstance(node, AnyOf) else [None]
        known = [one for one in places if one is not None]
        if len(known) == len(places) > 1:
            several = itemgetter(*known)
            return lambda states: True in several(states)
        if isinstance(node, Not) and (denied := self._settler.place(node.child)) is not None:
            return lambda states: states[denied] is False
        return lambda states: self._settler.value(node, states)

    def _settled_by(self, mimic: Mimic, confirmed: Truth, excluded: Truth, states: States) -> Iterator[OpenAnswer]:
        """The unknown findings that would help to establish the mimic, or to exclude it."""
        for settles, value, establishes in ((mimic.confirmed, confirmed, True), (mimic.excluded, excluded, False)):
            if settles is not None and value is None:
                wanted = dict.fromkeys(self._open(settles.when, states, True))
                yield from (OpenAnswer(finding, answer, establishes) for finding, answer in wanted)

    def _open(self, node: Expression, states: States, goal: bool) -> Iterator[tuple[str, bool]]:
        """The unknown leaves that keep a condition open, each with the answer toward the goal."""
        if self._settler.value(node, states) is not None:
            return
        match node:
            case Not():
                yield from self._open(node.child, states, not goal)
            case All() | AnyOf() | AtLeast() | Score():
                for child in node.children:
                    yield from self._open(child, states, goal)
            case _:
                yield from ((leaf.finding, goal) for leaf in leaves(node))

    def _holding(self, node: Expression, states: States) -> tuple[Held, ...]:
        """The findings that make a condition hold, each once."""
        return tuple(dict.fromkeys(self._held_by(node)(states)))

    def _held_by(self, node: Expression) -> _Holders:
        holders = self._holders.get(id(node))
        if holders is None:
            holders = self._holders[id(node)] = self._holder(node)
        return holders

    def _holder(self, node: Expression) -> _Holders:
        """A function that tells what makes a condition hold: the tree is walked once, not for every state."""
        holds = self._holds(node)
        if isinstance(node, (All, AnyOf, AtLeast, Score)):
            inner = [self._holder(child) for child in node.children]
            return lambda states: tuple([held for one in inner for held in one(states)]) if holds(states) else ()
        if isinstance(node, Not):
            held = tuple([Held(leaf.finding, False) for leaf in leaves(node.child) if isinstance(leaf, Present)])
        else:
            held = tuple([Held(leaf.finding) for leaf in leaves(node)])
        return lambda states: held if holds(states) else ()


def _status(confirmed: Truth, excluded: Truth, called_up: Truth, evidence: float) -> Status:
    if confirmed or (called_up and evidence >= 0 and not excluded):
        return "consider"
    if excluded:
        return "excluded"
    looked_for = called_up is False and evidence == 0  # what could call for it was looked for, and is absent
    return "less likely" if evidence < 0 or looked_for else "not assessed"


def _answerer(criteria: CriteriaSet) -> tuple[Settler, Answerer]:
    settler = Settler(AnyOf(tuple([level.expression for level in criteria.levels])), NO_LINKS)
    return settler, Answerer(criteria, settler)


def _weighed(disease: _Disease, row: Row) -> _Weighed:
    bases = [item.basis for item in (*row.supporting, *row.opposing)]
    return _Weighed(_importance(disease, row), disease, row, frozenset([one.source for one in bases if one.source]))


def _importance(disease: _Disease, row: Row) -> tuple[int, float, int, str]:
    """To consider, less likely, not assessed, excluded; within each by evidence, then the commoner disease, then the id."""
    return _ORDER[row.status], -row.evidence, disease.mimic.commonness, row.id


def _by_weight(item: Evidence) -> tuple[float, str]:
    return -abs(item.weight), item.label


def _unknown(_: States) -> Truth:
    """The value of a condition that is not there."""
    return None


def _specific(rules: Rules, facts: Facts) -> tuple[str, ...]:
    """The present findings, without those that follow from another one: an enlarged spleen, not the organomegaly as well."""
    present = [finding for finding, value in facts.values.items() if value]
    follow = {whole for one in present for whole in rules.implies.get(one, ())}
    return tuple([one for one in present if one not in follow])
