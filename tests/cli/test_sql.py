"""The queries that ``poems sql`` writes give what the program says of each row, in every engine that is here."""

import csv
import importlib.util
import io
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from poems_cli.commands.app import app
from poems_cli.model import Rules
from poems_cli.report.template import depends_on
from poems_cli.screening.sql_text import SqlOptions, sql_text
from poems_cli.sql import whole_query
from poems_cli.sql.dialects import Writer
from tests.cli.command import poems
from tests.sql_tables import Patients, asked, expected, patients

#: How a query is run over a table of this name and these types, and gives its rows.
Run = Callable[[Patients, str], Sequence[Sequence[Any]]]

TYPES = {"boolean": "BOOLEAN", "number": "DOUBLE PRECISION", "text": "VARCHAR"}
IN_BITS = {**TYPES, "boolean": "SMALLINT"}
ROWS = 60
_PATIENCE = 60  # seconds


def columns(table: Patients, types: dict[str, str] = TYPES) -> str:
    return ", ".join(["id VARCHAR", *[f"{name} {types[table.kind(name)]}" for name in table.names]])


def in_duckdb(table: Patients, query: str, types: dict[str, str] = TYPES) -> Sequence[Sequence[Any]]:
    con = duckdb.connect()
    con.execute(f"CREATE TABLE patients ({columns(table, types)})")
    marks = ", ".join("?" for _ in range(len(table.names) + 1))
    con.executemany(f"INSERT INTO patients VALUES ({marks})", [[str(at), *row.values()] for at, row in enumerate(table.rows)])
    return con.execute(query).fetchall()


def same(rules: Rules, table: Patients, run: Run, dialect: str, mimics: bool = False) -> bool:
    """Whether a query gives the answers, whatever the order of its rows; asserts it."""
    criteria = [rules.default_criteria, *[one for one in rules.criteria if one != rules.default_criteria]]
    options = SqlOptions(
        dialect=dialect,
        columns=tuple(one.name for one in asked(rules, criteria, mimics)),
        findings=tuple(table.names),
        text_cells=table.is_text,
    )
    rows = sorted([tuple(row) for row in run(table, sql_text(rules, options, io.BytesIO()))], key=lambda row: int(row[0]))
    assert rows == expected(table, criteria, mimics)
    return True


def some_findings(rules: Rules, number: int) -> list[str]:
    """What the default set depends on, and every so many of the others."""
    needed = depends_on(rules, rules.default_criteria) | {"diagnosis_label"} | set(list(rules.findings)[::number])
    return [one for one in rules.findings if one in needed]


@pytest.mark.parametrize(("is_text", "mimics"), [(False, True), (True, False)])
def test_duckdb(rules: Rules, is_text: bool, mimics: bool) -> None:
    assert same(rules, patients(rules, 1, some_findings(rules, 12), ROWS, is_text), in_duckdb, "duckdb", mimics)


class _Bits(Writer):
    """Writes what is written for T-SQL, in DuckDB's words."""

    def __init__(self, _: str, truths: Sequence[str] = ()) -> None:
        super().__init__("duckdb", truths)
        self._in_bits = True


