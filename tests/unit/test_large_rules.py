"""Rules of which more is asked than a number has bits for are answered alike by every engine, or refused in plain words."""

from pathlib import Path

import pytest

from poems_cli.screening.duckdb_engine import DuckdbEngine
from poems_cli.screening.engine_error import EngineError
from poems_cli.screening.in_memory import screen_table
from poems_cli.screening.options import ScreenOptions
from poems_cli.screening.python_engine import PythonEngine
from tests.large_rules import RULES, plan
from tests.property.test_screening_engines import screened
from tests.typed_table import connection


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_the_engines_agree(form: str, tmp_path: Path) -> None:
    """With more warnings, contradictions and levels than a whole number has bits."""
    asked = plan(tmp_path, columns=("all",), form=form)
    expected = screened(PythonEngine, asked)
    assert len(expected.counts.contradictions) > 62 < len(expected.counts.warnings)
    assert screened(DuckdbEngine, asked) == expected


def test_from_python(tmp_path: Path) -> None:
    names = ("id", "set0", "set13_level", "warnings", "contradictions")
    expected = screened(PythonEngine, plan(tmp_path, columns=names)).text.splitlines()
    table = connection().read_csv(str(tmp_path / "large.csv"), all_varchar=True)
    told = screen_table(RULES, table, ScreenOptions((), columns=names))[0].fetchall()
    assert [",".join(["" if one is None else one for one in row]) for row in told] == expected[1:]


def test_too_many_states_are_refused(tmp_path: Path) -> None:
    """Only where something asks for the steps to met; the rest can be answered."""
    with pytest.raises(EngineError, match="the set many has too many states for one number; ask for less"):
        screened(DuckdbEngine, plan(tmp_path, criteria=("many",)))
    asked = plan(tmp_path, criteria=("many",), columns=("id", "many", "warnings"), quiet=True)
    assert screened(DuckdbEngine, asked).text == screened(PythonEngine, asked).text
