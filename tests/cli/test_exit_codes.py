"""Each exit code of the table in docs/howto-scripts.md."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.command import CONTRADICTORY, MODULE, OPEN, environment, poems, python, write

SECRET = "77123"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("ward.jsonl", 0),
        ("contradictory.json met.json", 12),
        ("contradictory.json bad.json", 11),
        ("met.json --exit-verdict", 0),
        ("not-met.json --exit-verdict", 20),
        ("open.json --exit-verdict", 21),
        ("ward.jsonl --exit-verdict", 0),
        ("open.json not-met.json --exit-verdict", 21),
        ("not-met.json not-met.json --exit-verdict", 20),
        ("met.json contradictory.json --exit-verdict", 12),
        ("bad.json contradictory.json met.json --exit-verdict", 11),
    ],
)
def test_of_check(arguments: str, code: int, folder: Path) -> None:
    assert poems("check", *arguments.split(), folder=folder).code == code


def test_the_verdict_is_that_of_the_first_set_named(folder: Path) -> None:
    assert poems(*["check", "open.json", "-c", "castleman-variant", "--exit-verdict"], folder=folder).code == 21
    assert poems(*["check", "met.json", "-c", "castleman-variant", "-c", "mayo", "--exit-verdict"], folder=folder).code == 20
    assert poems(*["check", "met.json", "-c", "mayo", "-c", "castleman-variant", "--exit-verdict"], folder=folder).code == 0


def test_without_a_patient_there_is_no_verdict(folder: Path) -> None:
    for options in ([], ["--exit-verdict"]):
        ran = poems("check", "-", *options, folder=folder, stdin="[]")
        assert (ran.code, ran.out) == (11, "")
        assert "there is nothing in it" in ran.err


@pytest.mark.parametrize("arguments", ["check open.json --format json", "check open.json", "check --format markdown open.json"])
def test_1_an_error_inside_shows_no_value_and_no_traceback(arguments: str, folder: Path) -> None:
    code = (
        "import sys, poems_cli.checking.check, poems_cli.__main__ as main\n"
        "class Broken:\n"
        "    def __init__(self, *_): pass\n"
        f"    def assess(self, patient, **_): raise ValueError('serum_vegf {SECRET}')\n"
        "poems_cli.checking.check.Assessor = Broken\n"
        "sys.exit(main.main())"
    )
    ran = python(code, *arguments.split(), folder=folder)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("poems: internal error: ValueError at <string>:4. ")
    assert len(ran.err.splitlines()) == 1
    assert SECRET not in ran.err
    assert "Traceback" not in ran.err


def test_1_not_even_in_the_causes_of_an_error(folder: Path) -> None:
    code = (
        "import sys, poems_cli.report.table, poems_cli.__main__ as main\n"
        "def broken(*_, **__):\n"
        f"    try: raise KeyError('{SECRET}')\n"
        f"    except KeyError as error: raise RuntimeError('{SECRET}') from error\n"
        "poems_cli.report.table.print_assessment = broken\n"
        "sys.exit(main.main())"
    )
    ran = python(code, "check", "open.json", "-o", "answer.json", "-f", "table", folder=folder)
    assert (ran.code, ran.out, SECRET in ran.err, "Traceback" in ran.err) == (1, "", False, False)
    assert not (folder / "answer.json").exists()


def test_1_not_even_from_a_helper(folder: Path) -> None:
    write(folder / "many.jsonl", *([OPEN] * 500))
    code = (
        "import os, sys, poems_cli.checking.parallel as parallel, poems_cli.__main__ as main\n"
        "own, first = os.getpid(), parallel.Worker.answer\n"
        "def broken(*given):\n"
        f"    if os.getpid() != own: raise ValueError('{SECRET}')\n"
        "    return first(*given)\n"
        "parallel.Worker.answer = broken\n"
        "sys.exit(main.main())"
    )
    ran = python(code, "check", "many.jsonl", "-f", "json", "-j", "2", folder=folder)
    assert (ran.code, SECRET in ran.out + ran.err, len(ran.err.splitlines())) == (1, False, 1)
    assert ran.err.startswith("poems: internal error: ValueError at ")


@pytest.mark.parametrize(
    "arguments",
    ["", "check --no-such-option", "no-such-command", "check open.json --format xml", "rules"],
)
def test_2_usage(arguments: str, folder: Path) -> None:
    ran = poems(*arguments.split(), folder=folder)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: poems" in ran.err


def test_10_the_rules_are_invalid(folder: Path) -> None:
    (folder / "broken.yaml").write_text("id: broken\nfindings: [\n")
    (folder / "wrong.yaml").write_text("id: wrong\nversion: '1'\nfindings:\n  a: {kind: bolean}\n")
    for arguments in (
        ["check", "open.json", "--rules", "broken.yaml"],
        ["check", "open.json", "--rules", "wrong.yaml"],
        ["check", "open.json", "--rules", "missing.yaml"],
        ["rules", "test", "--rules", "wrong.yaml"],
        ["template", "--rules", "broken.yaml"],
    ):
        ran = poems(*arguments, folder=folder)
        assert (ran.code, ran.out) == (10, "")
        assert arguments[-1] in ran.err
        assert "Traceback" not in ran.err
    assert [poems("rules", "lint", rules, folder=folder).code for rules in ("broken.yaml", "missing.yaml")] == [10, 10]


def test_11_and_12_still_answer(folder: Path) -> None:
    ran = poems("check", "bad.json", "contradictory.json", "open.json", "--format", "json", folder=folder)
    assert ran.code == 11
    assert [answer["patient"]["id"] for answer in ran.answers] == ["contradictory", "open"]
    assert ran.err.splitlines()[-1] == "poems: 1 not understood, 2 answered"
    ran = poems("check", "contradictory.json", "open.json", "--format", "json", folder=folder)
    assert ran.code == 12
    [message] = ran.err.splitlines()
    assert message.startswith("poems: contradictory.json, line 1: contradictory: skin_changes; ")
    [contradiction] = ran.answers[0]["contradictions"]
    assert (contradiction["finding"], contradiction["asserted"]) == ("skin_changes", False)
    assert CONTRADICTORY["findings"].items() <= ran.answers[0]["patient"]["findings"].items()


@pytest.mark.parametrize("options", [(), ("--brief",)])
def test_12_says_in_one_line_how_many_and_where_but_nothing_of_the_patients(options: tuple[str, ...], tmp_path: Path) -> None:
    secret = {**CONTRADICTORY, "id": SECRET}
    write(tmp_path / "many.jsonl", OPEN, secret, OPEN, secret, CONTRADICTORY)
    ran = poems("check", "many.jsonl", "-f", "json", *options, folder=tmp_path)
    assert ran.code == 12
    [message] = ran.err.splitlines()
    assert message.startswith("poems: many.jsonl, line 2: contradictory: skin_changes; ")
    assert message.endswith("(2 more patients are contradictory)")
    assert SECRET not in ran.err


def test_13_rule_tests_failed(folder: Path) -> None:
    (folder / "cases.yaml").write_text(
        "cases:\n- id: wrong\n  about: For this test.\n  findings: {polyneuropathy: false}\n  expect: {criteria: {mayo: met}}\n"
        "- id: right\n  about: For this test.\n  findings: {polyneuropathy: false}\n  expect: {criteria: {mayo: not met}}\n"
    )
    ran = poems("rules", "test", "cases.yaml", folder=folder)
    assert ran.code == 13
    assert ran.out.splitlines()[-1] == "1 cases passed, 1 failed"
    assert ran.out.splitlines()[2].split() == ["-", "cases.yaml", "2", "1", "1"]
    assert "\ncases.yaml:2: wrong: " in ran.out


@pytest.mark.parametrize("arguments", ["check - --format json", "check", "check -f json -"])
def test_130_interrupted_while_waiting_for_input(arguments: str, folder: Path) -> None:
    start = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from poems_cli.__main__ import main; sys.exit(main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", start, *arguments.split()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment(),
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(b'{"polineuropathy": true}\n' * 4)
    process.stdin.flush()
    message = process.stderr.readline()  # so it has begun to read
    assert b"polineuropathy" in message
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert err.endswith(b"\npoems: interrupted\n")
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "arguments", ["check many.jsonl --format json", "check many.jsonl", "check -f markdown many.jsonl", "rules show"]
)
def test_141_the_reader_went_away(arguments: str, folder: Path) -> None:
    write(folder / "many.jsonl", *([OPEN] * 300))
    process = subprocess.Popen(
        [*MODULE, *arguments.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment()
    )
    assert process.stdout is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    code = process.wait(timeout=60)
    assert err == b""
    assert code in ((141, 0) if arguments == "rules show" else (141,))  # a pipe may hold the whole page
