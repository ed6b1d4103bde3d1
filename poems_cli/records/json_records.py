"""JSON in: one object, an array of objects, or one object a line (JSON Lines), which is read line by line.

An array is taken apart one object at a time, so that what comes before an error is still answered.
"""

import json
import re
from collections.abc import Iterator
from math import inf

from poems_cli.errors import Problem
from poems_cli.records.problem import Flaw, Record, quoted
from poems_cli.records.source import Source, is_blank, megabytes, not_utf8

_MOST_DIGITS = 400  # no double is larger; Python refuses to read more than 4300
_MOST_REPEATED = 20
_SPACE = re.compile(r"[ \t\n\r]*")
NESTED = Flaw("this is nested too deeply to be a patient", "a patient is an object of findings, each with one value")


class _Decoder:
    """Reads JSON values and notes keys given twice, which JSON's own reader passes over."""

    __slots__ = ("_read", "_repeated")

    def __init__(self) -> None:
        self._repeated: dict[str, None] = {}
        self._read = json.JSONDecoder(object_pairs_hook=self._object, parse_int=whole_number).raw_decode

    def value(self, text: str, start: int) -> tuple[object, int, tuple[Flaw, ...]]:
        """The value at ``start``, where it ends, and what is wrong with it."""
        self._repeated.clear()
        value, end = self._read(text, start)
        return value, end, tuple(repeated(key) for key in self._repeated)

    def whole(self, text: str) -> tuple[object, tuple[Flaw, ...]]:
        """The one value that ``text`` holds."""
        value, end, flaws = self.value(text, _after_space(text, 0))
        end = _after_space(text, end)
        if end < len(text):
            raise json.JSONDecodeError("Extra data", text, end)
        return value, flaws

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) < len(pairs) and len(self._repeated) < _MOST_REPEATED:
            seen = set()
            for key, _ in pairs:
                if key in seen:
                    self._repeated[key] = None
                seen.add(key)
        return members


def json_records(source: Source, head: bytes, lines: bool) -> Iterator[Record | Problem]:
    """The records of a JSON input that begins with ``head``; ``lines`` says that its name promises JSON Lines."""
    decoder = _Decoder()
    if lines or (head.lstrip().startswith(b"{") and _is_lines(source, head, decoder)):
        return _line_records(source, decoder)
    return _document_records(source, decoder)


def repeated(key: str, line: int | None = None) -> Flaw:
    """The flaw of a key given twice in one object."""
    where = "" if line is None else f" (line {line})"
    return Flaw(f"the key '{quoted(key)}' is given twice{where}", "keep the one that is right")


def whole_number(digits: str) -> int | float:
    """The number that digits stand for; infinite where it is beyond any measurement, which later is refused."""
    if len(digits) > _MOST_DIGITS:
        return -inf if digits.startswith("-") else inf
    return int(digits)


def _is_lines(source: Source, head: bytes, decoder: _Decoder) -> bool:
    """Whether an input whose first line opens an object has one object a line."""
    if len(head) > source.limits.line and not head.endswith(b"\n"):
        return True
    try:
        decoder.whole(head.decode())
    except (ValueError, RecursionError):
        # A broken first line must not hide the others: within one JSON value an object follows only these three.
        return source.following().lstrip().startswith(b"{") and not head.rstrip().endswith((b":", b",", b"["))
    return True


def _line_records(source: Source, decoder: _Decoder) -> Iterator[Record | Problem]:
    number = 0
    while (line := source.line()) != b"":
        place = f"{source.name}, line {source.lines}"
        if line is None:
            number += 1
            most = megabytes(source.limits.line)
            yield Problem(place, f"this line is longer than {most} and was passed over", "write one patient a line")
        elif not is_blank(line):
            number += 1
            yield _line_record(source, decoder, line, Record(None, place, number))


def _line_record(source: Source, decoder: _Decoder, line: bytes, record: Record) -> Record | Problem:
    try:
        value, flaws = decoder.whole(line.decode())
    except UnicodeDecodeError as error:
        return not_utf8(source.name, line, error, source.lines)
    except json.JSONDecodeError as error:
        return _broken(source.name, error, source.lines - 1)
    except RecursionError:
        return Problem(record.place, *NESTED)
    return record._replace(value=value, flaws=flaws)


def _document_records(source: Source, decoder: _Decoder) -> Iterator[Record | Problem]:
    skipped = source.lines
    data = source.document(source.limits.json)
    if data is None:
        mend = "write the patients as JSON Lines, one object a line, which may be of any length"
        yield Problem(source.name, f"this JSON document is larger than {megabytes(source.limits.json)}", mend)
        return
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        yield not_utf8(source.name, data, error, skipped + 1)
        return
    del data
    try:
        if text.startswith("[", _after_space(text, 0)):
            yield from _items(source.name, text, decoder, skipped)
        else:
            value, flaws = decoder.whole(text)
            yield Record(value, source.name, 1, flaws)
    except json.JSONDecodeError as error:
        yield _broken(source.name, error, skipped)
    except RecursionError:
        yield Problem(source.name, *NESTED)


def _items(name: str, text: str, decoder: _Decoder, skipped: int) -> Iterator[Record]:
    """The members of the array that ``text`` holds, each as soon as it is read."""
    at = _after_space(text, _after_space(text, 0) + 1)
    number, line, counted = 0, skipped + 1, 0
    more = not text.startswith("]", at)
    while more:
        value, end, flaws = decoder.value(text, at)
        number += 1
        line += text.count("\n", counted, at)
        counted = at
        yield Record(value, f"{name}, line {line}", number, flaws)
        at = _after_space(text, end)
        more = text.startswith(",", at)
        if more:
            at = _after_space(text, at + 1)
    if not text.startswith("]", at):
        raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
    at = _after_space(text, at + 1)
    if at < len(text):
        raise json.JSONDecodeError("Extra data", text, at)


def _broken(name: str, error: json.JSONDecodeError, skipped: int) -> Problem:
    """The problem of a text that is not JSON; the reader's own words carry no values."""
    where = f"{name}, line {error.lineno + skipped}, column {error.colno}"
    if error.msg.startswith("Extra data"):
        mend = "write several patients as an array, [{...}, {...}], or one object a line"
        return Problem(where, "something follows the end of the JSON value", mend)
    if error.msg.startswith("Unterminated string") or error.pos >= len(error.doc.rstrip()):
        return Problem(where, "the JSON ends too early", "it may be cut off: close every quote, brace and bracket")
    reason = quoted(error.msg[:1].lower() + error.msg[1:]).removesuffix(" at").removesuffix(": ")
    mend = "JSON has double quotes around keys and text, true, false and null, and no comma after the last member"
    if error.pos <= _after_space(error.doc, 0):
        mend = "JSON begins with { or [; a YAML file needs a name that ends in .yaml"
    return Problem(where, f"this is not valid JSON ({reason})", mend)


def _after_space(text: str, start: int) -> int:
    match = _SPACE.match(text, start)
    return match.end() if match else start
