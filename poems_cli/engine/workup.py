"""Which tests give the answers: the fewest for a settling set, and the order in which they are worth doing.

The order is greedy by gain per burden. A settling set of n answers lends each of its answers 1/n, and the sets toward met
and toward not met share one unit each, so that an answer weighs more the more ways to a verdict it opens and the fewer
others they need. A test gains the weights of the answers that it can give, present or absent; its burden is
1 + cost + invasiveness, classes from ``rules/tests.yaml``. Of equal worth, a test that answers a criterion comes before one
that only concerns mimics; then the order of the rules decides.

The mimics in play share one further unit: each the same part, one that must not be missed a double part, spread evenly over
the unknown findings that would help to establish or to exclude it. Once the default set is not met, the first of them decides
the order, then the others, then what is open in other sets.

Tests that are one order are one entry, with the greatest cost and invasiveness among them. A test that makes sense only under a
condition is left out where the condition is false; while it is unknown, the test comes after one that answers the condition.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from math import fsum
from typing import NamedTuple, TypeAlias

from poems_cli.engine.expressions import Leaf, leaves
from poems_cli.engine.findings import inputs
from poems_cli.engine.literals import NO_LINKS, Literals, States
from poems_cli.engine.logic import State, truth
from poems_cli.engine.settling import answer_order, implicants
from poems_cli.memo import Memo
from poems_cli.model import (
    Answer,
    AnyOf,
    Compare,
    DecisiveUnknown,
    Expression,
    MimicHint,
    Not,
    OrderedTest,
    Present,
    Row,
    Rules,
    SettlingSet,
)

#: A finding and the answer that a test gives: present or absent.
Given: TypeAlias = tuple[str, bool]

#: A set of tests: its burden (their number, cost and invasiveness, in that order of weight), and minus their bits.
Cover: TypeAlias = tuple[int, int]


#: An answer that no test gives outweighs every test: such a set comes last.
_TELLING = 3.0  # points of evidence: a test is worth nothing for an answer that weighs less
_BEYOND_TESTS = 1 << 40

_REMEMBERED = 8_000


#: The unknowns that an order answers, and those that it can only show.
_Offered: TypeAlias = tuple[tuple[DecisiveUnknown, ...], tuple[DecisiveUnknown, ...]]


class Open(NamedTuple):
    """What is open of one patient, or of many, whatever is known of the mimics.

    ``tests`` are those that answer the unknowns; ``offered`` remembers what each order answers of them.
    """

    unknowns: tuple[DecisiveUnknown, ...]
    weights: Mapping[Given, float]
    by_finding: Mapping[str, tuple[DecisiveUnknown, ...]]
    tests: frozenset[str]
    offered: dict[tuple[str, ...], _Offered]


class _Plan(NamedTuple):
    """What the tests of one patient are ordered by.

    ``gives`` are the answers of each order, named by the first of its tests, in the order that decides between equals;
    ``joined`` its tests, ``first`` the order of each test; ``conditional`` the tests that tell whether a test makes sense,
    while that is unknown.
    """

    gives: Mapping[str, frozenset[Given]]
    joined: Mapping[str, tuple[str, ...]]
    first: Mapping[str, str]
    conditional: Mapping[str, frozenset[str]]
    goals: Sequence[dict[Given, float]]
    hints: Sequence[Sequence[tuple[Given, MimicHint]]]


class Workup:
    """The tests of one rules file, indexed by the answers that they can give.

    Sets of answers and of tests are bit masks inside. An answer's bit is the lower the fewer tests give it, so that the
    lowest bit of what is wanted is the answer with the least choice; a test's bit is the higher the earlier it stands.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._tests = rules.tests
        self.tests = tuple(rules.tests)
        self._rank = {test_id: position for position, test_id in enumerate(self.tests)}
        self._given = {
            test.id: frozenset([(finding, answer) for finding in test.answers for answer in (True, False)])
            | {(finding, True) for finding in test.shows}
            for test in rules.tests.values()
        }
        giving: dict[Given, list[str]] = {}
        for test_id, answers in self._given.items():
            for answer in answers:
                giving.setdefault(answer, []).append(test_id)
        scarcest = sorted(giving, key=lambda answer: (len(giving[answer]), answer))
        self._bit = {answer: 1 << number for number, answer in enumerate(scarcest)}
        gives = {test_id: sum(self._bit[answer] for answer in answers) for test_id, answers in self._given.items()}
        self._giving_tests = giving
        self._burdens: dict[tuple[str, ...], int] = {}
        self._choices = {
            self._bit[answer]: [(gives[test], self._single_cover(test)) for test in tests] for answer, tests in giving.items()
        }
        self._tests_for = {
            finding: tuple(sorted(tests, key=self._rank.__getitem__)) for (finding, present), tests in giving.items() if present
        }
        self._order_of = {other: test.id for test in rules.tests.values() for other in test.ordered_with}
        self._conditions = {test.id: test.sensible_when for test in rules.tests.values() if test.sensible_when is not None}
        self._sense = Literals(AnyOf(tuple(self._conditions.values())), NO_LINKS)
        self._telling: Memo[tuple[str, object], frozenset[str]] = Memo(_REMEMBERED)
        self._indirect: dict[str, tuple[str, ...]] = {}
        self._compared: dict[str, tuple[Leaf, ...]] = {}
        self._covers: Memo[int, Cover] = Memo(_REMEMBERED)
        self._orders: Memo[tuple[Answer, ...], tuple[list[tuple[str, str, bool]], tuple[Answer, ...]]] = Memo(_REMEMBERED)
        self._covers_of: Memo[tuple[Answer, ...], Cover] = Memo(_REMEMBERED)
        self._apart: Memo[tuple[object, ...], tuple[int, ...]] = Memo(_REMEMBERED)

    def _single_cover(self, test_id: str) -> Cover:
        """One test as a cover of its own."""
        test = self._tests[test_id]
        burden = (1 << 20) + (test.cost << 10) + test.invasiveness
        return burden, -(1 << (len(self.tests) - 1 - self._rank[test_id]))

    def tests_for(self, finding: str) -> tuple[str, ...]:
        """The tests that answer a finding or can show it, in the order of the rules."""
        return self._tests_for.get(finding, ())

    def shares(self, finding: str, present: bool) -> list[float]:
        """What each test gains, in the order of the rules, of an answer that weighs 1: nothing where it can't give it."""
        answer = (finding, present)
        return [1 / self._burden((test,)) if answer in self._given[test] else 0.0 for test in self.tests]

    def giving(self, finding: str, present: bool) -> tuple[str, ...]:
        """The tests that can give an answer, in the order of the rules."""
        return tuple([test for test, given in self._given.items() if (finding, present) in given])

    def indirect(self, finding: str) -> tuple[str, ...]:
        """What must be answered instead of a finding that no test can exclude by itself; empty when one can."""
        known = self._indirect.get(finding)
        if known is None:
            steps: list[str] = []
            if (finding, False) not in self._bit:
                steps = [step for step in dict.fromkeys(inputs(self._rules, finding)) if step != finding]
            known = tuple(dict.fromkeys([*steps, *(deeper for step in steps for deeper in self.indirect(step))]))
            self._indirect[finding] = known
        return known

    def _read(self, finding: str) -> tuple[Leaf, ...]:
        """The comparisons and the like by which it is decided what must be answered instead of a finding."""
        known = self._compared.get(finding)
        if known is None:
            definitions = [self._rules.findings[each].definition for each in (finding, *self.indirect(finding))]
            read = [leaf for definition in definitions if definition is not None for leaf in leaves(definition)]
            known = self._compared[finding] = tuple([leaf for leaf in dict.fromkeys(read) if not isinstance(leaf, Present)])
        return known

    def beyond_one_test(self, sets: Iterable[Iterable[Answer]]) -> tuple[Given, ...]:
        """The answers that no test gives by itself."""
        given = dict.fromkeys([(answer.finding, answer.present) for answers in sets for answer in answers])
        return tuple([answer for answer in given if answer not in self._bit])

    def cheapest(self, sets: Iterable[tuple[Answer, ...]], state: State, most: int) -> tuple[SettlingSet, ...]:
        """The settling sets that need the fewest, then cheapest, then least invasive tests; ``most`` of them, best first.

        An answer that no test gives by itself is taken apart by its definition: no clone needs immunofixation of serum and
        of urine and the marrow. What is known already needs no test.
        """
        found = [(self._cover_of(answers, state), len(answers), answers) for answers in sets]
        found.sort(key=lambda offer: offer[:2])
        if len(found) > most:
            found = [offer for offer in found if offer[:2] <= found[most - 1][:2]]
        # Equals in an order of their own: that of ``sets`` depends on the patients answered before.
        found.sort(key=lambda offer: (*offer[:2], self._in_order(offer[2])[0]))
        return tuple([self._settling_set(cover, answers) for cover, _, answers in found[:most]])

    def _settling_set(self, cover: Cover, answers: tuple[Answer, ...]) -> SettlingSet:
        chosen = -cover[1]
        last = len(self.tests) - 1
        tests = tuple([test for position, test in enumerate(self.tests) if chosen & (1 << (last - position))])
        cost = sum(self._tests[test].cost for test in tests)
        invasiveness = sum(self._tests[test].invasiveness for test in tests)
        return SettlingSet(self._in_order(answers)[1], tests, cost, invasiveness)

    def _in_order(self, answers: tuple[Answer, ...]) -> tuple[list[tuple[str, str, bool]], tuple[Answer, ...]]:
        """The answers in an order that depends on nothing else, and what to compare them by."""
        known = self._orders.get(answers)
        if known is None:
            known = (sorted(map(answer_order, answers)), tuple(sorted(answers, key=answer_order)))
            self._orders[answers] = known
        return known

    def _cover_of(self, answers: tuple[Answer, ...], state: State) -> Cover:
        """The best tests that can give all the answers; remembered where these do not depend on the state."""
        known = self._covers_of.get(answers)
        if known is None:
            known = self._find_cover(answers, state)
            if all((answer.finding, answer.present) in self._bit for answer in answers):
                self._covers_of[answers] = known
        return known

    def _find_cover(self, answers: Iterable[Answer], state: State) -> Cover:
        wanted = missed = 0
        several: tuple[tuple[int, ...], ...] = ()
        for answer in answers:
            given = (answer.finding, answer.present)
            bit = self._bit.get(given)
            if bit is not None:
                wanted |= bit
                continue
            apart = self.taken_apart(given, state)
            if not apart:
                missed += 1
            elif len(apart) == 1:
                wanted |= apart[0]
            else:
                several = (*several, apart)
        ways = [wanted]
        for apart in several:
            ways = [way | other for way in ways for other in apart]
        burden, marks = min([self._cover(way) for way in ways])
        return burden + missed * _BEYOND_TESTS, marks

    def taken_apart(self, answer: Given, state: State) -> tuple[int, ...]:
        """The sets of answers that tests can give and that together give this one; none when it is beyond all tests."""
        bit = self._bit.get(answer)
        if bit is not None:
            return (bit,)
        definition = self._rules.findings[answer[0]].definition
        if definition is None:
            return ()
        key = (
            answer,
            *map(state.values.get, self.indirect(answer[0])),
            *[truth(leaf, state) for leaf in self._read(answer[0])],
        )
        known = self._apart.get(key)
        if known is None:
            found: list[int] = []
            for needed in implicants(definition, state, answer[1], NO_LINKS).sets:
                ways = [0]
                for condition in needed:
                    ways = [
                        way | other for way in ways for other in self.taken_apart((condition.finding, condition.present), state)
                    ]
                found += ways
            known = self._apart[key] = tuple(found)
        return known

    def _cover(self, wanted: int) -> Cover:
        """The best set of tests: the answer with the fewest tests gets one of them, and so on with what remains.

        Exact, and remembered for every remainder met.
        """
        if not wanted:
            return 0, 0
        known = self._covers.get(wanted)
        if known is None:
            known = (1 << 62, 0)
            for gives, (burden, mark) in self._choices[wanted & -wanted]:
                rest = self._cover(wanted & ~gives)
                known = min(known, (burden + rest[0], mark + rest[1]))
            self._covers[wanted] = known
        return known

    def opened(self, unknowns: tuple[DecisiveUnknown, ...], weights: Mapping[Given, float]) -> "Open":
        """What is open, made ready for all patients of whom the same is open."""
        by_finding: dict[str, tuple[DecisiveUnknown, ...]] = {}
        for unknown in unknowns:
            by_finding[unknown.finding] = (*by_finding.get(unknown.finding, ()), unknown)
        tests = frozenset([test for finding in by_finding for test in self.tests_for(finding)])
        return Open(unknowns, weights, by_finding, tests, {})

    def ordered(
        self, still_open: "Open", in_play: Sequence[Row], state: State, *, rivals_first: bool = False
    ) -> tuple[OrderedTest, ...]:
        """The tests that answer the unknowns and settle the mimics, in the order worth doing.

        Each test is credited with what no earlier one gives. ``rivals_first`` puts what settles the mimics before the unknowns,
        and leaves out what adds nothing to either.
        """
        plan = self._plan(still_open, in_play, state, rivals_first=rivals_first)
        order = self._greedy(plan)
        if not rivals_first:  # nothing more to gain: the rest go by the order of the rules
            done = dict(order)
            left = [test for test in plan.gives if test not in done]
            left.sort(key=lambda test: (test in plan.conditional, self._tests[test].last, self._rank[test]))
            order += [(test, 0.0) for test in left]
        settled = self._hints_of_orders(plan)
        return tuple([self._entry(plan, test, worth, still_open, tuple(settled.get(test, ()))) for test, worth in order])

    def worth_doing(
        self, still_open: "Open", in_play: Sequence[Row], state: State, *, rivals_first: bool = False
    ) -> tuple[OrderedTest, ...]:
        """Of the tests in order those with any worth, without what they answer."""
        plan = self._plan(still_open, in_play, state, rivals_first=rivals_first)
        return tuple([OrderedTest(test, (), (), (), worth) for test, gain in self._greedy(plan) if (worth := round(gain, 4))])

    def _plan(self, still_open: "Open", in_play: Sequence[Row], state: State, *, rivals_first: bool) -> "_Plan":
        hints = [list(dict.fromkeys(self._hints(row, state, wide=rivals_first))) for row in in_play]
        weights = still_open.weights
        if rivals_first:
            goals = [self._parts(hints[:1]), self._parts(hints[1:]), dict(weights)]
        else:
            goals = [_sum(weights, self._parts(hints))]
        tests = still_open.tests.union(*[self.tests_for(finding) for each in hints for (finding, _), _ in each])
        gives = self._giving(tests, {given for goal in goals for given in goal} if rivals_first else goals[0])
        if rivals_first:
            gives = self._to_the_point(gives, weights, in_play)
        conditional = self._drop_senseless(gives, state)
        gives, joined = self._joined(gives)
        if not rivals_first:
            gives = dict(sorted(gives.items(), key=lambda order: weights.keys().isdisjoint(order[1])))
        return _Plan(
            gives, joined, {test: first for first, tests in joined.items() for test in tests}, conditional, goals, hints
        )

    def _greedy(self, plan: "_Plan") -> list[tuple[str, float]]:
        """The orders by gain per burden, goal after goal, each with its worth; the goals are used up.

        An order under a condition waits for one that answers the condition, or until no other has any gain.
        """
        usual = {test for test in plan.gives if not self._tests[test].last}
        ready = usual - plan.conditional.keys()
        gains = [self._gains(plan, plan.gives, goal) for goal in plan.goals]  # of the orders that are left
        order: list[tuple[str, float]] = []
        for allowed, goal in [(allowed, each) for allowed in (ready, usual, plan.gives.keys()) for each in gains]:
            while True:
                worth, best = _worthiest(goal, allowed)
                if worth <= 0:
                    break
                order.append((best, worth))
                for each in gains:
                    del each[best]
                ready |= {test for test, tests in plan.conditional.items() if not tests.isdisjoint(plan.joined[best])} & usual
                if best not in plan.conditional:  # whether the other is done at all is not known yet
                    self._credit(plan, best, gains)
        return order

    def _gains(self, plan: "_Plan", orders: Iterable[str], goal: Mapping[Given, float]) -> dict[str, float]:
        """The gain per burden of each order."""
        weight = goal.get
        return {
            order: fsum([weight(answer, 0.0) for answer in plan.gives[order]]) / self._burden(plan.joined[order])
            for order in orders
        }

    def _credit(self, plan: "_Plan", best: str, gains: Sequence[dict[str, float]]) -> None:
        """Take what an order gives from the goals, and from the gains of the other orders that give it too."""
        for goal, each in zip(plan.goals, gains, strict=True):
            answered = [answer for answer in plan.gives[best] if goal.pop(answer, None) is not None]
            others = {plan.first.get(test, "") for answer in answered for test in self._giving_tests[answer]}
            each.update(self._gains(plan, others & each.keys(), goal))

    def _hints(self, row: Row, state: State, *, wide: bool) -> Iterator[tuple[Given, MimicHint]]:
        """The unknown answers that would help to establish a mimic or to exclude it.

        ``wide``: also what its own tests answer of the evidence for and against it, unless it is established.
        """
        for finding, present, inward in row.settled_by:
            yield (finding, present), MimicHint(row.id, finding, inward)
        if not wide or row.confirmed:
            return
        mimic = self._rules.mimics[row.id]
        own = {finding for test in mimic.tests for finding in self._tests[test].answers}
        for item in mimic.evidence:
            for node in item.when.children if isinstance(item.when, AnyOf) else (item.when,):
                leaf = node.child if isinstance(node, Not) else node
                if not (isinstance(leaf, (Present, Compare)) and leaf.finding in own and truth(leaf, state) is None):
                    continue
                for weight, holds in ((item.present, True), (item.absent, False)):
                    if abs(weight) >= _TELLING:
                        yield (leaf.finding, (leaf is node) is holds), MimicHint(row.id, leaf.finding, weight > 0)

    def _to_the_point(
        self, gives: Mapping[str, frozenset[Given]], weights: Mapping[Given, float], in_play: Sequence[Row]
    ) -> dict[str, frozenset[Given]]:
        """The tests that belong to a mimic in play, or give what settles one or another criteria set."""
        wanted = set(weights) | {(finding, present) for row in in_play for finding, present, _ in row.settled_by}
        own = {test for row in in_play for test in self._rules.mimics[row.id].tests}
        return {test: given for test, given in gives.items() if test in own or not wanted.isdisjoint(given)}

    def _drop_senseless(self, gives: dict[str, frozenset[Given]], state: State) -> dict[str, frozenset[str]]:
        """Remove the tests that make no sense; returns those for which that is unknown, with the tests that would answer it."""
        conditional: dict[str, frozenset[str]] = {}
        states = self._sense.states(state)
        for test_id, condition in self._conditions.items():
            if test_id in gives:
                sensible = self._sense.value(condition, states)
                if sensible is None:
                    conditional[test_id] = self._tests_that_tell(test_id, condition, states)
                elif not sensible:
                    del gives[test_id]
        return conditional

    def _tests_that_tell(self, test_id: str, condition: Expression, states: States) -> frozenset[str]:
        """The other tests that answer what is unknown of a condition."""
        key = (test_id, self._sense.own(condition, states))
        known = self._telling.get(key)
        if known is None:
            asked = {leaf.finding for leaf in leaves(condition) if states[self._sense.place(leaf) or 0] is None}
            others = [test for finding in asked for test in self.tests_for(finding) if test != test_id]
            known = self._telling[key] = frozenset(others)
        return known

    def _joined(self, gives: Mapping[str, frozenset[Given]]) -> tuple[dict[str, frozenset[Given]], dict[str, tuple[str, ...]]]:
        """The orders with the answers that they can give, and with the tests of each: one, or several that are one order."""
        orders: dict[str, tuple[str, ...]] = {}
        answers: dict[str, frozenset[Given]] = {}
        firsts: dict[str, str] = {}
        for test_id, given in gives.items():
            together = self._order_of.get(test_id, test_id)
            first = firsts.setdefault(together, test_id)
            orders[first] = (*orders.get(first, ()), test_id)
            answers[first] = answers[first] | given if first in answers else given
        return answers, orders

    def _giving(self, tests: Iterable[str], wanted: Iterable[Given]) -> dict[str, frozenset[Given]]:
        """The tests in the order of the rules, each with the answers wanted that it can give."""
        known = frozenset(wanted)
        return {test: self._given[test] & known for test in sorted(tests, key=self._rank.__getitem__)}

    def first(self, weights: Mapping[Given, float]) -> str | None:
        """The test to begin with, by the weights of the answers alone; ``None`` where no test gives any of them."""
        gives = self._giving({test for finding, _ in weights for test in self.tests_for(finding)}, weights)
        gains = {test: fsum([weights[answer] for answer in answers]) / self._burden((test,)) for test, answers in gives.items()}
        worth, best = _worthiest(gains, gains)
        return best if worth > 0 else None

    def _parts(self, hints: Sequence[Sequence[tuple[Given, MimicHint]]]) -> dict[Given, float]:
        """What the mimics in play lend to the answers that would settle them; see the module's rule."""
        shares = [2 if each and self._rules.mimics[each[0][1].mimic].urgent else 1 if each else 0 for each in hints]
        parts: dict[Given, float] = {}
        for share, each in zip(shares, hints, strict=True):
            for given, _ in each:
                parts[given] = parts.get(given, 0.0) + share / (sum(shares) * len(each))
        return parts

    def _burden(self, together: tuple[str, ...]) -> int:
        """The burden of an order: of several tests that are one order, the greatest cost and invasiveness among them."""
        burden = self._burdens.get(together)
        if burden is None:
            tests = [self._tests[test] for test in together]
            burden = 1 + max([test.cost for test in tests]) + max([test.invasiveness for test in tests])
            self._burdens[together] = burden
        return burden

    def _hints_of_orders(self, plan: "_Plan") -> dict[str, list[MimicHint]]:
        """What each order would show of the mimics in play."""
        hints_of: dict[str, list[MimicHint]] = {}
        for answer, hint in [hint for hints in plan.hints for hint in hints]:
            for order in {plan.first[test] for test in self._giving_tests.get(answer, ()) if test in plan.first}:
                hints_of.setdefault(order, []).append(hint)
        return hints_of

    def _entry(self, plan: "_Plan", test: str, worth: float, still_open: "Open", mimics: tuple[MimicHint, ...]) -> OrderedTest:
        """An order of one test, or of several that are ordered together."""
        together = plan.joined[test]
        answered = still_open.offered.get(together)
        if answered is None:
            answered = still_open.offered[together] = self._offer(together, still_open)
        condition = self._tests[test].sensible_words if test in plan.conditional else None
        return OrderedTest(test, *answered, mimics, round(worth, 4), together[1:], condition)

    def _offer(self, together: tuple[str, ...], still_open: "Open") -> "_Offered":
        """The unknowns that an order answers, and those that it can only show."""
        answered = dict.fromkeys([finding for test in together for finding in self._tests[test].answers])
        shown = dict.fromkeys([finding for test in together for finding in self._tests[test].shows if finding not in answered])
        answers, shows = (
            tuple([unknown for finding in findings for unknown in still_open.by_finding.get(finding, ())])
            for findings in (answered, shown)
        )
        return answers, shows


def _worthiest(gains: Mapping[str, float], allowed: Container[str]) -> tuple[float, str]:
    """The order with the most gain per burden; the first of equals."""
    worth, best = -1.0, ""
    for order, gain in gains.items():
        if gain > worth + 1e-12 and order in allowed:  # sums of the same weights in another order must stay equal
            worth, best = gain, order
    return worth, best


def weigh(directions: Iterable[Sequence[Sequence[Answer]]]) -> dict[Given, float]:
    """How much each answer counts toward a verdict; see the module's rule."""
    weights: dict[Given, float] = {}
    for sets in directions:
        for answers in sets:
            share = 1 / (len(answers) * len(sets))
            for answer in answers:
                key = (answer.finding, answer.present)
                weights[key] = weights.get(key, 0.0) + share
    return weights


def _sum(weights: Mapping[Given, float], more: Mapping[Given, float]) -> dict[Given, float]:
    both = dict(weights)
    for given, weight in more.items():
        both[given] = both.get(given, 0.0) + weight
    return both
