"""The interview through a real terminal and through a pipe, and the file in which its answers are kept."""

import json
import re
import signal
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.cli.command import MODULE, Ran, environment, poems

PATIENCE = 30
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: A clinician who gives no name, no age, no sex and denies every symptom.
OPENING = ("", "", "", "n", "n")


def default_signals() -> None:
    """A shell's background jobs ignore interrupts, and what nohup started ignores a closed terminal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Session:
    """One interview on a terminal."""

    def __init__(self, folder: Path, *arguments: str, term: str = "dumb", rows: int = 40, **more: str) -> None:
        self.folder = folder
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "poems_cli", "check", "--no-pager", *arguments],
            cwd=str(folder),
            env=environment(**{"XDG_STATE_HOME": str(folder / "state"), "TERM": term, **more}),  # type: ignore[arg-type]
            dimensions=(rows, 80),
            encoding="utf-8",
            timeout=PATIENCE,
            preexec_fn=default_signals,
        )
        self.seen: list[str] = []

    def answer(self, *lines: str) -> str:
        """Wait for each prompt and answer it; what was shown before the last of them."""
        for line in lines:
            self.prompt()
            self.child.sendline(line)
        return self.seen[-1] if lines else ""

    def prompt(self) -> str:
        """Wait for the next prompt; what was shown before it, as one line."""
        self.child.expect(r"\r?\n> ")
        self.seen.append(" ".join(ESCAPES.sub("", str(self.child.before)).split()))
        return self.seen[-1]

    def end(self) -> tuple[int, str]:
        self.child.expect(pexpect.EOF)
        self.child.close()
        code = self.child.exitstatus if self.child.exitstatus is not None else -(self.child.signalstatus or 0)
        return code, " ".join(str(self.child.before).split())

    def kept(self) -> dict[str, Any]:
        (file,) = (self.folder / "state" / "poems").glob("answers-*.json")
        record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return record


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Any]:
    started: list[Session] = []

    def start(*arguments: str, **more: Any) -> Session:
        started.append(Session(tmp_path, *arguments, **more))
        return started[-1]

    yield start
    for session in started:
        session.child.close(force=True)


# --- who answers, and nothing tested ----------------------------------------------------------------------------------


def test_who_answers_is_asked_first_and_no_file_is_kept_before_the_first_answer(session: Any, tmp_path: Path) -> None:
    asking = session()
    assert asking.answer("x").startswith("Who answers the questions?")
    assert "Is there a name or number" in asking.answer("p", "q")
    code, ending = asking.end()
    assert (code, "Nothing was answered yet" in ending) == (0, True)
    assert not (tmp_path / "state" / "poems").exists() or not list((tmp_path / "state" / "poems").iterdir())


SICK = ("", "52", "woman", "1 2 3 6", "4", "1", "legs", "darker skin and hair", "n", "tiredness", "n", "1", "n", "not yet")
WELL = ("n",) * 11


@pytest.mark.parametrize(("answers", "fits"), [(SICK, "Numb, painful or weak feet"), (WELL, "That does not exclude it")])
def test_a_patient_with_no_tests_gets_a_page_to_take_along(session: Any, answers: Sequence[str], fits: str) -> None:
    asking = session("--for", "patient", term="xterm", rows=24)
    asking.answer(*answers)
    assert "Enter shows the result" in asking.prompt()
    asking.child.sendline("")
    code, page = asking.end()
    assert code == 0
    assert fits in page
    assert "Begin with your family doctor" in page
    assert "When to seek help at once" in page
    assert "Nothing here rules a disease in or out" in page
    all_text = " ".join([*asking.seen, page])
    assert not re.search(r"\b(MET|UNDETERMINED|Undetermined|points)\b", all_text)
    assert "Blood protein: not tested" in all_text


def test_a_clinician_with_nothing_tested_ends_undetermined(session: Any) -> None:
    asking = session("--for", "clinician", term="xterm", rows=24)
    asking.answer(*OPENING)
    while "Enter shows the result" not in asking.answer(""):
        pass
    code, ending = asking.end()
    assert code == 0
    assert "UNDETERMINED" in ending
    assert "Whom to ask" in ending
    assert "The same result again: poems check" in ending
    assert len(asking.seen) < 26
    every = [screen for screen in asking.seen if "Question" in screen]
    assert all("looked for and not found" in screen for screen in every if "was " in screen and "examination" in screen)


# --- navigation -------------------------------------------------------------------------------------------------------


def test_review_edit_and_back_keep_the_later_answers(session: Any) -> None:
    asking = session("--for", "clinician")
    asking.answer("p7", "61", "m", "1", "n", "r")
    assert "4 Symptoms of the nerves: yes: numbness or tingling" in asking.prompt()
    asking.child.sendline("2")
    assert "Your answer so far: 61 years." in asking.answer("62")
    asking.answer("b")
    assert "Your answer so far: none of them." in asking.answer("")  # it is kept
    asking.answer("s")
    assert asking.end()[0] == 0
    record = asking.kept()
    assert (record["id"], record["findings"]["age"]["value"], record["findings"]["sex"]) == ("p7", 62, "male")
    assert record["findings"]["paresthesia"] is True


def test_back_works_at_the_first_question_after_resume_and_within_a_question(session: Any) -> None:
    first = session("--for", "clinician")
    first.answer("b")
    assert "This is the first question." in first.answer("p7")
    first.answer("61", "s")
    first.end()
    again = session("--resume")
    assert "Going on after 2 answers." in again.answer("b")
    assert "Your answer so far: 61 years." in again.answer("")
    again.answer("/vegf", "2812", "serum")
    assert "Upper limit of the laboratory" in again.answer("b")
    assert "VEGF in plasma or serum" in again.answer("q")
    assert again.end()[0] == 0
    assert "serum_vegf" not in again.kept()["findings"]


def test_kept_answers_are_offered(session: Any) -> None:
    first = session("--for", "clinician")
    first.answer("p7", "61", "q")
    first.end()
    again = session("--for", "clinician")
    assert "2 answers of " in again.answer("y")
    assert "Going on after 2 answers." in again.answer("q")
    again.end()


def test_a_jump_takes_a_value_with_its_specimen_limit_and_treatment(session: Any) -> None:
    asking = session("--for", "clinician")
    asking.answer("/serum VEGF", "2812 pg/mL", "700")
    assert "before any treatment" in asking.answer("y")
    assert "Understood: Serum VEGF: 2812 pg/mL (upper limit 700)." in asking.answer("/vegf")
    asking.answer("210 pg/mL plasma (<96)", "n")
    assert "measured after treatment began" in asking.answer("q")
    asking.end()
    findings = asking.kept()["findings"]
    assert findings["serum_vegf"] == {"value": 2812.0, "unit": "pg/mL", "high": 700.0, "unit_from": "given"}
    assert findings["vegf_after_treatment"] is True
    assert findings["plasma_vegf"]["value"] is None, "a value above only some limits would deny the criteria of the other sets"


@pytest.mark.parametrize("leaving", ["s", "/age", "r"])
def test_a_value_is_kept_when_the_user_leaves_before_its_limit_is_known(session: Any, leaving: str) -> None:
    asking = session("--for", "clinician")
    asking.answer("/serum VEGF", "2812 pg/mL")
    assert "Upper limit of the laboratory for 2812 pg/mL" in asking.answer(leaving)
    if leaving != "s":
        asking.answer("q")
    assert "Your answers are saved" in asking.end()[1]
    assert asking.kept()["findings"]["serum_vegf"]["value"] == 2812


def test_the_unit_of_a_number_that_can_mean_two_things_is_asked_for(session: Any) -> None:
    asking = session("--for", "clinician")
    asking.answer("/prolactin", "15", "2", "")
    unit_question, understood = asking.seen[-2:]
    assert "In which unit is it? 1 15 ng/mL; 2 15 m[IU]/L, that is 0.7075 ng/mL; 3 15 pmol/L" in unit_question
    assert "Understood: Prolactin: 15 m[IU]/L, that is 0.7075 ng/mL." in understood
    asking.answer("/hemoglobin", "140", "q")
    assert "140 g/L, that is 14 g/dL (unit assumed)." in " ".join(asking.seen)
    asking.end()
    findings = asking.kept()["findings"]
    assert findings["prolactin"]["given"] == {"value": 15.0, "unit": "m[IU]/L"}
    assert findings["hemoglobin"]["unit_from"] == "assumed"


def test_nonsense_is_asked_again_with_the_reason_and_what_was_typed(session: Any) -> None:
    asking = session("--for", "clinician", term="xterm", rows=24)
    asking.answer("", "old")
    assert 'You typed "old": this is not a number; write a number, as 12.5 years.' in asking.answer("1.250")
    assert "a point before three digits can mean thousands or decimals" in asking.answer("q")
    asking.end()


def test_help_says_what_counts_and_why_now(session: Any) -> None:
    asking = session("--for", "clinician", "--plain")
    asking.answer("/organomegaly", "h")
    screen = asking.prompt()
    assert "Counts: enlarged liver" in screen
    assert "Why now: it can still change Mayo" in screen
    assert "Keys: b = back, h = help, r = review, s = save and leave, q = leave; u = not known; /name" in screen


def test_a_no_that_closes_a_criterion_is_confirmed_and_may_be_some_of_them(session: Any) -> None:
    asking = session("--for", "clinician")
    asking.answer(*OPENING, "/clone", "n")
    assert "Serum and urine immunofixation, marrow, and no bone lesion: all done and negative?" in asking.answer("some of them")
    asking.answer("r")
    assert "Plasma cell clone: some of it" in asking.prompt()
    asking.child.sendline("")
    asking.answer("/clone", "1 no, 2 no, 3 no")
    assert "all done and negative?" in asking.answer("not yet")
    asking.answer("/polyneuropathy", "n", "y")
    asking.answer("q")
    asking.end()
    findings = asking.kept()["findings"]
    assert "monoclonal_plasma_cell_disorder" not in findings
    assert findings["polyneuropathy"] is False


def test_nothing_is_wider_than_the_terminal_and_plain_moves_no_cursor(session: Any) -> None:
    asking = session("--for", "patient", "--plain", term="xterm")
    for line in ("", "52", "man", "h"):
        asking.child.expect("> ")
        screen = str(asking.child.before)
        assert "\x1b" not in screen
        assert [line for line in screen.splitlines() if len(line) > 80] == []
        asking.child.sendline(line)


# --- no answer lost ---------------------------------------------------------------------------------------------------

PROMPTS = {
    "who answers": ([], []),
    "a question": (["--for", "clinician"], ["p7"]),
    "a confirmation": (["--for", "clinician"], ["p7", "/clone", "n"]),
    "a limit": (["--for", "clinician"], ["p7", "/serum_vegf", "2812"]),
    "a review": (["--for", "patient"], ["p7", "r"]),
}


@pytest.mark.parametrize("prompt", PROMPTS)
def test_ctrl_c_at_every_kind_of_prompt_says_where_the_answers_are(session: Any, prompt: str) -> None:
    arguments, answers = PROMPTS[prompt]
    asking = session(*arguments)
    asking.answer(*answers)
    asking.prompt()
    asking.child.sendintr()
    code, ending = asking.end()
    assert code == 130
    assert ("Your answers are saved in" if answers else "Nothing was answered yet") in ending
    if answers:
        assert asking.kept()["id"] == "p7"


def test_a_closed_terminal_loses_nothing(session: Any) -> None:
    asking = session("--for", "clinician")
    asking.answer("p7", "61")
    asking.prompt()
    asking.child.kill(signal.SIGHUP)
    code, ending = asking.end()
    assert (code, "Your answers are saved in" in ending) == (129, True)
    assert asking.kept()["findings"]["age"]["value"] == 61


@pytest.mark.parametrize("where", ["a full disk", "no folder", "another file"])
def test_answers_that_cannot_be_kept_there_go_elsewhere_and_the_place_is_shown(
    session: Any, tmp_path: Path, where: str
) -> None:
    more: dict[str, Any] = {"TMPDIR": str(tmp_path)}
    arguments = {"a full disk": ["--save", "/dev/full"], "another file": ["--save", "mine.json"]}.get(where, [])
    if where == "no folder":
        more["XDG_STATE_HOME"] = "/proc/none"
    asking = session("--for", "clinician", *arguments, **more)
    asking.prompt()
    if where == "another file":
        (tmp_path / "mine.json").write_text("not ours", encoding="utf-8")
    asking.child.sendline("p7")
    message = asking.answer("q")
    code, rest = asking.end()
    assert code == 0
    place = re.search(r"saved in (\S+\.json) from here on", message)
    assert place is not None, message
    assert json.loads(Path(place[1]).read_text(encoding="utf-8"))["id"] == "p7"
    assert f"Your answers are saved in {place[1]}" in rest
    if where == "another file":
        assert (tmp_path / "mine.json").read_text(encoding="utf-8") == "not ours"


# --- a pipe -----------------------------------------------------------------------------------------------------------


def interview(lines: str, *arguments: str, folder: Path) -> Ran:
    return poems("check", "--ask", *arguments, folder=folder, stdin=lines, XDG_STATE_HOME=str(folder / "state"))


def test_a_pipe_drives_it_and_gets_only_the_result(tmp_path: Path) -> None:
    ran = interview("p7\n61\nm\n1 3\n\n2, 4\n", "--format", "json", "--save", "mine.json", folder=tmp_path)
    assert ran.code == 0
    (answer,) = ran.answers
    assert answer["patient"]["id"] == "p7"
    assert answer["patient"]["findings"]["paresthesia"] is True
    assert "Question 1 of at most" in ran.err
    assert "\x1b" not in ran.err
    assert stat.S_IMODE((tmp_path / "mine.json").stat().st_mode) == 0o600
    assert not (tmp_path / "state").exists()
    again = poems("check", "mine.json", "--format", "json", folder=tmp_path)
    assert again.answers == ran.answers


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("\n\nperhaps-male\n", 'line 3 of the answers: this is not one of them'),
        ("\n" * 5 + "n\n", 'line 6 of the answers: this "no" counts only where all of it was done'),
        ("\n" * 60 + "y\n", "line 61 of the answers: there is no question left for this line"),
        ("\n\n\n\n\n/vegf\n2812\n", "it can be plasma VEGF or serum VEGF; say which"),
    ],
)  # fmt: skip
def test_a_line_that_is_not_understood_ends_a_pipe(tmp_path: Path, lines: str, message: str) -> None:
    ran = interview(lines, "--format", "json", folder=tmp_path)
    assert (ran.code, ran.out) == (11, "")
    assert message in ran.err.splitlines()[-1]
    assert "perhaps-male" not in ran.err


def test_a_pipe_that_never_ends_ends_the_questions(tmp_path: Path) -> None:
    endless = ("sh", "-c", 'yes "" | "$@"', "sh", *MODULE)
    ran = poems("check", "--ask", folder=tmp_path, program=endless, XDG_STATE_HOME=str(tmp_path / "state"))
    assert (ran.code, "UNDETERMINED" in ran.out) == (0, True)


def test_the_question_is_named_with_the_line(tmp_path: Path) -> None:
    ran = interview("\n\nx\n", folder=tmp_path)
    assert '(asked: "Sex, for laboratory limits that differ between women and men?")' in ran.err
    assert "--answers FILE with lines of finding: answer" in ran.err


def test_only_a_full_no_closes_a_criterion_through_a_pipe(tmp_path: Path) -> None:
    ran = interview("\n" * 5 + "no, all done\n", folder=tmp_path)
    assert ran.code == 0
    assert "NOT MET" in ran.out


def test_the_end_of_input_shows_the_result(tmp_path: Path) -> None:
    ran = interview("", folder=tmp_path)
    assert ran.code == 0
    assert "what was not asked stays unknown" in ran.err
    assert "UNDETERMINED" in ran.out


# --- a file of answers ------------------------------------------------------------------------------------------------

ANSWERS = """\
# from the chart
id: p7
age: 61
sex: m
polyneuropathy: yes
clone: not done
serum_vegf: 2,812 pg/mL (0-700)
organomegaly: liver and spleen
papilledema: looked for and not found
"""


def test_a_file_of_answers_needs_no_question(tmp_path: Path) -> None:
    (tmp_path / "answers.txt").write_text(ANSWERS, encoding="utf-8")
    ran = poems("check", "--answers", "answers.txt", "--format", "json", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.answers[0]["patient"]["id"] == "p7"
    findings = ran.answers[0]["patient"]["findings"]
    assert findings["serum_vegf"]["value"] == 2812
    assert (findings["hepatomegaly"], findings["splenomegaly"], findings["papilledema"]) == (True, True, False)
    assert "monoclonal_plasma_cell_disorder" not in findings
    piped = poems("check", "--answers", "-", "--format", "json", folder=tmp_path, stdin=ANSWERS)
    assert piped.answers == ran.answers
    page = poems("check", "--answers", "answers.txt", "--for", "patient", folder=tmp_path)
    assert "Begin with your family doctor" in page.out
    assert "MET" not in page.out


def test_every_wrong_line_of_a_file_of_answers_is_named(tmp_path: Path) -> None:
    (tmp_path / "answers.txt").write_text("platlets: 620\nsex: secret\nage: 61\nage: 62\nno colon\n", encoding="utf-8")
    ran = poems("check", "--answers", "answers.txt", folder=tmp_path)
    assert (ran.code, ran.out) == (11, "")
    assert [line.split(":")[2] for line in ran.err.splitlines()] == ["1", "2", "4", "5"]
    assert "'platlets'; it can be platelets" in ran.err
    assert "secret" not in ran.err


def test_wrong_usage_is_reported(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text("{}", encoding="utf-8")
    assert poems("check", "one.json", "--ask", folder=tmp_path).code == 2
    ran = poems("check", "--resume", folder=tmp_path, XDG_STATE_HOME=str(tmp_path / "state"))
    assert (ran.code, "there are no saved answers" in ran.err) == (2, True)
    for arguments, message in (
        (["--answers", "none.json"], "none.json: cannot be read"),
        (["--save", "no/such/folder.json"], "cannot be saved: there is no such folder"),
        (["--save", "one.json"], "this file is there already, and would be lost"),
        (["--for", "patient", "--format", "json"], "--format: it has no effect here; a patient gets a page"),
        (["--for", "patient", "--exit-verdict"], "--exit-verdict: it has no effect here"),
    ):
        ran = interview("", *arguments, folder=tmp_path)
        assert (ran.code, message in ran.err) == (2, True), ran.err
