"""Rules and the columns of a table -> everything that is answered of a row, in stages, with codes for all that is words."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from poems_cli.engine.answer_columns import AnswerColumn
from poems_cli.model import Rules
from poems_cli.sql.cells import CellFault, CellTranslator
from poems_cli.sql.criteria import Answering, SetTerms
from poems_cli.sql.findings import resolve
from poems_cli.sql.inputs import Inputs
from poems_cli.sql.mimics import MimicRanks, ranked
from poems_cli.sql.notices import Masks, contradictions, known_inputs, labels, red_flags, warnings
from poems_cli.sql.stages import Stages
from poems_cli.sql.state_code import StateCode
from poems_cli.sql.terms import as_text, cases, concatenated, condition, some
from poems_cli.sql.text import Text, string, text, total, whole
from poems_cli.tables.columns import Column


class Answers(NamedTuple):
    """The terms of everything that is answered of a row, and the stages that work them out.

    ``state`` is there where steps to met or the next test are asked for. ``faults`` names the cells that are not understood,
    each as the position of its column and the number of its fault (``3:1;``) in ``fault_columns``; it is NULL where all are.
    """

    stages: Stages
    sets: Mapping[str, SetTerms]
    state: StateCode | None
    warnings: Masks
    red_flags: Masks
    contradictions: Masks
    mimics: MimicRanks | None
    not_understood: Text | int
    faults: Text | None
    fault_columns: tuple[Column, ...] = ()
    details: "DetailCodes | None" = None


class DetailCodes(NamedTuple):
    """What only a report asks for: which findings a row's own columns make known, and which label it carries."""

    known: tuple[Masks, ...]
    labels: Masks


def answers(
    rules: Rules,
    criteria: Sequence[str],
    columns: Sequence[AnswerColumn],
    reading: CellTranslator | Inputs,
    stages: Stages,
    *,
    steps: bool = False,
    details: bool = False,
) -> Answers:
    """Everything about a row that the columns need; the first of the ``criteria`` is the default set.

    ``reading`` makes the findings of a table's cells, or holds them as columns that a table already has. ``steps`` asks for the
    state of the default set whatever the columns are, ``details`` for what a report shows beyond a summary.

    Raises OverflowError for what does not fit into a number.
    """
    faults: Sequence[CellFault] = ()
    if isinstance(reading, CellTranslator):
        cells = reading.read(stages)
        inputs, faults = cells.inputs, cells.faults
    else:
        inputs = reading
    resolved = resolve(rules, inputs, stages)
    translator = resolved.translator
    default = criteria[0]
    counted = {one.criteria for one in columns if one.kind in ("present", "unknown")} | ({default} if details else set())
    kinds = {one.kind for one in columns}
    answering = Answering(translator, stages)
    return Answers(
        stages=stages,
        sets={one: answering.answered(rules.criteria[one], one in counted) for one in criteria},
        state=StateCode(rules, rules.criteria[default], translator, stages) if steps or kinds & {"steps", "test"} else None,
        warnings=warnings(rules, resolved, stages),
        red_flags=red_flags(rules, resolved, stages),
        contradictions=contradictions(resolved, stages),
        mimics=ranked(rules, resolved, stages) if "mimic" in kinds else None,
        not_understood=_count(faults, stages),
        faults=_named(faults, stages),
        fault_columns=tuple([one.source.column for one in faults]),
        details=DetailCodes(known_inputs(resolved, stages), labels(rules, resolved, stages)) if details else None,
    )


def _count(faults: Sequence[CellFault], stages: Stages) -> Text | int:
    if not faults:
        return 0
    each = [text("CASE WHEN ({}) AND ({}) > 0 THEN 1 ELSE 0 END", condition(one.suspect), one.fault) for one in faults]
    suspect = some([one.suspect for one in faults])
    return stages.add("not_understood", as_text(cases((suspect, total(each)), otherwise=whole(0))))


def _named(faults: Sequence[CellFault], stages: Stages) -> Text | None:
    if not faults:
        return None
    each = []
    for place, one in enumerate(faults):
        number = text("CAST(({}) AS VARCHAR)", one.fault)
        word = concatenated([Text(string(f"{place}:"), frozenset()), number, Text("';'", frozenset())])
        is_fault = text("({}) AND ({}) > 0", condition(one.suspect), one.fault)
        each.append(as_text(cases((is_fault, word), otherwise=Text("''", frozenset()))))
    named = cases((Text('"not_understood" > 0', frozenset(["not_understood"])), concatenated(each)))
    return stages.add("faults", as_text(named))
