from typing import Any

import pytest

from tests.spec.engines import ArraysEngine, Engine, FullArraysEngine, FullQueryEngine, PythonEngine, QueryEngine

_ENGINES = {
    "python": PythonEngine,
    "arrays": ArraysEngine,
    "full arrays": FullArraysEngine,
    "sql": QueryEngine,
    "full sql": FullQueryEngine,
}


@pytest.fixture(params=list(_ENGINES.values()), ids=list(_ENGINES))
def engine(request: Any) -> Engine:
    made: Engine = request.param()
    return made


@pytest.fixture
def python_engine() -> PythonEngine:
    return PythonEngine()
