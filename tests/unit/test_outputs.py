"""Formats paired with files, and files that appear complete or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poems_cli.errors import PoemsError
from poems_cli.report.formats import FORMATS, Outputs, Target, targets
from poems_cli.report.writing import Place
from poems_cli.suggestions import did_you_mean

FORMS = [name for name, form in FORMATS.items() if form.extra is None]
NAMES = ["a.json", "b.jsonl", "c.md", "d.txt", "e.svg", "e.html", "f", "-", "G.JSON", "h.tar"]


@pytest.mark.parametrize(
    ("forms", "paths", "expected"),
    [
        ([], [], [("table", None)]),
        (["json"], [], [("json", None)]),
        (["json", "json"], [], [("json", None)]),
        ([], ["a.json"], [("json", "a.json")]),
        ([], ["A.JSON"], [("json", "A.JSON")]),
        ([], ["a.html", "b.HTM"], [("html", "a.html"), ("html", "b.HTM")]),
        ([], ["-"], [("table", None)]),
        (["json"], ["-"], [("json", None)]),
        (["json"], ["a.json"], [("json", "a.json")]),
        (["table"], ["a.json", "b.md"], [("json", "a.json"), ("markdown", "b.md"), ("table", None)]),
        (["note"], ["a.txt"], [("note", "a.txt")]),
        (["table", "note"], ["a.txt"], [("table", "a.txt"), ("note", None)]),
        (["note"], ["a.json"], [("json", "a.json"), ("note", None)]),
        (["markdown"], ["report"], [("markdown", "report")]),
        (["markdown", "json"], ["report", "-"], [("markdown", "report"), ("json", None)]),
        (["json"], ["report", "a.json", "-"], None),
        (["json", "table"], [], None),
        ([], ["report"], None),
        ([], ["-", "-"], None),
    ],
)
def test_pairing(forms: list[str], paths: list[str], expected: list[tuple[str, str | None]] | None) -> None:
    if expected is None:
        with pytest.raises(PoemsError):
            targets(forms, paths)
    else:
        assert targets(forms, paths) == expected


@given(st.lists(st.sampled_from(FORMS), max_size=4), st.lists(st.sampled_from(NAMES), max_size=4))
def test_every_pairing_uses_every_file_and_format_and_standard_output_once(forms: list[str], paths: list[str]) -> None:
    try:
        chosen = targets(forms, paths)
    except PoemsError:
        return
    assert set(forms) <= {target.form for target in chosen}
    assert sorted(path for path in paths if path != "-") == sorted(target.path for target in chosen if target.path is not None)
    assert sum(target.path is None for target in chosen) <= 1
    assert chosen


def put(form: str, place: Place) -> Callable[[Any], None]:
    return lambda answer: place.stream.write(f"{form} {answer}")


def raising(error: BaseException | type[BaseException]) -> Callable[[str, Place], Callable[[Any], None]]:
    def writer(form: str, place: Place) -> Callable[[Any], None]:
        def write(answer: Any) -> None:
            place.stream.write("half")
            raise error

        return write

    return writer


def write_all(chosen: list[Target], writer: Callable[[str, Place], Callable[[Any], None]]) -> None:
    with Outputs(chosen) as outputs:
        outputs.begin(writer)
        outputs.write(1)


def test_files_appear_when_all_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = str(tmp_path / "a.json"), str(tmp_path / "b.md")
    with Outputs([Target("json", first), Target("table", None), Target("markdown", second)]) as outputs:
        outputs.begin(put)
        outputs.write(1)
        assert not Path(first).exists()
    assert (Path(first).read_text(), Path(second).read_text()) == ("json 1", "markdown 1")
    assert capsys.readouterr().out == "table 1"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, BrokenPipeError])
def test_an_error_leaves_what_was_there(error: type[BaseException], tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("older")

    with pytest.raises(error):
        write_all([Target("json", str(path))], raising(error))
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_the_first_is_removed_when_the_second_cannot_be_opened(tmp_path: Path) -> None:
    with (
        pytest.raises(PoemsError, match="cannot be written: no such file or directory"),
        Outputs([Target("json", str(tmp_path / "a.json")), Target("json", str(tmp_path / "none" / "b.json"))]),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_failing_disk_is_reported_and_a_closed_pipe_is_passed_on(tmp_path: Path) -> None:
    chosen = [Target("json", str(tmp_path / "a.json"))]
    with pytest.raises(PoemsError, match="no space left on device"):
        write_all(chosen, raising(OSError(28, "No space left on device")))
    with pytest.raises(BrokenPipeError):
        write_all(chosen, raising(BrokenPipeError))
    assert list(tmp_path.iterdir()) == []


def test_files_are_for_this_user_only(tmp_path: Path) -> None:
    with Outputs([Target("json", str(tmp_path / "a.json"))]) as outputs:
        outputs.begin(put)
        outputs.write(1)
        [beside] = tmp_path.iterdir()
        assert beside.name.startswith("a.json.")
        assert beside.name.endswith(".part")
        assert beside.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_target_that_is_not_a_regular_file_is_written_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with Outputs([Target("json", str(pipe))]) as outputs:
        outputs.begin(put)
        outputs.write(1)
    assert os.read(reader, 10) == b"json 1"
    os.close(reader)
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("vegf", "Did you mean 'raised_vegf' or 'serum_vegf'?"),
        ("Serum VEGF", "Did you mean 'serum_vegf'?"),
        ("mayo", "Did you mean 'mayo-2003'?"),
        ("mayo2003", "Did you mean 'mayo-2003'?"),
        ("serumvegf", "Did you mean 'serum_vegf'?"),
        ("zzz", ""),
    ],
)
def test_the_nearest_words(word: str, expected: str) -> None:
    assert did_you_mean(word, ["raised_vegf", "serum_vegf", "mayo-2003"]) == expected
