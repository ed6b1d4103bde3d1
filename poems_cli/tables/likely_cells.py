"""Whether the cells of a column can be those of the finding that its heading may mean: only then is it suggested."""

import re
from collections.abc import Sequence

from poems_cli.model import Finding, Rules
from poems_cli.tables.batches import Batch, as_text
from poems_cli.tables.cells import says_nothing
from poems_cli.tables.columns import TableMap, Unplaced
from poems_cli.tables.headings import NOT_KNOWN, not_known
from poems_cli.written_numbers import SPACE, number_in

_CODE = re.compile(r"-?[0-9](?:\.0*)?|-?9+(?:\.0*)?")
#: What goes on so is not a number: a date, a time, a range, a name.
_NO_NUMBER = re.compile(r"[-/.:,][0-9]|[A-Za-z]*[0-9]")


def without_unlikely(table: TableMap, first: Batch, rules: Rules) -> TableMap:
    """The columns as they are placed, each with the findings alone that its first cells can be.

    A quantity needs a number in one cell; a truth or a choice no more numbers, other than codes, than other cells.
    """
    unplaced = tuple([_supported(column, first, rules) for column in table.unplaced])
    return table._replace(unplaced=unplaced)


def _supported(column: Unplaced, first: Batch, rules: Rules) -> Unplaced:
    if column.why != NOT_KNOWN or not column.likely:
        return column
    cells = [(cell or "").strip(SPACE) for cell in as_text(first.columns[column.heading]).to_pylist()]
    filled = [cell for cell in cells if not says_nothing(cell)]
    fitting = [likely for likely in column.likely if _can_be(rules.findings[likely.finding], filled)]
    return column if len(fitting) == len(column.likely) else not_known(column.heading, fitting)


def _can_be(finding: Finding, filled: Sequence[str]) -> bool:
    if not filled:
        return True
    if finding.kind == "quantity":
        return any(map(_is_number, filled))
    measured = sum(_is_number(cell) and not _CODE.fullmatch(cell) for cell in filled)
    return 2 * measured <= len(filled)


def _is_number(cell: str) -> bool:
    number = number_in(cell)
    return number is not None and not _NO_NUMBER.match(number.rest)
