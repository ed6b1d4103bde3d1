import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sql.engines import DuckDb, Engine, Postgres, Spark


@pytest.fixture(scope="module")
def duck() -> Iterator[Engine]:
    engine = DuckDb()
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def postgres() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:  # short, as the path of a socket must be
        engine = Postgres(Path(folder))
        yield engine
        engine.stop()


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Spark(tmp_path_factory.mktemp("spark"))
    yield engine
    engine.stop()
