"""What would settle the default set, and what each test would do, in words."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from poems_cli.finding_names import without_remark
from poems_cli.model import (
    Answer,
    Assessment,
    Condition,
    DecisiveUnknown,
    Effect,
    OrderedTest,
    Rules,
    Settling,
    SettlingSet,
    Test,
)
from poems_cli.phrases import capital, counted, listed
from poems_cli.report.comparisons import condition_words
from poems_cli.report.still_needed import SettlingPhraser
from poems_cli.report.words import COST, INVASIVENESS, short_label

_LISTED = 4
_NOTHING = "nothing settled"


class Step(NamedTuple):
    """One answer on the way: what must be so, whether by presence or absence, and which tests give it."""

    present: bool
    words: str
    tests: str


class Way(NamedTuple):
    """What settles the default set one way: in words, the fewest tests, and its shortest paths step by step.

    ``number`` says how many paths there are.
    """

    target: str
    words: str
    fewest: str
    paths: tuple[tuple[Step, ...], ...]
    number: str


class OfferedTest(NamedTuple):
    """A test, and what each answer that it gives would do."""

    name: str
    burden: str
    effects: tuple[str, ...]
    traps: tuple[str, ...]


def ways(rules: Rules, assessment: Assessment) -> Iterator[Way]:
    """Each way in which the default set can still be settled: met, not met, or a level reached."""
    settling = assessment.settling.get(assessment.default_criteria, {})
    phraser = SettlingPhraser(rules)
    by_level = any(target not in ("met", "not met") for target in settling)
    for target, each in settling.items():
        if by_level and target == "met":
            continue  # the levels say it apart, each in fewer words
        words = phraser.words(assessment.facts, assessment.default_criteria, target)
        paths = tuple([tuple(_steps(rules, path)) for path in _shortest(each)])
        yield Way(target, words, _fewest(rules, each), paths, _number(each))


def _steps(rules: Rules, path: SettlingSet) -> Iterator[Step]:
    """Each answer of a path with the tests of the path that can give it; answers of the same tests follow each other."""
    given_by = {answer: tuple([test for test in path.tests if _gives(rules, test, answer)]) for answer in path.answers}
    for tests in dict.fromkeys(given_by.values()):
        for answer in path.answers:
            if given_by[answer] == tests:
                names = [without_remark(rules.tests[test].label) for test in tests]
                asked = _asked_words(rules, answer.finding, answer.condition)
                yield Step(answer.present, asked, listed(names, "or" if answer.present else "and"))


def _gives(rules: Rules, test_id: str, answer: Answer) -> bool:
    """Whether a test answers the finding, or shows it: an absence may take several tests together."""
    test = rules.tests[test_id]
    return answer.finding in test.answers or answer.finding in test.shows


def _shortest(settling: Settling) -> Sequence[SettlingSet]:
    """The settling sets that cost the fewest and least tests; at most two of equal burden."""
    # Where no test is known to give an answer, the set would look like the cheapest of all.
    sets = [settling_set for settling_set in settling.sets if settling_set.tests] or settling.sets
    return [settling_set for settling_set in sets if _burden(settling_set) == _burden(sets[0])][:2]


def _number(settling: Settling) -> str:
    return f"{'' if settling.complete else 'more than '}{counted(settling.number, 'way')} in all"


def _fewest(rules: Rules, settling: Settling) -> str:
    """The shortest ways in words."""
    by_tests: dict[tuple[str, ...], list[str]] = {}
    for settling_set in _shortest(settling):
        answers = [_answer(rules, answer.finding, answer.present, answer.condition) for answer in settling_set.answers]
        by_tests.setdefault(settling_set.tests, []).append(" + ".join(answers))
    alternatives = []
    for tests, ways_of_tests in by_tests.items():
        names = listed([without_remark(rules.tests[test].label) for test in tests])
        alternatives.append(f"{names or 'no known test'}, showing {'; or '.join(ways_of_tests)}")
    return f"{'; or '.join(alternatives)} ({_number(settling)})."


def _burden(settling: SettlingSet) -> tuple[int, int, int, int]:
    return len(settling.tests), settling.cost, settling.invasiveness, len(settling.answers)


def _answer(rules: Rules, finding: str, present: bool, condition: Condition | None) -> str:
    asked = _asked_words(rules, finding, condition)
    return asked if present else f"not {asked}" if condition else f"no {asked}"


def _asked_words(rules: Rules, finding: str, condition: Condition | None) -> str:
    label = short_label(rules, finding)
    return f"{label} {condition_words(rules.findings[finding], condition)}" if condition else label


def worth_doing(assessment: Assessment) -> Iterator[tuple[OrderedTest, list[DecisiveUnknown], list[DecisiveUnknown]]]:
    """The tests that matter to the default set while it is open, else to any set, or to the mimics in play.

    Each with what it answers of these sets, and with what it only shows.
    """
    default = assessment.default_criteria
    settled = default not in assessment.settling
    for ordered in assessment.tests:
        answers, shows = (
            [unknown for unknown in unknowns if settled or default in unknown.criteria]
            for unknowns in (ordered.answers, ordered.shows)
        )
        if answers or shows or ordered.mimics:
            yield ordered, answers, shows


def offered_tests(rules: Rules, assessment: Assessment) -> Iterator[OfferedTest]:
    """The tests worth doing, each with what its answers would do."""
    for ordered, answers, shows in worth_doing(assessment):
        effects = [
            *_effects(rules, assessment, answers),
            *_only_if_present(rules, assessment, shows),
            *_mimic_effects(rules, ordered),
            *_beyond(ordered, len(answers) + len(shows)),
        ]
        test = rules.tests[ordered.test]
        name = test.order_label if ordered.with_tests and test.order_label else without_remark(test.label)
        condition = [f"{capital(ordered.condition)}."] if ordered.condition else []
        yield OfferedTest(name, _burden_words(test), (*condition, *effects), test.traps)


def _burden_words(test: Test) -> str:
    """What a test costs and how invasive it is, in the classes of the rules."""
    return f"cost {test.cost} of {len(COST) - 1}, invasiveness {test.invasiveness} of {len(INVASIVENESS) - 1}"


def _mimic_effects(rules: Rules, test: OrderedTest) -> Iterator[str]:
    """The mimics in play that a test helps to establish, and those that it helps to exclude."""
    named = [{rules.mimics[hint.mimic].short: None for hint in test.mimics if hint.inward is side} for side in (True, False)]
    inward, outward = named
    for words, mimics in (
        ("establish or exclude", [name for name in inward if name in outward]),
        ("establish", [name for name in inward if name not in outward]),
        ("exclude", [name for name in outward if name not in inward]),
    ):
        if mimics:
            yield f"Helps to {words} {listed(mimics, 'or')}."


def _beyond(test: OrderedTest, shown: int) -> Iterator[str]:
    left = len(test.answers) + len(test.shows) - shown
    if left:
        yield f"Also {counted(left, 'finding')} for other sets."


def _effects(rules: Rules, assessment: Assessment, answers: list[DecisiveUnknown]) -> Iterator[str]:
    """What each answer would do; findings whose answers do the same share a sentence."""
    same: dict[tuple[str, str, bool], list[str]] = {}
    for unknown in answers:
        effects = _effect(rules, assessment, unknown.if_present), _effect(rules, assessment, unknown.if_absent)
        same.setdefault((*effects, bool(unknown.condition)), []).append(_asked_words(rules, unknown.finding, unknown.condition))
    for (present, absent, conditional), asked in same.items():
        if len(asked) > _LISTED + 1:
            asked = [*asked[:_LISTED], f"{len(asked) - _LISTED} more"]
        what = capital(listed(asked))
        if present == absent:
            yield f"Answers {listed(asked)}." if present == _NOTHING else f"{what}: {present}."
        else:
            each = "each " if len(asked) > 1 else ""
            words = ("if so", "if not") if conditional else (f"{each}if present", f"{each}if absent")
            yield f"{what}: {words[0]}, {present}; {words[1]}, {absent}."


def _only_if_present(rules: Rules, assessment: Assessment, shows: list[DecisiveUnknown]) -> Iterator[str]:
    """What only a positive result does, because a negative one leaves the finding open."""
    same: dict[str, list[str]] = {}
    for unknown in shows:
        effect = _effect(rules, assessment, unknown.if_present)
        same.setdefault(effect, []).append(_asked_words(rules, unknown.finding, unknown.condition))
    for effect, asked in same.items():
        them = "them" if len(asked) > 1 else "it"
        if effect == _NOTHING:
            yield f"Can show {listed(asked, 'or')}, but cannot exclude {them}."
        else:
            yield f"If it shows {listed(asked, 'or')}: {effect}; it cannot exclude {them}."


def _effect(rules: Rules, assessment: Assessment, effect: Effect) -> str:
    default, now = assessment.default_criteria, assessment.steps_to_met
    verdicts = dict(effect.verdicts)
    effects = []
    if default not in verdicts and effect.steps_to_met is not None and now and effect.steps_to_met != now:
        effects.append(f"{counted(effect.steps_to_met, 'answer')} short of {rules.criteria[default].short}")
    for verdict in ("met", "not met"):
        sets = sorted((set_id for set_id in verdicts if verdicts[set_id] == verdict), key=lambda set_id: set_id != default)
        if sets:
            effects.append(f"{listed([rules.criteria[set_id].short for set_id in sets])} {verdict}")
    return ", ".join(effects) or _NOTHING
