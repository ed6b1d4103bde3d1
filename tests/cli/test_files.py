"""No file is lost: no input is written over, and no output is written where nothing was answered."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import MODULE, OPEN, ROOT, Ran, environment, poems

TABLE = "id,polyneuropathy,papilledema\n1,yes,no\n2,no,\n"
MAP = "id: id\ncolumns:\n  polyneuropathy: polyneuropathy\n  papilledema: papilledema\n"
FOLDER = "my-rules"


@pytest.fixture
def ward(folder: Path) -> Path:
    """The patients of ``folder``, a table with its mapping, and rules of one's own."""
    (folder / "ward.csv").write_text(TABLE)
    (folder / "map.yaml").write_text(MAP)
    shutil.copytree(ROOT / "rules", folder / FOLDER)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(folder: Path, *arguments: str, says: str, stdin: str | bytes = b"") -> None:
    """The run is refused in one line, and every file is as it was."""
    before = contents(folder)
    ran = poems(*arguments, folder=folder, stdin=stdin)
    assert (ran.code, ran.out) == (2, ""), ran
    assert len(ran.err.splitlines()) == 1, ran.err
    assert ran.err.startswith("poems: ")
    assert says in ran.err
    assert contents(folder) == before


# --- inputs are not overwritten ---------------------------------------------------------------------------------------

LOST = "it is read in this run, and would be lost; name another file to write"
ENTRY, INCLUDED = f"{FOLDER}/poems.yaml", f"{FOLDER}/mimics.yaml"


@pytest.mark.parametrize(
    "command",
    [
        "check open.json -o open.json",
        "check open.json bad.json -f json -o ./bad.json",
        f"check open.json --rules {FOLDER} -f json -o {ENTRY}",
        f"check open.json --rules {ENTRY} -f json -o {INCLUDED}",
        "check --ask --answers open.json -o open.json",
        "sql --like ward.csv -o ward.csv",
        "sql --like ward.csv --map map.yaml -o map.yaml",
        f"sql --rules {FOLDER} -o {ENTRY}",
        "screen ward.csv -f csv -o map.yaml --map map.yaml",
        f"screen ward.csv --rules {FOLDER} -q --summary {INCLUDED}",
        "screen --suggest-map ward.csv -o ward.csv",
        f"template --rules {FOLDER} -o {INCLUDED}",
        f"rules show --rules {ENTRY} -o {ENTRY}",
    ],
)
def test_an_input_is_not_written_over(command: str, refusal: Callable[..., tuple[int, list[str]]], ward: Path) -> None:
    before = contents(ward)
    code, [line] = refusal(*command.split())
    assert (code, LOST in line) == (2, True)
    assert contents(ward) == before


@pytest.mark.parametrize(
    ("command", "link"), [("check {}", os.symlink), ("screen {} -q -f csv", os.link), ("sql --like {}", os.symlink)]
)
def test_an_input_is_not_written_over_by_another_name(command: str, link: Callable[[str, Path], None], ward: Path) -> None:
    read = "open.json" if command.startswith("check") else "ward.csv"
    link(str(ward / read), ward / "other.json")
    refused(ward, *command.format(read).split(), "-o", "other.json", says=LOST)


@pytest.mark.parametrize("command", ["check - -o open.json", "check -f json -o open.json", "screen - -q -f csv -o ward.csv"])
def test_standard_input_is_not_written_over(command: str, ward: Path) -> None:
    before = contents(ward)
    read = f'exec "$@" < {command.split()[-1]}'
    ran = poems("-c", read, "sh", *MODULE, *command.split(), folder=ward, program=("sh",))
    assert (ran.code, ran.out) == (2, "")
    assert LOST in ran.err
    assert contents(ward) == before


def test_two_outputs_are_two_files(ward: Path) -> None:
    (ward / "one.json").write_text("older")
    os.link(ward / "one.json", ward / "two.md")
    refused(ward, "check", "open.json", "-o", "one.json", "-o", "two.md", says="two outputs have the same file")
    refused(ward, "check", "--ask", "--save", "new.json", "-o", "./new.json", says="two outputs have the same file")


