import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from poems_cli.commands.app import app
from poems_cli.errors import PoemsError
from tests.cli.command import CONTRADICTORY, MET, NOT_MET, OPEN, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of one patient for each verdict, a contradictory one, and a bad one."""
    for patient in (MET, NOT_MET, OPEN, CONTRADICTORY):
        write(tmp_path / f"{patient['id']}.json", patient)
    write(tmp_path / "ward.jsonl", MET, NOT_MET, OPEN)
    (tmp_path / "bad.json").write_text(json.dumps({"id": "bad", "findings": {"polineuropathy": True}}))
    return tmp_path


@pytest.fixture
def refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, list[str]]]:
    """Asks the application itself, without a process of its own: its exit code and the lines that it would print.

    That they are printed so, and nothing else is, other tests see in whole runs.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])  # a screening leaves pandas out for good

    def ask(*arguments: str) -> tuple[int, list[str]]:
        with pytest.raises(PoemsError) as refused:
            app(arguments, prog_name="poems", standalone_mode=False)
        return refused.value.exit_code, [f"poems: {problem}" for problem in refused.value.problems]

    return ask
