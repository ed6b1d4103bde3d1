"""Where answers go: standard output and files, each in its format; files appear whole or not at all."""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Self

from poems_cli.errors import usage_error
from poems_cli.output_files import STANDARD, Part, begin, check_targets, is_file_to_be, unwritable
from poems_cli.report.writing import Place, Wanted

if TYPE_CHECKING:
    from poems_cli.model import Rules


class Format(NamedTuple):
    """One way to write answers, by the module of ``report/`` that does it.

    Its ``writer(rules, wanted, place)`` gives the function that writes one assessment; that of the module ``course`` writes
    the course of a patient. ``heeds`` are the options that change what is shown, ``holds_one`` says why there is only one
    patient to a file, ``extra`` is the package that it needs and the name under which pip installs it with this one.
    """

    module: str
    suffixes: tuple[str, ...]
    heeds: frozenset[str] = frozenset()
    course: str = ""
    holds_one: str = ""
    is_binary: bool = False
    extra: tuple[str, str] | None = None


_FULL = frozenset({"explain", "all-tests", "all-mimics"})

#: Every format of an answer. The first of those with the same suffix is the usual one.
FORMATS: dict[str, Format] = {
    "table": Format("table", (".txt",), _FULL | {"plain"}, course="course_table"),
    "json": Format(
        "json_line", (".json", ".jsonl", ".ndjson"), frozenset({"all-mimics", "all-tests", "brief"}), course="course_json"
    ),
    "markdown": Format("markdown", (".md", ".markdown"), _FULL, course="course_markdown"),
    "html": Format("html_patient", (".html", ".htm"), _FULL, holds_one="a page shows one patient"),
    "pdf": Format("pdf", (".pdf",), _FULL, holds_one="a page shows one patient", is_binary=True, extra=("typst", "pdf")),
    "svg": Format("picture", (".svg",), _FULL, holds_one="a picture shows one patient"),
    "note": Format("note", (".txt",)),
}
COURSE_FORMATS = tuple([name for name, form in FORMATS.items() if form.course])


class Target(NamedTuple):
    """One output: its format, and its path (``None`` for standard output)."""

    form: str
    path: str | None


def suffixes(forms: Iterable[str] = FORMATS) -> tuple[str, ...]:
    """The usual suffix of each format, each once."""
    return tuple(dict.fromkeys(FORMATS[form].suffixes[0] for form in forms))


def heeding(option: str) -> tuple[str, ...]:
    """The formats that an option changes."""
    return tuple([name for name, form in FORMATS.items() if option in form.heeds])


def targets(forms: Sequence[str], paths: Sequence[str]) -> list[Target]:
    """Pair formats with files.

    A file's name gives its format; where it fits two (.txt is the table or the note), the one that is named, else the first.
    A file whose name gives none takes the next format named. A format left over goes to standard output; without any ``-o``
    and format that is a table, as is ``-o -`` without a format.

    Raises :class:`PoemsError` where they do not fit together, or where a format cannot be written here.
    """
    chosen = _paired(forms, paths)
    if sum(target.path is None for target in chosen) > 1:
        raise usage_error("--output", "only one format can go to standard output", "give the others a file with -o")
    for target in chosen:
        _check_possible(target)
    return chosen


def _paired(forms: Sequence[str], paths: Sequence[str]) -> list[Target]:
    remaining = list(dict.fromkeys(forms))
    chosen: list[Target] = []
    unnamed: list[str] = []
    for path in paths:
        fitting = _by_suffix(path)
        if not fitting:
            unnamed.append(path)
            continue
        form = next((form for form in remaining if form in fitting), fitting[0])
        chosen.append(Target(form, path))
        if form in remaining:
            remaining.remove(form)
    for path in unnamed:
        if not remaining and path == "-":
            remaining.append("table")
        if not remaining:
            *most, last = suffixes()
            mend = f"end it in {', '.join(most)} or {last}, or name its --format"
            raise usage_error("--output", f"{path!r} does not show which format to write", mend)
        chosen.append(Target(remaining.pop(0), None if path == "-" else path))
    chosen += [Target(form, None) for form in remaining]
    return chosen or [Target("table", None)]


def _by_suffix(path: str) -> list[str]:
    suffix = "" if path == "-" else os.path.splitext(path)[1].lower()
    return [name for name, form in FORMATS.items() if suffix in form.suffixes]


