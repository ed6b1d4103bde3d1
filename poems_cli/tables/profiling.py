"""A column of a record batch -> its profile: plain numbers as arrays, every other distinct text once a batch."""

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from poems_cli.tables.batches import as_text
from poems_cli.tables.cells import says_nothing
from poems_cli.tables.profile import ProfileBuilder
from poems_cli.written_numbers import AMBIGUOUS, SPACE

_PLAIN = r"^-?[0-9]+(?:\.[0-9]+)?$"


def count(builder: ProfileBuilder, array: pa.Array) -> None:
    """Count the cells of a column in a batch; null is a blank cell."""
    kind = array.type
    if pa.types.is_boolean(kind):
        builder.add_texts(+Counter({"": array.null_count, "true": array.true_count, "false": array.false_count}))
        return
    is_said = builder.is_measured and bool(builder.values)  # then each number may have a meaning of its own
    if not is_said and (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        values = floats(array.drop_null())
        finite = values[np.isfinite(values)]  # data frames write NaN where nothing was measured
        builder.add_texts(+Counter({"": array.null_count, "nan": len(values) - len(finite)}))
        points = 0 if pa.types.is_integer(kind) else int(np.count_nonzero(finite != np.floor(finite)))
        builder.add_numbers(finite, points=points)
        return
    if is_said or not builder.is_measured:
        builder.add_texts(_counts(array))
        return
    builder.add_texts(+Counter({"": array.null_count}))
    texts = as_text(array.drop_null())
    is_plain = pc.match_substring_regex(texts, _PLAIN)
    plain = texts.filter(is_plain)
    is_ambiguous = pc.match_substring_regex(plain, AMBIGUOUS)
    builder.add_ambiguous(floats(plain.filter(is_ambiguous)))
    clear = plain.filter(pc.invert(is_ambiguous))
    builder.add_numbers(floats(clear), points=int(pc.sum(pc.match_substring(clear, ".")).as_py() or 0))
    builder.add_texts(_counts(texts.filter(pc.invert(is_plain))))


def count_without_unit(builder: ProfileBuilder, array: pa.Array, beside: pa.Array) -> None:
    """Count the numbers of a column that have no unit in the column of units ``beside`` it."""
    units = as_text(beside).dictionary_encode()
    blank = [place for place, text in enumerate(units.dictionary.to_pylist()) if says_nothing(text.strip(SPACE))]
    is_blank = pc.or_(pc.is_null(units.indices), pc.is_in(units.indices, pa.array(blank, units.indices.type)))
    builder.add_without_unit(_counts(as_text(array.filter(is_blank))))


def floats(array: pa.Array) -> npt.NDArray[np.float64]:
    """Numbers, or texts that are numbers, with NaN for nulls."""
    numbers = array.cast(pa.float64(), safe=False)
    validity, data = numbers.buffers()
    values = np.frombuffer(data, np.float64, len(numbers), numbers.offset * 8)
    if not numbers.null_count:
        return values
    valid = np.unpackbits(np.frombuffer(validity, np.uint8), count=numbers.offset + len(numbers), bitorder="little")
    with np.errstate(invalid="ignore"):  # 0/0 is NaN: four times as fast as to fill the nulls in
        return values + np.float64(0) / valid[numbers.offset :]


def _counts(array: pa.Array) -> dict[str, int]:
    """The distinct texts of an array with how often each occurs."""
    counted: Any = array.value_counts()
    found: Counter[str] = Counter()  # null is "" too
    for text, number in zip(as_text(counted.field("values")).to_pylist(), counted.field("counts").to_pylist(), strict=True):
        found[text or ""] += number
    return found
