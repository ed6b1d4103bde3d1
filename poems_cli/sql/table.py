"""What a query reads: the columns of a table in a database, typed, as findings, before anything follows from them.

An impossible value (a number that no patient has, a word that is not a choice, a limit that is not a number) is unknown, and
counted as not understood, as in a table that ``poems screen`` reads.
"""

import re
from collections.abc import Mapping, Sequence
from sys import float_info
from typing import Literal, NamedTuple, TypeAlias, cast

from sqlglot import exp

from poems_cli.model import Rules
from poems_cli.sql import logic
from poems_cli.sql.columns import Columns
from poems_cli.tables.cells import CellReader
from poems_cli.tables.columns import Column, Meaning
from poems_cli.tables.unit_scale import Scale
from poems_cli.written_numbers import COMPARATORS

_NUMBER = re.compile("-?[0-9]+([.][0-9]+)?")
_GREATEST = logic.number(float_info.max)

#: What a column holds: truths, numbers, numbers of single precision, or what is read as text.
Kind: TypeAlias = Literal["boolean", "number", "single", "text"]


class TableColumn(NamedTuple):
    """A column with what it holds, and the column of the comparators next to it, if there is one."""

    column: Column
    kind: Kind
    comparator: str | None = None


class Measured(NamedTuple):
    """A measured value in a unit of its own, NULL where it cannot be used, and what may accompany it.

    ``comparator`` holds ``<``, ``<=``, ``>``, ``>=`` or NULL; ``low`` and ``high`` are the laboratory's own limits, in the unit
    of the value. ``None`` where the table never has one.
    """

    value: exp.Expr
    scale: Scale
    comparator: exp.Expr | None = None
    low: exp.Expr | None = None
    high: exp.Expr | None = None


class Inputs(NamedTuple):
    """What a table says: of the boolean findings, measured values, words of choices; and where it is not understood."""

    said: Mapping[str, exp.Expr]
    measured: Mapping[str, Measured]
    chosen: Mapping[str, exp.Expr]
    not_understood: Sequence[logic.Term] = ()


def read(rules: Rules, table: Sequence[TableColumn], columns: Columns) -> Inputs:
    """The findings of a table."""
    said: dict[str, exp.Expr] = {}
    measured: dict[str, Measured] = {}
    chosen: dict[str, exp.Expr] = {}
    faults: list[logic.Term] = []
    for table_column in table:
        finding = rules.findings[table_column.column.finding]
        reader = CellReader(table_column.column, finding, rules.units)
        if finding.kind == "quantity":
            measured[finding.id], fault = _measured(reader, table_column, columns)
        elif table_column.kind == "boolean" and finding.kind == "boolean" and not table_column.column.values:
            said[finding.id], fault = columns.given(table_column.column.heading, f"{finding.id}__said"), False
        else:
            word, fault = _word(reader, table_column, columns)
            (said if finding.kind == "boolean" else chosen)[finding.id] = word
        faults.append(fault)
    return Inputs(said, measured, chosen, faults)


def _word(reader: CellReader, table_column: TableColumn, columns: Columns) -> tuple[exp.Expr, logic.Term]:
    """A truth or a choice, written as a word or a code in any case; and whether it is not understood."""
    finding = reader.finding.id
    cell = columns.given(table_column.column.heading, f"{finding}__given")
    text = columns.define(f"{finding}__text", exp.Trim(this=exp.cast(cell, "TEXT")))
    folded = columns.define(f"{finding}__word", exp.Lower(this=logic.written(text)))
    listed: dict[tuple[exp.Expr, Meaning], list[str]] = {}
    for place, words in ((text, table_column.column.values), (folded, reader.words)):
        for word, meaning in words.items():
            listed.setdefault((logic.written(place), meaning), []).append(word)
    found = [(logic.among(place, words), meaning) for (place, meaning), words in listed.items()]
    meant = [(is_meant, logic.string(meaning) if isinstance(meaning, str) else meaning) for is_meant, meaning in found]
    value = columns.define(f"{finding}__said", logic.cases(*meant))
    understood = [is_meant for is_meant, meaning in found if meaning is None]
    is_lost = logic.negated(logic.some([logic.is_known(value), logic.holds(logic.some(understood))]))
    return logic.written(value), logic.every([is_lost, logic.is_known(cell)])


