"""Cells of other programs' files as columns: of one type where all of a column are alike, else as texts."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from poems_cli.written_numbers import is_number

if TYPE_CHECKING:  # slow to load
    import pyarrow as pa

Value: TypeAlias = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta | None

#: From here on a number with a point cannot keep every digit of a whole number.
WHOLE = 1e15


def hundredfold(cell: Value) -> Value:
    """A number as it is shown in percent; any other cell as it is."""
    return float(format(cell * 100, ".14g")) if is_number(cell) else cell


def as_text(cell: Value) -> str | None:
    """A cell as text; ``None`` for a blank one. Whole numbers have no point, and dates are written as ISO 8601 has them."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e21 else format(cell, ".15g")
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


def array_of(cells: Sequence[Value]) -> "pa.Array":
    """A column of one type: truths, whole numbers, numbers; texts where it holds anything else, or nothing.

    Texts are without zero bytes, which old workbooks have between letters, and other programs after them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        found = pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # of several types
        found = None
    if found is not None and (
        pa.types.is_boolean(found.type) or pa.types.is_string(found.type) or pa.types.is_integer(found.type)
    ):
        return found
    if found is not None and pa.types.is_floating(found.type):
        whole = pc.all(pc.and_(pc.equal(pc.floor(found), found), pc.less(pc.abs(found), WHOLE))).as_py()
        return found.cast(pa.int64()) if whole else found
    if found is None or not pa.types.is_string(found.type):
        found = pa.array([as_text(cell) for cell in cells], pa.string())
    return pc.replace_substring(found, "\0", "") if pc.any(pc.match_substring(found, "\0")).as_py() else found
