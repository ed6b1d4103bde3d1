"""One patient or many, from Python."""

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any, Literal, overload

from poems_cli import model
from poems_cli.api.arguments import WIDTH, Checker, FilePath, RulesLike, checker_for, plain_data, without_patient_number
from poems_cli.errors import PoemsError, input_error, usage_error
from poems_cli.records import Reading, Record
from poems_cli.units import UnitSystem

_DEPTH = 3  # a patient, its findings, the parts of a value


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Assessment:
    """Everything stated about one patient.

    ``str()`` of it is what ``poems check`` prints, without color; a notebook shows the page of ``poems check --format html``.
    """

    _rules: model.Rules
    _answer: model.Assessment

    @property
    def verdict(self) -> model.Verdict:
        """The verdict of the default criteria set: met, not met or undetermined."""
        return self._answer.criteria[self._answer.default_criteria].verdict

    @property
    def default_criteria(self) -> str:
        """The id of the criteria set that gives the verdict."""
        return self._answer.default_criteria

    @property
    def criteria(self) -> Mapping[str, model.CriteriaResult]:
        """Each criteria set, answered, by its id."""
        return self._answer.criteria

    @property
    def steps_to_met(self) -> int | None:
        """The fewest further answers that would meet the default set; ``None`` where it cannot be met any more."""
        return self._answer.steps_to_met

    @property
    def next_tests(self) -> tuple[str, ...]:
        """The ids of the tests worth doing, the one most worth first."""
        return tuple([ordered.test for ordered in self._answer.tests if ordered.worth > 0])

    @property
    def mimics(self) -> tuple[model.Row, ...]:
        """The mimics in the order of their rank, each with its id, its status, and what speaks for and against it."""
        return tuple([rival.row for rival in self._answer.mimics])

    @property
    def patient_id(self) -> str:
        """The patient's id, or the position among the patients where none was given."""
        return self._answer.patient.id

    @property
    def warnings(self) -> tuple[model.Notice, ...]:
        """What to know before the verdict is trusted; each has an id and a text."""
        return self._answer.warnings

    @property
    def urgent(self) -> tuple[model.Notice, ...]:
        """Those of the warnings that call for action today, whatever the verdict."""
        return self._answer.urgent

    @property
    def outcome(self) -> model.Outcome | None:
        """The described picture of a patient who does not meet the default set; it changes no verdict."""
        return self._answer.outcome

    @property
    def contradictions(self) -> tuple[str, ...]:
        """The ids of the findings about which the record contradicts itself; they count as unknown."""
        return tuple([contradiction.finding for contradiction in self._answer.facts.contradictions])

    @property
    def refused(self) -> tuple[model.Refused, ...]:
        """The entries of the record that were not understood, each with its key, what is wrong and how to correct it."""
        return self._answer.patient.refused

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, in the shape that ``poems schema`` describes."""
        import json

        data: dict[str, Any] = json.loads(self.to_json())
        return data

    def to_json(self, *, indent: int | None = None) -> str:
        """The answer as JSON text, as ``poems check --format json`` writes it."""
        import json

        from poems_cli.report.json import to_json

        text = to_json(self._rules, self._answer)
        return text if indent is None else json.dumps(json.loads(text), ensure_ascii=False, indent=indent)

    def __str__(self) -> str:
        from poems_cli.report.console import printed
        from poems_cli.report.table import print_assessment

        return printed(WIDTH, lambda console: print_assessment(console, self._rules, self._answer))

    def __repr__(self) -> str:  # without the patient: it may end in a log
        return f"<Assessment {self.default_criteria}: {self.verdict}>"

    def _repr_html_(self) -> str:
        from poems_cli.report.html_patient import to_fragment

        return to_fragment(self._rules, self._answer)


def check(
    patient: Mapping[str, object] | FilePath,
    *,
    criteria: Sequence[str] | None = None,
    rules: RulesLike = None,
    units: UnitSystem | None = None,
) -> Assessment:
    """Answer every criteria set for one patient.

    ``patient`` is a mapping as the JSON of ``poems check`` has it (findings alone, or ``{"id": ..., "findings": {...}}``), or
    the path of a JSON, YAML or CSV file that holds one patient. ``criteria`` names the sets to answer, the first of them the
    default one; all of them if it is left out. What depends on the rules alone is kept from call to call, so a loop is quick;
    give it what :func:`load_rules` returned where the rules are not the built-in ones. ``units`` says in which system numbers
    without a unit are, ``"us"`` or ``"si"``; else such a number is read only where it can mean one thing.

    A finding that is not understood (its name, its unit, a word) counts as unknown: a :class:`UserWarning` names it, and
    ``refused`` of the answer lists it. Raises :class:`PoemsError` with every problem where nothing of the patient is
    understood, or the rules or the criteria cannot be used. Neither repeats a value of the patient.
    """
    checker = checker_for(criteria, rules, units)
    if isinstance(patient, str | os.PathLike):
        readings = list(islice(_from_file(patient, checker), 2))
        if len(readings) > 1:
            raise input_error(os.fspath(patient), "it holds more than one patient", "use check_many")
        return _answered(readings[0], checker)
    return _answered(_from_data(patient, "patient", 1, checker), checker)


@overload
def check_many(
    patients: Iterable[Mapping[str, object]] | FilePath,
    *,
    criteria: Sequence[str] | None = None,
    rules: RulesLike = None,
    units: UnitSystem | None = None,
    errors: Literal["raise"] = "raise",
) -> Iterator[Assessment]: ...


@overload
def check_many(
    patients: Iterable[Mapping[str, object]] | FilePath,
    *,
    criteria: Sequence[str] | None = None,
    rules: RulesLike = None,
    units: UnitSystem | None = None,
    errors: Literal["return"],
) -> Iterator[Assessment | PoemsError]: ...


def check_many(
    patients: Iterable[Mapping[str, object]] | FilePath,
    *,
    criteria: Sequence[str] | None = None,
    rules: RulesLike = None,
    units: UnitSystem | None = None,
    errors: Literal["raise", "return"] = "raise",
) -> Iterator[Assessment | PoemsError]:
    """Answer every criteria set for many patients, one after the other, in their order and as they are asked for.

    ``patients`` is an iterable of what :func:`check` takes as a mapping, or the path of a file of patients (a JSON array, one
    object per line, YAML or CSV). ``criteria``, ``rules`` and ``units`` are as for :func:`check`.

    What is not understood of a patient is unknown, as for :func:`check`. A patient of whom nothing is understood raises
    :class:`PoemsError`, which ends the iteration; with ``errors="return"`` the error takes the patient's place, and those who
    follow are answered. Rules and criteria that cannot be used raise at once.
    """
    if errors not in ("raise", "return"):
        raise usage_error("errors", "it is neither 'raise' nor 'return'", "write one of the two")
    if isinstance(patients, Mapping):
        what = "this is one patient, not an iterable of patients"
        raise usage_error("patients", what, "use check, or put it in a list")
    checker = checker_for(criteria, rules, units)
    if isinstance(patients, str | os.PathLike):
        readings = _from_file(patients, checker)
    else:
        numbered = enumerate(patients, 1)
        readings = (_from_data(patient, f"patient {number}", number, checker) for number, patient in numbered)
    return _answers(readings, checker, errors)


def _answers(readings: Iterable[Reading], checker: Checker, errors: str) -> Iterator[Assessment | PoemsError]:
    for reading in readings:
        try:
            answer: Assessment | PoemsError = _answered(reading, checker)
        except PoemsError as error:
            if errors == "raise":
                raise
            answer = error
        yield answer


def _answered(reading: Reading, checker: Checker) -> Assessment:
    problems = [without_patient_number(found) for found in reading.problems]
    if reading.patient is None:
        raise PoemsError(problems)
    if problems:
        warnings.warn("\n".join(map(str, problems)), UserWarning, stacklevel=3)
    return Assessment(checker.rules, checker.assessor.assess(reading.patient))


def _from_data(patient: object, place: str, number: int, checker: Checker) -> Reading:
    return checker.reader.read(Record(plain_data(patient, _DEPTH), place, number))


def _from_file(path: FilePath, checker: Checker) -> Iterator[Reading]:
    from poems_cli.checking.inputs import read_patients

    name = os.fspath(path)
    if name.lstrip().startswith(("{", "[")) or "\n" in name:  # a patient's values, which an error must not quote as a path
        raise input_error("patient", "this is the text of a patient, not a path", "give it as json.loads(text)")
    name = os.path.join(os.curdir, name) if name == "-" else name  # noqa: PTH118  (a file, not standard input)
    return read_patients([name], checker.rules, BytesIO(), system=checker.bare)
