"""One query that answers a table of patients by itself, in the words of any dialect: rules in, text out.

sqlglot is heavy: import this module only to write SQL.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from poems_cli.model import Rules
from poems_cli.nearest_steps import Steps
from poems_cli.screening.answer import AnswerColumn
from poems_cli.sql.cells import ANY_ENGINE, DUCKDB, CellTranslator, SourceColumn
from poems_cli.sql.dialects import Writer, columns_of, parsed
from poems_cli.sql.query import Answers, answers
from poems_cli.sql.repeated import Stage, named_once, taken_out
from poems_cli.sql.stages import Stages
from poems_cli.sql.state_code import StateCode
from poems_cli.sql.terms import Term, Text, column, quoted, string, whole
from poems_cli.sql.words import Spoken, Worder, ids_of_bits
from poems_cli.units import UnitTable

#: Beyond so many states of the default set, the steps and the next test of each are not listed.
MOST_STATES = 20_000
#: Postgres takes no more columns than 1,664.
_MOST_COLUMNS = 1_600

_GIVEN = "given"
_STAGE = "stage"
_CODE = "state_code"
_OPEN, _STEPS = "open_states", "open_steps"
_STATE, _NUMBER, _FOUND = "open_state", "open_answer", "steps_answer"
_TO_MET, _NEXT = "steps_left", "test_next"


class TooManyStatesError(ValueError):
    """The default set has too many states for the steps and the next test of each to be listed."""


class Source(NamedTuple):
    """A table: what it is called in the dialect, the column with the patient's id (``None`` without), and those that are read.

    ``columns`` hold findings, ``limits`` says which column is called how inside the query, with its name in the table.
    """

    table: str
    id: str | None
    columns: Sequence[SourceColumn]
    names: Mapping[str, str]
    limits: Mapping[str, str] = {}
    decimal: str = "."


class Query(NamedTuple):
    """A query: its text, the columns of the table that it reads, by their names inside, and the number of its stages."""

    text: str
    reads: frozenset[str]
    stages: int


def whole_query(
    rules: Rules, units: UnitTable, criteria: Sequence[str], columns: Sequence[AnswerColumn], source: Source, dialect: str
) -> Query:
    """The query that answers these columns; the first of the ``criteria`` is the default set.

    Raises :class:`TooManyStatesError` where the steps or the next test are asked for and cannot be listed, and ValueError where
    the name of the table is none.
    """
    stages = Stages()
    engine = DUCKDB if dialect == "duckdb" else ANY_ENGINE
    reading = CellTranslator(rules, units, source.columns, source.limits, source.decimal, engine)
    answered = answers(rules, criteria, columns, reading, stages)
    looks_up = any(one.kind in ("steps", "test") for one in columns)
    if looks_up and answered.state.size > MOST_STATES:
        raise TooManyStatesError(criteria[0])
    lookup = _Lookup(answered.state) if looks_up else None
    writer = Writer(dialect, [one.name for one in source.columns if one.kind == "boolean"])
    layout = _Layout(stages, _outputs(answered, criteria[0], columns, source, lookup))
    return Query(_written(layout, source, lookup, writer), layout.reads, len(layout.stages))


def _outputs(
    answered: Answers, default: str, columns: Sequence[AnswerColumn], source: Source, lookup: "_Lookup | None"
) -> Stage:
    spoken = Spoken(
        steps=lambda _: None if lookup is None else lookup.steps,
        test=lambda _: None if lookup is None else lookup.test,
        ids=ids_of_bits,
    )
    worder = Worder(answered, default, spoken)
    outputs: Stage = []
    for one in columns:
        if one.kind != "id":
            outputs.append((one.name, parsed(worder.sql(one))))
        elif source.id is not None:
            outputs.append((one.name, parsed(quoted(source.id))))
    return outputs


class _Lookup:
    """The steps and the next test of every open state, as two lists: the answer of each state, and what the answers are.

    Thousands of states have a few dozen answers.
    """

    def __init__(self, state: StateCode) -> None:
        self.code = state.value
        found = dict(self._open(state))
        answers = sorted(set(found.values()), key=lambda one: (one[0] is None, one[0] or 0, one[1] or ""))
        self.answers = [(number, steps, test) for number, (steps, test) in enumerate(answers)]
        numbers = {(steps, test): number for number, steps, test in self.answers}
        self.states = [(code, numbers[answer]) for code, answer in found.items()]

    def _open(self, state: StateCode) -> Iterator[tuple[int, tuple[int | None, str | None]]]:
        every: Iterable[tuple[int, Steps]] = state.every() if isinstance(self.code, Text) else [(0, state.steps(0))]
        for code, steps in every:
            if steps.verdict is None:
                yield code, (steps.number, steps.test)

    @property
    def steps(self) -> Term:
        """The steps of a row whose default set is open."""
        if self.is_joined:
            return column(_TO_MET)
        steps = self.answers[0][1] if self.answers else None
        return None if steps is None else whole(steps)

    @property
    def test(self) -> Term:
        """The next test of a row whose default set is open."""
        if self.is_joined:
            return column(_NEXT)
        test = self.answers[0][2] if self.answers else None
        return None if test is None else Text(string(test), frozenset())

    @property
    def is_joined(self) -> bool:
        """Whether rows have different states, so that there is something to look up."""
        return isinstance(self.code, Text) and bool(self.states)


class _Layout:
    """The stages, with only the columns that the outputs hang on; what stands in a stage more than once has one before it."""

    def __init__(self, stages: Stages, outputs: Stage) -> None:
        self.outputs = outputs
        needed = {name for _, tree in outputs for name in columns_of(tree)}
        if needed & {_TO_MET, _NEXT}:
            needed.add(_CODE)
        laid: list[Stage] = []
        named = (f"part_{number}" for number in count(1))
        parts: set[str] = set()
        for stage in reversed(stages.columns()):
            kept = [(name, parsed(sql)) for name, sql in stage if name in needed]
            needed |= {one for _, tree in kept for one in columns_of(tree)}
            while kept:
                shared = taken_out(kept, named)
                parts |= {name for name, _ in shared}
                laid.append(kept)
                kept = shared
        self.stages = named_once(laid[::-1], parts)
        made = {name for stage in self.stages for name, _ in stage} | {_TO_MET, _NEXT}
        self.reads = frozenset(needed - made)


def _written(layout: _Layout, source: Source, lookup: _Lookup | None, writer: Writer) -> str:
    reads = [name for name in source.names if name in layout.reads]
    given = [f"{writer.name_in_table(source.names[name])} AS {writer.name(name)}" for name in reads]
    parts = [_stage(_GIVEN, given or ["1 AS nothing"], writer.table(source.table), writer)]
    last = _GIVEN
    for number, (carried, stage) in enumerate(_carrying(layout, reads), 1):
        kept = ["*"] if carried is None else [writer.name(name) for name in carried]
        # A column reads the stages before its own only, so that the truths of each are known by then.
        parts.append(_stage(f"{_STAGE}_{number}", kept + [writer.column(name, tree) for name, tree in stage], last, writer))
        last = f"{_STAGE}_{number}"
    joined = ""
    if lookup is not None and lookup.is_joined:
        parts += _lists(lookup, writer)
        joined = f"\nLEFT JOIN {_OPEN} ON {_CODE} = {_STATE}\nLEFT JOIN {_STEPS} ON {_NUMBER} = {_FOUND}"
    tables = ",\n".join(parts)
    outputs = ",\n  ".join(writer.column(name, tree) for name, tree in layout.outputs)
    return f"WITH {tables}\nSELECT\n  {outputs}\nFROM {last}{joined};\n"


def _carrying(layout: _Layout, reads: Sequence[str]) -> Iterator[tuple[Sequence[str] | None, Stage]]:
    """Each stage with the columns of the one before that it carries on: all, until there are too many."""
    reading = [set().union(*[columns_of(tree) for _, tree in stage]) for stage in [*layout.stages, layout.outputs]]
    width = list(reads)
    for number, stage in enumerate(layout.stages):
        carried = None
        if len(width) + len(stage) > _MOST_COLUMNS:
            later = {_CODE}.union(*reading[number + 1 :])
            carried = width = [name for name in width if name in later]
        yield carried, stage
        width = [*width, *[name for name, _ in stage]]


def _stage(name: str, columns: Sequence[str], source: str, writer: Writer) -> str:
    listed = ",\n    ".join(columns)
    return f"{name} AS (\n  SELECT\n    {listed}\n  FROM {source}{writer.fence}\n)"


def _lists(lookup: _Lookup, writer: Writer) -> list[str]:
    states = writer.rows("listed", {_STATE: "BIGINT", _NUMBER: "INTEGER"}, lookup.states)
    found = writer.rows("listed", {_FOUND: "INTEGER", _TO_MET: "INTEGER", _NEXT: "VARCHAR"}, lookup.answers)
    return [f"{_OPEN} AS (\n  SELECT * FROM {states}\n)", f"{_STEPS} AS (\n  SELECT * FROM {found}\n)"]
