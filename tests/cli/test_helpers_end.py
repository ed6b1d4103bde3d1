"""However a run on several processes ends, no process and no half-written file is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from poems_cli.checking.parallel import BATCH, WARM_UP
from tests.cli.command import MODULE, environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the processes from /proc")

_LINE = b'{"polyneuropathy": true}\n'
_PATIENCE = 60


@contextmanager
def under_way(folder: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", list[int]]]:
    """A run that waits for more patients, and its two helpers."""
    # tests in the background ignore interrupts, those under nohup a closed terminal, and their children with them
    start = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    start += "signal.signal(signal.SIGHUP, signal.SIG_DFL); from poems_cli.__main__ import main; sys.exit(main())"
    command = [MODULE[0], "-c", start, "check", "-", "--jobs", "2", *arguments]
    with (folder / "err").open("wb") as err, (folder / "out").open("wb") as out:
        run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=err, cwd=folder, env=environment())
    try:
        assert run.stdin is not None
        run.stdin.write(_LINE * (WARM_UP + 3 * BATCH))
        run.stdin.flush()
        eventually(lambda: len(children(run.pid)) == 2)
        yield run, children(run.pid)
    finally:
        run.kill()
        run.communicate()


def children(parent: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def is_there(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def left_over(folder: Path) -> list[str]:
    return sorted({path.name for path in folder.iterdir()} - {"err", "out"})


@pytest.mark.parametrize("output", [("-f", "json"), ("-o", "answers.json")])
def test_a_run_whose_helper_is_killed_says_so_and_ends(output: tuple[str, str], tmp_path: Path) -> None:
    with under_way(tmp_path, *output) as (run, helpers):
        os.kill(helpers[-1], signal.SIGKILL)
        run.communicate(_LINE * 4 * BATCH, timeout=_PATIENCE)
        assert run.returncode == 2
        message = (tmp_path / "err").read_text()
        assert message.startswith("poems: the system ended a worker process")
        assert message.endswith("try again with --jobs 1\n")
        assert message.count("\n") == 1
        eventually(lambda: not any(map(is_there, helpers)))
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGINT])
def test_no_helper_outlives_its_run(number: signal.Signals, tmp_path: Path) -> None:
    with under_way(tmp_path, "-o", "answers.json") as (run, helpers):
        run.send_signal(number)
        assert run.wait(_PATIENCE) in (-number, {signal.SIGINT: 130, signal.SIGHUP: 129}.get(number, 143))
        eventually(lambda: not any(map(is_there, helpers)))
    if number != signal.SIGKILL:
        assert left_over(tmp_path) == []