# --- existing files ---------------------------------------------------------------------------------------------------

SQL = "sql --findings polyneuropathy --columns id,mayo"
WRITES = ["check open.json -f json", "screen ward.csv -q -f csv", SQL, "template", "rules show", "schema", "explain poems"]


@pytest.mark.parametrize("command", WRITES)
def test_a_file_keeps_its_permissions_and_a_protected_one_its_content(
    command: str, refusal: Callable[..., tuple[int, list[str]]], ward: Path
) -> None:
    for mode in (0o640, 0o444):
        (ward / f"{mode:o}").write_text("older")
        (ward / f"{mode:o}").chmod(mode)
    assert poems(*command.split(), "-o", "640", folder=ward) == (0, "", "")
    assert (ward / "640").read_text() != "older"
    assert (ward / "640").stat().st_mode & 0o777 == 0o640
    before = contents(ward)
    for target, says in (
        ("444", "444: cannot be written: it is write-protected"),
        (FOLDER, "cannot be written: this is a folder; name a file in it"),
        ("n" * 300, "cannot be written: file name too long"),
        ("no\n\x1b[31m/a", r"no\n\x1b[31m/a: cannot be written: no such file"),
    ):
        code, [line] = refusal(*command.split(), "-o", target)
        assert (code, says in line, "\n" in line) == (2, True, False)
    assert contents(ward) == before


def test_a_new_file_is_for_this_user_only_where_it_can_hold_a_patient_and_says_what_standard_output_does(ward: Path) -> None:
    umask = os.umask(0)
    os.umask(umask)
    for command in [*WRITES, "screen --suggest-map ward.csv"]:
        assert poems(*command.split(), "-o", "new", folder=ward) == (0, "", "")
        holds_patients = command.startswith(("check", "screen", "sql"))
        assert (ward / "new").stat().st_mode & 0o777 == (0o600 if holds_patients else 0o666 & ~umask), command
        assert (ward / "new").read_text() == poems(*command.split(), folder=ward).out
        (ward / "new").unlink()


@pytest.mark.parametrize("command", WRITES[:4])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_device_is_written_as_it_is(command: str, ward: Path) -> None:
    refused(ward, *command.split(), "-o", "/dev/full", says="/dev/full: cannot be written: no space left on device")
    assert poems(*command.split(), "-o", "/dev/null", folder=ward) == (0, "", "")
    assert Path("/dev/null").is_char_device()


# --- where nothing was answered ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["bad.json", "nowhere.json", "empty.json"])
def test_no_file_is_written_where_nothing_was_answered(given: str, ward: Path) -> None:
    (ward / "empty.json").write_text("")
    (ward / "yesterday.json").write_text("older")
    before = contents(ward)
    assert poems("check", given, "-o", "yesterday.json", "-o", "new.svg", "-o", "new.md", folder=ward).code == 11
    assert contents(ward) == before


# --- kept answers -----------------------------------------------------------------------------------------------------

ANSWERS = "p7\n61\n\n1\ns\n"


def ask(folder: Path, *arguments: str, stdin: str | bytes = ANSWERS, **more: str) -> Ran:
    return poems("check", "--ask", *arguments, folder=folder, stdin=stdin, **more)


def test_save_writes_over_no_file(ward: Path) -> None:
    ask(ward, "--save", "mine.json")
    for name in ("ward.csv", "mine.json"):
        says = f"go on with the answers in it: poems check --resume --save {name}; to start over, name another file"
        refused(ward, "check", "--ask", "--save", name, says=says)
    for name in ("open.json", ENTRY):
        refused(ward, "check", "--ask", "--answers", "open.json", "--rules", FOLDER, "--save", name, says=name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "open.json",
            "would write over it; to start from it: poems check --ask --answers open.json",
        ),
        ("ward.csv", "this is not JSON"),
        (FOLDER, "cannot be read: is a directory"),
    ],
)
def test_resume_writes_over_no_file_from_elsewhere(name: str, says: str, ward: Path) -> None:
    refused(ward, "check", "--resume", "--save", name, says=says)


