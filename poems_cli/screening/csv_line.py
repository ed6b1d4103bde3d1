"""Cells as a line of CSV, the same from every version of Python."""

from collections.abc import Iterable


def csv_line(cells: Iterable[str | int | None], delimiter: str = ",") -> str:
    """The line, with its end. In quotes is what holds a quote, the delimiter or a line end.

    So is a blank cell that is the only one: a line with nothing in it would be no row.
    """
    signs = ('"', delimiter, "\n", "\r")
    shown = ["" if cell is None else str(cell) for cell in cells]
    if shown == [""]:
        return '""\n'
    quoted = ['"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in signs) else cell for cell in shown]
    return delimiter.join(quoted) + "\n"
