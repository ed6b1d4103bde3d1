"""Tables for the tests of ``poems screen``, and what is left behind by a run."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli.command import Ran, poems

#: Is in cells that no message may repeat.
SECRET = "SECRET123"

HEADING = (
    "id,polyneuropathy,monoclonal_plasma_cell_disorder,castleman_disease,papilledema,skin_changes,white_nails,Platelets (K/uL)"
)
#: One patient of each verdict of the default set, with ids that a table program would spoil.
ROWS = ["001,yes,yes,yes,yes,,,", "002,no,,,,,,", "003,+,,,,,,", '"0,04",yes,TRUE,,,,yes,512']
VERDICTS = {"001": "met", "002": "not met", "003": "undetermined", "0,04": "undetermined"}
WARD = "\n".join([HEADING, *ROWS, ""])
#: The same with a cell that is not understood, and a contradictory patient.
ODD = "\n".join([HEADING, f"001,yes,yes,yes,yes,,,{SECRET}", f"002,{SECRET},,,,no,yes,", "003,yes,,,,,,>450", ""])
CONTRADICTORY = "\n".join([HEADING, "001,yes,,,,,,", "002,,,,,no,yes,", ""])


def screen(*arguments: str, folder: Path, stdin: bytes | str = b"", **more: str) -> Ran:
    """Run ``poems screen`` without its summary. No message shows a cell, and no file is left behind."""
    spill = folder / "spill"
    spill.mkdir(exist_ok=True)
    ran = poems("screen", "--quiet", "--spill", "spill", *arguments, folder=folder, stdin=stdin, **more)
    assert_nothing_of_patients(ran.err)
    assert left_behind(folder) == []
    return ran


def assert_nothing_of_patients(err: str) -> None:
    assert SECRET not in err
    assert "Traceback" not in err


def left_behind(folder: Path) -> list[str]:
    """The temporary files that a run left."""
    return sorted(path.name for path in [*folder.glob("**/*.part"), *(folder / "spill").glob("*")])


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def verdicts(answer: Sequence[Mapping[str, object]], column: str = "mayo") -> dict[object, object]:
    return {row["id"]: row[column] for row in answer}
