"""YAML in: one mapping, a sequence of mappings, or several documents.

Read from the parser's events, without its constructors: a scalar means what ``strict_yaml`` says, a plain ``no`` is the word
that it is, an alias is never followed, a tag never obeyed, and every fault has its line.
"""

import re
from collections.abc import Iterator

import yaml

from poems_cli.errors import Problem
from poems_cli.phrases import quoted
from poems_cli.records.json_records import NESTED, repeated
from poems_cli.records.problem import Flaw, Record
from poems_cli.records.source import Source, empty
from poems_cli.rules.strict_yaml import YamlFault, YamlReader, YamlStop, is_nested_too_deeply

_MOST_FLAWS = 20
_DEEPEST = 50
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTED = re.compile("(?<=')[^']{2,}(?=')")  # a name within the file
_MEND = "check the indentation (spaces, not tabs), the space after each colon, and the quotes"


def _flaws(faults: list[YamlFault]) -> tuple[Flaw, ...]:
    """What was wrong with the record that has just ended; the next one starts clean."""
    found = [flaw for fault in faults if (flaw := _flaw(fault)) is not None]
    faults.clear()
    return tuple(found[:_MOST_FLAWS])


def _flaw(fault: YamlFault) -> Flaw | None:
    """A fault in the words of a record. A patient file needs no anchors, aliases and tags; a plain ``no`` is just a word."""
    match fault.kind:
        case "anchor" | "alias":
            sign = "*" if fault.kind == "alias" else "&"
            message = f"anchors and aliases ({sign}) are not read here (line {fault.line})"
            return Flaw(message, "write the value out, or put it in quotes")
        case "tag":
            return Flaw(f"tags (!) are not read here (line {fault.line})", "leave the tag out, or put the value in quotes")
        case "twice":
            return repeated(fault.word, fault.line)
        case "key":
            message = f"a key must be text, but this is {fault.word} (line {fault.line})"
            return Flaw(message, "write a finding's id before the colon")
    return None


def yaml_records(source: Source) -> Iterator[Record | Problem]:
    """The records of a YAML input. An error of YAML itself ends it; what comes before is still answered."""
    name, skipped = source.name, source.lines
    text = source.document(source.limits.yaml, "YAML document")
    if isinstance(text, Problem):
        yield text
        return
    stray = _NOT_TEXT.search(text)
    if stray:
        line = skipped + 1 + text.count("\n", 0, stray.start())
        yield Problem(f"{name}, line {line}", "this holds a control character, which YAML cannot", "remove it")
        return
    try:
        yield from _records(name, text, skipped)
    except YamlStop:
        yield Problem(name, *NESTED)
    except yaml.MarkedYAMLError as error:
        if is_nested_too_deeply(error):
            yield Problem(name, *NESTED)
            return
        mark = error.problem_mark or error.context_mark
        where = f"{name}, line {skipped + mark.line + 1}, column {mark.column + 1}" if mark else name
        reason = _QUOTED.sub("...", error.problem or "syntax")
        yield Problem(where, f"this is not valid YAML ({quoted(reason)})", _MEND)
    except (yaml.YAMLError, ValueError, OverflowError):  # odd escapes, in the parser without libyaml
        yield Problem(name, "this is not valid YAML", _MEND)


def _records(name: str, text: str, skipped: int) -> Iterator[Record | Problem]:
    texts = ("id", "reason")  # where 0E0 and 1.10 may be either
    reader = YamlReader(text, _DEEPEST, first_line=skipped + 1, texts=texts)
    number = documents = 0
    in_list = False  # an outermost list is taken apart item by item
    for event in reader.events():
        line = reader.line
        if isinstance(event, yaml.DocumentStartEvent):
            in_list = False
        elif isinstance(event, yaml.SequenceStartEvent) and not in_list:
            in_list = True
            documents += 1
            reader.references(event)
        elif isinstance(event, yaml.NodeEvent) and (in_list or not _is_empty(event)):
            value = reader.value(event)
            documents += not in_list
            number += 1
            place = f"{name}, line {line}" if in_list or documents > 1 else name
            yield Record(value, place, number, _flaws(reader.faults))
    if not documents:
        yield empty(name)


def _is_empty(event: yaml.Event) -> bool:
    """Whether this is the whole of an empty document, such as a last ``---`` leaves."""
    return isinstance(event, yaml.ScalarEvent) and not event.value and not event.style
