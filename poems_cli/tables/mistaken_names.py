"""Columns that go by the name of a finding and hold something else: what a bare heading alone does not tell.

Units that can be mistaken for one another are in ``rules/units.yaml``; here are other measurements, genes and grades, each with
its reason. The numbers are our own, and generous.
"""

from collections.abc import Sequence
from typing import NamedTuple


class MistakenName(NamedTuple):
    """What else a column of these findings may hold.

    It may be meant where most numbers of the column are between ``numbers`` (``whole`` ones only); where there are none, by
    its name alone, if no option says which units the table has. ``names`` are the headings concerned, as they are written,
    every name of the finding if there are none. It has no unit, except with ``units``: then it may be meant where the
    column is in one of these, since they are those of the finding, too.
    """

    findings: tuple[str, ...]
    what: str
    why: str
    names: tuple[str, ...] = ()
    numbers: tuple[float, float] | None = None
    whole: bool = False
    units: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What distinguishes it from the others."""
        return f"{self.what} {self.numbers}"


MISTAKEN_NAMES: tuple[MistakenName, ...] = (
    MistakenName(
        ("egfr",),
        "the gene EGFR (epidermal growth factor receptor)",
        "tables of tumors have its mutations or its expression under this name",
        names=("EGFR",),
    ),
    MistakenName(
        ("egfr",),
        "the gene EGFR (epidermal growth factor receptor)",
        "expression is given as a logarithm or a small number",
        numbers=(-20, 20),
    ),
    MistakenName(
        ("alanine_aminotransferase",),
        "an alternative allele",
        "tables of variants call it ALT, next to REF",
        names=("ALT", "Alt", "alt"),
    ),
    MistakenName(
        ("estradiol",),
        "a grade, an exon or a time called E2",
        "E2 is a short name with many meanings",
        names=("E2", "e2"),
    ),
    MistakenName(
        ("albumin",),
        "albumin in urine, as the grades 0 to 5 of a test strip",
        "tables of kidney disease give the grade under the name of serum albumin (UCI chronic kidney disease)",
        numbers=(0, 5),
        whole=True,
    ),
    MistakenName(
        ("albumin",),
        "albumin in urine",
        "urine has mg/L or mg/dL, and serum seldom less than 1500 mg/dL",
        numbers=(0, 1000),
        units=("mg/dL",),
    ),
    MistakenName(
        ("calcium",),
        "ionized calcium",
        "blood gas analyzers give it under the same name, about half of the total",
        numbers=(0.7, 1.5),
        units=("mmol/L",),
    ),
    MistakenName(
        ("calcium",),
        "ionized calcium",
        "blood gas analyzers give it under the same name, about half of the total",
        numbers=(3, 6),
        units=("mg/dL",),
    ),
    MistakenName(
        ("white_cells", "neutrophils", "eosinophils"),
        "cells in urine or another fluid",
        "a sediment counts a few cells per field of view under the same name",
        numbers=(0, 5),
        whole=True,
    ),
    MistakenName(
        ("age",),
        "years of birth",
        "nobody is so old, and a year of birth goes by the name of the age",
        numbers=(1880, 2120),
        whole=True,
        units=("a",),
    ),
    MistakenName(
        ("creatinine",),
        "creatinine in urine",
        "urine has 20 to 400 mg/dL under the same name",
        numbers=(15, 500),
        units=("mg/dL",),
    ),
    MistakenName(
        ("total_protein",),
        "protein in urine, as the grades 0 to 5 of a test strip",
        "a test strip has grades under the same name",
        numbers=(0, 4),
        whole=True,
    ),
    MistakenName(
        ("bilirubin",),
        "bilirubin in urine, or points of a score, as grades",
        "the points of a Child-Pugh score (1 to 3) and a test strip (0 to 4) go by the same name",
        numbers=(0, 4),
        whole=True,
    ),
)


def other_meanings(finding: str, heading: str) -> Sequence[MistakenName]:
    """What else a column with this heading may hold, if it is called as the finding is."""
    name = heading.strip()
    return [mistaken for mistaken in MISTAKEN_NAMES if finding in mistaken.findings and name in (mistaken.names or (name,))]
