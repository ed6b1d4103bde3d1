"""Rows in are rows out: what an engine read is compared with a count made apart from it."""

from pathlib import Path

import pytest

from poems_cli.screening.row_check import RowCheck
from poems_cli.tables.table_file import TableError, TableFile


def checked(path: Path, rows: int) -> RowCheck:
    path.write_text("id,ascites\n" + "".join(f"{number},yes\n" for number in range(rows)))
    check = RowCheck([TableFile("t.csv", str(path), "csv", ("id", "ascites"), delimiter=",", line_end="\n")])
    check.join()
    return check


def test_as_many_rows_as_the_table_has_pass(tmp_path: Path) -> None:
    checked(tmp_path / "t.csv", 3).compare(3)


@pytest.mark.parametrize("read", [0, 2, 4])
def test_a_row_lost_or_made_up_stops_the_run(tmp_path: Path, read: int) -> None:
    check = checked(tmp_path / "t.csv", 3)
    with pytest.raises(TableError, match=f"3 rows were counted in the table, and {read} were read"):
        check.compare(read)
