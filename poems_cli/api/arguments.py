"""What the public functions take: rules, criteria sets, units and plain data, read and checked alike."""

import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from poems_cli import model
from poems_cli.engine.assess import Assessor
from poems_cli.errors import Problem, usage_error
from poems_cli.records import PatientReader
from poems_cli.rules.loading import load_rules as read_rules
from poems_cli.rules.loading import refuse_unknown_sets
from poems_cli.units import UNIT_SYSTEMS, UnitSystem

#: A path, as :func:`open` takes it.
FilePath: TypeAlias = str | os.PathLike[str]
#: Rules: their file or folder, what :func:`load_rules` gave, or ``None`` for the built-in ones.
RulesLike: TypeAlias = model.Rules | FilePath | None

#: How wide an answer is as text.
WIDTH = 80
_MOST_CHECKERS = 8
_PATIENT_NUMBER = re.compile(r", patient \d+(?=, |$)")  # the place says it already


def load_rules(path: FilePath | None = None) -> model.Rules:
    """The rules of a file, of a folder with ``rules.yaml`` or ``poems.yaml``, or the built-in ones; to be given as ``rules``.

    Raises :class:`PoemsError` with every problem of the rules.
    """
    return _built_in_rules() if path is None else read_rules(os.fspath(path))


@lru_cache(maxsize=1)
def _built_in_rules() -> model.Rules:
    return read_rules()


def loaded_rules(rules: RulesLike) -> model.Rules:
    """The rules that an argument names."""
    return rules if isinstance(rules, model.Rules) else load_rules(rules)


class Checker(NamedTuple):
    """What answers patients by some rules and criteria sets, worked out once for all of them."""

    rules: model.Rules
    from_files: bool
    criteria: tuple[str, ...]
    assessor: Assessor
    reader: PatientReader
    bare: UnitSystem | None


_checkers: list[Checker] = []


def checker_for(criteria: Sequence[str] | None, rules: RulesLike, bare: UnitSystem | None) -> Checker:
    """What answers patients by these rules; kept for the next call with the same arguments."""
    if bare not in (None, *UNIT_SYSTEMS):
        raise usage_error("units", "there is no such system of units", "write 'us' or 'si', or leave it out")
    chosen = (criteria,) if isinstance(criteria, str) else tuple(criteria or ())
    loaded, from_files = loaded_rules(rules), not isinstance(rules, model.Rules)
    for kept in _checkers:
        same_files = from_files and kept.from_files and kept.rules.identity == loaded.identity
        if kept.criteria == chosen and kept.bare == bare and (kept.rules is loaded or same_files):
            return kept
    refuse_unknown_sets(loaded, chosen, "criteria")
    made = Checker(loaded, from_files, chosen, Assessor(loaded, chosen), PatientReader(loaded, bare), bare)
    _checkers[:] = [*_checkers[1 - _MOST_CHECKERS :], made]
    return made


def plain_data(value: object, depth: int) -> object:
    """A value as JSON would have it: any mapping as a dict with texts as keys, a number of NumPy as one of Python."""
    if isinstance(value, Mapping):
        if depth == 0:
            return dict(value)
        return {str(key): plain_data(member, depth - 1) for key, member in value.items()}
    if type(value).__module__ == "numpy" and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return value.item()
    return value


def without_patient_number(found: Problem) -> Problem:
    """A problem whose place does not say twice which patient it is."""
    return found._replace(where=_PATIENT_NUMBER.sub("", found.where))
