"""The package as a library: one patient, many patients, or a table, from Python. ``docs/python.md`` shows it in use."""

import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from io import BytesIO, StringIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, overload

from poems_cli import model
from poems_cli.engine import course
from poems_cli.engine.assess import Assessor
from poems_cli.errors import PoemsError, Problem
from poems_cli.exit_codes import EXIT_USAGE
from poems_cli.records import PatientReader, Reading, Record
from poems_cli.rules.loading import load_rules as read_rules
from poems_cli.rules.loading import units_of
from poems_cli.suggestions import did_you_mean
from poems_cli.units import UNIT_SYSTEMS, UnitSystem, UnitTable

if TYPE_CHECKING:
    import pyarrow

    from poems_cli.model import Rules
    from poems_cli.screening.in_memory import Screener
    from poems_cli.screening.options import ScreenOptions
    from poems_cli.tables.columns import Unplaced

__all__ = ["Assessment", "Course", "PoemsError", "check", "check_many", "follow", "load_rules", "screen", "screener"]

#: A path, as :func:`open` takes it.
FilePath: TypeAlias = str | os.PathLike[str]
#: A rules file, a folder with a ``poems.yaml``, what :func:`load_rules` gave, or ``None`` for the built-in rules.
RulesLike: TypeAlias = model.Rules | FilePath | None

_WIDTH = 80
_KEPT = 8  # sets of rules and criteria for which what was worked out is kept
_DEPTH = 3  # a patient, its findings, the parts of a value
_HEADINGS_NAMED = 5
_PATIENT_NUMBER = re.compile(r", patient \d+(?=, |$)")  # the place says it already
_LINE = re.compile(r"^mapping:\d+")  # a dict has no lines


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Assessment:
    """Everything said about one patient.

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
        """The ids of the tests that can still change something, the one most worth doing first."""
        return tuple([ordered.test for ordered in self._answer.tests])

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
        """The entries of the record that were not understood, each with its key, what is wrong and how to mend it."""
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
        return report_text(self._rules, self._answer, _WIDTH)

    def __repr__(self) -> str:  # without the patient: it may end in a log
        return f"<Assessment {self.default_criteria}: {self.verdict}>"

    def _repr_html_(self) -> str:
        from poems_cli.report.html_patient import to_fragment

        return to_fragment(self._rules, self._answer)


# --- one patient, many patients ---------------------------------------------------------------------------------------


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
    checker = _checker(criteria, rules, units)
    if isinstance(patient, str | os.PathLike):
        readings = list(islice(_from_file(patient, checker), 2))
        if len(readings) > 1:
            several = Problem(os.fspath(patient), "it holds more than one patient", "use check_many")
            raise PoemsError([several])
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
    object a line, YAML or CSV). ``criteria``, ``rules`` and ``units`` are as for :func:`check`.

    What is not understood of a patient is unknown, as for :func:`check`. A patient of whom nothing is understood raises
    :class:`PoemsError`, which ends the iteration; with ``errors="return"`` the error takes the patient's place, and those who
    follow are answered. Rules and criteria that cannot be used raise at once.
    """
    if errors not in ("raise", "return"):
        raise PoemsError([Problem("errors", "it is neither 'raise' nor 'return'", "write one of the two")], EXIT_USAGE)
    if isinstance(patients, Mapping):
        one = Problem("patients", "this is one patient, not an iterable of patients", "use check, or put it in a list")
        raise PoemsError([one], EXIT_USAGE)
    checker = _checker(criteria, rules, units)
    if isinstance(patients, str | os.PathLike):
        readings = _from_file(patients, checker)
    else:
        numbered = enumerate(patients, 1)
        readings = (_from_data(patient, f"patient {number}", number, checker) for number, patient in numbered)
    return _answers(readings, checker, errors)


