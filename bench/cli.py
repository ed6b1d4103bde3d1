"""How long ``poems check`` takes: one patient as a whole process, and ten thousand as one object per line.

    python bench/cli.py [--poems PATH/TO/poems] [--patients N] [--runs N] [--beside COMMIT]

Run it with the Python of the environment that holds the installed program (the wheel, not a source checkout). Prints ratios
to ``python -c pass`` of the same Python, measured in turn in one run, so that a slow machine slows both. ``--beside``
answers the same patients with the program of that commit, in turn with this one, and prints how many times as many this one
answers a second; the patients then have only findings that both know.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from patients import REPORT, WORKED_UP, patients

_PATIENT = b'{"id": "p1", "findings": {"polyneuropathy": true, "monoclonal_protein": true, "plasma_vegf": 350}}'


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--poems", default=str(Path(sys.executable).with_name("poems")), help="the installed command")
    parser.add_argument("--patients", type=int, default=10_000, help="how many patients in the long run")
    parser.add_argument("--runs", type=int, default=21, help="how many times the short ones")
    parser.add_argument("--beside", metavar="COMMIT", help="a commit of this repository to compare the long runs with")
    options = parser.parse_args()
    poems = str(Path(options.poems).absolute())  # the long runs are started in another folder
    _one_patient(poems, options.runs)
    with _checked_out(options.beside) as folder:
        _many_patients(poems, options.patients, folder)


def _one_patient(poems: str, runs: int) -> None:
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "poems check - --format json": [poems, "check", "-", "--format", "json"],
        "poems check - (table)": [poems, "check", "-"],
        "poems --version": [poems, "--version"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(runs + 1):  # the first round warms the page cache and does not count
        for name, command in commands.items():
            begun = time.perf_counter()
            subprocess.run(command, input=_PATIENT, stdout=subprocess.DEVNULL, check=True)
            if run:
                seconds[name].append(time.perf_counter() - begun)
    floor = seconds["python -c pass"]
    print(f"one patient, a whole process, median of {runs}")
    for name, taken in seconds.items():
        ratio = statistics.median(run / base for run, base in zip(taken, floor, strict=True))
        print(f"  {name:<30} {statistics.median(taken) * 1000:7.1f} ms  {ratio:5.2f} x")


def _many_patients(poems: str, count: int, beside: Path | None) -> None:
    from poems_cli.rules.loading import load_rules

    rules = load_rules()
    known = bool if beside is None else _named_in_rules(beside)
    for name, given in (("as in published reports", REPORT), ("after a thorough work-up", WORKED_UP)):
        lines = [line + "\n" for line in patients(rules, count, given, known)]
        mean = sum(len(json.loads(line)["findings"]) for line in lines) / count
        print(f"\npatients {name} ({mean:.0f} findings each), one object per line, as JSON")
        for part in (count // 4, count):
            _timed(poems, lines[:part], beside)


def _named_in_rules(folder: Path) -> Callable[[str], bool]:
    """Whether the rules of a checked out commit name a finding: an older program refuses those that came later."""
    rules = "".join([path.read_text(encoding="utf-8") for path in folder.glob("rules/*.yaml")])
    return set(re.findall(r"^ *(?:- id: )?(\w+)(?:$|:)", rules, re.MULTILINE)).__contains__


@contextmanager
def _checked_out(commit: str | None) -> Iterator[Path | None]:
    """The program of a commit in a folder of its own, for as long as it is needed."""
    if commit is None:
        yield None
        return
    repository = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "beside")
        subprocess.run(["git", "-C", repository, "worktree", "add", "--quiet", "--detach", place, commit], check=True)
        try:
            yield place
        finally:
            subprocess.run(["git", "-C", repository, "worktree", "remove", "--force", place], check=True)


class _Run(NamedTuple):
    """One long run: how many a second, by the clock and by the processors' time, and how large the answers are."""

    rate: float
    each: float
    size: int
    peak: int


def _timed(poems: str, lines: list[str], beside: Path | None) -> None:
    """One table of the ways to answer the same patients; each is compared with the commit, measured just before."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "patients.jsonl")
        source.write_text("".join(lines), encoding="utf-8")
        command = [poems, "check", str(source), "--format", "json"]
        runs: list[tuple[str, _Run]] = []
        if beside is not None:
            old = [sys.executable, "-c", "import sys; from poems_cli.__main__ import main; sys.exit(main())", *command[1:]]
            runs.append(("the commit", _long_run(old, Path(folder), len(lines), {"PYTHONPATH": str(beside)})))
        runs.append(("full", _long_run(command, Path(folder), len(lines), {})))
        runs.append(("--brief", _long_run([*command, "--brief"], Path(folder), len(lines), {})))
    for name, run in runs:
        ratios = f"  {run.rate / runs[0][1].rate:5.2f} x the commit" if beside is not None else ""
        print(
            f"  {len(lines):>7} patients  {name:<10}  {run.rate:6.0f} a second  {run.each:5.2f} ms of a processor each"
            f"  {run.size:>6} bytes each  peak {run.peak} MiB a process{ratios}"
        )


def _long_run(command: list[str], folder: Path, count: int, more: dict[str, str]) -> _Run:
    answers = folder / "answers.jsonl"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    with answers.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, cwd=folder, env={**os.environ, **more})
        _, ended, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    status = process.returncode = os.waitstatus_to_exitcode(ended)
    answered = sum(1 for line in answers.open("rb") if json.loads(line)["schema_version"])
    if status not in (0, 12) or answered != count:  # 12: some of the made-up patients contradict themselves
        sys.exit(f"{answered} of {count} answered, exit status {status}")
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return _Run(count / taken, worked * 1000 / count, answers.stat().st_size // count, usage.ru_maxrss // 1024)


if __name__ == "__main__":
    main()