def _check_possible(target: Target) -> None:
    """Refuse a format that lacks what it needs, before anything is asked or answered."""
    form = FORMATS[target.form]
    if form.extra is not None and find_spec(form.extra[0]) is None:
        package, extra = form.extra
        mend = f"install it with: pip install 'poems-cli[{extra}]'"
        raise usage_error(f"--format {target.form}", f"it needs {package}, which is not installed", mend)
    if form.is_binary and _is_terminal(target.path):
        usual = f"report{form.suffixes[0]}"
        mend = f"write it to a file with -o {usual}, or into a pipe"
        raise usage_error(f"--format {target.form}", "it is binary, which a terminal cannot show", mend)


def _is_terminal(path: str | None) -> bool:
    if path is None:
        return sys.stdout is not None and sys.stdout.isatty()
    with suppress(OSError, ValueError):
        if stat.S_ISCHR(os.stat(path).st_mode):
            with open(path, "rb", buffering=0) as device:
                return device.isatty()
    return False


class _Open(NamedTuple):
    """One open output; a file is written next to its place until it is whole."""

    target: Target
    stream: IO[Any]
    part: Part | None = None

    @property
    def place(self) -> Place:
        return Place(self.stream, to_file=self.target.path is not None)


class Outputs:
    """The open outputs of one run. Leaving it normally puts the files in place; an error leaves none behind.

    Nothing is put in place either where nothing was answered. ``read`` are the files that the run reads (``-`` is standard
    input), over which nothing is written.
    """

    def __init__(self, chosen: Sequence[Target], read: Iterable[str] = ()) -> None:
        self._chosen = chosen
        self._read = read
        self._open: list[_Open] = []
        self._writers: list[tuple[Target, Callable[[Any], None]]] = []
        self._is_answered = False

    def __enter__(self) -> Self:
        check_targets([STANDARD if target.path is None else target.path for target in self._chosen], self._read)
        try:
            for target in self._chosen:
                self._try(target, lambda: self._open.append(_opened(target)))  # noqa: B023
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                for output in self._open:
                    self._try(output.target, output.stream.flush if output.target.path is None else output.stream.close)
                for output in self._open:
                    if output.part is not None and self._is_answered:
                        self._try(output.target, output.part.put_in_place)
        finally:
            self._discard()

    def begin(self, writer: Callable[[str, Place], Callable[[Any], None]]) -> None:
        """Say how answers are written: ``writer(form, place)`` gives what writes one of them."""
        self._writers = [(output.target, writer(output.target.form, output.place)) for output in self._open]

    def write(self, answer: Any) -> None:
        """Write one answer to every output."""
        self._is_answered = True
        for target, writer in self._writers:
            self._try(target, lambda: writer(answer))  # noqa: B023

    def _try(self, target: Target, action: Callable[[], object]) -> None:
        try:
            action()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise unwritable(STANDARD if target.path is None else target.path, error) from None

    def _discard(self) -> None:
        """Close all and remove what was not put in place."""
        for output in self._open:
            with suppress(OSError):
                if output.target.path is not None:
                    output.stream.close()
            if output.part is not None:
                output.part.discard()


def _opened(target: Target) -> _Open:
    is_binary = FORMATS[target.form].is_binary
    if target.path is None:
        return _Open(target, sys.stdout.buffer if is_binary else sys.stdout)
    if not is_file_to_be(target.path):
        return _Open(target, _to_write(target.path, is_binary))  # a pipe or device; a folder fails
    part = begin(target.path)
    return _Open(target, _to_write(part.path, is_binary), part)


def _to_write(path: str, is_binary: bool) -> IO[Any]:
    return open(path, "wb") if is_binary else open(path, "w", encoding="utf-8", errors="backslashreplace")


def writer_of(module: str, rules: "Rules", wanted: Wanted, place: Place) -> Callable[[Any], None]:
    """What writes the answers, or the course, of one output, by the ``module`` or the ``course`` of its format."""
    made: Callable[[Any], None] = import_module(f"poems_cli.report.{module}").writer(rules, wanted, place)
    return made


def refuse_several(forms: Iterable[str]) -> None:
    """Refuse the formats that hold one patient, where there are several."""
    for form in forms:
        if FORMATS[form].holds_one:
            mend = "choose another format for several, or check one patient at a time"
            raise usage_error("--format", FORMATS[form].holds_one, mend)
