"""The default engine: DuckDB in this process, one pass over the table, in bounded memory.

Every row becomes a row of codes in a table, of which DuckDB keeps in the spill folder what does not fit into memory. From it
come the counts, and the answer: the few codes that occur are put into words once, and looked up for every row.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poems_cli.screening.answer_columns import AnswerColumn
from poems_cli.screening.coded import Coded, listed_faults
from poems_cli.screening.counts import Counts
from poems_cli.screening.engine_error import EngineError
from poems_cli.screening.packs import Pack
from poems_cli.screening.plan import FORMULA_SIGNS, Plan, Reject, contradiction_reject, fault_reject
from poems_cli.screening.row_answer import Value
from poems_cli.sql.cells import DUCKDB, Kind
from poems_cli.sql.lookup import Lists, looked_up
from poems_cli.sql.text import Text, column, quoted, string, text
from poems_cli.tables.read_errors import explain_error, of_input
from poems_cli.tables.table_bytes import is_utf8
from poems_cli.tables.table_file import TableError
from poems_cli.tables.table_sql import table_sql

if TYPE_CHECKING:
    import duckdb

#: ``type_pushdown`` would let the reader refuse cells, and whole rows with them, that ``TRY_CAST`` takes for unknown;
#: ``in_clause`` makes joins of lists of words, which cost more and need not keep the order of rows.
UNFIT_OPTIMIZERS = "type_pushdown,in_clause"

_CODES, _LISTS = "codes", "lists"
_FILE = "file_number"
_READING = 0.85  # the part of a run that is reading and answering; the rest is writing
_TYPES: Mapping[Kind, str] = {"boolean": "BOOLEAN", "number": "DOUBLE"}
#: A hundredth larger than at the usual level, and written sooner.
_PACKED = "COMPRESSION zstd, COMPRESSION_LEVEL 1"
_LETTERS = {"csv": ",", "tsv": "\t"}


class DuckdbEngine:
    """Answers the tables of one plan."""

    name = "duckdb"

    def __init__(self, plan: Plan) -> None:
        import duckdb

        self._plan = plan
        self._errors = duckdb
        self._connection = duckdb.connect(":memory:", config={"temp_directory": str(Path(plan.spill, "duckdb"))})
        self._set_up()
        self._done = 0.0

    def _set_up(self) -> None:
        plan = self._plan
        settings = {
            "disabled_optimizers": UNFIT_OPTIMIZERS,
            "preserve_insertion_order": "true",
            "enable_progress_bar": "true",
            "enable_progress_bar_print": "false",
            "memory_limit": plan.memory,
            "threads": plan.threads,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        for name, value in settings.items():
            if value is not None:
                self._do(f"SET {name} = {string(str(value))}")

    # --- answering ----------------------------------------------------------------------------------------------------

    def run(self, quick: bool, parallel: bool) -> Counts:
        """Answer every row into the table of codes, and count.

        Raises :class:`TableError` where the table cannot be read, :class:`EngineError` where the engine cannot go on.
        """
        plan = self._plan
        kinds = plan.likely_kinds() if quick and plan.tables[0].form == "csv" else {}
        self._done = 0.0
        self._coded = Coded(plan, DUCKDB, kinds, in_rails=True)
        several = len(plan.tables) > 1
        types = {plan.name_of(heading): _TYPES[kind] for heading, kind in kinds.items()}
        source = table_sql(plan.tables, plan.names, _FILE if several else None, parallel, types)
        kept = {"id": text("CAST({} AS VARCHAR)", column(plan.name_of(plan.table_map.id)))} if plan.table_map.id else {}
        kept |= {_FILE: column(_FILE)} if several else {}
        # What is read twice is a column already: for what else is alike, all columns would be handed on once more.
        self._do(f"SET disabled_optimizers = '{UNFIT_OPTIMIZERS},common_subexpressions'")
        self._do(f"CREATE OR REPLACE TABLE {_CODES} AS {self._coded.sql(source, kept)}", reads=True)
        self._do(f"SET disabled_optimizers = '{UNFIT_OPTIMIZERS}'")
        self._done = _READING
        return self._coded.count(_CODES, self._all)

    # --- the answer ---------------------------------------------------------------------------------------------------

    def write(self, path: str) -> int:
        """Write the answer, in the order of the rows or nearest to met first."""
        plan = self._plan
        self._lists = Lists()
        packs = self._coded.packs.of(plan.columns)
        letter = _LETTERS.get(plan.form)
        if letter is None:
            select = ", ".join([one for pack in packs for one in self._columns(pack)])
            form = f"FORMAT parquet, {_PACKED}" if plan.form == "parquet" else "FORMAT json, ARRAY false"
        else:
            select = ", ".join([self._joined(pack, letter) for pack in packs])
            # Cells are quoted here: the words of a pack already stand in a line.
            form = f"FORMAT csv, HEADER, DELIMITER {string(letter)}, QUOTE '', ESCAPE '', NULLSTR ''"
        packed = f", COMPRESSION {plan.packed}" if plan.packed else ""
        rest = self._coded.worklist_sql(self._looked_up, "codes.rowid") if plan.worklist else ""
        query = f"SELECT {select} FROM {self._beside_lists()}{rest}"
        place = path if is_utf8(path) else str(Path(plan.spill, "answer"))  # DuckDB takes no other names
        copied = self._one(f"COPY ({query}) TO {string(place)} ({form}{packed}, USE_TMP_FILE false)")
        if place != path:
            shutil.copyfile(place, path)
        self._done = 1.0
        return copied

    def _identity(self) -> str:
        identity = "id" if self._plan.table_map.id is not None else "CAST(codes.rowid + 1 AS VARCHAR)"
        if not self._plan.spreadsheet_safe:
            return identity
        signs = " OR ".join(f"starts_with({identity}, {string(sign)})" for sign in FORMULA_SIGNS)
        return f"CASE WHEN {signs} THEN '''' || {identity} ELSE {identity} END"

    def _columns(self, pack: Pack | AnswerColumn) -> Iterator[str]:
        """The columns of a pack, each by itself."""
        if isinstance(pack, AnswerColumn):
            yield f"{self._identity()} AS {quoted(pack.name)}"
            return
        if pack.as_is or pack.numbers:
            for value, one in zip(pack.numbers or [pack.code], pack.columns, strict=True):
                sql = value.sql if isinstance(value, Text) else str(value)
                yield f"{f'CAST({sql} AS INTEGER)' if one.is_count else sql} AS {quoted(one.name)}"
            return
        values = {code: pack.read(code) for code in self._codes(pack)}
        for place, one in enumerate(pack.columns):
            word = self._looked_up(pack.code, {code: words[place] for code, words in values.items()})
            yield f"{f'CAST({word} AS INTEGER)' if one.is_count else word} AS {quoted(one.name)}"

    def _joined(self, pack: Pack | AnswerColumn, letter: str) -> str:
        """The cells of a pack in one text, as they stand in a line, under their headings in one text."""
        if isinstance(pack, AnswerColumn):
            identity = self._identity()
            odd = " OR ".join(f"contains({identity}, {string(sign)})" for sign in ('"', letter, "\n", "\r"))
            cell = f"CASE WHEN {odd} THEN '\"' || replace({identity}, '\"', '\"\"') || '\"' ELSE {identity} END"
            return self._in_line(cell, pack.name)
        heading = letter.join([one.name for one in pack.columns])
        if pack.as_is:
            return self._in_line(pack.code.sql if isinstance(pack.code, Text) else str(pack.code), heading)
        words: dict[int, Value] = {code: letter.join(map(_cell, pack.read(code))) for code in self._codes(pack)}
        return self._in_line(self._looked_up(pack.code, words), heading)

    def _in_line(self, cell: str, heading: str) -> str:
        """A cell as it stands in a line; a blank one that is alone there in quotes, or the line would be no row."""
        if len(self._plan.columns) == 1:
            cell = f"COALESCE(NULLIF(CAST({cell} AS VARCHAR), ''), '\"\"')"
        return f"{cell} AS {quoted(heading)}"

    def _looked_up(self, code: Text | int, words: Mapping[int, Value]) -> str:
        return looked_up(code, words, self._lists, as_enum=self._plan.form == "parquet")

    def _beside_lists(self) -> str:
        """The table of codes with the lists of words beside every row.

        The other side of the product is one row, so that the rows of codes stream past it and keep their order.
        """
        columns = list(self._lists.columns())
        if not columns:
            return _CODES
        select = ", ".join(column for column, _ in columns)
        self._do(f"CREATE OR REPLACE TABLE {_LISTS} AS SELECT {select}", values=[words for _, words in columns])
        return f"{_CODES}, {_LISTS}"

    def _codes(self, pack: Pack) -> Sequence[int]:
        """The codes of a pack that occur."""
        return self._coded.occurring(pack.code, _CODES, self._all)

    # --- rejects ------------------------------------------------------------------------------------------------------

    def rejects(self) -> Iterator[Reject]:
        """What was not understood, and what contradicts itself, by row."""
        plan, answers = self._plan, self._coded.answers
        several = len(plan.tables) > 1
        firsts = dict(self._all(f"SELECT {_FILE}, min(rowid) FROM {_CODES} GROUP BY 1")) if several else {}
        contradictions = answers.contradictions
        mask = contradictions.value.sql if isinstance(contradictions.value, Text) else str(contradictions.value)
        faults = "faults" if answers.faults is not None else "CAST(NULL AS VARCHAR)"
        selected = f"rowid, {_FILE if several else '0'}, {faults}, {mask}"
        query = f"SELECT {selected} FROM {_CODES} WHERE {faults} IS NOT NULL OR {contradictions.any_holds} ORDER BY rowid"
        for place, file, cells, contradictory in self._fetched(query):
            name, row = plan.tables[file].name, place - firsts.get(file, 0) + 1
            for number, fault in listed_faults(cells or ""):
                yield fault_reject(name, row, answers.fault_columns[number], fault)
            for finding in contradictions.ids_of(contradictory):
                yield contradiction_reject(name, row, finding)

    def fraction(self) -> float | None:
        """How much is done: reading first, writing after it."""
        part = float(self._connection.query_progress())
        if part < 0:
            return None
        share = (1 - _READING) if self._done else _READING
        return min(1.0, self._done + share * part / 100)

    def close(self) -> None:
        """Close the database; its files are the spill folder's."""
        self._connection.close()

    # --- the connection -----------------------------------------------------------------------------------------------

    def _all(self, query: str) -> list[Any]:
        return self._do(query).fetchall()

    def _one(self, query: str) -> int:
        found: int = self._do(query).fetchall()[0][0]
        return found

    def _fetched(self, query: str) -> Iterator[Any]:
        cursor = self._connection.cursor()
        self._awaited(cursor, query)
        while found := cursor.fetchmany(10_000):
            yield from found

    def _do(self, query: str, reads: bool = False, values: Sequence[object] = ()) -> "duckdb.DuckDBPyConnection":
        """Run SQL. An error of DuckDB quotes cells, so that its text goes nowhere."""
        try:
            return self._awaited(self._connection, query, values)
        except self._errors.Error as error:
            said = str(error)
        if reads and of_input(said):
            raise self._explained(said)
        raise EngineError(*_of_engine(said))

    def _awaited(
        self, connection: "duckdb.DuckDBPyConnection", query: str, values: Sequence[object] = ()
    ) -> "duckdb.DuckDBPyConnection":
        """Run SQL in another thread: where DuckDB itself sees the signal that ends the program, which one it was is lost."""
        with ThreadPoolExecutor(1, "duckdb") as thread:
            running = thread.submit(connection.execute, query, values or None)
            try:
                return running.result()
            except (KeyboardInterrupt, SystemExit):
                connection.interrupt()
                raise

    def _explained(self, said: str) -> TableError:
        found = [explain_error(said, table) for table in self._plan.tables]
        return next((one for one in found if "line" in str(one)), found[0])


def _cell(value: Value) -> str:
    return "" if value is None else str(value)


def _of_engine(said: str) -> tuple[str, str]:
    """Why the engine stopped, in one line, without what its text quotes."""
    lower = said.lower()
    if "no space left" in lower or "could not write" in lower or "disk" in lower:
        return "the disk is full", "free some space, or name another folder with --spill or another place with -o"
    if "out of memory" in lower or "memory_limit" in lower or "memory limit" in lower:
        return "the memory limit is too small for this table", "give more with --memory-limit, or room with --spill"
    if "permission denied" in lower or "cannot open file" in lower or "failed to" in lower:
        return "a file of the spill folder or the answer cannot be written", "check them, or name others with --spill and -o"
    kind = said.partition(":")[0]
    return f"DuckDB stopped ({kind})", "please report it, with the first line of what you ran"
