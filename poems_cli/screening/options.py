"""From what was asked for and the tables to a plan; what cannot be screened is refused here, before an engine starts."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from poems_cli.engine.answer_columns import AnswerColumn, chosen_columns, every_column, usual_columns
from poems_cli.errors import PoemsError, Problem, input_error, reason, usage_error
from poems_cli.exit_codes import EXIT_INPUT
from poems_cli.machine import most_at_once
from poems_cli.model import Rules
from poems_cli.phrases import quoted
from poems_cli.records.other_kinds import other_columns
from poems_cli.screening.plan import Form, Output, Packing, Plan
from poems_cli.screening.preparing import Shape, one_visit_each, prepared
from poems_cli.screening.reading_columns import ColumnProfiles, kinds_of
from poems_cli.tables.batches import Batch, as_text, first_rows
from poems_cli.tables.columns import TableMap, Unplaced
from poems_cli.tables.deciding import DecidingOptions
from poems_cli.tables.headings import NOT_KNOWN, nearest_heading, place, problems_of
from poems_cli.tables.likely_cells import without_unlikely
from poems_cli.tables.map_file import NOT_NAMED, read_map
from poems_cli.tables.table_file import TableError, TableFile, TableOptions
from poems_cli.units import UnitSystem

EngineName: TypeAlias = Literal["auto", "spark"]

#: So many rows are looked at before a table is read.
SAMPLE = 2_000
_SUGGEST_MAP = "poems screen --suggest-map FILE writes a mapping to complete"
_MOST_UNREAD = 10
_SIZE = re.compile(r"(?=[0-9.]{1,7} ?[KMGT])([0-9]*[1-9][0-9]*(?:\.[0-9]+)?) ?([KMGT])i?B", re.IGNORECASE)
_FORMS: Mapping[str, Form] = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".parquet": "parquet", ".pq": "parquet", ".ndjson": "ndjson",
    ".jsonl": "ndjson", ".xlsx": "xlsx",
}  # fmt: skip
_PACKED: Mapping[str, Packing] = {".gz": "gzip", ".zst": "zstd"}


class ScreenOptions(NamedTuple):
    """What was asked for, as plain data; ``poems screen --help`` says what each is.

    Of ``outputs`` ``-`` is standard output. ``check`` only says how the tables are read.

    ``map_text`` is a mapping itself, in place of the file at ``map_path``. In the ``report`` counts below ``min_count`` are
    hidden.
    ``read`` are the files of the rules, over which nothing is written.
    """

    paths: tuple[str, ...]
    outputs: tuple[str, ...] = ("-",)
    form: Form | None = None
    map_path: str | None = None
    map_text: str | None = None
    id_heading: str | None = None
    table: TableOptions = TableOptions()
    decimal: str | None = None
    units: UnitSystem | None = None
    shape: Shape = Shape()
    criteria: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    mimics: bool = False
    worklist: bool = False
    rejects: str | None = None
    strict: bool = False
    check: bool = False
    summary: str | None = None
    report: str | None = None
    min_count: int = 0
    quiet: bool = False
    spreadsheet_safe: bool = False
    excel: bool = False
    labels: bool = False
    keep: tuple[str, ...] = ()
    memory: str | None = None
    spill: str | None = None
    threads: int | None = None
    engine: EngineName = "auto"
    master: str | None = None
    read: tuple[str, ...] = ()


def plan_of(rules: Rules, options: ScreenOptions, tables: Sequence[TableFile], spill: str) -> Plan:
    """The plan of a run.

    Raises :class:`PoemsError` for columns that are not clear, a mapping that cannot be used, an unknown column of the answer,
    an impossible setting, and an answer of unknown form.
    """
    criteria = criteria_of(rules, options)
    columns = answer_columns(rules, options, criteria)
    tables = prepared(rules, tables, options.shape, options.id_heading, named_in_map(options))
    kept = kept_headings(options, tables[0])
    first = first_rows(tables[0], SAMPLE)
    profiles = profiles_of_table(rules, options, tables[0], first)
    profiles.add(first.columns)
    tables = one_visit_each(rules, tables, options.shape, profiles, kept)
    is_decided = bool(tables[0].every)
    if is_decided:
        profiles = profiles.empty()
        profiles.add(tables[0].every)
    table_map = profiles.decided()
    kind = other_columns(tables[0].headings)
    if kind is not None and not table_map.columns:
        raise TableError(tables[0].name, *kind)
    if not options.check or not table_map.columns:
        refuse_ambiguous(table_map)
    checked(table_map, strict=options.strict)
    return Plan(
        rules=rules,
        tables=tuple([table._replace(every={}) for table in tables]),
        table_map=table_map,
        is_decided=is_decided,
        criteria=criteria,
        columns=columns,
        outputs=() if options.check else tuple([output_of(path, options.form) for path in options.outputs]),
        spill=spill,
        kinds=kinds_of(rules, table_map, first.columns),
        profiles=profiles,
        keep=kept,
        labels=options.labels,
        worklist=options.worklist,
        spreadsheet_safe=options.spreadsheet_safe,
        byte_order_mark=options.excel,
        lists_rejects=options.rejects is not None or options.strict,
        counts_steps=bool(options.summary or options.report) or not options.quiet,
        counts_details=bool(options.report),
        memory=_memory(options.memory),
        threads=_threads(options.threads),
    )


def answer_columns(rules: Rules, options: ScreenOptions, criteria: Sequence[str]) -> tuple[AnswerColumn, ...]:
    """The columns of the answer. Raises :class:`PoemsError` for an unknown one."""
    columns = every_column(rules, criteria)
    usual = usual_columns(columns, criteria[0], options.mimics)
    return tuple(chosen_columns(options.columns, columns, usual) if options.columns else usual)


def profiles_of_table(rules: Rules, options: ScreenOptions, table: TableFile, first: Batch) -> ColumnProfiles:
    """The columns that may be findings, with nothing counted. Raises :class:`PoemsError` for a mapping that is wrong."""
    candidates = _without_doubtful(mapping(rules, options, table.headings), table)
    unplaced = tuple([column for column in candidates.unplaced if not options.shape.is_date(column.heading)])
    candidates = without_unlikely(candidates._replace(unplaced=unplaced), first, rules)
    return ColumnProfiles(rules, candidates, DecidingOptions(options.units, options.decimal))


def kept_headings(options: ScreenOptions, table: TableFile) -> tuple[str, ...]:
    """The headings whose cells are copied into the answer; ``all`` stands for all of them. Raises :class:`PoemsError`."""
    if "all" in options.keep:
        return tuple(dict.fromkeys(table.headings))
    for heading in options.keep:
        if heading not in table.headings:
            raise usage_error("--keep", f"no column is called '{quoted(heading)}'", nearest_heading(heading, table.headings))
    return options.keep


def files_read(options: ScreenOptions) -> tuple[str, ...]:
    """What is read besides the tables."""
    return (*options.read, options.map_path) if options.map_path else options.read


def criteria_of(rules: Rules, options: ScreenOptions) -> tuple[str, ...]:
    """The criteria sets to answer, the default one first."""
    if options.criteria:
        return tuple(dict.fromkeys(options.criteria))
    return (rules.default_criteria, *[set_id for set_id in rules.criteria if set_id != rules.default_criteria])


def _memory(size: str | None) -> int | None:
    """The bound of memory, in megabytes. Raises :class:`PoemsError` for what is not a size."""
    if size is None:
        return None
    match = _SIZE.fullmatch(size)
    if match is None:
        mend = "write a number with its unit, such as 512MB or 2GiB"
        raise usage_error("--memory-limit", f"'{quoted(size)}' is not a size", mend)
    return int(float(match[1]) * 1024 ** ("KMGT".index(match[2].upper()) - 1))


def _threads(said: int | None) -> int | None:
    """How many threads. Raises :class:`PoemsError` for more than a machine can use."""
    if said is not None and said > most_at_once():
        mend = f"write at most {most_at_once()}, or leave it out"
        raise usage_error("--threads", f"{said} is more than this machine can use", mend)
    return said


def mapping(rules: Rules, options: ScreenOptions, headings: Sequence[str]) -> TableMap:
    """Which column is which finding: as the mapping file says, else by the headings. Raises :class:`PoemsError`."""
    if options.map_text is not None:
        return read_map(options.map_text, "mapping", headings, rules)
    if options.map_path is None:
        return place(headings, rules, options.id_heading or options.shape.identity)
    return read_map(_map_file(options.map_path), options.map_path, headings, rules)


def _map_file(path: str) -> str:
    """The text of a mapping file. Raises :class:`PoemsError`."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise input_error(path, "this is not UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        what = f"cannot be read ({reason(error)})"
        raise input_error(path, what, "check the name and its permissions") from None


