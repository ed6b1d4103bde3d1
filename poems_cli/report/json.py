"""The assessment as JSON: the product's contract, described by ``poems schema``.

Things are named by their ids; ``labels`` says once what each is called, and ``poems explain ID`` gives the rest.
``patient.findings`` is valid input again: what was understood, in canonical units. What follows from it is in
``patient.derived``.
"""

from collections.abc import Iterable, Mapping
from itertools import compress
from typing import Any

from poems_cli import __version__
from poems_cli.memo import Memo
from poems_cli.model import (
    Answer,
    Assessment,
    Contradiction,
    DecisiveUnknown,
    Effect,
    Explained,
    Facts,
    Mimic,
    MimicHint,
    Notice,
    OrderedTest,
    Outcome,
    Patient,
    Rules,
    Settling,
    SettlingSet,
    Stage,
    Trace,
    Uncounted,
)
from poems_cli.records.patient import round_trip
from poems_cli.report.json_cache import TRUTHS, Named, Pieces, array, basis_members, encode, given, joined, word
from poems_cli.report.json_criteria import CriteriaWriter, condition_data
from poems_cli.report.json_mimics import MimicWriter, outlook_json
from poems_cli.report.mimics import common_causes
from poems_cli.report.still_needed import SettlingPhraser

SCHEMA_VERSION = "3.0"

_REMEMBERED = 4_000

_PROGRAM = encode({"name": "poems", "version": __version__})
_CITED = ("authors", "title", "journal", "publisher", "year", "doi", "pmid", "read")


def to_json(rules: Rules, assessment: Assessment) -> str:
    """One assessment as one line of JSON. For many keep a :class:`JsonWriter`."""
    return JsonWriter(rules).written(assessment)


