"""What came out of one patient, as far as a case asks for it."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from poems_cli.engine.assess import Assessor, red_flags_of, warning_inputs, warnings_shown
from poems_cli.engine.criteria import answer
from poems_cli.engine.differential import Differential
from poems_cli.engine.explained import Causes
from poems_cli.engine.findings import Resolver
from poems_cli.model import Assessment, CriteriaResult, Facts, FlagResult, Patient, Rival, Rules, Truth, Warn


class Placed(NamedTuple):
    """A row of the mimics with its place: among the mimics, and for the syndrome among all rows."""

    rival: Rival
    place: int


class Outcome:
    """What an assessment says, by the names that cases use."""

    def __init__(self, rules: Rules, assess: Callable[[], Assessment], refused: tuple[str, ...] = ()) -> None:
        self.rules = rules
        self.refused = refused
        self._assess = assess

    @cached_property
    def assessment(self) -> Assessment:
        """The whole answer."""
        return self._assess()

    @property
    def facts(self) -> Facts:
        """Every finding's value."""
        return self.assessment.facts

    def criteria(self, set_id: str) -> CriteriaResult | None:
        """A criteria set, answered; ``None`` where no mimic that is shown has it."""
        if set_id in self.assessment.criteria:
            return self.assessment.criteria[set_id]
        own = (result for rival in self.assessment.mimics for result in rival.criteria)
        return next((result for result in own if result.id == set_id), None)

    def placed(self, mimic: str) -> Placed | None:
        """The row of a mimic, or of the syndrome."""
        mimics, syndrome = self.ranked
        for number, rival in enumerate(mimics, 1):
            if rival.row.id == mimic:
                return Placed(rival, number)
        return Placed(syndrome, syndrome.place) if syndrome is not None and syndrome.row.id == mimic else None

    @property
    def ranked(self) -> tuple[tuple[Rival, ...], Rival | None]:
        """The mimics in order, and the syndrome's own row."""
        return self.assessment.mimics, self.assessment.syndrome

    @property
    def warnings(self) -> tuple[str, ...]:
        """The ids of the warnings shown."""
        return tuple([notice.id for notice in self.assessment.warnings])

    @property
    def red_flags(self) -> Mapping[str, Truth]:
        """The value of each flag of the patient's label; empty where no label brings any."""
        return _values(self.assessment.red_flags)


class Engines:
    """The parts of the engine for one set of rules, each made when it is first needed."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    @cached_property
    def resolver(self) -> Resolver:
        """Finds the value of every finding."""
        return Resolver(self.rules)

    @cached_property
    def differential(self) -> Differential:
        """Ranks the mimics."""
        return Differential(self.rules)

    @cached_property
    def warning_inputs(self) -> list[tuple[Warn, frozenset[str]]]:
        """The warnings, each with the findings that it asks for."""
        return warning_inputs(self.rules)

    @cached_property
    def causes(self) -> Causes:
        """Tells which diseases that explain findings are established."""
        return Causes(self.rules)

    @cached_property
    def assessor(self) -> Assessor:
        """Answers all that there is to answer."""
        return Assessor(self.rules)

    def changed(self, rules: Rules, kept: Iterable[str]) -> "Engines":
        """The same for changed rules; the parts named in ``kept`` are those of before, if they are made."""
        other = Engines(rules)
        vars(other).update({name: vars(self)[name] for name in kept if name in vars(self)})
        return other

    def outcome(self, patient: Patient, facts: Facts | None = None, refused: tuple[str, ...] = ()) -> "PartOutcome":
        """What comes out of a patient; ``facts`` if they are known already."""
        return PartOutcome(self, patient, facts, refused)


class PartOutcome(Outcome):
    """The same, with no more worked out than is asked for: a change of the rules is tried on many patients."""

    def __init__(self, engines: Engines, patient: Patient, facts: Facts | None, refused: tuple[str, ...]) -> None:
        super().__init__(engines.rules, lambda: engines.assessor.assess(patient, every_mimic=True), refused)
        self._engines = engines
        self._facts = facts or engines.resolver.resolve(patient)
        self._answers: dict[str, CriteriaResult] = {}

    @property
    def facts(self) -> Facts:
        """Every finding's value."""
        return self._facts

    @cached_property
    def _known(self) -> set[str]:
        """The findings about which anything is known."""
        return {finding for finding, value in self._facts.values.items() if value is not None}.union(self._facts.observed)

    def criteria(self, set_id: str) -> CriteriaResult | None:
        """A criteria set, answered."""
        if set_id not in self._answers:
            criteria = self.rules.criteria.get(set_id) or self.rules.mimic_criteria[set_id]
            self._answers[set_id] = answer(criteria, self._facts)
        return self._answers[set_id]

    @cached_property
    def ranked(self) -> tuple[tuple[Rival, ...], Rival | None]:
        """The mimics in order, and the syndrome's own row."""
        if not self.rules.mimics:
            return (), None
        default = self.criteria(self.rules.default_criteria)
        met = None if default is None or default.verdict == "undetermined" else default.verdict == "met"
        causes = self._engines.causes.established(self._facts, self._known)
        ranking = self._engines.differential.rank(self._facts, met, causes, False)
        return ranking.mimics, ranking.syndrome

    @property
    def warnings(self) -> tuple[str, ...]:
        """The ids of the warnings shown."""
        return tuple([notice.id for notice in warnings_shown(self.rules, self._engines.warning_inputs, self._facts)])

    @property
    def red_flags(self) -> Mapping[str, Truth]:
        """The value of each flag of the patient's label; empty where no label brings any."""
        return _values(red_flags_of(self.rules, self._facts))


def _values(result: FlagResult | None) -> Mapping[str, Truth]:
    return {flag.id: value for flag, value in result.flags} if result else {}