def _without_doubtful(table_map: TableMap, table: TableFile) -> TableMap:
    """The columns except those whose numbers a workbook does not show for certain, unless the mapping says their unit."""
    doubtful = [column for column in table_map.columns if column.heading in table.in_doubt and column.unit_from != "mapping"]
    mend = "write it as plain numbers in the sheet, or say its unit in the mapping"
    unplaced = [Unplaced(column.heading, table.in_doubt[column.heading], mend, in_doubt=True) for column in doubtful]
    columns = tuple([column for column in table_map.columns if column not in doubtful])
    return table_map._replace(columns=columns, unplaced=(*unplaced, *table_map.unplaced))


def named_in_map(options: ScreenOptions) -> tuple[str, ...]:
    """The headings that the mapping names, if there is one. Raises :class:`PoemsError`."""
    text = options.map_text if options.map_path is None else _map_file(options.map_path)
    if text is None:
        return ()
    from poems_cli.rules.strict_yaml import read_yaml

    data = read_yaml("mapping", text).data
    columns = data.get("columns") if isinstance(data, dict) else None
    return tuple(map(str, columns)) if isinstance(columns, dict) else ()


def refuse_ambiguous(table_map: TableMap) -> None:
    """Refuse a table with a column that may be two things. Raises :class:`PoemsError`."""
    problems = problems_of(table_map)
    if problems:
        raise PoemsError([*problems, Problem("", _SUGGEST_MAP, "give it with --map")], EXIT_INPUT)


