"""The last rows of a table: totals and notes, which are not patients. Nothing here quotes a cell."""

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from poems_cli.tables.cells import fold
from poems_cli.written_numbers import SPACE

#: So many of the last rows are looked at.
LAST = 8
#: Names of rows that hold the laboratory's own ranges, and no patient.
RANGES = frozenset((
    "ref", "ref range", "ref. range", "reference", "reference range", "reference ranges", "reference interval",
    "reference intervals", "reference values", "normal range", "normal ranges", "normal values", "referenz", "referenzbereich",
    "referenzintervall", "referenzwerte", "normbereich", "normwerte", "valeurs de r\u00e9f\u00e9rence", "valeurs normales",
    "valores de referencia", "valores normales", "rango de referencia", "intervalo de referencia", "valori di riferimento",
    "valori normali", "intervallo di riferimento", "valores de refer\u00eancia", "referentiewaarden", "\u57fa\u6e96\u5024",
    "\u57fa\u6e96\u7bc4\u56f2", "\u53c2\u8003\u503c", "\u53c2\u8003\u8303\u56f4", "\ucc38\uace0\uce58",
))  # fmt: skip
#: Names of rows of totals, or of the laboratory's own ranges, that no patient has.
CERTAIN = RANGES | frozenset((
    "total", "totals", "grand total", "subtotal", "sum", "sums", "average", "averages", "mean", "median", "std", "std dev",
    "stdev", "standard deviation", "percent", "percentage", "mean (sd)", "median (iqr)",
    "summe", "gesamt", "gesamtsumme", "insgesamt", "mittelwert", "durchschnitt", "standardabweichung",
    "total g\u00e9n\u00e9ral", "somme", "moyenne", "m\u00e9diane", "\u00e9cart-type",
    "total general", "suma", "promedio", "media", "mediana", "soma", "m\u00e9dia",
    "totale", "somma", "totaal", "som", "gemiddelde", "desv. est",
    "desviaci\u00f3n est\u00e1ndar", "desvio padr\u00e3o", "ecart type",
    "deviazione standard", "mean \u00b1 sd", "mean +/- sd",
))  # fmt: skip
#: Names that rows of totals and patients may both have.
_POSSIBLE = frozenset((
    "min", "max", "minimum", "maximum", "n", "count", "sd", "se", "sem", "anzahl", "range", "iqr",
    "all", "alle", "todos", "tous",
))  # fmt: skip
#: With what a row of totals may begin, where the other rows have codes: "Total patients: 20".
BEGINNING = "(?:grand |sub)?(?:totals?|sum|average|mean|median|summe|gesamt|mittelwert|promedio|moyenne|somme)\\b[^0-9].*"
NUMBER_OF = "(?:n|total|totals|sum|mean|median|count) ?[=:(] ?(?:n ?[=:] ?)?[0-9]+ ?[)]?"
#: How a note below a table begins: a sign and its text, or such a word and more behind it.
_NOTE = re.compile(
    r"(?:[*\u2020\u2021\u00a7\u00b9\u00b2\u00b3]+|[(]?[*a-z1-9][)])\s*\w.*\s.*|"
    r"(?:notes?|n\.?b\.?|sources?|legend|abbreviations?|key|comments?|remarks?|footnotes?|data|values|generated|exported|"
    r"printed|reported|created|page|end of|quelle|anmerkung(?:en)?|hinweis|legende|abk\u00fcrzungen|erstellt|stand|seite|"
    r"fuentes?|notas?|leyenda|fonte|remarque|l\u00e9gende|bron)\b[ :].*\w.*",
    re.IGNORECASE | re.DOTALL,
)
_MANY_WORDS = 4


class LastRows(NamedTuple):
    """How many of the last rows are surely notes, and before them totals; whether the last but these may hold totals."""

    notes: int = 0
    totals: int = 0
    is_doubtful: bool = False


