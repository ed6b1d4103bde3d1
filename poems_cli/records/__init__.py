"""How findings come in: files and standard input, JSON or YAML, to patients or to what is wrong with them."""

from poems_cli.errors import Problem
from poems_cli.records.patient import PatientReader, round_trip
from poems_cli.records.problem import Reading, Record
from poems_cli.records.source import Limits

__all__ = ["Limits", "PatientReader", "Problem", "Reading", "Record", "round_trip"]