def test_resume_goes_on_in_the_file(ward: Path) -> None:
    ask(ward, "--save", "mine.json")
    (ward / "mine.json").chmod(0o640)
    assert poems("check", "--resume", "--save", "mine.json", folder=ward, stdin="1\ns\n").code == 0
    assert len(json.loads((ward / "mine.json").read_text())["questionnaire"]["asked"]) == 5
    assert (ward / "mine.json").stat().st_mode & 0o777 == 0o640
    (ward / "mine.json").chmod(0o444)
    refused(ward, "check", "--resume", "--save", "mine.json", says="it is write-protected")


def test_answers_go_to_a_file_or_a_device(ward: Path) -> None:
    os.mkfifo(ward / "pipe")
    refused(ward, "check", "--ask", "--save", "pipe", says="answers cannot be saved in a pipe")
    refused(ward, "check", "--ask", "--save", "nowhere/mine.json", says="the answers cannot be saved: there is no such folder")
    assert ask(ward, "--save", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()


def test_a_closed_standard_input_answers_nothing(ward: Path) -> None:
    ran = poems("-c", '"$@" <&-', "sh", *MODULE, "check", "--ask", "--save", "mine.json", folder=ward, program=("sh",))
    assert ran.code == 0
    assert "The input has ended" in ran.err


def test_a_state_folder_that_cannot_be_made(ward: Path) -> None:
    ran = ask(ward, XDG_STATE_HOME=str(ward / "ward.csv"), TMPDIR=str(ward))
    assert ran.code == 0
    assert "Warning: the folder for answers cannot be made: not a directory; they are saved in" in ran.err
    [file] = ward.glob("poems-answers-*.json")
    assert (json.loads(file.read_text())["id"], file.stat().st_mode & 0o777) == ("p7", 0o600)


def test_without_a_home_folder(ward: Path) -> None:
    code = (
        "import pathlib, sys\n"
        "def home(): raise RuntimeError\n"
        "pathlib.Path.home = home\n"
        "from poems_cli.__main__ import main; sys.exit(main())"
    )
    program = (sys.executable, "-c", code)
    ran = poems("check", "--ask", folder=ward, program=program, stdin=ANSWERS, XDG_STATE_HOME="", TMPDIR=str(ward))
    [file] = ward.glob("poems-answers-*.json")
    assert ran.code == 0
    assert f"there is no home folder to save the answers in; they are saved in {file}" in " ".join(ran.err.split())
    assert f"Your answers are saved in {file}" in " ".join(ran.err.split())


def test_a_disk_that_fills_up_leaves_the_answers_given_so_far(ward: Path) -> None:
    limited = ("sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *MODULE)
    answers = "p7\n61\nm\n1-9\n1-9\n" + "1-3\n" * 40
    ran = poems("check", "--ask", "--save", "mine.json", folder=ward, program=limited, stdin=answers)
    assert ran.code == 2
    assert ran.err.splitlines()[-1] == (
        "poems: the answers cannot be saved in mine.json: file too large; those before are whole in mine.json; "
        "make room, or name another file with --save"
    )
    assert json.loads((ward / "mine.json").read_text())["findings"]
    assert not list(ward.glob("*.part"))


def test_an_answer_that_is_not_utf8_is_not_understood(ward: Path) -> None:
    ran = ask(ward, "--save", "mine.json", stdin=b"p7\ndon\x92t know\ns\n", PYTHONIOENCODING="utf-8")
    assert ran.code == 11
    assert "line 2 of the answers: this is not a number" in ran.err
    assert json.loads((ward / "mine.json").read_text())["id"] == "p7"


# --- standard error ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    ("stderr", "command", "code"),
    [
        *[(stderr, "check bad.json", 11) for stderr in ("/dev/full", "&-", "closed pipe")],
        *[(stderr, "screen ward.csv -o out.csv", 0) for stderr in ("/dev/full", "&-", "closed pipe")],
        ("&-", "check open.json", 0),
        ("/dev/full", "check open.json -o nowhere/a.json", 2),
        ("/dev/full", "check --criteria mayoo open.json", 2),
        ("closed pipe", "check --ask --save a.json", 0),
    ],
)
def test_an_unwritable_standard_error_changes_no_exit_code(stderr: str, command: str, code: int, ward: Path) -> None:
    redirected = f'"$@" 2>{stderr}'
    if stderr == "closed pipe":
        redirected = 'mkfifo gone; (exec 3<gone) & exec 2>gone; wait; "$@"'
    ran = poems("-c", redirected, "sh", *MODULE, *command.split(), folder=ward, program=("sh",))
    assert ran.code == code
    assert (ward / "out.csv").exists() == command.startswith("screen")


# --- signals ----------------------------------------------------------------------------------------------------------


def started(folder: Path, *arguments: str, before: str = "") -> "subprocess.Popen[bytes]":
    start = f"import signal, sys; {before}; from poems_cli.__main__ import main; sys.exit(main())"
    (folder / "tmp").mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", start, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
        env=environment(TMPDIR=str(folder / "tmp")),
    )  # fmt: skip


