"""How fast ``poems screen`` answers for a table of patients, and in how much memory: one command, one run, ratios.

    python bench/screen.py [--poems PATH/TO/poems] [--rows N] [--runs N] [--peers DIR] [--spark] [--huge] [--only PART...]

The parts, each of which tells whether its aim holds:

    copy    CSV to CSV and Parquet to Parquet, and DuckDB's own copy of ten columns of the same file, in turn
    sets    a default set of many states, and one of few
    memory  peak memory by the number of rows, and with default sets of many states
    spark   the same Parquet on Spark (with --spark)
    peers   what others would use on the same rule (with --peers DIR: python bench/screen_peers.py --install DIR)
    small   the time of a small table, which is that of the start

Run it with a Python that has duckdb, which makes the tables (``bench/screen_table.py``), copies, and checks the answers: as
many rows as went in, in their order, and the same verdicts whatever the format, with Spark and without.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import screen_peers
from measuring import Measured, measure

_HERE = Path(__file__).resolve().parent
_PARTS = ("copy", "sets", "memory", "spark", "peers", "small")
_TEN = (
    "id, sex, age, polyneuropathy, monoclonal_plasma_cell_disorder, castleman_disease, "
    '"plasma_vegf (pg/mL)", "platelets (10*9/L)", "hemoglobin (g/dL)", "tsh (mIU/L)"'
)
_MOST_TIMES, _MOST_MEBIBYTES, _HUGE = 2.2, 1024, 100_000_000
#: Of the default sets, one has few states and the others have very many.
_FEW_STATES, _MANY_STATES, _MOST_TIMES_FEW = "mayo", ("mhlw", "mayo-2003"), 2.0
_STATES_ROWS = 1_000_000
#: On Spark at most so many seconds for so many rows.
_SPARK_SECONDS, _SPARK_ROWS = 40, 5_000_000
#: 12: one row in 1000 of the made-up table contradicts itself.
_DONE = (0, 12)
_SMALL = (1, 10, 100, 1_000, 10_000)
_SAME_RULE = ("--rules", str(_HERE / "peers" / "rule.yaml"), "--columns", "id,mayo")
_COMPARED_ROWS = 100_000
_DUCKDB = (sys.executable, "-c", "import duckdb, sys; duckdb.execute(sys.argv[1])")


class Bench(NamedTuple):
    """What is measured, how often, where the tables are and where the answers go."""

    poems: str
    folder: Path
    answers: Path
    runs: int

    def table(self, rows: int, suffix: str) -> Path:
        """Give the made-up table of so many rows, which is made unless it is there."""
        table = self.folder / f"patients_{rows}{suffix}"
        if not table.is_file():
            measure([sys.executable, _HERE / "screen_table.py", "--rows", str(rows), "--out", table])
        return table

    def drop(self, table: Path) -> None:
        """Make room, unless the tables are to be kept."""
        if self.folder == self.answers:
            table.unlink()

    def screen(self, table: Path, *more: str, out: str = "") -> list[str | Path]:
        """Give the command; the answer is of the table's format."""
        return [self.poems, "screen", table, "-o", self.answer(table, out), *more]

    def answer(self, table: Path, out: str = "") -> Path:
        """Name the answer."""
        return self.answers / f"answer{out}{table.suffix}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--poems", default=str(Path(sys.executable).with_name("poems")), help="the installed command")
    parser.add_argument(
        "--rows", type=int, default=5_000_000, help="how many patients, but for the memory and the small tables"
    )
    parser.add_argument("--memory-rows", default="1000000,5000000,20000000", help="how many patients, to measure the memory")
    parser.add_argument("--runs", type=int, default=3, help="how many times each")
    parser.add_argument("--peers", type=Path, metavar="DIR", help="measure the peers that are installed there")
    parser.add_argument("--spark", action="store_true", help="measure Spark, on two cores of this machine")
    parser.add_argument("--huge", action="store_true", help="measure the memory at 100 million rows of Parquet too")
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=_PARTS, metavar="PART", help=", ".join(_PARTS))
    parser.add_argument("--folder", type=Path, help="put the tables here and keep them, or take those that are here")
    options = parser.parse_args()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        _measure_all(Bench(options.poems, options.folder or Path(made), Path(made), options.runs), options)


