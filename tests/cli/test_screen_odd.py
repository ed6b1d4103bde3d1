"""Odd tables and odd settings are answered, or refused soon and in one line."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.command import poems
from tests.cli.tables import WARD, screen


def answered(*arguments: str, folder: Path) -> str:
    ran = screen(*arguments, folder=folder)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are not UTF-8")
def test_a_table_of_any_name(tmp_path: Path) -> None:
    table = os.fsdecode(b"ward[1] a'b*c\xff.csv")
    (tmp_path / table).write_text("id,polyneuropathy\n1,yes\n")
    (tmp_path / "map.yaml").write_text("id: id\ncolumns: {mayo: {finding: polyneuropathy, values: {undetermined: true}}}\n")
    assert answered(table, "--columns", "id,mayo", folder=tmp_path) == "id,mayo\n1,undetermined\n"
    for form in ("csv", "parquet", "ndjson.gz"):
        out = f"o{table}.{form}"
        assert screen(table, "--columns", "id,mayo", "-o", out, "--rejects", f"r{out}", folder=tmp_path).code == 0
        if "ndjson" not in form:
            assert answered(out, "--map", "map.yaml", "--columns", "id,mayo", folder=tmp_path) == "id,mayo\n1,undetermined\n"


def test_control_characters_in_json_lines(tmp_path: Path) -> None:
    cells = ["a\x1bb", "\x0b\x0c\x08\x7f\x1f", "\\u001b", "\\\\\x1b", "\\\x1f", "\u2028\x85", '5"']
    lines = "".join(f"{row},yes,{cell}\n" for row, cell in enumerate(cells))
    (tmp_path / "t.csv").write_bytes(f"id,polyneuropathy,note\n{lines}".encode())
    (tmp_path / "map.yaml").write_text("id: id\ncolumns: {polyneuropathy: polyneuropathy, note: null}\n")
    options = ("--map", "map.yaml", "--columns", "id", "--keep", "note")
    text = answered("t.csv", "-f", "ndjson", *options, folder=tmp_path)
    assert [json.loads(line)["note"] for line in text.split("\n")[:-1]] == cells
    (tmp_path / "t.ndjson").write_text(text.replace('"note"', '"polyneuropathy":true,"note"'))
    assert answered("t.ndjson", "-f", "ndjson", *options, folder=tmp_path) == text  # and read back as they were


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_an_empty_worklist(form: str, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("id,polyneuropathy\n1,no\n2,no\n")
    worklist = answered("w.csv", "--worklist", "--columns", "id,steps_to_met", "-f", form, folder=tmp_path)
    assert worklist == ("id,steps_to_met\n" if form == "csv" else "")


def test_blank_lines_are_passed_over_however_many(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,polyneuropathy\n" + "\n" * 2_500_000 + "1,yes\n")
    assert answered("t.csv", "--columns", "id,mayo", folder=tmp_path) == "id,mayo\n1,undetermined\n"


@pytest.mark.parametrize("name", ["idna", "punycode", "undefined", "unicode_escape", "rot13", "base64", "charmap"])
def test_an_encoding_of_no_text(name: str, refusal: Callable[..., tuple[int, list[str]]], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"id,polyneuropathy\n\xfc,yes\n")
    code, [line] = refusal("screen", "t.csv", "--encoding", name)
    assert code == 2
    assert line.startswith(f"poems: --encoding: there is no encoding '{name}'; write one such as utf-8")


def test_bytes_that_are_not_of_the_encoding_have_their_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"id,polyneuropathy\n1,yes\n\xfc,yes\n")
    for encoding in ("utf-8", "ascii", "shift_jis"):
        ran = screen("t.csv", "--encoding", encoding, folder=tmp_path)
        assert (ran.code, ran.out) == (11, "")
        assert ran.err.startswith("poems: t.csv, line 3: this is not ")


@pytest.mark.parametrize("number", ["100000", "99999999999999999999"])
def test_more_threads_or_processes_than_a_machine_can_use(number: str, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(WARD)
    ran = screen("w.csv", "--threads", number, folder=tmp_path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"poems: --threads: {number} is more than this machine can use; write at most ")
    ran = poems("check", "w.csv", "--jobs", number, folder=tmp_path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"poems: --jobs: {number} is more than this machine can use; write at most ")


@pytest.mark.parametrize("size", ["", "0GB", "-1GB", "nan", "1e9GB", "99999999999999999999TB", "1GB;"])
def test_a_memory_limit_that_is_not_a_size(size: str, refusal: Callable[..., tuple[int, list[str]]], tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(WARD)
    code, [line] = refusal("screen", "w.csv", "--engine", "spark", f"--memory-limit={size}")
    assert (code, line.startswith("poems: --memory-limit: ")) == (2, True)


@pytest.mark.parametrize("number", ["-5e-324", "-1e-320"])
def test_a_negative_number_stays_one_however_small(number: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"id,m_protein (mg/L)\na,{number}\n")
    assert poems("check", "t.csv", folder=tmp_path).code == 11
    ran = screen("t.csv", "--columns", "id,not_understood", folder=tmp_path)
    assert (ran.code, ran.out) == (0, "id,not_understood\na,1\n")
    assert screen("t.csv", "--strict", folder=tmp_path).code == 11


def test_a_table_of_one_column_and_one_without_rows(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("polyneuropathy\nyes\n\nno\n")
    assert answered("one.csv", "--columns", "id,mayo", folder=tmp_path) == (
        "id,mayo\n1,undetermined\n2,undetermined\n3,not met\n"
    )
    (tmp_path / "none.csv").write_text("id,polyneuropathy\n")
    pq.write_table(
        pa.table({"id": pa.array([], pa.string()), "polyneuropathy": pa.array([], pa.bool_())}), tmp_path / "none.parquet"
    )
    for name in ("none.csv", "none.parquet"):
        assert answered(name, "--columns", "id,mayo", folder=tmp_path) == "id,mayo\n"
        assert answered(name, "-f", "ndjson", "--worklist", folder=tmp_path) == ""
        answered(name, "-o", "out.parquet", "--columns", "id,mayo", folder=tmp_path)
        assert pq.read_table(tmp_path / "out.parquet").num_rows == 0


def test_a_limit_of_memory_is_for_spark(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(WARD)
    ran = screen("w.csv", "--memory-limit", "2GB", folder=tmp_path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "--memory-limit" in ran.err
    assert "--engine spark" in ran.err


def test_a_member_that_only_a_late_line_has_is_a_column(tmp_path: Path) -> None:
    lines = "".join(f'{{"id":{row}}}\n' for row in range(20_000)) + '{"id":"last","polyneuropathy":false}\n'
    (tmp_path / "t.ndjson").write_text(lines)
    assert answered("t.ndjson", "--columns", "mayo", folder=tmp_path).splitlines()[-1] == "not met"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_note_below_a_table_needs_no_delimiters(end: str, tmp_path: Path) -> None:
    patients = [f"{number},yes,300" for number in range(1, 41)]
    notes = ["Source: export of the laboratory", "Numbers are those of the first visit"]
    (tmp_path / "t.csv").write_text(end.join(["id,polyneuropathy,platelets (10*9/L)", *patients, "", *notes]), newline="")
    ran = screen("t.csv", "--columns", "id", folder=tmp_path)
    assert ran.out.split() == ["id", *[str(number) for number in range(1, 41)]]
    assert "2 rows hold notes below the table, and are not patients" in ran.err
    (tmp_path / "t.csv").write_text(
        end.join(["id,polyneuropathy", *[f"{number},yes" for number in range(40)], "John Smith"]), newline=""
    )
    assert "the row has 1 cell under 2 headings" in screen("t.csv", "--columns", "id", folder=tmp_path).err
