"""The engines in which a query is run: DuckDB, Postgres and Spark, each over a table of typed patients."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pytest

from tests.sql.patients import Patients

_PATIENCE = 60  # seconds


class Engine(Protocol):
    """Something that runs the queries of one dialect."""

    dialect: str

    def run(self, table: Patients, query: str) -> Sequence[Sequence[Any]]:
        """The rows of a query over the table, which it knows as ``patients``."""

    def stop(self) -> None:
        """Give back what it holds."""


class DuckDb:
    """DuckDB in this process."""

    dialect = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1})

    def run(self, table: Patients, query: str) -> Sequence[Sequence[Any]]:
        _fill(self.connection, table)
        return self.connection.execute(query).fetchall()

    def stop(self) -> None:
        self.connection.close()


class Postgres:
    """A server of its own, reached through a socket in a folder with a short name."""

    dialect = "postgres"

    def __init__(self, folder: Path) -> None:
        initdb_path = shutil.which("initdb") or next(
            iter(sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))), None
        )
        if initdb_path is None or importlib.util.find_spec("psycopg2") is None:
            pytest.skip("Postgres (initdb) or psycopg2 is not installed")
        user = None
        if os.getuid() == 0:  # Postgres does not run as root
            if "postgres" not in {user.pw_name for user in pwd.getpwall()}:
                pytest.skip("Postgres needs a user other than root")
            user = "postgres"
            shutil.chown(folder, user)
        initdb = [Path(initdb_path), "-D", "data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "tester", "--no-sync"]
        subprocess.run(initdb, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL)
        server = [Path(initdb_path).parent / "postgres", "-D", "data", "-k", str(folder), "-c", "listen_addresses=", "-F"]
        self._server = subprocess.Popen(server, cwd=folder, user=user, stderr=subprocess.DEVNULL)
        until = time.monotonic() + _PATIENCE
        while not (folder / ".s.PGSQL.5432").exists() and self._server.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        import psycopg2

        self._connection = psycopg2.connect(host=str(folder), user="tester", dbname="postgres")
        self._connection.autocommit = True

    def run(self, table: Patients, query: str) -> Sequence[Sequence[Any]]:
        described = ", ".join(f"{name} {kind}" for name, kind in table.types.items())
        marks = ", ".join("%s" for _ in table.types)
        with self._connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS patients; CREATE TABLE patients ({described})")
            rows = [[str(place), *row.values()] for place, row in enumerate(table.rows)]
            cursor.executemany(f"INSERT INTO patients VALUES ({marks})", rows)
            cursor.execute(query)
            answered: list[tuple[Any, ...]] = cursor.fetchall()
        return answered

    def stop(self) -> None:
        self._connection.close()
        self._server.send_signal(signal.SIGINT)
        self._server.wait(timeout=_PATIENCE)


class Spark:
    """Spark in one thread; its tables come from Parquet."""

    dialect = "spark"

    def __init__(self, folder: Path) -> None:
        if importlib.util.find_spec("pyspark") is None:
            pytest.skip("pyspark is not installed")
        if shutil.which("java") is None:
            pytest.skip("Spark needs Java")
        from pyspark.sql import SparkSession

        self._folder = folder
        builder = SparkSession.builder.master("local[1]").config("spark.driver.memory", "2g")
        for name in ("ui.enabled", "ui.showConsoleProgress"):
            builder = builder.config(f"spark.{name}", "false")
        for name in ("host", "bindAddress"):
            builder = builder.config(f"spark.driver.{name}", "127.0.0.1")
        self._session = builder.getOrCreate()

    def run(self, table: Patients, query: str) -> Sequence[Sequence[Any]]:
        with duckdb.connect() as connection:
            _fill(connection, table)
            connection.execute(f"COPY patients TO '{self._folder / 'patients.parquet'}' (FORMAT parquet)")
        self._session.read.parquet(str(self._folder / "patients.parquet")).createOrReplaceTempView("patients")
        return [tuple(row) for row in self._session.sql(query.rstrip().removesuffix(";")).collect()]

    def stop(self) -> None:
        self._session.stop()


def _fill(connection: duckdb.DuckDBPyConnection, table: Patients) -> None:
    described = ", ".join(f"{name} {kind}" for name, kind in table.types.items())
    connection.execute(f"CREATE OR REPLACE TABLE patients ({described})")
    marks = ", ".join("?" for _ in table.types)
    rows = [[str(place), *row.values()] for place, row in enumerate(table.rows)]
    connection.executemany(f"INSERT INTO patients VALUES ({marks})", rows)
