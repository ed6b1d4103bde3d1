"""Files of SPSS, Stata and SAS as tables: what a code is labeled as is what is read, and a value declared missing is blank."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from poems_cli.model import Rules
from poems_cli.records.problem import quoted
from poems_cli.tables.cell_types import Value, array_of, as_text, is_number
from poems_cli.tables.headings import place
from poems_cli.tables.table_bytes import readable
from poems_cli.tables.table_file import TableError
from poems_cli.units import UnitTable

if TYPE_CHECKING:  # slow to load
    import pyarrow as pa

Kind: TypeAlias = Literal["SPSS", "SPSS portable", "Stata", "SAS", "SAS transport"]

EXTRA = "stata-sas-spss"
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"$FL2", "SPSS"),
    (b"$FL3", "SPSS"),
    (b"<stata_dta>", "Stata"),
    (b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60", "SAS"),
    (b"HEADER RECORD*******", "SAS transport"),
)
_READERS: Mapping[Kind, str] = {
    "SPSS": "read_sav", "SPSS portable": "read_por", "Stata": "read_dta", "SAS": "read_sas7bdat", "SAS transport": "read_xport",
}  # fmt: skip
_CALLED: Mapping[Kind, str] = {
    "SPSS": "an SPSS file", "SPSS portable": "an SPSS portable file", "Stata": "a Stata file", "SAS": "a SAS data set",
    "SAS transport": "a SAS transport file",
}  # fmt: skip
#: How formats that come with SAS begin; all others are a user's own, and hold labels.
_FORMATS = (
    "BEST", "F", "DATE", "DATETIME", "TIME", "COMMA", "MMDDYY", "DDMMYY", "YYMMDD", "$", "E8601", "IS8601", "PERCENT", "Z",
    "NUM", "YEAR", "MONYY", "HHMM", "E", "COMMAX", "DOLLAR",
)  # fmt: skip
_PADDED = re.compile("Z([0-9]{1,2})")
_PORTABLE = b"SPSS PORT FILE"
_OLD_STATA = range(104, 116)  # the releases whose files begin with their number


class StatisticsTable(NamedTuple):
    """A file of a statistics program as a table.

    ``names`` are those of the variables, ``labels`` what they are called, blank where there is no label. ``table`` has the
    columns in that order, under the names: truths, numbers, or texts (codes as they are labeled, dates as ISO 8601 has them).
    ``units`` says by column, from 0, which unit the file shows after its numbers: ``%``, whose numbers are then those shown.
    ``notes`` are what the user must know, a line each.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    table: "pa.Table"
    units: Mapping[int, str] = {}
    notes: tuple[str, ...] = ()


