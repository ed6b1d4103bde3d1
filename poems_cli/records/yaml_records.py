"""YAML in: one mapping, a sequence of mappings, or several documents.

Read from the parser's events, without its constructors: a scalar means what ``strict_yaml`` says, a plain ``no`` is the word
that it is, an alias is never followed, a tag never obeyed, and every fault has its line.
"""

import re
from collections.abc import Iterator

import yaml

from poems_cli.errors import Problem
from poems_cli.records.json_records import NESTED, repeated
from poems_cli.records.problem import Flaw, Record, kind_of, quoted
from poems_cli.records.source import Source, empty, megabytes, not_utf8
from poems_cli.rules.strict_yaml import plain_scalar, yaml_events

_MOST_FLAWS = 20
_DEEPEST = 50
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTED = re.compile("(?<=')[^']{2,}(?=')")  # a name within the file
_TOO_DEEP = "nesting depth"
_MEND = "check the indentation (spaces, not tabs), the space after each colon, and the quotes"


class _TooDeepError(Exception):
    """Nested deeper than any patient is."""


class _Open:
    """A list or mapping while it is read; ``key`` waits for its value."""

    __slots__ = ("items", "key", "line", "members")

    def __init__(self, line: int, is_list: bool) -> None:
        self.line = line
        self.items: list[object] | None = [] if is_list else None
        self.members: dict[str, object] = {}
        self.key: str | None = None

    @property
    def wants_key(self) -> bool:
        """Whether the next value is a key."""
        return self.items is None and self.key is None


class _Builder:
    """Makes plain data of the events of one record after another, and notes what is wrong with each."""

    __slots__ = ("_flaws", "_open", "value")

    def __init__(self) -> None:
        self.value: object = None
        self._open: list[_Open] = []
        self._flaws: list[Flaw] = []

    @property
    def depth(self) -> int:
        """How many lists and mappings are open."""
        return len(self._open)

    def take(self, event: yaml.Event, line: int) -> bool:
        """Build on; true when an outermost value has ended, which then is in ``value``."""
        if isinstance(event, yaml.NodeEvent):
            self.refuse_references(event, line)
        if isinstance(event, yaml.CollectionStartEvent):
            if self.depth >= _DEEPEST:
                raise _TooDeepError
            self._open.append(_Open(line, isinstance(event, yaml.SequenceStartEvent)))
            return False
        if isinstance(event, yaml.CollectionEndEvent) and self._open:
            ended = self._open.pop()
            self._put(ended.members if ended.items is None else ended.items, ended.line)
        elif isinstance(event, yaml.ScalarEvent):
            is_key = bool(self._open) and self._open[-1].wants_key
            self._put(event.value if event.style or is_key else self._plain(event.value), line)
        elif isinstance(event, yaml.AliasEvent):
            self._put(None, line)
        else:
            return False
        return not self._open

    def _plain(self, text: str) -> object:
        """A scalar without quotes; an id or a reason stays as it is written, since 0E0 and 1.10 may be either."""
        value = plain_scalar(text)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return text if is_number and self._open and self._open[-1].key in ("id", "reason") else value

    def refuse_references(self, event: yaml.NodeEvent, line: int) -> None:
        """A patient file needs no anchors, aliases and tags; followed, they can fill a memory or run a program."""
        if event.anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            message = f"anchors and aliases ({sign}) are not read here (line {line})"
            self._refuse(Flaw(message, "write the value out, or put it in quotes"))
        if getattr(event, "tag", None) is not None:
            message = f"tags (!) are not read here (line {line})"
            self._refuse(Flaw(message, "leave the tag out, or put the value in quotes"))

    def flaws(self) -> tuple[Flaw, ...]:
        """What was wrong with the record that has just ended; the next one starts clean."""
        found, self._flaws = tuple(self._flaws), []
        return found

    def _refuse(self, flaw: Flaw) -> None:
        if len(self._flaws) < _MOST_FLAWS:
            self._flaws.append(flaw)

    def _put(self, value: object, line: int) -> None:
        """Put a value into the innermost list or mapping, as its next item, key or member."""
        if not self._open:
            self.value = value
            return
        inner = self._open[-1]
        if inner.items is not None:
            inner.items.append(value)
        elif inner.key is not None:
            inner.members[inner.key] = value
            inner.key = None
        elif isinstance(value, str):
            if value in inner.members:
                self._refuse(repeated(value, line))
            inner.key = value
        else:
            message = f"a key is text, but here is {kind_of(value)} (line {line})"
            self._refuse(Flaw(message, "write a finding's id before the colon"))
            inner.key = "?"


def yaml_records(source: Source) -> Iterator[Record | Problem]:
    """The records of a YAML input. An error of YAML itself ends it; what stands before is still answered."""
    name, skipped = source.name, source.lines
    data = source.document(source.limits.yaml)
    if data is None:
        mend = "write the patients as JSON Lines, one object a line; there may be any number of them"
        yield Problem(name, f"this YAML document is larger than {megabytes(source.limits.yaml)}", mend)
        return
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        yield not_utf8(name, data, error, skipped + 1)
        return
    stray = _NOT_TEXT.search(text)
    if stray:
        line = skipped + 1 + text.count("\n", 0, stray.start())
        yield Problem(f"{name}, line {line}", "this holds a control character, which YAML cannot", "take it out")
        return
    try:
        yield from _records(name, text, skipped)
    except _TooDeepError:
        yield Problem(name, *NESTED)
    except yaml.MarkedYAMLError as error:
        if _TOO_DEEP in (error.problem or ""):  # PyYAML 6.0.4 and later stop there by themselves
            yield Problem(name, *NESTED)
            return
        mark = error.problem_mark or error.context_mark
        where = f"{name}, line {skipped + mark.line + 1}, column {mark.column + 1}" if mark else name
        reason = _QUOTED.sub("...", error.problem or "syntax")
        yield Problem(where, f"this is not valid YAML ({quoted(reason)})", _MEND)
    except (yaml.YAMLError, ValueError, OverflowError):  # odd escapes, in the parser without libyaml
        yield Problem(name, "this is not valid YAML", _MEND)


def _records(name: str, text: str, skipped: int) -> Iterator[Record | Problem]:
    builder = _Builder()
    number = documents = line = 0
    in_list = False  # an outermost list is taken apart item by item
    for event in yaml_events(text):
        here = skipped + 1 + (event.start_mark.line if event.start_mark else 0)
        if builder.depth == 0:
            line = here
            if isinstance(event, yaml.DocumentStartEvent):
                in_list = False
            elif isinstance(event, yaml.SequenceStartEvent) and not in_list:
                in_list = True
                documents += 1
                builder.refuse_references(event, here)
                continue
            elif not in_list and _is_empty(event):
                continue
        if builder.take(event, here):
            documents += not in_list
            number += 1
            place = f"{name}, line {line}" if in_list or documents > 1 else name
            yield Record(builder.value, place, number, builder.flaws())
    if not documents:
        yield empty(name)


def _is_empty(event: yaml.Event) -> bool:
    """Whether this is the whole of an empty document, such as a last ``---`` leaves."""
    return isinstance(event, yaml.ScalarEvent) and not event.value and not event.style
