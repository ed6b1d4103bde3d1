"""Patients from files and standard input: which format each has; one bad file or record never stops the rest."""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, Protocol, TypeAlias

from poems_cli.errors import Problem
from poems_cli.records.json_records import json_records
from poems_cli.records.other_kinds import other_record, other_text, unwrapped
from poems_cli.records.problem import Reading, Record
from poems_cli.records.source import Limits, Source, empty, file_name, is_blank, unopened, utf16

_SPACE = b"\xef\xbb\xbf \t\r\n"
_LINES_OF_XML = 4
_STANDARD_INPUT = "standard input"
_LIMITS = Limits()


#: The records of a file, if it is a table.
Tables: TypeAlias = Callable[[str], Iterator[Record | Reading | Problem] | None]


class Reader(Protocol):
    """What understands records."""

    def read(self, record: Record) -> Reading:
        """Give the patient of a record, or what is wrong with it."""


def no_tables(_path: str) -> None:
    """Read no file as a table."""


def read_inputs(
    paths: Sequence[str], reader: Reader, stdin: BinaryIO, limits: Limits = _LIMITS, tables: Tables = no_tables
) -> Iterator[Reading]:
    """Every record of every input, in order, as ``reader`` understands it; ``tables`` reads the files that are tables."""
    taken = False
    for path in paths:
        if path != "-":
            records = tables(path)
            yield from _from_file(path, reader, limits) if records is None else _understood(file_name(path), records, reader)
        elif taken:
            yield _refused(Problem(_STANDARD_INPUT, "it is named twice, but can be read only once", "name - only once"))
        else:
            taken = True
            yield from _readings(Source(_STANDARD_INPUT, stdin, limits), "", reader)


def _from_file(path: str, reader: Reader, limits: Limits) -> Iterator[Reading]:
    try:
        stream = open(path, "rb")  # noqa: SIM115  (only the opening may fail with a ValueError)
    except (OSError, ValueError) as error:
        yield _refused(unopened(path, error))
        return
    with stream:
        try:
            yield from _readings(Source(file_name(path), stream, limits), path.rpartition(".")[2].lower(), reader)
        except OSError as error:
            yield _refused(unopened(path, error))


def _readings(source: Source, extension: str, reader: Reader) -> Iterator[Reading]:
    return _understood(source.name, _records(source, extension), reader)


def _understood(name: str, records: Iterator[Record | Reading | Problem], reader: Reader) -> Iterator[Reading]:
    """What each record of one input holds. If the first one is of another kind, so is the rest, which may be long."""
    found = False
    for record in records:
        if isinstance(record, Record):
            kind = other_record(record.value)
            if kind is not None and not found:
                yield _refused(Problem(name, *kind))
                return
            for each in unwrapped(record) or (record,):
                found = True
                yield reader.read(each)
        else:
            found = True
            yield record if isinstance(record, Reading) else _refused(record)
    if not found:
        yield _refused(empty(name))


def _records(source: Source, extension: str) -> Iterator[Record | Problem | Reading]:
    """The records of one input, by its extension or else by its first character."""
    head = source.head()
    start = head
    if head.lstrip(_SPACE).startswith(b"<"):  # what XML it is, only its root says
        start += b"".join([source.following() for _ in range(_LINES_OF_XML)])
    kind = other_text(start)
    problem = utf16(source.name, head) if kind is None else Problem(source.name, *kind)
    if problem is None and is_blank(head) and len(head) <= source.limits.line:
        problem = empty(source.name)
    if problem:
        return iter((problem,))
    is_json = extension in ("json", "jsonl", "ndjson")
    if extension not in ("yaml", "yml") and (is_json or head.lstrip().startswith((b"{", b"["))):
        return json_records(source, head, lines=extension in ("jsonl", "ndjson"))
    from poems_cli.records.yaml_records import yaml_records  # slow to load, and most inputs are JSON

    return yaml_records(source)


def _refused(problem: Problem) -> Reading:
    return Reading(None, (problem,))
