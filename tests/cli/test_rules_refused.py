"""Rules files with faults, as run: each is a problem with its file and line, exit 10, and never a traceback."""

import os
import sys
from pathlib import Path

import pytest

from tests.cli.command import NOT_MET, Ran, poems, write
from tests.unit.test_rules_files import GOOD

WRONG_TYPES = {
    "label: swelling": "label: 5",
    "title: A set": "title: {a: b}",
    "short: Set": "short: [x]",
    "about: For tests.": "about: true",
    "[{finding: chain, is: lambda}, clone]}": "[{finding: chain, is: lambda}, clone], name: 5}",
    "text: Rare.": "text: [Rare]",
    "label: blood count": "label: {a: 1}",
    "how: blood": "how: [blood]",
    "blood: {label: blood}": "blood: {label: {a: 1}}",
    "kappa: kappa}}": "kappa: 5}}",
    "question: Swelling": "question: Swelling, includes: [{a: b}]",
    "question: Many": "question: {a: b}",
    "{authors: A": "{authors: {a: b}",
}


def lint(text: str, folder: Path) -> Ran:
    (folder / "r.yaml").write_text(text, encoding="utf-8")
    return poems("rules", "lint", "r.yaml", folder=folder)


def test_every_field_that_is_not_text_is_a_problem_with_its_line(tmp_path: Path) -> None:
    text = GOOD
    for right, wrong in WRONG_TYPES.items():
        assert text.count(right) == 1, right
        text = text.replace(right, wrong)
    ran = lint(text, tmp_path)
    assert ran.code == 10
    reported = ran.out.splitlines()
    assert len(reported) == len(WRONG_TYPES)
    lines = text.splitlines()
    for wrong in WRONG_TYPES.values():
        number = next(number for number, line in enumerate(lines, 1) if wrong in line)
        assert any(line.startswith(f"r.yaml:{number}: (") for line in reported), wrong
    checked = poems("check", str(write(tmp_path / "p.json", NOT_MET)), "--rules", "r.yaml", folder=tmp_path)
    assert (checked.code, checked.out, checked.err.splitlines()) == (10, "", [f"poems: {line}" for line in reported])


@pytest.mark.parametrize(
    ("right", "wrong", "at", "message"),
    [
        ("id: small", 'id: "x\\nDROP TABLE patients; --"', 1, "id is not a valid id"),
        ('version: "1.0"', 'version: "1.0\\nx"', 2, "version is not a valid id"),
        ("  swelling: {kind", '  "swel ling": {kind', 9, "this key is not a valid id"),
        ("  set:", '  "s\\n; --":', 23, "this key is not a valid id"),
        ("kappa: kappa}}", '"ka\\nppa": kappa}}', 21, "this key is not a word of one line"),
        ("label: swelling", 'label: "swel\\nling"', 9, "label is one line, but here are several"),
        ("label: swelling", 'label: "\\e[31mswelling"', 9, "label holds a control character"),
    ],
)
def test_an_id_or_a_label_that_is_not_one_plain_line(right: str, wrong: str, at: int, message: str, tmp_path: Path) -> None:
    ran = lint(GOOD.replace(right, wrong, 1), tmp_path)
    assert ran.code == 10
    assert any(line.startswith(f"r.yaml:{at}: ") and message in line for line in ran.out.splitlines()), ran.out


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are not UTF-8")
def test_names_of_rules_files_that_no_fingerprint_can_have(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.yaml")
    (tmp_path / name).write_text(GOOD)
    ran = poems("rules", "lint", name, folder=tmp_path)
    assert (ran.code, ran.out) == (10, "")
    assert ran.err == "poems: '\\udcff.yaml': the file's name is not text in UTF-8; give it another name\n"


def test_included_names_that_no_file_can_have(tmp_path: Path) -> None:
    ran = lint('include: ["a\0b.yaml"]\n' + GOOD, tmp_path)
    assert (ran.code, ran.out) == (10, "")
    assert "cannot be the name of a file" in ran.err
    assert len(ran.err.splitlines()) == 1