def _answers(
    readings: Iterable[Reading], checker: "_Checker", errors: Literal["raise", "return"]
) -> Iterator[Assessment | PoemsError]:
    for reading in readings:
        try:
            answer: Assessment | PoemsError = _answered(reading, checker)
        except PoemsError as error:
            if errors == "raise":
                raise
            answer = error
        yield answer


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Course:
    """One patient from visit to visit; ``str()`` of it is what ``poems follow`` prints, without color."""

    _rules: model.Rules
    _course: course.Course

    @property
    def dates(self) -> tuple[date, ...]:
        """The days of the visits, the earliest first; the first one is the baseline."""
        return self._course.dates

    @property
    def followed(self) -> tuple[course.Followed, ...]:
        """What was found at each visit and how it changed, by groups of findings."""
        return self._course.followed

    @property
    def responses(self) -> tuple[course.VisitResponse, ...]:
        """The response at each visit after the first one, by what it is measured in."""
        return self._course.responses

    def to_dict(self) -> dict[str, Any]:
        """The course as plain data, in the shape that ``poems schema follow`` describes."""
        from poems_cli.report.course_json import course_data

        return course_data(self._rules, self._course)

    def to_json(self) -> str:
        """The course as JSON text, as ``poems follow --format json`` writes it."""
        from poems_cli.report.course_json import course_json

        return course_json(self._rules, self._course)

    def __str__(self) -> str:
        from rich.console import Console

        from poems_cli.report.course_table import print_course

        stream = StringIO()
        console = Console(file=stream, width=_WIDTH, height=1000, color_system=None, markup=False, emoji=False, highlight=False)
        print_course(console, self._rules, self._course)
        return stream.getvalue().rstrip("\n")

    def __repr__(self) -> str:  # without the patient: it may end in a log
        return f"<Course of {len(self._course.dates)} visits>"


def follow(
    visits: Iterable[Mapping[str, object]] | FilePath, *, rules: RulesLike = None, units: UnitSystem | None = None
) -> Course:
    """Follow one patient over two or more visits, as ``poems follow`` does.

    Each visit is a mapping as for :func:`check`, with a ``date``: a :class:`datetime.date`, or a text such as ``2025-03-14``.
    A path leads to a file with a list of visits. The earliest visit is the baseline. ``units`` is as for :func:`check`.

    Raises :class:`PoemsError` with every problem: of a visit, of a date that is missing or given twice, of ids that differ.
    """
    from poems_cli.checking.follow import course_of
    from poems_cli.checking.inputs import read_visits
    from poems_cli.records.visits import VisitReader, in_order

    checker = _checker(None, rules, units)
    if isinstance(visits, str | os.PathLike):
        path = os.path.join(os.curdir, os.fspath(visits))  # noqa: PTH118
        found, problems = read_visits([path], checker.rules, checker.units, BytesIO(), units)
    else:
        if isinstance(visits, Mapping):
            raise PoemsError(
                [Problem("visits", "this is one visit, not an iterable of visits", "give two or more")], EXIT_USAGE
            )
        reader = VisitReader(checker.rules, checker.units, units)
        readings = [reader.read(_visit(visit, number)) for number, visit in enumerate(visits, 1)]
        found, problems = in_order(reader.visits, [problem for reading in readings for problem in reading.problems])
    if problems:
        raise PoemsError([_problem(problem) for problem in problems])
    return Course(checker.rules, course_of(checker.rules, found))


def _visit(visit: object, number: int) -> Record:
    plain = _plain(visit, _DEPTH)
    if isinstance(plain, dict) and isinstance(plain.get("date"), date):
        plain = {**plain, "date": plain["date"].isoformat()}
    return Record(plain, f"visit {number}", number)


def load_rules(path: FilePath | None = None) -> model.Rules:
    """The rules of a file, of the ``poems.yaml`` in a folder, or the built-in ones; to be given as ``rules``.

    Raises :class:`PoemsError` with every problem of the rules.
    """
    if path is None:
        return _built_in_rules()
    return read_rules(os.fspath(path))


@lru_cache(maxsize=1)
def _built_in_rules() -> model.Rules:
    return read_rules()


class _Checker(NamedTuple):
    """What answers patients by some rules and criteria sets, worked out once for all of them."""

    rules: model.Rules
    from_files: bool
    criteria: tuple[str, ...]
    assessor: Assessor
    reader: PatientReader
    units: UnitTable
    bare: UnitSystem | None


_checkers: list[_Checker] = []


def _checker(criteria: Sequence[str] | None, rules: RulesLike, bare: UnitSystem | None) -> _Checker:
    if bare not in (None, *UNIT_SYSTEMS):
        raise PoemsError(
            [Problem("units", "there is no such system of units", "write 'us' or 'si', or leave it out")], EXIT_USAGE
        )
    chosen = (criteria,) if isinstance(criteria, str) else tuple(criteria or ())
    loaded, from_files = _loaded(rules), not isinstance(rules, model.Rules)
    for kept in _checkers:
        same_files = from_files and kept.from_files and kept.rules.identity == loaded.identity
        if kept.criteria == chosen and kept.bare == bare and (kept.rules is loaded or same_files):
            return kept
    _refuse_unknown_sets(chosen, loaded)
    units = units_of(loaded)
    made = _Checker(loaded, from_files, chosen, Assessor(loaded, chosen), PatientReader(loaded, units, bare), units, bare)
    _checkers[:] = [*_checkers[1 - _KEPT :], made]
    return made


