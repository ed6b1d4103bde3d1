"""The mimics, the syndrome's own row, the red flags and the outlook as JSON."""

from typing import Any

from poems_cli.engine.findings import uses
from poems_cli.memo import Memo
from poems_cli.model import (
    Assessment,
    Factor,
    FlagResult,
    OpenAnswer,
    OutlookResult,
    RedFlag,
    Rival,
    Row,
    Rules,
    Truth,
    Weight,
)
from poems_cli.report.json_cache import TRUTHS, Pieces, array, basis_members, encode, given, joined, ranked, word
from poems_cli.report.json_criteria import CriteriaWriter
from poems_cli.report.mimics import row_reason

_REMEMBERED = 4_000


class MimicWriter:
    """Writes the rows: all that is known of one to consider, and of the others what ranks them."""

    def __init__(self, rules: Rules, pieces: Pieces, criteria: CriteriaWriter, *, every: bool) -> None:
        """``every`` row is written as those to consider are."""
        self._rules = rules
        self._pieces = pieces
        self._criteria = criteria
        self._every = every
        self._opened: Memo[OpenAnswer, str] = Memo(_REMEMBERED)

    def syndrome(self, rival: Rival | None) -> str:
        """The syndrome's own row on the scale of the mimics; null where the rules weigh none."""
        if rival is None:
            return "null"
        row = rival.row
        return self._with_patient(f'{{"id":{word(row.id)},"evidence":{row.evidence!r},{self._weighed(row)}', rival)

    def mimics(self, assessment: Assessment) -> str:
        """Every mimic, ranked."""
        rows = []
        for rival in assessment.mimics:
            row = rival.row
            if self._every or row.status in ("consider", "excluded"):
                rows.append(self._with_patient(self._mimic(assessment, row), rival))
            else:
                rows.append(f'{ranked(row)},"place":{rival.place}}}')
        return array(rows)

    def _with_patient(self, text: str, rival: Rival) -> str:
        """A row's kept text, with what is this patient's own: its place, what it leaves unexplained, its criteria."""
        more = f',"place":{rival.place}'
        if rival.unexplained or rival.row.status == "consider":
            more += f',"unexplained":{array(map(word, self._pieces.findings(rival.unexplained)))}'
        if rival.criteria:
            sets = self._rules.mimic_criteria
            answered = [(result.id, self._criteria.written(sets[result.id], result, traced=False)) for result in rival.criteria]
            more += f',"criteria":{joined(answered)}'
        return f"{text}{more}}}"

    # --- rows: each without its end, as more follows that is the patient's own ----------------------------------------

    def _mimic(self, assessment: Assessment, row: Row) -> str:
        """A row that is more than ranked; of one that is excluded only why."""
        mimic = self._rules.mimics[row.id]
        text = f'{ranked(row)},"reason":{word(row_reason(self._rules, assessment, row))}'
        if row.status == "excluded" and not self._every:
            return text
        urgent = ',"urgent":true' if mimic.urgent else ""
        called_up, confirmed, excluded = (TRUTHS[value] for value in (row.called_up, row.confirmed, row.excluded))
        values = f'"called_up":{called_up},"confirmed":{confirmed},"excluded":{excluded}'
        tests, answers = (
            self._pieces.written(mimic.tests, self._tests),
            array([self._open(answer) for answer in row.settled_by]),
        )
        return f'{text}{urgent},{values},{self._weighed(row)},"settled_by":{{"tests":{tests},"open":{answers}}}'

    def _tests(self, tests: tuple[str, ...]) -> str:
        return array(map(word, self._pieces.tests(tests)))

    def _open(self, answer: OpenAnswer) -> str:
        self._pieces.finding(answer.finding)
        text = self._opened.get(answer)
        if text is None:
            settles = "in" if answer.establishes else "out"
            text = encode({"finding": answer.finding, "present": answer.present, "settles": settles})
            self._opened[answer] = text
        return text

    def _weighed(self, row: Row) -> str:
        sides = [array([self._pieces.kept(item, self._item) for item in items]) for items in (row.supporting, row.opposing)]
        return f'"for":{sides[0]},"against":{sides[1]}'

    def _item(self, weight: Weight) -> dict[str, Any]:
        item = weight.item
        findings = [held.finding for held in weight.holding] or uses(item.when)
        return {
            "label": weight.label,
            "findings": self._pieces.findings(findings),
            "weight": weight.weight,
            "frequency": round(item.frequency.value, 3),
            "reference": round(item.reference.value, 3),
            "reason": item.reason,
            **given(explained_by=weight.explained_by and weight.explained_by.name),
            **basis_members(item.basis),
        }

    # --- red flags and outlook ----------------------------------------------------------------------------------------

    def red_flags(self, result: FlagResult | None) -> str:
        """The red flags for the label that the patient carries; null where there is none."""
        if result is None:
            return "null"
        sides: tuple[tuple[str, Truth], ...] = (("present", True), ("unknown", None), ("absent", False))
        by_value = [
            (name, array([self._pieces.kept(flag, self._flag) for flag, its in result.flags if its is value]))
            for name, value in sides
        ]
        text = self._rules.labels[result.label].text
        return joined([("label", word(result.label)), ("text", encode(text)), *by_value])

    def _flag(self, flag: RedFlag) -> dict[str, Any]:
        findings = self._pieces.findings(uses(flag.when))
        return {
            "id": flag.id,
            "text": flag.text,
            **given(figure=flag.figure),
            "findings": findings,
            **basis_members(flag.basis),
        }


def outlook_json(result: OutlookResult | None) -> str:
    """The factors of course and treatment once the default set is met; null before."""
    if result is None:
        return "null"
    notes = {"notes": [{"id": note.id, "title": note.title} for note in result.notes]}
    held_back = {"treatment_held_back": result.held_back}
    return encode({"factors": _factors(result.factors), "treatment": _factors(result.fork), **held_back, **notes})


def _factors(factors: tuple[tuple[Factor, Truth], ...]) -> list[dict[str, Any]]:
    return [
        {
            "id": factor.id,
            "text": factor.text,
            "value": value,
            **given(figure=factor.figure),
            **basis_members(factor.basis),
        }
        for factor, value in factors
    ]