def _measure_all(bench: Bench, options: argparse.Namespace) -> None:
    print(f"{os.cpu_count()} processors and as many threads; poems screen with its default columns")
    if "copy" in options.only:
        for suffix in (".csv", ".parquet"):
            _beside_copy(bench, bench.table(options.rows, suffix), options.rows)
    if "sets" in options.only:
        _beside_few_states(bench, bench.table(options.rows, ".parquet"), options.rows)
    if "spark" in options.only and options.spark:
        _on_spark(bench, bench.table(options.rows, ".parquet"), options.rows)
    if "peers" in options.only and options.peers:
        _beside_peers(bench, bench.table(options.rows, ".csv"), options.rows, options.peers)
    if "small" in options.only:
        _small(bench)
    if "memory" in options.only:
        rows = list(map(int, options.memory_rows.split(",")))
        _memory(
            bench, [(count, suffix) for count in rows for suffix in (".csv", ".parquet")] + [(_HUGE, ".parquet")] * options.huge
        )


# --- beside DuckDB's copy ---------------------------------------------------------------------------------------------


def _beside_copy(bench: Bench, table: Path, rows: int) -> None:
    copied = bench.answers / f"copy{table.suffix}"
    copy = [*_DUCKDB, f"COPY (SELECT {_TEN} FROM '{table}') TO '{copied}'"]
    _title(f"{table.suffix[1:]} to {table.suffix[1:]}: {_size(table, rows)}, whole processes in turn, median of {bench.runs}")
    floor, screened = _in_turn(bench.runs, copy, bench.screen(table))
    _line("DuckDB's own copy of ten columns", floor, floor, rows)
    ratio = _line("poems screen", screened, floor, rows)
    _aim(f"at most {_MOST_TIMES:g} times the copy", ratio <= _MOST_TIMES)
    _check(bench.answer(table), rows)
    print(f"  answer: {_megabytes(bench.answer(table))} MB; DuckDB's copy: {_megabytes(copied)} MB")
    copied.unlink()
    bench.answer(table).unlink()


def _in_turn(runs: int, *commands: Sequence[str | Path]) -> list[list[Measured]]:
    """Measure the commands in turn, so that what slows the machine slows all of them."""
    taken: list[list[Measured]] = [[] for _ in commands]
    for _ in range(runs):
        for command, its in zip(commands, taken, strict=True):
            its.append(measure(command, _DONE))
    return taken


def _line(name: str, taken: Sequence[Measured], floor: Sequence[Measured], rows: int) -> float:
    seconds = _median(taken)
    ratio = seconds / _median(floor)
    pairs = ", ".join(f"{run.seconds / base.seconds:.2f}" for run, base in zip(taken, floor, strict=True))
    peak = max(run.mebibytes for run in taken)
    print(f"  {name:<34} {seconds:7.2f} s  {ratio:5.2f} x ({pairs})  {rows / seconds:>11,.0f} rows/s  peak {peak:>5} MiB")
    return ratio


# --- default sets -----------------------------------------------------------------------------------------------------


def _beside_few_states(bench: Bench, table: Path, rows: int) -> None:
    many = _MANY_STATES[0]
    _title(f"{many} and {_FEW_STATES} as default set: {_size(table, rows)}, whole processes in turn, median of {bench.runs}")
    floor, taken = _in_turn(bench.runs, *[bench.screen(table, *_default(name)) for name in (_FEW_STATES, many)])
    _line(f"poems screen -c {_FEW_STATES} -c ...", floor, floor, rows)
    ratio = _line(f"poems screen -c {many} -c ...", taken, floor, rows)
    _aim(f"{many} at most {_MOST_TIMES_FEW:g} times {_FEW_STATES}", ratio <= _MOST_TIMES_FEW)
    bench.answer(table).unlink()