def wait_until(there: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not there():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("command", ["sql --like -", "screen --suggest-map -", "screen - -o out.csv"])
def test_a_signal_leaves_no_copy(command: str, sent: signal.Signals, code: int, ward: Path) -> None:
    process = started(ward, *command.split(), before="signal.signal(signal.SIGHUP, signal.SIG_DFL)")
    assert process.stdin is not None
    process.stdin.write(TABLE.encode() * 100_000)
    process.stdin.flush()
    wait_until(lambda: any(path.is_file() for path in (ward / "tmp").rglob("*")))
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        process.send_signal(sent)  # a closed terminal sends the signal twice, at any time
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, b"")
    assert list((ward / "tmp").iterdir()) == []
    assert not (ward / "out.csv").exists()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_to_the_helpers_as_well_ends_them_all(sent: signal.Signals, code: int, ward: Path) -> None:
    """A closed terminal, and timeout, send it to the whole group of processes."""
    leads = "import os; os.setsid(); signal.signal(signal.SIGHUP, signal.SIG_DFL)"
    process = started(ward, "check", "-", "-o", "answer.json", "--jobs", "2", before=leads)
    assert process.stdin is not None
    process.stdin.write((json.dumps(OPEN) + "\n").encode() * 2_000)
    process.stdin.flush()
    wait_until(lambda: len(_group(process.pid)) == 3)
    os.killpg(process.pid, sent)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, b"")
    assert _group(process.pid) == []
    assert not list(ward.glob("answer.json*"))


def _group(leader: int) -> list[str]:
    """The processes of a group."""
    stats = [path.read_text() for path in Path("/proc").glob("[0-9]*/stat") if path.exists()]
    return [stat for stat in stats if stat.rpartition(")")[2].split()[2] == str(leader)]


def test_nohup_is_honored(ward: Path) -> None:
    process = started(ward, "check", "-", "-o", "answer.json", before="signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    wait_until(lambda: list(ward.glob("answer.json.*")))
    process.send_signal(signal.SIGHUP)
    process.communicate(json.dumps(OPEN).encode(), timeout=60)
    assert process.returncode == 0
    assert (ward / "answer.json").exists()


@pytest.mark.parametrize(
    "module", ["poems_cli.errors", "poems_cli.commands.app", "typer", "poems_cli.rules.loading", "poems_cli.checking.check"]
)
def test_an_interrupt_while_the_program_loads_gives_no_traceback(module: str, ward: Path) -> None:
    """The interrupt comes as the module begins to load."""
    finder = (
        "import os, signal, sys\n"
        "class Interrupter:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            sys.meta_path.remove(self)\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.meta_path.insert(0, Interrupter())\n"
        "from poems_cli.__main__ import main; sys.exit(main())"
    )
    ran = poems("check", "open.json", folder=ward, program=(sys.executable, "-c", finder))
    assert ran == (130, "", "\npoems: interrupted\n")


def test_the_front_door_loads_nothing_before_it_can_be_interrupted(ward: Path) -> None:
    code = "import sys; before = set(sys.modules); import poems_cli.__main__; print(*sorted(set(sys.modules) - before))"
    assert poems(folder=ward, program=(sys.executable, "-c", code)).out == "poems_cli poems_cli.__main__\n"
