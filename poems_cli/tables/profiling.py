"""The columns of record batches -> their profiles: plain numbers as arrays, every other distinct text once a batch."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from poems_cli.model import Rules
from poems_cli.tables.columns import Column
from poems_cli.tables.profile import Profile, ProfileBuilder
from poems_cli.units import UnitTable
from poems_cli.written_numbers import AMBIGUOUS

_PLAIN = r"^-?[0-9]+(?:\.[0-9]+)?$"


class Profiler:
    """Profiles the columns of one table, and the columns of their units, batch by batch."""

    def __init__(self, columns: Sequence[Column], rules: Rules, units: UnitTable) -> None:
        self._builders: dict[str, ProfileBuilder] = {}
        for column in columns:
            if column.unit_column is not None:
                self._builders[column.unit_column] = ProfileBuilder(None, units)
        for column in columns:
            self._builders[column.heading] = ProfileBuilder(rules.findings[column.finding], units, column.values)

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the columns that are looked at."""
        return tuple(self._builders)

    def add(self, columns: Mapping[str, pa.Array]) -> None:
        """Count a batch; ``columns`` are by heading, others among them."""
        for heading, builder in self._builders.items():
            _add(builder, columns[heading])

    def merge(self, other: "Profiler") -> None:
        """Count what another profiler of the same columns has counted."""
        for heading, builder in self._builders.items():
            builder.merge(other._builders[heading])  # noqa: SLF001  # one of its own kind

    def profiles(self) -> Mapping[str, Profile]:
        """The profiles by heading."""
        return {heading: builder.profile() for heading, builder in self._builders.items()}


def _add(builder: ProfileBuilder, array: pa.Array) -> None:
    if array.null_count:
        builder.add_texts({"": array.null_count})
        array = array.drop_null()
    kind = array.type
    if pa.types.is_integer(kind) or pa.types.is_float64(kind) or pa.types.is_decimal(kind):
        values = _floats(array)
        finite = values[np.isfinite(values)]
        if len(finite) < len(values):  # data frames write NaN where nothing was measured
            builder.add_texts({"nan": len(values) - len(finite)})
        builder.add_numbers(finite, points=int(np.count_nonzero(finite != np.floor(finite))))
        return
    if not builder.is_measured or builder.values:
        builder.add_texts(_counts(array))
        return
    texts = array.dictionary_decode() if pa.types.is_dictionary(kind) else array
    texts = texts if pa.types.is_string(texts.type) else texts.cast(pa.string())
    is_plain = pc.match_substring_regex(texts, _PLAIN)
    plain = texts.filter(is_plain)
    is_ambiguous = pc.match_substring_regex(plain, AMBIGUOUS)
    builder.add_ambiguous(_floats(plain.filter(is_ambiguous)))
    clear = plain.filter(pc.invert(is_ambiguous))
    builder.add_numbers(_floats(clear), points=int(pc.sum(pc.match_substring(clear, ".")).as_py() or 0))
    builder.add_texts(_counts(texts.filter(pc.invert(is_plain))))


def _floats(array: pa.Array) -> npt.NDArray[np.float64]:
    return np.asarray(array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)


def _counts(array: pa.Array) -> dict[str, int]:
    """The distinct texts of an array with how often each occurs."""
    counted: Any = array.value_counts()
    texts = counted.field("values")
    texts = texts.dictionary_decode() if pa.types.is_dictionary(texts.type) else texts
    texts = texts if pa.types.is_string(texts.type) else texts.cast(pa.string())
    return dict(zip(texts.to_pylist(), counted.field("counts").to_pylist(), strict=True))
