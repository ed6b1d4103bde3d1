"""A standalone Spark cluster on this machine, for one command: a master, workers of one core each, loopback only.

    python bench/spark_cluster.py [--workers N] [--memory 2g] -- poems screen TABLE.parquet --engine spark -o OUT.csv

The command is given ``--master`` with the cluster's address. The cluster's logs, which can hold patients' cells, are in a
folder that goes with it. Prints how long the command took, and how many executors answered it.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

_LOOPBACK = "127.0.0.1"
_PATIENCE = 120  # seconds until the cluster must stand: Java starts slowly on a busy machine


def main() -> int:
    """Run one command on a cluster of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="2g", help="of each worker, and of its executor but for what Java needs besides")
    parser.add_argument("command", nargs="+", help="what to run, after --")
    given = parser.parse_args()
    with cluster(given.workers, given.memory) as (address, logs):
        begun = time.monotonic()
        done = subprocess.run([*given.command, "--master", address], check=False)
        seconds = time.monotonic() - begun
        executors = sum(1 for _ in logs.glob("worker-*/app-*/*"))
    print(f"{given.workers} workers, {executors} executors, exit code {done.returncode}: {seconds:.1f} s", file=sys.stderr)
    return done.returncode


@contextmanager
def cluster(workers: int, memory: str) -> Iterator[tuple[str, Path]]:
    """A cluster: its address, and the folder of its logs. It is gone when it is left."""
    with ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="spark-cluster-")))
        port = _free_port()
        address = f"spark://{_LOOPBACK}:{port}"
        master = ["master.Master", "--host", _LOOPBACK, "--port", str(port), "--webui-port", str(_free_port())]
        stack.enter_context(_running(master, logs / "master.log"))
        _wait_for(logs / "master.log", "New state: ALIVE", 1)
        for number in range(workers):
            place = logs / f"worker-{number}"
            worker = [
                "worker.Worker", "--host", _LOOPBACK, "--cores", "1", "--memory", memory, "--work-dir", str(place),
                "--webui-port", str(_free_port()), address,
            ]  # fmt: skip
            stack.enter_context(_running(worker, logs / f"worker-{number}.log"))
        _wait_for(logs / "master.log", "Registering worker", workers)
        yield address, logs


@contextmanager
def _running(deployed: Sequence[str], log: Path) -> Iterator[None]:
    """One daemon of the cluster, ended when it is left."""
    home = Path(pyspark.__file__).parent
    environment = os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": _LOOPBACK, "SPARK_DAEMON_MEMORY": "256m"}
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{deployed[0]}", *deployed[1:]]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL, env=environment)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(log: Path, words: str, times: int) -> None:
    until = time.monotonic() + _PATIENCE
    while log.read_text(errors="replace").count(words) < times:
        if time.monotonic() > until:
            raise SystemExit(f"the cluster did not start; its log ends in {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_LOOPBACK, 0))
        port: int = free.getsockname()[1]
    return port


if __name__ == "__main__":
    sys.exit(main())
