"""Files of SPSS, Stata and SAS: what a code is labeled as is what is read, and missing is blank."""

import builtins
import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from poems_cli.model import Rules
from poems_cli.tables.statistics_files import headings_of, kind_of, read_statistics
from poems_cli.tables.table_file import TableError, TableFile

pyreadstat = pytest.importorskip("pyreadstat")

DATA = pd.DataFrame(
    {
        "id": [12345.0, 12346.0, 12347.0],
        "sex": [1.0, 2.0, None],
        "v1": [450.0, -99.0, 210.5],
        "pnp": [1.0, 0.0, 9.0],
        "seen": [datetime.date(2024, 1, 2), None, datetime.date(2024, 2, 2)],
        "note": ["a", "", "b"],
    }
)
LABELS = {"sex": {1: "Male", 2: "Female"}, "pnp": {1: "Yes", 0: "No", 9: "Not asked"}}
CALLED = ["Record", "Sex", "Platelets (K/uL)", "Polyneuropathy", "", ""]
MISSING = {"v1": [-99], "pnp": [9]}


def written(folder: Path, ending: str) -> str:
    path = str(folder / f"ward{ending}")
    if ending in (".sav", ".zsav"):
        more: dict[str, Any] = {"column_labels": CALLED, "variable_value_labels": LABELS, "missing_ranges": MISSING}
        pyreadstat.write_sav(DATA, path, compress=ending == ".zsav", **more)
    elif ending == ".dta":
        pyreadstat.write_dta(DATA, path, column_labels=CALLED, variable_value_labels=LABELS)
    elif ending == ".xpt":
        pyreadstat.write_xport(DATA, path, file_format_version=5, column_labels=CALLED)
    else:
        pyreadstat.write_por(DATA.rename(columns=str.upper), path)
    return path


def columns_of(table: TableFile) -> list[list[object]]:
    assert table.cells is not None
    return [column.to_pylist() for column in table.cells.columns]


@pytest.mark.parametrize(
    ("ending", "kind", "sex", "platelets", "neuropathy"),
    [
        (".sav", "SPSS", ["Male", "Female", None], [450, None, 210.5], ["Yes", "No", None]),
        (".zsav", "SPSS", ["Male", "Female", None], [450, None, 210.5], ["Yes", "No", None]),
        (".dta", "Stata", ["Male", "Female", None], [450, -99, 210.5], ["Yes", "No", "Not asked"]),
        (".xpt", "SAS transport", [1, 2, None], [450, -99, 210.5], [1, 0, 9]),
        (".por", "SPSS portable", [1, 2, None], [450, -99, 210.5], [1, 0, 9]),
    ],
)
def test_a_file_is_read_by_its_content(
    ending: str, kind: str, sex: list[object], platelets: list[object], neuropathy: list[object], tmp_path: Path
) -> None:
    path = written(tmp_path, ending)
    assert kind_of(Path(path).read_bytes()[:400]) == kind
    table = read_statistics("ward", path, kind)  # type: ignore[arg-type]
    assert [name.lower() for name in table.headings] == list(DATA.columns)
    assert columns_of(table) == [
        [12345, 12346, 12347],
        sex,
        platelets,
        neuropathy,
        ["2024-01-02", None, "2024-02-02"],
        ["a", None, "b"],
    ]


def test_a_label_is_the_heading_where_the_name_has_no_meaning(tmp_path: Path, rules: Rules) -> None:
    table = read_statistics("ward", written(tmp_path, ".sav"), "SPSS")
    assert headings_of(table.headings, table.labels, rules) == (
        "id",
        "Sex",
        "Platelets (K/uL)",
        "Polyneuropathy",
        "seen",
        "note",
    )
    other = ("", "Platelets (K/uL)", *table.labels[2:])
    assert headings_of(table.headings, other, rules)[1:3] == ("sex", "v1")


def test_values_that_sas_shows_in_percent_or_padded_are_read_as_shown(tmp_path: Path) -> None:
    path = str(tmp_path / "t.xpt")
    data = pd.DataFrame({"id": [7.0, 12.0], "cells": [0.62, 0.07], "sex": [1.0, 2.0]})
    formats = {"id": "Z5.", "cells": "PERCENT8.1", "sex": "SEXFMT."}
    pyreadstat.write_xport(data, path, file_format_version=5, variable_format=formats)
    table = read_statistics("t.xpt", path, "SAS transport")
    assert columns_of(table) == [["00007", "00012"], [62, 7], [1, 2]]
    assert table.headings == ("id", "cells (%)", "sex")
    assert [str(note) for note in table.notes] == [
        "t.xpt: the labels of 'sex' are in a catalog, which is not read; say under 'values' in the mapping what its codes mean",
    ]


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = Path(written(tmp_path, ".sav"))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TableError, match="ward: this is an SPSS file that is broken, truncated, or of a version that is not"):
        read_statistics("ward", str(path), "SPSS")
    with pytest.raises(TableError, match="ward: there is no such file"):
        read_statistics("ward", str(tmp_path / "none.sav"), "SPSS")


def test_without_the_extra_a_line_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **more: Any) -> Any:
        if name == "pyreadstat":
            raise ImportError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(TableError) as caught:
        read_statistics("ward.dta", str(tmp_path / "ward.dta"), "Stata")
    assert str(caught.value).startswith("ward.dta: this is a Stata file; install what reads it: pip install 'poems-cli[stata-")


@pytest.mark.parametrize("head", [b"id,poly\n", b"PK\x03\x04", b"PAR1", b"s,exe\0", b""])
def test_other_files_are_not_statistics_files(head: bytes) -> None:
    assert kind_of(head) is None
