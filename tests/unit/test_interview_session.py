"""Whatever is typed, an interview goes on, and its file holds what was understood."""

import random
from io import StringIO
from pathlib import Path

import pytest

from poems_cli.interview.answers_file import AnswersFile, read_kept, resumed
from poems_cli.interview.question import Audience
from poems_cli.interview.screen import Screen
from poems_cli.interview.session import Session
from poems_cli.interview.sheet import Sheet
from poems_cli.rules import load_rules, units_of
from tests.unit.test_interview_screen import ESCAPES, NEVER, Terminal

RULES = load_rules()
TYPED = [
    "", "", "", "y", "n", "b", "r", "h", "1", "2", "3", "1 3", "1-2", "some", "m", "/vegf", "/tsh", "serum_vegf", "2812 pg/mL",
    "2812", "serum", "plasma", "0,125", "1.250", "u", "not done", "1 yes 2 no", "liver", "female", "12", "130", "\x1b[A", "x",
    "yes, all", "no, all done", "7", "14", "/", "-", "rest no", "all", "none", "1e9", "(0-5)", "3 (0-5)", "700", "\u00f6" * 50,
    "300 pg/mL plasma after treatment",
]  # fmt: skip


class Typist(StringIO):
    """Types at random, and then no more."""

    def __init__(self, chance: random.Random, lines: int) -> None:
        super().__init__()
        self._chance = chance
        self._left = lines

    def isatty(self) -> bool:
        return True

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        self._left -= 1
        return f"{self._chance.choice(TYPED)}\n" if self._left >= 0 else ""


@pytest.mark.parametrize("audience", ["clinician", "patient"])
@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_typed_nothing_is_lost(
    audience: Audience, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm" if seed % 2 else "dumb")
    chance = random.Random(seed)
    sheet, terminal = Sheet(RULES), Terminal()
    file = AnswersFile(audience, str(tmp_path / "answers.json"))
    session = Session(RULES, units_of(RULES), sheet, audience, Screen(terminal, plain=seed == 0), Typist(chance, 120), file)
    session.run()
    if audience == "patient":
        assert NEVER.findall(ESCAPES.sub("", terminal.getvalue())) == []
    if file.path is None:
        assert not sheet.given
        return
    again = resumed(RULES, read_kept(RULES, file.path), (), lambda _: True)
    assert again.patient() == sheet.patient()
    assert again.given == sheet.given


@pytest.mark.parametrize("audience", ["clinician", "patient"])
def test_a_long_review_is_shown_a_screen_at_a_time_with_every_answer(
    audience: Audience, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    lines = StringIO("\n".join(["p7", "54", "man", *["1 2 3"] * 12, *["y"] * 12, *[""] * 20, "r", *[""] * 20]) + "\n")
    lines.isatty = lambda: True  # type: ignore[method-assign]
    file = AnswersFile(audience, str(tmp_path / "answers.json"))
    sheet = Sheet(RULES)
    Session(RULES, units_of(RULES), sheet, audience, Screen(terminal), lines, file).run()
    pages = [
        page for page in ESCAPES.sub("", terminal.getvalue().replace("\x1b[2J", "\f")).split("\f") if "Your answers" in page
    ]
    assert max(page.split("> ")[0].count("\n") + 1 for page in pages) <= 24
    shown = " ".join(" ".join(pages).split())
    assert [place for place in range(1, len(sheet.given) + 1) if f" {place} " not in shown] == []
