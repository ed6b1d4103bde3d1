"""Every check takes little memory: records are read one by one, and one value is bounded."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.command import environment

#: Runs ``poems`` and adds the most memory that it took, in KiB, to its output.
_MEASURED = """\
import re, sys
from poems_cli.__main__ import main
code = main()
with open("/proc/self/status") as status:  # ru_maxrss would count the process that started this one
    print(re.search(r"VmHWM:\\s*(\\d+)", status.read())[1], file=sys.stderr)
sys.exit(code)
"""
_MOST = 300 << 10


def csv() -> Iterator[bytes]:
    yield b"id,polyneuropathy\n"
    for _ in range(6):
        yield b"".join([b'"p' + b" " * 100_000 + b'",yes\n'] * 50)


def array() -> Iterator[bytes]:
    yield b"["
    for _ in range(50):
        yield b'{"id": "' + b"x" * 900_000 + "\U0001f600".encode() + b'", "polyneuropathy": "yes"},'
    yield b"{}]"


def one_value() -> Iterator[bytes]:
    yield b'{\n"id": "x", "findings": {"polyneuropathy": ['
    for _ in range(50):
        yield b"{}," * 350_000
    yield b"{}]}}"


def yaml() -> Iterator[bytes]:
    yield b"id: x\nfindings: {polyneuropathy: ["
    for _ in range(50):
        yield b"{}," * 350_000
    yield b"{}]}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory otherwise")
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.csv", csv, ""),
        ("array.json", array, ""),
        (
            "value.json",
            one_value,
            "this JSON value is larger than 8 MiB; write the patients as JSON Lines, one object per line",
        ),
        ("value.yaml", yaml, "this YAML document is larger than 8 MiB; write the patients as JSON Lines, one object per line"),
    ],
)
def test_memory_stays_small(name: str, content: Callable[[], Iterator[bytes]], message: str, tmp_path: Path) -> None:
    with (tmp_path / name).open("wb") as file:
        file.writelines(content())
    assert (tmp_path / name).stat().st_size > 25 << 20
    command = [sys.executable, "-c", _MEASURED, "check", name, "--format", "json"]
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    *lines, peak = ran.stderr.decode().splitlines()
    assert ran.returncode == (11 if message else 0), lines
    assert message in "\n".join(lines)
    assert int(peak) < _MOST
