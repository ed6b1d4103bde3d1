"""From what was asked for and the tables to a plan; what cannot be screened is refused here, before an engine starts."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.machine import most_at_once, usual_memory
from poems_cli.model import Rules
from poems_cli.outputs import OutputError
from poems_cli.records.problem import quoted
from poems_cli.rules import units_of
from poems_cli.screening.answer import chosen_columns, every_column, usual_columns
from poems_cli.screening.columns import TableMap, Unplaced
from poems_cli.screening.engine_error import EngineError
from poems_cli.screening.headings import place
from poems_cli.screening.map_file import MapError, read_map
from poems_cli.screening.opening import read_sample
from poems_cli.screening.plan import Form, Plan, stored_kind
from poems_cli.screening.table_file import TableError, TableFile, TableOptions

EngineName: TypeAlias = Literal["auto", "python", "duckdb", "spark"]
Packing: TypeAlias = Literal["", "gzip", "zstd"]

_SAMPLE = 2_000
_SIZE = re.compile(r"(?=[0-9.]{1,7} ?[KMGT])[0-9]*[1-9][0-9]*(\.[0-9]+)? ?[KMGT]i?B", re.IGNORECASE)
_FORMS: Mapping[str, Form] = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".parquet": "parquet", ".pq": "parquet", ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}  # fmt: skip
_PACKED: Mapping[str, Packing] = {".gz": "gzip", ".zst": "zstd"}


class ScreenOptions(NamedTuple):
    """What was asked for, as plain data; ``poems screen --help`` says what each is. ``output`` is ``-`` for standard output.

    ``map_text`` is a mapping itself, in place of the file at ``map_path``.
    """

    paths: tuple[str, ...]
    output: str = "-"
    form: Form | None = None
    map_path: str | None = None
    map_text: str | None = None
    id_heading: str | None = None
    table: TableOptions = TableOptions()
    decimal: str = "."
    criteria: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    mimics: bool = False
    worklist: bool = False
    rejects: str | None = None
    strict: bool = False
    summary: str | None = None
    quiet: bool = False
    spreadsheet_safe: bool = False
    memory: str | None = None
    spill: str | None = None
    threads: int | None = None
    engine: EngineName = "auto"
    master: str | None = None


class InputError(ValueError):
    """What was given cannot be screened: every reason, a line each, with a way to mend it."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def plan_of(rules: Rules, options: ScreenOptions, tables: Sequence[TableFile], spill: str) -> Plan:
    """The plan of a run.

    Raises :class:`InputError` for columns that are not clear, :class:`MapError` for a mapping that cannot be used,
    :class:`ColumnError` for a column of the answer that there is not, :class:`EngineError` for a setting that cannot be,
    :class:`OutputError` for an answer of unknown form.
    """
    form, packed = form_of(options)
    criteria = criteria_of(rules, options)
    columns = every_column(rules, criteria)
    usual = usual_columns(columns, criteria[0], options.mimics)
    chosen = chosen_columns(options.columns, columns, usual) if options.columns else usual
    table_map = mapping(rules, options, tables[0].headings)
    checked(table_map, strict=options.strict)
    _refuse_idle_decimal(rules, options, tables[0], table_map)
    return Plan(
        rules=rules,
        units=units_of(rules),
        tables=tuple(tables),
        table_map=table_map,
        criteria=criteria,
        columns=tuple(chosen),
        decimal=options.decimal,
        form=form,
        packed=packed,
        spill=spill,
        seen=seen_cells(tables[0], only_texts=True)[1],
        worklist=options.worklist,
        spreadsheet_safe=options.spreadsheet_safe,
        counts_steps=bool(options.summary) or not options.quiet,
        memory=_memory(options.memory),
        threads=_threads(options.threads),
    )


def _refuse_idle_decimal(rules: Rules, options: ScreenOptions, table: TableFile, table_map: TableMap) -> None:
    """Refuse a decimal comma for a table in which no number is text. Raises :class:`TableError`."""
    measured = [column for column in table_map.columns if rules.findings[column.finding].kind == "quantity"]
    headings = [heading for column in measured for heading in (column.heading, column.low, column.high)]
    texts = (one for one in headings if isinstance(one, str) and stored_kind(table.types.get(one, "VARCHAR")) != "number")
    if options.decimal != "." and next(texts, None) is None:
        raise TableError("--decimal", "it has no effect here: no number of this table stands in text", "leave it out")


