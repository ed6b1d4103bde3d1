"""No output holds a phrase that only its author would use; the explanations are read where each of them is printed."""

import re
from pathlib import Path

import pytest

from tests.cli.command import ROOT, poems

#: Kept short: what a native clinician or engineer would stumble over, each with what to write instead.
PRIVATE = {
    r"call(s|ed)? (it|them )?up": "suggest, consider",
    r"said as such": "stated in the record",
    r"(is|are|was|were) told|told (of|by)": "given, shown, named",
    r"hangs? (on|together)": "depends on",
    r"beside": "next to, with, as well as",
    r"stands? (in|for itself|beside|out of)": "is in",
    r"(is|are) none of": "is not one of",
    r"limit of ours": "limit of this program",
    r"can no longer be": "cannot be",
    r"taken up|as it stands|what parts": "plain words",
    r"unlikely": "less likely, or not assessed",
}
COMMANDS = [
    "check patient.json",
    "check patient.json --explain",
    "check patient.json --all-mimics --all-tests",
    "check patient.json --plain",
    "check patient.json --format markdown --explain",
    "check patient.json --format html --explain",
    "check patient.json --format note",
    "check patient.json --format json",
    "check met.json --explain",
    "check cidp.json --explain",
    "screen ward.csv",
    "screen ward.csv --suggest-map",
    "sql --columns id,mayo",
    "template --format yaml",
    "schema output",
    "rules show",
    "rules test rules/examples/contradictions.yaml",
]


def stumbles(text: str) -> list[str]:
    """The private phrases of a text, with what is around them."""
    plain = " ".join(text.split())
    matches = (match for phrase in PRIVATE for match in re.finditer(rf"\b({phrase})\b", plain, re.IGNORECASE))
    return [plain[max(0, match.start() - 40) : match.end() + 40] for match in matches]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "patient.json").write_text((ROOT / "docs" / "patient.json").read_text())
    for name in ("met", "cidp"):
        (folder / f"{name}.json").write_text((ROOT / "docs" / "pictures" / "patients" / f"{name}.json").read_text())
    (folder / "ward.csv").write_text("id,polyneuropathy,serum_vegf (pg/mL),color\n1,yes,2812,red\n2,perhaps,,blue\n")
    (folder / "rules").symlink_to(ROOT / "rules")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_a_private_phrase(command: str, desk: Path) -> None:
    ran = poems(*command.split(), folder=desk)
    assert ran.out + ran.err
    assert stumbles(ran.out + ran.err) == []
