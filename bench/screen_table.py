"""A made-up table of patients to screen: 40 columns, of which many cells are blank, as in a hospital's own.

    python bench/screen_table.py --rows N --out FILE.csv|FILE.parquet

Every cell is worked out from the number of its row alone, so that the table is the same on every run (of one version of
DuckDB) and a longer table begins with the shorter one. Most of what is known is absent; one row in 500 is of somebody ill,
of whom half of what is known is present. One row in 1000 contradicts itself: no clone, but a monoclonal protein. Else a part
agrees with its whole, and a number is blank where the finding that it decides is told.
"""

import argparse
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import duckdb

#: Another seed gives another table.
SEED = 20261122
#: The chances of one row: 256 numbers of its own, of which each column draws up to three.
_CHANCES = 256
_ILL, _PRESENT_IN_ILL, _CONTRADICTORY = 0.002, 0.5, 0.001


class _Flag(NamedTuple):
    """A boolean finding: in which share of the rows it is blank, and in which share of the others present."""

    id: str
    blank: float
    present: float


class _Number(NamedTuple):
    """A quantity: where it mostly lies, where else, and how often that is, if it is known at all."""

    id: str
    unit: str
    blank: float
    usual: tuple[float, float]
    unusual: tuple[float, float]
    share: float
    decimals: int = 0


_FLAGS = (
    _Flag("polyneuropathy", 0.10, 0.06), _Flag("castleman_disease", 0.55, 0.002), _Flag("sclerotic_bone_lesion", 0.50, 0.01),
    _Flag("hepatomegaly", 0.25, 0.04), _Flag("splenomegaly", 0.25, 0.03), _Flag("lymphadenopathy", 0.20, 0.04),
    _Flag("peripheral_edema", 0.12, 0.10), _Flag("anasarca", 0.30, 0.005), _Flag("pleural_effusion", 0.30, 0.04),
    _Flag("ascites", 0.30, 0.02), _Flag("pericardial_effusion", 0.45, 0.01), _Flag("hypogonadism", 0.55, 0.03),
    _Flag("gynecomastia", 0.40, 0.01), _Flag("adrenal_insufficiency", 0.50, 0.005), _Flag("hyperpigmentation", 0.20, 0.02),
    _Flag("hypertrichosis", 0.35, 0.01), _Flag("hemangioma", 0.30, 0.03), _Flag("glomeruloid_hemangioma", 0.50, 0.001),
    _Flag("plethora", 0.40, 0.01), _Flag("white_nails", 0.40, 0.01), _Flag("acrocyanosis", 0.35, 0.01),
    _Flag("papilledema", 0.45, 0.005),
)  # fmt: skip
_CLONE = _Flag("monoclonal_plasma_cell_disorder", 0.35, 0.03)
_CLONE_PROTEIN = _Flag("monoclonal_protein", 0.25, 0.02)
_NUMBERS = (
    _Number("plasma_vegf", "pg/mL", 0.75, (10, 95), (96, 900), 0.10),
    _Number("serum_vegf", "pg/mL", 0.70, (50, 700), (700, 5000), 0.06),
    _Number("platelets", "10*9/L", 0.30, (130, 440), (450, 800), 0.03),
    _Number("hemoglobin", "g/dL", 0.30, (9.5, 16), (16, 19), 0.05, 1),
    _Number("hba1c", "%", 0.55, (4.6, 6.4), (6.5, 11), 0.12, 1),
    _Number("tsh", "mIU/L", 0.45, (0.4, 4), (4, 15), 0.07, 2),
    _Number("prolactin", "ng/mL", 0.70, (3, 15), (15, 60), 0.08, 1),
    _Number("csf_protein", "mg/dL", 0.75, (15, 45), (46, 250), 0.20),
    _Number("creatinine", "mg/dL", 0.32, (0.5, 1.3), (1.3, 5), 0.10, 2),
)
_TESTOSTERONE = _Number("testosterone", "ng/dL", 0.40, (264, 950), (40, 264), 0.08)
_CLONE_SIZE = _Number("m_protein", "g/dL", 0.50, (0.1, 1.5), (1.5, 3.5), 0.10, 1)


