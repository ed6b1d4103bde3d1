"""How long ``poems check`` takes: one patient as a whole process, and ten thousand as one object a line.

    python bench/cli.py [--poems PATH/TO/poems] [--patients N] [--runs N]

Run it with the Python of the environment that holds the installed program (the wheel, not a source checkout). Prints ratios
to ``python -c pass`` of the same Python, measured in turn in one run, so that a slow machine slows both.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from patients import REPORT, WORKED_UP, patients

_PATIENT = b'{"id": "p1", "findings": {"polyneuropathy": true, "monoclonal_protein": true, "plasma_vegf": 350}}'


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--poems", default=str(Path(sys.executable).with_name("poems")), help="the installed command")
    parser.add_argument("--patients", type=int, default=10_000, help="how many patients in the long run")
    parser.add_argument("--runs", type=int, default=21, help="how many times the short ones")
    options = parser.parse_args()
    _one_patient(options.poems, options.runs)
    _many_patients(options.poems, options.patients)


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
        ratio = statistics.median(one / base for one, base in zip(taken, floor, strict=True))
        print(f"  {name:<30} {statistics.median(taken) * 1000:7.1f} ms  {ratio:5.2f} x")


def _many_patients(poems: str, count: int) -> None:
    from poems_cli.rules import load_rules

    rules = load_rules()
    for name, known in (("as told in published reports", REPORT), ("after a thorough work-up", WORKED_UP)):
        lines = [line + "\n" for line in patients(rules, count, known)]
        told = sum(len(json.loads(line)["findings"]) for line in lines) / count
        print(f"\npatients {name} ({told:.0f} findings each), one object a line, full assessments as JSON")
        for part in (count // 4, count):
            _timed(poems, lines[:part])


def _timed(poems: str, lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, answers = Path(folder, "patients.jsonl"), Path(folder, "answers.jsonl")
        source.write_text("".join(lines), encoding="utf-8")
        begun = time.perf_counter()
        with answers.open("wb") as out:
            process = subprocess.Popen([poems, "check", str(source), "--format", "json"], stdout=out)
            _, status, usage = _wait(process)
        taken = time.perf_counter() - begun
        answered = sum(1 for line in answers.open("rb") if json.loads(line)["schema_version"])
        if status not in (0, 12) or answered != len(lines):  # 12: some of the made-up patients contradict themselves
            sys.exit(f"{answered} of {len(lines)} answered, exit status {status}")
        rate, size = len(lines) / taken, answers.stat().st_size // len(lines)
        peak = usage.ru_maxrss // 1024
        print(f"  {len(lines):>7} patients  {rate:6.0f} a second  {taken:6.2f} s  {size} bytes each  peak {peak} MiB a process")


def _wait(process: "subprocess.Popen[bytes]") -> tuple[int, int, resource.struct_rusage]:
    import os

    pid, status, usage = os.wait4(process.pid, 0)
    return pid, os.waitstatus_to_exitcode(status), usage


if __name__ == "__main__":
    main()
