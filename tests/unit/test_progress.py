import io
import re
import threading
from collections.abc import Callable
from time import monotonic, sleep

import pytest

from poems_cli.report.progress import Progress, progress_words

SOON = 0.01
ERASE = "\x1b[2K"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True

    def text(self) -> str:
        """What was written, without the terminal's codes."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.getvalue())


def awaited(condition: Callable[[], bool]) -> bool:
    """Whether it comes true within a time that no machine needs."""
    end = monotonic() + 20
    while not condition():
        if monotonic() > end:
            return False
        sleep(SOON)
    return True


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "progress"]


def is_clean(written: str) -> bool:
    """Whether nothing follows the last erased line, and the cursor is shown."""
    remaining = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", written.rpartition(ERASE)[2])
    return ERASE in written and remaining == "" and written.rfind("\x1b[?25h") > written.rfind("\x1b[?25l")


def test_it_shows_percent_and_time_left() -> None:
    terminal = Terminal()
    with Progress(lambda: 0.25, stream=terminal, interval=SOON):
        assert awaited(lambda: "left" in terminal.text())
    assert re.search(r"screening .* 25 %, .* left", terminal.text())


def test_without_a_figure_it_shows_the_time() -> None:
    terminal = Terminal()
    with Progress(lambda: None, stream=terminal, interval=SOON):
        assert awaited(lambda: "so far" in terminal.text())
    assert "%" not in terminal.text()


def test_it_never_goes_back_nor_beyond_the_ends() -> None:
    terminal = Terminal()
    figures = iter([-3.0, 0.5, 0.2, float("nan"), None, 7.0])
    with Progress(lambda: next(figures), stream=terminal, interval=SOON):
        assert awaited(lambda: "100 %" in terminal.text())
    percents = [int(percent) for percent in re.findall(r"(\d+) %", terminal.text())]
    assert list(dict.fromkeys(percents)) == [0, 50, 100]


def test_a_figure_that_fails_does_not_end_the_run() -> None:
    calls = []

    def fails() -> float:
        calls.append(1)
        raise RuntimeError

    terminal = Terminal()
    with Progress(fails, stream=terminal, interval=SOON):
        assert awaited(lambda: len(calls) > 3)
    assert "so far" in terminal.text()
    assert is_clean(terminal.getvalue())
    assert not watchers()


def test_a_terminal_that_goes_away_does_not_end_the_run() -> None:
    class Gone(Terminal):
        gone = False

        def flush(self) -> None:
            if self.gone:
                raise OSError

    terminal = Gone()
    with Progress(lambda: 0.5, stream=terminal, interval=SOON):
        assert awaited(lambda: terminal.text().count("50 %") > 2)
        terminal.gone = True
        assert awaited(lambda: not watchers())


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt, SystemExit])
def test_it_leaves_the_terminal_clean(error: type[BaseException] | None) -> None:
    terminal = Terminal()

    def run() -> None:
        with Progress(lambda: 0.5, stream=terminal, interval=SOON):
            assert awaited(lambda: "50 %" in terminal.text())
            if error is not None:
                raise error

    if error is None:
        run()
    else:
        with pytest.raises(error):
            run()
    assert is_clean(terminal.getvalue())
    assert not watchers()
    written = terminal.getvalue()
    sleep(5 * SOON)
    assert terminal.getvalue() == written


def test_the_cursor_stays_since_a_killed_run_could_not_bring_it_back() -> None:
    terminal = Terminal()
    with Progress(lambda: 0.5, stream=terminal, interval=SOON):
        assert awaited(lambda: "50 %" in terminal.text())
        assert terminal.getvalue().rfind("\x1b[?25h") > terminal.getvalue().rfind("\x1b[?25l")


def test_a_figure_that_never_arrives_delays_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poems_cli.report.progress._PATIENCE", SOON)
    asked, release = threading.Event(), threading.Event()

    def hangs() -> float:
        asked.set()
        release.wait()
        return 0.5

    terminal = Terminal()
    with Progress(hangs, stream=terminal, interval=SOON):
        assert asked.wait(20)
    release.set()
    assert awaited(lambda: not watchers())
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("case", ["pipe", "quiet", "dumb", "closed"])
def test_no_bar_where_nothing_can_be_drawn(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    stream = io.StringIO() if case == "pipe" else Terminal()
    if case == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    if case == "closed":
        stream = io.StringIO()
        stream.close()
    calls = []
    with Progress(lambda: calls.append(1) or 0.5, quiet=case == "quiet", stream=stream, interval=SOON):
        assert not watchers()
    assert not calls
    if case != "closed":
        assert stream.getvalue() == ""


def test_a_short_run_draws_nothing() -> None:
    terminal = Terminal()
    with Progress(lambda: 0.5, stream=terminal, interval=60):
        pass
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_it_is_one_line(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    terminal = Terminal()
    with Progress(lambda: 0.99, stream=terminal, interval=SOON):
        assert awaited(lambda: "left" in terminal.text())
        lines = [line for line in re.split("[\r\n]", terminal.text()) if line.strip()]
    assert max(map(len, lines)) <= columns
    assert all("99 %" in line for line in lines)


def test_without_color_it_still_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    with Progress(lambda: 0.5, stream=terminal, interval=SOON):
        assert awaited(lambda: "50 %" in terminal.text())
    assert not re.search(r"\x1b\[[0-9;]*m", terminal.getvalue())
    assert is_clean(terminal.getvalue())


@pytest.mark.parametrize(
    ("fraction", "seconds", "words"),
    [
        (None, 7.2, "7 s so far"),
        (0.0, 1.0, "  0 %"),
        (0.25, 10.0, " 25 %, 30 s left"),
        (0.5, 200.0, " 50 %, 3 min 20 s left"),
        (0.999, 1.0, " 99 %, 0 s left"),
        (1.0, 2.0, "100 %, 0 s left"),
    ],
)
def test_the_words_next_to_the_bar(fraction: float | None, seconds: float, words: str) -> None:
    assert progress_words(fraction, seconds) == words
