"""The command ``poems sql``: what it writes, and what it refuses in one line."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from typer.testing import CliRunner

from poems_cli.commands.app import app
from poems_cli.model import Rules
from poems_cli.report.template import depends_on
from tests.cli.command import MODULE, environment, poems


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["sql", *arguments])


def described(text: str) -> dict[str, str]:
    """The columns that the heading of a query lists, and what it says of each."""
    lines = [line.removeprefix("--   ") for line in text.splitlines() if line.startswith("--   ")]
    return {line.partition(": ")[0]: line.partition(": ")[2] for line in lines}


def test_the_text_says_what_the_table_must_have(rules: Rules) -> None:
    findings = "sex,polyneuropathy,platelets,platelets__high,diagnosis_label"
    text = run("--dialect", "bigquery", "--findings", findings, "--from", "ward.p").stdout
    heading = [line for line in text.splitlines() if line.startswith("--")]
    assert rules.identity.sha256 in heading[0]
    assert "no diagnosis" in heading[1]
    assert list(described(text)) == ["id", "sex", "polyneuropathy", "platelets", "platelets__high", "diagnosis_label"]
    descriptions = described(text)
    assert (descriptions["polyneuropathy"], descriptions["platelets"], descriptions["sex"]) == (
        "BOOL",
        "a number in 10*9/L",
        "text: female, male",
    )
    assert "poems explain diagnosis_label" in descriptions["diagnosis_label"]
    assert "FROM ward.p" in text


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark", "snowflake", "bigquery"])
def test_only_dialects_that_were_never_run_are_marked_as_untested(dialect: str) -> None:
    ran = run("--dialect", dialect, "--findings", "polyneuropathy,light_chain,platelets,platelets__comparator")
    is_unproven = dialect in ("snowflake", "bigquery")
    assert ran.stderr.count("\n") == is_unproven
    assert (f"The query for {dialect} was never run" in ran.stderr) is is_unproven
    assert ("was never run" in ran.stdout) is is_unproven
    assert len(sqlglot.parse(ran.stdout, read=dialect)) == 1


def test_a_dialect_that_is_not_written_is_refused(tmp_path: Path) -> None:
    ran = poems("sql", "--dialect", "tsql", folder=tmp_path)
    assert (ran.code, ran.out, "tsql" in ran.err) == (2, "", True)


def test_without_a_list_the_columns_are_those_the_criteria_depend_on(rules: Rules) -> None:
    text = run("--criteria", "castleman-variant", "--columns", "castleman_variant").stdout
    assert set(described(text)) == depends_on(rules, "castleman-variant")


def test_a_table_like_a_file_has_its_headings_units_and_mapping(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text("MRN,Polyneuropathy,Platelets (K/uL),PLT high,PLT 2,M protein\n")
    (tmp_path / "map.yaml").write_text(
        "id: MRN\ncolumns:\n  Polyneuropathy: {finding: polyneuropathy, values: {1: true, 2: false}}\n"
        "  Platelets (K/uL): {finding: platelets, unit: 10*9/L, high: PLT high, values: {-99: null}}\n"
        "  PLT 2: null\n  M protein: {finding: m_protein, unit: g/L}\n"
    )
    con = duckdb.connect()
    numbers = '"Platelets (K/uL)" DOUBLE, "PLT high" DOUBLE, "M protein" DOUBLE'
    con.execute(f"CREATE TABLE p (MRN VARCHAR, Polyneuropathy INTEGER, {numbers})")
    rows = "('007', 1, 500, NULL, 2), ('008', 2, 500, 600, 0), ('009', NULL, 500, 400, NULL), ('010', 3, -1, NULL, NULL)"
    con.execute(f"INSERT INTO p VALUES {rows}, ('011', NULL, -99, 400, NULL)")
    columns = "id,mayo,mayo_minor_criterion_present,mhlw_definite_monoclonal_protein_present,not_understood"
    like = ["--like", str(tmp_path / "ward.csv"), "--map", str(tmp_path / "map.yaml")]
    ran = run(*like, "--from", "p", "--columns", columns)
    assert ran.exit_code == 0, ran.stderr
    assert sorted(con.execute(ran.stdout).fetchall()) == [
        ("007", "undetermined", 1, 1, 0), ("008", "not met", 0, 0, 0), ("009", "undetermined", 1, 0, 0),
        ("010", "undetermined", 0, 0, 2), ("011", "undetermined", 0, 0, 0),
    ]  # fmt: skip


def test_a_table_like_a_parquet_file_has_its_types(tmp_path: Path) -> None:
    con = duckdb.connect()
    row = """'1' AS id, 'yes' AS polyneuropathy, 2.5::FLOAT AS "m_protein (g/dL)", 1 AS papilledema, 3 AS ward"""
    con.execute(f"CREATE TABLE patients AS SELECT {row}")
    con.execute(f"COPY patients TO '{tmp_path / 'ward.parquet'}' (FORMAT parquet)")
    ran = run("--like", str(tmp_path / "ward.parquet"), "--columns", "id,mayo,mayo_minor_criterion_present")
    assert con.execute(ran.stdout).fetchall() == [("1", "undetermined", 1)]
    assert ran.stderr == "poems: Columns not read: 'ward'; poems screen --suggest-map says why.\n"
    text = """SELECT '450' AS "platelets (10*9/L)\""""
    con.execute(f"COPY ({text}) TO '{tmp_path / 'text.parquet'}' (FORMAT parquet)")
    refused = poems("sql", "--like", "text.parquet", folder=tmp_path)
    assert (refused.code, refused.out) == (2, "")
    assert "the column 'platelets (10*9/L)' holds no numbers" in refused.err


