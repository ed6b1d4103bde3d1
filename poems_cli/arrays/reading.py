"""Columns of a record batch -> findings of its rows: each distinct text is read once, by the one reader of cells.

A column holds text (plain or dictionary-encoded), truths or numbers; anything else is read as the text that Arrow makes of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from poems_cli.arrays.columns import COMPARATORS, Columns, Numbers, Words
from poems_cli.arrays.planes import Truths, bits_of, count, packed, valid_plane
from poems_cli.memo import Memo
from poems_cli.model import Finding, Rules
from poems_cli.tables.batches import as_text
from poems_cli.tables.cells import CellReader, Fault, Measure, says_nothing
from poems_cli.tables.columns import Column, Meaning
from poems_cli.tables.profiling import floats
from poems_cli.tables.unit_scale import Scale
from poems_cli.units import UnitTable
from poems_cli.written_numbers import AMBIGUOUS, SPACE

_REMEMBERED = 200_000
_WHOLE = r"^-?[0-9]{1,300}$"
_POINTED = r"^-?[0-9]{1,300}(?:\.[0-9]+)?$"

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int32]


class FaultyCells(NamedTuple):
    """The cells of one column that are not understood: their rows from 0, in order, and the fault of each."""

    column: Column
    rows: npt.NDArray[np.intp]
    faults: npt.NDArray[np.uint8]


class BatchRead(NamedTuple):
    """What a batch says of its rows, and what of it is not understood."""

    columns: Columns
    faulty: tuple[FaultyCells, ...]


class BatchReader:
    """Reads the columns of record batches by what each holds."""

    def __init__(self, rules: Rules, columns: Sequence[Column]) -> None:
        self._readers = [_reader(column, rules.findings[column.finding], rules.units) for column in columns]

    def read(self, cells: Mapping[str, pa.Array], rows: int) -> BatchRead:
        """The findings of the rows; ``cells`` are the columns by heading, the laboratory's limits among them."""
        columns = Columns(rows, {}, {}, {})
        faulty = []
        for reader in self._readers:
            found = reader.read(cells, columns)
            if found is not None:
                faulty.append(found)
        return BatchRead(columns, tuple(faulty))


def _reader(column: Column, finding: Finding, units: UnitTable) -> "_TruthColumn | _WordColumn | _NumberColumn":
    reader = CellReader(column, finding, units)
    if finding.kind == "quantity":
        return _NumberColumn(reader)
    return _TruthColumn(reader) if finding.kind == "boolean" else _WordColumn(reader)


class _Codes:
    """Gives the code of each text of a column: 0 for unknown, a fault's number and 2, else that of its meaning."""

    def __init__(self, reader: CellReader, codes: Mapping[Meaning, int]) -> None:
        self._reader = reader
        self._codes = {None: 0, **codes}
        self._known: Memo[str | None, int] = Memo(_REMEMBERED)

    def __call__(self, text: str | None) -> int:
        code = self._known.get(text)
        if code is None:
            cell = self._reader.read(text)
            code = _FIRST_FAULT - 1 + cell if isinstance(cell, Fault) else self._codes[cast("Meaning", cell)]
            self._known[text] = code
        return code


class _TruthColumn:
    """A finding that is present or absent."""

    def __init__(self, reader: CellReader) -> None:
        self._reader = reader
        self._column = reader.column
        self._code = _Codes(reader, {True: 1, False: 2})

    def read(self, cells: Mapping[str, pa.Array], columns: Columns) -> FaultyCells | None:
        array = cells[self._column.heading]
        if pa.types.is_boolean(array.type) and not self._column.values:
            known = valid_plane(array)
            true = bits_of(array.buffers()[1], array.offset, len(array)) & known
            columns.said[self._column.finding] = Truths(true, known & ~true)
            return None
        meanings, codes = _distinct(array, self._code)
        # A batch of one meaning is common, and unpacking costs more than looking.
        codes_of_rows = meanings[codes]
        columns.said[self._column.finding] = Truths(packed(codes_of_rows == 1), packed(codes_of_rows == 2))
        return _faulty(self._column, codes_of_rows, int(meanings.max(initial=0)))


