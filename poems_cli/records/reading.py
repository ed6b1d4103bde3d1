"""Patients from files and standard input: which format each has; one bad file or record never stops the rest."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from poems_cli.errors import Problem
from poems_cli.model import Rules
from poems_cli.records.json_records import json_records
from poems_cli.records.other_kinds import other_record, other_text, unwrapped
from poems_cli.records.patient import PatientReader
from poems_cli.records.problem import Flaw, Reading, Record
from poems_cli.records.source import Limits, Source, empty, file_name, is_blank, unopened, utf16
from poems_cli.units import UnitSystem, UnitTable

_STANDARD_INPUT = "standard input"
_LIMITS = Limits()


class Reader(Protocol):
    """What understands records, and the headings of a CSV table."""

    def read(self, record: Record) -> Reading:
        """Give the patient that a record stands for, or what is wrong with it."""

    def heading(self, name: str, unit: str | None) -> Flaw | None:
        """Give what is wrong with a heading."""


def read_patients(
    paths: Sequence[str],
    rules: Rules,
    units: UnitTable,
    stdin: BinaryIO,
    limits: Limits = _LIMITS,
    bare: UnitSystem | None = None,
) -> Iterator[Reading]:
    """Every record of every input, in order, as a patient or as what was wrong with it; ``-`` is standard input.

    ``bare`` is the system of units that numbers without one are in, where that is known. JSON Lines are read as they come, in
    little memory however many there are. Errors of standard input itself (a broken pipe, an interrupt) are the caller's.
    """
    return read_inputs(paths, PatientReader(rules, units, bare), stdin, limits)


def read_inputs(paths: Sequence[str], reader: Reader, stdin: BinaryIO, limits: Limits = _LIMITS) -> Iterator[Reading]:
    """Every record of every input, in order, as ``reader`` understands it."""
    taken = False
    for path in paths:
        if path != "-":
            yield from _from_file(path, reader, limits)
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
    found = False
    for record in _records(source, extension, reader):
        if isinstance(record, Record):
            kind = other_record(record.value)
            if kind is not None and not found:  # so is the rest of it, which may be long
                yield _refused(Problem(source.name, *kind))
                return
            for each in unwrapped(record) or (record,):
                found = True
                yield reader.read(each)
        else:
            found = True
            yield record if isinstance(record, Reading) else _refused(record)
    if not found:
        yield _refused(empty(source.name))


def _records(source: Source, extension: str, reader: Reader) -> Iterator[Record | Problem | Reading]:
    """The records of one input, by its extension or else by its first character."""
    head = source.head()
    kind = other_text(head)
    problem = utf16(source.name, head) if kind is None else Problem(source.name, *kind)
    if problem is None and is_blank(head) and len(head) <= source.limits.line:
        problem = empty(source.name)
    if problem:
        return iter((problem,))
    is_json = extension in ("json", "jsonl", "ndjson")
    if extension not in ("yaml", "yml", "csv") and (is_json or head.lstrip().startswith((b"{", b"["))):
        return json_records(source, head, lines=extension in ("jsonl", "ndjson"))
    if extension == "csv":
        from poems_cli.records.csv_records import csv_records

        return csv_records(source, reader.heading)
    from poems_cli.records.yaml_records import yaml_records  # slow to load, and most inputs are JSON

    return yaml_records(source)


def _refused(problem: Problem) -> Reading:
    return Reading(None, (problem,))
