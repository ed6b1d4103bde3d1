"""Which findings are suggested for a column: those that its first cells can be."""

import numpy as np
import pyarrow as pa
import pytest

from poems_cli.rules.loading import load_rules
from poems_cli.tables.batches import Batch
from poems_cli.tables.headings import place
from poems_cli.tables.likely_cells import without_unlikely

RULES = load_rules()


def suggested(heading: str, *cells: object) -> list[str]:
    first = Batch({heading: pa.array(cells)}, np.arange(len(cells)))
    table = without_unlikely(place([heading], RULES), first, RULES)
    (column,) = table.unplaced
    likely = [likely.finding for likely in column.likely]
    assert all(finding in column.mend for finding in likely)
    assert ("did you mean" in column.mend) == bool(likely)
    return likely


@pytest.mark.parametrize(
    ("heading", "cells", "findings"),
    [
        ("ca", ["yes", "no"], []),
        ("ca", ["9.1", "yes", None], ["calcium"]),
        ("crea", ["normal", "high", "2024-01-31"], []),
        ("bil", ["<0.2", "pending"], ["bilirubin"]),
        ("htn", [140.0, 150.5], []),
        ("htn", ["1", "2", "9", "140"], ["arterial_hypertension"]),
        ("htn", [True, False], ["arterial_hypertension"]),
        ("paraprotein", ["1.2", "3.4"], ["m_protein"]),
        ("paraprotein", ["yes", "no"], ["monoclonal_protein"]),
        ("tbil", ["", "NA"], ["bilirubin"]),
    ],
)
def test_a_finding_is_suggested_only_where_the_cells_can_be_it(heading: str, cells: list[object], findings: list[str]) -> None:
    assert suggested(heading, *cells) == findings


@pytest.mark.parametrize(
    ("heading", "finding"),
    [
        ("bili", "bilirubin"),
        ("T.Bil", "bilirubin"),
        ("hemo", "hemoglobin"),
        ("sod", "sodium"),
        ("K", "potassium"),
        ("GFR", "egfr"),
        ("WBC", "white_cells"),
        ("Thrombozyten", "platelets"),
        ("H\u00e4matokrit", "hematocrit"),
        ("Kappa/Lambda ratio", "free_light_chain_ratio"),
    ],
)
def test_usual_abbreviations_are_suggested_and_never_read(heading: str, finding: str) -> None:
    assert suggested(heading, "1.2") == [finding]


@pytest.mark.parametrize(
    "heading",
    [
        "T4",
        "PCR",
        "glucose",
        "urine Na",
        "hemo-dialysis",
        "K-ras",
        "EF hand",
        "TLC",
        "Ascites absent",
        "Denies ascites",
        "Ascites resolved",
        "HbS",
        "Platelet transfusion",
        "Gender identity",
    ],
)
def test_a_heading_that_may_mean_something_else_is_not_suggested(heading: str) -> None:
    assert suggested(heading, "1.2") == []


def test_every_abbreviation_leads_to_a_finding_and_is_not_read_by_itself() -> None:
    from poems_cli.tables.likely import _ABBREVIATED

    names = [name for several in _ABBREVIATED.values() for name in several.split()]
    assert set(_ABBREVIATED) <= set(RULES.findings)
    assert len(set(names)) == len(names)
    assert not [column.heading for name in names for column in place([name], RULES).columns]