def checked(table_map: TableMap, *, strict: bool) -> None:
    """Refuse a table without a readable column; a strict run refuses any column left out. Raises :class:`PoemsError`."""
    if strict and table_map.columns and table_map.unplaced:
        raise _unread(table_map.unplaced)
    if table_map.columns:
        return
    explained = [column for column in table_map.unplaced if column.in_doubt or column.why not in (NOT_KNOWN, NOT_NAMED[0])]
    if explained:
        raise _unread(explained[:_MOST_UNREAD])
    if any(column.why == NOT_NAMED[0] for column in table_map.unplaced):
        raise input_error("", "the mapping says of no column which finding it is", NOT_NAMED[1])
    data = "" if table_map.id else "the first row may be data, not headings; "
    raise input_error("", "no column has the name of a finding", f"{data}{_SUGGEST_MAP} for --map")


def _unread(columns: Sequence[Unplaced]) -> PoemsError:
    problems = [Problem(f"column '{quoted(column.heading)}'", column.why, column.mend) for column in columns]
    return PoemsError([*problems, Problem("", _SUGGEST_MAP, "give it with --map")], EXIT_INPUT)


def output_of(path: str, form: Form | None) -> Output:
    """The form of an answer, by its name or as asked, and how it is packed. Raises :class:`PoemsError`."""
    if path == "-":
        return Output(path, form or "csv")
    name = Path(path.lower())
    packed = _PACKED.get(name.suffix, "")
    found = form or _FORMS.get(Path(name.stem).suffix if packed else name.suffix)
    if found is None:
        mend = "end it in .csv, .tsv, .parquet, .ndjson or .xlsx, or say --format"
        raise usage_error("", f"{path!r} does not show which format to write", mend)
    if packed and found in ("parquet", "xlsx"):
        raise usage_error(path, "this format is already compressed", "leave out the last extension")
    return Output(path, found, packed)


def seen_cells(first: Batch) -> dict[str, Counter[str]]:
    """The cells of each heading in some rows, with how often each was there."""
    return {heading: Counter([cell for cell in as_text(cells).to_pylist() if cell]) for heading, cells in first.columns.items()}
