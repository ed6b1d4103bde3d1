"""The rows of a table that are patients, in little memory: which they are is what ``poems screen`` takes for patients, too."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress

from poems_cli.errors import Problem
from poems_cli.model import Rules
from poems_cli.tables.csv_text import CsvError, rows
from poems_cli.tables.headings import place
from poems_cli.tables.last_rows import LAST, is_total, last_rows, may_be_coded
from poems_cli.tables.opening import text_pieces
from poems_cli.tables.table_file import TableFile
from poems_cli.written_numbers import SPACE

_TOTALS = "this row holds totals or reference ranges"


def rows_of(table: TableFile) -> Iterator[tuple[int, list[str]]]:
    """All rows below the headings, with their numbers as a sheet has them. Raises :class:`CsvError` for broken text."""
    width = len(table.headings)
    return rows(text_pieces(table), table.delimiter, table.line_end, table.skip + 1, width, is_ragged=True)


class PatientRows:
    """The rows that are patients, with their numbers: not blank ones, headings that come again, totals and notes.

    They may be gone through several times. Raises :class:`CsvError`, after the rows above, for broken text.
    """

    def __init__(self, table: TableFile, rules: Rules) -> None:
        self._table = table
        self._rules = rules
        self._no_patients: dict[int, str] = {}
        self._have_codes: bool | None = None
        self._named: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        if self._have_codes is None:
            identity = place(self._table.headings, self._rules).id
            self._named = list(dict.fromkeys([*([] if identity is None else [identity]), self._table.headings[0]]))
            self._have_codes = identity is not None and self._are_codes()
        self._no_patients = {}
        for number, cells in self._above_the_end():
            if self._have_codes and is_total(self._row(cells), self._named[:1]):
                self._no_patients[number] = _TOTALS
            else:
                yield number, cells

    def no_patients(self) -> Iterator[Problem]:
        """What the user must know of the rows that are not patients, once all have been gone through."""
        for number, kind in sorted(self._no_patients.items()):
            yield Problem(f"{self._table.name}, row {number}", f"{kind}, and is not a patient", "delete the row")

    def _are_codes(self) -> bool:
        """Whether every row that is not called as totals are has a code: then such rows are totals wherever they are."""
        found = False
        with suppress(CsvError):  # reported when the rows are read
            for _, cells in self._above_the_end():
                row = self._row(cells)
                if not is_total(row, self._named[:1]):
                    found = may_be_coded(row, self._named)
                    if not found:
                        break
        return found

    def _above_the_end(self) -> Iterator[tuple[int, list[str]]]:
        """The rows without the totals and notes that are the last ones."""
        waiting: deque[tuple[int, list[str]]] = deque()
        try:
            for numbered in self._filled():
                waiting.append(numbered)
                if len(waiting) > LAST:
                    yield waiting.popleft()
        except CsvError:
            yield from waiting
            raise
        found = last_rows([self._row(cells) for _, cells in waiting], self._named)
        last = list(waiting)
        patients = len(last) - found.notes - found.totals
        yield from last[:patients]
        kinds = [_TOTALS] * found.totals + ["this is a note below the table"] * found.notes
        self._no_patients |= {number: kind for (number, _), kind in zip(last[patients:], kinds, strict=True)}

    def _filled(self) -> Iterator[tuple[int, list[str]]]:
        """The rows that are not blank and do not repeat the headings."""
        headings = [heading.lower() for heading in self._table.headings]
        for number, cells in rows_of(self._table):
            if [cell.strip(SPACE).lower() for cell in cells] == headings:
                self._no_patients[number] = "this row repeats the headings"
            elif any(cell.strip(SPACE) for cell in cells):
                yield number, cells

    def _row(self, cells: Sequence[str]) -> dict[str, str]:
        return dict(zip(self._table.headings, cells, strict=False))
