"""``check FILE --format json`` starts without Typer, and the output is the same."""

from pathlib import Path

import pytest

from tests.cli.command import MODULE, poems, python

INPUTS = {
    "good": ["open.json"],
    "several": ["ward.jsonl", "met.json"],
    "bad": ["bad.json"],
    "bad and good": ["bad.json", "open.json"],
    "contradictory": ["contradictory.json"],
    "contradictory and bad": ["contradictory.json", "bad.json"],
    "missing": ["missing.json"],
    "no name": [""],
    "folder": ["."],
    "twice": ["-", "-"],
    "standard input": ["-"],
}


@pytest.mark.parametrize("name", INPUTS)
def test_the_same_answer_exit_code_and_messages(name: str, folder: Path) -> None:
    short = poems("check", *INPUTS[name], "--format", "json", folder=folder, stdin='{"ascites": 1}')
    long = poems("check", "--format", "json", *INPUTS[name], folder=folder, stdin='{"ascites": 1}')
    assert short == long
    assert short.out or short.err


def test_the_same_when_the_output_cannot_be_written(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    program = ("sh", "-c", 'exec "$@" >/dev/full', "sh", *MODULE)
    short = poems("check", "ward.jsonl", "--format", "json", folder=folder, program=program)
    assert short == poems("check", "--format", "json", "ward.jsonl", folder=folder, program=program)
    assert short.code == 2


def test_closed_streams_are_no_error(folder: Path) -> None:
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        program = ("sh", "-c", f'exec "$@" {closed}', "sh", *MODULE)
        short = poems("check", "open.json", "--format", "json", folder=folder, program=program)
        long = poems("check", "--format", "json", "open.json", folder=folder, program=program)
        assert short == long
        assert (short.code, short.err, bool(short.out)) == (0, "", closed == "2>&-")


def test_messages_about_bad_input_never_go_to_standard_output(folder: Path) -> None:
    program = ("sh", "-c", 'exec "$@" 2>&-', "sh", *MODULE)
    assert poems("check", "bad.json", "--format", "json", folder=folder, program=program) == (11, "", "")


@pytest.mark.parametrize("files", ["open.json", "bad.json", "contradictory.json"])
def test_nothing_slow_is_loaded(files: str, folder: Path) -> None:
    code = (
        "import sys; from poems_cli.__main__ import main; code = main(); "
        "slow = {'typer', 'click', 'rich', 'yaml', 'difflib', 'pathlib2', 'asyncio', 'inspect'} & {*sys.modules}; "
        "sys.stderr.write(f'loaded {sorted(slow)}'); sys.exit(code)"
    )
    arguments = ("check", files, "--format", "json")
    python(code, *arguments, folder=folder, POEMS_CACHE_DIR=str(folder / "cache"))  # the rules may have to be compiled
    ran = python(code, *arguments, folder=folder, POEMS_CACHE_DIR=str(folder / "cache"))
    expected = "loaded ['difflib']" if files == "bad.json" else "loaded []"  # it looks for the nearest name
    assert ran.err.endswith(expected)
