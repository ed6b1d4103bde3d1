"""The words of the program's own output, each in a sentence or two; docs/glossary.md has them too."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from poems_cli.rules.strict_yaml import read_yaml


class Word(NamedTuple):
    """A word with its other spellings and what it means."""

    id: str
    names: tuple[str, ...]
    meaning: str


@cache
def words() -> tuple[Word, ...]:
    """Every word, as ``glossary.yaml`` has them."""
    text = (files("poems_cli.explain") / "glossary.yaml").read_text(encoding="utf-8")
    entries = read_yaml("glossary.yaml", text).data.items()
    return tuple([Word(word, tuple(entry.get("also", ())), entry["means"]) for word, entry in entries])
