"""Rules with more conditions than a number has bits are answered as row by row."""

from pathlib import Path

import pyarrow.csv
import pytest

from poems_cli.screening.in_memory import screen_table
from poems_cli.screening.options import ScreenOptions
from tests.large_rules import RULES, plan
from tests.property.test_screening_engines import same_as_row_by_row
from tests.row_answer import expected


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_the_same_answer(form: str, tmp_path: Path) -> None:
    """With more warnings, contradictions and levels than a whole number has bits."""
    answer = same_as_row_by_row(plan(tmp_path, columns=("all",), form=form))
    assert len(answer.counts.contradictions) > 62 < len(answer.counts.warnings)


def test_from_python(tmp_path: Path) -> None:
    names = ("id", "set0", "set13_level", "warnings", "contradictions")
    lines = expected(plan(tmp_path, columns=names)).text.splitlines()
    table = pyarrow.csv.read_csv(tmp_path / "large.csv")
    answered = screen_table(RULES, table, ScreenOptions((), columns=names))[0].read_all()
    assert [",".join(["" if cell is None else cell for cell in row.values()]) for row in answered.to_pylist()] == lines[1:]


def test_a_set_of_very_many_states(tmp_path: Path) -> None:
    """Any two of forty literals are enough."""
    same_as_row_by_row(plan(tmp_path, criteria=("many",)))
