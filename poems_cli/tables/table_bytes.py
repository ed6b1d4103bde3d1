"""The bytes of a table: packed or not, in which encoding, and whether they are text at all."""

import codecs
import gzip
import importlib
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from poems_cli.phrases import quoted
from poems_cli.records.source import file_name, unopened
from poems_cli.tables.table_file import Compression, TableError

CHUNK = 1 << 20
#: What may come before the first character of a table: a byte order mark and space.
BLANK = b"\xef\xbb\xbf \t\r\n"
#: The encodings that need no copy to be read.
READ_IN_PLACE = ("utf-8", "utf-8-sig", "ascii")
_NOT_ENCODED_MEND = "say its true encoding with --encoding, or save the file as UTF-8"
NOT_UTF8_MEND = "save it as UTF-8, or say what it is: --encoding windows-1252, cp932 or another"
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_CUT = ("the compressed file is broken or truncated", "download it again, or compress it again")
_SHEET = "save the sheet as CSV (UTF-8)"
_EXPORT = "export the table as CSV, Parquet or NDJSON"
#: First bytes of what is not a table for this program: what it is, and how to make one of it.
_ALIENS: tuple[tuple[bytes, str, str], ...] = (
    (b"SQLite format 3\0", "this is a SQLite database", _EXPORT),
    (b"ARROW1", "this is an Arrow file", "write it as Parquet"),
    (b"FEA1", "this is a Feather file", "write it as Parquet"),
    (b"Obj\x01", "this is an Avro file", "write it as Parquet"),
    (b"ORC", "this is an ORC file", "write it as Parquet"),
    (b"PARE", "this is an encrypted Parquet file", "write it without encryption"),
    (b"BZh", "this is compressed with bzip2", "decompress it, or use gzip or Zstandard"),
    (b"\xfd7zXZ\0", "this is compressed with xz", "decompress it, or use gzip or Zstandard"),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7-Zip archive", "unpack it first"),
    (b"Rar!", "this is a RAR archive", "unpack it first"),
    (b"%PDF", "this is a PDF document", _EXPORT),
    (b"{\\rtf", "this is a text document (RTF)", _EXPORT),
)
_MARKUP = (b"<!doctype html", b"<html", b"<?xml", b"<table")


@contextmanager
def opened(path: str, compression: Compression) -> Iterator[IO[bytes]]:
    """The unpacked bytes of a file, in a stream."""
    if compression == "gzip":
        stream: IO[bytes] = cast("IO[bytes]", gzip.open(path, "rb"))  # noqa: SIM115  (closed below)
    elif compression == "zstd":
        stream = _zstd().open(path, "rb")
    else:
        stream = open(path, "rb")  # noqa: SIM115  (closed below)
    with stream:
        yield stream


def _zstd() -> Any:
    """Zstandard: in the standard library from Python 3.14 on."""
    return importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


def pieces(name: str, path: str, compression: Compression, size: int = CHUNK) -> Iterator[bytes]:
    """The unpacked bytes of a file, a piece at a time, in little memory."""
    with readable(name, path), opened(path, compression) as stream:
        while piece := stream.read(size):
            yield piece


@contextmanager
def copy_in(spill: str) -> Iterator[tuple[BinaryIO, str]]:
    """A new file in the folder for copies, and its path. Raises :class:`TableError` where it cannot be written."""
    try:
        handle, place = tempfile.mkstemp(".table", "poems-", spill)
        with open(handle, "wb") as target:
            yield target, str(Path(place).absolute())
    except OSError as error:
        message = f"a copy of the table cannot be written here ({error.strerror or 'error'})"
        raise TableError(file_name(spill), message, "choose a folder with more room: --spill") from None


