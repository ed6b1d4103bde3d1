"""What ``poems screen`` refuses: one line that says where, what and how to mend it; nothing written, nothing left behind."""

import gzip
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import MODULE, environment, python
from tests.cli.tables import HEADING, SECRET, WARD, assert_nothing_of_patients, left_behind, screen

PLAIN = f"id,papilledema\n1,yes\n2,{SECRET}\n"

#: Files of patients by their fault: name, bytes and message.
TABLES: dict[str, tuple[str, bytes | str, str]] = {
    "short row": (
        "t.csv",
        f"id,papilledema,edema\n1,yes,\n2,{SECRET}\n",
        "t.csv, line 3: the row has 2 cells under 3 headings; ",
    ),
    "long row": ("t.csv", f"id,papilledema\n1,yes,{SECRET}\n", "t.csv, line 2: the row has 3 cells under 2 headings; "),
    "unclosed quote": (
        "t.csv",
        f'id,papilledema\n1,yes\n2,"{SECRET}\n3,no\n',
        "t.csv, line 3: a quote is opened and never closed; ",
    ),
    "long row of blanks": ("t.csv", "id,papilledema\n1,yes,\n", "t.csv, line 2: the row has 3 cells under 2 headings; "),
    "unclosed at the end": ("t.csv", 'id,papilledema\n1,yes\n2,"no', "t.csv, line 3: a quote is opened and never closed; "),
    "text behind a quote": ("t.csv", f'id,papilledema\n1,"yes"{SECRET}\n', "t.csv, line 2: "),
    "nothing in it": ("t.csv", "\n\n", "t.csv: there is nothing in it; "),
    "no heading row": ("t.csv", f"1,yes,no\n2,no,{SECRET}\n", "t.csv, line 1: the first row looks like a patient, not like "),
    "Latin-1": ("t.csv", f"id,papilledema,naïve {SECRET}\n".encode("latin-1"), "t.csv, line 1: "),
    "Latin-1 below": ("t.csv", PLAIN.encode() + b"3,\xe4\n", "t.csv, line 4: "),
    "NUL": ("t.csv", PLAIN + "3,\0\n", "t.csv: this is not text (it holds NUL bytes); "),
    "two delimiters": (
        "t.csv",
        f"id;a,x;b\n1;{SECRET},yes;2\n",
        "t.csv: its columns may be separated by a comma or a semicolon; ",
    ),
    "headings twice": (
        "t.csv",
        f"id,papilledema,papilledema\n1,yes,{SECRET}\n",
        "columns 'papilledema' and 'papilledema' both name 'papilledema'; ",
    ),
    "workbook": ("t.csv", b"PK\x03\x04" + bytes(200), "t.csv: "),
    "gzip cut short": (
        "t.gz",
        gzip.compress(PLAIN.encode() * 500, mtime=0)[:-9],
        "t.gz: the compressed file is broken or truncated",
    ),
    "no Parquet": ("t.parquet", PLAIN, "t.parquet: this is not a Parquet file; "),
    "Parquet cut short": ("t.parquet", b"PAR1" + bytes(50), "t.parquet: "),
    "JSON list": ("t.ndjson", '[{"id": 1}]', "t.ndjson: this is a JSON list, not one object per line; "),
    "broken JSON": ("t.ndjson", f'{{"id":1}}\n{{"papilledema":"{SECRET}\n', "t.ndjson, line 2: "),
    "OMOP": (
        "t.csv",
        f"measurement_id,person_id,measurement_concept_id\n1,{SECRET},3\n",
        "t.csv: this is a table of an OMOP export, which poems does not read; ",
    ),
    "FHIR": (
        "t.ndjson",
        '{"resourceType": "Patient", "id": "x"}\n',
        "t.ndjson: this is a FHIR resource, which poems does not read; ",
    ),
    "folder": ("t.csv", "", "t.csv: this is a folder, not a file; "),
    "missing": ("t.csv", "", "t.csv: there is no such file; "),
    "pattern without files": ("t*.csv", "", "t*.csv: no file fits this pattern; "),
}


