"""What the engines that answer in SQL have in common: the table of codes, and the counts that are taken from it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from poems_cli.engine.criteria import conditions
from poems_cli.engine.steps_to_met import Steps
from poems_cli.model import Truth
from poems_cli.screening.counts import Counts, Details
from poems_cli.screening.engine_error import EngineError
from poems_cli.screening.packs import Packs, highest_level
from poems_cli.screening.plan import Plan
from poems_cli.screening.row_answer import Value
from poems_cli.sql.cells import EngineReads, Kind
from poems_cli.sql.notices import Masks
from poems_cli.sql.query import answers
from poems_cli.sql.stages import Stages
from poems_cli.sql.state_code import StateCode
from poems_cli.sql.text import Text, quoted

#: Runs a query and gives its rows.
Ask = Callable[[str], Sequence[Any]]


_MEND = (
    "ask for less of these rules with --criteria and --columns (steps to met are left out where no column asks for them, with "
    "--quiet and without --summary), or answer a small table with --engine python"
)


class Coded:
    """The codes of one plan: the SQL that makes them, and what they say."""

    def __init__(
        self, plan: Plan, engine: EngineReads, kinds: Mapping[str, Kind] | None = None, in_rails: bool = False
    ) -> None:
        """``kinds`` as in :meth:`Plan.translator`, ``in_rails`` as in :class:`Stages`.

        Raises :class:`EngineError` for rules of which too much is asked.
        """
        self._stages = stages = Stages(in_rails)
        reading = plan.translator(engine, kinds)
        try:
            asked = {"steps": plan.asks_steps, "details": plan.counts_details}
            self.answers = answers(plan.rules, plan.criteria, plan.columns, reading, stages, **asked)
            self.packs = Packs(plan.rules, self.answers, plan.criteria, stages)
        except OverflowError as error:
            raise EngineError(str(error), _MEND) from None
        self._default = plan.rules.criteria[plan.default]
        self.states: dict[int, Steps] = {}
        self._occurring: dict[str, list[int]] = {}

    @property
    def kept(self) -> Mapping[str, Text]:
        """The codes that differ from row to row, by the name of their column."""
        return self.packs.kept()

    def sql(self, source: str, also: Mapping[str, Text]) -> str:
        """The query that makes the codes of a relation, with further columns before them; in DuckDB's dialect."""
        every = {**also, **self.kept}
        stages, last = self._stages.sql(source, "stage", _read(every))
        kept = _select_list(every)
        return f"{f'WITH {stages} ' if stages else ''}SELECT {', '.join(kept)} FROM {last}"

    def select_lists(self, also: Mapping[str, Text]) -> list[list[str]]:
        """The same as the select list of each query upon the one before."""
        every = {**also, **self.kept}
        return [*self._stages.select_lists(_read(every)), _select_list(every)]

    def worklist_sql(self, looked_up: Callable[[Text | int, Mapping[int, Value]], str], row: str) -> str:
        """What leaves those who could still be met, nearest first, equals by ``row``. To be asked after :meth:`count`."""
        if self.answers.state is None:
            message = "a worklist asks for steps"
            raise ValueError(message)
        found = looked_up(self.answers.state.value, {code: steps.number for code, steps in self.states.items()})
        steps = f"CAST({found} AS INTEGER)"  # a bare number would be the place of a column, and of none is text
        return f" WHERE {steps} > 0 ORDER BY {steps}, {row}"

    # --- counts -------------------------------------------------------------------------------------------------------

    def count(self, codes: str, ask: Ask) -> Counts:
        """What is found in the table of codes of this name."""
        state = self.answers.state
        rows = int(ask(f"SELECT count(*) FROM {codes}")[0][0])
        with ThreadPoolExecutor(1, "steps") as thread:  # while the engine counts, what each state means is worked out here
            steps = thread.submit(self._steps, state, self._numbers(state.value, codes, ask)) if state is not None else None
            warnings, _ = self._ids(self.answers.warnings, codes, ask)
            flags, _ = self._ids(self.answers.red_flags, codes, ask)
            contradictions, contradictory = self._ids(self.answers.contradictions, codes, ask)
            faults, faulty = self._faults(codes, ask)
            verdicts, highest = self._verdicts(codes, ask)
            details = self._details(codes, ask)
            counted = Counter() if steps is None else steps.result()
        return Counts(
            rows, verdicts, highest, counted, flags, warnings, contradictions, contradictory, faults, faulty, details=details
        )

    def _details(self, codes: str, ask: Ask) -> Details | None:
        """What only a report shows, if it was asked for."""
        found = self.answers.details
        if found is None:
            return None
        presents: Counter[tuple[int, ...]] = Counter()
        digits = self.packs.presents(self._default.id)
        number = len(conditions(self._default.levels[0].expression))
        for code, rows in self._numbers(digits.value, codes, ask):
            presents[tuple([int(count or 0) for count in digits.read(code)[: 2 * number : 2]])] += rows
        labels, flags = found.labels, self.answers.red_flags
        flagged: Counter[tuple[str, str]] = Counter()
        carried, _ = self._ids(labels, codes, ask)
        if carried:
            pair = f"SELECT {_sql(labels.value)}, {_sql(flags.value)}, count(*) FROM {codes} GROUP BY 1, 2 ORDER BY 1, 2"
            for label_mask, flag_mask, rows in ask(pair):
                flagged.update({(label, flag): rows for label in labels.ids_of(label_mask) for flag in flags.ids_of(flag_mask)})
        known: Counter[str] = Counter()
        for masks in found.known:
            known.update(self._bits(masks, codes, ask))
        return Details(presents, known, carried, flagged)

    def _bits(self, masks: Masks, codes: str, ask: Ask) -> Mapping[str, int]:
        """The rows of each id, where there are too many masks to look at each."""
        mask = _sql(masks.value)
        sums = [f"sum(CASE WHEN ({mask} & {1 << bit}) <> 0 THEN 1 ELSE 0 END)" for bit in range(len(masks.ids))]
        (found,) = ask(f"SELECT {', '.join(sums)} FROM {codes}") if sums else ((),)
        return {name: int(rows or 0) for name, rows in zip(masks.ids, found, strict=True)}

    def _numbers(self, code: Text | int, codes: str, ask: Ask) -> list[tuple[int, int]]:
        """How often each value of a code occurs."""
        value = _sql(code)
        found = [(one, number) for one, number in ask(f"SELECT {value}, count(*) FROM {codes} GROUP BY 1 ORDER BY 1") if number]
        self._occurring[value] = [one for one, _ in found]
        return found

    def occurring(self, code: Text | int, codes: str, ask: Ask) -> Sequence[int]:
        """The values of a code that occur."""
        if isinstance(code, int):
            return [code]
        if code.sql not in self._occurring:
            self._numbers(code, codes, ask)
        return self._occurring[code.sql]

    def _verdicts(
        self, codes: str, ask: Ask
    ) -> tuple[Mapping[tuple[str, str], Mapping[Truth, int]], Mapping[tuple[str, str], int]]:
        """The rows of each verdict of each set and level, and the rows by the highest level that they meet."""
        counted: dict[tuple[str, str], Counter[Truth]] = {}
        highest: Counter[tuple[str, str]] = Counter()
        for sets, verdicts in self.packs.verdicts:
            counted |= {key: Counter() for key in self.packs.levels(sets, verdicts, 0)}
            for code, number in self._numbers(verdicts.value, codes, ask):
                found = self.packs.levels(sets, verdicts, code)
                for key, value in found.items():
                    counted[key][value] += number
                for set_id in sets:
                    level = highest_level(found, set_id)
                    if level is not None:
                        highest[set_id, level] += number
        return counted, highest

    def _steps(self, state: StateCode, numbers: Sequence[tuple[int, int]]) -> Counter[tuple[int | None, str | None]]:
        """The rows whose default set is open, by steps and next test."""
        counted: Counter[tuple[int | None, str | None]] = Counter()
        for code, number in numbers:
            steps = self.states[code] = state.steps(code)
            if steps.verdict is None:
                counted[steps.number, steps.test] += number
        return counted

    def _ids(self, masks: Masks, codes: str, ask: Ask) -> tuple[Counter[str], int]:
        """The rows of each id, and the rows that have any."""
        counted: Counter[str] = Counter()
        any_id = 0
        for mask, number in self._numbers(masks.value, codes, ask):
            ids = masks.ids_of(mask)
            counted.update(dict.fromkeys(ids, number))
            any_id += number if ids else 0
        return counted, any_id

    def _faults(self, codes: str, ask: Ask) -> tuple[Counter[tuple[str, str, int]], int]:
        counted: Counter[tuple[str, str, int]] = Counter()
        faulty = 0
        if self.answers.faults is None:
            return counted, faulty
        for faults, number in ask(f"SELECT faults, count(*) FROM {codes} WHERE faults IS NOT NULL GROUP BY 1 ORDER BY 1"):
            faulty += number
            for place, fault in listed_faults(faults):
                one = self.answers.fault_columns[place]
                counted[one.heading, one.finding, fault] += number
        return counted, faulty


def _sql(code: Text | int) -> str:
    return code.sql if isinstance(code, Text) else str(code)


def listed_faults(named: str) -> Iterator[tuple[int, int]]:
    """The positions of columns and the numbers of their faults, as a row names them."""
    for one in named.split(";"):
        if one:
            place, _, fault = one.partition(":")
            yield int(place), int(fault)


def _read(columns: Mapping[str, Text]) -> Collection[str]:
    """The columns that others read, each once."""
    return dict.fromkeys([name for one in columns.values() for name in sorted(one.columns)])


def _select_list(columns: Mapping[str, Text]) -> list[str]:
    return [f"{value.sql} AS {quoted(name)}" for name, value in columns.items()] or ["0 AS nothing"]
