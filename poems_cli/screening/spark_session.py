"""A session of Spark for one run: on this machine or on a cluster, and silent, since what Spark prints may quote cells."""

import logging
import os
import shutil
import sys
import warnings
from pathlib import Path
from subprocess import DEVNULL
from typing import IO, TYPE_CHECKING, Any

from poems_cli.errors import reason, usage_error
from poems_cli.phrases import quoted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: A file to which Spark's own log is added. It is for whoever runs the cluster: it can hold patients' cells.
LOG_VARIABLE = "POEMS_SPARK_LOG"

_LOOPBACK = "127.0.0.1"
_LEAST_MEMORY_MB = 1024  # which Java needs for itself
_PATIENCE = 10  # seconds
#: Loggers of PySpark that print whole queries, and errors with the cells that they quote.
_TALKATIVE = ("SQLQueryContextLogger", "DataFrameQueryContextLogger", "py4j", "py4j.clientserver")


class Session:
    """The session of one run; ``close`` stops what was started for it."""

    def __init__(self, master: str | None, spill: str, memory: int | None, threads: int | None) -> None:
        """``master`` is the address of a cluster, ``None`` for this machine; ``memory`` in MB. Raises :class:`PoemsError`."""
        from pyspark.sql import SparkSession

        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self._owned: Any = None
        with warnings.catch_warnings():  # PySpark warns of the versions of packages that are not used here
            warnings.simplefilter("ignore")
            shared = SparkSession.getActiveSession() or self._started(master or f"local[{threads or '*'}]", spill, memory)
            self.spark: SparkSession = shared.newSession()

    def _started(self, master: str, spill: str, memory: int | None) -> "SparkSession":
        from pyspark import SparkConf, SparkContext
        from pyspark.java_gateway import launch_gateway
        from pyspark.sql import SparkSession

        if not _answers(master):
            raise usage_error("", *_not_started(master))
        if master.startswith("local"):
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else that of the path, which may lack this package
        conf = SparkConf()
        for name, value in _settings(master, spill, memory).items():
            conf.set(name, value)
        log = _log()
        try:
            machine = getattr(SparkContext, "_gateway", None) or launch_gateway(conf, {"stdout": log, "stderr": log})
            self._owned = SparkContext(conf=conf, gateway=machine)
            return SparkSession(self._owned)
        except Exception:  # Java's errors have many classes, and texts that say nothing to the user
            raise usage_error("", *_not_started(master)) from None
        finally:
            if not isinstance(log, int):
                log.close()

    def close(self) -> None:
        """Stop Spark, unless it was running before."""
        if self._owned is not None:
            self._owned.stop()
            self._owned = None


def check_installed() -> None:
    """Raise :class:`PoemsError` unless Spark and Java are there."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        raise usage_error("", "Spark is not installed", "pip install 'poems-cli[spark]'") from None
    home = os.environ.get("JAVA_HOME")
    if not (Path(home, "bin", "java").exists() if home else shutil.which("java")):
        raise usage_error("", "Java is not found", "Spark needs Java 17 or newer: install it, or set JAVA_HOME to where it is")


def _answers(master: str) -> bool:
    """Whether anybody is at the address of a standalone cluster: Spark itself gives up after a minute and a half only."""
    import socket

    if not master.startswith("spark://"):
        return True
    for host in master.removeprefix("spark://").split(","):
        name, _, port = host.rpartition(":")
        try:
            socket.create_connection((name, int(port)), _PATIENCE).close()
        except (OSError, ValueError, OverflowError):
            continue
        return True
    return False


def _settings(master: str, spill: str, memory: int | None) -> dict[str, str]:
    settings = {
        "spark.master": master,
        "spark.app.name": "poems screen",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.catalogImplementation": "in-memory",  # a metastore would leave files in the folder of the user
        "spark.sql.warehouse.dir": str(Path(spill, "warehouse")),
    }
    is_local = master.startswith("local")
    if is_local or any(host in master for host in ("//localhost:", f"//{_LOOPBACK}:")):
        settings |= {"spark.driver.host": _LOOPBACK, "spark.driver.bindAddress": _LOOPBACK}
    if is_local:
        java = max(memory or 0, _LEAST_MEMORY_MB)
        settings |= {"spark.local.dir": str(Path(spill, "spark")), "spark.driver.memory": f"{java}m"}
    return settings


def _log() -> "IO[bytes] | int":
    path = os.environ.get(LOG_VARIABLE)
    if not path:
        return DEVNULL
    try:
        return open(path, "ab")
    except OSError as error:
        raise usage_error(path, f"cannot be written ({reason(error)})", f"check {LOG_VARIABLE}") from None


def _not_started(master: str) -> tuple[str, str]:
    if master.startswith("local"):
        return (
            "Spark did not start",
            f"it needs Java 17 or newer (java -version shows yours). {LOG_VARIABLE}=FILE keeps its log",
        )
    return f"Spark at {quoted(master)} cannot be reached", "check --master, and that the cluster runs the same version of Spark"
