"""``poems follow`` as it is run."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from poems_cli.explain.topics import Index
from poems_cli.model import Rules
from tests.cli.command import ROOT, on_terminal, poems
from tests.cli.test_plain_english import stumbles

SECRET = "77123"
BEFORE = {"serum_vegf": ">2000 pg/mL", "overall_neuropathy_limitations_scale": 7, "pleural_effusion": True}
AFTER = {"serum_vegf": {"value": 0.9, "unit": "ng/mL"}, "pleural_effusion": False}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "docs" / "visits.jsonl", tmp_path / "visits.jsonl")
    return tmp_path


def visit(day: object, findings: dict[str, Any] = BEFORE, identity: object = "p1") -> dict[str, Any]:
    return {"id": identity, "date": day, "findings": findings}


def follow(folder: Path, *visits: dict[str, Any], options: str = "") -> Any:
    return poems("follow", "-", *options.split(), folder=folder, stdin=json.dumps(list(visits)), COLUMNS="80")


def row(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(name))


def test_the_example_is_shown_in_80_columns(desk: Path) -> None:
    ran = poems("follow", "visits.jsonl", folder=desk, COLUMNS="80")
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 80
    for heading in ("2024-01-15", "2024-07-12", "2025-01-20", "baseline", "5.9 mo"):
        assert heading in ran.out
    assert re.split(r" {2,}", row(ran.out, "serum VEGF")) == ["serum VEGF, pg/mL", "4.8 ng/mL", "640", "910", "-81 %", "+42 %"]
    assert re.split(r" {2,}", row(ran.out, "papilledema")) == ["papilledema", "+ present", "? unknown", "- absent", "gone"]
    assert "(4800)" in ran.out
    assert "M protein" in row(ran.out, "M protein, g/dL")
    assert "[dsouza-2012-asct, recalled]" in ran.out.replace("\n", " ")
    assert "plasma VEGF not measured at any" in ran.out


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_terminal_that_can_draw_has_a_trend(term: str, desk: Path) -> None:
    code, screen = on_terminal("follow", "visits.jsonl", "--no-pager", folder=desk, TERM=term)
    assert code == 0
    assert ("Trend" in screen) is ("\u2588" in screen) is (term == "xterm")
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in screen.splitlines()) <= 80


def test_many_visits_are_all_shown_whatever_the_width(desk: Path) -> None:
    days = [f"20{year:02}-03-01" for year in range(10, 22)]
    visits = [visit(day, {"serum_vegf": 5000 - 100 * number}) for number, day in enumerate(days)]
    text = follow(desk, *visits).out
    assert max(map(len, text.splitlines())) <= 80
    for number, day in enumerate(days):
        assert day in text
        assert str(5000 - 100 * number) in text


def test_the_order_of_the_visits_does_not_matter(desk: Path) -> None:
    lines = (desk / "visits.jsonl").read_text().splitlines()
    names = []
    for number, line in enumerate(reversed(lines)):
        names.append(f"{number}.json")
        (desk / names[-1]).write_text(line)
    expected = poems("follow", "visits.jsonl", folder=desk).out
    assert poems("follow", *names, folder=desk).out == expected
    yaml = "".join(f"- {line}\n" for line in lines)
    assert poems("follow", "-", folder=desk, stdin=yaml).out == expected


def test_a_comparator_leaves_a_change_between_two_ends(desk: Path) -> None:
    text = follow(desk, visit("2024-01-15"), visit("2024-07-15", AFTER)).out
    assert "-55 % or" in row(text, "serum VEGF")
    assert ">2000" in row(text, "serum VEGF")
    text = follow(desk, visit("2024-01-15"), visit("2024-07-15")).out
    assert "open" in row(text, "serum VEGF")


def test_a_value_not_measured_is_never_no_response(desk: Path) -> None:
    for options in ("", "--plain", "-f markdown"):
        text = " ".join(follow(desk, visit("2024-01-15"), visit("2024-04-15", {"ascites": False}), options=options).out.split())
        assert "cannot be judged" in text
        assert "serum VEGF not measured at 2024-04-15" in text
        assert "no response" not in text.lower()
        assert "pleural effusion" in text
        assert "- absent gone" not in text


def test_plain_has_no_signs_and_no_boxes(desk: Path) -> None:
    text = poems("follow", "visits.jsonl", "--plain", folder=desk).out
    assert "serum VEGF, pg/mL: 2024-01-15 4.8 ng/mL (4800); 2024-07-12 640; 2025-01-20 910." in text.replace("\n", " ")
    assert not re.search(r"[+?|] |\u2500|\u2588|--", text)


@pytest.mark.parametrize(
    ("visits", "message"),
    [
        ([visit("2024-01-15"), visit("2024-01-15")], "the date is that of standard input, "),
        ([visit("2024-01-15"), visit(None)], "the visit has no date; write the day of the visit"),
        ([visit("2024-01-15"), {"id": "p1", "findings": BEFORE}], "the visit has no date"),
        ([visit("2024-01-15"), visit("15.07.2024")], "a date must be year, month and day, but this is another text"),
        ([visit("2024-01-15"), visit("2024-02-30")], "the calendar has no such date"),
        ([visit("2024-01-15"), visit(20240715)], "a date must be year, month and day, but this is a number"),
        ([visit("2024-01-15"), visit("2024-07-15", identity=SECRET)], "the id is not that of standard input, "),
        ([visit("2024-01-15")], "this is the only visit; give two or more"),
        ([], "there is nothing in it"),
        ([visit("2024-01-15"), visit("2024-07-15", {"vegf": 1})], "different tests"),
    ],
)
def test_visits_that_make_no_course_are_refused(visits: list[Any], message: str, desk: Path) -> None:
    ran = follow(desk, *visits, options="-o course.json")
    assert (ran.code, ran.out) == (11, "")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert "2024" not in ran.err
    assert SECRET not in ran.err
    assert not (desk / "course.json").exists()


def test_a_visit_without_an_id_belongs_to_the_others(desk: Path) -> None:
    ran = follow(desk, visit("2024-01-15", identity=None), visit("2024-07-15"), {"date": "2025-01-15", **AFTER})
    assert ran.code == 0
    assert "Patient p1" in ran.out


def test_a_contradiction_is_shown_and_counts_as_unknown(desk: Path) -> None:
    disputed = visit("2024-07-15", {"skin_changes": False, "white_nails": True})
    ran = follow(desk, visit("2024-01-15", {"skin_changes": True}), disputed)
    assert ran.code == 12
    assert "contradictory: skin_changes" in ran.err
    assert "! disputed" in row(ran.out, "skin changes")
    assert "Contradictory at 2024-07-15: skin changes" in ran.out


def test_json_keeps_to_its_schema(desk: Path) -> None:
    schema = json.loads(poems("schema", "follow", folder=desk).out)
    jsonschema.Draft202012Validator.check_schema(schema)
    disputed = visit("2024-07-15", {"skin_changes": False, "white_nails": True, "serum_vegf": "<31 pg/mL"})
    for ran in (
        poems("follow", "visits.jsonl", "-f", "json", folder=desk),
        follow(desk, visit("2024-01-15"), visit("2024-07-15", AFTER), options="-f json"),
        follow(desk, visit("2024-01-15"), disputed, options="-f json"),
    ):
        [answer] = ran.answers
        assert [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(answer)] == []
        changed = {**answer, "followed": [{"group": "vegf", "findings": [{"finding": "serum_vegf"}]}]}
        assert not jsonschema.Draft202012Validator(schema).is_valid(changed)


def test_every_id_of_an_answer_is_explained(desk: Path, rules: Rules) -> None:
    [answer] = poems("follow", "visits.jsonl", "-f", "json", folder=desk).answers
    index = Index(rules)
    named = [*answer["unseen"]]
    named += [name for group in answer["followed"] for name in (group["group"], *[row["finding"] for row in group["findings"]])]
    for response in answer["responses"]:
        named += [change["group"] for change in response["clinical"]]
        for domain in response["domains"]:
            named += [domain["domain"], domain["status"], *[level["level"] for level in domain["levels"]]]
            named += [level["source"] for level in domain["levels"]]
    named += [landmark["landmark"] for landmark in answer["landmarks"]]
    assert len(named) > 50
    assert {name for name in named if not index.find(name)} == set()


def test_several_formats_in_one_run(desk: Path) -> None:
    ran = poems("follow", "visits.jsonl", "-f", "table", "-o", "course.json", "-o", "course.md", folder=desk)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("POEMS syndrome: 3 visits")
    assert json.loads((desk / "course.json").read_text())["visits"][0]["date"] == "2024-01-15"
    assert (desk / "course.md").read_text().startswith("# POEMS syndrome: 3 visits")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("-o course.svg", "a course has no format 'svg'"),
        ("-f json --plain", "no effect here"),
        ("-o visits.jsonl", "visits.jsonl"),
    ],
)
def test_usage(options: str, message: str, desk: Path) -> None:
    before = (desk / "visits.jsonl").read_bytes()
    ran = poems("follow", "visits.jsonl", *options.split(), folder=desk)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert (desk / "visits.jsonl").read_bytes() == before


@pytest.mark.parametrize("options", ["", "--plain", "-f markdown", "-f json", "--help"])
def test_it_is_in_plain_english(options: str, desk: Path) -> None:
    ran = poems("follow", "visits.jsonl", *options.split(), folder=desk)
    assert stumbles(ran.out + ran.err) == []


def test_check_takes_a_visit_too(desk: Path) -> None:
    flat = {"id": "p1", "date": "2024-01-15", "polyneuropathy": True}
    for text in (json.dumps(flat), "id,date,polyneuropathy\np1,2024-01-15,yes\n"):
        name = "one.json" if text.startswith("{") else "one.csv"
        (desk / name).write_text(text)
        ran = poems("check", name, "-f", "json", folder=desk)
        assert (ran.code, ran.err) == (0, "")
        assert ran.answers[0]["patient"]["findings"] == {"polyneuropathy": True}