def _loaded(rules: RulesLike) -> model.Rules:
    return rules if isinstance(rules, model.Rules) else load_rules(rules)


def _refuse_unknown_sets(chosen: Iterable[str], rules: model.Rules) -> None:
    known = f"known: {', '.join(rules.criteria)}"
    problems = [
        Problem("criteria", f"there is no criteria set {set_id!r}", _lower(did_you_mean(set_id, rules.criteria)) or known)
        for set_id in map(str, chosen)
        if set_id not in rules.criteria
    ]
    if problems:
        raise PoemsError(problems, EXIT_USAGE)


# --- reading ----------------------------------------------------------------------------------------------------------


def _from_data(patient: object, place: str, number: int, checker: _Checker) -> Reading:
    return checker.reader.read(Record(_plain(patient, _DEPTH), place, number))


def _plain(value: object, depth: int) -> object:
    """A value as JSON would have it: any mapping as a dict with texts as keys, a number of NumPy as one of Python."""
    if isinstance(value, Mapping):
        if depth == 0:
            return dict(value)
        return {str(key): _plain(member, depth - 1) for key, member in value.items()}
    if type(value).__module__ == "numpy" and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return value.item()
    return value


def _from_file(path: FilePath, checker: _Checker) -> Iterator[Reading]:
    from poems_cli.checking.inputs import read_patients

    name = os.fspath(path)
    if name.lstrip().startswith(("{", "[")) or "\n" in name:  # a patient's values, which an error must not quote as a path
        raise PoemsError([Problem("patient", "this is the text of a patient, not a path", "give it as json.loads(text)")])
    name = os.path.join(os.curdir, name) if name == "-" else name  # noqa: PTH118  (a file, not standard input)
    return read_patients([name], checker.rules, checker.units, BytesIO(), system=checker.bare)


def _answered(reading: Reading, checker: _Checker) -> Assessment:
    problems = [_problem(found) for found in reading.problems]
    if reading.patient is None:
        raise PoemsError(problems)
    if problems:
        warnings.warn("\n".join(map(str, problems)), UserWarning, stacklevel=3)
    return Assessment(checker.rules, checker.assessor.assess(reading.patient))


def _problem(found: Problem) -> Problem:
    return Problem(_PATIENT_NUMBER.sub("", found.where), found.what, found.mend)


def _lower(sentence: str) -> str:
    """A sentence as the end of another."""
    return sentence[:1].lower() + sentence[1:]


# --- what it looks like -----------------------------------------------------------------------------------------------


def report_text(rules: model.Rules, answer: model.Assessment, width: int) -> str:
    """What ``poems check`` prints on a terminal of this width, without color."""
    from rich.console import Console

    from poems_cli.report.table import print_assessment

    stream = StringIO()
    console = Console(file=stream, width=width, height=1000, color_system=None, markup=False, emoji=False, highlight=False)
    print_assessment(console, rules, answer, explain=False, several=False)
    return stream.getvalue().rstrip("\n")


# --- a table ----------------------------------------------------------------------------------------------------------


class _TableError(PoemsError, ValueError):
    """A table, or what was asked of it, that cannot be screened."""


def screen(
    table: Any,
    *,
    criteria: Sequence[str] | None = None,
    columns: Sequence[str] = (),
    mimics: bool = False,
    mapping: Mapping[str, object] | FilePath | None = None,
    id_column: str | None = None,
    decimal: str | None = None,
    units: Literal["us", "si"] | None = None,
    rules: RulesLike = None,
) -> "pyarrow.RecordBatchReader":
    """Answer every criteria set for a table of patients, a row a patient, as ``poems screen`` does for files.

    ``table`` is anything that gives an Arrow stream: a data frame of Polars or pandas (an index that has a name is read as a
    column), a relation of DuckDB, a table of pyarrow. A column is a finding by its name, with its unit in brackets, as in
    ``platelets (10*9/L)``, or as ``mapping`` says: a mapping file, or a dict of the same shape. What a table does not say is
    unknown. The first of ``criteria`` is the default set, all are answered if none is named; ``columns`` chooses what the
    answer has.

    Returns an Arrow stream, which is worked out as it is read: ``.read_all()`` makes a table of it, ``polars.from_arrow`` and
    DuckDB take it as it is. Columns that are not read are named in a :class:`UserWarning`; ``None`` in the mapping leaves one
    out without it. So are ids in several rows, and last rows that may hold totals. Raises :class:`PoemsError` (which here is a
    :class:`ValueError` too) where a column could be two things, a finding is named twice, or none is, and :class:`TypeError`
    for what is no table.
    """
    from poems_cli.screening.in_memory import screen_table

    loaded = _loaded(rules)
    options = _screen_options(loaded, criteria, columns, mimics, mapping, id_column, decimal, units)
    try:
        answer, unread, notes = screen_table(loaded, table, options)
    except PoemsError as error:
        raise _TableError([_in_python(problem) for problem in error.problems], error.exit_code) from None
    for message in (*_unread(unread), *map(str, notes)):
        warnings.warn(message, UserWarning, stacklevel=2)
    if _has_index_of_texts(table):
        warnings.warn("the index is not read; give it a name (table.index.name = 'id')", UserWarning, stacklevel=2)
    return answer


