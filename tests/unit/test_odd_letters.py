"""Control characters in ids."""

import pyarrow as pa

from poems_cli.tables.odd_letters import unfit_ids, unfit_said


def test_ids_with_invisible_characters_are_found() -> None:
    ids = pa.array(["a", "a\0b", "\ufeffb ", None, "c\u202ed", "e\x1b[1m", "\u00e4 \u00df", "f\u0085g", "h\ni"])
    assert unfit_ids(ids) == [1, 4, 5, 7, 8]
    assert str(unfit_said("t.ndjson", 5, 2)).startswith("t.ndjson: 5 ids hold control characters (the first in row 2), and ")