class JsonWriter:
    """Writes the full answers of many patients by one set of rules."""

    def __init__(self, rules: Rules, *, every_mimic: bool = False, every_test: bool = False) -> None:
        """``every_mimic`` writes every row in full, not only those to consider; ``every_test`` also tests of no worth."""
        self._rules = rules
        self._pieces = Pieces()
        self._pieces.findings(sorted(rules.findings))  # in this order their labels need hardly be sorted
        self._pieces.tests(sorted(rules.tests))
        self._criteria = CriteriaWriter(rules, self._pieces)
        self._orders: dict[tuple[object, ...], str] = {}
        self._hints: Memo[MimicHint, str] = Memo(_REMEMBERED)
        self._mimics = MimicWriter(rules, self._pieces, self._criteria, every=every_mimic)
        self._phraser = SettlingPhraser(rules)
        self._identity = encode(rules.identity._asdict())
        self._labels: dict[Named, tuple[str, str]] = {}
        self._every_test = every_test
        self._every_mimic = encode({mimic: rules.mimics[mimic].name for mimic in sorted(rules.mimics)})
        self._sources: dict[str, str] = {}

    def written(self, assessment: Assessment) -> str:
        """One assessment as one line of JSON."""
        self._pieces.named = 0
        members = [
            ("schema_version", word(SCHEMA_VERSION)),
            ("program", _PROGRAM),
            ("rules", self._identity),
            ("urgent", array([self._pieces.kept(notice, _notice) for notice in assessment.urgent])),
            ("patient", self._patient(assessment.patient, assessment.facts)),
            ("default_criteria", word(assessment.default_criteria)),
            ("verdict", word(assessment.criteria[assessment.default_criteria].verdict)),
            ("outcome", self._outcome(assessment.outcome)),
            ("steps_to_met", encode(assessment.steps_to_met)),
            ("criteria", joined(self._answered(assessment))),
            *self._open_questions(assessment),
            ("syndrome", self._mimics.syndrome(assessment.syndrome)),
            ("mimics", self._mimics.mimics(assessment)),
            ("common_causes", array([encode(self._common_cause(mimic)) for mimic in common_causes(self._rules, assessment)])),
            ("red_flags", self._mimics.red_flags(assessment.red_flags)),
            ("outlook", outlook_json(assessment.outlook)),
            ("staging", self._staging(assessment)),
            ("explained", array([encode(self._explained(explained)) for explained in assessment.explained])),
            ("explained_groups", array(map(word, self._criteria.elements(assessment.explained_groups)))),
            ("not_counted", array([encode(self._uncounted(uncounted)) for uncounted in assessment.not_counted])),
            ("warnings", array([self._pieces.kept(warning, _notice) for warning in assessment.warnings if not warning.urgent])),
            (
                "contradictions",
                array([self._contradiction(contradiction) for contradiction in assessment.facts.contradictions]),
            ),
            ("notes", encode(assessment.patient.notes)),
            ("refused", array([encode(entry._asdict()) for entry in assessment.patient.refused])),
            ("sources", joined([(source, self._source(source)) for source in assessment.sources])),
        ]
        return joined([*members, ("labels", self._names())])

    # --- the patient: never kept, since it is the patient's own -------------------------------------------------------

    def _patient(self, patient: Patient, facts: Facts) -> str:
        self._pieces.findings(patient.observed)
        self._pieces.findings(patient.reasons)
        self._pieces.findings(facts.derived)
        derived = joined([(finding, self._derived(reason)) for finding, reason in facts.derived.items()])
        return f'{encode(round_trip(patient))[:-1]},"derived":{derived}}}'

    def _derived(self, reason: Trace) -> str:
        return joined([("value", TRUTHS[reason.value]), ("because", self._criteria.trace(reason))])

    def _contradiction(self, contradiction: Contradiction) -> str:
        finding = word(self._pieces.finding(contradiction.finding))
        asserted, derived = TRUTHS[contradiction.asserted], self._criteria.trace(contradiction.derived)
        return joined([("finding", finding), ("asserted", asserted), ("derived", derived)])

    def _answered(self, assessment: Assessment) -> Iterable[tuple[str, str]]:
        for set_id, result in assessment.criteria.items():
            yield set_id, self._criteria.written(self._rules.criteria[set_id], result)

    # --- what is open -------------------------------------------------------------------------------------------------

    def _open_questions(self, assessment: Assessment) -> Iterable[tuple[str, str]]:
        """What is open and what would settle it. Where the record itself says why something is unknown, nothing is kept."""
        unknowns = assessment.decisive_unknowns

        def written(unknowns: Iterable[DecisiveUnknown]) -> list[dict[str, Any]]:
            return self._unknowns(unknowns, assessment.steps_to_met)

        if any(unknown.reason for unknown in unknowns):
            yield "decisive_unknowns", encode(written(unknowns))
        else:
            yield "decisive_unknowns", self._pieces.kept(unknowns, written)
        yield "settling_sets", self._settling_sets(assessment)
        yield "tests", array([self._test(ordered) for ordered in assessment.tests if ordered.worth > 0 or self._every_test])

    def _unknowns(self, unknowns: Iterable[DecisiveUnknown], steps: int | None) -> list[dict[str, Any]]:
        return [
            {
                "finding": self._pieces.finding(unknown.finding),
                **({"condition": condition_data(unknown.condition)} if unknown.condition is not None else {}),
                "criteria": unknown.criteria,
                "if_present": _effect(unknown.if_present, steps),
                "if_absent": _effect(unknown.if_absent, steps),
                **({"reason": unknown.reason} if unknown.reason is not None else {}),
            }
            for unknown in unknowns
        ]

    def _settling_sets(self, assessment: Assessment) -> str:
        return joined([(set_id, self._targets(assessment, set_id, each)) for set_id, each in assessment.settling.items()])

    def _targets(self, assessment: Assessment, set_id: str, targets: Mapping[str, Settling]) -> str:
        return joined(
            [
                (target, self._pieces.kept(settling, lambda way: self._settling(assessment, set_id, way)))
                for target, settling in targets.items()
            ]
        )

    def _settling(self, assessment: Assessment, set_id: str, settling: Settling) -> dict[str, Any]:
        return {
            **(self._words(assessment.facts, set_id, settling.target) if set_id == assessment.default_criteria else {}),
            "count": settling.number,
            **({} if settling.complete else {"complete": False}),
            "sets": [self._settling_set(settling_set) for settling_set in settling.sets],
        }

    def _words(self, facts: Facts, set_id: str, target: str) -> dict[str, str]:
        """What the default set still needs, in a line; of several levels each says so itself."""
        if target == "met" and len(self._rules.criteria[set_id].levels) > 1:
            return {}
        return {"words": self._phraser.words(facts, set_id, target)}

    def _settling_set(self, settling: SettlingSet) -> dict[str, Any]:
        """The findings that must come out present and absent, and the conditions that must hold or fail."""
        plain = [answer for answer in settling.answers if answer.condition is None]
        return {
            **given(
                present=self._pieces.findings(answer.finding for answer in plain if answer.present),
                absent=self._pieces.findings(answer.finding for answer in plain if not answer.present),
                conditions=[self._condition(answer) for answer in settling.answers if answer.condition is not None],
            ),
            "tests": self._pieces.tests(settling.tests),
        }

    def _condition(self, answer: Answer) -> dict[str, Any]:
        condition = condition_data(answer.condition)
        return {"finding": self._pieces.finding(answer.finding), "condition": condition, "holds": answer.present}

    def _test(self, ordered: OrderedTest) -> str:
        """A test; its findings are among the decisive unknowns, which have named them."""
        order = (ordered.test, ordered.with_tests, ordered.condition)
        self._pieces.tests((ordered.test, *ordered.with_tests))
        head = self._orders.get(order)
        if head is None:
            head = self._orders[order] = encode(self._order(ordered))[:-1]
        asked = _findings(ordered.answers), _findings(ordered.shows)
        mimics = f',"mimics":{array([self._hint(hint) for hint in ordered.mimics])}' if ordered.mimics else ""
        return f'{head},"worth":{ordered.worth!r},"answers":{asked[0]},"shows":{asked[1]}{mimics}}}'

    def _order(self, ordered: OrderedTest) -> dict[str, Any]:
        """What an order is, whatever it answers."""
        together = [self._rules.tests[test] for test in (ordered.test, *ordered.with_tests)]
        return {
            "id": ordered.test,
            **given(with_tests=ordered.with_tests, condition=ordered.condition),
            "cost": max(test.cost for test in together),
            "invasiveness": max(test.invasiveness for test in together),
        }

    def _hint(self, hint: MimicHint) -> str:
        self._pieces.finding(hint.finding)
        text = self._hints.get(hint)
        if text is None:
            settles = "in" if hint.inward else "out"
            plain = {"mimic": hint.mimic, "finding": hint.finding, "settles": settles}
            text = self._hints[hint] = encode(plain)
        return text

    # --- after the verdict --------------------------------------------------------------------------------------------

    def _staging(self, assessment: Assessment) -> str:
        """What is needed once the default set is met; null before."""
        if assessment.staging is None:
            return "null"
        return encode([{**self._stage(stage), "done": done} for stage, done in assessment.staging])

    def _stage(self, stage: Stage) -> dict[str, Any]:
        return {
            "id": stage.id,
            "tests": self._pieces.tests(stage.tests),
            "findings": self._pieces.findings(stage.findings),
            "text": stage.text,
            **basis_members(stage.basis),
            **given(more_sources=stage.more_sources),
        }

    def _explained(self, explained: Explained) -> dict[str, Any]:
        finding = self._pieces.finding(explained.finding)
        return {"finding": finding, "cause": explained.cause, "entry": explained.entry, **basis_members(explained.basis)}

    def _uncounted(self, uncounted: Uncounted) -> dict[str, Any]:
        finding, element = self._pieces.findings((uncounted.finding, uncounted.element))
        return {"finding": finding, "element": element, "reason": uncounted.reason, **basis_members(uncounted.basis)}

    def _outcome(self, outcome: Outcome | None) -> str:
        """The described picture that the patient makes; null where there is none."""
        if outcome is None:
            return "null"
        return encode({"id": outcome.id, "name": outcome.name, "text": outcome.text, **basis_members(outcome.basis)})

    def _common_cause(self, mimic: Mimic) -> dict[str, Any]:
        test = mimic.common_cause.test if mimic.common_cause else ""
        return {"mimic": mimic.id, "test": self._pieces.tests((test,))[0]}

    # --- what occurs once ---------------------------------------------------------------------------------------------

    def _source(self, source: str) -> str:
        text = self._sources.get(source)
        if text is None:
            entry = self._rules.sources[source]
            cited = {name: value for name in _CITED if (value := getattr(entry, name))}
            if entry.url and not (entry.doi or entry.pmid):
                cited["url"] = entry.url
            text = self._sources[source] = encode(cited)
        return text

    def _names(self) -> str:
        """What each id of the answer is called, by the kind of thing."""
        sections: dict[str, list[str]] = {"findings": [], "elements": [], "criteria": [], "tests": []}
        for named in compress(self._pieces.bits, map("1".__eq__, reversed(f"{self._pieces.named:b}"))):
            section, text = self._labels.get(named) or self._labeled(named)
            sections[section].append(text)
        members = [(section, "{" + ",".join(sorted(texts)) + "}") for section, texts in sections.items()]
        return joined([*members, ("mimics", self._every_mimic)])

    def _labeled(self, named: Named) -> tuple[str, str]:
        """A kind of thing, and an id of that kind with what it is called."""
        section, _, id_ = named.partition(" ")
        label = self._labels[named] = section, f"{encode(id_)}:{encode(self._label(section, id_))}"
        return label

    def _label(self, section: str, id_: str) -> str:
        match section:
            case "findings":
                return self._rules.findings[id_].label
            case "elements":
                return self._pieces.elements[id_]
            case "criteria":
                return (self._rules.criteria.get(id_) or self._rules.mimic_criteria[id_]).short
            case _:
                return self._rules.tests[id_].label


def _findings(unknowns: Iterable[DecisiveUnknown]) -> str:
    """The findings of several unknowns, each once."""
    return array(dict.fromkeys([word(unknown.finding) for unknown in unknowns]))


def _effect(effect: Effect, steps: int | None) -> dict[str, Any]:
    """What an answer changes: verdicts, and the steps to met unless they stay the same."""
    changed: dict[str, Any] = given(verdicts=dict(effect.verdicts))
    return changed if effect.steps_to_met == steps else {**changed, "steps_to_met": effect.steps_to_met}


def _notice(notice: Notice) -> dict[str, Any]:
    return {"id": notice.id, "text": notice.text, **basis_members(notice.basis)}
