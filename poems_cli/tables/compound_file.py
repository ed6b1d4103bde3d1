"""Compound files, in which Office programs before 2007 keep their documents: a small file system in sectors.

Every chain of sectors is followed to its end at most once around, so that a broken file is refused and not read for ever.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE, _END = 0xFFFFFFFF, 0xFFFFFFFA


class _Entry(NamedTuple):
    """A stream: where it begins, and how long it is."""

    name: str
    start: int
    length: int


class CompoundFile:
    """The streams of a compound file. Raises :class:`ValueError` for any other file, or a broken one."""

    def __init__(self, data: bytes) -> None:
        try:
            self._read(data)
        except (struct.error, IndexError, UnicodeError) as error:
            raise ValueError(type(error).__name__) from None

    def _read(self, data: bytes) -> None:
        if not data.startswith(SIGNATURE):
            raise ValueError("no compound file")
        shift, small_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise ValueError("sectors of no known size")
        self._size, self._sectors = 1 << shift, data[1 << shift :]
        folder, self._cutoff, small_table, first_more = (struct.unpack_from("<I", data, at)[0] for at in (48, 56, 60, 68))
        counts = [struct.unpack_from("<I", data, at)[0] for at in (40, 44, 64, 72)]
        if max(counts) > len(data) // self._size + 1:
            raise ValueError("more sectors than the file has")
        self._table = self._all_sectors(data, first_more)
        entries = self._chain(self._sectors, self._table, folder, self._size)
        self._entries = [_entry(entries[at : at + 128]) for at in range(0, len(entries), 128)]
        small = self._chain(self._sectors, self._table, small_table, self._size)
        self._small_table = struct.unpack(f"<{len(small) // 4}I", small)
        self._small = self._chain(self._sectors, self._table, self._entries[0].start, self._size)

    def _all_sectors(self, data: bytes, first_more: int) -> list[int]:
        """The sector that follows each sector."""
        lists = list(struct.unpack_from("<109I", data, 76))
        seen = 0
        while first_more < _END:
            more = struct.unpack_from(f"<{self._size // 4}I", data, (first_more + 1) * self._size)
            lists += more[:-1]
            first_more, seen = more[-1], seen + 1
            if seen > len(data) // self._size:
                raise ValueError("a chain without an end")
        table: list[int] = []
        for sector in lists:
            if sector < _END:
                table += struct.unpack_from(f"<{self._size // 4}I", data, (sector + 1) * self._size)
        return table

    def stream(self, *names: str) -> bytes:
        """The first stream of one of these names, whatever their case. Raises :class:`ValueError` where there is none."""
        wanted = {name.lower() for name in names}
        for entry in self._entries[1:]:
            if entry.name.lower() in wanted:
                return self._bytes(entry)
        raise ValueError("no such stream")

    def check(self) -> None:
        """Follow every chain to its end. Raises :class:`ValueError` where one has none."""
        for entry in self._entries[1:]:
            if entry.name and entry.length:
                self._bytes(entry)

    def _bytes(self, entry: _Entry) -> bytes:
        try:
            if entry.length >= self._cutoff:
                return self._chain(self._sectors, self._table, entry.start, self._size)[: entry.length]
            return self._chain(self._small, self._small_table, entry.start, 64)[: entry.length]
        except IndexError:
            raise ValueError("a chain leads nowhere") from None

    @staticmethod
    def _chain(data: bytes, table: Sequence[int], start: int, size: int) -> bytes:
        found: list[bytes] = []
        while start < _END:
            found.append(data[start * size : (start + 1) * size])
            start = table[start]
            if len(found) > len(table):
                raise ValueError("a chain without an end")
        return b"".join(found)


def _entry(record: bytes) -> _Entry:
    length = struct.unpack_from("<H", record, 64)[0]
    start, size = struct.unpack_from("<II", record, 116)
    return _Entry(record[: min(length, 64)].decode("utf-16-le", "replace").rstrip("\0"), start, size)
