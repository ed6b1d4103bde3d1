"""JSON in: one object, an array of objects, or one object per line (JSON Lines), which is read line by line.

An array is taken apart one object at a time, so that what comes before an error is still answered.
"""

import json
import re
from collections.abc import Iterator

from poems_cli.errors import Problem
from poems_cli.phrases import quoted
from poems_cli.records.json_window import ValueTooLongError, Window
from poems_cli.records.problem import Flaw, Record, is_label
from poems_cli.records.source import ONE_A_LINE, Source, is_blank, megabytes, not_utf8
from poems_cli.written_numbers import whole_number

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
    return _array_records(source, decoder) if head.lstrip().startswith(b"[") else _document_records(source, decoder)


def repeated(key: str, line: int | None = None) -> Flaw:
    """The flaw of a key given twice in one object."""
    where = "" if line is None else f" (line {line})"
    named = f"the key '{key}'" if is_label(key) else "a key"
    return Flaw(f"{named} is given twice{where}", "keep the one that is right")


def _is_lines(source: Source, head: bytes, decoder: _Decoder) -> bool:
    """Whether an input whose first line opens an object has one object per line."""
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
            yield Problem(place, f"this line is longer than {most} and was skipped", "write one patient per line")
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
    text = source.document(source.limits.json, "JSON value")
    if isinstance(text, Problem):
        yield text
        return
    try:
        value, flaws = decoder.whole(text)
        yield Record(value, source.name, 1, flaws)
    except json.JSONDecodeError as error:
        yield _broken(source.name, error, source.lines)
    except RecursionError:
        yield Problem(source.name, *NESTED)


def _array_records(source: Source, decoder: _Decoder) -> Iterator[Record | Problem]:
    """The members of an array, each as soon as it is read; an error ends it, and what comes before is still answered."""
    window = Window(source)
    try:
        yield from _members(source.name, window, decoder)
    except json.JSONDecodeError as error:
        if window.fault is not None and window.is_cut(error):
            yield _bad_bytes(source.name, window, window.fault)
        else:
            yield _broken(source.name, error, window.line - 1, window.column)
    except ValueTooLongError:
        message = f"this record is longer than {megabytes(source.limits.json)}"
        yield Problem(f"{source.name}, line {window.here()}", message, ONE_A_LINE)
    except RecursionError:
        yield Problem(f"{source.name}, line {window.here()}", *NESTED)
    else:
        if window.fault is not None:
            yield _bad_bytes(source.name, window, window.fault)


def _members(name: str, window: Window, decoder: _Decoder) -> Iterator[Record]:
    window.skip("[")
    number = 0
    is_closed = window.skip("]")
    while not is_closed:
        place = f"{name}, line {window.here()}"
        value, flaws = window.value(decoder.value)
        number += 1
        yield Record(value, place, number, flaws)
        if not window.skip(","):
            is_closed = window.skip("]")
            if not is_closed:
                raise json.JSONDecodeError("Expecting ',' delimiter", window.text, window.at)
    if not window.is_at_end():
        raise json.JSONDecodeError("Extra data", window.text, window.at)


def _bad_bytes(name: str, window: Window, error: UnicodeDecodeError) -> Problem:
    """The problem of bytes within an array that are not UTF-8."""
    before = window.text.encode()
    data = before + error.object[error.start :]
    return not_utf8(name, data, UnicodeDecodeError("utf-8", data, len(before), len(data), error.reason), window.line)


def _broken(name: str, error: json.JSONDecodeError, skipped: int, first_column: int = 1) -> Problem:
    """The problem of a text that is not JSON; the reader's own words carry no values."""
    column = error.colno if error.lineno > 1 else error.colno + first_column - 1
    where = f"{name}, line {error.lineno + skipped}, column {column}"
    if error.msg.startswith("Extra data"):
        mend = "write several patients as an array, [{...}, {...}], or one object per line"
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
