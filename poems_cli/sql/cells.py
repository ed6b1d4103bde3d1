"""Cells of a table -> findings, in SQL: the meaning that ``screening.cells.CellReader`` has in Python.

Nearly every cell is one of a few words or a plain number, so these are tested first, as they stand. Only what is left is
trimmed, lowered and taken apart. The result never depends on which words were tested first.
"""

from collections.abc import Mapping, Sequence
from string import ascii_lowercase, ascii_uppercase
from sys import float_info
from typing import Literal, NamedTuple, TypeAlias, cast

from poems_cli.answer_words import UNKNOWN_WORDS
from poems_cli.model import Rules
from poems_cli.sql.inputs import Inputs, Measured, number
from poems_cli.sql.stages import Stages
from poems_cli.sql.terms import among, as_text, cases, every, holds, is_known, negated, some
from poems_cli.sql.text import KNOWN, Rails, Term, Text, string, text, whole
from poems_cli.tables.cells import SEPARATED, CellReader, Fault, measure_pattern
from poems_cli.tables.columns import Column, Meaning
from poems_cli.tables.unit_scale import Scale
from poems_cli.units import UnitTable
from poems_cli.written_numbers import COMPARATORS, SPACE

_MOST_TESTED_FIRST = 6
_GREATEST = float_info.max


Kind: TypeAlias = Literal["text", "boolean", "number", "other"]


class EngineReads(NamedTuple):
    """What an engine takes for a number beyond what laboratories write: SQL that tells such a cell, with ``{}`` for it."""

    odd_number: str


#: DuckDB takes 1_000 for a number.
DUCKDB = EngineReads("CONTAINS({}, '_')")
#: Java takes 1d and hexadecimal numbers for numbers, and other engines may take what they like.
ANY_ENGINE = EngineReads("NOT REGEXP_MATCHES({}, '^[-+.,0-9eE ]*$')")


class SourceColumn(NamedTuple):
    """A column as an engine reads it: its name in SQL, and whether it holds text, truths, numbers or something else.

    ``frequent`` are cells that were seen often, the most frequent first. ``limits`` is what the columns of the laboratory's
    limits hold, ``comparator`` the name of a column with the comparators of numbers.
    """

    column: Column
    name: str
    kind: Kind = "text"
    frequent: tuple[str, ...] = ()
    limits: Kind = "other"
    comparator: str | None = None


class CellFault(NamedTuple):
    """Where the cells of one column are not understood: SQL for the number of the fault, 0 where there is none.

    It is slow, and need be asked only where ``suspect`` holds, which is quick.
    """

    source: SourceColumn
    suspect: Text | Rails
    fault: Text


class CellsRead(NamedTuple):
    """The findings of a table, and the faults of its cells."""

    inputs: Inputs
    faults: tuple[CellFault, ...]


class CellTranslator:
    """Makes the SQL for the cells of one table."""

    def __init__(
        self,
        rules: Rules,
        units: UnitTable,
        columns: Sequence[SourceColumn],
        limits: Mapping[str, str],
        decimal: str = ".",
        engine: EngineReads = DUCKDB,
    ) -> None:
        """``limits`` says which column of the source has which heading, for the laboratory's own limits."""
        self._engine = engine
        self._rules = rules
        self._units = units
        self._columns = columns
        self._limits = limits
        self._decimal = decimal

    def read(self, stages: Stages) -> CellsRead:
        """The findings as columns of ``stages``."""
        inputs = Inputs({}, {}, {})
        faults = []
        for source in self._columns:
            finding = self._rules.findings[source.column.finding]
            reader = CellReader(source.column, finding, self._units, self._decimal)
            cell = _Cell(stages, source, reader, self._limits, self._engine)
            if finding.kind == "quantity":
                cast("dict[str, Measured]", inputs.measured)[finding.id] = cell.measured()
            elif finding.kind == "boolean":
                cast("dict[str, Text]", inputs.said)[finding.id] = cell.said()
            else:
                cast("dict[str, Text]", inputs.chosen)[finding.id] = cell.chosen()
            if cell.fault is not None:
                faults.append(cell.fault)
        return CellsRead(inputs, tuple(faults))


