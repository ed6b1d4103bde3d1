"""What a shell offers when a user presses Tab, asked as each shell asks it."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.command import MODULE, environment, poems

#: Loads the script that ``poems --show-completion`` prints, as a user's ``.bashrc`` does, and presses Tab behind the last word.
_PRESS_TAB = r"""
eval "$(_POEMS_COMPLETE=source_bash poems)"
function=$(complete -p poems | sed 's/.*-F \([^ ]*\).*/\1/')
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
"$function" poems "${COMP_WORDS[COMP_CWORD]}"
printf '%s\n' "${COMPREPLY[@]}"
"""


def offered(folder: Path, *words: str) -> list[str]:
    """What bash would offer for the last of the words."""
    (folder / "bin").mkdir(exist_ok=True)
    script = folder / "bin" / "poems"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m poems_cli "$@"\n')
    script.chmod(0o755)
    env = environment()
    env["PATH"] = f"{script.parent}:{env['PATH']}"
    command = ["bash", "--norc", "-c", _PRESS_TAB, "bash", *words]
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    return ran.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "expected", "not_expected"),
    [
        (["check", "--criteria", "mayo"], {"mayo", "mayo-2003"}, {"mhlw"}),
        (["template", "-c", ""], {"mayo", "suichi-2019"}, set()),
        (["explain", "vegf_"], {"vegf_elevated", "vegf_plasma"}, {"mayo"}),  # a finding, a test
        (["explain", "cid"], {"cidp"}, set()),  # a mimic
        (["explain", "red"], {"red-flags"}, set()),  # a list
        (["screen", "ward.csv", "--columns", "id,steps"], {"id,steps_to_met"}, {"id,mayo"}),
        (["screen", "ward.csv", "--columns", "id,i"], set(), {"id,id"}),  # nothing twice
        (["screen", "ward.csv", "--criteria", "mhlw", "--columns", "m"], {"mhlw", "mhlw_level"}, {"mayo"}),
        (["sql", "--findings", "polyneuropathy,serum_ve"], {"polyneuropathy,serum_vegf"}, set()),
        (["rules", "test", "--only", "cid"], {"cidp", "cidp-ean-pns-2021"}, set()),
        (["check", "--rules", "nowhere.yaml", "--criteria", "m"], set(), {"mayo"}),  # no rules, no offer and no message
    ],
)
def test_bash_offers_values(tmp_path: Path, words: Sequence[str], expected: set[str], not_expected: set[str]) -> None:
    suggestions = set(offered(tmp_path, "poems", *words))
    assert expected <= suggestions
    assert not not_expected & suggestions


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_values_with_descriptions(tmp_path: Path, shell: str) -> None:
    typed = {"_POEMS_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "poems explain serum_veg"}
    if shell == "fish":
        typed["_TYPER_COMPLETE_FISH_ACTION"] = "get-args"
    program = (*MODULE[:1], "-c", "import sys; sys.argv[0] = 'poems'; from poems_cli.__main__ import main; sys.exit(main())")
    ran = poems(folder=tmp_path, program=program, **typed)
    assert "serum_vegf" in ran.out
    assert "serum VEGF" in ran.out
    assert ran.err == ""
