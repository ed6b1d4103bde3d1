"""Which tests give the answers: the fewest for a settling set, and the order in which they are worth doing.

The order is greedy by gain per burden. A settling set of n answers lends each of its answers 1/n, and the sets toward met
and toward not met share one unit each, so that an answer weighs more the more ways to a verdict it opens and the fewer
others they need. A test gains the weights of the answers that it can give, present or absent; its burden is
1 + cost + invasiveness, classes from ``rules/tests.yaml``. Equal worth goes by the order of the rules.

The mimics in play share one further unit: each the same part, one that must not be missed a double part, spread evenly over
the unknown findings that would help to establish or to exclude it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from poems_cli.logic import State
from poems_cli.model import Answer, DecisiveUnknown, OrderedTest, Row, Rules, SettlingSet, Tells, Truth
from poems_cli.resolve import inputs
from poems_cli.settle import NO_LINKS, answer_order, implicants

#: A finding and the answer that a test gives: present or absent.
Given: TypeAlias = tuple[str, bool]

#: A set of tests: its burden (their number, cost and invasiveness, in that order of weight), and minus their bits.
Cover: TypeAlias = tuple[int, int]


#: An answer that no test gives outweighs every test: such a set comes last.
_BEYOND_TESTS = 1 << 40

_REMEMBERED = 8_000  # a long run over very different patients must not grow without end


class Workup:
    """The tests of one rules file, indexed by the answers that they can give.

    Sets of answers and of tests are bit masks inside. An answer's bit is the lower the fewer tests give it, so that the
    lowest bit of what is wanted is the answer with the least choice; a test's bit is the higher the earlier it stands.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._tests = rules.tests
        self._order = tuple(rules.tests)
        self._rank = {test_id: position for position, test_id in enumerate(self._order)}
        self._given = {
            test.id: frozenset([(one, answer) for one in test.answers for answer in (True, False)])
            | {(one, True) for one in test.shows}
            for test in rules.tests.values()
        }
        giving: dict[Given, list[str]] = {}
        for test_id, answers in self._given.items():
            for answer in answers:
                giving.setdefault(answer, []).append(test_id)
        scarcest = sorted(giving, key=lambda answer: (len(giving[answer]), answer))
        self._bit = {answer: 1 << number for number, answer in enumerate(scarcest)}
        gives = {test_id: sum(self._bit[answer] for answer in answers) for test_id, answers in self._given.items()}
        self._choices = {
            self._bit[answer]: [(gives[test], self._one(test)) for test in tests] for answer, tests in giving.items()
        }
        self._tests_for = {
            finding: tuple(sorted(tests, key=self._rank.__getitem__)) for (finding, present), tests in giving.items() if present
        }
        self._indirect: dict[str, tuple[str, ...]] = {}
        self._covers: dict[int, Cover] = {0: (0, 0)}
        self._orders: dict[tuple[Answer, ...], tuple[list[tuple[str, str, bool]], tuple[Answer, ...]]] = {}
        self._state: State | None = None
        self._here: dict[Given, tuple[int, ...]] = {}
        self._covers_of: dict[tuple[Answer, ...], Cover] = {}
        self._apart: dict[tuple[Given, tuple[Truth, ...]], tuple[int, ...]] = {}

    def _one(self, test_id: str) -> Cover:
        """One test as a cover of its own."""
        test = self._tests[test_id]
        burden = (1 << 20) + (test.cost << 10) + test.invasiveness
        return burden, -(1 << (len(self._order) - 1 - self._rank[test_id]))

    def tests_for(self, finding: str) -> tuple[str, ...]:
        """The tests that answer a finding or can show it, in the order of the rules."""
        return self._tests_for.get(finding, ())

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
        found.sort(key=lambda one: one[:2])
        if len(found) > most:
            found = [one for one in found if one[:2] <= found[most - 1][:2]]
        # Equals in an order of their own: that of ``sets`` depends on the patients answered before.
        found.sort(key=lambda one: (*one[:2], self._in_order(one[2])[0]))
        return tuple([self._settling_set(cover, answers) for cover, _, answers in found[:most]])

    def _settling_set(self, cover: Cover, answers: tuple[Answer, ...]) -> SettlingSet:
        chosen = -cover[1]
        last = len(self._order) - 1
        tests = tuple([test for position, test in enumerate(self._order) if chosen & (1 << (last - position))])
        cost = sum(self._tests[test].cost for test in tests)
        invasiveness = sum(self._tests[test].invasiveness for test in tests)
        return SettlingSet(self._in_order(answers)[1], tests, cost, invasiveness)

    def _in_order(self, answers: tuple[Answer, ...]) -> tuple[list[tuple[str, str, bool]], tuple[Answer, ...]]:
        """The answers in an order that hangs on nothing else, and what to compare them by."""
        known = self._orders.get(answers)
        if known is None:
            if len(self._orders) > _REMEMBERED:
                self._orders.clear()
            known = (sorted(map(answer_order, answers)), tuple(sorted(answers, key=answer_order)))
            self._orders[answers] = known
        return known

    def _cover_of(self, answers: tuple[Answer, ...], state: State) -> Cover:
        """The best tests that can give all the answers; remembered where these do not hang on the state."""
        known = self._covers_of.get(answers)
        if known is None:
            known = self._find_cover(answers, state)
            if all((answer.finding, answer.present) in self._bit for answer in answers):
                if len(self._covers_of) > _REMEMBERED:
                    self._covers_of.clear()
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
        if state is not self._state:  # one patient's answers are asked for again and again
            self._state, self._here = state, {}
        known = self._here.get(answer)
        if known is None:
            known = self._here[answer] = self._take_apart(answer, state)
        return known

    def _take_apart(self, answer: Given, state: State) -> tuple[int, ...]:
        finding = self._rules.findings[answer[0]]
        if finding.definition is None:
            return ()
        key = (answer, tuple([state.values.get(step) for step in self.indirect(answer[0])]))
        if key not in self._apart:
            found: list[int] = []
            for needed in implicants(finding.definition, state, answer[1], NO_LINKS).sets:
                ways = [0]
                for one in needed:
                    ways = [way | other for way in ways for other in self.taken_apart((one.finding, one.present), state)]
                found += ways
            self._apart[key] = tuple(found)
        return self._apart[key]

    def _cover(self, wanted: int) -> Cover:
        """The best set of tests: the answer with the fewest tests gets one of them, and so on with what remains.

        Exact, and remembered for every remainder met.
        """
        known = self._covers.get(wanted)
        if known is None:
            known = (1 << 62, 0)
            for gives, (burden, mark) in self._choices[wanted & -wanted]:
                rest = self._cover(wanted & ~gives)
                known = min(known, (burden + rest[0], mark + rest[1]))
            if len(self._covers) > _REMEMBERED:
                self._covers = {0: (0, 0)}
            self._covers[wanted] = known
        return known

    def ordered(
        self, unknowns: Sequence[DecisiveUnknown], weights: Mapping[Given, float], in_play: Sequence[Row] = ()
    ) -> tuple[OrderedTest, ...]:
        """The tests that answer the unknowns and settle the mimics, in the order worth doing.

        Each test is credited with what no earlier one gives.
        """
        by_finding: dict[str, list[DecisiveUnknown]] = {}
        for unknown in unknowns:
            by_finding.setdefault(unknown.finding, []).append(unknown)
        telling: dict[Given, list[Tells]] = {}
        for row in in_play:
            for open_answer in row.settled_by:
                tells = Tells(row.id, open_answer.finding, open_answer.establishes)
                telling.setdefault((open_answer.finding, open_answer.present), []).append(tells)
        remaining = dict(weights)
        for given, part in self._parts(in_play).items():
            remaining[given] = remaining.get(given, 0.0) + part
        gives = self._giving({*by_finding, *[finding for finding, _ in telling]}, remaining)
        order: list[OrderedTest] = []
        while gives:
            worth, best = self._worthiest(gives, remaining)
            if not worth:  # nothing more to gain: the rest go by the order of the rules
                return (*order, *[self._entry(test, by_finding, telling, 0.0) for test in gives])
            order.append(self._entry(best, by_finding, telling, worth))
            for answer in gives.pop(best):
                remaining.pop(answer, None)
        return tuple(order)

    def _giving(self, asked: Iterable[str], wanted: Mapping[Given, float]) -> dict[str, list[Given]]:
        """The tests for the findings asked, in the order of the rules, each with the answers wanted that it can give."""
        tests = {test for finding in asked for test in self.tests_for(finding)}
        return {
            test: [answer for answer in self._given[test] if answer in wanted]
            for test in sorted(tests, key=self._rank.__getitem__)
        }

    def first(self, weights: Mapping[Given, float]) -> str | None:
        """The test to begin with, by the weights of the answers alone; ``None`` where no test gives any of them."""
        gives = self._giving({finding for finding, _ in weights}, weights)
        worth, best = self._worthiest(gives, weights) if gives else (0.0, "")
        return best if worth > 0 else None

    def _parts(self, in_play: Sequence[Row]) -> dict[Given, float]:
        """What the mimics in play lend to the answers that would settle them; see the module's rule."""
        shares = {row.id: 2 if self._rules.mimics[row.id].urgent else 1 for row in in_play if row.settled_by}
        parts: dict[Given, float] = {}
        for row in in_play:
            for finding, present, _ in row.settled_by:
                part = shares[row.id] / (sum(shares.values()) * len(row.settled_by))
                parts[finding, present] = parts.get((finding, present), 0.0) + part
        return parts

    def _worthiest(self, gives: Mapping[str, Sequence[Given]], weights: Mapping[Given, float]) -> tuple[float, str]:
        """The test with the most gain per burden; the first of equals."""
        worth, best = -1.0, ""
        for test_id, answers in gives.items():
            test = self._tests[test_id]
            gain = sum([weights.get(answer, 0.0) for answer in answers]) / (1 + test.cost + test.invasiveness)
            if gain > worth + 1e-12:  # sums of the same weights in another order must stay equal
                worth, best = gain, test_id
        return worth, best

    def _entry(
        self,
        test_id: str,
        by_finding: Mapping[str, Sequence[DecisiveUnknown]],
        telling: Mapping[Given, Sequence[Tells]],
        worth: float,
    ) -> OrderedTest:
        test = self._tests[test_id]
        answers = tuple([unknown for finding in test.answers for unknown in by_finding.get(finding, ())])
        shows = tuple([unknown for finding in test.shows for unknown in by_finding.get(finding, ())])
        mimics = [tells for given, every in telling.items() if given in self._given[test_id] for tells in every]
        return OrderedTest(test_id, answers, shows, tuple(mimics), round(worth, 4))


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
