"""Random tables of patients: any findings as columns, in any unit, and cells that are close to every limit, odd or wrong."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import nextafter
from random import Random
from typing import Any, NamedTuple

import yaml
from hypothesis import strategies as st

from poems_cli.answer_words import ABSENT_WORDS, PRESENT_WORDS, UNKNOWN_WORDS
from poems_cli.engine.expressions import leaves
from poems_cli.model import (
    LABEL,
    All,
    AnyOf,
    Asserted,
    AtLeast,
    Binds,
    Compare,
    Expression,
    Finding,
    Known,
    Not,
    Present,
    Score,
)
from poems_cli.rules.loading import load_rules
from poems_cli.tables.last_rows import is_total
from poems_cli.tables.unit_scale import scale_of
from poems_cli.written_numbers import COMPARATORS

RULES = load_rules()
UNITS = RULES.units

#: Cells without a meaning, with another meaning, or with a meaning to only one engine.
ODD = (
    "xyz", "maybe", "12", "1,5", "5 to 10", "1_000", "1_0.5", "nan", "-nan", "-NaN(ind)", "inf", "-inf", "1e400",
    "<", "0x10", "1e3", "1d",
    "5 furlongs", "1 234", "1,234.5", "1.234,5", ".5", "5.", "+5", "-5", "--5", "< 5", "<5>", "5%", "POSİTİVE", "tru", "1.00",
    "00", "2", "on", "\u0661", "\uff11", "5\u00a0", "' or 1=1 --", '"', "{}", "\\d", "1.5e308 x",
    "NULL", "\u212a", "a\nb", "-0", "<0", "<=0", ">=1e300",
)  # fmt: skip
#: What is put around a cell.
AROUND = ("{}", "{}", "{}", " {}", "{} ", "\u00a0{}\t", "\ufeff{}")


class Column(NamedTuple):
    """One column of a table: its heading, its entry in a mapping file, and the cells that it may have."""

    heading: str
    entry: Mapping[str, Any] | None
    cells: tuple[str, ...]


class Made(NamedTuple):
    """A table as the text of a CSV file, and the mapping file it needs (``None`` where the headings say it all)."""

    text: str
    mapping: str | None
    decimal: str


# --- numbers at which something changes -------------------------------------------------------------------------------


def _expressions(part: object) -> Iterator[Expression]:
    """The expressions anywhere within a part of the rules."""
    if isinstance(part, All | AnyOf | Asserted | AtLeast | Binds | Compare | Known | Not | Present | Score):
        yield part
    elif isinstance(part, tuple | list):
        for item in part:
            yield from _expressions(item)
    elif isinstance(part, Mapping):
        yield from _expressions(tuple(part.values()))


@cache
def limits() -> Mapping[str, tuple[float, ...]]:
    """The limits to which the rules hold each quantity, in its canonical unit."""
    limits_of: dict[str, dict[float, None]] = {}
    for field in ("findings", "criteria", "warnings", "mimics", "mimic_criteria", "red_flags", "profile"):
        for expression in _expressions(getattr(RULES, field)):
            for leaf in leaves(expression):
                if isinstance(leaf, Compare) and isinstance(leaf.limit, int | float):
                    limits_of.setdefault(leaf.finding, {})[float(leaf.limit)] = None
    return {finding: tuple(numbers) for finding, numbers in limits_of.items()}


def _numbers(finding: Finding, unit: str) -> Iterator[float]:
    """Numbers of a unit around each limit: the last one below, the first one that reaches it, and others."""
    scale = scale_of(UNITS.analytes[finding.id], unit)
    for limit in limits().get(finding.id, (1.0,)):
        reaching, exceeding = scale.reaching(limit), scale.exceeding(limit)
        yield from (reaching, exceeding, nextafter(reaching, float("-inf")), reaching / 2, reaching * 1.1)
        yield from (float(f"{reaching:.4g}"), round(reaching))
    yield from (0, 1, *[number for number in scale.possible if number < 1e300], scale.possible[0] - 1)


# --- cells ------------------------------------------------------------------------------------------------------------


@cache
def _truths() -> tuple[str, ...]:
    words = [*PRESENT_WORDS, *ABSENT_WORDS]
    return (*["true", "false"] * 12, *words, *map(str.upper, words), *map(str.title, words))


@cache
def _cells_of(name: str, unit: str | None, decimal: str) -> tuple[str, ...]:
    finding = RULES.findings[name]
    if finding.kind == "boolean":
        usual: Sequence[str] = _truths()
    elif finding.kind == "choice":
        words = [*finding.choices, *finding.choices.values(), *finding.words]
        usual = [*words, *map(str.upper, words), *map(str.title, words)]
    else:
        plain = [
            f"{number:g}" if number == float(f"{number:g}") else repr(float(number)) for number in _numbers(finding, unit or "")
        ]
        plain = [number.replace(".", decimal) for number in dict.fromkeys(plain)]
        signed = [f"{sign}{gap}{number}" for number in plain[:4] for sign in COMPARATORS for gap in ("", " ")]
        usual = [*plain * 3, *signed, *[f"{number}{gap}{unit}" for number in plain[:4] for gap in ("", " ")]]
    return (*usual, *[""] * len(usual), *UNKNOWN_WORDS, *ODD)


def _limit_cells(finding: Finding, unit: str, decimal: str) -> tuple[str, ...]:
    plain = [repr(number) for number in _numbers(finding, unit)]
    return (*[number.replace(".", decimal) for number in plain], *[""] * 4, "NA", "-1", "0", "<5", "x", "1_0", f"5 {unit}")


def _heading(finding: Finding) -> str:
    return f"{finding.id} ({finding.unit})" if finding.kind == "quantity" else finding.id


def _plain_cells(finding: Finding) -> tuple[str, ...]:
    """What every engine reads alike, and a choice's own words."""
    if finding.kind == "quantity":
        return tuple([f"{number:.6f}" for number in _numbers(finding, finding.unit or "")] + [""] * 4)
    return ("true", "false", "") if finding.kind == "boolean" else (*finding.choices, "")


