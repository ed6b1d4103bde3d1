"""What else it could be: every mimic, and the syndrome itself, weighed against what is known of one patient.

A row's evidence is the sum of what its items weigh, each by whether its condition holds or fails. An item whose findings are
unknown weighs nothing, so learning nothing changes nothing. The sum orders the rows; it is not a probability, since the
findings of a disease are not independent of each other. That a disease is established, or that the criteria of the syndrome
are met, adds nothing: the findings that say so have been weighed. A patient with Schnitzler syndrome may meet them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from poems_cli.engine.criteria import Answerer
from poems_cli.engine.explained import Causes
from poems_cli.engine.expressions import leaves
from poems_cli.engine.findings import uses
from poems_cli.engine.literals import NO_LINKS, Literals, States
from poems_cli.memo import Memo
from poems_cli.model import (
    LABEL,
    All,
    AnyOf,
    AtLeast,
    Cause,
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
    Status,
    Truth,
    Weight,
)

_REMEMBERED = 3_000  # rows kept for each disease
_CODES: Mapping[Truth, int] = {None: 0, False: 1, True: 2}
_ORDER: Mapping[Status, int] = {"consider": 0, "less likely": 1, "not assessed": 2, "excluded": 3}


class Ranking(NamedTuple):
    """The syndrome's own row and the mimics', each with its place among all of them, and the sources that they rest on."""

    syndrome: Rival | None
    mimics: tuple[Rival, ...]
    sources: frozenset[str]


#: The findings that make a condition hold in a state.
_Holders: TypeAlias = Callable[[States], tuple[Held, ...]]


class _Disease(NamedTuple):
    """A mimic and what is weighed of it.

    ``calls`` calls for it: its own condition, or two present findings that speak for it by as many points as the rules ask of
    them. ``node`` holds that, what settles it and all its evidence. ``own`` is the row of the syndrome itself.
    """

    mimic: Mimic
    calls: Expression
    node: Expression
    own: bool = False


class _Item(NamedTuple):
    """An item of evidence with the value of its condition, and what it weighs by it; ``None`` where that is nothing.

    Each weight has its place among all of the disease, the heaviest first. ``holders`` gives the findings that make it hold,
    where its condition names several.
    """

    value: Callable[[States], Truth]
    present: tuple[int, Weight] | None
    absent: tuple[int, Weight] | None
    holders: _Holders | None


class _Ready(NamedTuple):
    """A disease with functions that read from a state all that its row rests on.

    ``own`` is the part on which the row depends of a state that is laid out by disease. ``asked`` are the findings that could
    call for it, with their places in a state.
    """

    disease: _Disease
    own: slice
    items: tuple[_Item, ...]
    once: bool
    confirmed: Callable[[States], Truth]
    excluded: Callable[[States], Truth]
    calls: Callable[[States], Truth]
    asked: tuple[tuple[str, int], ...]


class _Weighed(NamedTuple):
    """A disease's row in one state; the rows are ranked by their ``importance``."""

    importance: tuple[int, float, int, str]
    disease: _Disease
    row: Row


class MimicConditions(NamedTuple):
    """A mimic, what calls for it, and what can weigh for or against it: the first of each part of ``evidence`` that holds."""

    mimic: Mimic
    calls: Expression
    evidence: tuple[tuple[Weight, ...], ...]


