"""Whole columns give the answers of single patients: the same bytes, the same counts and the same rejects."""

import csv
import dataclasses
import io
import json
import random
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from poems_cli.arrays.counts import Counts
from poems_cli.errors import PoemsError
from poems_cli.screening.options import ScreenOptions, plan_of
from poems_cli.screening.output_set import OutputSet
from poems_cli.screening.plan import Plan, Reject
from poems_cli.screening.run import Outcome, Progress, run
from poems_cli.tables.opening import open_tables
from poems_cli.tables.table_file import TableOptions
from tests.property.made_tables import RULES, Made, identities, tables, wide_table, written
from tests.row_answer import Expected, expected, fit_id

CRITERIA = list(RULES.criteria)
#: A wrong reject or a cell of another row would be just as wrong in a large table.
LAX = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def screened(plan: Plan, answer: Callable[[Plan, OutputSet], Outcome] | None = None) -> Expected:
    """What a run answers, counts and rejects; ``answer`` is another way to run a plan."""
    with tempfile.TemporaryDirectory() as spill:
        path = str(Path(spill, "answer"))
        plan = plan._replace(spill=spill, lists_rejects=True, outputs=(plan.outputs[0]._replace(path=path),))
        outputs = _Kept(plan)
        with outputs:
            counts = (answer or _run)(plan, outputs).counts
            outputs.finish()
        assert plan.worklist or outputs.rows == counts.rows
        return Expected(Path(path).read_bytes().decode(), _counted(counts), outputs.kept)


def _run(plan: Plan, outputs: OutputSet) -> Outcome:
    return run(plan, outputs, Progress())


def _counted(counts: Counts) -> Counts:
    """The counts without what was found in no row."""
    return dataclasses.replace(
        counts, verdicts={level: +numbers for level, numbers in counts.verdicts.items()}, highest=+counts.highest
    )


PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class _Kept(OutputSet):
    """Output files, and the rejects."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.kept: list[Reject] = []

    def add_rejects(self, rejects: Sequence[Reject]) -> None:
        self.kept += rejects
        super().add_rejects(rejects)


def planned(folder: str, made: Made, **options: object) -> Plan:
    """The plan for a table, from its file."""
    table, mapping = Path(folder, "table.csv"), Path(folder, "map.yaml")
    table.write_bytes(made.text.encode())
    if made.mapping is not None:
        mapping.write_text(made.mapping, encoding="utf-8")
    screen_options = ScreenOptions(
        (str(table),), decimal=None if made.decimal == "." else made.decimal, map_path=str(mapping) if made.mapping else None
    )
    screen_options = screen_options._replace(**options)
    try:
        return plan_of(RULES, screen_options, open_tables(screen_options.paths, TableOptions(), folder, io.BytesIO()), folder)
    except PoemsError:  # no column of it is read, since the meaning of its cells is not given
        reject()


def same_as_row_by_row(plan: Plan) -> Expected:
    """The answer, which is that of the rows one by one."""
    by_row = expected(plan)
    by_row = by_row._replace(counts=_counted(by_row.counts), rejects=[_shortened(reject) for reject in by_row.rejects])
    answer = screened(plan)
    assert answer._replace(rejects=[_shortened(reject) for reject in answer.rejects]) == by_row
    return by_row


def _shortened(reject: Reject) -> Reject:
    """A reject with a plain number in its shortest form: where all of a column are such, their digits are not kept."""
    return reject._replace(cell=repr(float(reject.cell))) if PLAIN.fullmatch(reject.cell) else reject


@settings(max_examples=30, suppress_health_check=LAX, derandomize=True)
@given(
    made=tables(),
    criteria=st.permutations(CRITERIA).flatmap(lambda order: st.integers(1, len(order)).map(lambda number: order[:number])),
    columns=st.sampled_from([(), (), (), ("all",), ("mhlw_level",), ("id",), ("next_test", "id", "mayo")]),
    mimics=st.booleans(),
    worklist=st.booleans(),
)
def test_the_same_answer(made: Made, criteria: Sequence[str], columns: tuple[str, ...], mimics: bool, worklist: bool) -> None:
    """In every column, with any set as the default one, for any content of the cells."""
    names = (
        columns
        if columns == ("all",)
        else [column for column in columns if column[:4] not in ("mayo", "mhlw") or column[:4] in criteria]
    )
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(folder, made, criteria=tuple(criteria), columns=tuple(names), mimics=mimics, worklist=worklist)
        same_as_row_by_row(plan)


@settings(max_examples=12, suppress_health_check=LAX, derandomize=True)
@given(tables(plain=True))
def test_the_same_answer_of_a_table_of_plain_numbers(made: Made) -> None:
    """Nothing but true, false and numbers, which are not read as text first."""
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(folder, made)
        assert set(plan.kinds) == {column.heading for column in plan.table_map.columns}
        same_as_row_by_row(plan)


def test_the_same_answer_of_a_wide_table() -> None:
    made = wide_table(random.Random(1), columns=240, rows=40)
    with tempfile.TemporaryDirectory() as folder:
        answer = same_as_row_by_row(planned(folder, made, columns=("all",)))
    assert len(answer.rejects) > 20
    assert len(answer.counts.warnings) > 5
    assert answer.counts.contradictory_rows


@settings(max_examples=20, suppress_health_check=LAX, derandomize=True)
@given(st.lists(identities, min_size=1, max_size=12), st.sampled_from(["csv", "tsv", "ndjson"]), st.booleans())
def test_every_row_in_is_one_row_out_with_its_id(ids: list[str], form: str, safe: bool) -> None:
    """In the order of the table, with any ids, unchanged but for a sign before what would be a formula."""
    text = written(
        [["id", "papilledema"], *[[patient_id, ("yes", "no", "?", "odd")[place % 4]] for place, patient_id in enumerate(ids)]]
    )
    columns = ("id", "castleman_variant", "not_understood")
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(folder, Made(text, None, "."), form=form, columns=columns, spreadsheet_safe=safe)
        answer = same_as_row_by_row(plan)
    fit = [fit_id(patient_id) or "" for patient_id in ids]
    expected_ids = [f"'{patient_id}" if safe and patient_id[:1] in tuple("=+-@\t\r") else patient_id for patient_id in fit]
    rows = (
        [list(row.values()) for row in map(json.loads, filter(None, answer.text.split("\n")))]
        if form == "ndjson"
        else (list(csv.reader(io.StringIO(answer.text, newline=""), delimiter="\t" if form == "tsv" else ","))[1:])
    )
    assert [row[0] or "" for row in rows] == expected_ids
    assert [str(row[2]) for row in rows] == [str(int(place % 4 == 3)) for place in range(len(ids))]
    assert [reject.row for reject in answer.rejects] == [place + 2 for place in range(len(ids)) if place % 4 == 3]
