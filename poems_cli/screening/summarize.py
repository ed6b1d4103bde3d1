"""From what was counted to the summary that people and programs read."""

from collections import Counter

from poems_cli.arrays.counts import Counts
from poems_cli.arrays.counts import Details as Counted
from poems_cli.engine.criteria import answer
from poems_cli.model import NOTHING_KNOWN
from poems_cli.screening.plan import Plan
from poems_cli.screening.summary import (
    CellFault,
    ColumnRead,
    ConditionCounts,
    Contradictory,
    Count,
    Details,
    Labeled,
    LevelVerdicts,
    NotUnderstood,
    Steps,
    Summary,
    Verdicts,
)
from poems_cli.tables.cells import FAULTS, Fault
from poems_cli.tables.columns import Column

#: A text is shown if it is in at least this many cells: it is a word of the table then, and no patient's own.
_FREQUENT, _TEXTS = 5, 3


def summarize(plan: Plan, counts: Counts, engine: str, seconds: float) -> Summary:
    """The summary of a run, except the program's version and what was written."""
    default = counts.verdicts.get((plan.default, ""), Counter())
    no_longer = sum(number for (steps, _), number in counts.steps.items() if steps is None)
    return Summary(
        program_version="",
        rules=plan.rules.identity,
        files=tuple([table.name for table in plan.tables]),
        engine=engine,
        rows=counts.rows,
        seconds=seconds,
        default_criteria=plan.default,
        verdicts=tuple([_verdicts(plan, counts, set_id) for set_id in plan.criteria]),
        met=default.get(True, 0),
        steps=_steps(counts),
        can_no_longer_be_met=default.get(False, 0) + no_longer,
        table=plan.table_map,
        read=tuple([_read(plan, counts, column) for column in plan.table_map.columns]),
        not_understood=_not_understood(counts),
        contradictory=Contradictory(counts.contradictory_rows, _counts(counts.contradictions)),
        warnings=_counts(counts.warnings),
        red_flags=_counts(counts.red_flags),
        details=None if counts.details is None else _details(plan, counts, counts.details),
    )


def _details(plan: Plan, counts: Counts, counted: Counted) -> Details:
    level = answer(plan.rules.criteria[plan.default], NOTHING_KNOWN).levels[0]
    groups = level.groups
    each = []
    for place, group in enumerate(groups):
        rows = [0] * (len(group.present) + len(group.absent) + len(group.unknown) + 1)
        for presents, number in counted.conditions.items():
            rows[presents[place]] += number
        each.append(ConditionCounts(group.condition, group.needed, tuple(rows)))
    holding = None
    if "score" not in [level.trace.kind, *[part.kind for part in level.trace.children]]:
        held = [0] * (len(groups) + 1)
        for presents, number in counted.conditions.items():
            held[sum(count >= group.needed for count, group in zip(presents, groups, strict=True))] += number
        holding = tuple(held)
    known = {column.finding: counts.known[column.finding] for column in plan.table_map.columns}
    labels = [
        Labeled(label, rows, _counts(Counter({flag: some for (of, flag), some in counted.flagged.items() if of == label})))
        for label, rows in sorted(counted.labels.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return Details(tuple(each), holding, known, tuple(labels))


def _verdicts(plan: Plan, counts: Counts, set_id: str) -> Verdicts:
    def three(level: str) -> tuple[int, int, int]:
        found = counts.verdicts.get((set_id, level), Counter())
        return found.get(True, 0), found.get(False, 0), found.get(None, 0)

    levels = plan.rules.criteria[set_id].levels
    each = (
        tuple([LevelVerdicts(level.id, *three(level.id), counts.highest.get((set_id, level.id), 0)) for level in levels])
        if len(levels) > 1
        else ()
    )
    return Verdicts(set_id, *three(""), each)


def _steps(counts: Counts) -> tuple[Steps, ...]:
    rows: Counter[int] = Counter()
    tests: dict[int, Counter[str]] = {}
    for (steps, test), number in counts.steps.items():
        if steps is not None:
            rows[steps] += number
            if test is not None:
                tests.setdefault(steps, Counter())[test] += number
    return tuple([Steps(steps, number, _counts(tests.get(steps, Counter()))) for steps, number in sorted(rows.items())])


def _read(plan: Plan, counts: Counts, column: Column) -> ColumnRead:
    """What came of one column."""
    builder = plan.profiles.builders[column.heading]
    faults = sum(cells for (heading, _, _), cells in counts.faults.items() if heading == column.heading)
    understood = counts.known[column.finding]
    texts: tuple[tuple[str, int], ...] = ()
    if plan.rules.findings[column.finding].kind != "quantity":
        texts = tuple([(text, cells) for text, cells in builder.profile().texts if cells >= _FREQUENT][:_TEXTS])
    return ColumnRead(column, understood, counts.rows - understood - faults, faults, texts)


def _not_understood(counts: Counts) -> NotUnderstood:
    columns = []
    for (heading, finding, fault), cells in sorted(counts.faults.items(), key=lambda pair: (-pair[1], pair[0])):
        problem, mend = FAULTS[Fault(fault)]
        columns.append(CellFault(heading, finding, problem, cells, mend))
    return NotUnderstood(counts.faults.total(), counts.faulty_rows, tuple(columns))


def _counts(found: Counter[str]) -> tuple[Count, ...]:
    """The most frequent first, equals by id."""
    return tuple([Count(name, rows) for name, rows in sorted(found.items(), key=lambda pair: (-pair[1], pair[0])) if rows])