class _WordColumn:
    """A choice."""

    def __init__(self, reader: CellReader) -> None:
        self._reader = reader
        self._column = reader.column
        self._words = tuple(reader.finding.choices)
        self._code = _Codes(reader, {word: code for code, word in enumerate(self._words, _FIRST_WORD)})

    def read(self, cells: Mapping[str, pa.Array], columns: Columns) -> FaultyCells | None:
        meanings, codes = _distinct(cells[self._column.heading], self._code)
        of_rows = meanings[codes]
        is_word = of_rows >= _FIRST_WORD
        rows = {
            self._words[meaning - _FIRST_WORD]: packed(of_rows == meaning)
            for meaning in np.unique(meanings).tolist()
            if meaning >= _FIRST_WORD
        }
        columns.chosen[self._column.finding] = Words(rows, packed(is_word))
        return _faulty(self._column, np.where(is_word, 0, of_rows), int(meanings[meanings < _FIRST_WORD].max(initial=0)))


class _NumberColumn:
    """A measured value, in the unit of its column."""

    def __init__(self, reader: CellReader) -> None:
        self._reader = reader
        self._column = reader.column
        self._scale = cast("Scale", reader.scale)
        self._read: Memo[str, _Cell] = Memo(_REMEMBERED)
        self._limits: Memo[str, float | Fault | None] = Memo(_REMEMBERED)

    def read(self, cells: Mapping[str, pa.Array], columns: Columns) -> FaultyCells | None:
        array = cells[self._column.heading]
        values, comparators, faults = self._values(array)
        low, high, wrong = self._both_limits(cells, len(array))
        least, most = self._reader.possible
        with np.errstate(invalid="ignore"):
            is_sound = (values >= least) & (values <= most)
        if wrong is not None:
            is_sound &= ~wrong
        known = packed(is_sound)
        columns.measured[self._column.finding] = Numbers(values, known, self._scale, comparators, low, high)
        if count(known) < len(array) - np.count_nonzero(np.isnan(values)):
            faults[~np.isnan(values) & ~is_sound] = Fault.IMPOSSIBLE
            faults[np.isinf(values)] = Fault.NO_NUMBER
            if wrong is not None:
                faults[wrong & (values >= least) & (values <= most)] = Fault.LIMIT
        return _faulty(self._column, faults, 1 if faults.any() else 0, first=1)

    def _values(self, array: pa.Array) -> "tuple[Floats, npt.NDArray[np.uint8] | None, npt.NDArray[np.uint8]]":
        """The numbers with NaN where there is none, their comparators if any has one, and the faults."""
        faults = np.zeros(len(array), np.uint8)
        if _is_number(array.type) and not self._column.values:
            return floats(array), None, faults
        array = as_text(array)
        if not self._column.values:
            is_plain = pc.match_substring_regex(array, _WHOLE if self._reader.decimal == "," else _POINTED)
            if self._reader.decimal is None:
                is_plain = pc.and_(is_plain, pc.invert(pc.match_substring_regex(array, AMBIGUOUS)))
            plain = pc.if_else(is_plain, array, pa.scalar(None, array.type))
            values = floats(plain.cast(pa.float64())).copy()
            odd = pc.if_else(is_plain, pa.scalar(None, array.type), array)
        else:
            values, odd = np.full(len(array), np.nan), array
        comparators = None
        rows = np.flatnonzero(odd.is_valid().to_numpy(zero_copy_only=False))
        if len(rows):
            encoded = odd.take(pa.array(rows)).dictionary_encode()
            found = [self._cell(text) for text in encoded.dictionary.to_pylist()]
            places = encoded.indices.to_numpy()
            values[rows] = np.array([cell.value for cell in found])[places]
            faults[rows] = np.array([cell.fault for cell in found], np.uint8)[places]
            signs = np.array([cell.comparator for cell in found], np.uint8)
            if signs.any():
                comparators = np.zeros(len(array), np.uint8)
                comparators[rows] = signs[places]
        return values, comparators, faults

    def _cell(self, text: str) -> "_Cell":
        """A text that is not a plain number, read once."""
        known = self._read.get(text)
        if known is None:
            known = self._read[text] = self._read_cell(text)
        return known

    def _read_cell(self, text: str) -> "_Cell":
        cell = self._reader.read(text)
        if isinstance(cell, Fault):
            return _Cell(np.nan, 0, int(cell))
        measure = None if cell is None else self._reader.measure(text.strip(SPACE))
        if not isinstance(measure, Measure):
            return _Cell(np.nan, 0, 0)
        return _Cell(measure.value, COMPARATORS.index(measure.comparator or ""), 0)

    def _both_limits(
        self, cells: Mapping[str, pa.Array], rows: int
    ) -> "tuple[Floats | float | None, Floats | float | None, npt.NDArray[np.bool_] | None]":
        """The limits, and the rows in which they cannot be limits."""
        low, wrong_low = self._limit(self._column.low, cells)
        high, wrong_high = self._limit(self._column.high, cells)
        if wrong_low is None and wrong_high is None:
            return low, high, None
        wrong = np.zeros(rows, np.bool_)
        for wrong_side in (wrong_low, wrong_high):
            if wrong_side is not None:
                wrong |= wrong_side
        with np.errstate(invalid="ignore"):
            if low is not None and high is not None:
                wrong |= np.broadcast_to(np.asarray(low > high), rows)
            if self._reader.nothing_below is not None:
                wrong |= False if low is None else np.broadcast_to(np.asarray(low < 0), rows)
                wrong |= False if high is None else np.broadcast_to(np.asarray(high <= 0), rows)
        return low, high, wrong

    def _limit(
        self, named: float | str | None, cells: Mapping[str, pa.Array]
    ) -> "tuple[Floats | float | None, npt.NDArray[np.bool_] | None]":
        if not isinstance(named, str):
            return named, None
        array = cells[named]
        if _is_number(array.type):
            return floats(array), np.zeros(len(array), np.bool_)
        encoded = as_text(array).dictionary_encode()
        found = [self._limit_cell(text) for text in encoded.dictionary.to_pylist()]
        places = _places(encoded, len(found))
        values = np.array([*[np.nan if limit is None or isinstance(limit, Fault) else limit for limit in found], np.nan])[
            places
        ]
        return values, np.array([*[isinstance(limit, Fault) for limit in found], False])[places]

    def _limit_cell(self, text: str) -> float | Fault | None:
        if text not in self._limits:
            plain = text.strip(SPACE)
            measure = None if says_nothing(plain) else self._reader.measure(plain)
            is_wrong = isinstance(measure, Fault) or (measure is not None and measure.comparator)
            self._limits[text] = Fault.LIMIT if is_wrong else None if measure is None else cast("Measure", measure).value
        return self._limits[text]


