"""What came out of one patient, as far as a case asks for it."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from poems_cli.authoring.cases import NEVER
from poems_cli.engine.assess import Assessor, red_flags_of, warning_inputs, warnings_shown
from poems_cli.engine.criteria import answer
from poems_cli.engine.differential import Differential
from poems_cli.engine.explained import Causes
from poems_cli.engine.findings import Resolver
from poems_cli.engine.logic import truth
from poems_cli.model import Assessment, CriteriaResult, Facts, Patient, Rival, Rules, Truth, Warn


class Placed(NamedTuple):
    """A row of the mimics with its place: among the mimics, and for the syndrome among all rows."""

    rival: Rival
    place: int


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
        """Finds which diseases that explain findings are established."""
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


class Outcome:
    """What comes out of a patient, by the names that cases use; no more is worked out than is asked for."""

    def __init__(self, engines: Engines, patient: Patient, facts: Facts | None = None, refused: tuple[str, ...] = ()) -> None:
        """``facts`` if they are known already; ``refused`` are the findings whose values were."""
        self.rules = engines.rules
        self.refused = refused
        self.facts = facts or engines.resolver.resolve(patient)
        self._engines = engines
        self._patient = patient
        self._answers: dict[str, CriteriaResult] = {}

    @cached_property
    def assessment(self) -> Assessment:
        """The whole answer."""
        return self._engines.assessor.assess(self._patient, every_mimic=True)

    def criteria(self, set_id: str) -> CriteriaResult:
        """A criteria set, answered."""
        if set_id not in self._answers:
            criteria = self.rules.criteria.get(set_id) or self.rules.mimic_criteria[set_id]
            self._answers[set_id] = answer(criteria, self.facts)
        return self._answers[set_id]

    def placed(self, mimic: str) -> Placed | None:
        """The row of a mimic, or of the syndrome."""
        mimics, syndrome = self.ranked
        for number, rival in enumerate(mimics, 1):
            if rival.row.id == mimic:
                return Placed(rival, number)
        return Placed(syndrome, syndrome.place) if syndrome is not None and syndrome.row.id == mimic else None

    @cached_property
    def ranked(self) -> tuple[tuple[Rival, ...], Rival | None]:
        """The mimics in order, and the syndrome's own row."""
        if not self.rules.mimics:
            return (), None
        verdict = self.criteria(self.rules.default_criteria).verdict
        met = None if verdict == "undetermined" else verdict == "met"
        known = {finding for finding, value in self.facts.values.items() if value is not None}.union(self.facts.observed)
        causes = self._engines.causes.established(self.facts, known)
        ranking = self._engines.differential.rank(self.facts, met, causes, False)
        return ranking.mimics, ranking.syndrome

    @property
    def decisive(self) -> set[str]:
        """The decisive unknowns of the default set."""
        default = self.assessment.default_criteria
        return {unknown.finding for unknown in self.assessment.decisive_unknowns if default in unknown.criteria}

    @property
    def steps_to_met(self) -> int | str:
        """How many more answers are needed to meet the default set, or that it cannot be met."""
        steps = self.assessment.steps_to_met
        return NEVER if steps is None else steps

    @property
    def explained_groups(self) -> list[str]:
        """The conditions of the default set that hold only by what another disease explains."""
        return [group.name or group.id for group in self.assessment.explained_groups]

    def sensible(self, test: str) -> Truth:
        """Whether the condition of a test holds."""
        condition = self.rules.tests[test].sensible_when
        return True if condition is None else truth(condition, self.facts)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The ids of the warnings shown."""
        return tuple([notice.id for notice in warnings_shown(self.rules, self._engines.warning_inputs, self.facts)])

    @property
    def red_flags(self) -> Mapping[str, Truth]:
        """The value of each flag of the patient's label; empty where no label brings any."""
        result = red_flags_of(self.rules, self.facts)
        return {flag.id: value for flag, value in result.flags} if result else {}
