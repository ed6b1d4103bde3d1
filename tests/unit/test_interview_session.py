"""With any input, an interview goes on, and its file holds what was understood."""

import random
import re
from io import StringIO
from pathlib import Path

import pytest

from poems_cli.interview.answers_file import AnswersFile, read_kept, resumed
from poems_cli.interview.question import Audience
from poems_cli.interview.screen import Screen
from poems_cli.interview.session import Session
from poems_cli.interview.sheet import Given, Sheet
from poems_cli.rules.loading import load_rules
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
def test_no_answer_is_lost_whatever_is_typed(
    audience: Audience, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm" if seed % 2 else "dumb")
    chance = random.Random(seed)
    sheet, terminal = Sheet(RULES), Terminal()
    file = AnswersFile(audience, str(tmp_path / "answers.json"))
    session = Session(RULES, sheet, audience, Screen(terminal, plain=seed == 0), Typist(chance, 120), file)
    session.run()
    if audience == "patient":
        assert NEVER.findall(ESCAPES.sub("", terminal.getvalue())) == []
    if file.path is None:
        assert not sheet.given
        return
    again = resumed(RULES, read_kept(RULES, file.path), (), lambda _: True)
    assert again.patient() == sheet.patient()
    assert again.given == sheet.given


def test_a_long_review_is_shown_a_screen_at_a_time_with_every_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    sheet, terminal, typed = Sheet(RULES), Terminal(), StringIO("r\n\n\n")
    typed.isatty = lambda: True  # type: ignore[method-assign]
    for finding in [finding.id for finding in RULES.findings.values() if finding.kind == "boolean"][:50]:
        sheet.answer(Given(finding, {finding: True} if len(sheet.given) % 5 else {}))
    file = AnswersFile("clinician", str(tmp_path / "answers.json"))
    Session(RULES, sheet, "clinician", Screen(terminal), typed, file).run()
    screens = ESCAPES.sub("", terminal.getvalue().replace("\x1b[2J", "\f")).split("\f")
    pages = [screen.partition("> ")[0] for screen in screens if "Your answers" in screen]
    assert len(pages) > 1
    assert max(page.count("\n") + 1 for page in pages) <= 24
    assert [place for place in range(1, 51) if not re.search(rf"\b{place} +[A-Z]", " ".join(pages))] == []
