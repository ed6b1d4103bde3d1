"""Why something else came out than a case expects, in a phrase."""

from collections.abc import Iterator, Mapping

from poems_cli.authoring.cases import GRAY_ZONE, NONE
from poems_cli.authoring.expectations import Difference, came_out
from poems_cli.authoring.outcome import Outcome
from poems_cli.engine.criteria import element_of
from poems_cli.engine.logic import trace as trace_of
from poems_cli.model import Facts, LevelResult, Trace
from poems_cli.report.comparisons import comparison_words
from poems_cli.report.mimics import row_reason
from poems_cli.report.reasons import path as deciding_path
from poems_cli.report.words import VALUES

_MOST_REASONS = 5


class Reasons:
    """The reasons of one outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self._rules = outcome.rules
        self._outcome = outcome

    def of(self, difference: Difference) -> str:
        """Why an expectation is not met; empty where the words of the difference say it."""
        key, *step = difference.step
        name, assessment = str(step[0]) if step else "", self._outcome.assessment
        match key:
            case "criteria":
                return self._criteria_reason(name, str(step[2]) if len(step) > 2 else None)
            case "mimics":
                return self._mimic_reason(name, str(step[-1]))
            case "findings" | "contradictions":
                return self._finding_reason(name)
            case "warnings" | "no_warnings":
                return self._warning_reason(name)
            case "red_flags" | "no_red_flags":
                flags = self._outcome.red_flags
                return f"it is {VALUES[flags[name]]}" if name in flags else "no label brings this red flag"
            case "explained" | "not_explained":
                return _reason_or_others(name, {explained.finding: explained.cause for explained in assessment.explained})
            case "not_counted" | "counted":
                return _reason_or_others(name, {uncounted.finding: uncounted.reason for uncounted in assessment.not_counted})
            case "explained_groups":
                return ", ".join(f"{explained.finding} by {explained.cause}" for explained in assessment.explained)
            case "quantities" | "refused" | "answered_by" | "shown_by" | "settled_by" | "burdens" | "sensible":
                return ""  # it is a number, or a list of the rules
            case _:
                return self._verdict_reason()

    def _criteria_reason(self, set_id: str, level_id: str | None) -> str:
        result = self._outcome.criteria(set_id)
        return self._level_reason(next((level for level in result.levels if level.id == level_id), result.shown))

    def _mimic_reason(self, mimic: str, expected: str) -> str:
        placed = self._outcome.placed(mimic)
        if placed is None:
            return "the rules have no profile of the syndrome"
        row = placed.rival.row
        if expected in ("status", "evidence"):
            return row_reason(self._rules, self._outcome.assessment, row).rstrip(".")
        mimics, syndrome = self._outcome.ranked
        rows = sorted([*mimics, *([syndrome] if syndrome else [])], key=lambda rival: rival.place)
        before = [rival for rival in rows if rival.place < placed.rival.place]
        ahead = ", ".join(f"{rival.row.id} {rival.row.evidence or 0:g}" for rival in before[:_MOST_REASONS])
        return f"it has {row.evidence or 0:g} points, after {ahead or NONE}"

    def _verdict_reason(self) -> str:
        result = self._outcome.assessment.criteria[self._outcome.assessment.default_criteria]
        return f"{result.id} is {came_out(result)}: {self._level_reason(result.shown)}"

    def _level_reason(self, level: LevelResult) -> str:
        """Say what decided a level, or what of it is open."""
        if level.value is not None:
            return self._deciding(level.trace)
        still_open = [group for group in level.groups if group.value is None]
        return "; ".join(
            f"{group.condition.name or group.condition.id} is open ({', '.join(item.id for item in group.unknown)} unknown)"
            for group in still_open
        )

    def _compared(self, node: Trace) -> str:
        """A comparison by the finding's id, as the cases name it."""
        if node.comparison is None or node.finding is None:
            return f"{node.finding} unknown"
        return f"{node.finding} {comparison_words(self._rules.findings[node.finding], node.comparison, node.value)}"

    def _undecided(self, trace: Trace) -> Iterator[str]:
        """The leaves that leave a trace open, with why."""
        if trace.value is not None:
            return
        if not trace.children:
            yield self._compared(trace) if trace.kind == "compare" else f"{element_of(trace).id} unknown"
        for child in trace.children:
            yield from self._undecided(child)

    def _deciding(self, trace: Trace) -> str:
        found: dict[str, None] = {}
        facts = self._outcome.facts
        for node in (step.node for step in deciding_path(facts, trace)):
            if node.kind == "compare" and node.comparison:
                found[self._compared(node)] = None
            elif node.kind in ("finding", "asserted") and node.finding and node.finding not in facts.derived:
                found[f"{node.finding} is {VALUES[node.value]}"] = None
        reasons = list(found)
        more = [f"and {len(reasons) - _MOST_REASONS} more"] if len(reasons) > _MOST_REASONS else []
        return ", ".join([*reasons[:_MOST_REASONS], *more])

    def _finding_reason(self, finding: str) -> str:
        facts = self._outcome.facts
        value = facts.values.get(finding)
        disputed = next((contradiction for contradiction in facts.contradictions if contradiction.finding == finding), None)
        if disputed is not None:
            said = VALUES[disputed.asserted]
            return f"contradictory, given as {said} but {self._deciding(disputed.derived)}"
        if value is not None:
            derived = facts.derived.get(finding)
            return self._deciding(derived) if derived is not None else f"it is given as {VALUES[value]}"
        return self._open_reason(finding, facts)

    def _open_reason(self, finding: str, facts: Facts) -> str:
        definition = self._rules.findings[finding].definition
        if definition is None:
            return "nothing is known of it"
        found = list(dict.fromkeys(self._undecided(trace_of(definition, facts))))
        return ", ".join(found[:_MOST_REASONS]) or "what is given neither makes it present nor absent"

    def _warning_reason(self, warning: str) -> str:
        """Say what its condition rests on."""
        facts = self._outcome.facts
        if warning.startswith(GRAY_ZONE):
            return self._finding_reason(warning.removeprefix(GRAY_ZONE))
        when = next(warn.when for warn in self._rules.warnings if warn.id == warning)
        trace = trace_of(when, facts)
        return self._deciding(trace) if trace.value is not None else ", ".join(dict.fromkeys(self._undecided(trace)))


def _reason_or_others(finding: str, reasons: Mapping[str, str]) -> str:
    return reasons.get(finding) or f"these are: {', '.join(reasons) or NONE}"
