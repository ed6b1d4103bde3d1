"""Strict YAML: plain data with the line of every entry, and every fault collected instead of the first.

Stricter than YAML 1.1: a key may stand once, ``yes`` and ``no`` are words (only ``true`` and ``false`` are truths), ``1e3`` is
a number and ``007`` is none, and there are no dates or tags. ``plain_scalar`` is the one meaning of a scalar without quotes, in
rules, mappings and records. In rules, a word that other readers take for a truth is a problem, not a surprise.
"""

import re
from collections.abc import Iterator
from math import inf, isfinite, nan
from typing import Any, NamedTuple, TypeAlias

import yaml

from poems_cli.errors import Problem
from poems_cli.written_numbers import whole_number

try:
    from yaml import CSafeLoader as _Loader  # ten times faster than the loader written in Python
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Path: TypeAlias = tuple[str | int, ...]


class RuleProblem(NamedTuple):
    """One thing wrong with a rules file, where, and how to mend it."""

    file: str
    line: int
    path: str
    message: str
    mend: str

    @property
    def problem(self) -> Problem:
        """The same without its parts."""
        at = f"({self.path}) " if self.path else ""
        return Problem(f"{self.file}:{self.line}", f"{at}{self.message}", self.mend)

    def __str__(self) -> str:
        # keys may hold line breaks
        return "".join([letter if letter.isprintable() else ascii(letter)[1:-1] for letter in str(self.problem)])


class Document(NamedTuple):
    """A rules file read: its data, the line of each entry by path, and what was wrong with it."""

    file: str
    data: Any
    lines: dict[Path, int]
    problems: list[RuleProblem]

    def line(self, path: Path) -> int:
        """The line of an entry, or of the nearest entry around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


_MAX_DEPTH = 60
_MAX_ENTRIES = 100_000  # aliases may repeat an entry; a bomb of them stops here
_NULLS = ("", "~", "null", "Null", "NULL")
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NOT_NUMBERS = (".nan", ".NaN", ".NAN")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)")
_SURPRISING = {"yes", "no", "on", "off"}


def read_yaml(file: str, text: str) -> Document:
    """Read one rules file. Never raises for what the text holds: faults are in ``problems``."""
    document = Document(file, {}, {}, [])
    try:
        if not _composable(document, text):
            return document
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = getattr(error, "problem", None) or "this is not YAML"
        if "nesting depth" in reason:  # PyYAML 6.0.4 and later stop there by themselves
            _report(document, line, "", "nested too deeply", f"Keep within {_MAX_DEPTH} levels.")
            return document
        _report(document, line, "", f"not readable as YAML: {reason}", "Check indentation, quotes and colons there.")
        return document
    if root is None:
        _report(document, 1, "", "the file is empty", "Start from a copy of the built-in rules: poems rules show --path.")
        return document
    data = _build(root, (), document)
    if len(document.lines) > _MAX_ENTRIES:
        _report(document, 1, "", "the file holds too much once its aliases are written out", "Use fewer aliases.")
    return document._replace(data=data)


def _composable(document: Document, text: str) -> bool:
    """Whether the nodes can be built: the C loader crashes the process on deep nesting, and an alias of itself has no end."""
    open_anchors: list[str | None] = []
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) and event.anchor in open_anchors:
            _report(
                document, line, "", f"the alias {event.anchor!r} stands inside the entry that it names", "Write the entry out."
            )
            return False
        if isinstance(event, yaml.CollectionEndEvent):
            open_anchors.pop()
        elif isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag is not None:
            _report(document, line, "", f"the tag {event.tag!r} is not used here", "Remove it.")
        if isinstance(event, yaml.CollectionStartEvent):
            open_anchors.append(event.anchor)
            if len(open_anchors) > _MAX_DEPTH:
                _report(document, line, "", "nested too deeply", f"Keep within {_MAX_DEPTH} levels.")
                return False
    return True


def _report(document: Document, line: int, path: str, message: str, mend: str) -> None:
    document.problems.append(RuleProblem(document.file, line, path, message, mend))


def _build(node: yaml.Node, path: Path, document: Document) -> Any:
    if len(document.lines) > _MAX_ENTRIES:
        return None
    document.lines[path] = node.start_mark.line + 1
    if len(path) > _MAX_DEPTH:
        _report(document, node.start_mark.line + 1, dotted(path), "nested too deeply", f"Keep within {_MAX_DEPTH} levels.")
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, number), document) for number, child in enumerate(node.value)]
    return _scalar(node, path, document)


def _mapping(node: yaml.MappingNode, path: Path, document: Document) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            _report(document, line, dotted(path), "a key must be a word", "Write the key as plain text.")
            continue
        key = key_node.value
        if key in built:
            first = document.lines[(*path, key)]
            _report(document, line, dotted((*path, key)), f"the key {key!r} stands twice (first on line {first})", "Keep one.")
            continue
        built[key] = _build(value_node, (*path, key), document)
        document.lines[(*path, key)] = line
    return built


def _scalar(node: yaml.Node, path: Path, document: Document) -> Any:
    text: str = node.value
    if getattr(node, "style", None) in ("'", '"', "|", ">"):
        return text
    value = plain_scalar(text)
    if isinstance(value, float) and not isfinite(value):
        return text
    if value == text and (text.lower() in _SURPRISING or node.tag == "tag:yaml.org,2002:bool"):
        _report(
            document,
            node.start_mark.line + 1,
            dotted(path),
            f"{text!r} is read as a truth value by some YAML readers and as a word by others",
            "Write true or false, or put the word in quotes.",
        )
    return value


def yaml_events(text: str) -> Iterator[yaml.Event]:
    """The events of a YAML text, for reading it record by record. Raises ``yaml.YAMLError`` where it is no YAML."""
    yield from yaml.parse(text, Loader=_Loader)


def plain_scalar(text: str) -> Any:
    """What a person reads in a scalar without quotes: nothing, a truth, a number, or the text as it is written."""
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _WHOLE.fullmatch(text):
        return whole_number(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return -inf if text.startswith("-") else inf
    return nan if text in _NOT_NUMBERS else text


def dotted(path: Path) -> str:
    """A path for people: ``findings.platelets.when.any[0]``."""
    written = ""
    for step in path:
        written += f"[{step}]" if isinstance(step, int) else f".{step}" if written else step
    return written