@contextmanager
def readable(name: str, path: str) -> Iterator[None]:
    """Errors of the file system and of a packed file become a :class:`TableError`."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise TableError(name, *_CUT) from None
    except OSError as error:
        problem = unopened(path, error)
        raise TableError(name, problem.what, problem.mend) from None
    except Exception as error:
        if type(error).__name__ != "ZstdError":  # its module is there from Python 3.14 on
            raise
        raise TableError(name, *_CUT) from None


def compression_of(head: bytes) -> Compression:
    """How a file is packed, by its first bytes."""
    if head.startswith(_GZIP):
        return "gzip"
    return "zstd" if head.startswith(_ZSTD) else ""


def refuse_alien(name: str, head: bytes) -> None:
    """Raise :class:`TableError` for an archive, a document, a database: what is known not to be a table."""
    for magic, what, mend in _ALIENS:
        if head.startswith(magic):
            raise TableError(name, what, mend)
    if head.startswith(b"PK\x03\x04"):
        is_office = any(part in head[:4096] for part in (b"[Content_Types].xml", b"xl/", b"_rels/"))
        raise TableError(
            name, *(("this is an Excel workbook", _SHEET) if is_office else ("this is a ZIP archive", "unpack it first"))
        )
    if head.lstrip(BLANK)[:20].lower().startswith(_MARKUP):
        raise TableError(name, "this is a web page or XML, not a table", _EXPORT)


#: What Python takes for encodings of text and no table is written in: of names on the internet, of source code, of nothing.
_NO_TEXT = ("idna", "punycode", "undefined", "charmap", "unicode-escape", "raw-unicode-escape")


def known_encoding(name: str) -> str:
    """Python's name for an encoding. Raises :class:`TableError` for an unknown one, or one not of text."""
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # what turns bytes into bytes fails here
        if found.name.replace("_", "-") in _NO_TEXT:
            raise LookupError
    except (LookupError, ValueError):
        said = f"there is no encoding '{quoted(name)}'"
        raise TableError("--encoding", said, "write one such as utf-8, utf-16, windows-1252 or latin-1") from None
    return found.name


def encoding_of(name: str, head: bytes, asked: str | None) -> str:
    """The encoding of a text by its first bytes, or as it was asked for.

    Raises :class:`TableError` for bytes that are not text.
    """
    if asked is not None:
        return known_encoding(asked)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if b"\0" not in head:
        return "utf-8"
    wide = _wide(head[:4096])
    if wide is None:
        raise nul_bytes(name)
    return wide


def nul_bytes(where: str) -> TableError:
    """The error of a text with NUL bytes in it."""
    return TableError(where, "this is not text (it holds NUL bytes)", "export the table again, as CSV in UTF-8")


def _wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, recognized by where the zero bytes of plain letters are."""
    patterns: Mapping[str, tuple[int, tuple[int, ...]]] = {
        "utf-32-le": (4, (2, 3)), "utf-32-be": (4, (0, 1)), "utf-16-le": (2, (1,)), "utf-16-be": (2, (0,)),
    }  # fmt: skip
    for encoding, (width, zero) in patterns.items():
        units = max(len(head) // width, 1)
        shares = [head[place::width][:units].count(0) / units for place in range(width)]
        if all(shares[place] > 0.7 for place in zero) and min(shares) < 0.1:
            return encoding
    return None


def text_of(name: str, source: Iterator[bytes], encoding: str = "utf-8") -> Iterator[str]:
    """Bytes as text in little memory, without a mark; line ends stay as they are.

    Raises :class:`TableError` with the line of the first byte that is not of the encoding, or NUL.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines, mark = 1, "\ufeff"
    for piece in chain(source, (b"",)):
        try:
            text = decoder.decode(piece, not piece)
        except UnicodeError as error:
            if isinstance(error, UnicodeDecodeError):
                lines += error.object[: error.start].decode(encoding, "ignore").count("\n")
            is_utf8 = encoding == "utf-8"
            what = f"this is not {'UTF-8' if is_utf8 else encoding} text"
            raise TableError(f"{name}, line {lines}", what, NOT_UTF8_MEND if is_utf8 else _NOT_ENCODED_MEND) from None
        if "\0" in text:
            raise nul_bytes(f"{name}, line {lines + text.count(chr(10), 0, text.index(chr(0)))}")
        lines += text.count("\n")
        if text:
            text, mark = text.removeprefix(mark), ""
        yield text
