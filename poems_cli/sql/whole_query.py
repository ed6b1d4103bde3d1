"""One query that answers a table of patients by itself, in the words of any dialect: rules in, text out.

sqlglot is heavy: import this module only to write SQL.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from poems_cli.engine.answer_columns import AnswerColumn
from poems_cli.engine.steps_to_met import Steps
from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_USAGE
from poems_cli.model import Rules
from poems_cli.sql.cells import ANY_ENGINE, DUCKDB, CellTranslator, SourceColumn
from poems_cli.sql.dialects import Writer, columns_of, parsed
from poems_cli.sql.query import Answers, answers
from poems_cli.sql.repeated import Stage, named_once, taken_out
from poems_cli.sql.stages import Stages
from poems_cli.sql.state_code import StateCode
from poems_cli.sql.terms import among, cases
from poems_cli.sql.text import Term, Text, column, quoted, string, text, whole
from poems_cli.sql.words import Spoken, Worder, ids_of_bits
from poems_cli.units import UnitTable

#: Beyond so many states of the default set, the steps and the next test of each are not listed.
MOST_STATES = 20_000
#: Postgres takes no more columns than 1,664.
_MOST_COLUMNS = 1_600

_GIVEN = "given"
_STAGE = "stage"
_ANSWER = "open_answer"


class TooManyStatesError(PoemsError):
    """The default set has too many states for the steps and the next test of each to be listed."""

    def __init__(self, criteria: str) -> None:
        what = f"the set {criteria} has too many states to list"
        super().__init__([Problem("--columns", what, "leave out the steps and the next test")], EXIT_USAGE)


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
    if answered.state is not None and answered.state.size > MOST_STATES:
        raise TooManyStatesError(criteria[0])
    lookup = None if answered.state is None else _Lookup(answered.state, stages)
    writer = Writer(dialect, [one.name for one in source.columns if one.kind == "boolean"])
    layout = _Layout(stages, _outputs(answered, criteria[0], columns, source, lookup))
    return Query(_written(layout, source, writer), layout.reads, len(layout.stages))


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
    """The steps and the next test of every open state, of which thousands have a few dozen answers.

    A long text has, at the place that the code of a state says, the number of its answer. A join would say the same, but
    Spark's planner does not come to an end over it.
    """

    def __init__(self, state: StateCode, stages: Stages) -> None:
        code = state.value
        every: Iterable[tuple[int, Steps]] = state.every() if isinstance(code, Text) else [(0, state.steps(0))]
        found = {number: (steps.number, steps.test) for number, steps in every if steps.verdict is None}
        self._answers = list(dict.fromkeys(found.values()))
        self._width = len(str(len(self._answers)))
        self._is_text = isinstance(code, Text) and len(self._answers) > 1
        if isinstance(code, Text) and self._is_text:
            listed = "".join(self._word(found.get(number)) for number in range(max(found) + 1))
            at = text(f"CAST({{}} AS INTEGER) * {self._width} + 1", code)
            stages.add(_ANSWER, text(f"SUBSTR({string(listed)}, {{}}, {self._width})", at))

    def _word(self, answer: tuple[int | None, str | None] | None) -> str:
        return "-" * self._width if answer is None else str(self._answers.index(answer)).zfill(self._width)

    @property
    def steps(self) -> Term:
        """The steps of a row whose default set is open."""
        return self._told([None if steps is None else whole(steps) for steps, _ in self._answers])

    @property
    def test(self) -> Term:
        """The next test of a row whose default set is open."""
        return self._told([None if test is None else Text(string(test), frozenset()) for _, test in self._answers])

    def _told(self, words: Sequence[Text | None]) -> Term:
        if not self._is_text:
            return words[0] if words else None
        alike: dict[Text, list[str]] = {}
        for number, word in enumerate(words):
            if word is not None:
                alike.setdefault(word, []).append(str(number).zfill(self._width))
        return cases(*[(among(column(_ANSWER), numbers), word) for word, numbers in alike.items()])


class _Layout:
    """The stages, with only the columns that the outputs depend on; what stands in a stage more than once has one before it."""

    def __init__(self, stages: Stages, outputs: Stage) -> None:
        self.outputs = outputs
        needed = {name for _, tree in outputs for name in columns_of(tree)}
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
        made = {name for stage in self.stages for name, _ in stage}
        self.reads = frozenset(needed - made)


def _written(layout: _Layout, source: Source, writer: Writer) -> str:
    reads = [name for name in source.names if name in layout.reads]
    given = [f"{writer.name_in_table(source.names[name])} AS {writer.name(name)}" for name in reads]
    parts = [_stage(_GIVEN, given or ["1 AS nothing"], writer.table(source.table), writer)]
    last = _GIVEN
    for number, (carried, stage) in enumerate(_carrying(layout, reads), 1):
        kept = ["*"] if carried is None else [writer.name(name) for name in carried]
        # A column reads the stages before its own only, so that the truths of each are known by then.
        parts.append(_stage(f"{_STAGE}_{number}", kept + [writer.column(name, tree) for name, tree in stage], last, writer))
        last = f"{_STAGE}_{number}"
    tables = ",\n".join(parts)
    outputs = ",\n  ".join(writer.column(name, tree) for name, tree in layout.outputs)
    return f"WITH {tables}\nSELECT\n  {outputs}\nFROM {last};\n"


def _carrying(layout: _Layout, reads: Sequence[str]) -> Iterator[tuple[Sequence[str] | None, Stage]]:
    """Each stage with the columns of the one before that it carries on: all, until there are too many."""
    reading = [set().union(*[columns_of(tree) for _, tree in stage]) for stage in [*layout.stages, layout.outputs]]
    width = list(reads)
    for number, stage in enumerate(layout.stages):
        carried = None
        if len(width) + len(stage) > _MOST_COLUMNS:
            later: set[str] = set().union(*reading[number + 1 :])
            carried = width = [name for name in width if name in later]
        yield carried, stage
        width = [*width, *[name for name, _ in stage]]


def _stage(name: str, columns: Sequence[str], source: str, writer: Writer) -> str:
    listed = ",\n    ".join(columns)
    return f"{name} AS (\n  SELECT\n    {listed}\n  FROM {source}{writer.fence}\n)"