def _default(set_id: str) -> list[str]:
    """The options that make a set the default one, and answer the same others with it."""
    others = [name for name in (_FEW_STATES, *_MANY_STATES) if name != set_id]
    return [part for name in (set_id, *others) for part in ("-c", name)]


# --- memory -----------------------------------------------------------------------------------------------------------


def _memory(bench: Bench, sizes: Sequence[tuple[int, str]]) -> None:
    _title("peak memory of one run")
    print(f"  {'rows':>11}  {'format':<8} {'table':>9}  {'seconds':>8}  {'rows/s':>10}  {'peak':>9}")
    most = 0
    for rows, suffix in sizes:
        table = bench.table(rows, suffix)
        most = max(most, _peak(bench, table, rows))
        bench.drop(table)
    table = bench.table(_STATES_ROWS, ".csv")
    for name in _MANY_STATES:
        most = max(most, _peak(bench, table, _STATES_ROWS, *_default(name)))
    _aim(f"at most {_MOST_MEBIBYTES} MiB whatever the number of rows and the default set", most <= _MOST_MEBIBYTES)


def _peak(bench: Bench, table: Path, rows: int, *more: str) -> int:
    once = measure(bench.screen(table, *more), _DONE)
    print(f"  {rows:>11,}  {table.suffix[1:]:<8} {_megabytes(table):>6} MB  {once.seconds:>8.2f}  {rows / once.seconds:>10,.0f}"
          f"  {once.mebibytes:>5} MiB  {' '.join(more)}", flush=True)  # fmt: skip
    _check(bench.answer(table), rows)
    bench.answer(table).unlink()
    return once.mebibytes


# --- Spark ------------------------------------------------------------------------------------------------------------


def _on_spark(bench: Bench, table: Path, rows: int) -> None:
    _title(f"Spark on two cores: {_size(table, rows)}, Parquet to Parquet, whole processes in turn, median of {bench.runs}")
    spark = bench.screen(table, "--engine", "spark", "--master", "local[2]", out="_spark")
    floor, taken = _in_turn(bench.runs, bench.screen(table), spark)
    _line("poems screen", floor, floor, rows)
    _line("poems screen --engine spark", taken, floor, rows)
    print("  (the peak of Spark is that of its Python or its Java, whichever was more; not of both)")
    if _check(bench.answer(table), rows) != _check(bench.answer(table, "_spark"), rows):
        sys.exit("the verdicts with Spark and without differ")
    if rows == _SPARK_ROWS:
        _aim(f"{rows:,} rows in at most {_SPARK_SECONDS} s", _median(taken) <= _SPARK_SECONDS)


# --- peers ------------------------------------------------------------------------------------------------------------


def _beside_peers(bench: Bench, table: Path, rows: int, installed: Path) -> None:
    _title(
        f"peers on the rule of bench/peers/rule.py, CSV to CSV, whole processes once: the first rows of {_size(table, rows)}"
    )
    differing = _differing_from_reference(bench)
    results = screen_peers.peers(table, None, installed)
    screen_peers.print_table(results)
    results = [peer for peer in results if peer.rows]
    ways = {
        "the same rule (--rules bench/peers/rule.yaml)": _SAME_RULE,
        "the whole Mayo set (--criteria mayo)": ("--criteria", "mayo", "--columns", "id,mayo"),
        "every set, default columns": (),
    }
    print(f"\n  poems screen, all {rows:,} rows, and how many times as fast as each peer\n  {'':<46} {'rows/s':>10}", end="")
    print("".join(f"  {peer.name:>13}" for peer in results))
    ahead = True
    for name, more in ways.items():
        rate = rows / measure(bench.screen(table, *more), _DONE).seconds
        ahead &= all(rate > peer.per_second for peer in results)
        print(f"  {name:<46} {rate:>10,.0f}" + "".join(f"  {rate / peer.per_second:>11.1f} x" for peer in results), flush=True)
    bench.answer(table).unlink()
    print(f"  verdicts on the same rule that differ from the reference's: {differing} of {_COMPARED_ROWS:,}")
    _aim("ahead of all of them", ahead)