def main() -> None:
    """Make one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, required=True, help="how many patients")
    parser.add_argument("--out", type=Path, required=True, help="a CSV or a Parquet file, by its name")
    options = parser.parse_args()
    if options.out.suffix not in _FORMATS:
        parser.error("the table's name must end in .csv or .parquet")
    write_table(options.rows, options.out)


_FORMATS = {".csv": "FORMAT csv, HEADER true", ".parquet": "FORMAT parquet, COMPRESSION zstd"}


def write_table(rows: int, target: Path) -> None:
    """Write the table in bounded memory; only a whole one gets the name."""
    part = target.with_name(f"{target.name}.part")
    name = str(part).replace("'", "''")
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        # A stored table of numbers is read by every thread, range() by one only; compressed, it takes next to no room.
        connection.execute("ATTACH ':memory:' AS numbers (COMPRESS)")
        connection.execute(f"CREATE TABLE numbers.rows AS SELECT range AS number FROM range(1, {rows + 1})")
        connection.execute("CHECKPOINT numbers")
        connection.execute(f"COPY ({table_sql('numbers.rows')}) TO '{name}' ({_FORMATS[target.suffix]})")
    part.replace(target)


def table_sql(numbers: str) -> str:
    """The table as one query over the numbers of its rows; the columns after the id are those of ``_columns``, in order.

    The heading of a quantity has its unit.
    """
    columns = ",\n  ".join(f"{sql} AS {name}" for name, sql in _columns(_chances()))
    headings = ", ".join(f'{number.id} AS "{number.id} ({number.unit})"' for number in (*_NUMBERS, _TESTOSTERONE, _CLONE_SIZE))
    return f"""SELECT * EXCLUDE (ill, contradictory) RENAME ({headings}) FROM (SELECT
  lpad(number::VARCHAR, 9, '0') AS id,
  {columns}
FROM {numbers})"""


def _chances() -> Iterator[str]:
    """Numbers from 0 up to 1, each of its own row and place. One number is hashed: hashes of two are alike in pairs."""
    return (f"(hash({SEED} + number * {_CHANCES} + {place}) / 18446744073709551616.0)" for place in count())


def _columns(chance: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Name and SQL of each column; a later one may use the earlier."""
    yield "ill", f"{next(chance)} < {_ILL}"
    yield "contradictory", f"{next(chance)} < {_CONTRADICTORY}"
    yield "sex", _known(chance, 0.03, f"if({next(chance)} < 0.52, 'female', 'male')")
    yield "age", _known(chance, 0.02, f"(18 + 78 * {next(chance)})::INTEGER")
    yield _CLONE.id, f"NOT contradictory AND {_flag(chance, _CLONE)}"
    agreeing = _known(chance, _CLONE_PROTEIN.blank, f"coalesce({_CLONE.id}, {_present(chance, _CLONE_PROTEIN.present)})")
    yield _CLONE_PROTEIN.id, f"contradictory OR {agreeing}"
    for flag in _FLAGS:
        yield flag.id, _flag(chance, flag)
    label = next(chance)
    yield "diagnosis_label", f"CASE WHEN {label} < if(ill, 0.3, 0.004) THEN 'cidp' WHEN {label} > 0.99 THEN 'other' END"
    chain = f"if({next(chance)} < if(ill, 0.9, 0.4), 'lambda', 'kappa')"
    yield "light_chain", f"if({_CLONE.id} AND {next(chance)} < 0.7, {chain}, NULL)"
    for number in _NUMBERS:
        yield number.id, _number(chance, number)
    yield _TESTOSTERONE.id, f"if(hypogonadism IS NULL, {_number(chance, _TESTOSTERONE)}, NULL)"
    yield _CLONE_SIZE.id, f"if({_CLONE.id}, {_number(chance, _CLONE_SIZE)}, {_known(chance, _CLONE_SIZE.blank, '0.0::DOUBLE')})"


def _flag(chance: Iterator[str], flag: _Flag) -> str:
    return _known(chance, flag.blank, _present(chance, flag.present))


def _number(chance: Iterator[str], number: _Number) -> str:
    place, kind = next(chance), "INTEGER" if number.decimals == 0 else "DOUBLE"
    (low, high), (other_low, other_high) = number.usual, number.unusual
    usual, unusual = f"{low} + {high - low} * {place}", f"{other_low} + {other_high - other_low} * {place}"
    value = f"round(if({_present(chance, number.share)}, {unusual}, {usual}), {number.decimals})::{kind}"
    return _known(chance, number.blank, value)


def _present(chance: Iterator[str], share: float) -> str:
    return f"({next(chance)} < if(ill, {_PRESENT_IN_ILL}, {share}))"


def _known(chance: Iterator[str], blank: float, value: str) -> str:
    return f"if({next(chance)} < {blank}, NULL, {value})"


if __name__ == "__main__":
    main()
