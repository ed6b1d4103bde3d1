"""Invisible characters within an id: control characters and marks."""

from typing import TYPE_CHECKING

from poems_cli.errors import Problem
from poems_cli.phrases import counted

if TYPE_CHECKING:  # slow to load
    import pyarrow as pa

#: What no id holds: control characters, line and direction marks. RE2 has no halves of characters, nor has Arrow.
_UNFIT = "[\\x00-\\x1f\\x7f-\\x{9f}\\x{200e}\\x{200f}\\x{2028}-\\x{202e}\\x{2066}-\\x{2069}]"


def unfit_ids(ids: "pa.Array") -> list[int]:
    """The places, from 0, of ids (texts) that hold a control character or a mark that cannot be seen."""
    import pyarrow.compute as pc

    if pc.all(pc.ascii_is_printable(ids)).as_py():  # nearly always, and much faster than to search
        return []
    plain = pc.utf8_trim(pc.fill_null(ids, ""), " \t\r\n\v\f\ufeff")
    places: list[int] = pc.indices_nonzero(pc.match_substring_regex(plain, _UNFIT)).to_pylist()
    return places


def unfit_said(where: str, count: int, first: int) -> Problem:
    """What the user must know of such ids; ``first`` is the number of the first row with one."""
    ids = counted(count, "id holds", "ids hold")
    what = f"{ids} control characters (the first in row {first}), and these patients are answered without an id"
    return Problem(where, what, "remove them from the ids")
