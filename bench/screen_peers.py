"""How fast others screen a table of patients by one criteria set: the Mayo set, CSV in, verdicts as CSV out.

    python bench/screen_peers.py --install DIR               # an environment with the peers' packages, in DIR
    python bench/screen_peers.py TABLE.csv --from DIR        # one line a peer

The peers are the programs in ``bench/peers``. Each is a process of its own, timed as a whole: start, reading and writing
count. Each takes the first rows of the same table, as many as keep it busy for some seconds, so that its start weighs
little. The verdicts of each are compared with the reference's, row by row; one that disagrees is told so in the table,
because the speed of a wrong answer says nothing. A peer that is not installed is left out with a word on how to get it.

How fast a peer is depends on the table too: all but CQL and OpenFisca stop at the first part that settles a row.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).resolve().parent / "peers"
_TOO_LONG = 300
_LACKING = "not installed: python bench/screen_peers.py --install DIR"


class PeerResult(NamedTuple):
    """What came out for one peer; no rows mean that it did not run, and the note says why."""

    name: str
    rows: int
    seconds: float
    agrees: bool
    note: str

    @property
    def per_second(self) -> float:
        """Rows a second, of the whole process."""
        return self.rows / self.seconds if self.seconds else 0.0


class _Peer(NamedTuple):
    script: str
    package: str | None
    rows: int
    note: str


#: The reference comes first, since the others are compared with it. So many rows take each 2 to 10 seconds on a slow core.
_REFERENCE = "dictreader"
_PEERS = {
    _REFERENCE: _Peer("dictreader.py", None, 1_000_000, "csv.DictReader and a tree walk in three values: the reference"),
    "zen-engine": _Peer("zen_peer.py", "zen-engine", 500_000, "Rust; two-valued, asked twice"),
    "json-logic": _Peer("json_logic_peer.py", "json-logic-qubit", 500_000, "two-valued, asked twice"),
    "cql-execution": _Peer("cql_peer.mjs", "cql-execution", 100_000, "Node; three-valued, ELM written by hand"),
    "OpenFisca": _Peer("openfisca_peer.py", "OpenFisca-Core", 1_000_000, "numpy columns filled twice; pandas reads and writes"),
}


def main() -> None:
    """Install, or measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, nargs="?", help="the table to screen")
    parser.add_argument("--install", type=Path, metavar="DIR", help="install what the peers need there")
    parser.add_argument("--from", type=Path, metavar="DIR", dest="installed", help="where it was installed")
    parser.add_argument("--rows", type=int, help="the same number of rows for every peer, instead of one for each")
    options = parser.parse_args()
    if not options.install and not (options.table and options.installed):
        parser.error("give --install DIR, or TABLE.csv --from DIR, or all three")
    if options.install:
        install(options.install)
    if options.table:
        rows = dict.fromkeys(_PEERS, options.rows) if options.rows else None
        print_table(peers(options.table, rows, options.installed or options.install))


def install(folder: Path) -> None:
    """Make an environment for the Python peers in the folder, and put the JavaScript one's package beside it.

    What cannot be installed is told and left out: the other peers run without it.
    """
    venv.create(folder / "venv", with_pip=True, clear=True)
    requirements = str(_FOLDER / "requirements.txt")
    _try([str(_python(folder)), "-m", "pip", "install", "--quiet", "--requirement", requirements], folder)
    if npm := shutil.which("npm"):
        shutil.copy(_FOLDER / "package.json", folder)
        _try([npm, "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"], folder)
    else:
        print("npm is not here, so cql-execution is left out", file=sys.stderr)


def _try(command: Sequence[str], folder: Path) -> None:
    if subprocess.run(command, cwd=folder, check=False).returncode:
        print(f"failed: {' '.join(command)}", file=sys.stderr)


def _python(folder: Path) -> Path:
    return folder.resolve() / "venv" / "bin" / "python"


def peers(table: Path, rows: dict[str, int] | None, workdir: Path) -> list[PeerResult]:
    """Run every peer on the first rows of the table; ``rows`` says how many of them by the peer's name, else the usual.

    ``workdir`` is the folder that was given to ``install``; tables are put there for the time of the run. The reference
    takes as many rows as any peer, since it must answer for all of them.
    """
    counts = {name: (rows or {}).get(name, peer.rows) for name, peer in _PEERS.items()}
    versions = {name: _version(peer, workdir) for name, peer in _PEERS.items()}
    counts[_REFERENCE] = max(count for name, count in counts.items() if versions[name] is not None)
    workdir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=workdir) as made:
        run = _Run(table, workdir.resolve(), Path(made).resolve())
        return [_result(run, name, counts[name], versions[name]) for name in _PEERS]