class Differential:
    """Ranks the mimics of one set of rules for many patients."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._strongest, self._next = rules.evidence.suggests
        self._less_likely = rules.evidence.less_likely
        self._explained_part = rules.evidence.explained
        self._causes = Causes(rules)
        diseases = [*rules.mimics.values(), *filter(None, [rules.profile])]
        self._diseases = [self._prepared(disease) for disease in diseases]
        self._settler = Literals(AnyOf(tuple([disease.node for disease in self._diseases])), NO_LINKS)
        self._holders: dict[int, _Holders] = {}
        self._held: Memo[tuple[int, tuple[Held, ...]], Weight] = Memo(_REMEMBERED)
        places = [self._settler.places(disease.node) for disease in self._diseases]
        ends = accumulate(map(len, places))
        ready = [self._made_ready(*each) for each in zip(self._diseases, ends, strict=True)]
        every = [place for each in places for place in each]
        self._by_disease = itemgetter(*every, every[0])  # one twice, so that even a single one is a tuple
        self._profiles = [each for each in ready if each.disease.own]
        mimics = [each for each in ready if not each.disease.own]
        # The rows of earlier patients by what they depend on; those in full are kept apart from those that are only ranked.
        self._mimics = {in_full: [(each, each.own, _rows()) for each in mimics] for in_full in (True, False)}
        self._own_rows = _rows()
        self._ranked: Memo[tuple[object, ...], _Weighed] = Memo(20 * _REMEMBERED)
        self._position = {finding: number for number, finding in enumerate(rules.findings)}
        self._answerers: dict[str, tuple[Literals, Answerer]] = {}

    def _prepared(self, mimic: Mimic) -> _Disease:
        weighed = [item.when for item in mimic.evidence]
        if mimic is self._rules.profile:
            return _Disease(mimic, All(()), AnyOf(tuple(weighed)), own=True)
        settles = [settling.when for settling in (mimic.confirmed, mimic.excluded) if settling is not None]
        strongest = tuple([item.when for item in mimic.evidence if item.present >= self._strongest])
        telling = tuple([item.when for item in mimic.evidence if item.present >= self._next])
        calls = mimic.consider_when
        if strongest and len(telling) > 1:
            calls = AnyOf((calls, All((AnyOf(strongest), AtLeast(2, telling)))))
        return _Disease(mimic, calls, AnyOf((calls, *settles, *weighed)))

    def _made_ready(self, disease: _Disease, end: int) -> _Ready:
        mimic = disease.mimic
        read = self._settler.reader
        weights = enumerate(_heaviest_first(mimic.evidence))
        placed = {(id(weight.item), weight.present): (place, weight) for place, weight in weights}
        items = tuple([self._item(item, placed) for item in mimic.evidence])
        once = any(item.once is not None for item in mimic.evidence)
        own = slice(end - len(self._settler.places(disease.node)), end)
        if disease.own:
            return _Ready(disease, own, items, once, _unknown, _unknown, _unknown, ())
        confirmed, excluded = (
            _unknown if settling is None else read(settling.when) for settling in (mimic.confirmed, mimic.excluded)
        )
        callers = [leaf for leaf in leaves(mimic.consider_when) if leaf.finding != LABEL]
        asked = tuple([(leaf.finding, self._settler.place(leaf) or 0) for leaf in callers])
        return _Ready(disease, own, items, once, confirmed, excluded, read(disease.calls), asked)

    def _item(self, item: Evidence, placed: Mapping[tuple[int, bool], tuple[int, Weight]]) -> _Item:
        named = isinstance(item.when, (AnyOf, All, AtLeast))
        present, absent = placed.get((id(item), True)), placed.get((id(item), False))
        return _Item(self._settler.reader(item.when), present, absent, self._held_by(item.when) if named else None)

    def conditions(self) -> Iterator[MimicConditions]:
        """The mimics without the syndrome itself, of equal evidence the one that ranks highest last."""
        diseases = [disease for disease in self._diseases if not disease.own]
        for disease in sorted(diseases, key=lambda disease: (disease.mimic.commonness, disease.mimic.id), reverse=True):
            yield MimicConditions(disease.mimic, disease.calls, _counted_once(disease.mimic.evidence))

    def rank(self, facts: Facts, met: Truth, causes: list[Cause], every: bool, *, in_full: bool = True) -> Ranking:
        """All rows in order; ``met`` is the verdict of the default criteria set, which establishes the syndrome.

        What one of the established ``causes`` explains weighs less for the syndrome. The criteria sets of mimics to consider
        are answered; those of ``every`` mimic where that is asked for. Where rows are not wanted ``in_full``, those of mimics
        that are not to be considered have only what ranks them.
        """
        states = self._settler.states(facts)
        laid_out = bytes(self._by_disease(tuple(map(_CODES.__getitem__, states))))  # a byte each, as many of them are kept
        rows: list[_Weighed] = []
        for ready, own, kept in self._mimics[in_full]:
            key = laid_out[own]
            weighed = kept.get(key)
            if weighed is None:
                weighed = kept[key] = self._weigh(ready, states, in_full)
            rows.append(weighed)
        rows += [self._own_row(each, states, (met, laid_out[each.own]), causes, facts) for each in self._profiles]
        rows.sort(key=itemgetter(0))
        if rows[0].disease.own and rows[0].row.status != "consider":
            rows.append(rows.pop(0))  # it heads no list in which nothing speaks for it
        present = sorted(_specific(self._rules, facts), key=self._position.__getitem__)
        syndrome: Rival | None = None
        mimics: list[Rival] = []
        sources: set[str] = set()
        for place, (_, disease, row) in enumerate(rows, 1):
            if row.status == "consider" or every:
                unexplained = tuple([element for element in present if element not in disease.mimic.explains])
                criteria = tuple([self._answer(set_id, facts, sources) for set_id in disease.mimic.criteria])
                rival = Rival(row, place, unexplained, criteria)
                sources.update(_sources(row))
            else:
                rival = Rival(row, place, (), ())
            if disease.own:
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

    def _own_row(
        self, ready: _Ready, states: States, key: tuple[Truth, bytes], causes: list[Cause], facts: Facts
    ) -> "_Weighed":
        """The syndrome in one state; kept for the next patient in it, unless another disease explains some of it."""
        weighed = None if causes else self._own_rows.get(key)
        if weighed is None:
            weights = self._weights(ready, states, holding=True)
            if causes:
                weights = sorted([self._reduced(weight, causes, facts) for weight in weights], key=_by_weight)
            weighed = _weighed(ready.disease, self._weigh_own(ready.disease.mimic.id, _once(weights), key[0]))
            if not causes:
                self._own_rows[key] = weighed
        return weighed

    def _reduced(self, weight: Weight, causes: list[Cause], facts: Facts) -> Weight:
        """A weight for the syndrome, less where established diseases explain all the findings that make it hold."""
        if not weight.present or weight.weight < 0:
            return weight
        held = [part.finding for part in weight.holding if part.present] or uses(weight.item.when)
        explaining = [self._causes.explaining(finding, causes, facts.values) for finding in held]
        if not all(explaining):
            return weight
        return weight._replace(weight=round(weight.weight * self._explained_part, 1), explained_by=explaining[0][0])

    def _weigh(self, ready: _Ready, states: States, in_full: bool) -> _Weighed:
        mimic = ready.disease.mimic
        confirmed, excluded, called_up = ready.confirmed(states), ready.excluded(states), ready.calls(states)
        weights = self._counting(ready, states, holding=in_full)
        evidence = _sum(weights)
        status = self._status(confirmed, excluded, called_up, evidence)
        if not in_full:
            if status != "consider":
                return self._only_ranked(ready.disease, status, evidence, (confirmed, excluded, called_up))
            weights = self._counting(ready, states, holding=True)
        supporting, opposing = _sides(weights)
        callers = self._holding(ready.disease.calls, states) if called_up else ()
        open_callers: tuple[str, ...] = ()
        if called_up is None:
            open_callers = tuple(dict.fromkeys([finding for finding, place in ready.asked if states[place] is None]))
        settled_by = tuple(self._settled_by(mimic, confirmed, excluded, states)) if status == "consider" else ()
        row = Row(
            mimic.id, status, evidence, supporting, opposing, confirmed, excluded, called_up, callers, open_callers, settled_by
        )
        return _weighed(ready.disease, row)

    def _only_ranked(self, disease: _Disease, status: Status, evidence: float, values: tuple[Truth, Truth, Truth]) -> _Weighed:
        """What ranks a row, in one record for all states in which it is the same: they are many more."""
        key = disease.mimic.id, status, repr(evidence), *values  # its text: that of nothing weighed differs from that of a zero
        known = self._ranked.get(key)
        if known is None:
            row = Row(disease.mimic.id, status, evidence, (), (), *values)
            known = self._ranked[key] = _weighed(disease, row)
        return known

    def _weigh_own(self, syndrome: str, weights: list[Weight], met: Truth) -> Row:
        """The syndrome's own row: its criteria establish it, and any present finding that speaks for it calls for it."""
        supporting, opposing = _sides(weights)
        evidence = _sum(weights)
        called_up = any(weight.present for weight in supporting) or None
        status = self._status(met, None, called_up, evidence)
        return Row(syndrome, status, evidence, supporting, opposing, met, None, called_up)

    def _status(self, confirmed: Truth, excluded: Truth, called_up: Truth, evidence: float) -> Status:
        unlikely = evidence < self._less_likely
        if confirmed or (called_up and not unlikely and not excluded):
            return "consider"
        if excluded:
            return "excluded"
        looked_for = called_up is False and evidence <= 0  # what could call for it was looked for, and is absent
        return "less likely" if unlikely or looked_for else "not assessed"

    def _counting(self, ready: _Ready, states: States, *, holding: bool) -> list[Weight]:
        """The weights that count: of those that follow from each other only the heaviest."""
        weights = self._weights(ready, states, holding=holding)
        return _once(weights) if ready.once else weights

    def _weights(self, ready: _Ready, states: States, *, holding: bool) -> list[Weight]:
        """What the items weigh, the heaviest first; ``holding`` adds the findings that make each hold."""
        placed: list[tuple[int, Weight]] = []
        for value, present, absent, holders in ready.items:
            holds = value(states)
            if holds:
                if present is not None:
                    place, weight = present
                    placed.append(
                        present if holders is None or not holding else (place, self._with_holding(weight, holders(states)))
                    )
            elif holds is False and absent is not None:
                placed.append(absent)
        return [weight for _, weight in sorted(placed, key=itemgetter(0))]

    def _with_holding(self, weight: Weight, held: tuple[Held, ...]) -> Weight:
        """A weight with the findings that make it hold, each once: the same object for the same findings."""
        key = (id(weight), held)  # of the items, which live as long as this does
        known = self._held.get(key)
        if known is None:
            known = self._held[key] = weight._replace(holding=tuple(dict.fromkeys(held)))
        return known

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
        """A function that gives what makes a condition hold: the tree is walked once, not for every state."""
        holds = self._settler.reader(node)
        if isinstance(node, (All, AnyOf, AtLeast, Score)):
            inner = [self._holder(child) for child in node.children]
            return lambda states: tuple([held for read_inner in inner for held in read_inner(states)]) if holds(states) else ()
        if isinstance(node, Not):
            held = tuple([Held(leaf.finding, False) for leaf in leaves(node.child) if isinstance(leaf, Present)])
        else:
            held = tuple([Held(leaf.finding) for leaf in leaves(node)])
        return lambda states: held if holds(states) else ()


