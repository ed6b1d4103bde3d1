"""A peer: the rule as one expression of zen-engine, a business rules engine in Rust.

    python bench/peers/zen_peer.py IN.csv OUT.csv

It has two values, so it is asked twice. The expression is compiled once, which is its fastest way: the same expression as a
node of a decision graph took 70 times as long for each patient, and still four times as long in batches.
"""

from importlib import import_module
from typing import Any

from rule import MAYO, Above, Every, Flag, Node, Patient, screen, twice


def main() -> None:
    """Screen the table."""
    zen: Any = import_module("zen")  # by its name: it need not be installed where the types are checked
    is_met = zen.compile_expression(_expression(MAYO)).evaluate

    def decide(patient: Patient) -> str:
        return twice(is_met, patient)

    screen(decide)


def _expression(node: Node) -> str:
    if isinstance(node, Flag):
        return node.column
    if isinstance(node, Above):
        return f"{node.column} > {node.limit}"
    word = " and " if isinstance(node, Every) else " or "
    return f"({word.join(map(_expression, node.parts))})"


if __name__ == "__main__":
    main()
