"""Every engine that screens tables gives the same answer, byte by byte, the same counts and the same rejects."""

import csv
import io
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poems_cli.screening.counts import Counts
from poems_cli.screening.duckdb_engine import DuckdbEngine
from poems_cli.screening.options import ScreenOptions, plan_of
from poems_cli.screening.plan import Engine, Plan, Reject
from poems_cli.screening.python_engine import PythonEngine
from poems_cli.screening.row_check import RowCheck
from poems_cli.tables.opening import open_tables
from poems_cli.tables.table_file import TableError, TableOptions
from tests.property.made_tables import RULES, Made, identities, tables, wide_table, written

CRITERIA = list(RULES.criteria)
#: A rejected row or a cell of another one would be no less wrong for standing in a large table.
LAX = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class Screened(NamedTuple):
    """What an engine says of a table."""

    text: str
    counts: Counts
    rejects: list[Reject]


def screened(make: Callable[[Plan], Engine], plan: Plan, *, quick: bool = False, parallel: bool = False) -> Screened:
    """The answer of an engine; run and written as the program does it."""
    with ExitStack() as stack:
        spill = stack.enter_context(tempfile.TemporaryDirectory())
        engine = make(plan._replace(spill=spill, threads=1))
        stack.callback(engine.close)
        counts = engine.run(quick=quick, parallel=parallel)
        rows = engine.write(str(Path(spill, "answer")))
        text = Path(spill, "answer").read_bytes().decode()
        assert plan.worklist or rows == counts.rows
        return Screened(text, counts, list(engine.rejects()))


def planned(folder: str, made: Made, **options: object) -> Plan:
    """The plan for a table, from its file."""
    table, mapping = Path(folder, "table.csv"), Path(folder, "map.yaml")
    table.write_bytes(made.text.encode())
    if made.mapping is not None:
        mapping.write_text(made.mapping, encoding="utf-8")
    asked = ScreenOptions((str(table),), decimal=made.decimal, map_path=str(mapping) if made.mapping else None)._replace(
        **options
    )
    return plan_of(RULES, asked, open_tables(asked.paths, TableOptions(), folder, io.BytesIO()), folder)


def same_on_every_engine(plan: Plan, *, quick: bool = False) -> Screened:
    """The answer of the Python engine, which DuckDB's is, too: read as text, or what seems plain as what it is."""
    expected = screened(PythonEngine, plan)
    may_be_quick, parallel = RowCheck(plan.tables).join()
    if not quick or not may_be_quick:
        assert screened(DuckdbEngine, plan, parallel=parallel) == expected
        return expected
    with suppress(TableError):  # a cell is none of the plain ones: the program goes on with more care
        assert screened(DuckdbEngine, plan, quick=True, parallel=parallel) == expected
    return expected


@settings(max_examples=30, suppress_health_check=LAX)
@given(
    made=tables(),
    criteria=st.permutations(CRITERIA).flatmap(lambda order: st.integers(1, len(order)).map(lambda number: order[:number])),
    columns=st.sampled_from([(), (), (), ("all",), ("mhlw_level",), ("id",), ("next_test", "id", "mayo")]),
    mimics=st.booleans(),
    worklist=st.booleans(),
    quick=st.booleans(),
)
def test_the_same_answer(
    made: Made, criteria: Sequence[str], columns: tuple[str, ...], mimics: bool, worklist: bool, quick: bool
) -> None:
    """In every column, with any set as the default one, whatever the cells hold."""
    names = (
        columns if columns == ("all",) else [one for one in columns if one[:4] not in ("mayo", "mhlw") or one[:4] in criteria]
    )
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(folder, made, criteria=tuple(criteria), columns=tuple(names), mimics=mimics, worklist=worklist)
        same_on_every_engine(plan, quick=quick)


@settings(max_examples=12, suppress_health_check=LAX)
@given(tables(plain=True))
def test_the_same_answer_of_a_table_that_engines_read_by_themselves(made: Made) -> None:
    """Nothing but true, false and numbers: what the quick way is for."""
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(folder, made)
        kinds = {column.heading: RULES.findings[column.finding].kind for column in plan.table_map.columns}
        assert set(plan.likely_kinds()) == {heading for heading, kind in kinds.items() if kind != "choice"}
        same_on_every_engine(plan, quick=True)


def test_the_same_answer_of_a_wide_table() -> None:
    made = wide_table(random.Random(1), columns=240, rows=40)
    with tempfile.TemporaryDirectory() as folder:
        answer = same_on_every_engine(planned(folder, made, columns=("all",)))
    assert len(answer.rejects) > 20
    assert len(answer.counts.warnings) > 5
    assert answer.counts.contradictory_rows


@settings(max_examples=20, suppress_health_check=LAX)
@given(st.lists(identities, min_size=1, max_size=12), st.sampled_from(["csv", "tsv", "ndjson"]), st.booleans())
def test_every_row_in_is_one_row_out_with_its_id(ids: list[str], form: str, safe: bool) -> None:
    """In the order of the table, whatever the ids are, and as they are: but for a sign before what would be a formula."""
    text = written([["id", "papilledema"], *[[one, ("yes", "no", "?", "odd")[place % 4]] for place, one in enumerate(ids)]])
    columns = ("id", "castleman_variant", "not_understood")
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(folder, Made(text, None, "."), form=form, columns=columns, spreadsheet_safe=safe)
        duckdb, python = screened(DuckdbEngine, plan), screened(PythonEngine, plan)
    assert duckdb == python or form == "ndjson"
    expected = [f"'{one}" if safe and one[:1] in tuple("=+-@\t\r") else one for one in ids]
    for answer in (duckdb, python):
        rows = (
            [list(one.values()) for one in map(json.loads, filter(None, answer.text.split("\n")))]
            if form == "ndjson"
            else (list(csv.reader(io.StringIO(answer.text, newline=""), delimiter="\t" if form == "tsv" else ","))[1:])
        )
        assert [row[0] or "" for row in rows] == expected
        assert [str(row[2]) for row in rows] == [str(int(place % 4 == 3)) for place in range(len(ids))]
        assert [one.row for one in answer.rejects] == [place + 1 for place in range(len(ids)) if place % 4 == 3]
