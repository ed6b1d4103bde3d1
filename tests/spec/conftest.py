from typing import Any

import pytest

from tests.spec.engines import Engine, PythonEngine


@pytest.fixture(params=[PythonEngine], ids=["python"])
def engine(request: Any) -> Engine:
    made: Engine = request.param()
    return made


@pytest.fixture
def python_engine() -> PythonEngine:
    return PythonEngine()