def test_truths_as_bits(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    """T-SQL cannot be run here; what it makes of truths can."""
    monkeypatch.setattr(whole_query, "Writer", _Bits)
    table = patients(rules, 2, some_findings(rules, 12), ROWS, False)
    assert same(rules, table, lambda table, query: in_duckdb(table, query, IN_BITS), "tsql", mimics=True)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.driver.memory", "2g")
    for name in ("ui.enabled", "ui.showConsoleProgress", "sql.codegen.wholeStage"):  # the last as the heading asks for it
        builder = builder.config(f"spark.{name}", "false")
    for name in ("host", "bindAddress"):
        builder = builder.config(f"spark.driver.{name}", "127.0.0.1")
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("is_text", [False, True])
def test_spark(rules: Rules, spark: Any, tmp_path: Path, is_text: bool) -> None:
    def run(table: Patients, query: str) -> Sequence[Sequence[Any]]:
        in_duckdb(table, f"COPY patients TO '{tmp_path / 'patients.parquet'}' (FORMAT parquet)")
        spark.read.parquet(str(tmp_path / "patients.parquet")).createOrReplaceTempView("patients")
        return [tuple(row) for row in spark.sql(query).collect()]

    assert same(rules, patients(rules, 3, some_findings(rules, 1000), ROWS, is_text), run, "spark")


class _Postgres:
    """A server of its own, reached through a socket in a folder."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("initdb") or next(iter(sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))), None)
        if found is None or shutil.which("psql") is None:
            pytest.skip("Postgres is not installed")
        self._folder = folder
        user = None
        if os.getuid() == 0:  # Postgres does not run as root
            if "postgres" not in {one.pw_name for one in pwd.getpwall()}:
                pytest.skip("Postgres needs a user other than root")
            user = "postgres"
            shutil.chown(folder, user)
        bin_folder = Path(found).parent
        initdb = [bin_folder / "initdb", "-D", "data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "tester"]
        subprocess.run(initdb, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL)
        server = [bin_folder / "postgres", "-D", "data", "-k", str(folder), "-c", "listen_addresses="]
        self._server = subprocess.Popen(server, cwd=folder, user=user, stderr=subprocess.DEVNULL)
        until = time.monotonic() + _PATIENCE
        while not (folder / ".s.PGSQL.5432").exists() and self._server.poll() is None and time.monotonic() < until:
            time.sleep(0.05)

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)
        self._server.wait(timeout=_PATIENCE)

    def run(self, table: Patients, query: str) -> Sequence[Sequence[Any]]:
        rows = io.StringIO()
        writer = csv.writer(rows, lineterminator="\n")
        writer.writerows(
            [str(at), *["\\N" if cell is None else cell for cell in row.values()]] for at, row in enumerate(table.rows)
        )
        script = (
            f"DROP TABLE IF EXISTS patients; CREATE TABLE patients ({columns(table)});\n"
            f"COPY patients FROM STDIN WITH (FORMAT csv, NULL '\\N');\n{rows.getvalue()}\\.\n{query}"
        )
        psql = ["psql", "-h", str(self._folder), "-U", "tester", "-d", "postgres", "-q", "-t", "--csv", "-P", "null=\\N"]
        ran = subprocess.run([*psql, "-v", "ON_ERROR_STOP=1"], input=script.encode(), capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr.decode()
        counts = [one.is_count for one in asked(table.rules, list(table.rules.criteria), False)]
        return [
            [None if cell == "\\N" else int(cell) if is_count else cell for cell, is_count in zip(row, counts, strict=True)]
            for row in csv.reader(io.StringIO(ran.stdout.decode()))
        ]


@pytest.fixture(scope="module")
def postgres() -> Iterator[_Postgres]:
    with tempfile.TemporaryDirectory() as folder:  # short, as the path of a socket must be
        server = _Postgres(Path(folder))
        yield server
        server.stop()


@pytest.mark.parametrize("is_text", [False, True])
def test_postgres(rules: Rules, postgres: _Postgres, is_text: bool) -> None:
    assert same(rules, patients(rules, 4, some_findings(rules, 12), ROWS, is_text), postgres.run, "postgres")


# --- the command ------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["sql", *arguments])


def test_the_text_says_what_the_table_must_have(rules: Rules) -> None:
    text = run("--dialect", "tsql", "--findings", "sex,polyneuropathy,platelets,platelets__high", "--from", "ward.p").stdout
    heading = [line for line in text.splitlines() if line.startswith("--")]
    assert rules.identity.sha256 in heading[0]
    assert "no diagnosis" in heading[1]
    said = {line.removeprefix("--   ").partition(": ")[0]: line.partition(": ")[2] for line in heading[4:]}
    assert list(said) == ["id", "sex", "polyneuropathy", "platelets", "platelets__high"]
    assert (said["polyneuropathy"], said["platelets"], said["sex"]) == ("BIT", "a number in 10*9/L", "text: female, male")
    assert "FROM ward.p" in text


def test_without_a_list_it_is_what_the_criteria_depend_on(rules: Rules) -> None:
    text = run("--criteria", "castleman-variant", "--columns", "castleman_variant").stdout
    told = {line.removeprefix("--   ").partition(":")[0] for line in text.splitlines() if line.startswith("--   ")}
    assert {one for one in told if not one.startswith("  ")} == depends_on(rules, "castleman-variant")


def test_a_table_like_a_file_has_its_headings_units_and_mapping(tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_text("MRN,Polyneuropathy,Platelets (K/uL),M protein,PLT high\n")
    (tmp_path / "map.yaml").write_text(
        "id: MRN\ncolumns:\n  Polyneuropathy: {finding: polyneuropathy, values: {1: true, 2: false}}\n"
        "  Platelets (K/uL): {finding: platelets, unit: 10*9/L, high: PLT high}\n  M protein: null\n"
    )
    con = duckdb.connect()
    con.execute('CREATE TABLE p (MRN VARCHAR, Polyneuropathy INTEGER, "Platelets (K/uL)" DOUBLE, "PLT high" DOUBLE)')
    rows = "('007', 1, 500, NULL), ('008', 2, 500, 600), ('009', NULL, 500, 400), ('010', 3, -1, NULL)"
    con.execute(f"INSERT INTO p VALUES {rows}")
    ran = run("--like", str(tmp_path / "ward.csv"), "--map", str(tmp_path / "map.yaml"), "--from", "p",
              "--columns", "id,mayo,mayo_minor_criterion_present,not_understood")  # fmt: skip
    assert ran.exit_code == 0, ran.stderr
    assert sorted(con.execute(ran.stdout).fetchall()) == [
        ("007", "undetermined", 1, 0), ("008", "not met", 0, 0), ("009", "undetermined", 1, 0), ("010", "undetermined", 0, 2),
    ]  # fmt: skip


def test_steps_are_left_out_where_they_cannot_be_listed(tmp_path: Path) -> None:
    ran = run("--criteria", "mhlw")
    assert ran.exit_code == 0
    assert "steps_to_met" not in ran.stdout
    refused = poems("sql", "--criteria", "mhlw", "--columns", "id,steps_to_met", folder=tmp_path)
    assert (refused.code, refused.out) == (2, "")
    assert "steps_to_met cannot be written for the set mhlw" in refused.err
    assert refused.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--dialect", "tsql", "--text-cells"], "tsql has no regular expressions"),
        (["--map", "map.yaml"], "name the table with --like FILE"),
        (["--like", "ward.csv", "--findings", "sex"], "give one of them"),
        (["--findings", "polineuropathy"], "did you mean 'polyneuropathy'?"),
        (["--findings", "platelets__high"], "platelets__high goes with platelets; name that, too"),
        (["--findings", "sex,sex__low"], "only what is measured has a column low"),
        (["--findings", "platelets,platelets__comparator", "--text-cells"], "the comparator is in the cell"),
        (["--from", "patients; DROP TABLE patients"], "is no name of a table"),
        (["--columns", "mayoo"], "no column 'mayoo'"),
        (["--criteria", "mayoo"], "no criteria set 'mayoo'"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_line(arguments: list[str], says: str, tmp_path: Path) -> None:
    ran = poems("sql", *arguments, folder=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


def test_it_is_written_whole_to_a_file(tmp_path: Path) -> None:
    ran = run("--findings", "polyneuropathy", "-o", str(tmp_path / "poems.sql"))
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert (tmp_path / "poems.sql").read_text() == run("--findings", "polyneuropathy").stdout
