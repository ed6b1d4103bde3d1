"""What the rules know and how well, counted in their files: the criteria sets, what was read, which limits are ours."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from making.markdown import code, table

_RULES = Path(__file__).parents[2] / "rules"
_OPERATORS = {"above": "above", "at_least": "at least", "below": "below", "at_most": "at most"}
_READ = {
    "full text": "the whole paper",
    "abstract": "its abstract",
    "table": "a table of it",
    "page": "a web page",
    "secondary": "another text that quotes it",
    "recalled": "nothing: it is quoted from memory, and to be checked",
}


@cache
def _files() -> dict[str, Any]:
    return {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(_RULES.glob("*.yaml"))}


def criteria_sets() -> Iterator[str]:
    """The published sets with their levels, the years they were current, and their source."""
    rows = []
    for set_id, entry in _files()["poems.yaml"]["criteria"].items():
        years = entry.get("current") or {}
        span = f"{years.get('from', '')} to {years.get('to') or 'today'}" if years else ""
        rows.append((code(set_id), entry["title"], ", ".join(entry.get("levels", {"met": None})), span, code(entry["source"])))
    yield from table(("id", "criteria set", "levels", "current", "source"), rows)


def sources_read() -> Iterator[str]:
    """How many sources there are of each kind of reading."""
    sources: dict[str, Mapping[str, Any]] = {}
    for data in _files().values():
        sources |= data.get("sources") or {}
    counts = Counter(str(entry["read"]) for entry in sources.values())
    order = [*[kind for kind in _READ if kind in counts], *[kind for kind in counts if kind not in _READ]]
    yield from table(
        ("mark", "what was read of the source", "sources"), [(kind, _READ.get(kind, kind), str(counts[kind])) for kind in order]
    )


def default_limits() -> Iterator[str]:
    """The limits of the findings and criteria sets that no paper gives."""
    yield from _limits(lambda leaf: leaf.get("default") is True)


def recalled_limits() -> Iterator[str]:
    """The limits of the findings and criteria sets that are quoted from memory."""
    yield from _limits(lambda leaf: leaf.get("read") == "recalled")


def notes_of_sets() -> Iterator[str]:
    """What the files say to each set: footnotes, what its paper leaves open, and where this program had to choose."""
    for entry in _files()["poems.yaml"]["criteria"].values():
        yield f"**{entry['title']}**"
        yield ""
        yield " ".join(str(entry["about"]).split())
        yield ""
        yield from (f"- {' '.join(str(note).split())}" for note in entry.get("notes", ()))
        yield ""


def pages_differ() -> Iterator[str]:
    """Where pages for patients and the literature disagree, and by which of them the program goes."""
    sections = _files()["syndrome.yaml"]["syndrome"]["sections"]
    section = next(one for one in sections if "differ" in str(one.get("title", "")))
    for fact in section["facts"]:
        mark = ", ".join(str(fact[key]) for key in ("source", "read") if fact.get(key))
        yield f"- {' '.join(str(fact['text']).split())}" + (f" [{mark}]" if mark else "")
    yield ""


def readings_of_ours() -> Iterator[str]:
    """Where a criteria set had to be read in one way or another, with the note that says why."""
    for entry in _files()["poems.yaml"]["criteria"].values():
        notes = {str(one["name"]): str(one["note"]) for one in _marked(entry) if "name" in one and "note" in one}
        yield from (f"- {entry['title']}: {name}. {' '.join(note.split())}" for name, note in notes.items())
    yield ""


def _marked(data: Any) -> Iterator[Mapping[str, Any]]:
    """Every entry that is marked as ours, however deep."""
    if isinstance(data, dict):
        if data.get("default") is True:
            yield data
        for value in data.values():
            yield from _marked(value)
    elif isinstance(data, list):
        for value in data:
            yield from _marked(value)


def _limits(wanted: Callable[[Mapping[str, Any]], bool]) -> Iterator[str]:
    limits: dict[str, list[str]] = {}
    for section in ("findings", "criteria"):
        for data in _files().values():
            for entry in (data.get(section) or {}).values():
                name = str(entry.get("label") or entry["title"])
                limits.setdefault(name, []).extend(_limit(leaf) for leaf in _leaves(entry) if wanted(leaf))
    rows = [(name, "; ".join(dict.fromkeys(found))) for name, found in limits.items() if found]
    yield from table(("finding or criteria set", "limits"), rows)


@cache
def _labels() -> dict[str, str]:
    findings = [found for data in _files().values() for found in (data.get("findings") or {}).items()]
    return {finding_id: str(entry["label"]) for finding_id, entry in findings}


def _leaves(data: Any) -> Iterator[Mapping[str, Any]]:
    """Every comparison of a finding with a number, however deep."""
    if isinstance(data, dict):
        if "finding" in data and data.keys() & _OPERATORS.keys():
            yield data
        for value in data.values():
            yield from _leaves(value)
    elif isinstance(data, list):
        for value in data:
            yield from _leaves(value)


def _limit(leaf: Mapping[str, Any]) -> str:
    operator = next(name for name in _OPERATORS if name in leaf)
    limit = leaf[operator]
    if isinstance(limit, dict):
        limit = f"{limit.get('times_upper')} times the laboratory's upper limit"
    elif limit == "laboratory":
        limit = "the laboratory's own limit"
    unit = "" if leaf.get("unit") in (None, "1", "{ratio}") else str(leaf["unit"]).replace("*", "\\*")  # 10*9/L is not emphasis
    source = f" ({leaf['source']})" if leaf.get("source") else ""
    return f"{_labels()[leaf['finding']]} {_OPERATORS[operator]} {limit} {unit}".rstrip() + source