#: The command that is refused here.
SCREEN = ("screen", "--quiet", "--spill", "spill")


@pytest.mark.parametrize("fault", TABLES)
def test_a_table_that_cannot_be_read(fault: str, refusal: Callable[..., tuple[int, list[str]]], tmp_path: Path) -> None:
    name, data, message = TABLES[fault]
    if fault == "folder":
        (tmp_path / name).mkdir()
    elif data:
        (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    (tmp_path / "spill").mkdir()
    before = sorted(tmp_path.iterdir())
    arguments = ["-o", "out.csv", "--rejects", "rejects.csv", "--summary", "summary.json"]
    code, [first, *more] = refusal(*SCREEN, name, *arguments)
    assert code == 11
    assert first.startswith(f"poems: {message}"), first
    assert "; " in first
    assert SECRET not in first
    assert more == [] or fault == "headings twice"
    assert (sorted(tmp_path.iterdir()), left_behind(tmp_path)) == (before, [])


def test_a_table_that_cannot_be_read_is_one_line_of_a_run(tmp_path: Path) -> None:
    name, data, message = TABLES["short row"]
    (tmp_path / name).write_text(str(data))
    ran = screen(name, "-o", "out.csv", "--rejects", "rejects.csv", "--summary", "summary.json", folder=tmp_path)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (11, "", 1)
    assert ran.err.startswith(f"poems: {message}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["spill", name]


#: The end of a table by its fault, some of which pyarrow reads without an error, and the message.
ENDS: dict[str, tuple[bytes, str]] = {
    "short row": (f"{SECRET}\n".encode(), "line 3002: the row has 1 cell under 2 headings; "),
    "long row": (f"2,no,{SECRET}\n".encode(), "line 3002: the row has 3 cells under 2 headings; "),
    "long row of blanks": (b"2,no,\n", "line 3002: the row has 3 cells under 2 headings; "),
    "blank line and a long row, which outweigh each other": (
        b"\n2,no,\n",
        "line 3003: the row has 3 cells under 2 headings; ",
    ),
    "unclosed quote": (f'2,"{SECRET}\n3,no\n'.encode(), "line 3002: a quote is opened and never closed; "),
    "unclosed at the end": (b'2,"no', "line 3002: a quote is opened and never closed; "),
    "text behind a quote": (f'2,"no"{SECRET}\n'.encode(), "line 3002: "),
    "Latin-1": (b"2,\xe4\n", "line 3002: "),
}


@pytest.mark.parametrize("fault", ENDS)
def test_a_fault_far_below_is_found(fault: str, refusal: Callable[..., tuple[int, list[str]]], tmp_path: Path) -> None:
    end, message = ENDS[fault]
    (tmp_path / "t.csv").write_bytes(b"id,papilledema\n" + b"1,yes\n" * 3_000 + end)
    (tmp_path / "spill").mkdir()
    code, [line] = refusal(*SCREEN, "t.csv", "-o", "out.csv")
    assert code == 11
    assert line.startswith(f"poems: t.csv, {message}"), line
    assert SECRET not in line
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["spill", "t.csv"]


#: Arguments by their fault, and the message; all are errors of usage.
ARGUMENTS: dict[str, tuple[str, str]] = {
    "unknown column": ("--columns mhlw_levl", "poems: --columns: no column 'mhlw_levl'; did you mean 'mhlw_level'?"),
    "unknown set": ("--criteria mayoo", "poems: --criteria: no criteria set 'mayoo'; did you mean 'mayo'?"),
    "missing folder": ("-o nowhere/out.csv", "poems: nowhere/out.csv: cannot be written: no such file or directory; "),
    "folder as target": ("-o folder --format csv", "poems: folder: cannot be written: this is a folder; "),
    "no form": ("-o out.docx", "poems: 'out.docx' does not show which format to write; end it in .csv, .tsv, .parquet"),
    "Parquet packed": ("-o out.parquet.gz", "poems: out.parquet.gz: this format is already compressed; "),
    "one file twice": ("-o a.csv --rejects ./a.csv", "poems: ./a.csv: two outputs have the same file; name another"),
    "standard output twice": ("--rejects -", "poems: only one output can go to standard output; "),
    "the table itself": ("-o ./ward.csv", "poems: ./ward.csv: it is read in this run, and would be lost; "),
    "the table as rejects": ("--rejects ward.csv", "poems: ward.csv: it is read in this run, and would be lost; "),
    "no size": ("--engine spark --memory-limit banana", "poems: --memory-limit: 'banana' is not a size; "),
    "memory without Spark": ("--memory-limit 2GB", "poems: --memory-limit: it has no effect here; it works with "),
    "no spill folder": ("--spill nowhere", "poems: nowhere: there is no such folder; make it, or name another with --spill"),
    "delimiter": ("--delimiter xx", "poems: --delimiter: 'xx' cannot separate columns; "),
    "encoding": ("--encoding klingon", "poems: --encoding: there is no encoding 'klingon'; "),
}  # fmt: skip


@pytest.mark.parametrize("wrong", ARGUMENTS)
def test_2_usage(wrong: str, refusal: Callable[..., tuple[int, list[str]]], tmp_path: Path) -> None:
    arguments, message = ARGUMENTS[wrong]
    (tmp_path / "ward.csv").write_text(WARD)
    for name in ("folder", "spill"):
        (tmp_path / name).mkdir()
    code, [line] = refusal(*SCREEN, "ward.csv", *arguments.split())
    assert (code, line[: len(message)]) == (2, message)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "spill", "ward.csv"]
    assert (tmp_path / "ward.csv").read_text() == WARD


@pytest.mark.parametrize(
    ("arguments", "message", "lines"),
    [
        ("-o ./ward.csv", "poems: ./ward.csv: it is read in this run, and would be lost; ", 1),
        ("--decimal ;", "Invalid value for '--decimal'", 4),
        ("--threads 0", "Invalid value for '--threads'", 4),
    ],
)
def test_2_usage_as_run(arguments: str, message: str, lines: int, tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text(WARD)
    ran = screen("ward.csv", *arguments.split(), folder=tmp_path)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", lines)
    assert message in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["spill", "ward.csv"]
    assert (tmp_path / "ward.csv").read_text() == WARD


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("ward.csv --id nobody", "poems: no column is called 'nobody'; the table has 'id', 'polyneuropathy', "),
        ("ward.csv ./ward.csv", "poems: ./ward.csv: it is named twice; name it once, or its patients count twice"),
        ("ward.csv other.csv", "poems: other.csv: it has no column 'polyneuropathy', unlike ward.csv; "),
        ("ward.csv --map none.yaml", "poems: none.yaml: cannot be read (no such file or directory); "),
    ],
)
def test_11_tables_that_do_not_fit(arguments: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text(WARD)
    (tmp_path / "other.csv").write_text(HEADING.replace("polyneuropathy,", "") + f"\n1,yes,yes,yes,{SECRET},,\n")
    ran = screen(*arguments.split(), "-o", "out.csv", folder=tmp_path)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (11, "", 1)
    assert ran.err.startswith(message)
    assert not (tmp_path / "out.csv").exists()


def test_10_the_rules_are_invalid(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text(WARD)
    (tmp_path / "broken.yaml").write_text("id: broken\nfindings: [\n")
    ran = screen("ward.csv", "--rules", "broken.yaml", folder=tmp_path)
    assert (ran.code, ran.out) == (10, "")
    assert "broken.yaml" in ran.err


def test_a_target_that_was_there_stays_as_it_was_where_a_run_fails(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text(WARD + "1,2,3\n")
    (tmp_path / "out.csv").write_text("of yesterday\n")
    assert screen("ward.csv", "-o", "out.csv", folder=tmp_path).code == 11
    assert (tmp_path / "out.csv").read_text() == "of yesterday\n"


def test_an_input_that_vanishes_is_one_line(tmp_path: Path) -> None:
    """Its headings have been read, its patients have not."""
    code = (
        "import os, sys, poems_cli.screening.screen as screening, poems_cli.__main__ as main\n"
        "plan_of = screening.plan_of\n"
        "def then_gone(*given):\n"
        "    plan = plan_of(*given)\n"
        "    os.unlink('ward.csv')\n"
        "    return plan\n"
        "screening.plan_of = then_gone\n"
        "sys.exit(main.main())"
    )
    (tmp_path / "ward.csv").write_text(WARD)
    spill = tmp_path / "spill"
    spill.mkdir()
    ran = python(code, "screen", "ward.csv", "-o", "out.csv", "--spill", "spill", "-q", folder=tmp_path)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (11, "", 1), ran.err
    assert ran.err.startswith("poems: ward.csv: ")
    assert left_behind(tmp_path) == []
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process are set differently elsewhere")
@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.parquet", "rejects.csv"])
def test_a_disk_that_is_full_is_one_line(name: str, tmp_path: Path) -> None:
    """The answer of yesterday stays."""
    (tmp_path / "large.csv").write_text("id,papilledema\n" + "".join(f"{row * row * 7919},maybe\n" for row in range(60_000)))
    (tmp_path / "out.csv").write_text("of yesterday\n")
    before = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    before += "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
    code = before + "import sys; from poems_cli.__main__ import main; sys.exit(main())"
    (tmp_path / "spill").mkdir()
    outputs = ["--rejects", name, "-o", "out.csv"] if name == "rejects.csv" else ["-o", name]
    ran = python(code, "screen", "large.csv", "-q", "--spill", "spill", *outputs, folder=tmp_path)
    assert_nothing_of_patients(ran.err)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1), ran.err
    assert "cannot be written: file too large" in ran.err
    assert left_behind(tmp_path) == []
    assert (tmp_path / "out.csv").read_text() == "of yesterday\n"


# --- signals and pipes ------------------------------------------------------------------------------------------------


def _large(folder: Path) -> None:
    lines = "".join(f"{row},yes,yes,,,no,,512\n" for row in range(1_000))
    (folder / "large.csv").write_text(HEADING + "\n" + lines * 1_000)


def _started(folder: Path, *arguments: str, before: str = "") -> "subprocess.Popen[bytes]":
    start = f"{before}import sys; from poems_cli.__main__ import main; sys.exit(main())"
    command = [*MODULE[:1], "-c", start, "screen", "large.csv", "--spill", "spill", "--quiet", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment())


def _is_under_way(folder: Path) -> bool:
    return any((folder / "spill").iterdir())


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [(signal.SIGTERM, 143, b""), (signal.SIGINT, 130, b"\npoems: interrupted\n")],
)
def test_a_terminated_run_leaves_no_file(number: signal.Signals, code: int, message: bytes, tmp_path: Path) -> None:
    (tmp_path / "spill").mkdir()
    _large(tmp_path)
    before = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    process = _started(tmp_path, "-o", "out.csv", "--rejects", "rejects.csv", before=before)
    _wait_until(lambda: _is_under_way(tmp_path))
    time.sleep(0.4)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert_nothing_of_patients(err.decode())
    assert (process.returncode, out, err) == (code, b"", message)
    assert left_behind(tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large.csv", "spill"]


def _wait_until(there: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not there():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_141_the_reader_went_away(tmp_path: Path) -> None:
    (tmp_path / "spill").mkdir()
    _large(tmp_path)
    process = _started(tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=60), err) == (141, b"")
    assert left_behind(tmp_path) == []
