"""Patients from files and standard input, whatever holds them: records, or the rows of a table."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import BinaryIO

from poems_cli.errors import Problem
from poems_cli.model import Rules
from poems_cli.records import Limits, PatientReader, Reading, Record
from poems_cli.records.problem import MEND_CONTRADICTION
from poems_cli.records.reading import read_inputs
from poems_cli.records.visits import Visit, VisitReader, in_order
from poems_cli.units import UnitSystem

_LIMITS = Limits()


def read_patients(
    paths: Sequence[str], rules: Rules, stdin: BinaryIO, limits: Limits = _LIMITS, system: UnitSystem | None = None
) -> Iterator[Reading]:
    """Every record of every input, in order, as a patient or as what was wrong with it; ``-`` is standard input.

    ``system`` is the system of units that numbers without one are in, where that is known. JSON Lines are read as they come, in
    little memory however many there are. Errors of standard input itself (a broken pipe, an interrupt) are the caller's.
    """
    return read_inputs(paths, PatientReader(rules, system), stdin, limits, partial(_table, rules, system))


def read_visits(
    paths: Sequence[str], rules: Rules, stdin: BinaryIO, system: UnitSystem | None = None
) -> tuple[tuple[Visit, ...], tuple[Problem, ...]]:
    """The visits of one patient in all inputs, the earliest first; or no visit, and every problem."""
    reader = VisitReader(rules, system)
    readings = read_inputs(paths, reader, stdin, tables=partial(_table, rules, system))
    problems = [problem for reading in readings for problem in reading.problems]
    return in_order(reader.visits, problems)


def contradiction(place: str, findings: Iterable[str]) -> Problem:
    """What contradicts itself, by its place and its findings: never with the patient's id or values."""
    return Problem(place, f"contradictory: {', '.join(findings)}", MEND_CONTRADICTION)


def _table(rules: Rules, system: UnitSystem | None, path: str) -> Iterator[Record | Reading | Problem] | None:
    """The records of a file that is a table; ``None`` for any other."""
    if "." not in path or path.rpartition(".")[2].lower() in ("json", "jsonl", "ndjson", "yaml", "yml"):
        return None  # reading tables takes longer to load than most patients to answer
    from poems_cli.checking.table_rows import is_table, table_records

    return table_records(path, rules, system) if is_table(path) else None