def screener(
    *,
    criteria: Sequence[str] | None = None,
    columns: Sequence[str] = (),
    mimics: bool = False,
    mapping: Mapping[str, object] | FilePath | None = None,
    id_column: str | None = None,
    decimal: str | None = None,
    units: Literal["us", "si"] | None = None,
    rules: RulesLike = None,
) -> "Screener":
    """A function from a record batch of patients to the record batch of their answers, for any engine that works by batches.

    It can be pickled: Spark's ``mapInArrow``, Ray's and Polars' ``map_batches`` and the like send it to their workers, which
    need this package. ``schema`` of it is the Arrow schema of the answer. The arguments are those of :func:`screen`; columns
    that are not read are passed over silently. Calling it raises :class:`PoemsError` where a column could be two things.
    """
    from poems_cli.screening.in_memory import Screener

    loaded = _loaded(rules)
    return Screener(loaded, _screen_options(loaded, criteria, columns, mimics, mapping, id_column, decimal, units))


def _screen_options(
    rules: "Rules",
    criteria: Sequence[str] | None,
    columns: Sequence[str],
    mimics: bool,
    mapping: Mapping[str, object] | FilePath | None,
    id_column: str | None,
    decimal: str | None,
    units: Literal["us", "si"] | None,
) -> "ScreenOptions":
    from poems_cli.screening.options import ScreenOptions

    if decimal not in (None, ".", ","):
        raise _TableError([Problem("decimal", "this is no decimal mark", "write '.' or ','")], EXIT_USAGE)
    chosen = (criteria,) if isinstance(criteria, str) else tuple(criteria or ())
    _refuse_unknown_sets(chosen, rules)
    return ScreenOptions(
        paths=(),
        criteria=chosen,
        columns=(columns,) if isinstance(columns, str) else tuple(columns),
        mimics=mimics,
        map_path=os.fspath(mapping) if isinstance(mapping, str | os.PathLike) else None,
        map_text=_map_text(mapping) if isinstance(mapping, Mapping) else None,
        id_heading=id_column,
        decimal=decimal,
        units=units,
    )


def _map_text(mapping: Mapping[str, object]) -> str:
    """A mapping as the text of a mapping file, so that it is read and checked as one."""
    import yaml

    try:
        return yaml.safe_dump(_plain(mapping, 5), sort_keys=False, allow_unicode=True, width=10**6)
    except yaml.YAMLError:
        problem = Problem("mapping", "it holds something other than texts, numbers, true, false, None and dicts of them", "")
        raise _TableError([problem]) from None


def _has_index_of_texts(table: object) -> bool:
    """Whether a pandas table has an index without a name that is no numbering: patients' ids, most likely."""
    index = getattr(table, "index", None)
    return getattr(getattr(index, "dtype", None), "kind", "i") not in "iu" and all(
        name is None for name in getattr(index, "names", ())
    )


def _unread(unread: "Sequence[Unplaced]") -> "Iterator[str]":
    """Which columns are not read: those in doubt with the reason, a line each, the others in one."""
    from poems_cli.records.problem import quoted

    for column in unread:
        if column.in_doubt:
            yield f"column not read: '{quoted(column.heading)}': {column.why}; say in mapping= what it is"
    others = [f"'{quoted(column.heading)}'" for column in unread if not column.in_doubt]
    if others:
        more = f" and {len(others) - _HEADINGS_NAMED} more" if len(others) > _HEADINGS_NAMED else ""
        named = ", ".join(others[:_HEADINGS_NAMED]) + more
        yield f"columns not read: {named}; say in mapping= which finding each is, or None to leave it out"


def _in_python(problem: Problem) -> Problem:
    """A problem of a table in the words of Python: no line of a mapping file, and no option of the command."""
    mend = _MAPPING_MEND if "--suggest-map" in problem.mend else problem.mend
    return Problem(_LINE.sub("mapping", problem.where) or "table", problem.what, mend)


_MAPPING_MEND = "say in mapping= which finding each column is, or None to leave it out"