def kind_of(head: bytes) -> Kind | None:
    """Which program a file is of, by its first bytes (some 400 of them); ``None`` for any other file."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if _PORTABLE in head[:400]:
        return "SPSS portable"
    is_old = len(head) > 3 and head[0] in _OLD_STATA and head[1] in (1, 2) and head[2] == 1 and head[3] == 0
    return "Stata" if is_old else None


def read_statistics(name: str, path: str, kind: Kind, encoding: str | None = None) -> StatisticsTable:
    """The table in a file of SPSS, Stata or SAS; ``name`` is the file's for messages.

    Raises :class:`TableError` for a file that is broken or in another encoding, and where the extra for such files is missing.
    """
    pyreadstat = _pyreadstat(name, kind)
    read: Callable[..., tuple[Mapping[str, list[Value]], Any]] = getattr(pyreadstat, _READERS[kind])
    with readable(name, path):
        with open(path, "rb"):  # says why it cannot be opened
            pass
        try:
            options = {} if encoding is None or kind == "SPSS portable" else {"encoding": encoding}
            try:
                columns, about = read(path, output_format="dict", **options)
            except OverflowError:  # a date that no calendar has
                columns, about = read(path, output_format="dict", disable_datetime_conversion=True, **options)
        except (UnicodeError, LookupError):
            raise TableError(name, "its texts are in another encoding", "say which one: --encoding windows-1252") from None
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError):
            what = f"this is {_CALLED[kind]} that is broken, truncated, or of a version that is not understood"
            raise TableError(name, what, "export it again, or as CSV (UTF-8)") from None
    if not columns:
        raise TableError(name, "there is nothing in it", "check how it was exported")
    import pyarrow as pa

    labels: Mapping[str, Mapping[object, str]] = about.variable_value_labels
    formats = {variable: str(code or "").upper() for variable, code in about.original_variable_types.items()}
    shown = [_shown(cells, formats.get(variable, ""), kind) for variable, cells in columns.items()]
    arrays = [array_of(_labeled(cells, labels.get(variable, {}))) for variable, cells in zip(columns, shown, strict=True)]
    units = {place_: "%" for place_, variable in enumerate(columns) if formats.get(variable, "").startswith(("PERCENT", "PCT"))}
    named = tuple((label or "").strip() for label in about.column_labels)
    bare = [variable for variable in columns if kind.startswith("SAS") and _is_own(formats.get(variable, ""))]
    return StatisticsTable(tuple(columns), named, pa.Table.from_arrays(arrays, names=list(columns)), units, _notes(name, bare))


def headings_of(read: StatisticsTable, rules: Rules, units: UnitTable) -> tuple[str, ...]:
    """The headings of the columns: the name of the variable, or its label where that says which finding it is.

    A label is often the same name with its unit; one that says another finding than the name does is not taken.
    """
    named = place(read.names, rules, units)
    by_name = {column.heading: column.finding for column in named.columns}
    labels = [label for label in read.labels if label]
    by_label = {column.heading: column.finding for column in place(labels, rules, units).columns} if labels else {}

    def heading(name: str, label: str) -> str:
        finding = by_label.get(label)
        return label if finding is not None and by_name.get(name, finding) == finding and name != named.id else name

    return tuple(map(heading, read.names, read.labels))


def _pyreadstat(name: str, kind: Kind) -> Any:
    try:
        import pyreadstat
    except ImportError:
        mend = f"install what reads it: pip install 'poems-cli[{EXTRA}]', or export the table as CSV (UTF-8)"
        raise TableError(name, f"this is {_CALLED[kind]}", mend) from None
    return pyreadstat


def _labeled(cells: Sequence[Value], labels: Mapping[object, str]) -> list[Value]:
    """The cells of a variable, codes as they are labeled, blank texts as none."""
    plain: list[Value] = [None if isinstance(cell, str) and not cell.strip(" \0") else cell for cell in cells]
    if not labels:
        return [cell.rstrip(" \0") if isinstance(cell, str) else cell for cell in plain]
    return [None if cell is None else labels[cell].strip() if cell in labels else as_text(cell) for cell in plain]


def _shown(cells: Sequence[Value], code: str, kind: Kind) -> Sequence[Value]:
    """Numbers as SAS shows them: shares in percent, or padded with zeros; other programs show them as they are stored."""
    if not kind.startswith("SAS"):
        return cells
    if code.startswith("PERCENT"):
        return [float(format(float(cell) * 100, ".14g")) if isinstance(cell, int | float) else cell for cell in cells]
    padded = _PADDED.match(code)
    if padded:
        width = int(padded[1])
        return [(as_text(cell) or "").zfill(width) if is_number(cell) else cell for cell in cells]
    return cells


def _is_own(code: str) -> bool:
    """Whether a format was made by a user of SAS, who keeps its labels in another file."""
    return bool(code) and code.rstrip("0123456789.") not in _FORMATS and not code.startswith("$")


def _notes(name: str, bare: Sequence[str]) -> tuple[str, ...]:
    if not bare:
        return ()
    some = ", ".join(f"'{quoted(variable)}'" for variable in bare[:3]) + (" and more" if len(bare) > 3 else "")
    what = f"the labels of {some} are in a catalog, which is not read"
    return (f"{name}: {what}; say under 'values' in the mapping what its codes mean",)
