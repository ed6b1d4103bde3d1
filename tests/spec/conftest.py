from typing import Any

import pytest

from tests.spec.engines import (
    Engine,
    FullQueryEngine,
    FullRailsEngine,
    FullSqlEngine,
    PythonEngine,
    QueryEngine,
    RailsEngine,
    SqlEngine,
)

_ENGINES = {
    "python": PythonEngine,
    "query": QueryEngine,
    "full query": FullQueryEngine,
    "sql": SqlEngine,
    "full sql": FullSqlEngine,
    "rails": RailsEngine,
    "full rails": FullRailsEngine,
}


@pytest.fixture(params=list(_ENGINES.values()), ids=list(_ENGINES))
def engine(request: Any) -> Engine:
    made: Engine = request.param()
    return made


@pytest.fixture
def python_engine() -> PythonEngine:
    return PythonEngine()
