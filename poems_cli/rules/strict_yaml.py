"""Strict YAML: plain data with the line of every entry, and every fault collected instead of the first.

Stricter than YAML 1.1: a key may appear once, ``yes`` and ``no`` are words (only ``true`` and ``false`` are truths), ``1e3`` is
a number and ``007`` is none, and there are no dates or tags. ``plain_scalar`` is the one meaning of a scalar without quotes, in
rules, mappings and records. In rules, a word that other readers take for a truth is a problem, not a surprise.
"""

import re
from collections.abc import Collection, Iterator
from copy import deepcopy
from math import inf, isfinite, nan
from typing import Any, Literal, NamedTuple, TypeAlias, cast

import yaml

from poems_cli.errors import Problem
from poems_cli.written_numbers import is_number, whole_number

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
        return str(self.problem)


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

    def problem(self, path: Path, message: str, mend: str) -> RuleProblem:
        """What is wrong with an entry, at its line."""
        return RuleProblem(self.file, self.line(path), dotted(path), message, mend)


_MAX_DEPTH = 60
_MAX_ENTRIES = 100_000  # aliases may repeat an entry; a bomb of them stops here
_NULLS = ("", "~", "null", "Null", "NULL")
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NOT_NUMBERS = (".nan", ".NaN", ".NAN")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)")
_SURPRISING = {"yes", "no", "on", "off"}
_TOO_DEEP = "nesting depth"


class YamlFault(NamedTuple):
    """Something in a YAML text that is not taken: where, and the word that it is about."""

    kind: Literal["tag", "anchor", "alias", "itself", "undefined", "deep", "much", "key", "twice", "surprising", "second"]
    line: int
    path: Path = ()
    word: str = ""


class YamlStop(Exception):  # noqa: N818  # not an error of the program
    """The rest of a YAML text is not read, because of a fault."""

    def __init__(self, fault: YamlFault) -> None:
        super().__init__(fault.kind)
        self.fault = fault


def is_nested_too_deeply(error: yaml.YAMLError) -> bool:
    """Whether the parser itself gave up on the depth of a text, as PyYAML 6.0.4 and later do."""
    return _TOO_DEEP in (getattr(error, "problem", None) or "")


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


