"""The engine for tables that one machine is too small for: the same SQL on Spark, with no Python for any row."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from poems_cli.errors import PoemsError
from poems_cli.screening.answer_columns import AnswerColumn
from poems_cli.screening.coded import Coded, listed_faults
from poems_cli.screening.counts import Counts
from poems_cli.screening.engine_error import EngineError
from poems_cli.screening.packs import Pack
from poems_cli.screening.plan import FORMULA_SIGNS, Plan, Reject, contradiction_reject, fault_reject
from poems_cli.screening.row_answer import Value
from poems_cli.screening.spark_output import join_parts, write_parts
from poems_cli.screening.spark_session import LOG_VARIABLE, Session, check_installed
from poems_cli.screening.spark_table import FILE, MALFORMED, PARTITION_BITS, ROW, relation
from poems_cli.sql.cells import ANY_ENGINE
from poems_cli.sql.text import Text, column, quoted, string, text
from poems_cli.tables.read_errors import first_fault
from poems_cli.tables.table_file import TableError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_CODES = "codes"
_READING = 0.85  # the part of a run that is reading and answering; the rest is writing
_MANY = 100_000  # so many rows are fetched at once
_FEW = 2_000  # so many words are sent within a query


class SparkEngine:
    """Answers the tables of one plan."""

    name = "spark"

    def __init__(self, plan: Plan, master: str | None = None) -> None:
        check_installed()
        self._plan = plan
        self._coded = Coded(plan, ANY_ENGINE, in_rails=True)
        self._session = Session(master, plan.spill, plan.memory, plan.threads)
        self._spark = self._session.spark
        self._codes: DataFrame | None = None
        self._rejected = 0
        self._joined = 0
        self._seen: Mapping[str, list[int]] = {}
        self._written = False

    # --- answering ----------------------------------------------------------------------------------------------------

    def run(self, quick: bool = False, parallel: bool = True) -> Counts:  # noqa: ARG002  # Spark reads in its own way
        """Answer every row into the codes, which Spark keeps on its own disks, and count.

        Raises :class:`TableError` where the table cannot be read, :class:`EngineError` where the engine cannot go on.
        """
        holds_lines = any("\n" in cell for cells in self._plan.seen.values() for cell in cells)
        try:
            if not self._make(whole=holds_lines) and (holds_lines or not self._make(whole=True)):
                raise self._unreadable()
            self._all(f"SELECT COUNT(*) FROM {_CODES}")  # makes all of them
            self._session.expect_few_columns()
            counts = self._coded.count(_CODES, self._all)
            self._rejected = counts.faulty_rows + counts.contradictory_rows
            return counts
        except Exception as error:
            raise self._explained(error) from None

    def _make(self, whole: bool) -> bool:
        """Make the codes; whether every row could be read."""
        from pyspark import StorageLevel

        plan = self._plan
        if self._codes is not None:
            self._codes.unpersist()
        source = relation(self._spark, plan.tables, plan.names, plan.spill, whole)
        also = {name: column(name) for name in (ROW, MALFORMED, FILE)}
        if plan.table_map.id is not None:
            also["id"] = text("CAST({} AS VARCHAR)", column(plan.name_of(plan.table_map.id)))
        for select_list in self._coded.select_lists(also):  # Spark looks through one long query again and again
            source = source.selectExpr(*map(_in_spark, select_list))
        self._codes = source.persist(StorageLevel.DISK_ONLY)
        self._codes.createOrReplaceTempView(_CODES)
        return not self._all(f"SELECT 1 FROM {_CODES} WHERE {MALFORMED} LIMIT 1") if plan.tables[0].form == "csv" else True

    def _unreadable(self) -> TableError:
        """Which line cannot be read, and why: found anew, without Spark."""
        for table in self._plan.tables:
            fault = first_fault(table)
            if fault is not None:
                return fault
        name = self._plan.tables[0].name
        return TableError(name, "Spark cannot read it as it is written", "leave out --engine spark")

    # --- the answer ---------------------------------------------------------------------------------------------------

    def write(self, path: str) -> int:
        """Write the answer, in the order of the rows or nearest to met first."""
        try:
            return self._write(path)
        except Exception as error:
            raise self._explained(error) from None

    def _write(self, path: str) -> int:
        from pyspark.sql import Observation
        from pyspark.sql import functions as f

        plan = self._plan
        codes = self._spark.table(_CODES)
        select: list[str] = []
        for pack in self._coded.packs.of(plan.columns):
            if isinstance(pack, AnswerColumn):
                codes, identity = self._identity(codes)
                select.append(f"{identity} AS {quoted(pack.name)}")
                continue
            if pack.as_is and isinstance(pack.code, Text):
                select.append(f"{pack.code.sql} AS {quoted(pack.columns[0].name)}")
                continue
            codes, words = self._looked_up(codes, pack.code, self._values(pack), [one.is_count for one in pack.columns])
            select += [f"{word} AS {quoted(one.name)}" for word, one in zip(words, pack.columns, strict=True)]
        codes, rest = self._worklist(codes) if plan.worklist else (codes, "")
        codes.createOrReplaceTempView("answers")
        observation = Observation()
        rows = self._query(f"SELECT {', '.join(select)} FROM answers{rest}")
        observed = rows.observe(observation, f.count(f.lit(1)).alias("rows"))
        parts = f"{path}.parts"
        try:
            write_parts(observed, parts, plan.form)
            join_parts(parts, path, plan, [one.name for one in plan.columns])
        finally:
            shutil.rmtree(parts, ignore_errors=True)
        self._written = True
        return int(observation.get["rows"])

    def _worklist(self, codes: "DataFrame") -> "tuple[DataFrame, str]":
        looked_up: list[DataFrame] = [codes]

        def word(code: Text | int, words: Mapping[int, Value]) -> str:
            rows, found = self._looked_up(looked_up[-1], code, {one: (value,) for one, value in words.items()}, [True])
            looked_up.append(rows)
            return found[0]

        rest = self._coded.worklist_sql(word, f"{FILE}, {ROW}")
        return looked_up[-1], rest

    def _values(self, pack: Pack) -> Mapping[int, tuple[Value, ...]]:
        """What the codes of a pack that occur stand for."""
        if isinstance(pack.code, int):
            return {pack.code: pack.read(pack.code)}
        (column,) = pack.code.columns
        return {code: pack.read(code) for code in self._occurring()[column]}

    def _occurring(self) -> Mapping[str, list[int]]:
        """The codes that occur, in order, by the name of their column."""
        if not self._seen:
            names = [name for name in self._coded.kept if name != "faults"]
            sets = ", ".join(f"SORT_ARRAY(COLLECT_SET(`{name}`))" for name in names) or "0"
            found = self._spark.sql(f"SELECT {sets} FROM {_CODES}").collect()[0]
            self._seen = dict(zip(names, found, strict=False))
        return self._seen

    def _looked_up(
        self, codes: "DataFrame", code: Text | int, values: Mapping[int, tuple[Value, ...]], counts: Sequence[bool]
    ) -> "tuple[DataFrame, list[str]]":
        """The rows with the values that their codes stand for, and the SQL of each: a small table that every task is given."""
        from pyspark.sql import functions as f

        kinds = ["INT" if is_count else "STRING" for is_count in counts]
        if isinstance(code, int):
            (only,) = values.values() or [tuple([None for _ in counts])]
            typed = [f"CAST({_literal(value)} AS {kind})" for value, kind in zip(only, kinds, strict=True)]
            return codes, typed
        self._joined += 1
        key, names = f"code_{self._joined}", [f"word_{self._joined}_{place}" for place in range(len(counts))]
        words = self._small_table([(one, *row) for one, row in values.items()], [key, *names], ["BIGINT", *kinds])
        (column,) = code.columns
        return codes.join(f.broadcast(words), f.col(f"`{column}`") == f.col(key), "left"), [quoted(one) for one in names]

    def _small_table(self, rows: Sequence[Sequence[Value]], names: Sequence[str], kinds: Sequence[str]) -> "DataFrame":
        """A table of a few rows, to be joined to many."""
        if len(rows) > _FEW or not rows:
            schema = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
            return self._spark.createDataFrame([tuple(row) for row in rows], schema)
        listed = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
        typed = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in zip(names, kinds, strict=True))
        return self._spark.sql(f"SELECT {typed} FROM VALUES {listed} AS words({', '.join(names)})")

    def _identity(self, codes: "DataFrame") -> "tuple[DataFrame, str]":
        plan = self._plan
        identity = "id"
        if plan.table_map.id is None:
            codes, identity = self._numbered(codes)
        if plan.spreadsheet_safe:
            signs = " OR ".join(f"STARTS_WITH({identity}, {string(sign)})" for sign in FORMULA_SIGNS)
            identity = f"CASE WHEN {signs} THEN CONCAT('''', {identity}) ELSE {identity} END"
        return codes, identity

    # --- rows and their numbers ---------------------------------------------------------------------------------------

    def _firsts(self, *, by_file: bool) -> dict[tuple[int, int], int]:
        """How many rows stand before each partition of each file, which counts its own: in its file, or in all."""
        query = f"SELECT {FILE}, SHIFTRIGHT({ROW}, {PARTITION_BITS}), COUNT(*) FROM {_CODES} GROUP BY 1, 2 ORDER BY 1, 2"
        firsts: dict[tuple[int, int], int] = {}
        before, current = 0, None
        for file, partition, rows in self._spark.sql(query).collect():
            before = 0 if by_file and file != current else before
            firsts[file, partition], current = before, file
            before += rows
        return firsts

    def _numbered(self, codes: "DataFrame") -> "tuple[DataFrame, str]":
        """The rows with their number among all rows, from 1, as text."""
        from pyspark.sql import functions as f

        rows = [(*place, before) for place, before in self._firsts(by_file=False).items()]
        firsts = self._small_table(rows, ["of_file", "partition", "before"], ["INT", "BIGINT", "BIGINT"])
        same = f.expr(f"{FILE} = of_file AND SHIFTRIGHT({ROW}, {PARTITION_BITS}) = partition")
        joined = codes.join(f.broadcast(firsts), same, "left")
        number = f.expr(f"CAST(before + ({ROW} & {(1 << PARTITION_BITS) - 1}) + 1 AS STRING)")
        return joined.withColumn("row_number", number), "row_number"

    def rejects(self) -> Iterator[Reject]:
        """What was not understood, and what contradicts itself, by row."""
        try:
            yield from self._rejects()
        except Exception as error:
            raise self._explained(error) from None

    def _rejects(self) -> Iterator[Reject]:
        plan, answers = self._plan, self._coded.answers
        firsts = self._firsts(by_file=True)
        contradictions = answers.contradictions
        mask = contradictions.value.sql if isinstance(contradictions.value, Text) else str(contradictions.value)
        faults = "faults" if answers.faults is not None else "CAST(NULL AS VARCHAR)"
        where = f"{faults} IS NOT NULL OR {contradictions.any_holds}"
        found = self._query(f"SELECT {ROW}, {FILE}, {faults}, {mask} FROM {_CODES} WHERE {where}")
        rows = found.collect() if self._rejected <= _MANY else found.toLocalIterator()  # the latter is one job a partition
        for place, file, cells, contradictory in rows:
            row = firsts[file, place >> PARTITION_BITS] + (place & (1 << PARTITION_BITS) - 1) + 1
            for number, fault in listed_faults(cells or ""):
                yield fault_reject(plan.tables[file].name, row, answers.fault_columns[number], fault)
            for finding in contradictions.ids_of(contradictory):
                yield contradiction_reject(plan.tables[file].name, row, finding)

    # --- Spark --------------------------------------------------------------------------------------------------------

    def fraction(self) -> float | None:
        """How much is done, as far as Spark's tasks tell."""
        part = self._session.fraction()
        return None if part is None else part if self._written else _READING * part

    def close(self) -> None:
        """Give back what Spark keeps, and stop it unless it was running before."""
        if self._codes is not None:
            self._codes.unpersist()
        self._session.close()

    def _query(self, sql: str) -> "DataFrame":
        return self._spark.sql(_in_spark(sql))

    def _all(self, query: str) -> list[Any]:
        return [tuple(row) for row in self._query(query).collect()]

    def _explained(self, error: Exception) -> Exception:
        """Why Spark stopped, in one line: what Spark itself says may quote whole rows."""
        if isinstance(error, (PoemsError, OSError)):
            return error
        return EngineError(*_of_spark(str(error).lower()))


def _in_spark(sql: str) -> str:
    """A query or an expression in Spark's dialect."""
    from sqlglot import transpile

    return transpile(sql, read="duckdb", write="spark")[0]


def _literal(word: Value) -> str:
    if word is None:
        return "NULL"
    return str(word) if isinstance(word, int) else string(word)


def _of_spark(said: str) -> tuple[str, str]:
    if "no space left" in said:
        return "a disk is full", "free some space, or name another folder with --spill or another place with -o"
    if "outofmemoryerror" in said or "java heap space" in said or "gc overhead" in said:
        return "Spark has too little memory for this table", "give more with --memory-limit"
    if "permission denied" in said or "accesscontrolexception" in said:
        return "Spark cannot read the tables or write the answer", "check their permissions on every machine of the cluster"
    if "filenotfoundexception" in said or "path_not_found" in said or "does not exist" in said:
        return "a file that Spark reads is not there", "every machine of the cluster must see it under the same path"
    if "stopped sparkcontext" in said or "unresponsive" in said or "connection refused" in said:
        return "Spark's cluster cannot be reached any more", "check it, and start anew"
    return "Spark stopped", f"please report it, with the first line of what you ran. {LOG_VARIABLE}=FILE keeps its log"