def _measured(reader: CellReader, table_column: TableColumn, columns: Columns) -> tuple[Measured, logic.Term]:
    """A number with what accompanies it; and whether it is not understood."""
    finding = reader.finding.id
    cell = columns.given(table_column.column.heading, f"{finding}__given")
    codes = [code for code, meaning in table_column.column.values.items() if meaning is None and _NUMBER.fullmatch(code)]
    given = logic.written(columns.define(f"{finding}__number", _plain(cell, table_column.kind, codes)))
    least, most = map(logic.number, reader.possible)
    comparator, wrong_comparator = _comparator(reader, table_column, given, columns)
    low, high = (
        _limit(finding, side, named, columns)
        for side, named in (("low", table_column.column.low), ("high", table_column.column.high))
    )
    wrong = logic.holds(logic.some([wrong_comparator, _wrong_limits(reader, low, high)]))
    sound = logic.every([exp.Between(this=given, low=least, high=most), logic.negated(wrong)])
    value = logic.written(columns.define(f"{finding}__value", logic.cases((sound, given))))
    fault = logic.every([logic.is_unknown(value), logic.is_known(given)])
    return Measured(value, cast("Scale", reader.scale), comparator, low, high), fault


def _plain(cell: exp.Expr, kind: Kind, codes: Sequence[str] = ()) -> exp.Expr:
    """A number of double precision; unknown for NaN, which data frames hold where nothing was measured, and for codes."""
    # A number of single precision means its digits: 0.7 of it is a little less than 0.7.
    double: exp.Expr = exp.cast(exp.cast(cell, "TEXT") if kind == "single" else cell, "DOUBLE")
    plain: exp.Expr = exp.Nullif(this=double, expression=exp.cast(logic.string("NaN"), "DOUBLE"))
    for code in codes:
        plain = exp.Nullif(this=plain, expression=logic.number(float(code)))
    return plain


def _comparator(
    reader: CellReader, table_column: TableColumn, given: exp.Expr, columns: Columns
) -> tuple[exp.Expr | None, logic.Term]:
    """The comparator next to a number, and whether the number cannot have it."""
    if table_column.comparator is None:
        return None, False
    name = f"{reader.finding.id}__comparator"
    cell = columns.given(table_column.comparator, f"{name}__given")
    sign = logic.written(columns.define(f"{name}__sign", exp.Trim(this=cell)))
    spelled: dict[str, list[str]] = {}
    for spelling, meant in COMPARATORS.items():
        spelled.setdefault(meant, []).append(spelling)
    meanings = logic.cases(*[(logic.among(sign, spellings), logic.string(meant)) for meant, spellings in spelled.items()])
    comparator = logic.written(columns.define(name, meanings))
    some_sign = logic.every([logic.is_known(sign), logic.negated(logic.among(sign, ["", "="]))])
    wrong = logic.every([logic.is_unknown(comparator), some_sign])
    if reader.nothing_below is not None:
        nothing = given <= logic.number(reader.nothing_below)
        wrong = logic.some([wrong, logic.every([logic.among(comparator, ["<"]), nothing])])
    return comparator, wrong


def _limit(finding: str, side: str, named: float | str | None, columns: Columns) -> exp.Expr | None:
    """A limit of the laboratory: a number for the whole table, or a column of numbers."""
    if isinstance(named, str):
        cell = columns.given(named, f"{finding}__{side}__given")
        return logic.written(columns.define(f"{finding}__{side}", _plain(cell, "number")))
    return None if named is None else logic.number(named)


def _wrong_limits(reader: CellReader, low: exp.Expr | None, high: exp.Expr | None) -> logic.Term:
    """Whether the limits cannot be limits: infinite, one above the other, or below what can be."""
    wrong: list[logic.Term] = []
    for limit, is_impossible in ((low, exp.LT), (high, exp.LTE)):
        if limit is not None:
            wrong.append(logic.negated(exp.Between(this=limit, low=exp.Neg(this=_GREATEST), high=_GREATEST)))
            if reader.nothing_below is not None:
                wrong.append(is_impossible(this=limit, expression=logic.number(0)))
    return logic.some([*wrong, low > high] if low is not None and high is not None else wrong)