def test_steps_that_cannot_be_listed_are_left_out_and_reported(tmp_path: Path) -> None:
    ran = run("--criteria", "mhlw")
    assert ran.exit_code == 0
    assert "AS steps_to_met" not in ran.stdout
    assert "mhlw, which has more than 10000 states: they are left out" in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.removeprefix("poems: ") in ran.stdout
    refused = poems("sql", "--criteria", "mhlw", "--columns", "id,steps_to_met", folder=tmp_path)
    assert (refused.code, refused.out) == (2, "")
    assert "leave these columns out" in refused.err
    assert refused.err.count("\n") == 1


NAMES = [
    "order",
    "User",
    'a "b"',
    "it's",
    "{x}",
    "a.b",
    "naïve; DROP TABLE patients",
    "-- x",
    "select",
    "a\nb",
    "/* x */",
    "`x`",
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_of_columns_and_tables_stay_names(name: str, tmp_path: Path) -> None:
    con = duckdb.connect()
    quoted = '"' + name.replace('"', '""') + '"'
    con.execute(f"CREATE TABLE {quoted} (id VARCHAR, {quoted} BOOLEAN)")
    con.execute(f"INSERT INTO {quoted} VALUES ('1', true)")
    con.execute(f"COPY {quoted} TO '{tmp_path / 'ward.parquet'}' (FORMAT parquet)")
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    (tmp_path / "map.yaml").write_text(f'id: id\ncolumns:\n  "{escaped}": {{finding: papilledema}}\n')
    ran = run("--like", str(tmp_path / "ward.parquet"), "--map", str(tmp_path / "map.yaml"), "--from", quoted,
              "--columns", "id,mayo_minor_criterion_present")  # fmt: skip
    assert ran.exit_code == 0, ran.exception
    assert con.execute(ran.stdout).fetchall() == [("1", 1)]


SMALL = """
id: small
version: "1.0"
title: Small
default_criteria: set
findings:
  order: {kind: boolean, label: order, question: order?}
  platelets: {kind: quantity, label: platelets, question: How many, unit: 10*9/L}
criteria:
  set: {title: A set, short: Set, source: paper, about: For tests., met: order}
tests:
  asking: {label: asking, answers: [order, platelets], how: history, cost: 0, invasiveness: 0}
sources:
  paper: {authors: A, year: 2020, read: full text}
units:
  accepted: {platelets: {10*9/L: 1}}
"""


@pytest.mark.parametrize("name", ["x\\nDROP TABLE patients; --", "it's -- {0} %s", "a\\u2028b"])
def test_the_name_of_foreign_rules_cannot_end_a_comment(name: str, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(SMALL.replace("id: small", f'id: "{name}"').replace('"1.0"', f'"{name}"'))
    ran = poems("sql", "--rules", "r.yaml", folder=tmp_path)
    if ran.code == 0:  # rules may also be refused for such a name
        con = duckdb.connect()
        con.execute('CREATE TABLE patients (id VARCHAR, "order" BOOLEAN, platelets DOUBLE)')
        con.execute("INSERT INTO patients VALUES ('1', true, 3)")
        (query,) = duckdb.extract_statements(ran.out)
        assert con.execute(query).fetchall()[0][:2] == ("1", "met")
        assert ran.out.splitlines()[1].startswith("-- A research and teaching aid")
    else:
        assert (ran.code, ran.out) == (10, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--map", "map.yaml"], "name it with --like"),
        (["--like", "ward.csv", "--findings", "sex"], "give one of the two"),
        (["--findings", "polineuropathy"], "did you mean 'polyneuropathy'?"),
        (["--findings", "platelets__high"], "platelets__high goes with platelets; name that as well"),
        (["--findings", "sex,sex__low"], "only what is measured has a column low"),
        (["--from", "patients; DROP TABLE patients"], "is not the name of a table"),
        (["--from", "read_csv('x')"], "is not the name of a table"),
        (["--from", ""], "is not the name of a table"),
        (["--columns", "mayoo"], "no column 'mayoo'"),
        (["--criteria", "mayoo"], "no criteria set 'mayoo'"),
    ],
)
def test_what_cannot_be_written_is_reported_in_one_line(
    arguments: list[str], says: str, refusal: Callable[..., tuple[int, list[str]]]
) -> None:
    code, [line] = refusal("sql", *arguments)
    assert (code, says in line, "\n" in line) == (2, True, False)


def test_it_is_written_in_full_to_a_file_and_never_over_an_input(tmp_path: Path) -> None:
    ran = run("--findings", "polyneuropathy", "-o", str(tmp_path / "poems.sql"))
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert (tmp_path / "poems.sql").read_text() == run("--findings", "polyneuropathy").stdout
    (tmp_path / "ward.csv").write_text("id,polyneuropathy\n1,yes\n")
    refused = poems("sql", "--like", "ward.csv", "-o", "ward.csv", folder=tmp_path)
    assert refused.code == 2
    assert (tmp_path / "ward.csv").read_text() == "id,polyneuropathy\n1,yes\n"


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_an_end_from_outside_leaves_no_copy_of_a_table_from_a_pipe(sent: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    command, table = [*MODULE, "sql", "--like", "-"], b"id,polyneuropathy\n" + b"1,yes\n" * 400_000
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=tmp_path, env=environment(TMPDIR=str(tmp_path / "tmp")), **streams) as running:
        assert running.stdin is not None
        running.stdin.write(table)
        running.stdin.flush()
        until = time.monotonic() + 60
        while not list((tmp_path / "tmp").rglob("*.table")) and running.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        assert running.poll() is None
        running.send_signal(sent)
    assert not [path for path in (tmp_path / "tmp").rglob("*") if path.is_file()]
