"""The note on the clipboard, and answers longer than the terminal."""

import os
import re
from base64 import b64decode
from pathlib import Path

import pytest

from tests.cli.command import MODULE, on_terminal, poems

OSC_52 = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07")
VERDICT = "? UNDETERMINED  Mayo criteria"


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def note(folder: Path) -> str:
    return poems("check", "open.json", "--format", "note", folder=folder).out


def test_several_notes_have_an_empty_line_between_them(folder: Path) -> None:
    notes = poems("check", "ward.jsonl", "--format", "note", folder=folder).out.split("\n\n")
    assert [note.partition(":")[0] for note in notes] == ["met", "not-met", "open"]


# --- the clipboard ----------------------------------------------------------------------------------------------------


def test_a_terminal_takes_the_note(folder: Path) -> None:
    code, screen = on_terminal("check", "open.json", "--copy", folder=folder, PATH="")
    assert code == 0
    assert [b64decode(coded).decode() for coded in OSC_52.findall(screen)] == [note(folder)]


def test_a_program_of_the_desktop_takes_the_note(folder: Path) -> None:
    program(folder / "xclip", "cat > copied")
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    ran = poems("check", "open.json", "--format", "json", "--copy", folder=folder, PATH=path, DISPLAY=":0")
    assert (ran.code, ran.err) == (0, "poems: the note was copied to the clipboard\n")
    assert len(ran.answers) == 1
    assert (folder / "copied").read_text() == note(folder)


@pytest.mark.parametrize("more", [{"PATH": ""}, {"PATH": "", "DISPLAY": ":0"}, {"PATH": "", "TMUX": "/tmp/none,1,0"}])
def test_a_missing_clipboard_is_reported(more: dict[str, str], folder: Path) -> None:
    ran = poems("check", "open.json", "--copy", folder=folder, **more)
    assert ran.code == 0
    assert ran.err == "poems: the note was not copied: no clipboard was found here. Print it with --format note\n"
    assert ran.out == poems("check", "open.json", folder=folder).out


def test_a_terminal_without_a_clipboard_gets_no_escapes(folder: Path) -> None:
    code, screen = on_terminal("check", "open.json", "--copy", folder=folder, PATH="", TERM="dumb")
    assert code == 0
    assert "\x1b" not in screen
    assert "no clipboard was found" in screen


@pytest.mark.parametrize("form", ["json", "note"])
def test_several_patients_are_not_copied(form: str, folder: Path) -> None:
    ran = poems("check", "ward.jsonl", "--copy", "--format", form, folder=folder, PATH="")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "poems: --copy: only one patient's note can be copied; leave it out, or give a file with one patient\n"


def test_no_note_is_copied_of_a_record_not_understood(folder: Path) -> None:
    ran = poems("check", "bad.json", "--copy", folder=folder, PATH="")
    assert ran.code == 11
    assert "clipboard" not in ran.err


# --- the pager --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check open.json", "check open.json --explain", "explain poems", "rules show"])
def test_output_longer_than_the_terminal_goes_through_the_pager(command: str, folder: Path) -> None:
    code, screen = on_terminal(
        *command.split(), folder=folder, rows=24, PAGER="sh -c 'cat > paged'", NO_COLOR="1", COLUMNS="100"
    )
    assert (code, screen) == (0, "")
    drawn = (folder / "paged").read_text()
    assert re.findall(r"\w{3,}", drawn) == re.findall(r"\w{3,}", poems(*command.split(), folder=folder).out)


def test_the_pager_gets_color_and_poems_pager_comes_first(folder: Path) -> None:
    on_terminal("check", "open.json", folder=folder, rows=24, POEMS_PAGER="sh -c 'cat > paged'", PAGER="false")
    assert "\x1b[1m" in (folder / "paged").read_text()


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ((), {"PAGER": ""}),
        ((), {"PAGER": "cat"}),
        ((), {"PAGER": "no-such-pager"}),
        ((), {"PAGER": "sh -c 'exit 127'"}),
        ((), {"PAGER": "'"}),
        ((), {"PAGER": "sh -c 'cat > paged'", "TERM": "dumb"}),
        (("--no-pager",), {"PAGER": "sh -c 'cat > paged'"}),
    ],
)
def test_without_a_pager_the_verdict_comes_last(options: tuple[str, ...], more: dict[str, str], folder: Path) -> None:
    code, screen = on_terminal("check", "open.json", *options, folder=folder, rows=24, **more)
    assert code == 0
    assert screen.splitlines()[-1].startswith(VERDICT)
    assert screen.count(VERDICT) == 1
    assert not (folder / "paged").exists()


def test_output_that_fits_is_not_paged(folder: Path) -> None:
    for arguments, rows in ((("check", "open.json"), 500), (("check", "ward.jsonl"), 24), (("check", "open.json"), 0)):
        code, screen = on_terminal(*arguments, folder=folder, rows=rows, PAGER="sh -c 'cat > paged'")
        assert code == 0
        assert VERDICT not in screen
        assert not (folder / "paged").exists()


@pytest.mark.parametrize("pager", ["head -1", "true", "sh -c 'sleep 0.5; kill -INT $PPID; cat > paged'"])
def test_a_pager_that_is_left_or_interrupted_is_not_an_error(pager: str, folder: Path) -> None:
    # A test run may ignore interrupts, and its children with it.
    start = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from poems_cli.__main__ import main; sys.exit(main())"
    )
    shell = (MODULE[0], "-c", start)
    code, screen = on_terminal(
        *["check", "open.json", "--explain", "--exit-verdict"], folder=folder, program=shell, rows=24, PAGER=pager
    )
    assert code == 21
    assert "Traceback" not in screen
    assert VERDICT not in screen