class _Cell(NamedTuple):
    """A text that was read: the number or NaN, the place of its comparator, and its fault or 0."""

    value: float
    comparator: int
    fault: int


_FIRST_FAULT = 3
_FIRST_WORD = _FIRST_FAULT + len(Fault)


def _distinct(array: pa.Array, code: _Codes) -> tuple[npt.NDArray[np.int32], Codes]:
    """What each distinct text means, the last of them for a null, and where in that list each row's cell is."""
    encoded = array if pa.types.is_dictionary(array.type) else as_text(array).dictionary_encode()
    meanings = [code(text) for text in encoded.dictionary.to_pylist()]
    return np.array([*meanings, 0], np.int32), _places(encoded, len(meanings))


def _places(encoded: pa.DictionaryArray, null: int) -> Codes:
    """The indices of a dictionary-encoded column, nulls as ``null``."""
    indices = encoded.indices
    return cast("Codes", (indices.fill_null(null) if indices.null_count else indices).to_numpy(zero_copy_only=False))


def _is_number(kind: pa.DataType) -> bool:
    """Whether a column holds numbers; single-precision ones are read by their digits, as text is."""
    return bool(pa.types.is_integer(kind) or pa.types.is_float64(kind) or pa.types.is_decimal(kind))


def _faulty(column: Column, codes: npt.NDArray[Any], greatest: int, first: int = _FIRST_FAULT) -> FaultyCells | None:
    """The cells whose code is that of a fault."""
    if greatest < first:
        return None
    rows = np.flatnonzero(codes >= first)
    return FaultyCells(column, rows, (codes[rows] - (first - 1)).astype(np.uint8)) if len(rows) else None
