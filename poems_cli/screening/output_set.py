"""The files of a run: each written next to its place, and put there when all of them are whole."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Self

from poems_cli.errors import usage_error
from poems_cli.output_files import STANDARD, Part, begin, check_targets, is_file_to_be, unwritable
from poems_cli.screening.plan import FORMULA_SIGNS, Engine, Reject
from poems_cli.screening.summary import Output, Summary, summary_json
from poems_cli.tables.csv_line import csv_line


class Named(NamedTuple):
    """Where a run writes: the verdicts (``-`` is standard output); the rejects, the summary and the report if asked for."""

    verdicts: str
    rejects: str | None = None
    summary: str | None = None
    report: str | None = None


class Targets:
    """The files being written. Leaving it removes what ``finish`` did not put in place."""

    def __init__(self, named: Named, spill: str, read: Iterable[str] = (), *, spreadsheet_safe: bool = False) -> None:
        """``read`` are the files that are read (``-`` is standard input), over which nothing is written."""
        self._named = named
        self._read = read
        self._spill = spill
        self._spreadsheet_safe = spreadsheet_safe
        self._parts: dict[str, Part] = {}
        self._streamed: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        """Make sure that everything can be written, before anything is read. Raises :class:`PoemsError`."""
        given = {kind: path for kind, path in self._named._asdict().items() if path is not None}
        if list(given.values()).count(STANDARD) > 1:
            raise usage_error("", "only one output can go to standard output", "give the others a file")
        check_targets(list(given.values()), self._read)
        try:
            for kind, path in given.items():
                if path != STANDARD and is_file_to_be(path):
                    self._parts[kind] = _begun(path)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._parts.values():
            part.discard()

    def _path(self, kind: str, target: str) -> str:
        """Where to write: next to the target, or into the spill folder what goes to a pipe or a device in the end."""
        if kind in self._parts:
            return self._parts[kind].path
        path = str(Path(self._spill, kind))
        self._streamed.append((path, target))
        return path

    def write(self, engine: Engine) -> int:
        """Write the answer; how many rows it has."""
        return engine.write(self._path("verdicts", self._named.verdicts))

    def write_rejects(self, rejects: Iterator[Reject]) -> int | None:
        """Write what was not understood, if it was asked for; how many there were."""
        if self._named.rejects is None:
            return None
        number = 0
        with open(self._path("rejects", self._named.rejects), "w", encoding="utf-8", newline="") as stream:
            stream.write(csv_line(["column" if name == "heading" else name for name in Reject._fields]))
            for one in rejects:
                stream.write(csv_line(one._replace(file=self._safe(one.file), heading=self._safe(one.heading))))
                number += 1
        return number

    def _safe(self, cell: str) -> str:
        return f"'{cell}" if self._spreadsheet_safe and cell.startswith(tuple(FORMULA_SIGNS)) else cell

    def write_summary(self, summary: Summary) -> None:
        """Write the summary as JSON, if it was asked for."""
        if self._named.summary is not None:
            text = json.dumps(summary_json(summary), indent=2, ensure_ascii=False) + "\n"
            Path(self._path("summary", self._named.summary)).write_text(text, encoding="utf-8")

    def write_report(self, page: Callable[[], str]) -> None:
        """Write the report, if it was asked for; ``page`` makes it."""
        if self._named.report is not None:
            Path(self._path("report", self._named.report)).write_text(page(), encoding="utf-8")

    def outputs(self, kind: str, rows: int, rejects: int | None) -> tuple[Output, ...]:
        """What is written, and where; ``kind`` is that of the answer."""
        found = [Output(kind, self._named.verdicts, rows)]
        if self._named.rejects is not None:
            found.append(Output("rejects", self._named.rejects, rejects))
        if self._named.summary is not None:
            found.append(Output("summary", self._named.summary))
        if self._named.report is not None:
            found.append(Output("report", self._named.report))
        return tuple(found)

    def finish(self) -> None:
        """Put every file in its place; send on what goes to a pipe or to standard output. Raises :class:`PoemsError`."""
        for kind, part in list(self._parts.items()):
            try:
                part.put_in_place()
            except OSError as error:
                raise unwritable(part.place, error) from None
            del self._parts[kind]
        for path, target in self._streamed:
            _send(path, target)


def _begun(path: str) -> Part:
    try:
        return begin(path)
    except OSError as error:
        raise unwritable(path, error) from None


def _send(path: str, target: str) -> None:
    with open(path, "rb") as source:
        if target == STANDARD:
            sys.stdout.flush()
            shutil.copyfileobj(source, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
        try:
            with open(target, "wb") as sink:
                shutil.copyfileobj(source, sink)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise unwritable(target, error) from None