def _differing_from_reference(bench: Bench) -> int:
    """Count the rows in which poems, given the peers' own rule, does not say what the reference says."""
    table = bench.table(_COMPARED_ROWS, ".csv")
    bare, reference = bench.answers / "bare.csv", bench.answers / "reference.csv"
    screen_peers.first_rows(table, _COMPARED_ROWS, bare)
    measure([sys.executable, _HERE / "peers" / "dictreader.py", bare, reference])
    measure(bench.screen(table, *_SAME_RULE), _DONE)
    with reference.open() as wanted, bench.answer(table).open() as given:
        return sum(line.strip() != other.strip() for line, other in list(zip(wanted, given, strict=True))[1:])


# --- small tables -----------------------------------------------------------------------------------------------------


def _small(bench: Bench) -> None:
    runs = max(5, bench.runs)
    _title(f"small tables: milliseconds of a whole process, median of {runs}")
    print(f"  {'rows':>9}  {'CSV':>8}  {'Parquet':>8}")
    for rows in _SMALL:
        tables = [bench.table(rows, suffix) for suffix in (".csv", ".parquet")]
        taken = _in_turn(runs + 1, *[bench.screen(table) for table in tables])
        for table in tables:
            _check(bench.answer(table), rows)
        seconds = [_median(its[1:]) for its in taken]  # the first round warms the page cache
        print(f"  {rows:>9,}" + "".join(f"  {each * 1000:>8.0f}" for each in seconds), flush=True)


# --- what all have in common ------------------------------------------------------------------------------------------


def _check(answer: Path, rows: int) -> dict[str, int]:
    """See that every row is answered, in its place; give the verdicts of the default set with their numbers."""
    source = f"read_csv('{answer}', header=true, all_varchar=true)" if answer.suffix == ".csv" else f"'{answer}'"
    sql = f"""SELECT json_object('rows', count(*), 'misplaced', count(*) FILTER (id <> lpad(number::VARCHAR, 9, '0')),
      'met', count(*) FILTER (mayo = 'met'), 'not met', count(*) FILTER (mayo = 'not met'),
      'undetermined', count(*) FILTER (mayo = 'undetermined'))
      FROM (SELECT id, mayo, row_number() OVER () AS number FROM {source})"""
    ask = "import duckdb, sys; duckdb.execute('SET enable_progress_bar = false'); "
    ask += "print(duckdb.execute(sys.argv[1]).fetchall()[0][0])"
    told = subprocess.run([sys.executable, "-c", ask, sql], capture_output=True, text=True, check=True)
    found: dict[str, int] = json.loads(told.stdout)
    if found["rows"] != rows or found["misplaced"] or found["met"] + found["not met"] + found["undetermined"] != rows:
        sys.exit(f"{rows} rows went in; came out: {found}")
    return found


def _median(taken: Sequence[Measured]) -> float:
    return statistics.median(run.seconds for run in taken)


def _title(text: str) -> None:
    print(f"\n{text}", flush=True)


def _aim(text: str, holds: bool) -> None:
    print(f"  aim: {text}: {'holds' if holds else 'DOES NOT HOLD'}", flush=True)


def _size(table: Path, rows: int) -> str:
    return f"{rows:,} rows of 40 columns, {_megabytes(table)} MB of {table.suffix[1:]}"


def _megabytes(path: Path) -> int:
    return round(path.stat().st_size / 1e6)


if __name__ == "__main__":
    main()