def criteria_of(rules: Rules, options: ScreenOptions) -> tuple[str, ...]:
    """The criteria sets to answer, the default one first."""
    if options.criteria:
        return tuple(dict.fromkeys(options.criteria))
    return (rules.default_criteria, *[one for one in rules.criteria if one != rules.default_criteria])


def _memory(said: str | None) -> str:
    """The bound of memory. Raises :class:`EngineError` for what is no size."""
    if said is None:
        return usual_memory()
    if not _SIZE.fullmatch(said):
        raise EngineError(f"--memory-limit: '{quoted(said)}' is no size; write a number and its unit, as 512MB or 2GiB")
    return said


def _threads(said: int | None) -> int | None:
    """How many threads. Raises :class:`EngineError` for more than a machine can use."""
    if said is not None and said > most_at_once():
        raise EngineError(
            f"--threads: {said} is more than this machine can use; write at most {most_at_once()}, or leave it out"
        )
    return said


def mapping(rules: Rules, options: ScreenOptions, headings: Sequence[str]) -> TableMap:
    """Which column is which finding: as the mapping file says, else by the headings. Raises :class:`MapError`."""
    units = units_of(rules)
    if options.map_text is not None:
        return read_map(options.map_text, "mapping", headings, rules, units)
    if options.map_path is None:
        return place(headings, rules, units, options.id_heading)
    try:
        text = Path(options.map_path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise MapError([f"{options.map_path}: this is not UTF-8 text; save it as UTF-8"]) from None
    except OSError as error:
        reason = (error.strerror or "error").lower()
        raise MapError([f"{options.map_path}: cannot be read ({reason}); check the name and its permissions"]) from None
    return read_map(text, options.map_path, headings, rules, units)


def checked(table_map: TableMap, *, strict: bool) -> None:
    """Refuse a table of which a column may be two things, or none is a finding; a strict run leaves no column out unsaid."""
    refused = table_map.unplaced if strict and table_map.columns else table_map.ambiguous
    if refused:
        lines = [_told(one) for one in refused]
        raise InputError([*lines, "poems screen --suggest-map FILE writes a mapping to complete; give it with --map"])
    if not table_map.columns:
        mend = "line 1 may be data, not headings; poems screen --suggest-map FILE writes a mapping to complete for --map"
        raise InputError([f"no column has the name of a finding; {mend}"])


def _told(one: Unplaced) -> str:
    return f"column '{quoted(one.heading)}': {one.why}; {one.mend}"


def form_of(options: ScreenOptions) -> tuple[Form, Packing]:
    """The form of the answer, by its name or as asked, and how it is packed. Raises :class:`OutputError`."""
    if options.output == "-":
        return options.form or "csv", ""
    name = Path(options.output.lower())
    packed = _PACKED.get(name.suffix, "")
    form = options.form or _FORMS.get(Path(name.stem).suffix if packed else name.suffix)
    if form is None:
        message = f"{options.output!r} does not tell its format: end it in .csv, .tsv, .parquet or .ndjson, or say --format"
        raise OutputError(message)
    if packed and form == "parquet":
        message = f"{options.output!r}: Parquet is packed inside already; leave out the last ending"
        raise OutputError(message)
    return form, packed


def seen_cells(table: TableFile, *, only_texts: bool = False) -> tuple[int, dict[str, Counter[str]]]:
    """How many rows were looked at, and the cells of each heading in them, with how often each was there.

    ``only_texts`` leaves out the columns that hold truths or numbers, as those of Parquet may.
    """
    typed = [heading for heading, stored in table.types.items() if stored_kind(stored) in ("boolean", "number")]
    sample = read_sample(table, _SAMPLE, typed if only_texts else ())
    seen: dict[str, Counter[str]] = {}
    for at, heading in enumerate(table.headings):
        cells = [row[at] for row in sample]
        seen.setdefault(heading, Counter([cell for cell in cells if cell]))
    return len(sample), seen
