import json
from pathlib import Path

import pytest

from tests.cli.command import CONTRADICTORY, MET, NOT_MET, OPEN, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of one patient for each verdict, a contradictory one, and a bad one."""
    for one in (MET, NOT_MET, OPEN, CONTRADICTORY):
        write(tmp_path / f"{one['id']}.json", one)
    write(tmp_path / "ward.jsonl", MET, NOT_MET, OPEN)
    (tmp_path / "bad.json").write_text(json.dumps({"id": "bad", "findings": {"polineuropathy": True}}))
    return tmp_path