@st.composite
def columns(draw: st.DrawFn, name: str, decimal: str, *, mapped: bool) -> list[Column]:
    """The columns for one finding: its own, and perhaps those of the laboratory's limits."""
    finding = RULES.findings[name]
    if finding.kind != "quantity":
        values = {"x": _meaning(finding, True), "Yes ": _meaning(finding, False), "12": None}
        entry = {"finding": name, **({"values": values} if draw(st.booleans()) else {})}
        heading = draw(st.sampled_from([name, name.replace("_", " ").upper()]))
        return [Column(heading, entry if mapped else None, (*_cells_of(name, None, decimal), "x", "Yes", "12"))]
    unit = draw(st.sampled_from(list(UNITS.analytes[name].accepted)))
    heading = f"{name} ({unit})"
    own = Column(heading, {"finding": name, "unit": unit} if mapped else None, _cells_of(name, unit, decimal))
    if not mapped or draw(st.booleans()):
        return [own]
    entry = dict(own.entry or {})
    if draw(st.booleans()):
        entry["values"] = {"lost": None, "xyz": None}
    beside = []
    for side in ("low", "high"):
        how = draw(st.sampled_from(["none", "column", "number"]))
        if how == "column":
            entry[side] = f"{name} {side}"
            beside.append(Column(f"{name} {side}", {"finding": None}, _limit_cells(finding, unit, decimal)))
        elif how == "number":
            entry[side] = {"low": 1, "high": 5}[side]
    return [own._replace(entry=entry, cells=(*own.cells, "lost")), *beside]


def _meaning(finding: Finding, present: bool) -> bool | str:
    return present if finding.kind == "boolean" else list(finding.choices)[0 if present else -1]


_likely = st.sampled_from([name for name in RULES.findings if name in limits() or name == LABEL])

#: Ids of patients that a table program is likely to spoil.
identities = st.sampled_from(
    [
        "01", "1e5", "=1+1", "+1", "-1", "@x", "\t1", "'1", 'a"b', "a,b", "a;b", "a\tb", "a\nb", "a\r\nb", "Zoë", "患者", "",
        "x" * 5000, "NULL", "\\N", " 1 ", "{1}", "%s", "true", "2024-01-01", "'; DROP TABLE codes; --",
    ]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)  # fmt: skip


#: The last row may be a note (several words in its only cell) or totals, which are left out; other tests cover those.
_patient_identities = identities.filter(lambda text: len(text.split()) < 2 and not is_total({"id": text}, ["id"]))


@st.composite
def tables(draw: st.DrawFn, *, plain: bool = False) -> Made:
    """A table with some of the findings; ``plain`` with nothing but truths and numbers as every engine reads them."""
    decimal = "." if plain else draw(st.sampled_from([".", ".", ","]))
    mapped = not plain and draw(st.booleans())
    names = draw(st.lists(_likely | st.sampled_from(list(RULES.findings)), min_size=1, max_size=9, unique=True))
    if plain:
        made = [Column(_heading(RULES.findings[name]), None, _plain_cells(RULES.findings[name])) for name in names]
    else:
        made = [column for name in names for column in draw(columns(name, decimal, mapped=mapped))]
    around = st.just("{}") if plain else st.sampled_from(AROUND)
    cells = [
        st.builds(lambda template, cell: template.replace("{}", cell), around, st.sampled_from(column.cells)) for column in made
    ]
    body = draw(st.lists(st.tuples(_patient_identities, *cells), min_size=1, max_size=8))
    mapping = {"id": "id", "columns": {column.heading: _entry(column) for column in made}}
    headings = ["id", *[column.heading for column in made]]
    return Made(written([headings, *body]), yaml.safe_dump(mapping, sort_keys=False) if mapped else None, decimal)


def wide_table(chance: Random, columns: int, rows: int) -> Made:
    """A table with many findings, each in its own unit, half of the cells blank."""
    findings = chance.sample(list(RULES.findings.values()), columns)
    cells = [_cells_of(finding.id, finding.unit, ".") for finding in findings]
    body = [[f"{row:04}", *[chance.choice(column) if chance.random() < 0.5 else "" for column in cells]] for row in range(rows)]
    return Made(written([["id", *map(_heading, findings)], *body]), None, ".")


def _entry(column: Column) -> Mapping[str, Any] | None:
    return column.entry if column.entry and column.entry["finding"] else None


def written(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV, every cell that needs it in quotes."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return stream.getvalue()