def _heaviest_first(items: Sequence[Evidence]) -> list[Weight]:
    """All that the items can weigh, present or absent."""
    weights = [Weight(item, item.present, True) for item in items] + [Weight(item, item.absent, False) for item in items]
    return sorted([weight for weight in weights if weight.weight], key=_by_weight)


def _counted_once(evidence: Sequence[Evidence]) -> tuple[tuple[Weight, ...], ...]:
    """What the items can weigh, in parts of which only the heaviest counts."""
    parts: dict[object, list[Evidence]] = {}
    for number, item in enumerate(evidence):
        parts.setdefault(number if item.once is None else item.once, []).append(item)
    return tuple([tuple(_heaviest_first(items)) for items in parts.values()])


def _once(weights: list[Weight]) -> list[Weight]:
    """Of the weights, the heaviest first, that follow from each other only the first."""
    first: dict[str, Weight] = {}
    return [item for item in weights if item.item.once is None or first.setdefault(item.item.once, item) is item]


def _sides(weights: list[Weight]) -> tuple[tuple[Weight, ...], tuple[Weight, ...]]:
    """What speaks for a disease, and what against it."""
    return tuple([item for item in weights if item.weight > 0]), tuple([item for item in weights if item.weight < 0])


def _sum(weights: list[Weight]) -> float:
    return round(sum([item.weight for item in weights]), 1) if weights else 0