class _Run(NamedTuple):
    table: Path
    installed: Path
    folder: Path

    def answer(self, name: str) -> Path:
        return self.folder / f"{name}.csv"


def _version(peer: _Peer, installed: Path) -> str | None:
    """Tell which version of a peer is installed: None if none is, nothing for one that needs no package."""
    if peer.package is None:
        return ""
    if peer.script.endswith(".mjs"):
        package = installed / "node_modules" / peer.package / "package.json"
        return str(json.loads(package.read_bytes())["version"]) if package.is_file() and shutil.which("node") else None
    if not _python(installed).is_file():
        return None
    ask = f"import importlib.metadata as m; print(m.version({peer.package!r}))"
    told = subprocess.run([_python(installed), "-c", ask], capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


def _result(run: _Run, name: str, count: int, version: str | None) -> PeerResult:
    peer = _PEERS[name]
    if version is None:
        return PeerResult(name, 0, 0.0, False, _LACKING)
    part = run.folder / "in.csv"
    taken = first_rows(run.table, count, part)
    begun = time.perf_counter()
    problem = _screen(run, peer.script, part, run.answer(name))
    seconds = time.perf_counter() - begun
    if problem or not run.answer(_REFERENCE).is_file():
        run.answer(name).unlink(missing_ok=True)  # so that a half of an answer is not compared with
        return PeerResult(name, 0, 0.0, False, f"failed: {problem or 'there is no reference to compare with'}")
    differing = _differing(run.answer(name), run.answer(_REFERENCE), taken)
    note = f"{version}; {peer.note}" if version else peer.note
    return PeerResult(name, taken, seconds, not differing, f"{differing} ROWS DIFFER; {note}" if differing else note)


def first_rows(table: Path, count: int, part: Path) -> int:
    """Copy the header without the units, which no peer reads, and so many rows, a line each; tell how many there were."""
    with table.open("rb") as source, part.open("wb") as target:
        target.write(re.sub(rb" \([^)]*\)", b"", source.readline()))
        return sum(target.write(line) > 0 for line in islice(source, count))


def _screen(run: _Run, script: str, part: Path, answer: Path) -> str:
    """Run a peer, and tell what went wrong, if anything did."""
    if script.endswith(".mjs"):
        runner = shutil.which("node") or "node"
    else:
        runner = str(_python(run.installed)) if _python(run.installed).is_file() else sys.executable
    command = [runner, str(_FOLDER / script), str(part), str(answer)]
    try:
        done = subprocess.run(command, cwd=run.installed, capture_output=True, text=True, timeout=_TOO_LONG, check=False)
    except subprocess.TimeoutExpired:
        return f"not done after {_TOO_LONG} s"
    if not done.returncode:
        return ""
    lines = done.stderr.strip().splitlines()
    return next((line for line in reversed(lines) if "Error" in line), lines[-1] if lines else f"exit {done.returncode}")


def _differing(answer: Path, reference: Path, rows: int) -> int:
    """Count the rows, the header with them, in which an answer is not the reference's."""
    with answer.open("rb") as given, reference.open("rb") as wanted:
        return sum(line != other for line, other in zip_longest(given, islice(wanted, rows + 1)))


def print_table(results: Sequence[PeerResult]) -> None:
    """Print a line for each peer, with its speed as a ratio to the reference's."""
    floor = next((result.per_second for result in results if result.name == _REFERENCE), 0.0)
    print(f"{'peer':<14} {'rows':>9} {'seconds':>8} {'rows/s':>9} {'ratio':>6}  agrees  note")
    for peer in results:
        if not peer.rows:
            print(f"{peer.name:<14} {'-':>9} {'-':>8} {'-':>9} {'-':>6}  -       {peer.note}")
            continue
        ratio = f"{peer.per_second / floor:.2f}" if floor else "-"
        agrees = "yes" if peer.agrees else "NO"
        figures = f"{peer.rows:>9,} {peer.seconds:>8.2f} {peer.per_second:>9,.0f} {ratio:>6}"
        print(f"{peer.name:<14} {figures}  {agrees:<6}  {peer.note}")


if __name__ == "__main__":
    main()
