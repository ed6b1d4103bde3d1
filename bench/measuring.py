"""One process of a benchmark, measured as a whole: start, reading and writing count."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Measured(NamedTuple):
    """Wall time and the most memory that one process held."""

    seconds: float
    mebibytes: int


def measure(command: Sequence[str | Path], accepted: Sequence[int] = (0,)) -> Measured:
    """Run a command to its end; one that fails ends the benchmark with what it said.

    The benchmark itself must stay small: a process counts the memory of the one that started it, if that held more.
    """
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=said)
        _, ended, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        status = process.returncode = os.waitstatus_to_exitcode(ended)
        if status not in accepted:
            said.seek(0)
            sys.exit(f"exit status {status}: {' '.join(map(str, command))}\n{said.read().decode(errors='replace')[-2000:]}")
    return Measured(seconds, usage.ru_maxrss // 1024)
