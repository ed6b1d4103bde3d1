"""The questionnaire through a real terminal, and through a pipe."""

import json
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.cli.command import environment, poems

PATIENCE = 30
YES_NO = r"Enter = don't know > "


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


class Session:
    """One interview on a terminal of 80 columns."""

    def __init__(self, folder: Path, state: Path, *arguments: str, columns: int = 80, **more: str) -> None:
        self.folder = folder
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "poems_cli", "check", *arguments],
            cwd=str(folder),
            env=environment(XDG_STATE_HOME=str(state), TERM="dumb", **more),  # type: ignore[arg-type]
            dimensions=(40, columns),
            encoding="utf-8",
            timeout=PATIENCE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
        )

    def answer(self, line: str) -> str:
        """Wait for the prompt, answer it; what was shown before it."""
        self.child.expect("> ")
        before = str(self.child.before)
        self.child.sendline(line)
        return before

    def until(self, text: str) -> str:
        self.child.expect_exact(text)
        return str(self.child.before)

    def end(self) -> tuple[int, str]:
        self.child.expect(pexpect.EOF)
        self.child.close()
        code = self.child.exitstatus if self.child.exitstatus is not None else -(self.child.signalstatus or 0)
        return code, str(self.child.before)


@pytest.fixture
def sessions() -> Iterator[list[Session]]:
    started: list[Session] = []
    yield started
    for one in started:
        one.child.close(force=True)


def kept(state: Path) -> dict[str, Any]:
    (file,) = (state / "poems").glob("answers-*.json")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


# --- a terminal -------------------------------------------------------------------------------------------------------


def test_a_terminal_without_a_file_is_asked(tmp_path: Path, state: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, state)
    sessions.append(session)
    opening = session.answer("q")
    assert "It is not a medical device and makes no diagnosis." in opening.replace("\r\n", " ")
    assert "Enter = don't know, b = back, h = what is meant" in opening.replace("\r\n", " ")
    code, rest = session.end()
    assert code == 0
    assert "Your answers are kept in" in rest


def test_back_asks_the_last_question_again(tmp_path: Path, state: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, state, "--ask")
    sessions.append(session)
    first = session.answer("y").split("Question 1")[1].splitlines()[1]
    second = session.answer("b")
    assert "Question 2" in second
    again = session.answer("n")
    assert "Question 1" in again
    assert first in again
    session.answer("s")
    session.end()
    assert list(kept(state)["findings"].values()) == [False]


def test_back_at_the_first_question_stays_there(tmp_path: Path, state: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, state, "--ask")
    sessions.append(session)
    session.answer("b")
    session.until("This is the first question.")
    session.answer("q")
    assert session.end()[0] == 0


def test_help_says_what_counts_and_why_now(tmp_path: Path, state: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, state, "--ask", "--answers", "known.json")
    sessions.append(session)
    (tmp_path / "known.json").write_text('{"skin_changes": false}', encoding="utf-8")
    session.answer("h")
    told = session.answer("q").replace("\r\n", " ")
    assert "Counts:" in told
    assert "Why now: it can still change Mayo" in told


def test_a_bad_answer_is_asked_again_with_the_reason(tmp_path: Path, state: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, state, "--ask")
    sessions.append(session)
    session.answer("perhaps")
    session.until("Not understood: answer yes or no")
    session.answer("q")
    session.end()
    assert kept(state)["findings"] == {}


def test_save_and_resume_goes_on_where_it_was(tmp_path: Path, state: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, state, "--ask")
    sessions.append(session)
    session.answer("y")
    session.answer("")
    third = session.answer("s").split("Question 3")[1].splitlines()[1]
    assert session.end()[0] == 0
    again = Session(tmp_path, state, "--resume")
    sessions.append(again)
    opening = again.answer("b")
    assert "Taken up after 2 answers." in opening
    assert third in opening
    assert "Question 2" in again.answer("q"), "what was answered before can be taken back"
    again.end()


def test_ctrl_c_loses_nothing(tmp_path: Path, state: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, state, "--ask")
    sessions.append(session)
    session.answer("y")
    session.child.expect("> ")
    session.child.sendintr()
    code, rest = session.end()
    assert code == 130
    assert "Your answers are kept in" in rest
    assert list(kept(state)["findings"].values()) == [True]


def test_a_closed_terminal_loses_nothing(tmp_path: Path, state: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, state, "--ask")
    sessions.append(session)
    session.answer("y")
    session.child.expect("> ")
    session.child.kill(signal.SIGHUP)
    session.end()
    assert list(kept(state)["findings"].values()) == [True]


def test_a_resize_changes_nothing(tmp_path: Path, state: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, state, "--ask", columns=120)
    sessions.append(session)
    session.answer("y")
    session.child.setwinsize(20, 60)
    assert "Question 2" in session.answer("q")
    assert session.end()[0] == 0


def test_the_end_of_input_shows_the_result(tmp_path: Path, state: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, state, "--ask")
    sessions.append(session)
    session.child.expect("> ")
    session.child.sendeof()
    code, rest = session.end()
    assert code == 0
    assert "what was not asked stays unknown" in rest
    assert "UNDETERMINED" in rest
    assert "The same result again: poems check " in rest


