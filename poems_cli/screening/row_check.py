"""Rows in = rows out: the rows of the tables are counted apart from the engine, while it runs."""

import threading
from collections.abc import Sequence

from poems_cli.tables.row_count import Survey, survey
from poems_cli.tables.table_file import TableError, TableFile

_NAMED = 3


class RowCheck:
    """Counts the rows of tables in a thread of its own."""

    def __init__(self, tables: Sequence[TableFile]) -> None:
        self._tables = tables
        self._surveys: list[Survey] = []
        self._thread = threading.Thread(target=self._survey, name="survey", daemon=True)
        self._thread.start()

    def _survey(self) -> None:
        for table in self._tables:
            try:
                self._surveys.append(survey(table))
            except TableError as error:
                self._surveys.append(Survey(None, fault=error))

    def join(self) -> tuple[bool, bool]:
        """Whether the tables may be read quickly, and on several threads. Raises what is wrong with them."""
        self._thread.join()
        for one in self._surveys:
            if one.fault is not None:
                raise one.fault
        return not any(one.underscored for one in self._surveys), all(one.parallel for one in self._surveys)

    def compare(self, rows: int) -> None:
        """Raise :class:`TableError` unless exactly so many rows are in the tables."""
        counted = sum([one.rows for one in self._surveys if one.rows is not None])
        if counted != rows:
            counted = self._count_again()
        if len(self._surveys) < len(self._tables) or counted != rows:
            names = ", ".join([table.name for table in self._tables[:_NAMED]])
            what = f"{counted} rows were counted in the table, and {rows} were read"
            raise TableError(names, what, "nothing was written; please report it with the kind of file, without patients' data")

    def _count_again(self) -> int:
        """The rows by every line, which tells what the quick count lets outweigh each other. Raises what is wrong with one."""
        again = [survey(table, every_line=True) for table in self._tables]
        for one in again:
            if one.fault is not None:
                raise one.fault
        return sum([one.rows for one in again if one.rows is not None])
