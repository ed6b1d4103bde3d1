"""JSON arrays are read record by record, with the same result as when read whole."""

import io
import json
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poems_cli.records.json_records import json_records
from poems_cli.records.problem import Problem, Record
from poems_cli.records.source import Limits, Source

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class InPieces(io.BytesIO):
    """A stream that gives few bytes at each read, so that a value may be cut anywhere."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self.most = most

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(self.most, len(self.getbuffer()) if size in (None, -1) else size or 0))


def records(data: bytes, most: int = 1 << 20, limits: Limits | None = None) -> Iterator[Record | Problem]:
    source = Source("a.json", InPieces(data, most), limits or Limits())
    return json_records(source, source.head(), lines=False)  # type: ignore[return-value]


@given(st.lists(VALUES, max_size=8), st.sampled_from([None, 1]), st.booleans(), st.integers(1, 9))
def test_an_array_in_pieces_is_the_array(values: list[object], indent: int | None, ascii_only: bool, most: int) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    items = list(records(("[\n" + text[1:]).encode("utf-8", "surrogatepass" if ascii_only else "replace"), most))
    read = json.loads(text) if ascii_only else json.loads(text.encode("utf-8", "replace"))
    assert [item.value for item in items if isinstance(item, Record)] == read
    assert len(items) == len(values)


def test_each_member_has_its_line() -> None:
    items = list(records(b'\n[\n{"a": 1},\n\n{"b": "\\n"}, 3,\n[\n1]\n]\n', most=3))
    assert [item.place for item in items if isinstance(item, Record)] == [f"a.json, line {line}" for line in (3, 5, 5, 6)]


@pytest.mark.parametrize("most", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("data", "read", "where", "message"),
    [
        (b"[\n1,\n 2 3]", 2, "line 3, column 4", "not valid JSON"),
        (b"[\n1,\n 2\n", 2, "line 4, column 1", "ends too early"),
        (b"[1, ]", 1, "line 1, column 5", "not valid JSON"),
        (b"[1]\n[2]", 1, "line 2, column 1", "something follows"),
        (b'[{}, {"a": tru}]', 1, "line 1, column 12", "not valid JSON"),
        (b'[{}, {"a": "tru]', 1, "line 1, column 12", "ends too early"),
        (b'[1,\n"\xff"]', 1, "line 2", "not UTF-8"),
        (b"[1,\n2]\xff", 2, "line 2", "not UTF-8"),
    ],
)
def test_an_error_ends_an_array_and_has_its_place(data: bytes, read: int, where: str, message: str, most: int) -> None:
    *before, last = records(data, most)
    assert len(before) == read
    assert isinstance(last, Problem)
    assert last.where.startswith(f"a.json, {where}")
    assert message in last.what


def test_memory_is_flat_however_long_the_array_is() -> None:
    def peak(count: int) -> int:
        data = b"[\n" + b",\n".join(['{"id": "\U0001f600", "x": 1}'.encode()] * count) + b"]"
        tracemalloc.start()
        try:
            assert sum(isinstance(item, Record) for item in records(data)) == count
            return tracemalloc.get_traced_memory()[1] - len(data)
        finally:
            tracemalloc.stop()

    assert peak(200_000) < peak(80_000) + (1 << 20)