class _Cell:
    """The SQL for the cells of one column. ``fault`` is there once they are read, if they can have one."""

    def __init__(
        self, stages: Stages, source: SourceColumn, reader: CellReader, limits: Mapping[str, str], engine: EngineReads
    ) -> None:
        self._engine = engine
        self._stages = stages
        self._source = source
        self.reader = reader
        self._limits = limits
        self._finding = reader.finding.id
        self._raw = stages.given(source.name)
        self.fault: CellFault | None = None

    # --- words --------------------------------------------------------------------------------------------------------

    def said(self) -> Text:
        """Present or absent."""
        if self._source.kind == "boolean" and not self._source.column.values:
            return self._stages.add(self._finding, text("({})", self._raw))
        return self._word(Fault.NO_TRUTH)

    def chosen(self) -> Text:
        """A word of a choice."""
        return self._word(Fault.NO_WORD)

    def _word(self, fault: Fault) -> Text:
        raw, plain = self._as_text(), self._trimmed()
        slow = [(among(plain, [cell]), _meant(meaning)) for cell, meaning in self._source.column.values.items()]
        slow += [(among(_folded(plain), words), _meant(meaning)) for meaning, words in self._by_meaning()]
        value = cases((negated(is_known(self._raw)), None), *self._fast(raw), *slow)
        column = self._stages.add(self._finding, as_text(value))
        understood = [cell for cell, meaning in self._source.column.values.items() if meaning is None]
        unknown = [word for word, meaning in self.reader.words.items() if meaning is None]
        said_so = some([among(plain, understood), among(_folded(plain), unknown)])
        suspect = every([negated(is_known(column)), is_known(self._raw)])
        self._note(suspect, cases((said_so, whole(0)), otherwise=whole(fault)))
        return column

    def _note(self, suspect: Term, fault: Term) -> None:
        if isinstance(suspect, Text | Rails):
            self.fault = CellFault(self._source, suspect, as_text(fault))

    def _fast(self, raw: Text) -> list[tuple[Term, Term]]:
        """The cells seen most often, as they stand."""
        read = [(cell, self.reader.read(cell)) for cell in self._source.frequent if cell]
        known = [(cell, cast("Meaning", meaning)) for cell, meaning in read if not isinstance(meaning, Fault)]
        return [(among(raw, [cell]), _meant(meaning)) for cell, meaning in known[:_MOST_TESTED_FIRST]]

    def _by_meaning(self) -> list[tuple[Meaning, list[str]]]:
        words: dict[Meaning, list[str]] = {}
        for word, meaning in self.reader.words.items():
            if meaning is not None:
                words.setdefault(meaning, []).append(word)
        return list(words.items())

    # --- numbers ------------------------------------------------------------------------------------------------------

    def measured(self) -> Measured:
        """A measured value, with its comparator and the laboratory's limits if the table can have them."""
        if self._source.kind == "number" and not self._source.column.values:
            return self._number()
        return self._measure()

    def _number(self) -> Measured:
        """A number that an engine read already. Data frames hold NaN where nothing was measured; it is never possible."""
        number_of = text("CAST({} AS DOUBLE)", self._raw)
        if self._stages.in_rails:
            # Beside NULL every comparison costs several times as much.
            number_of = text("CASE WHEN {} IS NULL THEN CAST('NaN' AS DOUBLE) ELSE {} END", self._raw, number_of)
        given = self._stages.add(f"{self._finding}__number", number_of)
        low, high, wrong_limit = self._both_limits()
        comparator, wrong_comparator = self._comparator_beside(given)
        possible = self._is_possible(given)
        if self._stages.in_rails:
            possible = possible._replace(values=KNOWN)
        sound = every([possible, negated(wrong_limit), negated(wrong_comparator)])
        fault = cases(
            (wrong_comparator, whole(Fault.IMPOSSIBLE)),
            (_is_beyond(given), whole(Fault.NO_NUMBER)),
            (negated(possible), whole(Fault.IMPOSSIBLE)),
            otherwise=whole(Fault.LIMIT),
        )
        if self._stages.in_rails:
            is_sound = self._stages.shared(f"{self._finding}__sound", sound)
            is_given = self._stages.shared(f"{self._finding}__given", text("NOT ISNAN({})", given)._replace(values=KNOWN))
            self._note(every([negated(is_sound), is_given]), fault)
            return Measured(given, self._scale, comparator, low, high, cast("Rails", is_sound))
        value = self._stages.add(self._finding, as_text(cases((sound, given))))
        fault = cases((text("ISNAN({})", given), whole(0)), otherwise=fault)
        self._note(every([negated(is_known(value)), is_known(given)]), fault)
        return Measured(value, self._scale, comparator, low, high)

    def _comparator_beside(self, given: Text) -> tuple[Text | None, Term]:
        """The comparator that stands in a column of its own, and whether the number cannot have it."""
        if self._source.comparator is None:
            return None, False
        raw = self._stages.given(self._source.comparator)
        plain = text(f"TRIM({{}}, {string(SPACE)})", raw)
        comparator = self._stages.add(f"{self._finding}__comparator", as_text(_comparator(plain)))
        wrong = every([negated(is_known(comparator)), is_known(raw), negated(among(plain, ["", "="]))])
        least = self.reader.nothing_below
        nothing = False if least is None else text(f"{{}} = '<' AND {{}} <= {number(least)}", comparator, given)
        return comparator, holds(some([wrong, nothing]))

    def _measure(self) -> Measured:
        """A number as text: the plain ones as they are, the others taken apart."""
        finding, add, reader = self._finding, self._stages.add, self.reader
        plain = add(f"{finding}__number", text("TRY_CAST({} AS DOUBLE)", self.pointed(self._as_text())))
        left = cases((self._is_usual(plain), None), (negated(is_known(self._raw)), None), otherwise=self._trimmed())
        odd = add(f"{finding}__odd", as_text(left))
        parts = _Parts(self, odd)
        low, high, wrong_limit = self._both_limits()
        wrong = cases(
            (parts.is_unknown, whole(0)),
            (negated(parts.is_measure), self._no_number(odd)),
            (_is_beyond(parts.number), whole(Fault.NO_NUMBER)),
            (every([text("{} <> ''", parts.unit), negated(among(parts.unit, sorted(reader.unit_words)))]), whole(Fault.UNIT)),
            (self._is_nothing(parts), whole(Fault.IMPOSSIBLE)),
            (negated(self._is_possible(parts.number)), whole(Fault.IMPOSSIBLE)),
            (wrong_limit, whole(Fault.LIMIT)),
            otherwise=whole(0),
        )
        is_sound = text("({}) = 0", as_text(wrong))
        value = cases((negated(is_known(odd)), plain), (parts.is_unknown, None), (is_sound, parts.number))
        if wrong_limit is not False:
            value = cases((negated(is_known(odd)), cases((wrong_limit, None), otherwise=plain)), otherwise=value)
        comparator = add(f"{finding}__comparator", as_text(cases((is_known(odd), _comparator(parts.sign)))))
        suspect: Term = is_known(odd)
        if wrong_limit is not False:
            suspect = some([suspect, every([is_known(plain), wrong_limit])])
        self._note(suspect, cases((is_known(odd), wrong), otherwise=whole(Fault.LIMIT)) if wrong_limit is not False else wrong)
        return Measured(add(finding, as_text(value)), self._scale, comparator, low, high)

    def _no_number(self, odd: Text) -> Term:
        separated = text(f"REGEXP_MATCHES({{}}, {string(SEPARATED)})", odd)
        return cases((separated, whole(Fault.SEPARATOR)), otherwise=whole(Fault.NO_NUMBER))

    @property
    def _scale(self) -> Scale:
        return cast("Scale", self.reader.scale)

    def _is_usual(self, plain: Text) -> Term:
        """Whether a cell is nothing but a possible number, so that it need not be taken apart.

        An engine reads numbers in ways that no laboratory writes (1_000, 1d), so what is not of digits is left out.
        """
        raw = self._as_text()
        other = "." if self.reader.decimal == "," else ","
        usual = [
            self._is_possible(plain),
            negated(text(self._engine.odd_number, raw)),
            negated(text(f"CONTAINS({{}}, {string(other)})", raw)) if other == "." else True,
            negated(among(self._trimmed(), list(self.reader.column.values))) if self.reader.column.values else True,
        ]
        return every(usual)

    def _is_possible(self, value: Text) -> Text:
        low, high = self.reader.possible
        return text(f"{{}} BETWEEN {number(low)} AND {number(high)}", value)

    def _is_nothing(self, parts: "_Parts") -> Term:
        """Whether it is said to be less than the least that can be."""
        least = self.reader.nothing_below
        if least is None:
            return False
        below = [sign for sign, meant in COMPARATORS.items() if meant == "<"]
        return every([among(parts.sign, below), text(f"{{}} <= {number(least)}", parts.number)])

    # --- the laboratory's own limits ----------------------------------------------------------------------------------

    def _both_limits(self) -> tuple[Text | None, Text | None, Term]:
        """The limits beside the value, and whether they cannot be used."""
        low, wrong_low = self._limit("low", self.reader.column.low)
        high, wrong_high = self._limit("high", self.reader.column.high)
        crossed = text("{} > {}", low, high) if low is not None and high is not None else False
        low_impossible: Term = False
        high_impossible: Term = False
        if self.reader.nothing_below is not None:
            low_impossible = text("{} < 0", low) if low is not None else False
            high_impossible = text("{} <= 0", high) if high is not None else False
        return low, high, holds(some([wrong_low, wrong_high, crossed, low_impossible, high_impossible]))

    def _limit(self, side: str, named: float | str | None) -> tuple[Text | None, Term]:
        if named is None:
            return None, False
        if not isinstance(named, str):
            return self._stages.add(f"{self._finding}__{side}", Text(number(named), frozenset())), False
        if self._source.limits == "number":
            whole_or_not = text("CAST({} AS DOUBLE)", self._stages.given(self._limits[named]))
            measured = cases((text("NOT ISNAN({})", whole_or_not), whole_or_not))
            limit = self._stages.add(f"{self._finding}__{side}", as_text(measured))
            return limit, _is_beyond(limit)
        raw = text("CAST({} AS VARCHAR)", self._stages.given(self._limits[named]))
        plain = self._stages.add(f"{self._finding}__{side}_cell", text(f"TRIM({{}}, {string(SPACE)})", raw))
        parts = _Parts(self, plain)
        own_unit = some([text("{} = ''", parts.unit), among(parts.unit, sorted(self.reader.unit_words))])
        is_limit = every([parts.is_measure, text("{} = ''", parts.sign), own_unit])
        limit = self._stages.add(f"{self._finding}__{side}", as_text(cases((is_limit, parts.number))))
        said_so = some([negated(is_known(plain)), among(_folded(plain), list(UNKNOWN_WORDS))])
        wrong = cases((said_so, False), (negated(is_known(limit)), True), (_is_beyond(limit), True), otherwise=False)
        return limit, wrong

    # --- pieces -------------------------------------------------------------------------------------------------------

    def _as_text(self) -> Text:
        return self._raw if self._source.kind == "text" else text("CAST({} AS VARCHAR)", self._raw)

    def _trimmed(self) -> Text:
        return text(f"TRIM({{}}, {string(SPACE)})", self._as_text())

    def pointed(self, digits: Text) -> Text:
        """A number with a decimal point, whatever stands for it in the table."""
        return digits if self.reader.decimal == "." else text("REPLACE({}, ',', '.')", digits)


