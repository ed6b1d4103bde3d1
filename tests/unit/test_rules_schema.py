"""The schema of the rules: it accepts the built-in rules, and refuses typical mistakes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from poems_cli.rules.schema import meanings, rules_schema
from poems_cli.rules.strict_yaml import read_yaml
from tests.cli.command import ROOT
from tests.unit.test_rules_files import GOOD

FILES = sorted([*(ROOT / "rules").glob("*.yaml"), *(ROOT / "examples").glob("*/*.yaml")])
VALIDATOR = Draft202012Validator(rules_schema())


def errors(text: str) -> list[str]:
    return [error.json_path for error in VALIDATOR.iter_errors(read_yaml("rules.yaml", text).data)]


def test_the_schema_is_one_and_the_file_for_editors_is_current() -> None:
    VALIDATOR.check_schema(rules_schema())
    schema = json.loads((ROOT / "rules" / "schema.json").read_text(encoding="utf-8"))
    assert schema == rules_schema(), "write it again: poems schema rules -o rules/schema.json"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_rules_file_is_valid_and_leads_an_editor_to_the_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert errors(text) == []
    head, _, named = text.splitlines()[0].partition("$schema=")
    assert head == "# yaml-language-server: "
    assert (path.parent / named).resolve() == ROOT / "rules" / "schema.json"


def test_every_key_has_a_description_and_no_description_is_unused() -> None:
    written = json.dumps(rules_schema(), ensure_ascii=False)
    assert [key for key, meaning in meanings().items() if json.dumps(meaning, ensure_ascii=False) not in written] == []
    assert [key for key, meaning in meanings().items() if not meaning.endswith((".", ";"))] == []


MISTAKES: dict[str, Callable[[str], str]] = {
    "an unknown key at the top": lambda text: text.replace("warnings:", "warning:"),
    "an unknown key of a finding": lambda text: text.replace("    question: Ankle\n", "    qestion: Ankle\n"),
    "a missing key": lambda text: text.replace("    question: Ankle\n", ""),
    "a wrong kind": lambda text: text.replace("kind: quantity", "kind: number"),
    "a misspelt operator": lambda text: text.replace("above: 450", "over: 450"),
    "two operators": lambda text: text.replace("above: 450", "above: 450, below: 900"),
    "a limit in words": lambda text: text.replace("above: 450", "above: high"),
    "a count in words": lambda text: text.replace("at_least: 1", "at_least: one"),
    "a list without its count": lambda text: text.replace("at_least: 1, of:", "of:"),
    "an empty list": lambda text: text.replace("of: [swelling, many_platelets]", "of: []"),
    "a text for a list": lambda text: text.replace("any: [{", "any: {not: [{").replace(", clone]}", ", clone]}}"),
    "an id with a space": lambda text: text.replace("  ankle:\n", "  an ankle:\n"),
    "a class out of range": lambda text: text.replace("cost: 1,", "cost: 5,"),
    "what was read": lambda text: text.replace("read: full text", "read: skimmed"),
    "a truth for a text": lambda text: text.replace("title: A set", "title: true"),
    "a label of two lines": lambda text: text.replace("label: ankle", 'label: "ankle\\nbone"'),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_typical_mistake_is_found(mistake: str) -> None:
    assert errors(GOOD) == []
    changed = MISTAKES[mistake](GOOD)
    assert changed != GOOD
    assert errors(changed)


@pytest.mark.parametrize("hook", ["poems-rules-lint", "poems-rules-test"])
def test_the_hooks_of_pre_commit_run_commands_that_there_are(hook: str) -> None:
    import yaml

    entries: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    [entry] = [entry for entry in entries if entry["id"] == hook]
    assert (entry["language"], entry["pass_filenames"]) == ("python", False)
    assert entry["entry"].replace(" ", "-") == hook
