"""Files of SPSS, Stata and SAS as tables: what a code is labeled as is what is read, and a value declared missing is blank."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from poems_cli.errors import Problem
from poems_cli.model import Rules
from poems_cli.phrases import few_quoted
from poems_cli.tables.cell_types import Value, array_of, as_text, hundredfold
from poems_cli.tables.headings import place, with_units
from poems_cli.tables.table_bytes import readable
from poems_cli.tables.table_file import TableError, TableFile, in_memory
from poems_cli.written_numbers import is_number

Kind: TypeAlias = Literal["SPSS", "SPSS portable", "Stata", "SAS", "SAS transport"]

EXTRA = "stata-sas-spss"
#: What a file of each kind is called, the function that reads it, and with what it may begin.
_KINDS: Mapping[Kind, tuple[str, str, tuple[bytes, ...]]] = {
    "SPSS": ("an SPSS file", "read_sav", (b"$FL2", b"$FL3")),
    "SPSS portable": ("an SPSS portable file", "read_por", ()),
    "Stata": ("a Stata file", "read_dta", (b"<stata_dta>",)),
    "SAS": ("a SAS data set", "read_sas7bdat", (b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60",)),
    "SAS transport": ("a SAS transport file", "read_xport", (b"HEADER RECORD*******",)),
}
#: How formats that come with SAS begin; all others are a user's own, and hold labels.
_FORMATS = (
    "BEST", "F", "DATE", "DATETIME", "TIME", "COMMA", "MMDDYY", "DDMMYY", "YYMMDD", "$", "E8601", "IS8601", "PERCENT", "Z",
    "NUM", "YEAR", "MONYY", "HHMM", "E", "COMMAX", "DOLLAR",
)  # fmt: skip
_PADDED = re.compile("Z([0-9]{1,2})")
_PORTABLE = b"SPSS PORT FILE"
_OLD_STATA = range(104, 116)  # the releases whose files begin with their number


def kind_of(head: bytes) -> Kind | None:
    """Which program a file is of, by its first bytes (some 400 of them); ``None`` for any other file."""
    for kind, (_, _, beginnings) in _KINDS.items():
        if head.startswith(beginnings):
            return kind
    if _PORTABLE in head[:400]:
        return "SPSS portable"
    is_old = len(head) > 3 and head[0] in _OLD_STATA and head[1] in (1, 2) and head[2] == 1 and head[3] == 0
    return "Stata" if is_old else None


def read_statistics(name: str, path: str, kind: Kind, encoding: str | None = None) -> TableFile:
    """The table in a file of SPSS, Stata or SAS; ``name`` is the file's for messages.

    The headings are the names of the variables, with ``%`` where the file shows it after the numbers, which are then those
    shown. The columns are truths, numbers, or texts (codes as they are labeled, dates as ISO 8601 has them).

    Raises :class:`TableError` for a file that is broken or in another encoding, and where the extra for such files is missing.
    """
    called, reader, _ = _KINDS[kind]
    pyreadstat = _pyreadstat(name, called)
    read: Callable[..., tuple[Mapping[str, list[Value]], Any]] = getattr(pyreadstat, reader)
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
            what = f"this is {called} that is broken, truncated, or of a version that is not understood"
            raise TableError(name, what, "export it again, or as CSV (UTF-8)") from None
    if not columns:
        raise TableError(name, "there is nothing in it", "check how it was exported")
    import pyarrow as pa

    labels: Mapping[str, Mapping[object, str]] = about.variable_value_labels
    formats = {variable: str(code or "").upper() for variable, code in about.original_variable_types.items()}
    shown = [_shown(cells, formats.get(variable, ""), kind) for variable, cells in columns.items()]
    arrays = [array_of(_labeled(cells, labels.get(variable, {}))) for variable, cells in zip(columns, shown, strict=True)]
    units = {place_: "%" for place_, variable in enumerate(columns) if formats.get(variable, "").startswith(("PERCENT", "PCT"))}
    bare = [variable for variable in columns if kind.startswith("SAS") and _is_own(formats.get(variable, ""))]
    cells = pa.Table.from_arrays(arrays, names=list(columns))
    found = in_memory(name, path, with_units(tuple(columns), units), cells, range(1, cells.num_rows + 1), _notes(name, bare))
    return found._replace(labels=tuple((label or "").strip() for label in about.column_labels))


def headings_of(names: Sequence[str], labels: Sequence[str], rules: Rules) -> tuple[str, ...]:
    """The headings of the columns: the name of the variable, or its label where that says which finding it is.

    A label, blank where there is none, is often the same name with its unit; one that says another finding than the name does
    is not taken.
    """
    named = place(names, rules)
    by_name = {column.heading: column.finding for column in named.columns}
    by_label = {column.heading: column.finding for column in place([*filter(None, labels)], rules).columns}

    def heading(name: str, label: str) -> str:
        finding = by_label.get(label)
        return label if finding is not None and by_name.get(name, finding) == finding and name != named.id else name

    return tuple(map(heading, names, labels))


def _pyreadstat(name: str, called: str) -> Any:
    try:
        import pyreadstat
    except ImportError:
        mend = f"install what reads it: pip install 'poems-cli[{EXTRA}]', or export the table as CSV (UTF-8)"
        raise TableError(name, f"this is {called}", mend) from None
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
        return list(map(hundredfold, cells))
    padded = _PADDED.match(code)
    if padded:
        width = int(padded[1])
        return [(as_text(cell) or "").zfill(width) if is_number(cell) else cell for cell in cells]
    return cells


def _is_own(code: str) -> bool:
    """Whether a format was made by a user of SAS, who keeps its labels in another file."""
    return bool(code) and code.rstrip("0123456789.") not in _FORMATS and not code.startswith("$")


def _notes(name: str, bare: Sequence[str]) -> list[Problem]:
    if not bare:
        return []
    what = f"the labels of {few_quoted(bare)} are in a catalog, which is not read"
    return [Problem("", f"{name}: {what}; say under 'values' in the mapping what its codes mean")]
