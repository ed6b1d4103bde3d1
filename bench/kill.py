"""What is left of ``poems screen`` when it is killed at a random moment: no target, or a whole one, and never a half.

    python bench/kill.py [--poems PATH/TO/poems] [--times N] [--rows N] [--seed N]

Each time, a run is killed (kill -9) somewhere between its start and its usual end, more often late, when the files get their
names. Then each of its three targets (the answer, the rejects, the summary) must be absent, or whole to the byte; every other
time an older file stands there, and must then be whole too, or be replaced by the whole new one. A second run beside what
the first left behind must give the same bytes. What is left behind is counted: parts beside a target, spill folders; any
other file is a fault. Exit status 1 if anything was.

The time taken and the rate, which the summary tells, differ from run to run and are not compared.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

_HERE = Path(__file__).resolve().parent
_TARGETS = ("answer.csv", "rejects.csv", "summary.json")
_OLDER = b"what an earlier run wrote\n"
#: Cells that are not understood (11), rows that contradict themselves (12): the answer is written all the same.
_DONE = (0, 11, 12)
#: Figures of the summary that may differ from run to run. They are named, not found out from two runs: two of them can take
#: the same time, rounded.
_MOVING = frozenset({"/seconds", "/rows_per_second"})


class _Screening(NamedTuple):
    """One command in one folder: what it should write, and what it takes."""

    poems: str
    folder: Path

    def start(self) -> "subprocess.Popen[bytes]":
        """Start a run."""
        answer, rejects, summary = (self.folder / target for target in _TARGETS)
        command = [self.poems, "screen", self.table, "-o", answer, "--rejects", rejects, "--summary", summary,
                   "--spill", self.spill]  # fmt: skip
        return subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def finish(self) -> tuple[float, dict[str, bytes]]:
        """Run to the end; give the seconds that it took, and what it wrote."""
        begun = time.perf_counter()
        process = self.start()
        _, said = process.communicate()
        if process.returncode not in _DONE:
            sys.exit(f"exit status {process.returncode}\n{said.decode(errors='replace')[-2000:]}")
        return time.perf_counter() - begun, {target: (self.folder / target).read_bytes() for target in _TARGETS}

    @property
    def table(self) -> Path:
        """The table to screen."""
        return self.folder / "patients.csv"

    @property
    def spill(self) -> Path:
        """Where the run may put what memory does not hold."""
        return self.folder / "spill"

    def clear(self) -> None:
        """Leave the table alone."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path != self.table:
                path.unlink()
        self.spill.mkdir()

    def left(self) -> Iterator[str]:
        """Tell the kind of each file or folder that is none of the targets."""
        for path in (*self.folder.iterdir(), *self.spill.iterdir()):
            if path.name.endswith(".part") and path.name.startswith(_TARGETS):
                yield "part"
            elif path.name.startswith("poems-screen-") and path.parent == self.spill:
                yield "spill folder"
            elif path not in (self.table, self.spill) and path.name not in _TARGETS:
                yield f"STRAY {path.name}"


