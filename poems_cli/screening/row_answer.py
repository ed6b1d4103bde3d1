"""A row answered in Python, by the engine that answers one patient: the meaning to which every other engine is held."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from poems_cli.engine.assess import Assessor
from poems_cli.engine.steps_to_met import NearestSteps, Steps
from poems_cli.model import Assessment, CriteriaResult, Observed, Patient, Rules, Truth
from poems_cli.screening.answer_columns import MIMICS, AnswerColumn
from poems_cli.tables.cells import CellReader, Fault
from poems_cli.tables.columns import Column

Value: TypeAlias = str | int | None


class RowFault(NamedTuple):
    """A cell of a row that is not understood."""

    column: Column
    fault: Fault


class RowReader:
    """Reads the cells of a row by what each column holds."""

    def __init__(self, readers: Sequence[tuple[CellReader, int, int | None, int | None]]) -> None:
        """Of each column its reader, and where in a row its cell stands and the cells of the laboratory's own limits."""
        self._readers = readers

    def read(self, cells: Sequence[str | None]) -> tuple[dict[str, Observed], list[RowFault]]:
        """What is known of the row's findings, and the cells that are not understood."""
        observed: dict[str, Observed] = {}
        faults: list[RowFault] = []
        for reader, place, low, high in self._readers:
            given = reader.read(cells[place], None if low is None else cells[low], None if high is None else cells[high])
            if isinstance(given, Fault):
                faults.append(RowFault(reader.column, given))
            elif given is not None:
                observed[reader.finding.id] = given
        return observed, faults


class RowAnswer(NamedTuple):
    """Everything answered of one row."""

    criteria: dict[str, CriteriaResult]
    default: str
    steps: Steps
    red_flags: tuple[str, ...]
    warnings: tuple[str, ...]
    contradictions: tuple[str, ...]
    mimics: tuple[str, ...]

    def value(self, column: AnswerColumn, identity: str | None, not_understood: int) -> Value:
        """What stands in a column of the answer."""
        match column.kind:
            case "id":
                return identity
            case "verdict":
                return self.criteria[column.criteria].verdict
            case "level":
                return self.criteria[column.criteria].level
            case "present" | "unknown":
                groups = [group for level in self.criteria[column.criteria].levels for group in level.groups]
                return len(groups[column.place].present if column.kind == "present" else groups[column.place].unknown)
            case "steps":
                return self.steps.number
            case "test":
                return self.steps.test
            case "not_understood":
                return not_understood
            case "mimic":
                return self.mimics[column.place] if column.place < len(self.mimics) else None
            case "red_flags":
                return ";".join(self.red_flags) or None
            case "warnings":
                return ";".join(self.warnings) or None
            case "contradictions":
                return ";".join(self.contradictions) or None

    def verdict(self, set_id: str) -> Truth:
        """The verdict of a set as a value."""
        return {"met": True, "not met": False, "undetermined": None}[self.criteria[set_id].verdict]


class RowAnswerer:
    """Answers rows by one set of rules."""

    def __init__(self, rules: Rules, criteria: Sequence[str], mimics: bool) -> None:
        # What is not asked for is not worked out: the mimics take most of the time of an answer.
        asked = rules if mimics else rules._replace(mimics={}, mimic_criteria={}, profile=None)
        self._assessor = Assessor(asked, criteria)
        self._nearest = NearestSteps(rules, rules.criteria[criteria[0]])
        self._default = criteria[0]

    def answer(self, observed: dict[str, Observed]) -> RowAnswer:
        """Everything about a row of which so much is known."""
        assessment = self._assessor.assess(Patient("", observed, {}))
        states = self._nearest.settler.states(assessment.facts)
        return _answer(assessment, self._nearest.steps(states)._replace(number=assessment.steps_to_met))


def _answer(assessment: Assessment, steps: Steps) -> RowAnswer:
    flags = assessment.red_flags.flags if assessment.red_flags else ()
    considered = [rival.row.id for rival in assessment.mimics if rival.row.status == "consider"]
    return RowAnswer(
        criteria=dict(assessment.criteria),
        default=assessment.default_criteria,
        steps=steps,
        red_flags=tuple([flag.id for flag, value in flags if value]),
        warnings=tuple([notice.id for notice in assessment.warnings]),
        contradictions=tuple([one.finding for one in assessment.facts.contradictions]),
        mimics=tuple(considered[:MIMICS]),
    )
