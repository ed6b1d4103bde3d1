"""Whether a file packed with Zstandard is whole: DuckDB takes one that is cut short for one that ends there.

Only the frames and blocks are walked over (RFC 8878), nothing is unpacked.
"""

import os
from typing import BinaryIO

FRAME = b"\x28\xb5\x2f\xfd"
_SKIPPED = b"\x2a\x4d\x18"
_RUN, _RESERVED = 1, 3


def is_zstd(head: bytes) -> bool:
    """Whether a file begins with a frame, or with one to be skipped."""
    return head.startswith(FRAME) or _is_skipped(head)


def is_whole(stream: BinaryIO) -> bool:
    """Whether a file holds nothing but frames, each down to its end."""
    size = os.fstat(stream.fileno()).st_size
    while head := stream.read(4):
        if _is_skipped(head):
            stream.seek(int.from_bytes(stream.read(4), "little"), os.SEEK_CUR)
        elif head != FRAME or not _skip_frame(stream, size):
            return False
        if stream.tell() > size:
            return False
    return True


def _is_skipped(head: bytes) -> bool:
    return head[1:4] == _SKIPPED and 0x50 <= head[0] <= 0x5F


def _skip_frame(stream: BinaryIO, size: int) -> bool:
    """Pass over a frame behind its first bytes; ``False`` if it is broken or the file ends before it."""
    described = stream.read(1)
    if not described:
        return False
    flags = described[0]
    single = flags >> 5 & 1
    content = (single, 2, 4, 8)[flags >> 6]
    stream.seek(1 - single + (0, 1, 2, 4)[flags & 3] + content, os.SEEK_CUR)
    last = False
    while not last:
        header = stream.read(3)
        block = int.from_bytes(header, "little")
        last, kind = bool(block & 1), block >> 1 & 3
        if len(header) < 3 or kind == _RESERVED:
            return False
        stream.seek(1 if kind == _RUN else block >> 3, os.SEEK_CUR)
    stream.seek(4 * (flags >> 2 & 1), os.SEEK_CUR)
    return stream.tell() <= size