class YamlReader:
    """Makes plain data of the events of a YAML text, and notes what is wrong. Raises ``yaml.YAMLError`` where it is not YAML.

    ``line`` is that of the event read last. With ``follows_aliases`` an alias repeats the entry that it names, and ``lines``
    are those of all entries by path; else it is a fault. A number under one of the keys ``texts`` stays as it is written.
    """

    def __init__(
        self, text: str, deepest: int, *, first_line: int = 1, follows_aliases: bool = False, texts: Collection[str] = ()
    ) -> None:
        self.line = first_line
        self.faults: list[YamlFault] = []
        self.lines: dict[Path, int] = {}
        self._events = yaml.parse(text, Loader=_Loader)
        self._first_line = first_line
        self._anchors: dict[str, tuple[object, Path]] = {}
        self._open: list[str | None] = []  # the anchors of the lists and mappings that are being read
        self._deepest = deepest
        self._follows = follows_aliases
        self._texts = texts

    def events(self) -> Iterator[yaml.Event]:
        """The events that are left; those of a value are read with it."""
        for event in self._events:
            self.line = self._first_line + (event.start_mark.line if event.start_mark else 0)
            yield event

    def references(self, event: yaml.NodeEvent) -> None:
        """Note the tag of an event, and its anchor or alias where these are not followed."""
        if event.anchor is not None and not self._follows:
            self.faults.append(YamlFault("alias" if isinstance(event, yaml.AliasEvent) else "anchor", self.line))
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.faults.append(YamlFault("tag", self.line, word=str(tag)))

    def value(self, event: yaml.NodeEvent, path: Path = (), key: str | None = None) -> object:
        """The value that begins with an event, at a path; ``key`` is that of a mapping. Raises :class:`YamlStop`."""
        self.references(event)
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event.anchor or "", path) if self._follows else None
        if isinstance(event, yaml.CollectionStartEvent) and len(self._open) >= self._deepest:
            raise YamlStop(YamlFault("deep", self.line))
        self._note(path, self.line)
        value: object
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, path, key)
        else:
            self._open.append(event.anchor)
            value = self._list(path) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(path)
            self._open.pop()
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, path)
        return value

    def _list(self, path: Path) -> list[object]:
        items: list[object] = []
        for event in self.events():
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self.value(cast("yaml.NodeEvent", event), (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, object]:
        members: dict[str, object] = {}
        for event in self.events():
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = self.line
            key = self._key(cast("yaml.NodeEvent", event), path)
            if key in members:
                self.faults.append(YamlFault("twice", line, (*path, key), key))
            kept = None if key in members else key
            place = (*path, "?" if kept is None else kept)
            value = self.value(cast("yaml.NodeEvent", next(self.events())), place, key)
            if kept is not None:
                members[kept] = value
                self._note(place, line)
        return members

    def _key(self, event: yaml.NodeEvent, path: Path) -> str | None:
        """The key that begins with an event, if it is a word."""
        line = self.line
        if isinstance(event, yaml.ScalarEvent):
            self.references(event)
            return str(event.value)
        key = self.value(event, path)
        if isinstance(key, str):
            return key
        kind = "a list" if isinstance(key, list) else "an object" if isinstance(key, dict) else "null"
        self.faults.append(YamlFault("key", line, path, kind))
        return None

    def _scalar(self, event: yaml.ScalarEvent, path: Path, key: str | None) -> object:
        value = event.value if event.style else plain_scalar(event.value)
        if not event.style and event.value.lower() in _SURPRISING:
            self.faults.append(YamlFault("surprising", self.line, path, event.value))
        if is_number(value) and (key in self._texts or (self._follows and not isfinite(value))):
            return event.value  # no rule has a limit that is not a number
        return value

    def _aliased(self, name: str, here: Path) -> object:
        """A copy of the entry that an alias names, with the lines of all that is in it."""
        if name in self._open:
            raise YamlStop(YamlFault("itself", self.line, word=name))
        if name not in self._anchors:
            raise YamlStop(YamlFault("undefined", self.line, word=name))
        value, named = self._anchors[name]
        length = len(named)
        below = [(path, at) for path, at in self.lines.items() if path[:length] == named]
        if max((len(path) for path, _ in below), default=0) - length + len(here) > self._deepest:
            self.faults.append(YamlFault("deep", self.line, here))
            return None
        for path, at in below:
            self._note((*here, *path[length:]), at)
        return deepcopy(value)

    def _note(self, path: Path, line: int) -> None:
        if self._follows:
            self.lines[path] = line
            if len(self.lines) > _MAX_ENTRIES:
                raise YamlStop(YamlFault("much", 1))


def read_yaml(file: str, text: str) -> Document:
    """Read one rules file. Never raises for what the text holds: faults are in ``problems``."""
    reader = YamlReader(text, _MAX_DEPTH, follows_aliases=True)
    document = Document(file, {}, reader.lines, [])
    stopped: YamlFault | None = None
    value: object = {}
    try:
        value = _single_value(reader)
    except YamlStop as stop:
        stopped = stop.fault
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        if not is_nested_too_deeply(error):
            message = f"not readable as YAML: {getattr(error, 'problem', None) or 'this is not YAML'}"
            problem = RuleProblem(file, line, "", message, "Check indentation, quotes and colons there.")
            return Document(file, {}, {}, [problem])
        stopped = YamlFault("deep", line)
    faults = reader.faults if stopped is None else [*reader.faults, stopped]
    document.problems.extend([_problem(document, fault) for fault in faults])
    if stopped is None and not reader.lines:
        mend = "Start from a copy of the built-in rules: poems rules show --path."
        document.problems.append(document.problem((), "the file is empty", mend))
    return document._replace(data=value)


def _single_value(reader: YamlReader) -> object:
    """The one value of a text, or an empty mapping."""
    value: object = {}
    is_read = False
    for event in reader.events():
        if isinstance(event, yaml.DocumentStartEvent) and is_read:
            raise YamlStop(YamlFault("second", reader.line))
        if isinstance(event, yaml.NodeEvent):
            value, is_read = reader.value(event), True
    return value


def _problem(document: Document, fault: YamlFault) -> RuleProblem:
    """A fault in the words of a rules file."""
    first = document.lines.get(fault.path, 1)
    messages = {
        "tag": (f"the tag {fault.word!r} is not used here", "Remove it."),
        "itself": (f"the alias {fault.word!r} is inside the entry that it names", "Write the entry out."),
        "undefined": (f"the alias {fault.word!r} names no entry above it", "Write the entry out."),
        "deep": ("nested too deeply", f"Keep within {_MAX_DEPTH} levels."),
        "much": ("the file holds too much once its aliases are written out", "Use fewer aliases."),
        "key": ("a key must be a word", "Write the key as plain text."),
        "twice": (f"the key {fault.word!r} appears twice (first on line {first})", "Keep one."),
        "second": ("not readable as YAML: the file holds a second document", "Leave out the second ---."),
        "surprising": (
            f"{fault.word!r} is read as a truth value by some YAML readers and as a word by others",
            "Write true or false, or put the word in quotes.",
        ),
    }
    return RuleProblem(document.file, fault.line, dotted(fault.path), *messages[fault.kind])


def dotted(path: Path) -> str:
    """A path for people: ``findings.platelets.when.any[0]``."""
    written = ""
    for step in path:
        written += f"[{step}]" if isinstance(step, int) else f".{step}" if written else step
    return written