def last_rows(rows: Sequence[Mapping[str, object]], named: Sequence[str]) -> LastRows:
    """What the last of these rows, which are the last of a table, hold; ``named`` are the columns that may name a patient."""
    notes = _notes(rows, named)
    left = rows[: len(rows) - notes]
    first = next((place for place, row in enumerate(left) if is_total(row, named)), 0)
    patients = [_is_patient(row, named) for row in left]
    if first and all(patients[:first]) and not any(patients[first:]):
        return LastRows(notes, len(left) - first)
    called = list(takewhile(lambda row: _is_called(row, named, CERTAIN | _POSSIBLE), reversed(left)))
    count, certain = len(called), any(_is_called(row, named, CERTAIN) for row in called)
    again = any(_is_called(row, named, CERTAIN) for row in left[: len(left) - count])  # a word that other rows have too
    totals = count if certain and not again else 0
    return LastRows(notes, totals, bool(count and not totals and not again))


def is_total(row: Mapping[str, object], named: Sequence[str]) -> bool:
    """Whether the name of a row is that of totals."""
    names = [plain_cell(row.get(heading)).lower() for heading in named]
    return _is_called(row, named, CERTAIN) or any(re.fullmatch(BEGINNING, name) for name in names)


def holds_ranges(name: str) -> bool:
    """Whether the name of a row is that of the laboratory's own ranges."""
    return _is_called({"": name}, [""], RANGES)


def _is_patient(row: Mapping[str, object], named: Sequence[str]) -> bool:
    """Whether a row is called by a code, and not as totals may be."""
    return has_code(row, named) and not is_total(row, named) and not _is_called(row, named, CERTAIN | _POSSIBLE)


def may_be_coded(row: Mapping[str, object], named: Sequence[str]) -> bool:
    """Whether the first of the columns that may name a patient has a digit, or nothing."""
    return has_code(row, named) or not plain_cell(row.get(named[0]))


def has_code(row: Mapping[str, object], named: Sequence[str]) -> bool:
    """Whether the first of the columns that may name a patient has a digit."""
    return any(map(str.isdigit, plain_cell(row.get(named[0]))))


def may_be_note(text: str) -> bool:
    """Whether a text is as a note below a table may be, whatever the ids of the patients look like."""
    return bool(_NOTE.fullmatch(text)) or len(text.split()) >= _MANY_WORDS


def plain_cell(cell: object) -> str:
    """A cell as text without space around it."""
    return "" if cell is None else str(cell).strip(SPACE)


def _notes(rows: Sequence[Mapping[str, object]], named: Sequence[str]) -> int:
    """How many of the last rows have one cell alone, with a text as no other row has it there."""
    alone = [_alone(row, named) for row in rows]
    notes = next((place for place, text in enumerate(reversed(alone)) if len(text.split()) < 2), len(rows))
    words = [len(plain_cell(row.get(heading)).split()) for row in rows[: len(rows) - notes] for heading in named]
    longest = max(words, default=_MANY_WORDS)
    if longest >= _MANY_WORDS:
        return 0
    are_notes = [bool(_NOTE.fullmatch(text)) or (longest < 2 and may_be_note(text)) for text in reversed(alone)]
    return next((place for place, is_note in enumerate(are_notes) if not is_note), len(rows))


def _alone(row: Mapping[str, object], named: Sequence[str]) -> str:
    """The one cell of a row that is filled, if it is one that may name the patient."""
    filled = {heading: text for heading, cell in row.items() if (text := plain_cell(cell))}
    return next((filled[heading] for heading in named if heading in filled), "") if len(filled) == 1 else ""


def _is_called(row: Mapping[str, object], named: Sequence[str], words: frozenset[str]) -> bool:
    for heading in named:
        cell = row.get(heading)
        word = fold(cell.strip(SPACE)).rstrip(" :.") if isinstance(cell, str) else ""
        if word in words or word.lower() in words or (words >= CERTAIN and re.fullmatch(NUMBER_OF, word)):
            return True
    return False
