"""The dates of visits: a column read as days, in one way of writing them, or refused because it could be read in two."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from poems_cli.phrases import quoted
from poems_cli.tables.cells import says_nothing
from poems_cli.tables.table_file import TableError
from poems_cli.written_numbers import SPACE

if TYPE_CHECKING:  # both are slow to load
    import numpy as np
    import pyarrow as pa

    Times: TypeAlias = np.ndarray[tuple[int], np.dtype[np.datetime64]]

_MEND = "write dates as 2024-01-31"
_CLOCK = (
    r"(?:[ T]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r"(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?(?: ?(?P<half>[AP])\.?M\.?)?)?"
)
_PARTS = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})" + _CLOCK, re.IGNORECASE)
#: The ways of writing a date that can be read in one way only.
_CLEAR = [
    re.compile(date + _CLOCK, re.IGNORECASE)
    for date in (
        r"(?P<year>[0-9]{4})(?P<between>[-/.]?)(?P<month>[0-9]{2})(?P=between)(?P<day>[0-9]{2})",
        r"(?P<day>[0-9]{1,2})\.?[ -]?(?P<month>[a-z]{3,9})\.?,?[ -]?(?P<year>[0-9]{4})",
        r"(?P<month>[a-z]{3,9})\.? ?(?P<day>[0-9]{1,2}),? (?P<year>[0-9]{4})",
    )
]
_NUMBER = re.compile(r"-?[0-9]{1,5}(?:\.[0-9]+)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: Days since the end of 1899, as spreadsheets count: from 1927 to 2119.
_SERIAL = (10_000, 80_000)
_START = datetime(1899, 12, 30)
#: No visit is before or after: programs write 1900-01-01 and 9999-12-31 where there is no date. Made-up dates go beyond 2100.
_FIRST, _END = datetime(1901, 1, 1), datetime(2300, 1, 1)
_PIVOT = 69  # a year of two digits from here on is of the last century

Read: TypeAlias = Callable[[str], datetime | None]


def dates_of(where: str, heading: str, column: "pa.ChunkedArray", numbers: Sequence[int] | None = None) -> "Times":
    """When the row of each cell was, to the second; not a time where the cell is blank or says unknown.

    Understood are dates as ISO 8601 has them, ``31.1.2024``, ``31/1/2024`` or ``1/31/2024`` (whichever the whole column leaves
    possible), ``31 Jan 2024``, the numbers of a spreadsheet, and columns of dates. A time of day counts, a time zone does not.
    A column of other numbers (days since a start, the number of a visit) is an order: each is taken for days since 1970.

    ``numbers`` are those of the rows in messages; without them, rows are counted from 1.

    Raises :class:`TableError` for the first cell that is not a date, and for a column whose days and months can be exchanged.
    """
    import numpy as np
    import pyarrow as pa

    kind = column.type
    place = f"{where}, column '{quoted(heading)}'"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        plain = column.cast(pa.timestamp("s", getattr(kind, "tz", None)), safe=False)
        days: Times = np.asarray(plain.to_numpy()).astype("datetime64[s]")
        return _of_visits(place, days, numbers)
    encoded = column.combine_chunks()
    encoded = encoded if pa.types.is_dictionary(kind) else encoded.dictionary_encode()
    texts = [_plain(cell) for cell in encoded.dictionary.to_pylist()]
    known = [text for text in texts if not says_nothing(text)]
    read = _numbered if _are_numbers(known) else _reader(place, known)
    found = np.full(len(texts) + 1, np.datetime64("NaT"), dtype="datetime64[s]")
    codes = np.asarray(encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False))
    for code, text in enumerate(texts):
        if says_nothing(text):
            continue
        day = read(text)
        if day is None:
            where = _row(place, int(np.argmax(codes == code)), numbers)
            raise TableError(where, "this is not a date that is understood", _MEND)
        found[code] = np.datetime64(day, "s")
    times: Times = found[codes]
    return times if read is _numbered else _of_visits(place, times, numbers)


def _of_visits(place: str, times: "Times", numbers: Sequence[int] | None) -> "Times":
    """The times, all of which may be those of visits. Raises :class:`TableError` for the first that cannot."""
    import numpy as np

    odd = (times < np.datetime64(_FIRST, "s")) | (times >= np.datetime64(_END, "s"))
    if odd.any():
        where = _row(place, int(np.argmax(odd)), numbers)
        raise TableError(where, "this cannot be the date of a visit", "correct it, or leave it blank where there is none")
    return times


def _row(place: str, at: int, numbers: Sequence[int] | None) -> str:
    """The place of a cell, by its position in the column; ``numbers`` are those of the rows."""
    return f"{place}, row {at + 1 if numbers is None else numbers[at]}"


def is_order(column: "pa.ChunkedArray") -> bool:
    """Whether a column has numbers that are not dates, so that they only say what is before what."""
    import pyarrow as pa

    if pa.types.is_temporal(column.type):
        return False
    texts = [_plain(cell) for cell in column.unique().to_pylist()]
    return _are_numbers([text for text in texts if not says_nothing(text)])


def _are_numbers(texts: Sequence[str]) -> bool:
    return bool(texts) and all(map(_NUMBER.fullmatch, texts)) and not all(map(_date, texts))


def _numbered(text: str) -> datetime:
    return datetime(1970, 1, 1) + timedelta(days=float(text))


def _plain(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip(SPACE)


def _reader(place: str, texts: Sequence[str]) -> Read:
    """The one way to read the dates of a column. Raises :class:`TableError` if there are two."""
    parted = [match for match in map(_PARTS.fullmatch, texts) if match]
    if not parted:
        return _date
    day_first = any(int(match[1]) > 12 for match in parted) or all(match[2] == "." for match in parted)
    month_first = any(int(match[3]) > 12 for match in parted)
    if day_first and month_first:
        raise TableError(place, "some of its dates begin with the day and others with the month", _MEND)
    if not day_first and not month_first and any(match[1] != match[3] for match in parted):
        raise TableError(place, "its dates may begin with the day or with the month", _MEND)
    month, day = (1, 3) if month_first else (3, 1)

    def read(text: str) -> datetime | None:
        match = _PARTS.fullmatch(text)
        return _date(text) if match is None else _made(match[4], match[month], match[day], match)

    return read


def _date(text: str) -> datetime | None:
    """A date that can be read in one way only."""
    for pattern in _CLEAR:
        if match := pattern.fullmatch(text):
            return _made(match["year"], match["month"], match["day"], match)
    try:
        serial = float(text)
    except ValueError:
        return None
    return _START + timedelta(seconds=round(serial * 86_400)) if _SERIAL[0] <= serial < _SERIAL[1] else None


def _made(year: str, month: str, day: str, match: re.Match[str]) -> datetime | None:
    """The moment of a day and what the match has of a clock; ``None`` where there is no such day."""
    century = 0 if len(year) > 2 else 1900 if int(year) >= _PIVOT else 2000
    short = month[:3].lower()
    number = int(month) if month.isdecimal() else _MONTHS.index(short) + 1 if short in _MONTHS else 0
    hour = int(match["hour"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    try:
        return datetime(century + int(year), number, int(day), hour, int(match["minute"] or 0), int(match["second"] or 0))
    except ValueError:
        return None