def main() -> None:
    """Kill, look, and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--poems", default=str(Path(sys.executable).with_name("poems")), help="the installed command")
    parser.add_argument("--times", type=int, default=50, help="how many times")
    parser.add_argument("--rows", type=int, default=300_000, help="how many patients")
    parser.add_argument("--seed", type=int, default=20261125, help="of the moments")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        screening = _Screening(options.poems, Path(folder))
        _make_table(screening.table, options.rows)
        sys.exit(_kill_all(screening, options.times, random.Random(options.seed)))


def _make_table(table: Path, rows: int) -> None:
    """Write the made-up table, with a cell that is not understood in every twentieth row."""
    clean = table.with_suffix(".clean.csv")
    subprocess.run([sys.executable, _HERE / "screen_table.py", "--rows", str(rows), "--out", clean], check=True)
    with clean.open() as source, table.open("w") as target:
        for number, line in enumerate(source):
            target.write(line if number % 20 else line.replace(",false,", ",perhaps,", 1))
    clean.unlink()


class _Outcome(NamedTuple):
    """What one killed run left: the state of each target, whatever else lies there, then and after a second run."""

    ended: str
    states: tuple[str, ...]
    left: Counter[str]
    stayed: Counter[str]
    differing: tuple[str, ...]

    @property
    def faults(self) -> list[str]:
        """Tell what must not be."""
        strays = [name for name in self.left | self.stayed if name.startswith("STRAY")]
        return [
            *(state for state in self.states if state.isupper()),
            *strays,
            *(f"{name} DIFFERS AFTERWARDS" for name in self.differing),
        ]

    def counted(self) -> Iterator[str]:
        """Name all that is to be counted."""
        yield self.ended
        yield from (f"{target} {state}" for target, state in zip(_TARGETS, self.states, strict=True))
        yield from (f"left behind: {kind}" for kind in self.left.elements())
        yield from (f"left behind, after a second run: {kind}" for kind in self.stayed.elements())

    def line(self) -> str:
        """Say it in a line."""
        states = "  ".join(f"{target} {state:<6}" for target, state in zip(_TARGETS, self.states, strict=True))
        left = ", ".join(f"{count} {kind}" for kind, count in self.left.items())
        return "  ".join((f"{self.ended:<11}", states, left or "nothing left", *self.faults))


def _kill_all(screening: _Screening, times: int, chance: random.Random) -> int:
    usual, wanted = _reference(screening)
    sizes = ", ".join(f"{name} ({len(its):,} bytes)" for name, its in wanted.items())
    print(f"an undisturbed run takes {usual:.2f} s and writes {sizes}")
    counted: Counter[str] = Counter()
    faults = 0
    for number in range(1, times + 1):
        moment = chance.triangular(0, usual, usual)
        outcome = _kill_once(screening, moment, number % 2 == 0, wanted)
        print(f"{number:>3}  at {moment:5.2f} s  {outcome.line()}", flush=True)
        counted.update(outcome.counted())
        faults += len(outcome.faults)
    print("\n" + "\n".join(f"{count:>5}  {what}" for what, count in sorted(counted.items())))
    print(f"{faults} FAULTS" if faults else "every target was absent, older or whole, and every second run gave the same bytes")
    return int(faults > 0)


def _kill_once(screening: _Screening, moment: float, older: bool, wanted: dict[str, bytes]) -> _Outcome:
    screening.clear()
    for target in _TARGETS if older else ():
        (screening.folder / target).write_bytes(_OLDER)
    ended = _kill(screening, moment)
    states = tuple(_state(screening.folder / target, older, wanted[target]) for target in _TARGETS)
    left = Counter(screening.left())
    _, again = screening.finish()
    differing = tuple(name for name in _TARGETS if not _same(again[name], wanted[name]))
    return _Outcome(ended, states, left, Counter(screening.left()), differing)


def _reference(screening: _Screening) -> tuple[float, dict[str, bytes]]:
    """Give the usual duration, and what a run writes."""
    screening.clear()
    _, first = screening.finish()
    usual, second = screening.finish()
    if differing := [name for name in second if not _same(first[name], second[name])]:
        sys.exit(f"two undisturbed runs differ in {', '.join(differing)}")
    if leftovers := list(screening.left()):
        sys.exit(f"an undisturbed run leaves behind: {', '.join(leftovers)}")
    return usual, second


def _kill(screening: _Screening, moment: float) -> str:
    process = screening.start()
    try:
        process.communicate(timeout=moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "killed"
    return "done before"


def _state(target: Path, older: bool, wanted: bytes) -> str:
    """Say what stands there; in capitals what must not."""
    if not target.exists():
        return "LOST" if older else "absent"
    found = target.read_bytes()
    if older and found == _OLDER:
        return "older"
    return "whole" if _same(found, wanted) else "HALF"


def _same(found: bytes, wanted: bytes) -> bool:
    """Compare to the byte, but for the figures of a summary that differ from run to run."""
    if found == wanted:
        return True
    try:
        here, there = (dict(_figures(json.loads(text))) for text in (found, wanted))
    except ValueError:
        return False
    return here.keys() == there.keys() and all(here[path] == there[path] for path in here.keys() - _MOVING)


def _figures(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Give every leaf of a JSON value with its place."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        yield path, value
    else:
        for key, part in parts:
            yield from _figures(part, f"{path}/{key}")


if __name__ == "__main__":
    main()
