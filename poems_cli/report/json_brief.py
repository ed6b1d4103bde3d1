"""The answer in brief: ids, verdicts and counts, about a tenth of the full answer; described by ``poems schema brief``."""

from typing import Any

from poems_cli.model import Assessment, CriteriaResult, Group, OrderedTest, Rules
from poems_cli.report.json import SCHEMA_VERSION
from poems_cli.report.json_cache import Pieces, array, encode, given, joined, ranked, word


class BriefWriter:
    """Writes the brief answers of many patients by one set of rules."""

    def __init__(self, rules: Rules) -> None:
        self._pieces = Pieces()
        identity = {"id": rules.identity.id, "version": rules.identity.version}
        self._head = f'"schema_version":{encode(SCHEMA_VERSION)},"rules":{encode(identity)}'

    def written(self, assessment: Assessment) -> str:
        """One assessment as one line of JSON."""
        default = assessment.criteria[assessment.default_criteria]
        own: dict[str, Any] = {
            "id": assessment.patient.id,
            "default_criteria": default.id,
            "verdict": default.verdict,
            "level": default.level,
            "steps_to_met": assessment.steps_to_met,
            "urgent": [notice.id for notice in assessment.urgent],
            "outcome": assessment.outcome.id if assessment.outcome else None,
            "warnings": [notice.id for notice in assessment.warnings if not notice.urgent],
            "contradictions": [contradiction.finding for contradiction in assessment.facts.contradictions],
            "refused": [entry.key for entry in assessment.patient.refused],
        }
        if assessment.red_flags is not None:
            own["red_flags"] = [flag.id for flag, value in assessment.red_flags.flags if value]
        criteria = joined([(set_id, self._pieces.written(result, self._set)) for set_id, result in assessment.criteria.items()])
        tests = self._pieces.kept(assessment.tests, _next_tests)
        mimics = array([ranked(rival.row) + "}" for rival in assessment.mimics if rival.row.status != "not assessed"])
        return f'{{{self._head},{encode(own)[1:-1]},"criteria":{criteria},"next_tests":{tests},"mimics":{mimics}}}'

    def _set(self, result: CriteriaResult) -> str:
        level = f',"level":{word(result.level)}' if result.level is not None and len(result.levels) > 1 else ""
        groups = ",".join([self._pieces.kept(group, _group)[1:-1] for group in result.shown.groups])
        return f'{{"verdict":"{result.verdict}"{level},"groups":{{{groups}}}}}'


def _group(group: Group) -> dict[str, Any]:
    """A condition by its id; its unknown elements are given while it is open."""
    still_open = group.unknown if group.value is None else ()
    elements = given(present=[element.id for element in group.present], unknown=[element.id for element in still_open])
    return {group.condition.id: {"value": group.value, "needed": group.needed, **elements}}


def _next_tests(tests: tuple[OrderedTest, ...]) -> list[str]:
    return [ordered.test for ordered in tests if ordered.worth > 0]
