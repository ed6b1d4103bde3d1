"""What comes out: formats, files, colors, and which criteria and rules are answered."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from itertools import chain
from pathlib import Path

import pytest

from tests.cli.command import MODULE, OPEN, ROOT, environment, on_terminal, poems, write

ESCAPE = "\x1b"
SETS = ["mayo", "mayo-2003", "imwg-2014", "mhlw", "suichi-2019", "castleman-variant"]
#: How each format begins.
BEGINS = {
    "table": " ? UNDETERMINED  ",
    "json": '{"schema_version"',
    "markdown": "# ",
    "html": "<!DOCTYPE html>",
    "svg": "<svg ",
    "note": "open: POEMS syndrome, ",
}
SUFFIX = {".json": "json", ".jsonl": "json", ".md": "markdown", ".txt": "table", ".html": "html", ".svg": "svg"}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# --- criteria and rules -----------------------------------------------------------------------------------------------


def test_all_sets_are_answered_and_the_first_is_the_default(folder: Path) -> None:
    [answer] = poems("check", "open.json", "-f", "json", folder=folder).answers
    assert (answer["default_criteria"], list(answer["criteria"])) == ("mayo", SETS)


@pytest.mark.parametrize("chosen", [("imwg-2014",), ("mhlw", "mayo"), ("mayo", "mayo")])
def test_criteria_chosen(chosen: tuple[str, ...], folder: Path) -> None:
    options = [word for set_id in chosen for word in ("--criteria", set_id)]
    [answer] = poems("check", "open.json", *options, "-f", "json", folder=folder).answers
    assert answer["default_criteria"] == chosen[0]
    assert set(answer["criteria"]) == set(chosen)
    assert answer["verdict"] == answer["criteria"][chosen[0]]["verdict"]


@pytest.mark.parametrize(
    ("set_id", "message"),
    [
        ("mayo2003", "did you mean 'mayo-2003'?"),
        ("imwg", "did you mean 'imwg-2014'?"),
        ("Mayo", "did you mean 'mayo'?"),
        ("xyz", f"known: {', '.join(SETS)}"),
    ],
)
def test_an_unknown_criteria_set_names_the_nearest(set_id: str, message: str, folder: Path) -> None:
    ran = poems("check", "open.json", "--criteria", set_id, folder=folder)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"poems: --criteria: no criteria set {set_id!r}; {message}\n"


def test_rules_of_ones_own(folder: Path) -> None:
    shutil.copytree(ROOT / "rules", folder / "my-rules")
    entry = folder / "my-rules" / "poems.yaml"
    version = next(line for line in entry.read_text().splitlines() if line.startswith("version:"))
    entry.write_text(entry.read_text().replace(version, 'version: "0.0.7"', 1))
    for path in ("my-rules/poems.yaml", "my-rules"):
        [answer] = poems("check", "open.json", "--rules", path, "-f", "json", folder=folder).answers
        assert answer["rules"]["version"] == "0.0.7"


# --- formats and files ------------------------------------------------------------------------------------------------


def test_the_file_name_gives_the_format_and_the_content_is_that_of_standard_output(folder: Path) -> None:
    ran = poems("check", "open.json", *[f"-oanswer{suffix}" for suffix in SUFFIX], folder=folder)
    assert ran == (0, "", "")
    written = {suffix: folder / f"answer{suffix}" for suffix in SUFFIX}
    assert {suffix: path.stat().st_mode & 0o777 for suffix, path in written.items()} == dict.fromkeys(SUFFIX, 0o600)
    for form, beginning in BEGINS.items():
        ran = poems("check", "open.json", "--format", form, folder=folder)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith(beginning)
        assert ran.out.endswith("\n")
        assert ESCAPE not in ran.out
        assert [path.read_text() == ran.out for suffix, path in written.items() if SUFFIX[suffix] == form].count(False) == 0


def test_the_table_is_the_default_format(folder: Path) -> None:
    plain = poems("check", "open.json", folder=folder)
    assert plain.out.startswith(BEGINS["table"])
    for option in (["-f", "Table"], ["-o", "-"]):
        assert poems("check", "open.json", *option, folder=folder) == plain


def test_one_run_writes_several(folder: Path) -> None:
    before = names_in(folder)
    ran = poems(
        *["check", "open.json", "-f", "table", "-o", "answer.json", "-o", "answer.md", "-o", "answer.svg", "-o", "answer.txt"],
        folder=folder,
    )
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == ""  # the table went to the file that is named for it
    assert names_in(folder) - before == {"answer.json", "answer.md", "answer.svg", "answer.txt"}
    ran = poems(*["check", "open.json", "-f", "table", "-o", "answer.json", "-o", "answer.md"], folder=folder)
    assert ran.out.startswith(BEGINS["table"])


def test_a_format_not_matched_by_a_suffix_takes_the_remaining_file(folder: Path) -> None:
    ran = poems(*["check", "open.json", "-f", "markdown", "-f", "json", "-o", "report", "-o", "answer.json"], folder=folder)
    assert ran == (0, "", "")
    assert (folder / "report").read_text().startswith(BEGINS["markdown"])
    assert poems("check", "open.json", "-f", "note", "-o", "note.txt", folder=folder) == (0, "", "")
    assert (folder / "note.txt").read_text().startswith(BEGINS["note"])
    ran = poems(*["check", "open.json", "-f", "json", "-o", "-", "-o", "answer.md"], folder=folder)
    assert ran.out.startswith(BEGINS["json"])


def test_the_order_of_options_and_files_does_not_matter(folder: Path) -> None:
    first, second, third = ["open.json"], ["-f", "table"], ["-o", "answer.json"]
    orders = [(first, second, third), (third, second, first), (second, first, third)]
    assert len({poems("check", *chain(*order), folder=folder) for order in orders}) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("-f json -f table", "only one format can go to standard output; give the others a file with -o"),
        ("-f json -f table -o answer.md", "only one format can go to standard output"),
        (
            "-o report",
            "'report' does not show which format to write; end it in .txt, .json, .md, .html, .pdf or .svg",
        ),
        ("-o answer.json -o ./answer.json", "two outputs have the same file; name another"),
    ],
)
def test_outputs_that_do_not_fit_together(options: str, message: str, folder: Path) -> None:
    before = names_in(folder)
    ran = poems("check", "open.json", *options.split(), folder=folder)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert names_in(folder) == before


def test_a_target_that_cannot_be_written_is_one_message_and_leaves_no_file(folder: Path) -> None:
    (folder / "taken.json").mkdir()
    before = names_in(folder)
    for target, reason in (
        ("missing/answer.json", "no such file or directory; choose another place with -o"),
        ("taken.json", "this is a folder; name a file in it"),
    ):
        ran = poems("check", "open.json", "-o", "answer.md", "-o", target, folder=folder)
        assert ran == (2, "", f"poems: {target}: cannot be written: {reason}\n")
        assert names_in(folder) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(folder: Path) -> None:
    (folder / "locked").mkdir(mode=0o500)
    ran = poems("check", "open.json", "-o", "locked/answer.json", folder=folder)
    assert ran == (2, "", "poems: locked/answer.json: cannot be written: permission denied; choose another place with -o\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("options", ["open.json --format json", "open.json", "ward.jsonl --format json", "--help"])
def test_a_full_disk_is_one_message(options: str, folder: Path) -> None:
    ran = poems("-c", 'exec "$@" >/dev/full', "sh", *MODULE, "check", *options.split(), folder=folder, program=("sh",))
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert "no space left on device" in ran.err


@pytest.mark.parametrize(("path", "named_format"), [("answer.svg", "a picture"), ("answer.html", "a page")])
def test_an_older_answer_stays_when_the_new_one_cannot_be_finished(path: str, named_format: str, folder: Path) -> None:
    (folder / "answer.md").write_text("older")
    ran = poems("check", "ward.jsonl", "-o", "answer.md", "-o", path, folder=folder)
    assert ran.code == 2
    assert f"{named_format} shows one patient; choose another format for several, or check one patient at a time" in ran.err
    assert (folder / "answer.md").read_text() == "older"
    assert not list(folder.glob("*.part"))
    assert not (folder / path).exists()


def test_a_link_is_written_through_and_a_pipe_is_not_replaced(folder: Path) -> None:
    (folder / "link.json").symlink_to("real.json")
    poems("check", "open.json", "-o", "link.json", folder=folder)
    assert (folder / "link.json").is_symlink()
    assert (folder / "real.json").read_text().startswith(BEGINS["json"])
    pipe = folder / "pipe.json"
    os.mkfifo(pipe)
    contents: list[str] = []
    reader = threading.Thread(target=lambda: contents.append(pipe.read_text()))
    reader.start()
    ran = poems("check", "open.json", "-o", "pipe.json", folder=folder)
    reader.join(30)
    assert ran == (0, "", "")
    assert contents[0].startswith(BEGINS["json"])
    assert pipe.is_fifo()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_ended_leaves_no_half_file(sent: signal.Signals, code: int, folder: Path) -> None:
    before = names_in(folder)
    # A test run may ignore interrupts, and its children with it.
    start = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from poems_cli.__main__ import main; sys.exit(main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", start, "check", "-", "-o", "answer.json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment(),
    )  # fmt: skip
    until = time.monotonic() + 60
    while not list(folder.glob("answer.json*.part")) and time.monotonic() < until:
        time.sleep(0.02)
    assert list(folder.glob("answer.json*.part"))
    time.sleep(0.2)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert out == b""
    assert b"Traceback" not in err
    assert names_in(folder) == before


# --- terminals and pipes ----------------------------------------------------------------------------------------------


def test_a_terminal_gets_color_and_no_color_is_honored(folder: Path) -> None:
    code, screen = on_terminal("check", "open.json", folder=folder, COLUMNS="80")
    assert code == 0
    assert ESCAPE in screen
    code, plain = on_terminal("check", "open.json", folder=folder, COLUMNS="80", NO_COLOR="1")
    assert code == 0
    assert ESCAPE not in plain
    assert max(map(len, plain.splitlines())) <= 80
    assert "UNDETERMINED" in plain


def test_a_terminal_gets_json_to_read_and_a_pipe_one_line(folder: Path) -> None:
    _, screen = on_terminal("check", "open.json", "--format", "json", folder=folder)
    piped = poems("check", "open.json", "--format", "json", folder=folder).out
    assert len(screen.splitlines()) > 10
    assert len(piped.splitlines()) == 1
    assert json.loads(screen) == json.loads(piped)


def test_output_off_a_terminal_has_no_escapes_and_is_not_cut(folder: Path) -> None:
    for arguments in ("check open.json --explain", "explain poems", "rules show", "--help", "check --help"):
        ran = poems(*arguments.split(), folder=folder)
        assert (ran.code, ran.err) == (0, "")
        assert ESCAPE not in ran.out
        assert "\N{HORIZONTAL ELLIPSIS}" not in ran.out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_json_whatever_the_encoding_of_the_output(encoding: str, folder: Path) -> None:
    write(folder / "names.json", {**OPEN, "id": "J\u00fcrgen \U0001f600"})
    ran = poems("check", "names.json", "--format", "json", folder=folder, PYTHONIOENCODING=encoding)
    assert ran.answers[0]["patient"]["id"] == "J\u00fcrgen \U0001f600"


def test_no_encoding_stops_a_table(folder: Path) -> None:
    write(folder / "names.json", {**OPEN, "id": "J\u00fcrgen"})
    ran = poems("check", "names.json", folder=folder, PYTHONIOENCODING="ascii")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("form", ["--format json", "-f table", "-f markdown"])
def test_output_into_head_is_quiet(form: str, folder: Path) -> None:
    write(folder / "many.jsonl", *([OPEN] * 300))
    ran = poems(
        "check", "many.jsonl", *form.split(), folder=folder, program=("sh", "-c", 'exec "$@" | head -n 1', "sh", *MODULE)
    )
    assert ran.err == ""
    assert len(ran.out.splitlines()) == 1


def test_explain_shows_the_reasoning_with_sources(folder: Path) -> None:
    short = poems("check", "met.json", folder=folder).out
    for form in ("table", "markdown"):
        long = poems("check", "met.json", "--explain", "-f", form, folder=folder).out
        assert len(long) > len(short)
        assert "dispenzieri" in long


def test_several_patients_are_separated(folder: Path) -> None:
    out = poems("check", "ward.jsonl", folder=folder).out
    assert [f"\n{patient}\n" in out for patient in ("met", "not-met", "open")] == [True] * 3
    assert poems("check", "ward.jsonl", "-f", "markdown", folder=folder).out.count("\n---\n\n# ") == 2


@pytest.mark.parametrize("form", ["table", "svg"])
def test_every_test_is_shown_with_the_whole_reasoning_too(form: str, folder: Path) -> None:
    some, every = (
        poems("check", "open.json", "--explain", "-f", form, *option, folder=folder).out for option in ([], ["--all-tests"])
    )
    assert "more not shown" in " ".join(some.replace("&#160;", " ").split())
    assert "more not shown" not in every.replace("&#160;", " ")
    assert len(every) > len(some)
