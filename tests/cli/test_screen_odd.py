"""Odd tables and odd settings: every engine gives the same bytes, or all refuse alike, soon and in one line."""

import os
import sys
from pathlib import Path

import pytest

from tests.cli.command import poems, python
from tests.cli.tables import WARD, screen

ENGINES = ("python", "duckdb")


def alike(*arguments: str, folder: Path) -> str:
    """What both engines answer, which is the same."""
    first, second = [screen(*arguments, "--engine", engine, folder=folder) for engine in ENGINES]
    assert (first.code, first.out, first.err) == (second.code, second.out, second.err)
    assert (first.code, first.err) == (0, "")
    return first.out


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are not UTF-8")
@pytest.mark.parametrize("name", [b"bad\xff.csv", b"ward[1].csv", b"a'b*c.csv"])
def test_a_table_of_any_name(name: bytes, tmp_path: Path) -> None:
    table = os.fsdecode(name)
    (tmp_path / table).write_text("id,polyneuropathy\n1,yes\n")
    assert alike(table, "--columns", "id,mayo", folder=tmp_path) == "id,mayo\n1,undetermined\n"
    for engine in ENGINES:
        assert screen(table, "--columns", "id,mayo", "-o", "o" + table, "--engine", engine, folder=tmp_path).code == 0
        assert (tmp_path / ("o" + table)).read_text() == "id,mayo\n1,undetermined\n"


def test_control_characters_in_json_lines(tmp_path: Path) -> None:
    ids = ["a\x1bb", "\x0b\x0c\x08\x7f\x1f", "\\u001b", "\\\\\x1b", "\\\x1f", "\u2028\x85"]
    (tmp_path / "t.csv").write_bytes(("id,polyneuropathy\n" + "".join(f"{one},yes\n" for one in ids)).encode())
    assert alike("t.csv", "-f", "ndjson", "--columns", "id,mayo", folder=tmp_path).splitlines()[0] == (
        '{"id":"a\\u001Bb","mayo":"undetermined"}'
    )


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_worklist_of_nobody(form: str, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("id,polyneuropathy\n1,no\n2,no\n")
    found = alike("w.csv", "--worklist", "--columns", "id,steps_to_met", "-f", form, folder=tmp_path)
    assert found == ("id,steps_to_met\n" if form == "csv" else "")


def test_blank_lines_are_passed_over_or_refused_soon(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,polyneuropathy\n" + "\n" * 100_000 + "1,yes\n")
    assert alike("t.csv", "--columns", "id,mayo", folder=tmp_path) == "id,mayo\n1,undetermined\n"
    table.write_text("id,polyneuropathy\n" + "\n" * 2_500_000 + "1,yes\n")
    for engine in ENGINES:
        ran = screen("t.csv", "--engine", engine, folder=tmp_path)
        assert (ran.code, ran.out) == (11, "")
        assert (
            ran.err == "poems: t.csv, line 500002: more than 500,000 blank lines follow each other; take the blank lines out\n"
        )


@pytest.mark.parametrize("name", ["idna", "punycode", "undefined", "unicode_escape", "rot13", "base64", "charmap"])
def test_an_encoding_of_no_text(name: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"id,polyneuropathy\n\xfc,yes\n")
    ran = screen("t.csv", "--encoding", name, folder=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"poems: --encoding: there is no encoding '{name}'; write one such as utf-8")
    assert ran.err.count("\n") == 1


def test_bytes_that_are_not_of_the_encoding_have_their_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"id,polyneuropathy\n1,yes\n\xfc,yes\n")
    for encoding in ("utf-8", "ascii", "shift_jis", "euc_kr"):
        ran = screen("t.csv", "--encoding", encoding, folder=tmp_path)
        assert (ran.code, ran.out) == (11, "")
        assert ran.err.startswith("poems: t.csv, line 3: this is not ")


@pytest.mark.parametrize("number", ["100000", "99999999999999999999"])
def test_more_threads_or_processes_than_a_machine_can_use(number: str, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(WARD)
    for engine in ("auto", "duckdb"):
        ran = screen("w.csv", "--threads", number, "--engine", engine, folder=tmp_path)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert ran.err.startswith(f"poems: --threads: {number} is more than this machine can use; write at most ")
    ran = poems("check", "w.csv", "--jobs", number, folder=tmp_path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"poems: --jobs: {number} is more than this machine can use; write at most ")


@pytest.mark.parametrize("size", ["", "0GB", "-1GB", "nan", "1e9GB", "99999999999999999999TB", "1GB;"])
def test_a_memory_limit_that_is_no_size(size: str, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(WARD)
    ran = screen("w.csv", f"--memory-limit={size}", folder=tmp_path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("poems: --memory-limit: ")


@pytest.mark.parametrize("given", ["-5e-324", "-1e-320"])
def test_a_negative_number_stays_one_however_small(given: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"id,m_protein (mg/L)\na,{given}\n")
    assert poems("check", "t.csv", folder=tmp_path).code == 11
    for engine in ENGINES:
        assert screen("t.csv", "--engine", engine, folder=tmp_path).code == 11


def test_braces_in_the_names_of_a_relation(tmp_path: Path) -> None:
    code = """\
import duckdb, poems_cli
from poems_cli.rules.loading import load_rules
every = ", ".join(f"true AS {one.id}" for one in load_rules().findings.values() if one.kind == "boolean")
table = duckdb.sql(f'''SELECT 'a' AS id, {every}, 45 AS "egfr (mL/min/{{1.73_m2}})" ''')
print(poems_cli.screen(table, columns=["id", "mayo", "steps_to_met"]).fetchall())
"""
    ran = python(code, folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "[('a', 'met', 0)]\n"
