"""What was wrong with an input, so that the reader can correct it: never a patient's value, only its kind."""

import re
from collections.abc import Iterable, Mapping
from math import isnan
from typing import NamedTuple

from poems_cli.errors import Problem
from poems_cli.model import Patient, Refused
from poems_cli.phrases import quoted

#: What to do about a contradiction.
MEND_CONTRADICTION = "correct what is wrong; until then it counts as unknown"
_MOST_PROBLEMS = 100
# Control characters, line and direction marks, halves of characters: they spoil a terminal or cannot be written at all.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")

_LABEL = re.compile(r"[^\W\d_][\w -]{0,59}")
_LONG_NUMBER = re.compile("[0-9]{4}")  # of a record, a birth, a telephone


class Reading(NamedTuple):
    """One record read: a patient, and what was wrong with it; ``place`` says where it is, without the patient's id.

    A finding that was not understood is unknown, and the rest of the patient is read. There is no patient where the record as
    a whole is wrong, or where nothing in it was understood.
    """

    patient: Patient | None
    problems: tuple[Problem, ...]
    place: str = ""


class Flaw(NamedTuple):
    """A problem of one record, which knows its place."""

    message: str
    mend: str


class Record(NamedTuple):
    """One record as plain data, not yet understood.

    ``place`` says where it is, ``number`` is its position in its input (from 1), ``flaws`` what the format found.
    ``refused`` is what the format left out of the value, and has reported for the whole input; ``wrong`` are the findings
    that it did not understand.
    """

    value: object
    place: str
    number: int
    flaws: tuple[Flaw, ...] = ()
    refused: tuple[Refused, ...] = ()
    wrong: Mapping[str, Flaw] = {}


class Flaws:
    """The problems of one record, in order; no more are kept than a person would read.

    ``count`` is how many there are, kept or not; ``spoiled`` says that the record as a whole is not to be read.
    """

    __slots__ = ("count", "found", "place", "refused", "spoiled")

    def __init__(self, place: str, refused: Iterable[Refused] = ()) -> None:
        self.place = place
        self.found: list[Problem] = []
        self.refused = [*refused]
        self.count = 0
        self.spoiled = False

    def spoil(self, flaw: Flaw) -> None:
        """Note a problem of the record as a whole."""
        self.spoiled = True
        self._note(self.place, flaw)

    def refuse(self, flaw: Flaw, key: str | None) -> None:
        """Note a problem of one entry; ``key`` is its key if that may be shown."""
        if not self.full:
            self.refused.append(Refused(key, *flaw))
        self._note(self.place if key is None else f"{self.place}, finding {quoted(key)}", flaw)

    def _note(self, where: str, flaw: Flaw) -> None:
        if not self.full:
            self.found.append(Problem(where, *flaw))
        self.count += 1

    @property
    def full(self) -> bool:
        """Whether further problems are only counted."""
        return len(self.found) >= _MOST_PROBLEMS

    def all(self) -> tuple[Problem, ...]:
        """Every problem kept, and how many were not."""
        left_out = self.count - len(self.found)
        if not left_out:
            return tuple(self.found)
        more = Problem(self.place, f"{left_out} more problems are not shown", "correct those above first")
        return (*self.found, more)


def is_label(text: str) -> bool:
    """Whether a key of the input looks like an id or a label, and so may be shown; any other may be a patient's own data."""
    return _LABEL.fullmatch(text) is not None and _LONG_NUMBER.search(text) is None


def is_fit(text: str) -> bool:
    """Whether a text can be shown: no control characters, direction marks or halves of characters."""
    return _UNFIT.search(text) is None


def kind_of(value: object) -> str:
    """What kind of thing a value is, in words, without the value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, float) and isnan(value):
        return "NaN"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text" if value.strip() else "empty text"
    return "a list" if isinstance(value, list) else "an object"
