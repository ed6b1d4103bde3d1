"""How a workbook shows its numbers: what a spreadsheet's number formats say, and which cells of a sheet have which.

A workbook stores 0.62 and shows 62 %: the number alone does not say what its user reads.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from posixpath import join, normpath
from typing import NamedTuple
from xml.parsers import expat

_PIECE = re.compile(r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[(?:\$(?P<currency>[^\]-]*)[^\]]*|[^\]]*)\]|(?P<sign>.)')
_PLACEHOLDERS = "0#?."
_LETTERS_OF_DATES = frozenset("ymdhsYMDHS")
_BUILT_IN = {9: "0%", 10: "0.00%"}
_PIECE_SIZE = 1 << 14
#: What reading a part of a broken workbook may raise.
BROKEN = (
    ValueError, LookupError, StopIteration, OSError, EOFError, RuntimeError, struct.error, zlib.error, zipfile.BadZipFile,
    expat.ExpatError,
)  # fmt: skip
#: How many rows and columns a sheet can have.
MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14
_MOST_STYLES = 255


class Shown(NamedTuple):
    """How a number is shown: times a hundred with a percent sign, with words around it, padded with zeros to a width.

    ``hidden_thousands`` says that a format shows thousands or millions, so that the number stored is not the one seen.
    """

    percent: bool = False
    before: str = ""
    behind: str = ""
    width: int = 0
    hidden_thousands: bool = False


AS_STORED = Shown()


class SheetFormats:
    """How the cells of a sheet are shown, as far as they are not shown as stored; rows and columns count from 0.

    ``formulas`` is how many formulas have no value stored. ``hidden`` is how many rows are hidden.
    """

    def __init__(self, styles: Sequence[Shown] = ()) -> None:
        """``styles`` are the ways in which the workbook can show a number."""
        self.formulas = self.hidden = 0
        self.shown = tuple(dict.fromkeys(style for style in styles if style != AS_STORED))[:_MOST_STYLES]
        self._numbers = {place: self.shown.index(style) + 1 for place, style in enumerate(styles) if style in self.shown}
        self._places: dict[int, bytearray] = {}  # by column, a byte for each row: 0 is as stored, n is shown[n - 1]

    def note(self, row: int, column: int, style: int) -> None:
        """Note the style of a number, by its position. Raises :class:`ValueError` for a place that no sheet has."""
        if style not in self._numbers:
            return
        if not (0 <= row < MOST_ROWS and 0 <= column < MOST_COLUMNS):
            raise ValueError("no such cell")
        rows = self._places.setdefault(column, bytearray())
        rows.extend(bytes(max(row + 1 - len(rows), 0)))
        rows[row] = self._numbers[style]

    def of(self, column: int, rows: Sequence[int]) -> list[Shown]:
        """How the cells of a column are shown in some rows; nothing where all of the column are shown as stored."""
        found = self._places.get(column, b"")
        return [self.shown[found[row] - 1] if row < len(found) and found[row] else AS_STORED for row in rows] if found else []


def styles_of(codes: Mapping[int, str], used: Sequence[int]) -> list[Shown]:
    """How each style shows a number, by the number of its format; ``codes`` are those that come with the workbook."""
    every = {**_BUILT_IN, **codes}
    return [shown_by(every.get(number, "General")) for number in used]


def shown_by(code: str) -> Shown:
    """What a number format says of a positive number."""
    percent, before, behind, digits, commas, plain = False, "", "", "", 0, True
    for piece in _PIECE.finditer(code):
        sign = piece["sign"] or ""
        if sign == ";":
            break
        if sign == "%":
            percent, plain = True, False
        elif sign and sign in _PLACEHOLDERS:
            plain = plain and not behind
            digits, commas, behind = digits + sign, 0, ""
        elif sign == "," and digits:
            commas += 1
        elif sign in _LETTERS_OF_DATES and not digits and not code.lower().startswith("general"):
            return AS_STORED
        elif code[piece.start() :].lower().startswith("general") and not digits:
            digits = "#"
        elif digits:
            behind += piece["quoted"] or piece["escaped"] or piece["currency"] or ""
        else:
            before += piece["quoted"] or piece["escaped"] or (sign if sign and sign in "<>=" else "")
    before, behind = before.strip(), behind.strip()
    width = len(digits) if plain and not behind and len(digits) > 1 and set(digits) == {"0"} else 0
    return Shown(percent, before, "" if percent else behind, width, commas > 0 and not percent)


def xlsx_formats(path: str, sheet: str) -> SheetFormats:
    """How a sheet of an ``.xlsx`` workbook shows its numbers. Raises one of ``BROKEN`` for another file."""
    with zipfile.ZipFile(path) as archive:
        part = sheet_part(archive, sheet)
        found = SheetFormats(_styles(archive, styles_part(archive, ".xml")))
        if not found.shown and not _has_more(archive, part):
            return found
        row = column = -1
        is_open = False  # a formula, until its value comes
        for tag, attributes in _tags(archive, part):
            if tag == "c":
                found.formulas += is_open
                is_open = False
                column = column_of(attributes["r"]) if "r" in attributes else column + 1
                if attributes.get("t", "n") == "n":
                    found.note(row, column, int(attributes.get("s", "0")))
            elif tag == "row":
                row, column = int(attributes["r"]) - 1 if "r" in attributes else row + 1, -1
                found.hidden += attributes.get("hidden") in ("1", "true")
            elif tag in ("f", "v", "is"):
                is_open = tag == "f"
        found.formulas += is_open
        return found


def ods_formats(path: str, sheet: str) -> SheetFormats:
    """How a sheet of an ``.ods`` workbook shows its numbers: OpenDocument says which of them are percentages.

    Raises one of ``BROKEN`` for another file.
    """
    found = SheetFormats([Shown(percent=True)])
    row = column = rows = 0
    inside = False
    with zipfile.ZipFile(path) as archive:
        for tag, attributes in _tags(archive, "content.xml"):
            plain = {_local(key): value for key, value in attributes.items()}
            if tag == "table":
                inside, row, rows = plain.get("name") == sheet, 0, 0
            elif tag == "table-row" and inside:
                row, rows, column = row + rows, int(plain.get("number-rows-repeated", "1")), 0
            elif tag in ("table-cell", "covered-table-cell") and inside:
                columns = int(plain.get("number-columns-repeated", "1"))
                if plain.get("value-type") == "percentage":
                    if rows * columns > MOST_ROWS:
                        raise ValueError("no such cells")
                    for place in product(range(row, row + rows), range(column, column + columns)):
                        found.note(*place, 0)
                column += columns
    return found


def main_part(archive: zipfile.ZipFile) -> str:
    """The part of an archive that holds the workbook. Raises :class:`StopIteration` where there is none."""
    links = [attributes for tag, attributes in _tags(archive, "_rels/.rels") if tag == "Relationship"]
    return next(
        _target("", attributes["Target"]) for attributes in links if attributes.get("Type", "").endswith("/officeDocument")
    )


def sheet_part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part that holds a sheet of an ``.xlsx`` workbook. Raises :class:`StopIteration` where there is none."""
    workbook = main_part(archive)
    links = relations(archive, workbook)
    sheets = [attributes for tag, attributes in _tags(archive, workbook) if tag == "sheet"]
    found = next(attributes for attributes in sheets if attributes["name"] == sheet)
    return links[next(link for key, link in found.items() if _local(key) == "id")]


