"""Draw the pictures in this folder, of answers and of interviews: ``python docs/pictures/build.py``.

A test draws them again and compares, so a picture is never older than the program.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from poems_cli.checking.inputs import read_patients
from poems_cli.engine.assess import Assessor
from poems_cli.report.picture import to_svg
from poems_cli.rules.loading import load_rules

FOLDER = Path(__file__).parent
WIDTHS = (80, 120)


def pictures() -> Iterator[tuple[Path, str]]:
    """Each picture's path, and what it should hold."""
    rules = load_rules()
    assessor = Assessor(rules)
    paths = sorted((FOLDER / "patients").glob("*.json"))
    for path, reading in zip(paths, read_patients(map(str, paths), rules, BytesIO()), strict=True):
        assert reading.patient is not None, reading.problems
        assessment = assessor.assess(reading.patient)
        for width in WIDTHS:
            yield FOLDER / f"{path.stem}-{width}.svg", to_svg(rules, assessment, width=width)


if __name__ == "__main__":
    from interviews import interviews

    for picture, text in (*pictures(), *interviews()):
        picture.write_text(text, encoding="utf-8")