def _rows() -> Memo[object, _Weighed]:
    return Memo(_REMEMBERED)


def _answerer(criteria: CriteriaSet) -> tuple[Literals, Answerer]:
    settler = Literals(AnyOf(tuple([level.expression for level in criteria.levels])), NO_LINKS)
    return settler, Answerer(criteria, settler)


def _weighed(disease: _Disease, row: Row) -> _Weighed:
    return _Weighed(_importance(disease, row), disease, row)


def _sources(row: Row) -> Iterator[str]:
    """What the items of a row rest on."""
    for weight in (*row.supporting, *row.opposing):
        yield from filter(None, (weight.item.basis.source, weight.item.reference.source))


def _importance(disease: _Disease, row: Row) -> tuple[int, float, int, str]:
    """To consider, less likely, not assessed, excluded; within each by evidence, then the commoner disease, then the id."""
    return _ORDER[row.status], -row.evidence, disease.mimic.commonness, row.id


def _by_weight(weight: Weight) -> tuple[float, float, str]:
    return -abs(weight.weight), -weight.weight, weight.label


def _unknown(_: States) -> Truth:
    """The value of a condition that is not there."""
    return None


def _specific(rules: Rules, facts: Facts) -> tuple[str, ...]:
    """The present signs, without those that follow from another one: an enlarged spleen, not the organomegaly as well."""
    present = [finding for finding, value in facts.values.items() if value and rules.findings[finding].is_sign]
    follow = {whole for element in present for whole in rules.implies.get(element, ())}
    return tuple([element for element in present if element not in follow])
