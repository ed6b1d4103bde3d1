from typing import Any

import pytest

from tests.spec.engines import Engine, FullSqlEngine, PythonEngine, SqlEngine


@pytest.fixture(params=[PythonEngine, SqlEngine, FullSqlEngine], ids=["python", "sql", "full sql"])
def engine(request: Any) -> Engine:
    made: Engine = request.param()
    return made


@pytest.fixture
def python_engine() -> PythonEngine:
    return PythonEngine()
