"""The pictures in ``docs/`` show what the program prints today."""

import runpy
from pathlib import Path

from tests.cli.command import AS_DRAWN, ROOT

FOLDER = ROOT / "docs" / "pictures"
DRAWN = {
    **dict(runpy.run_path(str(FOLDER / "build.py"))["pictures"]()),
    **dict(runpy.run_path(str(FOLDER / "interviews.py"))["interviews"]()),
}


@AS_DRAWN
def test_every_picture_is_what_the_program_prints_now() -> None:
    old = [path.name for path, text in DRAWN.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    assert old == [], "draw them again: python docs/pictures/build.py"


def test_no_picture_is_left_over() -> None:
    assert set(FOLDER.glob("*.svg")) == set(DRAWN)


def test_a_picture_fetches_nothing_and_has_both_themes() -> None:
    for text in DRAWN.values():
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
        assert "prefers-color-scheme:dark" in text


def test_the_patients_are_the_example_and_made_up_ones() -> None:
    example = Path(ROOT / "docs" / "patient.json").read_bytes()
    assert (FOLDER / "patients" / "example.json").read_bytes() == example