class _Parts:
    """What a cell that is no plain number may hold: a comparator, a number, a unit; or a word for unknown."""

    def __init__(self, cell: _Cell, odd: Text) -> None:
        pattern = string(measure_pattern(cell.reader.decimal or "."))
        self.sign, digits, self.unit = (text(f"REGEXP_EXTRACT({{}}, {pattern}, {group})", odd) for group in (1, 2, 3))
        self.number = text("TRY_CAST({} AS DOUBLE)", cell.pointed(digits))
        self.is_measure = text(f"REGEXP_MATCHES({{}}, {pattern})", odd)
        words = [word for word, meaning in cell.reader.words.items() if meaning is None]
        self.is_unknown = some([among(_folded(odd), words), among(odd, list(cell.reader.column.values))])


def _folded(term: Text) -> Text:
    return text(f"TRANSLATE({{}}, {string(ascii_uppercase)}, {string(ascii_lowercase)})", term)


def _comparator(sign: Text) -> Term:
    """The comparator that a sign stands for; unknown for none."""
    by_meaning: dict[str, list[str]] = {}
    for spelled, meant in COMPARATORS.items():
        by_meaning.setdefault(meant, []).append(spelled)
    return cases(*[(among(sign, spelled), Text(string(meant), frozenset())) for meant, spelled in by_meaning.items()])


def _is_beyond(value: Text) -> Text:
    """Whether a number is infinite, or none at all."""
    return text(f"({{}} > {number(_GREATEST)} OR {{}} < {number(-_GREATEST)})", value, value)


def _meant(meaning: Meaning) -> Term:
    return Text(string(meaning), frozenset()) if isinstance(meaning, str) else meaning
