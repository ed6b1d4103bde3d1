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


def yaml_events(text: str) -> Iterator[yaml.Event]:
    """The events of a YAML text. Raises ``yaml.YAMLError`` where it is not YAML."""
    yield from yaml.parse(text, Loader=_Loader)


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


class _Open:
    """A list or mapping while it is read; ``key`` waits for its value, ``skips`` says that this value is not kept."""

    __slots__ = ("anchor", "items", "key", "key_line", "line", "members", "path", "skips")

    def __init__(self, line: int, is_list: bool, path: Path, anchor: str | None) -> None:
        self.line = line
        self.path = path
        self.anchor = anchor
        self.items: list[object] | None = [] if is_list else None
        self.members: dict[str, object] = {}
        self.key: str | None = None
        self.key_line = 0
        self.skips = False

    @property
    def wants_key(self) -> bool:
        """Whether the next value is a key."""
        return self.items is None and self.key is None


class YamlBuilder:
    """Makes plain data of the events of one value after another, and notes what is wrong.

    With ``follows_aliases`` an alias repeats the entry that it names, and ``lines`` are those of all entries by path; else it
    is a fault. A number under one of the keys ``texts`` stays as it is written.
    """

    __slots__ = ("_anchors", "_deepest", "_follows", "_open", "_texts", "faults", "lines", "value")

    def __init__(self, deepest: int, *, follows_aliases: bool = False, texts: Collection[str] = ()) -> None:
        self.value: object = None
        self.faults: list[YamlFault] = []
        self.lines: dict[Path, int] = {}
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[object, Path]] = {}
        self._deepest = deepest
        self._follows = follows_aliases
        self._texts = texts

    @property
    def depth(self) -> int:
        """How many lists and mappings are open."""
        return len(self._open)

    def take(self, event: yaml.Event, line: int) -> bool:
        """Build on; true when an outermost value has ended, which then is in ``value``. Raises :class:`YamlStop`."""
        if isinstance(event, yaml.NodeEvent):
            self.references(event, line)
        if isinstance(event, yaml.CollectionStartEvent):
            if self.depth >= self._deepest:
                raise YamlStop(YamlFault("deep", line))
            path = self._path()
            self._note(path, line)
            self._open.append(_Open(line, isinstance(event, yaml.SequenceStartEvent), path, event.anchor))
            return False
        if isinstance(event, yaml.CollectionEndEvent) and self._open:
            ended = self._open.pop()
            value: object = ended.members if ended.items is None else ended.items
            if ended.anchor is not None:
                self._anchors[ended.anchor] = (value, ended.path)
            self._put(value, ended.line)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.AliasEvent):
            self._put(self._aliased(event.anchor or "", line) if self._follows else None, line)
        else:
            return False
        return not self._open

    def references(self, event: yaml.NodeEvent, line: int) -> None:
        """Note the tag of an event, and its anchor or alias where these are not followed."""
        if event.anchor is not None and not self._follows:
            self.faults.append(YamlFault("alias" if isinstance(event, yaml.AliasEvent) else "anchor", line))
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.faults.append(YamlFault("tag", line, word=str(tag)))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        inner = self._open[-1] if self._open else None
        if inner is not None and inner.wants_key:
            self._put(event.value, line)
            return
        path = self._path()
        self._note(path, line)
        value = event.value if event.style else plain_scalar(event.value)
        if not event.style and event.value.lower() in _SURPRISING:
            self.faults.append(YamlFault("surprising", line, path, event.value))
        stays_text = inner is not None and inner.key in self._texts
        if is_number(value) and (stays_text or (self._follows and not isfinite(cast("float", value)))):
            value = event.value  # no rule has a limit that is not a number
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, path)
        self._put(value, line)

    def _aliased(self, name: str, line: int) -> object:
        """A copy of the entry that an alias names, with the lines of all that is in it."""
        if any(collection.anchor == name for collection in self._open):
            raise YamlStop(YamlFault("itself", line, word=name))
        if name not in self._anchors:
            raise YamlStop(YamlFault("undefined", line, word=name))
        value, named = self._anchors[name]
        here, length = self._path(), len(named)
        below = [(path, at) for path, at in self.lines.items() if path[:length] == named]
        if max((len(path) for path, _ in below), default=0) - length + len(here) > self._deepest:
            self.faults.append(YamlFault("deep", line, here))
            return None
        for path, at in below:
            self._note((*here, *path[length:]), at)
        return deepcopy(value)

    def _path(self) -> Path:
        """The place of the next value."""
        if not self._open or not self._follows:
            return ()
        inner = self._open[-1]
        if inner.items is not None:
            return (*inner.path, len(inner.items))
        return inner.path if inner.key is None else (*inner.path, "?" if inner.skips else inner.key)

    def _note(self, path: Path, line: int) -> None:
        if self._follows:
            self.lines[path] = line
            if len(self.lines) > _MAX_ENTRIES:
                raise YamlStop(YamlFault("much", 1))

    def _put(self, value: object, line: int) -> None:
        """Put a value into the innermost list or mapping, as its next item, key or member."""
        if not self._open:
            self.value = value
            return
        inner = self._open[-1]
        if inner.items is not None:
            inner.items.append(value)
        elif inner.key is not None:
            if not inner.skips:
                inner.members[inner.key] = value
                self._note((*inner.path, inner.key), inner.key_line)
            inner.key, inner.skips = None, False
        elif not isinstance(value, str):
            kind = "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else "null"
            self.faults.append(YamlFault("key", line, inner.path, kind))
            inner.key, inner.skips = "?", True
        else:
            inner.skips = value in inner.members
            if inner.skips:
                self.faults.append(YamlFault("twice", line, (*inner.path, value), value))
            inner.key, inner.key_line = value, line


def read_yaml(file: str, text: str) -> Document:
    """Read one rules file. Never raises for what the text holds: faults are in ``problems``."""
    builder = YamlBuilder(_MAX_DEPTH, follows_aliases=True)
    document = Document(file, {}, builder.lines, [])
    stopped = _built(builder, text, document)
    document.problems.extend([_problem(document, fault) for fault in (*builder.faults, *stopped)])
    if stopped or (document.problems and not builder.lines):
        return document
    if not builder.lines:
        mend = "Start from a copy of the built-in rules: poems rules show --path."
        return document._replace(problems=[RuleProblem(file, 1, "", "the file is empty", mend)])
    return document._replace(data=builder.value)


def _built(builder: YamlBuilder, text: str, document: Document) -> tuple[YamlFault, ...]:
    """Build the one value of a text; the fault for which its rest was not read, if there is one."""
    line = 1
    is_done = False
    try:
        for event in yaml_events(text):
            line = event.start_mark.line + 1 if event.start_mark else line
            if isinstance(event, yaml.DocumentStartEvent) and is_done:
                return (YamlFault("second", line),)
            is_done = builder.take(event, line) or is_done
    except YamlStop as stop:
        return (stop.fault,)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        if is_nested_too_deeply(error):
            return (YamlFault("deep", line),)
        builder.lines.clear()
        builder.faults.clear()
        reason = getattr(error, "problem", None) or "this is not YAML"
        _report(document, line, f"not readable as YAML: {reason}", "Check indentation, quotes and colons there.")
    return ()


def _report(document: Document, line: int, message: str, mend: str) -> None:
    document.problems.append(RuleProblem(document.file, line, "", message, mend))


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