def relations(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """The parts that a part links to, by the name of the link."""
    folder, _, name = part.rpartition("/")
    tags = _tags(archive, join(folder, "_rels", f"{name}.rels"))
    return {attributes["Id"]: _target(folder, attributes["Target"]) for tag, attributes in tags if tag == "Relationship"}


def styles_part(archive: zipfile.ZipFile, ending: str) -> str | None:
    """The part that holds the styles of cells, if there is one."""
    links = relations(archive, main_part(archive)).values()
    return next((target for target in links if target.endswith(f"styles{ending}")), None)


def _target(folder: str, target: str) -> str:
    return target[1:] if target.startswith("/") else normpath(join(folder, target))


def _styles(archive: zipfile.ZipFile, part: str | None) -> list[Shown]:
    """How each style of a cell shows a number, in order."""
    codes: dict[int, str] = {}
    used: list[int] = []
    in_cells = False
    for tag, attributes in _tags(archive, part) if part is not None else ():
        if tag == "numFmt":
            codes[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif tag in ("cellStyleXfs", "cellXfs"):
            in_cells = tag == "cellXfs"
        elif tag == "xf" and in_cells:
            used.append(int(attributes.get("numFmtId", "0")))
    return styles_of(codes, used)


def _has_more(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether a sheet has formulas, or anything hidden."""
    rest = b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE_SIZE):
            if re.search(rb"<(?:\w+:)?f[ >/]|\bhidden=", rest + piece):
                return True
            rest = piece[-64:]
    return False


def column_of(reference: str) -> int:
    """The column, from 0, of a cell such as ``AB12``."""
    column = 0
    for letter in reference:
        if not letter.isalpha():
            break
        column = 26 * column + ord(letter.upper()) - 64
    return column - 1


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _tags(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The opening tags of XML, without their prefixes, and their attributes.

    Raises :class:`ExpatError`, also for a document type, which no workbook has.
    """
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(":")[2], attributes))
    parser.StartDoctypeDeclHandler = _refuse_doctype
    with archive.open(part) as stream:
        piece = b"more"
        while piece:
            piece = stream.read(_PIECE_SIZE)
            parser.Parse(piece, not piece)
            yield from found
            found.clear()


def _refuse_doctype(*_: object) -> None:
    raise expat.ExpatError("a document type")
