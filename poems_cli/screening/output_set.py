"""The files of a run: each written next to its place, and put there when all of them are whole."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Self

import pyarrow as pa

from poems_cli.errors import reason, usage_error
from poems_cli.output_files import STANDARD, Part, begun, check_targets, is_file_to_be, unwritable
from poems_cli.screening.plan import Output, Plan, Reject
from poems_cli.screening.summary import Output as Written
from poems_cli.screening.summary import Summary, summary_json
from poems_cli.screening.workbook import XlsxWriter
from poems_cli.screening.writers import FORMULA_SIGNS, Writer, writer_of

_FEW = 20


class OutputSet:
    """The files being written. Leaving it removes what ``finish`` did not put in place.

    ``rows`` counts those of the answer; ``first_rejects`` are some of what was not understood.
    """

    def __init__(self, plan: Plan, more: Mapping[str, str | None] = {}, read: Iterable[str] = ()) -> None:
        """``more`` says where ``rejects``, ``summary`` and ``report`` go, if they were asked for.

        ``read`` are the files that are read (``-`` is standard input), over which nothing is written.
        """
        self.rows = 0
        self.first_rejects: list[Reject] = []
        self._plan = plan
        self._more = {kind: path for kind, path in more.items() if path is not None}
        self._read = read
        self._parts: dict[str, Part] = {}
        self._streamed: list[tuple[str, str]] = []
        self._rejects: IO[str] | None = None
        self._rejected = 0
        self._workbooks: dict[str, XlsxWriter] = {}

    def __enter__(self) -> Self:
        """Make sure that everything can be written, before anything is read. Raises :class:`PoemsError`."""
        given = [*[output.path for output in self._plan.outputs], *self._more.values()]
        if given.count(STANDARD) > 1:
            raise usage_error("", "only one output can go to standard output", "give the others a file")
        check_targets(given, self._read)
        with ExitStack() as begun_files:
            for path in given:
                if path != STANDARD and is_file_to_be(path):
                    with _writing(path):
                        self._parts[path] = begun_files.enter_context(begun(path))
            self._begun_files = begun_files.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        if self._rejects is not None:
            with suppress(OSError):  # a full disk was reported already
                self._rejects.close()
        self._begun_files.close()

    def _path(self, target: str) -> str:
        """Where to write: next to the target, or into the spill folder what goes to a pipe or a device in the end."""
        if target in self._parts:
            return self._parts[target].path
        path = str(Path(self._plan.spill, f"output-{len(self._streamed)}"))
        self._streamed.append((path, target))
        return path

    def writers(self, schema: pa.Schema) -> list[Writer]:
        """The writers of the answer, at the beginning of their files; what was written before is gone."""
        self.rows = self._rejected = 0
        self.first_rejects.clear()
        self._streamed.clear()
        rejects = self._more.get("rejects")
        if rejects is not None:
            if self._rejects is not None:
                self._rejects.close()
            with self._guarded(rejects):
                # A file's name may hold bytes that are not UTF-8, which come out as they went in.
                path = self._path(rejects)
                self._rejects = open(path, "w", encoding="utf-8", errors="surrogateescape", newline="")  # noqa: SIM115
                self._rejects.write(csv_line(Reject._fields))
        self._workbooks = {}
        return [self._writer(output, schema) for output in self._plan.outputs]

    def _writer(self, output: Output, schema: pa.Schema) -> Writer:
        marked, spill = self._plan.byte_order_mark, self._plan.spill
        with self._guarded(output.path):
            writer = writer_of(self._path(output.path), output, schema, spill, byte_order_mark=marked)
        if isinstance(writer, XlsxWriter):
            self._workbooks[output.path] = writer
        return _GuardedWriter(writer, lambda: self._guarded(output.path))

    @contextmanager
    def _guarded(self, target: str) -> Iterator[None]:
        """What the system says against writing becomes a :class:`PoemsError`."""
        try:
            yield
        except OSError as error:
            if target in self._parts:
                raise unwritable(target, error) from None
            folder = str(Path(self._plan.spill).parent)
            what = f"cannot be written: {reason(error)}"
            raise usage_error(folder, what, "name another folder with --spill") from None

    def spilling(self) -> AbstractContextManager[None]:
        """As long as something is kept in the spill folder. Raises :class:`PoemsError` where that cannot be written."""
        return self._guarded("")

    def add_rejects(self, rejects: Sequence[Reject]) -> None:
        """Write what was not understood, if it was asked for."""
        self._rejected += len(rejects)
        self.first_rejects += rejects[: _FEW - len(self.first_rejects)]
        if self._rejects is not None:
            with self._guarded(self._more["rejects"]):
                self._rejects.writelines([csv_line([self._safe(cell) for cell in reject]) for reject in rejects])

    def _safe(self, cell: object) -> str | int:
        is_formula = self._plan.spreadsheet_safe and isinstance(cell, str) and cell.startswith(tuple(FORMULA_SIGNS))
        return cell if isinstance(cell, int) else f"'{cell}" if is_formula else str(cell)

    def write_summary(self, summary: Summary) -> None:
        """Write the summary as JSON, if it was asked for."""
        if "summary" in self._more:
            self._write("summary", json.dumps(summary_json(summary), indent=2, ensure_ascii=False) + "\n")

    def finish_workbooks(self, lines: Callable[[], Sequence[str]]) -> None:
        """Give the workbooks the summary as their second sheet; ``lines`` makes its lines."""
        for path, writer in self._workbooks.items():
            with self._guarded(path):
                writer.finish(lines())

    def write_report(self, page: Callable[[], str]) -> None:
        """Write the report, if it was asked for; ``page`` makes it."""
        if "report" in self._more:
            self._write("report", page())

    def _write(self, kind: str, text: str) -> None:
        target = self._more[kind]
        with self._guarded(target):
            Path(self._path(target)).write_text(text, encoding="utf-8", errors="surrogateescape")

    def written(self) -> tuple[Written, ...]:
        """What is written, and where."""
        kind = "worklist" if self._plan.worklist else "verdicts"
        rows = {"rejects": self._rejected}
        more = [Written(kind, path, rows.get(kind)) for kind, path in self._more.items()]
        return (*[Written(kind, output.path, self.rows) for output in self._plan.outputs], *more)

    def finish(self) -> None:
        """Put every file in its place; send on what goes to a pipe or to standard output. Raises :class:`PoemsError`."""
        if self._rejects is not None:
            with self._guarded(self._more["rejects"]):
                self._rejects.close()
        for part in self._parts.values():
            with _writing(part.place):
                part.put_in_place()
        for path, target in self._streamed:
            _send(path, target)


class _GuardedWriter:
    """A writer that turns the system's errors into those of the program."""

    def __init__(self, writer: Writer, guard: Callable[[], AbstractContextManager[None]]) -> None:
        self.encode = writer.encode
        self._writer = writer
        self._guard = guard

    def write(self, encoded: Any) -> None:
        """Write a batch after those before it."""
        with self._guard():
            self._writer.write(encoded)

    def close(self) -> None:
        """Finish the file."""
        with self._guard():
            self._writer.close()


def csv_line(cells: Iterable[str | int]) -> str:
    """Cells as a line of CSV with its end, the same from every version of Python.

    In quotes is what holds a quote, a comma or a line end.
    """
    shown = map(str, cells)
    return ",".join(['"' + cell.replace('"', '""') + '"' if set(cell) & set('",\n\r') else cell for cell in shown]) + "\n"


@contextmanager
def _writing(target: str) -> Iterator[None]:
    """What the system says against writing there becomes a :class:`PoemsError`; who reads a pipe may leave."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(target, error) from None


def _send(path: str, target: str) -> None:
    with open(path, "rb") as source:
        if target == STANDARD:
            sys.stdout.flush()
            shutil.copyfileobj(source, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
        with _writing(target), open(target, "wb") as sink:
            shutil.copyfileobj(source, sink)
