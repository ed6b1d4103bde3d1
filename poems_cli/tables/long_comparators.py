"""Comparators of a long table in a column of their own, next to the values: ``<`` beside ``0.1`` means ``<0.1``."""

from collections.abc import Sequence

from poems_cli.errors import Problem
from poems_cli.finding_names import plain_name
from poems_cli.phrases import quoted
from poems_cli.tables.cells import fold, says_nothing
from poems_cli.written_numbers import COMPARATORS, number_in

_HEADINGS = (
    "operator", "operator_concept_id", "operator_concept_name", "comparator", "value_operator", "value_comparator",
    "result_operator", "result_comparator", "result_modifier", "result_prefix", "value_prefix",
)  # fmt: skip
#: What a cell of such a column may say besides a sign; nothing where the value is the one measured. The numbers are OMOP's.
_WORDS = {
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "", "=": "", "0": "",
    "4171756": "<", "4171754": "<=", "4172704": ">", "4171755": ">=", "4172703": "",
}  # fmt: skip


def comparator_column(headings: Sequence[str]) -> str:
    """The heading of the column of comparators; blank where there is none."""
    return next((heading for heading in headings if plain_name(heading) in _HEADINGS), "")


def compared(where: str, heading: str, values: Sequence[str], cells: Sequence[str]) -> tuple[list[str], list[Problem]]:
    """The values with the comparators of the ``cells`` next to them, and what the user must know of those not understood.

    A number next to one of those may be a limit, and becomes a text that no reader takes for a number.
    """
    found: list[str] = []
    strange = 0
    for value, cell in zip(values, cells, strict=True):
        sign = cell if cell in COMPARATORS else "" if says_nothing(cell) else _WORDS.get(fold(cell))
        number = number_in(value)
        if number is None or number.comparator is not None:
            found.append(value)
        elif sign is None:
            strange += 1
            found.append(f"? {value} ({cell})")
        else:
            found.append(f"{sign}{value}")
    if not strange:
        return found, []
    count = f"{strange:,} values are not read: their signs" if strange > 1 else "1 value is not read: its sign"
    what = f"{count} in the column '{quoted(heading)}' may mean < or >"
    return found, [Problem(where, what, "write <, <=, =, >= or > in that column")]