def test_nothing_is_wider_than_the_terminal_and_nothing_moves_the_cursor(
    tmp_path: Path, state: Path, sessions: list[Session]
) -> None:
    session = Session(tmp_path, state, "--ask")
    sessions.append(session)
    seen = session.answer("y") + session.answer("h") + session.answer("q")
    assert "\x1b" not in seen
    path = str(state)
    assert [line for line in seen.splitlines() if len(line) > 80 and path not in line] == []


# --- a pipe -----------------------------------------------------------------------------------------------------------


def asked(lines: str, *arguments: str, folder: Path, state: Path) -> Any:
    return poems("check", "--ask", *arguments, folder=folder, stdin=lines, XDG_STATE_HOME=str(state))


def test_a_pipe_drives_it_and_gets_the_result_alone(tmp_path: Path, state: Path) -> None:
    ran = asked("n\ny\n\n", "--format", "json", folder=tmp_path, state=state)
    assert ran.code == 0
    (answer,) = ran.answers
    assert answer["patient"]["findings"] == {"skin_changes": False, "polyneuropathy": True}
    assert "Question 1" in ran.err
    assert "\x1b" not in ran.err


def test_parts_may_be_named_by_number(tmp_path: Path, state: Path) -> None:
    ran = asked("2, 5\n", "--format", "json", folder=tmp_path, state=state)
    assert ran.answers[0]["patient"]["findings"] == {"hypertrichosis": True, "acrocyanosis": True}


def test_a_polyneuropathy_denied_ends_the_questions_about_it(tmp_path: Path, state: Path) -> None:
    ran = asked("\nn\n" + "\n" * 40, folder=tmp_path, state=state)
    assert "NOT MET" in ran.out
    assert ran.err.count("Question") < 12


def test_the_file_is_valid_input_for_this_user_only(tmp_path: Path, state: Path) -> None:
    first = asked("3\ny\n", "--save", "mine.json", "--format", "json", folder=tmp_path, state=state)
    assert stat.S_IMODE((tmp_path / "mine.json").stat().st_mode) == 0o600
    assert not (state / "poems").exists()
    again = poems("check", "mine.json", "--format", "json", folder=tmp_path)
    assert again.answers == first.answers


def test_numbers_are_read_as_people_type_them(tmp_path: Path, state: Path) -> None:
    known = {
        "polyneuropathy": True,
        "monoclonal_plasma_cell_disorder": True,
        "vegf_elevated": True,
        "organomegaly": True,
        "skin_changes": True,
    }
    (tmp_path / "known.json").write_text(json.dumps(known), encoding="utf-8")
    for typed, value in (("1,200", 1200), ("1200 pg/ml", 1200), (">2000", 2000), ("1.2 ng/mL", 1200)):
        lines = f"{typed}\n"
        for _ in range(8):  # serum VEGF is asked after what costs less
            ran = asked(lines, "--answers", "known.json", "--format", "json", folder=tmp_path, state=state)
            found = ran.answers[0]["patient"]["findings"]
            if "serum_vegf" in found:
                break
            lines = "\n" + lines
        assert found["serum_vegf"]["value"] == value
        assert f"Read as {'>' if typed.startswith('>') else ''}{value} pg/mL." in ran.err


def test_a_number_with_an_unknown_unit_is_asked_again(tmp_path: Path, state: Path) -> None:
    known = {"polyneuropathy": True, "monoclonal_plasma_cell_disorder": True, "vegf_elevated": True, "organomegaly": True}
    (tmp_path / "known.json").write_text(json.dumps({**known, "skin_changes": True}), encoding="utf-8")
    ran = asked("12 bananas\n" * 12, "--answers", "known.json", folder=tmp_path, state=state)
    assert "Not understood" in ran.err
    assert ran.code == 0


def test_a_patient_is_not_asked_what_only_a_laboratory_knows(tmp_path: Path, state: Path) -> None:
    clinician = asked("\n" * 60, folder=tmp_path, state=state)
    patient = asked("\n" * 60, "--for", "patient", folder=tmp_path, state=state)
    assert "a number in pg/mL" in clinician.err
    assert "a number in pg/mL" not in patient.err
    assert "makes no diagnosis" in patient.err
    assert "A doctor can look at them together" in patient.err.replace("\n", " ")


def test_plain_has_words_and_no_signs(tmp_path: Path, state: Path) -> None:
    ran = asked("y\n", "--plain", folder=tmp_path, state=state)
    assert "Present: skin changes." in ran.err
    assert "[P:" not in ran.err


def test_wrong_uses_are_told(tmp_path: Path, state: Path) -> None:
    (tmp_path / "one.json").write_text("{}", encoding="utf-8")
    assert poems("check", "one.json", "--ask", folder=tmp_path).code == 2
    ran = poems("check", "--resume", folder=tmp_path, XDG_STATE_HOME=str(state))
    assert (ran.code, "there are no kept answers" in ran.err) == (2, True)
    ran = asked("", "--answers", "none.json", folder=tmp_path, state=state)
    assert (ran.code, "none.json: cannot be read" in ran.err) == (2, True)
    ran = asked("", "--save", "no/such/folder.json", folder=tmp_path, state=state)
    assert (ran.code, "cannot be kept" in ran.err) == (2, True)
